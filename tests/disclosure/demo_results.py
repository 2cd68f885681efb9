"""The made-up municipality's true results, as it is and on other areas or indicators."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
from plain_demo import without_surroundings

from geo_bosoc.disclosure.attack.public_set import FigureKey
from geo_bosoc.disclosure.results import Results
from geo_bosoc.project import analyse

ROOT = Path(__file__).parents[2]
AREAS = ROOT / "data/boundaries/areas.geojson"
PART = """
[[indicator]]
id = "{id}"
label_da = "{id}"
label_en = "{id}"
unit = "percent"
denominator = {{ register = "persons" }}
numerator = {{ register = "persons", where = "origin = '{id}'" }}
"""
PARTS_BY_ORIGIN = "".join(PART.format(id=each) for each in ("danish", "western", "non_western"))
"""Indicators that are parts of one base: everybody has one origin."""


@functools.cache
def demo_results() -> Results:
    """The demo, without its studies; worked out once."""
    return analyse(ROOT)


@functools.cache
def demo_of_two_years() -> Results:
    """Those of 2022, whose survey stands behind 2023 too, and of 2023; worked out once."""
    return analyse(ROOT, periods=("2022", "2023"))


@functools.cache
def estates() -> gpd.GeoDataFrame:
    """The areas that the demo assesses."""
    areas = gpd.read_file(AREAS)
    return areas.loc[areas["kind"] == "social_housing", ["area_id", "name", "kind", "geometry"]]


def write_demo_project(
    areas: gpd.GeoDataFrame,
    folder: Path,
    *,
    periods: Sequence[str] = ("2023", "2024"),
    indicators: str = "",
    disclosure: str = "",
) -> Path:
    """The demo's project without its studies, on other areas; `indicators` and `disclosure` are added to its own."""
    areas.to_file(folder / "areas.geojson", driver="GeoJSON")
    text = without_surroundings((ROOT / "bosoc.toml").read_text(encoding="utf-8"))
    is_of_demo = {"0002", "0004", "0005"} <= set(areas["area_id"])  # those of its group
    text = text[: text.index("# ---- The mixed city" if is_of_demo else "# ---- What the areas are seen")]
    changes = {
        "where = \"kind = 'social_housing'\"": "",
        '"data/': f'"{(ROOT / "data").as_posix()}/',
        AREAS.as_posix(): (folder / "areas.geojson").as_posix(),
        'periods = ["2020", "2021", "2022", "2023", "2024"]': f"periods = {json.dumps(periods)}",
        "[disclosure]": f"[disclosure]\n{disclosure}",
    }
    if indicators:
        (folder / "indicators.toml").write_text(indicators, encoding="utf-8")
        ids = [line.split('"')[1] for line in indicators.splitlines() if line.startswith("id =")]
        more = ", ".join(f'"{each}"' for each in ids)
        changes["[indicators]\nuse = ["] = f'[indicators]\nfile = "indicators.toml"\nuse = [{more}, '
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "bosoc.toml").write_text(text, encoding="utf-8")
    return folder


def results_with(areas: gpd.GeoDataFrame, folder: Path, indicators: str = "") -> Results:
    """The results of that project for two years."""
    return analyse(write_demo_project(areas, folder, indicators=indicators))


def true_counts(results: Results) -> dict[FigureKey, tuple[int, int]]:
    """Counts in persons and bases (those whose status is known), of indicators that count whole persons."""
    whole_persons = {spec.id for spec in results.indicators if spec.scale == 1 and spec.weight is None}
    table = results.table[results.table["indicator"].isin(whole_persons)]
    columns = [
        table[name] for name in ("area_id", "period", "indicator", "numerator", "denominator", "unknown")
    ]
    return {
        (str(area), str(period), str(indicator)): (int(count), int(base) - int(unknown))
        for area, period, indicator, count, base, unknown in zip(*columns, strict=True)
    }
