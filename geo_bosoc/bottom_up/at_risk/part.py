"""Areas and places that may be at risk, as the study's files show them: chances and what drives them, never a
category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.at_risk.chances import worse_half
from geo_bosoc.bottom_up.at_risk.place_scores import PlaceCounts
from geo_bosoc.bottom_up.study_parts import ShownPart
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.geopackage.layers_file import FeatureLayer, Style
from geo_bosoc.outputs.geopackage.qgis_style import StyleClass, categories_style
from geo_bosoc.outputs.texts import class_word
from geo_bosoc.outputs.thematic_map import Classification, MapCategory
from geo_bosoc.text.catalogue import Language, word, word_or_key
from geo_bosoc.text.colours import WITHOUT_FIGURE, category_fills
from geo_bosoc.text.numbers import either, number

LAYER: Final = "at-risk"
CLASSES: Final = {
    "likely": "#5b2a86",
    "possible": "#9a6fc0",
    "worse_next_year": "#2f6f9f",
    "unlikely": "#d8cfe4",
}
"""What the map tells of an area, and its colour: how likely one of the worst categories is, or a worse one ahead."""
CANNOT_TELL: Final = "cannot_tell"
NAMED: Final = 4
"""So many criteria are named, the heaviest."""
LIKELY: Final = 0.5
POSSIBLE: Final = 0.25
COLUMNS: Final = (
    "area_id",
    "name",
    "listed_as",
    "model",
    "reason",
    "chance_worst",
    "chance_worse",
    "chances",
    "points",
    "drivers",
)


@dataclass(frozen=True)
class AtRiskPart:
    """Unassessed areas and places outside the assessed ones with the chance of each category, and assessed areas that
    may well do worse next year.

    All are worked out from what the internal set shows of the areas and from nothing else.

    Attributes
    ----------
    published : PublishedResults
        The set.
    period : str
        Of the figures.
    unassessed : mapping of str to DataFrame
        By model what `geo_bosoc.bottom_up.at_risk.chances.category_chances` gives.
    worse : mapping of str to DataFrame
        By model the assessed areas whose chance passes the limit, the likeliest first: ``area_id, now`` (the category
        that the set shows), ``period_ahead, chance, drivers`` (criteria that may pass a threshold, a comma between).
    untold : mapping of str to int
        By model of how many assessed areas nothing can be said of the next year.
    limit : float
        From which chance on an assessed area is listed.
    within : DataFrame
        ``place_id, area_id``: the areas that places lie in.
    places : mapping of str to DataFrame
        By model what `geo_bosoc.bottom_up.at_risk.place_scores.place_chances` gives.
    counted : PlaceCounts or None
        The places' names and outlines, and which indicators no register counts there.
    """

    key: ClassVar[str] = "at_risk"
    published: PublishedResults
    period: str
    unassessed: Mapping[str, pd.DataFrame]
    worse: Mapping[str, pd.DataFrame]
    untold: Mapping[str, int]
    limit: float
    within: pd.DataFrame
    places: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    counted: PlaceCounts | None = None

    def show(self, language: Language, minimum: int) -> ShownPart:
        """What may be shown of it, in a language's words; points where nothing is hidden (a minimum of 1)."""
        rows = [row for model in self._models for row in self._rows(model, language, minimum)]
        if not rows:
            return ShownPart()
        frame = pd.DataFrame(rows)
        columns = [name for name in COLUMNS if name != "model" or len(self._models) > 1]
        columns = [name for name in columns if name != "points" or minimum == 1]
        return ShownPart(
            sheets={"sheet_at_risk": frame[columns]},
            formats={"chance_worst": "percent", "chance_worse": "percent"},
            lines=self._place_lines(frame),
            layers=(self._layer(frame, language),),
            area_layers=tuple(self._classification(model, frame, language) for model in self._models),
            area_lines={(row["layer"], row["area_id"]): row["lines"] for row in rows if not row["is_place"]},
            notes=self._notes(language),
            summary=self._summary(language),
        )

    @property
    def _models(self) -> list[Model]:
        return [model for model in self.published.models if model.id in self.unassessed]

    def _rows(self, model: Model, language: Language, minimum: int) -> list[dict[str, Any]]:
        """A row an area: what the sheet, the map and the GeoPackage tell of it."""
        names = dict(zip(self.published.areas["area_id"], self.published.areas["name"], strict=True))
        rows = []
        shapes = None if self.counted is None else self.counted.places
        names_of_places = (
            {} if shapes is None else dict(zip(shapes["place_id"].astype(str), shapes["name"], strict=True))
        )
        scored = [(row, names, False) for row in self.unassessed[model.id].to_dict("records")]
        if model.id in self.places:
            scored += [(row, names_of_places, True) for row in self.places[model.id].to_dict("records")]
        for row, names_of_row, is_place in scored:
            chance = sum(float(row[f"chance_{name}"]) for name in worse_half(model))
            is_told = float(row[f"chance_{UNDETERMINED}"]) < 0.5
            rows.append({
                "reason": word("at_risk", f"reason_{row['reason']}", language),
                "chance_worst": round(chance, 2) if is_told else None, "chance_worse": None,
                "chances": _chances(row, model, language) if is_told else "",
                "points": _points(row, model, language), "class": _class(chance) if is_told else CANNOT_TELL,
                "is_place": is_place,
            } | _of_area(row, model, names_of_row, language))  # fmt: skip
        for row in self.worse[model.id].to_dict("records"):
            rows.append({
                "reason": word("at_risk", "reason_worse", language),
                "chance_worst": None, "chance_worse": round(float(row["chance"]), 2),
                "chances": "", "points": "", "class": "worse_next_year", "is_place": False,
            } | _of_area(row, model, names, language))  # fmt: skip
        return [
            row
            | {
                "listed_as": word("at_risk", "is_place" if row["is_place"] else "is_area", language),
                "lines": self._lines(row, model, language),
            }
            for row in rows
        ]

    def _lines(self, row: Mapping[str, Any], model: Model, language: Language) -> list[str]:
        """The sentences of an area's panel."""
        if row["class"] == "worse_next_year":
            chance = number(100 * row["chance_worse"], language, 0)
            lines = [word("at_risk", "line_worse", language, chance=chance, year=row["period_ahead"])]
        elif row["class"] == CANNOT_TELL:
            lines = [word("at_risk", "line_cannot_tell", language, reason=row["reason"])]
        else:
            values = {"reason": row["reason"], "model": model.label(language), "chances": row["chances"]}
            key = "line_chances_place" if row["is_place"] else "line_chances"
            lines = [word("at_risk", key, language, **values)]
        if row["drivers"]:
            key = "line_near" if row["class"] == "worse_next_year" else "line_drivers"
            lines.append(word("at_risk", key, language, drivers=row["drivers"]))
        if row["is_place"] and (names := self._uncounted(model, language)):
            lines.append(word("at_risk", "line_uncounted", language, criteria=names))
        end = "no_category_place" if row["is_place"] else "no_category"
        return [*lines, word("at_risk", end, language)]

    def _uncounted(self, model: Model, language: Language) -> str:
        """The model's criteria that no register counts at a place."""
        absent = () if self.counted is None else self.counted.uncounted
        return ", ".join(each.label(language) for each in model.criterion if each.indicator in absent)

    def _place_lines(self, frame: pd.DataFrame) -> dict[str, Sequence[str]]:
        """By place what is said of the areas that it lies in, or of itself outside them."""
        of_area = frame[~frame["is_place"]].drop_duplicates("area_id").set_index("area_id")
        of_place = frame[frame["is_place"]].drop_duplicates("area_id")
        lines: dict[str, Sequence[str]] = dict(zip(of_place["area_id"], of_place["lines"], strict=True))
        for place, area in self.within[["place_id", "area_id"]].itertuples(index=False, name=None):
            if area in of_area.index:
                row = of_area.loc[area]
                line = f"{area} {row['name']}: {row['lines'][0]}"
                lines[str(place)] = [*lines.get(str(place), []), line]
        return lines

    def _layer(self, frame: pd.DataFrame, language: Language) -> FeatureLayer:
        """Areas and the places with an outline for QGIS; one that two models list by what the first says."""
        shown = frame.drop_duplicates(["area_id", "is_place"])
        areas = self.published.areas
        outlines = {
            (str(name), False): shape for name, shape in zip(areas["area_id"], areas.geometry, strict=True)
        }
        if self.counted is not None:
            drawn = self.counted.places
            drawn = drawn[drawn.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()]
            outlines |= {
                (str(name), True): shape
                for name, shape in zip(drawn["place_id"], drawn.geometry, strict=True)
            }
        keys = list(zip(shown["area_id"], shown["is_place"].astype(bool), strict=True))
        shown = shown[[key in outlines for key in keys]]
        columns = [*(name for name in COLUMNS if name not in ("model", "points")), "class"]
        features = gpd.GeoDataFrame(
            shown[columns]
            .rename(columns={"class": "at_risk"})
            .astype({"chance_worst": "float64", "chance_worse": "float64"})
            .assign(output_set=self.published.edition.mark),
            geometry=[outlines[key] for key in keys if key in outlines],
            crs=self.published.areas.crs,
        )
        fills = [*category_fills(list(CLASSES.values())), WITHOUT_FIGURE[UNDETERMINED]]
        classes = [
            StyleClass(key, self._class_word(key, language), fill)
            for key, fill in zip((*CLASSES, CANNOT_TELL), fills, strict=True)
        ]
        aliases = {"fid": ""} | {
            name: word_or_key("bottom_up", name, language) for name in features.columns if name != "geometry"
        }
        title = f"{word('at_risk', 'layer', language)}, {self.period}"
        style = Style(word("at_risk", "layer", language), categories_style("at_risk", classes, aliases))
        return FeatureLayer("at_risk", title, features, (style,), word("at_risk", "no_category", language))

    def _classification(self, model: Model, frame: pd.DataFrame, language: Language) -> Classification:
        """The areas of a model on the map."""
        of_model = frame[(frame["layer"] == _layer_id(model)) & ~frame["is_place"]]
        several = f" ({model.label(language)})" if len(self._models) > 1 else ""
        worst = [class_word(model, name, language) for name in worse_half(model)]
        about = word(
            "at_risk", "about", language, worst=either(worst, language), limit=self._percent(language)
        )
        unsettled = WITHOUT_FIGURE[UNDETERMINED]
        untold = MapCategory(
            CANNOT_TELL, self._class_word(CANNOT_TELL, language), unsettled.colour, unsettled, assessed=False
        )
        return Classification(
            id=_layer_id(model),
            version="1",
            label=word("at_risk", "layer", language) + several,
            categories=(
                *(MapCategory(key, self._class_word(key, language), colour) for key, colour in CLASSES.items()),
                *([untold] if (of_model["class"] == CANNOT_TELL).any() else []),
            ),
            rows=pd.DataFrame({
                "area_id": of_model["area_id"], "period": self.period, "category": of_model["class"],
            }).reset_index(drop=True),
            assumptions=(("", about),),
            share_note=word("at_risk", "share_note", language),
            without_row=word("at_risk", "without_row", language),
            group="bottom_up",
        )  # fmt: skip

    def _notes(self, language: Language) -> list[str]:
        """What stands in the workbook's first sheet."""
        key = "note" if self.published.policy.suppresses else "note_unguarded"
        lines = [word("at_risk", key, language), word("at_risk", "no_category", language)]
        for model in self._models:
            worst = [class_word(model, name, language) for name in worse_half(model)]
            lines.append(
                word(
                    "at_risk", "about", language, worst=either(worst, language), limit=self._percent(language)
                )
            )
            if self.untold[model.id]:
                lines.append(word("at_risk", "note_untold", language, count=self.untold[model.id]))
        if any(map(len, self.places.values())):
            lines.append(word("at_risk", "note_places", language))
            names = {self._uncounted(model, language) for model in self._models} - {""}
            lines += [word("at_risk", "line_uncounted", language, criteria=each) for each in sorted(names)]
        return list(dict.fromkeys(lines))

    def _summary(self, language: Language) -> list[str]:
        """Sentences of a command's result."""
        unassessed = sum(map(len, self.unassessed.values()))
        worse = sum(map(len, self.worse.values()))
        limit = self._percent(language)
        lines = [word("at_risk", "summary", language, unassessed=unassessed, worse=worse, limit=limit)]
        if places := sum(map(len, self.places.values())):
            lines.append(word("at_risk", "summary_places", language, places=places))
        return lines

    def _class_word(self, key: str, language: Language) -> str:
        return word("at_risk", f"class_{key}", language, limit=self._percent(language))

    def _percent(self, language: Language) -> str:
        return number(100 * self.limit, language, 0)


