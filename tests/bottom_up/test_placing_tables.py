"""The small tables of assignment: read in Danish and English, every fault with its file, row and column."""

from pathlib import Path

import pytest

from geo_bosoc.bottom_up.placing.tables import PlacingTables, check_estates, read_placing
from geo_bosoc.bottom_up.spec import PlacingPart
from geo_bosoc.problems import Report

FILES = {
    "agreements": "boligorganisation;hver;fra_år\nVest;6;2020\nØst;4;2020\nØst;3;2023\n",
    "vacancies": "afdeling;år;ledige;boligorganisation;boliger;forbud\n"
    "0001;2023;1.200;Vest;900;\n0002;2023;7;Øst;80;ja\n",
    "assignments": "estate_id,year,assigned\n0001,2023,12\n",
    "need": "år;venter;anvist\n2023;40;\n",
}


def read(folder: Path, report: Report, **changed: str) -> PlacingTables | None:
    files = {**FILES, **changed}
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    part = PlacingPart(**{name: f"{name}.csv" for name, text in files.items() if text})
    return read_placing(part, folder, report)


def test_danish_and_english_columns_are_read_alike(tmp_path: Path):
    report = Report()
    tables = read(tmp_path, report)
    assert tables is not None and not report.problems
    assert tables.agreements[["organisation", "every"]].values.tolist() == [
        ["Vest", 6],
        ["Øst", 4],
        ["Øst", 3],
    ]
    assert tables.vacancies["vacancies"].tolist() == [1200, 7]
    assert tables.vacancies["banned"].tolist() == [False, True]
    assert tables.assignments[["estate_id", "year", "assigned"]].values.tolist() == [["0001", 2023, 12]]
    assert tables.need["assigned"].isna().all()


def test_every_fault_is_told_at_once_with_its_row_and_column(tmp_path: Path):
    report = Report()
    tables = read(
        tmp_path, report,
        agreements="boligorganisation;hver;fra_år\nVest;hver sjette;2020\n",
        vacancies="afdeling;år;ledige;boligorganisation\n0001;23;-1;Vest\n0002;2023;5;Vest\n0002;2023;6;Vest\n",
        assignments="estate_id;year\n0001;2023\n",
    )  # fmt: skip
    assert tables is None
    assert {(problem.file, problem.row, problem.column) for problem in report.errors} == {
        ("agreements.csv", 2, "hver"),
        ("vacancies.csv", 2, "år"),
        ("vacancies.csv", 2, "ledige"),
        ("vacancies.csv", 4, "afdeling"),
        ("assignments.csv", None, "assigned"),
    }
    assert all(problem.hint for problem in report.errors)


def test_one_agreement_is_everybodys_and_several_need_names(tmp_path: Path):
    without = "afdeling;år;ledige\n0001;2023;12\n0002;2023;7\n"
    report = Report()
    tables = read(
        tmp_path, report, agreements="organisation;every;from_year\nVest;6;2020\n", vacancies=without
    )
    assert tables is not None and tables.vacancies["organisation"].tolist() == ["Vest", "Vest"]
    assert read(tmp_path, report, vacancies=without) is None
    assert report.errors[0].column == "organisation" and report.errors[0].count == 2


def test_an_organisation_without_an_agreement_is_a_warning(tmp_path: Path):
    report = Report()
    assert read(tmp_path, report, agreements="organisation;every;from_year\nVest;6;2020\n") is not None
    assert ["Øst" in str(problem.message) for problem in report.warnings] == [True]


def test_an_assignment_to_no_estate_is_an_error_with_its_row(tmp_path: Path):
    report = Report()
    tables = read(tmp_path, report, assignments="estate_id;year;assigned\n0001;2023;9\n1;2023;4\n")
    assert tables is not None
    check_estates(tables, ["0003"], report)
    assert [(problem.file, problem.row) for problem in report.errors] == [("assignments.csv", 3)]


def test_person_numbers_never_pass_as_estates(tmp_path: Path):
    report = Report()
    assert read(tmp_path, report, assignments="estate_id;year;assigned\ncpr 990190-1234;2023;9\n") is None
    assert "990190" not in str([problem.message for problem in report.errors])


@pytest.mark.parametrize(
    "keys", [{}, {"agreements": "a.csv"}, {"need": "n.csv", "years": 0}, {"assigned": "a.csv"}]
)
def test_a_part_that_cannot_be_reckoned_is_refused(keys: dict[str, object]):
    with pytest.raises(ValueError):
        PlacingPart.model_validate(keys)
