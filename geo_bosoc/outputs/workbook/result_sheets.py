"""The sheets that come first: the year's result, an area a line and the worst first; and who moved, and why."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Final

from geo_bosoc.disclosure.results import RESIDENTS, PublishedResults
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.category import RANGE, UNDETERMINED
from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.texts import class_word, criterion_labels, readable
from geo_bosoc.outputs.workbook.area_results import AreaResult, direction
from geo_bosoc.outputs.workbook.category_sheets import (
    area_column,
    points_cell,
    residents_cell,
    version_note,
)
from geo_bosoc.outputs.workbook.data_sheets import category_cell
from geo_bosoc.outputs.workbook.looks import WHOLE_PERCENT, Look
from geo_bosoc.outputs.workbook.printed_page import (
    LEAST_LETTERS,
    LETTERS,
    LINE,
    column_points,
    column_width,
    printed_page,
    room,
    text_lines,
    widest_word,
    width_of,
)
from geo_bosoc.outputs.workbook.sheet import Book, Cell, Column, missing
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import in_unit, number

Row = Mapping[Hashable, Any]
_WRAPPED: Final = Look(wrap=True, indent=1)
_SHARE: Final = Look(WHOLE_PERCENT)
_WIDEST_CATEGORY: Final = 25.0
_HEAD_ROWS: Final = 10
"""About what heading, stamps, notes and head take, in rows."""
_LARGEST: Final = 0.85
"""The scale of a short list: larger letters would leave too little room for what moved."""


def result_sheet(
    book: Book, published: PublishedResults, model: Model, areas: Sequence[AreaResult], extra: str
) -> None:
    """Write "the year's result": every area's category and points now and before, and what moved; on one A4 if it can.

    Parameters
    ----------
    book : Book
        The workbook.
    published : PublishedResults
        What may be shown.
    model : Model
        One of its models.
    areas : sequence of AreaResult
        Its areas, the worst first.
    extra : str
        What stands behind the sheet's name, of a further model.
    """
    language = published.language
    periods = _periods(areas)[::-1]
    columns = _columns_of_periods(published, model, areas, periods)
    met = _met_by_criterion(published, model)
    texts = [_moved(published, model, area, met) for area in areas]
    if any(texts):
        shown, width = _on_one_page(
            [max(column.width, widest_word(column.head)) for column in columns],
            texts,
            [area.class_now != area.class_before for area in areas],
            [_lines_of_categories(model, area, language) for area in areas],
            language,
        )
        columns.append(Column(word("tables", "moved", language), width))
    rows = []
    for number_of_area, area in enumerate(areas):
        cells = _cells_of_periods(published, model, area, periods)
        cells += [Cell(shown[number_of_area], _WRAPPED)] if any(texts) else []
        rows.append(cells)
    title = word("tables", "sheet_result", language)
    notes = [version_note(model, language), word("tables", "worst_first", language), model.notice(language)]
    book.table(
        title + extra,
        f"{title} {periods[0]}: {published.name}",
        columns,
        rows,
        notes=[note for note in notes if note],
        freeze=1,
        single=True,
    )


def _periods(areas: Sequence[AreaResult]) -> list[str]:
    """The period before and the last one, as far as there are any."""
    return sorted({row["period"] for area in areas for row in (area.before, area.now) if row.get("period")})


def _columns_of_periods(
    published: PublishedResults, model: Model, areas: Sequence[AreaResult], periods: Sequence[str]
) -> list[Column]:
    """Area, residents, and of each period category and points."""
    language = published.language
    classes = {name for area in areas for name in (area.class_now, area.class_before)}
    widest = width_of([class_word(model, name, language) for name in classes], 12, _WIDEST_CATEGORY)
    columns = [
        area_column(published),
        Column(word("tables", "residents", language), 9),
    ]
    for period in periods:
        columns.append(Column(f"{word('tables', 'category', language)} {period}", widest))
        if model.kind != "rules":
            score = word("tables", "points" if model.kind == "points" else "index", language)
            columns.append(Column(score, 8))
    return columns


def _cells_of_periods(
    published: PublishedResults, model: Model, area: AreaResult, periods: Sequence[str]
) -> list[Cell]:
    cells = [Cell(area.name), residents_cell(area.now["residents"], published)]
    of_period = {area.now["period"]: (area.now, area.class_now)}
    for period in periods:
        row, name = of_period.get(period, (area.before, area.class_before))
        cells.append(category_cell(model, name, published.language))
        cells += [points_cell(row, model)] if model.kind != "rules" else []
    return cells


def _moved(
    published: PublishedResults, model: Model, area: AreaResult, met: Mapping[tuple[str, str, str], str]
) -> list[str]:
    """What moved in an area since the period before, what moved most first."""
    labels = criterion_labels(published)
    moved = [readable(part, labels) for part in sorted(_moves(area), key=_size, reverse=True)]
    return moved + [text for _, text in _met_changes(met, model, area, published.language)]


def _moves(area: AreaResult) -> list[str]:
    """The parts of `moved_by`: a criterion's id and by how many points it moved."""
    text = area.now.get("moved_by")
    return text.split(", ") if isinstance(text, str) and text else []


