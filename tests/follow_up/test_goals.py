"""Goals: published examples as they are, a made-up follow-up with every status by hand, and what is suppressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from described_columns import undescribed_columns, undescribed_headings

from geo_bosoc.disclosure.policy import UNSUPPRESSED, Policy
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up import (
    assess_goals,
    definition_fingerprint,
    frozen_baselines,
    list_goal_sets,
    load_goals,
    read_registrations,
    suppress_registrations,
)
from geo_bosoc.follow_up.outputs.tables import write_follow_up_workbook, write_frame_csv
from geo_bosoc.follow_up.spec import FollowUpPart
from geo_bosoc.follow_up.study import study_follow_up
from geo_bosoc.problems import InputError, Report

AREA = "A01"


def registered(rows: Sequence[tuple[Any, ...]], unit: str = "percent", area: str = AREA) -> pd.DataFrame:
    """Made-up registrations: measure, period, value and base."""
    table = pd.DataFrame([(*row, None)[:4] for row in rows], columns=["measure", "period", "value", "base"])
    return read_registrations(table.astype(object).assign(area_id=area, unit=unit))


def goal_file(
    folder: Path, *rows: str, head: str = "indicator;area_id;baseline;baseline_year;target;year;unit"
) -> Path:
    """A table of goals."""
    path = folder / "goals.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def statuses(frame: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(frame[["period", "status", "reason"]].itertuples(index=False, name=None))


def test_gellerups_eleven_goals_load_as_they_are_and_cannot_be_told() -> None:
    goals = load_goals("gellerup-2018", area="0012")
    rows = assess_goals(goals, language="en")
    assert len(goals.goals) == len(rows) == 11
    assert set(rows["status"]) == {"cannot_tell"}
    assert set(rows["reason"]) == {"no_figure_after_baseline"}
    assert rows["sentence"].str.startswith("Cannot be told: no figure after the baseline").all()
    assert rows["baseline"].tolist()[:3] == pytest.approx([0.529, 0.511, 712])
    assert rows["goal"].tolist()[-1] == pytest.approx(5.6)
    assert [goal.theme for goal in goals.goals[:5]] == ["safety"] * 4 + ["education"]
    assert goals.goals[4].long_term.kind == "reach"
    assert goals.goals[5].long_term.number == pytest.approx(0.40)


@pytest.mark.parametrize(
    ("period", "value", "base", "status", "reason"),
    [  # from 52.5 % in 2017 down to 45 % in 2022: a straight line is at 49.5 in 2019, 48 in 2020, 46.5 in 2021
        ("2020", 47.1, None, "on_course", "keeps_the_path"),
        ("2020", 48.0, None, "on_course", "keeps_the_path"),
        ("2021", 46.6, None, "behind", "short_of_path"),
        ("2021", 52.5, None, "behind", "short_of_path"),
        ("2019", 52.6, None, "moving_away", "worse_than_baseline"),
        ("2021", 45.0, None, "met", "reached"),
        ("2022", 45.1, None, "behind", "not_met_in_time"),
        ("2022", 53.0, None, "moving_away", "worse_than_baseline"),
        # Wilson's interval of 47 of 100 is 37.5-56.7: from 15 points better to 4 worse than 52.5
        ("2020", 47.0, 100, "cannot_tell", "change_within_chance"),
        # of 4,700 of 10,000 46.0-48.0: certainly better than 52.5
        ("2020", 47.0, 10_000, "on_course", "keeps_the_path"),
        # of 5,200 of 10,000 51.0-53.0: at best 51.0, which is short of 48
        ("2020", 52.0, 10_000, "behind", "surely_short_of_path"),
        ("2020", 56.0, 10_000, "moving_away", "worse_than_baseline"),
        ("2020", 40.0, 10, "met", "reached"),
    ],
)
def test_each_status_by_hand(period: str, value: float, base: int | None, status: str, reason: str) -> None:
    rows = assess_goals(
        load_goals("gellerup-2018", area=AREA),
        registrations=registered([("outside the labour market", period, value, base)]),
        policy=UNSUPPRESSED,
    )
    row = rows[rows["period"] == period]
    assert statuses(row) == [(period, status, reason)]
    assert len(rows) == 11


def test_the_sentence_is_as_an_agreement_would_write_it() -> None:
    followed = registered([("outside the labour market", "2020", 47.1)])
    rows = assess_goals(load_goals("gellerup-2018", area=AREA), registrations=followed)
    sentence = rows.loc[rows["period"] == "2020", "sentence"].item()
    assert sentence.startswith("På vej: 47,1 % i 2020, målet er 45 % i 2022")
    assert rows.loc[rows["period"] == "2020", "path_value"].item() == pytest.approx(0.48)


def test_the_nine_of_landsbyggefonden_and_their_development_against_the_municipality() -> None:
    goals = load_goals("lbf-2019-26", area="0012")
    first = assess_goals(goals)
    assert len({goal.indicator.partition(",")[0] for goal in goals.goals}) == 9
    assert len(goals.goals) == 11  # safety and voluntary work in two places
    by_measure = first.set_index("indicator")
    assert by_measure.loc["no_attachment", "ratio"] == pytest.approx(31.9 / 14.2)
    assert by_measure.loc["marks_9th_grade", ["baseline", "municipality_baseline"]].tolist() == [6.0, 7.9]
    assert set(first["status"]) == {"no_goal"}
    second = pd.DataFrame(
        [("basic school only and not in education", "15.6", "6.9", "percent", "2024"),
         ("basically safe, Herredsvang", "70", "93", "percent", "2024")],
        columns=["indicator", "area_value", "municipality_value", "unit", "year"],
    )  # fmt: skip
    rows = assess_goals(goals, registrations=read_registrations(second, area="0012")).set_index("indicator")
    assert rows.loc["basic_school_only", "difference"] == pytest.approx(-0.030)  # 18.6 to 15.6
    assert rows.loc["basic_school_only", "against_municipality"] == pytest.approx(-0.025)  # 7.4 to 6.9 there
    assert rows.loc["basically_safe, Herredsvang", "against_municipality"] == pytest.approx(0.03)
    assert rows.loc["basic_school_only", "ratio"] == pytest.approx(15.6 / 6.9)


def test_goals_relative_to_the_mean_of_the_last_five_and_four(tmp_path: Path) -> None:
    meetings = [
        ("beboermøder", str(year), value)
        for year, value in zip(range(2018, 2025), (10, 20, 30, 40, 60, 40, 45), strict=True)
    ]
    head = "indicator;area_id;baseline_year;baseline_mean_of;target;year"
    goals = load_goals(goal_file(tmp_path, f"beboermøder;{AREA};2022;5;+25 %;2024",
                                 f"beboermøder;{AREA};2022;4;50 % flere;2026",
                                 f"beboermøder;{AREA};2022;1;halveres;2026", head=head))  # fmt: skip
    rows = assess_goals(goals, registrations=registered(meetings, "møder"))
    # the mean of 10, 20, 30, 40, 60 is 32, and 25 % more 40; of 20, 30, 40, 60 it is 37.5, and half as much again 56.25
    assert rows["baseline"].tolist() == [32.0, 32.0, 37.5, 37.5, 60.0, 60.0]
    assert rows["goal"].tolist() == [40.0, 40.0, 56.25, 56.25, 30.0, 30.0]
    assert rows["status"].tolist() == ["met", "met", "behind", "behind", "on_course", "on_course"]
    assert rows["direction"].tolist() == ["up"] * 4 + ["down"] * 2


def test_half_years_and_quarters_and_given_paths(tmp_path: Path) -> None:
    figures = [
        ("åbne aktiviteter", "2024H1", 12),
        ("åbne aktiviteter", "2024H2", 13),
        ("åbne aktiviteter", "2025H1", 20),
    ]
    head = "indicator;area_id;baseline;baseline_year;target;year;path"
    goals = load_goals(goal_file(tmp_path, f"åbne aktiviteter;{AREA};10;2023H2;20;2025H2;",
                                 f"åbne aktiviteter;{AREA};10;2023H2;20;2025H2;trin",
                                 f"åbne aktiviteter;{AREA};10;2023H2;21;2025H2;2024H1: 12 | 2024H2: 16",
                                 head=head))  # fmt: skip
    rows = assess_goals(goals, registrations=registered(figures, "aktiviteter"), language="da")
    assert rows["path_value"].tolist() == pytest.approx([12.5, 15, 17.5, 10, 10, 10, 12, 16, 18.5])
    assert rows["status"].tolist() == [
        "behind", "behind", "met", "on_course", "on_course", "met", "on_course", "behind", "on_course",
    ]  # fmt: skip
    assert rows["sentence"][0] == (
        "Bagud: 12 aktiviteter i 1. halvår 2024, målet er 20 aktiviteter i 2. halvår 2025. "
        "Vejen dertil går over 12,5 aktiviteter i 1. halvår 2024."
    )
    assert rows["period"].tolist() == sorted(set(rows["period"])) * 3


def test_goals_towards_the_municipality(tmp_path: Path) -> None:
    head = "indicator;area_id;baseline;baseline_year;municipality_value;target;year;unit;direction"
    goals = load_goals(goal_file(tmp_path, f"fravær;{AREA};8,4;2017;5,8;nå kommunen;2022;procent;ned",
                                 f"fravær;{AREA};8,4;2017;5,8;approach the municipality;2022;%;down",
                                 head=head))  # fmt: skip
    figures = pd.concat(
        [
            registered([("fravær", "2019", 7.9), ("fravær", "2020", 8.8), ("fravær", "2022", 5.4)]),
            registered(
                [("fravær", "2019", 5.8), ("fravær", "2020", 6.3), ("fravær", "2022", 5.5)], area="@municipality"
            ),
        ]
    )  # fmt: skip
    rows = assess_goals(goals, registrations=figures)
    # reach: 2019 asks for 8.4 - 2/5 of (8.4 - 5.8) = 7.36; approach: the distance was 2.6, then 2.1, 2.5, and past it
    assert rows["status"].tolist() == ["behind", "moving_away", "met", "on_course", "on_course", "met"]
    assert rows["path_value"][0] == pytest.approx(0.0736)
    assert rows["reason"].tolist()[3:] == ["distance_narrowed", "distance_narrowed", "municipality_reached"]


def test_goals_on_indicators_of_a_run_and_counts_of_areas(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    shown = small_shown("internal")
    model = shown.models[0]
    worst = model.category[-1].id
    head = "goal_id;indicator;category;area_id;baseline;baseline_year;target;year"
    path = goal_file(
        tmp_path,
        "g1;outside_labour_market;;A03;;2022;25;2024",
        f"g2;;{'|'.join(each.id for each in model.category)};@areas;;2022;halved;2024",
        "g3;outside_labour_market;;@municipality;;2022;19;2026",
        head=head,
    )
    rows = assess_goals(load_goals(path), shown)
    table = shown.table.set_index(["area_id", "indicator", "period"])["value"]
    first = rows[rows["goal_id"] == "g1"]
    assert first["value"].tolist() == [
        table["A03", "outside_labour_market", year] for year in ("2023", "2024")
    ]
    assert first["baseline"].tolist() == [table["A03", "outside_labour_market", "2022"]] * 2
    assert first["goal"].tolist() == [0.25, 0.25]  # 25 is 25 %, the indicator's own unit
    assert (first["fingerprint"] == definition_fingerprint(shown.indicators[0])).all()
    counted = rows[rows["goal_id"] == "g2"]
    in_any = shown.categories[shown.categories["category"].isin([each.id for each in model.category])]
    sure = in_any.groupby("period").size()
    assert counted["value"].dropna().tolist() == [
        float(sure[period]) for period in counted.loc[counted["value"].notna(), "period"]
    ]
    assert worst


def test_a_suppressed_figure_leaves_no_number_and_no_status(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    shown = small_shown("public")
    hidden = shown.table[shown.table["status"] == "protected"]
    assert len(hidden)
    rows = []
    for area, indicator in sorted(set(zip(hidden["area_id"], hidden["indicator"], strict=True))):
        rows += [f"{indicator};{area};;2022;halved;2026;", f"{indicator};{area};12,5;2022;6;2026;"]
    frame = assess_goals(load_goals(goal_file(tmp_path, *rows)), shown)
    cells = set(zip(hidden["area_id"], hidden["indicator"], hidden["period"], strict=True))
    numbers = ["value", "low", "high", "difference", "difference_low", "difference_high", "ratio",
               "against_municipality", "path_value"]  # fmt: skip
    seen = 0
    for row in frame.to_dict("records"):
        if (row["area_id"], row["indicator"], row["period"]) in cells:
            seen += 1
            assert row["status"] == "cannot_tell"
            assert pd.Series([row[name] for name in numbers]).isna().all()
        if (row["area_id"], row["indicator"], "2022") in cells:
            assert row["status"] == "cannot_tell"
            assert pd.isna(row["baseline"]) and pd.isna(row["difference"])
    assert seen


def test_a_definition_that_changed_is_told(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    shown = small_shown("internal")
    path = goal_file(tmp_path, "outside_labour_market;A03;;2022;25;2026;")
    frozen = frozen_baselines(load_goals(path), shown)
    value = shown.table.set_index(["area_id", "indicator", "period"])["value"][
        "A03", "outside_labour_market", "2022"
    ]
    assert frozen["baseline"].tolist() == pytest.approx([100 * value], abs=1e-9)
    frozen.to_csv(path, sep=";", decimal=",", index=False, encoding="utf-8")
    again = assess_goals(load_goals(path), shown)
    assert "definition_changed" not in set(again["reason"])
    frozen.assign(fingerprint="0123456789ab").to_csv(
        path, sep=";", decimal=",", index=False, encoding="utf-8"
    )
    report = Report()
    changed = assess_goals(load_goals(path), shown, report=report)
    assert set(changed["reason"]) == {"definition_changed"}
    assert [problem.row for problem in report.warnings] == [2]
    assert "no longer defined" in str(report.warnings[0])


def test_all_that_is_wrong_in_a_table_is_told_at_once(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    path = goal_file(tmp_path, f"health;{AREA};x;2022;soon;2021;", "health;;10;;9;;")
    with pytest.raises(InputError) as caught:
        load_goals(path)
    places = {(problem.row, problem.column) for problem in caught.value.problems}
    assert places >= {
        (2, "baseline"),
        (2, "target"),
        (2, "year"),
        (3, "area_id"),
        (3, "baseline_year"),
        (3, "year"),
    }
    path = goal_file(
        tmp_path, "outside_labor_market;A1;10;2022;9;2026;", "safety;A03;10;2022;9;2026;per_1000"
    )
    with pytest.raises(InputError) as caught:
        assess_goals(load_goals(path), small_shown("public"))
    text = str(caught.value)
    assert 'Did you mean "outside_labour_market"?' in text
    assert "there is no area" in text
    assert {problem.row for problem in caught.value.problems} == {2, 3}
    with pytest.raises(InputError, match='Did you mean "gellerup-2018"'):
        load_goals("gellerup-2081")


def test_the_sets_that_ship_say_when_they_end() -> None:
    ends = {spec.id: spec.valid_to for spec in list_goal_sets()}
    assert ends == {"gellerup-2018": "2022-12-31", "lbf-2019-26": "2026-12-31"}
    report = Report()
    assess_goals(load_goals("gellerup-2018", area=AREA),
                 registrations=registered([("outside the labour market", "2024", 44)]), report=report)  # fmt: skip
    assert "ended on 2022-12-31" in str(report.problems[0])


def test_a_threshold_of_law_is_a_goal(tmp_path: Path) -> None:
    goals = load_goals(goal_file(tmp_path, f"uden for;{AREA};44;2022;national-2021:outside_labour_pct;2026;"))
    rows = assess_goals(
        goals, registrations=registered([("uden for", "2023", 40.0), ("uden for", "2024", 40.1)])
    )
    assert rows["goal"].tolist() == [0.4, 0.4]  # "over 40 %" is met at 40.1, not at 40
    assert rows["status"].tolist() == ["met", "on_course"]


def test_a_group_is_the_sum_of_its_areas_unless_one_is_suppressed(tmp_path: Path) -> None:
    goals = load_goals(goal_file(tmp_path, "fritidspas;@group:vest;10;2022;20;2024;personer"))
    rows = pd.concat(
        [registered([("fritidspas", "2023", 9), ("fritidspas", "2024", 12)], "personer"),
         registered([("fritidspas", "2023", 8), ("fritidspas", "2024", 3)], "personer", area="A02")]
    )  # fmt: skip
    groups = {"vest": ["A01", "A02"]}
    frame = assess_goals(goals, registrations=rows, groups=groups)
    assert statuses(frame) == [("2023", "on_course", "keeps_the_path"), ("2024", "cannot_tell", "protected")]
    assert frame["value"].tolist()[0] == 17.0
    unsuppressed = assess_goals(goals, registrations=rows, groups=groups, policy=UNSUPPRESSED)
    assert unsuppressed["value"].tolist() == [17.0, 15.0]
    small_baseline = load_goals(goal_file(tmp_path, f"fritidspas;{AREA};3;2022;halved;2024;personer"))
    frame = assess_goals(small_baseline, registrations=rows, policy=Policy())
    assert set(frame["reason"]) == {"baseline_protected"}
    assert frame[["baseline", "goal", "difference"]].isna().all().all()


def test_goals_of_a_project_are_sheets_and_files_that_are_read_back(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    shown = small_shown("public", "da")
    head = "goal_id;indicator;area_id;baseline;baseline_year;target;year;unit"
    goal_file(tmp_path, "g1;outside_labour_market;@municipality;;2022;10 % færre;2026;",
              f"g2;beboermøder;{AREA};;2023H1;+25 %;2024H2;møder", f"g3;deltagere;{AREA};;2023H1;+25 %;2024H2;personer",
              head=head)  # fmt: skip
    rows = [f"{AREA};2023H1;beboermøder;12;møder;", f"{AREA};2024H1;beboermøder;14;møder;",
            f"{AREA};2023H1;deltagere;3;personer;", f"{AREA};2024H1;deltagere;30;personer;"]  # fmt: skip
    (tmp_path / "reg.csv").write_text(
        "\n".join(["area_id;period;measure;value;unit;note", *rows]), encoding="utf-8"
    )
    part = FollowUpPart.model_validate(
        {"goals": {"sets": [{"source": "goals.csv"}, {"source": "gellerup-2018", "area": AREA}],
                   "registrations": ["reg.csv"]},
         "safety": {"indicators": ["outside_labour_market"]}}
    )  # fmt: skip
    results = study_follow_up(shown, part, folder=tmp_path)
    goals = results.frames["goals"]
    assert goals["goal_id"].nunique() == 3 + 11
    assert statuses(goals[goals["goal_id"] == "g2"]) == [("2024H1", "on_course", "keeps_the_path")]
    assert statuses(goals[goals["goal_id"] == "g3"]) == [("2024H1", "cannot_tell", "baseline_protected")]
    write_follow_up_workbook(results, tmp_path / "follow_up.xlsx")
    book = openpyxl.load_workbook(tmp_path / "follow_up.xlsx")
    assert {"Mål", "Mål at låse", "Tryghed"} <= set(book.sheetnames)
    words = {cell.value for row in book["Mål"].iter_rows() for cell in row}
    assert {"På vej", "Kan ikke afgøres", "udgangspunktet er skjult", "ret linje"} <= words
    assert not [text for text in words if str(text).startswith("status_")]  # a goal's status is no figure's
    assert undescribed_headings(tmp_path / "follow_up.xlsx", frozenset(results.labels.values())) == []
    assert "ikke forskellig" in {cell.value for row in book["Tryghed"].iter_rows() for cell in row}
    for name in ("follow_up_goals.csv", "follow_up_goal_baselines.csv", "follow_up_safety.csv"):
        write_frame_csv(results, tmp_path / name)
        header = (tmp_path / name).read_text(encoding="utf-8-sig").splitlines()[0]
        assert undescribed_columns(header.split(";"), "follow_up") == []
    report = Report()
    again = load_goals(tmp_path / "follow_up_goal_baselines.csv", report=report)
    assert report.problems == []
    by_id = {goal.goal_id: goal for goal in again.goals}
    frozen = goals[goals["goal_id"] == "g1"].iloc[0]
    assert by_id["g1"].baseline == pytest.approx(frozen["baseline"], abs=1e-12)
    assert (by_id["g1"].area_id, by_id["g1"].definition) == ("@municipality", frozen["fingerprint"])
    assert (by_id["g2"].baseline, by_id["g2"].target.number, by_id["g3"].baseline) == (12.0, 0.25, None)


def test_registrations_are_checked_at_the_door_and_small_numbers_of_persons_go() -> None:
    wrong = pd.DataFrame(
        [("A01", "2024", "sport", "x", "personer"), ("A01", "2024H5", "sport", "3,5", "personer"),
         ("A99", "2024", "sport", "4", ""), ("A01", "2025", "sport", "5", "kr."), ("A01", "2025", "sport", "5", "kr.")],
        columns=["area_id", "period", "measure", "value", "unit"],
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        read_registrations(wrong, ["A01", "A02"], file="reg.csv")
    places = {(problem.row, problem.column) for problem in caught.value.problems}
    assert places >= {(2, "value"), (3, "period"), (3, "value"), (4, "area_id"), (4, "unit"), (6, None)}
    quarters = [("A01", f"2024K{quarter}", value) for quarter, value in enumerate((3, 20, 21, 0), start=1)]
    rows = [*quarters, ("A01", "2024H1", 23), ("A01", "2024H2", 21), ("A01", "2024", 44), ("A02", "2024", 30),
            ("A01", "2023", 12), ("@municipality", "2024", 74), ("@municipality", "2024H2", 50)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["area_id", "period", "value"]).assign(
        measure="sport", unit="personer"
    )
    shown = suppress_registrations(read_registrations(table), Policy()).set_index(["area_id", "period"])
    hidden = set(shown.index[shown["status"] == "protected"])
    # the quarter; the half-year and the year that less the other quarters give it; the year of the municipality
    assert hidden == {("A01", "2024K1"), ("A01", "2024H1"), ("A01", "2024"), ("@municipality", "2024")}
    assert shown.loc[sorted(hidden), ["value", "low", "high", "base"]].isna().all().all()
    kroner = read_registrations(table.assign(unit="kr."))
    assert (suppress_registrations(kroner, Policy())["status"] == "ok").all()


def test_a_workbook_is_read_and_a_misspelled_registration_is_told(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ("Mål i aftalen", None, None, None, None, None),
        ("område", "indikator", "udgangspunkt", "udgangsår", "mål", "målår"),
        ("A03", "outside_labour_market", 0.525, 2022, "25 % færre", 2026),
        ("A03", "beboermøderne", 8, 2022, "25 % flere", 2026),
    ):
        sheet.append(row)
    sheet["C3"].number_format = "0.0%"
    book.save(tmp_path / "mål.xlsx")
    goals = load_goals(tmp_path / "mål.xlsx")
    assert [goal.target.number for goal in goals.goals] == [-0.25, 0.25]
    report = Report()
    meetings = registered([("beboermøder", "2023", 9)], "møder", area="A03")
    rows = assess_goals(goals, small_shown("public"), registrations=meetings, report=report)
    assert rows["baseline"].tolist() == pytest.approx([0.525, 0.525, 8])
    assert rows["goal"][0] == pytest.approx(0.39375)
    assert 'Did you mean "beboermøder"?' in str(report.warnings[0])
    assert report.warnings[0].row == 4


def test_a_group_of_areas_has_goals_on_indicators_and_on_its_number_of_areas(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    shown = small_shown("internal")
    municipal = shown.reference_areas[shown.reference_areas["area_id"] == "@municipality"]
    group = municipal.assign(area_id="@group:vest", value=municipal["value"] * 2)
    shown = replace(shown, reference_areas=pd.concat([shown.reference_areas, group], ignore_index=True))
    worst = shown.models[0].category[0].id
    path = goal_file(tmp_path, "outside_labour_market;;@group:vest;;2022;20 % færre;2026",
                     f";{worst};@group:vest;;2022;halveres;2026",
                     head="indicator;category;area_id;baseline;baseline_year;target;year")  # fmt: skip
    groups = {"vest": ["A01", "A02", "A03"]}
    rows = assess_goals(load_goals(path), shown, groups=groups)
    values = group[group["indicator"] == "outside_labour_market"].set_index("period")["value"]
    assert rows["value"].tolist()[:2] == [values["2023"], values["2024"]]
    members = shown.categories[
        shown.categories["area_id"].isin(groups["vest"]) & (shown.categories["category"] == worst)
    ]
    assert rows["value"].tolist()[2:] == [
        float((members["period"] == year).sum()) for year in ("2023", "2024")
    ]
