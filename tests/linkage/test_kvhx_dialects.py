"""Addresses in CPR's way of writing: the dialects meet in one key."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.registers.spec_parts import AddressParts
from geo_bosoc.registers.tables import kvhx

PARTS = AddressParts(municipality="k", street="v", number="h", floor="e", door="d")


def key(*parts: str | None) -> str | None:
    frame = pl.DataFrame([parts], schema=dict.fromkeys("kvhed", pl.String), orient="row")
    found: str | None = frame.select(kvhx.from_parts(PARTS, "0999")).item()
    return found


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        (("0751", "0101", "012B", "ST", "TV"), "0751-0101-12B-st-tv"),
        (("751", "101", "12 b", "st.", "tv."), "0751-0101-12B-st-tv"),
        ((None, "101", "12b", "00", "0tv"), "0999-0101-12B-st-tv"),
        (("0751", "0101", "012", "01", "0001"), "0751-0101-12-1-1"),
        (("0751", "0101", "12", "1.", "1"), "0751-0101-12-1-1"),
        (("0751", "0101", "12", "2", "tv09"), "0751-0101-12-2-tv9"),
        (("0751", "0101", "12", "02", "0tv9"), "0751-0101-12-2-tv9"),
        (("0751", "0101", "12", "KL", ""), "0751-0101-12-kl-"),
        (("0751", "0101", "12", "K2", None), "0751-0101-12-k2-"),
        (("0751", "9901", "", "", ""), "0751-9901-0--"),
        (("0751", "", "12", "", ""), None),
        (("0751", "0101", "tolv", "", ""), None),
    ],
)
def test_parts(parts: tuple[str | None, ...], wanted: str | None) -> None:
    assert key(*parts) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("02650023___6_st__tv", "0265-0023-6-st-tv"),
        ("02650023_12B__2___9", "0265-0023-12B-2-9"),
        ("02650023___6_______", "0265-0023-6--"),
        ("02650023006 ST  TV", "0265-0023-6-st-tv"),
        ("02650023006 02TV09", "0265-0023-6-2-tv9"),
        ("02650023006", "0265-0023-6--"),
        ("0265-0023-6-st-tv", "0265-0023-6-st-tv"),
        ("0265|0023|006|ST|TV", "0265-0023-6-st-tv"),
        ("", None),
        ("not an address", None),
    ],
)
def test_whole_keys(written: str, wanted: str | None) -> None:
    assert pl.DataFrame({"k": [written]}).select(kvhx.from_kvhx("k")).item() == wanted


@settings(max_examples=80, deadline=None)
@given(
    st.integers(101, 860),
    st.integers(1, 9899),
    st.integers(1, 999),
    st.sampled_from(["", "A", "B"]),
    st.sampled_from(["", "st", "kl", "1", "2", "14"]),
    st.sampled_from(["", "tv", "th", "mf", "1", "12", "tv9"]),
)
def test_every_dialect_gives_the_same_key(
    municipality: int, street: int, number: int, letter: str, floor: str, door: str
) -> None:
    plain = key(str(municipality), str(street), f"{number}{letter}", floor, door)
    assert plain == key(
        f"{municipality:04d}",
        f"{street:04d}",
        f"{number:03d}{letter}",
        floor.upper().zfill(2) if floor else "",
        door.upper().rjust(4),
    )
    level = floor.upper().rjust(2, "0") if floor else "  "
    cpr = f"{municipality:04d}{street:04d}{number:03d}{letter:1}{level}{door.upper():>4}"
    house = f"{number}{letter}".rjust(4, "_")
    dawa = f"{municipality:04d}{street:04d}{house}{floor.rjust(3, '_')}{door.rjust(4, '_')}"
    frame = pl.DataFrame({"k": [cpr, dawa, plain]}).select(kvhx.from_kvhx("k"))
    assert frame["k"].to_list() == [plain] * 3
    assert (
        frame.select(kvhx.entrance_of(pl.col("k")))["k"][0]
        == f"{municipality:04d}-{street:04d}-{number}{letter}"
    )
