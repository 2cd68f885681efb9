"""Person numbers looked for in columns: in whatever way they are written, quickly where there are none.

`geo_bosoc.text.person_numbers` says what counts as one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import polars as pl

from geo_bosoc.problems import person_number_forms as forms
from geo_bosoc.text import float_ids

IN_TEXT: Final = forms.NUMBER_IN_TEXT
"""Regular expression (Rust and Python): a person number somewhere in a plain text."""

SIMPLE: Final = r"^[0-9]{6}-?[0-9]{4}$"
LEAST_SIGNS: Final = 9
_MOST_SIGNS: Final = 24
POSSIBLE: Final = (
    r"[0-9](?:[-/_:+*|\\.,\s]{0,3}[0-9]){4}[-/_:+*|\\.,\s]{0,3}[0-9A-Za-z]{2}\s?[0-9A-Za-z]{2}|"
    + float_ids.MAYBE
)
"""In every id that is hashed, lost zeros and all: one quick look clears the ids that have nothing of the kind."""

_LEAST_LIKELY: Final = 3
_LIKELY_DAYS: Final = 5
"""A column whose values are mostly nine digits that *may* be person numbers holds some if so many differ in their day
(or half of them, if they are less): numbers in a row begin alike."""

_INTEGERS: Final = (pl.Int32, pl.Int64, pl.UInt32, pl.UInt64, pl.Int128)


def _looks_like_date(digits: pl.Expr) -> pl.Expr:
    """TRUE where the integer `digits` (DDMMYYSSSS) begins with a day and a month."""
    day, month = (digits // 100_000_000) % 100, (digits // 1_000_000) % 100
    day = pl.when(day > 60).then(day - 60).otherwise(day)
    longest = pl.when(month == 2).then(29).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    return month.is_between(1, 12) & day.is_between(1, 31) & (day <= longest)


def is_ascii(value: pl.Expr) -> pl.Expr:
    """Boolean expression: is the text of a keyboard's signs alone?"""
    return value.str.len_bytes() == value.str.len_chars()


def plain_text(value: pl.Expr) -> pl.Expr:
    """Texts as `geo_bosoc.problems.person_number_forms.plain_text` has them: without other ways of writing a sign."""
    plain = value.str.normalize("NFKC").str.replace_all(forms.NO_ROOM, "")
    plain = plain.str.replace_many(list(forms.DIGITS), list(forms.DIGITS.values()))
    for signs, sign in ((forms.DASHES, "-"), (forms.BLANKS, " "), (forms.DOTS, "."), (forms.SLASHES, "/")):
        plain = plain.str.replace_all(signs, sign)
    return plain


def plain_or_same(value: pl.Expr) -> pl.Expr:
    """As `plain_text`, of all rows, as one expression."""
    return pl.when(is_ascii(value)).then(value).otherwise(plain_text(value))


def plain_values(texts: pl.Series) -> pl.Series:
    """As `plain_text`, of those texts that are not plain anyway."""
    frame = texts.rename("v").to_frame()
    others = frame.select(~is_ascii(pl.col("v"))).to_series().fill_null(False)
    if not others.any():
        return texts
    plain = frame.filter(others).select(plain_text(pl.col("v"))).to_series()
    return texts.scatter(others.arg_true(), plain) if texts.len() else texts


def id_digits(texts: pl.Series) -> pl.Series:
    """As `digits_of`; those that are written as most are, quickly."""
    texts = plain_values(texts)
    simple = texts.str.contains(SIMPLE).fill_null(True)
    digits = texts.str.replace("-", "", literal=True) if simple.any() else texts
    if simple.all():
        return digits
    rest = texts.filter(~simple).rename("v").to_frame().select(digits_of(pl.col("v"))).to_series()
    return digits.scatter((~simple).arg_true(), rest)


