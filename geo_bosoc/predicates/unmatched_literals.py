"""Values that a predicate looks for and no row has: ``Sigtet = 'Ja'`` where the data say ``ja``.

A few rows tell of nearly all values that they occur. Only what is not seen there is looked for in all rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from geo_bosoc.predicates.literals import Literal, predicate_literals
from geo_bosoc.problems import Report, near_names
from geo_bosoc.problems.messages import count_text, joined, listed, phrase

_FIRST_ROWS: Final = 50_000
_MOST: Final = 50
"""A column with more different values than this holds no classes or codes."""
_SHOWN: Final = 10
_LONGEST: Final = 40
_DIGITS: Final = 4
"""Longer numbers may be somebody's or something's id."""
_LEAST: Final = 5
_LARGE: Final = 100
"""From so many rows on, a value that fewer than `_LEAST` of them have is not shown."""
_SHORT_LIST: Final = 5
_FEW_VALUES: Final = 5
_IDENTIFIES: Final = ("navn", "name", "adresse", "address", "cpr", "pnr", "mail", "telefon", "vej", "street")


@dataclass
class Condition:
    """The literals of one predicate, and where it stands.

    `key` is its place in a TOML file.
    """

    key: str
    literals: Sequence[Literal]


@dataclass
class UnmatchedLiterals:
    """Which literals of a register's conditions occur in its rows; rows are looked at as they come."""

    conditions: Sequence[Condition]
    open: list[Literal] = field(init=False)
    values: dict[str, Counter[Any] | None] = field(default_factory=dict)
    """By column and function of it, the different values with their rows; None where there are too many."""
    rows: int = 0

    def __post_init__(self) -> None:
        literals = [literal for condition in self.conditions for literal in condition.literals]
        self.open = list({_name(literal): literal for literal in literals}.values())

    def look(self, frame: pl.LazyFrame, *, large: bool = False) -> None:
        """Look at some rows; of a `large` frame first at a few."""
        if self.open and large:
            self._seen(frame.head(_FIRST_ROWS))
        if self.open:
            self._seen(frame)
        if self.open:
            self._count(frame, large)

    def _seen(self, frame: pl.LazyFrame) -> None:
        occurrences = frame.select(literal.test.any().alias(str(n)) for n, literal in enumerate(self.open))
        row = occurrences.collect(engine="streaming").row(0)
        self.open = [literal for literal, occurs in zip(self.open, row, strict=True) if not occurs]

    def _count(self, frame: pl.LazyFrame, large: bool) -> None:
        """Count the different values of what is still looked for; given up where there are many."""
        self.rows += int(frame.select(pl.len()).collect(engine="streaming").item())
        for literal in {_value(literal): literal for literal in self.open}.values():
            occurrences = self.values.setdefault(_value(literal), Counter())
            if occurrences is None:
                continue
            value = frame.select(literal.value.alias("value")).drop_nulls()
            parts = (value.head(_FIRST_ROWS), value) if large else (value,)
            counted = pl.DataFrame()
            for part in parts:
                counted = part.group_by("value").agg(pl.len().alias("rows")).collect(engine="streaming")
                if counted.height > _MOST:
                    break
            occurrences.update(dict(counted.rows()))
            if counted.height > _MOST or len(occurrences) > _MOST:
                self.values[_value(literal)] = None

    def tell(
        self,
        report: Report,
        *,
        file: str | None,
        names: Mapping[str, str],
        never_shown: Collection[str],
    ) -> None:
        """A warning for each literal that no row has.

        Parameters
        ----------
        report : Report
            Takes the warnings.
        file : str or None
            The register's file.
        names : Mapping of str to str
            A column's name in the file, by our own name, where it is another.
        never_shown : collection of str
            Columns whose values are shown in no message: keys, addresses, places.
        """
        missing = {_name(literal) for literal in self.open}
        keys_by_literals: dict[tuple[str, ...], list[str]] = {}
        literals_by_name: dict[tuple[str, ...], list[Literal]] = {}
        for condition in self.conditions:
            lists: dict[tuple[str, bool, int], list[Literal]] = {}
            for literal in condition.literals:
                if _name(literal) in missing:
                    lists.setdefault((_value(literal), literal.negated, literal.of), []).append(literal)
            for alike in lists.values():
                lacking = list({_name(literal): literal for literal in alike}.values())
                reported = [literal for literal in lacking if self._is_worth_telling(literal, len(lacking))]
                if reported:
                    key = tuple(_name(literal) for literal in reported)
                    keys_by_literals.setdefault(key, []).append(condition.key)
                    literals_by_name.setdefault(key, reported)
        for key, literals in literals_by_name.items():
            self._warn(literals, keys_by_literals[key], report, file, names, never_shown)

    def _is_worth_telling(self, literal: Literal, lacking: int) -> bool:
        counts = self.values.get(_value(literal))
        if counts is not None and not counts:
            return False  # nothing is in the column at all, which is told elsewhere
        near = _near(literal, counts)
        if literal.negated:
            return near is not None
        if near is not None:
            return True
        if literal.of > _SHORT_LIST and lacking < literal.of:
            return False  # a long list of codes, of which a place has some
        return not literal.number or counts is not None

    def _warn(
        self,
        literals: Sequence[Literal],
        keys: Sequence[str],
        report: Report,
        file: str | None,
        names: Mapping[str, str],
        never_shown: Collection[str],
    ) -> None:
        first = literals[0]
        counts = self.values.get(_value(first))
        shown_values = _showable(first.column, counts, self.rows, never_shown)
        message = phrase(
            "{words} never occurs in this column"
            if len(literals) == 1
            else "{words} never occur in this column",
            words=joined(literal.words for literal in literals),
        )
        if shown_values:
            written = ", ".join(_written(value) for value in shown_values)
            is_cut = counts is not None and len(shown_values) < len(counts)
            message += phrase(". It holds {values}", values=written + ", ..." if is_cut else written)
        near = {literal.words: _near(literal, counts) for literal in literals}
        meant = [_written(value) for value in near.values() if value is not None and value in shown_values]
        hint = phrase("Capitals, blanks and leading zeros count: write the value as the file has it.")
        if meant:
            hint = phrase("Did you mean {names}? ", names=listed(meant)) + hint
        others = len(keys) - 1
        if others:
            conditions = count_text(others, "other condition")
            message += phrase(" (also looked for by {conditions})", conditions=conditions)
        report.warn(
            message + ".",
            file=file,
            column=names.get(first.column, first.column),
            key=keys[0],
            hint=hint,
        )


