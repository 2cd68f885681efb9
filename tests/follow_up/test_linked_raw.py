"""Registers as municipalities get them, keyed by person: each change is laid to persons to the last one."""

from __future__ import annotations

import csv
from pathlib import Path

from geo_bosoc.demo.raw.write import write_raw_demo
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.problems import Report
from geo_bosoc.project.analysis import analyse_project
from geo_bosoc.project.inputs import input_files
from geo_bosoc.project.requests import request_of_link
from geo_bosoc.project.spec import load_project
from geo_bosoc.project.studies.follow_up import with_link_fact
from geo_bosoc.project.studies.linked_persons import frames_of_linked_persons

LINKED = {
    "residents", "outside_labour_market", "health", "youth_crime", "exposed_children", "low_income_families",
    "child_wellbeing", "youth_education",
}  # fmt: skip


def deaths_extract(folder: Path) -> int:
    """An extract as CPR's, with all who left the raw demo: every other one of status 90, and some who stayed."""
    stays: dict[str, set[str]] = {}
    for file in sorted((folder / "data" / "registers").glob("befolkning_*.csv")):
        for row in csv.DictReader(file.read_text("cp1252").splitlines(), delimiter=";"):
            number = row["PNR"].replace("-", "").zfill(10)  # one person is written in one way everywhere here
            stays.setdefault(number, set()).add(
                row["FRAFLYDTO"] if row["STATUS"] in ("01", "1", "03") else ""
            )
    gone = sorted(number for number, ends in stays.items() if ends <= {"15-08-2023"})
    dead, abroad = gone[::2], gone[1::2]
    late = dead[0]  # died after the later status date: had moved before
    lines = [
        f"{number[:6]}-{number[6:]};90;{'02-01-2024' if number == late else '15-08-2023'}" for number in dead
    ]
    lines += [f"{number};80;15-08-2023" for number in abroad]
    (folder / "data" / "døde.csv").write_text("\n".join(["PNR;STATUS;STATUSDATO", *lines]), "cp1252")
    return len(dead) - 1


def test_what_registers_keyed_by_person_count_is_laid_to_persons(tmp_path: Path) -> None:
    write_raw_demo(tmp_path, residents=3000, years=(2023, 2024))
    file = tmp_path / "bosoc.toml"
    link = '\n[follow_up]\n\n[follow_up.link]\nyears = true\npurpose = "Prøve"\nlegal_basis = "Prøve"\n'
    link += "deaths = { path = 'data/døde.csv', person = 'PNR', day = 'STATUSDATO', where = 'STATUS = 90' }\n"
    link += 'origins = ["aftale"]\n\n[groups]\naftale = ["0001", "0002"]\n'
    file.write_text(file.read_text("utf-8") + link, "utf-8")
    number_of_dead = deaths_extract(tmp_path)
    project = load_project(tmp_path)
    analysis = analyse_project(project, requests=[request_of_link(project)], report=Report())
    published = suppress(analysis.results, "internal", Policy(policy="unsuppressed"))
    report = Report()
    frames = frames_of_linked_persons(project, analysis, published, report)
    components = frames["components"]
    assert set(frames["destinations"]["origin"]) == {"aftale"}
    assert not report.problems
    moves = frames["moves"]
    of_all = moves[(moves["area_id"] == "@municipality") & (moves["direction"] == "out")].set_index("flow")
    assert of_all.loc["died", "persons"] == number_of_dead
    assert of_all.loc["left", "persons"] >= number_of_dead
    assert "left_or_died" not in of_all.index
    assert "died" in set(components["component"])
    assert not any("dø" in file.name for file in input_files(project, registers=["persons"]))
    assert sum("dø" in file.name for file in input_files(project)) == 1
    stated = with_link_fact(project, analysis.results).report.facts["link"]
    assert stated == {"purpose": "Prøve", "legal_basis": "Prøve", "deaths": "data/døde.csv"}
    assert "link" not in analysis.results.report.facts
    assert LINKED & set(components.loc[components["component"] == "other", "indicator"]) == set()
    assert set(components.loc[components["component"] == "stayed", "indicator"]) >= {"outside_labour_market"}
    table = analysis.results.table.set_index(["area_id", "indicator", "period"])
    sums = components.groupby(["area_id", "indicator"])[["numerator", "denominator", "unknown"]].sum()
    for (area, indicator), row in sums.iterrows():
        figures = [table.loc[(area, indicator, period)] for period in ("2023", "2024")]
        for name in ("numerator", "denominator"):
            assert row[name] == figures[1][name] - figures[0][name]
