"""Parts of a register's specification that say how its rows come by a home: spells, address parts, sums over weeks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Spell(_Part):
    """``spell = { from = "TILFLYDTO", to = "FRAFLYDTO" }``: a row holds from a day to another.

    A spell is half-open: it holds on the day `start` and no more on the day `to`. With ``to_included`` the day
    `to` is its last. An empty end, and a year of 9999 (``31-12-9999``), are open. Without `to` a row holds until
    the same person's next one begins.
    """

    start: str = Field(alias="from")
    to: str | None = None
    to_included: bool = False


class AddressParts(_Part):
    """The columns with an address in parts, as CPR has them: municipality and street code, number, floor, door."""

    municipality: str | None = None
    street: str
    number: str
    floor: str | None = None
    door: str | None = None

    def names(self) -> list[str]:
        """The columns, in order."""
        return [name for name in (self.municipality, self.street, self.number, self.floor, self.door) if name]


class FullTime(_Part):
    """Benefits by week or by dates, added up to full-time persons outside the labour market.

    `benefits` is a definition of what counts as outside: a name that ships (``bosocdata``, ``section-61a``,
    ``section-51b``: each with dated lists, chosen by week), a TOML file, or several of these. `benefit` is the column
    with the benefit's code; `week` one with a year and week (202405, 2024-W05, 2024U05), or `start` and `to` dates (or
    weeks) from and to which it was drawn, both included. `name` is the column that
    comes out: the share of the year's weeks, 0 to 1. `unknown_names` says what names count as that no list knows
    (``outside``, ``inside``, or ``ignore``: as if the row were not there), over what the list says; else they are an
    error.
    """

    benefits: str | tuple[str, ...] | None = None
    benefit: str
    week: str | None = None
    start: str | None = Field(default=None, alias="from")
    to: str | None = None
    name: str = "outside_fte"
    unknown_names: Literal["outside", "inside", "ignore"] | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> FullTime:
        if self.benefits is None:
            raise ValueError(
                'benefits is missing: say which benefits count as outside ("bosocdata", "section-61a", '
                '"section-51b", or a TOML file of your own).'
            )
        if (self.week is None) == (self.start is None):
            raise ValueError("give either week, or from and to.")
        return self

    def names(self) -> list[str]:
        return [name for name in (self.benefit, self.week, self.start, self.to) if name]


class WeightedMean(_Part):
    """Several rows a person become one: the mean of `value`, weighted by `weight` (months at each school).

    `name` is the column that comes out; the value's own name where it is left out.
    """

    value: str
    weight: str | None = None
    name: str | None = None

    def names(self) -> list[str]:
        return [name for name in (self.value, self.weight) if name]

    @property
    def result(self) -> str:
        return self.name or self.value


HomeOn = Literal["status_date", "event"]
