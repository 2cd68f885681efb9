"""What many tests share: a small made-up result (`small_shown`) such as a run hands to the writers."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from danish_rooms import english_in
from hypothesis import settings
from rules_shown import make_rules_shown, true_findings
from shapely.geometry import LineString, MultiPolygon, Polygon

from geo_bosoc.disclosure.policy import UNSUPPRESSED, Policy
from geo_bosoc.disclosure.results import (
    ALL_AREAS,
    MUNICIPALITY,
    SUPPRESSED,
    Edition,
    Language,
    OutputSet,
    PublishedResults,
    Results,
)
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.models.category import Category
from geo_bosoc.models.criteria import Criterion, Gate
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import Problem, Report

# Tests read what the program says in English, but for those of its Danish.
os.environ["GEO_BOSOC_LANG"] = "en"

# A busy machine must not fail a test, and a test must not fail today and pass tomorrow.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test comes first, so that no worker waits for another that has just begun with it."""
    items.sort(key=lambda item: item.path.name != "test_every_file.py")


@pytest.fixture(scope="session", autouse=True)
def one_core() -> Iterator[None]:
    """A run in a test does all itself, as on a machine with one core: a second process would have to load everything,
    and the tests share the cores between them. `test_worker.py` and `test_yearly_run.py` have two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 1)
        yield


@pytest.fixture(autouse=True)
def problems_are_said_in_danish(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever problem arises in a test is said in Danish, and no word of it is left in English."""
    english: list[str] = []
    finish = Problem.__post_init__

    def look(problem: Problem) -> None:
        finish(problem)
        if text := english_in(problem):
            english.append(text)

    monkeypatch.setattr(Problem, "__post_init__", look)
    yield
    assert not english, "\n".join(english)


PERIODS = ("2022", "2023", "2024")
EAST, NORTH = 572_000.0, 6_222_000.0

# Outlines in metres from (EAST, NORTH). A01 and A02 share a border, A03 has two parts.
OUTLINES: dict[str, list[list[tuple[float, float]]]] = {
    "A01": [[(0, 0), (420, -60), (510, 180), (470, 330), (300, 420), (40, 380), (-60, 190)]],
    "A02": [[(420, -60), (900, -20), (960, 260), (760, 430), (470, 330), (510, 180)]],
    "A03": [
        [(1500, 900), (1760, 860), (1840, 1080), (1600, 1190), (1480, 1060)],
        [(1900, 1010), (2080, 980), (2120, 1140), (1950, 1200)],
    ],
    "A04": [[(-900, 1300), (-520, 1240), (-430, 1480), (-610, 1520), (-600, 1690), (-930, 1640)]],
    "A05": [[(300, 1500), (720, 1420), (830, 1650), (640, 1880), (360, 1830)]],
    "A06": [[(-1500, -700), (-1080, -820), (-900, -560), (-1130, -300), (-1460, -380)]],
    "A07": [[(1300, -600), (1450, -640), (1490, -490), (1350, -430)]],
    "A08": [[(-700, 200), (-480, 150), (-360, 400), (-520, 620), (-760, 520)]],
}
NAMES = {
    "A01": "Søndervang",
    "A02": "Nørreparken",
    "A03": "Havneøen",
    "A04": "Bakkegårdsparken",
    "A05": "Møllevangen",
    "A06": "Åbrinken",
    "A07": "Lille Enghave",
    "A08": "Kirkebakken",
}
RESIDENTS = {
    "A01": 2410,
    "A02": 1885,
    "A03": 1220,
    "A04": 960,
    "A05": 1540,
    "A06": 640,
    "A07": 312,
    "A08": 1105,
}
# How bad each area is, as a multiple of the municipality, in each of the three periods.
SEVERITY = {
    "A01": (2.4, 2.5, 2.6),
    "A02": (1.5, 1.7, 1.9),
    "A03": (1.75, 1.8, 1.4),
    "A04": (1.3, 1.3, 1.35),
    "A05": (0.9, 1.1, 1.0),
    "A06": (0.7, 0.6, 0.6),
    "A07": (1.9, 2.0, 1.7),
    "A08": (1.4, 1.4, 1.4),
}
# Base as a share of the residents, the municipality's rate and base, and how much of the severity shows here.
INDICATORS = {
    "outside_labour_market": (0.62, 0.19, 62_000, 1.0),
    "youth_crime": (0.095, 0.03, 9_500, 1.1),
    "child_wellbeing": (0.14, 5.8, 14_000, 0.85),
    "safety": (0.20, 0.10, 3_100, 1.0),
}
BANDS = (1.2, 1.6, 2.2)


