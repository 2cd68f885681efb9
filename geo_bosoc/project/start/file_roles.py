"""Which of a user's files is what to the others: the assessed layer, the outline, the addresses, the population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import shapely

from geo_bosoc.boundaries.describe import LayerDescription
from geo_bosoc.boundaries.municipal_bounds import BOUNDS
from geo_bosoc.project.start.cell_layers import cell_column, cell_layer
from geo_bosoc.project.start.register_text import Kind
from geo_bosoc.project.start.user_files import (
    JOINED,
    FileGroup,
    UserFiles,
    match_areas,
)
from geo_bosoc.registers.column_roles import ColumnDescription

_KILOMETRE: Final = 1000.0
_OFFICIAL: Final = {"København": "Københavns Kommune", "Bornholm": "Bornholms Regionskommune"}


def kind_of(group: FileGroup, layer: LayerDescription | None) -> Kind | None:
    """What a group's rows are; None where nothing says it.

    Parameters
    ----------
    group : FileGroup
        The files.
    layer : LayerDescription or None
        The areas.
    """
    table = group.table
    has = {column.role.value for column in table.columns if column.role is not None}
    placed = {"x", "y"} <= has or {"longitude", "latitude"} <= has
    by_address = bool({"address", "kvhx"} & has) or {"street", "number"} <= has
    if "person" in has or ({"age", "safety"} & has and (placed or by_address)):
        return "person"
    match = None if layer is None else match_areas(group, layer)
    if match is not None and (not placed or match.across or group.are_distinct(match.column)):
        return "count"
    if "dwelling" in has and (placed or by_address):
        return "dwelling"
    if not placed and not by_address and layer is not None and cell_column(group) is not None:
        return "count"
    if placed:
        return "address" if id_column(group) is not None else "case"
    return "case" if by_address else None


def id_column(group: FileGroup) -> ColumnDescription | None:
    """The column whose values name the rows: of addresses by its name, else the first text that differs in all rows."""
    columns = [each for each in group.table.columns if each.distinct == each.filled == group.table.rows]
    columns = [each for each in columns if each.type in ("text", "whole")]
    named = [each for each in columns if each.role is not None and each.role.value in ("address", "id")]
    plain = [each for each in columns if each.role is None and each.type == "text"]
    return next(iter([*named, *plain]), None)


def joined_address(group: FileGroup, addresses: tuple[FileGroup, str] | None) -> tuple[str, int, int] | None:
    """The column whose values are ids of the address table, how many are, and of how many; None where none is.

    Parameters
    ----------
    group : FileGroup
        The register.
    addresses : tuple of FileGroup and str, or None
        The table of addresses, and its column of ids.
    """
    if addresses is None:
        return None
    ids = addresses[0].values(addresses[1])
    best = None
    for column in group.table.columns:
        role = column.role.value if column.role is not None else None
        if role not in (None, "address", "id", "dwelling") or column.type not in ("text", "whole"):
            continue
        if column.type == "whole" and role is None:
            continue
        values = group.values(column.name)
        common = len(values & ids)
        if values and common >= JOINED * len(values) and (best is None or common > best[1]):
            best = column.name, common, len(values)
    return best


def assessed_layer(files: UserFiles) -> LayerDescription | None:
    """The layer to assess: the one whose ids most tables have; else the first of several areas. Where there is none but
    an outline, a table's cells of the square grid."""
    layers = [
        layer for layer in files.layers if layer.polygons and layer.id is not None and layer.crs is not None
    ]
    if all(is_outline(layer) for layer in layers):
        cells = (cell_layer(group) for group in files.groups)
        return next((layer for layer in cells if layer is not None), layers[0] if layers else None)
    matches = {
        id(layer): sum(match_areas(group, layer) is not None for group in files.groups) for layer in layers
    }
    return max(layers, key=lambda layer: (matches[id(layer)], layer.polygons > 1, -layers.index(layer)))


def is_outline(layer: LayerDescription) -> bool:
    """Whether a layer is one area, as a municipality's outline is."""
    return layer.polygons == layer.features == 1 and layer.id is not None and layer.crs is not None


def address_table(
    groups: Sequence[FileGroup], kind_by_group: Mapping[str, Kind | None]
) -> tuple[FileGroup, str] | None:
    """The table of addresses and its column of ids: the one whose values most other rows point to; None without any."""
    best: tuple[int, FileGroup, str] | None = None
    for group in groups:
        if kind_by_group[group.name] != "address":
            continue
        own_ids = id_column(group)
        table = group.table
        unique = [
            each.name
            for each in table.columns
            if each.distinct == table.rows and each.type in ("text", "whole")
        ]
        for column in dict.fromkeys([*([own_ids.name] if own_ids else []), *unique]):
            others = [other for other in groups if other is not group]
            joined = (joined_address(other, (group, column)) for other in others)
            common = sum(match[1] for match in joined if match is not None)
            if common and (best is None or common > best[0]):
                best = common, group, column
    return None if best is None else best[1:]


def population_group(
    groups: Sequence[FileGroup],
    kind_by_group: Mapping[str, Kind | None],
    addresses: tuple[FileGroup, str] | None,
    keyed: bool,
    layer: LayerDescription | None,
) -> FileGroup | None:
    """The register that says who lives where: persons that have a place, the largest of them."""
    placed = [
        group
        for group in groups
        if kind_by_group[group.name] == "person" and _has_place(group, addresses, keyed, layer)
    ]
    return max(placed, key=lambda group: sum(table.rows for table in group.tables), default=None)


def _has_place(
    group: FileGroup, addresses: tuple[FileGroup, str] | None, keyed: bool, layer: LayerDescription | None
) -> bool:
    table = group.table
    if all(table.column(role) for role in ("x", "y")) or all(
        table.column(role) for role in ("longitude", "latitude")
    ):
        return True
    if joined_address(group, addresses) is not None:
        return True
    if keyed and (table.column("kvhx") or (table.column("street") and table.column("number"))):
        return True
    return layer is not None and match_areas(group, layer) is not None


def municipality_of(layer: LayerDescription | None) -> tuple[str, str]:
    """The code and name of the municipality in whose bounds the areas lie, the smallest where there are several."""
    if layer is None or layer.geometry is None:
        return "", ""
    present = layer.geometry[~shapely.is_missing(layer.geometry)]
    west, south, east, north = shapely.total_bounds(present) / _KILOMETRE
    around = [
        ((right - left) * (upper - lower), code, name)
        for code, (name, left, lower, right, upper) in BOUNDS.items()
        if left - 1 <= west and lower - 1 <= south and east <= right + 1 and north <= upper + 1
    ]
    if not around:
        return "", ""
    _, code, name = min(around)
    return code, _OFFICIAL.get(name, f"{name} Kommune")
