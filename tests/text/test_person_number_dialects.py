"""Every way of writing a person number: one key, seen in other columns, blanked out of messages; look-alikes pass."""

from __future__ import annotations

import random
import uuid
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.person_number_forms import holds_person_number, plain_text
from geo_bosoc.registers.read import read_register
from geo_bosoc.text.find_person_numbers import count_person_numbers, names_person_numbers
from geo_bosoc.text.person_numbers import check_attributes, hash_ids, pseudonym

SEPARATORS = {
    "hyphen": "-",
    "space": " ",
    "two spaces": "  ",
    "spaced hyphen": " - ",
    "tab": "\t",
    "no-break space": "\u00a0",
    "narrow no-break space": "\u202f",
    "thin space": "\u2009",
    "hair space": "\u200a",
    "figure space": "\u2007",
    "ideographic space": "\u3000",
    "hyphen sign": "\u2010",
    "no-break hyphen": "\u2011",
    "figure dash": "\u2012",
    "en dash": "\u2013",
    "em dash": "\u2014",
    "bar": "\u2015",
    "minus": "\u2212",
    "small hyphen": "\ufe63",
    "full-width hyphen": "\uff0d",
    "hyphen bullet": "\u2043",
    "soft hyphen": "\u00ad",
    "zero-width space": "\u200b",
    "zero-width non-joiner": "\u200c",
    "zero-width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "slash": "/",
    "fraction slash": "\u2044",
    "underscore": "_",
    "colon": ":",
}
CERTAIN = {
    **{name: "{date}" + sign + "{serial}" for name, sign in SEPARATORS.items()},
    "plain": "{date}{serial}",
    "float": "{date}{serial}.0",
    "cpr": "CPR{date}{serial}",
    "cpr and blank": "cpr {date}-{serial}",
    "cpr-nr": "CPR-nr.: {date}-{serial}",
    "century": "{day}{month}19{year}-{serial}",
    "parts": "{day}-{month}-{year}-{serial}",
    "dotted parts": "{day}.{month}.{year}-{serial}",
    "slashed parts": "{day}/{month}/{year}-{serial}",
    "spaced parts": "{day} {month} {year} {serial}",
    "parts and century": "{day}.{month}.19{year}-{serial}",
}
"""Ways that hardly any other number is written in: one alone stops a run."""
LIKELY = {
    "dot": "{date}.{serial}",
    "middle dot": "{date}\u00b7{serial}",
    "century, no hyphen": "{day}{month}19{year}{serial}",
    "pairs": "{day} {month} {year} 73 91",
}
"""Ways that others are written in as well: seen in a column that is of person numbers by name or mostly."""
NAMED = {
    "year first": "19{year}{month}{day}-{serial}",
    "year first, no hyphen": "19{year}{month}{day}{serial}",
}
DATE = {"day": "29", "month": "02", "year": "99", "date": "290299", "serial": "7391"}
NUMBER = "2902997391"


def full_width(text: str) -> str:
    return "".join(chr(0xFF10 + int(sign)) if sign.isdigit() else sign for sign in text)


def written(form: str) -> str:
    return form.format(**DATE)


ALL = {
    **{name: written(form) for name, form in {**CERTAIN, **LIKELY, **NAMED}.items()},
    "full width": full_width(NUMBER),
    "arabic digits": "".join(chr(0x660 + int(sign)) for sign in NUMBER),
    "exponent": "2.902997391E9",
    "exponent with comma": "2,902997391E+09",
    "groups": "2.902.997.391",
    "money": "2902997391,00",
}
ALONE = {
    name: ALL[name] for name in (*CERTAIN, "full width", "arabic digits", "exponent", "exponent with comma")
}


def person_numbers_in(values: list[str], *, named: bool = False) -> int:
    frame = pl.LazyFrame({"v": values}, schema={"v": pl.String})
    return count_person_numbers(frame, ["v"], ["v"] if named else []).get("v", 0)


@pytest.mark.parametrize("name", ALL)
def test_every_dialect_is_one_key(name: str) -> None:
    assert pseudonym(ALL[name]) == pseudonym(NUMBER)
    hashed, count, _ = hash_ids(pl.Series("id", ["P17", ALL[name], f" {ALL[name]} "]), person=True)
    assert hashed.to_list() == ["P17", pseudonym(NUMBER), pseudonym(NUMBER)]
    assert count == 2


@pytest.mark.parametrize("name", ALONE)
def test_one_alone_is_seen_in_any_column(name: str) -> None:
    assert person_numbers_in(["Nygade 12", "abc", ALONE[name], *["Østergade"] * 50]) == 1
    assert (
        name.startswith("exponent")
        or name == "float"
        or person_numbers_in(["x"] * 9 + [f"se ({ALONE[name]}), og"]) == 1
    )


