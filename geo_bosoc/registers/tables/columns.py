"""What type a column has, told from all its values in all files, and the expressions that read it so.

A column is of one type in all files. It is a number, a date or a truth value when every value is one
(marks aside); codes with leading zeros and all else stay text. Where nearly all values are numbers (or
dates) and a few are not, somebody mistyped: that is an error with the rows, not a column of text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables import text
from geo_bosoc.text.days import is_like_date

Kind = Literal["text", "whole", "decimal", "date", "truth", "empty"]
Mark = Literal["missing", "protected", "not_applicable"]

MARK_SUFFIX: Final = "__mark"
NEARLY_ALL: Final = 0.99

_DOT_GROUP: Final = r"^[+\-−]?[1-9]\d{0,2}\.\d{3}$"
_COMMA_GROUP: Final = r"^[+\-−]?[1-9]\d{0,2},\d{3}$"
_DTYPES: Final = {
    "text": pl.String(),
    "whole": pl.Int64(),
    "decimal": pl.Float64(),
    "date": pl.Date(),
    "truth": pl.Boolean(),
    "empty": pl.Null(),
}


@dataclass
class Tally:
    """What a column's values in one file are: how many of each sort, added up batch by batch.

    `native` counts the values of types that the format itself gave (``whole``, ``decimal``, ``date``,
    ``truth``), `texts` those of text by sort.
    """

    native: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)

    def add(self, values: pl.Series, spec: RegisterSpec) -> None:
        """Count one more batch."""
        if values.dtype == pl.String:
            self.texts.update(_sorts(values, spec))
        else:
            kind = native_kind(values)
            filled = values.len() - values.null_count()
            if kind != "empty" and filled:
                self.native["compact" if kind == "whole" and _are_compact_dates(values) else kind] += filled


def native_kind(values: pl.Series) -> Kind:
    """The kind of a column whose format gave it a type; whole numbers kept as floats count as whole."""
    if values.dtype == pl.Null:
        return "empty"
    if values.dtype == pl.Boolean:
        return "truth"
    if values.dtype.is_temporal():
        return "date"
    if values.dtype.is_integer():
        return "whole"
    if values.dtype.is_float():
        filled = values.drop_nulls()
        return "whole" if ((filled == filled.floor()) & (filled.abs() < 2**53)).all() else "decimal"
    return "text"


def _are_compact_dates(values: pl.Series) -> bool:
    """Are all of these whole numbers dates such as 20240101?"""
    if not values.drop_nulls().is_between(15_000_101, 99_991_231).all():
        return False
    written = (
        values.cast(pl.Int64).cast(pl.String).to_frame("v").select(text.to_date(pl.col("v"))).to_series()
    )
    return written.null_count() == values.null_count()


def _sorts(values: pl.Series, spec: RegisterSpec) -> dict[str, int]:
    """How many of a text column's values are of each sort (``rest`` are those that are no mark)."""
    counted = values.str.strip_chars(text.BLANKS).alias("v").value_counts(name="n")
    v, n = pl.col("v"), pl.col("n")
    missing, protected = (
        text.is_missing(v, spec.missing, figures=False),
        text.is_protected(v, spec.protected, figures=False),
    )
    counted = counted.with_columns(hard=missing | protected, is_missing=missing)
    counted = counted.with_columns(
        soft=~pl.col("hard")
        & (
            text.is_missing(v, spec.missing, figures=True)
            | text.is_protected(v, spec.protected, figures=True)
            | text.is_not_applicable(v)
            | text.is_dash(v)
        )
    )
    rest = ~pl.col("hard") & ~pl.col("soft")
    comma, point = text.is_number(v, ","), text.is_number(v, ".")
    whole = text.is_integer(v)
    either = pl.when(v.str.contains(",", literal=True)).then(comma).otherwise(point)
    dot_group, comma_group = v.str.contains(_DOT_GROUP), v.str.contains(_COMMA_GROUP)
    sorts = {
        "rest": pl.lit(True),
        "whole": whole,
        "leading_zero": text.has_leading_zero(v),
        "comma": comma,
        "point": point,
        "either": either,
        "comma_only": comma & ~point,
        "point_only": point & ~comma,
        "dot_group": dot_group,
        "comma_group": comma_group,
        "comma_fraction": comma & text.has_fraction(v, ","),
        "point_fraction": point & text.has_fraction(v, "."),
        "either_fraction": either & ~whole,
        "truth": text.is_truth(v),
        "date": text.to_date(v).is_not_null(),
        "like_date": is_like_date(v),
    }
    row = counted.select(
        *((n.filter(rest & test).sum()).alias(name) for name, test in sorts.items()),
        n.filter(pl.col("soft")).sum().alias("soft"),
        n.filter(pl.col("hard") & ~pl.col("is_missing")).sum().alias("hard_protected"),
        n.filter(pl.col("soft") & text.is_dash(v)).sum().alias("dash"),
    ).row(0, named=True)
    return {name: int(count) for name, count in row.items() if count}


