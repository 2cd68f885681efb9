"""What the made-up municipality plans: areas with a development plan, projects on the table, vacancies to assign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import polars as pl

PLAN_TABLES: Final = ("plans", "development_facts", "vacancies")
"""Tables that are written as CSV, as a planner would keep them."""
_REACH: Final = 260.0
"""Metres around the estate that its development plan takes in."""

_ROWS: Final[Sequence[tuple[Any, ...]]] = (
    # project, name, area, years from now, action, tenure, kind, to tenure, to kind, dwellings, m2, chance
    ("P01", "Rækkehuse ved stien", "U1", 1, "build", "owner_occupied", "", "", "", 90, 0, 1.0),
    ("P02", "Punkthuse ved torvet", "U1", 2, "build", "private_rental", "", "", "", 220, 1500, 0.8),
    ("P03", "To blokke rives ned", "U1", 3, "demolish", "social", "family", "", "", 160, 0, 0.7),
    ("P04", "Ungdomsboliger", "U1", 3, "convert", "social", "family", "social", "youth", 90, 0, 0.4),
    ("P05", "Andelsboliger", "U1", 4, "build", "cooperative", "", "", "", 160, 600, 0.6),
    ("P06", "Tagboliger", "U2", 2, "build", "private_rental", "", "", "", 24, 0, 0.5),
    ("P07", "Salg af en blok", "U2", 4, "convert", "social", "family", "owner_occupied", "", 40, 0, 0.3),
    ("P08", "Havnekvarteret, første etape", "D1", 2, "build", "owner_occupied", "", "", "", 180, 2500, 1.0),
    ("P08", "Havnekvarteret, første etape", "D1", 2, "build", "social", "family", "", "", 60, 0, 1.0),
    ("P09", "Havnekvarteret, anden etape", "D1", 5, "build", "private_rental", "", "", "", 140, 0, 0.6),
    ("P09", "Havnekvarteret, anden etape", "D1", 5, "build", "social", "elderly", "", "", 36, 0, 0.6),
)
_COLUMNS: Final = (
    "project_id", "name", "area_id", "year", "action", "tenure", "kind", "to_tenure", "to_kind", "dwellings", "m2",
    "probability",
)  # fmt: skip


def development_plans(boundaries: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Two areas with a development plan: an estate with its surroundings, so with a delimitation of its own."""
    land = boundaries["municipality"].geometry.union_all()
    chosen = boundaries["areas"].sort_values("area_id", kind="stable").iloc[[1, 3]]
    shapes = [shape.buffer(_REACH, quad_segs=4).intersection(land) for shape in chosen.geometry]
    return gpd.GeoDataFrame(
        {
            "area_id": ["U1", "U2"],
            "name": [f"{name}, udviklingsplan" for name in chosen["name"]],
            "kind": ["development_plan", "development_plan"],
        },
        geometry=shapes,
        crs=boundaries["areas"].crs,
    )


def plan_tables(
    boundaries: Mapping[str, gpd.GeoDataFrame],
    registers: Mapping[str, pl.DataFrame],
    last_year: int,
    rng: np.random.Generator,
) -> dict[str, pl.DataFrame]:
    """The projects, the facts of the development plans and the estates' vacancies."""
    districts = boundaries["districts"].sort_values("area_id", kind="stable").reset_index(drop=True)
    places = {"D1": str(districts["area_id"].iloc[min(1, len(districts) - 1)])}
    estates = boundaries["areas"].sort_values("area_id", kind="stable").geometry.iloc[[1, 3]]
    for plan, shape in zip(("U1", "U2"), estates, strict=True):
        nearest = districts.geometry.distance(shape.representative_point()).idxmin()
        places[plan] = f"{plan}+{districts['area_id'].iloc[nearest]}"
    rows = [
        (project, name, places[area], last_year + after, *rest) for project, name, area, after, *rest in _ROWS
    ]
    plans = pl.DataFrame(rows, schema=list(_COLUMNS), orient="row")
    facts = pl.DataFrame(
        {
            "area_id": ["U1", "U2"],
            "demolished": [46, 0],
            "business_m2": [3900, 700],
            "new_building_suffices": ["nej", "ja"],
            "sale_at_a_loss": ["", "nej"],
            "residents": [None, None],
            "conviction_met": ["", "ja"],
        },
        schema_overrides={"residents": pl.Int64},
    )
    social = (
        registers[f"dwellings_{last_year}"]
        .filter(pl.col("dwelling_type") == "family")
        .join(registers["addresses"].select("address_id", "estate_id"), on="address_id")
        .drop_nulls("estate_id")
        .group_by("estate_id")
        .len("homes")
        .sort("estate_id")
    )
    turnover = rng.uniform(0.06, 0.11, len(social))
    many = np.rint(social["homes"].to_numpy() * turnover).astype(np.int64)
    listed = [""] * len(social)
    for at, word in ((0, "listed"), (4, "newly")):
        if at < len(listed):
            listed[at] = word
    vacancies = social.select("estate_id").with_columns(
        pl.Series("vacancies", many), pl.Series("listed", listed), pl.lit("nej").alias("banned")
    )
    return {"plans": plans, "development_facts": facts, "vacancies": vacancies}
