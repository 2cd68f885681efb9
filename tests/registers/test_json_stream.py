"""JSON files are read a row at a time: the same rows as reading them whole, in any pieces, and in little memory."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_bosoc.problems import Report
from geo_bosoc.registers.readers import json_files as module
from geo_bosoc.registers.readers.entities import read_entity
from geo_bosoc.registers.readers.json_files import NoJsonError, NoRowsError, json_rows

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(1 - 2**63, 2**63 - 1)
    | st.text(max_size=6)
    | st.floats(allow_nan=False, allow_infinity=False)
)
ROWS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, min_size=1, max_size=3), max_size=5)


def rows_of(file: Path, *lists: str) -> list[dict[str, object]] | None:
    found = json_rows(file, lists)
    return None if found is None else [dict(row) for row in found]


@given(rows=ROWS, others=ROWS, piece=st.integers(1, 40), indent=st.sampled_from([None, 1]))
def test_pieces_of_any_size_give_the_rows_of_the_whole(
    rows: list[dict[str, object]],
    others: list[dict[str, object]],
    piece: int,
    indent: int | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.getbasetemp() / "rows.json"
    whole = {"version": 1.5, "AndreList": others, "AdresseList": rows, "about": {"rows": [1, 2]}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PIECE", piece)
        file.write_text(json.dumps(rows, indent=indent), encoding="utf-8-sig")
        assert rows_of(file, "adresselist") == rows
        file.write_text(json.dumps(whole, indent=indent, ensure_ascii=False), encoding="utf-8")
        assert rows_of(file, "adresselist", "adresse") == rows
        assert rows_of(file, "husnummerlist") is None
        if rows:
            file.write_text("\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
            assert rows_of(file, "adresselist") == rows


@pytest.mark.parametrize(
    "text",
    ["", "[", '[{"a": 1}', '[{"a": 1} {"a": 2}]', '[{"a": "open}]', '{"AdresseList": [{"a": 1}]} x', '{"a": 1}\n{"b"',
     "nej", '{"a": [{"b": 1}]}\n{"a": [{"b": 2}]}', '[{"a": 1}] [{"a": 2}]', '[{"a": 1}]]', '[{"a": 1},]',
     '{"a": 1}, {"a": 2}', '[{"a": 01}]', '[{"a": NaN}]', '[{"a": -Infinity}]', '[{"a": "x\ny"}]', '[{"a": 1}] \0'],
)  # fmt: skip
def test_broken_text_is_no_json_however_it_breaks(text: str, tmp_path: Path) -> None:
    (tmp_path / "Adresse.json").write_text(text, encoding="utf-8")
    report = Report()
    assert read_entity("Adresse", [tmp_path / "Adresse.json"], ["a"], [], report) is None
    assert [problem.message for problem in report.errors] == ["this is no JSON file."]


@pytest.mark.parametrize(
    "number", ["9" * 5000, str(2**63), "-" + "9" * 30, "1e999", "-1e99999999999999999999"]
)
def test_a_number_too_large_is_a_plain_error(number: str, tmp_path: Path) -> None:
    (tmp_path / "Adresse.json").write_text(f'[{{"a": {number}}}, {{"a": 2}}]', encoding="utf-8")
    report = Report()
    assert read_entity("Adresse", [tmp_path / "Adresse.json"], ["a"], [], report) is None
    assert [problem.message for problem in report.errors] == [
        "a number in this JSON is too large to be read."
    ]


@pytest.mark.parametrize(
    "text", [b'[{"a": "\xe6"}]', b'[{"a": "\xed\xa0\x80"}]', '[{"a": 1}]'.encode("utf-16")]
)
def test_text_that_is_not_utf_8_is_no_json(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "Adresse.json").write_bytes(text)
    report = Report()
    assert read_entity("Adresse", [tmp_path / "Adresse.json"], ["a"], [], report) is None
    assert [problem.message for problem in report.errors] == ["this is no JSON file."]


@pytest.mark.parametrize("depth", [200, 10_000, 1_000_000])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[{"a": ', "}]"),
        ('{"a": 1, "b": {"c": ', "}}"),
        ('{"a": 1}\n{"a": ', "}"),
        ('{"AdresseList": [{"a": ', "}]}"),
    ],
)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"b": ', "}")])
def test_nesting_too_deep_is_a_plain_error(
    before: str, after: str, opening: str, closing: str, depth: int, tmp_path: Path
) -> None:
    inner = opening * depth + "1" + closing * depth
    for text in (before + inner + after, before + inner):  # whole, and cut off
        (tmp_path / "Adresse.json").write_text(text, encoding="utf-8")
        report = Report()
        assert read_entity("Adresse", [tmp_path / "Adresse.json"], ["a"], [], report) is None
        assert [problem.message for problem in report.errors] == ["the JSON is nested too deeply."]


def test_values_come_as_json_has_them(tmp_path: Path) -> None:
    inner: object = 1.5
    for _ in range(90):
        inner = [inner]
    row = {
        "a": inner,
        "whole": 1 - 2**63,
        "tiny": 5e-324,
        "zero": -0.0,
        "name": "Ærø \U0001f600",
        "gone": None,
    }
    (tmp_path / "rows.json").write_text(json.dumps([row]), encoding="utf-8")
    rows = rows_of(tmp_path / "rows.json")
    assert rows == [row]
    assert list(map(type, rows[0].values())) == list(map(type, row.values()))


def test_a_row_without_end_is_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows in an object of their own: never in memory whole, however large the file."""
    monkeypatch.setattr(module, "_PIECE", 100)
    monkeypatch.setattr(module, "_LONGEST", 1000)
    rows = [{"a": "x" * 50}] * 100
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    assert rows_of(file) == rows
    file.write_text(json.dumps({"data": {"AdresseList": rows}}), encoding="utf-8")
    with pytest.raises(NoJsonError):
        rows_of(file, "adresselist")


