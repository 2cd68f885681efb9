"""`check` reads what [bottom_up] names as it reads everything else; settings that a project file reaches."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import polars as pl
import pytest
import shapely

from geo_bosoc.bottom_up.outputs.sheets import place_sheet
from geo_bosoc.bottom_up.outputs.tables import sheets
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.disclosure.results import Results
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.project import analyse, check_project, run_project
from geo_bosoc.project.spec import load_project
from geo_bosoc.project.studies.bottom_up.study import study_bottom_up
from geo_bosoc.project.studies.runs import BottomUpOutcome, run_bottom_up

Change = Callable[[str], str]


def wrong(project: Path) -> list[Problem]:
    with pytest.raises(InputError) as told:
        check_project(project, internal=True, report=Report())
    return list(told.value.problems)


HEAD = "nomination_id;unit;date;area_id;name\n"


def test_check_says_what_is_doubtful_and_writes_nothing(town: Path) -> None:
    report = Report()
    before = sorted(path.name for path in town.rglob("*"))
    check_project(town, internal=True, report=report)
    told = {problem.message: problem for problem in report.warnings if problem.file == "nominations.csv"}
    assert any("in doubt" in message for message in told) and any("match no estate" in one for one in told)
    assert all(problem.count == 1 for problem in told.values())
    assert sorted(path.name for path in town.rglob("*")) == before


def test_all_that_is_wrong_with_nominations_is_told_at_once_with_row_and_column(
    changed: Callable[..., Path],
) -> None:
    bad = HEAD + "M1;skole;snart;0001;\nM1;SSP;2024-01-01;0002;\n;SSP;2024-01-01;0002;\n"
    answers = "nomination_id;candidate;accept\nM1;0001;måske\n"
    project = changed(
        'settled = "data/registers/answers.csv"', 'criteria = "nowhere.toml"', 'services = "none.toml"',
        'barriers = "moats"', 'indicator = "child_wellbeing"', nominations=bad, answers=answers,
    )  # fmt: skip
    problems = wrong(project)
    places = {(one.file, one.row, one.column) for one in problems}
    assert {
        ("nominations.csv", 2, "date"), ("nominations.csv", 3, "nomination_id"),
        ("nominations.csv", 4, "nomination_id"), ("answers.csv", 2, "accept"),
    } <= places  # fmt: skip
    text = "\n".join(str(one) for one in problems)
    for part in ("nowhere.toml", "none.toml", "[boundaries.moats]", "counts persons"):
        assert part in text
    assert all(one.hint for one in problems if one.file in ("nominations.csv", "answers.csv"))
    assert len(problems) == len({str(one) for one in problems})


def test_nominations_are_read_even_where_a_register_cannot_be(changed: Callable[..., Path]) -> None:
    project = changed(nominations=HEAD + "M1;skole;snart;0001;\n")
    (project / "data" / "registers" / "persons_2024.parquet").unlink()
    told = wrong(project)
    assert any(one.file == "nominations.csv" and one.row == 2 for one in told)
    assert any("persons" in str(one) for one in told)


def test_a_criterion_without_a_figure_and_an_excluded_address_that_is_nowhere(
    changed: Callable[..., Path],
) -> None:
    project = changed('exclude_addresses = ["no-such-door"]')
    report = Report()
    check_project(project, internal=True, report=report)
    (one,) = [problem for problem in report.warnings if problem.key == "bottom_up.exclude_addresses"]
    assert one.count == 1 and "no-such-door" not in str(one)


def test_a_person_settles_a_doubt_and_the_answer_is_read_back(
    changed: Callable[..., Path], town: Path, outcome: BottomUpOutcome, found: Results
) -> None:
    project = changed()
    shutil.copytree(town / "maps-internal", project / "maps-internal")  # what the first run wrote
    table = project / "maps-internal" / "nominations_to_settle.csv"
    told = pd.read_csv(table, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    assert set(told["nomination_id"]) == {"M4"} and set(told["output_set"]) == {"internal"}
    told.loc[0, "accept"] = "ja"
    answers = project / "data" / "answers.csv"
    told.to_csv(answers, sep=";", index=False, encoding="utf-8-sig")
    changed('settled = "data/answers.csv"')
    settled = run_bottom_up(project, report=Report()).results
    assert settled.unsettled.empty and not table.exists()
    assert "M4" not in set(outcome.results.nominations["nomination_id"])
    assert "M4" in set(settled.nominations["nomination_id"])
    told["accept"] = "nej"
    told.to_csv(answers, sep=";", index=False, encoding="utf-8-sig")
    refused = study(project, found)
    assert refused.unsettled.empty and "M4" not in set(refused.nominations["nomination_id"])
    # The written table is written anew by every run: answers given in it would be gone.
    shutil.copy(answers, table)
    changed('settled = "maps-internal/nominations_to_settle.csv"')
    problems = wrong(
        project
    )  # that the list would be lost, and that somebody has put a file among the outputs
    assert "bottom_up.settled" in {problem.key for problem in problems}
    assert all("lost" in str(problem) for problem in problems)
    with pytest.raises(InputError, match="lost"):
        run_bottom_up(project, report=Report())


@pytest.fixture(scope="module")
def found(town: Path) -> Results:
    return analyse(town, report=Report())


def study(project: Path, found: Results) -> BottomUpResults:
    return study_bottom_up(load_project(project), found, report=Report())


def test_places_may_be_the_worst_share(
    changed: Callable[..., Path], found: Results, outcome: BottomUpOutcome
) -> None:
    some = study(changed('find = "worst"', "worst = 0.02"), found)
    more = study(changed('find = "worst"', "worst = 0.10"), found)
    living = [int(one.found_places["residents"].sum()) for one in (some, more)]
    everyone = 9000
    assert 0 < living[0] < living[1] <= 2 * 0.10 * everyone * 1.2  # two sizes of surroundings
    back = more.verdicts[~more.verdicts["place_id"].str.startswith("N")]["back"]
    assert back.notna().all() and (back > 0.5).any()
    assert set(outcome.results.found_places["found_id"]) != set(more.found_places["found_id"])


def test_places_may_be_divided_by_density(changed: Callable[..., Path], found: Results) -> None:
    assert len(study(changed('join = "hdbscan"'), found).found_places)


def test_surroundings_stop_at_barriers_of_the_project(changed: Callable[..., Path], found: Results) -> None:
    """Ditches every 300 m, across all the land: nobody has neighbours beyond them."""
    project = changed('barriers = "ditches"')
    west, south, east, north = found.areas.total_bounds
    lines = [
        shapely.LineString([(x, south - 9000), (x, north + 9000)])
        for x in range(int(west) - 9000, int(east) + 9000, 300)
    ]
    layer = gpd.GeoDataFrame(
        {"area_id": [f"d{i}" for i in range(len(lines))]}, geometry=lines, crs="EPSG:25832"
    )
    layer.to_file(project / "data" / "ditches.gpkg")
    text = (project / "bosoc.toml").read_text(encoding="utf-8")
    text = re.sub(
        r"(?m)^\[bottom_up\]", '[boundaries.ditches]\npath = "data/ditches.gpkg"\n\n[bottom_up]', text
    )
    (project / "bosoc.toml").write_text(text, encoding="utf-8")
    free = study(changed_back(project), found)
    stopped = analyse(project, report=Report())
    held = study(project, stopped)
    ours, theirs = (
        one.surface.dropna(subset=["value"]).set_index(["east", "north"])["value"] for one in (free, held)
    )
    both = ours.index.intersection(theirs.index)
    assert len(both) and (ours[both] != theirs[both]).mean() > 0.2


def changed_back(project: Path) -> Path:
    """The same project without its barriers."""
    text = (project / "bosoc.toml").read_text(encoding="utf-8").replace('barriers = "ditches"\n', "")
    (project / "free.toml").write_text(text, encoding="utf-8")
    return project / "free.toml"


CRITERIA = """
id = "our-own"
version = "2024-01-01"
kind = "rules"
label_da = "Vores egne"
label_en = "Our own"
source = "The steering group."

