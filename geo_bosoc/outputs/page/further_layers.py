"""Layers beside categories and indicators: points, groups of areas, and what studies show of these areas or others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from geo_bosoc.disclosure.results import CHANGE, PublishedResults
from geo_bosoc.models.category import RANGE
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.page.page_model import Page
from geo_bosoc.outputs.thematic_map import Classification, MapCategory, Variable
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.colours import SEQUENTIAL, Fill, Hatch

POINTS: Final = "-points"
"""What the id of the layer of a model's points ends with, after the model's id."""
_SEVERAL: Final = "several-groups"
_SEVERAL_FILL: Final = Fill("#8a8f97", Hatch(45, 7, 1.5, cross=True))
_GROUP_HATCHES: Final = (
    None,
    Hatch(45, 7, 1.5),
    Hatch(-45, 7, 1.5),
    Hatch(45, 8, 2.2, dots=True),
    Hatch(0, 6, 1.2),
)
"""Hatching of groups: those of five shades by turns, so that twenty-five are told apart."""


def with_own_layers(page: Page, published: PublishedResults) -> Page:
    """The page of a yearly run with its points and groups as layers; the side panel tells them elsewhere.

    Parameters
    ----------
    page : Page
        Of `published`.
    published : PublishedResults
        As `suppress` gives them.
    """
    groups = _groups_layer(published)
    layers = () if groups is None else (groups,)
    of_models = [variable_of_points(published, model) for model in published.models if model.kind == "points"]
    points = [each for each in of_models if _is_worth_a_layer(each[1])]
    ids = [*(layer.id for layer in layers), *(variable.id for variable, _ in points)]
    return replace(
        page,
        classifications=(*page.classifications, *layers),
        variables=(*page.variables, *(variable for variable, _ in points)),
        table=pd.concat([page.table, *(rows for _, rows in points)], ignore_index=True),
        without_card=(*page.without_card, *ids),
    )


def variable_of_points(published: PublishedResults, model: Model) -> tuple[Variable, pd.DataFrame]:
    """The points of a model as a graduated layer, and its rows; points that are a range are hidden.

    Parameters
    ----------
    published : PublishedResults
        Whose areas have points.
    model : Model
        A model of points.
    """
    language = published.language
    rows = published.categories[published.categories["model"] == model.id]
    points = pd.to_numeric(rows["points"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    in_range = (rows["category"] == RANGE).to_numpy() | rows["points_min"].notna().to_numpy()
    status = np.where(~np.isnan(points), "ok", np.where(in_range, "protected", "not_applicable"))
    table = pd.DataFrame(
        {
            "area_id": rows["area_id"].astype(str).to_numpy(),
            "period": rows["period"].to_numpy(),
            "indicator": f"{model.id}{POINTS}",
            "value": points,
            "status": status,
        }
    )
    is_whole = bool(np.all(points[~np.isnan(points)] % 1 == 0))
    variable = Variable(
        id=f"{model.id}{POINTS}",
        label=word("map", "points_of_model", language, model=model.label(language)),
        unit="count" if is_whole else "mean",
        direction="high_is_bad",
        group="categories",
    )
    return variable, table.reindex(columns=published.table.columns).astype(
        {name: dtype for name, dtype in published.table.dtypes.items() if name in table.columns}
    )


def _is_worth_a_layer(rows: pd.DataFrame) -> bool:
    """Whether most areas that have points show them: a map of hidden points tells nothing."""
    statuses = rows["status"].value_counts()
    return bool(statuses.get("ok", 0) > statuses.get("protected", 0))


def _groups_layer(published: PublishedResults) -> Classification | None:
    """Which group each area is in, as the project lists them; an area of several stands in a class of its own."""
    if not published.groups or not published.periods:
        return None
    language = published.language
    ids: dict[str, list[str]] = {}
    for group, areas in published.groups.items():
        for area in areas:
            ids.setdefault(area, []).append(group)
    names = sorted(published.groups)
    shades = [SEQUENTIAL[-1 - place % len(SEQUENTIAL)] for place in range(len(names))]
    fills = [
        Fill(colour, _GROUP_HATCHES[place // len(SEQUENTIAL) % len(_GROUP_HATCHES)])
        for place, colour in enumerate(shades)
    ]
    several = [area for area, groups in ids.items() if len(groups) > 1]
    categories = [MapCategory(name, name, fill.colour, fill) for name, fill in zip(names, fills, strict=True)]
    if several:
        label = word("map", "several_groups", language)
        categories.append(MapCategory(_SEVERAL, label, _SEVERAL_FILL.colour, _SEVERAL_FILL))
    rows = [
        (area, period, groups[0] if len(groups) == 1 else _SEVERAL, " · ".join(sorted(groups)))
        for area, groups in sorted(ids.items())
        for period in published.periods
    ]
    return Classification(
        id="groups",
        version=published.periods[-1],
        label=word("map", "groups", language),
        categories=tuple(categories),
        rows=pd.DataFrame(rows, columns=["area_id", "period", "category", "note"]),
        share_note=word("map", "groups_note", language),
        without_row=word("map", "no_group", language),
        group="groups",
    )


def with_studies(page: Page, studies: Mapping[str, Page]) -> Page:
    """A page with what studies show of the same set of output.

    A study of the page's own areas gives layers to it, in the groups that they say; a study of other areas becomes a
    unit that the reader can switch to.

    Parameters
    ----------
    page : Page
        Of the yearly run.
    studies : mapping of str to Page
        By the study's name its page, in the same language.

    Returns
    -------
    Page
    """
    units = []
    for name, study in studies.items():
        if study.area_ids == page.area_ids:
            page = _with_layers(page, study)
        else:
            units.append(replace(study, unit=name, unit_label=study.unit_label or study.title, units=()))
    return replace(page, units=(*page.units, *units))


def _with_layers(page: Page, study: Page) -> Page:
    """A page with the layers of a study of the same areas; its figures stand on the map, not in the panel once more."""
    ids = {variable.id for variable in page.variables}
    names = {each.id: f"{each.id}{CHANGE}" if each.id in ids else each.id for each in study.variables}
    variables = tuple(replace(each, id=names[each.id]) for each in study.variables)
    tables = {
        field: pd.concat([getattr(page, field), _renamed(getattr(study, field), names)], ignore_index=True)
        for field in ("table", "reference_areas")
    }
    return replace(
        page,
        classifications=(*page.classifications, *study.classifications),
        variables=(*page.variables, *variables),
        table=tables["table"],
        reference_areas=tables["reference_areas"],
        explanations={**page.explanations, **study.explanations},
        points={
            **page.points,
            **{(area, period, names[name]): lines for (area, period, name), lines in study.points.items()},
        },
        goals=(*page.goals, *study.goals),
        without_card=(*page.without_card, *study.without_card, *names.values()),
        overlays=(*page.overlays, *study.overlays),
        notes=tuple(dict.fromkeys((*page.notes, *study.notes))),
    )


def _renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The rows of a study's variables, by the ids that they have on the page."""
    rows = table[table["indicator"].isin(list(names))]
    return rows.assign(indicator=rows["indicator"].map(names))
