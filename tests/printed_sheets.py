"""How sheets of a written workbook come out of the printer, worked out from the file alone."""

from __future__ import annotations

from typing import Any

from openpyxl.utils import column_index_from_string

PAPER = (595.3, 841.9)
STANDARD = 11.0
"""Points of a cell's letters where the file says nothing else."""
LEAST = 7.0


def column_points(sheet: Any) -> list[float]:
    """The points of each column of the print area."""
    last = column_index_from_string(sheet.print_area.split(":")[1].strip("$").split("$")[0])
    widths = {
        column: each.width
        for each in sheet.column_dimensions.values()
        for column in range(each.min, each.max + 1)
    }
    return [0.75 * round(7 * widths[column]) for column in range(1, last + 1)]


def row_points(sheet: Any) -> float:
    """The points of all its rows together."""
    heights = [sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1)]
    return sum(height or 15.0 for height in heights)


def scale(sheet: Any) -> float:
    """What everything is multiplied by when the sheet is printed."""
    across, down = PAPER if sheet.page_setup.orientation == "portrait" else PAPER[::-1]
    margins = sheet.page_margins
    across -= 72 * (margins.left + margins.right)
    down -= 72 * (margins.top + margins.bottom)
    setup = sheet.page_setup
    if not sheet.sheet_properties.pageSetUpPr or not sheet.sheet_properties.pageSetUpPr.fitToPage:
        return (setup.scale or 100) / 100
    wide = setup.fitToWidth if setup.fitToWidth is not None else 1
    tall = setup.fitToHeight if setup.fitToHeight is not None else 1
    assert wide == 1
    fitting = across / sum(column_points(sheet))
    return min(1.0, fitting, *([down / row_points(sheet)] if tall else []))


def letters(sheet: Any) -> float:
    """Points of the smallest letters on paper."""
    sizes = {cell.font.sz or STANDARD for row in sheet.iter_rows() for cell in row if cell.value is not None}
    return min(sizes) * scale(sheet)


def broken_heads(sheet: Any) -> list[str]:
    """Words of the head that are wider than their column."""
    top = int(sheet.print_title_rows.strip("$").split(":")[0])
    widths = [points / 0.75 / 7 for points in column_points(sheet)]
    return [
        word
        for cell, width in zip(sheet[top], widths, strict=False)
        for word in str(cell.value or "").split()
        if len(word) > width
    ]


def texts_over_the_edge(sheet: Any) -> list[str]:
    """Texts of the table that are much wider than their cell and do not wrap: they stand over the next, or are cut."""
    top = int(sheet.print_title_rows.strip("$").split(":")[0])
    widths = [points / 0.75 / 7 for points in column_points(sheet)]
    return [
        cell.value
        for row in sheet.iter_rows(min_row=top)
        for cell, width in zip(row, widths, strict=False)
        if isinstance(cell.value, str) and len(cell.value) > 1.3 * width and not cell.alignment.wrap_text
    ]


def misprints(book: Any) -> list[str]:
    """What would come out of the printer wrongly, over all sheets of a workbook."""
    wrong = []
    for sheet in book.worksheets:
        if letters(sheet) < LEAST:
            wrong.append(f"{sheet.title}: letters of {letters(sheet):.1f} points")
        if "&P" not in sheet.oddFooter.right.text or not sheet.oddHeader.left.text:
            wrong.append(f"{sheet.title}: no page number, or no head")
        if sheet.page_setup.paperSize != 9:
            wrong.append(f"{sheet.title}: not on A4")
        if sheet.print_title_rows:
            wrong += [f"{sheet.title}: {word} is broken" for word in broken_heads(sheet)]
            wrong += [f"{sheet.title}: {text} does not fit" for text in texts_over_the_edge(sheet)]
    return wrong
