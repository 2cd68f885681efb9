"""What may be drawn of nominations and of overlaps: estates, outlines of 20 households, squares that hold as many."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_bosoc.bottom_up.nominations.read import read_nominations
from geo_bosoc.bottom_up.places.merge import merge_places, outline_places
from geo_bosoc.bottom_up.places.publishable_geometries import (
    SQUARES,
    detected_outlines,
    nomination_outlines,
    overlap_outlines,
)
from geo_bosoc.bottom_up.presence.services import load_services
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.problems import Report
from geo_bosoc.project.studies.bottom_up.study import publishable_nominations

E, N = 570_000.0, 6_220_000.0


def homes() -> pd.DataFrame:
    """An estate of blocks, a villa road of one household a home, and a farm three kilometres away."""
    rows = [(f"B{i}", E + 20 * i, N, "Blokvej", str(i + 1), "0001", 20, 10) for i in range(8)]
    rows += [(f"V{i}", E + 1000 + 12 * i, N + 60, "Villavej", str(i + 1), None, 3, 1) for i in range(40)]
    rows += [("F0", E + 4000, N + 3000, "Gårdvej", "1", None, 4, 1)]
    names = ["address_id", "x", "y", "street", "number", "estate_id", "residents", "households"]
    return pd.DataFrame(rows, columns=names)


def estates() -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"area_id": ["0001"], "name": ["Blokken"]})
    return gpd.GeoDataFrame(frame, geometry=[shapely.box(E - 10, N - 20, E + 160, N + 20)], crs="EPSG:25832")


NAMED = (
    "M1;0001;;;;",  # an estate
    "M2;;Blokvej 3, 2. tv;;;",  # an address in it
    "M3;;Villavej 7;;;",  # a lone home on a road of others
    f"M4;;;{E + 1100:.0f};{N + 60:.0f};",  # a point between villas
    "M5;;;;;Villavej",  # a street
    "M6;;Gårdvej 1;;;",  # a home with nobody near
)


def drawn(tmp_path: Path, exclude: tuple[str, ...] = (), rows: tuple[str, ...] = NAMED) -> pd.DataFrame:
    path = tmp_path / "named.csv"
    path.write_text("\n".join(["nomination_id;area_id;address;x;y;name", *rows]) + "\n", encoding="utf-8")
    read = read_nominations(path, areas=estates(), addresses=homes(), report=Report())
    told = nomination_outlines(read, addresses=homes(), areas=estates(), exclude=exclude)
    assert told.crs == "EPSG:25832"
    return told.set_index("nomination_id")


def test_no_nomination_is_a_pin_on_a_home(tmp_path: Path) -> None:
    told = drawn(tmp_path)
    assert told["shown_as"].to_dict() == {
        "M1": "estate", "M2": "estate", "M3": "square", "M4": "square", "M5": "homes", "M6": "square",
    }  # fmt: skip
    assert told.loc["M2", "geometry"].equals(estates().geometry.iloc[0])
    assert told.loc["M2", "joined_by"] == "inside_estate" and told.loc["M2", "joined_to"] == "M1"
    # 8 villas in the square of 100 m, 20 in that of 250 m.
    assert told.loc["M3", "side"] == 250
    assert told.loc["M3", "geometry"].equals(shapely.box(E + 1000, N, E + 1250, N + 250))
    assert told.loc["M6", "side"] == 5000  # whoever looks for the farm has 25 square kilometres to look in
    table = homes()
    for shape in told["geometry"].dropna():
        inside = shapely.contains_xy(shape, table["x"], table["y"])
        assert table.loc[inside, "households"].sum() >= 20


def test_a_nominated_shelter_is_not_drawn_nor_a_square_that_holds_one(tmp_path: Path) -> None:
    told = drawn(tmp_path, exclude=("V6",))
    assert told.loc[["M3", "M4"], "shown_as"].tolist() == ["not_drawn", "not_drawn"]
    shelter = shapely.Point(homes().set_index("address_id").loc["V6", ["x", "y"]].astype(float))
    assert not any(shape.intersects(shelter) for shape in told["geometry"].dropna())


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 80))
def test_a_square_holds_the_spot_lies_on_the_grid_and_is_the_smallest(seed: int, many: int) -> None:
    from geo_bosoc.bottom_up.places.publishable_geometries import _Squares

    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": E + random.uniform(0, 1500, many), "y": N + random.uniform(0, 1500, many)})
    frame = frame.assign(address_id=[f"a{i}" for i in range(many)], households=random.integers(0, 8, many))
    shape, side = _Squares(frame, (), 20).around(float(frame["x"][0]), float(frame["y"][0]))

    def held(size: int) -> int:
        same = (
            np.floor(frame[["x", "y"]] / size) == np.floor(frame.loc[0, ["x", "y"]].astype(float) / size)
        ).all(axis=1)
        return int(frame.loc[same, "households"].sum())

    enough = [size for size in SQUARES if held(size) >= 20]
    assert side == (enough[0] if enough else 0)
    if shape is not None:
        assert shape.intersects(shapely.Point(frame["x"][0], frame["y"][0]))
        assert all(corner % side == 0 for corner in shape.bounds)


def test_found_places_keep_their_outline_and_the_overlap_is_round_the_shared_homes(tmp_path: Path) -> None:
    path = tmp_path / "named.csv"
    path.write_text("nomination_id;area_id\nM1;0001\n", encoding="utf-8")
    read = read_nominations(path, areas=estates(), addresses=homes(), report=Report())
    found = pd.DataFrame(
        [(f"B{i}", "P001") for i in range(5)] + [(f"V{i}", "P002") for i in range(25)] + [("B7", "P003")],
        columns=["address_id", "place_id"],
    )
    places, at = merge_places(read, found, addresses=homes(), areas=estates(), report=Report())
    told = detected_outlines(found, places, addresses=homes()).set_index("found_id")
    assert told["place_id"].to_dict() == {"P001": "N001", "P002": "P002", "P003": "N001"}
    assert told.loc["P001", "geometry"] is not None
    assert told.loc["P003", "geometry"] is None  # ten households
    both = overlap_outlines(found, at, places, addresses=homes()).set_index("found_id")
    assert both["homes"].to_dict() == {"P001": 5, "P003": 1} and set(both["place_id"]) == {"N001"}
    assert both.loc["P001", "jaccard"] == pytest.approx(5 / 8)
    assert both.loc["P001", "geometry"].within(told.loc["P001", "geometry"].buffer(0.1))
    assert both.loc["P003", "geometry"] is None
    nothing = overlap_outlines(found.iloc[:0], at, places, addresses=homes())
    assert nothing.empty and nothing.crs == "EPSG:25832"


def test_nobody_named_anything() -> None:
    told = nomination_outlines(None, addresses=homes(), areas=estates())
    assert told.empty and "shown_as" in told.columns


def test_a_study_without_nominations_has_none_to_show() -> None:
    addresses = pd.DataFrame({"address_id": ["a"], "x": [0.0], "y": [0.0], "households": [1]})
    areas = gpd.GeoDataFrame({"area_id": [], "name": []}, geometry=[], crs=25832)
    report = Report()
    shown = publishable_nominations(None, BottomUpPart(), load_services(), addresses, areas, report=report)
    assert shown.empty and not report.problems


def test_a_field_between_two_rows_is_left_out_unless_that_would_cut_the_outline() -> None:
    """Two rows of blocks 300 m apart, joined at one end: the field between them is none of theirs."""
    rows = [(f"u{i}", E + 25 * i, N) for i in range(13)] + [(f"o{i}", E + 25 * i, N + 300) for i in range(13)]
    rows += [(f"m{i}", E, N + 25 * i) for i in range(1, 12)]
    frame = pd.DataFrame(rows, columns=["address_id", "x", "y"]).assign(residents=4, households=2)
    members = frame[["address_id"]].assign(place_id="P001")
    field = shapely.Point(E + 280, N + 150)
    assert not outline_places(frame, members, ratio=1.0).geometry.iloc[0].intersects(field)
    assert outline_places(frame, members, ratio=1.0, reach=1000).geometry.iloc[0].intersects(field)
    apart = frame[~frame["address_id"].str.startswith("m")]
    whole = outline_places(apart, members[members["address_id"].isin(apart["address_id"])], ratio=1.0)
    assert whole.geometry.iloc[0].geom_type == "Polygon" and whole.geometry.iloc[0].intersects(field)
