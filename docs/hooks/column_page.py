"""The page of files and columns: what a run writes, file by file, from the lists of outputs and from `columns.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from geo_bosoc.balance import outputs as of_balance
from geo_bosoc.bottom_up import outputs as of_bottom_up
from geo_bosoc.follow_up import outputs as of_follow_up
from geo_bosoc.outputs import csv_tables
from geo_bosoc.outputs.columns import BESIDE_TEXTS, SHARES
from geo_bosoc.outputs.registry import OUTPUTS
from geo_bosoc.text.catalogue import words

COLUMNS = Path(__file__).parents[1] / "columns.toml"
_SETS = {("public", "internal"): "begge", ("public",): "offentlig", ("internal",): "intern"}


def column_page() -> dict[str, str]:
    """The page by its path."""
    texts = tomllib.loads(COLUMNS.read_text(encoding="utf-8"))
    columns, figures, order = texts["columns"], texts["figures"], texts["order"]
    headings = words("columns", "da")
    last = ("socioeconomic", "socioeconomic_label", "smallest_change", "nearest", "output_set")
    of_categories = (*csv_tables.ORDER, *BESIDE_TEXTS, *SHARES, *last)
    balance = ("area_id", "name", "period", *texts["balance"], "data_period", "status_date", "source")
    parts = [
        "# Filer og kolonner",
        "En kørsel skriver alle filer eller ingen. Hver fil fortæller selv periode, statusdato og kilde. Tal, der ikke "
        "må vises, er tomme felter med status `protected`; i regneark og på kort står der “skjult”.",
        _files(texts["files"]),
        "## categories.csv {#categories-csv}",
        "Filen læses igen af programmet selv; overskrifterne er de samme på dansk og engelsk.",
        _table(of_categories, columns, headings),
        "### For hver indikator {#figures}",
        "Bag indikatorens id, fx `health_value`. `categories.csv` har dem, som en analytiker regner videre på; laget "
        "`indicators_<periode>` i GeoPackage også intervallet og forholdet.",
        _table(
            [f"<id>_{name}" for name in figures], {f"<id>_{name}": text for name, text in figures.items()}, {}
        ),
        "For modeller af regler står der `is_<kategori>` for hver kategori: ja, nej eller uafklaret.",
        "## criteria.csv {#criteria-csv}",
        _table(order["criteria"], columns, headings),
        "## categories.gpkg {#categories-gpkg}",
        "### categories_<periode> {#layer-categories}".replace("<", "&lt;").replace(">", "&gt;"),
        _table(order["layer"], columns, headings),
        "Dertil `<id>_points` for hver indikator i modellen.",
        "### indicators_<periode> {#layer-indicators}".replace("<", "&lt;").replace(">", "&gt;"),
        "`area_id`, `name`, `kind`, `period` og [indikatorernes kolonner](#figures).",
        "### sources {#table-sources}",
        _table(order["sources"], columns, headings),
        "### layer_styles {#table-styles}",
        texts["styles"]["layer_styles"],
        "## categories.xlsx {#categories-xlsx}",
    ]
    parts += _sheets(texts["sheet"], "categories.xlsx")
    parts += [
        "## balance.csv og balance_years.csv {#balance-csv}",
        _table(balance, {**columns, **texts["balance"]}, {}),
        "## balance.gpkg {#balance-gpkg}",
        "Lag som i `categories.gpkg`: reglen og blandingen som kategorier (også `categories_<år>_mixed_city`), og en "
        "indikator for hver ejerform og variant, fx `family_all_value`; nævneren er alle boliger.",
        "## balance.xlsx {#balance-xlsx}",
        *_sheets(texts["sheet"], "balance.xlsx"),
        "## bottom_up.gpkg og nominations_to_settle.csv {#bottom-up-gpkg}",
        "Interne. Lagene `places`, `nominations`, `found_places` og `overlap`, og tabellen `sources`.",
        _table([*texts["bottom_up"], "output_set"], {**columns, **texts["bottom_up"]}, {}),
        "## bottom_up.xlsx {#bottom-up-xlsx}",
        *_sheets(texts["sheet"], "bottom_up.xlsx"),
        "## follow_up_*.csv {#follow-up-csv}",
        "Kolonner ud over dem ovenfor; hver fil har dem, der er brug for.",
        _table(texts["follow_up"], texts["follow_up"], {}),
        "## follow_up.gpkg {#follow-up-gpkg}",
        "Lag som i `categories.gpkg`, kun for de perioder, der har noget. `dynamics_<periode>`: status og dynamik i "
        "`category`. `moves_<periode>`: kategoriens retning i `category` og hvorfor i `reason`. `goals_<periode>`: det "
        "mål, der står dårligst. `change_<periode>`: for hver indikator `<id>_value` (ændringen; andele i procentpoint,"
        " rater pr. 1.000 eller 10.000), `_low`, `_high`, `_reference`, `_status` og perioden før i `period_before`. "
        "Intern: `causes_<antal år>_years_<periode>`, hvor personer følges over årene.",
        "## follow_up.xlsx {#follow-up-xlsx}",
        *_sheets(texts["sheet"], "follow_up.xlsx"),
    ]
    return {"outputs.md": "\n\n".join(parts) + "\n"}


def _sheets(sheets: Iterable[Mapping[str, Any]], file: str) -> list[str]:
    """The sheets of a workbook, each with its headings."""
    parts: list[str] = []
    for sheet in sheets:
        if sheet.get("file", "categories.xlsx") == file:
            parts += [f"### Arket {sheet['name']}", sheet["text"]]
            parts += [_table(sheet["columns"], sheet["columns"], {}, code=False)] if sheet["columns"] else []
    return parts


def _files(texts: Mapping[str, str]) -> str:
    rows = ["| fil | udgave | |", "| --- | --- | --- |"]
    for output in (*OUTPUTS, *of_balance.OUTPUTS, *of_bottom_up.OUTPUTS, *of_follow_up.OUTPUTS):
        rows += [f"| `{name}` | {_SETS[output.sets]} | {texts[name]} |" for name in output.names]
    return "\n".join(rows)


def _table(
    names: Iterable[str], texts: Mapping[str, str], headings: Mapping[str, str], *, code: bool = True
) -> str:
    head = (
        ["| kolonne | overskrift | |", "| --- | --- | --- |"]
        if headings
        else ["| kolonne | |", "| --- | --- |"]
    )
    rows = []
    for name in dict.fromkeys(names):
        cells = [f"`{name}`" if code else name]
        cells += [headings.get(name, "")] if headings else []
        rows.append(f"| {' | '.join([*cells, texts[name].replace('|', chr(92) + '|')])} |")
    return "\n".join([*head, *rows])
