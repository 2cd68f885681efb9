"""Right, need and load of dwellings that the municipality assigns: closed forms, hidden counts, and every output."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from scipy.stats import binomtest

from geo_bosoc.bottom_up.outputs.page import area_page
from geo_bosoc.bottom_up.placing.load import estate_load
from geo_bosoc.bottom_up.placing.part import AssignmentPart
from geo_bosoc.bottom_up.placing.small_counts import shown_counts
from geo_bosoc.bottom_up.placing.supply import every_of, need_by_year, supply_by_organisation
from geo_bosoc.bottom_up.placing.tables import PlacingTables, read_placing
from geo_bosoc.bottom_up.spec import PlacingPart
from geo_bosoc.models import load_model
from geo_bosoc.problems import Report
from geo_bosoc.project.studies.bottom_up.assignments import areas_at_risk
from geo_bosoc.project.studies.runs import BottomUpOutcome

ASSIGNED = [("a", "Vest", 40), ("b", "Vest", 6), ("c", "Vest", 3), ("d", "Øst", 9), ("e", "Øst", 11)]


def tables(
    folder: Path, assigned: list[tuple[str, str, int]], *, year: int = 2024, **more: str
) -> PlacingTables:
    files = {
        "agreements": "organisation;every;from_year;to_year\nVest;6;2020;\nVest;4;2024;\nØst;3;2020;2023\n",
        "vacancies": "estate_id;year;vacancies;organisation;dwellings\n"
        + "".join(f"{estate};{year};25;{organisation};200\n" for estate, organisation, _ in assigned),
        "assignments": "estate_id;year;assigned\n"
        + "".join(f"{estate};{year};{count}\n" for estate, _, count in assigned),
        "need": f"year;waiting\n{year};30\n",
        **more,
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    report = Report()
    read = read_placing(PlacingPart(**{name: f"{name}.csv" for name in files}), folder, report)
    assert read is not None, report.problems
    return read


def part_of(read: PlacingTables, at_risk: str = "", years: int = 5) -> AssignmentPart:
    names = {estate: estate.upper() for estate in "abcde"}
    within = pd.DataFrame({"place_id": ["N001"], "area_id": ["a"]})
    return AssignmentPart(read, years, "2024", names, {}, frozenset(at_risk), within)


def test_the_right_is_every_nth_vacancy_of_an_organisation_rounded_down(tmp_path: Path):
    read = tables(tmp_path, ASSIGNED)
    supply = supply_by_organisation(read).set_index("organisation")
    assert supply.loc["Vest", ["vacancies", "every", "right"]].tolist() == [75, 4, 18]  # 75 / 4 = 18.75
    assert supply.loc["Vest", ["assigned", "used", "unused", "beyond"]].tolist() == [49, 18, 0, 31]
    assert supply.loc["Øst", ["every", "right", "beyond"]].tolist() == [0, 0, 20]  # its agreement has ended
    assert every_of(read.agreements, "Vest", 2023) == 6
    need = need_by_year(read, supply.reset_index()).iloc[0]
    assert need[["need", "right", "shortage"]].tolist() == [99, 18, 81]
    assert need["covered"] == pytest.approx(18 / 99)


def test_dwellings_that_the_law_closes_give_no_right(tmp_path: Path):
    closed = "estate_id;year;vacancies;organisation;banned\na;2024;25;Vest;ja\nb;2024;26;Vest;nej\n"
    supply = supply_by_organisation(tables(tmp_path, ASSIGNED[:2], vacancies=closed))
    assert supply[["vacancies", "right"]].values.tolist() == [[26, 6]]


def test_the_load_is_the_binomial_tail_beside_all_estates():
    counts = pd.Series({"a": 40, "b": 6, "c": 12, "d": 9, "e": 11})
    stock = dict.fromkeys("abcde", 200)
    load = estate_load(counts, stock, int(counts.sum()), 2).set_index("estate_id")
    assert load.loc["a", "per_100"] == 10.0 and load.loc["a", "times_all"] == pytest.approx(40 / (78 / 5))
    assert load["share_assigned"].sum() == pytest.approx(1) and set(load["share_dwellings"]) == {0.2}
    p = {name: binomtest(int(count), 78, 0.2, alternative="greater").pvalue for name, count in counts.items()}
    assert [name for name in p if p[name] <= 0.05 / 5] == list(load.index[load["load"] == "above"]) == ["a"]
    assert (load["smoothed"] - 3.9).abs().le((load["per_100"] - 3.9).abs()).all()


def test_equal_estates_raise_no_alarm():
    rng, alarms = np.random.default_rng(7), 0
    stock = {f"{number:02d}": 50 + 10 * number for number in range(30)}
    share = np.array(list(stock.values())) / sum(stock.values())
    for _ in range(200):
        counts = pd.Series(rng.multinomial(600, share), index=list(stock))
        alarms += (estate_load(counts, stock, 600, 5)["load"] == "above").any()
    assert alarms <= 200 * 0.05 + 10  # at most the rate of false discoveries, and three standard deviations


def possible_worlds(shown: dict[str, int], hidden: list[str], total: int) -> list[dict[str, int]]:
    """What an outsider thinks possible of hidden estates of one organisation: each has somebody."""
    rest = total - sum(shown.values())
    worlds = product(range(1, rest + 1), repeat=len(hidden))
    return [dict(zip(hidden, world, strict=True)) for world in worlds if sum(world) == rest]


@pytest.mark.parametrize(
    "counts",
    [(40, 6, 3), (40, 1, 1), (40, 1, 6), (5, 4, 9), (1, 1, 7), (9, 2, 0), (30, 31, 4)],
)
def test_no_small_count_can_be_worked_out_from_what_is_shown(counts: tuple[int, ...]):
    rows = [(name, 2024, count, "Vest", False, True) for name, count in zip("abc", counts, strict=True)]
    rows += [(name, 2024, 20, "Øst", False, True) for name in "de"]
    frame = pd.DataFrame(rows, columns=["estate_id", "year", "assigned", "organisation", "at_risk", "base"])
    result = shown_counts(frame, frozenset({2024}), 5)
    west = dict(zip("abc", counts, strict=True))
    hidden = [name for name in "abc" if name in result.hidden]
    worlds = possible_worlds(
        {name: count for name, count in west.items() if name not in hidden}, hidden, sum(counts)
    )
    for name, count in west.items():
        if 0 < count < 5:
            assert name in hidden
            assert len({world[name] for world in worlds} & {1, 2, 3, 4}) >= 2


def test_an_organisation_of_few_households_is_shown_with_the_next(tmp_path: Path):
    rows = [*ASSIGNED, ("f", "Syd", 2), ("g", "Nord", 30)]
    vacancies = "estate_id;year;vacancies;organisation;dwellings\n" + "".join(
        f"{estate};2024;25;{organisation};200\n" for estate, organisation, _ in rows
    )
    sheet = part_of(tables(tmp_path, rows, vacancies=vacancies)).show("en", 5).sheets["sheet_placing_supply"]
    shown = dict(zip(sheet["organisation"], sheet["assigned"], strict=True))
    assert shown["Other housing organisations as one"] == 22 and shown["All"] == 101
    assert pd.isna(shown["Syd"]) and pd.isna(shown["Øst"])
    assert sheet.loc[sheet["hidden"], "right"].notna().all()  # rights are no households


def test_few_households_are_in_no_sheet_line_or_note(tmp_path: Path):
    part = part_of(tables(tmp_path, [("a", "Vest", 40), ("b", "Vest", 16), ("c", "Vest", 3)]), "a")
    guarded, plain = part.show("en", 5), part.show("en", 1)
    load = guarded.sheets["sheet_placing_load"].set_index("estate_id")
    assert load["hidden"].to_dict() == {"a": False, "b": True, "c": True}
    assert load.loc["c", ["assigned", "per_100_dwellings", "smoothed", "share_assigned"]].isna().all()
    assert guarded.area_lines["placing_load", "c"] == ["Assigned 2024: hidden (few households)."]
    assert "sheet_placing_risk" in plain.sheets
    assert "3 households" in plain.area_lines["placing_load", "c"][0]
    layer = guarded.area_layers[0].rows.set_index("area_id")["category"]
    assert layer.to_dict() == {"a": "piling", "b": "hidden", "c": "hidden"}
    assert part.show("da", 5).summary[-1] == "Anvisningerne hober sig op i boligområder i risiko (1): A."


def test_a_year_of_few_households_shows_no_estate(tmp_path: Path):
    part = part_of(tables(tmp_path, [("a", "Vest", 3), ("b", "Vest", 0)]))
    guarded = part.show("en", 5)
    assert "sheet_placing_load" not in guarded.sheets and not guarded.area_layers
    assert guarded.sheets["sheet_placing_supply"][["assigned", "unused"]].isna().all(axis=None)
    assert guarded.sheets["sheet_placing_need"][["assigned", "need"]].isna().all(axis=None)


def test_only_the_last_years_are_added_up(tmp_path: Path):
    assignments = "estate_id;year;assigned\n" + "".join(f"a;{year};10\n" for year in range(2018, 2025))
    read = tables(tmp_path, ASSIGNED, assignments=assignments)
    row = part_of(read, years=3).show("en", 5).sheets["sheet_placing_load"].iloc[0]
    assert (row["estate_id"], row["assigned"], row["years"]) == ("a", 30, "2022-2024")
    assert row["per_100_dwellings"] == pytest.approx(5)


def test_risk_is_what_the_set_shows():
    columns = ["area_id", "period", "model", "category", "possible"]
    rows = [
        ("0001", "2024", "aarhus-2018", "deprived", None),
        ("0002", "2024", "aarhus-2018", "range", "at_risk|outside_risk"),
        ("0003", "2024", "aarhus-2018", "range", "at_risk|deprived"),
        ("0004", "2024", "aarhus-2018", "too_small", None),
        ("0005", "2023", "aarhus-2018", "deprived", None),
        ("0006", "2024", "aarhus-2018", "outside_risk", None),
    ]
    table = pd.DataFrame(rows, columns=columns)
    assert areas_at_risk(table, [load_model("aarhus-2018")], "2024") == {"0001", "0003"}


def filled_rows(sheet: Any) -> list[list[Any]]:
    rows = ([cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True))
    return [row for row in rows if row]


def test_a_run_writes_sheets_lines_and_the_layer(outcome: BottomUpOutcome, town: Path):
    book = openpyxl.load_workbook(town / "maps-internal" / "bottom_up.xlsx", read_only=True)
    assert {"Ret til anvisning", "Behov for anvisning", "Hvor der anvises"} <= set(book.sheetnames)
    (last,) = [row for row in filled_rows(book["Behov for anvisning"]) if row[0] == 2024]
    assert last[1] == "skjult" and 3 not in last
    load = filled_rows(book["Hvor der anvises"])
    assert next(row[0] for row in load if str(row[0]).startswith("000")) == "0001"
    page = area_page(outcome.results)
    assert page is not None
    layer = next(each for each in page.classifications if each.id == "placing_load")
    assert dict(zip(layer.rows["area_id"], layer.rows["category"], strict=True))["0003"] == "hidden"
    english = area_page(replace(outcome.results, language="en"))
    assert english is not None
    assert (
        english.explanations["placing_load"]["0001", outcome.results.period]
        .criteria[0]
        .startswith("Assigned 2023")
    )
