"""Verification: the steering group's criteria compared with the registers, alike for nominated and detected places.

The criteria are a rules model (`skanderborg` ships as an example). A place is *seen in the data* when any category but
the model's last applies. How sure that is comes from draws: each draws the place's residents anew (bootstrap) and moves
the thresholds up or down. A place whose answer is not the same in most draws, that has too few residents to tell, or
that lacks a figure that would settle it, is undetermined. Residents' origin is not used: a model that asks for it is
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

from geo_bosoc.bottom_up.places.place_figures import (
    SERVICE_INDICATORS,
    bootstrap_figures,
    comparison_places,
    indicator_sums,
    place_values,
    pooled_values,
    value_interval,
)
from geo_bosoc.bottom_up.presence.service_rates import (
    MEET_TIMES,
    Floats,
    place_sums,
    reference_rates,
    rows_by_place,
    service_records,
)
from geo_bosoc.bottom_up.presence.services import Service
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.models import load_model
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.rules import evaluate, first_met
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

CONFIRMED: Final = "confirmed"
NOT_SEEN: Final = "not_seen"
DETECTED_NOT_SEEN: Final = "found_not_seen"
DETECTED: Final = "found_not_named"
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
    verdicts : DataFrame
        One row a place: `place_id, verdict` (confirmed: nominated and seen; found_not_named: seen, and not nominated;
        not_seen: nominated, but the criteria are not met; found_not_seen: detected, and they are not; undetermined),
        `held` (share of draws that answer as the figures do; NaN without an answer), `why` (of undetermined ones:
        "few_residents", "missing", "unsteady", "seldom_found"; else ""), `residents`, `back`, `jaccard` (as
        `place_stability` gave them; NaN without it).
    evidence : DataFrame
        One row a place and criterion: `place_id, criterion, value`, `low, high` (95 %), `municipality` (NaN for
        kinds, each of which is compared with the municipality already), `similar` (comparison places together),
        `threshold`, `met` (met | not_met | undetermined), `held` (share of draws that answer as `met` does). Shares
        are fractions.
    comparison_places : DataFrame
        `place_id, similar_id`: which places each was compared with.
    """

    verdicts: pd.DataFrame
    evidence: pd.DataFrame
    comparison_places: pd.DataFrame


