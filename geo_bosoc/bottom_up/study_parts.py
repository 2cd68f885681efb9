"""Parts of the bottom-up study that stand in its files beside the places: each gives tables, sentences and layers.

A part holds its frames on true counts. What it gives to writers is already as it may be shown: in the words of the
results' language, and with small numbers hidden by the results' edition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import pandas as pd

if TYPE_CHECKING:
    from geo_bosoc.outputs.geopackage.layers_file import FeatureLayer
    from geo_bosoc.outputs.thematic_map import Classification
    from geo_bosoc.text.catalogue import Language

NumberFormat = Literal["percent", "one_decimal", "two_decimals"]


@dataclass(frozen=True)
class ShownPart:
    """What a part of the study shows.

    Attributes
    ----------
    sheets : mapping of str to DataFrame
        Tables of the workbook by the catalogue's word for them (``[bottom_up] sheet_...``). A hidden figure is
        `pandas.NA` in a row whose column ``hidden`` is true; the catalogue has the columns' words.
    formats : mapping of str to str
        How columns of numbers are written that are not whole.
    lines : mapping of str to sequence of str
        By ``place_id`` the sentences of a place's sheet and of its panel on the map.
    layers : sequence of FeatureLayer
        Layers of the GeoPackage.
    area_layers : sequence of Classification
        Layers of the assessed areas on the map.
    area_lines : mapping of (str, str) to sequence of str
        By the layer's id and ``area_id`` the sentences of an area's panel.
    notes : sequence of str
        What stands in the workbook's first sheet.
    summary : sequence of str
        Sentences of a command's result.
    """

    sheets: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    formats: Mapping[str, NumberFormat] = field(default_factory=dict)
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    layers: Sequence[FeatureLayer] = ()
    area_layers: Sequence[Classification] = ()
    area_lines: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    summary: Sequence[str] = ()


class StudyPart(Protocol):
    """A part of the study; the catalogue's ``[bottom_up] part_KEY`` is its heading on a place's sheet."""

    @property
    def key(self) -> str:
        """What it is known by."""
        ...

    def show(self, language: Language, minimum: int) -> ShownPart:
        """What may be shown of it, in a language's words; no count below the minimum, but none at all."""
        ...
