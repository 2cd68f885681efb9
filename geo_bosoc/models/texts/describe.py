"""A model in words: its rules, their sources, what is an assumption, and the columns it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import PurePath

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.category import Category
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.index_spec import Classing
from geo_bosoc.models.load import load_model, model_ids, preset_text
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import Rule
from geo_bosoc.models.texts.sentences import condition, size_text
from geo_bosoc.text.catalogue import Language, word, word_or_key
from geo_bosoc.text.numbers import number
from geo_bosoc.text.provenance import Provenance, in_language


def describe_model(
    model: Model, language: Language = "en", *, indicators: Sequence[Indicator] | None = None
) -> str:
    """A model explained: what it is, gates, criteria, categories, sources, assumptions, and needed columns.

    Parameters
    ----------
    model : Model
        The model.
    language : {"da", "en"}, optional
        Danish or English.
    indicators : sequence of Indicator, optional
        Those whose columns and values are told; those that ship with the package where they are left out.

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
    from geo_bosoc.models.tables import needed_columns  # slow to import, and not needed for one category

    text = partial(word, "descriptions", language=language)
    source = model.source_text(language)
    lines = [
        f"{model.label(language)} ({model.id}, {text('version')} {model.version}, "
        f"{text(f'kind_{model.kind}')})",
        f"{text('source')}: {source}" if source else "",
        _assumption(model.assumption_text(language), language),
        model.notice(language),
        model.case_state(language),
    ]
    if model.pool_years > 1:
        years = model.pool_years
        lines.append(text("pooled", years=years))
    if model.hold:
        size = number(model.hold, language, 0 if model.hold.is_integer() else 1)
        lines.append(text("hold", size=size))
    if model.gates:
        lines += ["", text("gates")]
        for gate in model.gates:
            least = number(gate.threshold, language)
            what = text("residents") if gate.indicator == "residents" else gate.indicator
            lines += [
                f"  {what} {word('operators', gate.operator, language)} {least}",
                *_notes(gate, language),
            ]
    lines += ["", text("criteria")]
    for criterion in model.criterion:
        lines += [
            f"  {criterion.label(language)} [{criterion.indicator}]: {criterion_text(model, criterion, language)}"
        ]
        lines += _notes(criterion, language)
        needs = criterion.needs_text(language)
        if needs:
            lines.append(f"    {text('needs')}: {needs}")
    if model.index is not None:
        lines += ["", *_index_lines(model, language)]
    lines += ["", text("categories")]
    for category in model.category:
        lines.append(
            f"  {category.label(language)} [{category.id}]: {category_text(model, category, language)}"
        )
        lines += _notes(category, language)
    for parameter in model.parameter:
        name = in_language(parameter.label_en, parameter.label_da, language) or parameter.id
        values = ", ".join(
            f"{year}: {number(dated.value / dated.times, language, 3)}"
            for year, dated in sorted(parameter.values.items())
        )
        lines += [
            "",
            f"{name} ({text('per_cent')}): {values}",
            *_notes(parameter, language),
        ]
    lines += ["", text("columns")]
    for indicator, columns in needed_columns(model).items():
        lines.append(f"  {indicator}: {_either(columns, language)}")
    from geo_bosoc.indicators.load import list_indicators  # loads Polars, as below

    defined = list_indicators() if indicators is None else indicators
    lines += _register_columns(needed_columns(model), defined, language)
    description = "\n".join(line for line in lines if line is not None)
    while "\n\n\n" in description:
        description = description.replace("\n\n\n", "\n\n")
    return description


def _register_columns(
    needed: Iterable[str], indicators: Sequence[Indicator], language: Language
) -> list[str]:
    """For each of the model's indicators, the columns of registers and the values it looks at."""
    from geo_bosoc.indicators.describe import column_lines  # loads Polars, which a workbook needs not

    defined = {indicator.id: indicator for indicator in indicators}
    lines = ["", word("descriptions", "register_columns", language)]
    for name in needed:
        columns = (
            column_lines(defined[name], language)
            if name in defined
            else [word("descriptions", "no_indicator", language)]
        )
        lines += [f"  {name}", *(f"    {line}" for line in columns)]
    return lines


