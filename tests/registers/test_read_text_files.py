"""CSV registers: encodings, separators, decimal marks, periods, several files, and what is wrong with them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geo_bosoc.memory import Memory
from geo_bosoc.problems import (
    BosocWarning,
    InputError,
    Problem,
    Report,
)
from geo_bosoc.registers.read import read_in_parts, read_register
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import MUNICIPALITY

PERSONS = "person_id;address_id;period;age;labour;fte\nP1;A1;2024;34;outside;0,75\nP2;A2;2024;;work;1,0\n"


def write(folder: Path, text: str, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def problems(path: Any, **fields: Any) -> list[Problem]:
    """The problems of a register that cannot be read; nothing in them may show a value of its rows."""
    report = Report()
    frame = read_register(path, report=report, **fields)
    assert frame.collect().height == 0
    assert report.errors
    return report.errors


def test_a_person_register_is_read_typed(tmp_path: Path) -> None:
    frame = read_register(write(tmp_path, PERSONS), unit="person", id="person_id").collect()
    assert frame.to_dicts() == [
        {
            "person_id": "P1",
            "address_id": "A1",
            "period": "2024",
            "age": 34,
            "labour": "outside",
            "fte": 0.75,
        },
        {"person_id": "P2", "address_id": "A2", "period": "2024", "age": None, "labour": "work", "fte": 1.0},
    ]
    assert frame.schema == {
        "person_id": pl.String,
        "address_id": pl.String,
        "period": pl.String,
        "age": pl.Int64,
        "labour": pl.String,
        "fte": pl.Float64,
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_encodings_and_separators_are_found_out(tmp_path: Path, encoding: str, separator: str) -> None:
    text = 'område;navn;antal\r\n0101;"Ærø; Blåbær";12\r\n0102;Ølby – Å;<5\r\n'.replace("; ", "@").replace(
        ";", separator
    )
    path = write(tmp_path, text.replace("@", "; "), encoding=encoding)
    frame = read_register(path, unit="count", area="område", period="2024").collect()
    assert frame["area_id"].to_list() == ["0101", "0102"]
    assert frame["navn"].to_list() == ["Ærø; Blåbær", "Ølby – Å"]
    assert frame["antal"].to_list() == [12, None]
    assert frame["antal__mark"].to_list() == [None, "protected"]


def test_a_file_in_two_encodings_is_an_error_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("area_id;n\nÆrø;1\n".encode() + "Ølby;2\n".encode("cp1252"))
    (problem,) = problems(path, unit="count", period="2024")
    assert problem.row == 3
    assert "æøå" in problem.message
    path.write_bytes(b"area_id;n\nx\x81y;1\n")
    (problem,) = problems(path, unit="count", period="2024")
    assert problem.row == 2


def test_a_wrong_declared_encoding_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "area_id;n\nØ;1\n", encoding="cp1252")
    (problem,) = problems(path, unit="count", period="2024", encoding="utf-8")
    assert problem.row == 2
    assert "utf-8" in problem.message
    (problem,) = problems(path, unit="count", period="2024", encoding="runes")
    assert problem.key == "encoding"


def test_quoted_newlines_blank_lines_and_row_numbers(tmp_path: Path) -> None:
    text = 'area_id;note;n\nA;"one\ntwo";1\n\nB;"say ""hi""";2\n\n\nA;x;3\n'
    path = write(tmp_path, text)
    read = {"unit": "count", "period": "2024"}
    assert read_register(path, **read).collect()["note"].to_list() == ["one\ntwo", 'say "hi"', "x"]
    (problem,) = problems(path, columns=["n"], **read)
    assert problem.row == 2
    assert "rows 2, 7." in problem.message  # as a spreadsheet counts them: the note with two lines is one row


def test_ragged_rows_are_an_error_with_their_rows(tmp_path: Path) -> None:
    (problem,) = problems(write(tmp_path, "area_id;n\nA;1\nB\nC;1;2\n"), unit="count", period="2024")
    assert (problem.row, problem.count) == (3, 2)
    assert "1 fields and the header 2" in problem.message


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('area_id;n;note\nA;1;x\nB;1;"x\nC;2;y\n', 3),
        ('area_id;n;note\nA;1;x\nB;1;"x\nC;2;y', 3),
        ('area_id;n;note\nA;1;"x\nB;2;y\nC;3;"z"\n', 2),
    ],
)
def test_a_quotation_mark_that_never_closes_does_not_swallow_rows(
    tmp_path: Path, text: str, row: int
) -> None:
    (problem,) = problems(write(tmp_path, text), unit="count", period="2024", columns=["n"])
    assert "quotation mark" in problem.message
    assert problem.row == row


