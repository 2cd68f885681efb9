"""A run over a reform and over boundaries that move: what the files say of it. Made-up people in eight squares."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box
from small_projects import points_model, write_small_project

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import run_project

REGISTER = """
[registers.persons]
path = "persons_{period}.csv"
unit = "person"
role = "population"
id = "person_id"
x = "x"
y = "y"
crs = "EPSG:25832"
source = "made up"
"""
INDICATORS = """
[[indicator]]
id = "measures"
label_en = "Measures"
denominator = { where = "age < 18" }
numerator = { where = "paragraph IN ('52', '66')" }

[[indicator.reform]]
valid_from = "2024"
numerator = { where = "paragraph IN ('32', '66')" }
overlap = ["2024"]
"""
AREAS = "ABCDEFGH"
YEARS = {
    # children by area and paragraph; D to H have a difference of nobody or of many
    "2023": {
        "A": {"52": 20, "66": 10, "no": 70},
        "B": {"52": 30, "no": 70},
        **{area: {"66": 9, "no": 60} for area in "CDEFGH"},
    },
    "2024": {
        "A": {"52": 8, "32": 30, "66": 10, "no": 50},
        "B": {"52": 12, "32": 14, "no": 70},
        **{area: {"66": 9, "32": 6 * (area > "C"), "no": 60} for area in "CDEFGH"},
    },
}


def write_persons(folder: Path) -> None:
    for period, areas in YEARS.items():
        rows = [
            (
                f"{period}-{area}-{paragraph}-{number}",
                575_100 + 1_000 * AREAS.index(area) + 7 * number,
                6_224_400,
                9,
                paragraph,
            )
            for area, counts in areas.items()
            for paragraph, count in counts.items()
            for number in range(count)
        ]
        with (folder / f"persons_{period}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";").writerows([("person_id", "x", "y", "age", "paragraph"), *rows])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reform")
    write_persons(folder)
    write_small_project(
        folder, registers=REGISTER, indicators=INDICATORS, periods=("2023", "2024"), areas=AREAS
    )
    with (folder / "bosoc.toml").open("a", encoding="utf-8") as file:
        file.write("\n[follow_up]\nchained = true\n")
    report = Report()
    run_project(folder / "bosoc.toml", report=report)
    assert not [problem for problem in report.warnings if "measures" in problem.text()]
    return folder / "maps"


def table(run: Path, name: str) -> pd.DataFrame:
    texts = {"area_id": str, "period": str, "definition": str}
    frame = pd.read_csv(run / name, dtype=texts, encoding="utf-8-sig")
    return frame.assign(area_id=frame["area_id"].str.lstrip("'"))


def test_the_series_breaks_and_says_what_the_reform_is(run: Path) -> None:
    """A: 30 of 100 by the old list, 40 of 98 by the new, 18 of 98 by the old one in the same year."""
    frame = table(run, "follow_up_series.csv").set_index(["area_id", "period"])
    assert set(frame["indicator"]) == {"measures"}
    row = frame.loc[("A", "2024")]
    assert (row["definition"], bool(row["is_break"])) == ("2024", True)
    assert row["value"] == pytest.approx(40 / 98)
    assert row["reform_change"] == pytest.approx(22 / 98)
    assert row["other_change"] == pytest.approx(18 / 98 - 30 / 100)
    assert frame.loc[("A", "2023"), "chained_value"] == pytest.approx(0.3 * 40 / 18)
    assert frame.loc[("A", "2023"), "assumption"] == "chained"


def test_a_difference_of_two_persons_is_in_no_file(run: Path) -> None:
    """B: 14 by the new list and 12 by the old. Who is told both knows that it is two."""
    frame = table(run, "follow_up_series.csv").set_index(["area_id", "period"])
    row = frame.loc[("B", "2024")]
    assert row["value"] == pytest.approx(14 / 96)
    assert row["note"] == "hidden_overlap" and pd.isna(row["other_value"]) and pd.isna(row["reform_change"])
    assert pd.isna(frame.loc[("B", "2023"), "chained_value"])
    figures = table(run, "categories.csv").set_index(["area_id", "period"])
    assert figures.loc[("B", "2024"), "measures_before_2024_status"] == "protected"
    assert pd.isna(figures.loc[("B", "2024"), "measures_before_2024_numerator"])
    assert figures.loc[("B", "2024"), "measures_numerator"] == 14


def test_the_other_definition_is_a_figure_of_the_overlap_alone(run: Path) -> None:
    figures = table(run, "categories.csv").set_index(["area_id", "period"])
    assert figures.loc[("A", "2024"), "measures_before_2024_numerator"] == 18
    assert figures.loc[("A", "2023"), "measures_before_2024_status"] == "not_applicable"
    assert pd.isna(figures.loc[("A", "2023"), "measures_before_2024_numerator"])


TABLE = """
[registers.persons]
path = "persons_{period}.csv"
unit = "count"
place = "area"
area = "area_id"
reference_row = "Kommunen"
source = "made up"
"""
YOUNG = """
[[indicator]]
id = "young"
label_en = "Young"
denominator = { sum = "residents" }
numerator = { sum = "young" }

