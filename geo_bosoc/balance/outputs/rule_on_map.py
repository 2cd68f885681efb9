"""The rule of development plans on the map: a layer for each variant of the projects, with its own share and base.

The rule's base is not the dwellings that stand: what was demolished and business floor space may be counted. So the
share that a verdict rests on stands with it, and what its base is made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.balance.scenarios import VARIANTS
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.criteria import exact
from geo_bosoc.outputs.page.page_model import Explanation
from geo_bosoc.outputs.texts import sentence_case
from geo_bosoc.outputs.thematic_map import Classification, MapCategory
from geo_bosoc.text.catalogue import words
from geo_bosoc.text.numbers import in_unit, number

_CATEGORIES: Final = {"met": "within_limit", "not_met": "above_limit", "undetermined": UNDETERMINED}
SHARES: Final = ("share_low", "share_high", "base")
"""What of the rule goes to the GeoPackage beside the category."""


def variants_of(results: BalanceResults) -> tuple[str, ...]:
    """The variants that differ: all of them where there are projects, else one."""
    return tuple(VARIANTS) if len(results.projects) and results.horizon > results.start else ("all",)


def rule_layers(
    results: BalanceResults,
) -> dict[str, tuple[Classification, dict[tuple[str, str], Explanation]]]:
    """By variant the rule's layer, and what the panel says of each area and year.

    Parameters
    ----------
    results : BalanceResults
        Of one set of output.

    Returns
    -------
    dict
        Empty where no development plan is due.

    Examples
    --------
    >>> list(rule_layers(results))  # doctest: +SKIP
    ['decided', 'likely', 'all']
    """
    rows = results.rules[results.rules["met"].isin(list(_CATEGORIES))] if len(results.rules) else None
    if rows is None or rows.empty:
        return {}
    variants = variants_of(results)
    by_key = {
        (str(row["area_id"]), str(row["variant"]), int(row["year"])): row for row in rows.to_dict("records")
    }
    return {
        variant: (
            _layer(results, rows[rows["variant"] == variant], variant, variants),
            {
                (area, str(year)): _explanation(results, by_key, (area, variant, year), variants)
                for area, other, year in by_key
                if other == variant
            },
        )
        for variant in variants
    }


def missing_dwellings(limited: int, denominator: int, limit_pct: float) -> int:
    """The fewest dwellings that the rule does not limit and that would have to be built, by the closed form.

    >>> missing_dwellings(472, 1000, 40.0), missing_dwellings(400, 1000, 40.0)
    (180, 0)
    """
    return max(0, -int(-100 * limited // exact(limit_pct)) - denominator)


def _layer(
    results: BalanceResults, rows: pd.DataFrame, variant: str, variants: Sequence[str]
) -> Classification:
    """A variant's layer; where the rule comes from and what it assumes is said with the first one."""
    rule, language = results.rule, results.language
    is_first, alone = variant == variants[0], len(variants) == 1
    danish = language == "da"
    text = words("balance_map", language)
    assumption = " ".join(
        filter(None, (rule.assumption_da, rule.check_da) if danish else (rule.assumption_en, rule.check_en))
    )
    categories = rows["met"].map(_CATEGORIES)
    return Classification(
        id=rule.id if alone else f"{rule.id}-{variant}",
        version=rule.valid_from,
        group="balance",
        label=rule.label(language)
        if alone
        else f"{sentence_case(text[f'variant_{variant}'])}: {rule.label(language)}",
        categories=(
            MapCategory("above_limit", text["above_limit"], "#b2532f"),
            MapCategory("within_limit", text["within_limit"], "#8fb8a4"),
        ),
        rows=pd.DataFrame(
            {
                "area_id": rows["area_id"].astype(str),
                "period": rows["year"].astype(str),
                "model_version": rule.valid_from,
                "category": categories,
                "undetermined_by": [
                    text[f"layer_{rule.counts}"] if each == UNDETERMINED else "" for each in categories
                ],
                **{name: rows[name] for name in SHARES},
                "note": [
                    text["share_of"].format(
                        share=_share(row, language), base=number(int(row["base"]), language)
                    )
                    for row in rows.to_dict("records")
                ],
            }
        ).reset_index(drop=True),
        source=rule.source if is_first else "",
        assumptions=(("", assumption),) if assumption and is_first else (),
        without_row=text["no_plan"],
    )


