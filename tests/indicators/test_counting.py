"""Counting: hand-checked registers, distinct persons, weights, finished tables, pooled and carried
periods."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from geo_bosoc.indicators import (
    Indicator,
    Parameter,
    add_counts,
    check_indicators,
    compute_parameters,
    count_everyone,
    count_indicators,
    count_rows,
    indicator_table,
    load_indicators,
    needed_columns,
)
from geo_bosoc.problems import InputError, Report


def make(name: str = "share", **fields: object) -> Indicator:
    table = {"id": name, "label_da": "Prøve", "label_en": "", "denominator": {}, **fields}
    return Indicator.model_validate(table)


def numbers(counts: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    wanted = list(columns) or ["numerator", "denominator", "unknown"]
    return list(counts[wanted].itertuples(index=False, name=None))


def filled(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts with -1 for those that are empty."""
    return counts.fillna(dict.fromkeys(("numerator", "denominator", "unknown"), -1))


def test_a_base_of_which_a_part_is_hidden_is_empty() -> None:
    table = pl.LazyFrame(
        {
            "area_id": ["a", "a", "b", "b"],
            "period": ["2024"] * 4,
            "age": ["0-17", "18+"] * 2,
            "n": [100, None, 40, 60],
            "n__mark": [None, "protected", None, None],
            "m": [10, 20, 4, 6],
        }
    )
    spec = make("x", denominator={"sum": "n"}, numerator={"sum": "m"})
    counts = count_indicators({"table": table}, [spec])
    assert numbers(filled(counts), "numerator", "denominator", "status") == [
        (-1, -1, "protected"),
        (10, 100, "ok"),
    ]


PERSONS = pl.LazyFrame(
    {
        "person_id": ["p1", "p2", "p3", "p4", "p5", "p6", "p7"],
        "area_id": ["a", "a", "a", "a", "b", None, "b"],
        "period": ["2024"] * 7,
        "age": [20, 30, 64, 70, 40, 25, None],
        "labour": ["outside", "employed", None, "outside", "employed", "outside", "outside"],
        "fte": [0.25, 0.0, 0.5, 1.0, 0.33335, 1.0, 1.0],
        "income": [100, 200, 300, 400, None, 600, 10_000],
    }
)
OUTSIDE = make(
    "outside", denominator={"where": "age BETWEEN 18 AND 64"}, numerator={"where": "labour = 'outside'"}
)


def test_by_hand() -> None:
    """a: 20, 30 and 64 are in the base, 70 is not; one is outside, one unknown. b: an age is missing: told,
    not guessed."""
    report = Report()
    counts = count_indicators({"persons": PERSONS}, [OUTSIDE], report=report)
    assert counts.columns.tolist() == [
        *("area_id", "period", "indicator", "numerator", "denominator", "unknown", "status", "data_period")
    ]
    assert counts["area_id"].tolist() == ["a", "b"]
    assert numbers(counts) == [(1, 3, 1), (0, 1, 0)]
    assert all(str(counts[name].dtype) == "int64" for name in ("numerator", "denominator", "unknown"))
    assert report.facts["counting"] == {"outside": {"denominator_unknown": 1}}
    assert report.problems == []


def test_everybody_is_the_municipality() -> None:
    counts = count_indicators(count_everyone({"persons": PERSONS}), [OUTSIDE])
    assert numbers(counts, "area_id", "numerator", "denominator", "unknown") == [("@municipality", 2, 5, 1)]


def test_a_count_has_its_base_as_numerator() -> None:
    residents = make("residents", unit="count")
    assert numbers(count_indicators({"persons": PERSONS}, [residents])) == [(4, 4, 0), (2, 2, 0)]


def test_areas_given_are_told_even_without_rows() -> None:
    counts = count_indicators({"persons": PERSONS}, [OUTSIDE], areas=["c", "a"], periods=["2024", "2023"])
    assert numbers(counts, "area_id", "period", "denominator", "status") == [
        ("a", "2023", 0, "missing"),  # no data at all in 2023
        ("a", "2024", 3, "ok"),
        ("c", "2023", 0, "missing"),
        ("c", "2024", 0, "ok"),
    ]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["b", "a"])])
def test_area_ids_held_as_categories(dtype: pl.DataType) -> None:
    counts = count_indicators({"persons": PERSONS.with_columns(pl.col("area_id").cast(dtype))}, [OUTSIDE])
    assert numbers(counts, "area_id", "numerator") == [("a", 1), ("b", 0)]


