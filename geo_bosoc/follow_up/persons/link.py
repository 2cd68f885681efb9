"""Persons linked over years: where each lived at two status dates, and what each counted in every indicator then.

Keys of persons are hashed as rows are read and joined inside Polars. What leaves this module are sums: no key and no
row of a person is in any result, message or error. Linking is off unless a purpose and a legal basis are written down.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from geo_bosoc.indicators.counting.row_expressions import PartRows, both, part_rows
from geo_bosoc.indicators.plan import Ids, Part, make_parts
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.locate.labels import MATCH_STATUSES, NOT_FOUND, Labels
from geo_bosoc.predicates.parse import Parameters
from geo_bosoc.problems import Report

UNPLACED: Final = 0
"""Code of the place of persons whose home is not known."""

_SIDES: Final = ("n", "d", "u")


@dataclass(frozen=True)
class PersonRegister:
    """A register whose rows are of persons that the population register knows.

    Attributes
    ----------
    rows : mapping of str to LazyFrame
        Its rows by period, with the key of an address or point, and the columns that indicators name (`by_period`).
    person : str
        The column with the person's key.
    labels : Labels
        Where its rows lie.
    overlays : DataFrame, optional
        Further areas of points (of development plans): the keys of the labels' points, and ``area_id``.
    """

    rows: Mapping[str, pl.LazyFrame]
    person: str
    labels: Labels
    overlays: pl.DataFrame | None = None


def by_period(parts: Sequence[tuple[pl.LazyFrame, str | None]]) -> dict[str, pl.LazyFrame]:
    """Rows by period, from parts of which some are known to be of one period.

    Parameters
    ----------
    parts : sequence of (LazyFrame, str or None)
        Rows, and the period of all of them where they are sure to have one.

    Returns
    -------
    dict of str to LazyFrame
        The rows of each period.

    Examples
    --------
    >>> rows = pl.LazyFrame({"period": ["2023", "2024"], "person_id": ["a", "a"]})
    >>> sorted(by_period([(rows, None)]))
    ['2023', '2024']
    """
    frames: dict[str, list[pl.LazyFrame]] = {}
    for frame, period in parts:
        if period is not None:
            frames.setdefault(period, []).append(frame)
            continue
        rows = frame.collect(engine="streaming")
        for each in rows["period"].cast(pl.String).unique().drop_nulls().sort():
            frames.setdefault(each, []).append(rows.filter(pl.col("period").cast(pl.String) == each).lazy())
    return {
        period: several[0] if len(several) == 1 else pl.concat(several, how="diagonal_relaxed")
        for period, several in sorted(frames.items())
    }


@dataclass(frozen=True)
class AreaSets:
    """Codes of places: persons whose homes have the same areas share one.

    Attributes
    ----------
    areas : tuple of tuple of str
        By code, the areas that it stands for.
    inside : tuple of bool
        By code, whether it lies inside the municipality's outline.
    """

    areas: tuple[tuple[str, ...], ...]
    inside: tuple[bool, ...]


@dataclass(frozen=True)
class LinkedPersons:
    """Everybody in each period, by hashed key.

    Attributes
    ----------
    area_sets : AreaSets
        What the codes of places stand for.
    persons : mapping of str to DataFrame
        By period, a row a person: hashed key, code of the place, hashed address, age, and for each indicator a code of
        what the person counts. It never leaves the functions of `follow_up`.
    patterns : mapping of (str, str) to ndarray
        By period and indicator, what each code counts: numerator, denominator and unknown; code 0 counts nothing.
    indicators : tuple of Indicator
        Those that count persons who can be linked.
    days : mapping of str to date
        The status dates of periods, where they are known.
    deaths : DataFrame, optional
        ``person`` (hashed key) and ``day`` of the dead, where they are known.
    """

    area_sets: AreaSets
    persons: Mapping[str, pl.DataFrame] = field(repr=False)
    patterns: Mapping[tuple[str, str], npt.NDArray[np.int64]] = field(repr=False)
    indicators: tuple[Indicator, ...]
    days: Mapping[str, date] = field(default_factory=dict)
    deaths: pl.DataFrame | None = field(default=None, repr=False)

    @property
    def periods(self) -> list[str]:
        """The periods, in order."""
        return sorted(self.persons)

    @property
    def left(self) -> str:
        """What is said of who is no more in the register and not known to be dead."""
        return "left_or_died" if self.deaths is None else "left"


def link_persons(
    registers: Mapping[str, PersonRegister],
    population: str,
    indicators: Sequence[Indicator],
    *,
    names: Collection[str] | None = None,
    periods: Collection[str] | None = None,
    parameters: Parameters | None = None,
    ids: Ids | None = None,
    trait: str | None = None,
    birth_date: str | None = None,
    days: Mapping[str, date] | None = None,
    deaths: pl.LazyFrame | None = None,
) -> LinkedPersons:
    """Look up where each person lived in each period, and what the person counted in each indicator.

    Parameters
    ----------
    registers : mapping of str to PersonRegister
        The population and the registers that take their homes from it, by name.
    population : str
        The name of the one that says who lives where.
    indicators : sequence of Indicator
        What is counted; those with a side in another register than `registers`, or that count households or dwellings,
        are left aside.
    names : collection of str, optional
        All registers' names, for indicators that count elsewhere; those of `registers` if left out.
    periods : collection of str, optional
        The periods to look at; all of the population if left out.
    parameters, ids : mapping, optional
        As in `geo_bosoc.count_indicators`.
    trait : str, optional
        A column of the population with what sort of home each lives in (tenure).
    birth_date : str, optional
        Its column with dates of birth; left out, who was born in between is told by ``age``.
    days : mapping of str to date, optional
        The status date of each period: births and deaths are told by it.
    deaths : LazyFrame, optional
        ``person`` (the population's key) and ``day`` of death (null: not known) of all who died, if that is known.

    Returns
    -------
    LinkedPersons
        For `geo_bosoc.follow_up.persons.components` and its neighbours.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from geo_bosoc.indicators.spec import Side
    >>> from geo_bosoc.locate.labels import label_addresses
    >>> square = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[shapely.box(0, 0, 100, 100)], crs=25832)
    >>> addresses = pl.DataFrame({"address_id": ["1", "2"], "x": [50.0, 500.0], "y": [50.0, 50.0]})
    >>> labels = label_addresses(addresses, square, report=Report())
    >>> rows = pl.LazyFrame({"person_id": ["p", "p"], "period": ["2023", "2024"], "address_id": ["1", "2"]})
    >>> people = PersonRegister(by_period([(rows, None)]), "person_id", labels)
    >>> residents = Indicator(id="residents", label_da="Prøve", label_en="", unit="count", denominator=Side())
    >>> link_persons({"persons": people}, "persons", [residents]).periods
    ['2023', '2024']
    """
    parts = [
        part
        for part in make_parts(indicators, list(names or registers), ids, Report())
        if _counts_persons(part, registers)
    ]
    sides: dict[str, set[str]] = {}
    for part in parts:
        sides.setdefault(part.indicator.id, set()).add(part.side)
    complete = {
        name for name, present in sides.items() if present in ({"both"}, {"numerator", "denominator"})
    }
    linked = tuple(indicator for indicator in indicators if indicator.id in complete)
    by_register: dict[str, list[Part]] = {population: []}
    for part in parts:
        if part.indicator.id in complete:
            by_register.setdefault(part.register, []).append(part)
    coder = _PlaceCoder()
    labelled = {name: _Labelled(registers[name], coder.codes_of(registers[name])) for name in by_register}
    people = labelled[population]
    present = registers[population].rows
    chosen = sorted(present if periods is None else set(periods) & set(present))
    named = {"age": "age", "tenure": trait, "birth_date": birth_date}
    home_columns = {alias: name for alias, name in named.items() if name is not None}
    persons: dict[str, pl.DataFrame] = {}
    patterns: dict[tuple[str, str], npt.NDArray[np.int64]] = {}
    for period in chosen:
        frame = people.contributions(period, by_register[population], parameters or {}, home_columns)
        for name, parts_of_register in by_register.items():
            if name != population and period in registers[name].rows:
                rows = labelled[name].contributions(period, parts_of_register, parameters or {})
                frame = frame.join(rows, on=["person", "place"], how="left")
        codes, tables = _pattern_codes(frame, [indicator.id for indicator in linked])
        patterns |= {(period, name): table for name, table in tables.items()}
        extra = [name for name in home_columns if name in frame.columns]
        persons[period] = frame.select("person", "place", "home", *extra, *codes)
    dead = None if deaths is None else deaths.select(pl.col("person").hash(), "day").collect()
    return LinkedPersons(coder.area_sets(), persons, patterns, linked, dict(days or {}), dead)


def _counts_persons(part: Part, registers: Mapping[str, PersonRegister]) -> bool:
    """Whether a part counts rows of persons, or the persons themselves."""
    register = registers.get(part.register)
    return register is not None and part.id_column in (None, register.person)


class _PlaceCoder:
    """One code for the same areas, over the labels of several registers."""

    def __init__(self) -> None:
        self._codes: dict[tuple[tuple[str, ...], bool, bool], int] = {((), False, False): UNPLACED}

    def codes_of(self, register: PersonRegister) -> npt.NDArray[np.uint32]:
        """By number of the point (`geo_bosoc.locate.labels.Labels.numbers_of`), the code of its place."""
        labels = register.labels
        areas: dict[int, list[str]] = {}
        for label, area in labels.areas.iter_rows():
            areas.setdefault(label, []).append(str(area))
        without = MATCH_STATUSES.index("without_coordinates")
        keys = {}
        for label, status, inside in labels.labels.select("label", "status", "inside").iter_rows():
            placed = label > NOT_FOUND and status != without
            names = tuple(sorted(areas.get(label, [])))
            keys[label] = (names, bool(inside), True) if placed else ((), False, False)
        by_label = np.zeros(max(keys) + 1, dtype=np.uint32)
        for label, key in keys.items():
            by_label[label] = self._codes.setdefault(key, len(self._codes))
        codes = by_label.take(labels.label_of)
        if register.overlays is not None:
            self._add_overlays(codes, keys, labels, register.overlays)
        return codes

    def _add_overlays(
        self,
        codes: npt.NDArray[np.uint32],
        keys: Mapping[int, tuple[tuple[str, ...], bool, bool]],
        labels: Labels,
        overlays: pl.DataFrame,
    ) -> None:
        """Give the points of further areas codes of their places with these."""
        on = [name for name in labels.keys if name in overlays.columns]
        points = labels.points.select(on).with_row_index("point")
        located = points.join(overlays, on=on).group_by("point").agg(pl.col("area_id").sort())
        for point, names in located.sort("point").iter_rows():
            areas, inside, placed = keys[int(labels.label_of[point])]
            key = (tuple(sorted({*areas, *names})), inside, placed)
            codes[point] = self._codes.setdefault(key, len(self._codes))

    def area_sets(self) -> AreaSets:
        """What the codes stand for."""
        return AreaSets(tuple(key[0] for key in self._codes), tuple(key[1] for key in self._codes))


class _Labelled:
    """A register's rows beside their places."""

    def __init__(self, register: PersonRegister, codes: npt.NDArray[np.uint32]) -> None:
        self._register, self._codes = register, codes

    def contributions(
        self,
        period: str,
        parts: Sequence[Part],
        parameters: Parameters,
        home_columns: Mapping[str, str] | None = None,
    ) -> pl.DataFrame:
        """A row a person and place, with what the person counts there: ``<indicator>:<n|d|u>``."""
        register, report = self._register, Report()
        rows = register.rows[period]
        schema = rows.collect_schema()
        codes = self._codes.take(register.labels.numbers_of(rows))
        columns: dict[str, pl.Expr] = {}
        distinct: set[str] = set()
        for part in parts:
            numbers = _row_numbers(part, part_rows(part, schema, parameters, report))
            columns |= numbers
            distinct |= set(numbers) if part.id_column is not None else set()
        report.raise_errors()
        extra: list[pl.Expr] = []
        if home_columns is not None:
            address = [name for name in register.labels.keys if name != "period"]
            extra = [(pl.col(address[0]) if len(address) == 1 else pl.struct(address)).hash().alias("home")]
            extra += [pl.col(name).alias(alias) for alias, name in home_columns.items() if name in schema]
        person = pl.col(register.person)
        selected = rows.select(
            person.is_not_null().alias("has_key"),
            person.hash().alias("person"),
            *extra,
            *(expr.alias(name) for name, expr in columns.items()),
        ).collect(engine="streaming")
        frame = selected.with_columns(pl.Series("place", codes))
        frame = (frame if frame["has_key"].all() else frame.filter("has_key")).drop("has_key")
        if frame["person"].n_unique() == frame.height:
            return _without_known_unknowns(frame, distinct)
        first = [pl.col(name).first() for name in ("home", *(home_columns or ())) if name in frame.columns]
        sums = [pl.col(name).max() if name in distinct else pl.col(name).sum() for name in columns]
        frame = frame.group_by("person", "place", maintain_order=True).agg(*first, *sums)
        if home_columns is not None:  # of the population, whose persons live in one place each
            frame = frame.unique("person", keep="first", maintain_order=True)
        return _without_known_unknowns(frame, distinct)


