"""What a figure can be: no count under 0, no share outside 0-1, no numerator over its base.

Functions of columns of figures, for finished tables of every kind (`geo_bosoc.registers`, `geo_bosoc.models.tables`).
Each says everything that is wrong with a column in one error: the file, the first row, how many there are, and the
line to write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, Final, Literal

import polars as pl

from geo_bosoc.problems import Level, Report
from geo_bosoc.problems.messages import Message, as_message, count_text, joined, phrase

ShareUnit = Literal["percent", "share"]

MOST: Final[dict[ShareUnit, float]] = {"percent": 100.0, "share": 1.0}
"""The largest value of a share by the unit that its column is written in."""

MOST_CODES: Final = 4
"""A column has no more codes for missing values than these."""

_CODE: Final = re.compile(r"-(1|9+|8+|7+|(\d)\2{2,}|9{2,}\d{1,2})")
"""-1, -9, -99, -999, -8, -88, -77, -666, -666666666, -99997."""

_OR_NEGATIVE: Final = '; if they are figures, write negative = ["{column}"].'
_NEVER_NEGATIVE: Final = {
    "count": phrase("; no count is under 0."),
    "percentage": phrase("; no percentage is under 0."),
    "share": phrase("; no share is under 0."),
}
_UNDER_ZERO: Final = {
    "count": "a count is under 0",
    "percentage": "a percentage is under 0",
    "share": "a share is under 0",
    "figure": "a figure is under 0",
}
"""What is said of counts, percentages, shares and figures (`noun`)."""

_ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class Figures:
    """A column of figures, and where it stands.

    Attributes
    ----------
    values : Series
        Numbers, null where there is none.
    rows : Series
        The row number of each value, as the user's own program shows it.
    file, column, key : str or None
        Where it stands (`geo_bosoc.problems.Problem`).
    """

    values: pl.Series
    rows: pl.Series
    file: str | None = None
    column: str | None = None
    key: str | None = None

    @classmethod
    def of(cls, values: Sequence[float | None], rows: Sequence[int], **where: Any) -> Figures:
        """From plain lists."""
        numbers = pl.Series("value", list(values), dtype=pl.Float64, strict=False)
        return cls(numbers, pl.Series("row", list(rows), dtype=pl.Int64), **where)

    def where(self, mask: pl.Series) -> pl.Series:
        """The rows where `mask` is true."""
        return self.rows.filter(mask.fill_null(False))


def missing_codes(values: Iterable[float]) -> tuple[int, ...]:
    """The codes that values under 0 are, where all of them look like codes for missing values; else nothing.

    >>> missing_codes([-99997, -1, -1.0]), missing_codes([-1, -12.5]), missing_codes([])
    ((-99997, -1), (), ())
    """
    distinct = sorted({float(value) for value in values})
    if not distinct or len(distinct) > MOST_CODES:
        return ()
    codes = [int(value) for value in distinct if value.is_integer()]
    all_codes = len(codes) == len(distinct) and all(_CODE.fullmatch(str(code)) for code in codes)
    return tuple(codes) if all_codes else ()


def missing_line(codes: Collection[int]) -> str:
    """The line of a register's specification that says what codes stand for missing values.

    >>> missing_line([-99997, -1])
    'missing = [-99997, -1]'
    """
    return f"missing = [{', '.join(map(str, codes))}]"


def check_not_negative(figures: Figures, report: Report, *, noun: str = "count") -> None:
    """No count (or share: `noun`) is under 0; where all that are look like codes, the error asks about them."""
    under = figures.values < 0
    rows = figures.where(under)
    if rows.is_empty():
        return
    codes = missing_codes(figures.values.filter(under.fill_null(False)).to_list())
    if codes:
        named = ", ".join(map(str, codes))
        _error(
            figures,
            report,
            rows,
            phrase(
                "the only values under 0 are {codes}: a code for missing values?"
                if len(codes) == 1
                else "the only values under 0 are {codes}: codes for missing values?",
                codes=named,
            ),
            phrase("If so, write {line} under the register", line=missing_line(codes))
            + (_NEVER_NEGATIVE[noun] if noun != "figure" else phrase(_OR_NEGATIVE, column=figures.column)),
        )
    else:
        _error(figures, report, rows, _UNDER_ZERO[noun], "Correct the file.")


def check_codes(figures: Figures, report: Report) -> None:
    """As `check_not_negative`, for figures that may be under 0: only what looks like codes is asked about."""
    if missing_codes(figures.values.filter((figures.values < 0).fill_null(False)).to_list()):
        check_not_negative(figures, report, noun="figure")


def check_whole(figures: Figures, report: Report) -> None:
    """No count has decimals."""
    values = figures.values
    rows = figures.where((values != values.floor()) & values.is_finite())
    if not rows.is_empty():
        _error(
            figures,
            report,
            rows,
            "a count has decimals",
            "If these are full-time persons or kroner, say in which parts they are counted: scale = 100 in the "
            "indicator; percentages are named under per_cent, shares under share.",
        )


def check_share(
    figures: Figures,
    report: Report,
    unit: ShareUnit,
    *,
    stated: pl.Series | None = None,
    confirmed: bool = False,
    change: str | None = None,
    confirm: str | None = None,
) -> None:
    """A share lies in 0-1, or 0-100 as a percentage; a column that seems to be in the other unit is asked about.

    Parameters
    ----------
    figures : Figures
        The column.
    report : Report
        Takes what is wrong.
    unit : ShareUnit
        What the column is said to be written in.
    stated : Series, optional
        True for values whose cell itself says that they are per cent; they are not asked about.
    confirmed : bool
        Somebody has said that no value of the percentages passes 1.
    change, confirm : str, optional
        The line to write if it is the other unit, and if it is this unit.
    """
    check_not_negative(figures, report, noun="percentage" if unit == "percent" else "share")
    values = figures.values
    over = figures.where(values > MOST[unit] + _ROUNDING)
    if unit == "share" and not over.is_empty():
        bounds = phrase("A share lies between 0 and 1.")
        asks = phrase(" If the column is in per cent, write {change}.", change=change) if change else None
        _error(figures, report, over, "a share is over 1", bounds + asks if asks else bounds)
    elif not over.is_empty():
        _error(figures, report, over, "a percentage is over 100", "Correct the file.")
    if unit == "percent" and not confirmed:
        check_unit(figures, report, stated=stated, change=change, confirm=confirm)


def check_unit(
    figures: Figures,
    report: Report,
    *,
    stated: pl.Series | None = None,
    change: str | None = None,
    confirm: str | None = None,
) -> None:
    """A column of percentages of which nothing passes 1 is asked about; parameters as in `check_share`."""
    values = figures.values
    unsaid = (values.filter(~stated) if stated is not None else values).drop_nulls()
    largest = unsaid.max()
    if isinstance(largest, float) and 0 < largest <= 1:
        lines = [
            phrase("If they are shares (0.25 is 25 %), write {change}.", change=change) if change else "",
            phrase("If indeed no percentage passes 1, write {confirm}.", confirm=confirm) if confirm else "",
        ]
        hint = joined([line for line in lines if line], " ")
        report.error(
            "no value of this column of percentages passes 1: per cent, or shares?",
            file=figures.file,
            column=figures.column,
            key=figures.key,
            count=unsaid.len(),
            hint=hint or None,
        )


def check_over_denominator(
    numerator: Figures,
    denominator: pl.Series,
    report: Report,
    *,
    scale: int = 1,
    denominator_name: str,
    strict: bool = True,
) -> None:
    """No numerator, in parts of `scale`, is over its denominator, which stands in the same rows.

    With `strict` False (a rate of events, which one person may have several of) it is a warning.
    """
    limit = denominator.cast(pl.Float64)
    over = numerator.values > limit * scale + _ROUNDING
    rows = numerator.where((limit >= 0) & over)  # a denominator under 0 is told itself
    if not rows.is_empty():
        _error(
            numerator,
            report,
            rows,
            phrase("the numerator is over its base ({column})", column=denominator_name),
            "Correct the file, or the columns that the indicator names.",
            level="error" if strict else "warning",
        )


def rows_text(rows: pl.Series) -> Message:
    """Row numbers as text: the first five.

    >>> rows_text(pl.Series([7])), rows_text(pl.Series([2, 3, 4, 5, 6, 7]))
    ('row 7.', 'rows 2, 3, 4, 5, 6 ...')
    """
    first = ", ".join(map(str, rows.head(5).to_list()))
    listed_rows = first + (" ..." if rows.len() > 5 else ".")
    return phrase("row {rows}" if rows.len() == 1 else "rows {rows}", rows=listed_rows)


def _error(
    figures: Figures, report: Report, rows: pl.Series, message: str, hint: str, *, level: Level = "error"
) -> None:
    report.add(
        level,
        joined([as_message(message), rows_text(rows)], " " if message.endswith("?") else ": "),
        file=figures.file,
        column=figures.column,
        key=figures.key,
        row=int(rows[0]),
        count=rows.len(),
        hint=hint,
    )


LEAST: Final = 8
"""Of so few figures chance may be."""


def common_factor(figures: pl.Series) -> int:
    """The largest power of ten, from 100 on, that divides every figure; 1 where there is none, or too few figures.

    >>> common_factor(pl.Series([1200, 300, 4100, 900, 0, 700, 2300, 100, 500]))
    100
    >>> common_factor(pl.Series([1200, 300, 4100, 900, 0, 700, 2300, 100, 512]))
    1
    """
    values = figures.drop_nulls()
    if not values.dtype.is_numeric() or (values.dtype.is_float() and not (values == values.round()).all()):
        return 1
    integers = [abs(int(value)) for value in values.unique() if value]
    if len(integers) < LEAST:
        return 1
    factor, power = gcd(*integers), 1
    while factor % (power * 10) == 0:
        power *= 10
    return power if power >= 100 else 1


def tell_round_figures(figures: pl.Series, report: Report, **where: Any) -> None:
    """Warn of a column of counts that are all multiples of 100, 1,000 ...; `where` are fields of `Problem`."""
    factor = common_factor(figures)
    if factor > 1:
        report.warn(
            phrase("every figure can be divided by {factor:,}: a count is rarely that round.", factor=factor),
            hint="Nothing is wrong if they are rounded so, or in thousands; if they were multiplied, divide them.",
            **where,
        )


def lone_shares(values: pl.Series) -> Sequence[int]:
    """The places of the few percentages that look like shares: under 1, where all others are far over it.

    They must be within the others' range if they are taken for shares.

    >>> lone_shares(pl.Series([12.5, 20.0, 31.0, 0.25, 18.0, 22.5, 40.0, 15.0, 19.0]))
    [3]
    >>> lone_shares(pl.Series([1.5, 2.0, 3.1, 0.25, 1.8, 2.5, 4.0, 1.5, 1.9]))
    []
    """
    filled = values.drop_nulls().drop_nans()
    small = filled.filter((filled > 0) & (filled < 1))
    others = filled.filter(filled >= 1)
    if (
        small.is_empty()
        or len(small) + (filled == 0).sum() > max(1, len(filled) // 10)
        or len(others) < LEAST
    ):
        return []
    lowest, highest = float(others.min()), float(others.max())  # type: ignore[arg-type]
    if lowest < 5 * float(small.max()):  # type: ignore[arg-type]
        return []
    if not (small * 100).is_between(lowest, highest).all():
        return []
    return ((values > 0) & (values < 1)).fill_null(False).arg_true().to_list()


def tell_lone_shares(values: pl.Series, rows: pl.Series, report: Report, **where: Any) -> None:
    """Warn of a share that stands among percentages; `rows` are the numbers of the rows."""
    places = lone_shares(values)
    if places:
        first = [str(rows[place]) for place in places[:5]]
        report.warn(
            phrase(
                "{values} under 1 among percentages that are all far over it, like shares: {row_word} {rows}.",
                values=count_text(len(places), "value"),
                row_word=phrase("row" if len(places) == 1 else "rows"),
                rows=", ".join(first),
            ),
            row=int(rows[places[0]]),
            hint="Write 25, not 0.25, for 25 %. If it is so small, nothing is wrong.",
            **where,
        )