def test_overlapping_areas_count_a_person_in_each() -> None:
    both = pl.concat([PERSONS, PERSONS.filter(pl.col("person_id") == "p1").with_columns(area_id=pl.lit("b"))])
    assert numbers(count_indicators({"persons": both}, [OUTSIDE])) == [(1, 3, 1), (1, 2, 0)]


def test_full_time_persons_in_fixed_point_each_row_rounded_once() -> None:
    fte = make("fte", denominator={"where": "age < 65"}, numerator={"sum": "fte"}, scale=10000)
    counts = count_indicators({"persons": PERSONS}, [fte])
    assert numbers(counts) == [(7500, 3, 0), (3334, 1, 0)]  # 0.33335 -> 3333.5 -> 3334, away from zero
    table = indicator_table(counts, [fte])
    assert table["value"].tolist() == [0.25, 0.3334]


def test_mean_unknown_nan_and_infinite() -> None:
    frame = pl.LazyFrame(
        {
            "area_id": ["a"] * 6,
            "period": ["2024"] * 6,
            "absence": [5.126, 4.124, float("nan"), float("inf"), None, 2.125],
            "months": [10, 5, 10, 10, 10, None],
        }
    )
    mean = make("mean", unit="mean", mean_of="absence", scale=100)
    counts = count_indicators({"persons": frame}, [mean])
    assert numbers(counts) == [(513 + 412 + 213, 6, 3)]
    weighted = make("mean", unit="mean", mean_of="absence", weight="months", scale=100)
    report = Report()
    counts = count_indicators({"persons": frame}, [weighted], report=report)
    assert numbers(counts) == [(5126 + 2062, 45, 30)]
    assert indicator_table(counts, [weighted])["value"].tolist() == [7188 / 1500]
    assert report.facts["counting"]["mean"] == {"denominator_unknown": 1}


def test_weights_with_decimals_have_a_scale() -> None:
    frame = pl.LazyFrame(
        {"area_id": ["a"] * 3, "period": ["2024"] * 3, "safe": [6, 2, None], "w": [0.5, 1.25, 0.75]}
    )
    spec = make("unsafe", numerator={"where": "safe >= 5"}, weight="w", weight_scale=100)
    counts = count_indicators({"survey": frame}, [spec])
    assert numbers(counts) == [(50, 250, 75)]
    table = indicator_table(counts, [spec])
    assert table["value"].tolist() == [50 / 175]
    assert table["low"].isna().all()


CASES = pl.LazyFrame(
    {
        "person_id": ["p1", "p1", "p2", "p3", "p3", None, "p4"],
        "area_id": ["a"] * 7,
        "period": ["2024"] * 7,
        "law": ["penal", "drugs", "traffic", None, "penal", "penal", None],
    }
)


def test_each_person_once() -> None:
    """p1 twice charged counts once; p3 is met by one row whatever the other; p4 is unknown; a row has no
    person."""
    spec = make("charged", numerator={"where": "law IN ('penal', 'drugs')"}, distinct="person")
    report = Report()
    counts = count_indicators({"cases": CASES}, [spec], report=report)
    assert numbers(counts) == [(2, 4, 1)]
    assert report.facts["counting"]["charged"] == {"without_id": 1}
    renamed = CASES.rename({"person_id": "PNR_HASH"})
    ids = {"cases": {"person": "PNR_HASH"}}
    assert numbers(count_indicators({"cases": renamed}, [spec], ids=ids)) == [(2, 4, 1)]
    with pytest.raises(
        InputError, match=r"indicator.charged.denominator.distinct\]: There is no column person_id"
    ):
        count_indicators({"cases": renamed}, [spec])


def test_numerator_and_denominator_from_different_registers() -> None:
    spec = make(
        "charged",
        unit="per_1000",
        denominator={"register": "persons", "where": "age >= 18"},
        numerator={"register": "cases", "where": "law <> 'traffic'", "distinct": "person"},
    )
    report = Report()
    counts = count_indicators({"persons": PERSONS, "cases": CASES}, [spec], report=report)
    assert numbers(counts, "area_id", "numerator", "denominator", "unknown") == [
        ("a", 2, 4, 0),
        ("b", 0, 1, 0),
    ]
    assert report.facts["counting"]["charged"] == {
        "denominator_unknown": 1,
        "numerator_unknown": 1,
        "without_id": 1,
    }
    later = PERSONS.with_columns(period=pl.lit("2025"))
    both = {"persons": pl.concat([PERSONS, later]), "cases": CASES}
    counts = count_indicators(both, [spec], areas=["a"], periods=["2024", "2025"])
    assert counts["status"].tolist() == ["ok", "missing"], "no cases of 2025 have arrived: not zero charged"