def warn_unmatched(
    rows: pl.DataFrame | pl.LazyFrame,
    predicates: Mapping[str, str],
    report: Report,
    *,
    file: str | None,
    names: Mapping[str, str] | None = None,
    never_shown: Collection[str] = (),
) -> None:
    """A warning for each value that one of the predicates (by key) looks for and none of the rows has.

    >>> report = Report()
    >>> rows = pl.DataFrame({"udsat": ["ja", "nej", "ja"]})
    >>> warn_unmatched(rows, {"where": "udsat = 'Ja'"}, report, file="areas.csv")
    >>> report.problems[0].message
    "'Ja' never occurs in this column. It holds 'ja', 'nej'."
    """
    frame = rows.lazy()
    schema = frame.collect_schema()
    conditions = [Condition(key, predicate_literals(text, schema)) for key, text in predicates.items()]
    unmatched = UnmatchedLiterals([condition for condition in conditions if condition.literals])
    unmatched.look(frame, large=True)
    unmatched.tell(report, file=file, names=names or {}, never_shown=never_shown)


def _value(literal: Literal) -> str:
    return f"{literal.column}:{literal.value}"


def _name(literal: Literal) -> str:
    return f"{_value(literal)}:{literal.words}"


def _written(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _plain(text: str) -> str:
    """A text without what is easily written another way: capitals, blanks, signs, leading zeros, æ, ø and å."""
    plain = text.casefold()
    for letter, written in (("æ", "ae"), ("ø", "oe"), ("å", "aa")):
        plain = plain.replace(letter, written)
    plain = "".join(sign for sign in plain if sign.isalnum())
    return plain.lstrip("0") or plain


def _near(literal: Literal, counts: Counter[Any] | None) -> Any | None:
    """The value that was probably meant: written a little otherwise."""
    if not counts or literal.text is None:
        return None
    texts = [value for value in counts if isinstance(value, str)]
    same = [value for value in texts if _plain(value) == _plain(literal.text)]
    if same:
        return max(same, key=lambda value: counts[value])
    near = near_names(literal.text, texts, cutoff=0.85, fold=str) if len(literal.text) > 3 else []
    return near[0] if near else None


def _showable(column: str, counts: Counter[Any] | None, rows: int, never_shown: Collection[str]) -> list[Any]:
    """The values that a message may show, the most frequent first: classes and short codes, never what may be
    somebody's."""
    if not counts or column in never_shown or any(word in column.casefold() for word in _IDENTIFIES):
        return []
    if len(counts) > _FEW_VALUES and 2 * len(counts) > sum(counts.values()):
        return []  # nearly each row has its own
    showable = []
    for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0]))):
        text = str(value)
        digits = sum(sign.isdigit() for sign in text)
        if len(text) > _LONGEST or digits > _DIGITS or (rows >= _LARGE and count < _LEAST):
            continue
        showable.append(value)
    return showable[:_SHOWN]
