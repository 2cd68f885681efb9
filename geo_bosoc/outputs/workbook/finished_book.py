"""The workbook of a table of finished figures that a model categorised, and the sheets of an index in any workbook."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.index.quality import IndexQuality, index_quality, scores_of_parts
from geo_bosoc.models.index_spec import TOTAL
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.describe import describe_model
from geo_bosoc.models.uncertainty.sensitivity import Sensitivity, main_score, sensitivity
from geo_bosoc.outputs.columns import BOOK_MARK, finished_table, index_columns
from geo_bosoc.outputs.plots.bars import rank_intervals, weight_bars
from geo_bosoc.outputs.workbook.book_file import new_book
from geo_bosoc.outputs.workbook.looks import INTEGER, TEXT, TWO_DECIMALS, WHOLE_PERCENT, Look
from geo_bosoc.outputs.workbook.sheet import Book, Cell, Column, missing
from geo_bosoc.text.catalogue import Language, word, word_or_key
from geo_bosoc.text.messages import in_language as message_in
from geo_bosoc.text.provenance import in_language

_NUMBER, _SHARE, _INTEGER = Look(number=TWO_DECIMALS), Look(number=WHOLE_PERCENT), Look(number=INTEGER)
_RANKS: Final = ("rank", "ranked", "low", "middle", "high", "areas", "criteria", "largest_shift")
_SHARES: Final = ("effective_weight", "variance_share", "explained", "first_component", "changed")


def index_sheets(book: Book, published: PublishedResults, model: Model, extra: str) -> None:
    """The sheets of an index model in the yearly workbook, made of what is published alone.

    Parameters
    ----------
    book : Book
        Takes the sheets.
    published : PublishedResults
        Its criteria have the normalised parts that may be told.
    model : Model
        Of kind index; of another kind there are no sheets.
    extra : str
        What the sheets' names end with.
    """
    if model.index is None:
        return
    language = published.language
    criteria = published.criteria[published.criteria["model"] == model.id]
    categories = published.categories[published.categories["model"] == model.id]
    if criteria.empty or not criteria["points"].notna().any():
        return
    done = Categorisation(categories, criteria, model, scores=scores_of_parts(model, criteria))
    table = index_columns(done)
    names = published.areas.drop_duplicates("area_id").set_index("area_id")["name"]
    table.insert(1, "name", table["area_id"].map(names))
    words = index_words(model, list(table.columns), language)
    text = partial(word, "finished_book", language=language)
    frame_sheet(book, text("index") + extra, text("index_about"), table, words)
    quality = index_quality(done)
    if not quality.criteria.empty:
        quality_sheets(book, model, quality, language, extra)


def score_labels(model: Model, language: Language) -> dict[str, str]:
    """What criteria and scores are called, by their ids.

    Parameters
    ----------
    model : Model
        Of kind index.
    language : {"da", "en"}
        Of the words.
    """
    labels = {criterion.key: criterion.label(language) for criterion in model.criterion}
    for group in model.index.group if model.index is not None else ():
        labels[group.id] = in_language(group.label_en, group.label_da, language) or group.id
    return labels | {TOTAL: word("finished_book", "total", language)}


def quality_sheets(
    book: Book, model: Model, quality: IndexQuality, language: Language, extra: str = ""
) -> None:
    """What drives the index, whether its criteria belong together, and how they correlate.

    Parameters
    ----------
    book : Book
        Takes the sheets.
    model : Model
        Of kind index.
    quality : IndexQuality
        What is told.
    language : {"da", "en"}
        Of the words.
    extra : str, optional
        What the sheets' names end with.
    """
    text = partial(word, "finished_book", language=language)
    labels = score_labels(model, language)
    notices = [message_in(each, language) for each in quality.notices]
    criteria = quality.criteria.replace({"score": labels, "criterion": labels})
    frame_sheet(
        book, text("weights") + extra, text("weights_about"), criteria, heads(criteria, language), notices
    )
    scores = quality.scores.replace({"score": labels})
    frame_sheet(book, text("scores") + extra, text("scores_about"), scores, heads(scores, language))
    _correlations(book, quality, labels, language, extra)


def index_words(model: Model, columns: Sequence[str], language: Language) -> dict[str, str]:
    """What the columns of `geo_bosoc.outputs.columns.finished_table` are called, in their order.

    Parameters
    ----------
    model : Model
        Whose groups, classings and criteria they name.
    columns : sequence of str
        Their names.
    language : {"da", "en"}
        Of the words.
    """
    names: dict[str, str] = {criterion.key: criterion.label(language) for criterion in model.criterion}
    groups = model.index.group if model.index is not None else ()
    names |= {each.id: in_language(each.label_en, each.label_da, language) or each.id for each in groups}
    words: dict[str, str] = {}
    for column in columns:
        start, _, rest = column.partition("_")
        if start in ("score", "rank", "class", "part") and rest:
            words[column] = word("finished_book", f"column_{start}", language, name=names.get(rest, rest))
        else:
            words[column] = word_or_key("columns", column, language)
    return words


def _correlations(
    book: Book, quality: IndexQuality, labels: Mapping[str, str], language: Language, extra: str
) -> None:
    """A square of correlations, shaded by how strong they are."""
    text = partial(word, "finished_book", language=language)
    square = quality.correlations.pivot_table(index="first", columns="second", values="correlation")
    square = square.reindex(index=list(square.columns))
    places = {str(key): place for place, key in enumerate(square.columns)}
    keys = [key for key in labels if key in places]
    rows = []
    for first in keys:
        cells: list[tuple[Any, Look]] = [(labels[first], TEXT)]
        for second in keys:
            value = 1.0 if first == second else float(square.to_numpy()[places[first], places[second]])
            cells.append((value, Look(number=TWO_DECIMALS, fill=_shade(value))))
        rows.append(cells)
    columns = [Column("", 30), *(Column(labels[key], 12) for key in keys)]
    book.table(text("correlations") + extra, text("correlations_about"), columns, rows, freeze=1)


def _shade(value: float) -> str | None:
    """Blue for what goes together, brown for what goes against; the stronger the darker."""
    if value != value:
        return None
    strength = min(abs(value), 1.0)
    full = (0x5B, 0x8F, 0xBF) if value > 0 else (0xB2, 0x7A, 0x4F)
    mixed = [round(255 - strength * (255 - part)) for part in full]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def heads(frame: pd.DataFrame, language: Language) -> dict[str, str]:
    """The words of a frame's columns, in their order."""
    return {str(name): word_or_key("finished_book", f"head_{name}", language) for name in frame.columns}


