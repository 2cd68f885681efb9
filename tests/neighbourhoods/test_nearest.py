"""Nearest residents against brute force in Python's own integers, on towns made to have ties."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.neighbourhoods import nearest_sums, sums
from geo_bosoc.neighbourhoods.kd_tree import Kernel
from geo_bosoc.problems import BosocWarning, InputError, Report

VALUES = ["outside_numerator", "outside_unknown", "income"]
METHODS = ("compiled", "tree")


def town(
    x: Sequence[float] | np.ndarray[Any, Any],
    y: Sequence[float] | np.ndarray[Any, Any],
    residents: Sequence[int] | np.ndarray[Any, Any],
    seed: int = 1,
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    residents = np.asarray(residents, np.int64)
    n = residents.size
    return pd.DataFrame(
        {
            "address_id": [f"a{i:05d}" for i in range(n)],
            "x": 570_000 + np.asarray(x, float),
            "y": 6_220_000 + np.asarray(y, float),
            "residents": residents,
            "outside_numerator": rng.binomial(residents, 0.3),
            "outside_unknown": rng.binomial(residents, 0.05),
            "income": residents * rng.integers(-(10**9), 10**12, n),
        }
    )


def random_town(n: int, seed: int) -> pd.DataFrame:
    """Clusters of different density, an estate of shared coordinates, empty addresses, one very large address."""
    rng = np.random.default_rng(seed)
    at = rng.choice(3, n)
    xy = (
        np.array([[0, 0], [900, 300], [400, 2000]])[at]
        + rng.normal(size=(n, 2)) * np.array([40, 200, 700])[at, None]
    )
    xy = np.round(xy, 2)
    xy[: n // 5] = np.round(xy[: n // 5], -1)
    residents = rng.poisson(2, n)
    residents[n // 2] = 150
    return town(xy[:, 0], xy[:, 1], residents, seed)


def brute_force(
    addresses: pd.DataFrame, k: int, values: Sequence[str], queries: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The definition word for word, in Python integers."""

    def cm(frame: pd.DataFrame) -> list[tuple[int, int]]:
        return [(round(x * 100), round(y * 100)) for x, y in zip(frame["x"], frame["y"], strict=True)]

    queries = addresses if queries is None else queries
    places, rows = cm(addresses), []
    figures = {name: addresses[name].tolist() for name in ("residents", *values)}
    for own, (x, y) in zip(queries["address_id"], cm(queries), strict=True):
        squares = [(px - x) ** 2 + (py - y) ** 2 for px, py in places]
        radius = next(
            (
                reach
                for reach in sorted(set(squares))
                if sum(r for s, r in zip(squares, figures["residents"], strict=True) if s <= reach) >= k
            ),
            None,
        )
        reach = max(squares) if radius is None else radius
        among = [i for i, square in enumerate(squares) if square <= reach]
        sums = {name: sum(column[i] for i in among) for name, column in figures.items()}
        rows.append(
            {
                "address_id": own,
                "k": k,
                "radius": math.sqrt(reach) / 100,
                "reached": radius is not None,
                "residents": sums["residents"],
                "addresses": len(among),
                **{name: sums[name] for name in values},
            }
        )
    return pd.DataFrame(rows)


def same(one: pd.DataFrame, two: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def run(addresses: pd.DataFrame, k: int | Sequence[int], method: str, **more: Any) -> pd.DataFrame:
    more.setdefault("values", VALUES)
    return nearest_sums(addresses, k, method=method, report=Report(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [1, 7, 60, 149, 10_000])
def test_equals_brute_force_on_random_towns(method: str, k: int) -> None:
    for seed in range(3):
        addresses = random_town(160, seed)
        same(run(addresses, k, method), brute_force(addresses, k, VALUES))


@pytest.mark.parametrize("method", METHODS)
def test_by_hand(method: str) -> None:
    # On a line, metres from the west: 0 (2 residents), 3 (0), 4 (1), 8 (5), and 4 m to the other side (1).
    addresses = town([0, 3, 4, 8, -4], [0] * 5, [2, 0, 1, 5, 1])
    found = run(addresses, 3, method, values=["outside_numerator"])
    # The address at 0: itself gives 2; at 4 m both sides tie, and both are in. At 3, nobody: 2 at 3 m and 1 at 1 m.
    assert found["radius"].tolist() == [4.0, 3.0, 4.0, 0.0, 4.0]
    assert found["residents"].tolist() == [4, 3, 8, 5, 3]
    assert found["addresses"].tolist() == [4, 3, 4, 1, 2]
    assert found["reached"].all()


@settings(max_examples=60, deadline=None)
@given(
    places=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 4)), min_size=1, max_size=40
    ),
    ks=st.lists(st.integers(1, 60), min_size=1, max_size=3, unique=True),
)
def test_lattices_full_of_ties(places: list[tuple[int, int, int]], ks: list[int]) -> None:
    x, y, residents = zip(*places, strict=True)
    addresses = town(x, y, residents)
    expected = pd.concat([brute_force(addresses, k, VALUES) for k in sorted(ks)], ignore_index=True)
    for method in METHODS:
        same(run(addresses, ks, method), expected)