@dataclass(frozen=True)
class Reading:
    """How one file's column is read: its kind and the decimal mark of its texts (, or . or either)."""

    kind: Kind
    decimal: str = "."
    marked: bool = False


@dataclass(frozen=True)
class Doubt:
    """Something about a column that needs the user: `file` is the position of the file."""

    file: int
    what: Literal["bad_number", "bad_date", "both_marks", "ask_decimal", "ask_comma", "assumed_comma"]
    count: int
    reading: Reading


def decide(
    tallies: Sequence[Tally],
    decimals: Sequence[str | None],
    both_marks: Sequence[bool],
    spec: RegisterSpec,
    *,
    as_text: bool,
    file_evidence: Sequence[str | None],
) -> tuple[list[Reading], list[Doubt]]:
    """One column's type over all files, and how to read it in each.

    Parameters
    ----------
    tallies : what the column holds, a file each.
    decimals : the decimal mark to assume in a file whose figures do not tell; None to ask.
    both_marks : whether a file's texts may hold numbers with either mark (workbooks, JSON).
    as_text : the column is a key or code and stays text.
    file_evidence : the decimal mark that the file's other columns show, if they show one.
    """
    texts: Counter[str] = Counter()
    native: Counter[str] = Counter()
    for tally in tallies:
        texts.update(tally.texts)
        native.update(tally.native)
    marked = texts["hard_protected"] > 0
    if as_text:
        return [Reading("text", marked=marked)] * len(tallies), []
    rest, figures = texts["rest"], texts["soft"] > 0 or marked
    kinds = {kind for kind, count in native.items() if count}
    if "compact" in kinds:
        kinds = kinds - {"compact"} | {"date" if kinds <= {"compact", "date"} else "whole"}
    if not rest and not kinds:
        kind: Kind = "whole" if texts["soft"] else "empty"
        return [Reading(kind, marked=figures)] * len(tallies), []
    if not rest:
        kind = _common(kinds)
        return [Reading(kind, marked=figures and kind in ("whole", "decimal"))] * len(tallies), []
    if texts["leading_zero"] or "text" in kinds:
        return [Reading("text", marked=marked)] * len(tallies), []
    if kinds <= {"truth"} and texts["truth"] == rest:
        return [Reading("truth")] * len(tallies), []
    dated = texts["date"] >= NEARLY_ALL * rest or (
        texts["like_date"] == rest and texts["date"] + native["date"] > 0
    )
    if kinds <= {"date"} and dated:
        reading = Reading("date", marked=False)
        bad = [
            Doubt(i, "bad_date", t.texts["rest"] - t.texts["date"], reading) for i, t in enumerate(tallies)
        ]
        return [reading] * len(tallies), [doubt for doubt in bad if doubt.count]
    if not kinds <= {"whole", "decimal"}:
        return [Reading("text", marked=marked)] * len(tallies), []
    return _numbers(tallies, decimals, both_marks, spec, figures, marked, kinds, file_evidence)


