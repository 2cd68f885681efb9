"""Parts of a register's specification: how its rows come by a home (spells, address parts, sums over weeks), and what
of a raster is read."""

from __future__ import annotations

import re
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.provenance import ShortRepr


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Spell(_Part):
    """``spell = { from = "TILFLYDTO", to = "FRAFLYDTO" }``: a row holds from a day to another.

    A spell is half-open: it holds on the day `start` and no more on the day `to`. An empty end, and a year of 9999
    (``31-12-9999``), are open.

    Attributes
    ----------
    start : str
        The column with the first day; its key is ``from``. Example: ``from = "TILFLYDTO"``
    to : str or None
        The column with the day on which it holds no more. Left out, a row holds until the same person's next one
        begins. Example: ``to = "FRAFLYDTO"``
    to_included : bool
        Whether the day `to` is its last.
    """

    start: str = Field(alias="from")
    to: str | None = None
    to_included: bool = False


class AddressParts(_Part):
    """The columns with an address in parts, as CPR has them.

    Attributes
    ----------
    municipality : str or None
        The municipality's code. Example: ``municipality = "KOMKOD"``
    street, number : str
        The street's code, and the house number with its letter. Example: ``street = "VEJKOD"`` ``number = "HUSNR"``
    floor, door : str or None
        Floor and door. Example: ``floor = "ETAGE"`` ``door = "SIDEDOER"``
    """

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

    Attributes
    ----------
    benefits : str or tuple of str or None
        What counts as outside: a name that ships (``bosocdata``, ``section-61a``, ``section-51b``: each with dated
        lists, chosen by week), a TOML file, or several of these; needed. Example: ``benefits = "section-61a"``
    benefit : str
        The column with the benefit's code. Example: ``benefit = "YDELSE"``
    week : str or None
        The column with year and week (202405, 2024-W05, 2024U05). Example: ``week = "UGE"``
    start, to : str or None
        Instead of a week, the columns of the days (or weeks) from and to which it was drawn, both included; the first
        one's key is ``from``. Example: ``from = "FRA"`` ``to = "TIL"``
    name : str
        The column that comes out: the share of the year's weeks, 0 to 1. Example: ``name = "outside_fte"``
    unknown_names : {"outside", "inside", "ignore"} or None
        What names count as that no list knows (``ignore``: as if the row were not there), over what the list says; else
        they are an error.
    also_by : tuple of str
        Versions of the lists by which all weeks are read as well, to count a reform's overlap by both
        (``[[indicator.reform]]``); the column of ``2021-12-01`` is ``outside_fte_2021_12_01``.
        Example: ``also_by = ["2021-12-01"]``
    """

    benefits: str | tuple[str, ...] | None = None
    benefit: str
    week: str | None = None
    start: str | None = Field(default=None, alias="from")
    to: str | None = None
    name: str = "outside_fte"
    unknown_names: Literal["outside", "inside", "ignore"] | None = None
    also_by: tuple[str, ...] = ()

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

    def column_by(self, version: str) -> str:
        """The column that comes out by a version of the lists."""
        return f"{self.name}_{re.sub(r'[^0-9a-z]+', '_', version.lower())}"

    def names(self) -> list[str]:
        return [name for name in (self.benefit, self.week, self.start, self.to) if name]


class WeightedMean(_Part):
    """Several rows a person become one: a mean, such as that of the absence at several schools.

    Attributes
    ----------
    value : str
        The column whose mean is taken. Example: ``value = "FRAVAER"``
    weight : str or None
        The column with its weight, such as months at each school. Example: ``weight = "MAANEDER"``
    name : str or None
        The column that comes out; left out, the value's own name. Example: ``name = "absence_pct"``
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


_OF_RASTERS: Final = frozenset(
    {"path", "unit", "place", "band", "rule", "distance_to", "crs", "missing", "period", "status_date",
     "purpose", "legal_basis", "source", "received", "delete_by", "publish"}
)  # fmt: skip
"""The keys that a raster register may have."""


class RasterKeys(ShortRepr):
    """The keys of a register that is a raster (``unit = "raster"``): its rows are its cells in an area.

    Attributes
    ----------
    band : int, str or None
        A raster's band, by number or by its description; left out, the only one. Example: ``band = 2``
        ``unit = "raster"``
    rule : {"exact", "centre"}
        Of a raster: each cell counts with the share of it that lies in the area, or wholly where its centre does
        (faster, and near enough where cells are small beside areas). Example: ``rule = "centre"`` ``unit = "raster"``
    distance_to : str or None
        Of a raster: a cell's value is then the distance in metres to the nearest cell that meets this condition on
        ``value``. Example: ``distance_to = "value = 3"`` ``unit = "raster"``
    """

    band: int | str | None = None
    rule: Literal["exact", "centre"] = "exact"
    distance_to: str | None = None

    @model_validator(mode="after")
    def _keys_fit_rasters(self) -> RasterKeys:
        if getattr(self, "unit", None) != "raster":
            others = sorted(self.model_fields_set & {"band", "rule", "distance_to"})
            if others:
                raise ValueError(phrase('{keys} belongs to rasters: unit = "raster".', keys=joined(others)))
            return self
        others = sorted(self.model_fields_set - _OF_RASTERS)
        if others or getattr(self, "place", "area") != "area":
            raise ValueError(
                phrase(
                    "a raster's rows are its cells, which lie where they lie: leave out {keys}.",
                    keys=joined(others or ["place"]),
                )
            )
        for mark in getattr(self, "missing", ()):
            try:
                float(mark)
            except ValueError:
                raise ValueError(
                    phrase('missing = ["{mark}"]: a raster holds numbers, and this is none.', mark=mark)
                ) from None
        return self

    @property
    def raster_crs(self) -> str | None:
        """The CRS of a raster, where the project file gives it; else it is what the file says."""
        return str(getattr(self, "crs", "")) if "crs" in self.model_fields_set else None

    @property
    def missing_numbers(self) -> tuple[float, ...]:
        """The marks for "no data" as numbers."""
        return tuple(float(mark) for mark in getattr(self, "missing", ()))
