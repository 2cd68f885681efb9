"""What the bottom-up study works on, read and checked together: criteria, services, registers and what staff named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo_bosoc.bottom_up.criteria_form import AdoptedCriteria, load_criteria
from geo_bosoc.bottom_up.history.place_tables import (
    PlaceTable,
    read_actions,
    read_forums,
    read_place_tables,
)
from geo_bosoc.bottom_up.nominations.files import read_nomination_rows, read_settled
from geo_bosoc.bottom_up.nominations.read import Nominations, read_nominations
from geo_bosoc.bottom_up.nominations.reasons import Reason, load_reasons
from geo_bosoc.bottom_up.places.place_figures import SERVICE_INDICATORS
from geo_bosoc.bottom_up.placing.tables import PlacingTables, check_estates, read_placing
from geo_bosoc.bottom_up.presence.services import Service, list_units, load_services, unknown_services
from geo_bosoc.bottom_up.presence.staff import read_staff
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.indicators import Indicator, load_indicators
from geo_bosoc.outputs.registry import BOTH, set_folder
from geo_bosoc.problems import Report, add_problems, did_you_mean, read_or_none
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.requests import Request
from geo_bosoc.project.spec import Project
from geo_bosoc.project.studies.residents import (
    Residents,
    detection_indicator,
    read_residents,
    request_of_bottom_up,
)
from geo_bosoc.text.listed_names import listed_names


@dataclass(frozen=True)
class BottomUpInputs:
    """What the study works on; see `Town` and `Nominations` for the shapes. `barriers` and `nominations` are None where
    the project names none, and so are `forums` and `actions`, `indicator` where places are found by services, and
    `staff` (`STAFF_COLUMNS`) where no institutions are given."""

    indicator: Indicator | None
    services: tuple[Service, ...]
    criteria: AdoptedCriteria
    town: Residents
    nominations: Nominations | None
    barriers: gpd.GeoDataFrame | None
    reasons: tuple[Reason, ...]
    staff: pd.DataFrame | None = None
    forums: PlaceTable | None = None
    actions: PlaceTable | None = None


@dataclass(frozen=True)
class BottomUpLists:
    """What the study counts and judges by, read before the registers: kinds of service, criteria and indicators.

    Attributes
    ----------
    services : tuple of Service or None
        None where the list cannot be read; and so for the others.
    criteria : AdoptedCriteria or None
        The criteria, and who stands behind them.
    indicator : Indicator or None
        What places are detected by; None where it is services.
    more : tuple of Indicator
        Those that the criteria name besides the municipality's service rates.
    report : Report
        What is wrong with any of it.
    placing : PlacingTables or None
        Agreements, vacancies, assignments and need, where the project names any.
    reasons : tuple of Reason or None
        Why staff name places, as codes.
    """

    services: tuple[Service, ...] | None = None
    criteria: AdoptedCriteria | None = None
    indicator: Indicator | None = None
    more: tuple[Indicator, ...] = ()
    report: Report = field(default_factory=Report)
    placing: PlacingTables | None = None
    reasons: tuple[Reason, ...] | None = None

    def request(self, project: Project) -> Request:
        """What the study wants read besides."""
        return request_of_bottom_up(project, self.services or (), self.indicator, self.more)


def read_bottom_up_lists(project: Project) -> BottomUpLists:
    """Read the kinds of service, the criteria and the indicators that ``[bottom_up]`` names; empty without one."""
    part, report = project.spec.bottom_up, Report()
    if part is None:
        return BottomUpLists()
    lists = _lists(project, part, report)
    placing = read_placing(part.placing, project.root, report) if part.placing is not None else None
    reasons = read_or_none(
        lambda: load_reasons(project.root / part.reasons if part.reasons else None), report
    )
    _check_unit_names(part, lists[0] or (), report)
    return BottomUpLists(*lists, report, placing, reasons)


def _check_unit_names(part: BottomUpPart, services: Sequence[Service], report: Report) -> None:
    """The municipality's names of units are names of a unit or a kind of service."""
    ids = dict.fromkeys([*(unit.id for unit in list_units()), *(service.id for service in services)])
    for name, unit in part.unit_names.items():
        if unit not in ids:
            report.error(
                phrase('there is no unit or kind of service "{name}".', name=unit),
                key=f"bottom_up.unit_names.{name}",
                hint=did_you_mean(unit, ids) or phrase("There are: {names}.", names=joined(ids)),
            )


