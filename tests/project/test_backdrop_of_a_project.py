"""Layers with a name and the background as a project file gives them: read once, checked, and in what a run writes."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pydantic import ValidationError
from rasterio.transform import from_origin
from small_projects import write_small_project

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import analyse, check_project, load_project
from geo_bosoc.project.inputs import files_without_persons, input_files
from geo_bosoc.project.spec_parts import BackgroundPart, BoundaryPart
from geo_bosoc.rasters.backdrop import NamedLayer

TABLE = '[registers.t]\npath = "t.csv"\nunit = "count"\narea = "area"\nperiod = "year"\nreference_row = "K"\n'
SHARE = (
    '[[indicator]]\nid = "safety"\nlabel_da = "X"\nlabel_en = "X"\n'
    'denominator = { register = "t", sum = "n" }\nnumerator = { register = "t", sum = "m" }\n'
)
SCHOOLS = '[boundaries.schools]\npath = "schools.geojson"\nname = "navn"\nlabel_da = "Skoler"\nshow = false\n'
PICTURE = '[map.background]\npath = "picture.tif"\nattribution = "Opdigtet"\n'


def project(folder: Path, lines: str) -> Path:
    """Three areas, a school in the first, a picture that reaches around them, and more lines in the project file."""
    rows = [f"{area};2024;100;{count}" for area, count in zip("ABC", (10, 20, 60), strict=True)]
    (folder / "t.csv").write_text("\n".join(["area;year;n;m", *rows, "K;2024;900;400", ""]), encoding="utf-8")
    written = write_small_project(folder, registers=TABLE, indicators=SHARE)
    school = gpd.GeoDataFrame(
        {"navn": ["Øst"]}, geometry=[shapely.Point(575_500, 6_224_500)], crs="EPSG:25832"
    )
    school.to_file(folder / "schools.geojson")
    with rasterio.open(
        folder / "picture.tif", "w", driver="GTiff", width=90, height=90, count=1, dtype="uint8",
        crs="EPSG:25832", transform=from_origin(572_000, 6_229_000, 100, 100),
    ) as file:  # fmt: skip
        file.write(np.full((1, 90, 90), 120, np.uint8))
    file = written / "bosoc.toml"
    file.write_text(file.read_text(encoding="utf-8") + lines, encoding="utf-8")
    return file


def test_a_run_has_them_and_says_what_became_of_the_picture(tmp_path: Path) -> None:
    file = project(tmp_path, SCHOOLS + PICTURE)
    results = analyse(file)
    assert results.backdrop.named_layers == {"schools": NamedLayer("Skoler", visible=False)}
    assert results.context["schools"]["name"].tolist() == ["Øst"]
    background = results.backdrop.background
    assert background is not None
    assert results.report.facts["background"]["width"] == background.width
    notes = [problem for problem in results.report.problems if problem.key == "map.background"]
    assert len(notes) == 1 and "MB of at most 2 MB" in notes[0].message
    loaded = load_project(file)
    assert tmp_path / "picture.tif" in input_files(loaded)
    assert tmp_path / "picture.tif" in files_without_persons(loaded)


def test_without_them_there_is_nothing(tmp_path: Path) -> None:
    results = analyse(project(tmp_path, SCHOOLS.replace('label_da = "Skoler"\nshow = false\n', "")))
    assert (results.backdrop.named_layers, results.backdrop.background) == ({}, None)
    assert results.context["schools"]["name"].tolist() == [""]


def test_what_is_wrong_is_told_by_check_with_everything_else(tmp_path: Path) -> None:
    file = project(tmp_path, SCHOOLS.replace("navn", "skole") + PICTURE.replace("picture", "absent"))
    with pytest.raises(InputError) as error:
        check_project(file, report=Report())
    messages = "\n".join(str(problem) for problem in error.value.problems)
    assert "absent.tif, [map.background]: the file is not there." in messages
    assert "schools.geojson" in messages and "skole" in messages


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"role": "assessed", "label_da": "Områder"}, "a label goes with a layer of context"),
        ({"show": False}, "show and colour go with a label"),
        ({"colour": "#112233"}, "show and colour go with a label"),
        ({"label_da": "Skoler", "colour": "red"}, "colour"),
    ],
)
def test_a_key_that_would_do_nothing_is_refused(part: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        BoundaryPart.model_validate({"path": "a.gpkg", **part})


@pytest.mark.parametrize("part", [{"budget": 0}, {"budget": 21}, {"opacity": 0}, {"attribution": ""}])
def test_a_background_has_bounds(part: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BackgroundPart.model_validate({"path": "a.tif", "attribution": "Opdigtet", **part})
