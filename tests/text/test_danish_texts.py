"""A Danish reader meets Danish: sources, assumptions and definitions of every indicator and model that ships."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from page_data import page_data

from geo_bosoc.disclosure.results import ALL_AREAS, PublishedResults
from geo_bosoc.indicators import list_indicators
from geo_bosoc.models import describe_model, list_models
from geo_bosoc.models.category import NOT_ASSESSED
from geo_bosoc.outputs.manifest import write_manifest
from geo_bosoc.outputs.page.figure_columns import STATUSES
from geo_bosoc.outputs.page.page_words import about
from geo_bosoc.outputs.page.published_page import published_page
from geo_bosoc.outputs.workbook.write import write_workbook
from geo_bosoc.text.provenance import Provenance

Maker = Callable[..., PublishedResults]

INDICATORS = list_indicators()
MODELS = list_models()
ENGLISH = re.compile(r"\b(the|of|and|that|is|with|which|fact|residents)\b")


def parts() -> Iterator[tuple[str, Provenance]]:
    """Everything that tells its source or an assumption, with the place it stands in."""
    for indicator in INDICATORS:
        yield indicator.id, indicator
    for category in NOT_ASSESSED:
        yield category.id, category
    for model in MODELS:
        yield model.id, model
        for part in (*model.gates, *model.criterion, *model.category, *model.parameter):
            yield f"{model.id}: {getattr(part, 'key', '') or getattr(part, 'id', 'gate')}", part


def pairs() -> Iterator[tuple[str, str, str]]:
    """Each text in English and in Danish that a reader may meet."""
    for place, part in parts():
        yield f"{place}, source", part.source, part.source_da
        yield f"{place}, assumption", part.assumption or "", part.assumption_da or ""
    for indicator in INDICATORS:
        yield f"{indicator.id}, label", indicator.label_en, indicator.label_da
        yield f"{indicator.id}, definition", indicator.definition_en, indicator.definition_da
    for model in MODELS:
        yield f"{model.id}, label", model.label_en, model.label_da
        for criterion in model.criterion:
            place = f"{model.id}: {criterion.key}"
            yield f"{place}, needs", criterion.needs, criterion.needs_da
            yield f"{place}, label", criterion.label_en, criterion.label_da
            yield f"{place}, base", criterion.base_en, criterion.base_da
            yield f"{place}, met", criterion.met_en, criterion.met_da
        for parameter in model.parameter:
            yield f"{model.id}: {parameter.id}, label", parameter.label_en, parameter.label_da


def test_every_text_of_every_preset_is_there_in_both_languages() -> None:
    told = list(pairs())
    assert len([place for place, _, _ in told]) > 300
    assert [place for place, english, danish in told if bool(english) != bool(danish)] == []
    assert [place for place, _, danish in told if ENGLISH.search(danish.lower())] == []
    assert [place for place, english, danish in told if len(english) > 25 and english == danish] == []


def english_only() -> set[str]:
    """The English sources and assumptions, none of which may stand in a Danish output."""
    texts = {
        text for _, part in parts() for text in (part.source, part.assumption) if text and len(text) > 12
    }
    return texts - {text for _, part in parts() for text in (part.source_da, part.assumption_da)}


@pytest.fixture(scope="module")
def all_of_it(small_shown: Maker) -> PublishedResults:
    """A Danish result that holds every indicator and model that ships."""
    shown = small_shown()
    return replace(shown, indicators=INDICATORS, models=MODELS, sources=shown.sources.iloc[:0])


def test_the_maps_about_the_figures_is_danish(all_of_it: PublishedResults) -> None:
    told = json.dumps(about(published_page(all_of_it)), ensure_ascii=False)
    assert [text for text in english_only() if text in told] == []
    assert all(part.source_da in told for part in (*INDICATORS, *MODELS))
    assert all(part.assumption_da in told for part in (*INDICATORS, *MODELS) if part.assumption_da)
    english = json.dumps(about(published_page(replace(all_of_it, language="en"))), ensure_ascii=False)
    assert all(model.source in english for model in MODELS)


def test_models_are_described_in_danish() -> None:
    for model in MODELS:
        text = describe_model(model, "da")
        assert [english for english in english_only() if english in text] == []
        assert "Statistics Denmark" not in text


def test_the_workbook_and_the_manifest_are_danish(small_shown: Maker, tmp_path: Path) -> None:
    model = next(model for model in MODELS if model.id == "aarhus-2018")
    chosen = tuple(one for one in INDICATORS if one.id in {spec.id for spec in small_shown().indicators})
    assert chosen
    made_up = small_shown().models[0].id
    named = model.model_copy(update={"id": made_up})
    shown = replace(small_shown(), indicators=chosen, models=(named,))
    write_workbook(shown, tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    told = "\n".join(
        str(cell.value)
        for sheet in ("Læs mig", "Indikatorer")
        for row in book[sheet].iter_rows()
        for cell in row
    )
    assert model.source_da in told and chosen[0].source_da in told
    assert [text for text in english_only() if text in told] == []
    write_manifest(shown, tmp_path / "run.json")
    manifest = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert manifest["models"][0]["source"] == model.source_da
    assert manifest["models"][0]["assumption"] == model.assumption_da


def test_a_hidden_total_is_not_told_as_small(small_shown: Maker, tmp_path: Path) -> None:
    shown = small_shown()
    total = shown.reference_areas["area_id"] == ALL_AREAS
    hidden = shown.reference_areas.assign(
        value=shown.reference_areas["value"].mask(total),
        status=shown.reference_areas["status"].mask(total, "protected"),
    )
    shown = replace(shown, reference_areas=hidden)
    figures = [
        panel["references"].get("all_areas", [None])[-1]
        for panel in page_data(published_page(shown))["indicators"]
    ]
    assert [figure for figure in figures if figure]
    assert all(STATUSES[figure["status"]] == "protected" for figure in figures if figure)
    write_workbook(shown, tmp_path / "c.xlsx")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    told = [[cell.value for cell in row] for row in book["Sammenligning"].iter_rows()]
    words = {row[-1] for row in told if row[2] == "Alle områder under ét"}
    assert words == {"skjult"}
    last = [[cell.value for cell in row] for row in book["2024"].iter_rows()][-1]
    assert last[1] == "Alle områder under ét" and "skjult" in last and "skjult (1-4)" not in last


def test_where_only_one_language_is_given_it_is_shown_in_both() -> None:
    danish, english = Provenance(assumption_da="Kun et skøn."), Provenance(assumption="A guess.")
    assert danish.assumption_text("en") == danish.assumption_text("da") == "Kun et skøn."
    assert english.assumption_text("da") == "A guess." and Provenance().assumption_text("da") == ""
