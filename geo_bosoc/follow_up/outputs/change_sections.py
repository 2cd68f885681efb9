"""What the follow-up tells of change in papers: of figures, of an area's category year by year, and why it changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.follow_up.outputs.category_layers import nearest_pairs
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.category import NOT_ASSESSED
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.documents.document import Block, Paragraph, Table, TableCell
from geo_bosoc.outputs.documents.figures import category_fill
from geo_bosoc.outputs.texts import absent, class_word, reference_name, status_word
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import UNIT_FACTOR, in_unit, number

Row = Mapping[Any, Any]
_WORDS: Final = "follow_up_papers"
_MISSING: Final = ("missing", "no_base", "not_applicable", "not_published")
"""Why a figure has no change to tell of, beside being suppressed."""


def change_text(difference: float, unit: str, language: Language) -> str:
    """A difference with its sign: of shares in percentage points.

    Parameters
    ----------
    difference : float
        In the inner unit: shares 0-1.
    unit : str
        The indicator's.
    language : {"da", "en"}
        Of the text.

    Examples
    --------
    >>> change_text(0.0411, "percent", "da"), change_text(-13, "count", "da"), change_text(0.0002, "percent", "en")
    ('+4,1 procentpoint', '−13', '0.0 percentage points')
    """
    decimals = 0 if unit == "count" else 2 if unit == "mean" else 1
    size = round(difference * UNIT_FACTOR[unit], decimals)
    sign = "+" if size > 0 else "−" if size < 0 else ""
    if unit == "percent":
        return sign + word("claims", "points", language, size=number(abs(size), language, decimals))
    return sign + in_unit(abs(difference), unit, language, decimals)


def change_of_area(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """How an area's figures changed, its category over the years, and status x dynamics in a sentence.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    area_id : str
        The area.
    """
    yield from _change_table(results, area_id)
    for model in results.published.models:
        yield from _history(results, model, area_id)
        yield from _dynamics(results, model, area_id)


def change_of_areas(results: FollowUpResults) -> Iterator[Block]:
    """How the figures of all areas together changed, which areas surely changed, and why categories did.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    """
    yield from _change_table(results, ALL_AREAS)
    for before in _befores(results):
        yield from _sure_changes(results, before)
    for model in results.published.models:
        yield from _category_reasons(results, model)


def _last_changes(results: FollowUpResults) -> pd.DataFrame:
    """The changes of all indicators but parts of breakdowns up to the last period."""
    frame = results.frames.get("change")
    if frame is None:
        return pd.DataFrame({"area_id": [], "indicator": [], "period_before": []})
    parts = [spec.id for spec in results.published.indicators if spec.breakdown]
    return frame[(frame["period"] == results.published.periods[-1]) & ~frame["indicator"].isin(parts)]


def _befores(results: FollowUpResults) -> list[str]:
    """What the last period is compared with: the nearest period before it, and the earliest one."""
    befores = sorted(_last_changes(results)["period_before"].unique().tolist())
    return list(dict.fromkeys([befores[-1], befores[0]])) if befores else []


def _change_table(results: FollowUpResults, area_id: str) -> Iterator[Block]:
    """Each figure now, and its change since the year before and since the first comparison."""
    language, period, befores = results.language, results.published.periods[-1], _befores(results)
    frame = _last_changes(results)
    of_area = frame[frame["area_id"] == area_id].to_dict("records")
    by_key: dict[tuple[str, str], Row] = {(row["indicator"], row["period_before"]): row for row in of_area}
    rows = []
    for spec in results.published.indicators:
        changed = [by_key[spec.id, before] for before in befores if (spec.id, before) in by_key]
        if all(row["status"] in _MISSING for row in changed):
            continue
        changes = [
            _change_cell(by_key[spec.id, before], spec.unit, results)
            if (spec.id, before) in by_key
            else TableCell("–", is_quiet=True)
            for before in befores
        ]
        rows.append((TableCell(spec.label(language)), _cell_now(results, area_id, spec), *changes))
    if not rows:
        return
    area = (
        word("documents", "the_area", language) if area_id != ALL_AREAS else reference_name(area_id, language)
    )
    heads = [word(_WORDS, "change_since", language, before=before) for before in befores]
    header = (word("documents", "figure", language), f"{area} {period}", *heads)
    yield Table(
        header, tuple(rows), word(_WORDS, "change_table", language), widths=(2.4, 1.3, *([2.2] * len(heads)))
    )
    yield Paragraph(word(_WORDS, "sure", language), "note")


def _cell_now(results: FollowUpResults, area_id: str, spec: Indicator) -> TableCell:
    """A figure of the last period, or why it is not there: a change may be hidden where the figure is not."""
    published = results.published
    frame = published.reference_areas if area_id.startswith("@") else published.table
    is_row = (frame["area_id"] == area_id) & (frame["indicator"] == spec.id)
    for row in frame[is_row & (frame["period"] == published.periods[-1])].to_dict("records"):
        if not absent(row["value"]):
            decimals = 2 if spec.unit == "mean" else 1
            text = in_unit(float(row["value"]), spec.unit, results.language, decimals)
            return TableCell(text, is_number=True)
        return TableCell(status_word(str(row["status"]), published), is_number=True, is_quiet=True)
    return TableCell(status_word("missing", published), is_number=True, is_quiet=True)


def _change_cell(row: Row, unit: str, results: FollowUpResults) -> TableCell:
    """A change, and whether it is larger than chance; why there is none."""
    if row["status"] != "ok" or absent(row["difference"]):
        return TableCell(status_word(str(row["status"]), results.published), is_quiet=True)
    text = change_text(float(row["difference"]), unit, results.language)
    if row["assumption"] == "reform":
        return TableCell(f"{text} ({word(_WORDS, 'reform', results.language)})")
    if row["differs"] not in ("yes", "no") or text[0].isdigit():  # without a sign: no change to be sure of
        return TableCell(text)
    how_sure = word("follow_up_map", f"differs_{row['differs']}", results.language)
    return TableCell(f"{text} ({how_sure})", is_bold=row["differs"] == "yes")


def _sure_changes(results: FollowUpResults, before: str) -> Iterator[Block]:
    """By figure the areas that surely got better or worse since a period."""
    language, frame = results.language, _last_changes(results)
    sure = frame[
        (frame["period_before"] == before)
        & (frame["differs"] == "yes")
        & ~frame["area_id"].str.startswith("@")
    ]
    caption = word(_WORDS, "sure_since", language, before=before)
    rows = []
    for spec in results.published.indicators:
        of_figure = sure[sure["indicator"] == spec.id]
        cells = [
            ", ".join(
                sorted(
                    results.area_names[area]
                    for area in of_figure.loc[of_figure["direction"] == way, "area_id"]
                )
            )
            for way in ("better", "worse")
        ]
        if any(cells):
            rows.append((TableCell(spec.label(language)), *(TableCell(cell or "–") for cell in cells)))
    if not rows:
        yield Paragraph(word(_WORDS, "none_sure_since", language, before=before))
        return
    header = (word("documents", "figure", language), word(_WORDS, "surely_better", language),
              word(_WORDS, "surely_worse", language))  # fmt: skip
    yield Table(header, tuple(rows), caption, widths=(2, 3, 3))


def _history(results: FollowUpResults, model: Model, area_id: str) -> Iterator[Block]:
    """The area's category in each period, and what moved it."""
    frame, language = results.frames.get("category_changes"), results.language
    if frame is None:
        return
    of_area = frame[(frame["model"] == model.id) & (frame["area_id"] == area_id)]
    records = of_area.sort_values(["period", "period_before"], kind="stable").to_dict("records")
    nearest: dict[str, Row] = {row["period"]: row for row in records}  # the pair that lies nearest comes last
    classes = {row["period_before"]: str(row["category_before"]) for row in records}
    classes |= {row["period"]: str(row["category"]) for row in records}
    without = {"", *(each.id for each in NOT_ASSESSED)}
    if set(classes.values()) <= without:
        return
    rows = []
    for period in sorted(classes):
        name, row = classes[period], nearest.get(period)
        if row is None:
            what = TableCell("")
        elif row["direction"] in ("same", "not_assessed"):
            what = TableCell(word("follow_up", f"direction:{row['direction']}", language), is_quiet=True)
        else:
            what = TableCell(str(row["reason"]))
        rows.append(
            (
                TableCell(period),
                TableCell(
                    class_word(model, name, language),
                    is_quiet=name in without,
                    fill=category_fill(model, name),
                ),
                what,
            )
        )
    header = (
        word(_WORDS, "year", language),
        word("tables", "category", language),
        word(_WORDS, "what", language),
    )
    yield Table(
        header,
        tuple(rows),
        word(_WORDS, "history", language, model=model.label(language)),
        widths=(1, 2.4, 7),
    )