@pytest.mark.parametrize("shape", ["line", "slope", "one place", "two far apart"])
def test_degenerate_towns(shape: str) -> None:
    i = np.arange(120)
    zero = np.zeros(120)
    x, y = {
        "line": (i * 2.5, zero),
        "slope": (i * 3.0, i * 4.0),
        "one place": (zero, zero),
        "two far apart": (i % 2 * 3e6, i % 2 * 3e6),
    }[shape]
    addresses = town(x, y, i % 3)
    for k in (1, 40, 119, 120, 121):
        expected = brute_force(addresses, k, VALUES)
        for method in METHODS:
            same(run(addresses, k, method), expected)


def test_one_address_holds_more_than_k() -> None:
    addresses = town([0, 10, 20], [0, 0, 0], [5, 5000, 5])
    for method in METHODS:
        found = run(addresses, 1000, method)
        assert found["radius"].tolist() == [10.0, 0.0, 10.0]
        assert found["residents"].tolist() == [5005, 5000, 5005]


def test_nobody_lives_here() -> None:
    addresses = town([0, 10], [0, 0], [0, 0])
    report = Report()
    found = nearest_sums(addresses, 5, report=report)
    assert not found["reached"].any() and found["addresses"].tolist() == [2, 2]
    assert report.warnings[0].count == 2
    with pytest.warns(BosocWarning, match="fewer than 5"):
        nearest_sums(addresses, 5)


def test_both_ways_give_the_same_bytes_whatever_the_threads() -> None:
    rng = np.random.default_rng(7)
    n = 12_000
    xy = np.round(rng.normal(size=(n, 2)) * rng.choice([300, 3000], (n, 1)), 1)
    addresses = town(xy[:, 0], xy[:, 1], rng.poisson(2, n))
    one = run(addresses, (50, 200), "tree", values=["income"])
    for threads in (1, 3):
        two = run(addresses, (50, 200), "compiled", values=["income"], n_jobs=threads)
        assert one.to_csv() == two.to_csv()
        same(one, two)
    checked = rng.choice(n, 5, replace=False)
    few = addresses.iloc[checked]
    expected = brute_force(addresses, 200, ["income"], few)
    same(one[one["k"] == 200].iloc[checked].reset_index(drop=True), expected)


@pytest.mark.parametrize("method", METHODS)
def test_ids_and_order_decide_nothing(method: str) -> None:
    addresses = random_town(300, 5)
    found = run(addresses, (10, 80), method).set_index(["k", "address_id"]).sort_index()
    shuffled = addresses.sample(frac=1, random_state=3)
    again = run(shuffled, (80, 10), method).set_index(["k", "address_id"]).sort_index()
    pd.testing.assert_frame_equal(found, again)
    names = dict(
        zip(addresses["address_id"], addresses["address_id"].sample(frac=1, random_state=4), strict=True)
    )
    renamed = run(addresses.assign(address_id=addresses["address_id"].map(names)), (10, 80), method)
    same(renamed.drop(columns="address_id"), run(addresses, (10, 80), method).drop(columns="address_id"))


@pytest.mark.parametrize("method", METHODS)
def test_splitting_an_address_in_two_changes_no_sum(method: str) -> None:
    addresses = random_town(200, 6)
    part = addresses.copy()
    part["address_id"] += "b"
    part[["residents", *VALUES]] = addresses[["residents", *VALUES]] // 3
    rest = addresses.copy()
    rest[["residents", *VALUES]] -= part[["residents", *VALUES]]
    found = run(pd.concat([rest, part], ignore_index=True), 50, method)
    columns = ["radius", "residents", *VALUES]
    same(found[columns].head(200), run(addresses, 50, method)[columns])
    same(found[columns].tail(200).reset_index(drop=True), found[columns].head(200))


@pytest.mark.parametrize("method", METHODS)
def test_other_places_to_sum_around(method: str) -> None:
    addresses = random_town(200, 8)
    rng = np.random.default_rng(1)
    queries = pd.DataFrame(
        {
            "address_id": [f"q{i}" for i in range(60)],
            "x": 570_000 + np.round(rng.normal(size=60) * 3000, 2),
            "y": 6_220_000 + np.round(rng.normal(size=60) * 3000, 2),
        }
    )
    same(
        run(addresses, 60, method, queries=queries),
        brute_force(addresses, 60, VALUES, queries),
    )


def test_wide_figures_and_many_residents() -> None:
    addresses = random_town(150, 9)
    for factor in (1, 1_000, 100_000_000):
        large = addresses.assign(outside_numerator=addresses["outside_numerator"] * factor)
        expected = brute_force(large, 40, ["outside_numerator"])
        for method in METHODS:
            same(run(large, 40, method, values=["outside_numerator"]), expected)


def test_auto_is_one_of_the_two() -> None:
    addresses = random_town(400, 2)
    same(run(addresses, 30, "auto"), run(addresses, 30, "compiled"))


