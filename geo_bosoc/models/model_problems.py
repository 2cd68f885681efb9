"""What does not hold together in a model: each mistake with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import BaseModel

from geo_bosoc.models.category import RESERVED, Category
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.index_problems import index_problems
from geo_bosoc.models.index_spec import Fault, IndexSpec
from geo_bosoc.models.spec_parts import Parameter
from geo_bosoc.problems.messages import phrase

KINDS_OF_KEY: Final = {
    "bands": ("points",),
    "points": ("points",),
    "threshold": ("rules",),
    "operator": ("points", "rules"),
    "measure": ("points", "rules"),
    "weight": ("index",),
    "group": ("index",),
    "transform": ("index",),
    "goalposts": ("index",),
    "ties": ("index",),
    "change_since": ("index",),
    "min_points": ("points",),
    "rule": ("rules",),
    "unless": ("rules",),
    "classes": ("index",),
    "index": ("index",),
    "exclusive": ("rules",),
    "hold": ("points",),
}
"""The kinds of model that look at a key of the model, its criteria or categories; all kinds look at the others."""


def model_problems(
    model: BaseModel,
    kind: str,
    criteria: Sequence[Criterion],
    categories: Sequence[Category],
    parameters: Sequence[Parameter],
    index: IndexSpec | None,
) -> Iterator[Fault]:
    """All that does not hold together in a model, whose parts these are."""
    keys = [criterion.key for criterion in criteria]
    ids = [category.id for category in categories]
    if not keys:
        yield (), phrase("a model needs at least one [[criterion]]")
    if not ids:
        yield (), phrase("a model needs at least one [[category]]")
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield ("criterion", number), phrase("criterion '{name}' is duplicated", name=key)
    for number, each in enumerate(ids):
        if each in ids[:number]:
            yield ("category", number), phrase("category '{name}' is duplicated", name=each)
        if each in RESERVED:
            yield (
                ("category", number),
                phrase("category '{name}' is one that every model has: leave it out", name=each),
            )
    if kind == "points":
        yield from _points_problems(criteria, categories)
    elif kind == "rules":
        yield from _rules_problems(criteria, categories, parameters)
    else:
        yield from index_problems(index, criteria, categories)
    yield from _keys_of_other_kinds(model, kind, criteria, categories)


def _keys_of_other_kinds(
    model: BaseModel, kind: str, criteria: Sequence[Criterion], categories: Sequence[Category]
) -> Iterator[Fault]:
    """Keys that say something which no model of this kind looks at."""
    tables: list[tuple[tuple[str | int, ...], str, BaseModel]] = [((), phrase("the model"), model)]
    tables += [
        (("criterion", number), phrase("criterion '{name}'", name=each.key), each)
        for number, each in enumerate(criteria)
    ]
    tables += [
        (("category", number), phrase("category '{name}'", name=each.id), each)
        for number, each in enumerate(categories)
    ]
    for place, called, table in tables:
        for key, value in _said(table).items():
            kinds = KINDS_OF_KEY.get(key)
            if kinds is not None and kind not in kinds and value:
                yield (
                    (*place, key),
                    phrase(
                        "{table} has {key}, which a model of kind {kind} does not use: leave it out",
                        table=called,
                        key=key,
                        kind=kind,
                    ),
                )


def _said(table: BaseModel) -> dict[str, Any]:
    """The keys of a table that say something else than when they are left out."""
    return {
        name: getattr(table, name)
        for name, field in type(table).model_fields.items()
        if getattr(table, name) != field.get_default(call_default_factory=True)
    }


def _points_problems(criteria: Sequence[Criterion], categories: Sequence[Category]) -> Iterator[Fault]:
    for number, criterion in enumerate(criteria):
        if not criterion.bands:
            yield (
                ("criterion", number, "bands"),
                phrase("criterion '{name}' has no bands", name=criterion.key),
            )
    cuts = [category.min_points for category in categories]
    *upper, lowest = cuts or [None]
    if any(cut is None for cut in upper):
        yield (
            ("category", upper.index(None), "min_points"),
            phrase("every category but the last needs min_points"),
        )
    elif upper != sorted(upper, key=lambda cut: -(cut or 0.0)) or len(set(upper)) < len(upper):
        yield ("category",), phrase("categories go from the most points to the fewest, min_points falling")
    if lowest not in (None, 0, 0.0):
        yield (
            ("category", len(upper), "min_points"),
            phrase("the last category takes the rest: leave its min_points out"),
        )


def _rules_problems(
    criteria: Sequence[Criterion], categories: Sequence[Category], parameter_list: Sequence[Parameter]
) -> Iterator[Fault]:
    """Names that lead nowhere, thresholds or rules left out."""
    keys, ids = {criterion.key for criterion in criteria}, [each.id for each in categories]
    parameters = {parameter.id for parameter in parameter_list}
    for number, criterion in enumerate(criteria):
        if criterion.limit is None:
            yield (
                ("criterion", number),
                phrase("criterion '{name}' has neither threshold nor reference", name=criterion.key),
            )
        parameter = criterion.reference.parameter if criterion.reference else None
        if parameter is not None and parameter not in parameters:
            yield (
                ("criterion", number, "reference"),
                phrase(
                    "criterion '{criterion}' names the parameter '{parameter}', which is not there",
                    criterion=criterion.key,
                    parameter=parameter,
                ),
            )
    for number, category in enumerate(categories):
        place = ("category", number)
        last = number == len(ids) - 1
        if not last and not category.rule:
            yield (*place, "rule"), phrase("category '{name}' has no rule", name=category.id)
        if last and category.rule:
            yield (*place, "rule"), phrase("the last category takes the rest: leave its rules out")
        for step, rule in enumerate(category.rule):
            for name in sorted({*rule.requires, *rule.of} - keys):
                yield (
                    (*place, "rule", step),
                    phrase(
                        "category '{category}' names the criterion '{criterion}', which is not there",
                        category=category.id,
                        criterion=name,
                    ),
                )
            for name in sorted(set(rule.categories) - set(ids[number + 1 :])):
                yield (
                    (*place, "rule", step),
                    phrase(
                        "category '{category}' builds on '{other}', which must be a category after it",
                        category=category.id,
                        other=name,
                    ),
                )
        for name in category.unless:
            if name not in ids:
                yield (
                    (*place, "unless"),
                    phrase(
                        "category '{category}' names '{other}' in unless", category=category.id, other=name
                    ),
                )
