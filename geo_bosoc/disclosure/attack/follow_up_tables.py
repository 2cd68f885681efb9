"""The tables of the follow-up as an outsider reads them: CSV files, and the workbook by the words of its sheets.

Rows are about an area's figure of one period, or of two, or about its category. What a row shows of a figure that is
suppressed, or of a category beyond what ``categories.csv`` has, is a leak; so is a table that no public set has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import fastexcel
import pyogrio

from geo_bosoc.disclosure.attack.pages import DIGITS
from geo_bosoc.disclosure.attack.public_set import FigureKey, PublicSet, exact_number, hidden_words
from geo_bosoc.disclosure.attack.read import table_rows
from geo_bosoc.disclosure.attack.rows import indicator_of
from geo_bosoc.models.category import NOT_ASSESSED, RANGE
from geo_bosoc.text.catalogue import LANGUAGES, Language, words

FOLLOW_UP: Final = "follow_up_"
"""What names of CSV files begin with whose rows are about an area's figure of one period, or of two."""
FOLLOW_UP_WORKBOOK: Final = "follow_up.xlsx"
FOLLOW_UP_LAYERS: Final = "follow_up.gpkg"
TABLES: Final = frozenset(
    {
        *("category_changes", "dynamics", "turnover", "transitions", "change", "series", "residents"),
        *("goals", "goal_baselines", "safety", "twins", "beside_twins"),
    }
)
"""The sheets that a public set's workbook may have; all others are internal."""
ALLOWED_OF_CHANGE: Final = frozenset(
    {
        *("area_id", "name", "indicator", "question", "period", "period_before", "status", "assumption"),
        *("method", "definition", "is_break", "note", "reference", "label", "unit", "goal_set", "goal_id"),
        *("theme", "path", "goal", "goal_text", "goal_period", "target", "target_period", "long_term"),
        *("long_term_status", "source", "fingerprint", "definition_changed", "baseline", "baseline_period"),
        *("baseline_mean_of", "municipality_value", "municipality_baseline", "all_plans"),
        *("all_plans_respondents", "all_social_housing", "all_social_housing_respondents", "population"),
        "population_respondents",
    }
)
"""What a row may hold where a figure that it is about is suppressed."""
_OF_GOALS: Final = frozenset({"direction"})
"""Which way a goal goes, which its own table says; in a table of changes it is which way the figure went."""
_SAYS_NOTHING: Final = frozenset({"no", "cannot_tell"})
_OF_RESIDENTS: Final = ("residents_difference", "growth")
_NEVER_WITH_RANGE: Final = (
    *("tipped_by", "sufficient", "necessary", "by_chance"),
    *("class", "status_class", "dynamics_class", "status_score", "dynamics_score"),
)
"""What only a category that is told has."""
_CRITERIA: Final = ("tipped_by", "sufficient", "necessary")
_FACTORS: Final = (1, 100, 1_000, 10_000)
"""What shares are multiplied by where they are shown."""

Row = Mapping[str, str]


def read_follow_up_csv(public: PublicSet, path: Path) -> None:
    """Read a CSV file of the follow-up; one of a table that no public set has is a leak."""
    if path.stem.removeprefix(FOLLOW_UP) not in (*TABLES, "categories"):
        public.leak(path.name, (), "file")
    rows, _ = table_rows(path)
    _check_rows(public, path.name, rows)


def read_follow_up_workbook(public: PublicSet, path: Path) -> None:
    """Read the follow-up's workbook as its CSV files are read; a sheet that no public set has is a leak."""
    titles = {
        title: (key.removeprefix("sheet_"), language)
        for language in LANGUAGES
        for key, title in words("follow_up", language).items()
        if key.startswith("sheet_")
    }
    workbook = fastexcel.read_excel(path)
    for sheet in workbook.sheet_names:
        table, language = titles.get(sheet, ("", LANGUAGES[0]))
        if table == "readme":
            continue
        if table not in TABLES:
            public.leak(path.name, (sheet,), "sheet")
            continue
        lines = workbook.load_sheet(sheet, header_row=None, dtypes="string").to_polars().rows()
        heads = _heads(table, language)
        start = next((n for n, line in enumerate(lines) if line and line[0] in heads), None)
        if start is None:
            public.unread.add(path.name)
            continue
        columns = [heads.get(str(head or ""), str(head or "")) for head in lines[start]]
        cells = ([str(cell or "") for cell in line] for line in lines[start + 1 :])
        rows = [dict(zip(columns, line, strict=True)) for line in cells]
        _check_rows(public, path.name, [_with_ids(public, row) for row in rows])