def test_empty_files_and_files_without_rows(tmp_path: Path) -> None:
    read = {"unit": "count", "period": "2024"}
    (problem,) = problems(write(tmp_path, ""), **read)
    assert "empty" in problem.message
    (problem,) = problems(write(tmp_path, "area_id;n\n"), **read)
    assert "no rows" in problem.message
    (problem,) = problems(write(tmp_path, "\n\n"), **read)
    assert "no column names" in problem.message
    (problem,) = problems(tmp_path / "none.csv", **read)
    assert (problem.file, "no such file" in problem.message) == ("none.csv", True)
    (problem,) = problems(tmp_path, **read)
    assert "folder" in problem.message
    (problem,) = problems(write(tmp_path, "x", "t.docx"), **read)
    assert ".xlsx" in str(problem)
    (problem,) = problems(tmp_path / "t_*.csv", **read)
    assert "pattern" in problem.message
    (problem,) = problems(write(tmp_path, "a\x00b;c\n"), **read)
    assert "no text file" in problem.message


def test_all_missing_columns_are_told_at_once_with_near_names(tmp_path: Path) -> None:
    path = write(tmp_path, "distrikt;opførelsesår;Alder\n1;1950;3\n")
    found = problems(
        path,
        unit="person",
        place="area",
        area="distrikt",
        period="2024",
        columns=["opfoerelsesaar", "alder", "zzz"],
    )
    assert [p.column for p in found] == ["opfoerelsesaar", "alder", "zzz"]
    assert 'Did you mean "opførelsesår"' in str(found[0])
    assert 'Did you mean "Alder"' in str(found[1])
    assert "Did you mean" not in str(found[2])
    assert "The file has: distrikt, opførelsesår, Alder." in str(found[2])


def test_doubled_column_names_matter_only_where_they_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "area_id;n;n\nA;1;2\n")
    (problem,) = problems(path, unit="count", period="2024")
    assert problem.column == "n"
    assert read_register(path, unit="count", period="2024", columns=[]).collect().columns == [
        "area_id",
        "period",
    ]


def test_only_named_columns_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "area_id;n;diary\nA;1;Jens 010203-4567\n")
    frame = read_register(path, unit="count", period="2024", columns=["n"]).collect()
    assert frame.columns == ["area_id", "period", "n"]


def test_a_person_number_in_another_column_stops_the_run_and_is_not_told(tmp_path: Path) -> None:
    text = "pnr;address_id;note;sag;mor\n010203-4567;A1;;1;\n020304-5678;A2;ring 030405-6789;2;1203045678\n"
    path = write(tmp_path, text)
    report = Report()
    read_register(path, unit="person", id="pnr", period="2024", report=report)
    assert [(p.file, p.column, p.row) for p in report.errors] == [("t.csv", "note", 3), ("t.csv", "mor", 3)]
    told = str(InputError(report.problems))
    for secret in ("6789", "5678", "030405", "1203045678", "4567"):
        assert secret not in told
    frame = read_register(
        path, unit="person", id="pnr", period="2024", not_person_numbers=["mor"], columns=["mor", "sag"]
    ).collect()
    assert frame["mor"].to_list() == [None, 1203045678]


def test_ids_are_hashed_alike_over_registers(tmp_path: Path) -> None:
    persons = write(tmp_path, "pnr;address_id\n0102034567;A\n3112990001;B\n", "a.csv")
    measures = write(tmp_path, "cpr;address_id;type\n102034567;A;day\n", "b.csv")
    first = read_register(persons, unit="person", id="pnr", period="2024").collect()
    report = Report()
    second = read_register(measures, unit="person", id="cpr", period="2024", report=report).collect()
    assert first["pnr"][0] == second["cpr"][0]
    assert not first["pnr"].str.contains(r"\d{6}").any()
    assert "leading zero" in report.problems[0].message


