"""Points over the boundaries that municipalities publish: the same as shapely, and counted once where areas adjoin."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely

from geo_bosoc.boundaries.read import read_areas
from geo_bosoc.locate.join import locate
from geo_bosoc.problems import Report

DATA = os.environ.get("GEO_BOSOC_DATA") or None
pytestmark = pytest.mark.skipif(not DATA, reason="GEO_BOSOC_DATA is not set: real boundaries are not tried")
ROOT = Path(DATA or ".")


@pytest.mark.parametrize(
    ("path", "id_column"),
    [
        ("areas/aarhus_statistics_districts.geojson", "prog_distrikt_nr"),
        ("areas/copenhagen_roder.geojson", "rode_nr"),
        ("areas/copenhagen_social_housing_estates.geojson", "id"),
        ("registers/frederiksberg/kvadratnet_4326.geojson", "distrikt_id"),
    ],
)
def test_points_and_corners_over_real_areas(path: str, id_column: str) -> None:
    areas = read_areas(ROOT / path, id=id_column, name=None, report=Report())
    shapes = areas.geometry.to_numpy()
    random = np.random.default_rng(1)
    west, south, east, north = areas.total_bounds
    corners = random.choice(shapely.get_coordinates(shapes), 2_000)
    anywhere = np.column_stack([random.uniform(west, east, 20_000), random.uniform(south, north, 20_000)])
    xy = np.concatenate([corners, anywhere])
    points = pl.DataFrame({"address_id": np.arange(len(xy)), "x": xy[:, 0], "y": xy[:, 1]})
    report = Report()
    everywhere = locate(points, areas, overlap=True, report=Report())
    point, area = shapely.STRtree(shapes).query(shapely.points(xy), predicate="intersects")
    ids = areas["area_id"].to_numpy()[area]
    wanted = pl.DataFrame({"address_id": point, "area_id": ids}).sort("address_id", "area_id")
    mine = everywhere.with_columns(pl.col("area_id").cast(pl.String)).sort("address_id", "area_id")
    assert mine.equals(wanted.select(pl.col("address_id").cast(mine["address_id"].dtype), "area_id"))
    once = locate(points, areas, report=report)
    assert set(once["address_id"]) == set(everywhere["address_id"]), "nobody is lost on a border"
    several = once.filter(pl.col("address_id").is_duplicated())["address_id"].n_unique()
    assert report.facts["located"]["in_several_areas"] == several
    assert ("overlap, counted in each" in " ".join(map(str, report.problems))) == (several > 0)
    first = locate(points, areas, overlap=False, report=Report())
    assert first["address_id"].is_unique().all()
    assert first["address_id"].to_list() == once["address_id"].unique(maintain_order=True).to_list()


def test_districts_drawn_upon_each_other_are_named() -> None:
    """Two of Aarhus's districts overlap by 660 square metres, a strip a metre wide: told by their ids."""
    areas = read_areas(
        ROOT / "areas/aarhus_statistics_districts.geojson",
        id="prog_distrikt_nr",
        name="prog_distrikt_navn",
        report=Report(),
    )
    pair = areas[areas["name"].isin(["Vejlby", "Lystrupvej-Viengevej"])]
    common = shapely.intersection(*pair.geometry.to_numpy())
    widest = max(shapely.get_parts(common), key=lambda part: part.area)
    at = shapely.point_on_surface(widest)
    report = Report()
    located = locate(pl.DataFrame({"address_id": ["a"], "x": [at.x], "y": [at.y]}), areas, report=report)
    assert sorted(located["area_id"].cast(pl.String)) == sorted(pair["area_id"])
    assert " and ".join(sorted(pair["area_id"])) in str(report.problems[0])
