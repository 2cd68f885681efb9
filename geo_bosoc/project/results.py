"""`Results` of a run, put together from its tables and categorisations, with the source of each indicator's figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pandas as pd

from geo_bosoc.disclosure.results import AreaPairs, Results
from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.plan import Part, make_parts, needed_columns
from geo_bosoc.indicators.similar_areas import TwinsPart
from geo_bosoc.models import (
    Categorisation,
    robustness,
    smallest_change,
)
from geo_bosoc.models.categorisation import CATEGORY_COLUMNS, CRITERIA_COLUMNS, FLAG_COLUMNS
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.problems import Report
from geo_bosoc.project.home_columns import HomeSource
from geo_bosoc.project.inputs import HOUSEHOLDS, RESIDENTS, Inputs
from geo_bosoc.project.requests import id_columns, register_of
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.text.catalogue import Language, as_language, word


def make_results(
    project: Project,
    inputs: Inputs,
    counts: pd.DataFrame,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    categorisations: Sequence[Categorisation],
    *,
    yearly: pd.DataFrame,
    recounted: pd.DataFrame,
    pairs: AreaPairs | None,
    profile: TwinsPart | None,
    nearest: pd.DataFrame,
    language: str | None,
    uncertainty: bool,
    internal: bool,
    report: Report,
) -> Results:
    """The results of a run on true counts; of indicators, those that outputs show.

    Parameters
    ----------
    project : Project
        Whose name, language and registers the results bear.
    inputs : Inputs
        What was read.
    counts : DataFrame
        The areas' counts, for the data's periods.
    table, reference_areas : DataFrame
        Indicator tables of the areas and of the reference areas.
    yearly : DataFrame
        The areas' counts of single periods behind pooled figures.
    recounted : DataFrame
        How figures of areas as they were became those of today's.
    pairs : AreaPairs or None
        Which areas contain or overlap others, by their addresses.
    profile : TwinsPart or None
        By which figures areas are called alike, where anything is compared with them.
    nearest : DataFrame
        Which areas are alike.
    categorisations : sequence of Categorisation
        Each model's.
    language : str or None
        Instead of the project's.
    uncertainty, internal : bool
        The categories say how sure they are, and hold each area's smallest change too (`with_uncertainty`).
    report : Report
        The warnings and the facts of the run, which the results keep.
    """
    spec = project.spec.project
    chosen = as_language(language or spec.language)
    shown = [indicator.id for indicator in inputs.shown]
    categories = [categorisation.categories for categorisation in categorisations]
    if uncertainty:
        categories = [
            with_uncertainty(categorisation, chosen, internal=internal) for categorisation in categorisations
        ]
    outline = {"municipality": inputs.outline} if inputs.outline is not None else {}
    return Results(
        name=spec.name,
        language=chosen,
        made_up=spec.made_up,
        municipality=spec.municipality,
        pairs=pairs,
        groups=project.spec.groups,
        profile=profile,
        nearest=nearest,
        internal_indicators=internal_indicators(inputs),
        internal_registers=frozenset(
            name for name, register in project.spec.registers.items() if register.publish == "internal"
        ),
        areas=inputs.areas,
        context={**outline, **inputs.context},
        backdrop=inputs.backdrop,
        indicators=inputs.shown,
        table=table[table["indicator"].isin(shown)].reset_index(drop=True),
        reference_areas=reference_areas[reference_areas["indicator"].isin(shown)].reset_index(drop=True),
        residents=_counts_of(RESIDENTS, table),
        households=_counts_of(HOUSEHOLDS, table),
        yearly=yearly[yearly["indicator"].isin(shown)].reset_index(drop=True),
        recounted=recounted[recounted["indicator"].isin(shown)].reset_index(drop=True),
        models=tuple(categorisation.model for categorisation in categorisations),
        categories=_stacked(categories, CATEGORY_COLUMNS),
        criteria=_stacked([each.criteria for each in categorisations], CRITERIA_COLUMNS),
        histories={
            done.model.id: use.history
            for done, use in zip(categorisations, inputs.uses, strict=True)
            if use.history is not None
        },
        themes={name: project.spec.map.theme(name) for name in shown},
        flags=_stacked([each.flags for each in categorisations], FLAG_COLUMNS),
        sources=sources_of(inputs, counts, chosen),
        report=report,
    )


def with_uncertainty(categorisation: Categorisation, language: Language, *, internal: bool) -> pd.DataFrame:
    """The categories, the last period's with how sure they are.

    The draws start from every figure: `geo_bosoc.disclosure` takes away what they say of areas with a suppressed one.

    Returns
    -------
    DataFrame
        `Categorisation.categories` with ``held`` (the share of draws in which the category held) and
        ``change_by_chance`` (the chance of another category the year after with nothing changed), missing for earlier
        periods, areas without a category and index models; with `internal` also ``smallest_change``, a sentence.
    """
    rows = categorisation.categories.assign(held=float("nan"), change_by_chance=float("nan"))
    if rows.empty or categorisation.model.kind == "index":
        return rows
    last = str(rows["period"].max())
    in_last_period = rows["period"] == last
    stability = robustness(categorisation, last).areas.set_index("area_id")
    for name in ("held", "change_by_chance"):
        rows.loc[in_last_period, name] = rows.loc[in_last_period, "area_id"].map(stability[name])
    if internal:
        rows["smallest_change"] = None
        for row, area_id in rows.loc[in_last_period, "area_id"].items():
            change = smallest_change(categorisation, str(area_id), last)
            rows.loc[row, "smallest_change"] = (
                change.text(categorisation.model, language) if change is not None else None
            )
    return rows


def _stacked(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Frames of several models one below the other; without a model, no rows."""
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