def read_bottom_up(
    project: Project,
    part: BottomUpPart,
    inputs: Inputs,
    lists: BottomUpLists,
    period: str,
    report: Report,
) -> BottomUpInputs:
    """What ``[bottom_up]`` names, checked together with what was read.

    Raises
    ------
    InputError
        Anything is wrong with any of it: the problems of every file are listed, and are in `report`.
    """
    inner_report = Report()
    areas, context = inputs.areas, inputs.context
    services, criteria, indicator, more = lists.services, lists.criteria, lists.indicator, lists.more
    add_problems(inner_report, lists.report.problems)
    if part.barriers and part.barriers not in context:
        inner_report.error(
            phrase("there is no [boundaries.{name}].", name=part.barriers),
            key="bottom_up.barriers",
            file=project.file.name,
        )
    if lists.placing is not None:
        check_estates(lists.placing, set(areas["area_id"].astype(str)), inner_report)
    town = None
    if services is not None and (indicator is not None or part.detection_indicator is None):
        counted_by = (indicator, services, more)
        town = read_or_none(
            lambda: read_residents(project, part, inputs, *counted_by, period, areas, inner_report),
            inner_report,
        )
    if town is None:
        _check_nomination_rows(project, part, inner_report)
        nominations, forums, actions = None, None, None
    else:
        nominations = _nominations(project, part, town, areas, inner_report)
        _check_services(project, part, town, services or (), inner_report)
        _check_excluded(part, town, inner_report)
        forums, actions = read_place_tables(project.root, part, town.addresses, areas, inner_report)
    staff = None
    if part.staff is not None and town is not None:
        path = project.root / part.staff.file
        columns = {str(name): column for name, column in part.staff.columns.items()}
        staff = read_staff(path, town.addresses, inner_report, week=part.staff.week, columns=columns)
    add_problems(report, inner_report.problems)
    inner_report.raise_errors()
    assert town is not None and services is not None and criteria is not None
    assert lists.reasons is not None
    barriers = context.get(part.barriers) if part.barriers else None
    return BottomUpInputs(
        indicator, services, criteria, town, nominations, barriers, lists.reasons, staff, forums, actions
    )


def _check_services(
    project: Project, part: BottomUpPart, town: Residents, services: Sequence[Service], report: Report
) -> None:
    """Kinds of case that the list of services does not have are an error that names them, unless it ignores them."""
    counted = town.cases["service"].dropna().astype(str).value_counts()
    unknown = counted[~counted.index.isin([service.id for service in services])]
    if unknown.empty or unknown_services(project.root / part.services if part.services else None) == "ignore":
        return
    spec = project.spec.registers[part.cases]
    named = listed_names({str(name): int(rows) for name, rows in unknown.items()})
    report.error(
        phrase("the list of services does not have these names: {names}.", names=named),
        file=Path(spec.paths[0]).name,
        column=spec.columns.get(part.service, part.service),
        key="bottom_up.services",
        count=int(unknown.sum()),
        hint="Write them as an id of the list, add them in a file of your own (bottom_up.services), or write "
        'unknown_names = "ignore" in it: such cases are then left out.',
    )


def check_bottom_up_files(project: Project, report: Report, lists: BottomUpLists) -> None:
    """What staff named and the lists, read alone, where registers or boundaries cannot be read; all joins `report`."""
    part = project.spec.bottom_up
    if part is not None:
        add_problems(report, lists.report.problems)
        _check_nomination_rows(project, part, report)