def frame_sheet(
    book: Book,
    name: str,
    heading: str,
    frame: pd.DataFrame,
    heads: Mapping[str, str],
    notes: Sequence[str] = (),
) -> None:
    """A sheet with a frame's rows, numbers as the columns' kinds show them."""

    def cell(column: str, value: Any) -> Cell:
        if missing(value):
            return Cell(None)
        if isinstance(value, str):
            return Cell(value)
        look = (
            _SHARE
            if column in _SHARES
            else _INTEGER
            if column in _RANKS or column.startswith("rank_")
            else _NUMBER
        )
        return Cell(float(value), look)

    rows = [[cell(column, row[column]) for column in heads] for row in frame.to_dict("records")]
    columns = [
        Column(head, _width([row[place].value for row in rows])) for place, head in enumerate(heads.values())
    ]
    book.table(name, heading, columns, rows, notes=notes)


def _width(values: Sequence[Any]) -> float:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    return float(min(max(longest + 2, 11), 44))


def write_finished_book(done: Categorisation, path: str | Path, language: Language, source: str = "") -> None:
    """Write a workbook: the areas; of an index its weights, quality and sensitivity; and the model in words.

    Parameters
    ----------
    done : Categorisation
        What `geo_bosoc.models.categorise_table` gave.
    path : str or Path
        The file.
    language : {"da", "en"}
        Of headings and texts.
    source : str, optional
        Where the figures come from, for the foot of every page.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.
    """
    model = done.model
    title = model.label(language)
    text = partial(word, "finished_book", language=language)
    with atomic_file(path) as draft:
        file = new_book(
            str(draft), {"title": title, "comments": model.notice(language), "keywords": BOOK_MARK}
        )
        stamps = [model.notice(language)] if model.notice(language) else []
        book = Book(file, title, stamps, word("tables", "page", language), source)
        areas = finished_table(done, language)
        frame_sheet(
            book, text("areas"), text("areas_about"), areas, index_words(model, list(areas.columns), language)
        )
        if model.index is not None:
            quality = index_quality(done)
            if not quality.criteria.empty:
                _quality(book, done, quality, sensitivity(done), language)
        lines = describe_model(model, language).splitlines()
        book.text_sheet(text("model"), title, [("", line, False) for line in lines])
        file.close()


def _quality(
    book: Book, done: Categorisation, quality: IndexQuality, made_otherwise: Sensitivity, language: Language
) -> None:
    """The sheets of an index: what drives it, what goes together, how far its ranks hang on how it is made."""
    text = partial(word, "finished_book", language=language)
    spec = done.model.index
    assert spec is not None
    labels = score_labels(done.model, language)
    quality_sheets(book, done.model, quality, language)
    choices = made_otherwise.choices.copy()
    choices["choice"] = [text(f"choice_{each}") for each in choices["choice"]]
    choices["instead"] = [
        labels.get(each) or word_or_key("index_steps", each, language) for each in choices["instead"]
    ]
    frame_sheet(book, text("sensitivity"), text("sensitivity_about"), choices, heads(choices, language))
    ranks = made_otherwise.ranks.sort_values("rank", kind="stable")
    frame_sheet(book, text("ranks"), text("ranks_about"), ranks, heads(ranks, language))
    main = main_score(spec)
    rows = quality.criteria[quality.criteria["score"] == main].dropna(subset=["variance_share"])
    bars = [
        (labels[row["criterion"]], row["effective_weight"], row["variance_share"])
        for row in rows.to_dict("records")
    ]
    pictures = []
    if bars:
        pictures.append(
            weight_bars(bars, (text("plot_weight"), text("plot_share")), language, title=text("plot_weights"))
        )
    if "low" in ranks.columns and ranks["low"].notna().any():
        drawn = ranks.dropna(subset=["low"])
        intervals = list(drawn[["rank", "low", "high"]].itertuples(index=False, name=None))
        words = (text("plot_rank"), text("plot_interval"))
        pictures.append(rank_intervals(intervals, words, language, title=text("plot_ranks")))
    if pictures:
        sheet = book.book.add_worksheet(text("plots"))
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 1)
        row = 1
        for number, picture in enumerate(pictures):
            sheet.insert_image(
                row,
                0,
                f"plot{number}.png",
                {"image_data": io.BytesIO(picture), "x_scale": 0.5, "y_scale": 0.5},
            )
            row += 26
