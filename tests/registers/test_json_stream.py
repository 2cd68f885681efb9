"""JSON files are read a row at a time: the same rows as reading them whole, in any pieces, and in little memory."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_bosoc.problems import Report
from geo_bosoc.registers.readers import json_stream as module
from geo_bosoc.registers.readers.entities import read_entity
from geo_bosoc.registers.readers.json_stream import NoRowsError, json_rows

VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.floats(allow_nan=False)
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
     "nej", '{"a": [{"b": 1}]}\n{"a": [{"b": 2}]}'],
)  # fmt: skip
def test_broken_text_is_no_json_however_it_breaks(text: str, tmp_path: Path) -> None:
    (tmp_path / "Adresse.json").write_text(text, encoding="utf-8")
    report = Report()
    assert read_entity("Adresse", [tmp_path / "Adresse.json"], ["a"], [], report) is None
    assert [problem.message for problem in report.errors] == ["this is no JSON file."]


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
