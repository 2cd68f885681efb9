"""Which day gives the home, where an indicator says so itself: its register is linked once more, on that day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo_bosoc.indicators import Indicator
from geo_bosoc.problems import Report
from geo_bosoc.registers.spec import RegisterSpec

AT = "@"
"""Between a register's name and the day that gives its homes, in the name of its twin."""


@dataclass(frozen=True)
class HomeDates:
    """Indicators that count in the register with their homes, and the twins: registers linked on another day.

    `twins` are their specifications by name, ``charges@event``; see `register_of`.
    """

    indicators: tuple[Indicator, ...]
    twins: Mapping[str, RegisterSpec]


def register_of(name: str) -> str:
    """The register in the project file that a name, perhaps a twin's, stands for.

    >>> register_of("charges@event"), register_of("charges")
    ('charges', 'charges')
    """
    return name.partition(AT)[0]


def settle_home_dates(
    indicators: tuple[Indicator, ...], registers: Mapping[str, RegisterSpec], report: Report
) -> HomeDates:
    """Point each indicator with `home_on` to registers whose homes are those of that day.

    An indicator that names a day none of its registers can give is an error with its key.
    """
    twins: dict[str, RegisterSpec] = {}
    settled = []
    for indicator in indicators:
        wanted = indicator.home_on
        base = indicator.denominator.register_name or _only(registers)
        top = (indicator.numerator.register_name if indicator.numerator else None) or base
        keyed = {name for name in (base, top) if name in registers and registers[name].place == "person"}
        if wanted is None:
            settled.append(indicator)
            continue
        key = f"indicator.{indicator.id}.home_on"
        if not keyed:
            report.error(
                "the indicator counts in no register that takes its homes from the population.",
                key=key,
                hint="Leave home_on out: the rows have places of their own.",
            )
        dated = {name for name in keyed if wanted != "event" or registers[name].event is not None}
        if keyed and not dated:
            report.error(
                f"it is not said which column of {', '.join(sorted(keyed))} holds the day of the event.",
                key=key,
                hint='Write event = "..." for the register.',
            )
        names = {}
        for name in sorted(dated):
            if registers[name].home_on != wanted:
                names[name] = f"{name}{AT}{wanted}"
                twins[names[name]] = registers[name].model_copy(update={"home_on": wanted})
        sides = {
            "denominator": indicator.denominator.model_copy(update={"register_name": names.get(base, base)})
        }
        if indicator.numerator is not None:
            sides["numerator"] = indicator.numerator.model_copy(update={"register_name": names.get(top, top)})
        settled.append(indicator.model_copy(update=sides) if names else indicator)
    return HomeDates(tuple(settled), twins)


def _only(registers: Mapping[str, RegisterSpec]) -> str:
    """The register of an indicator that names none."""
    return next(iter(registers)) if len(registers) == 1 else "persons"
