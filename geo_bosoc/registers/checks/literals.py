"""Values that predicates look for: whether any row has them, and whether others have them in another spelling.

``Nej`` beside ``nej`` is not counted with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.predicates.literals import Literal, predicate_literals
from geo_bosoc.predicates.parse import parse_predicate, predicate_columns
from geo_bosoc.predicates.unmatched_literals import Condition, UnmatchedLiterals
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.registers.files import RegisterFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import identifying_columns


class WhereCondition:
    """A register's own `where`, and whether the rows so far have the values that it looks for.

    `key` is the register's place in the project file.
    """

    def __init__(self, spec: RegisterSpec, key: str | None) -> None:
        self._spec, self._key = spec, f"{key}.where" if key else "where"
        self._unmatched: UnmatchedLiterals | None = None
        self._schema: dict[str, pl.DataType] = {}

    def columns(self, report: Report) -> list[str]:
        """The columns that it names; what is wrong with it goes to `report`."""
        if self._spec.where is None:
            return []
        try:
            return sorted(predicate_columns(self._spec.where))
        except InputError as error:
            report.problems.extend(
                Problem("error", problem.message, hint=problem.hint, key=self._key)
                for problem in error.problems
            )
            return []

    def expression(self, schema: Mapping[str, pl.DataType], report: Report) -> pl.Expr | None:
        """The condition on columns of these types; None where there is none, or with errors in `report`."""
        if self._spec.where is None:
            return None
        return parse_predicate(self._spec.where, dict(schema), key=self._key, report=report)

    def watched(self, rows: pl.LazyFrame, *, large: bool = False) -> pl.LazyFrame:
        """The rows, looked at before any is left out."""
        if self._spec.where is None:
            return rows
        schema = rows.collect_schema()
        if self._unmatched is None:
            literals = predicate_literals(self._spec.where, schema)
            self._unmatched = UnmatchedLiterals([Condition(self._key, literals)])
            self._schema = {literal.column: schema[literal.column] for literal in literals}
        if all(schema.get(name) == dtype for name, dtype in self._schema.items()):
            self._unmatched.look(rows, large=large)
        else:
            self._unmatched.open.clear()  # the files do not agree: what is missing in one may be in another
        return rows

    def tell_unmatched(self, files: Sequence[RegisterFile], report: Report) -> None:
        """Warnings about values that no row has."""
        if self._unmatched is not None:
            name = files[0].name if len(files) == 1 else Path(self._spec.paths[0]).name
            never = identifying_columns(self._spec)
            self._unmatched.tell(report, file=name, names=self._spec.columns, never_shown=never)


_MOST_ROWS: Final = 1_000_000
"""So many rows tell whether a file mixes its spellings."""


def tell_other_spellings(
    rows: pl.LazyFrame,
    conditions: Mapping[str, Sequence[Literal]],
    report: Report,
    *,
    file: Callable[[str | None], str],
    names: Mapping[str, str],
) -> None:
    """Warn of each text literal that other rows have with other capitals or blanks.

    A spelling that a predicate on the same column looks for as well is meant, and so are all where the predicate
    itself evens them out. A literal that no row has is reported elsewhere.

    Parameters
    ----------
    rows : LazyFrame
        The register's rows.
    conditions : mapping of str to sequence of Literal
        The literals of each predicate, by its key in a TOML file.
    report : Report
        Takes the warnings.
    file : callable
        Gives the name of the file that holds a period.
    names : mapping of str to str
        A column's name in the file, by our own name, where it is another.
    """
    texts = [
        (key, literal)
        for key, literals in conditions.items()
        for literal in literals
        if literal.text is not None
    ]
    spelled: dict[str, set[str]] = {}
    for _, literal in texts:
        spelled.setdefault(str(literal.value), set()).add(str(literal.text))
    first = {(str(literal.value), literal.text): (key, literal) for key, literal in reversed(texts)}
    first = _with_other_spellings(rows, first, spelled)
    if not first:
        return
    dated = "period" in rows.collect_schema()
    tests = []
    for number, (_, literal) in enumerate(first.values()):
        text = literal.value.cast(pl.String)
        same_folded = text.str.strip_chars().str.to_lowercase() == str(literal.text).strip().lower()
        other_spelling = same_folded & ~text.is_in(sorted(spelled[str(literal.value)]))
        tests += [other_spelling.sum().alias(f"{number}"), literal.test.any().alias(f"{number}met")]
        if dated:
            tests.append(pl.col("period").filter(other_spelling).first().alias(f"{number}period"))
    counted = rows.head(_MOST_ROWS).select(tests).collect(engine="streaming").row(0, named=True)
    for number, (key, literal) in enumerate(first.values()):
        count = int(counted[str(number)] or 0)
        if count and counted[f"{number}met"]:
            report.warn(
                phrase(
                    "{rows} {has_have} {words} with other capitals or blanks: not counted with it.",
                    rows=count_text(count, "row"),
                    has_have=phrase("has" if count == 1 else "have"),
                    words=literal.words,
                ),
                file=file(counted.get(f"{number}period")),
                column=names.get(literal.column, literal.column),
                key=key,
                count=count,
                hint=phrase(
                    "Write the file's values alike, or the condition as LOWER({column}) = ...",
                    column=literal.column,
                ),
            )


def _with_other_spellings(
    rows: pl.LazyFrame,
    literals: Mapping[tuple[str, str | None], tuple[str, Literal]],
    spelled: Mapping[str, set[str]],
) -> dict[tuple[str, str | None], tuple[str, Literal]]:
    """The literals of which the rows hold another spelling, told by each column's distinct texts: these are few."""
    if not literals:
        return {}
    sought = {str(literal.value): literal.value.cast(pl.String) for _, literal in literals.values()}
    distinct = rows.head(_MOST_ROWS).select(
        value.unique().drop_nulls().implode().alias(f"{number}")
        for number, value in enumerate(sought.values())
    )
    texts = distinct.collect(engine="streaming").row(0)
    folded = {
        name: {text.strip().lower() for text in values if text not in spelled[name]}
        for name, values in zip(sought, texts, strict=True)
    }
    return {
        key: (place, literal)
        for key, (place, literal) in literals.items()
        if str(literal.text).strip().lower() in folded[key[0]]
    }
