"""What papers for internal use tell of moves: who came, who left and how they differ; and which areas are most alike.

Moves rest on persons linked over years: only an internal set has their tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.follow_up.persons.moves import IN, OUT
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.outputs.documents.document import Block, Paragraph, Table, TableCell
from geo_bosoc.outputs.texts import absent, reference_name, sentence_case
from geo_bosoc.text.catalogue import word, words
from geo_bosoc.text.numbers import in_unit, number, protected_word

_WORDS: Final = "follow_up_papers"
_FLOWS: Final = {"out": OUT, "in": IN}
_GROUPS: Final = {
    "in": ("stayed", "moved_in", "arrived"),
    "out": ("stayed_before", "moved_out", "left", "left_or_died"),
}
"""Those whose profile is told, the ones who stayed first."""
_MOST: Final = 8
"""Destinations that are named."""


def most_alike(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """The areas most like an area, named, and what they are alike in; nothing where twins are not asked for.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    area_id : str
        The area.
    """
    frame, language = results.frames.get("twins"), results.language
    if frame is None:
        return
    rows = frame[(frame["area_id"] == area_id) & (frame["period"] == results.published.periods[-1])]
    rows = rows.sort_values("rank", kind="stable")
    if rows.empty:
        return
    compared = dict.fromkeys(name for names in rows["compared_by"].astype(str) for name in names.split("|"))
    labels = [results.labels.get(name, name) for name in compared]
    names = [results.area_names.get(twin, twin) for twin in rows["twin"].astype(str)]
    yield Paragraph(word(_WORDS, "twins", language, figures=", ".join(labels), names=", ".join(names)))


def moves_of_area(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """Who came to an area and who left it, where they went, and how they differ from those who stayed.

    Parameters
    ----------
    results : FollowUpResults
        Of an internal set; a public one has nothing of it.
    area_id : str
        The area.
    """
    if not results.edition.internal:
        return
    yield from _flows(results, area_id)
    yield from _destinations(results, area_id)
    yield from _profiles(results, area_id)


def where_more_moved_to(results: FollowUpResults) -> Iterator[Block]:
    """Where more households than expected moved to from the areas that were asked about, over the most years there are.

    Parameters
    ----------
    results : FollowUpResults
        Of an internal set; a public one has nothing of it.
    """
    frame, language = results.frames.get("destinations"), results.language
    if frame is None or not results.edition.internal:
        return
    last = frame[frame["period"] == results.published.periods[-1]]
    last = last[(last["period_before"] == last["period_before"].min()) & (last["more_than_chance"] == "yes")]
    last = last[last["destination"] != ALL_AREAS]
    if last.empty:
        return
    rows = tuple(
        (
            TableCell(_place(results, row["origin"])),
            TableCell(_place(results, row["destination"])),
            TableCell(number(float(row["households"]), language), is_number=True),
            TableCell(number(float(row["expected"]), language), is_number=True),
        )
        for row in last.to_dict("records")
    )
    header = tuple(
        word("follow_up", each, language) for each in ("origin", "destination", "households", "expected")
    )
    before, period = last["period_before"].iloc[0], last["period"].iloc[0]
    yield Table(
        header,
        rows,
        word(_WORDS, "more_moved_to", language, before=before, period=period),
        widths=(3, 3, 1.5, 1.5),
    )


def _of_area(results: FollowUpResults, name: str, area_id: str, column: str = "area_id") -> pd.DataFrame:
    """The rows of a table of an area up to the last period."""
    frame = results.frames.get(name)
    if frame is None:
        return pd.DataFrame()
    return frame[(frame[column] == area_id) & (frame["period"] == results.published.periods[-1])]


def _flows(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """What became of those who lived there a year before, and where those who live there now were."""
    rows, language = _of_area(results, "moves", area_id), results.language
    if rows.empty:
        return
    before = rows["period_before"].max()
    records: dict[tuple[str, str], Mapping[Any, Any]] = {
        (str(row["direction"]), str(row["flow"])): row
        for row in rows[rows["period_before"] == before].to_dict("records")
    }
    for direction, flows in _FLOWS.items():
        table = tuple(
            (
                TableCell(sentence_case(word("follow_up", f"flow:{flow}", language))),
                *_sizes(records[direction, flow], results),
            )
            for flow in flows
            if (direction, flow) in records and records[direction, flow]["persons"] != 0
        )
        if table:
            period = results.published.periods[-1]
            caption = word(_WORDS, f"flows_{direction}", language, before=before, period=period)
            header = (
                word(_WORDS, f"head_{direction}", language),
                *(word("follow_up", each, language) for each in ("persons", "share")),
            )
            yield Table(header, table, caption, widths=(5, 1, 1))


def _sizes(row: Mapping[Any, Any], results: FollowUpResults) -> tuple[TableCell, TableCell]:
    """How many, and which share."""
    persons, share = row["persons"], row["share"]
    if absent(persons):
        hidden = TableCell(protected_word(results.language), is_number=True, is_quiet=True)
        return hidden, hidden
    part = "–" if absent(share) else in_unit(float(share), "percent", results.language)
    return TableCell(number(float(persons), results.language), is_number=True), TableCell(
        part, is_number=True
    )


def _destinations(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """Where most of those who left went over the most years there are; places that few went to are hidden."""
    rows, language = _of_area(results, "moves_between", area_id, "origin"), results.language
    if rows.empty:
        return
    before, period = rows["period_before"].min(), results.published.periods[-1]
    rows = rows[
        (rows["period_before"] == before) & (rows["between"] == "areas") & (rows["destination"] != area_id)
    ]
    shown = rows[(rows["status"] == "ok") & (rows["persons"].fillna(0) > 0)]
    shown = shown.sort_values(["persons", "destination"], ascending=[False, True], kind="stable").head(_MOST)
    if shown.empty:
        return
    table = tuple(
        (TableCell(sentence_case(_place(results, row["destination"]))),
         TableCell(number(float(row["persons"]), language), is_number=True))
        for row in shown.to_dict("records")
    )  # fmt: skip
    header = (word("follow_up", "destination", language), word("follow_up", "persons", language))
    yield Table(header, table, word(_WORDS, "went_to", language, before=before, period=period), widths=(5, 1))
    yield Paragraph(word(_WORDS, "few_hidden", language), "note")


def _profiles(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """How those who came and those who left differ from those who stayed, over the most years there are."""
    rows, language = _of_area(results, "move_profiles", area_id), results.language
    if rows.empty:
        return
    before, period = rows["period_before"].min(), results.published.periods[-1]
    records: dict[tuple[str, str], Mapping[Any, Any]] = {
        (str(row["indicator"]), str(row["group"])): row
        for row in rows[rows["period_before"] == before].to_dict("records")
    }
    for direction, every_group in _GROUPS.items():
        groups = [group for group in every_group if any(key[1] == group for key in records)]
        table = []
        for spec in results.published.indicators:
            of_groups = [records.get((spec.id, group)) for group in groups]
            is_shown = any(row is not None and not absent(row["value"]) for row in of_groups[1:])
            if is_shown and not spec.breakdown and spec.unit != "count":
                table.append(
                    (
                        TableCell(spec.label(language)),
                        *(_profile_cell(row, spec.unit, results) for row in of_groups),
                    )
                )
        if table:
            caption = word(_WORDS, f"profile_{direction}", language, before=before, period=period)
            heads = [sentence_case(word("follow_up", f"group:{group}", language)) for group in groups]
            yield _profile_table((word("documents", "figure", language), *heads), table, caption)


def _profile_table(header: tuple[str, ...], rows: Sequence[tuple[TableCell, ...]], caption: str) -> Table:
    """A table with a wide first column."""
    return Table(header, tuple(rows), caption, widths=(2.4, *([1.7] * (len(header) - 1))))


def _profile_cell(row: Mapping[Any, Any] | None, unit: str, results: FollowUpResults) -> TableCell:
    """A group's figure; bold where it surely differs from that of those who stayed."""
    if row is None:
        return TableCell("–", is_number=True, is_quiet=True)
    if absent(row["value"]):
        return TableCell(protected_word(results.language) if row["status"] == "protected" else "–",
                         is_number=True, is_quiet=True)  # fmt: skip
    text = in_unit(float(row["value"]), unit, results.language, 2 if unit == "mean" else 1)
    if row["differs"] not in ("yes", "no"):
        return TableCell(text, is_number=True)
    how_sure = word("follow_up_map", f"differs_{row['differs']}", results.language)
    return TableCell(f"{text} ({how_sure})", is_number=True, is_bold=row["differs"] == "yes")


def _place(results: FollowUpResults, area_id: str) -> str:
    """Where somebody moved from or to, in words; a development plan that is no area by its id."""
    if area_id.startswith("@"):
        return words("follow_up", results.language).get(area_id, reference_name(area_id, results.language))
    return results.area_names.get(area_id) or word(_WORDS, "plan", results.language, plan=area_id)
