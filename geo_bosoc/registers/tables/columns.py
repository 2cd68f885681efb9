"""What type a column has, inferred from all its values in all files.

A column is of one type in all files. It is a number, a date or a truth value when every value is one
(marks aside); codes with leading zeros and all else stay text. Where nearly all values are numbers (or
dates) and a few are not, somebody mistyped: that is an error with the rows, not a column of text.
"""

from __future__ import annotations

import functools
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
DTYPES: Final = {
    "text": pl.String(),
    "whole": pl.Int64(),
    "decimal": pl.Float64(),
    "date": pl.Date(),
    "truth": pl.Boolean(),
    "empty": pl.Null(),
}


@dataclass
class ValueCounts:
    """What a column's values in one file are: how many of each sort, added up batch by batch.

    `native` counts the values of types that the format itself gave (``whole``, ``decimal``, ``date``,
    ``truth``), `texts` those of text by sort.
    """

    native: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)

    def add(self, values: pl.Series, spec: RegisterSpec) -> None:
        """Count one more batch."""
        if values.dtype == pl.String:
            self.texts.update(_count_sorts(values, spec))
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


def _count_sorts(values: pl.Series, spec: RegisterSpec) -> dict[str, int]:
    """How many of a text column's values are of each sort (``rest`` are those that are no mark)."""
    counted = values.str.strip_chars(text.BLANKS).alias("v").value_counts(name="n")
    hard, soft, sums = _sorts(tuple(spec.missing), tuple(spec.protected))
    row = counted.with_columns(*hard).with_columns(soft).select(*sums).row(0, named=True)
    return {name: int(count) for name, count in row.items() if count}


@functools.lru_cache(maxsize=32)
def _sorts(
    more_missing: tuple[str, ...], more_protected: tuple[str, ...]
) -> tuple[list[pl.Expr], pl.Expr, list[pl.Expr]]:
    """What marks values, what marks figures, and the number of each sort, for values ``v`` of which there are ``n``."""
    v, n = pl.col("v"), pl.col("n")
    missing, protected = (
        text.is_missing(v, more_missing, figures=False),
        text.is_protected(v, more_protected, figures=False),
    )
    hard = [(missing | protected).alias("hard"), missing.alias("is_missing")]
    soft = ~pl.col("hard") & (
        text.is_missing(v, more_missing, figures=True)
        | text.is_protected(v, more_protected, figures=True)
        | text.is_not_applicable(v)
        | text.is_dash(v)
    )
    rest = ~pl.col("hard") & ~pl.col("soft")
    comma, point = text.is_number(v, ","), text.is_number(v, ".")
    integer = text.is_integer(v)
    either = pl.when(v.str.contains(",", literal=True)).then(comma).otherwise(point)
    dot_group, comma_group = v.str.contains(_DOT_GROUP), v.str.contains(_COMMA_GROUP)
    sorts = {
        "rest": pl.lit(True),
        "whole": integer,
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
        "either_fraction": either & ~integer,
        "truth": text.is_truth(v),
        "date": text.to_date(v).is_not_null(),
        "like_date": is_like_date(v),
    }
    sums = [
        *(n.filter(rest & test).sum().alias(name) for name, test in sorts.items()),
        n.filter(pl.col("soft")).sum().alias("soft"),
        n.filter(pl.col("hard") & ~pl.col("is_missing")).sum().alias("hard_protected"),
        n.filter(pl.col("soft") & text.is_dash(v)).sum().alias("dash"),
    ]
    return hard, soft.alias("soft"), sums


@dataclass(frozen=True)
class ColumnFormat:
    """How one file's column is read: its kind and the decimal mark of its texts (, or . or either)."""

    kind: Kind
    decimal: str = "."
    marked: bool = False


@dataclass(frozen=True)
class FormatIssue:
    """Something about a column that needs the user: `file` is the position of the file."""

    file: int
    what: Literal["bad_number", "bad_date", "both_marks", "ask_decimal", "ask_comma", "assumed_comma"]
    count: int
    column_format: ColumnFormat


def infer_formats(
    counts_by_file: Sequence[ValueCounts],
    decimals: Sequence[str | None],
    both_marks: Sequence[bool],
    spec: RegisterSpec,
    *,
    as_text: bool,
    file_marks: Sequence[str | None],
) -> tuple[list[ColumnFormat], list[FormatIssue]]:
    """One column's type over all files, and how to read it in each.

    Parameters
    ----------
    counts_by_file : sequence of ValueCounts
        What the column holds.
    decimals : sequence of str or None
        By file, the decimal mark to assume where the figures do not tell; None to ask.
    both_marks : sequence of bool
        Whether a file's texts may hold numbers with either mark (workbooks, JSON).
    spec : RegisterSpec
        May name the decimal mark.
    as_text : bool
        The column is a key or code and stays text.
    file_marks : sequence of str or None
        The decimal mark that the file's other columns show, if they show any.

    Returns
    -------
    formats : list of ColumnFormat
        By file.
    issues : list of FormatIssue
        What the user must settle.
    """
    texts: Counter[str] = Counter()
    native: Counter[str] = Counter()
    for counts in counts_by_file:
        texts.update(counts.texts)
        native.update(counts.native)
    marked = texts["hard_protected"] > 0
    if as_text:
        return [ColumnFormat("text", marked=marked)] * len(counts_by_file), []
    rest, figures = texts["rest"], texts["soft"] > 0 or marked
    kinds = {kind for kind, count in native.items() if count}
    if "compact" in kinds:
        kinds = kinds - {"compact"} | {"date" if kinds <= {"compact", "date"} else "whole"}
    if not rest and not kinds:
        kind: Kind = "whole" if texts["soft"] else "empty"
        return [ColumnFormat(kind, marked=figures)] * len(counts_by_file), []
    if not rest:
        kind = _common(kinds)
        return [ColumnFormat(kind, marked=figures and kind in ("whole", "decimal"))] * len(counts_by_file), []
    if texts["leading_zero"] or "text" in kinds:
        return [ColumnFormat("text", marked=marked)] * len(counts_by_file), []
    if kinds <= {"truth"} and texts["truth"] == rest:
        return [ColumnFormat("truth")] * len(counts_by_file), []
    dated = texts["date"] >= NEARLY_ALL * rest or (
        texts["like_date"] == rest and texts["date"] + native["date"] > 0
    )
    if kinds <= {"date"} and dated:
        date_format = ColumnFormat("date", marked=False)
        bad = [
            FormatIssue(file, "bad_date", counts.texts["rest"] - counts.texts["date"], date_format)
            for file, counts in enumerate(counts_by_file)
        ]
        return [date_format] * len(counts_by_file), [issue for issue in bad if issue.count]
    if not kinds <= {"whole", "decimal"}:
        return [ColumnFormat("text", marked=marked)] * len(counts_by_file), []
    return _number_formats(counts_by_file, decimals, both_marks, spec, figures, marked, kinds, file_marks)