def _specs() -> tuple[Indicator, ...]:
    return (
        Indicator(
            id="outside_labour_market",
            denominator=Side(register="persons", where="age BETWEEN 18 AND 64"),
            numerator=Side(register="persons", where="labour = 'outside'"),
            label_da="Uden for arbejdsmarkedet",
            label_en="Outside the labour market",
            definition_da="Beboere på 18-64 år, der mest lever af overførselsindkomst.",
            definition_en="Residents aged 18-64 who mostly live on public benefits.",
            source="Opdigtet personregister",
            assumption="Aldersgrænsen 18-64 er vores antagelse.",
        ),
        Indicator(
            id="youth_crime",
            denominator=Side(register="persons", where="age BETWEEN 10 AND 17"),
            numerator=Side(register="persons", where="charged"),
            unit="per_1000",
            label_da="Ungdomskriminalitet",
            label_en="Youth crime",
            definition_da="Unge på 10-17 år, der er sigtet mindst én gang i året.",
            definition_en="Young people aged 10-17 charged at least once in the year.",
            source="Opdigtet politiudtræk",
        ),
        Indicator(
            id="child_wellbeing",
            denominator=Side(register="persons", where="age BETWEEN 6 AND 16"),
            mean_of="absence_pct",
            scale=100,
            unit="mean",
            label_da="Skolefravær (procent)",
            label_en="School absence (per cent)",
            definition_da="Gennemsnitligt fravær for elever i 0.-10. klasse.",
            definition_en="Mean absence of pupils in grades 0-10.",
            source="Opdigtet skoletabel",
        ),
        Indicator(
            id="safety",
            denominator=Side(register="survey"),
            numerator=Side(register="survey", where="safe >= 5"),
            label_da="Utrygge beboere",
            label_en="Residents who feel unsafe",
            definition_da="Svarpersoner, der svarer 5-7 på en skala fra 1 til 7.",
            definition_en="Respondents who answer 5-7 on a scale from 1 to 7.",
            source="Opdigtet spørgeskema",
        ),
    )


def _model() -> Model:
    return Model(
        id="aarhus-2018",
        version="2024-01-01",
        kind="points",
        label_da="Aarhus' kategoriseringsmodel",
        label_en="Aarhus categorisation model",
        source="Opdigtet til afprøvning",
        assumption="Pointgrænserne er vores antagelse.",
        gates=(Gate(indicator="residents", operator=">", threshold=500),),
        criterion=tuple(
            Criterion(indicator=key, measure="ratio", bands=BANDS, points=(1, 2, 3)) for key in INDICATORS
        ),
        category=(
            Category(
                id="severely_deprived",
                label_da="Særligt udsat",
                label_en="Severely deprived",
                colour="#b2182b",
                min_points=10,
            ),
            Category(id="deprived", label_da="Udsat", label_en="Deprived", colour="#ef8a3c", min_points=6),
            Category(
                id="at_risk", label_da="Risikoområde", label_en="At-risk area", colour="#f6d55c", min_points=3
            ),
            Category(
                id="outside_risk",
                label_da="Uden for risiko",
                label_en="Outside risk",
                colour="#5aa469",
                min_points=0,
            ),
        ),
    )


def _interval(numerator: int, base: int, unit: str) -> tuple[float, float]:
    """Wilson's 95 % interval for a share; none for the others here."""
    if unit != "percent" or base == 0:
        return math.nan, math.nan
    z, share = 1.959963984540054, numerator / base
    middle = (share + z * z / (2 * base)) / (1 + z * z / base)
    half = z / (1 + z * z / base) * math.sqrt(share * (1 - share) / base + z * z / (4 * base * base))
    return middle - half, middle + half


def _row(
    area: str, period: str, spec: Indicator, numerator: int, base: int, reference: float
) -> dict[str, object]:
    unknown = 7 if spec.id == "outside_labour_market" else 0
    value = numerator / spec.scale / (base - unknown)
    low, high = _interval(numerator, base - unknown, spec.unit)
    return {
        "area_id": area,
        "period": period,
        "indicator": spec.id,
        "numerator": numerator,
        "denominator": base,
        "unknown": unknown,
        "value": value,
        "low": low,
        "high": high,
        "reference": reference,
        "ratio": value / reference,
        "status": "ok",
    }


