"""Predicates: SQL's three-valued meaning, proved row by row and against a second SQL engine; refusals in words."""

from __future__ import annotations

import datetime as dt
import doctest
import sqlite3
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.predicates import parse
from geo_bosoc.predicates.parse import parse_predicate, predicate_columns, read_predicate
from geo_bosoc.problems import InputError, Report

FRAME = pl.DataFrame(
    {
        "text": ["a", "b", None],
        "whole": [1, 0, None],
        "float": [1.5, float("nan"), None],
        "day": [dt.date(2024, 1, 1), dt.date(2023, 6, 1), None],
        "flag": [True, False, None],
        "tiny": pl.Series([10, 20, None], dtype=pl.UInt8),
        "code": pl.Series(["a", "b", None], dtype=pl.Enum(["b", "a"])),
        "category": pl.Series(["a", "b", None], dtype=pl.Categorical),
        "when": [dt.datetime(2024, 1, 1), dt.datetime(2023, 6, 1, 12), None],
        "period": ["2023", "2024", "2024"],
    }
)
T, F, U = True, False, None


def met(text: str, **parameters: object) -> list[bool | None]:
    expr = parse_predicate(text, FRAME.schema, parameters)  # type: ignore[arg-type]
    frame = FRAME.lazy().select(met=expr).collect(engine="streaming")
    if frame.height == 1:
        return frame["met"].to_list() * FRAME.height
    return frame["met"].to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text = 'a'", [T, F, U]),
        ("text <> 'a'", [F, T, U]),
        ("text IN ('a')", [T, F, U]),
        ("text NOT IN ('a')", [F, T, U]),
        ("text IN ('x', 'a', 'y')", [T, F, U]),
        ("text IN ('x', 'a', NULL)", [T, U, U]),
        ("text IN ('v', 'w', 'x', 'y', 'a')", [T, F, U]),
        ("text NOT IN ('v', 'w', 'x', 'y', 'a')", [F, T, U]),
        ("text IN ('a', NULL)", [T, U, U]),
        ("text NOT IN ('a', NULL)", [F, U, U]),
        ("text IS NULL", [F, F, T]),
        ("text IS NOT NULL", [T, T, F]),
        ("text LIKE 'a%'", [T, F, U]),
        ("text NOT LIKE '%b'", [T, F, U]),
        ("text LIKE '_'", [T, T, U]),
        ("text || 'x' = 'ax'", [T, F, U]),
        ("upper(text) = 'A' AND length(text) = 1", [T, F, U]),
        ("substr(text, 1, 1) = 'a'", [T, F, U]),
        ("COALESCE(text, 'none') = 'none'", [F, F, T]),
        ("whole BETWEEN 0 AND 1", [T, T, U]),
        ("whole NOT BETWEEN 1 AND 2", [F, T, U]),
        ("whole IN (0, 2)", [F, T, U]),
        ("whole IN (2.5)", [F, F, U]),
        ("float IN (1.5, 2.5)", [T, U, U]),
        ("NULLIF(whole, 0) = 1", [T, U, U]),
        ("CASE WHEN whole = 1 THEN 'x' ELSE 'y' END = 'x'", [T, F, F]),
        ("CASE WHEN whole = 1 THEN TRUE WHEN whole = 0 THEN FALSE END", [T, F, U]),
        ("day >= DATE '2024-01-01'", [T, F, U]),
        ("when >= DATE '2024-01-01'", [T, F, U]),
        ("EXTRACT(year FROM day) = 2024", [T, F, U]),
        ("flag", [T, F, U]),
        ("flag = TRUE", [T, F, U]),
        ("flag = 1", [T, F, U]),
        ("NOT flag", [F, T, U]),
        ("flag + flag = 2", [T, F, U]),
        ("code = 'a'", [T, F, U]),
        ("code = 'not a category'", [F, F, U]),
        ("code IN ('a', 'not a category')", [T, F, U]),
        ("category IN ('a')", [T, F, U]),
        ("category LIKE 'a%'", [T, F, U]),
        ("code > 'a'", [F, T, U]),  # by the text, not by the order b, a of the categories
        ("code = category", [T, T, U]),
        ("CAST(text AS INTEGER) = 1", [U, U, U]),
        ("whole IS DISTINCT FROM 1", [F, T, T]),
        ("1 = 1", [T, T, T]),
        ("whole = 1 -- a remark: :with 'signs", [T, F, U]),
    ],
)
def test_meaning(text: str, expected: list[bool | None]) -> None:
    assert met(text) == expected


