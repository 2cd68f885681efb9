"""Person numbers: how they are recognised, hashed as they are read, and kept out of every other column.

What counts as a person number (CPR)
------------------------------------
Ten digits, DDMMYYSSSS, whose first four are a day and month of the calendar (29 February included, since the
century is not known), or a day with 60 added (replacement numbers); written in one or with a hyphen, dash or
space after the sixth digit, alone or inside a longer text. The number must stand by itself: letters or
digits next to it, and a decimal point or comma that makes it a part of another number, speak against it. So
address ids (UUID), KVHX, square grid ids, phone numbers with country code (day 45), timestamps of twelve
digits and coordinates pass. About 7 in 100 *arbitrary* ten-digit numbers look like a person number all the
same (a production unit's number, a sum of kroner): a column that is known to hold such numbers is named in
``not_person_numbers``.

Nine digits (a zero lost in a spreadsheet) are taken for a person number in id columns only: in any column of
person numbers some two in three keep their ten digits, so that the column is found by these.

In the id column of a person register anything of the *shape* of a person number is hashed, valid date or not.

No function here returns or names a value that it found: row numbers and counts only.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.text import float_ids

_DATE: Final = (
    r"(?:(?:0[1-9]|[12]\d|6[1-9]|[78]\d)(?:0[1-9]|1[0-2])"  # days 01-29 and 61-89 of any month
    r"|[39]0(?:0[13-9]|1[0-2])"  # day 30 and 90: not February
    r"|[39]1(?:0[13578]|1[02]))"  # day 31 and 91
    r"\d\d"
)
_NUMBER: Final = _DATE + r"[-–‐‑ ]?\d{4}"
_BEFORE: Final = r"(?:^|[^\w.,]|(?:^|[^0-9])[.,])"
_AFTER: Final = r"(?:$|[^\w.,]|[.,](?:$|[^0-9]))"

IN_TEXT: Final = _BEFORE + _NUMBER + _AFTER
"""Regular expression (Rust and Python): a person number somewhere in a text."""

_SHAPE: Final = r"^\s*\d{5,6}[-–‐‑ ]?[0-9A-Za-z]{4}\s*$"
_LOST_ZERO: Final = r"^\d{5}[-–‐‑ ]?\d{4}$"
_LEAST_SIGNS: Final = 9
_POSSIBLE: Final = r"\d{5}[-–‐‑ ]?[\dA-Za-z]{4}|" + float_ids.MAYBE
"""In every id that is hashed, lost zeros and all: one quick look clears the ids that have nothing of the kind."""

_INTEGERS: Final = (pl.Int32, pl.Int64, pl.UInt32, pl.UInt64, pl.Int128)

_process_key: Final = secrets.token_bytes(32)


def _looks_like_date(digits: pl.Expr) -> pl.Expr:
    """TRUE where the integer `digits` (DDMMYYSSSS) begins with a day and a month."""
    day, month = (digits // 100_000_000) % 100, (digits // 1_000_000) % 100
    day = pl.when(day > 60).then(day - 60).otherwise(day)
    longest = pl.when(month == 2).then(29).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    return month.is_between(1, 12) & day.is_between(1, 31) & (day <= longest)


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
    if dtype == pl.String:
        if lost_zero:
            value = float_ids.as_digits(value)
            with_zero = value.str.contains(_LOST_ZERO) & ("0" + value).str.contains(IN_TEXT)
            return value.str.contains(IN_TEXT) | with_zero
        as_float = value.str.contains(float_ids.IN_OTHER_COLUMNS)
        return value.str.contains(IN_TEXT) | (as_float & float_ids.as_digits(value).str.contains(IN_TEXT))
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        return value.cast(pl.String).str.contains(IN_TEXT)
    if dtype in _INTEGERS or dtype in (pl.Float64, pl.Float32) or isinstance(dtype, pl.Decimal):
        least = 100_000_000 if lost_zero else 1_000_000_000
        inside = value.is_between(least, 9_999_999_999) & (value == value.floor())
        # outside these bounds the cast could fail: it is done on 0 there
        digits = pl.when(inside).then(value).otherwise(0).cast(pl.Int64)
        short = digits.is_between(0, 999_999_999) if lost_zero else pl.lit(False)
        return inside & _looks_like_date(digits) & (~short | (digits >= 100_000_000))
    return None


def pseudonym(value: str, key: bytes | None = None) -> str:
    """The keyed hash of a person number or other id: 12 letters, the same for all ways of writing one number.

    BLAKE2b with a random key that lives in this process's memory only (72 of its bits, so that two of six
    million persons share one with a chance of 4 in a thousand million). Hyphen, dash and spaces do not
    matter, and a lost leading zero is put back; a number that a program made a float of is read as it was.

    >>> pseudonym("2902997391.0") == pseudonym("2.902997391E9") == pseudonym("2902997391")
    True
    >>> pseudonym("014203-4567") == pseudonym("142034567") == pseudonym("0142034567 ")
    True
    """
    plain = pl.DataFrame({"id": [value]}).select(_plain("id")).item()
    return _digests([plain], key)[0]


def _plain(column: str) -> pl.Expr:
    """An id without the ways of writing it: letters and digits only, capitals, a lost leading zero put back."""
    plain = float_ids.as_digits(pl.col(column)).str.replace_all(r"[^\p{L}\p{N}]", "").str.to_uppercase()
    return pl.when(plain.str.contains(r"^[0-9]{9}$")).then(pl.lit("0") + plain).otherwise(plain)


def _digests(plain: list[str], key: bytes | None) -> list[str]:
    hash_key = key or _process_key
    digest, encode = hashlib.blake2b, base64.urlsafe_b64encode
    return [
        encode(digest(p.encode("utf-8"), digest_size=9, key=hash_key).digest()).decode("ascii") for p in plain
    ]


def id_to_hash(ids: pl.Expr, *, person: bool) -> pl.Expr:
    """Boolean expression on ids as text: is this one hashed as it is read? (see `hash_ids`)"""
    looks = person_number(ids, pl.String, lost_zero=True)
    assert looks is not None
    return looks | float_ids.as_digits(ids).str.contains(_SHAPE) if person else looks


def is_changed(ids: pl.Expr, *, person: bool) -> pl.Expr:
    """Boolean expression on ids as text: is this one another after `hash_ids`?"""
    return id_to_hash(ids, person=person) | ids.str.ends_with(float_ids.ENDING)


def any_may_be_hashed(ids: pl.Expr) -> pl.Expr:
    """Boolean expression on ids as text, one for all rows: false where `is_changed` is false of each.

    An id of less than nine signs holds nothing that is hashed, nor does one of nine that begins with no digit.
    """
    signs = ids.str.len_bytes()
    long = (signs > _LEAST_SIGNS) | (
        (signs == _LEAST_SIGNS) & (ids < ":")
    )  # the colon comes behind the digits
    return ids.filter(long).str.contains(_POSSIBLE).any() | ids.str.ends_with(float_ids.ENDING).any()


def hash_ids(ids: pl.Series, *, person: bool, key: bytes | None = None) -> tuple[pl.Series, int, int]:
    """Replace the person numbers in an id column by their keyed hashes; other ids stay as they are.

    Parameters
    ----------
    ids : Series
        Ids as text or numbers (n values).
    person : bool
        The ids are persons': hash all that has the shape of a person number, whatever its date.
    key : bytes, optional
        The key; by default the process's own, which is random.

    Returns
    -------
    tuple of (Series, int, int)
        The ids as text (n values), how many were hashed, and how many of these had lost their leading zero.
    """
    text = as_text(ids)
    looks = person_number("id", pl.String, lost_zero=True)
    assert looks is not None
    distinct = text.rename("id").to_frame().select(pl.col("id").drop_nulls().unique())
    nine = float_ids.as_digits(pl.col("id")).str.contains(_LOST_ZERO)
    lost = nine if person else looks & nine
    distinct = distinct.filter(id_to_hash(pl.col("id"), person=person)).with_columns(lost=lost)
    if distinct.is_empty():
        return text, 0, 0
    hashes = distinct.with_columns(
        pl.Series(
            "hashed", _digests(distinct.select(_plain("id")).to_series().to_list(), key), dtype=pl.String
        )
    )
    joined = text.rename("id").to_frame().join(hashes, on="id", how="left", maintain_order="left")
    hashed = joined.select(pl.coalesce("hashed", "id").alias(ids.name)).to_series()
    return hashed, joined["hashed"].count(), int(joined["lost"].sum())


def as_text(values: pl.Series) -> pl.Series:
    """Ids as text: whole numbers without decimals, surrounding blanks removed, empty as null."""
    if values.dtype.is_float():
        values = values.cast(pl.Float64).fill_nan(None)
        is_whole = (values == values.floor()) & (values.abs() < 9e15)
        digits = values.set(~is_whole.fill_null(False), None).cast(pl.Int64).cast(pl.String)
        values = digits.zip_with(is_whole.fill_null(False), values.cast(pl.String))
    text = values.cast(pl.String).str.strip_chars()
    text = text.to_frame("v").select(float_ids.without_ending(pl.col("v"))).to_series().alias(values.name)
    return text.replace("", None)


def may_hold_person_number(column: str, dtype: Any) -> pl.Expr | None:
    """Boolean expression, false where no value of a column holds a person number: one for all rows, and cheap. None
    where values of this type cannot hold one.

    Text that is long enough is looked into, which settles it; numbers are looked at for their size only.
    """
    value = pl.col(column)
    if dtype == pl.String:
        long = value.filter(value.str.len_bytes() > _LEAST_SIGNS)
        return long.str.contains(f"{IN_TEXT}|{float_ids.IN_OTHER_COLUMNS}").any()
    if isinstance(dtype, (pl.Categorical, pl.Enum)):
        return value.cast(pl.String).str.contains(IN_TEXT).any()
    if person_number(column, dtype) is None:
        return None
    return value.is_between(1_000_000_000, 9_999_999_999).any()


def count_person_numbers(frame: pl.LazyFrame, columns: Iterable[str]) -> dict[str, int]:
    """How many values of each column hold a person number; columns without any are left out."""
    schema = frame.collect_schema()
    quick = {name: may_hold_person_number(name, schema[name]) for name in columns}
    tests = [test.alias(name) for name, test in quick.items() if test is not None]
    return exact_counts(frame, columns_with_numbers(frame, tests)) if tests else {}


def columns_with_numbers(frame: pl.LazyFrame, tests: Iterable[pl.Expr]) -> list[str]:
    """The names of those truth values for all rows that are true, found in one reading."""
    truths = frame.select(*tests).collect(engine="streaming").row(0, named=True)
    return [name for name, value in truths.items() if value]


def exact_counts(frame: pl.LazyFrame, columns: Iterable[str]) -> dict[str, int]:
    """As `count_person_numbers`, looking into every value."""
    schema = frame.collect_schema()
    tests = {name: person_number(name, schema[name]) for name in columns}
    sums = [test.sum().alias(name) for name, test in tests.items() if test is not None]
    if not sums:
        return {}
    counted = frame.select(sums).collect(engine="streaming").row(0, named=True)
    return {name: count for name, count in counted.items() if count}


def first_person_number(frame: pl.LazyFrame, column: str) -> int:
    """0-based position of the first row whose value in `column` holds a person number."""
    test = person_number(column, frame.collect_schema()[column])
    assert test is not None
    rows = frame.select(test.alias("found")).with_row_index("row").filter(pl.col("found")).head(1).collect()
    return int(rows["row"][0])


def report_person_number(report: Report, file: str | Path, column: str, row: int, count: int) -> None:
    """Add the error that stops a run: a column that is no id holds person numbers."""
    report.error(
        f"{'a value looks' if count == 1 else f'{count:,} values look'} like a person number (CPR).",
        file=file,
        row=row,
        column=column,
        count=count,
        hint="Leave the column out or, if these are no person numbers, name it in not_person_numbers.",
    )


def check_attributes(
    table: Any, report: Report, *, file: str | Path, allowed: Iterable[str] = (), first_row: int = 1
) -> None:
    """Check the attribute columns of a boundary layer (a pandas or geopandas frame) for person numbers.

    Every column that holds one gives an error in `report` with file, column and row, never the value.
    Geometry columns are skipped. `first_row` is the number of the first row in the user's own program;
    `allowed` names columns whose ten-digit numbers are known to be something else.
    """
    skipped = set(allowed)
    for position, name in enumerate(table.columns):
        values = table.iloc[:, position]
        if str(name) in skipped or str(values.dtype) == "geometry" or values.dtype.kind in "bmM":
            continue
        if values.dtype.kind in "iuf":
            series = pl.Series("value", values.to_numpy())
        else:
            series = pl.Series("value", [None if v is None else str(v) for v in values], dtype=pl.String)
        lazy = series.to_frame().lazy()
        counts = count_person_numbers(lazy, ["value"])
        if counts:
            row = first_person_number(lazy, "value") + first_row
            report_person_number(report, file, str(name), row, counts["value"])