@pytest.mark.parametrize("name", ALL)
def test_all_are_seen_in_a_column_that_is_named_so(name: str) -> None:
    assert person_numbers_in(["x"] * 50 + [ALL[name]], named=True) == 1


@pytest.mark.parametrize("name", [*LIKELY, "lost zero", "groups"])
def test_the_others_are_seen_where_they_are_most_of_a_column(name: str) -> None:
    numbers = []
    for day in range(1, 10):
        date = {"day": f"{day:02d}", "month": "11", "year": "72", "date": f"{day:02d}1172", "serial": "7391"}
        plain = date["date"] + date["serial"]
        if name == "groups":
            plain = f"{int(plain):,}".replace(",", ".")
        numbers.append(plain.lstrip("0") if name in ("lost zero", "groups") else LIKELY[name].format(**date))
    assert person_numbers_in(numbers + ["x"] * 5) == 9
    assert person_numbers_in(numbers[:1] + ["x"] * 5) == 0


def test_impossible_dates_are_seen_by_name_and_hashed_as_keys() -> None:
    for number in ("3002997391", "300299-7391", "9999999999", "010190AB12"):
        assert person_numbers_in([number]) == 0
        assert person_numbers_in([number], named=True) == 1
        assert hash_ids(pl.Series([number]), person=True)[1] == 1
    assert person_numbers_in(["CPR 300299-7391"]) == 1


@pytest.mark.parametrize(
    "label", ["CPR", "cprnr", "CPR-nummer", "personnummer", "Person nr.", "PNR", "barn_cpr"]
)
def test_names_of_columns(label: str) -> None:
    assert names_person_numbers(label)


@pytest.mark.parametrize(
    "label", ["person_id", "p_nummer", "produktionsenhed", "telefonnr", "personer", "pnrx", None]
)
def test_names_of_other_columns(label: str | None) -> None:
    assert not names_person_numbers(label)


RANDOM = random.Random(4)
LOOK_ALIKES = {
    "DAR ids": [str(uuid.UUID(int=RANDOM.getrandbits(128), version=4)) for _ in range(3000)],
    "UUID like a date": ["01021985-1234-4234-8234-010219851234"],
    "ids without hyphens": [uuid.UUID(int=RANDOM.getrandbits(128)).hex for _ in range(3000)],
    "KVHX": [f"0101{RANDOM.randrange(10**4):04d}_{house:03d}B_ST_TV" for house in range(900)],
    "KVH": [f"0101{RANDOM.randrange(10**4):04d}{house:04d}" for house in range(900)],
    "padded KVHX": ["0101198012__st__0001", "01011980__12", "0101198012__"],
    "matrikel": ["12a Nygade By, 010203", "7000as, 751751-12", "1234567 12a"],
    "phones": ["12345678", "12 34 56 78", "+45 12 34 56 78", "4512345678", "0045 12345678", "+4512345678"],
    "BFE": [str(number) for number in range(5310000, 5310900)] + ["100012345"],
    "nine digits in a row": [str(number) for number in range(110000001, 110000900)],
    "arbitrary nine digits": [str(RANDOM.randrange(10**8, 10**9)) for _ in range(900)],
    "cases": ["120345/2024", "010203_2023", "S2024-010203", "24/012345", "2024-01-01-0001", "2024010212345"],
    "a case of nine digits": ["102034567", "Sag", "Journal", "Notat"],
    "coordinates": ["610203.4567", "POINT (610203.4567 6152135.2)", "610203,4567", "533640.5801010203"],
    "square grid": ["100m_61021_7197", "1km_6102_719", "DKN_100m_61762_7197"],
    "times": [
        "202401011200",
        "2024-01-01T12:00:00",
        "01-02-2003 12:34",
        "01.02.2003 1234",
        "01-02-2003-2024",
    ],
    "GLN and EAN": ["5790001234567", "9788712345678"],
    "companies": ["DK12345678", "25313763", "SE-nr. 25313763"],
    "money": ["12.345.678,50", "1.234.567", "2902997391,00", "1 234 567,00"],
    "Swedish plus": ["00000000", "0000000000", "99999999999"],
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_stop_no_run(name: str) -> None:
    assert person_numbers_in(LOOK_ALIKES[name]) == 0
    if name not in ("KVH", "coordinates"):  # no names are such
        assert not any(holds_person_number(value) for value in LOOK_ALIKES[name])


def test_numbers_of_nine_digits_stop_a_run_by_name_or_mostly() -> None:
    days = [day * 10**8 + 1172_7391 % 10**8 for day in range(1, 10)]
    assert count_person_numbers(pl.LazyFrame({"v": days}), ["v"]) == {"v": 9}
    assert count_person_numbers(pl.LazyFrame({"v": [*days[:2], *range(20)]}), ["v"]) == {}
    assert count_person_numbers(pl.LazyFrame({"v": [*days[:2], *range(20)]}), ["v"], ["v"]) == {"v": 2}
    assert count_person_numbers(pl.LazyFrame({"v": list(range(110000001, 110000900))}), ["v"]) == {}
    assert count_person_numbers(pl.LazyFrame({"v": [float(days[0])]}), ["v"], ["v"]) == {"v": 1}


@settings(max_examples=150, deadline=None)
@given(
    st.dates(),
    st.integers(1, 9999),
    st.sampled_from(sorted(CERTAIN)),
    st.sampled_from([str, full_width]),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from("\u200b\u00ad\u2060\ufeff")), max_size=3),
)
def test_every_number_in_every_dialect(
    day: object, serial: int, name: str, script: object, invisible: list[tuple[int, str]]
) -> None:
    date = {"day": f"{day.day:02d}", "month": f"{day.month:02d}", "year": f"{day.year % 100:02d}"}  # type: ignore[attr-defined]
    date |= {"date": "".join(date.values()), "serial": f"{serial:04d}"}
    text = script(CERTAIN[name].format(**date))  # type: ignore[operator]
    for place, sign in invisible:
        text = text[:place] + sign + text[place:]
    number = date["date"] + date["serial"]
    assert pseudonym(text) == pseudonym(number)
    assert hash_ids(pl.Series([text]), person=True)[0].to_list() == [pseudonym(number)]
    years_look_like_cases = date["serial"][:2] in ("19", "20")
    if not years_look_like_cases:
        assert person_numbers_in([text]) == 1
        message = str(Problem("error", f"there is no column {text}.", file=text, hint=f"Not {text}!"))
        assert date["serial"] not in plain_text(message)


