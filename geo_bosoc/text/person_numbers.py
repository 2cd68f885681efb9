"""Person numbers: how they are recognised, hashed as they are read, and kept out of every other column.

What counts as a person number (CPR)
------------------------------------
Ten digits, DDMMYYSSSS, whose first four are a day and month of the calendar (29 February included, since the
century is not known), or a day with 60 added (replacement numbers); written in one, with dashes, blanks, a slash or an
underscore of any kind before the last four, with separators in the date, with the century and a dash, in digits of any
script, or with signs that take no room in between; alone or inside a longer text. The number must stand by itself:
letters or digits next to it, and a decimal point or comma that makes it a part of another number, speak against it;
"CPR" before it speaks for it, whatever its date. So address ids (UUID), KVHX, square grid ids, phone numbers with
country code (day 45), timestamps of twelve digits, cases with their year (120345/2024) and coordinates pass. About 7 in
100 *arbitrary* ten-digit numbers look like a person number all the same (a production unit's number, a sum of kroner):
a column that is known to hold such numbers is named in ``not_person_numbers``.

Some ways of writing are those of other numbers too: nine digits (a zero lost in a spreadsheet), twelve digits with the
century, ``990299.7391``, groups of three. They are person numbers where at least half of a column is such numbers and
these differ in their days, or where the column's name says so (cpr, pnr, personnummer); by name any ten digits are,
whatever their date. A case number of nine digits among other things stops nothing.

In the id column of a person register, and in one whose name says so, anything of the *shape* of a person number is
hashed, valid date or not, and all ways of writing one number give one hash.

No function here returns or names a value that it found: row numbers and counts only.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from geo_bosoc.problems import Report
from geo_bosoc.problems import person_number_forms as forms
from geo_bosoc.problems.messages import phrase
from geo_bosoc.text import float_ids
from geo_bosoc.text.find_person_numbers import (
    IN_TEXT,
    LEAST_SIGNS,
    POSSIBLE,
    SIMPLE,
    count_person_numbers,
    digits_of,
    first_person_number,
    id_digits,
    is_ascii,
    names_person_numbers,
    of_other_scripts,
    plain_or_same,
    plain_text,
    plain_values,
)

_SHAPE: Final = r"^[0-9]{6}[0-9A-Z]{4}$"
_LOST_ZERO: Final = r"^\s*[0-9]{5}[-\s]?[0-9]{4}\s*$"
_process_key: Final = secrets.token_bytes(32)


def pseudonym(value: str, key: bytes | None = None) -> str:
    """The keyed hash of a person number or other id: 12 letters, the same for all ways of writing one number.

    BLAKE2b with a random key that lives in this process's memory only (72 of its bits, so that two of six
    million persons share one with a chance of 4 in a thousand million). Hyphen, dash and spaces do not
    matter, and a lost leading zero is put back; a number that a program made a float of is read as it was.

    >>> pseudonym("9902997391.0") == pseudonym("9.902997391E9") == pseudonym("9902997391")
    True
    >>> pseudonym("014203-4567") == pseudonym("142034567") == pseudonym("0142034567 ")
    True
    """
    return _digests(_letters_and_digits(id_digits(pl.Series([value]))), key)[0]


def _letters_and_digits(ids: pl.Series) -> list[str]:
    """Ids as capitals and digits only."""
    return ids.str.replace_all(r"[^\p{L}\p{N}]", "").str.to_uppercase().to_list()


def _digests(plain: list[str], key: bytes | None) -> list[str]:
    hash_key = key or _process_key
    digest, encode = hashlib.blake2b, base64.urlsafe_b64encode
    return [
        encode(digest(p.encode("utf-8"), digest_size=9, key=hash_key).digest()).decode("ascii") for p in plain
    ]


def id_to_hash(ids: pl.Expr, *, person: bool) -> pl.Expr:
    """Boolean expression on ids as text: is this one hashed as it is read? (see `hash_ids`)"""
    plain = plain_or_same(ids)
    return _plain_id_to_hash(plain, person=person)


def _plain_id_to_hash(plain: pl.Expr, *, person: bool) -> pl.Expr:
    digits = digits_of(plain)
    looks = plain.str.contains(IN_TEXT) | digits.str.contains(IN_TEXT)
    return looks | digits.str.contains(_SHAPE) if person else looks


def changed_at_sight(ids: pl.Expr, *, person: bool) -> pl.Expr:
    """As `any_is_changed`, of ids that are written as most are: quickly looked for."""
    return ids.str.contains(SIMPLE if person else f"^{forms.DATE}[0-9]{{4}}$").any()


def any_is_changed(ids: pl.Expr, *, person: bool) -> pl.Expr:
    """Boolean expression on ids as text, one for all rows: is any of them another after `hash_ids`?"""
    ascii_ids, others = ids.filter(is_ascii(ids)), ids.filter(~is_ascii(ids))
    changed = _plain_id_to_hash(ascii_ids, person=person).any() | ids.str.ends_with(float_ids.ENDING).any()
    return changed | _plain_id_to_hash(plain_text(others), person=person).any()


def any_may_be_hashed(ids: pl.Expr) -> pl.Expr:
    """Boolean expression on ids as text, one for all rows: false where `any_is_changed` is.

    An id of less than nine signs holds nothing that is hashed, nor does one of nine that begins with no digit.
    """
    signs = ids.str.len_bytes()
    long = (signs > LEAST_SIGNS) | ((signs == LEAST_SIGNS) & (ids < ":"))  # the colon comes behind the digits
    long_ids = ids.filter(long)
    return (
        long_ids.str.contains(POSSIBLE).any()
        | of_other_scripts(long_ids).any()
        | ids.str.ends_with(float_ids.ENDING).any()
    )


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
    frame = text.rename("id").to_frame()
    if not frame.select(any_may_be_hashed(pl.col("id"))).item():
        return text, 0, 0
    distinct = frame.select(pl.col("id").drop_nulls().unique())
    distinct = distinct.with_columns(plain_values(distinct["id"]).alias("plain"))
    distinct = distinct.with_columns(id_digits(distinct["plain"]).alias("digits"))
    looks = pl.col("plain").str.contains(IN_TEXT) | pl.col("digits").str.contains(IN_TEXT)
    distinct = distinct.filter(
        looks | pl.col("digits").str.contains(_SHAPE) if person else looks
    ).with_columns(lost=float_ids.as_digits(pl.col("plain")).str.contains(_LOST_ZERO))
    if distinct.is_empty():
        return text, 0, 0
    hashes = distinct.select("id", "lost").with_columns(
        pl.Series("hashed", _digests(_letters_and_digits(distinct["digits"]), key), dtype=pl.String)
    )
    joined = frame.join(hashes, on="id", how="left", maintain_order="left")
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


def report_person_number(report: Report, file: str | Path, column: str, row: int, count: int) -> None:
    """Add the error that stops a run: a column that is no id holds person numbers."""
    report.error(
        phrase(
            "{values} like a person number (CPR).",
            values=phrase("a value looks") if count == 1 else phrase("{count:,} values look", count=count),
        ),
        file=file,
        row=row,
        column=column,
        count=count,
        hint="Leave the column out or, if these are no person numbers, name it in not_person_numbers.",
    )


def refuse_person_numbers(
    names: Sequence[str],
    column: str,
    report: Report,
    *,
    file: str | None = None,
    rows: Sequence[int] | None = None,
) -> None:
    """An error in `report` where ids or names of areas, which are published, hold person numbers.

    Parameters
    ----------
    names : sequence of str
        The ids or names.
    column : str
        The column that they stand in.
    report : Report
        Takes the error.
    file : str, optional
        The file's name.
    rows : sequence of int, optional
        The number of each name's row, where they have any.
    """
    bad = [position for position, name in enumerate(names) if forms.holds_person_number(name)]
    count = len(bad)
    if not bad:
        lazy = pl.DataFrame({"name": names}, schema={"name": pl.String}).lazy()
        named = ["name"] if names_person_numbers(column) else []
        count = count_person_numbers(lazy, ["name"], named).get("name", 0)
        bad = [first_person_number(lazy, "name", named=bool(named))] if count else []
    if bad:
        report.error(
            phrase(
                "{values} like a person number (CPR), and areas are published.",
                values=phrase("a value looks")
                if count == 1
                else phrase("{count:,} values look", count=count),
            ),
            file=file,
            row=rows[bad[0]] if rows is not None else None,
            column=column,
            count=count,
            hint="Give the areas other ids or names.",
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
        named = names_person_numbers(str(name))
        counts = count_person_numbers(lazy, ["value"], ["value"] if named else [])
        if counts:
            row = first_person_number(lazy, "value", named=named) + first_row
            report_person_number(report, file, str(name), row, counts["value"])
