"""The made-up land: its names, coast, lakes, woods, roads and districts, the cells a town is built in; map layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo_bosoc.boundaries.geometry import CRS
from geo_bosoc.demo.shapes import Floats, Mesh, along_edges, blob, mesh, rough, scatter, smooth, union

MUNICIPALITY: Final = "Mågesund Kommune"
MUNICIPALITY_CODE: Final = "0999"
REGION_CODE: Final = "1099"

DISTRICTS: Final[tuple[tuple[str, float, float], ...]] = (
    ("Mågesund Midtby", 8250, 7900),
    ("Nordbassinet", 9500, 8900),
    ("Sydbassinet", 9400, 6700),
    ("Egernbakken", 7900, 9700),
    ("Rævedalen", 6300, 9000),
    ("Vester Uglemark", 5900, 7400),
    ("Teglmosen", 6700, 5900),
    ("Sandløkken", 8300, 5000),
    ("Stranduglen", 11200, 5600),
    ("Klinteby og Nordlandet", 10600, 11900),
    ("Søholtinge", 5200, 11700),
    ("Hvidmosted", 3000, 8400),
    ("Grævlingerød", 3900, 4600),
    ("Sønder Tangby", 9000, 2600),
)
"""Name and middle (metres in the local frame) of each district."""

VILLAGES: Final[tuple[tuple[str, float, float], ...]] = (
    ("Klinteby", 11100, 12100), ("Søholtinge", 4700, 11800), ("Hvidmosted", 2900, 8000),
    ("Grævlingerød", 3700, 4300), ("Sønder Tangby", 9300, 2500), ("Uglestrand", 12600, 5600),
    ("Nørre Ravnlund", 7900, 12700),
)  # fmt: skip

ESTATES: Final = (
    "Hejrekæret", "Tranehegnet", "Mågeparken", "Sandløkkens Gårde",
    "Kvædevangen", "Uglevangen", "Bølgetoften", "Rævedalsparken", "Egernbakkens Kvarter", "Teglmosegård",
    "Brombærbuen", "Havtornsvænget", "Stærekrogen", "Kliteparken", "Vindrosegården", "Muslingehaven",
    "Tangbakkerne", "Slåenskrænten", "Rørspurvens Kvarter", "Mosekonebo", "Gyvelgården", "Ternevangen",
    "Lyngsneppen", "Fyrmesterens Have", "Skibsdrengens Gård", "Rebslagervangen", "Sølvpilsborg",
    "Hornuglevænget", "Blishønekrogen", "Ravkysten", "Tjørnesalen", "Pileskovens Gårde", "Krikandsbo",
    "Bukkebladet", "Kampestensgården", "Ålekistebo", "Strandskadegården", "Vibekæret", "Dueurtsparken",
    "Lodsens Kvarter", "Spidsmusebo", "Gæslingevangen", "Kærmindekrogen", "Hulsøbo", "Træskomagerens Have",
    "Ankersmedens Gård", "Klitrosebo", "Mispelparken", "Nøkkerosen", "Smedjestien", "Elverbo",
    "Natsværmervænget", "Mejeristbo", "Stationsmesterbo", "Hyldemorsvangen", "Bjørnebrombo", "Søkalvbo",
    "Lygtemandsgården", "Vadefuglebo", "Ørretbækken", "Garverløkken", "Trompetgården",
)  # fmt: skip
VILLAGE_ESTATES: Final = (
    "Klintebyhusene", "Søholtingebo", "Hvidmostedhusene", "Grævlingebo", "Tangbybo", "Uglestrandhusene",
    "Ravnlundsbo",
)  # fmt: skip

SCHOOLS: Final = (
    "Egernskolen", "Mågeskolen", "Uglemarkskolen", "Teglmoseskolen", "Klinteskolen", "Ravnlundskolen",
    "Hvidmosteskolen", "Sandløkkeskolen", "Bølgeskolen", "Tangbyskolen", "Rebslagerskolen", "Havtornskolen",
)  # fmt: skip

_FIRST = (
    "Ravne", "Tange", "Måge", "Ugle", "Hejre", "Slåen", "Havtorn", "Gyvel", "Klitte", "Rævling", "Grævling",
    "Egern", "Stære", "Terne", "Blishøne", "Krikand", "Rørdrum", "Vindrose", "Rebslager", "Bødker", "Lods",
    "Skipper", "Ålekiste", "Kvæde", "Mispel", "Tjørne", "Dueurt", "Bukkeblad", "Kampesten", "Teglovns",
    "Tørvemose", "Vadefugl", "Spidsmus", "Mosekone", "Elverhøj", "Nøkkerose", "Trold", "Lygtemand",
    "Sandorm", "Musling", "Østers", "Sølvtorn", "Bronze", "Glasmager", "Garver", "Hattemager",
    "Kurvefletter", "Spillemand", "Natsværmer", "Guldsmede", "Vandnymfe", "Brombær",
)  # fmt: skip
_MIDDLE = ("", "", "", "holms", "dals", "bjergs", "lunds", "kær", "sø", "høj", "bæks", "marks")
_LAST = (
    "vej",
    "vej",
    "vænget",
    "toften",
    "bakken",
    "stien",
    "krogen",
    "svinget",
    "agre",
    "parken",
    "løkken",
    "ager",
)
_TOWN_LAST = ("gade", "stræde", "gade", "plads", "gyde", "torv", "allé")
ORIGIN: Final = (624_000.0, 6_219_000.0)
"""EPSG:25832 coordinates of the local frame's corner: open water in Kattegat, where nobody lives."""
CENTRE: Final = (8300.0, 7880.0)
FRAME: Final = (-500.0, -500.0, 17_000.0, 15_800.0)
_PLAN_REACH: Final = 260.0
"""Metres around the estate that its development plan takes in."""
_COAST = (
    (12900, 17500), (12800, 15800), (12300, 14300), (13100, 12900), (12600, 11600), (13400, 10400),
    (12700, 9300), (11800, 8750), (10700, 8420), (9600, 8130), (8760, 7940), (8740, 7800), (9450, 7560),
    (10500, 7650), (11400, 7760), (12300, 7300), (12900, 6700), (14200, 5900), (13800, 4700), (12600, 3900),
    (13000, 2400), (12300, 900), (12500, -2000),
)  # fmt: skip
_BORDER = (
    (12500, 14350), (10300, 14600), (8200, 14000), (6400, 14700), (4300, 14100), (2700, 13000),
    (2200, 11300), (1200, 9800), (1700, 7900), (900, 6200), (1900, 4500), (2500, 2900), (4300, 2100),
    (6200, 1300), (8300, 1600), (10300, 700), (12400, 950),
)  # fmt: skip


