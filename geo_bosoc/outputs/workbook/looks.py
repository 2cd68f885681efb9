"""How cells of a workbook are drawn: fills, inks, lines and forms of numbers; greys are those of the maps."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final

from geo_bosoc.text.colours import WITHOUT_FIGURE, lightness

_LIGHT_UP: Final = 14
"""Thin stripes from lower left to upper right, among Excel's patterns of fills."""
_GREY: Final = "#5f6368"
PERCENT: Final = r"0.0\ %"
WHOLE_PERCENT: Final = r"0\ %"
INTEGER: Final = "#,##0"
ONE_DECIMAL: Final = "#,##0.0"
TWO_DECIMALS: Final = "#,##0.00"
UNIT_FORMAT: Final = {
    "percent": PERCENT,
    "per_1000": ONE_DECIMAL,
    "per_10000": ONE_DECIMAL,
    "mean": TWO_DECIMALS,
    "count": INTEGER,
}
"""How a value in each unit is shown; Excel puts comma and point as the reader's own language has them."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell is drawn; cells with the same look share one format."""

    number: str = "General"
    fill: str | None = None
    stripes: str | None = None
    bold: bool = False
    quiet: bool = False
    wrap: bool = False
    size: int = 11
    align: str | None = None
    ink: str | None = None
    border: bool = True
    indent: int = 0

    def properties(self) -> dict[str, Any]:
        """The look in xlsxwriter's words; the ink is dark on a light fill and light on a dark one."""
        properties: dict[str, Any] = {"num_format": self.number, "font_size": self.size, "valign": "top"}
        properties |= {"bold": self.bold, "italic": self.quiet, "text_wrap": self.wrap}
        if self.border:
            properties |= {"border": 1, "border_color": "#d0d3d8"}
        align = self.align or ("right" if self.number != "General" else None)
        if align:
            properties |= {"align": align, "indent": 1 if align == "right" else 0}
        if self.indent:
            properties |= {"align": "left", "indent": self.indent}
        if self.quiet:
            properties["font_color"] = _GREY
        if self.ink:
            properties["font_color"] = self.ink
        if self.fill:
            properties |= {
                "bg_color": self.fill,
                "font_color": "#ffffff" if lightness(self.fill) < 52 else "#1f1f1f",
            }
        if self.stripes:
            properties |= {"pattern": _LIGHT_UP, "fg_color": self.stripes}
        return properties


TEXT: Final = Look()
PLAIN: Final = Look(border=False)
PLAIN_QUIET: Final = Look(border=False, quiet=True, align="right")
HEAD: Final = Look(bold=True, wrap=True, fill="#e3e6ec")
QUIET: Final = Look(quiet=True, align="right")
SUPPRESSED_FIGURE: Final = Look(fill=WITHOUT_FIGURE["protected"].colour, align="right")
"""A figure that is not shown, in the grey that maps give it."""
HEADING: Final = Look(bold=True, size=14, border=False)
HEADLINE: Final = Look(bold=True, border=False)
NOTE: Final = Look(quiet=True, border=False)
WRAPPED_PLAIN: Final = Look(border=False, wrap=True)
INDENTED_PLAIN: Final = Look(border=False, wrap=True, indent=1)
STAMP: Final = Look(bold=True, ink="#9c2b00", border=False)


@functools.cache
def category_look(colour: str, stripes: str | None = None) -> Look:
    """The look of a category's word on the model's colour, with slanting stripes in another one or none."""
    return Look(fill=colour, stripes=stripes, wrap=True, indent=1)
