"""The categorised layers of the follow-up's map: status x dynamics, which way categories moved, and why."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo_bosoc.follow_up.changes.status_dynamics import class_labels
from geo_bosoc.follow_up.persons.causes import MOVES_OR_DEATHS
from geo_bosoc.follow_up.schemes import Scheme
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.models.category import RANGE, UNDETERMINED
from geo_bosoc.models.criteria import TOO_SMALL
from geo_bosoc.models.spec import Model
from geo_bosoc.outputs.page.page_model import Explanation
from geo_bosoc.outputs.thematic_map import Classification, MapCategory
from geo_bosoc.text.catalogue import word, words
from geo_bosoc.text.colours import SEQUENTIAL, Fill, Hatch, steps

BY_DYNAMICS: Final[tuple[Hatch | None, ...]] = (Hatch(45, 9, 1.4), None, Hatch(-45, 5, 2.2))
"""Lines of the three dynamics: thin and rising where it got better, none where it is stable, thick and falling where it
got worse; they are told apart without colour."""
_MOVES: Final = (("worse", "#3c357c"), ("same", "#d5dcec"), ("better", "#8fb8a4"))
CAUSES: Final = "-causes-"
"""What stands in the id of a layer of causes between its model and the years it is over."""
_SAME: Final = "cause_none"
_CAUSES: Final = {
    "cause_moves": Fill("#3c357c", Hatch(45, 7, 1.5)),
    "cause_moves_or_deaths": Fill("#3c357c", Hatch(45, 7, 1.5)),
    "cause_residents": Fill("#8190c0", Hatch(-45, 7, 1.5)),
    "cause_several": Fill("#5c64a3", Hatch(45, 7, 1.5, cross=True)),
    "cause_other": Fill("#abb8d9", Hatch(0, 6, 1.2)),
    "cause_chance": Fill("#d5dcec", Hatch(45, 8, 2.2, dots=True)),
    "cause_cannot_tell": Fill("#dfe1e4", Hatch(90, 6, 1.2)),
    _SAME: Fill("#f1f2f3"),
}
"""How areas are drawn by what changed their category; moves are drawn alike whether or not the dead are known."""
_WITHOUT_CAUSE: Final = {"same": _SAME, RANGE: RANGE, UNDETERMINED: UNDETERMINED, "not_assessed": TOO_SMALL}
"""Where no cause is told: the class by the direction of the category."""
_NOT_SHOWN: Final = {"protected": RANGE, "not_applicable": TOO_SMALL, "not_assessed": TOO_SMALL}
"""The class of an area that has none, by why."""


def nearest_pairs(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    """Each period with the one nearest before it, where several pairs are compared."""
    if frame is None or frame.empty:
        return None
    return frame[frame["period_before"] == frame.groupby("period")["period_before"].transform("max")]


def dynamics_layer(
    results: FollowUpResults, model: Model
) -> tuple[Classification | None, dict[tuple[str, str], Explanation]]:
    """Status x dynamics by a model, the worst status first and in it the worst dynamics."""
    frame, scheme, language = results.frames.get("dynamics"), results.scheme, results.language
    if frame is None or scheme is None or not (frame["model"] == model.id).any():
        return None, {}
    rows = frame[frame["model"] == model.id]
    labels = class_labels(scheme, model, language)
    classes = [
        MapCategory(name, labels[name], fill.colour, fill) for name, fill in _fills(scheme, model).items()
    ]
    category = rows["class"].where(rows["class"] != "", rows["status"].map(_NOT_SHOWN).fillna(UNDETERMINED))
    layer = Classification(
        id=f"{model.id}-{scheme.id}",
        group="change",
        version=scheme.version,
        label=f"{scheme.label(language)}: {model.label(language)}",
        categories=tuple(classes),
        rows=_rows(rows, category, scheme.version),
        source=scheme.source_text(language),
        assumptions=(("", scheme.assumption_text(language)),) if scheme.assumption_text(language) else (),
        without_row=word("follow_up_map", "no_earlier", language),
    )
    since = word("follow_up_map", "since", language)
    notes = {
        (str(row["area_id"]), str(row["period"])): Explanation(
            notes=[since.format(period=row["period_before"])]
        )
        for row in rows[rows["class"] != ""].to_dict("records")
    }
    return layer, notes


def _fills(scheme: Scheme, model: Model) -> dict[str, Fill]:
    """How each class is drawn, the worst first: darker the worse the status, lines by the dynamics."""
    levels = scheme.status_classes(model)
    if len(levels) <= len(SEQUENTIAL):
        colours = [fill.colour for fill in steps(len(levels))]
    else:
        colours = [category.colour for category in reversed(model.category)]
    fills = {
        f"{level.id}{direction.id}": Fill(colour, hatch)
        for level, colour in zip(levels, colours, strict=True)
        for direction, hatch in zip(scheme.dynamics.classes, BY_DYNAMICS, strict=True)
    }
    return dict(reversed(fills.items()))


def moves_layer(
    results: FollowUpResults, model: Model
) -> tuple[Classification | None, dict[tuple[str, str], Explanation]]:
    """Which way each area's category moved, with the reason in the panel."""
    frame, language = results.frames.get("category_changes"), results.language
    if frame is None or not (frame["model"] == model.id).any():
        return None, {}
    rows = nearest_pairs(frame[frame["model"] == model.id])
    assert rows is not None
    text = words("follow_up", language)
    categories = [
        MapCategory(name, text[f"direction:{name}"].capitalize(), colour, Fill(colour, hatch))
        for (name, colour), hatch in zip(_MOVES, reversed(BY_DYNAMICS), strict=True)
    ]
    category = rows["direction"].replace({"not_assessed": TOO_SMALL})
    layer = Classification(
        id=f"{model.id}-moves",
        group="change",
        version=model.version,
        label=word("follow_up_map", "moves", language, model=model.label(language)),
        categories=tuple(categories),
        rows=_rows(rows, category, model.version),
        notice=model.notice(language),
        case_state=model.case_state(language),
    )
    further = frame[frame["direction"].isin(["better", "worse"]) & ~frame.index.isin(rows.index)]
    notes: dict[tuple[str, str], list[str]] = {}
    for each in (rows, further[further["model"] == model.id].sort_values("period_before", ascending=False)):
        for area, period, reason in each[["area_id", "period", "reason"]].astype(str).to_numpy().tolist():
            notes.setdefault((area, period), []).append(reason)
    return layer, {key: Explanation(notes=reasons) for key, reasons in notes.items()}