def test_and_or_not_are_kleene() -> None:
    """All nine pairs of true, false and unknown."""
    pairs = [(a, b) for a in (T, F, U) for b in (T, F, U)]
    frame = pl.DataFrame({"a": [a for a, _ in pairs], "b": [b for _, b in pairs]})

    def run(text: str) -> list[bool | None]:
        return frame.select(met=parse_predicate(text, frame.schema))["met"].to_list()

    assert run("a AND b") == [T, F, U, F, F, F, U, F, U]
    assert run("a OR b") == [T, T, T, T, F, U, T, U, U]
    assert run("NOT a") == [F] * 3 + [T] * 3 + [U] * 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 / whole > 0", [T, U, U]),  # Polars alone: 1/0 is infinite and greater
        ("whole / 0 > 0", [U, U, U]),
        ("1 % whole = 0", [T, U, U]),
        ("float > 1", [T, U, U]),  # Polars alone: NaN is greater than every number
        ("float / float = 1", [T, U, U]),
        ("tiny - 15 < 0", [T, F, U]),  # Polars alone: 10 - 15 of 8 bits is 251
        ("tiny * 20 = 400", [F, T, U]),
        ("length(text) - 2 < 0", [T, T, U]),
        ("whole / 2 = 0.5", [T, F, U]),
        ("-7 % 3 = -1", [T, T, T]),
        ("round(float) = 2", [T, U, U]),
    ],
)
def test_where_polars_means_something_else(text: str, expected: list[bool | None]) -> None:
    assert met(text) == expected


SIMPLE = (
    *(
        "a = 1",
        "b > a",
        "a IN (1, 2)",
        "a NOT IN (2, NULL)",
        "b BETWEEN a AND 3",
        "a IS NULL",
        "NULLIF(a, 1) = 2",
    ),
    *("a + b = 3", "a * b > 2", "a - b < 0", "COALESCE(a, b) = 2", "a % b = 1", "abs(a - b) = 1"),
    *("CASE WHEN a = 1 THEN b ELSE a END = 2", "CASE a WHEN 1 THEN 2 END = b"),
    *("s = 'x'", "s IN ('x', 'z')", "s NOT IN ('y')", "s LIKE 'x%'", "s IS NOT NULL", "lower(s) = 'y'"),
)
conditions = st.recursive(
    st.sampled_from(SIMPLE),
    lambda inner: st.one_of(
        inner.map(lambda text: f"NOT ({text})"),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda three: f"({' '.join(three)})"),
    ),
    max_leaves=5,
)


@settings(max_examples=120, deadline=None)
@given(conditions)
def test_the_same_as_another_sql_engine(text: str) -> None:
    """SQLite answers every combination of small values and NULLs alike."""
    rows = [(a, b, s) for a in (None, 0, 1, 2) for b in (None, 0, 1, 3) for s in (None, "x", "Y")]
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE t (a INTEGER, b INTEGER, s TEXT)")
    base.execute("PRAGMA case_sensitive_like = ON")
    base.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    expected = [
        None if one is None else bool(one) for (one,) in base.execute(f"SELECT {text} FROM t ORDER BY rowid")
    ]
    base.close()
    frame = pl.DataFrame(rows, schema={"a": pl.Int8, "b": pl.Int64, "s": pl.String}, orient="row")
    assert frame.select(met=parse_predicate(text, frame.schema))["met"].to_list() == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SUM(whole) > 1", "function SUM is not allowed"),
        ("whole < AVG(whole)", "function AVG is not allowed"),
        ("RANK() OVER (ORDER BY whole) = 1", "A window"),
        ("EXISTS (SELECT 1)", "A subquery is not allowed"),
        ("whole IN (SELECT 1)", "A subquery is not allowed"),
        ("COLUMNS('w.*') > 1", "column pattern"),
        ('"^w.*$" = 1', "column pattern"),
        ('"*" = 1', "column pattern"),
        ("whole AS other", "new name"),
        ("COUNT(*) > 1", "function COUNT is not allowed"),
        ("random() < 0.5", "function random is not allowed"),
        ("len(text) = 1", "function len is not allowed"),
        ("int_range(3) = 1", "function int_range is not allowed"),
        ("first(whole) = 1", "function first is not allowed"),
        ("greatest(whole, 1) = 1", "function greatest is not allowed"),
        ("whole[1] = 1", "not allowed"),
        ("whole ^ 2 = 1", "cannot be read"),
        ("SELECT whole", "A subquery"),
        ("whole = 1; DROP TABLE x", "cannot be read"),
        ("whole = 1 FROM t", "cannot be read"),
        ("whole = 1 AND", "cannot be read"),
        ("text IN ()", "cannot be read"),
        ("", "is empty"),
        ("text = 'a", "opened and not closed at character 8"),
        ("whole", "`whole` (a number) where a condition is needed"),
        ("flag AND whole", "`whole` (a number) where a condition is needed"),
        ("NOT whole", "`whole` (a number) where a condition is needed"),
        ("text = 1", "`text` (text) compared with a number"),
        ("whole = '1'", "`whole` (a number) compared with text"),
        ("whole IN ('1')", "`whole` (a number) looked up in a list of texts"),
        ("period = 2024", "text in single quotes"),
        ("day > '2024-01-01'", "DATE '2024-01-31'"),
        ("day > 2024", "EXTRACT(year FROM column)"),
        ("day = DATE '2024-13-01'", "This is not a date, at character 12"),
        ("text = NULL", "Write IS NULL"),
        ("flag IS TRUE", "Write = TRUE"),
        ("flag IS NOT FALSE", "Write = FALSE"),
        ("whole LIKE '1%'", "CAST(column AS VARCHAR)"),
        ("day + 1 = day", "`day` (a date) in a calculation"),
        ("CASE WHEN flag THEN 1 ELSE 'x' END = 1", "CASE mixes"),
        ('text = "outside"', "single quotes: 'outside'"),
        ("text = outside", "put it in single quotes: 'outside'"),
        ("hole = 1", 'Did you mean "whole"?'),
        ("WHOLE = 1", 'Did you mean "whole"?'),
        ("whole = :limit", "There is no parameter :limit"),
    ],
)
def test_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_predicate(text, FRAME.schema, key="indicator.health.numerator.where")
    assert words in str(caught.value)
    assert "[indicator.health.numerator.where]" in str(caught.value)