def test_nearly_all_numbers_is_an_error_with_the_rows_not_the_values(tmp_path: Path) -> None:
    rows = [f"P{i};A;{i % 90}" for i in range(300)]
    rows[17], rows[250] = "P17;A;treoghalvfems", "P250;A;hemmelig"
    path = write(tmp_path, "person_id;address_id;age\n" + "\n".join(rows) + "\n")
    (problem,) = problems(path, unit="person", id="person_id", period="2024")
    assert (problem.row, problem.column, problem.count) == (19, "age", 2)
    assert "rows 19, 252." in problem.message
    assert "treoghalvfems" not in str(problem)
    frame = read_register(path, unit="person", id="person_id", period="2024", text=["age"]).collect()
    assert frame["age"][17] == "treoghalvfems"
    frame = read_register(
        path, unit="person", id="person_id", period="2024", missing=["treoghalvfems", "hemmelig"]
    ).collect()
    assert (frame["age"].null_count(), frame["age"].dtype) == (2, pl.Int64)


def test_a_bad_date_among_dates_is_an_error(tmp_path: Path) -> None:
    rows = [f"C{i};A;{1 + i % 28:02d}-03-2024" for i in range(200)]
    rows[5] = "C5;A;31-02-2024"
    path = write(tmp_path, "case_id;address_id;started\n" + "\n".join(rows) + "\n")
    (problem,) = problems(path, unit="case", id="case_id", period="2024")
    assert (problem.row, problem.column) == (7, "started")


def test_dates_and_open_ends(tmp_path: Path) -> None:
    text = "case_id;address_id;started;ended\nC1;A;01-02-2024;31-12-9999\nC2;A;2024-03-01;20240401\n"
    frame = read_register(write(tmp_path, text), unit="case", id="case_id", period="2024").collect()
    assert frame["started"].to_list() == [datetime.date(2024, 2, 1), datetime.date(2024, 3, 1)]
    assert frame["ended"].to_list() == [datetime.date(9999, 12, 31), datetime.date(2024, 4, 1)]


def test_decimal_marks_in_doubt(tmp_path: Path) -> None:
    path = write(tmp_path, "area_id;n;share\nA;1.234;0,5\nB;2.345;40,7\n")
    assert read_register(path, unit="count", period="2024").collect()["n"].to_list() == [1234, 2345]
    path = write(tmp_path, "area_id;n\nA;1.234\nB;2.345\n")
    report = Report()
    frame = read_register(path, unit="count", period="2024", report=report).collect()
    assert frame["n"].to_list() == [1234, 2345]
    assert 'decimal = "."' in str(report.warnings[0])
    frame = read_register(path, unit="count", period="2024", decimal=".").collect()
    assert frame["n"].to_list() == [1.234, 2.345]
    path = write(tmp_path, "area_id,n\nA,1.234\nB,2.345\n")
    assert read_register(path, unit="count", period="2024").collect()["n"].to_list() == [1.234, 2.345]
    (problem,) = problems(write(tmp_path, "area_id;n\nA;1.5\nB;2,5\n"), unit="count", period="2024")
    assert "mixed" in problem.message


def test_years_across_become_rows(tmp_path: Path) -> None:
    text = "Kilde: made up\n\nareal;kode;2022;2023;2024K1\n1;0101;5;<5;7\n2;0102;1.005;-;..\n"
    frame = read_register(
        write(tmp_path, text), unit="count", area="kode", header_row=3, years_across="residents", decimal=","
    ).collect()
    assert frame.sort("area_id", "period").select("area_id", "period", "residents").rows() == [
        ("0101", "2022", 5),
        ("0101", "2023", None),
        ("0101", "2024K1", 7),
        ("0102", "2022", 1005),
        ("0102", "2023", 0),
        ("0102", "2024K1", None),
    ]
    assert set(frame["residents__mark"].drop_nulls()) == {"protected"}
    (problem,) = problems(write(tmp_path, "area_id;n\nA;1\n"), unit="count", years_across="n2", columns=[])
    assert "year or quarter" in problem.message


def test_files_by_period_and_by_pattern(tmp_path: Path) -> None:
    for year, ages in ((2022, "30"), (2023, "31,5"), (2024, "..")):
        write(tmp_path, f"person_id;address_id;age\nP1;A1;{ages}\n", f"persons_{year}.csv")
    write(tmp_path, "other\n", "persons_draft.csv")
    pattern = "persons_{period}.csv"
    frame = read_register(pattern, folder=tmp_path, unit="person", id="person_id").collect()
    assert frame.select("period", "age", "age__mark").rows() == [
        ("2022", 30.0, None),
        ("2023", 31.5, None),
        ("2024", None, "protected"),
    ]
    report = Report()
    some = read_register(
        pattern, folder=tmp_path, unit="person", id="person_id", periods=["2022", "2025"], report=report
    ).collect()
    assert some["period"].to_list() == ["2022"]
    assert some["age"].dtype == pl.Int64
    assert [p.message for p in report.warnings] == ["there is no file for 2025."]
    starred = read_register(
        tmp_path / "persons_20*.csv", unit="person", id="person_id", period="2024", report=report
    ).collect()
    assert starred.height == 3
    assert "3 rows over several files" in report.warnings[1].message
    listed = read_register(
        [tmp_path / "persons_2022.csv", tmp_path / "persons_2023.csv"], unit="person", period="2024"
    ).collect()
    assert listed.height == 2
    (problem,) = problems(pattern, folder=tmp_path, unit="person", periods=["1999"])
    assert "periods asked for" in problem.message


