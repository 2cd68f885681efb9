"""What a register is: the frozen specification read from ``[registers.NAME]`` in the project file."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

PERIOD: Final = re.compile(r"\d{4}(K[1-4])?")
"""A period as it is written everywhere: a year or a quarter, ``2024`` or ``2024K1``."""

_STATUS_DATE: Final = re.compile(r"(\d{4}|\{year\})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")

Unit = Literal["person", "dwelling", "address", "case", "count"]
Place = Literal["address", "area", "xy"]


class RegisterSpec(BaseModel):
    """How a register's files are read, what its rows are, and where each row lies.

    Column names in `id`, `period`, `address`, `area`, `x`, `y`, `where`, `text` and `not_person_numbers` are
    those after renaming by `columns` (our name = the file's name); a name that is not renamed is the file's
    own.

    Attributes
    ----------
    path : a file, several, or a pattern: ``*`` and ``?`` as in a folder's search, ``{period}`` for the
    period.
        Relative paths start at the folder of the project file.
    unit : what a row is: a person, dwelling, address or case, or a finished count for an area.
    place : how a row is placed: ``address`` (an id that the address table knows), ``area`` (an area's id) or
    ``xy``.
        Left out, it is ``xy`` where `x` and `y` are given (or the unit is an address), ``area`` where `area`
        is given or the unit is a count, and ``address`` for all others.
    address, area, x, y : the columns that say so; `crs` that of x and y.
    id : the column that identifies a row's person, dwelling, address or case. For finished counts: a further
    column
        that tells rows of one area and period apart, such as an age group.
    period : a column (a year, a quarter, or a date), or a fixed period such as ``2024K1``; left out, it is
    the
        ``{period}`` of the file's name, or the column ``period`` where the file has one.
    period_by : whether a date becomes a ``year`` or a ``quarter``.
    status_date : the date that the rows describe, ``2024-01-01`` or for all years ``{year}-01-01``.
    where : only rows that meet this row-wise SQL predicate.
    sheet, header_row : the worksheet (a name, or a number from 1) and the row with the column names (from 1).
    years_across : the table has one column a year or quarter; they become rows, and this is the name of the
    figure. separator, decimal, encoding : of text files; found out where left out.
    missing, protected : further marks for "no data" and "there, but not shown" beside the usual ones.
    text : columns that stay text though they look like numbers or dates.
    not_person_numbers : columns whose ten-digit numbers are known to be no person numbers.
    role : ``population`` for the register that says who lives where.
    reference_row : the area id of the municipality's own row in a finished table.
    purpose, legal_basis, source, received, delete_by, publish : custody; told in the manifest of a run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    path: str | tuple[str, ...]
    unit: Unit
    place: Place = "address"
    address: str = "address_id"
    area: str = "area_id"
    x: str | None = None
    y: str | None = None
    crs: str = "EPSG:25832"
    id: str | None = None
    period: str | None = None
    period_by: Literal["year", "quarter"] = "year"
    status_date: str | None = None
    where: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    sheet: int | str | None = None
    header_row: int | None = Field(default=None, ge=1)
    years_across: str | None = None
    separator: Literal[";", ",", "\t", "|"] | None = None
    decimal: Literal[",", "."] | None = None
    encoding: str | None = None
    missing: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    not_person_numbers: tuple[str, ...] = ()
    role: Literal["population"] | None = None
    reference_row: str | None = None
    purpose: str = ""
    legal_basis: str = ""
    source: str = ""
    received: date | None = None
    delete_by: date | None = None
    publish: Literal["public", "internal"] = "public"

    @model_validator(mode="before")
    @classmethod
    def _settle_place(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("place") is not None:
            return data
        if data.get("x") is not None or data.get("unit") == "address":
            place = "xy"
        elif data.get("area") is not None or data.get("unit") == "count":
            place = "area"
        else:
            place = "address"
        return {**data, "place": place}

    @field_validator("encoding")
    @classmethod
    def _encoding_exists(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                "".encode(value)
            except LookupError:
                raise ValueError('this encoding is not known; usual ones are "utf-8" and "cp1252".') from None
        return value

    @field_validator("status_date", mode="before")
    @classmethod
    def _status_date_is_one(cls, value: Any) -> Any:
        text = value.isoformat() if isinstance(value, date) else value
        if isinstance(text, str) and not _STATUS_DATE.fullmatch(text):
            raise ValueError('a status date is written "2024-01-01", or "{year}-01-01" for all years.')
        return text

    @model_validator(mode="after")
    def _place_is_whole(self) -> RegisterSpec:
        if self.place == "xy" and (self.x is None or self.y is None):
            raise ValueError("the place needs both x and y: name the two columns.")
        if self.place != "xy" and (self.x is not None or self.y is not None):
            raise ValueError(f'x and y are named, and place = "{self.place}" does not use them.')
        if self.unit == "address" and self.id is None:
            raise ValueError("an address table needs id, the column with the address ids.")
        if self.years_across is not None and self.period is not None:
            raise ValueError("years_across says the periods: leave period out.")
        if self.reference_row is not None and self.place != "area":
            raise ValueError('reference_row belongs to finished tables with place = "area".')
        return self

    @property
    def paths(self) -> tuple[str, ...]:
        """The path patterns, always several."""
        return (self.path,) if isinstance(self.path, str) else self.path

    @property
    def fixed_period(self) -> str | None:
        """The period of all rows, where the specification itself gives it."""
        return self.period if self.period is not None and PERIOD.fullmatch(self.period) else None

    @property
    def period_column(self) -> str | None:
        """The column that `period` names, if it names one."""
        return self.period if self.fixed_period is None else None

    def status_date_of(self, period: str) -> str | None:
        """The date that the rows of a period describe, as ISO text.

        >>> spec = RegisterSpec(path="p.csv", unit="person", status_date="{year}-01-01")
        >>> spec.status_date_of("2024")
        '2024-01-01'
        """
        return None if self.status_date is None else self.status_date.replace("{year}", period[:4])

    def custody(self) -> dict[str, str]:
        """Why the register is held, on what ground, from whom, until when: what is filled in, as text."""
        names = ("purpose", "legal_basis", "source", "received", "delete_by", "publish")
        return {name: str(getattr(self, name)) for name in names if getattr(self, name)}
