"""What may come, for the internal set of the follow-up: early warning, and the list of 1 December ahead of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.ahead.early_warning import early_warnings
from geo_bosoc.follow_up.ahead.list_ahead import list_ahead
from geo_bosoc.follow_up.ahead.list_figures import with_figure
from geo_bosoc.follow_up.ahead.list_texts import read_obligations
from geo_bosoc.follow_up.ahead.suppressed_forecasts import (
    as_published,
    suppress_list,
    suppress_warnings,
    suppressed_figures,
    warning_sentences,
)
from geo_bosoc.follow_up.spec import ListAheadPart, WarningPart
from geo_bosoc.models import load_model
from geo_bosoc.models.load import read_history
from geo_bosoc.models.rules import History, from_flags, merge_histories
from geo_bosoc.models.spec import Model
from geo_bosoc.models.table_files import read_finished
from geo_bosoc.problems import InputError, Problem, Report, add_problems
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.analysis import Analysis
from geo_bosoc.project.spec import Project

COMBINED_LETTING = "combined-letting"
OUTSIDE_51B = "outside_labour_51b_pct"
"""Who is outside the labour market by the list of benefits of §51b, which is another one than §61a's."""


@dataclass(frozen=True)
class Ahead:
    """The internal tables, and models that are none of the project's own."""

    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    models: tuple[Model, ...] = ()


def study_ahead(project: Project, analysis: Analysis, published: PublishedResults, report: Report) -> Ahead:
    """The tables of `[follow_up.warning]` and `[follow_up.list_ahead]`, as far as the internal set may show them.

    Parameters
    ----------
    project : Project
        With `[follow_up]`.
    analysis : Analysis
        True figures, and how they were categorised.
    published : PublishedResults
        Of the internal set: what is suppressed in it tells nothing here either.
    report : Report
        Takes the problems.
    """
    part = project.spec.follow_up
    frames: dict[str, pd.DataFrame] = {}
    models: tuple[Model, ...] = ()
    if part is not None and part.warning is not None:
        frames |= warning_frames(part.warning, analysis, published)
    if part is not None and part.list_ahead is not None:
        try:
            more, models = _list_frames(project, part.list_ahead, analysis, published, report)
            frames |= more
        except InputError as error:
            add_problems(report, error.problems)
    return Ahead(frames, models)


def warning_frames(
    part: WarningPart, analysis: Analysis, published: PublishedResults
) -> dict[str, pd.DataFrame]:
    """The tables of early warning (``warning, warning_calibration, warning_bins``) as the internal set may show them.

    Parameters
    ----------
    part : WarningPart
        How many years ahead.
    analysis : Analysis
        True figures, and how they were categorised.
    published : PublishedResults
        Of the internal set.
    """
    table = analysis.results.table
    data_periods: dict[tuple[str, str], str] = {}
    if "data_period" in table.columns:
        rows = table[["indicator", "period", "data_period"]].dropna().drop_duplicates()
        data_periods = {
            (name, period): str(of) for name, period, of in rows.itertuples(index=False, name=None)
        }
    frames: dict[str, list[pd.DataFrame]] = {"warning": [], "warning_calibration": [], "warning_bins": []}
    for categorisation in analysis.categorisations:
        shown = as_published(categorisation, published)
        ahead = early_warnings(shown, horizons=part.years, data_periods=data_periods, seed=part.seed)
        guarded = suppress_warnings(ahead.warning, published)
        model = categorisation.model
        frames["warning"].append(warning_sentences(guarded, model, published.language))
        frames["warning_calibration"].append(ahead.calibration)
        frames["warning_bins"].append(ahead.bins)
    return _stacked(frames)


def _list_frames(
    project: Project, part: ListAheadPart, analysis: Analysis, published: PublishedResults, report: Report
) -> tuple[dict[str, pd.DataFrame], tuple[Model, ...]]:
    results = analysis.results
    model = load_model(project.root / part.model if part.model.endswith(".toml") else part.model)
    if model.kind != "rules":
        hint = "Name a model of kind rules, such as national-2021."
        message = phrase("model {model} is no list: it has no rules.", model=model.id)
        raise InputError([Problem("error", message, key="follow_up.list_ahead.model", hint=hint)])
    obligations = read_obligations(None if part.obligations is None else project.root / part.obligations)
    names = dict(zip(results.areas["area_id"].astype(str), results.areas["name"].astype(str), strict=True))
    models = [model]
    if part.combined_letting and model.id != COMBINED_LETTING:
        models.append(with_figure(load_model(COMBINED_LETTING), "outside_labour_pct", OUTSIDE_51B))
    frames: dict[str, list[pd.DataFrame]] = {}
    hidden = suppressed_figures(published)
    table = None
    if part.table is not None:  # for both lists
        file = project.root / part.table
        table = read_finished(file)
        table.attrs["file"] = file.name
    for each in models:
        ahead = list_ahead(
            results.table,
            each,
            part.year,
            table=table,
            shares=part.shares,
            per_cent=part.per_cent,
            areas=names,
            reference_areas=results.reference_areas,
            indicators=results.indicators,
            parameters={name: value for name, value in part.parameters.items() if each is model},
            bases=part.bases,
            history=_history(project, part, analysis, each),
            obligations=obligations,
            language=published.language,
            report=report if each is model else Report(),
        )
        for name, frame in suppress_list(ahead, each, hidden).items():
            frames.setdefault(name, []).append(frame)
    return _stacked(frames), tuple(models)


def _stacked(frames: Mapping[str, Sequence[pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Frames of several models one below the other; those without rows are left out."""
    filled = {name: [frame for frame in parts if len(frame)] for name, parts in frames.items()}
    return {name: pd.concat(parts, ignore_index=True) for name, parts in filled.items() if parts}


def _history(project: Project, part: ListAheadPart, analysis: Analysis, model: Model) -> History | None:
    """The earlier lists: those that are named, then the project's own of this model, then what it worked out itself."""
    histories = []
    if part.history is not None:
        lists = part.history
        histories.append(read_history(lists if lists == "published" else project.root / lists, model))
    histories += [
        use.history for use in analysis.inputs.uses if use.model.id == model.id and use.history is not None
    ]
    flags = analysis.results.flags
    histories.append(from_flags(flags[flags["model"] == model.id]))
    merged = History()
    for history in histories:
        merged = merge_histories(merged, history)
    return merged
