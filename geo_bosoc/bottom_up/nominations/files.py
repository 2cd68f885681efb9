"""Nominations and settled matches from CSV, Excel or map files: named columns only, all faults at once."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import polars as pl
import shapely

from geo_bosoc.boundaries.files import open_layer, read_layer
from geo_bosoc.problems import Report
from geo_bosoc.registers.read import read_register
from geo_bosoc.registers.readers.registry import open_source
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.standardise import X_IN_DENMARK, Y_IN_DENMARK
from geo_bosoc.text.days import to_date
from geo_bosoc.text.person_numbers import check_attributes

_TABLES: Final = (".csv", ".txt", ".xlsx", ".xlsm", ".xls")
_TEXTS: Final = ("unit", "date", "concern", "area_id", "address", "name")
_YES: Final = frozenset(("ja", "j", "yes", "y", "1", "x", "true", "sand"))
_NO: Final = frozenset(("nej", "n", "no", "0", "false", "falsk", "-"))


_ID_HINT: Final = "Give each row an id of its own, such as M12."


def read_nomination_rows(file: Path, columns: dict[str, str], report: Report) -> pd.DataFrame:
    """`nomination_id, row, unit, date` (ISO), `concern, area_id, address, name, x, y, geometry` (EPSG:25832).

    Texts that are missing are "", numbers and geometries None; `row` is the row in the file.
    """
    named = {name: columns.get(name, name) for name in ("nomination_id", *_TEXTS, "x", "y")}
    if file.suffix.lower() in _TABLES:
        frame = _table(file, named, report)
    else:
        frame = _layer(file, named, report)
    if frame is None:
        return pd.DataFrame(columns=["nomination_id", "row", *_TEXTS, "x", "y", "geometry"])
    for position, date in enumerate(frame["date"]):
        iso = _iso(date)
        if iso is None:
            row = int(frame["row"].iloc[position])
            hint = "Write 2024-03-31 or 31-03-2024."
            report.error("is no date.", hint=hint, file=file, row=row, column=named["date"])
    frame["date"] = [_iso(date) or "" for date in frame["date"]]
    without_id = frame["nomination_id"] == ""
    for row in frame.loc[without_id, "row"]:
        report.error("has no id.", hint=_ID_HINT, file=file, row=int(row), column=named["nomination_id"])
    duplicates = ~without_id & frame["nomination_id"].duplicated()
    for row in frame.loc[duplicates, "row"]:
        column = named["nomination_id"]
        report.error(
            "the id stands in an earlier row too.", hint=_ID_HINT, file=file, row=int(row), column=column
        )
    return frame.sort_values("nomination_id", kind="stable", ignore_index=True)


def _table(file: Path, named: dict[str, str], report: Report) -> pd.DataFrame | None:
    key = named["nomination_id"]
    spec = RegisterSpec(
        path=str(file), unit="case", place="area", area=key, period="2000", text=(key, *_TEXTS)
    )
    if not file.is_file():
        report.error("the file is not there.", file=file)
        return None
    source = open_source(file, spec, report)
    if source is None:
        return None
    # A register's place is called area_id; an estate that staff name gets another name while it is read.
    columns_present = {
        f"named_{name}": given
        for name, given in named.items()
        if given in source.header and name != "nomination_id"
    }
    texts = tuple(name for name in columns_present if name.removeprefix("named_") in _TEXTS)
    spec = spec.model_copy(update={"text": (key, *texts), "columns": columns_present})
    inner_report = Report()
    rows = read_register(spec, columns=list(columns_present), report=inner_report, name="nominations")
    inner_report.hand_over(report)
    if inner_report.errors:
        return None
    read = rows.collect()
    no_values = [None] * len(read)
    frame = pd.DataFrame({"nomination_id": [_text(value) for value in read["area_id"].to_list()]})
    frame["row"] = range(2, len(frame) + 2)
    for name in _TEXTS:
        values = read[f"named_{name}"].to_list() if f"named_{name}" in columns_present else no_values
        frame[name] = [_text(value) for value in values]
    faulty_rows = set()
    for name in ("x", "y"):
        values = read[f"named_{name}"].to_list() if f"named_{name}" in columns_present else no_values
        frame[name] = pd.Series([_number(value) for value in values], dtype=object)
        for row, given, value in zip(frame["row"], values, frame[name], strict=True):
            if value is None and _text(given):
                faulty_rows.add(row)
                report.error("is no number.", hint="Write metres, such as 570123,4.", file=file, row=int(row),
                             column=named[name])  # fmt: skip
    for row, x, y in zip(frame["row"], frame["x"], frame["y"], strict=True):
        if row in faulty_rows or (x is None and y is None):
            continue
        if x is None or y is None:
            report.error("is empty, and the other coordinate is not.", hint="Give both or none.", file=file,
                         row=int(row), column=named["x" if x is None else "y"])  # fmt: skip
        else:
            _check_spot(x, y, int(row), named["x"], file, report)
    frame["geometry"] = pd.Series([None] * len(frame), dtype=object)
    return frame


def _check_spot(x: float, y: float, row: int, column: str, file: Path, report: Report) -> None:
    """Coordinates are metres of EPSG:25832, within Denmark."""

    def inside(east: float, north: float) -> bool:
        return X_IN_DENMARK[0] <= east <= X_IN_DENMARK[1] and Y_IN_DENMARK[0] <= north <= Y_IN_DENMARK[1]

    if not inside(x, y):
        hint = (
            "x and y look swapped." if inside(y, x) else "Coordinates are metres of EPSG:25832 (UTM zone 32)."
        )
        report.error("the place lies outside Denmark.", hint=hint, file=file, row=row, column=column)


def _layer(file: Path, named: dict[str, str], report: Report) -> pd.DataFrame | None:
    opened = open_layer(file, report=report)
    if opened is None:
        return None
    if named["nomination_id"] not in opened.columns:
        report.error("is not there.", file=file, column=named["nomination_id"])
        return None
    columns = [given for given in named.values() if given in opened.columns]
    layer = read_layer(opened, columns=columns, report=report)
    if layer is None:
        return None
    check_attributes(layer.table, report, file=file)
    if layer.crs is None:
        report.error("states no coordinate system.", hint="Save it with EPSG:25832.", file=file)
        return None
    shapes = gpd.GeoSeries(layer.geometry, crs=layer.crs).to_crs("EPSG:25832")
    frame = pd.DataFrame({"row": layer.rows})
    for name in ("nomination_id", *_TEXTS):
        given = named[name]
        frame[name] = [_text(v) for v in layer.table[given]] if given in columns else ""
    for name in ("x", "y"):
        frame[name] = pd.Series([None] * len(frame), dtype=object)
    frame["geometry"] = pd.Series([_shape(shape) for shape in shapes], dtype=object)
    for row, shape in zip(layer.rows, frame["geometry"], strict=True):
        if shape is not None:
            _check_spot(shape.centroid.x, shape.centroid.y, int(row), "geometry", file, report)
    return frame


def _shape(shape: Any) -> Any:
    """A point, or a polygon that is valid; a line stands for what lies within 25 metres of it."""
    if shape is None or shape.is_empty:
        return None
    if shape.geom_type == "Point":
        return shapely.force_2d(shape)
    if shape.geom_type == "MultiPoint":
        return shapely.force_2d(shape.centroid)
    flat = shapely.make_valid(shapely.force_2d(shape))
    return flat if flat.area > 0 else flat.buffer(25)


def read_settled(file: Path, report: Report) -> dict[str, str]:
    """What a person has settled, from the table of doubtful matches: by nomination the candidate with a "ja" in
    `accept`; "" where each of its candidates has a "nej" (it means none of them).
    """
    columns = ("candidate", "accept")
    spec = RegisterSpec(
        path=str(file), unit="case", place="area", area="nomination_id", period="2000",
        text=("nomination_id", *columns),
    )  # fmt: skip
    if not file.is_file():
        report.error("the file is not there.", file=file)
        return {}
    inner_report = Report()
    rows = read_register(spec, columns=columns, report=inner_report, name="settled")
    inner_report.hand_over(report)
    if inner_report.errors:
        return {}
    read = rows.collect()
    accepted: dict[str, str] = {}
    rejected: dict[str, bool] = {}
    ids = read["area_id"].to_list()
    for number, (nomination_id, target, accept) in enumerate(
        zip(ids, read["candidate"].to_list(), read["accept"].to_list(), strict=True), start=2
    ):
        name, answer = _text(nomination_id), _text(accept).casefold()
        rejected[name] = rejected.get(name, True) and answer in _NO
        if not answer or answer in _NO:
            continue
        if answer not in _YES:
            report.error(
                "is neither yes nor no.", hint="Write ja or nej.", file=file, row=number, column="accept"
            )
        elif not name:
            report.error("is empty, so that nobody knows what is settled.", hint=_ID_HINT, file=file, row=number,
                         column="nomination_id")  # fmt: skip
        elif name in accepted:
            report.error("a second candidate is accepted for the same nomination.", hint="Leave one ja.", file=file,
                         row=number, column="accept")  # fmt: skip
        else:
            accepted[name] = _text(target)
    return accepted | {name: "" for name, all_rejected in rejected.items() if all_rejected and name}


def _number(value: Any) -> float | None:
    """A coordinate, with a decimal comma or point; None where there is none or it is no number."""
    text = _text(value).replace(" ", "")
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        number = float(text) if not isinstance(value, float) else value
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is pd.NaT else str(value).strip()


def _iso(value: Any) -> str | None:
    """A date as 2024-03-31; "" where there is none, None where it is no date."""
    text = _text(value)
    if not text:
        return ""
    day = pl.DataFrame({"day": [text]}).select(to_date(pl.col("day"))).item()
    return None if day is None else str(day.isoformat())