FINISHED = pl.LazyFrame(
    {
        "area_id": ["a", "b", "c", "d"],
        "period": ["2024"] * 4,
        "lacking": [12, None, None, 0],
        "lacking__mark": [None, "protected", "missing", None],
        "dwellings": [100, 200, 50, 80],
    }
)


def test_finished_tables_carry_their_marks() -> None:
    spec = make("lacking", denominator={"sum": "dwellings"}, numerator={"sum": "lacking"})
    counts = count_indicators({"table": FINISHED}, [spec], areas=list("abcde"))
    assert str(counts["numerator"].dtype) == "Int64"
    assert numbers(filled(counts), "numerator", "denominator", "unknown", "status") == [
        (12, 100, 0, "ok"),
        (-1, 200, -1, "protected"),
        (-1, 50, -1, "missing"),
        (0, 80, 0, "ok"),
        (-1, -1, -1, "missing"),  # not in the table
    ]
    assert numbers(filled(add_counts(counts)), "numerator", "denominator") == [
        *((12, 100), (-1, 200), (-1, 50), (0, 80), (-1, -1))
    ], "adding keeps what is empty"
    table = indicator_table(counts, [spec])
    assert numbers(filled(table), "numerator", "denominator") == numbers(
        filled(counts), "numerator", "denominator"
    )
    assert table["status"].tolist() == ["ok", "protected", "missing", "ok", "missing"]
    assert table["value"].fillna(-1).tolist() == [0.12, -1, -1, 0.0, -1]
    everyone = count_indicators(
        count_everyone({"table": FINISHED}), [spec], areas=["@municipality"], periods=["2024"]
    )
    assert everyone["status"].tolist() == ["missing"], "the sum of the areas is no figure of the municipality"


def years(*pairs: tuple[str, int]) -> pl.LazyFrame:
    rows = [(period, value) for period, count in pairs for value in range(count)]
    return pl.LazyFrame(
        {"area_id": ["a"] * len(rows), "period": [p for p, _ in rows], "n": [v for _, v in rows]},
        schema={"area_id": pl.String, "period": pl.String, "n": pl.Int64},
    )


def test_pooled_years() -> None:
    frame = years(("2021", 3), ("2022", 5), ("2023", 7), ("2024", 11))
    spec = make("first", numerator={"where": "n = 0"}, pool_years=3)
    counts = count_indicators({"persons": frame}, [spec])
    assert numbers(counts, "period", "numerator", "denominator", "data_period") == [
        ("2021", 1, 3, "2021"),
        ("2022", 2, 8, "2021-2022"),
        ("2023", 3, 15, "2021-2023"),
        ("2024", 3, 23, "2022-2024"),
    ]
    yearly: list[pd.DataFrame] = []
    plain = make("second", numerator={"where": "n = 1"})
    counts = count_indicators({"persons": frame}, [spec, plain], periods=["2024"], each_period=yearly.append)
    assert numbers(counts[counts["indicator"] == "first"]) == [(3, 23, 0)]
    assert set(yearly[0]["indicator"]) == {"first"}
    assert numbers(yearly[0], "period", "numerator", "denominator") == [
        ("2021", 1, 3), ("2022", 1, 5), ("2023", 1, 7), ("2024", 1, 11),
    ]  # fmt: skip


def test_pooled_quarters() -> None:
    quarters = [f"{year}K{quarter}" for year in (2022, 2023, 2024) for quarter in (1, 2, 3, 4)]
    frame = years(*[(quarter, 1) for quarter in quarters], ("2023", 100))
    spec = make("first", numerator={"where": "n = 0"}, pool_years=2)
    counts = count_indicators({"persons": frame}, [spec], periods=["2024K2"])
    assert numbers(counts, "denominator", "data_period") == [(8, "2022K3-2024K2")]