[[indicator]]
id = "absence"
label_en = "Absence"
unit = "mean"
denominator = { sum = "pupils" }
numerator = { sum = "days" }
"""


def write_table_project(
    folder: Path, follow_up: str, earlier: list[tuple[str, int, int]], areas: str = "ABC"
) -> Path:
    """Two years of finished figures, the first by areas as they were; the second year's are of today's areas."""
    write_small_project(folder, registers=TABLE, indicators=YOUNG, periods=("2019", "2024"), areas=areas)
    later = [(area, 30 + 7 * number, 100 + 10 * number) for number, area in enumerate(areas)]
    for period, rows in (("2019", earlier), ("2024", later)):
        with (folder / f"persons_{period}.csv").open("w", encoding="utf-8", newline="") as file:
            lines = [(area, young, residents, 40, 400) for area, young, residents in rows]
            total = ("Kommunen", 1000, 5000, 900, 9000)
            csv.writer(file, delimiter=";").writerows(
                [("area_id", "young", "residents", "pupils", "days"), *lines, total]
            )
    with (folder / "bosoc.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[follow_up]\n{follow_up}\n")
    return folder


def write_layer(path: Path, **squares: tuple[int, int]) -> None:
    """Areas of a kilometre's height from x to x, in metres from the first one's corner."""
    shapes = [box(575_000 + west, 6_224_000, 575_000 + east, 6_225_000) for west, east in squares.values()]
    gpd.GeoDataFrame({"area_id": list(squares), "name": list(squares)}, geometry=shapes, crs=25832).to_file(
        path
    )


def test_a_table_of_other_boundaries_is_recounted_on_todays(tmp_path: Path) -> None:
    """X was A and half of B, Y the other half and C: 200 people of Y are shared out 1 to 2, and none is lost."""
    write_layer(tmp_path / "areas_2019.gpkg", X=(0, 1_500), Y=(1_500, 3_000))
    write_table_project(
        tmp_path, 'boundaries = { "2019" = "areas_2019.gpkg" }', [("X", 60, 300), ("Y", 30, 201)]
    )
    report = Report()
    run_project(tmp_path / "bosoc.toml", report=report)
    assert any("shared out by square metres" in problem.message for problem in report.warnings)
    assert not [problem for problem in report.problems if "is no area" in problem.message]
    figures = table(tmp_path / "maps", "categories.csv")
    then = figures[figures["period"] == "2019"].set_index("area_id")
    assert then["young_numerator"].to_dict() == {"A": 40, "B": 30, "C": 20}
    assert then["young_denominator"].to_dict() == {"A": 200, "B": 167, "C": 134}
    assert set(then["absence_status"]) == {"missing"}
    series = table(tmp_path / "maps", "follow_up_series.csv")
    of_2019 = series[(series["period"] == "2019") & ~series["area_id"].str.startswith("@")]
    assert set(of_2019.loc[of_2019["indicator"] == "young", "method"]) == {"area"}
    assert set(of_2019.loc[of_2019["indicator"] == "absence", "note"]) == {"mean"}
    assert series[series["period"] == "2024"]["method"].isna().all()
    municipality = series[(series["area_id"] == "@municipality") & (series["indicator"] == "young")]
    assert municipality["value"].tolist() == [0.2, 0.2]


def test_a_later_area_beyond_the_earlier_ones_has_no_figure_unless_nobody_lived_there(tmp_path: Path) -> None:
    write_layer(tmp_path / "areas_2019.gpkg", X=(0, 1_500), Y=(1_500, 2_700))
    boundaries = 'boundaries = { "2019" = "areas_2019.gpkg" }'
    for more, denominators in (("", [200, 200, None]), ("exhaustive_boundaries = true", [200, 200, 140])):
        write_table_project(tmp_path, f"{boundaries}\n{more}", [("X", 60, 300), ("Y", 36, 240)])
        run_project(tmp_path / "bosoc.toml", report=Report())
        figures = table(tmp_path / "maps", "categories.csv").set_index(["period", "area_id"]).loc["2019"]
        cells = figures["young_denominator"]
        assert [None if pd.isna(cell) else cell for cell in cells] == denominators


def test_ids_that_changed_are_todays_and_what_was_split_is_said(tmp_path: Path) -> None:
    history = "area_id_before;area_id;from;kind\na1;A;2020;renamed\nb1;B;2022;merged\nb2;B;2022;merged\n"
    (tmp_path / "history.csv").write_text(history + "cd;C;2021;split\ncd;D;2021;split\n", encoding="utf-8")
    earlier = [("a1", 30, 90), ("b1", 12, 40), ("b2", 9, 41), ("cd", 50, 180)]
    write_table_project(tmp_path, 'area_history = "history.csv"', earlier, areas="ABCD")
    run_project(tmp_path / "bosoc.toml", report=Report())
    figures = table(tmp_path / "maps", "categories.csv")
    then = figures[figures["period"] == "2019"].set_index("area_id")
    assert then.loc[["A", "B"], "young_numerator"].tolist() == [30, 21]
    assert then.loc[["A", "B"], "young_denominator"].tolist() == [90, 81]
    assert then.loc[["C", "D"], "young_status"].tolist() == ["missing", "missing"]
    series = table(tmp_path / "maps", "follow_up_series.csv")
    rows = series[(series["period"] == "2019") & (series["indicator"] == "young")].set_index("area_id")
    assert rows.loc[["A", "B"], "method"].tolist() == ["renamed", "merged"]
    assert rows.loc[["C", "D"], "note"].tolist() == ["split", "split"]


def test_what_is_wrong_in_either_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text(
        "area_id_before;area_id;from;kind\na1;Z;2020;renamed\n", encoding="utf-8"
    )
    follow_up = 'area_history = "history.csv"\nboundaries = { "2019" = "nowhere.gpkg" }'
    write_table_project(tmp_path, follow_up, [("A", 30, 90)])
    with pytest.raises(InputError) as error:
        run_project(tmp_path / "bosoc.toml", report=Report())
    assert "no areas of today: Z" in str(error.value) and "nowhere.gpkg" in str(error.value)


def test_a_difference_across_the_reform_is_none_that_chance_could_be_held_against(run: Path) -> None:
    frame = table(run, "follow_up_change.csv")
    assert set(frame["indicator"]) == {"measures"}
    assert set(frame["assumption"]) == {"reform"} and set(frame["differs"]) == {"cannot_tell"}
    assert frame["low"].isna().all() and frame["direction"].isna().all()


def test_a_category_that_a_reform_tipped_says_so(tmp_path: Path) -> None:
    """A has 30 of 100 by the old list and 40 of 98 by the new one: from 1.6 to 1.9 times the municipality."""
    write_persons(tmp_path)
    model = points_model({"measures": (1.75,)})
    write_small_project(
        tmp_path,
        registers=REGISTER,
        indicators=INDICATORS,
        periods=("2023", "2024"),
        areas=AREAS,
        model=model,
    )
    with (tmp_path / "bosoc.toml").open("a", encoding="utf-8") as file:
        file.write("\n[follow_up]\n")
    run_project(tmp_path / "bosoc.toml", report=Report())
    changes = table(tmp_path / "maps", "follow_up_categories.csv").set_index("area_id")
    assert changes.loc["A", "direction"] == "worse"
    assert "Measures (a new definition, see Series)" in changes.loc["A", "reason"]


@pytest.mark.parametrize("revise", [False, True])
def test_a_renamed_areas_rows_in_a_set_published_before_are_those_of_the_same_people(
    tmp_path: Path, revise: bool
) -> None:
    """Published as A with 30 young; today it is N, and the register says 32. Both numbers would tell of two persons."""
    areas = "ABCDE"
    figures = [(area, 30 + 3 * number, 100 + number) for number, area in enumerate(areas)]
    write_table_project(tmp_path, "", figures, areas=areas)
    run_project(tmp_path / "bosoc.toml", report=Report())
    shutil.copytree(tmp_path / "maps", tmp_path / "archive")
    (tmp_path / "history.csv").write_text(
        "area_id_before;area_id;from;kind\nA;N;2025;renamed\n", encoding="utf-8"
    )
    changed = [("A", 32, 100), *figures[1:]]
    folder = write_table_project(tmp_path, 'area_history = "history.csv"', changed, areas="NBCDE")
    with (folder / "bosoc.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[disclosure]\nprevious = "archive"\nrevise = {str(revise).lower()}\n')
    run_project(folder / "bosoc.toml", report=Report())
    then = table(folder / "maps", "categories.csv").set_index(["area_id", "period"]).loc[("N", "2019")]
    assert (then["young_numerator"], then["young_denominator"]) == (30, 100)


def test_without_its_history_a_renamed_area_is_another_one_to_the_set_before(tmp_path: Path) -> None:
    figures = [(area, 30, 100) for area in "ABC"]
    write_table_project(tmp_path, "", figures)
    run_project(tmp_path / "bosoc.toml", report=Report())
    shutil.copytree(tmp_path / "maps", tmp_path / "archive")
    folder = write_table_project(tmp_path, "", [("N", 32, 100), *figures[1:]], areas="NBC")
    for revise, more in (("false", None), ("true", "protected")):
        text = (folder / "bosoc.toml").read_text(encoding="utf-8").partition("\n[disclosure]")[0]
        text += f'\n[disclosure]\nprevious = "archive"\nrevise = {revise}\n'
        (folder / "bosoc.toml").write_text(text, encoding="utf-8")
        if more is None:
            with pytest.raises(InputError, match="with other areas"):
                run_project(folder / "bosoc.toml", report=Report())
        else:
            run_project(folder / "bosoc.toml", report=Report())
            then = table(folder / "maps", "categories.csv").set_index(["area_id", "period"])
            assert then.loc[("N", "2019"), "young_status"] == more
