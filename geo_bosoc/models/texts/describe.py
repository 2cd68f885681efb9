"""A model in words: its rules, their sources, what is an assumption, and the columns it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from geo_bosoc.models.spec import Category, Criterion, Model
from geo_bosoc.models.spec_parts import Rule
from geo_bosoc.models.tables import needed_columns
from geo_bosoc.models.texts.sentences import (
    OPERATORS,
    REFERENCE_AREAS,
    Language,
    condition,
    size_text,
)
from geo_bosoc.text.numbers import number
from geo_bosoc.text.provenance import Provenance

KINDS = {
    "points": {"da": "point", "en": "points"},
    "rules": {"da": "regler", "en": "rules"},
    "index": {"da": "indeks", "en": "index"},
}


def describe_model(model: Model, language: Language = "en") -> str:
    """A model explained: what it is, gates, criteria, categories, sources, assumptions, and needed columns.

    Parameters
    ----------
    model : Model
        The model.
    language : {"da", "en"}, optional
        Danish or English.

    Returns
    -------
    str
        Some dozens of lines.

    Examples
    --------
    >>> from geo_bosoc.models.load import load_model
    >>> describe_model(load_model("aarhus-2018")).splitlines()[0]
    'The Aarhus categorisation model, 2018 (aarhus-2018, version 2018-12-01, points)'
    """
    da = language == "da"
    source = model.source_text(language)
    lines = [
        f"{model.label(language)} ({model.id}, {'udgave' if da else 'version'} {model.version}, "
        f"{KINDS[model.kind][language]})",
        f"{'Kilde' if da else 'Source'}: {source}" if source else "",
        _assumption(model.assumption_text(language), language),
        model.notice(language),
        model.case_state(language),
    ]
    if model.pool_years > 1:
        years = model.pool_years
        lines.append(
            f"Tællinger lægges sammen over {years} år." if da else f"Counts are pooled over {years} years."
        )
    if model.hold:
        size = number(model.hold, language, 0 if model.hold.is_integer() else 1)
        lines.append(
            f"En kategori ændres kun, når point flytter sig mere end {size}."
            if da
            else f"A category changes only when points move by more than {size}."
        )
    if model.gates:
        lines += ["", "Vurderes kun, hvis" if da else "Assessed only if"]
        for gate in model.gates:
            least = number(gate.threshold, language)
            what = {"residents": {"da": "beboere", "en": "residents"}}.get(gate.indicator, {}).get(
                language, gate.indicator
            )
            lines += [
                f"  {what} {OPERATORS[gate.operator][language]} {least}",
                *_notes(gate, language),
            ]
    lines += ["", "Kriterier" if da else "Criteria"]
    for criterion in model.criterion:
        lines += [
            f"  {criterion.label(language)} [{criterion.indicator}]: {_criterion_text(model, criterion, language)}"
        ]
        lines += _notes(criterion, language)
        needs = criterion.needs_text(language)
        if needs:
            lines.append(f"    {'kræver' if da else 'needs'}: {needs}")
    if model.index is not None:
        lines += ["", _index(model, language)]
    lines += ["", "Kategorier, den værste først" if da else "Categories, the worst first"]
    for category in model.category:
        lines.append(
            f"  {category.label(language)} [{category.id}]: {category_text(model, category, language)}"
        )
        lines += _notes(category, language)
    for parameter in model.parameter:
        name = (parameter.label_da if da else parameter.label_en) or parameter.id
        values = ", ".join(
            f"{year}: {number(dated.value / dated.times, language, 3)}"
            for year, dated in sorted(parameter.values.items())
        )
        lines += [
            "",
            f"{name} ({'pct.' if da else 'per cent'}): {values}",
            *_notes(parameter, language),
        ]
    lines += ["", "Kolonner i en færdig tabel" if da else "Columns of a finished table"]
    for indicator, columns in needed_columns(model).items():
        word = " eller " if da else " or "
        lines.append(f"  {indicator}: {word.join(columns)}")
    text = "\n".join(line for line in lines if line is not None)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _assumption(text: str, language: Language) -> str:
    return f"{'Antagelse' if language == 'da' else 'Assumption'}: {text}" if text else ""


def _notes(part: Provenance, language: Language) -> list[str]:
    """The source and the assumption of a part of the model, a line each."""
    da = language == "da"
    texts = [
        ("kilde" if da else "source", part.source_text(language)),
        ("antagelse" if da else "assumption", part.assumption_text(language)),
    ]
    return [f"    {word}: {text}" for word, text in texts if text]


def _criterion_text(model: Model, criterion: Criterion, language: Language) -> str:
    da = language == "da"
    base = criterion.base_da if da else criterion.base_en
    met = criterion.met_da if da else criterion.met_en
    what = ", ".join(part for part in (met, f"{'af' if da else 'of'} {base}" if base else "") if part)
    head = f"{what}; " if what else ""
    if model.kind == "rules":
        limit = criterion.limit
        assert limit is not None
        text = condition(criterion, limit[0], _as_fraction(criterion, limit[0], limit[1]), language)
    elif model.kind == "points":
        bands = ", ".join(
            size_text(criterion, criterion.measure, _as_fraction(criterion, criterion.measure, b), language)
            for b in criterion.bands
        )
        steps = "/".join(number(step, language) for step in criterion.steps)
        word = REFERENCE_AREAS[criterion.reference_area][language]
        text = f"{steps} point {'fra' if da else 'from'} {bands}" if da else f"{steps} points from {bands}"
        text += f" ({word})" if criterion.measure != "value" else ""
    else:
        weight = number(criterion.weight, language, 2)
        text = f"vægt {weight}" if da else f"weight {weight}"
    if criterion.complement and model.kind != "rules":
        text += (
            "; den gode andel vendes til den dårlige" if da else "; the good share is turned to the bad one"
        )
    if criterion.window:
        text += (
            f"; gennemsnit af {len(criterion.window)} år"
            if da
            else f"; mean of {len(criterion.window)} years"
        )
    return head + text


def _as_fraction(criterion: Criterion, measure: str, size: float) -> float:
    parts = {"percent": 100.0, "per_1000": 1_000.0, "per_10000": 10_000.0}.get(criterion.unit, 1.0)
    return size / parts if measure in ("value", "difference") else size


def category_text(model: Model, category: Category, language: Language) -> str:
    """What it takes to be in a category of the model, in words."""
    da = language == "da"
    if model.kind == "points":
        if category.min_points is None:
            return "resten" if da else "the rest"
        points = number(category.min_points, language, 0 if float(category.min_points).is_integer() else 1)
        return f"fra {points} point" if da else f"from {points} points"
    if model.kind == "index":
        assert model.index is not None
        share = number(model.index.shares[model.category.index(category)] * 100, language)
        return f"{share} % af områderne" if da else f"{share}% of the areas"
    if not category.rule:
        return "resten" if da else "the rest"
    ways = (" eller " if da else " or ").join(_rule(model, rule, language) for rule in category.rule)
    if model.exclusive and category.unless:
        names = ", ".join(model.category_label(name, language) for name in category.unless)
        ways += f"; ikke sammen med {names}" if da else f"; not beside {names}"
    return ways


def _rule(model: Model, rule: Rule, language: Language) -> str:
    da = language == "da"
    labels = {c.key: _rule_criterion(c, language) for c in model.criterion}
    parts = [model.category_label(name, language) for name in rule.categories]
    parts += [labels[name] for name in rule.requires]
    if rule.of:
        names = "; ".join(labels[name] for name in rule.of)
        word = (
            f"mindst {rule.at_least} af {len(rule.of)}"
            if da
            else f"at least {rule.at_least} of {len(rule.of)}"
        )
        parts.append(f"{word} ({names})")
    if rule.persistence:
        names = " / ".join(model.category_label(name, language) for name in rule.persistence.categories)
        years = rule.persistence.years
        parts.append(
            f"{names} de seneste {years} år i træk" if da else f"{names} the last {years} years in a row"
        )
    return (" og " if da else " and ").join(parts)


def _rule_criterion(criterion: Criterion, language: Language) -> str:
    limit = criterion.limit
    assert limit is not None
    text = condition(criterion, limit[0], _as_fraction(criterion, limit[0], limit[1]), language)
    return f"{criterion.label(language)} {text}"


_INDEX_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "z": ("standardisering (z)", "standard scores (z)"),
    "none": ("ingen", "none"),
    "rank": ("rangnummer", "ranks"),
    "percentile": ("percentil", "percentiles"),
    "goalposts": ("faste endepunkter", "goalposts"),
    "distance": ("afstand til det bedste", "distance to the best"),
    "uk_exponential": ("eksponentiel omregning af rang", "exponential of ranks"),
    "arithmetic": ("gennemsnit", "mean"),
    "geometric": ("geometrisk gennemsnit", "geometric mean"),
    "harmonic": ("harmonisk gennemsnit", "harmonic mean"),
    "sum": ("sum", "sum"),
}


def _index(model: Model, language: Language) -> str:
    spec = model.index
    assert spec is not None
    da = language == "da"

    def word(key: str) -> str:
        return _INDEX_WORDS.get(key, (key, key))[0 if da else 1]

    if da:
        head = f"Indeks: normalisering {word(spec.normalise)}, sammenvejning {word(spec.aggregate)}"
        return f"{head}; klasser efter {spec.edges}, ens værdier efter {spec.ties}"
    head = f"Index: normalisation {word(spec.normalise)}, aggregation {word(spec.aggregate)}"
    return f"{head}; classes by {spec.edges}, ties by {spec.ties}"
