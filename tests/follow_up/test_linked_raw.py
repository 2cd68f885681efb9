"""Registers as municipalities get them, keyed by person: each change is laid to persons to the last one."""

from __future__ import annotations

from pathlib import Path

from geo_bosoc.demo.raw.write import write_raw_demo
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.problems import Report
from geo_bosoc.project.analysis import analyse_project
from geo_bosoc.project.requests import request_of_link
from geo_bosoc.project.spec import load_project
from geo_bosoc.project.studies.follow_up import with_link_fact
from geo_bosoc.project.studies.linked_persons import frames_of_linked_persons

LINKED = {
    "residents", "outside_labour_market", "health", "youth_crime", "exposed_children", "low_income_families",
    "child_wellbeing", "youth_education",
}  # fmt: skip


def test_what_registers_keyed_by_person_count_is_laid_to_persons(tmp_path: Path) -> None:
    write_raw_demo(tmp_path, residents=3000, years=(2023, 2024))
    file = tmp_path / "bosoc.toml"
    link = '\n[follow_up]\n\n[follow_up.link]\nyears = true\npurpose = "Prøve"\nlegal_basis = "Prøve"\n'
    link += 'origins = ["aftale"]\n\n[groups]\naftale = ["0001", "0002"]\n'
    file.write_text(file.read_text("utf-8") + link, "utf-8")
    project = load_project(tmp_path)
    analysis = analyse_project(project, requests=[request_of_link(project)], report=Report())
    published = suppress(analysis.results, "internal", Policy(policy="unsuppressed"))
    report = Report()
    frames = frames_of_linked_persons(project, analysis, published, report)
    components = frames["components"]
    assert set(frames["destinations"]["origin"]) == {"aftale"}
    assert not report.problems
    stated = with_link_fact(project, analysis.results).report.facts["link"]
    assert stated == {"purpose": "Prøve", "legal_basis": "Prøve"}
    assert "link" not in analysis.results.report.facts
    assert LINKED & set(components.loc[components["component"] == "other", "indicator"]) == set()
    assert set(components.loc[components["component"] == "stayed", "indicator"]) >= {"outside_labour_market"}
    table = analysis.results.table.set_index(["area_id", "indicator", "period"])
    sums = components.groupby(["area_id", "indicator"])[["numerator", "denominator", "unknown"]].sum()
    for (area, indicator), row in sums.iterrows():
        figures = [table.loc[(area, indicator, period)] for period in ("2023", "2024")]
        for name in ("numerator", "denominator"):
            assert row[name] == figures[1][name] - figures[0][name]
