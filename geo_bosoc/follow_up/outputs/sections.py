"""What the follow-up tells in papers: how figures and categories changed, goals, the safety survey, and moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.follow_up.goals.goal_texts import period_text
from geo_bosoc.follow_up.outputs.change_sections import change_of_area, change_of_areas
from geo_bosoc.follow_up.outputs.goals_on_map import WORST_FIRST, goal_figures, goal_notes, row_at
from geo_bosoc.follow_up.outputs.move_sections import most_alike, moves_of_area, where_more_moved_to
from geo_bosoc.follow_up.spec_parts import REFERENCES
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.outputs.documents.document import Block, Paragraph, Sections, Table, TableCell
from geo_bosoc.outputs.texts import absent, status_word
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import in_unit, number

Row = Mapping[Any, Any]
_WORDS: Final = "follow_up_papers"


def follow_up_sections(results: FollowUpResults, area_id: str) -> Sections:
    """What the follow-up tells of an area in its profile, or of all of them in the yearly report, by topic.

    All of it is drawn from the tables of the same set: a public one has no moves, and no causes of changes.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    area_id : str
        An area's id; ``@areas`` for what the report tells.

    Examples
    --------
    >>> follow_up_sections(results, "0012")["goals"]  # doctest: +SKIP
    [Table(header=('Mål', 'Udgangspunkt', 'Seneste tal', 'Måltal', 'Status', 'Hvorfor'), ...
    """
    if area_id == ALL_AREAS:
        topics: dict[str, Iterator[Block]] = {
            "safety": _safety_of_areas(results),
            "moves": where_more_moved_to(results),
            "change": change_of_areas(results),
            "goals": _goals(results, ""),
        }
    else:
        topics = {
            "residents": most_alike(results, area_id),
            "safety": _safety(results, area_id),
            "moves": moves_of_area(results, area_id),
            "change": change_of_area(results, area_id),
            "goals": _goals(results, area_id),
        }
    sections = {topic: list(blocks) for topic, blocks in topics.items()}
    return {topic: blocks for topic, blocks in sections.items() if blocks}


def _goals(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """The goals of an area, or all there are: from where, to where, where it stands, and why."""
    frame, language, period = results.frames.get("goals"), results.language, results.published.periods[-1]
    if frame is None:
        return
    rows = []
    for _, of_goal in frame.groupby(["goal_set", "goal_id", "area_id", "indicator"], sort=False):
        records: list[dict[Any, Any]] = of_goal.to_dict("records")
        row = row_at(records, period)
        if row is None or (area_id and row["area_id"] != area_id):
            continue
        figures = {
            name: word(_WORDS, "figure_in", language, figure=text, period=when) if when else text
            for name, when, text in goal_figures(row, results.published)
        }
        label = str(row["label"]) or results.labels.get(row["indicator"], str(row["indicator"]))
        place, status = results.area_names.get(row["area_id"], str(row["area_id"])), str(row["status"])
        rows.append(
            (
                TableCell(label if area_id else f"{place}: {label}"),
                *(TableCell(figures.get(name, "–")) for name in ("baseline", "latest", "goal")),
                TableCell(word("follow_up", f"status:{status}", language), fill=WORST_FIRST.get(status)),
                TableCell(" ".join(goal_notes(row, language))),
            )
        )
    if rows:
        header = (
            word("follow_up", "label", language),
            *(word(_WORDS, each, language) for each in ("start", "latest")),
            *(word("follow_up", each, language) for each in ("goal", "status", "reason")),
        )
        yield Table(header, tuple(rows), widths=(3, 1.7, 1.7, 2, 1.6, 2.8))


def goal_levels(results: FollowUpResults, area_id: str) -> dict[str, tuple[float, str]]:
    """The goals of an area on its indicators as levels in plots of lines, by indicator, and what stands at them.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    area_id : str
        The area.
    """
    frame, language = results.frames.get("goals"), results.language
    if frame is None:
        return {}
    shown = {spec.id for spec in results.published.indicators}
    rows = frame[(frame["area_id"] == area_id) & frame["indicator"].isin(shown) & frame["goal"].notna()]
    return {
        str(row["indicator"]): (
            float(row["goal"]),
            word(_WORDS, "goal_level", language, period=period_text(str(row["goal_period"]), language)),
        )
        for row in rows.to_dict("records")
    }


def _safety(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """The survey's answers in an area year by year, beside those of others."""
    frame = results.frames.get("safety")
    if frame is None:
        return
    rows = frame[(frame["area_id"] == area_id) & frame["status"].isin(["ok", "protected"])]
    if not (rows["status"] == "ok").any():
        return
    named = [(f"{row['question']}, {row['period']}", row) for row in rows.to_dict("records")]
    yield _safety_table(results, word("follow_up", "question", results.language), named)
    yield Paragraph(word(_WORDS, "safety_note", results.language), "note")


def _safety_of_areas(results: FollowUpResults) -> Iterator[Block]:
    """The survey's last answers in each area, a table a question; areas with too few answers are counted."""
    frame, language = results.frames.get("safety"), results.language
    if frame is None:
        return
    frame = frame[~frame["area_id"].str.startswith("@")]
    for question, of_question in frame.groupby("question", sort=False):
        last = of_question[of_question["period"] == of_question["period"].max()]
        shown = last[last["status"] == "ok"]
        named = sorted(
            ((results.area_names[row["area_id"]], row) for row in shown.to_dict("records")),
            key=lambda each: each[0],
        )
        if not named:
            continue
        caption = f"{question}, {last['period'].iloc[0]}"
        yield _safety_table(results, word("tables", "name", language), named, caption, of_one_period=True)
        if hidden := int((last["status"] == "protected").sum()):
            yield Paragraph(word(_WORDS, "safety_hidden", language, count=number(hidden, language)), "note")
        yield Paragraph(word(_WORDS, "safety_note", language), "note")


def _safety_table(
    results: FollowUpResults,
    head: str,
    named: Sequence[tuple[str, Row]],
    caption: str = "",
    *,
    of_one_period: bool = False,
) -> Table:
    """Shares of a survey beside the references that there are, whose share is the same in a period, and whether they
    differ."""
    language = results.language
    references = [each for each in REFERENCES if any(not absent(row[each]) for _, row in named)]
    rows = []
    for name, row in named:
        hidden = TableCell(status_word(str(row["status"]), results.published), is_number=True, is_quiet=True)
        is_shown = row["status"] == "ok"
        count: Any = row["respondents"]
        respondents = TableCell("–" if absent(count) else number(float(count), language), is_number=True)
        share = TableCell(in_unit(float(row["value"]), "percent", language), is_number=True)
        rows.append(
            (
                TableCell(name),
                *((respondents, share) if is_shown else (hidden, hidden)),
                *(_safety_cell(row, each, language, is_share_shown=not of_one_period) for each in references),
            )
        )
    heads = [word("follow_up", each, language) for each in references]
    if of_one_period:
        shares = [next(float(row[each]) for _, row in named if not absent(row[each])) for each in references]
        heads = [
            f"{name} ({in_unit(size, 'percent', language)})" for name, size in zip(heads, shares, strict=True)
        ]
    header = (head, word("follow_up", "respondents", language), word(_WORDS, "share", language), *heads)
    return Table(header, tuple(rows), caption, widths=(2.6, 1.3, 1, *([2.3] * len(references))))


def _safety_cell(row: Row, reference: str, language: Language, *, is_share_shown: bool) -> TableCell:
    """A reference's share, and on which side of it the area lies."""
    value: Any = row[reference]
    if absent(value):
        return TableCell("–", is_quiet=True)
    share, verdict = in_unit(float(value), "percent", language), str(row[f"differs_from_{reference}"])
    if row["status"] != "ok" or verdict not in ("no", "worse", "better"):
        return TableCell(share if is_share_shown else "–")
    how = word(_WORDS, f"area_{verdict}" if is_share_shown else f"lies_{verdict}", language)
    return TableCell(f"{share} ({how})" if is_share_shown else how, is_bold=verdict == "worse")
