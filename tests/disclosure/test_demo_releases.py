"""The made-up municipality published to 2022, and to 2023 with a house moved: what both sets together give away."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import polars as pl
import pytest
import shapely
from demo_results import ROOT, estates, write_demo_project

from geo_bosoc.disclosure.attack import PublicSet, attack_sets, read_set
from geo_bosoc.disclosure.attack.results import published_set
from geo_bosoc.disclosure.results import Results
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.project import analyse, run_project
from geo_bosoc.project.sets.previous_set import read_previous
from geo_bosoc.project.sets.publish import publish_project
from geo_bosoc.project.spec import load_project

FIRST, SECOND = ("2022",), ("2022", "2023")
"""The survey of 2022 stands behind 2023 too."""
ARCHIVE = "archive/2022"
FROM, TO = "0005", "0058"
"""Estates that adjoin."""
MOST = 30
"""Residents of the house."""


def with_house_moved(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A house of one estate lies within the other now."""
    residents = pl.read_parquet(ROOT / "data/registers/persons_2022.parquet").group_by("address_id").len()
    addresses = pl.read_parquet(ROOT / "data/registers/addresses.parquet").join(residents, on="address_id")
    outlines = dict(zip(areas["area_id"], areas.geometry, strict=True))
    house = next(
        shapely.Point(x, y).buffer(3)
        for x, y in addresses.filter(pl.col("len").is_between(10, MOST)).select("x", "y").iter_rows()
        if outlines[FROM].covers(shapely.Point(x, y).buffer(3))
    )
    outlines[FROM] = outlines[FROM].difference(house)
    outlines[TO] = outlines[TO].union(house)
    return areas.set_geometry(list(outlines.values()), crs=areas.crs)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the first release, whose set is put aside."""
    folder = write_demo_project(estates(), tmp_path_factory.mktemp("demo"), periods=FIRST)
    run_project(folder)
    publish_project(folder, folder / ARCHIVE)
    return folder


@pytest.fixture(scope="module")
def earlier(archive: Path) -> PublicSet:
    return read_set(archive / ARCHIVE)


@pytest.fixture(scope="module")
def true(archive: Path) -> Results:
    """Of both years, with the house moved."""
    return analyse(write_demo_project(with_house_moved(estates()), archive, periods=SECOND))


@pytest.mark.parametrize(
    ("disclosure", "holds"),
    [
        ("", False),
        (f'previous = "{ARCHIVE}"\n', True),
        (f'previous = "{ARCHIVE}"\nrevise = true\n', True),
    ],
    ids=["not named", "frozen", "revised"],
)
def test_both_sets_together(
    archive: Path, earlier: PublicSet, true: Results, disclosure: str, holds: bool
) -> None:
    write_demo_project(with_house_moved(estates()), archive, periods=SECOND, disclosure=disclosure)
    published = suppress(true, before=read_previous(load_project(archive)))
    report = attack_sets([published_set(published), earlier])
    assert report.promise_holds == holds, report.text()
    assert (report.below > 0) != holds and not report.contradictions