[[criterion]]
indicator = "services_per_100"
label_da = "Indsatser"
label_en = "Services"
unit = "mean"
measure = "value"
operator = ">="
reference = { of = "municipality", times = 1.2 }

[[criterion]]
indicator = "INDICATOR"
label_da = "Uden for arbejdsmarkedet"
label_en = "Outside the labour market"
unit = "percent"
measure = "value"
operator = ">="
reference = { of = "municipality", times = 1.2 }

[[category]]
id = "seen"
label_da = "Ses"
label_en = "Seen"
colour = "#4a5d7e"

[[category.rule]]
at_least = 1
of = ["services_per_100", "INDICATOR"]

[[category]]
id = "not_seen"
label_da = "Ses ikke"
label_en = "Not seen"
colour = "#cfd6de"
"""


def test_the_steering_groups_criteria_may_name_a_share_of_the_project(
    changed: Callable[..., Path], found: Results
) -> None:
    project = changed('criteria = "criteria.toml"')
    (project / "criteria.toml").write_text(
        CRITERIA.replace("INDICATOR", "outside_labour_market"), encoding="utf-8"
    )
    told = study(project, found).evidence
    rows = told[told["criterion"] == "outside_labour_market"]
    whole = found.reference_areas[
        (found.reference_areas["indicator"] == "outside_labour_market")
        & (found.reference_areas["area_id"] == "@municipality")
    ]
    assert rows["municipality"].to_numpy() == pytest.approx(float(whole["value"].iloc[0]), rel=0.02)
    assert rows["value"].between(0, 1).all() and (rows["low"] <= rows["value"]).all()
    (project / "criteria.toml").write_text(CRITERIA.replace("INDICATOR", "evictions"), encoding="utf-8")
    (problem,) = wrong(project)
    assert "evictions" in str(problem) and problem.key == "bottom_up.criteria" and problem.hint


def test_the_yearly_run_takes_the_set_along_with_or_without_small_numbers(
    changed: Callable[..., Path],
) -> None:
    project = changed()
    done = run_project(project, internal=True, unguarded=True, report=Report())
    names = {path.relative_to(project).as_posix() for path in done.files}
    assert {
        "maps/risk_map.html",
        "maps-internal/risk_map.html",
        "maps-internal/bottom_up.html",
        "maps-internal/bottom_up.gpkg",
    } <= names
    text = (project / "maps-internal" / "bottom_up.html").read_text(encoding="utf-8")
    assert "UDEN BESKYTTELSE AF SMÅ TAL" in text
    run_project(project, output=project / "public", report=Report())
    assert not list((project / "public").rglob("bottom_up*"))


def test_of_a_nominated_home_nothing_is_told_but_who_named_it(
    changed: Callable[..., Path], found: Results
) -> None:
    """One home, many people: counts of persons alone would let it through."""
    project = changed()
    table = pl.read_parquet(project / "data" / "registers" / "addresses.parquet")
    persons = pl.read_parquet(project / "data" / "registers" / "persons_2024.parquet")
    living = persons.group_by("address_id").agg(
        pl.len().alias("many"), pl.col("dwelling_id").n_unique().alias("homes")
    )
    homes = table.join(living, on="address_id").filter((pl.col("homes") == 1) & pl.col("estate_id").is_null())
    home = homes.sort("many", "address_id", descending=[True, False]).row(0, named=True)
    assert home["many"] >= 5
    cases = pl.read_parquet(project / "data" / "registers" / "cases.parquet")
    people = persons.filter(pl.col("address_id") == home["address_id"])["person_id"].to_list()
    more = cases.head(len(people)).with_columns(
        case_id=pl.Series([f"new{i}" for i in range(len(people))]), person_id=pl.Series(people),
        address_id=pl.lit(home["address_id"]), service=pl.lit("social_psychiatry"), period=pl.lit("2024"),
    )  # fmt: skip
    pl.concat([cases, more.select(cases.columns)]).write_parquet(
        project / "data" / "registers" / "cases.parquet"
    )
    changed(
        nominations=f'nomination_id;unit;date;address\nM1;SSP;2024-01-01;"{home["street"]} {home["number"]}"\n'
    )
    below = study(project, found)
    (row,) = below.nominations.to_dict("records")
    place = row["place_id"]
    assert below.places.set_index("place_id").loc[place, ["homes", "households"]].tolist() == [1, 1]
    kinds = below.service_rates.kinds.set_index(["place_id", "service"])
    assert kinds.loc[(place, "social_psychiatry"), "services"] >= 1  # the adults of the home
    assert kinds.loc[(place, "social_psychiatry"), "meets"]
    text = place_sheet(below, place)
    cells = re.findall(r"<td class=\"number\">([^<]*)</td>", text)
    assert cells and {one for at, one in enumerate(cells) if at % 4 != 3} == {"skjult (få husstande)"}
    assert "✓" not in text and "Kommunale indsatser pr. 100" not in text and "socialpsykiatrien" not in text
    assert "<svg" not in text and "SSP" in text
    told = sheets(below)
    assert place not in set(told["sheet_evidence"]["place_id"])
    mine = told["sheet_presence"][told["sheet_presence"]["place_id"] == place]
    assert mine[["services", "eligible", "per_100", "low", "high", "smoothed", "ratio"]].isna().all(axis=None)
    assert (mine["meets"] == "").all()
    one = told["sheet_places"].set_index("place_id").loc[place]
    assert pd.isna(one["residents"]) and pd.isna(one["households"]) and one["gather"] == "SSP-konsulenten"
    spot = shapely.Point(home["x"], home["y"])
    assert row["shown_as"] in ("square", "not_drawn")
    if row["geometry"] is not None:
        assert row["geometry"].contains(spot) and row["geometry"].area >= 100 * 100


def test_institutions_are_in_no_place_and_within_no_outline(
    changed: Callable[..., Path], found: Results
) -> None:
    """Blocks in the middle of a found place are said to be a nursing home."""
    project = changed('dwellings = "dwellings"')
    before = study(project, found)
    shapes = before.found_places[before.found_places.geometry.notna()]
    table = pl.read_parquet(project / "data" / "registers" / "addresses.parquet")
    shape = max(shapes.geometry, key=lambda one: one.area)
    inside = table.filter(pl.Series(shapely.contains_xy(shape, table["x"].to_numpy(), table["y"].to_numpy())))
    doors = inside.sort("address_id")["address_id"].to_list()[:: max(1, len(inside) // 4)]
    file = project / "data" / "registers" / "dwellings_2024.parquet"
    stock = pl.read_parquet(file)
    use = pl.when(pl.col("address_id").is_in(doors)).then(160).otherwise(pl.col("bbr_use"))
    stock.with_columns(bbr_use=use.cast(stock.schema["bbr_use"])).write_parquet(file)
    barred = stock.filter(pl.col("address_id").is_in(doors))["address_id"].unique().to_list()
    assert barred
    after = study(project, found)
    spots = table.filter(pl.col("address_id").is_in(barred))
    points = shapely.points(spots["x"].to_numpy(), spots["y"].to_numpy())
    for layer in (after.found_places, after.overlap):
        assert not any(shapely.intersects(one, points).any() for one in layer.geometry if one is not None)
    assert any(shapely.intersects(one, points).any() for one in shapes.geometry)
    with pytest.raises(InputError, match="no_such"):
        study(changed('dwellings = "dwellings"', 'institutions = "no_such = 1"'), found)
