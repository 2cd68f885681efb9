"""Indicators whose definition was changed from a period on: each definition is one specification, counted in one pass.

The indicator itself counts every period by the definition in force: its conditions tell the periods apart. The periods
of a reform's overlap are counted by the other definition too, as an indicator of its own
(``<id>_before_<period>``), so that the series says how much of a change is the reform: what the two count differently
of the same people. It goes the same road as every figure, suppression included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from geo_bosoc.indicators.spec import Indicator, OtherDefinition, Reform, Side
from geo_bosoc.text.catalogue import Language, word

_SIGNS: Final = re.compile(r"[^a-z0-9]+")
_LANGUAGES: Final[tuple[Language, ...]] = ("da", "en")


def by_definition(indicators: Iterable[Indicator]) -> tuple[Indicator, ...]:
    """Indicators as they are counted: those with reforms period by period, and after each its overlaps.

    Parameters
    ----------
    indicators : iterable of Indicator
        As their files say; those that have gone through here before stay as they are.

    Returns
    -------
    tuple of Indicator
        In their order. The overlaps have `Indicator.other_definition`.

    Examples
    --------
    >>> reform = Reform(valid_from="2024", numerator=Side(where="code = 'new'"), overlap=("2024",))
    >>> measures = Indicator(
    ...     id="measures", label_en="Measures", denominator=Side(), reform=(reform,),
    ...     numerator=Side(where="code = 'old'"),
    ... )
    >>> dated, before = by_definition([measures])
    >>> dated.numerator.where
    "period < '2024' AND (code = 'old') OR period >= '2024' AND (code = 'new')"
    >>> before.id, before.numerator.where, before.label_en
    ('measures_before_2024', "code = 'old'", 'Measures (by the definition before 2024)')
    """
    dated: list[Indicator] = []
    for indicator in indicators:
        dated += [indicator] if indicator.is_dated else _dated(indicator)
    return tuple(dated)


def _dated(indicator: Indicator) -> list[Indicator]:
    """An indicator with reforms, and its overlaps."""
    tops, bases = [indicator.numerator], [indicator.denominator]
    for reform in indicator.reform:
        tops.append(_changed(tops[-1], reform.numerator))
        bases.append(_changed(bases[-1], reform.denominator) or bases[-1])
    starts = [reform.valid_from for reform in indicator.reform]
    sides = {"denominator": _by_period(bases, starts), "numerator": _by_period(tops, starts)}
    texts = {f"definition_{language}": _definition(indicator, language) for language in _LANGUAGES}
    result = [indicator.model_copy(update={**sides, **texts}).as_dated()]
    for number, reform in enumerate(indicator.reform):
        earlier = (reform.numerator_before or tops[number], reform.denominator_before or bases[number])
        later = (tops[number + 1], bases[number + 1])
        for is_before, (top, base) in ((True, earlier), (False, later)):
            periods = tuple(
                sorted(period for period in reform.overlap if (period >= reform.valid_from) == is_before)
            )
            if periods:
                other = OtherDefinition(indicator.id, reform.valid_from, is_before, periods)
                result.append(_overlap(indicator, reform, other, top, base))
    return result


def _changed(side: Side | None, reform: Side | None) -> Side | None:
    """A side with the condition that a reform gives it."""
    if side is None or reform is None:
        return side
    return side.model_copy(update={"where": reform.where})


def _by_period(sides: Sequence[Side | None], starts: Sequence[str]) -> Side | None:
    """One side whose condition is that of each period's definition."""
    first = sides[0]
    conditions = [side.where for side in sides if side is not None]
    if first is None or len(set(conditions)) == 1:
        return first
    parts = []
    for number, condition in enumerate(conditions):
        limits = [f"period >= '{_text(starts[number - 1])}'"] if number else []
        limits += [f"period < '{_text(starts[number])}'"] if number < len(starts) else []
        parts.append(" AND ".join([*limits, *([f"({condition})"] if condition else [])]))
    return first.model_copy(update={"where": " OR ".join(parts)})


def _text(period: str) -> str:
    return period.replace("'", "''")


def _overlap(
    indicator: Indicator, reform: Reform, other: OtherDefinition, top: Side | None, base: Side | None
) -> Indicator:
    """The indicator that counts the overlap by the definition that is not in force."""
    which = "before" if other.is_before else "from"
    labels = {
        f"label_{language}": word(
            "reforms", f"label_{which}", language, label=indicator.label(language), period=reform.valid_from
        )
        for language in _LANGUAGES
    }
    definitions = {
        f"definition_{language}": indicator.definition(language)
        if other.is_before
        else reform.definition(language)
        for language in _LANGUAGES
    }
    suffix = _SIGNS.sub("_", reform.valid_from.lower()).strip("_")
    changed = {
        "id": f"{indicator.id}_{which}_{suffix}",
        "denominator": base,
        "numerator": top,
        "breakdown": "",
        "reform": (),
    }
    provenance = {} if other.is_before else _provenance(reform)
    return indicator.model_copy(update={**changed, **labels, **definitions, **provenance}).as_dated(other)


def _provenance(reform: Reform) -> dict[str, str | None]:
    names = ("source", "source_da", "assumption", "assumption_da")
    return {name: getattr(reform, name) for name in names if getattr(reform, name)}


def _definition(indicator: Indicator, language: Language) -> str:
    """What is counted, and from when on something else is."""
    texts = [indicator.definition(language)]
    for reform in indicator.reform:
        if definition := reform.definition(language):
            texts.append(word("reforms", "from", language, period=reform.valid_from, definition=definition))
    return " ".join(filter(None, texts))
