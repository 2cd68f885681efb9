"""An indicator in words: what it counts, in which columns and values, its unit, its source and what is assumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.predicates.column_conditions import ColumnCondition, column_conditions
from geo_bosoc.text.catalogue import Language, word

_SHOWN: Final = 15
"""Of longer lists of values so many are shown."""


def describe_indicator(indicator: Indicator, language: Language = "en", *, models: Sequence[str] = ()) -> str:
    """An indicator explained: numerator and denominator, columns and values, unit, source and assumptions.

    Parameters
    ----------
    indicator : Indicator
        The indicator.
    language : {"da", "en"}, optional
        Danish or English.
    models : sequence of str, optional
        The ids of the models that use it.

    Returns
    -------
    str
        Some dozen lines.

    Examples
    --------
    >>> from geo_bosoc.indicators.load import load_indicators
    >>> text = describe_indicator(load_indicators("outside_labour_market")[0])
    >>> text.splitlines()[0]
    'Outside the labour market (outside_labour_market, per cent)'
    """
    text = partial(word, "indicator_descriptions", language=language)
    unit = word("tables", f"unit_{indicator.unit}", language)
    lines: list[str | None] = [
        f"{indicator.label(language)} ({indicator.id}, {unit})",
        indicator.definition(language) or None,
        "",
        f"{text('denominator')}: {_side(indicator.denominator, indicator, language)}",
        _numerator(indicator, language),
        text(f"value_{_value_kind(indicator)}"),
        text(f"unknown_{indicator.unknown}") if indicator.numerator is not None else None,
        *_settings(indicator, language),
        text(indicator.direction),
        "",
        f"{text('columns')}:",
        *(f"  {line}" for line in column_lines(indicator, language)),
        "",
        _labelled(text("source"), indicator.source_text(language)),
        _labelled(text("assumption"), indicator.assumption_text(language)),
        _labelled(text("models"), ", ".join(models)),
    ]
    return "\n".join(line for line in lines if line is not None).rstrip()


def column_lines(indicator: Indicator, language: Language = "en") -> list[str]:
    """The columns that an indicator reads, a line each, with the values that its conditions look at.

    Parameters
    ----------
    indicator : Indicator
        The indicator.
    language : {"da", "en"}, optional
        Danish or English.

    Returns
    -------
    list of str
        ``register.column: values``, in the order of the conditions.

    Examples
    --------
    >>> from geo_bosoc.indicators.load import load_indicators
    >>> column_lines(load_indicators("outside_labour_market")[0])
    ['persons.age: 18 to 64', "persons.labour: 'outside'"]
    """
    uses: dict[str, dict[str, None]] = {}

    def use(side: Side, column: str, words: str) -> None:
        uses.setdefault(f"{_register(side, indicator)}.{column}", {})[words] = None

    text = partial(word, "indicator_descriptions", language=language)
    for side in filter(None, (indicator.denominator, indicator.numerator)):
        for part in column_conditions(side.where) if side.where is not None else ():
            use(side, part.column, condition_words(part, language))
        if side.sum is not None:
            use(side, side.sum, text("column_sum"))
        kind = side.distinct or indicator.distinct
        if kind != "none":
            use(side, f"{kind}_id", text("column_distinct"))
    if indicator.mean_of is not None:
        use(indicator.denominator, indicator.mean_of, text("column_mean"))
    if indicator.weight is not None:
        use(indicator.denominator, indicator.weight, text("column_weight"))
    if not uses:
        return [f"{_register(indicator.denominator, indicator)}: {text('no_columns')}"]
    return [f"{column}: {'; '.join(words)}" for column, words in uses.items()]


def condition_words(condition: ColumnCondition, language: Language) -> str:
    """What a condition asks of its column, in words.

    >>> condition_words(ColumnCondition("labour", "unequal", ("'employed'", "'student'")), "en")
    "neither 'employed' nor 'student'"
    """
    text = partial(word, "column_conditions", language=language)
    values = [_value(value, language) for value in condition.values]
    if condition.relation in ("equal", "unequal") and len(values) > 1:
        shown, rest = values[:_SHOWN], len(values) - _SHOWN
        listed = _joined(shown, text("or" if condition.relation == "equal" else "nor"), more=rest > 0)
        if rest > 0:
            listed += f" {text('more', count=rest)}"
        return listed if condition.relation == "equal" else text("none_of", values=listed)
    names = ("first", "second") if len(values) == 2 else ("value",)
    return text(condition.relation, **dict(zip(names, values, strict=False)))


def _joined(values: Sequence[str], conjunction: str, *, more: bool) -> str:
    if more:
        return ", ".join(values)
    return f"{', '.join(values[:-1])} {conjunction} {values[-1]}"


def _value(text: str, language: Language) -> str:
    """A value of a predicate, a number as the language writes it."""
    is_decimal = text.lstrip("-").replace(".", "", 1).isdecimal() and "." in text
    return text.replace(".", ",") if is_decimal and language == "da" else text


def _register(side: Side, indicator: Indicator) -> str:
    return side.register_name or indicator.denominator.register_name or "persons"


def _side(side: Side, indicator: Indicator, language: Language) -> str:
    """Which rows of which register one side counts or sums."""
    text = partial(word, "indicator_descriptions", language=language)
    kind = side.distinct or indicator.distinct
    if side.sum is not None:
        what = text("sum_of", column=side.sum)
    else:
        what = text("rows") if kind == "none" else text(f"distinct_{kind}")
    rows = text("of_register", what=what, register=_register(side, indicator))
    return text("that_meet", rows=rows, condition=side.where) if side.where is not None else f"{rows}."


def _numerator(indicator: Indicator, language: Language) -> str | None:
    text = partial(word, "indicator_descriptions", language=language)
    if indicator.mean_of is not None:
        return f"{text('numerator')}: {text('sum_of', column=indicator.mean_of)}."
    if indicator.numerator is None:
        return None
    side = indicator.numerator
    same_register = _register(side, indicator) == _register(indicator.denominator, indicator)
    if same_register and side.where is not None and side.sum is None:
        rows = text("those_that_meet", condition=side.where)
        return f"{text('numerator')}: {rows}"
    return f"{text('numerator')}: {_side(side, indicator, language)}"


def _value_kind(indicator: Indicator) -> str:
    return "number" if indicator.unit == "count" else "mean" if indicator.mean_of is not None else "share"


def _settings(indicator: Indicator, language: Language) -> Iterable[str]:
    text = partial(word, "indicator_descriptions", language=language)
    if indicator.pool_years > 1:
        yield word("descriptions", "pooled", language, years=indicator.pool_years)
    if indicator.carry_forward:
        yield text(
            "carry_forward_1" if indicator.carry_forward == 1 else "carry_forward",
            years=indicator.carry_forward,
        )
    if indicator.scale > 1:
        yield text("scale", scale=indicator.scale)
    if indicator.weight is not None:
        yield text("weighted", column=indicator.weight, scale=indicator.weight_scale)
    if indicator.home_on is not None:
        yield text(f"home_on_{indicator.home_on}")
    if indicator.breakdown:
        yield text("breakdown", name=indicator.breakdown)
    if not indicator.base_known:
        yield text("base_unknown")


def _labelled(label: str, text: str) -> str | None:
    return f"{label}: {text}" if text else None