def _dynamics(results: FollowUpResults, model: Model, area_id: str) -> Iterator[Block]:
    """The area's class of status and dynamics now, in a sentence; nothing where it has none."""
    frame, scheme, language = results.frames.get("dynamics"), results.scheme, results.language
    if frame is None or scheme is None:
        return
    rows = frame[(frame["model"] == model.id) & (frame["area_id"] == area_id) & (frame["status"] == "ok")]
    rows = rows[(rows["period"] == results.published.periods[-1]) & (rows["class"] != "")]
    for row in rows.to_dict("records"):
        yield Paragraph(
            word(
                _WORDS,
                "dynamics",
                language,
                scheme=scheme.label(language),
                before=row["period_before"],
                period=row["period"],
                label=str(row["class_label"]),
            )
        )


def _category_reasons(results: FollowUpResults, model: Model) -> Iterator[Block]:
    """Why each area that changed category did, in the words of the follow-up."""
    frame, language = nearest_pairs(results.frames.get("category_changes")), results.language
    if frame is None:
        return
    rows = frame[(frame["model"] == model.id) & frame["direction"].isin(["better", "worse"])]
    rows = rows[rows["period"] == results.published.periods[-1]]
    reasons = sorted(
        (results.area_names[area], reason)
        for area, reason in zip(rows["area_id"], rows["reason"], strict=True)
    )
    if not reasons:
        return
    header = (word("tables", "name", language), word(_WORDS, "what", language))
    table = tuple((TableCell(name), TableCell(str(reason))) for name, reason in reasons)
    yield Table(
        header, table, word(_WORDS, "reasons", language, model=model.label(language)), widths=(2.6, 7)
    )
