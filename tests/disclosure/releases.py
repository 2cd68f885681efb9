"""A made-up municipality of a few square areas whose persons live at points, for tests of one release after another."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from project.small_projects import points_model

Person = tuple[str, float, bool, bool]
"""Area, metres east of its western border, and whether the person is out of work and charged."""

NAMES = "ABCDEF"
SIDE = 1_000
PROJECT = """
[project]
name = "Prøve"
municipality = "0999"
language = "en"
made_up = true

[boundaries.areas]
path = "areas.geojson"
id = "area_id"
name = "name"

[registers.persons]
path = "persons_{{period}}.csv"
unit = "person"
role = "population"
id = "person_id"
x = "x"
y = "y"
crs = "EPSG:25832"
status_date = "{{year}}-01-01"
{registers}
[indicators]
file = "indicators.toml"
use = [{use}]

[model]
path = "model.toml"

[run]
periods = [{periods}]
{disclosure}
"""
INDICATOR = """
[[indicator]]
id = "{id}"
label_da = "{id}"
label_en = "{id}"
unit = "percent"
denominator = {{ register = "{register}" }}
numerator = {{ register = "{register}", where = "{column} = 1" }}
"""


def people(seed: int = 1, size: int = 60) -> list[Person]:
    """Persons of all areas; shares differ from area to area, so that some counts are small."""
    draw = random.Random(seed)
    rows = []
    for number, area in enumerate(NAMES):
        for _ in range(size + 7 * number):
            work, charged = draw.random() < 0.06 * (number + 1), draw.random() < 0.03 * (number + 1)
            rows.append((area, draw.uniform(50, SIDE - 50), work, charged))
    return rows


def write_project(
    folder: Path,
    persons: Mapping[str, Sequence[Person]],
    *,
    borders: Mapping[str, float] | None = None,
    previous: str | None = None,
    revise: bool = False,
    survey: Sequence[Person] | None = None,
    version: str = "1",
    areas: str = NAMES,
    indicators: Sequence[str] = ("work", "charged"),
) -> Path:
    """A project of these persons by period; `borders` moves the eastern border of an area by metres.

    A `survey` of 2023 stands behind all periods from then on, as a third indicator, "unsafe".
    """
    folder.mkdir(parents=True, exist_ok=True)
    borders = borders or {}
    starts = [SIDE * n for n in range(len(NAMES) + 1)]
    moved = [0.0, *(borders.get(name, 0.0) for name in NAMES)]
    features = []
    for n, name in enumerate(NAMES):
        if name not in areas:
            continue
        x0, x1 = 575_000 + starts[n] + moved[n], 575_000 + starts[n + 1] + moved[n + 1]
        y0, y1 = 6_224_000, 6_225_000
        ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        properties = {"area_id": name, "name": f"Area {name}"}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    layer = {"type": "FeatureCollection", "crs": crs, "features": features}
    (folder / "areas.geojson").write_text(json.dumps(layer), encoding="utf-8")
    for period, rows in persons.items():
        _write_persons(folder / f"persons_{period}.csv", rows, "work", "charged")
    text = "".join(INDICATOR.format(id=each, register="persons", column=each) for each in indicators)
    use, registers = [f'"{each}"' for each in indicators], ""
    if survey is not None:
        _write_persons(folder / "survey_2023.csv", survey, "unsafe", "worried")
        text += INDICATOR.format(id="unsafe", register="survey", column="unsafe") + "carry_forward = 3\n"
        use.append('"unsafe"')
        registers = (
            '\n[registers.survey]\npath = "survey_{period}.csv"\nunit = "person"\nid = "person_id"\n'
            'x = "x"\ny = "y"\ncrs = "EPSG:25832"\nstatus_date = "{year}-09-01"\n'
        )
    (folder / "indicators.toml").write_text(text, encoding="utf-8")
    bands = {"work": [1.2, 1.6], "charged": [1.2, 1.6]}
    if survey is not None:
        bands["unsafe"] = [0.5, 0.8, 1.1]
    model = points_model(bands, min_points=2, version=version)
    (folder / "model.toml").write_text(model, encoding="utf-8")
    lines = ["[disclosure]", f'previous = "{previous}"'] if previous is not None else []
    lines += ["revise = true"] if revise else []
    project = PROJECT.format(
        registers=registers,
        use=", ".join(use),
        periods=", ".join(f'"{period}"' for period in persons),
        disclosure="\n".join(lines),
    )
    (folder / "bosoc.toml").write_text(project, encoding="utf-8")
    return folder


def _write_persons(path: Path, rows: Sequence[Person], *columns: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["person_id", "x", "y", *columns])
        for number, (area, east, *marks) in enumerate(rows):
            x = 575_000 + SIDE * NAMES.index(area) + east
            writer.writerow([f"p{number}", round(x, 1), 6_224_500, *map(int, marks)])
