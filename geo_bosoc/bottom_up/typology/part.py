"""Types of areas as the study's files show them: what drives each type in words, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.study_parts import ShownPart
from geo_bosoc.bottom_up.typology.clustering import DRIVES, LEAST_AREAS, LEAST_INDICATORS, Typology
from geo_bosoc.bottom_up.typology.partitions import STABLE_GROUP, STABLE_RAND
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.outputs.thematic_map import Classification, MapCategory
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.colours import WITHOUT_FIGURE
from geo_bosoc.text.numbers import number

LAYER: Final = "area-types"
COLOURS: Final = (
    "#882255", "#cc6677", "#ddcc77", "#999933", "#117733", "#44aa99", "#88ccee", "#332288",
)  # fmt: skip
"""Of types in their order (Tol's muted colours, which the colour-blind tell apart)."""
CANNOT_TELL: Final = "cannot_tell"
IN_LEGEND: Final = 2
"""So many figures on either side name a type on the map, those farthest from the median."""


@dataclass(frozen=True)
class AreaTypesPart:
    """Types of areas by what the internal set shows of them, and by nothing else.

    Attributes
    ----------
    typology : Typology
        The types.
    areas : GeoDataFrame
        The assessed areas, with ``area_id, name``.
    indicators : mapping of str to Indicator
        What profiles may be made of, by id.
    period : str
        The last one.
    hides : bool
        Whether the set hides small numbers.
    within : DataFrame
        ``place_id, area_id``: the areas that places lie in.
    """

    key: ClassVar[str] = "typology"
    typology: Typology
    areas: gpd.GeoDataFrame
    indicators: Mapping[str, Indicator]
    period: str
    hides: bool
    within: pd.DataFrame

    def show(self, language: Language, minimum: int) -> ShownPart:
        """What may be shown of it, in a language's words: all of it follows from figures that the set shows."""
        if self.typology.cannot_tell:
            return ShownPart(notes=self._notes(language), summary=self._summary(language))
        rows = self._rows(language)
        types = self._types(language)
        names = ["area_type", "areas_of_type", "over_middle", "under_middle", "type_jaccard"]
        columns = ["area_id", "name", "period", "area_type", "came_back", "type_in_words", "no_type"]
        lines = {(LAYER, row["area_id"]): row["lines"] for row in rows if row["period"] == self.period}
        return ShownPart(
            sheets={
                "sheet_area_types": pd.DataFrame(types)[names],
                "sheet_types_of_areas": pd.DataFrame(rows)[columns].astype({"area_type": "Int64"}),
            },
            formats={"type_jaccard": "two_decimals", "came_back": "percent"},
            lines=self._place_lines(lines),
            area_layers=(self._classification(rows, types, language),),
            area_lines=lines,
            notes=self._notes(language),
            summary=self._summary(language),
        )

    def drivers(self, language: Language) -> dict[int, tuple[list[str], list[str]]]:
        """By type the figures that lie over the areas' median and under it, the farthest first, with how far."""
        driving = self.typology.drivers.assign(far=self.typology.drivers["distance"].abs().round(9))
        driving = driving.sort_values(["area_type", "far", "indicator"], ascending=[True, False, True])
        driving = driving[driving["far"] >= DRIVES]
        by_type: dict[int, tuple[list[str], list[str]]] = {
            int(kind): ([], []) for kind in self.typology.types["area_type"]
        }
        for kind, indicator, distance in driving[["area_type", "indicator", "distance"]].itertuples(
            index=False, name=None
        ):
            text = f"{self._label(indicator, language)} ({number(abs(distance), language, 1)})"
            by_type[int(kind)][0 if distance > 0 else 1].append(text)
        return by_type

    def _label(self, indicator: str, language: Language) -> str:
        return self.indicators[indicator].label(language)

    def _types(self, language: Language) -> list[dict[str, Any]]:
        """A row a type, with its words and the short ones of the legend."""
        drivers = self.drivers(language)
        rows = []
        for row in self.typology.types.to_dict("records"):
            over, under = drivers[int(row["area_type"])]
            rows.append({
                "area_type": int(row["area_type"]), "areas_of_type": int(row["areas"]),
                "over_middle": "; ".join(over), "under_middle": "; ".join(under),
                "type_jaccard": float(row["jaccard"]), "words": _in_words(over, under, language),
                "short": _in_words(_for_legend(over), _for_legend(under), language),
            })  # fmt: skip
        return rows

    def _rows(self, language: Language) -> list[dict[str, Any]]:
        """A row an area and period: what the sheet and the map tell of it."""
        names = dict(zip(self.areas["area_id"].astype(str), self.areas["name"], strict=True))
        words = {row["area_type"]: row["words"] for row in self._types(language)}
        rows = []
        for row in self.typology.areas.to_dict("records"):
            is_told = not pd.isna(row["area_type"])
            kind = int(row["area_type"]) if is_told else 0
            no_type = "" if is_told else word("area_types", f"no_type_{row['cannot_tell']}", language)
            lines = [no_type]
            if is_told:
                share = number(100 * row["came_back"], language, 0)
                lines = [
                    word("area_types", "line_type", language, kind=kind, words=words[kind]),
                    word("area_types", "line_came_back", language, share=share),
                ]
            rows.append({
                "area_id": str(row["area_id"]), "name": str(names.get(row["area_id"], "")),
                "period": str(row["period"]), "area_type": kind if is_told else None,
                "came_back": float(row["came_back"]) if is_told else None,
                "type_in_words": words[kind] if is_told else "", "no_type": no_type, "lines": lines,
            })  # fmt: skip
        return rows

    def _place_lines(self, of_area: Mapping[tuple[str, str], Sequence[str]]) -> dict[str, Sequence[str]]:
        """By place the types of the areas that it lies in."""
        lines: dict[str, Sequence[str]] = {}
        for place, area in self.within[["place_id", "area_id"]].itertuples(index=False, name=None):
            if (LAYER, str(area)) in of_area:
                line = f"{area}: {of_area[LAYER, str(area)][0]}"
                lines[str(place)] = [*lines.get(str(place), []), line]
        return lines

    def _classification(
        self, rows: Sequence[Mapping[str, Any]], types: Sequence[Mapping[str, Any]], language: Language
    ) -> Classification:
        unsettled = WITHOUT_FIGURE[UNDETERMINED]
        without = MapCategory(
            CANNOT_TELL, word("area_types", "class_cannot_tell", language), unsettled.colour, unsettled,
            assessed=False,
        )  # fmt: skip
        kinds = [
            MapCategory(
                f"type_{row['area_type']}",
                word("area_types", "class_type", language, kind=row["area_type"], words=row["short"]),
                COLOURS[row["area_type"] - 1],
            )
            for row in types
        ]
        categories = [CANNOT_TELL if row["area_type"] is None else f"type_{row['area_type']}" for row in rows]
        placed = pd.DataFrame({
            "area_id": [row["area_id"] for row in rows], "period": [row["period"] for row in rows],
            "category": categories,
        })  # fmt: skip
        return Classification(
            id=LAYER,
            version="1",
            label=word("area_types", "layer", language),
            categories=(*kinds, *([without] if CANNOT_TELL in categories else [])),
            rows=placed,
            assumptions=tuple(("", line) for line in self._about(language)),
            without_row=word("area_types", "class_cannot_tell", language),
            group="bottom_up",
        )

    def _about(self, language: Language) -> list[str]:
        """What the types are, how they come back, and whether they lie apart."""
        settled = self.typology.tried[self.typology.tried["is_stable"].astype(bool)]
        values = {
            "rand": number(float(settled["rand"].iloc[0]), language, 2),
            "least": number(float(settled["least_jaccard"].iloc[0]), language, 2),
            "needed": number(STABLE_RAND, language, 2), "needed_of_type": number(STABLE_GROUP, language, 2),
        }  # fmt: skip
        apart = "note_apart" if self.typology.lie_apart else "note_slope"
        profile = ", ".join(self._label(name, language) for name in self.typology.indicators)
        return [
            word("area_types", "about", language, profile=profile),
            word("area_types", "note_stable", language, **values),
            word("area_types", apart, language),
        ]

    def _notes(self, language: Language) -> list[str]:
        """What stands in the workbook's first sheet."""
        left = [
            self._label(name, language) for name in self.indicators if name not in self.typology.indicators
        ]
        left_out = [word("area_types", "note_left_out", language, names=", ".join(left))] if left else []
        hides = [word("area_types", "note_hides", language)] if self.hides else []
        if self.typology.cannot_tell:
            return [self._cannot_tell(language), *left_out, *hides]
        return [*self._about(language), *self._year_notes(language), *left_out, *hides]

    def _year_notes(self, language: Language) -> list[str]:
        """Years that the types cannot be told of, and how many areas with_before their type from year to year."""
        years = self.typology.years
        left = years.loc[~years["is_told"].astype(bool), "period"]
        notes = []
        if len(left):
            notes.append(word("area_types", "note_years", language, years=", ".join(left)))
        with_before = years[years["same_type"].notna()]
        shares = [
            f"{period} {number(100 * share, language, 0)} %"
            for period, share in with_before[["period", "same_type"]].itertuples(index=False, name=None)
        ]
        if shares:
            notes.append(word("area_types", "note_kept", language, shares=", ".join(shares)))
        return notes

    def _cannot_tell(self, language: Language) -> str:
        values = {
            "areas": LEAST_AREAS,
            "indicators": LEAST_INDICATORS,
            "rand": number(STABLE_RAND, language, 2),
        }
        return word("area_types", f"cannot_tell_{self.typology.cannot_tell}", language, **values)

    def _summary(self, language: Language) -> list[str]:
        """A sentence of a command's result."""
        if self.typology.cannot_tell:
            return [self._cannot_tell(language)]
        apart = "summary_apart" if self.typology.lie_apart else "summary_slope"
        return [word("area_types", apart, language, count=len(self.typology.types))]


def _in_words(over: Sequence[str], under: Sequence[str], language: Language) -> str:
    """What lies over the middle and what under it."""
    under_key = "under" if over else "under_alone"
    sides = [
        word("area_types", key, language, names=", ".join(names))
        for key, names in (("over", over), (under_key, under))
        if names
    ]
    return "; ".join(sides) or word("area_types", "near_middle", language)


def _for_legend(names: Sequence[str]) -> list[str]:
    """The first ones, without how far each is from the middle."""
    return [name.rpartition(" (")[0] for name in names[:IN_LEGEND]]