def verify(
    merged_places: pd.DataFrame,
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
    threshold_shift: float = 0.1,
    least_stability: float = 0.8,
    least_recurrence: float = 0.5,
    least_residents: int = 30,
    number_compared: int = 10,
    seed: int = 1,
    report: Report | None = None,
) -> Verification:
    """Compare places with the criteria.

    Parameters
    ----------
    merged_places : DataFrame
        `place_id, named, found` (other columns are not looked at), as `merge_places` gives them.
    homes : DataFrame
        `place_id, address_id`.
    cases : DataFrame
        See `municipal_service_rates`.
    persons : DataFrame
        As there, and `age` for the comparison places.
    criteria : Model or str, optional
        A rules model, its id, or the path of its file.
    references : DataFrame, optional
        Homes (`place_id, address_id`) of places to compare with, such as all estates; comparison places are the
        `number_compared` nearest in residents and ages that share no home with the place. By default the other places.
    counts : DataFrame, optional
        Of indicators that do not come from the cases: `address_id, indicator, numerator, denominator, unknown`.
    services : sequence of Service, optional
        The kinds; by default those that ship with the package.
    stability : DataFrame, optional
        What `place_stability` gives; a place that was detected, is not nominated and comes back in less than
        `least_recurrence` of its draws is undetermined.
    times : float, optional
        See `municipal_service_rates`.
    draws : int, optional
        How many draws. Each place draws for itself: others coming or going changes nothing.
    threshold_shift : float, optional
        By how much thresholds move (0.1: from 90 to 110 %, all of a draw's together; counts of kinds are not moved).
    least_stability : float, optional
        A smaller share of draws with the same answer makes the place undetermined.
    least_recurrence : float, optional
        See `stability`.
    least_residents : int, optional
        Fewer make the place undetermined.
    number_compared : int, optional
        How many comparison places.
    seed : int, optional
        Of the draws.
    report : Report, optional
        Collects warnings.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        Listing what is wrong: columns that are missing, a model that uses origin or is no rules model, criteria for
        which there is no figure, places without homes.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo_bosoc.bottom_up import Service, verify
    >>> persons = pd.DataFrame({"person_id": range(80), "address_id": ["a"] * 40 + ["b"] * 40, "age": 40})
    >>> cases = pd.DataFrame({"person_id": range(30), "service": "care"})
    >>> places = pd.DataFrame({"place_id": ["N001"], "named": [True], "found": [False]})
    >>> homes = pd.DataFrame({"place_id": ["N001"], "address_id": ["a"]})
    >>> care = Service(id="care", label_da="Pleje", label_en="Care")
    >>> checked = verify(places, homes, cases, persons, services=[care], draws=50)
    >>> checked.verdicts[["place_id", "verdict", "residents"]].values.tolist()
    [['N001', 'confirmed', 40]]
    """
    inner_report = Report()
    model = criteria if isinstance(criteria, Model) else load_model(criteria)
    _check_inputs(merged_places, homes, model, counts, draws, inner_report)
    inner_report.raise_errors()
    records = service_records(cases, persons, services, report=inner_report)
    sums = place_sums(records, homes)
    comparison_homes = references if references is not None else homes
    reference_sums = place_sums(records, comparison_homes)
    rates = reference_rates(records, reference_sums, times)
    comparisons = comparison_places(persons, homes, comparison_homes, number_compared)
    municipality = place_sums(
        records, pd.DataFrame({"place_id": MUNICIPALITY, "address_id": pd.unique(records.address)})
    )
    other_indicators = indicator_sums(counts, homes, comparison_homes)
    names, place_numbers, person_rows = rows_by_place(records, homes)
    named = dict(zip(merged_places["place_id"], merged_places["named"].astype(bool), strict=True))
    recurrence_by_place = {} if stability is None else stability.set_index("place_id").to_dict("index")
    verdicts: list[dict[str, Any]] = []
    evidence: list[dict[str, Any]] = []
    outcomes: dict[tuple[bool, ...], bool] = {}
    for number, name in enumerate(names):
        if name not in named:
            continue
        rows = person_rows[
            np.searchsorted(place_numbers, number) : np.searchsorted(place_numbers, number, side="right")
        ]
        random = np.random.default_rng([seed, zlib.crc32(name.encode("utf-8"))])
        values = place_values(sums, number, rates) | {
            key: indicator.value(name) for key, indicator in other_indicators.items()
        }
        drawn = bootstrap_figures(records, rows, rates, draws, random)
        drawn |= {key: indicator.draws(name, draws, random) for key, indicator in other_indicators.items()}
        factors = random.uniform(1 - threshold_shift, 1 + threshold_shift, draws)
        reference = place_values(municipality, 0, rates) | {"service_kinds": float("nan")}
        reference |= {key: indicator.municipality for key, indicator in other_indicators.items()}
        pooled = pooled_values(comparisons.get(name, ()), reference_sums, rates, other_indicators)
        answers_in_draws: list[NDArray[np.bool_]] = []
        answers_now: list[bool | None] = []
        for criterion in model.criterion:
            value = values[criterion.indicator]
            limit = _limit(criterion, reference[criterion.indicator])
            met = _compare(np.array([value]), criterion, np.array([limit]))[0]
            shift = np.ones(draws) if criterion.unit == "count" else factors
            answer = _compare(drawn[criterion.indicator], criterion, limit * shift)
            has_answer = bool(np.isfinite(value) and np.isfinite(limit))
            answers_now.append(bool(met) if has_answer else None)
            answers_in_draws.append(answer)
            low, high = value_interval(
                criterion.indicator, name, sums, number, rates, drawn, other_indicators
            )
            evidence.append(
                {
                    "place_id": name,
                    "criterion": criterion.key,
                    "value": value,
                    "low": low,
                    "high": high,
                    "municipality": reference[criterion.indicator],
                    "similar": pooled[criterion.indicator],
                    "threshold": limit,
                    "met": ("met" if met else "not_met") if has_answer else UNDETERMINED,
                    "held": float((answer == met).mean()) if has_answer else np.nan,
                }
            )
        residents = int(sums.residents[number])
        seen = _seen_in_data(model, answers_now, outcomes)
        stability_of_answer = np.nan
        if seen is not None:
            patterns = np.column_stack(answers_in_draws)
            stability_of_answer = float(
                np.mean([_seen_in_data(model, list(pattern), outcomes) == seen for pattern in patterns])
            )
        recurrence = recurrence_by_place.get(name, {})
        verdict, why = _verdict(
            seen, named[name], stability_of_answer >= least_stability, residents >= least_residents
        )
        if verdict == DETECTED and recurrence.get("back", 1.0) < least_recurrence:
            verdict, why = UNDETERMINED, "seldom_found"
        verdicts.append(
            {
                "place_id": name,
                "verdict": verdict,
                "held": stability_of_answer,
                "why": why,
                "residents": residents,
                "back": recurrence.get("back", np.nan),
                "jaccard": recurrence.get("jaccard", np.nan),
            }
        )
    inner_report.hand_over(report)
    pairs = [(name, comparison) for name in names for comparison in comparisons.get(name, ())]
    return Verification(
        pd.DataFrame(verdicts, columns=_VERDICTS),
        pd.DataFrame(evidence, columns=_EVIDENCE),
        pd.DataFrame(pairs, columns=["place_id", "similar_id"]),
    )


