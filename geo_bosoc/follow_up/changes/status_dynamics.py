"""Status x dynamics: an area's level now, and what it did over some years against the reference, as one class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.disclosure.results import RESIDENTS, Results
from geo_bosoc.follow_up.changes.change import area_names, chosen_pairs, compare
from geo_bosoc.follow_up.schemes import LEAST_AREAS, Of, Scheme, load_scheme
from geo_bosoc.models.category import RANGE, UNDETERMINED
from geo_bosoc.models.criteria import TOO_SMALL, Criterion
from geo_bosoc.models.spec import Model
from geo_bosoc.text.catalogue import as_language

Floats = npt.NDArray[np.float64]

DYNAMICS_COLUMNS: Final = (
    "area_id", "name", "model", "scheme", "period_before", "period", "class", "class_label", "status_class",
    "dynamics_class", "status_score", "dynamics_score", "status",
)  # fmt: skip
"""The columns of `status_dynamics`, in order."""


class Scores(NamedTuple):
    """What is cut into classes, of areas in one order: the least and the most that it can be, and why there is none."""

    low: Floats
    high: Floats
    status: npt.NDArray[np.object_]


def cross_classes(scheme: Scheme, status: Iterable[object], dynamics: Iterable[object]) -> list[str]:
    """The class of both from a class of status and one of dynamics; "" where one of them is none of the scheme's.

    Parameters
    ----------
    scheme : Scheme
        One with classes of status of its own.
    status, dynamics : iterable
        Ids of classes, as they are published.

    Returns
    -------
    list of str
        The ids of the classes of both, in the order given.

    Examples
    --------
    >>> cross_classes(load_scheme("berlin"), [2, 4, 0], ["+/-", "-", "0"])
    ['2+/-', '4-', '']
    """
    levels = {each.id for each in scheme.status.classes}
    directions = {each.id for each in scheme.dynamics.classes}
    return [
        f"{level}{direction}" if str(level) in levels and str(direction) in directions else ""
        for level, direction in zip(status, dynamics, strict=True)
    ]


def standard_scores(figures: npt.ArrayLike) -> Floats:
    """Figures of areas in standard deviations from the mean (ddof 0), summed over indicators and standardised again.

    Parameters
    ----------
    figures : array-like
        An area a row, an indicator a column, high being bad; an area with a missing figure has no score and is not
        counted in.

    Returns
    -------
    ndarray of float
        A score an area; NaN for all where too few areas have every figure (`geo_bosoc.follow_up.schemes.LEAST_AREAS`).
        An indicator that is the same everywhere adds nothing.

    References
    ----------
    Senatsverwaltung für Stadtentwicklung Berlin, Monitoring Soziale Stadtentwicklung 2013: z values, summed and
    standardised; its published classes are in the tests.

    Examples
    --------
    >>> standard_scores([[0.1], [0.2], [0.3], [0.4], [0.5], [0.5], [0.4], [0.3], [0.2], [0.1]]).round(2).tolist()
    [-1.41, -0.71, -0.0, 0.71, 1.41, 1.41, 0.71, -0.0, -0.71, -1.41]
    """
    values = np.asarray(figures, dtype=np.float64)
    complete = np.isfinite(values).all(axis=1) if values.shape[1] else np.zeros(len(values), dtype=bool)
    scores: Floats = np.full(len(values), np.nan)
    if complete.sum() >= LEAST_AREAS:
        sums = _standardised(values[complete]).sum(axis=1)
        scores[complete] = _standardised(sums[:, None])[:, 0]
    return scores


def _standardised(values: Floats) -> Floats:
    mean, spread = values.mean(axis=0), values.std(axis=0)
    has_spread = spread > 1e-12 * np.maximum(np.abs(values).max(axis=0), 1e-300)
    return np.asarray(np.where(has_spread, (values - mean) / np.where(has_spread, spread, 1.0), 0.0))


def status_dynamics(
    results: Results,
    scheme: Scheme | str = "categories",
    *,
    years: int | None = None,
    models: Sequence[str] | None = None,
    language: str | None = None,
) -> pd.DataFrame:
    """Each area's status now and dynamics over some years, as one class, by any model.

    Everything is worked out from the categories, criteria and figures in `results` alone. An area has a class where
    what is shown leaves no other; standard deviations are those of the areas with every figure shown.

    Parameters
    ----------
    results : Results
        Of a run with a model; those that `suppress` gave, to publish what comes out.
    scheme : Scheme or str, optional
        What level and direction are, and where they are cut: one that ships (``categories``, ``points``,
        ``hamburg``, ``berlin``), or a file (see `geo_bosoc.follow_up.load_scheme`).
    years : int, optional
        Over how many years the dynamics are taken; left out, the scheme's.
    models : sequence of str, optional
        Ids of the models; left out, all.
    language : {"da", "en"}, optional
        Of names and labels; that of the results where it is left out.

    Returns
    -------
    DataFrame
        One row an area, model and period that has one so many years before: `DYNAMICS_COLUMNS`. ``status_class`` and
        ``dynamics_class`` count from 1, the best; ``class`` is the id of both. Where there is none, ``status`` says
        why: protected, missing, or not_applicable (too small).

    Raises
    ------
    InputError
        There is no such scheme or file, or the file is wrong.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"))  # doctest: +SKIP
    >>> gb.follow_up.status_dynamics(published, "berlin")["class"].value_counts()  # doctest: +SKIP
    """
    chosen = as_language(language or results.language)
    rule = scheme if isinstance(scheme, Scheme) else load_scheme(scheme)
    pairs = chosen_pairs(results, None, None, None, years or rule.years)
    names = area_names(results, chosen)
    areas = [str(area) for area in results.areas["area_id"]]
    frames = []
    for model in results.models:
        if models is not None and model.id not in models:
            continue
        for before, period in pairs:
            small = _too_small(results, areas, (before, period), rule.least_residents)
            status = _level(results, model, rule.status.of, areas, period, small)
            dynamics = _direction(results, model, rule.dynamics.of, areas, before, period, small)
            frame = _crossed(model, rule, status, dynamics, small, chosen)
            frame = frame.assign(area_id=areas, model=model.id, period_before=before, period=period)
            rows = results.categories[results.categories["model"] == model.id]
            present = rows.loc[rows["period"] == period, "area_id"].astype(str)
            frames.append(frame[frame["area_id"].isin(present)])
    if not frames:
        return pd.DataFrame(columns=list(DYNAMICS_COLUMNS))
    frame = pd.concat(frames, ignore_index=True)
    frame["name"] = frame["area_id"].map(names)
    return frame.assign(scheme=rule.id)[list(DYNAMICS_COLUMNS)]


def class_labels(scheme: Scheme, model: Model, language: str) -> dict[str, str]:
    """The words of the classes by id, the best status first and in it the best dynamics.

    >>> from geo_bosoc.models.load import load_model
    >>> labels = class_labels(load_scheme("categories"), load_model("aarhus-2018"), "en")
    >>> len(labels), labels["deprived-"]
    (12, 'Deprived, worse')
    """
    return {
        f"{level.id}{direction.id}": f"{level.label(language)}, {direction.label(language)}"
        for level in scheme.status_classes(model)
        for direction in scheme.dynamics.classes
    }


def _crossed(
    model: Model,
    scheme: Scheme,
    status: Scores,
    dynamics: Scores,
    small: npt.NDArray[np.bool_],
    language: str,
) -> pd.DataFrame:
    """The classes of areas: where every value that is left gives the same one."""
    levels, directions = scheme.status_classes(model), scheme.dynamics.classes
    if scheme.status.of == "category":
        classes = [np.nan_to_num(each, nan=0.0).astype(np.int64) for each in (status.low, status.high)]
    else:
        classes = [scheme.status.classes_of(each) for each in (status.low, status.high)]
    moves = [scheme.dynamics.classes_of(each) for each in (dynamics.low, dynamics.high)]
    of_status, of_dynamics = (np.where(low == high, low, 0) for low, high in (classes, moves))
    both = (of_status > 0) & (of_dynamics > 0) & ~small
    reasons = [
        "not_applicable"
        if is_small
        else next((why for why in ("not_applicable", "protected", "missing") if why in pair), "missing")
        for is_small, *pair in zip(small, status.status, dynamics.status, strict=True)
    ]
    ids = [
        f"{levels[level - 1].id}{directions[move - 1].id}" if is_told else ""
        for is_told, level, move in zip(both, of_status, of_dynamics, strict=True)
    ]
    labels = class_labels(scheme, model, language)
    scores = {
        name: np.where(both & (each.low == each.high), each.low, np.nan)
        for name, each in (("status_score", status), ("dynamics_score", dynamics))
    }
    return pd.DataFrame(
        {
            "class": ids,
            "class_label": [labels.get(each, "") for each in ids],
            "status_class": pd.Series(np.where(both, of_status, 0), dtype="Int64").mask(~pd.Series(both)),
            "dynamics_class": pd.Series(np.where(both, of_dynamics, 0), dtype="Int64").mask(~pd.Series(both)),
            **scores,
            "status": np.where(both, "ok", np.array(reasons, dtype=object)),
        }
    )


def _too_small(
    results: Results, areas: list[str], periods: Sequence[str], least: int
) -> npt.NDArray[np.bool_]:
    """Areas with fewer residents in one of the periods, as far as the residents are told."""
    residents = results.residents[results.residents["period"].isin(periods)]
    fewest = residents.groupby("area_id")[RESIDENTS].min().reindex(areas)
    return (fewest.astype("Float64").fillna(least) < least).to_numpy(bool)


def _level(
    results: Results, model: Model, of: Of, areas: list[str], period: str, small: npt.NDArray[np.bool_]
) -> Scores:
    """What a period's status is cut from."""
    if of == "category":
        return _categories(results, model, areas, period)
    if of == "points":
        return _points(results, model, areas, period)
    figures, statuses = [], []
    rows = results.table[results.table["period"] == period].set_index("area_id")
    for criterion in _figures(model):
        of_indicator = rows[rows["indicator"] == criterion.indicator].reindex(areas)
        shown = of_indicator["value"].astype("float64").where(of_indicator["status"] == "ok")
        figures.append(_bad_side(shown, criterion))
        statuses.append(of_indicator["status"].fillna("missing").to_numpy(object))
    return _standard(figures, statuses, small)