def _either(texts: Iterable[str], language: Language) -> str:
    return f" {word('common', 'or', language)} ".join(texts)


def _assumption(text: str, language: Language) -> str:
    return f"{word('descriptions', 'assumption', language)}: {text}" if text else ""


def _notes(part: Provenance, language: Language) -> list[str]:
    """The source and the assumption of a part of the model, a line each."""
    texts = [
        ("source_of_part", part.source_text(language)),
        ("assumption_of_part", part.assumption_text(language)),
    ]
    return [f"    {word('descriptions', key, language)}: {text}" for key, text in texts if text]


def criterion_text(model: Model, criterion: Criterion, language: Language) -> str:
    """What a criterion of the model looks at and what that gives, in words."""
    text = partial(word, "descriptions", language=language)
    base = criterion.base_da if language == "da" else criterion.base_en
    met = criterion.met_da if language == "da" else criterion.met_en
    what = ", ".join(part for part in (met, text("of_base", base=base) if base else "") if part)
    head = f"{what}; " if what else ""
    if model.kind == "rules":
        limit = criterion.limit
        assert limit is not None
        rule = condition(criterion, limit[0], _as_fraction(criterion, limit[0], limit[1]), language)
    elif model.kind == "points":
        bands = ", ".join(
            size_text(criterion, criterion.measure, _as_fraction(criterion, criterion.measure, b), language)
            for b in criterion.bands
        )
        steps = "/".join(number(step, language) for step in criterion.steps)
        rule = text("points_from_bands", steps=steps, bands=bands)
        if criterion.measure != "value":
            rule += f" ({word('reference_areas', criterion.reference_area, language)})"
    else:
        rule = text("weight", weight=number(criterion.weight, language, 2))
    if criterion.complement and model.kind != "rules":
        rule += f"; {text('complement')}"
    if criterion.change_since:
        rule += f"; {text('change_since', years=criterion.change_since)}"
    if criterion.transform != "none":
        rule += f"; {word_or_key('index_steps', criterion.transform, language)}"
    if criterion.window:
        rule += f"; {word('sentences', 'mean_of_years', language, years=len(criterion.window))}"
    return head + rule


def _as_fraction(criterion: Criterion, measure: str, size: float) -> float:
    parts = {"percent": 100.0, "per_1000": 1_000.0, "per_10000": 10_000.0}.get(criterion.unit, 1.0)
    return size / parts if measure in ("value", "difference") else size


def category_text(model: Model, category: Category, language: Language) -> str:
    """What it takes to be in a category of the model, in words."""
    text = partial(word, "descriptions", language=language)
    if model.kind == "points":
        if category.min_points is None:
            return text("the_rest")
        points = number(category.min_points, language, 0 if float(category.min_points).is_integer() else 1)
        return text("from_points", points=points)
    if model.kind == "index":
        assert model.index is not None
        if category.classes:
            return "; ".join(
                f"{name} {_either(category.named_classes(name), language)}" for name in category.classes
            )
        main = next((each for each in model.index.classing if not each.classes), None)
        if not model.index.shares and main is not None and not main.shares:
            return text("class_of", number=model.category.index(category) + 1, classing=main.id)
        shares = model.index.shares or (main.shares if main is not None else ())
        return text("share_of_areas", share=number(shares[model.category.index(category)] * 100, language))
    if not category.rule:
        return text("the_rest")
    ways = _either([_rule(model, rule, language) for rule in category.rule], language)
    if model.exclusive and category.unless:
        names = ", ".join(model.category_label(name, language) for name in category.unless)
        ways += f"; {text('unless', names=names)}"
    return ways


