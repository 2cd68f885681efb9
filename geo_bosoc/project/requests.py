"""What the studies want read besides what the run counts: columns of registers, and layers of boundaries as areas.

A run puts all wants together before it reads, so that each file is opened once (`geo_bosoc.project.reading`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from geo_bosoc.indicators import Indicator, needed_columns
from geo_bosoc.linkage.link import population_name
from geo_bosoc.problems import Report
from geo_bosoc.project.spec import Project


@dataclass(frozen=True)
class Request:
    """What is wanted besides what the run counts.

    Attributes
    ----------
    columns : dict of str to frozenset of str
        By register, the columns wanted of it; a register that only studies want is read for the last period.
    indicators : tuple of Indicator
        Those that a study counts itself.
    layers : frozenset of str
        The layers of boundaries that are wanted as areas, whatever their role.
    """

    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    layers: frozenset[str] = frozenset()


def joined(requests: Collection[Request]) -> Request:
    """All requests as one.

    Examples
    --------
    >>> both = joined([Request({"persons": frozenset({"age"})}), Request({"persons": frozenset({"home"})})])
    >>> sorted(both.columns["persons"])
    ['age', 'home']
    """
    columns: dict[str, frozenset[str]] = {}
    for request in requests:
        for name, names in request.columns.items():
            columns[name] = columns.get(name, frozenset()) | names
    return Request(
        columns,
        tuple(indicator for request in requests for indicator in request.indicators),
        frozenset(layer for request in requests for layer in request.layers),
    )


def request_of_balance(project: Project) -> Request:
    """The dwellings' columns that ``[balance]`` counts by, the residents' key to their dwelling, and its layer."""
    part = project.spec.balance
    if part is None or part.dwellings not in project.spec.registers:
        return Request()
    named = ("bbr_use", "bbr_ownership", "m2", "built", part.kind, part.estate, part.letting_status)
    columns = {part.dwellings: frozenset(name for name in named if name is not None)}
    population = part.population or population_name(project.spec.registers)
    if part.home is not None and population in project.spec.registers:
        columns[str(population)] = frozenset({part.home})
    return Request(columns, layers=frozenset() if part.areas is None else frozenset({part.areas}))


def requested_columns(
    request: Request, names: Sequence[str], ids: Mapping[str, Mapping[str, str]], report: Report
) -> dict[str, frozenset[str]]:
    """By register, the columns that a request names and those that its indicators need.

    Parameters
    ----------
    request : Request
        What the studies want.
    names : sequence of str
        The registers that indicators may count in.
    ids : mapping of str to mapping of str to str
        By register, the columns that tell persons, dwellings and so on apart.
    report : Report
        Takes what is wrong with the indicators.
    """
    needed = needed_columns(request.indicators, names, ids=ids, report=report) if request.indicators else {}
    both = {*request.columns, *needed}
    return {name: frozenset(request.columns.get(name, ())) | frozenset(needed.get(name, ())) for name in both}
