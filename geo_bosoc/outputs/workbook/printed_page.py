"""How a sheet is printed on A4: which way the paper lies, how far it is scaled down, and where pages begin.

Excel measures columns in digits of its standard letters (11 points, 7 pixels a digit): how large letters come out
of the printer follows from the widths alone, without printing.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

_A4: Final = 9
_PAPER: Final = (595.3, 841.9)
"""Points across and down."""
INCH: Final = 72.0
SIDE: Final = 0.4
"""Inches to the left and right, and from the paper's edge to head and foot."""
SMALL: Final = 8
"""Points of the letters in head and foot on paper."""
_SMALL_LINE: Final = 10.5
LETTERS: Final = 11
"""Points of the letters in cells."""
LINE: Final = 15.0
"""Points of a row with one line."""
LEAST_LETTERS: Final = 7.0
"""Points that no letter comes out below, in any sheet but where a single column is wider than the paper."""
_BUTTON: Final = "WW"
"""Letters as wide as the button of a filter."""
_BOLD: Final = 1.05
"""How much wider bold letters are."""
_SLACK: Final = 1.03
"""Printers' own measures differ from the screen's by a few hundredths."""
_LONGEST_HEAD: Final = 250
_LONGEST_LINE: Final = 100
"""Signs of a line at the head or foot; Excel takes 255 in all."""
_ON_SEVERAL: Final = 0.68
"""The scale of a sheet that is several pages across."""


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """How a sheet comes out of the printer.

    Attributes
    ----------
    is_landscape : bool
        Whether the paper lies on its long side.
    scale : float
        What everything is multiplied by; 1 where it fits as it is.
    breaks : tuple of int
        The columns that begin a page of their own, from 0; none where the sheet is one page across.
    is_single : bool
        Whether all of it stands on one page.
    """

    is_landscape: bool
    scale: float
    breaks: tuple[int, ...] = ()
    is_single: bool = False

    @property
    def letters(self) -> float:
        """Points of the letters on paper."""
        return LETTERS * self.scale


def column_points(width: float) -> float:
    """The points of a column that is so many digits wide.

    >>> column_points(10)
    56.25
    """
    return 0.75 * int(7 * width + 5)


def column_width(points: float) -> float:
    """How many digits wide a column of so many points is.

    >>> column_width(56.25)
    10.0
    """
    return (points / 0.75 - 5) / 7


def top_margin(lines: int) -> float:
    """Inches above a sheet with so many lines in its head."""
    return SIDE + (lines * _SMALL_LINE + 6) / INCH


def room(is_landscape: bool, lines_above: int = 2) -> tuple[float, float]:
    """The points across and down that a sheet has on the paper."""
    across, down = _PAPER[::-1] if is_landscape else _PAPER
    margins = top_margin(lines_above) + top_margin(1)
    return across - 2 * SIDE * INCH, down - margins * INCH


def printed_page(
    widths: Sequence[float], height: float, repeated: int = 0, *, single: bool = False, lines_above: int = 2
) -> PrintedPage:
    """The way of printing that takes fewest pages in letters that can be read; of several, that of the largest ones.

    Parameters
    ----------
    widths : sequence of float
        Of the columns, in digits.
    height : float
        Points of all rows together.
    repeated : int, optional
        How many columns begin every page, where there are several across.
    single : bool, optional
        Whether it should stand on one page, if letters can still be read.
    lines_above : int, optional
        Lines in the head of each page.

    Examples
    --------
    >>> printed_page([30, 10, 10], 300).is_landscape, printed_page([30] * 7, 300).is_landscape
    (False, True)
    >>> printed_page([30] * 20, 300, repeated=1).breaks
    (6, 11, 16)
    """
    width = sum(map(column_points, widths))
    ways = []
    for is_landscape in (False, True):
        across, down = room(is_landscape, lines_above)
        scale = min(1.0, across / width / _SLACK) if width else 1.0
        if LETTERS * scale < LEAST_LETTERS:
            continue
        of_one = min(scale, down / height / _SLACK) if height else scale
        if single and LETTERS * of_one >= LEAST_LETTERS:
            ways.append((1, -of_one, PrintedPage(is_landscape, of_one, is_single=True)))
        else:
            pages = math.ceil(height * scale / down)
            ways.append((pages, -scale, PrintedPage(is_landscape, scale)))
    if ways:
        return min(ways, key=lambda way: way[:2])[2]
    return PrintedPage(True, _ON_SEVERAL, _page_breaks(widths, repeated, room(True, lines_above)[0]))


