"""Policies that withhold areas below thresholds, and the one that pools what is hidden of a breakdown. All made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pydantic import ValidationError
from rule_aware import Counts, broken_in_worlds, canonical
from small_results import SPECS, model_of, results_of

import geo_bosoc as gb
from geo_bosoc.disclosure.attack import Search, attack_sets
from geo_bosoc.disclosure.attack.public_set import Figure
from geo_bosoc.disclosure.attack.results import published_set
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import (
    ALL_AREAS,
    MUNICIPALITY,
    PublishedResults,
    Results,
    threshold_sentences,
)
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.problems import InputError
from geo_bosoc.project import analyse
from geo_bosoc.project.spec import DisclosurePart, load_project

ROOT = Path(__file__).parents[2]
PERIOD = "2024"
MODEL = model_of((3, 1), (1.25, 1.75, 2.5))
REFERENCES = {"crime": 200, "safety": 300}


def indicator(name: str, breakdown: str = "", unit: str = "percent") -> Indicator:
    side = Side(register_name="persons", where=name)
    return Indicator(
        id=name,
        denominator=Side(register_name="persons"),
        numerator=None if unit == "count" else side,
        unit=unit,
        breakdown=breakdown,
        label_da=name,
        label_en=name,
    )


def sized(results: Results, sizes: dict[str, tuple[int, int]]) -> Results:
    """The results with residents and households by area."""
    rows = [(area, PERIOD, residents, households) for area, (residents, households) in sizes.items()]
    frame = pd.DataFrame(rows, columns=["area_id", "period", "residents", "households"])
    return replace(
        results,
        residents=frame[["area_id", "period", "residents"]],
        households=frame[["area_id", "period", "households"]],
    )


def counts_of(areas: str, crime: int = 20, safety: int = 30) -> dict[tuple[str, str, str], tuple[int, int]]:
    """The same counts of 90 in each area."""
    numbers = {"crime": crime, "safety": safety}
    return {(area, PERIOD, name): (count, 90) for area in areas for name, count in numbers.items()}


def shown_of(published: PublishedResults, area: str) -> dict[str, tuple[str, bool, bool]]:
    """By indicator the status of an area's figure, and whether count and base are shown."""
    rows = published.table[published.table["area_id"] == area]
    return {
        row.indicator: (row.status, pd.notna(row.numerator), pd.notna(row.denominator))
        for row in rows.itertuples()
    }


WITHHELD = ("protected", False, False)
SHOWN = ("ok", True, True)


@pytest.fixture(scope="module")
def five_areas() -> Results:
    results = results_of(counts_of("abcde"), MODEL, REFERENCES)
    sizes = {"a": (99, 60), "b": (100, 49), "c": (100, 50), "d": (300, 150), "e": (300, 150)}
    return sized(results, sizes)


def test_nothing_of_areas_under_100_residents_or_50_households(five_areas: Results) -> None:
    published = gb.suppress(five_areas, policy="lbf-100-50")
    for area in "ab":
        assert set(shown_of(published, area).values()) == {WITHHELD}
    for area in "cde":
        assert set(shown_of(published, area).values()) == {SHOWN}
    residents = published.residents.set_index("area_id")["residents"]
    assert residents.isna().to_dict() == {"a": True, "b": True, "c": False, "d": False, "e": False}
    categories = published.categories.set_index("area_id")
    assert categories.loc[["a", "b"], "category"].tolist() == ["too_small", "too_small"]
    assert "too_small" not in set(categories.loc[["c", "d", "e"], "category"])
    assert (
        categories.loc[["a", "b"], ["points", "points_min", "points_max", "small_base"]].isna().all(axis=None)
    )
    rows = published.criteria[published.criteria["area_id"].isin(["a", "b"])]
    assert rows[["value", "points", "threshold", "met"]].isna().all(axis=None)
    assert published.households.empty


def test_what_is_withheld_does_not_follow_from_the_sum_of_all_areas(five_areas: Results) -> None:
    published = gb.suppress(five_areas, policy="lbf-100-50")
    totals = published.reference_areas.set_index("area_id")[["numerator", "denominator"]]
    assert totals.loc[ALL_AREAS].isna().all(axis=None)
    assert totals.loc[MUNICIPALITY].notna().all(axis=None)
    three = {"a": (99, 60), "b": (100, 49), "c": (100, 20), "d": (300, 150), "e": (300, 150)}
    totals = gb.suppress(sized(five_areas, three), policy="lbf-100-50").reference_areas
    assert totals["denominator"].notna().all()


def test_the_internal_set_says_why(five_areas: Results) -> None:
    published = gb.suppress(five_areas, "internal", policy="lbf-100-50")
    assert published.reasons["a", PERIOD, "crime"] == "few_residents"
    assert published.reasons["b", PERIOD, "crime"] == "few_households"
    assert {area for area, _, _ in published.reasons} == {"a", "b"}