def _counts_of(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """``area_id, period`` and the counts of a plain count, under its name."""
    rows = table[(table["indicator"] == name) & (table["status"] == "ok")]
    frame = rows[["area_id", "period", "numerator"]].rename(columns={"numerator": name})
    return frame.astype({name: "int64"}).reset_index(drop=True)


_SPAN: Final = re.compile(r"\d{4}(?:K[1-4])?-(\d{4}(?:K[1-4])?)")
"""Several periods together, such as ``2022-2024`` or ``2023K2-2024K1``, and the last of them."""


def sources_of(inputs: Inputs, counts: pd.DataFrame, language: Language) -> pd.DataFrame:
    """A row for each register that a told indicator counts in, for each period.

    Parameters
    ----------
    inputs : Inputs
        What was read: registers and indicators.
    counts : DataFrame
        The counts of a run (``indicator, period, data_period`` of them).
    language : {"da", "en"}
        Of the sources' texts.

    Returns
    -------
    DataFrame
        `SOURCE_COLUMNS`. ``data_period`` is the data's own period (`period_shift` taken back), and ``status_date`` the
        day that gives the homes or on which the rows hold, else the one that the register says it describes.
    """
    data = counts.drop_duplicates(["indicator", "period"]).set_index(["indicator", "period"])["data_period"]
    periods = sorted(counts["period"].unique())
    rows = []
    for part in _parts(inputs):
        spec = inputs.specs[part.register]
        for period in periods if part.indicator.id in data.index.get_level_values(0) else ():
            data_period = data[(part.indicator.id, period)]
            source = "; ".join(
                [
                    spec.source or part.indicator.source_text(language),
                    *_at_home(inputs, part, language, period),
                ]
            )
            rows.append(
                (
                    part.indicator.id,
                    period,
                    register_of(part.register),
                    _own_period(spec, data_period),
                    word("common", "home_on_event", language)
                    if spec.home_on == "event"
                    else _status_date(spec, data_period),
                    source,
                )
            )
    return pd.DataFrame(rows, columns=list(SOURCE_COLUMNS)).drop_duplicates(ignore_index=True)


def _at_home(inputs: Inputs, part: Part, language: Language, period: str) -> list[str]:
    """What the further columns of homes are, of those that a part of an indicator is counted by."""
    return [source.text(language, period) for source in _home_sources(inputs, part)]


def _home_sources(inputs: Inputs, part: Part) -> list[HomeSource]:
    registers, ids = list(inputs.registers), id_columns(inputs.specs)
    columns = needed_columns([part.indicator], registers, ids=ids, report=Report()).get(part.register, ())
    return [inputs.home_sources[name] for name in columns if name in inputs.home_sources]


def internal_indicators(inputs: Inputs) -> frozenset[str]:
    """The told indicators that count in a register, or by a raster, with ``publish = "internal"``."""
    return frozenset(
        part.indicator.id
        for part in _parts(inputs)
        for register in (part.register, *(source.register for source in _home_sources(inputs, part)))
        if register and inputs.specs[register].publish == "internal"
    )


def _parts(inputs: Inputs) -> tuple[Part, ...]:
    """What outputs tell: the indicators shown, and the residents that stand beside every area."""
    shown = {indicator.id for indicator in inputs.shown}
    residents = [
        indicator
        for indicator in inputs.indicators
        if indicator.id == RESIDENTS and indicator.id not in shown
    ]
    published: tuple[Indicator, ...] = (*inputs.shown, *residents)
    return make_parts(published, inputs.registers, id_columns(inputs.specs))


def _own_period(spec: RegisterSpec, data_period: object) -> object:
    """The period of the data themselves, where a register stands for lists of other years."""
    if not isinstance(data_period, str) or spec.period_shift == 0:
        return data_period
    return re.sub(r"\d{4}", lambda year: str(int(year.group()) - spec.period_shift), data_period)


def _status_date(spec: RegisterSpec, data_period: object) -> str | None:
    """The day that the figures describe: that of the last period they rest on.

    Rows that take their home from a key, or that hold over time, are looked up on the day of the list they count in;
    any others describe a day of their own period.

    >>> survey = RegisterSpec(path="survey.csv", unit="person", status_date="{year}-09-01")
    >>> _status_date(survey, "2022-2024"), _status_date(survey, "2013K1")
    ('2024-09-01', '2013-09-01')
    >>> shifted = {"period_shift": 1, "status_date": "{year}-01-01"}
    >>> charges = RegisterSpec(path="c.csv", unit="case", person="CPR", **shifted)
    >>> table = RegisterSpec(path="t.csv", unit="count", **shifted)
    >>> _status_date(charges, "2024"), _status_date(table, "2024")
    ('2024-01-01', '2023-01-01')
    """
    if not isinstance(data_period, str):
        return None
    span = _SPAN.fullmatch(data_period)
    last = span[1] if span else data_period
    keyed = spec.person is not None or (spec.dwelling is not None and spec.unit != "dwelling")
    looked_up = keyed or spec.spell is not None
    return spec.status_date_of(last if looked_up else str(_own_period(spec, last)))