def _class(chance: float) -> str:
    return "likely" if chance >= LIKELY else "possible" if chance >= POSSIBLE else "unlikely"


def _layer_id(model: Model) -> str:
    return f"{LAYER}-{model.id}"


def _of_area(
    row: Mapping[Any, Any], model: Model, names: Mapping[str, str], language: Language
) -> dict[str, Any]:
    """What a row of either kind has alike."""
    labels = {criterion.key: criterion.label(language) for criterion in model.criterion}
    return {
        "layer": _layer_id(model),
        "area_id": str(row["area_id"]),
        "name": str(names.get(row["area_id"], "")),
        "model": model.label(language),
        "period_ahead": row.get("period_ahead", ""),
        "drivers": ", ".join(labels[key] for key in str(row["drivers"]).split(",")[:NAMED] if key),
    }


def _chances(row: Mapping[Any, Any], model: Model, language: Language) -> str:
    """The chance of each category that has one, the worst first."""
    names = [*(category.id for category in model.category), UNDETERMINED]
    shown = [(class_word(model, name, language), float(row[f"chance_{name}"])) for name in names]
    return ", ".join(
        f"{label} {number(100 * chance, language, 0)} %"
        for label, chance in shown
        if round(100 * chance) >= 1
    )


def _points(row: Mapping[Any, Any], model: Model, language: Language) -> str:
    """The points by the figures that are there, as a range where some are missing; of a points model."""
    if model.kind != "points" or pd.isna(row["points_min"]):
        return ""
    ends = [number(float(row[name]), language, 0) for name in ("points_min", "points_max")]
    return ends[0] if ends[0] == ends[1] else "-".join(ends)