def _direction(
    results: Results,
    model: Model,
    of: Of,
    areas: list[str],
    before: str,
    period: str,
    small: npt.NDArray[np.bool_],
) -> Scores:
    """What the dynamics between two periods are cut from: more is worse."""
    if of != "figures":
        old, new = (_level(results, model, of, areas, each, small) for each in (before, period))
        reasons = [
            next((why for why in ("not_applicable", "protected", "missing") if why in pair), "ok")
            for pair in zip(old.status, new.status, strict=True)
        ]
        return Scores(new.low - old.high, new.high - old.low, np.array(reasons, dtype=object))
    figures, statuses = [], []
    change = compare(results, before, period).set_index("area_id")
    for criterion in _figures(model):
        rows = change[change["indicator"] == criterion.indicator].reindex(areas)
        moved = rows["against_reference"].astype("float64").fillna(rows["difference"].astype("float64"))
        figures.append(_bad_side(moved, criterion, is_change=True))
        statuses.append(rows["status"].fillna("missing").to_numpy(object))
    return _standard(figures, statuses, small)


def _figures(model: Model) -> list[Criterion]:
    """The criteria of a model that look at different figures, those on residents' origin left out."""
    return list({each.indicator: each for each in model.criterion if not each.uses_origin}.values())


def _bad_side(figures: pd.Series, criterion: Criterion, *, is_change: bool = False) -> Floats:
    """Values turned so that high is bad."""
    values = np.asarray(figures, dtype=np.float64)
    if criterion.complement:
        return -values if is_change else 1 - values
    return -values if criterion.direction == "low_is_bad" else values


