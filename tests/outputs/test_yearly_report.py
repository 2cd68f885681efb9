"""The yearly report and the dialogue pack: their figures are the published ones, the worst first, nothing internal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY, group_area
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.outputs.documents.dialogue import dialogue_pack, write_dialogues
from geo_bosoc.outputs.documents.document import Document, Heading, Paragraph, Picture, Table
from geo_bosoc.outputs.documents.figures import Figures
from geo_bosoc.outputs.documents.papers import Papers
from geo_bosoc.outputs.documents.report_result import counts_table, movements, worst_first
from geo_bosoc.outputs.documents.spec import DocumentsPart
from geo_bosoc.outputs.documents.yearly_report import yearly_report
from geo_bosoc.outputs.texts import category_counts, class_word

Shown = Callable[..., PublishedResults]


def papers_of(published: PublishedResults, **settings: object) -> Papers:
    part = DocumentsPart(report=True, dialogue=("Øst",), formats=("html",))
    return Papers(published, part, **settings)  # type: ignore[arg-type]


def tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


@pytest.mark.parametrize("language", ["da", "en"])
def test_counts_are_those_of_the_set_now_and_before(small_shown: Shown, language: str) -> None:
    published = small_shown("public", language)
    papers, (model,) = papers_of(published), published.models
    table = counts_table(papers, Figures(published), model)
    counts = category_counts(published)[model.id]
    for place, period in enumerate(published.periods[-2:], 1):
        by_word = {
            class_word(model, name, published.language): count for name, count in counts[period].items()
        }
        written = {row[0].text: int(row[place].text) for row in table.rows}
        assert sum(written.values()) == len(published.areas)
        assert {name: count for name, count in by_word.items() if count} == {
            name: count for name, count in written.items() if count
        }


def test_areas_stand_the_worst_first_with_what_moved_them(small_shown: Shown) -> None:
    published = small_shown("public")
    figures, (model,) = Figures(published), published.models
    rank = {category.id: place for place, category in enumerate(model.category)}
    classes = [figures.category_class(model, area, figures.last) for area in worst_first(figures, model)]
    ranks = [rank[name] for name in classes if name in rank]
    assert ranks == sorted(ranks) and len(classes) == len(published.areas)
    moves = movements(figures, model)
    for area in figures.names:
        before, now = (rank.get(figures.category_class(model, area, each)) for each in published.periods[-2:])
        if before is not None and now is not None and before != now:
            assert moves[area] == ("worse" if now < before else "better")
        elif before == now and before is not None:
            assert area not in moves


def test_every_figure_of_a_reference_is_the_published_one(small_shown: Shown) -> None:
    published = small_shown("public")
    figures, report = Figures(published), yearly_report(papers_of(published))
    rows = [row for table in tables(report) for row in table.rows if row[0].text == "Kommunen"]
    of_municipality = [spec for spec in published.indicators if MUNICIPALITY in figures.references(spec)]
    assert len(rows) == len(of_municipality) > 0
    for row, spec in zip(rows, of_municipality, strict=False):
        cells = [figures.cell(MUNICIPALITY, period, spec).text for period in published.periods]
        assert any([cell.text for cell in each[1:]] == cells for each in rows), spec.id
        assert len(row) == len(published.periods) + 1


def test_a_report_has_headings_doubt_method_and_sources_and_says_what_pictures_show(
    small_shown: Shown,
) -> None:
    published = small_shown("public")
    report = yearly_report(papers_of(published))
    headings = [block.text for block in report.blocks if isinstance(block, Heading)]
    for heading in ("Hvor sikre er tallene?", "Hvad tallene er"):
        assert heading in headings
    assert any(heading.startswith("Metode") for heading in headings)
    pictures = [block for block in report.blocks if isinstance(block, Picture)]
    assert len(pictures) >= 1 + len(published.indicators)
    assert all(picture.alt for picture in pictures)
    texts = " ".join(report.texts())
    assert "addresses.csv" not in texts and "INTERNT" not in texts
    assert all(model.version in texts for model in published.models)


def test_a_project_without_a_model_and_models_of_rules_read_as_well(
    small_shown: Shown, rules_shown: Shown
) -> None:
    without = yearly_report(papers_of(small_shown("public", with_model=False)))
    lead = next(block.text for block in without.blocks if isinstance(block, Paragraph))
    assert lead.startswith("Rapporten viser tal for 8 områder")
    assert not [block for block in without.blocks if isinstance(block, Heading) and "Metode" in block.text]
    published = rules_shown("public")
    with_rules = yearly_report(papers_of(published))
    methods = [
        block.text for block in with_rules.blocks if isinstance(block, Heading) and "Metode" in block.text
    ]
    assert len(methods) == len(published.models)


@pytest.fixture
def with_group(small_shown: Shown) -> PublishedResults:
    """The internal set with a group of two areas, whose sums stand among the reference areas."""
    published = small_shown("internal")
    sums = published.reference_areas[published.reference_areas["area_id"] == MUNICIPALITY]
    reference_areas = pd.concat([published.reference_areas, sums.assign(area_id=group_area("Øst"))])
    areas = tuple(str(area) for area in published.areas["area_id"][:2])
    return replace(published, groups={"Øst": areas}, reference_areas=reference_areas)


def test_a_pack_has_its_areas_what_was_agreed_and_room_to_write(
    with_group: PublishedResults, tmp_path: Path
) -> None:
    agreed = {"Øst": (("2023", "Lektiehjælp", "i gang"),)}
    papers = papers_of(with_group, agreed=agreed)
    pack = dialogue_pack(papers, "Øst")
    texts = list(pack.texts())
    figures = Figures(with_group)
    others = [name for area, name in figures.names.items() if area not in with_group.groups["Øst"]]
    assert any("INTERNT" in text for text in texts)
    assert {"Lektiehjælp", "i gang", "Noter", "Underskrift"} <= set(texts)
    assert not {cell.text for table in tables(pack) for row in table.rows for cell in row} & set(others)
    for area in with_group.groups["Øst"]:
        for spec in with_group.indicators:
            if figures.is_there(area, spec):
                assert figures.cell(area, figures.last, spec).text in texts
    write_dialogues(papers, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["oest.html"]


def test_there_is_no_pack_in_the_public_set(small_shown: Shown, tmp_path: Path) -> None:
    papers = papers_of(small_shown("public"))
    write_dialogues(papers, tmp_path)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="internal set"):
        dialogue_pack(papers, "Øst")
