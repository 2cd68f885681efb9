"""The steering group's files: what staff wrote and who they are is in none; few persons are hidden; all is stamped."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import zipfile
from pathlib import Path

import polars as pl
import pyogrio
import pytest
import rasterio
import shapely

from geo_bosoc.demo import write_demo
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project.bottom_up_run import BottomUpOutcome, run_bottom_up

CANARIES = ("Skovduefritekst", "Tornskadesen", "Blåhalskonkurs")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo whose nominations hold free text, a member of staff, and both where a unit should stand."""
    folder = tmp_path_factory.mktemp("nedefra") / "by"
    write_demo(folder, residents=9000, years=(2024,))
    names = pyogrio.read_dataframe(
        folder / "data" / "boundaries" / "areas.geojson", where="kind = 'social_housing'"
    )
    spot = names.geometry.iloc[2].centroid
    rows = [
        "nomination_id;unit;date;concern;area_id;name;x;y;staff;remark",
        f"M1;SSP;2024-02-01;{CANARIES[0]};{names['area_id'].iloc[0]};;;;{CANARIES[1]};{CANARIES[2]}",
        f"M2;{CANARIES[1]};2024-02-02;{CANARIES[0]};{names['area_id'].iloc[1]};;;;{CANARIES[1]};",
        f"M3;skole;2024-02-03;{CANARIES[0]};;;{spot.x:.1f};{spot.y:.1f};{CANARIES[1]};".replace(".", ","),
        f"M4;skole;2024-02-04;{CANARIES[0]};;{names['name'].iloc[3][:-2]}xq;;;{CANARIES[1]};",
        f"{CANARIES[1]}5;skole;2024-02-05;;;{CANARIES[2]};;;{CANARIES[1]};",
    ]
    (folder / "data" / "registers" / "nominations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    text = (folder / "bosoc.toml").read_text(encoding="utf-8").partition("[bottom_up]")[0]
    own = '[bottom_up]\nnominations = "data/registers/nominations.csv"\nhome = "dwelling_id"\nstreet = "street"\n'
    own += 'number = "number"\nestate = "estate_id"\nk = [50, 100]\npermutations = 29\ndraws = 40\n'
    (folder / "bosoc.toml").write_text(text + own, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def outcome(town: Path) -> BottomUpOutcome:
    return run_bottom_up(town, report=Report())


def _texts(path: Path) -> str:
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return path.read_bytes().decode("utf-8", "replace")


def test_what_staff_wrote_and_who_they_are_is_in_no_file(outcome: BottomUpOutcome, town: Path):
    assert len(outcome.files) >= 5
    for path in outcome.files:
        found = [word for word in CANARIES if word in _texts(path)]
        assert not found, path.name
    told = outcome.summary() + " ".join(str(one) for one in outcome.findings.report.problems)
    assert not [word for word in CANARIES if word in told]
    assert "en anden enhed" in set(outcome.findings.nominations["unit"])


def test_all_of_it_is_internal_and_stamped(outcome: BottomUpOutcome, town: Path):
    below = {path.relative_to(town / "maps").parts[0] for path in outcome.files}
    assert below == {"internal"} and [one.name for one in (town / "maps").iterdir()] == ["internal"]
    for path in outcome.files:
        if path.suffix != ".csv":
            assert "INTERNT" in _texts(path) or path.suffix == ".gpkg", path.name
    with sqlite3.connect(town / "maps" / "internal" / "bottom_up.gpkg") as file:
        told = file.execute("SELECT description FROM gpkg_contents WHERE table_name = 'places'").fetchone()[0]
        assert "INTERNT" in told
        assert file.execute("SELECT count(*) FROM layer_styles WHERE f_table_name = 'places'").fetchone() == (
            1,
        )


def test_every_file_tells_period_day_and_source(outcome: BottomUpOutcome, town: Path):
    folder = town / "maps" / "internal"
    told = "sager 2024, 01.01.2024"
    people = "personer 2024, 01.01.2024"
    for path in [folder / "bottom_up.xlsx", *(folder / "places").glob("*.html")]:
        text = _texts(path)
        assert told in text and people in text, path.name
    with rasterio.open(folder / "bottom_up_risk.tif") as grid:
        assert outcome.findings.indicator.label("da") in grid.tags()["sources"]
        assert people in grid.tags()["sources"]
    sources = pyogrio.read_dataframe(folder / "bottom_up.gpkg", layer="sources")
    assert {"persons", "cases"} == set(sources["register"]) and set(sources["status_date"]) == {"2024-01-01"}
    assert set(sources["output_set"]) == {"internal"}
    page = (folder / "bottom_up.html").read_text(encoding="utf-8")
    assert "01.01.2024" in page and "Antaget" not in page


def test_a_sheet_and_a_verdict_a_place(outcome: BottomUpOutcome, town: Path):
    found = outcome.findings
    places = found.places["place_id"].tolist()
    assert sorted(found.verdicts["place_id"]) == sorted(places) and "N001" in places
    sheets = sorted(path.stem for path in (town / "maps" / "internal" / "places").glob("*.html"))
    assert sheets == sorted(places)
    text = (town / "maps" / "internal" / "places" / "N001.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=|url\(|https?:", text)
    assert "Hvem samles i et koordinationsforum" in text


def test_figures_of_few_persons_are_hidden(outcome: BottomUpOutcome, town: Path):
    kinds = outcome.findings.presence.kinds
    few = kinds[kinds["services"].between(1, 4) & kinds["place_id"].isin(outcome.findings.places["place_id"])]
    assert len(few)
    for row in few.head(20).itertuples(index=False):
        text = (town / "maps" / "internal" / "places" / f"{row.place_id}.html").read_text(encoding="utf-8")
        label = next(one.label_da for one in outcome.findings.presence.services if one.id == row.service)
        cells = re.search(
            rf"<td>{re.escape(label)}</td><td[^>]*>([^<]*)</td><td[^>]*>[^<]*</td><td[^>]*>([^<]*)", text
        )
        assert cells is not None and cells.groups() == ("skjult (1-4)", "skjult (1-4)")


def test_no_outline_of_few_households_and_none_round_an_excluded_address(
    outcome: BottomUpOutcome, town: Path
):
    found = outcome.findings
    drawn = found.places[found.places.geometry.notna()]
    assert (drawn["households"] >= 20).all()
    place = drawn[~drawn["named"]].iloc[0] if (~drawn["named"]).any() else None
    if place is None:
        pytest.skip("nothing was found that nobody named")
    table = pl.read_parquet(town / "data" / "registers" / "addresses.parquet")
    inside = shapely.contains_xy(place.geometry, table["x"].to_numpy(), table["y"].to_numpy())
    barred = table.filter(pl.Series(inside))["address_id"][int(inside.sum()) // 2]
    project = town / "bosoc.toml"
    text = project.read_text(encoding="utf-8")
    try:
        project.write_text(f'{text}exclude_addresses = ["{barred}"]\n', encoding="utf-8")
        again = run_bottom_up(town, output=town / "other", report=Report())
    finally:
        project.write_text(text, encoding="utf-8")
    spot = table.filter(pl.col("address_id") == barred)
    from_homes = again.findings.places[
        ~again.findings.places["named"] & again.findings.places.geometry.notna()
    ]
    assert not from_homes.contains(shapely.Point(spot["x"][0], spot["y"][0])).any()


def test_the_risk_surface_lies_on_the_grid_and_has_nodata_outside_homes(outcome: BottomUpOutcome, town: Path):
    with rasterio.open(town / "maps" / "internal" / "bottom_up_risk.tif") as raster:
        assert raster.crs.to_epsg() == 25832 and raster.res == (100.0, 100.0)
        assert raster.bounds.left % 100 == 0 and raster.bounds.top % 100 == 0
        band = raster.read(1, masked=True)
        assert "INTERNT" in raster.tags()["stamp"]
    cells = outcome.findings.surface
    assert band.count() == cells["value"].notna().sum() < band.size
    assert band.min() >= 0 and band.max() <= 1 and (cells["residents"] >= 5).all()


def test_the_same_input_gives_the_same_bytes(outcome: BottomUpOutcome, town: Path):
    def sums(files: tuple[Path, ...]) -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    again = run_bottom_up(town, output=town / "again", report=Report())
    assert sums(again.files) == sums(outcome.files)


def test_a_project_that_cannot_be_studied_says_why(town: Path, tmp_path: Path):
    text = (town / "bosoc.toml").read_text(encoding="utf-8")
    project = town / "other.toml"
    for change, told in (
        (text.partition("[bottom_up]")[0], "no [bottom_up]"),
        (text + 'indicator = "child_wellbeing"\n', "counts persons"),
        (text + 'population = "people"\n', "[registers.people]"),
        (text + "least_households = 3\n", "20"),
        (text + 'barriers = "moats"\n', "[boundaries.moats]"),
    ):
        project.write_text(change, encoding="utf-8")
        with pytest.raises(InputError) as error:
            run_bottom_up(project, output=tmp_path / "none", report=Report())
        assert told in str(error.value)
    assert not (tmp_path / "none").exists()
