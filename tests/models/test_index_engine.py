"""The index engine against published indices and closed forms."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from geo_bosoc.models import categorise, explain, load_model
from geo_bosoc.models.index import (
    CompositeIndex,
    Normaliser,
    Part,
    aggregate,
    quantile_classes,
    ranks,
    share_classes,
    treat,
    uk_exponential,
)
from geo_bosoc.models.index_spec import Group, IndexSpec


def composite(name: str) -> pd.DataFrame:
    folder = os.environ.get("GEO_BOSOC_DATA")
    path = Path(folder or "") / "composite" / name
    if not folder or not path.is_file():
        pytest.skip(
            f"GEO_BOSOC_DATA is not set, or has no composite/{name}: the published index is not at hand"
        )
    return pd.read_csv(path)


def asem_index() -> tuple[CompositeIndex, list[str], list[str]]:
    parts, levels = composite("ASEM_indicator_meta.csv"), composite("ASEM_aggregate_meta.csv")
    parent = dict(zip(parts["Agg1"], parts["Agg2"], strict=True)) | dict.fromkeys(parts["Agg2"], "")
    groups = tuple(
        Group(id=code, parent=parent[code], weight=weight)
        for code, weight in zip(levels["Code"], levels["Weight"], strict=True)
        if code != "Index"
    )
    spec = IndexSpec(renormalise=True, availability=0.01, group=groups)
    index = CompositeIndex(
        [Part(r.IndCode, int(r.Direction), r.IndWeight, r.Agg1) for r in parts.itertuples()], spec
    )
    return index, list(parts["IndCode"]), list(levels["Code"])


def test_asem_from_treated_to_index() -> None:
    index, codes, levels = asem_index()
    treated, normalised, aggregated = (
        composite(f"ASEM_{step}.csv") for step in ("treated", "normalised", "aggregated")
    )
    index.fit(treated[codes])
    assert np.nanmax(np.abs(index.normalised(treated[codes]) - normalised[codes].to_numpy())) <= 1e-9
    scores = index.transform(treated[codes]).rename(columns={"index": "Index"})
    assert np.abs(scores[levels].to_numpy() - aggregated[levels].to_numpy()).max() <= 1e-9


def test_asem_treatment_of_outliers() -> None:
    """All 49 but public debt, whose skew of 1.9994 is under the limit of 2 though the published one is winsorised."""
    raw, treated = (
        composite("ASEM_raw.csv").set_index("uCode"),
        composite("ASEM_treated.csv").set_index("UnitCode"),
    )
    per = {"Den_GDP": "GDP", "Den_Pop": "Population", "Den_Area": "Area", "Den_Energy": "Energy"}
    raw = raw.loc[treated.index]
    other = []
    for row in composite("ASEM_indicator_meta.csv").itertuples():
        values = raw[row.IndCode].to_numpy(float)
        if isinstance(row.Denominator, str):
            values = values / raw[per[row.Denominator]].to_numpy(float)
        done = treat(values, "winsorise_then_log")
        off = np.nanmax(np.abs(done.values - treated[row.IndCode].to_numpy())) / np.nanmax(np.abs(values))
        if off > 1e-8:
            other.append(row.IndCode)
    assert other == ["PubDebt"]


def test_townsend_from_counts_to_scores_and_quintiles() -> None:
    c, s = composite("townsend_2011_counts.csv"), composite("townsend_2011_scores.csv")
    assert (c["GEO_CODE"].str.strip() == s["geo_code"].str.strip()).all()
    values = np.column_stack(
        [
            np.log(100 * c["F248"] / c["F244"] + 1),
            np.log(100 * (c["F2081"] + c["F2083"]) / c["F2075"] + 1),
            100 * c["F991"] / c["F989"],
            100 * (c["F2357"] + c["F2362"] + c["F2368"]) / c["F2347"],
        ]
    )
    index = CompositeIndex([Part(name) for name in "abcd"], IndexSpec(normalise="z", ddof=1, aggregate="sum"))
    scores = index.fit(values).transform(values)["index"].to_numpy()
    assert np.abs(scores - s["TDS"]).max() <= 1e-8
    assert (quantile_classes(scores, 5, edges="type7") == s["quintile"]).all()


COLUMN = np.array([[1.0], [2.0], [2.0], [5.0], [np.nan]])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("none", [1, 2, 2, 5]),
        ("minmax", [0, 25, 25, 100]),
        ("z", [-1.5 / 3**0.5, -0.5 / 3**0.5, -0.5 / 3**0.5, 2.5 / 3**0.5]),
        ("rank", [1, 2.5, 2.5, 4]),
        ("percentile", [0, 50, 50, 100]),
        ("goalposts", [0, 0, 0, 75]),
        ("distance", [-0.5, 0, 0, 1.5]),
    ],
)
def test_normalisations_by_hand(method: str, expected: list[float]) -> None:
    given_posts = [(2.0, 6.0)] if method == "goalposts" else None
    normaliser = Normaliser(method, goalposts=given_posts, reference=[2.0])  # type: ignore[arg-type]
    result = normaliser.fit(COLUMN).transform(COLUMN)[:, 0]
    assert result[:4] == pytest.approx(expected) and np.isnan(result[4])


def test_uk_exponential_as_defined() -> None:
    assert uk_exponential(np.array([1.0])) == pytest.approx(100)
    assert uk_exponential(np.array([0.9])) == pytest.approx(-23 * np.log(1 - 0.9 * (1 - np.exp(-100 / 23))))
    ten = np.arange(1.0, 11.0)[:, None]
    scores = Normaliser("uk_exponential").fit(ten).transform(ten)[:, 0]
    assert scores[-1] == pytest.approx(100) and scores[4] == pytest.approx(
        float(uk_exponential(np.array(0.5)))
    )


def test_fitted_on_one_year_applied_to_another() -> None:
    later = np.array([[3.0], [9.0]])
    assert Normaliser("minmax").fit(COLUMN).transform(later)[:, 0] == pytest.approx([50, 200])
    assert Normaliser("rank").fit(COLUMN).transform(later)[:, 0] == pytest.approx([3.5, 4])
    assert Normaliser("minmax", directions=[-1]).fit(COLUMN).transform(later)[:, 0] == pytest.approx(
        [50, -100]
    )
    parts = [Part("a"), Part("b", weight=3.0)]
    index = CompositeIndex(parts, IndexSpec())
    assert clone(index).get_params()["spec"] == index.spec
    year = pd.DataFrame({"b": [0.0, 1.0, 2.0], "a": [0.0, 5.0, 10.0]})
    index.fit(year)
    assert list(index.transform(year + 1)["index"]) == pytest.approx([10 + 150, 60 + 300, 110 + 450])
    with pytest.raises(ValueError, match="columns are missing: b"):
        index.transform(year[["a"]])


def test_a_column_without_spread_has_no_scale() -> None:
    flat = np.array([[1.0], [1.0]])
    for method in ("minmax", "z"):
        assert np.isnan(Normaliser(method).fit(flat).transform(flat)).all()  # type: ignore[arg-type]


def test_ddof_is_an_option() -> None:
    column = np.array([[1.0], [3.0]])
    assert Normaliser("z", ddof=0).fit(column).transform(column)[1, 0] == pytest.approx(1.0)
    assert Normaliser("z", ddof=1).fit(column).transform(column)[1, 0] == pytest.approx(1 / 2**0.5)


def test_aggregation_by_hand_and_weights_as_given() -> None:
    values = np.array([[2.0, 8.0], [4.0, np.nan]])
    assert aggregate(values, [0.5, 0.5])[0] == 5
    assert aggregate(values, [0.5, 0.499])[0] == pytest.approx(0.5 * 2 + 0.499 * 8)
    assert aggregate(values, [0.5, 0.499], renormalise=True)[0] == pytest.approx((1 + 0.499 * 8) / 0.999)
    assert aggregate(values, [1, 1], "sum")[0] == 10
    assert aggregate(values, [1, 1], "geometric", renormalise=True)[0] == pytest.approx(4)
    assert aggregate(values, [1, 1], "harmonic", renormalise=True)[0] == pytest.approx(3.2)
    assert np.isnan(aggregate(values, [1, 1])[1])
    assert aggregate(values, [1, 1], availability=0.5, renormalise=True)[1] == 4
    assert aggregate(values, [1, 1], "sum", availability=0.5)[1] == 8
    assert np.isnan(aggregate(np.array([[0.0, 1.0]]), [1, 1], "geometric")).all()


def test_classes_by_each_edge_rule() -> None:
    values = np.arange(1.0, 8.0)
    assert quantile_classes(values, 3).tolist() == [1, 1, 2, 2, 3, 3, 3]
    assert quantile_classes(values, 3, edges="floor").tolist() == [1, 1, 1, 2, 2, 3, 3]
    assert quantile_classes(values, 3, edges="type7").tolist() == [1, 1, 1, 2, 2, 3, 3]
    assert quantile_classes(np.array([1.0, np.nan, 2.0]), 2).tolist() == [1, 0, 2]
    ten = np.arange(1.0, 11.0)
    assert share_classes(ten, [0.7, 0.2, 0.1]).tolist() == [1] * 7 + [2] * 2 + [3]


def test_tie_rules() -> None:
    values = np.array([1.0, 2.0, 2.0, 3.0])
    assert ranks(values, "min").tolist() == [1, 2, 2, 4]
    assert ranks(values, "max").tolist() == [1, 3, 3, 4]
    assert ranks(values, "ordinal").tolist() == [1, 2, 3, 4]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=40),
    st.integers(2, 10),
    st.sampled_from(["ceil", "floor", "type7"]),
)
def test_classes_follow_values_and_do_not_care_for_order(numbers: list[int], k: int, edges: str) -> None:
    values = np.array(numbers, dtype=float)
    classes = quantile_classes(values, k, edges=edges)  # type: ignore[arg-type]
    order = np.argsort(values, kind="stable")
    assert (np.diff(classes[order]) >= 0).all() and classes.min() >= 1 and classes.max() <= k
    mixed = np.random.default_rng(0).permutation(len(values))
    assert (quantile_classes(values[mixed], k, edges=edges) == classes[mixed]).all()  # type: ignore[arg-type]


def test_treatment_by_hand() -> None:
    calm = np.arange(20.0)
    assert treat(calm).did == "nothing"
    wild = np.array([*np.arange(20.0), 1000.0])
    done = treat(wild)
    assert (done.did, done.winsorised, done.values.max()) == ("winsorised", 1, 19.0)
    powers = np.array([2.0**n for n in range(30)])
    assert treat(powers, max_winsorised=1).did == "log"
    assert (np.diff(treat(-powers, max_winsorised=1).values) < 0).all()


def sok_table(**change: tuple[str, float | None]) -> pd.DataFrame:
    rows = []
    for at in range(10):
        for name in [c.indicator for c in load_model("copenhagen-sok").criterion]:
            value: float | None = 0.05 * at
            if name == "turnout" and value is not None:  # the only one where a high share is good
                value = 1 - value
            if name in change and change[name][0] == f"a{at}":
                value = change[name][1]
            rows.append((f"a{at}", "2024", name, value, "ok" if value is not None else "missing"))
    return pd.DataFrame(rows, columns=["area_id", "period", "indicator", "value", "status"])


def test_copenhagen_index_flags_the_worst_fifth() -> None:
    result = categorise(sok_table(), load_model("copenhagen-sok"))
    found = result.categories.set_index("area_id")
    assert list(found.index[found["category"] == "deprived_city_area"]) == ["a8", "a9"]
    assert set(found["socioeconomic"]) == {"deprived_city_area", "other_city_area"}
    assert "C-417/23" in explain(result, "a9") and "normaliseret" in explain(result, "a9")
    gone = categorise(sok_table(low_income=("a3", None)), load_model("copenhagen-sok")).categories.set_index(
        "area_id"
    )
    assert gone.loc["a3", "category"] == "undetermined" and gone.loc["a3", "undetermined_by"] == "low_income"