@settings(max_examples=300, deadline=None)
@given(st.text())
@example("2902997391\u0300")
def test_plain_texts_of_python_and_of_rust_are_alike(text: str) -> None:
    from geo_bosoc.text.find_person_numbers import plain_or_same

    of_rust = pl.DataFrame({"v": [text]}).select(plain_or_same(pl.col("v"))).item()
    assert holds_person_number(plain_text(text)) == holds_person_number(of_rust)


@pytest.mark.parametrize("name", [name for name in ALL if name not in ("tab",)])
def test_registers_in_two_dialects_meet_and_hold_nothing_raw(tmp_path: Path, name: str) -> None:
    other = tmp_path / "other.csv"
    other.write_text(f'pnr;flag\n"{ALL[name]}";1\n', encoding="utf-8")
    pl.DataFrame({"pnr": [float(NUMBER)], "flag": [1]}).write_parquet(tmp_path / "first.parquet")
    pl.DataFrame({"pnr": [ALL[name]], "flag": [1]}).write_parquet(tmp_path / "third.parquet")
    keys = [
        read_register(path, unit="case", id="pnr", period="2024", place="person", person="pnr")
        .collect()["pnr"]
        .item()
        for path in (tmp_path / "first.parquet", other, tmp_path / "third.parquet")
    ]
    assert keys == [pseudonym(NUMBER)] * 3


@pytest.mark.parametrize("name", ALONE)
def test_a_column_that_is_no_key_stops_the_reading_and_is_not_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / "cases.parquet"
    pl.DataFrame({"remark": ["x", ALL[name]], "address_id": ["a", "b"]}).write_parquet(path)
    with pytest.raises(InputError, match="person number") as raised:
        read_register(path, unit="case", period="2024").collect()
    assert "7391" not in plain_text(str(raised.value))
    assert raised.value.problems[0].row == 2


def test_a_key_of_cases_that_is_called_cpr_is_a_persons(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("cpr;address_id\n3002997391;a\n300299-7391;a\n", encoding="utf-8")
    read = read_register(path, unit="case", id="cpr", period="2024", report=Report()).collect()
    assert read["cpr"].to_list() == [pseudonym("3002997391")] * 2


def test_boundaries_with_numbers_in_dialects() -> None:
    import pandas as pd

    report = Report()
    table = pd.DataFrame(
        {"cpr": [102034567.0, None], "note": ["29\u00ad0299\u20117391", "x"], "bfe": [5310000, 1]}
    )
    check_attributes(table, report, file="areas.gpkg")
    assert [(problem.column, problem.row) for problem in report.errors] == [("cpr", 1), ("note", 1)]