def digits_of(value: pl.Expr) -> pl.Expr:
    """Plain texts that are a person number and nothing else as its ten digits; all others as they are.

    A century goes, and a lost leading zero comes back; a word before the number (CPR) goes as well.

    >>> texts = ["990299-7391", "CPR 9902997391", "99.02.99/7391", "9.902997391E9", "142034567", "P17"]
    >>> pl.DataFrame({"v": texts}).select(digits_of(pl.col("v"))).to_series().to_list()
    ['9902997391', '9902997391', '9902997391', '9902997391', '0142034567', 'P17']
    """
    value = float_ids.as_digits(value)
    compact = value.str.replace_all(forms.SEPARATORS, "")
    compact = compact.str.replace(r"^[A-Za-z]+([0-9]{5})", "${1}").str.to_uppercase()
    compact = compact.str.replace(forms.CENTURY_LAST, "${1}${2}")
    compact = compact.str.replace(forms.CENTURY_FIRST, "${3}${2}${1}${4}")
    compact = compact.str.replace(r"^([0-9]{5}[0-9A-Z]{4})$", "0${1}")
    is_number = value.str.contains(forms.WHOLE_NUMBER) & compact.str.contains(r"^[0-9]{6}[0-9A-Z]{4}$")
    return pl.when(is_number).then(compact).otherwise(value)


def person_number(
    column: str | pl.Expr, dtype: pl.DataType | type[pl.DataType], *, lost_zero: bool = False
) -> pl.Expr | None:
    """Boolean expression: does the column's value hold a person number?

    Parameters
    ----------
    column : str or Expr
        The column, or what stands for it.
    dtype : DataType
        Its type.
    lost_zero : bool, optional
        Take nine digits for a number whose leading zero was lost (id columns).

    Returns
    -------
    Expr or None
        The expression (null where the value is null), or None where values of this type cannot hold one.
    """
    value = pl.col(column) if isinstance(column, str) else column
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        value, dtype = value.cast(pl.String), pl.String()
    if dtype == pl.String:
        value = plain_or_same(value)
        if lost_zero:
            return value.str.contains(IN_TEXT) | digits_of(value).str.contains(IN_TEXT)
        as_float = value.str.contains(float_ids.IN_OTHER_COLUMNS)
        return value.str.contains(IN_TEXT) | (as_float & float_ids.as_digits(value).str.contains(IN_TEXT))
    if dtype in _INTEGERS or dtype in (pl.Float64, pl.Float32) or isinstance(dtype, pl.Decimal):
        least = 100_000_000 if lost_zero else 1_000_000_000
        inside = value.is_between(least, 9_999_999_999) & (value == value.floor())
        # outside these bounds the cast could fail: it is done on 0 there
        digits = pl.when(inside).then(value).otherwise(0).cast(pl.Int64)
        return inside & _looks_like_date(digits)
    return None


def names_person_numbers(label: str | None) -> bool:
    """Whether a column's name says that it holds person numbers.

    >>> [names_person_numbers(name) for name in ("CPR-nr", "personnummer", "PNR", "p_nummer", "person_id")]
    [True, True, True, False, False]
    """
    return label is not None and forms.NAME_OF_COLUMN.search(label) is not None


def _stands_alone(column: str, dtype: pl.DataType, *, named: bool) -> pl.Expr | None:
    """Boolean expression: is the value a person number if its column holds such numbers, by name or mostly?

    Nine digits, a century without a hyphen, a decimal point for the hyphen, groups of three; where the column's name
    says so any ten digits, whatever their date.
    """
    value = pl.col(column)
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        value, dtype = value.cast(pl.String), pl.String()
    if dtype == pl.String:
        plain = plain_or_same(value)
        if named:
            return digits_of(plain).str.contains(r"^[0-9]{6}[0-9A-Z]{4}$")
        return plain.str.contains(forms.LIKELY_WHOLE) & digits_of(plain).str.contains(
            f"^{forms.LIKELY_DIGITS}$"
        )
    if named and dtype.is_numeric() and person_number(column, dtype) is not None:
        return value.is_between(100_000_000, 9_999_999_999) & (value == value.floor())
    return person_number(column, dtype, lost_zero=True)


def may_hold_person_number(column: str, dtype: Any, *, named: bool = False) -> pl.Expr | None:
    """Boolean expression, false where no value of a column holds a person number: one for all rows, and cheap. None
    where values of this type cannot hold one.

    Text that is long enough is looked into; numbers are looked at for their size only.
    """
    value = pl.col(column)
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        value, dtype = value.cast(pl.String), pl.String
    if dtype == pl.String:
        long = value.filter(value.str.len_bytes() >= LEAST_SIGNS)
        if named:
            return long.str.contains(POSSIBLE).any() | of_other_scripts(long).any()
        short = value.filter(value.str.len_bytes().is_between(LEAST_SIGNS, _MOST_SIGNS))
        return (
            long.str.contains(f"{IN_TEXT}|{float_ids.IN_OTHER_COLUMNS}").any()
            | (2 * short.str.contains(forms.LIKELY_WHOLE).sum() >= value.count().clip(1))
            | of_other_scripts(long).any()
        )
    if person_number(column, dtype) is None:
        return None
    large, long = value.is_between(1_000_000_000, 9_999_999_999), value.is_between(100_000_000, 9_999_999_999)
    return long.any() if named else large.any() | (2 * long.sum() >= value.count().clip(1))