def _lists(
    project: Project, part: BottomUpPart, report: Report
) -> tuple[tuple[Service, ...] | None, AdoptedCriteria | None, Indicator | None, tuple[Indicator, ...]]:
    """Kinds of service, the criteria, what places are found by, and the indicators that the criteria name."""
    root = project.root
    services = read_or_none(lambda: load_services(root / part.services if part.services else None), report)
    named = str(root / part.criteria) if part.criteria.endswith(".toml") else part.criteria
    criteria = read_or_none(lambda: load_criteria(named), report)
    indicator = (
        read_or_none(lambda: detection_indicator(project, part), report)
        if part.detection_indicator is not None
        else None
    )
    named_indicators = (
        {criterion.indicator for criterion in criteria.model.criterion} - set(SERVICE_INDICATORS)
        if criteria is not None
        else set()
    )
    more = [
        indicator_named for name in sorted(named_indicators) for indicator_named in _shares(project, name)
    ]
    for name in sorted(named_indicators - {indicator_named.id for indicator_named in more}):
        report.error(
            phrase('the criteria name "{name}", for which there is no figure.', name=name),
            key="bottom_up.criteria",
            hint=phrase(
                "Criteria take {names}, and shares that are indicators of the project or of geo_bosoc.",
                names=joined(SERVICE_INDICATORS),
            ),
        )
    return services, criteria, indicator, tuple(more)


def _shares(project: Project, name: str) -> list[Indicator]:
    """The indicator of that name, if it is known and no mean: means do not add up over homes."""
    spec = project.spec.indicators
    indicators = (
        read_or_none(lambda: load_indicators([name], file=spec.file, folder=project.root), Report()) or ()
    )
    return [indicator for indicator in indicators if indicator.id == name and not indicator.mean_of]


def _check_nomination_rows(project: Project, part: BottomUpPart, report: Report) -> None:
    """What can be told of nominations and settled matches without the town they are matched with."""
    _check_settled_place(project, part, report)
    if part.nominations is not None:
        read_nomination_rows(project.root / part.nominations, dict(part.nomination_columns), report)
    if part.settled is not None:
        read_settled(project.root / part.settled, report)
    if part.forums is not None:
        read_forums(project.root / part.forums, report)
    if part.actions is not None:
        read_actions(project.root / part.actions, report)


def _check_settled_place(project: Project, part: BottomUpPart, report: Report) -> None:
    """Answers that lie where a run writes would be lost with the next run."""
    if part.settled is None:
        return
    settled = (project.root / part.settled).resolve()
    if any(settled.is_relative_to(set_folder(output_set, project.output).resolve()) for output_set in BOTH):
        report.error("lies in the output folder, which each run writes anew: the answers would be lost.",
                     key="bottom_up.settled", file=project.file.name,
                     hint="Move it to your data, beside the nominations, and name it there.")  # fmt: skip


def _check_excluded(part: BottomUpPart, town: Residents, report: Report) -> None:
    """An excluded address that is in no table is excluded from nothing: a slip of the pen could show a shelter."""
    astray = len(set(part.exclude_addresses) - set(town.addresses["address_id"].astype(str)))
    if astray:
        report.warn(
            "addresses are not in the address table, and nothing is left out for them.",
            key="bottom_up.exclude_addresses",
            hint="Look for mistyped or retired ids.",
            count=astray,
        )


def _nominations(
    project: Project, part: BottomUpPart, town: Residents, areas: gpd.GeoDataFrame, report: Report
) -> Nominations | None:
    _check_settled_place(project, part, report)
    if part.nominations is None:
        return None
    columns = [
        name for name in ("address_id", "x", "y", "street", "number", "estate_id") if name in town.addresses
    ]
    return read_nominations(
        project.root / part.nominations, areas=areas, addresses=town.addresses[columns],
        settled=project.root / part.settled if part.settled else None, columns=part.nomination_columns, report=report,
    )  # fmt: skip
