"""What came out, for the yearly report: counts now and before, the map, every area, and which ones moved and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from geo_bosoc.models.category import NOT_ASSESSED
from geo_bosoc.models.spec import Model
from geo_bosoc.models.uncertainty.robustness import LIKELY_BY_CHANCE
from geo_bosoc.outputs.category_order import way_of, worst_first_key
from geo_bosoc.outputs.documents.area_profile import ProfileFigures
from geo_bosoc.outputs.documents.document import Block, Heading, Paragraph, Table, TableCell
from geo_bosoc.outputs.documents.figures import Figures, category_fill
from geo_bosoc.outputs.documents.maps import map_picture
from geo_bosoc.outputs.documents.papers import Papers
from geo_bosoc.outputs.page.page_model import Explanation
from geo_bosoc.outputs.texts import absent, category_counts, class_word, classes_in_order
from geo_bosoc.outputs.thematic_map import plain_number
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.numbers import number


def result_blocks(papers: Papers, figures: ProfileFigures, model: Model) -> Iterator[Block]:
    """What came out by a model.

    Parameters
    ----------
    papers : Papers
        Whose document it is.
    figures : ProfileFigures
        The figures of the same results.
    model : Model
        One of its models.
    """
    language, last = papers.language, figures.last
    yield Heading(word("documents", "result", language, model=model.label(language)))
    yield Paragraph(counts_sentence(papers, model, last), "lead")
    moves = movements(figures, model)
    if figures.before:
        yield Paragraph(moves_sentence(figures, moves))
    yield counts_table(papers, figures, model)
    yield map_picture(papers, model.id, last)
    yield Heading(word("documents", "every_area", language), 2)
    yield areas_table(figures, model)
    yield from _without_category(figures, model)
    yield from changes_blocks(papers, figures, model, moves)
    yield Paragraph(word("documents", "as_a_whole", language), "note")


def counts_sentence(papers: Papers, model: Model, period: str) -> str:
    """How many areas there are in each category, in a sentence; categories without areas are left out.

    Parameters
    ----------
    papers : Papers
        What may be told in the set.
    model : Model
        Whose categories they are.
    period : str
        One of the results' periods.
    """
    language = papers.language
    counts = category_counts(papers.published)[model.id].get(period, {})
    parts = [
        f"{number(count, language)} {class_word(model, name, language)}"
        for name, count in counts.items()
        if count
    ]
    total = number(sum(counts.values()), language)
    return word("documents", "counts", language, period=period, total=total, counts=", ".join(parts))


def counts_table(papers: Papers, figures: Figures, model: Model) -> Table:
    """How many areas each category has, now and before.

    Parameters
    ----------
    papers : Papers
        Whose document it is.
    figures : Figures
        The figures of the same results.
    model : Model
        Whose categories they are.
    """
    language = papers.language
    counts = category_counts(papers.published)[model.id]
    periods = [period for period in (figures.before, figures.last) if period]
    names = classes_in_order(model, {name for period in periods for name in counts.get(period, {})})
    rows = tuple(
        (
            TableCell(class_word(model, name, language), fill=category_fill(model, name)),
            *(
                TableCell(number(counts.get(period, {}).get(name, 0), language), is_number=True)
                for period in periods
            ),
        )
        for name in names
        if any(counts.get(period, {}).get(name) for period in periods)
        or name in {category.id for category in model.category}
    )
    heads = [word("documents", "areas_in", language, period=period) for period in periods]
    return Table((word("tables", "category", language), *heads), rows, widths=(4.0, *(1.0 for _ in periods)))


def movements(figures: Figures, model: Model) -> dict[str, str]:
    """Which way each area went that has another category than in the period before.

    Parameters
    ----------
    figures : Figures
        Whose areas they are.
    model : Model
        Whose categories they are.

    Returns
    -------
    dict of str to str
        By area ``worse``, ``better``, or ``unclear`` where categories that an area may have overlap, or one of them is
        none.
    """
    categories = [category.id for category in model.category]
    moves: dict[str, str] = {}
    for area_id in figures.names if figures.before else ():
        before, now = (
            figures.category_class(model, area_id, period) for period in (figures.before, figures.last)
        )
        if before != now:
            moves[area_id] = way_of(categories, before, now) or "unclear"
    return moves


def moves_sentence(figures: Figures, moves: Mapping[str, str]) -> str:
    """How many areas went which way since the period before.

    Parameters
    ----------
    figures : Figures
        Whose areas they are.
    moves : mapping of str to str
        As `movements` gives them.
    """
    counts = {way: sum(each == way for each in moves.values()) for way in ("worse", "better", "unclear")}
    key = "moves_and_unclear" if counts["unclear"] else "moves_counted"
    return word("documents", key, figures.language, before=figures.before, **counts)


def areas_table(figures: Figures, model: Model, areas: Collection[str] | None = None) -> Table:
    """Each assessed area's category and points now and before, the worst first.

    Parameters
    ----------
    figures : Figures
        Whose areas they are.
    model : Model
        Whose categories they are.
    areas : collection of str, optional
        These, assessed or not, in the place of every assessed area.
    """
    language = figures.language
    periods = [period for period in (figures.before, figures.last) if period]
    order = [
        area_id
        for area_id in worst_first(figures, model)
        if (_is_assessed(figures, model, area_id) if areas is None else area_id in areas)
    ]
    points = {
        (area_id, period): points_cell(figures.category(model, area_id, period), figures, model)
        for area_id in order
        for period in periods
    }
    with_points = any(not cell.is_quiet for cell in points.values())
    points_heads = [word("documents", f"in_{model.kind}", language, period=period) for period in periods]
    header = [
        word("tables", "name", language),
        word("tables", "residents", language),
        *periods,
        *(points_heads if with_points else ()),
    ]
    widths = [3.9, 1.9, *(3.3 for _ in periods), *(1.4 for _ in points_heads if with_points)]
    rows = tuple(
        (
            TableCell(figures.name(area_id)),
            figures.residents(area_id, figures.last),
            *(figures.category_cell(model, area_id, period) for period in periods),
            *(points[area_id, period] for period in periods if with_points),
        )
        for area_id in order
    )
    return Table(tuple(header), rows, widths=tuple(widths))


def _is_assessed(figures: Figures, model: Model, area_id: str) -> bool:
    """Whether an area has a category in the last period or in the one before."""
    classes = {figures.category_class(model, area_id, period) for period in (figures.before, figures.last)}
    return bool(classes - {"", *(category.id for category in NOT_ASSESSED)})


def _without_category(figures: Figures, model: Model) -> Iterator[Paragraph]:
    """The areas that are not assessed, with how many live there, by why not."""
    names: dict[str, list[str]] = {}
    for area_id in sorted(figures.names, key=lambda area_id: (figures.name(area_id), area_id)):
        if not _is_assessed(figures, model, area_id):
            name = figures.category_class(model, area_id, figures.last)
            residents = figures.residents(area_id, figures.last).text
            names.setdefault(name, []).append(f"{figures.name(area_id)} ({residents})")
    for name, areas in sorted(names.items()):
        label = class_word(model, name, figures.language)
        yield Paragraph(
            word("documents", "without_category", figures.language, why=label, areas=", ".join(areas)), "note"
        )


def worst_first(figures: Figures, model: Model) -> list[str]:
    """The areas in the order of their categories in the last period, the worst first, then by points and name.

    Parameters
    ----------
    figures : Figures
        Whose areas they are.
    model : Model
        Whose categories they are.
    """

    def key(area_id: str) -> tuple[float, float, str, str]:
        row = figures.category(model, area_id, figures.last)
        name = figures.category_class(model, area_id, figures.last)
        return worst_first_key(model, name, row, figures.name(area_id), area_id)

    return sorted(figures.names, key=key)


def points_cell(row: Mapping[str, Any], figures: Figures, model: Model) -> TableCell:
    """The points of an area's category as a cell: a number, or what they lie between.

    Parameters
    ----------
    row : mapping
        The row of its category.
    figures : Figures
        Whose language is written.
    model : Model
        Whose points they are; of an index it is the index.
    """
    language = figures.language
    if not absent(row.get("points")):
        points = float(row["points"])
        shown = number(points, language, 2) if model.kind == "index" else plain_number(points, language)
        return TableCell(shown, is_number=True)
    least, most = row.get("points_min"), row.get("points_max")
    if absent(least) or absent(most):
        return TableCell("–", is_number=True, is_quiet=True)
    ends = list(dict.fromkeys(plain_number(end, language) for end in (least, most)))
    return TableCell("–".join(ends), is_number=True)


def changes_blocks(
    papers: Papers, figures: ProfileFigures, model: Model, moves: Mapping[str, str]
) -> Iterator[Block]:
    """The areas that have another category than in the period before, what moved them, and whether chance may have.

    Parameters
    ----------
    papers : Papers
        Whose document it is.
    figures : ProfileFigures
        Whose areas they are.
    model : Model
        Whose categories they are.
    moves : mapping of str to str
        As `movements` gives them, of the areas that are told of.
    """
    language, last, before = figures.language, figures.last, figures.before
    if not before:
        return
    yield Heading(word("documents", "changes", language, before=before, period=last), 2)
    if not moves:
        yield Paragraph(word("documents", "no_changes", language))
        return
    rows = tuple(
        (
            TableCell(figures.name(area_id)),
            figures.category_cell(model, area_id, before),
            figures.category_cell(model, area_id, last),
            TableCell(what_moved(figures, model, area_id)),
            TableCell(word("documents", f"chance_{_chance(papers, figures, model, area_id, way)}", language)),
        )
        for area_id in worst_first(figures, model)
        if (way := moves.get(area_id))
    )
    heads = [word("documents", key, language) for key in ("what_moved", "by_chance")]
    header = (word("tables", "name", language), before, last, *heads)
    yield Table(header, rows, widths=(3.3, 3.1, 3.1, 4.5, 2.0))


def what_moved(figures: ProfileFigures, model: Model, area_id: str) -> str:
    """Which figures moved an area's points since the period before, in words.

    Parameters
    ----------
    figures : ProfileFigures
        Whose area it is.
    model : Model
        Whose points they are.
    area_id : str
        The area.
    """
    said = figures.explanations[model.id].get((area_id, figures.last), Explanation()).before
    if said is None or not said.moves:
        return "–"
    moved = ", ".join(f"{name} {size}".strip() for name, size in said.moves)
    if said.is_complete:
        return moved
    return word("documents", "what_moved_in_part", figures.language, moves=moved)


def _chance(papers: Papers, figures: Figures, model: Model, area_id: str, way: str) -> str:
    """Whether chance may have moved an area: ``yes``, ``no``, ``cannot_tell``, or ``none`` of none that is sure."""
    both = {figures.category_class(model, area_id, period) for period in (figures.before, figures.last)}
    if both & {"", *(category.id for category in NOT_ASSESSED)}:
        return "none"
    if way == "unclear":
        return "maybe_none"
    if answer := papers.by_chance.get((model.id, area_id, figures.before, figures.last)):
        return answer
    chance: Any = figures.category(model, area_id, figures.last).get("change_by_chance")
    if absent(chance):
        return "cannot_tell"
    return "yes" if float(chance) >= LIKELY_BY_CHANCE else "no"
