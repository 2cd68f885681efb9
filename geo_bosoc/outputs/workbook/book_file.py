"""A workbook as a file: opened for the sheets of some results, and put in its place when they are written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import Stamped, stamp_texts
from geo_bosoc.outputs.workbook.sheet import Book
from geo_bosoc.text.catalogue import word


class BookResults(Stamped, Protocol):
    """Results that workbooks are made of."""

    @property
    def file_date(self) -> datetime: ...


@contextlib.contextmanager
def open_book(results: BookResults, path: str | Path, title: str, source: str = "") -> Iterator[Book]:
    """A workbook to write sheets to, which takes the place of `path` when the block ends without an error.

    Parameters
    ----------
    results : BookResults
        Whose stamps stand on every sheet, and whose date the file carries.
    path : str or Path
        The file.
    title : str
        What stands at the head of every page.
    source : str, optional
        Where the figures come from, for the foot of every page.

    Raises
    ------
    OutputInUse
        The file is open in another program; it is left as it was.
    """
    stamped = stamp_texts(results)
    with atomic_file(path) as draft:
        properties = {"title": title, "created": results.file_date, "comments": " ".join(stamped)}
        file = new_book(str(draft), properties)
        yield Book(file, title, stamped, word("tables", "page", results.language), source)
        file.close()


def new_book(path: str, properties: Mapping[str, Any]) -> Any:
    """A workbook that keeps text as text and carries no date but the one in `properties`."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(path, options)
    book.set_properties(dict(properties))
    return book