def _page_breaks(widths: Sequence[float], repeated: int, across: float) -> tuple[int, ...]:
    """The columns that begin a page, where each page has as many as it can hold behind the repeated ones."""
    begin_each = sum(map(column_points, widths[:repeated]))
    place, breaks = begin_each, []
    for number, width in enumerate(widths[repeated:], start=repeated):
        place += column_points(width)
        if place * _ON_SEVERAL * _SLACK > across and number > repeated:
            breaks.append(number)
            place = begin_each + column_points(width)
    return tuple(breaks)


def set_up(
    sheet: Any, page: PrintedPage, head: Sequence[str], foot: tuple[str, str], repeated: int = 0
) -> None:
    """Give a worksheet its paper, scale, page breaks, and the lines at the head and foot of every page.

    Parameters
    ----------
    sheet : xlsxwriter.worksheet.Worksheet
        The sheet.
    page : PrintedPage
        How it is printed.
    head : sequence of str
        The lines at the head.
    foot : tuple of (str, str)
        What stands to the left and right at the foot; the right in Excel's codes.
    repeated : int, optional
        How many columns begin every page, where there are several across.
    """
    sheet.set_paper(_A4)
    if page.is_landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.set_margins(left=SIDE, right=SIDE, top=top_margin(len(head)), bottom=top_margin(1))
    size = round(SMALL / page.scale)  # scaled down with the sheet
    sheet.set_header(_head_codes(head, size), {"margin": SIDE})
    left, right = foot
    sheet.set_footer(f"&L&{size}&A{_ampersands(left)[:_LONGEST_LINE]}&R&{size}{right}", {"margin": SIDE})
    if page.is_single and page.scale < 1:
        sheet.fit_to_pages(1, 1)
    elif page.breaks:
        sheet.set_print_scale(int(100 * page.scale))
        sheet.set_v_pagebreaks(list(page.breaks))
        sheet.print_across()
        if repeated:
            sheet.repeat_columns(0, repeated - 1)
    elif page.scale < 1:
        sheet.fit_to_pages(1, 0)


def _head_codes(lines: Sequence[str], size: int) -> str:
    """The head in Excel's codes, the first line cut where all would be longer than Excel takes."""
    first, *rest = [_ampersands(line)[:_LONGEST_LINE] for line in lines]
    further = "".join(f"\n&B{line}&B" for line in rest)
    start = f"&L&{size}{' ' if first[:1].isdigit() else ''}"
    return start + first[: max(_LONGEST_HEAD - len(start) - len(further), 0)] + further


def _ampersands(text: str) -> str:
    return text.replace("&", "&&")


class _Widths(dict[str, float]):
    """Widths of letters in Calibri, Excel's standard, in digits."""

    def __missing__(self, sign: str) -> float:
        self[sign] = 1.18 if sign.isupper() else 1.03
        return self[sign]


_WIDTHS: Final = _Widths(
    {
        **dict.fromkeys("0123456789", 1.0),
        **dict.fromkeys("ijlI .,:;'|!", 0.48),
        **dict.fromkeys('frt()-/[]"”“', 0.68),
        **dict.fromkeys("csxz", 0.84),
        **dict.fromkeys("vykåJL", 0.93),
        **dict.fromkeys("mwæMWÆ%@—…→", 1.6),
    }
)


def text_width(text: str) -> float:
    """About how wide a text is, in digits.

    >>> round(text_width("2024"), 1), round(text_width("lille"), 1)
    (4.0, 3.0)
    """
    return sum(map(_WIDTHS.__getitem__, text))


def width_of(texts: Iterable[str], least: float = 8, most: float = 40) -> float:
    """A width that shows the longest of `texts`, within bounds."""
    return min(max([least, *(text_width(text) + 2 for text in set(texts))]), most)


@functools.lru_cache(4096)
def text_lines(text: str, width: float) -> int:
    """About how many lines a wrapped text takes in a column; a word that is wider than it, as many as it needs."""
    if "\n" not in text and text_width(text) <= width:
        return 1
    lines, space = 0, _WIDTHS[" "]
    for paragraph in text.split("\n"):
        lines, used = lines + 1, 0.0
        for part in paragraph.split():
            size = text_width(part)
            if used and used + space + size > width:
                lines, used = lines + 1, 0.0
            used += size + (space if used else 0)
            if used > width:
                lines, used = lines + int((used - 0.01) // width), used % width
    return max(lines, 1)


def widest_word(head: str) -> float:
    """The width that the longest word of a head needs, in bold."""
    return _BOLD * max(map(text_width, head.split()), default=0) + 1


def head_lines(head: str, width: float) -> int:
    """The lines of a head in bold; one more where the button of its filter would stand on the last one."""
    room_for_text = (width - 1) / _BOLD
    lines = text_lines(head, room_for_text)
    return lines + (text_lines(f"{head} {_BUTTON}", room_for_text) > lines)