def test_a_column_that_some_files_lack_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, "person_id;address_id;age\nP1;A1;3\n", "p_2022.csv")
    for year in (2023, 2024):
        write(tmp_path, "person_id;address_id;alder\nP1;A1;3\n", f"p_{year}.csv")
    (problem,) = problems("p_{period}.csv", folder=tmp_path, unit="person", columns=["age"])
    assert (problem.file, problem.column) == ("p_2023.csv", "age")
    assert "nor in 1 more" in problem.message


def test_periods_from_columns(tmp_path: Path) -> None:
    text = "area_id;dato;n\nA;2012-10-02;1\nA;2013-01-02;2\nA;01-07-2013;3\n"
    path = write(tmp_path, text)
    frame = read_register(path, unit="count", period="dato", period_by="quarter").collect()
    assert frame["period"].to_list() == ["2012K4", "2013K1", "2013K3"]
    assert frame.columns == ["area_id", "period", "n"]
    frame = read_register(
        path, unit="count", period="dato", period_by="quarter", periods=["2013K1"]
    ).collect()
    assert frame["n"].to_list() == [2]
    (problem,) = problems(path, unit="count", period="dato")
    assert 'period_by = "quarter"' in str(problem)
    (problem,) = problems(path, unit="count")
    assert "which period" in problem.message
    (problem,) = problems(
        write(tmp_path, "area_id;aar;n\nA;2024;1\nA;i fjor;2\n"), unit="count", period="aar"
    )
    assert (problem.row, problem.column) == (3, "aar")


def test_renaming_where_and_the_municipalitys_own_row(tmp_path: Path) -> None:
    text = "område;type;stemmer;berettigede\nA;12;30;40\nA;11;1;2\nHele kommunen;12;300;500\n"
    path = write(tmp_path, text)
    frame = read_register(
        path,
        unit="count",
        area="omraade",
        period="2024",
        where="kind = 12",
        reference_row="hele kommunen",
        columns={"omraade": "område", "voted": "stemmer", "entitled": "berettigede", "kind": "type"},
    ).collect()
    assert frame.select("area_id", "voted", "entitled").rows() == [("A", 30, 40), (MUNICIPALITY, 300, 500)]
    (problem,) = problems(path, unit="count", area="område", period="2024", where="typ = 12", name="votes")
    assert problem.column == "typ"
    (problem,) = problems(
        path, unit="count", area="område", period="2024", where="SUM(type) > 1", name="votes"
    )
    assert problem.key == "registers.votes.where"


def test_doubled_keys(tmp_path: Path) -> None:
    path = write(tmp_path, "person_id;address_id;age\nP1;A;1\nP2;A;1\nP1;B;1\n;B;1\n")
    report = Report()
    frame = read_register(path, unit="person", id="person_id", period="2024", report=report)
    assert frame.collect().height == 4
    assert [(p.level, p.count) for p in report.problems] == [("warning", 1), ("warning", 1)]
    assert "rows 2, 4." in str(report.problems[1])
    with pytest.warns(BosocWarning):
        read_register(path, unit="person", id="person_id", period="2024")
    path = write(tmp_path, "area_id;age_group;n\nA;0-5;1\nA;6-9;2\n")
    assert read_register(path, unit="count", period="2024").collect().height == 2
    (problem,) = problems(path, unit="count", period="2024", columns=["n"])
    assert "rows 2, 3" in problem.message
    path = write(tmp_path, "area_id;group;n\nA;1;1\nA;2;2\n")
    assert read_register(path, unit="count", period="2024", id="group").collect().height == 2
    problems(path, unit="count", period="2024")


