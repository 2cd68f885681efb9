"""A place's file over the years: the tables of forums and actions, which place is which, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from geo_bosoc.bottom_up.history.place_history import (
    ACTION_COLUMNS,
    FORUM_COLUMNS,
    NOMINATION_COLUMNS,
    VERDICT_COLUMNS,
    PlaceHistory,
    follow_back,
    place_of_homes,
)
from geo_bosoc.bottom_up.history.place_tables import (
    publishable_action,
    read_actions,
    read_forums,
    read_place_tables,
)
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.demo import write_demo
from geo_bosoc.problems import Report
from geo_bosoc.project.requests import last_of_years
from geo_bosoc.project.studies.runs import BottomUpOutcome, run_bottom_up


def written(folder: Path, *lines: str) -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def homes_of(**homes: str) -> pd.DataFrame:
    rows = [(place, home) for place, letters in homes.items() for home in letters]
    return pd.DataFrame(rows, columns=["place_id", "address_id"])


def history(
    verdicts: dict[str, list[str]], *, households: int = 40, actions: Sequence[tuple[object, ...]] = ()
) -> PlaceHistory:
    years = ("2022", "2023", "2024")
    rows = [
        (place, year, verdict, "", (), households)
        for place, by_year in verdicts.items()
        for year, verdict in zip(years, by_year, strict=False)
        if verdict
    ]
    return PlaceHistory(
        dict.fromkeys(verdicts, "Solparken"),
        pd.DataFrame(rows, columns=list(VERDICT_COLUMNS)),
        pd.DataFrame(columns=list(NOMINATION_COLUMNS)),
        pd.DataFrame(columns=list(FORUM_COLUMNS)),
        pd.DataFrame(list(actions), columns=list(ACTION_COLUMNS)),
        years,
        {},
    )


def test_forums_are_read_in_danish_and_in_english(tmp_path: Path) -> None:
    report = Report()
    danish = read_forums(
        written(tmp_path, "Sted;År;Formand;Medlemmer;Status;Noter", "0046;2023;jobcenter;skole, SSP og klub;i gang;x"),
        report,
    )  # fmt: skip
    english = read_forums(
        written(tmp_path, "place,year,chair,members,status", "0046,2023,jobcenter,skole; SSP / klub,active"), report
    )  # fmt: skip
    assert not report.problems
    assert danish.to_dict("records") == english.to_dict("records")
    assert danish.loc[0, ["members", "status"]].tolist() == [("skole", "SSP", "klub"), "active"]


def test_actions_count_persons_unless_they_say_otherwise(tmp_path: Path) -> None:
    lines = ["a;2024;møde;1.200;;gange", "a;2024;lektier;;30;", "b;2023;job;0;5;husstande"]
    path = written(tmp_path, "place;year;action;count;goal;counted", *lines)
    rows = read_actions(path, report := Report())
    assert not report.problems
    assert rows[["count", "goal", "counted"]].values.tolist() == [
        [1200, None, "times"], [None, 30, "persons"], [0, 5, "households"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "text", "row"),
    [
        (("place;year;status", "a;24;active"), "this is no year", 2),
        (("place;year;status", "a;2024;active", ";2024;active"), "is empty", 3),
        (("place;year;status", "a;2024;måske"), "this word is not known", 2),
        (("place;year;status", "a;2024;active", "A;2024;closed"), "an earlier row", 3),
        (("place;status", "a;active"), 'no column "year"', None),
        (("place;year;status;chair", "a;2024;active;CPR 990299-7391"), "person number", 2),
        (("place;year;status;anything", "a;2024;active;CPR 990299-7391"), "person number", 2),
    ],
)
def test_what_is_wrong_with_forums_is_told_with_its_row(
    tmp_path: Path, lines: tuple[str, ...], text: str, row: int | None
) -> None:
    read_forums(written(tmp_path, *lines), report := Report())
    faults = [(problem.message, problem.row) for problem in report.errors]
    assert len(faults) == 1 and text in faults[0][0] and faults[0][1] == row
    assert "990299" not in str(report.problems)


def test_a_misspelled_column_is_told(tmp_path: Path) -> None:
    read_actions(written(tmp_path, "place;year;action;cuont;theirs", "a;2024;job;5;x"), report := Report())
    assert [(problem.level, problem.column) for problem in report.problems] == [("warning", "cuont")]


@pytest.mark.parametrize("text", ["Jytte Hansen", "Projekt Jytte", "Familien Hansen på 2. sal", ""])
def test_no_name_comes_through_as_an_action(text: str) -> None:
    assert "Hansen" not in publishable_action(text, ()) and "Jytte" not in publishable_action(text, ())


def test_places_are_followed_back_by_the_homes_they_share() -> None:
    now = homes_of(N001="abcd", P001="klmn", P002="xy")
    years = {
        "2023": homes_of(P001="klmo", P002="abce", P003="stuv"),  # P002 was found before staff named it: N001
        "2022": homes_of(N001="abcd", P001="abc", P002="stuw", P003="qr"),
    }
    ids, followed = follow_back(now, years)
    assert ids == {
        ("2023", "P001"): "P001", ("2023", "P002"): "N001", ("2023", "P003"): "E001",
        ("2022", "N001"): "N001", ("2022", "P002"): "E001", ("2022", "P003"): "E002",
    }  # fmt: skip
    assert set(followed.loc[followed["place_id"] == "E001", "address_id"]) == set("stuv")


def test_of_several_that_are_one_place_now_the_most_alike_counts() -> None:
    ids, _ = follow_back(homes_of(P001="abcdefgh"), {"2023": homes_of(P001="abc", P002="defgh")})
    assert ids == {("2023", "P002"): "P001"}


def test_a_forum_is_of_the_place_that_its_text_means() -> None:
    followed = homes_of(N001="abcdef", P002="wxyz")
    assert place_of_homes(followed, "a") == "N001"
    assert place_of_homes(followed, "wxyzklmnopqrstuv") == "P002"  # a small part of the estate that is named
    assert place_of_homes(followed, "k") == ""


@pytest.mark.parametrize(
    ("place", "verdicts", "outcome"),
    [
        ("N001", ["confirmed", "confirmed", "confirmed"], "still"),
        ("N001", ["", "found_not_named", "confirmed"], "still"),
        ("N001", ["", "", "confirmed"], "new"),
        ("N001", ["confirmed", "confirmed", "not_seen"], "left"),
        ("P001", ["found_not_named", "", "found_not_seen"], "left"),
        ("N001", ["not_seen", "not_seen", "not_seen"], "never"),
        ("N001", ["confirmed", "confirmed", "undetermined"], "open"),
        ("E001", ["found_not_named", "", ""], "gone"),
        ("E001", ["", "not_seen", ""], "never"),
        ("E001", ["", "undetermined", ""], ""),
        ("N001", ["undetermined", "not_seen", "not_seen"], ""),
        ("E001", ["", "", ""], ""),
    ],
)
def test_what_became_of_a_place(place: str, verdicts: list[str], outcome: str) -> None:
    assert history({place: verdicts}).outcome(place) == outcome


def test_small_counts_of_persons_are_hidden_with_whether_the_goal_is_met() -> None:
    rows = [("N001", "2024", "job", count, goal, counted) for count, goal, counted in
            [(4, 3, "persons"), (5, 9, "persons"), (3, 3, "times"), (0, 9, "households")]]  # fmt: skip
    part = history({"N001": ["", "", "confirmed"]}, actions=rows)
    table = part.show("en", 5).sheets["sheet_actions"]
    assert table["count"].isna().tolist() == table["hidden"].tolist() == [True, False, False, False]
    assert table["reached"].tolist() == ["", "Not met", "Met", "Not met"]
    text = " ".join(part.show("en", 5).lines["N001"])
    assert "job (hidden of 3 persons)" in text and "4 of 3" not in text and "5 of 9 persons" in text
    assert not part.show("en", 1).sheets["sheet_actions"]["count"].isna().any()


def test_of_few_households_no_count_and_no_criterion_is_told() -> None:
    part = history(
        {"N001": ["", "", "confirmed"]}, households=4, actions=[("N001", "2024", "job", 9, 9, "persons")]
    )
    shown = part.show("en", 5)
    assert shown.sheets["sheet_actions"]["count"].isna().all()
    assert "criteria" not in " ".join(shown.lines["N001"])


def test_the_last_period_of_each_of_the_last_years() -> None:
    assert last_of_years(["2024", "2022", "2023"], 2) == ["2023", "2024"]
    assert last_of_years(["2024"]) == last_of_years(["2024"], 9) == ["2024"]


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> BottomUpOutcome:
    """A small town of three years, studied for two; the third estate is named in the later autumn."""
    folder = tmp_path_factory.mktemp("aarene") / "by"
    write_demo(folder, residents=4000, years=(2022, 2023, 2024))
    nominations = ["nomination_id;unit;date;area_id", "M1;skole;2022-10-01;0001", "M2;SSP;2023-10-01;0001",
                   "M3;skole;2024-10-01;0002", "M4;jobcenter;;0003"]  # fmt: skip
    forums = ["place;year;chair;members;status", "0001;2021;skole;SSP;planned", "0001;2024;skole;SSP;closed"]
    for name, lines in (("nominations", nominations), ("forums", forums)):
        (folder / "data" / "registers" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = (folder / "bosoc.toml").read_text(encoding="utf-8").partition("# ---- The mixed city")[0]
    settings = (
        '[bottom_up]\nnominations = "data/registers/nominations.csv"\nforums = "data/registers/forums.csv"\n'
    )
    settings += 'years = 2\nhome = "dwelling_id"\nk = [50]\npermutations = 9\ndraws = 20\n'
    (folder / "bosoc.toml").write_text(text + settings, encoding="utf-8")
    return run_bottom_up(folder, report=Report())


def test_each_year_is_judged_by_its_own_registers(two_years: BottomUpOutcome) -> None:
    part = next(part for part in two_years.results.parts if isinstance(part, PlaceHistory))
    assert part.years == ("2023", "2024")
    years = part.verdicts.groupby("place_id")["year"].agg(list)
    assert years["N001"] == ["2024", "2023"] and years["N002"] == ["2024"]
    before = part.verdicts.query("year == '2023' and place_id != 'N001'")
    assert not set(before["verdict"]) & {
        "confirmed",
        "not_seen",
    }  # the others were named later, or nobody says when
    sheet = part.show("en", 5).sheets["sheet_history"].query("place_id == 'N001'")
    assert sheet["year"].tolist() == ["2021", "2022", "2023", "2024"]
    assert sheet["named_by"].tolist() == ["", "School", "SSP (school, social services, police)", ""]
    assert sheet["forum"].tolist() == ["Forum planned", "", "", "Forum closed"]
    tested = part.verdicts.query("why == 'seldom_found'")["year"]  # how often a place is found again
    assert set(tested) <= {"2024"}
    undated = part.nominations.query("place_id == 'N003'")
    assert undated["year"].tolist() == ["2024"]


def test_an_unknown_place_is_one_error_with_its_row_and_the_nearest_names(tmp_path: Path) -> None:
    areas = gpd.GeoDataFrame(
        {"area_id": ["0001"], "name": ["Solparken"]}, geometry=[box(0, 0, 90, 90)], crs="EPSG:25832"
    )
    addresses = pd.DataFrame(
        {
            "address_id": ["a", "b"],
            "x": [10.0, 500.0],
            "y": [10.0, 10.0],
            "street": ["Solvej", "Birkealle"],
            "number": ["1", "2"],
        }
    )
    written(tmp_path, "place;year", "0001;2024", "Birkealle;2024", "Solvej 1, 2. tv;2023", "Solpaken Nord;2024",
            "N001;2024", "Jytte Hansen;2024")  # fmt: skip
    part, report = BottomUpPart(forums="table.csv"), Report()
    forums, actions = read_place_tables(tmp_path, part, addresses, areas, report)
    assert forums is not None and actions is None
    assert [forums.homes[text] for text in ("0001", "Birkealle", "Solvej 1, 2. tv")] == [
        ("a",),
        ("b",),
        ("a",),
    ]
    assert [(problem.row, "known" in problem.message) for problem in report.errors] == [
        (5, True),
        (6, True),
        (7, True),
    ]
    hints = [str(problem.hint) for problem in report.errors]
    assert '"Solparken"' in hints[0] and "numbered anew" in hints[1] and "Jytte" not in str(report.problems)
