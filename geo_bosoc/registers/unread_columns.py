"""The columns of a finished table that nothing reads, so that nobody thinks that they counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from geo_bosoc.problems import Report
from geo_bosoc.registers.column_names import fold_name
from geo_bosoc.registers.open import Opened
from geo_bosoc.registers.spec import RegisterSpec

MOST_NAMED: Final = 10

_NAME: Final = re.compile(r"navn|name|betegnelse")
"""Columns with names of areas are no figures."""


def tell_unread_columns(
    opened: Sequence[Opened], spec: RegisterSpec, report: Report, key: str | None
) -> None:
    """A note with the columns that are in a table's files and that no indicator reads; their cells are not looked at.

    Parameters
    ----------
    opened : the files, with the places of the columns that are read.
    key : the register's place in the project file.
    """
    used = {spec.reference_row, *spec.text, *spec.columns, *spec.columns.values()}
    unread: dict[str, None] = {}
    for each in opened:
        places = {*each.positions.values(), *each.across.values()}
        unread |= {
            name: None
            for place, name in enumerate(each.header)
            if place not in places and name.strip() and name not in used and not _NAME.search(fold_name(name))
        }
    if not unread:
        return
    names = list(unread)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    report.note(
        f"no indicator reads the column{'' if len(names) == 1 else 's'} {', '.join(names[:MOST_NAMED])}{more}.",
        file=opened[0].file.path if len(opened) == 1 else None,
        key=key,
        hint="Name a column in an indicator (sum) if its figures are meant to count.",
    )