def causes_layers(results: FollowUpResults, model: Model) -> list[Classification]:
    """Why areas changed category, a layer for each number of years: people moved, the residents changed, or chance.

    None but in an internal set where persons are linked over years.

    Parameters
    ----------
    results : FollowUpResults
        Of one set of output.
    model : Model
        Whose categories they are.
    """
    causes, changes = results.frames.get("category_causes"), results.frames.get("category_changes")
    if causes is None or changes is None or not (causes["model"] == model.id).any():
        return []
    language, keys = results.language, ["area_id", "model", "period_before", "period"]
    rows = changes.loc[changes["model"] == model.id, [*keys, "direction"]].merge(
        causes[[*keys, "cause", "reason"]], on=keys, how="left"
    )
    rows["reason"] = rows["reason"].fillna("")
    years = rows["period"].str[:4].astype(int) - rows["period_before"].str[:4].astype(int)
    deaths_unknown = causes["cause"].str.contains(MOVES_OR_DEATHS).any()
    unused = "cause_moves" if deaths_unknown else f"cause_{MOVES_OR_DEATHS}"
    categories = tuple(
        MapCategory(name, word("follow_up_map", name, language), fill.colour, fill, name != _SAME)
        for name, fill in _CAUSES.items()
        if name != unused
    )
    named = rows["cause"].map(_cause_class, na_action="ignore")
    category = named.fillna(rows["direction"].map(_WITHOUT_CAUSE)).fillna("cause_cannot_tell")
    return [
        Classification(
            id=f"{model.id}{CAUSES}{span}",
            group="change",
            version=model.version,
            label=word("follow_up_map", "causes", language, years=str(span), model=model.label(language)),
            categories=categories,
            rows=_rows(rows[years == span], category[years == span], model.version),
            notice=model.notice(language),
            case_state=model.case_state(language),
            source=word("follow_up_map", "causes_source", language),
            share_note=words("follow_up_map", language)["causes_share"],
            without_row=word("follow_up_map", "no_earlier", language),
        )
        for span in sorted(years.unique().tolist())
        if named[years == span].notna().any()
    ]


def _cause_class(cause: str) -> str:
    """The class of a cause as its table writes it.

    Examples
    --------
    >>> [_cause_class(each) for each in ("moves", "chance", "moves|residents", "reference")]
    ['cause_moves', 'cause_chance', 'cause_several', 'cause_other']
    """
    if "|" in cause or "+" in cause:
        return "cause_several"
    return f"cause_{cause}" if f"cause_{cause}" in _CAUSES else "cause_other"


def _rows(rows: pd.DataFrame, category: pd.Series, version: str) -> pd.DataFrame:
    """Rows of a classification that gives no points."""
    return pd.DataFrame(
        {
            "area_id": rows["area_id"].astype(str),
            "period": rows["period"],
            "model_version": version,
            "category": category,
            "possible": "",
            "undetermined_by": "",
            "period_before": rows["period_before"],
            **({"reason": rows["reason"]} if "reason" in rows.columns else {}),
        }
    ).reset_index(drop=True)