def _common(kinds: set[str]) -> Kind:
    """The kind that holds all of these."""
    if kinds == {"whole", "decimal"}:
        return "decimal"
    single: tuple[Kind, ...] = ("whole", "decimal", "date", "truth")
    return next((kind for kind in single if kinds == {kind}), "text")


def evidence(tallies: Sequence[Tally]) -> str | None:
    """The decimal mark that the numbers of one file's columns show, if they show one and no other."""
    comma = sum(t.texts["comma_only"] for t in tallies if t.texts["comma"] == t.texts["rest"])
    point = sum(t.texts["point_only"] for t in tallies if t.texts["point"] == t.texts["rest"])
    if comma and not point:
        return ","
    return "." if point and not comma else None


def _numbers(
    tallies: Sequence[Tally],
    decimals: Sequence[str | None],
    both_marks: Sequence[bool],
    spec: RegisterSpec,
    figures: bool,
    marked: bool,
    kinds: set[str],
    file_evidence: Sequence[str | None],
) -> tuple[list[Reading], list[Doubt]]:
    """A column that may be numbers: the decimal mark in each file, whether all are numbers, whether whole."""
    marks: list[str] = []
    doubts: list[tuple[int, Literal["both_marks", "ask_decimal", "ask_comma", "assumed_comma"], int]] = []
    for i, tally in enumerate(tallies):
        t = tally.texts
        groups = t["dot_group"] + t["comma_group"]
        if spec.decimal is not None:
            marks.append(spec.decimal)
        elif t["comma_only"] and t["point_only"]:
            if both_marks[i] and not groups:
                marks.append("either")
            else:
                marks.append("," if t["comma"] >= t["point"] else ".")
                if t["either"] == t["rest"]:
                    doubts.append((i, "both_marks", min(t["comma_only"], t["point_only"])))
        elif t["comma_only"] or t["point_only"]:
            marks.append("," if t["comma_only"] else ".")
        elif groups and file_evidence[i] is None:
            assumed = decimals[i]
            marks.append(assumed or ".")
            if t["comma_group"] and assumed != ".":
                doubts.append((i, "ask_comma", t["comma_group"]))
            elif assumed is None:
                doubts.append((i, "ask_decimal", groups))
            elif assumed == "," and t["dot_group"]:
                doubts.append((i, "assumed_comma", t["dot_group"]))
        else:
            marks.append(file_evidence[i] or decimals[i] or ".")
    names = {",": "comma", ".": "point", "either": "either"}
    numbers = [t.texts[names[mark]] for t, mark in zip(tallies, marks, strict=True)]
    rest = sum(t.texts["rest"] for t in tallies)
    bad = rest - sum(numbers)
    if any(what == "both_marks" for _, what, _ in doubts):
        bad = 0
    elif bad and not _is_small_share(bad, rest + sum(sum(t.native.values()) for t in tallies), spec):
        return [Reading("text", marked=marked)] * len(tallies), []
    fractions = sum(t.texts[f"{names[mark]}_fraction"] for t, mark in zip(tallies, marks, strict=True))
    kind: Kind = "decimal" if fractions or "decimal" in kinds else "whole"
    readings = [Reading(kind, mark, marked=figures) for mark in marks]
    found = [Doubt(i, what, count, readings[i]) for i, what, count in doubts]
    if bad:
        found += [
            Doubt(i, "bad_number", tally.texts["rest"] - number, readings[i])
            for i, (tally, number) in enumerate(zip(tallies, numbers, strict=True))
            if tally.texts["rest"] > number
        ]
    return readings, found


def _is_small_share(bad: int, total: int, spec: RegisterSpec) -> bool:
    """Are the values that are no numbers so few that they must be mistakes?"""
    return bad <= (1 - NEARLY_ALL) * total or (spec.unit == "count" and bad == 1 and total >= 5)


def dtype_of(kind: Kind) -> pl.DataType:
    """The Polars type of a kind."""
    return _DTYPES[kind]