def of_other_scripts(texts: pl.Expr) -> pl.Expr:
    """Boolean expression: has a text other signs than a keyboard's, and digits enough?"""
    others = texts.filter(~is_ascii(texts))
    return others.filter(others.str.contains(r"\p{Nd}")).str.contains(forms.EIGHT_DIGITS_OF_ANY_SCRIPT)


def count_person_numbers(
    frame: pl.LazyFrame, columns: Iterable[str], named: Collection[str] = ()
) -> dict[str, int]:
    """How many values of each column hold a person number; columns without any are left out.

    Parameters
    ----------
    frame : LazyFrame
        The rows.
    columns : iterable of str
        The columns to look through.
    named : collection of str, optional
        Those whose names say that they hold person numbers.
    """
    schema = frame.collect_schema()
    quick = {name: may_hold_person_number(name, schema[name], named=name in named) for name in columns}
    tests = [test.alias(name) for name, test in quick.items() if test is not None]
    return exact_counts(frame, columns_with_numbers(frame, tests), named) if tests else {}


def columns_with_numbers(frame: pl.LazyFrame, tests: Iterable[pl.Expr]) -> list[str]:
    """The names of those truth values for all rows that are true, found in one reading."""
    truths = frame.select(*tests).collect(engine="streaming").row(0, named=True)
    return [name for name, value in truths.items() if value]


def exact_counts(frame: pl.LazyFrame, columns: Iterable[str], named: Collection[str] = ()) -> dict[str, int]:
    """As `count_person_numbers`, looking into every value."""
    schema = frame.collect_schema()
    counts = {name: _exact_count(frame, name, schema[name], named=name in named) for name in columns}
    return {name: count for name, count in counts.items() if count}


def _exact_count(frame: pl.LazyFrame, column: str, dtype: pl.DataType, *, named: bool) -> int:
    """How many of a column's values are person numbers: by themselves, or in a column of such by name or mostly."""
    value = pl.col(column)
    if person_number(column, dtype) is None:
        return 0
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        value, dtype = value.cast(pl.String), pl.String()
    possible = value.is_not_null()
    if dtype == pl.String:
        possible = value.str.len_bytes() >= LEAST_SIGNS
        if not named:
            possible &= value.str.contains(
                f"{IN_TEXT}|{float_ids.IN_OTHER_COLUMNS}|{forms.LIKELY_WHOLE}"
            ) | ~is_ascii(value)
    counted = frame.select(value.filter(possible).implode().alias("values"), value.count().alias("rows"))
    collected = counted.collect(engine="streaming")
    values, rows = collected["values"].explode().alias(column), int(collected["rows"][0])
    table = (plain_values(values) if dtype == pl.String else values).to_frame()
    certain = person_number(column, dtype)
    likely = _stands_alone(column, dtype, named=named)
    assert certain is not None
    assert likely is not None
    if count := int(table.select((certain | likely if named else certain).sum()).item()):
        return count
    likely_values = table.filter(likely)[column].cast(pl.String)
    if named or likely_values.len() < _LEAST_LIKELY or 2 * likely_values.len() < rows:
        return 0
    days = id_digits(likely_values.unique()).str.head(2)
    return likely_values.len() if days.n_unique() >= min(_LIKELY_DAYS, (days.len() + 1) // 2) else 0


def first_person_number(frame: pl.LazyFrame, column: str, *, named: bool = False) -> int:
    """0-based position of the first row whose value in `column` holds a person number."""
    dtype = frame.collect_schema()[column]
    for test in (person_number(column, dtype), _stands_alone(column, dtype, named=named)):
        assert test is not None
        rows = frame.select(test.alias("test")).with_row_index("row").filter(pl.col("test")).head(1).collect()
        if rows.height:
            return int(rows["row"][0])
    return 0