def test_a_survey_is_carried_forward_and_says_so() -> None:
    survey = years(("2019", 4), ("2022", 6))
    registers = {"persons": years(("2021", 1), ("2023", 1), ("2025", 1), ("2026", 1)), "survey": survey}
    persons = make("persons", unit="count", denominator={"register": "persons"})
    spec = make("safety", denominator={"register": "survey"}, numerator={"where": "n = 0"}, carry_forward=3)
    report = Report()
    counts = count_indicators(registers, [persons, spec], report=report)
    safety = counts[counts["indicator"] == "safety"]
    assert numbers(safety, "period", "denominator", "status", "data_period")[:3] == [
        ("2021", 4, "ok", "2019"),
        ("2023", 6, "ok", "2022"),
        ("2025", 6, "ok", "2022"),
    ]
    assert numbers(safety, "period", "denominator", "status")[3] == ("2026", 0, "missing")
    assert report.facts["carried_forward"] == {"safety": {"2021": "2019", "2023": "2022", "2025": "2022"}}


def test_values_of_the_whole_register() -> None:
    low = make(
        "low", denominator={"where": "income IS NOT NULL"}, numerator={"where": "income < 0.5 * :median"}
    )
    wanted = {"median": Parameter(register="persons", column="income", where="age IS NOT NULL")}
    parameters = compute_parameters({"persons": PERSONS}, wanted)
    assert parameters == {"median": 300.0}  # 100, 200, 300, 400, 600
    assert numbers(count_indicators({"persons": PERSONS}, [low], parameters=parameters)) == [
        (1, 4, 0),
        (0, 1, 0),
    ]
    two = pl.concat([PERSONS, PERSONS.with_columns(period=pl.lit("2025"), income=pl.col("income") * 10)])
    by_year = {"median": Parameter(register="persons", column="income", where="age > 0", by_period=True)}
    parameters = compute_parameters({"persons": two}, by_year)
    assert parameters == {"median": {"2024": 300.0, "2025": 3000.0}}
    counts = count_indicators({"persons": two}, [low], parameters=parameters, areas=["a"])
    assert numbers(counts) == [(1, 4, 0), (1, 4, 0)]
    with pytest.raises(InputError) as caught:
        compute_parameters(
            {"persons": PERSONS},
            {
                "a": Parameter(register="persons", column="incom"),
                "b": Parameter(register="person", column="income"),
                "c": Parameter(register="persons", column="labour"),
            },
        )
    assert len(caught.value.problems) == 3


def test_every_mistake_before_anything_runs() -> None:
    indicators = [
        make("one", denominator={"register": "person"}, numerator={"where": "agee > 1"}),
        make(
            "two",
            denominator={"register": "persons", "where": "ag > 1"},
            numerator={"where": 'labour = "outside"'},
        ),
        make("three", unit="mean", denominator={"register": "persons"}, mean_of="labour"),
        make("four", denominator={"register": "persons"}, numerator={"sum": "ftee"}),
    ]
    with pytest.raises(InputError) as caught:
        count_indicators({"persons": PERSONS, "cases": CASES}, indicators)
    told = str(caught.value)
    for words in (
        '[indicator.one.denominator.register]: There is no register person. Did you mean "persons"?',
        "[indicator.two.denominator.where]: There is no column ag",
        "Text stands in single quotes: 'outside'",
        "[indicator.three.mean_of]: The column labour does not hold numbers.",
        '[indicator.four.numerator.sum]: There is no column ftee. Did you mean "fte"?',
    ):
        assert words in told
    report = Report()
    check_indicators({"persons": PERSONS, "cases": CASES}, indicators, report=report)
    assert {problem.message for problem in report.errors} == {
        problem.message for problem in caught.value.problems
    }
    assert count_indicators({"persons": PERSONS}, indicators[1:], report=Report()).empty
    with pytest.raises(InputError, match=r"has no column area_id. Join the areas first"):
        count_indicators({"persons": PERSONS.drop("area_id")}, [OUTSIDE])


def test_needed_columns() -> None:
    indicators = load_indicators(["youth_education", "child_wellbeing", "safety"])
    assert needed_columns(indicators, ["persons", "survey"]) == {
        "persons": ("absence_pct", "age", "education", "in_education"),
        "survey": ("safety",),
    }


def test_adding_keeps_the_worst_status() -> None:
    spec = make("lacking", denominator={"sum": "dwellings"}, numerator={"sum": "lacking"})
    one = count_rows({"table": FINISHED.with_columns(area_id=pl.lit("x")).head(1)}, [spec])
    two = count_rows({"table": FINISHED.with_columns(area_id=pl.lit("x")).slice(1, 1)}, [spec])
    added = add_counts(one, two)
    assert numbers(added, "numerator", "denominator", "unknown", "status") == [(12, 300, 200, "protected")]
    assert add_counts().empty