_LAYER_TABLES: Final = ("dynamics", "moves", "goals", "change")
"""What the names of the GeoPackage's layers begin with."""
_OF_LAYERS: Final = frozenset(
    {
        *("area_id", "name", "kind", "period", "period_before", "model", "model_version", "category"),
        *("category_label", "possible", "undetermined_by", "residents", "reason"),
    }
)
"""The columns of its layers beside those of the figures."""
_OF_CHANGE: Final = ("value", "low", "high", "reference", "status", "data_period", "status_date")
_UNTOLD: Final = frozenset({"", RANGE, *(category.id for category in NOT_ASSESSED)})
"""The classes of areas of which none is told."""


def read_follow_up_layers(public: PublicSet, path: Path) -> None:
    """Read the follow-up's GeoPackage as its tables are read; a layer or a column that no public set has is a leak."""
    goals = path.with_name(f"{FOLLOW_UP}goals.csv")
    standings = {(row["area_id"], row["status"]) for row in (table_rows(goals)[0] if goals.is_file() else ())}
    for layer, _ in pyogrio.list_layers(path):
        if layer in ("layer_styles", "sources"):
            continue
        table = layer.partition("_")[0]
        if table not in _LAYER_TABLES:
            public.leak(path.name, (layer,), "layer")
            continue
        rows = pyogrio.read_dataframe(path, layer=layer, read_geometry=False).astype(object)
        records = rows.where(rows.notna(), "").astype(str).to_dict("records")
        fields = {
            f"{indicator}_{name}": (indicator, name) for indicator in public.indicators for name in _OF_CHANGE
        }
        for column in set(rows.columns) - _OF_LAYERS - set(fields):
            public.leak(path.name, (layer,), column)
        for record in records:
            if table == "goals" and (record["area_id"], record["category"]) not in standings | {
                (record["area_id"], "no_goal"),
                (record["area_id"], "cannot_tell"),
            }:
                public.leak(path.name, (record["area_id"], record["period"]), "category")
            _check_rows(public, path.name, _rows_of_layer(public, table, record, fields))


def _rows_of_layer(
    public: PublicSet, table: str, record: Mapping[str, str], fields: Mapping[str, tuple[str, str]]
) -> list[dict[str, str]]:
    """A feature as rows of the tables: a row a figure, and one of the category."""
    place = {name: record.get(name, "") for name in ("area_id", "period", "period_before", "reason")}
    if table == "change":
        figures: dict[str, dict[str, str]] = {}
        for column, (indicator, name) in fields.items():
            if column in record and name not in ("data_period", "status_date"):
                figures.setdefault(indicator, {"indicator": indicator})[name] = record[column]
        return [{**place, **figure} for figure in figures.values()]
    models = sorted((each.id for each in public.models), key=len, reverse=True)
    model = next((each for each in models if record["model"].startswith(f"{each}-")), "")
    of_class = "" if record["category"] in _UNTOLD or not model else record["category"]
    residents = {"residents": record["residents"]} if record.get("residents") else {}
    return [{**place, "model": model, "class": of_class, **residents}]


def _heads(table: str, language: Language) -> dict[str, str]:
    """The columns of a table by their heads."""
    texts = words("follow_up", language)
    general = {
        text: key for key, text in texts.items() if ":" not in key and not key.startswith(("sheet_", "@"))
    }
    of_table = {
        text: key.removeprefix(f"{table}:") for key, text in texts.items() if key.startswith(f"{table}:")
    }
    return general | of_table


def _with_ids(public: PublicSet, row: dict[str, str]) -> dict[str, str]:
    """A row of a sheet with the ids of what its words name."""
    if "indicator" in row:
        row["indicator"] = indicator_of(public, row["indicator"])
    if "model" in row:
        named = (each.id for each in public.models if row["model"] in (each.label_da, each.label_en))
        row["model"] = next(named, row["model"])
    return row


