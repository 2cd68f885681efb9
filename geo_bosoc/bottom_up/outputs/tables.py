"""The bottom-up study as tables: the steering group's workbook, the doubtful matches, and the surface of shares."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.bottom_up.places.place_order import (
    excess_services,
    in_place_order,
    known_estate,
    known_places,
)
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import (
    evidence_line,
    few_households,
    figure,
    gather,
    hidden_services,
    notes,
    shown_as_word,
    shown_evidence,
    shown_reasons_of,
    source_notes,
    undetermined_because,
    unit_names,
    verdict_word,
)
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import MUNICIPALITY, stamp_texts
from geo_bosoc.outputs.csv_tables import write_csv
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.outputs.workbook.book_file import open_book
from geo_bosoc.outputs.workbook.looks import INTEGER, ONE_DECIMAL, PERCENT, QUIET, TWO_DECIMALS, Look
from geo_bosoc.outputs.workbook.printed_page import width_of
from geo_bosoc.outputs.workbook.sheet import Book, Cell, missing
from geo_bosoc.rasters.grid import write_grid
from geo_bosoc.text.catalogue import word, word_or_key
from geo_bosoc.text.numbers import protected_word

_FORMATS: Final = {
    **dict.fromkeys(("held", "back"), PERCENT),
    **dict.fromkeys(("per_100", "low", "high", "smoothed"), ONE_DECIMAL),
    **dict.fromkeys(("jaccard", "ratio", "score"), TWO_DECIMALS),
}  # fmt: skip
_LOOKS: Final = {"percent": PERCENT, "one_decimal": ONE_DECIMAL, "two_decimals": TWO_DECIMALS}
MARK: Final = "x"
"""What stands in a column of yes and no; a blank is no."""
_LONG: Final = ("why", "gather", "answer", "known_estate")


def write_bottom_up_workbook(results: BottomUpResults, path: str | Path) -> None:
    """Write the workbook; always of the internal set and stamped, figures of few persons hidden.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.
    """
    language, minimum = results.language, results.edition.least_shown
    heading = f"{word('bottom_up', 'title', language)}: {results.name}, {results.period}"
    parts = results.shown_parts().values()
    formats = dict(chain.from_iterable(part.formats.items() for part in parts))
    looks = _FORMATS | {name: _LOOKS[look] for name, look in formats.items()}
    with open_book(results, path, heading) as book:
        more = chain.from_iterable(part.notes for part in parts)
        lines = [("", note, False) for note in (*notes(results), *more)]
        book.text_sheet(word("bottom_up", "sheet_readme", language), heading, lines)
        for key, frame in sheets(results, minimum).items():
            if len(frame):
                _sheet(book, results, key, frame, looks)


def sheets(results: BottomUpResults, minimum: int = 5) -> dict[str, pd.DataFrame]:
    """The tables by sheet, those of the study's parts last, places in their order (`place_order`). A hidden figure is
    `pd.NA` in a row that says `hidden`."""
    language = results.language
    verdicts = results.verdicts.assign(place_id=results.verdicts["place_id"].astype(str))
    places = pd.DataFrame(results.places.drop(columns="geometry")).assign(
        place_id=results.places["place_id"].astype(str)
    )
    places = places.drop(columns=["jaccard"], errors="ignore")
    table = places.merge(
        verdicts[["place_id", "verdict", "held", "why", "back", "jaccard"]], on="place_id", how="left"
    )
    table["drawn"] = np.where(results.places.geometry.isna(), "", MARK)
    table["why"] = [undetermined_because({"why": why}, language) for why in table["why"]]
    table["gather"] = ["; ".join(gather(results, place, minimum)) for place in table["place_id"]]
    table["new"] = ~table["place_id"].isin(known_places(results))
    table["known_estate"] = [known_estate(results, place) for place in table["place_id"]]
    table["excess"] = excess_services(results, minimum).to_numpy()
    for name in ("named", "found", "new"):
        table[name] = np.where(table[name].astype(bool), MARK, "")
    for name in ("residents", "households"):
        counts = table[name].astype("Int64")
        table[name] = counts.mask(
            small(counts, minimum) | table["place_id"].isin(few_households(results, minimum))
        )
    table["verdict"] = [
        verdict_word(str(verdict), language) for verdict in table["verdict"].fillna("undetermined")
    ]
    order = ["place_id", "name", "new", "known_estate", "excess", "verdict", "held", "back",
             "jaccard", "named", "found", "found_as", "nominations",
             "homes", "households", "residents", "drawn", "gather", "why"]  # fmt: skip
    return {
        "sheet_places": in_place_order(table[order], results),
        "sheet_evidence": _evidence(results, minimum),
        "sheet_presence": _presence(results, minimum),
        "sheet_nominations": _named(results),
        "sheet_overlap": _overlap(results, minimum),
        "sheet_unsettled": results.unsettled,
        **{key: frame for part in results.shown_parts().values() for key, frame in part.sheets.items()},
    }


def _named(results: BottomUpResults) -> pd.DataFrame:
    """Nominations with the trail: why each belongs to its place, and what it is drawn as."""
    language, units = results.language, unit_names(results)
    rows = pd.DataFrame(results.nominations.drop(columns="geometry"))
    table = rows.assign(
        unit=[units.get(str(unit), str(unit)) for unit in rows["unit"]],
        reasons=shown_reasons_of(rows, results),
        source_kind=[word_or_key("bottom_up", f"kind_{kind}", language) for kind in rows["source_kind"]],
        joined_by=[word_or_key("bottom_up", str(reason), language) for reason in rows["joined_by"]],
        shown_as=[
            shown_as_word(str(shown_as), int(side), language)
            for shown_as, side in zip(rows["shown_as"], rows["side"], strict=True)
        ],
    )
    for name in ("unit", "reasons", "source_kind", "joined_by", "shown_as"):
        table[name] = table[name].map(sentence_case)
    order = [
        "place_id",
        "nomination_id",
        "unit",
        "date",
        "reasons",
        "source_kind",
        "joined_by",
        "joined_to",
        "shown_as",
    ]
    return in_place_order(table[order], results, "unit", "date", "nomination_id")


def _overlap(results: BottomUpResults, minimum: int) -> pd.DataFrame:
    """Pairs of named and found places that share homes."""
    rows = pd.DataFrame(results.overlap.drop(columns="geometry"))
    table = rows.assign(
        same=np.where(rows["same"].astype(bool), "x", ""),
        drawn=np.where(results.overlap.geometry.isna(), "", "x"),
    )
    few_households = small(table["households"], minimum)
    for name in ("residents", "households"):
        counts = table[name].astype("Int64")
        table[name] = counts.mask(small(counts, minimum) | few_households)
    return table[
        ["place_id", "found_id", "name", "homes", "households", "residents", "jaccard", "same", "drawn"]
    ]


def _evidence(results: BottomUpResults, minimum: int) -> pd.DataFrame:
    language, hidden = results.language, protected_word(results.language)
    rows = []
    for row in shown_evidence(results, minimum).to_dict("records"):
        record = {str(key): value for key, value in row.items()}
        criterion = str(row["criterion"])
        label = results.criteria[criterion].label(language) if criterion in results.criteria else criterion
        value = hidden if row["hidden"] else figure(row["value"], criterion, results)
        rows.append(
            (
                str(row["place_id"]),
                label,
                value,
                sentence_case(word_or_key("bottom_up", str(row["met"]), language)),
                evidence_line(record, results, hidden),
            )
        )
    frame = pd.DataFrame(rows, columns=["place_id", "criterion", "value", "answer", "why"])
    return in_place_order(frame, results, "criterion").reset_index(drop=True)


def _presence(results: BottomUpResults, minimum: int) -> pd.DataFrame:
    kinds = results.service_rates.kinds
    shown_places = [*results.places["place_id"].astype(str), MUNICIPALITY]
    kinds = kinds[kinds["place_id"].astype(str).isin(shown_places)].reset_index(drop=True)
    alone = kinds["place_id"].astype(str).isin(few_households(results, minimum))
    hide = hidden_services(results, kinds, minimum)
    labels = {service.id: service.label(results.language) for service in results.service_rates.services}
    frame = kinds.assign(
        service=[labels.get(str(service), str(service)) for service in kinds["service"]],
        services=kinds["services"].astype("Int64").mask(hide),
        eligible=kinds["eligible"].astype("Int64").mask(small(kinds["eligible"], minimum) | alone),
        meets=np.where(kinds["meets"].astype(bool) & (kinds["place_id"] != MUNICIPALITY) & ~alone, "x", ""),
        hidden=hide,
    )
    for name in ("per_100", "low", "high", "smoothed", "ratio"):
        frame[name] = frame[name].mask(hide)
    order = [
        "place_id",
        "service",
        "services",
        "eligible",
        "per_100",
        "low",
        "high",
        "smoothed",
        "ratio",
        "meets",
    ]
    return in_place_order(frame, results)[[*order, "hidden"]].reset_index(drop=True)


def _sheet(
    book: Book, results: BottomUpResults, key: str, frame: pd.DataFrame, looks: Mapping[str, str]
) -> None:
    title = word_or_key("bottom_up", key, results.language)
    heads = {
        name: sentence_case(word_or_key("bottom_up", name, results.language))
        for name in frame.columns
        if name != "hidden"
    }
    book.frame(
        title,
        f"{title}: {results.name}, {results.period}",
        frame,
        heads,
        lambda name, row: _cell(name, row, looks, results),
        lambda name, cells: width_of(
            [cell.value for cell in cells if isinstance(cell.value, str)], 9, 60 if name in _LONG else 24
        ),
    )


def _cell(name: str, row: Mapping[Hashable, Any], looks: Mapping[str, str], results: BottomUpResults) -> Cell:
    value, language, minimum = row[name], results.language, results.edition.least_shown
    if name == "place_id" and value == MUNICIPALITY:
        return Cell(sentence_case(word("bottom_up", "municipality", language)))
    if missing(value) or value is pd.NaT:
        suppressed = name in ("residents", "households", "eligible", "excess") or row.get("hidden")
        if not suppressed:
            return Cell("")
        few_homes = str(row.get("place_id")) in few_households(results, minimum)
        return Cell(
            word("bottom_up", "few_households", language) if few_homes else protected_word(language),
            QUIET,
        )
    if isinstance(value, str):
        return Cell(value, Look(wrap=name in _LONG))
    if isinstance(value, (bool, np.bool_)):
        return Cell("x" if value else "")
    look = Look(number=looks.get(name, INTEGER))
    return Cell(float(value) if name in looks else int(value), look)


def write_unsettled_csv(results: BottomUpResults, path: str | Path) -> None:
    """Write the doubtful matches, one row a candidate; nothing where there is none."""
    if len(results.unsettled):
        table = results.unsettled.assign(output_set=results.edition.mark)
        write_csv(table, path, results.language)


def write_surface(results: BottomUpResults, path: str | Path) -> None:
    """Write the cells of the surface that have a share (a plain fraction) as a GeoTIFF; nothing where none has."""
    if not len(results.surface) or results.surface["value"].isna().all():
        return
    tags = {
        "stamp": " ".join(stamp_texts(results)),
        "period": results.period,
        "nearest_residents": str(results.k),
        "sources": " ".join(source_notes(results)),
    }
    cells = results.surface[results.surface["value"].notna()]
    write_grid(cells, path, bands={"value": results.measure()}, tags=tags)