def test_areas_that_fill_the_municipality_take_two_more_with_them() -> None:
    results = results_of(counts_of("abcde"), MODEL, REFERENCES)
    filled = results.reference_areas.assign(denominator=450)  # 5 areas of 90
    results = replace(results, reference_areas=filled)
    sizes = {"a": (99, 60), "b": (400, 200), "c": (300, 150), "d": (500, 250), "e": (200, 100)}
    published = gb.suppress(sized(results, sizes), "internal", policy="lbf-100-50")
    withheld_areas = {area for area in "abcde" if set(shown_of(published, area).values()) == {WITHHELD}}
    assert withheld_areas == {"a", "c", "e"}
    assert published.reasons["e", PERIOD, "crime"] == "other_areas"
    assert published.reference_areas["denominator"].notna().all()


@pytest.mark.parametrize(
    ("policy", "sizes"),
    [
        ("dst-tables", [(99, 0), (100, 0), (199, 0), (200, 0), (299, 0), (300, 0)]),
        ("map-households", [(0, 19), (0, 20), (0, 49), (0, 50), (0, 149), (0, 150)]),
    ],
)
def test_finer_figures_ask_for_larger_areas(policy: str, sizes: list[tuple[int, int]]) -> None:
    specs = (
        *SPECS,
        indicator("people", unit="count"),
        *(indicator(name, "support") for name in ("work", "benefit", "pension")),
        *(indicator(name, "sex") for name in ("men", "women")),
    )
    numbers = {"people": 90, "work": 41, "benefit": 32, "pension": 17, "men": 44, "women": 46}
    areas = "abcdef"
    counts = counts_of(areas) | {
        (area, PERIOD, name): (n, 90) for area in areas for name, n in numbers.items()
    }
    results = results_of(counts, MODEL, REFERENCES | dict.fromkeys(numbers, 400), specs)
    published = gb.suppress(sized(results, dict(zip(areas, sizes, strict=True))), policy=policy)
    shown = {
        area: {name for name, cell in shown_of(published, area).items() if cell == SHOWN} for area in areas
    }
    shares = {"crime", "safety", "men", "women"}
    parts = {"work", "benefit", "pension"}
    assert [shown[area] for area in "abf"] == [set(), {"people"}, {"people"} | shares | parts]
    assert [shown[area] for area in "cde"] == [{"people"}, {"people"} | shares, {"people"} | shares]
    assert all(cell in (SHOWN, WITHHELD) for area in areas for cell in shown_of(published, area).values())
    categories = published.categories.set_index("area_id")["category"]
    assert [categories[area] == "too_small" for area in areas] == [True, True, True, False, False, False]


def test_what_is_hidden_of_a_breakdown_is_one_class() -> None:
    parts = ("work", "benefit", "pension", "grant")
    specs = (*SPECS, *(indicator(name, "Støtte 2024") for name in parts))
    areas = {"a": (40, 38, 3, 9), "b": (40, 30, 10, 10), "c": (50, 20, 12, 8)}
    counts = counts_of("abc") | {
        (area, PERIOD, name): (n, 90)
        for area, numbers in areas.items()
        for name, n in zip(parts, numbers, strict=True)
    }
    results = results_of(counts, MODEL, REFERENCES | dict.fromkeys(parts, 250), specs)
    published = gb.suppress(results, policy="pooled")
    table = published.table.set_index(["area_id", "indicator"])
    assert [spec.id for spec in published.indicators][-1] == "st_tte_2024_anonymous"
    assert published.indicators[-1].label("da") == "Anonyme (Støtte 2024)"
    hidden = table.loc["a"].index[table.loc["a"]["status"] == "protected"]
    assert len(hidden) > 1 and "pension" in hidden
    pooled = table.xs("st_tte_2024_anonymous", level="indicator")
    numbers = dict(zip(parts, areas["a"], strict=True))
    assert pooled.loc["a", "numerator"] == sum(numbers[name] for name in hidden)
    assert pooled.loc[["b", "c"], "numerator"].tolist() == [0, 0]
    assert pooled["denominator"].tolist() == [90, 90, 90]
    assert pooled.loc["a", "value"] == pytest.approx(pooled.loc["a", "numerator"] / 90)
    same = gb.suppress(results).table.set_index(["area_id", "indicator"])
    pd.testing.assert_frame_equal(table.loc[same.index], same)  # it shows and hides what "five" does


def test_a_policy_without_the_sizes_that_it_asks_for(five_areas: Results) -> None:
    nobody = replace(five_areas, households=five_areas.households.iloc[:0])
    with pytest.raises(InputError, match="asks how many households") as caught:
        gb.suppress(nobody, policy="lbf-100-50")
    assert "dwelling_id" in str(caught.value)
    assert not gb.suppress(nobody, policy="dst-tables").table.empty  # it asks for residents alone


