"""What can be told of a project's studies by themselves, where the run that they stand on has stopped."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from geo_bosoc.problems import Report, add_problems, read_or_none
from geo_bosoc.project.balance_inputs import check_balance_files
from geo_bosoc.project.periods import is_period
from geo_bosoc.project.spec import Project

if TYPE_CHECKING:
    from geo_bosoc.project.bottom_up_inputs import BottomUpLists


def check_studies(
    project: Project, periods: Collection[str], report: Report, lists: BottomUpLists | None = None
) -> None:
    """Read what [balance] and [bottom_up] name besides registers and boundaries; what is wrong joins the report."""
    balance, bottom_up = Report(), Report()
    years = [period for period in periods if is_period(period)]
    read_or_none(lambda: check_balance_files(project, years, balance), balance)
    read_or_none(lambda: _check_bottom_up(project, bottom_up, lists), bottom_up)
    add_problems(report, [*balance.problems, *bottom_up.problems])


def _check_bottom_up(project: Project, report: Report, lists: BottomUpLists | None) -> None:
    if project.spec.bottom_up is not None:
        from geo_bosoc.project.bottom_up_inputs import check_bottom_up_files  # slow to import

        check_bottom_up_files(project, report, lists)