def _standard(
    figures: Sequence[Floats], statuses: Sequence[npt.NDArray[np.object_]], small: npt.NDArray[np.bool_]
) -> Scores:
    """Standard scores of the areas that are large enough, and why an area has none."""
    count = len(small)
    values = np.column_stack(figures) if figures else np.empty((count, 0))
    scores = standard_scores(np.where(small[:, None], np.nan, values))
    stacked = np.column_stack(statuses) if statuses else np.full((count, 1), "missing", dtype=object)
    reasons = [
        "ok"
        if np.isfinite(score)
        else next((why for why in ("protected", "not_published") if why in row), "missing")
        for score, row in zip(scores, stacked, strict=True)
    ]
    plain = ["protected" if why == "not_published" else why for why in reasons]
    return Scores(scores, scores, np.array(plain, dtype=object))


def _categories(results: Results, model: Model, areas: list[str], period: str) -> Scores:
    """The ranks of categories, 1 the mildest; of a range, those that it lies between."""
    rank = {each.id: place for place, each in enumerate(reversed(model.category), start=1)}
    rows = _rows_of(results, model, areas, period)
    possible = rows["possible"] if "possible" in rows.columns else pd.Series(None, index=rows.index)
    low, high = np.full(len(areas), np.nan), np.full(len(areas), np.nan)
    reasons = []
    for place, (category, between) in enumerate(zip(rows["category"], possible, strict=True)):
        names = str(between).split(", ") if category in (RANGE, UNDETERMINED) else [category]
        ranks = [rank[name] for name in names if name in rank]
        if ranks:
            low[place], high[place] = min(ranks), max(ranks)
        reasons.append(_why(category))
    return Scores(low, high, np.array(reasons, dtype=object))