def _check_rows(public: PublicSet, file: str, rows: Iterable[Row]) -> None:
    harmless = hidden_words() | _SAYS_NOTHING | {
        text
        for language in LANGUAGES
        for key, text in words("follow_up", language).items()
        if key.rpartition(":")[2] in _SAYS_NOTHING
    }  # fmt: skip
    for row in rows:
        _check_figures(public, file, row, harmless)
        if "category" in row or "class" in row:
            _check_category(public, file, row)
        if "residents" in row:
            _check_residents(public, file, row)


def _keys(row: Row) -> list[FigureKey]:
    """The figures that a row is about."""
    periods = [row.get(name, "") for name in ("period", "period_before")]
    return [(row.get("area_id", ""), period, row.get("indicator", "")) for period in periods if period]


def _check_figures(public: PublicSet, file: str, row: Row, harmless: frozenset[str] | set[str]) -> None:
    """A row about suppressed figures may hold no number of them and no word that one would follow from."""
    suppressed = [key for key in _keys(row) if key in public.suppressed]
    based_on = (row.get("area_id", ""), row.get("baseline_period", ""), row.get("indicator", ""))
    if based_on in public.suppressed and row.get("baseline"):
        public.leak(file, based_on, "baseline")
    allowed = ALLOWED_OF_CHANGE | (_OF_GOALS if "goal_id" in row else frozenset())
    for name in set(row) - allowed if suppressed else ():
        text = row[name]
        if name in ("sentence", "reason"):
            text = text if _tells(row, text) else ""
        if text and text not in harmless:
            public.leak(file, suppressed[0], name)


def _check_category(public: PublicSet, file: str, row: Row) -> None:
    """A category is the one that ``categories.csv`` has, and what moved it is told of figures that are shown."""
    area, model = row.get("area_id", ""), row.get("model", "")
    for name, suffix in (("period", ""), ("period_before", "_before")):
        shown = public.area_rows.get((area, row.get(name, ""), model))
        if shown is None:
            continue
        place, category = (area, row[name]), shown.get("category", "")
        text = row.get(f"category{suffix}", "")
        if text not in (
            "",
            category,
            f"{RANGE}:{shown.get('possible', '')}",
            shown.get("category_label", ""),
        ):
            public.leak(file, place, f"category{suffix}")
        for column in _NEVER_WITH_RANGE if category == RANGE else ():
            if row.get(column):
                public.leak(file, place, column)
        hidden = {each for *row_of, each in public.suppressed if row_of == [area, row[name]]}
        for indicator in sorted(hidden):
            for column in (*_CRITERIA, "reason"):
                if _names(public, model, row.get(column, ""), indicator, column == "reason"):
                    public.leak(file, (*place, indicator), column)


def _names(public: PublicSet, model_id: str, text: str, indicator: str, is_sentence: bool) -> bool:
    """Whether a list of criteria, by id or label, or a sentence with points names a criterion of an indicator."""
    labels = [label for label, of in public.labels.items() if of == indicator]
    if is_sentence:
        return any(f"{label} (" in text for label in labels if label)
    ids = {
        criterion.key
        for model in public.models
        for criterion in model.criterion
        if model.id == model_id and criterion.indicator == indicator
    }
    return bool(ids & set(text.split("|"))) or any(f", {label}, " in f", {text}, " for label in labels)


def _check_residents(public: PublicSet, file: str, row: Row) -> None:
    """Residents are told where ``categories.csv`` tells them."""
    area = row.get("area_id", "")
    for name, column in (("period", "residents"), ("period_before", "residents_before")):
        period = row.get(name, "")
        counts = [
            each.get("residents", "")
            for (place, of, _), each in public.area_rows.items()
            if (place, of) == (area, period)
        ]
        for field in (column, *_OF_RESIDENTS) if counts and not any(counts) else ():
            if row.get(field):
                public.leak(file, (area, period), field)


def _tells(row: Row, text: str) -> bool:
    """Whether a sentence has a number that is not one of its goal, its years or its area's name."""
    goal = exact_number(row.get("goal", ""), "," if "," in row.get("goal", "") else ".")
    sizes = (
        []
        if goal is None
        else [f"{float(goal * factor):.{places}f}" for factor in _FACTORS for places in (0, 1, 2)]
    )
    harmless = {number for size in sizes for number in DIGITS.findall(size)}
    harmless |= {row.get(name, "") for name in ("period", "period_before", "baseline_period", "goal_period")}
    return bool(set(DIGITS.findall(text.replace(row.get("name", ""), ""))) - harmless)