def _row_numbers(part: Part, rows: PartRows) -> dict[str, pl.Expr]:
    """What a row counts in a part, as `geo_bosoc.indicators.counting.aggregate` sums it."""
    name = part.indicator.id

    def number(condition: pl.Expr | None, value: pl.Expr | None, times: int = 1) -> pl.Expr:
        # Where ones are counted, which is mostly so, a byte a person is enough.
        dtype = pl.UInt8 if value is None and times == 1 else pl.Int64
        counted = pl.lit(times, dtype) if value is None else value * times if times != 1 else value
        if condition is not None:
            counted = pl.when(condition.fill_null(False)).then(counted).otherwise(pl.lit(0, dtype))
        return counted.fill_null(0).cast(dtype)

    numbers: dict[str, pl.Expr] = {}
    if part.side != "denominator":
        numbers[f"{name}:n"] = number(rows.hit, rows.value, rows.times)
    if part.side != "numerator":
        numbers[f"{name}:d"] = number(rows.denominator, rows.weight)
        if part.side == "both" and rows.unknown is not None:
            numbers[f"{name}:u"] = number(both(rows.denominator, rows.unknown), rows.weight)
    return numbers


def _without_known_unknowns(frame: pl.DataFrame, distinct: Collection[str]) -> pl.DataFrame:
    """Of persons counted once: who is met in any row is not unknown."""
    unknowns = [name for name in distinct if name.endswith(":u")]
    return frame.with_columns(
        pl.when(pl.col(f"{name[:-2]}:n") > 0).then(0).otherwise(pl.col(name)).alias(name) for name in unknowns
    )