def _points(results: Results, model: Model, areas: list[str], period: str) -> Scores:
    """The points that areas can have; of rules, how many criteria can be met, but for residents' origin."""
    rows = _rows_of(results, model, areas, period)
    reasons = np.array([_why(category) for category in rows["category"]], dtype=object)
    if model.kind == "rules":
        keys = [criterion.key for criterion in model.criterion if not criterion.uses_origin]
        criteria = results.criteria[
            (results.criteria["model"] == model.id) & (results.criteria["period"] == period)
        ]
        ids = criteria["criterion"] if "criterion" in criteria.columns else criteria["indicator"]
        met = criteria.assign(key=ids).pivot_table(
            index="area_id", columns="key", values="met", aggfunc="first"
        )
        met = met.reindex(index=areas, columns=keys)
        low = (met == "met").sum(axis=1).to_numpy(np.float64)
        high = low + (~met.isin(["met", "not_met"])).sum(axis=1).to_numpy(np.float64)
    else:
        points = rows["points"].astype("float64")
        low, high = (
            points.fillna(rows[name].astype("float64")).to_numpy(np.float64)
            for name in ("points_min", "points_max")
        )
    is_assessed = reasons != "not_applicable"
    low, high = (np.where(is_assessed, each, np.nan) for each in (low, high))
    reasons = np.where((low == high) & is_assessed, "ok", np.where(reasons == "ok", "protected", reasons))
    return Scores(low, high, reasons)


def _rows_of(results: Results, model: Model, areas: list[str], period: str) -> pd.DataFrame:
    rows = results.categories
    rows = rows[(rows["model"] == model.id) & (rows["period"] == period)]
    return rows.set_index("area_id").reindex(areas)


def _why(category: object) -> str:
    """Why a row of categories gives no class, as a status."""
    if category == RANGE:
        return "protected"
    if category == TOO_SMALL:
        return "not_applicable"
    return "missing" if category == UNDETERMINED or not isinstance(category, str) else "ok"
