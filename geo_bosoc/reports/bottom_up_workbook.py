"""The steering group's workbook: places with verdicts, why, the services there, who named them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.bottom_up.findings import BottomUpFindings
from geo_bosoc.bottom_up.words import (
    evidence_line,
    few_households,
    figure,
    gather,
    hidden_services,
    notes,
    shown_as_word,
    shown_evidence,
    stamps,
    undetermined_because,
    verdict_word,
    word,
)
from geo_bosoc.findings import MUNICIPALITY
from geo_bosoc.protect.small_numbers import small
from geo_bosoc.reports.sheets import (
    ONE,
    PERCENT,
    QUIET,
    TWO,
    WHOLE,
    Book,
    Cell,
    Column,
    Look,
    missing,
    new_book,
)
from geo_bosoc.reports.sheets import width_of as _width_of
from geo_bosoc.safe_write import whole_file
from geo_bosoc.wording import protected_word

_FORMATS: Final = {
    "held": PERCENT, "back": PERCENT, "jaccard": TWO, "per_100": ONE, "low": ONE, "high": ONE, "smoothed": ONE,
    "ratio": TWO, "score": TWO,
}  # fmt: skip
_LONG: Final = ("why", "gather", "answer")


def write_bottom_up_workbook(found: BottomUpFindings, path: str | Path, *, minimum: int = 5) -> None:
    """Write the workbook; always of the internal set and stamped, figures of few persons hidden.

    Raises
    ------
    geo_bosoc.safe_write.OutputInUse
        The file is open in another program; it is left as it was.
    """
    language = found.language
    heading = f"{word('title', language)}: {found.name}, {found.period}"
    marks = stamps(found)
    with whole_file(path) as draft:
        properties = {"title": heading, "created": found.file_date, "comments": " ".join(marks)}
        file = new_book(str(draft), properties)
        book = Book(file, heading, marks, "&P / &N")
        sheet, row = book.add(word("sheet_readme", language), heading)
        sheet.set_column(0, 0, 130)
        for note in notes(found):
            row += 1
            book.put(sheet, row, 0, Cell(note, Look(border=False, wrap=True)))
        for key, frame in sheets(found, minimum).items():
            if len(frame):
                _sheet(book, found, key, frame, minimum)
        file.close()


def sheets(found: BottomUpFindings, minimum: int = 5) -> dict[str, pd.DataFrame]:
    """The tables by sheet. A hidden figure is `pd.NA` in a row that says `hidden`."""
    language = found.language
    yes = {"da": "x", "en": "x"}[language]
    verdicts = found.verdicts.assign(place_id=found.verdicts["place_id"].astype(str))
    places = pd.DataFrame(found.places.drop(columns="geometry")).assign(
        place_id=found.places["place_id"].astype(str)
    )
    places = places.drop(columns=["jaccard"], errors="ignore")
    told = places.merge(
        verdicts[["place_id", "verdict", "held", "why", "back", "jaccard"]], on="place_id", how="left"
    )
    told["drawn"] = np.where(found.places.geometry.isna(), "", yes)
    told["why"] = [undetermined_because({"why": why}, language) for why in told["why"]]
    told["gather"] = ["; ".join(gather(found, place, minimum)) for place in told["place_id"]]
    for name in ("named", "found"):
        told[name] = np.where(told[name].astype(bool), yes, "")
    for name in ("residents", "households"):
        counts = told[name].astype("Int64")
        told[name] = counts.mask(
            small(counts, minimum) | told["place_id"].isin(few_households(found, minimum))
        )
    told["verdict"] = [verdict_word(str(one), language) for one in told["verdict"].fillna("undetermined")]
    order = ["place_id", "name", "verdict", "held", "back", "jaccard", "named", "found", "found_as", "nominations",
             "homes", "households", "residents", "drawn", "gather", "why"]  # fmt: skip
    return {
        "sheet_places": told[order].sort_values("place_id"),
        "sheet_evidence": _evidence(found, minimum),
        "sheet_presence": _presence(found, minimum),
        "sheet_nominations": _named(found),
        "sheet_overlap": _overlap(found, minimum),
        "sheet_unsettled": found.unsettled,
    }


def _named(found: BottomUpFindings) -> pd.DataFrame:
    """Nominations with the trail: why each belongs to its place, and what it is drawn as."""
    language = found.language
    labels = {one.id: one.label(language) for one in found.presence.services}
    rows = pd.DataFrame(found.nominations.drop(columns="geometry"))
    told = rows.assign(
        unit=[labels.get(str(one), str(one)) for one in rows["unit"]],
        source_kind=[word(f"kind_{one}", language) for one in rows["source_kind"]],
        joined_by=[word(str(one), language) for one in rows["joined_by"]],
        shown_as=[
            shown_as_word(str(a), int(b), language)
            for a, b in zip(rows["shown_as"], rows["side"], strict=True)
        ],
    )
    order = ["place_id", "nomination_id", "unit", "date", "source_kind", "joined_by", "joined_to", "shown_as"]
    return told[order].sort_values(["place_id", "unit", "date", "nomination_id"])


def _overlap(found: BottomUpFindings, minimum: int) -> pd.DataFrame:
    """Pairs of named and found places that share homes."""
    rows = pd.DataFrame(found.overlap.drop(columns="geometry"))
    told = rows.assign(
        same=np.where(rows["same"].astype(bool), "x", ""),
        drawn=np.where(found.overlap.geometry.isna(), "", "x"),
    )
    few = small(told["households"], minimum)
    for name in ("residents", "households"):
        counts = told[name].astype("Int64")
        told[name] = counts.mask(small(counts, minimum) | few)
    return told[
        ["place_id", "found_id", "name", "homes", "households", "residents", "jaccard", "same", "drawn"]
    ]


def _evidence(found: BottomUpFindings, minimum: int) -> pd.DataFrame:
    language, hidden = found.language, protected_word(found.language, minimum)
    rows = []
    for row in shown_evidence(found, minimum).to_dict("records"):
        known = {str(key): value for key, value in row.items()}
        criterion = str(row["criterion"])
        label = found.criteria[criterion].label(language) if criterion in found.criteria else criterion
        value = hidden if row["hidden"] else figure(row["value"], criterion, found)
        rows.append(
            (
                str(row["place_id"]),
                label,
                value,
                word(str(row["met"]), language),
                evidence_line(known, found, hidden),
            )
        )
    frame = pd.DataFrame(rows, columns=["place_id", "criterion", "value", "answer", "why"])
    return frame.sort_values(["place_id", "criterion"], ignore_index=True)


def _presence(found: BottomUpFindings, minimum: int) -> pd.DataFrame:
    kinds = found.presence.kinds
    wanted = [*found.places["place_id"].astype(str), MUNICIPALITY]
    kinds = kinds[kinds["place_id"].astype(str).isin(wanted)].reset_index(drop=True)
    alone = kinds["place_id"].astype(str).isin(few_households(found, minimum))
    hide = hidden_services(found, kinds, minimum)
    labels = {one.id: one.label(found.language) for one in found.presence.services}
    frame = kinds.assign(
        service=[labels.get(str(one), str(one)) for one in kinds["service"]],
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
    first = frame["place_id"] != MUNICIPALITY
    frame = frame.assign(first=first).sort_values(["first", "place_id"], kind="stable", ignore_index=True)
    return frame[[*order, "hidden"]]


def _sheet(book: Book, found: BottomUpFindings, key: str, frame: pd.DataFrame, minimum: int) -> None:
    language = found.language
    names = [name for name in frame.columns if name != "hidden"]
    rows = [[_cell(name, record, minimum, found) for name in names] for record in frame.to_dict("records")]
    columns = []
    for at, name in enumerate(names):
        texts = [str(row[at].value) for row in rows if isinstance(row[at].value, str)]
        columns.append(Column(word(name, language), _width_of(texts, 11, 60 if name in _LONG else 34)))
    title = word(key, language)
    book.table(title, f"{title}: {found.name}, {found.period}", columns, rows)


def _cell(name: str, record: dict[Any, Any], minimum: int, found: BottomUpFindings) -> Cell:
    value = record[name]
    if name == "place_id" and value == MUNICIPALITY:
        return Cell(word("municipality", found.language).capitalize())
    if missing(value) or value is pd.NaT:
        few = name in ("residents", "households") or (record.get("hidden") and name != "eligible")
        few = few or (name == "eligible" and missing(value))
        alone = str(record.get("place_id")) in few_households(found, minimum)
        told = word("few_households", found.language) if alone else protected_word(found.language, minimum)
        return Cell(told, QUIET) if few else Cell("")
    if isinstance(value, str):
        return Cell(value, Look(wrap=name in _LONG))
    if isinstance(value, (bool, np.bool_)):
        return Cell("x" if value else "")
    look = Look(number=_FORMATS.get(name, WHOLE))
    return Cell(float(value) if name in _FORMATS else int(value), look)