_Rows = Mapping[tuple[str, str, int], Mapping[Any, Any]]


def _explanation(
    results: BalanceResults, rows: _Rows, key: tuple[str, str, int], variants: Sequence[str]
) -> Explanation:
    """What an area's verdict rests on, what is missing, and what the projects of each variant make of it."""
    area, _, year = key
    row, language = rows[key], results.language
    text = words("balance_map", language)
    flags, heading = [], ""
    if len(variants) > 1:
        shown = year if year > results.start else results.horizon
        heading = text["with_projects"].format(year=shown)
        flags = [
            {
                "label": text[f"column_{variant}"],
                "met": str(rows[area, variant, shown]["met"]),
                "answer": _answer(rows[area, variant, shown], results),
            }
            for variant in variants
            if (area, variant, shown) in rows
        ]
    return Explanation(
        points=_share(row, language),
        notes=[note for note in (_sentence(row, results), _base(row, results)) if note],
        unsettled=[text[f"layer_{results.rule.counts}"]] if row["met"] == "undetermined" else [],
        flags=flags,
        flags_heading=heading,
    )


def _share(row: Mapping[Any, Any], language: str) -> str:
    """The rule's share, or the bounds that it lies between."""
    low, high = (in_unit(float(row[f"share_{end}"]), "percent", language) for end in ("low", "high"))
    if low == high:
        return low
    return words("balance_papers", language)["from_to"].format(low=low, high=high)


def _between(low: int, high: int, language: str) -> str:
    first, second = number(low, language), number(high, language)
    if first == second:
        return first
    return words("balance_papers", language)["from_to"].format(low=first, high=second)


def _sentence(row: Mapping[Any, Any], results: BalanceResults) -> str:
    """The share with its count and base, the limit, and how many dwellings are missing."""
    rule, language = results.rule, results.language
    text = words("balance_map", language)
    sentence = text["rule_share"].format(
        share=_share(row, language),
        counted=text[f"layer_{rule.counts}"].lower(),
        count=_between(int(row["low"]), int(row["high"]), language),
        base=number(int(row["base"]), language),
        limit=f"{number(rule.limit_pct, language, 0 if float(rule.limit_pct).is_integer() else 1)}",
    )
    if row["met"] == "met":
        return sentence
    low, high = _missing(row, results)
    needed = text["missing"] if low else text["may_be_missing"]
    count = _between(low, high, language) if low else number(high, language)
    return f"{sentence} {needed.format(count=count)}"


def _missing(row: Mapping[Any, Any], results: BalanceResults) -> tuple[int, int]:
    """How many dwellings are missing, between bounds."""
    base, limit = int(row["base"]), results.rule.limit_pct
    return missing_dwellings(int(row["low"]), base, limit), missing_dwellings(int(row["high"]), base, limit)


def _base(row: Mapping[Any, Any], results: BalanceResults) -> str:
    """What the base is made of, where that is more than the dwellings that stand."""
    rule, language = results.rule, results.language
    text = words("balance_map", language)
    demolished = (
        int(row["demolished"]) if results.count_demolished and rule.demolished_since is not None else 0
    )
    m2 = int(row["business_m2"]) if results.count_business and rule.m2_per_dwelling else 0
    business = m2 // rule.m2_per_dwelling if rule.m2_per_dwelling else 0
    parts = [text["base_dwellings"].format(count=number(int(row["dwellings"]), language))]
    if demolished:
        parts.append(text["base_demolished"].format(count=number(demolished, language)))
    if business:
        parts.append(text["base_business"].format(m2=number(m2, language), count=number(business, language)))
    if len(parts) == 1:
        return ""
    return text["base_parts"].format(
        base=number(int(row["base"]), language), parts=f"{', '.join(parts[:-1])} {text['and']} {parts[-1]}"
    )


def _answer(row: Mapping[Any, Any], results: BalanceResults) -> str:
    """A variant's share, and that the rule is kept or how many dwellings are missing."""
    text = words("balance_map", results.language)
    answer = (
        text["answer_missing"].format(count=_between(*_missing(row, results), results.language))
        if row["met"] == "not_met"
        else text[f"answer_{row['met']}"]
    )
    return f"{_share(row, results.language)}, {answer}"
