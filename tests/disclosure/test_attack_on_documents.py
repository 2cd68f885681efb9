"""The attack reads Word and HTML papers, also in folders: it finds a figure that is shown there alone, and no more."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from written_sets import World, write_set

from geo_bosoc.disclosure.attack import attack
from geo_bosoc.outputs.documents.document import (
    Block,
    Document,
    Heading,
    Paragraph,
    Picture,
    Table,
    TableCell,
)
from geo_bosoc.outputs.documents.html_file import write_html
from geo_bosoc.outputs.documents.word_file import write_word

PROFILE = Document(
    title="Profile: Area 1",
    subtitle="Made up, 2024",
    language="en",
    blocks=(),
    stamps=(),
    footer="Made up, version 3",
    file_date=datetime(2024, 1, 1),
)
ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HEAD = ("Figure", "The area 2024", "Municipality 2024")


def figures(area: str, municipality: str = "18.5 %") -> Table:
    """A profile's table: of Area 1, by its title."""
    return Table(HEAD, ((TableCell("crime"), TableCell(area), TableCell(municipality)),))


INTACT: tuple[Block, ...] = (
    Heading("Safety"),
    figures("suppressed"),
    Table(("Area", "Residents", "2024"), ((TableCell("Area 1"), TableCell("812"), TableCell("Red")),)),
    Table(("Figure", "What is counted"), ((TableCell("crime"), TableCell("aged 10-17, register of 2024")),)),
    Paragraph("Area 1 in 2024: crime is suppressed."),
    Paragraph("Area 2 in 2024: crime is 22.5 %."),
)
PLANTED: dict[str, Block] = {
    "cell": figures("15.0 %"),
    "row": Table(("Area", "Figure", "Year", ""), (tuple(map(TableCell, ("Area 1", "crime", "2024", "3"))),)),
    "column": Table(("Area", "crime 2024"), ((TableCell("Area 1"), TableCell("3")),)),
    "sentence": Paragraph("All is well. In 2024 crime was 3. So be it."),
    "alt text": Picture(ONE_PIXEL, "Bars: crime in 2024 is 3."),
}


def leaks(
    folder: Path, blocks: tuple[Block, ...], write: Callable[[Document, Path], None], name: str
) -> list[str]:
    """What the attack says of a set with a paper in a folder."""
    secret = World(
        {("1", "2024", "crime"): (3, 20), ("2", "2024", "crime"): (9, 40)},
        {("2024", "crime"): Fraction(1, 10)},
        revealed=frozenset(),
        rules=True,
    )
    model = write_set(secret, folder)
    (folder / "profiles").mkdir()
    write(replace(PROFILE, blocks=blocks), folder / "profiles" / name)
    report = attack(folder, models=[model])
    assert not report.unread
    return [f"{leak.file}: {leak.row}" for leak in report.leaks]


@pytest.mark.parametrize(("write", "name"), [(write_word, "1.docx"), (write_html, "1.html")])
def test_a_figure_that_stands_in_a_paper_alone_is_found(
    tmp_path: Path, write: Callable[[Document, Path], None], name: str
) -> None:
    assert leaks(tmp_path / "intact", INTACT, write, name) == []
    for kind, block in PLANTED.items():
        planted = leaks(tmp_path / kind, (*INTACT, block), write, name)
        assert planted == [f"{name}: 1, 2024, crime"], kind
