"""Where the made-up social-housing estates lie, how large they are and what they look like from above."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geo_bosoc.demo.geography import ESTATES, VILLAGE_ESTATES, Land
from geo_bosoc.demo.shapes import blob, box, cut_to, largest, union

Form = Literal["rows", "courts", "towers", "terraces"]

ROAD: Final = 9.0
"""Metres from a quarter's edge (the middle of the road) to the plots along it."""
_LARGE: Final = (2310.0, 1790.0, 1450.0, 1270.0, 1160.0, 1090.0, 1045.0, 990.0)
_PEOPLE_PER_HECTARE: Final[dict[Form, float]] = {
    "rows": 122.0,
    "courts": 150.0,
    "towers": 165.0,
    "terraces": 62.0,
}
_RINGS: Final[dict[Form, tuple[float, float]]] = {
    "rows": (1500.0, 3500.0),
    "courts": (650.0, 1900.0),
    "towers": (1900.0, 3500.0),
    "terraces": (1900.0, 3700.0),
}


@dataclass(frozen=True)
class Plan:
    """An estate as planned: residents, form, rank of disadvantage (0 = worst), what is special."""

    number: int
    residents: float
    form: Form
    rank: float
    built: int
    village: bool = False
    adjoins: int | None = None
    two_parts: bool = False
    hole: bool = False


@dataclass(frozen=True)
class Estate:
    """An estate with its outline (local metres). `area_id` keeps its leading zeros."""

    area_id: str
    name: str
    plan: Plan
    shape: BaseGeometry
    turn: float