def street_names(count: int, rng: np.random.Generator, old_centre: bool = False) -> list[str]:
    """`count` different made-up street names in a random order; `old_centre` gives those of an old centre."""
    endings = _TOWN_LAST if old_centre else _LAST
    names = dict.fromkeys(first + middle + last for first in _FIRST for middle in _MIDDLE for last in endings)
    pool = list(names)
    order = rng.permutation(len(pool))
    turns = -(-count // len(pool))
    prefixes = ("", "Øvre ", "Nedre ", "Gammel ", "Ny ", "Lille ", "Store ")
    if turns > len(prefixes):
        raise ValueError(f"Only {len(pool) * len(prefixes)} street names can be made, {count} are needed.")
    return [prefixes[turn] + pool[i] for turn in range(turns) for i in order][:count]


@dataclass(frozen=True)
class Land:
    """What the municipality is built on (local metres).

    Attributes
    ----------
    municipality, sea : BaseGeometry
        Outlines; the municipality has an islet.
    lakes, woods : tuple of (str, BaseGeometry)
        Name and shape, for the context layers.
    roads : tuple of (str, str, BaseGeometry)
        Kind, name and shape.
    net : Mesh
        The mesh of quarters.
    ground : tuple of BaseGeometry
        The dry, buildable part of each cell.
    reach : ndarray of float
        Distance of each cell from the centre as the town grew (metres, stretched along the roads out).
    village : ndarray of int
        The number of each cell's village, or -1.
    districts : tuple of (str, BaseGeometry)
        Name and shape; they cover the municipality.
    """

    municipality: BaseGeometry
    sea: BaseGeometry
    lakes: tuple[tuple[str, BaseGeometry], ...]
    woods: tuple[tuple[str, BaseGeometry], ...]
    roads: tuple[tuple[str, str, BaseGeometry], ...]
    net: Mesh
    ground: tuple[BaseGeometry, ...]
    reach: Floats
    village: np.ndarray[tuple[int], np.dtype[np.int64]]
    districts: tuple[tuple[str, BaseGeometry], ...]


def town_reach(points: Floats) -> Floats:
    """Distance from the centre as the town grew: fingers along the roads out count as nearer (metres)."""
    x, y = points[:, 0] - CENTRE[0], points[:, 1] - CENTRE[1]
    angle = np.arctan2(y, x)
    fingers: Floats = np.hypot(x, y) * (1 + 0.13 * np.cos(5 * angle + 0.6) + 0.07 * np.cos(2 * angle - 0.4))
    return fingers


def _spacing(points: Floats) -> Floats:
    reach = town_reach(points)
    out = np.select([reach < 550, reach < 1300, reach < 3900], [135.0, 190.0, 232.0], 950.0)
    for _, x, y in VILLAGES:
        out = np.where(np.hypot(points[:, 0] - x, points[:, 1] - y) < 520, 205.0, out)
    return out


def _outline(rng: np.random.Generator) -> tuple[BaseGeometry, BaseGeometry]:
    """The municipality's outline and the sea in front of it."""
    coast = rough(smooth(_COAST, 2), rng, depth=3, amplitude=0.14)
    west, south, east, north = FRAME
    shore = Polygon(np.concatenate([coast, [(east + 3000, -2000), (east + 3000, 17_500)]])).buffer(0)
    border = rough(smooth(_BORDER, 2), rng, depth=3, amplitude=0.10)
    inside = Polygon(np.concatenate([border, [(15_500, 950), (15_500, 14_350)]])).buffer(0)
    islet = blob(14_900, 9_300, 760, 430, rng, turn=0.5)
    sea = shore.difference(islet).intersection(shapely.box(west, south, east, north))
    main = max(shapely.get_parts(inside.difference(shore)), key=lambda part: part.area)
    return union([main, islet]), sea


def _roads(net: Mesh, land: BaseGeometry, water: BaseGeometry) -> list[tuple[str, str, BaseGeometry]]:
    """Motorway, main roads and ring along the mesh, and the streets between built quarters."""
    motorway = smooth(
        [
            (6300, 15_800),
            (5400, 13_000),
            (4350, 10_400),
            (4250, 8000),
            (4900, 5200),
            (5700, 2600),
            (6100, -300),
        ],
        4,
    )
    cx, cy = CENTRE
    ways: dict[str, list[tuple[float, float]]] = {
        "Klintebyvej": [(cx, cy), (9000, 9500), (11_100, 12_100), (11_300, 15_200)],
        "Ravnlundvej": [(cx, cy), (8000, 10_300), (7900, 12_700), (7300, 15_300)],
        "Søholtingevej": [(cx, cy), (6500, 9600), (4700, 11_800), (2300, 14_300)],
        "Hvidmostedvej": [(cx, cy), (5600, 7800), (2900, 8000), (300, 8100)],
        "Grævlingerødvej": [(cx, cy), (6500, 6300), (3700, 4300), (900, 2400)],
        "Tangbyvej": [(cx, cy), (8500, 5600), (9300, 2500), (9200, -200)],
        "Uglestrandvej": [(cx, cy), (9300, 6600), (11_000, 5800), (12_600, 5600)],
        "Mågesund Ringvej": [
            (9600, 9900), (8000, 10_300), (6500, 9600), (5700, 7800), (6500, 6300), (8500, 5600),
            (10_300, 6100),
        ],
    }  # fmt: skip
    roads: list[tuple[str, str, BaseGeometry]] = [("motorway", "Nordkystmotorvejen", LineString(motorway))]
    roads += [("main", name, along_edges(net, stops, water)) for name, stops in ways.items()]
    middles = np.array([curve[len(curve) // 2] for curve in net.curves])
    built = town_reach(middles) < 3600
    for _, x, y in VILLAGES:
        built |= np.hypot(middles[:, 0] - x, middles[:, 1] - y) < 480
    streets = shapely.line_merge(shapely.MultiLineString([net.curves[i] for i in np.flatnonzero(built)]))
    roads.append(("local", "", streets))
    return [(kind, name, shape.simplify(2).intersection(land)) for kind, name, shape in roads]


def make_land(rng: np.random.Generator) -> Land:
    """The land, the same for every size of town; `rng` decides its small irregularities."""
    municipality, sea = _outline(rng)
    lakes = (
        ("Søholt Sø", blob(5500, 10_650, 1500, 720, rng, turn=0.7)),
        ("Tørvesøen", blob(3300, 5900, 620, 420, rng, turn=-0.4)),
        ("Byparksøen", blob(7350, 8560, 330, 190, rng, turn=0.9)),
    )
    woods = (
        ("Søholt Skov", blob(6300, 11_500, 1500, 1100, rng)),
        ("Ravneskoven", blob(2600, 10_400, 1300, 1500, rng)),
        ("Tangby Plantage", blob(11_000, 3400, 1700, 1000, rng, turn=0.3)),
        ("Uglekrattet", blob(6900, 3600, 1200, 800, rng, turn=-0.5)),
        ("Klinteskoven", blob(11_900, 10_300, 900, 1500, rng)),
    )
    west, south, east, north = FRAME
    net = mesh(scatter(rng, (west, south, east, north), _spacing, 26_000))
    wet = union([shape.buffer(25) for _, shape in lakes])
    dry = municipality.buffer(-30).difference(wet).difference(union([shape for _, shape in woods]))
    shapely.prepare(dry)
    ground = tuple(
        cell if shapely.contains_properly(dry, cell) else cell.intersection(dry).buffer(0)
        for cell in net.cells
    )
    village = np.full(len(net.cells), -1, dtype=np.int64)
    for number, (_, x, y) in enumerate(VILLAGES):
        village[np.hypot(net.centres[:, 0] - x, net.centres[:, 1] - y) < 330] = number
    reach = town_reach(net.centres)
    return Land(
        municipality,
        sea,
        tuple((name, shape.intersection(municipality)) for name, shape in lakes),
        tuple((name, shape.intersection(municipality).difference(wet)) for name, shape in woods),
        tuple(_roads(net, municipality, union([wet, sea]))),
        net,
        ground,
        reach,
        village,
        _districts(net, municipality),
    )


def _districts(net: Mesh, municipality: BaseGeometry) -> tuple[tuple[str, BaseGeometry], ...]:
    """Cells gathered about the districts' middles, so that district borders run along roads."""
    middles = np.array([(x, y) for _, x, y in DISTRICTS])
    gap = np.hypot(*(net.centres[:, None, :] - middles[None, :, :]).transpose(2, 0, 1))
    home = gap.argmin(axis=1)
    out: list[tuple[str, BaseGeometry]] = []
    for number, (name, _, _) in enumerate(DISTRICTS):
        out.append((name, union(net.cells[home == number]).intersection(municipality)))
    return tuple(out)


def to_25832(shape: BaseGeometry, digits: int = 1) -> BaseGeometry:
    """A shape of the local frame in EPSG:25832, coordinates with `digits` decimals (metres)."""
    moved = shapely.transform(shape, lambda xy: np.round(xy + np.array(ORIGIN), digits))
    return moved if moved.is_valid else shapely.make_valid(moved)


def _layer(rows: Sequence[tuple[str, str, str, BaseGeometry]], **columns: str) -> gpd.GeoDataFrame:
    """A layer of rows (area_id, name, kind, shape in local metres) in EPSG:25832."""
    attributes = {
        "area_id": [row[0] for row in rows],
        "name": [row[1] for row in rows],
        "kind": [row[2] for row in rows],
        **{name: [value] * len(rows) for name, value in columns.items()},
    }
    return gpd.GeoDataFrame(pd.DataFrame(attributes), geometry=[to_25832(row[3]) for row in rows], crs=CRS)


def boundary_layers(
    land: Land, estates: Sequence[tuple[str, str, BaseGeometry]]
) -> dict[str, gpd.GeoDataFrame]:
    """The boundary layers by file name: areas, municipality, districts, sea, lakes, woods, roads (EPSG:25832).

    `estates` are the id, the name and the outline (local metres) of each.
    """
    codes = {"municipality": MUNICIPALITY_CODE, "region": REGION_CODE}
    return {
        "areas": _layer(
            [(area_id, name, "social_housing", shape) for area_id, name, shape in estates], **codes
        ),
        "municipality": _layer(
            [(MUNICIPALITY_CODE, MUNICIPALITY, "municipality", land.municipality)], **codes
        ),
        "districts": _layer(
            [(f"{i:02d}", name, "district", shape) for i, (name, shape) in enumerate(land.districts, 1)],
            **codes,
        ),
        "sea": _layer([("H1", "Mågesund", "sea", land.sea)]),
        "lakes": _layer([(f"L{i}", name, "lake", shape) for i, (name, shape) in enumerate(land.lakes, 1)]),
        "woods": _layer([(f"W{i}", name, "wood", shape) for i, (name, shape) in enumerate(land.woods, 1)]),
        "roads": _layer(
            [(f"V{i:02d}", name, kind, shape) for i, (kind, name, shape) in enumerate(land.roads, 1)]
        ),
    }


def development_plans(boundaries: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Two areas with a development plan: an estate with its surroundings, so with a delimitation of its own."""
    land = boundaries["municipality"].geometry.union_all()
    chosen = boundaries["areas"].sort_values("area_id", kind="stable").iloc[[1, 3]]
    shapes = [shape.buffer(_PLAN_REACH, quad_segs=4).intersection(land) for shape in chosen.geometry]
    return gpd.GeoDataFrame(
        {
            "area_id": ["U1", "U2"],
            "name": [f"{name}, udviklingsplan" for name in chosen["name"]],
            "kind": ["development_plan", "development_plan"],
        },
        geometry=shapes,
        crs=boundaries["areas"].crs,
    )


def school_points(schools: pl.DataFrame) -> gpd.GeoDataFrame:
    """Where the municipal schools lie: a point each, from the table with a row a school and year."""
    each = schools.unique("school_id", keep="last", maintain_order=True).sort("school_id")
    return gpd.GeoDataFrame(
        {
            "area_id": each["school_id"].to_list(),
            "name": each["name"].to_list(),
            "kind": ["school"] * each.height,
        },
        geometry=gpd.points_from_xy(each["x"].to_numpy(), each["y"].to_numpy()),
        crs=CRS,
    )