def _rule(model: Model, rule: Rule, language: Language) -> str:
    text = partial(word, "descriptions", language=language)
    labels = {c.key: _rule_criterion(c, language) for c in model.criterion}
    parts = [model.category_label(name, language) for name in rule.categories]
    parts += [labels[name] for name in rule.requires]
    if rule.of:
        names = "; ".join(labels[name] for name in rule.of)
        parts.append(f"{text('at_least', least=rule.at_least, count=len(rule.of))} ({names})")
    if rule.persistence:
        names = " / ".join(model.category_label(name, language) for name in rule.persistence.categories)
        parts.append(text("years_in_a_row", names=names, years=rule.persistence.years))
    return f" {word('common', 'and', language)} ".join(parts)


def _rule_criterion(criterion: Criterion, language: Language) -> str:
    limit = criterion.limit
    assert limit is not None
    text = condition(criterion, limit[0], _as_fraction(criterion, limit[0], limit[1]), language)
    return f"{criterion.label(language)} {text}"


def _index_lines(model: Model, language: Language) -> list[str]:
    """How an index is made, level by level, and how its scores are cut."""
    spec = model.index
    assert spec is not None
    text = partial(word, "descriptions", language=language)
    step = partial(word_or_key, "index_steps", language=language)
    lines = [text("index", normalise=step(spec.normalise), aggregate=step(spec.aggregate))]
    if spec.rescale != "none":
        lines.append(f"  {text('rescaled', scale=step(spec.rescale))}")
    for group in spec.group:
        name = in_language(group.label_en, group.label_da, language) or group.id
        steps = [text("weight", weight=number(group.weight, language, 3))]
        if group.normalise is not None:
            steps.append(step(group.normalise))
        if group.aggregate is not None:
            steps.append(step(group.aggregate))
        if group.rescale != "none":
            steps.append(text("rescaled", scale=step(group.rescale)))
        lines.append(f"  {name} [{group.id}]: {'; '.join(steps)}")
    if spec.shares:
        lines.append(text("classes_by_shares", edges=spec.edges, ties=spec.class_ties))
    for classing in spec.classing:
        names = ", ".join(classing.classes) or text("categories")
        lines.append(f"  {classing.id}: {_cut_text(model, classing, language)} ({names})")
    return lines


def _cut_text(model: Model, classing: Classing, language: Language) -> str:
    """What a classing cuts, and where."""
    assert model.index is not None
    groups = {group.id: in_language(group.label_en, group.label_da, language) for group in model.index.group}
    sizes = [number(share * 100, language) for share in classing.shares]
    sizes = sizes or [number(cut, language, 0 if cut.is_integer() else 2) for cut in classing.cuts]
    name = groups.get(classing.of) or classing.of or word("descriptions", "kind_index", language)
    return word("descriptions", f"cut_by_{classing.by}", language, score=name, sizes=" / ".join(sizes))


def model_to_change(source: str, *, file: str, language: Language = "en") -> str:
    """The file of a model that ships, as the text to start one's own from: commented, with an id of its own.

    Parameters
    ----------
    source : str
        The model's id.
    file : str
        The name of the file that it will be in; without its ending it is the new id where it can be one.
    language : {"da", "en"}, optional
        Of the lines at its head.

    Returns
    -------
    str
        A TOML document that `load_model` reads.

    Raises
    ------
    InputError
        No model of that id ships.

    Examples
    --------
    >>> [line for line in model_to_change("aarhus-2018", file="mine.toml").splitlines() if line.startswith("id")][0]
    'id = "mine"'
    """
    text = partial(word, "descriptions", language=language)
    content = preset_text(source)
    model = load_model(source)
    stem = PurePath(file).stem.lower()
    new_id = (
        stem if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", stem) and stem not in model_ids() else f"{source}-copy"
    )
    head = [
        text("copy_head", model=model.id, version=model.version, file=file),
        text(f"copy_cuts_{model.kind}"),
        text("copy_is_yours"),
    ]
    body = re.sub(rf'(?m)^id = "{re.escape(model.id)}"$', f'id = "{new_id}"', content, count=1)
    return "\n".join(f"# {line}" for line in head) + "\n\n" + body
