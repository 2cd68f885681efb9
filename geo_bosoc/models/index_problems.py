"""What does not hold together in an index model: groups, scales, and classes that are not the model's categories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from geo_bosoc.models.category import Category
from geo_bosoc.models.criteria import Criterion
from geo_bosoc.models.index_spec import Fault, IndexSpec
from geo_bosoc.problems.messages import joined, phrase


def index_problems(
    index: IndexSpec | None, criteria: Sequence[Criterion], categories: Sequence[Category]
) -> Iterator[Fault]:
    """What does not hold together in an index model."""
    if index is None:
        yield ("index",), phrase("an index model needs an [index] table")
        return
    group_ids = {group.id for group in index.group}
    filled = {criterion.group for criterion in criteria} | {group.parent for group in index.group}
    for number, group in enumerate(index.group):
        if group.id not in filled:
            yield (
                ("index", "group", number),
                phrase(
                    "index.group '{name}' is empty: no criterion and no group belongs to it", name=group.id
                ),
            )
    scales = {group.id: group.normalise for group in index.group}
    for number, criterion in enumerate(criteria):
        place = ("criterion", number)
        if criterion.group and criterion.group not in group_ids:
            yield (
                (*place, "group"),
                phrase("group '{name}' is not among [[index.group]]", name=criterion.group),
            )
        if not criterion.group and not index.total:
            yield (
                (*place, "group"),
                phrase(
                    "criterion '{name}' belongs to no group, and total = false: no score uses it",
                    name=criterion.key,
                ),
            )
        if criterion.compared_with_rest:
            yield (
                (*place, "reference"),
                phrase(
                    "criterion '{name}' is compared with the rest: an index compares areas with one reference",
                    name=criterion.key,
                ),
            )
        yield from _goalpost_problems(criterion, number, scales.get(criterion.group) or index.normalise)
    yield from _class_problems(index, categories)


def _goalpost_problems(criterion: Criterion, number: int, scale: str) -> Iterator[Fault]:
    """Goalposts that a criterion's scale needs, does not use, or cannot transform."""
    place = ("criterion", number, "goalposts")
    posts = criterion.goalposts
    if posts is None:
        if scale == "goalposts":
            yield (
                place,
                phrase(
                    "criterion '{name}' needs goalposts = [low, high], since index.normalise says so",
                    name=criterion.key,
                ),
            )
        return
    if scale != "goalposts":
        yield (
            place,
            phrase(
                "criterion '{name}' has goalposts, which normalise = \"{scale}\" does not use: leave them out",
                name=criterion.key,
                scale=scale,
            ),
        )
    least = {"log": 0.0, "log1p": -1.0}.get(criterion.transform)
    if least is not None and min(posts) <= least:
        yield (
            place,
            phrase(
                "goalposts are transformed with the figure, and {transform} needs them above {least:g}",
                transform=criterion.transform,
                least=least,
            ),
        )


def _class_problems(index: IndexSpec, categories: Sequence[Category]) -> Iterator[Fault]:
    """What does not hold together between classes of scores and the model's categories."""
    size = len(categories)
    unnamed = [each for each in index.classing if not each.classes]
    names = joined([each.id for each in unnamed])
    if any(category.classes for category in categories):
        if index.shares:
            yield ("index", "shares"), phrase("categories have classes: leave index.shares out")
        elif unnamed:
            yield (
                ("index", "classing"),
                phrase("categories have classes: name the classes of {names}", names=names),
            )
        else:
            yield from _crossing_problems(index, categories)
    elif index.shares or not index.classing:
        if index.shares and unnamed:
            yield (
                ("index", "classing"),
                phrase("index.shares cuts the categories: name the classes of {names}", names=names),
            )
        if len(index.shares) != size:
            yield (
                ("index", "shares"),
                phrase("index.shares must name one share of areas for each category, worst first"),
            )
    elif len(unnamed) != 1:
        yield (
            ("index", "classing"),
            phrase(
                "one [[index.classing]] without classes says which category an area is in; or each category has classes"
            ),
        )
    elif unnamed[0].size not in (0, size):
        yield (
            ("index", "classing", index.classing.index(unnamed[0])),
            phrase(
                "classing '{name}' cuts {size} classes, and the model has {count} categories",
                name=unnamed[0].id,
                size=unnamed[0].size,
                count=size,
            ),
        )


def _crossing_problems(index: IndexSpec, categories: Sequence[Category]) -> Iterator[Fault]:
    """Categories by classes of several classings: each combination belongs to one category."""
    classings = {classing.id: classing.classes for classing in index.classing}
    complete = True
    for number, category in enumerate(categories):
        for name in category.classes:
            absent = [each for each in category.named_classes(name) if each not in classings.get(name, ())]
            if name in classings and not absent:
                continue
            complete = False
            message = (
                phrase(
                    "category '{category}' names {classes}, and classing '{name}' has {known} only",
                    category=category.id,
                    classes=joined(absent),
                    name=name,
                    known=joined(classings[name]),
                )
                if name in classings
                else phrase(
                    "category '{category}' names the classing '{name}', which is not among [[index.classing]]",
                    category=category.id,
                    name=name,
                )
            )
            yield ("category", number, "classes"), message
    used = crossed_classings(index, categories) if complete else ()
    for combination in product(*(classings[name] for name in used)) if used else ():
        classes = dict(zip(used, combination, strict=True))
        fits = [each.id for each in categories if fits_classes(each, classes)]
        text = joined([f"{name} = {each}" for name, each in classes.items()])
        if not fits:
            yield ("category",), phrase("no category takes in {classes}", classes=text)
        elif len(fits) > 1:
            yield (
                ("category",),
                phrase("{classes} belongs to several categories: {names}", classes=text, names=joined(fits)),
            )


def crossed_classings(index: IndexSpec, categories: Sequence[Category]) -> tuple[str, ...]:
    """The classings that categories name, in the order of the model."""
    named = {name for category in categories for name in category.classes}
    return tuple(classing.id for classing in index.classing if classing.id in named)


def fits_classes(category: Category, classes: Mapping[str, str]) -> bool:
    """Whether an area in these classes is in a category."""
    return all(classes[name] in category.named_classes(name) for name in category.classes)


def main_classing(index: IndexSpec, categories: Sequence[Category]) -> str:
    """The classing that says which category an area is in; empty for shares of the index and for crossed ones."""
    if index.shares or any(category.classes for category in categories):
        return ""
    return next((each.id for each in index.classing if not each.classes), "")
