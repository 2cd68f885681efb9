"""Cells of the square grid: ids of the whole country to squares and back, and broken ids told with their rows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_bosoc import InputError, Report, read_areas
from geo_bosoc.boundaries.geometry import DENMARK
from geo_bosoc.rasters import cell_corners, cell_ids, cell_polygons, read_cells
from geo_bosoc.rasters.square_grid import SIZES

DATA = os.environ.get("GEO_BOSOC_DATA") or None
EASTINGS = st.floats(DENMARK[0], DENMARK[2], allow_nan=False)
NORTHINGS = st.floats(DENMARK[1], DENMARK[3], allow_nan=False)


@given(
    st.lists(st.tuples(EASTINGS, NORTHINGS), min_size=1, max_size=40), st.sampled_from(sorted(SIZES.values()))
)
def test_ids_round_trip_over_the_country(points: list[tuple[float, float]], size: int) -> None:
    x, y = (np.array(values) for values in zip(*points, strict=True))
    ids = cell_ids(x, y, size)
    corners = cell_corners(ids)
    assert (corners["size"] == size).all()
    assert (corners["east"] == np.floor(x / size) * size).all()
    assert (corners["north"] == np.floor(y / size) * size).all()
    middle = corners[["east", "north"]] + size / 2
    assert cell_ids(middle["east"], middle["north"], size).tolist() == ids.tolist()
    squares = cell_polygons(ids)
    assert squares.crs.to_epsg() == 25832 and (squares.area == size**2).all()
    assert shapely.intersects(squares.geometry.to_numpy(), shapely.points(x, y)).all()


def test_ids_as_the_publishers_write_them() -> None:
    """Aarhus Kongreshus (Statistics Denmark's own example), an address of the mapping agency, a block of 250 m."""
    assert cell_corners(["100m_62236_5749"]).values.tolist() == [[574_900, 6_223_600, 100]]
    x, y = [542_150.0], [6_155_350.0]
    assert [cell_ids(x, y, size)[0] for size in (100, 1000, 10_000)] == [
        "100m_61553_5421", "1km_6155_542", "10km_615_54",
    ]  # fmt: skip
    assert cell_ids([575_760.0], [6_224_010.0], 250).tolist() == ["250m_622400_57575"]
    assert cell_ids([575_760.0], [6_224_010.0], 100_000).tolist() == ["100km_62_5"]


def test_a_border_belongs_to_the_north_and_east_and_nowhere_is_none() -> None:
    assert cell_ids([575_000.0, np.nan], [6_223_600.0, 6_223_600.0]).tolist() == ["100m_62236_5750", None]


@pytest.mark.parametrize(
    ("broken", "fault", "hint"),
    [
        ("100m_62236", "no cells of the Danish square grid", "northing, easting"),
        ("100m_062236_5749", "no cells of the Danish square grid", "northing, easting"),
        ("", "no cells of the Danish square grid", "northing, easting"),
        ("1kmN3493E4320", "no cells of the Danish square grid", "EPSG:3035"),
        ("CRS3035RES1000mN3493000E4320000", "no cells of the Danish square grid", "EPSG:3035"),
        ("300m_62236_5749", "of a size that the square grid does not have", "250m"),
        ("250m_622401_57575", "no multiple of the cell's size", "without the last zero"),
        ("100m_5749_62236", "outside Denmark", "northing comes first"),
        ("100m_99999999999999999999_5749", "no cells of the Danish square grid", "northing"),
    ],
)
def test_broken_ids_are_told_with_their_rows(broken: str, fault: str, hint: str) -> None:
    with pytest.raises(InputError) as raised:
        cell_corners(
            ["100m_62236_5749", broken, "100m_62236_5750"], rows=[2, 3, 4], file="cells.csv", column="KN"
        )
    (problem,) = raised.value.problems
    assert fault in problem.message and "row 3" in problem.message and hint in str(problem.hint)
    assert (problem.file, problem.column, problem.count) == ("cells.csv", "KN", 1)


def test_every_fault_is_told_at_once() -> None:
    report = Report()
    ids = ["x", "300m_62236_5749", "250m_622401_57575", "100m_5749_62236", "y"]
    assert cell_corners(ids, report=report).empty
    assert len(report.errors) == 4 and "rows 1, 5" in report.errors[0].message


@pytest.mark.parametrize("points", [([5_000.0], [6_223_600.0]), ([12.5], [55.7])])
def test_points_outside_denmark_are_an_error(points: tuple[list[float], list[float]]) -> None:
    with pytest.raises(InputError, match="outside Denmark"):
        cell_ids(*points)
    with pytest.raises(InputError, match="no cells of 300 m"):
        cell_ids([575_000.0], [6_223_600.0], 300)


TABLE = pd.DataFrame(
    {
        "KN100mDK": ["100m_62236_5750", "100m_62236_5749", "100m_62236_5749", "I alt", None],
        "year": [2023, 2023, 2024, 2024, 2024],
        "place": ["Park", "Havn", "Havn", "", ""],
    }
)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "json"])
def test_a_table_without_coordinates_becomes_areas(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"cells.{ending}"
    write_table(TABLE, file)
    report = Report()
    areas = read_cells(file, "KN100mDK", name="place", report=report)
    assert areas[["area_id", "name", "kind"]].values.tolist() == [
        ["100m_62236_5749", "Havn", "area"], ["100m_62236_5750", "Park", "area"],
    ]  # fmt: skip
    assert not report.errors
    (warning,) = [problem for problem in report.problems if problem.level == "warning"]
    rows = {"csv": "rows 5-6", "xlsx": "row 5", "parquet": "rows 4-5", "json": "rows 4-5"}[ending]
    assert f"{rows}." in warning.message  # an empty last row of a sheet is none of its table


def write_table(table: pd.DataFrame, file: Path) -> None:
    if file.suffix == ".csv":
        table.to_csv(file, index=False, sep=";")
    elif file.suffix == ".xlsx":
        table.to_excel(file, index=False)
    elif file.suffix == ".parquet":
        table.to_parquet(file)
    else:
        table.to_json(file, orient="records")


def test_only_the_cells_of_chosen_rows(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "cells.csv", index=False)
    areas = read_cells(tmp_path / "cells.csv", "KN100mDK", where="year = 2024 AND KN100mDK <> 'I alt'")
    assert areas["area_id"].tolist() == ["100m_62236_5749"]


def test_broken_ids_of_a_table_are_told_with_its_rows(tmp_path: Path) -> None:
    ids = ["100m_62236_5749", "100m_62236", "250m_622401_57575", "100m_62236"]
    pd.DataFrame({"KN100mDK": ids}).to_csv(tmp_path / "cells.csv", index=False)
    report = Report()
    assert read_cells(tmp_path / "cells.csv", "KN100mDK", report=report).empty
    assert [problem.message.split(" in ")[-1] for problem in report.errors] == ["rows 3, 5.", "row 4."]


@pytest.mark.parametrize("column", ["year", "missing"])
def test_a_column_without_cells_is_an_error(tmp_path: Path, column: str) -> None:
    TABLE.to_csv(tmp_path / "cells.csv", index=False)
    with pytest.raises(InputError, match="column"):
        read_cells(tmp_path / "cells.csv", column)


@pytest.mark.skipif(DATA is None, reason="GEO_BOSOC_DATA is not set: Frederiksberg's cells are not here")
def test_frederiksbergs_cells_lie_where_the_municipality_drew_them(tmp_path: Path) -> None:
    """956 cells whose ids alone give the polygons that were published."""
    source = Path(str(DATA)) / "registers" / "frederiksberg"
    drawn = read_areas(source / "kvadratnet_4326.geojson", id="distrikt_id", name=None, report=Report())
    made = read_cells(source / "befolkning_alle.json", "distrikt_id", where="type_id = 11", report=Report())
    both = drawn.merge(made, on="area_id", suffixes=("_drawn", "_made"))
    assert len(drawn) == 956 and set(both["area_id"]) == set(made["area_id"])
    off = shapely.hausdorff_distance(both["geometry_drawn"].to_numpy(), both["geometry_made"].to_numpy())
    assert off.max() < 0.2  # degrees with six decimals
    assert len(both) >= 900
    rows = json.loads((source / "befolkning_alle.json").read_text(encoding="utf-8"))
    assert {row["distrikt_id"] for row in rows if row["type_id"] == 11} == set(made["area_id"])
