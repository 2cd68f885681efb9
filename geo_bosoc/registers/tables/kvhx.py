"""Addresses in CPR's way of writing, brought to one normal key whatever the dialect.

The key of a door is ``0751-0101-12B-st-tv``: municipality, street code, house number with its letter, floor, door;
that of an entrance is its first three parts. An address that lacks municipality, street or number has no key.

Dialects that are known: municipality and street with lost zeros (751, 101); numbers as ``012B``, ``12 b``, ``12``;
floors as ``ST``, ``st.``, ``00``, ``01``, ``1.``, ``KL``, ``K2``; doors as ``TV``, ``tv.``, ``0001``, ``1``, ``0tv9``
and ``tv09`` (the same); whole KVHX keys of 19 signs padded with ``_`` (Dataforsyningen's), of up to 18 signs padded
with zeros and blanks (CPR's and the systems'), or with ``-`` or ``|`` between the parts.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from geo_bosoc.registers.spec_parts import AddressParts

BETWEEN: Final = "-"
SPECIAL_STREETS: Final = (9900, 9999)
"""Street codes that are no streets: no fixed abode, posted abroad, awaiting housing."""

_WIDTHS: Final = ((0, 4), (4, 4), (8, 4), (12, 2), (14, 4))
_WIDTHS_19: Final = ((0, 4), (4, 4), (8, 4), (12, 3), (15, 4))


def _clean(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).str.replace_all(r"[\s_.\x{a0}]", "").str.to_lowercase()


def _code(value: pl.Expr) -> pl.Expr:
    """A municipality or street code in four digits; null where there is none."""
    plain = _clean(value)
    return pl.when(plain.str.contains(r"^\d{1,4}$")).then(plain.str.zfill(4))


def _number(value: pl.Expr) -> pl.Expr:
    plain = _clean(value).str.to_uppercase().str.replace(r"^0+(\d)", "${1}")
    return pl.when(plain.str.contains(r"^[1-9]\d{0,2}[A-ZÆØÅ]?$")).then(plain)


def _floor(value: pl.Expr) -> pl.Expr:
    plain = _clean(value).fill_null("")
    plain = plain.replace({"00": "st", "0": "st", "stuen": "st", "stue": "st", "kld": "kl", "kælder": "kl"})
    plain = plain.str.replace(r"^0+([1-9])", "${1}").str.replace(r"^(\d+)sal$", "${1}")
    return plain.str.replace(r"^k0*([1-9]\d?)$", "k${1}")


def _door(value: pl.Expr) -> pl.Expr:
    plain = _clean(value).fill_null("").replace({"venstre": "tv", "højre": "th", "midtfor": "mf"})
    plain = plain.str.replace(r"^0*(tv|th|mf)0*(\d*)$", "${1}${2}")  # tv09
    plain = plain.str.replace(r"^0*(\d+)(tv|th|mf)$", "${2}${1}").str.replace(r"^(tv|th|mf)0+", "${1}")
    plain = plain.str.replace(r"^0+(\d)", "${1}").str.replace(r"^([a-zæøå]+)0+(\d)", "${1}${2}")
    return pl.when(plain == "0").then(pl.lit("")).otherwise(plain)


def entrance_of(key: pl.Expr) -> pl.Expr:
    """The entrance's key of a door's key: its first three parts."""
    return key.str.extract(r"^([^-]*-[^-]*-[^-]*)")


def street_of(key: pl.Expr) -> pl.Expr:
    """The street code of a key, as a number."""
    return key.str.slice(5, 4).cast(pl.Int32, strict=False)


def _joined_key(parts: list[pl.Expr]) -> pl.Expr:
    municipality, street, number, floor, door = parts
    street_code, house = _code(street), _number(number)
    special = street_code.cast(pl.Int32, strict=False).is_between(*SPECIAL_STREETS)
    house = pl.when(special).then(pl.coalesce(house, pl.lit("0"))).otherwise(house)
    key = [_code(municipality), street_code, house, _floor(floor), _door(door)]
    return pl.concat_str(key, separator=BETWEEN, ignore_nulls=False)


def from_parts(parts: AddressParts, municipality: str | None) -> pl.Expr:
    """The key from columns; `municipality` is the code where no column has one (or its cell is empty)."""
    default = pl.lit(municipality, pl.String)
    names = [parts.municipality, parts.street, parts.number, parts.floor, parts.door]
    columns = [pl.col(name).cast(pl.String) if name else pl.lit(None, pl.String) for name in names]
    columns[0] = pl.coalesce(_code(columns[0]), default) if parts.municipality else default
    return _joined_key(columns)


def from_kvhx(column: str) -> pl.Expr:
    """The key from a column of KVHX keys in any dialect.

    Examples
    --------
    >>> keys = ["07510101012BST  TV", "07510101_12B_st__tv", "751-101-12b-st-tv.", "07510101012B"]
    >>> pl.DataFrame({"k": keys}).select(from_kvhx("k")).to_series().to_list()
    ['0751-0101-12B-st-tv', '0751-0101-12B-st-tv', '0751-0101-12B-st-tv', '0751-0101-12B--']
    """
    raw = pl.col(column).cast(pl.String).str.strip_chars(" \t\u00a0")
    tokens = raw.str.replace_all("|", "-", literal=True).str.split("-")
    split = [tokens.list.get(i, null_on_oob=True) for i in range(5)]
    fixed = _joined_key([raw.str.pad_end(18).str.slice(start, width) for start, width in _WIDTHS])
    wide = _joined_key([raw.str.slice(start, width) for start, width in _WIDTHS_19])
    separated = raw.str.contains(r"^\d{1,4}[-|]\d{1,4}[-|]")
    key = pl.when(raw.str.len_chars() == 19).then(wide).otherwise(fixed)
    key = pl.when(separated).then(_joined_key(split)).otherwise(key)
    return key.alias(column)
