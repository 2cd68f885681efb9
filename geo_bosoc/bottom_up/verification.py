"""Verification: the steering group's criteria held against the registers, alike for places that staff named and found
ones, with how sure that is.

The criteria are a rules model (`skanderborg` ships as an example). A place is *seen in the data* when any category but
the model's last holds. How sure that is comes from draws: each draws the place's residents anew (bootstrap) and moves
the thresholds up or down. A place whose answer does not hold in most draws, that has too few residents to tell, or that
lacks a figure that would settle it, is undetermined. Residents' origin is not used: a model that asks for it is
refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.bottom_up.place_figures import (
    SERVICE_INDICATORS,
    bootstrap_figures,
    indicator_sums,
    most_similar,
    place_values,
    pooled_values,
    value_interval,
)
from geo_bosoc.bottom_up.service_rates import (
    MEET_TIMES,
    Floats,
    given_services,
    make_standard,
    place_rows,
    place_sums,
)
from geo_bosoc.bottom_up.services import Service
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.models import load_model
from geo_bosoc.models.rules import evaluate, first_met
from geo_bosoc.models.spec import Criterion, Model
from geo_bosoc.problems import Report

CONFIRMED: Final = "confirmed"
NOT_SEEN: Final = "not_seen"
FOUND_NOT_SEEN: Final = "found_not_seen"
FOUND: Final = "found_not_named"
UNDETERMINED: Final = "undetermined"
_ORIGIN: Final = ("origin", "non_western", "herkomst", "ikke_vestlig")
_OPERATORS: Final = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}


@dataclass(frozen=True)
class Verification:
    """What the data say of each place.

    Attributes
    ----------
    verdicts : one row a place: `place_id, verdict` (confirmed: named and seen; found_not_named: seen and named by
        nobody; not_seen: named, but the criteria do not hold; found_not_seen: found, and they do not; undetermined),
        `held` (share of draws that answer as the figures do; NaN without an answer), `why` (of undetermined ones:
        "few_residents", "missing", "unsteady"; else ""), `residents`, `back`, `jaccard` (as `place_stability` gave
        them; NaN without it).
    evidence : one row a place and criterion: `place_id, criterion, value`, `low, high` (95 %), `municipality`
        (NaN for kinds, of which each is held against the municipality already),
        `similar` (similar places together), `threshold`, `met` (met | not_met | undetermined), `held` (share of draws
        that answer as `met` does). Shares are fractions.
    similar : `place_id, similar_id`: which places each was held against.
    """

    verdicts: pd.DataFrame
    evidence: pd.DataFrame
    similar: pd.DataFrame


def verify(
    places: pd.DataFrame,
    homes: pd.DataFrame,
    cases: pd.DataFrame,
    persons: pd.DataFrame,
    *,
    criteria: Model | str = "skanderborg",
    references: pd.DataFrame | None = None,
    counts: pd.DataFrame | None = None,
    services: Sequence[Service] | None = None,
    stability: pd.DataFrame | None = None,
    times: float = MEET_TIMES,
    draws: int = 500,
    moved: float = 0.1,
    least_held: float = 0.8,
    least_back: float = 0.5,
    least_residents: int = 30,
    similar: int = 10,
    seed: int = 1,
    report: Report | None = None,
) -> Verification:
    """Hold places against the criteria.

    Parameters
    ----------
    places : `place_id, named, found` (other columns are not looked at). homes : `place_id, address_id`.
    cases, persons, services, times : see `municipal_service_rates`; `persons` also needs `age` for similar places.
    criteria : a rules model, its id, or the path of its file.
    references : homes (`place_id, address_id`) of places to compare with, such as all estates; similar places are the
        `similar` ones nearest in residents and ages that share no home with the place. By default the other places.
    counts : of indicators that do not come from the cases: `address_id, indicator, numerator, denominator, unknown`.
    stability : what `place_stability` gives; a place that was found, is named by nobody and comes back in less than
        `least_back` of its draws is undetermined.
    draws, moved, seed : how many draws, and by how much thresholds move (0.1: from 90 to 110 %, all of a draw's
        together; counts of kinds are not moved). Each place draws for itself: others coming or going changes nothing.
    least_held : a smaller share of draws makes the place undetermined. least_residents : so do fewer residents.

    Raises
    ------
    InputError
        Listing what is wrong: columns that are missing, a model that uses origin or is no rules model, criteria for
        which there is no figure, places without homes.
    """
    own = Report()
    model = criteria if isinstance(criteria, Model) else load_model(criteria)
    _check(places, homes, model, counts, draws, own)
    own.raise_errors()
    given = given_services(cases, persons, services, report=own)
    sums = place_sums(given, homes)
    others = references if references is not None else homes
    reference_sums = place_sums(given, others)
    standard = make_standard(given, reference_sums, times)
    near = most_similar(persons, homes, others, similar)
    whole = place_sums(
        given, pd.DataFrame({"place_id": MUNICIPALITY, "address_id": pd.unique(given.address)})
    )
    extra = indicator_sums(counts, homes, others)
    names, place, row = place_rows(given, homes)
    named = dict(zip(places["place_id"], places["named"].astype(bool), strict=True))
    back = {} if stability is None else stability.set_index("place_id").to_dict("index")
    verdicts: list[dict[str, Any]] = []
    evidence: list[dict[str, Any]] = []
    outcomes: dict[tuple[bool, ...], bool] = {}
    for number, name in enumerate(names):
        if name not in named:
            continue
        rows = row[np.searchsorted(place, number) : np.searchsorted(place, number, side="right")]
        random = np.random.default_rng([seed, zlib.crc32(name.encode("utf-8"))])
        told = place_values(sums, number, standard) | {key: one.value(name) for key, one in extra.items()}
        drawn = bootstrap_figures(given, rows, standard, draws, random)
        drawn |= {key: one.draws(name, draws, random) for key, one in extra.items()}
        factor = random.uniform(1 - moved, 1 + moved, draws)
        reference = place_values(whole, 0, standard) | {"service_kinds": float("nan")}
        reference |= {key: one.whole for key, one in extra.items()}
        alike = pooled_values(near.get(name, ()), reference_sums, standard, extra)
        answers: list[NDArray[np.bool_]] = []
        truths: list[bool | None] = []
        for criterion in model.criterion:
            value = told[criterion.indicator]
            limit = _limit(criterion, reference[criterion.indicator])
            met = _compare(np.array([value]), criterion, np.array([limit]))[0]
            steady = np.ones(draws) if criterion.unit == "count" else factor
            answer = _compare(drawn[criterion.indicator], criterion, limit * steady)
            known = bool(np.isfinite(value) and np.isfinite(limit))
            truths.append(bool(met) if known else None)
            answers.append(answer)
            low, high = value_interval(criterion.indicator, name, sums, number, standard, drawn, extra)
            evidence.append(
                {
                    "place_id": name,
                    "criterion": criterion.key,
                    "value": value,
                    "low": low,
                    "high": high,
                    "municipality": reference[criterion.indicator],
                    "similar": alike[criterion.indicator],
                    "threshold": limit,
                    "met": ("met" if met else "not_met") if known else UNDETERMINED,
                    "held": float((answer == met).mean()) if known else np.nan,
                }
            )
        residents = int(sums.residents[number])
        seen = _seen(model, truths, outcomes)
        held = np.nan
        if seen is not None:
            patterns = np.column_stack(answers)
            held = float(np.mean([_seen(model, list(one), outcomes) == seen for one in patterns]))
        again = back.get(name, {})
        verdict, why = _verdict(seen, named[name], held >= least_held, residents >= least_residents)
        if verdict == FOUND and again.get("back", 1.0) < least_back:
            verdict, why = UNDETERMINED, "unsteady"
        verdicts.append(
            {
                "place_id": name,
                "verdict": verdict,
                "held": held,
                "why": why,
                "residents": residents,
                "back": again.get("back", np.nan),
                "jaccard": again.get("jaccard", np.nan),
            }
        )
    own.settle(report)
    pairs = [(name, one) for name in names for one in near.get(name, ())]
    return Verification(
        pd.DataFrame(verdicts, columns=_VERDICTS),
        pd.DataFrame(evidence, columns=_EVIDENCE),
        pd.DataFrame(pairs, columns=["place_id", "similar_id"]),
    )


_VERDICTS: Final = ["place_id", "verdict", "held", "why", "residents", "back", "jaccard"]
_EVIDENCE: Final = [
    "place_id", "criterion", "value", "low", "high", "municipality", "similar", "threshold", "met", "held",
]  # fmt: skip


def _check(
    places: pd.DataFrame,
    homes: pd.DataFrame,
    model: Model,
    counts: pd.DataFrame | None,
    draws: int,
    report: Report,
) -> None:
    for frame, name, columns in (
        (places, "places", ("place_id", "named", "found")),
        (homes, "homes", ("place_id", "address_id")),
    ):
        for column in columns:
            if column not in frame.columns:
                report.error("is not there.", file=name, column=column)
    if draws < 1:
        report.error("is 1 or more.", key="draws")
    if model.kind != "rules":
        report.error("the criteria are a model of kind rules.", key="criteria")
    hint = "Verification asks what the municipality does at a place, not who lives there."
    if model.uses_origin or any(word in c.indicator for c in model.criterion for word in _ORIGIN):
        report.error("the criteria use residents' origin.", hint=hint, key="criteria")
    if any(rule.persistence for category in model.category for rule in category.rule):
        report.error("the criteria ask for earlier years, which a place has none of.", key="criteria")
    for criterion in model.criterion:
        if criterion.reference is not None and criterion.reference.of != "municipality":
            report.error(
                "a criterion is compared with the municipality only.", key=f"criteria.{criterion.key}"
            )
        if criterion.measure not in ("value", "ratio"):
            report.error("a criterion's measure is value or ratio.", key=f"criteria.{criterion.key}")
    there = set() if counts is None else set(counts["indicator"])
    for name in sorted({c.indicator for c in model.criterion} - set(SERVICE_INDICATORS) - there):
        report.error(f"the criteria name {name!r}, for which there is no figure.", key="counts")
    if not report.errors:
        without = int((~places["place_id"].isin(homes["place_id"])).sum())
        if without:
            report.error("places have no homes.", file="homes", column="place_id", count=without)


def _limit(criterion: Criterion, reference: float) -> float:
    asked = criterion.limit
    assert asked is not None
    measure, size = asked
    if measure == "ratio":
        return size * reference
    return size / 100 if criterion.unit == "percent" else size


def _compare(values: Floats, criterion: Criterion, limit: Floats | float) -> NDArray[np.bool_]:
    return np.asarray(_OPERATORS[criterion.operator](values, limit), dtype=bool)


def _seen(model: Model, truths: Sequence[bool | None], cache: dict[tuple[bool, ...], bool]) -> bool | None:
    """Whether the place is seen in the data; None where a missing figure would settle it."""
    open_ones = [at for at, truth in enumerate(truths) if truth is None]
    found: set[bool] = set()
    for guess in product((False, True), repeat=len(open_ones)):
        filled = [bool(truth) for truth in truths]
        for at, value in zip(open_ones, guess, strict=True):
            filled[at] = value
        pattern = tuple(filled)
        if pattern not in cache:
            truth = {c.key: value for c, value in zip(model.criterion, pattern, strict=True)}
            cache[pattern] = first_met(model, evaluate(model, truth)) != model.category[-1].id
        found.add(cache[pattern])
    return found.pop() if len(found) == 1 else None


def _verdict(seen: bool | None, named: bool, steady: bool, enough: bool) -> tuple[str, str]:
    if not enough:
        return UNDETERMINED, "few_residents"
    if seen is None:
        return UNDETERMINED, "missing"
    if not steady:
        return UNDETERMINED, "unsteady"
    if not seen:
        return (NOT_SEEN if named else FOUND_NOT_SEEN), ""
    return (CONFIRMED if named else FOUND), ""
