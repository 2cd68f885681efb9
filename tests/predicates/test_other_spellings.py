"""Values beside those that a predicate looks for, with other capitals or blanks."""

from __future__ import annotations

import polars as pl
import pytest

from geo_bosoc.predicates.literals import predicate_literals
from geo_bosoc.problems import Report
from geo_bosoc.registers.checks.literals import tell_other_spellings

ROWS = pl.LazyFrame(
    {"period": ["2023", "2023", "2024", "2024"], "works": ["nej", "ja", "Nej", "nej "], "age": [1, 2, 3, 4]}
)


def told(*predicates: str) -> list[str]:
    report = Report()
    schema = ROWS.collect_schema()
    conditions = {f"k{at}": predicate_literals(where, schema) for at, where in enumerate(predicates)}
    tell_other_spellings(
        ROWS, conditions, report, file=lambda period: f"p_{period}.csv", names={"works": "Arbejde"}
    )
    return [str(one) for one in report.warnings]


def test_other_spellings_are_told_once_with_their_number_and_place() -> None:
    (only,) = told("works = 'nej'", "works = 'nej' AND age > 1")
    assert only.startswith(
        "p_2024.csv, column Arbejde, [k0]: 2 rows have 'nej' with other capitals or blanks"
    )


@pytest.mark.parametrize(
    "predicate",
    [
        "works = 'ja'",
        "works IN ('nej', 'Nej', 'nej ')",
        "TRIM(LOWER(works)) = 'nej'",
        "works = 'NEJ'",  # no row has it: told elsewhere
        "age = 3",
    ],
)
def test_what_is_meant_is_not_told(predicate: str) -> None:
    assert told(predicate) == []
