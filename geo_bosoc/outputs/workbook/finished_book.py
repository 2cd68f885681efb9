"""The workbook of a table of finished figures that a model categorised; of an index also what it is made of."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.index.quality import IndexQuality, index_quality
from geo_bosoc.models.texts.describe import describe_model
from geo_bosoc.models.uncertainty.sensitivity import Sensitivity, main_score, sensitivity
from geo_bosoc.outputs.columns import BOOK_MARK, finished_table
from geo_bosoc.outputs.plots.bars import rank_intervals, weight_bars
from geo_bosoc.outputs.workbook.book_file import new_book
from geo_bosoc.outputs.workbook.index_sheets import (
    frame_sheet,
    heads,
    index_words,
    quality_sheets,
    score_labels,
)
from geo_bosoc.outputs.workbook.sheet import Book
from geo_bosoc.text.catalogue import Language, word, word_or_key


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