def _size(part: str) -> float:
    change = part.rpartition(" ")[2]
    return abs(float(change)) if change != "?" else 0.0


def _met_by_criterion(published: PublishedResults, model: Model) -> dict[tuple[str, str, str], str]:
    """By area, period and criterion of a rules model, whether it is met; of other models nothing."""
    rows = published.criteria[published.criteria["model"] == model.id]
    if model.kind != "rules" or rows.empty:
        return {}
    keys = rows["criterion"] if "criterion" in rows.columns else rows["indicator"]
    columns = (rows["area_id"].astype(str), rows["period"], keys, rows["met"])
    return {(area_id, period, key): met for area_id, period, key, met in zip(*columns, strict=True)}


def _met_changes(
    met: Mapping[tuple[str, str, str], str], model: Model, area: AreaResult, language: Language
) -> Iterator[tuple[str, str]]:
    """Criteria that are met now and were not before, or the other way: indicator and words."""
    periods = [row.get("period", "") for row in (area.before, area.now)]
    for criterion in model.criterion if met else ():
        before, now = (met.get((area.area_id, period, criterion.key)) for period in periods)
        if {now, before} == {"met", "not_met"}:
            label = criterion.label(language)
            yield criterion.indicator, word("tables", f"now_{now}", language, criterion=label)


def _lines_of_categories(model: Model, area: AreaResult, language: Language) -> int:
    words = (class_word(model, name, language) for name in (area.class_now, area.class_before))
    return max(text_lines(text, _WIDEST_CATEGORY - 2) for text in words)


def _on_one_page(
    widths: Sequence[float],
    texts: Sequence[Sequence[str]],
    moved: Sequence[bool],
    lines: Sequence[int],
    language: Language,
) -> tuple[list[str], float]:
    """What moved, as much of it as lets all areas stand on one A4; and the width of its column.

    Areas that `moved` to another category have more lines than others; `lines` is what each area's other cells take.
    Where not even a line an area is enough, two lines each, on several pages.
    """
    across, down = room(is_landscape=False)
    rows = len(texts) + _HEAD_ROWS
    scale = min(max(LEAST_LETTERS / LETTERS * 1.03, down / (rows * LINE)), _LARGEST)
    rest = across / scale / 1.04 - sum(map(column_points, widths))
    width = max(column_width(rest), 30.0)
    for of_moved, of_others in ((3, 3), (2, 2), (3, 1), (2, 1), (1, 1)):
        shown = [
            _shortened(parts, width - 2, of_moved if other else of_others, language)
            for parts, other in zip(texts, moved, strict=True)
        ]
        deep = sum(max(text_lines(text, width - 2), least) for text, least in zip(shown, lines, strict=True))
        if printed_page([*widths, width], (deep + _HEAD_ROWS) * LINE, single=True).is_single:
            return shown, width
    return [_shortened(parts, width - 2, 2, language) for parts in texts], width


