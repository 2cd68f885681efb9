"""What a register is: the frozen specification read from ``[registers.NAME]`` in the project file."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from geo_bosoc.problems.messages import phrase
from geo_bosoc.registers.spec_parts import (
    AddressParts,
    FullTime,
    HomeOn,
    RasterKeys,
    Spell,
    WeightedMean,
)

PERIOD: Final = re.compile(r"\d{4}(K[1-4])?")
"""A period as it is written everywhere: a year or a quarter, ``2024`` or ``2024K1``."""

_STATUS_DATE: Final = re.compile(r"(\d{4}|\{year\})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])|\{quarter_start\}")

Unit = Literal["person", "dwelling", "address", "case", "count", "raster"]
Place = Literal["address", "area", "cell", "xy", "person", "dwelling"]


class RegisterSpec(RasterKeys):
    """How a register's files are read, what its rows are, and where each row lies.

    Column names in `id`, `period`, `address`, `area`, `x`, `y`, `where`, `text` and `not_person_numbers` are
    those after renaming by `columns` (our name = the file's name); a name that is not renamed is the file's
    own.

    Attributes
    ----------
    path : str or tuple of str
        A file, several, or a pattern: ``*`` and ``?`` as in a folder's search, ``{period}`` for the period.
        Relative paths start at the folder of the project file. Example: ``path = "data/persons_{period}.csv"``
    unit : {"person", "dwelling", "address", "case", "count", "raster"}
        What a row is: a person, dwelling, address or case, a finished count for an area, or a cell of a raster.
        Example: ``unit = "person"``
    place : {"address", "area", "cell", "xy", "person", "dwelling"}
        How a row is placed: ``address`` (an id that the address table has), ``area`` (an area's id), ``cell`` (of the
        square grid: a finished table, shared out to the areas by homes), ``xy``, or a key to somebody who has a place:
        ``person`` (the home is taken from the register with ``role = "population"``) or ``dwelling`` (from the dwelling
        register).
        Left out, it is ``person`` or ``dwelling`` where such a key is named, ``xy`` where `x` and `y` are given
        (or the unit is an address), ``area`` where `area` is given or the unit is a count or a raster, and ``address``
        for all others. Example: ``place = "address"``
    address, area : str
        The columns that say so. Example: ``address = "adresse_id"`` ``area = "omraade"``
    cell : str or None
        The column with ids of cells (``100m_62236_5749``). Example: ``cell = "KN100mDK"`` ``unit = "count"``
    x, y : str or None
        The columns of the coordinates. Example: ``x = "x"`` ``y = "y"``
    crs : str
        The coordinate system of x and y; of a raster, over what its file says. Example: ``crs = "EPSG:4326"``
    person, dwelling : str or None
        The column with that key. Person numbers become keyed hashes as they are read.
        Example: ``person = "CPR"`` ``dwelling = "BOLIG_ID"``
    home_on : {"status_date", "event"}
        The home is that on the register's own status date, or on the day in the column `event`.
        Example: ``home_on = "event"`` ``event = "DATO"`` ``person = "CPR"``
    event : str or None
        The column with the day of an event. Example: ``event = "DATO"``
    spell : Spell or None
        The columns from and to which a row holds (stays, registrations, cases): the rows that hold on the status date
        count.
    take : tuple of str
        Columns taken over from the population for a register with a person's key, such as ``age``.
        Example: ``take = ["age"]`` ``person = "CPR"``
    status, protection, birth_date : str or None
        The population's columns with CPR's status (01 counts, 03 counts without a place, others do not), the mark of
        protected addresses, and the date of birth, from which ``age`` on the status date is made.
        Example: ``status = "STATUS"`` ``protection = "BESKYTTELSE"`` ``birth_date = "FOEDT"``
    protected_addresses : {"unplaced", "placed"}
        Whether those are placed.
    address_parts : AddressParts or None
        How an address is written that has no id, in parts.
    kvhx : str or None
        The same as a KVHX in any dialect. Example: ``kvhx = "KVHX"``
    full_time : FullTime or None
        Several rows a person become full-time persons.
    weighted_mean : WeightedMean or None
        Several rows a person become a weighted mean.
    period_shift : int
        The rows of a data year count in the list of so many years later. Unit: years. Example: ``period_shift = 1``
    format : {"dar", "bbr"} or None
        `path` names the linked files of the address or building register. Example: ``format = "bbr"``
    id : str or None
        The column that identifies a row's person, dwelling, address or case. For finished counts: a further column
        that tells rows of the same area and period apart, such as an age group. Example: ``id = "CPR"``
    period : str or None
        A column (a year, a quarter, or a date), or a fixed period such as ``2024K1``; left out, it is the
        ``{period}`` of the file's name, or the column ``period`` where the file has it. Example: ``period = "aar"``
    period_by : {"year", "quarter", "school_year"}
        Whether a date becomes a year, a quarter, or the school year (from 1 August) by the year in which it ends; with
        ``school_year`` the column's ``2010-11`` is a school year, and not a month.
    status_date : str or None
        The date that the rows describe, ``2024-01-01`` or for all years ``{year}-01-01``; for quarters
        ``{quarter_start}`` (1 July for ``2024K3``, 1 January for a year). Example: ``status_date = "{year}-01-01"``
    where : str or None
        Only rows that meet this row-wise SQL predicate. Example: ``where = "type_id = 12"``
    columns : dict of str to str
        The file's name by our name. Example: ``columns = { age = "alder" }``
    sheet : int, str or None
        The worksheet: a name, or a number from 1. Example: ``sheet = "Tabel 1"``
    header_row : int or None
        The row with the column names (from 1). Example: ``header_row = 3``
    header_rows : int
        How many rows the head has (merged cells stand for all columns under them).
    years_across : str or None
        The table has a column a year or quarter; they become rows, and this is the name of the figure.
        Example: ``years_across = "antal"`` ``unit = "count"``
    areas_across : str or None
        The same with a column an area. Example: ``areas_across = "antal"`` ``unit = "count"``
    fill_down : tuple of str or None
        Columns of a finished table whose labels are written once a block and hold for the blank cells below; left
        out, that is inferred where it is certain; ``[]`` for none.
        Example: ``fill_down = ["omraade"]`` ``unit = "count"``
    per_cent, share : dict of str to str
        Columns in per cent, and those of shares between 0 and 1, with the column of their base ("" where there is
        none; see `geo_bosoc.registers.tables.reshape`).
        Example: ``per_cent = { "Under 18, pct." = "Beboere" }`` ``share = { Andel = "" }`` ``unit = "count"``
    per_cent_under_1 : tuple of str
        Columns of `per_cent` in which indeed no value passes 1. Example: ``per_cent_under_1 = ["Andel"]``
    separator, decimal, encoding : str or None
        Of text files; inferred where left out. Example: ``separator = ";"`` ``decimal = ","`` ``encoding = "cp1252"``
    missing, protected : tuple of str
        Further marks for "no data" and "there, but not shown" besides the usual marks; numbers
        (``missing = [-1, -99997]``) hold in whatever way they are written.
        Example: ``missing = [-1, -99997]`` ``protected = ["<5"]``
    negative : tuple of str
        Columns in which numbers under 0 are figures (a balance), and no codes. Example: ``negative = ["saldo"]``
    text : tuple of str
        Columns that stay text though they look like numbers or dates. Example: ``text = ["postnr"]``
    not_person_numbers : tuple of str
        Columns whose ten-digit numbers are certainly no person numbers.
        Example: ``not_person_numbers = ["p_nummer"]``
    role : {"population"} or None
        The register that says who lives where.
    reference_row : str or None
        The area id of the municipality's own row in a finished table; without it there is no figure of the
        municipality. Example: ``reference_row = "0751"`` ``unit = "count"``
    purpose, legal_basis, source : str
        Governance: why the register is held, on what ground, and from whom; in the manifest of a run.
        Example: ``purpose = "Kategorikort"`` ``legal_basis = "..."`` ``source = "CPR"``
    received, delete_by : date or None
        When it was received, and when it is to be deleted; in the manifest as well.
    publish : {"public", "internal"}
        What its figures may be in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    path: str | tuple[str, ...]
    unit: Unit
    place: Place = "address"
    address: str = "address_id"
    area: str = "area_id"
    cell: str | None = None
    x: str | None = None
    y: str | None = None
    crs: str = "EPSG:25832"
    person: str | None = None
    dwelling: str | None = None
    home_on: HomeOn = "status_date"
    event: str | None = None
    spell: Spell | None = None
    take: tuple[str, ...] = ()
    status: str | None = None
    protection: str | None = None
    protected_addresses: Literal["unplaced", "placed"] = "unplaced"
    birth_date: str | None = None
    address_parts: AddressParts | None = None
    kvhx: str | None = None
    full_time: FullTime | None = None
    weighted_mean: WeightedMean | None = None
    period_shift: int = Field(default=0, ge=-10, le=10)
    format: Literal["dar", "bbr"] | None = None
    id: str | None = None
    period: str | None = None
    period_by: Literal["year", "quarter", "school_year"] = "year"
    status_date: str | None = None
    where: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    sheet: int | str | None = None
    header_row: int | None = Field(default=None, ge=1)
    header_rows: int = Field(default=1, ge=1, le=4)
    years_across: str | None = None
    areas_across: str | None = None
    fill_down: tuple[str, ...] | None = None
    per_cent: dict[str, str] = Field(default_factory=dict)
    share: dict[str, str] = Field(default_factory=dict)
    per_cent_under_1: tuple[str, ...] = ()
    separator: Literal[";", ",", "\t", "|"] | None = None
    decimal: Literal[",", "."] | None = None
    encoding: str | None = None
    missing: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
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
    def _infer_place(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("format") in ("dar", "bbr"):
            linked = {
                "dar": {"unit": "address", "id": "address_id", "x": "x", "y": "y", "place": "xy"},
                "bbr": {"unit": "dwelling", "id": "dwelling_id", "place": "address"},
            }
            return {**data, **linked[data["format"]]}
        if isinstance(data, dict) and data.get("cell") is not None:
            data = {"place": "cell", "area": data["cell"], **data}
        if not isinstance(data, dict) or data.get("place") is not None:
            return data
        if data.get("person") is not None:
            place = "person"
        elif data.get("dwelling") is not None and data.get("unit") != "dwelling":
            place = "dwelling"
        elif data.get("x") is not None or data.get("unit") == "address":
            place = "xy"
        elif data.get("area") is not None or data.get("unit") in ("count", "raster"):
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
    def _status_date_is_valid(cls, value: Any) -> Any:
        text = value.isoformat() if isinstance(value, date) else value
        if isinstance(text, str) and not _STATUS_DATE.fullmatch(text):
            raise ValueError(
                'a status date is written "2024-01-01", "{year}-01-01" for all years, or "{quarter_start}".'
            )
        return text

    @model_validator(mode="after")
    def _link_is_complete(self) -> RegisterSpec:
        for kind in ("person", "dwelling"):
            if self.place == kind and getattr(self, kind) is None:
                raise ValueError(
                    phrase('place = "{key}" needs {key} = "...": name the column with the key.', key=kind)
                )
        if self.home_on == "event" and (self.event is None or self.place != "person"):
            raise ValueError(
                'home_on = "event" needs event = "...", the column with the day, and person = "...".'
            )
        if self.take and self.place != "person":
            raise ValueError("take belongs to registers with a person's key: name it (person = ...).")
        person_rows = {"full_time": self.full_time, "weighted_mean": self.weighted_mean}
        for name, part in person_rows.items():
            if part is not None and self.place != "person":
                raise ValueError(
                    phrase("{table} adds up each person's rows: name the key (person = ...).", table=name)
                )
        if self.address_parts is not None and self.kvhx is not None:
            raise ValueError("give either address_parts or kvhx.")
        return self

    @model_validator(mode="after")
    def _place_is_complete(self) -> RegisterSpec:
        if self.place == "xy" and (self.x is None or self.y is None):
            raise ValueError("the place needs both x and y: name the two columns.")
        if self.place != "xy" and (self.x is not None or self.y is not None):
            raise ValueError(
                phrase('x and y are named, and place = "{place}" does not use them.', place=self.place)
            )
        if self.unit == "address" and self.id is None:
            raise ValueError("an address table needs id, the column with the address ids.")
        if self.areas_across is not None and self.years_across is not None:
            raise ValueError("either the years or the areas stand across.")
        if self.fill_down is not None and self.unit != "count":
            raise ValueError('fill_down belongs to finished tables: unit = "count".')
        if (self.areas_across is not None or self.fractions) and self.unit != "count":
            raise ValueError('areas_across, per_cent and share belong to finished tables: unit = "count".')
        both = sorted(set(self.per_cent) & set(self.share))
        if both:
            raise ValueError(
                phrase("{column} is named under per_cent and under share: it is one of them.", column=both[0])
            )
        if self.years_across is not None and self.period is not None:
            raise ValueError("years_across says the periods: leave period out.")
        if self.reference_row is not None and not self.has_areas:
            raise ValueError('reference_row belongs to finished tables with place = "area".')
        if (self.place == "cell" or self.cell is not None) and (
            self.place != "cell" or self.unit != "count" or self.area != self.cell
        ):
            raise ValueError('cells belong to finished tables: unit = "count", place = "cell", cell = "...".')
        return self

    @property
    def has_areas(self) -> bool:
        """Whether `area` is the column that says where a row lies: an area, or a cell of the square grid."""
        return self.place in ("area", "cell")

    @property
    def person_keys(self) -> tuple[str, ...]:
        """The columns whose values are persons' numbers, hashed as they are read."""
        row_key = self.id if self.unit == "person" else None
        return tuple(dict.fromkeys(name for name in (row_key, self.person) if name is not None))

    @property
    def link_columns(self) -> tuple[str, ...]:
        """The columns from which rows get their home, their time and their sums; besides what is counted."""
        names: list[str | None] = [self.event, self.status, self.protection, self.birth_date, self.kvhx]
        if self.spell is not None:
            names += [self.spell.start, self.spell.to]
        for part in (self.address_parts, self.full_time, self.weighted_mean):
            names += part.names() if part is not None else []
        for name, base in self.fractions.items():
            names += [name, base or None]
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def made_columns(self) -> frozenset[str]:
        """Columns that linking makes, so that they are not looked for in the file."""
        made = set(self.take)
        if self.birth_date is not None:
            made.add("age")
        if self.full_time is not None:
            made |= {self.full_time.name, *map(self.full_time.column_by, self.full_time.also_by)}
        if self.weighted_mean is not None:
            made.add(self.weighted_mean.result)
        for name, base in self.fractions.items():
            made |= {f"{name}_count"} if base else {f"{name}_parts", f"{name}_whole"}
        return frozenset(made)

    @property
    def fractions(self) -> dict[str, str]:
        """The columns of percentages and of shares, and those of their bases."""
        return {**self.per_cent, **self.share}

    @property
    def snapshots(self) -> bool:
        """Whether rows have no period of their own and stand for every status date on which they hold."""
        timed = self.spell is not None or self.full_time is not None
        return timed and self.period is None and self.event is None

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
        >>> RegisterSpec(path="p.csv", unit="person", status_date="{quarter_start}").status_date_of("2024K3")
        '2024-07-01'
        """
        if self.status_date is None:
            return None
        quarter = int(period[5]) if len(period) > 5 else 1
        first = f"{period[:4]}-{3 * quarter - 2:02d}-01"
        return self.status_date.replace("{quarter_start}", first).replace("{year}", period[:4])

    def governance(self) -> dict[str, str]:
        """Why the register is held, on what ground, from whom, until when: what is filled in, as text."""
        names = ("purpose", "legal_basis", "source", "received", "delete_by", "publish")
        return {name: str(getattr(self, name)) for name in names if getattr(self, name)}
