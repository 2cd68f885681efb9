"""GeoJSON and TopoJSON looked at as text: what GDAL does not tell, or tells wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from geo_bosoc.problems import Report


def json_fault(file: Path) -> str | None:
    """Why a file is no JSON, in words; None where it is."""
    try:
        json.loads(file.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        return f"this is not valid JSON from line {error.lineno} on."
    except UnicodeDecodeError:
        return "the text is not UTF-8, which GeoJSON has to be."
    except RecursionError:
        return "the JSON is nested too deeply."
    return None


def check_heights(file: Path, report: Report) -> None:
    """GDAL takes the third number of a TopoJSON's positions for the next place, and draws every area wrong."""
    try:
        topology = json.loads(file.read_bytes().decode("utf-8-sig"))
        high = topology["type"] == "Topology" and any(
            len(position) != 2 for arc in topology["arcs"] for position in arc
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if high:
        report.error(
            "the positions of this TopoJSON have heights, with which its arcs are read at the wrong place.",
            file=file,
            hint="Fetch it as GeoJSON or GeoPackage, or without heights.",
        )


def exact_json_numbers(file: Path, names: Sequence[str], features: int) -> dict[str, list[Any]]:
    """Properties of GeoJSON features as the file writes them, long numbers digit by digit; empty if they can't be told.

    A whole number comes as an int, any other value as JSON's own.
    """

    def number(text: str) -> Any:
        integer = re.fullmatch(r"(-?\d+)\.0*", text)
        return int(integer[1]) if integer else float(text)

    try:
        collection = json.loads(file.read_bytes().decode("utf-8-sig"), parse_float=number)
        rows = [feature["properties"] for feature in collection["features"]]
        columns = {name: [row.get(name) for row in rows] for name in names}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return columns if len(rows) == features else {}