def test_a_name_that_no_policy_has(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='Did you mean "lbf-100-50"'):
        gb.suppress(None, policy="lbf100-50")  # type: ignore[arg-type]
    text = (
        (ROOT / "bosoc.toml")
        .read_text(encoding="utf-8")
        .replace('policy = "five"', 'policy = "map-household"')
    )
    (tmp_path / "bosoc.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match='Did you mean "map-households"'):
        load_project(tmp_path)
    with pytest.raises(ValidationError):
        Policy(policy="unsuppressed", minimum_residents=100)


def test_policies_promise_no_less_than_five() -> None:
    for name in ("lbf-100-50", "dst-tables", "map-households", "pooled"):
        policy = Policy.model_validate({"policy": name})
        assert (policy.minimum, policy.least, policy.category) == (5, 2, "safe")
    assert DisclosurePart(policy="lbf-100-50").household_key == "dwelling"
    assert DisclosurePart(policy="lbf-100-50", households="household_id").household_key == "household"
    assert DisclosurePart(policy="dst-tables").household_key is None
    assert len(threshold_sentences(Policy(policy="map-households"), "da")) == 3
    assert threshold_sentences(Policy(minimum_residents=30), "en") == [
        "Of areas with fewer than 30 residents no figure is shown."
    ]


def test_nothing_follows_in_any_small_world() -> None:
    """Whatever a withheld area counts, no small count is told by what is published of the others."""
    sizes = {"a": (60, 30), "b": (200, 90), "c": (200, 90)}

    def publish(counts: Counts) -> object:
        results = sized(results_of(counts, MODEL, REFERENCES), sizes)
        return canonical(gb.suppress(results, policy="lbf-100-50"))

    def world(first: int, second: int) -> Counts:
        crime = {"a": (first, 7), "b": (second, 9), "c": (20, 90)}
        return counts_of("abc") | {(area, PERIOD, "crime"): count for area, count in crime.items()}

    worlds = [world(first, second) for first in (3, 4) for second in range(1, 5)]
    assert broken_in_worlds(worlds, publish) == []


def test_the_attack_sees_a_withheld_figure_that_a_total_tells(five_areas: Results) -> None:
    one_withheld = sized(five_areas, {"a": (99, 60)} | dict.fromkeys("bcde", (300, 150)))
    public = published_set(gb.suppress(one_withheld, policy="lbf-100-50"))
    assert {key[0] for key in public.withheld} == {"a"}
    assert attack_sets([public]).promise_holds
    public.totals[ALL_AREAS, PERIOD, "crime"] = Figure("ok", 100, 450, None, PERIOD)
    report = attack_sets([public])
    assert not report.promise_holds
    assert set(report.worst["indicator"]) == {"crime", "crime (base)", "crime (rest)"}
    two = published_set(gb.suppress(five_areas, policy="lbf-100-50"))
    two.totals[ALL_AREAS, PERIOD, "crime"] = Figure("ok", 100, 450, None, PERIOD)
    assert attack_sets([two]).promise_holds  # two areas of 180 together


def dwellings_lived_in(areas: gpd.GeoDataFrame) -> dict[str, int]:
    """By area the demo's dwellings that somebody lives in, joined by another library."""
    folder = ROOT / "data/registers"
    addresses = pd.read_parquet(folder / "addresses.parquet", columns=["address_id", "x", "y"])
    points = gpd.GeoDataFrame(
        addresses, geometry=gpd.points_from_xy(addresses["x"], addresses["y"]), crs=25832
    )
    inside = gpd.sjoin(points, areas[["area_id", "geometry"]], predicate="within")
    persons = pd.read_parquet(folder / f"persons_{PERIOD}.parquet", columns=["address_id", "dwelling_id"])
    homes = persons.merge(inside[["address_id", "area_id"]], on="address_id")
    return {str(area): int(n) for area, n in homes.groupby("area_id")["dwelling_id"].nunique().items()}


def test_the_demo_under_the_thresholds_of_lbf(tmp_path: Path) -> None:
    text = (
        (ROOT / "bosoc.toml").read_text(encoding="utf-8").replace('policy = "five"', 'policy = "lbf-100-50"')
    )
    text = text[: text.index("# ---- The mixed city")].replace('"data/', f'"{(ROOT / "data").as_posix()}/')
    (tmp_path / "bosoc.toml").write_text(text, encoding="utf-8")
    results = analyse(tmp_path, periods=[PERIOD])
    both = results.residents.merge(results.households, on=["area_id", "period"])
    assert both.set_index("area_id")["households"].to_dict() == dwellings_lived_in(results.areas)
    published = suppress(results, policy="lbf-100-50")
    low = both[(both["residents"] < 100) | (both["households"] < 50)]
    public = published_set(published)
    assert {key[0] for key in public.withheld} >= set(low["area_id"]) != set()
    true = {
        (row.area_id, row.period, row.indicator): (int(row.numerator), int(row.denominator - row.unknown))
        for row in results.table.fillna(0).itertuples()
    }
    assert attack_sets([public]).promise_holds
    assert Search.of([public]).below(true, 2) == []