def _shortened(parts: Sequence[str], width: float, most: int, language: Language) -> str:
    """As many parts as so many lines hold, and how many more there are."""
    for count in range(len(parts), 0, -1):
        text, rest = ", ".join(parts[:count]), len(parts) - count
        if rest:
            text = word("tables", "and_more", language, text=text, count=rest)
        if text_lines(text, width) <= most:
            return text
    return (
        word("tables", "and_more", language, text=parts[0], count=len(parts) - 1)
        if parts[1:]
        else "".join(parts)
    )


def changes_sheet(
    book: Book, published: PublishedResults, model: Model, areas: Sequence[AreaResult], extra: str
) -> None:
    """Write "changes": the areas that have another category than in the period before, from what to what, and why.

    Parameters
    ----------
    book : Book
        The workbook.
    published : PublishedResults
        What may be shown.
    model : Model
        One of its models.
    areas : sequence of AreaResult
        Its areas, the worst first.
    extra : str
        What stands behind the sheet's name, of a further model.
    """
    language = published.language
    periods = _periods(areas)
    if len(periods) < 2:
        return
    order = ["worse", "better", "assessed", "not_assessed", "open"]
    moved = [area for area in areas if area.class_now != area.class_before]
    moved.sort(key=lambda area: order.index(direction(model, area)))
    columns = _columns_of_periods(published, model, moved, periods)
    columns += [
        Column(word("tables", "direction", language), 12),
        Column(word("tables", "why", language), 52),
    ]
    is_by_chance = any(not missing(area.now.get("change_by_chance")) for area in moved)
    if is_by_chance:
        columns.append(Column(word("tables", "change_by_chance", language), 20))
    met = _met_by_criterion(published, model)
    rows = []
    for area in moved:
        cells = _cells_of_periods(published, model, area, periods)
        cells.append(Cell(word("tables", f"direction_{direction(model, area)}", language), _WRAPPED))
        cells.append(Cell("\n".join(_why(published, model, area, met)), _WRAPPED))
        cells += [Cell(area.now.get("change_by_chance"), _SHARE)] if is_by_chance else []
        rows.append(cells)
    title = word("tables", "sheet_changes", language)
    notes = [version_note(model, language), model.notice(language)]
    notes += [] if rows else [word("tables", "no_changes", language)]
    book.table(
        title + extra,
        f"{word('tables', 'changes_heading', language, before=periods[0], period=periods[1])}: {published.name}",
        columns,
        rows,
        notes=[note for note in notes if note],
        freeze=1,
        single=True,
    )


def _why(
    published: PublishedResults, model: Model, area: AreaResult, met: Mapping[tuple[str, str, str], str]
) -> Iterator[str]:
    """Why an area has another category, a line each: what moved with its figures, a gate passed, a figure hidden."""
    language, labels = published.language, criterion_labels(published)
    specs = {spec.id: spec for spec in published.indicators}
    if TOO_SMALL in (area.class_before, area.class_now):
        counts = [area.before.get("residents"), area.now.get("residents")]
        if not any(map(missing, counts)):
            before, now = (number(float(count), language) for count in counts)  # type: ignore[arg-type]
            yield f"{word('tables', RESIDENTS, language)}: {before} → {now}"
    indicators = {criterion.key: criterion.indicator for criterion in model.criterion}
    for part in sorted(_moves(area), key=_size, reverse=True):
        figures = _from_to(area, indicators.get(part.rpartition(" ")[0], ""), specs, language)
        yield readable(part, labels) + (f": {figures}" if figures else "")
    for indicator, text in _met_changes(met, model, area, language):
        figures = _from_to(area, indicator, specs, language)
        yield text + (f": {figures}" if figures else "")
    if RANGE in (area.before.get("category"), area.now.get("category")):
        yield word("tables", "why_range", language)
    if UNDETERMINED in (area.class_before, area.class_now):
        yield word("tables", "why_undetermined", language)


def _from_to(area: AreaResult, indicator: str, specs: Mapping[str, Indicator], language: str) -> str:
    """A figure before and now, where both are shown."""
    values = [row.get(f"{indicator}_value") for row in (area.before, area.now)]
    if indicator not in specs or any(map(missing, values)):
        return ""
    spec = specs[indicator]
    decimals = 2 if spec.unit == "mean" else 1
    before, now = (in_unit(float(str(value)), spec.unit, language, decimals) for value in values)
    return f"{before} → {now}"