def test_all_mistakes_of_a_predicate_at_once() -> None:
    report = Report()
    expr = parse_predicate("hole = 1 AND txt = 'a' AND dya IS NULL", FRAME.schema, key="k", report=report)
    assert [problem.column for problem in report.errors] == ["hole", "txt", "dya"]
    assert FRAME.select(met=expr)["met"].to_list() == [None]
    report = Report()
    parse_predicate("SUM(whole) > :a AND MAX(whole) > :b", FRAME.schema, report=report)
    assert len(report.errors) == 4


def test_parameters_are_values_never_text_of_the_predicate() -> None:
    evil = "x' OR 1 = 1 --"
    assert met("text = :p", p=evil) == [F, F, U]
    assert met("text = ':p'", p="a") == [F, F, U]
    assert met("text IN (:p, 'b')", p="a") == [T, T, U]
    assert met("whole - :p = 3", p=-2) == [T, F, U]
    assert met("whole -:p = 3", p=-2) == [T, F, U]
    assert met("float > :p", p=Decimal("1.4")) == [T, U, U]
    assert met("float < :p", p=1e22) == [T, U, U]
    assert met("day = :p", p=dt.date(2024, 1, 1)) == [T, F, U]
    assert met("flag = :p", p=True) == [T, F, U]
    assert met("whole::bigint = 1") == [T, F, U]
    assert met("whole > :p", p={"2023": 0, "2024": 5}) == [T, F, U]
    assert read_predicate("a > :x AND b = ':y' AND c::int = :z").parameters == {"x", "z"}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12))
def test_any_text_as_a_parameter_matches_itself_only(value: str) -> None:
    frame = pl.DataFrame({"x": [value, value + "?"]})
    assert frame.select(met=parse_predicate("x = :v", frame.schema, {"v": value}))["met"].to_list() == [
        True,
        False,
    ]


@settings(max_examples=80, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_any_number_as_a_parameter_is_the_same_number(value: float) -> None:
    frame = pl.DataFrame({"x": [value]})
    assert frame.select(met=parse_predicate("x = :v", frame.schema, {"v": value}))["met"].to_list() == [True]


def test_no_error_holds_a_cell() -> None:
    """A cast that fails is unknown instead of an error that quotes the cell."""
    frame = pl.DataFrame({"id": ["010203-XXXX"]})
    assert frame.select(met=parse_predicate("CAST(id AS BIGINT) = 1", frame.schema))["met"].to_list() == [
        None
    ]


def test_columns_of_a_predicate() -> None:
    text = "age BETWEEN 18 AND 64 AND \"in education\" = FALSE AND x IN ('age2') AND y < :median"
    assert predicate_columns(text) == {"age", "in education", "x", "y"}
    with pytest.raises(InputError, match="cannot be read"):
        predicate_columns("age >>> 3")


def test_names_without_types_and_danish_letters() -> None:
    frame = pl.DataFrame({"køn": ["m", "k"], "Års indkomst": [1, 2]})
    expr = parse_predicate("køn = 'k' AND \"Års indkomst\" = 2", ["køn", "Års indkomst"])
    assert frame.select(met=expr)["met"].to_list() == [False, True]


def test_examples_in_the_docstrings() -> None:
    assert doctest.testmod(parse).failed == 0