_VERDICTS: Final = ["place_id", "verdict", "held", "why", "residents", "back", "jaccard"]
_EVIDENCE: Final = [
    "place_id", "criterion", "value", "low", "high", "municipality", "similar", "threshold", "met", "held",
]  # fmt: skip


def _check_inputs(
    merged_places: pd.DataFrame,
    homes: pd.DataFrame,
    model: Model,
    counts: pd.DataFrame | None,
    draws: int,
    report: Report,
) -> None:
    for frame, name, columns in (
        (merged_places, "places", ("place_id", "named", "found")),
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
    counted = set() if counts is None else set(counts["indicator"])
    for name in sorted({c.indicator for c in model.criterion} - set(SERVICE_INDICATORS) - counted):
        report.error(
            phrase('the criteria name "{name}", for which there is no figure.', name=name), key="counts"
        )
    if not report.errors:
        without = int((~merged_places["place_id"].isin(homes["place_id"])).sum())
        if without:
            report.error("places have no homes.", file="homes", column="place_id", count=without)


def _limit(criterion: Criterion, reference: float) -> float:
    limit = criterion.limit
    assert limit is not None
    measure, size = limit
    if measure == "ratio":
        return size * reference
    return size / 100 if criterion.unit == "percent" else size


def _compare(values: Floats, criterion: Criterion, limit: Floats | float) -> NDArray[np.bool_]:
    return np.asarray(_OPERATORS[criterion.operator](values, limit), dtype=bool)


def _seen_in_data(
    model: Model, answers: Sequence[bool | None], cache: dict[tuple[bool, ...], bool]
) -> bool | None:
    """Whether the place is seen in the data; None where a missing figure would settle it."""
    unknown = [position for position, answer in enumerate(answers) if answer is None]
    outcomes: set[bool] = set()
    for assumption in product((False, True), repeat=len(unknown)):
        assumed = [bool(answer) for answer in answers]
        for position, value in zip(unknown, assumption, strict=True):
            assumed[position] = value
        pattern = tuple(assumed)
        if pattern not in cache:
            answer = {c.key: value for c, value in zip(model.criterion, pattern, strict=True)}
            cache[pattern] = first_met(model, evaluate(model, answer)) != model.category[-1].id
        outcomes.add(cache[pattern])
    return outcomes.pop() if len(outcomes) == 1 else None


def _verdict(seen: bool | None, named: bool, stable: bool, enough_residents: bool) -> tuple[str, str]:
    if not enough_residents:
        return UNDETERMINED, "few_residents"
    if seen is None:
        return UNDETERMINED, "missing"
    if not stable:
        return UNDETERMINED, "unsteady"
    if not seen:
        return (NOT_SEEN if named else DETECTED_NOT_SEEN), ""
    return (CONFIRMED if named else DETECTED), ""
