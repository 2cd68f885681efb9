"""Surfaces of a run: rasters and styles of the internal set alone, with the figures that its registers give."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import polars as pl
import pytest
import rasterio

from geo_bosoc.indicators import load_indicators
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import check_project, run_project
from geo_bosoc.rasters.surfaces import resident_surface
from geo_bosoc.text.catalogue import word

SURFACES = '\n[surfaces]\nindicators = ["outside_labour_market"]\nk = 200\nsize = 200\n'
DENSITY = "residents-per-hectare"
INDICATOR = "outside_labour_market"


def with_table(folder: Path, table: str) -> Path:
    file = folder / "bosoc.toml"
    file.write_text(file.read_text(encoding="utf-8") + table, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def ran(town_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town, run with surfaces of its last period; nobody changes it."""
    folder = tmp_path_factory.mktemp("flader") / "by"
    shutil.copytree(town_template, folder, ignore=shutil.ignore_patterns("maps*"))
    run_project(with_table(folder, SURFACES), internal=True, report=Report())
    return folder


@pytest.fixture
def surfaces(ran: Path) -> Path:
    """The folder of its surfaces."""
    return ran / "maps-internal" / "surfaces"


def by_hand(folder: Path, *, least: int) -> pd.DataFrame:
    """The surface from the registers themselves: who lives where, of working age, and outside of the labour market."""
    registers = folder / "data" / "registers"
    persons = pl.read_parquet(registers / "persons_2024.parquet").drop_nulls("address_id")
    (indicator,) = load_indicators([INDICATOR])
    assert indicator.numerator is not None
    base, top = (pl.sql_expr(str(side.where)) for side in (indicator.denominator, indicator.numerator))
    counts = persons.group_by("address_id", maintain_order=True).agg(
        residents=pl.len(),
        numerator=(base & top).fill_null(False).sum(),
        denominator=base.fill_null(False).sum(),
        unknown=(base & top.is_null()).fill_null(False).sum(),
    )
    places = pl.read_parquet(registers / "addresses.parquet").select("address_id", "x", "y")
    frame = places.join(counts, on="address_id", how="inner")
    table = pd.DataFrame({name: frame[name].to_list() for name in frame.columns}).dropna()
    addresses = table[["address_id", "x", "y", "residents"]]
    long = table.assign(indicator=INDICATOR).drop(columns=["x", "y", "residents"])
    return resident_surface(addresses, long, k=200, size=200, least=least)


def test_rasters_hold_what_the_registers_give_and_say_what_they_are(surfaces: Path, ran: Path) -> None:
    assert sorted(path.name for path in surfaces.iterdir()) == [
        f"{INDICATOR}.qml", f"{INDICATOR}.tif", f"{DENSITY}.qml", f"{DENSITY}.tif",
    ]  # fmt: skip
    expected = by_hand(ran, least=5)
    for name, column in ((DENSITY, "density"), (INDICATOR, INDICATOR)):
        with rasterio.open(surfaces / f"{name}.tif") as file:
            band = file.read(1, masked=True)
            assert (file.crs.to_epsg(), file.res, file.dtypes) == (25832, (200.0, 200.0), ("float32",))
            assert file.profile["compress"] == "deflate"
            tags = file.tags()
            rows = expected[expected[column].notna()]
            inside = np.array(list(file.sample(rows[["east", "north"]].to_numpy() + 100.0)))[:, 0]
        assert inside == pytest.approx(rows[column].to_numpy(), rel=1e-6)
        assert band.count() == len(rows) > 100
        assert "INTERNT" in tags["stamp"] and "Opdigtede" in tags["stamp"]
        assert (tags["period"], tags["nearest_residents"], tags["sources"]) == ("2024", "200", "Opdigtet")
    assert 0 < expected[INDICATOR].min() < expected[INDICATOR].max() < 1


def test_the_classes_of_the_style_cover_the_figures_and_share_them_evenly(surfaces: Path) -> None:
    for name in (DENSITY, INDICATOR):
        text = (surfaces / f"{name}.qml").read_text(encoding="utf-8")
        assert "INTERNT" in text
        shader = ElementTree.fromstring(text).find("pipe/rasterrenderer/rastershader/colorrampshader")
        assert shader is not None and shader.get("colorRampType") == "DISCRETE"
        items = shader.findall("item")
        ends = [float(str(item.get("value"))) for item in items]
        assert ends == sorted(ends) and ends[-1] == np.inf and len(items) == 5
        assert len({item.get("color") for item in items}) == 5
        with rasterio.open(surfaces / f"{name}.tif") as file:
            figures = file.read(1, masked=True).compressed()
        assert float(str(shader.get("minimumValue"))) == pytest.approx(figures.min())
        shares = np.bincount(np.searchsorted(ends, figures), minlength=5) / figures.size
        assert shares.min() > 0.1 and shares.max() < 0.35


def test_the_public_set_knows_nothing_of_them(ran: Path, town_maps: Path) -> None:
    public, without = (
        {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}
        for folder in (ran / "maps", town_maps)
    )
    assert public == without
    picture = b'<img id="surface-picture-'
    assert picture in (ran / "maps-internal" / "risk_map.html").read_bytes()
    assert picture not in public["risk_map.html"]


def test_without_suppression_every_inhabited_cell_is_shown(town: Path) -> None:
    run_project(with_table(town, SURFACES), periods=["2024"], internal=True, unguarded=True, report=Report())
    expected = by_hand(town, least=1)
    with rasterio.open(town / "maps-internal" / "surfaces" / f"{DENSITY}.tif") as file:
        assert file.read(1, masked=True).count() == len(expected)
        assert word("common", "small_numbers_shown", "da") in file.tags()["stamp"]


@pytest.mark.parametrize(
    ("table", "key", "said"),
    [
        ("k = 19", "surfaces.k", "at least 20 are needed"),
        ('indicators = ["safety"]', "surfaces.indicators.safety", "is no share of the residents"),
        ('indicators = ["residents"]', "surfaces.indicators.residents", "is no share of the residents"),
        ('indicators = ["outside_labour"]', "surfaces.indicators.outside_labour", "there is no indicator"),
        ("density = false", "surfaces", "nothing is to be shown"),
    ],
)
def test_what_cannot_be_a_surface_is_told(town: Path, table: str, key: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        check_project(with_table(town, f"\n[surfaces]\n{table}\n"), periods=["2024"], report=Report())
    assert [(problem.key, said in problem.message) for problem in error.value.problems] == [(key, True)]


def test_residents_without_a_home_on_the_map_are_told(town: Path) -> None:
    file = town / "bosoc.toml"
    text = file.read_text(encoding="utf-8").replace('role = "population"\n', "")
    file.write_text(text + SURFACES, encoding="utf-8")
    with pytest.raises(InputError, match="no register says that it has them"):
        check_project(town, periods=["2024"], report=Report())
