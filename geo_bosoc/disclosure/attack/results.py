"""Published results as an outsider would read them in files: what an audit before writing attacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY, REST
from geo_bosoc.disclosure.attack.public_set import (
    PROTECTED,
    Figure,
    Policy,
    PublicSet,
    as_ratio,
    exact_number,
)
from geo_bosoc.disclosure.attack.read import (
    ALLOWED_OF_CRITERION,
    ALLOWED_OF_FIGURE,
    AREA_FIELDS,
    CLUES_OF_CRITERION,
)
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.secondary.breakdowns import declared_breakdowns
from geo_bosoc.disclosure.thresholds import indicators_of
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.variants import with_indicators

FRAMES: Final = "published results"
"""What leaks call them in the place of a file."""
_KEYS: Final = frozenset({"area_id", "period", "indicator"})


def published_set(published: PublishedResults) -> PublicSet:
    """What files would show of published results.

    Parameters
    ----------
    published : PublishedResults
        Of a public set, as they are about to be written.

    Returns
    -------
    PublicSet
        For `attack_sets`, alone or with sets that are out already.
    """
    public = PublicSet(
        published.name,
        _policy(published),
        True,
        tuple(with_indicators(model, published.indicators) for model in published.models),
        published.language,
        indicators=tuple(indicator.id for indicator in published.indicators),
        breakdowns=declared_breakdowns(published.indicators),
    )
    specs = {indicator.id: indicator for indicator in published.indicators}
    public.scales = {key: _scale(spec) for key, spec in specs.items()}
    public.heads = {key for key, spec in specs.items() if spec.unit == "count"}
    areas = published.areas
    public.names = dict(zip(areas["area_id"].astype(str), areas["name"].astype(str), strict=True))
    public.shapes = dict(zip(areas["area_id"].astype(str), areas.geometry, strict=True))
    data_periods = {
        (row["indicator"], str(row["period"])): str(row["data_period"]) for row in _records(published.sources)
    }
    for row in _records(published.table):
        key = (str(row["area_id"]), str(row["period"]), str(row["indicator"]))
        public.figures[key] = _figure(row, public, data_periods.get((key[2], key[1]), key[1]))
        reference_area = row.get("reference_area") or MUNICIPALITY
        if reference_area == REST:
            public.of_rest.add(key[2])
            if row["reference"] is not None and public.figures[key].suppressed:
                public.leak(FRAMES, key, "reference")
        if row["reference"] is not None and reference_area == MUNICIPALITY:
            reference = as_ratio(Fraction(repr(float(row["reference"]))))
            public.references.setdefault((key[1], "", key[2]), reference)
        if public.figures[key].suppressed:
            for name in set(row) - ALLOWED_OF_FIGURE - _KEYS:
                if row[name] is not None:
                    public.leak(FRAMES, key, name)
    for row in _records(published.reference_areas):
        total = _figure(row, public, str(row["period"]))
        if total.count is not None and not total.suppressed:
            public.totals[str(row["area_id"]), str(row["period"]), str(row["indicator"])] = total
    for row in _records(published.categories):
        names = [name for name in row if name in AREA_FIELDS]
        row_texts = {name: _text(row[name]) for name in names}
        public.area_rows[str(row["area_id"]), str(row["period"]), str(row["model"])] = row_texts
    for row in _records(published.flags):
        key = (str(row["area_id"]), str(row["period"]), str(row["model"]))
        public.area_rows.setdefault(key, {})[f"is_{row['category']}"] = _text(row["met"])
    _read_criteria(public, _records(published.criteria))
    return public


def _policy(published: PublishedResults) -> Policy:
    policy = published.policy
    hides_zeros, blind = policy.zeros == "hide", policy.blind
    thresholds = tuple(indicators_of(each, published.indicators) for each in policy.thresholds)
    return Policy(
        policy.policy, policy.minimum, policy.least, hides_zeros, blind, policy.minimum_base, thresholds
    )


def _scale(spec: Indicator) -> int:
    return 0 if spec.unit == "mean" or spec.mean_of is not None else spec.scale * spec.weight_scale


def _figure(row: Mapping[str, Any], public: PublicSet, data_period: str) -> Figure:
    count, base, unknown, value = (row[name] for name in ("numerator", "denominator", "unknown", "value"))
    scale = max(public.scales.get(str(row["indicator"]), 1), 1)
    return Figure(
        str(row["status"]),
        None if count is None else Fraction(int(count), scale),
        None if base is None else int(base) - int(unknown or 0),
        None if value is None else Fraction(repr(float(value))),
        data_period,
    )


def _read_criteria(public: PublicSet, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        key = (str(row["area_id"]), str(row["period"]), str(row["model"]), str(row.get("criterion")))
        of_rest = public.compares_with_rest(key[2], key[3])
        if row.get("reference") is not None and not of_rest:
            reference = as_ratio(Fraction(repr(float(row["reference"]))))
            public.references.setdefault((key[1], key[2], key[3]), reference)
        if row.get("status") != PROTECTED:
            continue
        if row.get("reference") is not None and of_rest:
            public.leak(FRAMES, (key[0], key[1], str(row["indicator"])), "reference")
        for name in set(row) - ALLOWED_OF_CRITERION - CLUES_OF_CRITERION:
            if row[name] is not None:
                public.leak(FRAMES, (key[0], key[1], str(row["indicator"])), name)
        for name, clues in (("points", public.points), ("threshold", public.threshold)):
            number = exact_number(_text(row.get(name)))
            if number is not None:
                clues[key] = number
        if row.get("met") in ("met", "not_met"):
            public.met[key] = str(row["met"])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows with None for what is missing."""
    columns = {
        name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame.columns
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
