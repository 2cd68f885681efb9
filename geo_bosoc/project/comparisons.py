"""What a project compares its areas with: the reference chosen for each indicator, a table of references, groups."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import GROUP, NATIONAL, REGION, TWINS
from geo_bosoc.disclosure.results import AreaPairs
from geo_bosoc.indicators import Indicator, list_indicators
from geo_bosoc.indicators.similar_areas import TwinsPart
from geo_bosoc.models import Model
from geo_bosoc.models.spec_parts import UNIT_PARTS
from geo_bosoc.models.table_files import read_finished, row_numbers
from geo_bosoc.models.typed_numbers import typed_number
from geo_bosoc.problems import InputError, Report, add_problems, did_you_mean
from geo_bosoc.problems.messages import joined, listed, phrase
from geo_bosoc.project.spec import Project, check_period_form

REFERENCE_COLUMNS: Final = ("reference", "indicator", "period", "numerator", "denominator", "value", "source")
_NEEDED: Final = ("reference", "indicator", "period")
_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("region", "regionen", REGION), REGION),
    **dict.fromkeys(("national", "hele landet", "landet", NATIONAL), NATIONAL),
}
"""What a row of the table may call its reference area."""
_ROUNDING: Final = 0.01
"""By so much of it a value may differ from that of its counts."""


def choose_references(
    indicators: Sequence[Indicator], project: Project, report: Report
) -> tuple[Indicator, ...]:
    """The indicators with what each is compared with: as the project chooses it, else as they say themselves.

    Parameters
    ----------
    indicators : sequence of Indicator
        Those of the run.
    project : Project
        Whose `[reference]`, `[groups]` and table of references it is.
    report : Report
        Takes what does not exist.
    """
    part, file = project.spec.reference, project.file.name
    check_indicator_ids(part.indicators, "reference.indicators", indicators, project, report)
    chosen = []
    for indicator in indicators:
        reference = part.indicators.get(indicator.id) or indicator.reference or part.of
        chosen.append(indicator.model_copy(update={"reference": reference}))
        group = reference.removeprefix(GROUP)
        if reference.startswith(GROUP) and group not in project.spec.groups:
            report.error(
                phrase(
                    '{indicator} is compared with the group "{group}", which is not there.',
                    indicator=indicator.id,
                    group=group,
                ),
                file=file,
                key="groups",
                hint=did_you_mean(group, project.spec.groups),
            )
        if reference in (REGION, NATIONAL) and part.table is None:
            report.error(
                phrase(
                    "{indicator} is compared with {reference}, whose figures are not given.",
                    indicator=indicator.id,
                    reference=reference,
                ),
                file=file,
                key="reference.table",
                hint='Name a table of them in [reference]: table = "data/references.csv".',
            )
    return tuple(chosen)


def check_indicator_ids(
    names: Iterable[str], table: str, indicators: Sequence[Indicator], project: Project, report: Report
) -> None:
    """Report names in a table of the project file that are no indicator of its."""
    ids = [indicator.id for indicator in indicators]
    for name in names:
        if name not in ids:
            report.error(
                phrase('there is no indicator "{name}" in the project.', name=name),
                file=project.file.name,
                key=f"{table}.{name}",
                hint=did_you_mean(name, ids),
            )


def profile_of_project(project: Project, indicators: Sequence[Indicator]) -> TwinsPart | None:
    """By which figures areas are called alike, each of them named; None where the project asks for no twins.

    Parameters
    ----------
    project : Project
        Whose `[follow_up.twins]` says so; left out, five areas by every figure that is shown.
    indicators : sequence of Indicator
        Those that outputs show, with what each is compared with.
    """
    part = project.spec.follow_up.twins if project.spec.follow_up is not None else None
    if part is None and all(spec.reference_area != TWINS for spec in indicators):
        return None
    return (part or TwinsPart()).among(indicators)


def check_twins(project: Project, indicators: Sequence[Indicator], report: Report) -> None:
    """Report figures of a profile that no output shows, and twins where there are no figures to tell them by.

    Parameters
    ----------
    project : Project
        Whose `[follow_up.twins]` it is.
    indicators : sequence of Indicator
        Those that outputs show, with what each is compared with.
    report : Report
        Takes what does not exist.
    """
    part = project.spec.follow_up.twins if project.spec.follow_up is not None else None
    problems = Report()
    (part or TwinsPart()).checked(indicators, problems)
    add_problems(report, [replace(problem, file=project.file.name) for problem in problems.problems])
    profile = profile_of_project(project, indicators)
    if profile is not None and not profile.by and not problems.errors:
        report.error(
            "twins are areas with like figures, and the project shows no share, rate or mean.",
            file=project.file.name,
            key="follow_up.twins",
        )


def check_groups(groups: Mapping[str, Sequence[str]], area_ids: Collection[str], report: Report) -> None:
    """Report areas of groups that do not exist, or are named twice."""
    for group, members in groups.items():
        key = f"groups.{group}"
        for name in sorted(set(members) - set(area_ids)):
            report.error(
                phrase('no area has the id "{name}".', name=name), key=key, hint=did_you_mean(name, area_ids)
            )
        twice = sorted({name for name in members if members.count(name) > 1})
        if twice:
            report.error(phrase("areas are named twice: {names}.", names=joined(twice)), key=key)


def check_overlaps(groups: Mapping[str, Sequence[str]], pairs: AreaPairs, report: Report) -> None:
    """Report groups whose areas share homes: whoever lives there would be counted twice."""
    shared: set[tuple[str, str]] = set()
    for frame, columns in ((pairs.containments, ["outer", "inner"]), (pairs.overlaps, ["first", "second"])):
        shared |= {
            (str(first), str(second)) for first, second in frame[columns].itertuples(index=False, name=None)
        }
    for group, members in groups.items():
        sharing = sorted({tuple(sorted(pair)) for pair in shared if set(pair) <= set(members)})
        for first, second in sharing:
            report.error(
                phrase(
                    "areas {one} and {other} share homes: added up, whoever lives there would count twice.",
                    one=first,
                    other=second,
                ),
                key=f"groups.{group}",
                hint="Leave one of them out of the group.",
            )


def read_references(
    project: Project,
    indicators: Sequence[Indicator],
    models: Sequence[Model],
    periods: Collection[str],
    report: Report,
) -> pd.DataFrame:
    """Figures of the region and the whole country from the project's table.

    A row has ``reference`` (region or national), ``indicator`` and ``period``, and either ``numerator`` and
    ``denominator`` or ``value`` in the indicator's unit (40 for 40 per cent); ``source`` says where it is printed.

    Parameters
    ----------
    project : Project
        Whose `[reference] table` is read.
    indicators : sequence of Indicator
        Those of the run, with what they are compared with.
    models : sequence of Model
        Which may compare with the region or the whole country, too.
    periods : collection of str
        Those of the run; empty where it names none.
    report : Report
        Takes what cannot be right, and the periods that lack a figure.

    Returns
    -------
    DataFrame
        For `geo_bosoc.indicators.references.given_rows`; without rows where there is no table.
    """
    path = project.spec.reference.table
    columns = ["reference", "indicator", "period", "numerator", "denominator", "value"]
    if path is None:
        return pd.DataFrame(columns=columns)
    try:
        table = read_finished(project.root / path)
    except InputError as error:
        report.problems.extend(error.problems)
        return pd.DataFrame(columns=columns)
    rows, missing = _Rows(indicators, path, report), [name for name in _NEEDED if name not in table.columns]
    for name in missing:
        report.error(
            phrase('there is no column "{name}".', name=name),
            file=path,
            column=name,
            key="reference.table",
            hint=phrase("The columns are {names}.", names=listed(REFERENCE_COLUMNS)),
        )
    if missing:
        return pd.DataFrame(columns=columns)
    for number, row in zip(row_numbers(table), table.to_dict("records"), strict=True):
        rows.add({str(name): value for name, value in row.items()}, number)
    frame = pd.DataFrame(rows.figures, columns=columns)
    _warn_missing(frame, indicators, models, periods, path, report)
    return frame


class _Rows:
    """The rows of a table of references, each checked as it is read."""

    def __init__(self, indicators: Sequence[Indicator], file: str, report: Report) -> None:
        self.specs = {indicator.id: indicator for indicator in indicators}
        self.shipped = {indicator.id for indicator in list_indicators()} - set(self.specs)
        self.file, self.report = file, report
        self.figures: list[tuple[Any, ...]] = []
        self.first: dict[tuple[str, str, str], int] = {}

    def error(self, message: str, number: int, column: str, hint: str | None = None) -> None:
        """Report what is wrong with a cell."""
        self.report.error(message, file=self.file, row=number, column=column, hint=hint)

    def add(self, row: Mapping[str, Any], number: int) -> None:
        """Take in one row."""
        texts = {name: "" if row.get(name) is None else str(row[name]).strip() for name in REFERENCE_COLUMNS}
        reference = _NAMES.get(texts["reference"].casefold())
        if reference is None:
            self.error("is no reference area.", number, "reference", phrase("Write region or national."))
        spec = self.specs.get(texts["indicator"])
        if spec is None and texts["indicator"] not in self.shipped:
            self.error(
                phrase('there is no indicator "{name}" in the project.', name=texts["indicator"]),
                number,
                "indicator",
                did_you_mean(texts["indicator"], self.specs),
            )
        period = texts["period"].removesuffix(".0")
        if not period:
            self.error("the period is missing.", number, "period", phrase('Write a year, "2024".'))
        else:
            check_period_form([period], self.report, file=self.file, row=number, column="period")
        if spec is None or reference is None or not period:
            return
        key = (reference, spec.id, period)
        before = self.first.setdefault(key, number)
        if before != number:
            self.error(phrase("the figure stands in row {row} too.", row=before), number, "indicator")
            return
        numerator, denominator, value = (
            self._figure(row, texts, name, number) for name in ("numerator", "denominator", "value")
        )
        self._take(key, spec, (numerator, denominator, value), number)

    def _figure(
        self, row: Mapping[str, Any], texts: Mapping[str, str], name: str, number: int
    ) -> Fraction | None:
        if texts[name].casefold() in ("", "nan", "none"):
            return None
        figure = typed_number(row[name], texts[name], integer=name != "value")
        if figure is None:
            self.error("is not a number", number, name, phrase("Write 40.7 or 40,7."))
        elif figure < 0:
            self.error("is under 0.", number, name)
            return None
        return figure

    def _take(
        self,
        key: tuple[str, str, str],
        spec: Indicator,
        figures: tuple[Fraction | None, Fraction | None, Fraction | None],
        number: int,
    ) -> None:
        numerator, denominator, value = figures
        share = None if value is None else value / UNIT_PARTS[spec.unit]
        if numerator is not None and denominator:
            counted = numerator / denominator
            if share is not None and not math.isclose(share, counted, rel_tol=_ROUNDING, abs_tol=0.0005):
                self.error(
                    "the value is not that of its counts.", number, "value", phrase("Leave one of them out.")
                )
            share = counted
        elif numerator is not None or denominator is not None:
            self.error("a numerator goes with a denominator above 0.", number, "denominator")
            return
        if share is None:
            self.error("there is neither a value nor numerator and denominator.", number, "value")
            return
        if spec.unit == "percent" and share > 1:
            self.error(
                "a share is over 100 per cent.", number, "numerator" if numerator is not None else "value"
            )
            return
        counts = (
            (None, None) if numerator is None else (round(numerator * spec.scale), round(denominator or 0))
        )
        self.figures.append((*key, *counts, float(share)))


def _warn_missing(
    frame: pd.DataFrame,
    indicators: Sequence[Indicator],
    models: Sequence[Model],
    periods: Collection[str],
    file: str,
    report: Report,
) -> None:
    """Warn of periods for which a figure that is compared with is not in the table."""
    needed = {(spec.reference_area, spec.id) for spec in indicators}
    for model in models:
        for each in model.criterion:
            if each.reference is None or each.reference.parameter is None:
                needed.add((each.reference_area, each.indicator))
    given = set(frame[["reference", "indicator", "period"]].itertuples(index=False, name=None))
    for reference, indicator in sorted(needed):
        absent = [period for period in sorted(periods) if (reference, indicator, period) not in given]
        if reference in (REGION, NATIONAL) and absent:
            report.warn(
                phrase(
                    "{indicator} has no figure of {reference} for {periods}: there is nothing to compare with.",
                    indicator=indicator,
                    reference=reference,
                    periods=listed(absent),
                ),
                file=file,
                key="reference.table",
            )