def _common(kinds: set[str]) -> Kind:
    """The kind that holds all of these."""
    if kinds == {"whole", "decimal"}:
        return "decimal"
    single: tuple[Kind, ...] = ("whole", "decimal", "date", "truth")
    return next((kind for kind in single if kinds == {kind}), "text")


def decimal_mark_of(counts_by_column: Sequence[ValueCounts]) -> str | None:
    """The decimal mark that the numbers of one file's columns show, if they show one and no other."""
    texts = [counts.texts for counts in counts_by_column]
    comma = sum(counts["comma_only"] for counts in texts if counts["comma"] == counts["rest"])
    point = sum(counts["point_only"] for counts in texts if counts["point"] == counts["rest"])
    if comma and not point:
        return ","
    return "." if point and not comma else None


def _number_formats(
    counts_by_file: Sequence[ValueCounts],
    decimals: Sequence[str | None],
    both_marks: Sequence[bool],
    spec: RegisterSpec,
    figures: bool,
    marked: bool,
    kinds: set[str],
    file_marks: Sequence[str | None],
) -> tuple[list[ColumnFormat], list[FormatIssue]]:
    """A column that may be numbers: the decimal mark in each file, whether all are numbers, whether whole."""
    marks: list[str] = []
    issues: list[tuple[int, Literal["both_marks", "ask_decimal", "ask_comma", "assumed_comma"], int]] = []
    for file, counts in enumerate(counts_by_file):
        texts = counts.texts
        groups = texts["dot_group"] + texts["comma_group"]
        if spec.decimal is not None:
            marks.append(spec.decimal)
        elif texts["comma_only"] and texts["point_only"]:
            if both_marks[file] and not groups:
                marks.append("either")
            else:
                marks.append("," if texts["comma"] >= texts["point"] else ".")
                if texts["either"] == texts["rest"]:
                    issues.append((file, "both_marks", min(texts["comma_only"], texts["point_only"])))
        elif texts["comma_only"] or texts["point_only"]:
            marks.append("," if texts["comma_only"] else ".")
        elif groups and file_marks[file] is None:
            assumed = decimals[file]
            marks.append(assumed or ".")
            if texts["comma_group"] and assumed != ".":
                issues.append((file, "ask_comma", texts["comma_group"]))
            elif assumed is None:
                issues.append((file, "ask_decimal", groups))
            elif assumed == "," and texts["dot_group"]:
                issues.append((file, "assumed_comma", texts["dot_group"]))
        else:
            marks.append(file_marks[file] or decimals[file] or ".")
    names = {",": "comma", ".": "point", "either": "either"}
    numbers = [counts.texts[names[mark]] for counts, mark in zip(counts_by_file, marks, strict=True)]
    rest = sum(counts.texts["rest"] for counts in counts_by_file)
    bad = rest - sum(numbers)
    if any(what == "both_marks" for _, what, _ in issues):
        bad = 0
    elif bad and not _is_small_share(
        bad, rest + sum(counts.native.total() for counts in counts_by_file), spec
    ):
        return [ColumnFormat("text", marked=marked)] * len(counts_by_file), []
    fractions = sum(
        counts.texts[f"{names[mark]}_fraction"] for counts, mark in zip(counts_by_file, marks, strict=True)
    )
    kind: Kind = "decimal" if fractions or "decimal" in kinds else "whole"
    formats = [ColumnFormat(kind, mark, marked=figures) for mark in marks]
    reported = [FormatIssue(file, what, count, formats[file]) for file, what, count in issues]
    if bad:
        reported += [
            FormatIssue(file, "bad_number", counts.texts["rest"] - number, formats[file])
            for file, (counts, number) in enumerate(zip(counts_by_file, numbers, strict=True))
            if counts.texts["rest"] > number
        ]
    return formats, reported


def _is_small_share(bad: int, total: int, spec: RegisterSpec) -> bool:
    """Are the values that are no numbers so few that they must be mistakes?"""
    return bad <= (1 - NEARLY_ALL) * total or (spec.unit == "count" and bad == 1 and total >= 5)


def dtype_of(kind: Kind) -> pl.DataType:
    """The Polars type of a kind."""
    return DTYPES[kind]