def plan_estates(residents: int, rng: np.random.Generator) -> list[Plan]:
    """Estates for a municipality of `residents` people, a third of them in social housing, largest first.

    Of 100,000 residents, 40 estates are meant for about 500 residents and more, and 20 for fewer.
    """
    scale = residents / 100_000
    large_count, small_count = max(3, round(40 * scale)), max(2, round(20 * scale))
    rung = (np.arange(large_count) + 0.5) / large_count * 40
    tail = 860 - 320 * (np.clip(rung - 8, 0, None) / 32) ** 0.62
    ladder = np.where(rung < 8, np.interp(rung, np.arange(8) + 0.5, _LARGE), tail)
    ladder[-1] = 528  # near the model's gate: assessed in some years only
    sizes = np.concatenate([ladder, np.sort(rng.uniform(70, 240, small_count))[::-1]])
    sizes *= min(1.0, 0.36 * residents / sizes.sum())
    count = len(sizes)
    worry = np.argsort(np.argsort(-(np.log(sizes) * 0.75 + rng.normal(0, 0.45, count)))) / max(1, count - 1)
    plans: list[Plan] = []
    villages = 0
    for i, size in enumerate(sizes):
        small = i >= large_count
        village = small and villages < round(7 * min(1.0, scale * 2)) and i % 2 == 0
        villages += village
        odds = [0.52, 0.22, 0.14, 0.12] if size > 700 else [0.42, 0.30, 0.04, 0.24]
        form: Form = ("rows", "courts", "towers", "terraces")[int(rng.choice(4, p=odds))]
        if village or (small and rng.random() < 0.5):
            form = "terraces"
        built = int(
            {
                "rows": rng.integers(1958, 1977),
                "courts": rng.integers(1932, 1955),
                "towers": rng.integers(1964, 1973),
                "terraces": rng.integers(1979, 2009),
            }[form]
        )
        plans.append(Plan(i, float(size), form, float(worry[i]), built, village=village))
    for i in range(3, large_count - 1, 6):  # some adjoin: the next one is laid next to it
        plans[i + 1] = replace(plans[i + 1], adjoins=i)
    plans[1] = replace(plans[1], hole=True, form="rows", built=1968)
    plans[large_count // 2 if large_count > 4 else 2] = replace(
        plans[large_count // 2 if large_count > 4 else 2], two_parts=True, adjoins=None
    )
    return plans


def _site(
    plan: Plan,
    land: Land,
    free: set[int],
    taken: dict[int, list[int]],
    laid: BaseGeometry,
    rng: np.random.Generator,
) -> int:
    """The cell an estate grows from; `laid` is the estate it is to adjoin (empty where none)."""
    reach = land.reach
    candidates = np.array(sorted(free), dtype=np.int64)
    if plan.adjoins is not None and plan.adjoins in taken:
        near = sorted({n for cell in taken[plan.adjoins] for n in land.net.neighbours[cell]} & free)
        shared = [land.net.cells[n].intersection(laid.buffer(ROAD + 1)).area for n in near]
        if near and max(shared) > 0:
            return int(near[int(np.argmax(shared))])
    if plan.village:
        pool = candidates[(land.village[candidates] >= 0) & (reach[candidates] > 3600)]
        return int(rng.choice(pool))
    low, high = _RINGS[plan.form]
    pool = candidates[(reach[candidates] > low) & (reach[candidates] < high)]
    # Most estates keep clear of each other: of five places thrown, the one farthest from those already laid
    # is taken.
    used = np.array([land.net.centres[cell] for cells in taken.values() for cell in cells]).reshape(-1, 2)
    throw = rng.choice(pool, size=min(5, len(pool)), replace=False)
    if not len(used):
        return int(throw[0])
    gap = np.hypot(*(land.net.centres[throw][:, None, :] - used[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    return int(throw[int(gap.argmax())])


def _grow(start: int, target: float, land: Land, free: set[int], two_parts: bool) -> list[int]:
    """Cells that hold `target` square metres: neighbours, or (`two_parts`) a second one across a cell."""
    cells = [start]
    area = land.ground[start].buffer(-ROAD).area
    while area < target * 0.93:
        near = {n for cell in cells for n in land.net.neighbours[cell]}
        if two_parts and len(cells) == 1:
            near = {n for cell in near for n in land.net.neighbours[cell]} - near
        near = (near & free) - set(cells)
        near = {n for n in near if land.reach[n] > 500 and land.ground[n].area > 9000}
        if not near:
            break
        middle = np.mean([land.net.centres[cell] for cell in cells], axis=0)
        best = min(sorted(near), key=lambda n: float(np.hypot(*(land.net.centres[n] - middle))))
        cells.append(best)
        area += land.ground[best].buffer(-ROAD).area
    return cells


def _notched(shape: Polygon, turn: float, neighbour: BaseGeometry, rng: np.random.Generator) -> Polygon:
    """The outline with a corner or two taken by somebody else: a school, shops, a row of older houses.

    Nothing is taken where the outline meets its `neighbour`.
    """
    for _ in range(int(rng.integers(0, 4))):
        spot = shape.exterior.interpolate(rng.random(), normalized=True)
        bite = box(spot.x, spot.y, rng.uniform(38, 95), rng.uniform(30, 70), turn)
        left = largest(shape.difference(bite))
        if left.area > 0.8 * shape.area and not bite.intersects(neighbour):
            shape = left
    return shape


def _turn(shape: BaseGeometry) -> float:
    """The direction of the longest side of the smallest turned box about a shape (radians)."""
    ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    side = np.diff(ring[:3], axis=0)
    longest = side[int(np.hypot(side[:, 0], side[:, 1]).argmax())]
    return math.atan2(longest[1], longest[0])


def lay_estates(
    land: Land, plans: list[Plan], rng: np.random.Generator
) -> tuple[list[Estate], dict[int, BaseGeometry]]:
    """Estates laid in the land's cells, largest first.

    Returns the estates and, for each cell they use, what of it is left for others (local metres).
    """
    free = {
        i
        for i, ground in enumerate(land.ground)
        if ground.area > 16_000
        and isinstance(ground, Polygon)
        and (500 < land.reach[i] < 3800 or land.village[i] >= 0)
    }
    taken: dict[int, list[int]] = {}
    left: dict[int, BaseGeometry] = {}
    order = rng.permutation(len(plans))
    inhabited: set[int] = set()
    shapes: dict[int, tuple[BaseGeometry, float]] = {}
    for plan in plans:
        target_area = plan.residents / _PEOPLE_PER_HECTARE[plan.form] * 10_000
        start = _site(
            plan,
            land,
            free - inhabited,
            taken,
            shapes[plan.adjoins][0] if plan.adjoins in shapes else Polygon(),
            rng,
        )
        if plan.village:  # one estate a village
            inhabited |= set(np.flatnonzero(land.village == land.village[start]).tolist())
        cells = _grow(start, target_area, land, free, plan.two_parts)
        if plan.two_parts and len(cells) == 1:
            neighbours = land.net.neighbours[start]
            across = sorted(
                ({n for cell in neighbours for n in land.net.neighbours[cell]} - neighbours - {start}) & free
            )
            cells += across[:1]
        free -= set(cells)
        taken[plan.number] = cells
        ground = union([land.ground[cell] for cell in cells])
        if plan.adjoins is not None and plan.adjoins in shapes:
            # No road between the two: the plots meet at the cells' common edge.
            joint_ground = union([ground, *(land.ground[cell] for cell in taken[plan.adjoins])])
            plot = ground.intersection(joint_ground.buffer(-ROAD))
            shapes[plan.adjoins] = (
                _reach_edge(shapes[plan.adjoins][0], land, taken[plan.adjoins], joint_ground),
                shapes[plan.adjoins][1],
            )
        else:
            plot = ground.buffer(-ROAD)
        pieces = sorted((p for p in shapely.get_parts(plot) if p.area > 2500), key=lambda p: -p.area)
        if plan.two_parts:
            share = target_area / 2
            pieces = [cut_to(p, share, rng.uniform(0, 6.28), rng)[0] for p in pieces[:2]]
        else:
            away = rng.uniform(0, 6.28)
            if plan.adjoins in shapes:  # what is cut off lies on the side away from the neighbour
                neighbour_centre, plot_centre = shapes[plan.adjoins][0].centroid, pieces[0].centroid
                away = math.atan2(plot_centre.y - neighbour_centre.y, plot_centre.x - neighbour_centre.x)
            pieces = [cut_to(pieces[0], target_area, away, rng)[0]]
        turn = _turn(pieces[0]) + rng.normal(0, 0.12)
        keep_edge = shapes[plan.adjoins][0].buffer(30) if plan.adjoins in shapes else Polygon()
        shape = union([_notched(piece, turn, keep_edge, rng) for piece in pieces])
        if plan.hole and shape.area > 50_000:
            spot = shape.representative_point()
            shape = shape.difference(blob(spot.x, spot.y, 95, 70, rng, turn))
        shapes[plan.number] = (shape, turn)
    estates: list[Estate] = []
    for plan in plans:
        shape, turn = shapes[plan.number]
        shape = shape.difference(union([e.shape for e in estates if plan.adjoins == e.plan.number]))
        number = int(order[plan.number])
        name = ESTATES[number % len(ESTATES)] + " II" * (number // len(ESTATES))
        if plan.village:
            name = VILLAGE_ESTATES[int(land.village[taken[plan.number][0]])]
        estates.append(Estate(f"{number + 1:04d}", name, plan, shape, turn))
        for cell in taken[plan.number]:
            left[cell] = land.ground[cell].buffer(-ROAD).difference(shape.buffer(6))
    return sorted(estates, key=lambda estate: estate.area_id), left


def _reach_edge(shape: BaseGeometry, land: Land, cells: list[int], outline: BaseGeometry) -> BaseGeometry:
    """An estate widened over the strip of road that its new neighbour makes needless."""
    ground = union([land.ground[cell] for cell in cells])
    strip = ground.intersection(outline.buffer(-ROAD)).difference(ground.buffer(-ROAD))
    return (
        shape.union(strip.intersection(shape.buffer(ROAD * 1.6)))
        .buffer(0.5, join_style="mitre")
        .buffer(-0.5, join_style="mitre")
    )