def _pattern_codes(
    frame: pl.DataFrame, indicators: Sequence[str]
) -> tuple[list[pl.Expr | pl.Series], dict[str, npt.NDArray[np.int64]]]:
    """By indicator a code for each person's numerator, denominator and unknown, and what the codes stand for."""
    numbers = frame.select(pl.col(f"^.*:[{''.join(_SIDES)}]$"))
    least, most = numbers.min(), numbers.max()
    flags = {name for name in numbers.columns if (least[name][0] or 0) >= 0 and (most[name][0] or 0) <= 1}
    codes: list[pl.Expr | pl.Series] = []
    tables: dict[str, npt.NDArray[np.int64]] = {}
    for indicator in indicators:
        sides = {side: name for side in _SIDES if (name := f"{indicator}:{side}") in numbers.columns}
        columns = {side: pl.col(name).fill_null(0) for side, name in sides.items()}
        if flags.issuperset(sides.values()):
            bits = [column.cast(pl.UInt8) * 2 ** _SIDES.index(side) for side, column in columns.items()]
            codes.append(pl.sum_horizontal(pl.lit(0, pl.UInt8), *bits).alias(indicator))
            rows = [[code & 1, code >> 1 & 1, code >> 2] for code in range(8)]
            tables[indicator] = np.array(rows, dtype=np.int64)
            continue
        zeros = dict.fromkeys(_SIDES, pl.lit(0, pl.Int64))
        counted = frame.select(**(zeros | columns)).cast(pl.Int64)
        distinct = counted.unique().sort(_SIDES)
        nothing = pl.DataFrame([(0, 0, 0)], schema=dict.fromkeys(_SIDES, pl.Int64), orient="row")
        distinct = pl.concat([nothing, distinct.filter(pl.any_horizontal(pl.col(_SIDES) != 0))])
        joined = counted.join(
            distinct.with_row_index(indicator), on=_SIDES, how="left", maintain_order="left"
        )
        codes.append(joined[indicator])
        tables[indicator] = distinct.to_numpy().astype(np.int64)
    return codes, tables