def test_an_address_table(tmp_path: Path) -> None:
    path = write(tmp_path, "id;oest;nord\nA1;574000,25;6223000,5\nA2;;\nA1;574000,25;6223000,5\n")
    fields = {"unit": "address", "id": "id", "x": "oest", "y": "nord"}
    report = Report()
    frame = read_register(path, report=report, **fields).collect()
    assert frame.select("address_id", "x", "y").rows() == [("A1", 574000.25, 6223000.5), ("A2", None, None)]
    assert "each counts once" in report.warnings[0].message
    path = write(tmp_path, "id;oest;nord\nA1;574000,25;6223000,5\nA1;574001,25;6223000,5\n")
    (problem,) = problems(path, **fields)
    assert "two places" in problem.message
    swapped = write(tmp_path, "id;oest;nord\nA1;6223000,5;574000,25\n")
    (problem,) = problems(swapped, **fields)
    assert "swapped" in problem.message
    degrees = write(tmp_path, "id;oest;nord\nA1;10,2;56,15\nA2;10,21;56,16\n")
    (problem,) = problems(degrees, **fields)
    assert "outside Denmark" in problem.message
    frame = read_register(degrees, crs="EPSG:4326", **fields).collect()
    assert abs(frame["x"][0] - 574_560) < 200
    assert abs(frame["y"][0] - 6_223_700) < 2_000
    (problem,) = problems(degrees, crs="EPSG:1", **fields)
    assert "coordinate system" in problem.message
    words = write(tmp_path, "id;oest;nord\nA1;east;north\n")
    assert [p.column for p in problems(words, **fields)] == ["oest", "nord"]


def test_large_files_are_kept_in_the_private_folder_without_person_numbers(
    tmp_path: Path,
) -> None:
    rows = "".join(
        f"{d:02d}03{y:02d}{d}{y:02d};A{d};{d * y / 4}\n".replace(".", ",")
        for d in range(10, 29)
        for y in range(99)
    )
    path = write(tmp_path, "pnr;address_id;w\n" + rows)
    whole = read_register(path, unit="person", id="pnr", period="2024").collect()
    spooled = read_in_parts(path, unit="person", id="pnr", period="2024", memory=Memory(1e-6)).frame
    assert spooled.collect().equals(whole)
    assert whole.height == 19 * 99
    from geo_bosoc.registers.files import private_folder

    kept = list(private_folder().glob("*.parquet"))
    assert kept
    for file in kept:
        assert (
            "pnr" not in pl.read_parquet_schema(file)
            or not pl.read_parquet(file)["pnr"].str.contains(r"^\d+$").any()
        )


def test_facts_and_custody_for_the_manifest(tmp_path: Path) -> None:
    spec = RegisterSpec(
        path="t.csv",
        unit="person",
        id="person_id",
        source="CPR",
        received="2024-02-01",
        purpose="map",
        publish="internal",
    )
    write(tmp_path, PERSONS)
    report = Report()
    read_register(spec, folder=tmp_path, report=report, name="persons", columns=["age"])
    assert report.facts["register:persons"] == {
        "files": ["t.csv"],
        "rows": 2,
        "unit": "person",
        "source": "CPR",
        "received": "2024-02-01",
        "purpose": "map",
        "publish": "internal",
    }


def test_a_column_without_any_value_fits_every_predicate(tmp_path: Path) -> None:
    path = write(tmp_path, "person_id;address_id;age;labour\nP1;A1;;\nP2;A2;;\n")
    for where in (
        "age > 5",
        "age IN (1, 2)",
        "age + 1 > 3",
        "labour = 'outside'",
        "labour LIKE 'out%' OR LOWER(labour) = 'x'",
        "age BETWEEN 0 AND 3 OR labour IN ('a', 'b')",
        "NOT (age = 1) AND labour",
        "EXTRACT(year FROM age) = 2024 AND age > DATE '2024-01-01'",
    ):
        frame = read_register(
            path, unit="person", id="person_id", period="2024", where=where, report=Report()
        )
        assert frame.collect().height == 0
        assert frame.collect_schema().names() == ["person_id", "address_id", "period", "age", "labour"]


def test_dates_and_truth_values_in_a_predicate(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "case_id;address_id;ended;charged\nC1;A;31-12-9999;true\nC2;A;01-02-2024;false\nC3;A;;true\n",
    )
    read = {"unit": "case", "id": "case_id", "period": "2024"}
    frame = read_register(path, where="ended > DATE '2024-06-01' AND charged", **read).collect()
    assert frame["case_id"].to_list() == ["C1"]
