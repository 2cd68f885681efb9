"""The steering group's files: what staff wrote and who they are is in none; few persons are hidden; all is stamped."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import polars as pl
import pyogrio
import pytest
import rasterio
import shapely
from described_columns import undescribed_columns, undescribed_headings
from page_data import page_data
from printed_sheets import misprints

from geo_bosoc.bottom_up.outputs.page import bottom_up_page
from geo_bosoc.bottom_up.outputs.sheets import bottom_up_sections
from geo_bosoc.bottom_up.places.place_order import place_order
from geo_bosoc.disclosure.attack.pages import unpacked
from geo_bosoc.outputs.page.geometry_encoding import overlay_words
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project.studies.runs import BottomUpOutcome, run_bottom_up

CANARIES = ("Skovduefritekst", "Tornskadesen", "Blåhalskonkurs")


def _texts(path: Path) -> str:
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    text = path.read_bytes().decode("utf-8", "replace")
    return text + json.dumps(unpacked(text), ensure_ascii=False) if path.suffix == ".html" else text


def test_what_staff_wrote_and_who_they_are_is_in_no_file(outcome: BottomUpOutcome, town: Path):
    assert len(outcome.files) >= 5
    for path in outcome.files:
        canaries = [word for word in CANARIES if word in _texts(path)]
        assert not canaries, path.name
    messages = outcome.summary() + " ".join(str(problem) for problem in outcome.results.report.problems)
    assert not [word for word in CANARIES if word in messages]
    assert "another_unit" in set(outcome.results.nominations["unit"])


def test_all_of_it_is_internal_and_stamped(outcome: BottomUpOutcome, town: Path):
    assert {path.relative_to(town).parts[0] for path in outcome.files} == {"maps-internal"}
    assert not (town / "maps").exists()
    for path in outcome.files:
        assert ("internal" if path.suffix == ".csv" else "INTERNT") in _texts(path), path.name
    with sqlite3.connect(town / "maps-internal" / "bottom_up.gpkg") as file:
        layers = file.execute(
            "SELECT table_name, description FROM gpkg_contents WHERE data_type = 'features'"
        ).fetchall()
        styled = {name for (name,) in file.execute("SELECT f_table_name FROM layer_styles")}
    assert {"places", "nominations", "found_places"} <= {name for name, _ in layers} == styled
    assert all("INTERNT" in told for _, told in layers)


def test_the_geopackage_has_what_staff_pointed_at_what_was_found_and_where_both_are_the_same(
    outcome: BottomUpOutcome, town: Path
):
    path = town / "maps-internal" / "bottom_up.gpkg"
    named = pyogrio.read_dataframe(path, layer="nominations").set_index("nomination_id")
    # M4 is in doubt and the fifth names nothing: neither means a place.
    assert named.index.tolist() == ["M1", "M2", "M3"] and set(named["output_set"]) == {"internal"}
    assert named["shown_as"].to_dict() | {"M3": ""} == {"M1": "estate", "M2": "estate", "M3": ""}
    assert (named.geometry.geom_type == "MultiPolygon").all()  # no pin on a home
    table = _households(town)
    for shape in named.loc[named["shown_as"] != "estate"].geometry:
        inside = shapely.contains_xy(shape, table["x"].to_numpy(), table["y"].to_numpy())
        assert table.filter(pl.Series(inside))["households"].sum() >= 20
    found = pyogrio.read_dataframe(path, layer="found_places")
    drawn = outcome.results.found_places
    assert sorted(found["found_id"]) == sorted(drawn.loc[drawn.geometry.notna(), "found_id"])
    both = outcome.results.overlap
    assert (both["homes"] > 0).all() and both["jaccard"].between(0, 1).all()
    layers = {name for name, _ in pyogrio.list_layers(path)}
    assert ("overlap" in layers) == bool(both.geometry.notna().any())


def _households(town: Path) -> pl.DataFrame:
    persons = pl.read_parquet(town / "data" / "registers" / "persons_2024.parquet")
    homes = persons.group_by("address_id").agg(pl.col("dwelling_id").n_unique().alias("households"))
    return pl.read_parquet(town / "data" / "registers" / "addresses.parquet").join(homes, on="address_id")


def test_the_workbook_keeps_the_trail_of_what_was_put_together(outcome: BottomUpOutcome, town: Path):
    book = openpyxl.load_workbook(town / "maps-internal" / "bottom_up.xlsx")
    assert misprints(book) == []
    rows = list(book["Nævnt af"].iter_rows(values_only=True))
    head = next(row for row in rows if row[0] == "Sted")
    assert {"Nr.", "Enhed", "Dato", "Samlet, fordi", "Samlet med", "Vist som"} <= set(head)
    told = {row[head.index("Nr.")]: row[head.index("Samlet, fordi")] for row in rows[rows.index(head) + 1 :]}
    assert told == {"M1": "Den første", "M2": "Den første", "M3": "Den første"}
    places = list(book["Steder"].iter_rows(values_only=True))
    columns = next(row for row in places if row[0] == "Sted")
    assert {"Holdt, andel", "Fundet igen, andel", "Fælles boliger (Jaccard)"} <= set(columns)


def test_small_numbers_as_they_are_are_asked_for_and_said_in_every_file(
    outcome: BottomUpOutcome, town: Path, tmp_path: Path
):
    said = "UDEN BESKYTTELSE AF SMÅ TAL"
    open_set = run_bottom_up(town, output=tmp_path / "maps", unguarded=True, report=Report())
    kinds = open_set.results.service_rates.kinds
    small_rates = kinds[
        kinds["services"].between(1, 4) & kinds["place_id"].isin(open_set.results.places["place_id"])
    ]
    row = small_rates.iloc[0]
    text = (tmp_path / "maps-internal" / "places" / f"{row['place_id']}.html").read_text(encoding="utf-8")
    label = next(
        service.label_da
        for service in open_set.results.service_rates.services
        if service.id == row["service"]
    )
    assert re.search(rf"<td>{re.escape(label)}</td><td[^>]*>{row['services']}</td>", text)
    for path in open_set.files:
        if path.suffix == ".gpkg":
            with sqlite3.connect(path) as file:
                descriptions = file.execute(
                    "SELECT description FROM gpkg_contents WHERE data_type = 'features'"
                ).fetchall()
            assert descriptions and all(said in description for (description,) in descriptions)
            assert set(pyogrio.read_dataframe(path, layer="places")["output_set"]) == {"internal, unguarded"}
        elif path.suffix == ".csv":
            assert "internal, unguarded" in _texts(path)
        else:
            assert said in _texts(path), path.name
        assert ">skjult<" not in _texts(path), path.name
    # What is drawn stays: a lone home is not pointed at in any set.
    for name in ("places", "nominations", "found_places", "overlap"):
        ours, theirs = getattr(open_set.results, name), getattr(outcome.results, name)
        assert (
            gpd.GeoSeries(ours.geometry).to_wkb().tolist() == gpd.GeoSeries(theirs.geometry).to_wkb().tolist()
        )


def test_every_file_tells_period_day_and_source(outcome: BottomUpOutcome, town: Path):
    folder = town / "maps-internal"
    told = "sager 2024, 01.01.2024"
    people = "personer 2024, 01.01.2024"
    for path in [folder / "bottom_up.xlsx", *(folder / "places").glob("*.html")]:
        text = _texts(path)
        assert told in text and people in text, path.name
    with rasterio.open(folder / "bottom_up_risk.tif") as grid:
        assert told in grid.tags()["sources"]
        assert people in grid.tags()["sources"]
    sources = pyogrio.read_dataframe(folder / "bottom_up.gpkg", layer="sources")
    assert {"persons", "cases"} == set(sources["register"]) and set(sources["status_date"]) == {"2024-01-01"}
    assert set(sources["output_set"]) == {"internal"}
    page = _texts(folder / "bottom_up.html")
    assert "01.01.2024" in page and "Antaget" not in page


def test_a_sheet_and_a_verdict_a_place(outcome: BottomUpOutcome, town: Path):
    results = outcome.results
    places = results.places["place_id"].tolist()
    assert sorted(results.verdicts["place_id"]) == sorted(places) and "N001" in places
    sheets = sorted(path.stem for path in (town / "maps-internal" / "places").glob("*.html"))
    assert sheets == sorted(places)
    text = (town / "maps-internal" / "places" / "N001.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=|url\(|https?:", text)
    assert "Hvem samles i et koordinationsforum" in text


def test_a_place_has_an_answer_and_no_category(outcome: BottomUpOutcome, town: Path):
    sheets = [path.read_text(encoding="utf-8") for path in (town / "maps-internal" / "places").glob("*.html")]
    assert any("blev svaret det samme" in text for text in sheets)
    assert not any("kategorien" in text for text in sheets)
    assert "blev svaret det samme" in _texts(town / "maps-internal" / "bottom_up.html")


def test_figures_of_few_persons_are_hidden(outcome: BottomUpOutcome, town: Path):
    kinds = outcome.results.service_rates.kinds
    small_rates = kinds[
        kinds["services"].between(1, 4) & kinds["place_id"].isin(outcome.results.places["place_id"])
    ]
    assert len(small_rates)
    for row in small_rates.head(20).itertuples(index=False):
        text = (town / "maps-internal" / "places" / f"{row.place_id}.html").read_text(encoding="utf-8")
        label = next(
            service.label_da
            for service in outcome.results.service_rates.services
            if service.id == row.service
        )
        cells = re.search(
            rf"<td>{re.escape(label)}</td><td[^>]*>([^<]*)</td><td[^>]*>[^<]*</td><td[^>]*>([^<]*)", text
        )
        assert cells is not None and cells.groups() == ("skjult", "skjult")


def test_no_outline_of_few_households_and_none_round_an_excluded_address(
    outcome: BottomUpOutcome, town: Path
):
    results = outcome.results
    drawn = results.places[results.places.geometry.notna()]
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
    from_homes = again.results.places[~again.results.places["named"] & again.results.places.geometry.notna()]
    assert not from_homes.contains(shapely.Point(spot["x"][0], spot["y"][0])).any()


def test_the_risk_surface_lies_on_the_grid_and_has_nodata_outside_homes(outcome: BottomUpOutcome, town: Path):
    with rasterio.open(town / "maps-internal" / "bottom_up_risk.tif") as raster:
        assert raster.crs.to_epsg() == 25832 and raster.res == (100.0, 100.0)
        assert raster.bounds.left % 100 == 0 and raster.bounds.top % 100 == 0
        band = raster.read(1, masked=True)
        assert "INTERNT" in raster.tags()["stamp"]
    cells = outcome.results.surface
    assert band.count() == cells["value"].notna().sum() < band.size
    assert band.min() >= 0 and band.max() > 1  # more services than expected somewhere
    assert (cells["residents"] >= 5).all()


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
        (text + 'find_by = "services"\nindicator = "health"\n', "leave indicator out"),
    ):
        project.write_text(change, encoding="utf-8")
        with pytest.raises(InputError) as error:
            run_bottom_up(project, output=tmp_path / "none", report=Report())
        assert told in str(error.value)
    assert not (tmp_path / "none").exists()


def test_the_map_explains_its_layers_and_why(outcome: BottomUpOutcome, town: Path):
    results = outcome.results
    data = page_data(bottom_up_page(results))
    overlays = zip(data["overlays"], overlay_words(bottom_up_page(results).overlays), strict=True)
    layers = {figures["id"]: figures | words for figures, words in overlays}
    assert list(layers) == ["nominations", "overlap", "found"] and all(
        layer["note"] for layer in layers.values()
    )
    assert layers["nominations"]["count"] == 3 and "mindst 20 husstande" in layers["nominations"]["note"]
    lines = [line for feature in layers["nominations"]["features"] for line in feature["lines"]]
    lines = [line for line in lines if not line.startswith("Nævnt")]
    assert len(lines) == 3 and any(line.startswith("SSP, 01.02.2024") for line in lines)
    sentences = {
        area["id"]: panel["criteria"]
        for area, panel in zip(data["areas"], data["models"][0]["panel"][0], strict=True)
    }
    assert set(sentences) <= set(results.places["place_id"])
    assert all(len(lines) >= 4 for lines in sentences.values())  # how often it comes back, and three criteria
    assert any("Nævnt af: SSP, 01.02.2024" in line for line in sentences["N001"])
    joined = results.overlap[results.overlap["same"].astype(bool)]
    for row in joined.itertuples(index=False):
        assert any(
            f"det fundne {row.found_id}" in line
            for line in sentences.get(row.place_id, ["det fundne " + row.found_id])
        )


def test_every_column_and_heading_is_in_the_documentation(outcome: BottomUpOutcome, town: Path):
    folder = town / "maps-internal"
    assert not undescribed_headings(folder / "bottom_up.xlsx")
    for layer, _ in pyogrio.list_layers(folder / "bottom_up.gpkg"):
        if layer != "layer_styles":
            fields = pyogrio.read_info(folder / "bottom_up.gpkg", layer=layer)["fields"]
            assert not undescribed_columns(list(fields), "bottom_up"), layer


def test_papers_tell_of_the_places_of_an_area(outcome: BottomUpOutcome):
    results = outcome.results
    every = bottom_up_sections(results, "@areas")["nominations"]
    assert len(every[0].rows) == len(results.places)
    assert not [word for word in CANARIES if word in str(every)]
    assert bottom_up_sections(results, "no such area") == {}
    for area_id, within in results.within.groupby("area_id"):
        (table, _) = bottom_up_sections(results, str(area_id))["nominations"]
        names = results.places.set_index("place_id")["name"].reindex(
            [place for place in place_order(results) if place in set(within["place_id"])]
        )
        assert [row[0].text for row in table.rows] == list(names)
    assert len(results.within)