@pytest.mark.parametrize("text", ["[1, 2]", "3", '"x"', '{"AdresseList": [[]]}', '{"a": 1}\n[2]'])
def test_json_that_holds_no_rows_says_so(text: str, tmp_path: Path) -> None:
    (tmp_path / "Adresse.json").write_text(text, encoding="utf-8")
    with pytest.raises(NoRowsError):
        rows_of(tmp_path / "Adresse.json", "adresselist")
    report = Report()
    assert read_entity("Adresse", [tmp_path / "Adresse.json"], ["a"], [], report) is None
    assert [problem.message for problem in report.errors] == ["the file holds no rows."]


def test_a_missing_column_is_told_with_the_columns_there_are(tmp_path: Path) -> None:
    (tmp_path / "Adresse.json").write_text('[{"id": "1"}, {"id": "2", "dør": "tv"}]', encoding="utf-8")
    report = Report()
    assert read_entity("Adresse", [tmp_path / "Adresse.json"], ["id_lokalId"], [], report) is None
    (problem,) = report.errors
    assert problem.column == "id_lokalId" and problem.hint == "The file has: id, dør."


def test_a_long_file_is_never_in_memory_whole(tmp_path: Path) -> None:
    """40 MB of rows with much that is not named: Python holds a piece and a batch of rows, never the file."""
    file = tmp_path / "Adresse.json"
    filler = "x" * 900
    with file.open("w", encoding="utf-8") as stream:
        stream.write('{"HusnummerList": [')
        stream.write(",".join(json.dumps({"id": n, "text": filler}) for n in range(100)))
        stream.write('], "AdresseList": [\n')
        for number in range(40_000):
            stream.write(
                ("," if number else "") + json.dumps({"id_lokalId": f"a{number}", "text": filler}) + "\n"
            )
        stream.write("]}")
    tracemalloc.start()
    found = read_entity("Adresse", [file], ["id_lokalId"], [], Report())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found is not None and found.rows.height == 40_000
    assert found.rows["id_lokalId"].to_list()[-1] == "a39999"
    assert peak < file.stat().st_size, f"{peak / 2**20:.0f} MB"