def _tables(minimum: int | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The indicator table and the reference areas; cells with 1 to minimum-1 persons guarded."""
    rows, yards = [], []
    for step, period in enumerate(PERIODS):
        for spec in _specs():
            share, rate, base, reach = INDICATORS[spec.id]
            yards.append(_row(MUNICIPALITY, period, spec, round(rate * base * spec.scale), base, rate))
            total = below = 0
            for area in OUTLINES:
                here = max(1, round(RESIDENTS[area] * share))
                count = round(rate * SEVERITY[area][step] * reach * here * spec.scale)
                rows.append(_row(area, period, spec, count, here, rate))
                total, below = total + count, below + here
            yards.append(_row(ALL_AREAS, period, spec, total, below, rate))
    columns = dict.fromkeys(("numerator", "denominator", "unknown"), "Int64")
    table = pd.DataFrame(rows).astype(columns)
    gone = (table["area_id"] == "A08") & (table["indicator"] == "safety")
    _blank(table, gone, "missing")
    table.loc[gone, "denominator"] = pd.NA
    if minimum is not None:
        counted = table["indicator"] != "child_wellbeing"
        small = table["numerator"].between(1, minimum - 1) & counted & ~gone
        _blank(table, small.fillna(False).astype(bool), "protected")
    table = table.sort_values(["area_id", "period", "indicator"], kind="stable").reset_index(drop=True)
    return table, pd.DataFrame(yards).astype(columns)


def _blank(table: pd.DataFrame, cells: pd.Series, status: str) -> None:
    table.loc[cells, ["numerator", "unknown"]] = pd.NA
    table.loc[cells, ["value", "low", "high", "ratio"]] = np.nan
    table.loc[cells, "status"] = status


def _categorised(true: pd.DataFrame, shown: pd.DataFrame, model: Model) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Categories and criteria on the true table; margins of guarded cells left out."""
    hidden = set(
        map(tuple, shown.loc[shown["status"] != "ok", ["area_id", "period", "indicator"]].to_numpy())
    )
    categories, criteria = [], []
    before: dict[str, tuple[str | None, float, dict[str, int]]] = {}
    for period in PERIODS:
        for area in OUTLINES:
            part = true[(true["area_id"] == area) & (true["period"] == period)].set_index("indicator")
            points = {key: _points(part.at[key, "ratio"]) for key in INDICATORS}
            known = [value for value in points.values() if value is not None]
            least, most = sum(known), sum(known) + 3 * (len(points) - len(known))
            small = RESIDENTS[area] <= 500
            ends = {_category(least, model), _category(most, model)}
            category = "too_small" if small else (ends.pop() if len(ends) == 1 else "undetermined")
            unknown = [key for key, value in points.items() if value is None]
            was = before.get(area)
            moved = ", ".join(
                f"{key} {value - was[2][key]:+d}"
                for key, value in points.items()
                if was is not None and value is not None and key in was[2] and value != was[2][key]
            )
            categories.append(
                {
                    "area_id": area,
                    "period": period,
                    "model": model.id,
                    "model_version": model.version,
                    "category": category,
                    "points": float(least) if not small and category != "undetermined" else np.nan,
                    "points_min": np.nan if small else float(least),
                    "points_max": np.nan if small else float(most),
                    "undetermined_by": ", ".join(unknown) if category == "undetermined" else None,
                    "category_before": was[0] if was else None,
                    "points_before": was[1] if was else np.nan,
                    "moved_by": None if small else moved or None,
                }
            )
            before[area] = (
                category,
                categories[-1]["points"],
                {k: v for k, v in points.items() if v is not None},
            )
            for key, value in points.items():
                guarded = (area, period, key) in hidden
                ratio = math.nan if guarded else float(part.at[key, "ratio"])
                criteria.append(
                    {
                        "area_id": area,
                        "period": period,
                        "model": model.id,
                        "indicator": key,
                        "value": ratio,
                        "operator": ">=",
                        "threshold": BANDS[0],
                        "met": "undetermined" if value is None else ("met" if value else "not_met"),
                        "margin": ratio - BANDS[0],
                        "margin_persons": np.nan,
                        "points": np.nan if value is None else float(value),
                        "sentence": None if guarded else f"{key}: {ratio:.2f}",
                    }
                )
    return pd.DataFrame(categories), pd.DataFrame(criteria)


def _points(ratio: float) -> int | None:
    return None if pd.isna(ratio) else sum(ratio >= band for band in BANDS)


def _category(points: float, model: Model) -> str:
    return next(each.id for each in model.category if points >= (each.min_points or 0))


def _context() -> dict[str, gpd.GeoDataFrame]:
    def layer(geometry: list[object], **columns: list[str]) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(columns, geometry=geometry, crs=25832)

    shore = [(2600, 2600), (2450, 1900), (2300, 1500), (2350, 900), (2150, 300), (2300, -400), (2200, -1500)]
    land = [(-2200, -1500), (-2300, 400), (-2000, 1900), (-1400, 2500), *shore]

    def moved(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(EAST + x, NORTH + y) for x, y in points]

    sea = Polygon(moved([*shore, (3400, -1500), (3400, 2600)]))
    lake = Polygon(moved([(-250, 800), (0, 720), (150, 860), (60, 1060), (-190, 1030)]))
    roads = [
        LineString(moved([(-2200, -200), (-900, -100), (200, 600), (1200, 700), (2320, 800)])),
        LineString(moved([(200, 600), (100, 1500), (-300, 2550)])),
        LineString(moved([(200, 600), (1100, -300), (1300, -1500)])),
    ]
    return {
        "municipality": layer([Polygon(moved(land))], name=["Eksempel Kommune"]),
        "coast": layer([sea], name=["Bugten"]),
        "lakes": layer([lake], name=["Engsøen"]),
        "roads": layer(roads, name=["Ringvejen", "Nordvejen", "Sydvejen"]),
    }


def make_shown(
    output_set: OutputSet = "public",
    language: Language = "da",
    *,
    made_up: bool = True,
    names: Mapping[str, str] | None = None,
    with_model: bool = True,
) -> PublishedResults:
    """A small made-up result as `geo_bosoc.disclosure.suppress` would hand it to the writers.

    Eight areas (two adjoining, one in two parts), three periods, four indicators (share, rate, mean), one
    missing figure (A08, safety: undetermined), small numbers of `youth_crime` that the public set guards, an
    area that is too small (A07) and every category of the model in the last period.

    Parameters
    ----------
    output_set : the public set is guarded, the internal one here holds every number and says so.
    names : area names by `area_id` that take the place of the made-up ones.
    with_model : False leaves categories, criteria and models empty (a run that maps indicators only).
    """
    model = _model()
    true, reference_areas = _tables(None)
    shown = true if output_set == "internal" else _tables(5)[0]
    categories, criteria = _categorised(true, shown, model)
    called = {**NAMES, **(names or {})}
    polygons = {
        key: [Polygon([(EAST + x, NORTH + y) for x, y in ring]) for ring in rings]
        for key, rings in OUTLINES.items()
    }
    areas = gpd.GeoDataFrame(
        {
            "area_id": list(OUTLINES),
            "name": [called[key] for key in OUTLINES],
            "kind": "social housing",
        },
        geometry=[parts[0] if len(parts) == 1 else MultiPolygon(parts) for parts in polygons.values()],
        crs=25832,
    )
    report = Report()
    report.warn("12 addresses lie in no area.", file="addresses.csv", count=12)
    return PublishedResults(
        name="Eksempelkommune",
        language=language,
        made_up=made_up,
        areas=areas,
        context=_context(),
        indicators=_specs(),
        table=shown,
        reference_areas=reference_areas,
        residents=pd.DataFrame(
            [(key, period, count) for key, count in RESIDENTS.items() for period in PERIODS],
            columns=["area_id", "period", "residents"],
        ),
        models=(model,) if with_model else (),
        categories=categories if with_model else categories.iloc[:0],
        criteria=criteria if with_model else criteria.iloc[:0],
        sources=pd.DataFrame(
            [
                (spec.id, period, spec.denominator.register_name, period, f"{period}-01-01", spec.source)
                for spec in _specs()
                for period in PERIODS
            ],
            columns=["indicator", "period", "register", "data_period", "status_date", "source"],
        ),
        municipality="0999",
        report=report,
        edition=Edition(output_set, Policy() if output_set == "public" else UNSUPPRESSED),
        made_by=SUPPRESSED,
    )


@pytest.fixture(scope="session")
def small_shown() -> Callable[..., PublishedResults]:
    """`make_shown` as a fixture: ``small_shown("public", "da")`` gives a `PublishedResults`."""
    return make_shown


@pytest.fixture(scope="session")
def rules_findings() -> Results:
    """Three models on true counts, one of rules that uses origin: see `rules_shown`."""
    return true_findings(make_shown(), *_tables(None))


@pytest.fixture(scope="session")
def rules_shown() -> Callable[..., PublishedResults]:
    """``rules_shown("internal", "en")`` gives what may be shown of them."""

    @functools.cache
    def made(output_set: OutputSet = "public", language: Language = "da") -> PublishedResults:
        return make_rules_shown(make_shown(), *_tables(None), output_set, language)

    return made