def test_without_numba_the_same_bytes_by_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = random_town(2_000, 12)
    monkeypatch.setattr(sums, "_WORTH_COMPILING", 0)
    compiled = run(addresses, (30, 400), "auto", values=["income"], n_jobs=2)
    monkeypatch.setitem(sys.modules, "numba", None)  # as where it is not installed
    monkeypatch.setattr(sums, "find_spec", lambda name: None)
    for threads in (1, 2):
        by_scipy = run(addresses, (30, 400), "auto", values=["income"], n_jobs=threads)
        same(by_scipy, compiled)
        assert by_scipy.to_csv() == compiled.to_csv()
    with pytest.raises(InputError, match=r"needs numba.*geo-bosoc\[fast\]"):
        run(addresses, 30, "compiled")


def test_no_addresses() -> None:
    nothing = random_town(10, 1).head(0)
    assert run(nothing, 10, "auto").empty
    around = random_town(3, 1)[["address_id", "x", "y"]]
    found = run(nothing, 10, "auto", queries=around)
    assert found["residents"].tolist() == [0, 0, 0] and not found["reached"].any()


def test_every_fault_at_once() -> None:
    bad = pd.DataFrame(
        {
            "address_id": ["a", "a", "b"],
            "x": [1.0, 2.0, 3.0],
            "y": ["north", "", ""],
            "residents": [1, -2, 3],
            "share": [0.1, 0.2, 0.3],
            "gaps": pd.array([1, None, 2], dtype="Int64"),
            "huge": [2**61, 1, 1],
            "k": [1, 1, 1],
        }
    )
    with pytest.raises(InputError) as told:
        nearest_sums(bad, 0, values=["share", "gaps", "huge", "k", "away", "away"], method="fast", n_jobs=0)  # type: ignore[arg-type]
    found = {(problem.column or problem.key, problem.count) for problem in told.value.problems}
    assert found == {
        ("k", None),
        ("y", None),
        ("residents", 1),
        ("share", None),
        ("gaps", 1),
        ("huge", None),
        ("away", None),
        ("method", None),
        ("n_jobs", None),
    }
    with pytest.raises(InputError, match="more than once"):
        nearest_sums(bad.assign(y=1.0, residents=1), 1)


def test_addresses_without_coordinates_are_left_out_and_told() -> None:
    addresses = random_town(50, 3)
    addresses.loc[[4, 9], "x"] = np.nan
    addresses.loc[30, "y"] = np.inf
    report = Report()
    found = nearest_sums(addresses, 20, values=VALUES, report=report)
    assert [problem.count for problem in report.warnings] == [3]
    same(found, brute_force(addresses.drop(index=[4, 9, 30]), 20, VALUES))


def test_nullable_and_arrow_columns() -> None:
    addresses = random_town(60, 4)
    same(
        run(addresses.convert_dtypes(), 20, "auto").astype({"address_id": str}),
        run(addresses, 20, "auto").astype({"address_id": str}),
    )


def test_a_function_that_cannot_be_cached_is_still_compiled() -> None:
    space: dict[str, Any] = {}
    exec(compile("def double(x):\n    return 2 * x\n", "<no file>", "exec"), space)
    kernel = Kernel(space["double"])
    assert not kernel.cached
    assert kernel(21) == 42


def test_a_cache_that_fails_is_done_without() -> None:
    kernel = Kernel(_thrice)

    def full(*_: Any) -> None:
        raise OSError("no space left")

    kernel._compiled = full
    kernel.cached = True
    assert kernel(2) == 6
    assert not kernel.cached


def _thrice(x: int) -> int:
    return 3 * x


def test_small_towns_do_not_load_the_compiler() -> None:
    code = (
        "import sys, pandas as pd; from geo_bosoc.neighbourhoods import nearest_sums;"
        "nearest_sums(pd.DataFrame({'address_id': ['a'], 'x': [1.0], 'y': [1.0], 'residents': [9]}), 5);"
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


@pytest.mark.parametrize("method", METHODS)
def test_furthest_addresses_count_with_the_share_that_makes_up_k(method: str):
    frame = random_town(300, 4)
    k = [7, 100, 10**6]
    shared = nearest_sums(frame, k, values=["income"], share_furthest=True, method=method, report=Report())
    xy = np.round(frame[["x", "y"]].to_numpy() * 100).astype(np.int64)
    residents, income = frame["residents"].tolist(), frame["income"].tolist()
    for row in range(0, 300, 17):
        square = ((xy - xy[row]) ** 2).sum(axis=1).tolist()
        for place, size in enumerate(k):
            line = shared.iloc[place * 300 + row]
            order = sorted(set(square))
            edge = next(
                (
                    d
                    for d in order
                    if sum(r for r, s in zip(residents, square, strict=True) if s <= d) >= size
                ),
                None,
            )
            if edge is None:
                assert (line["residents"], line["income"]) == (sum(residents), sum(income))
                continue
            nearer = [each for each in range(300) if square[each] < edge]
            furthest = [each for each in range(300) if square[each] == edge]
            share = (size - sum(residents[each] for each in nearer)) / sum(
                residents[each] for each in furthest
            )
            expected = sum(income[each] for each in nearer) + share * sum(income[each] for each in furthest)
            assert line["residents"] == size
            assert line["income"] == pytest.approx(expected, rel=1e-12)
