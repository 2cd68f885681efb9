"""Values that predicates look for: whether any row has them, and whether others have them in another spelling.

``Nej`` beside ``nej`` is not counted with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.predicates.literals import Literal, predicate_literals
from geo_bosoc.predicates.unmatched_literals import Condition, UnmatchedLiterals
from geo_bosoc.problems import Report
from geo_bosoc.registers.files import RegisterFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import identifying_columns


class LookedFor:
    """What `where` looks for, and whether the rows so far have it."""

    def __init__(self, spec: RegisterSpec, key: str) -> None:
        self._spec, self._key = spec, key
        self._met: UnmatchedLiterals | None = None
        self._schema: dict[str, pl.DataType] = {}

    def through(self, rows: pl.LazyFrame, *, large: bool = False) -> pl.LazyFrame:
        """The rows, looked at before any is left out."""
        if self._spec.where is None:
            return rows
        schema = rows.collect_schema()
        if self._met is None:
            literals = predicate_literals(self._spec.where, schema)
            self._met = UnmatchedLiterals([Condition(self._key, literals)])
            self._schema = {one.column: schema[one.column] for one in literals}
        if all(schema.get(name) == dtype for name, dtype in self._schema.items()):
            self._met.look(rows, large=large)
        else:
            self._met.open.clear()  # the files do not agree: what is missing in one may be in another
        return rows

    def tell(self, files: Sequence[RegisterFile], report: Report) -> None:
        """Warnings about values that no row has."""
        if self._met is not None:
            name = files[0].name if len(files) == 1 else Path(self._spec.paths[0]).name
            never = identifying_columns(self._spec)
            self._met.tell(report, file=name, names=self._spec.columns, never_shown=never)


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

    A spelling that a predicate on the same column looks for as well is known, and so are all where the predicate
    itself evens them out. A literal that no row has is told elsewhere.

    Parameters
    ----------
    conditions : the literals of each predicate, by its key in a TOML file.
    file : the name of the file that holds a period.
    names : a column's name in the file, by our own name, where it is another.
    """
    every = [(key, one) for key, literals in conditions.items() for one in literals if one.text is not None]
    spelled: dict[str, set[str]] = {}
    for _, one in every:
        spelled.setdefault(str(one.value), set()).add(str(one.text))
    first = {(str(one.value), one.text): (key, one) for key, one in reversed(every)}
    first = _with_other_spellings(rows, first, spelled)
    if not first:
        return
    dated = "period" in rows.collect_schema()
    tests = []
    for at, (_, one) in enumerate(first.values()):
        text = one.value.cast(pl.String)
        other = text.str.strip_chars().str.to_lowercase() == str(one.text).strip().lower()
        known = text.is_in(sorted(spelled[str(one.value)]))
        tests += [(other & ~known).sum().alias(f"{at}"), one.test.any().alias(f"{at}met")]
        if dated:
            tests.append(pl.col("period").filter(other & ~known).first().alias(f"{at}period"))
    counted = rows.head(_MOST_ROWS).select(tests).collect(engine="streaming").row(0, named=True)
    for at, (key, one) in enumerate(first.values()):
        count = int(counted[str(at)] or 0)
        if count and counted[f"{at}met"]:
            report.warn(
                f"{count} rows have {one.words} with other capitals or blanks, and are not counted with it.",
                file=file(counted.get(f"{at}period")),
                column=names.get(one.column, one.column),
                key=key,
                count=count,
                hint=f"Write the file's values alike, or the condition as LOWER({one.column}) = ...",
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
        value.unique().drop_nulls().implode().alias(f"{at}") for at, value in enumerate(sought.values())
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
