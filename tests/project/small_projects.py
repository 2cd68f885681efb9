"""Projects of a few square areas and one table, for tests of a single rule. Everything in them is made up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

PROJECT = """
[project]
name = "Prøve"
municipality = "0999"
language = "{language}"
made_up = true

[boundaries.areas]
path = "areas.geojson"
id = "area_id"
name = "name"

[indicators]
file = "indicators.toml"
use = [{use}]

[run]
periods = [{periods}]
{registers}{models}
"""
MODEL = """
id = "small"
version = "{version}"
kind = "points"
{criteria}
[[category]]
id = "poor"
label_da = "Udsat"
label_en = "Deprived"
colour = "#aa3333"
min_points = {min_points}

[[category]]
id = "fine"
label_da = "Ikke udsat"
label_en = "Not deprived"
colour = "#33aa33"
"""
CRITERION = """
[[criterion]]
indicator = "{indicator}"
bands = {bands}
{more}"""


def points_model(
    bands: Mapping[str, Sequence[float]], *, more: str = "", min_points: int = 1, version: str = "1"
) -> str:
    """The text of a model of two categories, with a criterion for each indicator and `more` keys in each."""
    criteria = "".join(
        CRITERION.format(indicator=indicator, bands=list(limits), more=more)
        for indicator, limits in bands.items()
    )
    return MODEL.format(version=version, criteria=criteria, min_points=min_points)


def write_small_project(
    folder: Path,
    *,
    registers: str,
    indicators: str,
    areas: str = "ABC",
    periods: tuple[str, ...] = ("2024",),
    model: str | None = None,
    language: str = "en",
) -> Path:
    """A project of squares of a kilometre side by side; `model` is the text of its model file."""
    features = []
    for at, name in enumerate(areas):
        x, y = 575_000 + 1_000 * at, 6_224_000
        ring = [[x, y], [x + 1_000, y], [x + 1_000, y + 1_000], [x, y + 1_000], [x, y]]
        features.append(
            {
                "type": "Feature",
                "properties": {"area_id": name, "name": f"Område {name}"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    layer = {"type": "FeatureCollection", "crs": crs, "features": features}
    (folder / "areas.geojson").write_text(json.dumps(layer), encoding="utf-8")
    (folder / "indicators.toml").write_text(indicators, encoding="utf-8")
    ids = [line.split('"')[1] for line in indicators.splitlines() if line.startswith("id = ")]
    models = ""
    if model is not None:
        (folder / "model.toml").write_text(model, encoding="utf-8")
        models = '\n[model]\npath = "model.toml"\n'
    text = PROJECT.format(
        language=language,
        use=", ".join(f'"{name}"' for name in ids),
        periods=", ".join(f'"{period}"' for period in periods),
        registers=registers,
        models=models,
    )
    (folder / "bosoc.toml").write_text(text, encoding="utf-8")
    return folder


def without_table(file: Path, name: str) -> None:
    """Take a table out of a project file: what it asks for has tests of its own, and these run often."""
    lines, inside = [], False
    for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("["):
            inside = line.startswith((f"[{name}]", f"[{name}."))
        if not inside:
            lines.append(line)
    file.write_text("".join(lines), encoding="utf-8")
