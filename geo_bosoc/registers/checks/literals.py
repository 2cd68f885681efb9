"""The values that a register's own `where` looks for, watched as its rows pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from geo_bosoc.predicates.literals import predicate_literals
from geo_bosoc.predicates.literals_met import Condition, LiteralsMet
from geo_bosoc.problems import Report
from geo_bosoc.registers.files import RegisterFile
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import identifying_columns


class LookedFor:
    """What `where` looks for, and whether the rows so far have it."""

    def __init__(self, spec: RegisterSpec, key: str) -> None:
        self._spec, self._key = spec, key
        self._met: LiteralsMet | None = None
        self._schema: dict[str, pl.DataType] = {}

    def through(self, rows: pl.LazyFrame, *, large: bool = False) -> pl.LazyFrame:
        """The rows, looked at before any is left out."""
        if self._spec.where is None:
            return rows
        schema = rows.collect_schema()
        if self._met is None:
            literals = predicate_literals(self._spec.where, schema)
            self._met = LiteralsMet([Condition(self._key, literals)])
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
