"""Indicator tables without their small counts, and without what those follow from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, Protocol

import pandas as pd

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.primary import (
    CELL,
    COUNTS,
    small,
    small_cells,
    small_rests,
    without_small_unknown,
)
from geo_bosoc.disclosure.results import MUNICIPALITY, RESIDENTS, AreaPairs, Results
from geo_bosoc.disclosure.secondary.breakdowns import find_breakdowns, totals_over_parts
from geo_bosoc.disclosure.secondary.definitions import unsafe_definition_totals, unsafe_definitions
from geo_bosoc.disclosure.secondary.differences import unsafe_differences
from geo_bosoc.disclosure.secondary.parts import (
    cells_to_add_in_breakdowns,
    values_beside_small_parts,
)
from geo_bosoc.disclosure.secondary.same_figures import hidden_alike, same_figures
from geo_bosoc.disclosure.secondary.sums import Runs
from geo_bosoc.disclosure.secondary.suppressed_values import FIGURES, Cell, possible_values
from geo_bosoc.disclosure.secondary.totals import cells_to_add, unsafe_totals
from geo_bosoc.disclosure.secondary.within_area import unknowns_of_one_base
from geo_bosoc.disclosure.secondary.year_windows import unsafe_windows
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.models.texts.sentences import NOT_PUBLISHED

_SUPPRESSED_COLUMNS: Final = ("numerator", "unknown", "value", "low", "high", "ratio")
_OF_REFERENCE: Final = ("reference", "ratio")


@dataclass(frozen=True)
class PublishedTables:
    """Indicator tables of areas and reference areas, and the residents, on their way to being published."""

    table: pd.DataFrame
    reference_areas: pd.DataFrame
    residents: pd.DataFrame


@dataclass(frozen=True)
class Suppression:
    """What is suppressed of tables.

    Attributes
    ----------
    cells, references : DataFrame of bool
        On the index of the areas' and the reference areas' table: ``numerator`` (the cell with all that tells its
        count), ``unknown`` (it is told without), ``denominator``.
    possible : mapping of (str, str, str) to Runs
        For each suppressed cell the values that it shares its kind with.
    slots : frozenset of (str, str)
        Areas and periods whose residents are not shown.
    same : mapping of str to str
        Indicators that are one figure, by `same_figures`.
    parts : mapping of (str, str, str) to Runs
        Values that suppressed parts of a base must be able to have for the sake of small ones.
    """

    cells: pd.DataFrame
    references: pd.DataFrame
    possible: Mapping[Cell, Runs]
    slots: frozenset[tuple[str, str]] = frozenset()
    same: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[Cell, Runs] = field(default_factory=dict)


class FurtherSuppression(NamedTuple):
    """What goes besides the rules, for the sake of an audit (`geo_bosoc.disclosure.audit`).

    Attributes
    ----------
    totals : frozenset of (str, str, str)
        Reference area, period and indicator: its count and all that tells it.
    categories : frozenset of (str, str)
        Areas and periods of whose categories no more is told than shown figures say.
    """

    totals: frozenset[Cell] = frozenset()
    categories: frozenset[tuple[str, str]] = frozenset()

    def suppression(self, tables: PublishedTables, suppression: Suppression) -> Suppression:
        """What is suppressed, where this would be by the rules."""
        rows = pd.DataFrame(sorted(self.totals), columns=list(CELL))
        gone = rows_among(tables.reference_areas, rows, CELL)
        flags = {name: suppression.references[name] | gone for name in ("numerator", "unknown")}
        return replace(suppression, references=suppression.references.assign(**flags))


class EarlierSet(Protocol):
    """What a set published before says of the rows of a table (`geo_bosoc.disclosure.previous.published_before`)."""

    def suppressed(self, small: pd.Series) -> pd.Series:
        """Which figures are suppressed, where these would be without it."""

    def windows(self, unsafe: pd.Series) -> pd.Series:
        """Which windows of years go, where these would without it."""

    def suppression(self, suppression: Suppression) -> Suppression:
        """What is suppressed, where this would be without it."""


class WithheldFigures(Protocol):
    """What thresholds withhold (`geo_bosoc.disclosure.thresholds.Withheld`)."""

    @property
    def is_withheld(self) -> pd.Series:
        """Which rows of the areas' table are withheld whole."""

    @property
    def totals(self) -> pd.DataFrame:
        """``area_id, period, indicator`` of the reference areas that go with them."""

    @property
    def slots(self) -> frozenset[tuple[str, str]]:
        """Areas and periods whose residents are not shown."""


def as_counted(results: Results) -> PublishedTables:
    """The tables of a run with their counts as nullable whole numbers, and nothing suppressed."""
    table, reference_areas = (
        frame.astype(dict.fromkeys(COUNTS, "Int64")).reset_index(drop=True)
        for frame in (results.table, results.reference_areas)
    )
    return PublishedTables(table, reference_areas, results.residents.astype({RESIDENTS: "Int64"}))


def suppressed_cells(
    tables: PublishedTables,
    pairs: AreaPairs,
    indicators: Sequence[Indicator],
    policy: Policy,
    earlier: EarlierSet | None = None,
    *,
    yearly: pd.DataFrame | None = None,
    withheld: WithheldFigures | None = None,
    compared_with_rest: Collection[str] = (),
    of_models: Collection[str] = (),
) -> Suppression:
    """The cells that are small, and the others that must go lest those follow by sums.

    Parameters
    ----------
    tables : PublishedTables
        True counts.
    pairs : AreaPairs
        Which areas contain or overlap others.
    indicators : sequence of Indicator
        What the figures are.
    policy : Policy
        What is small.
    earlier : EarlierSet, optional
        Decides some of them.
    yearly : DataFrame, optional
        True counts of single periods behind pooled ones.
    withheld : WithheldFigures, optional
        Figures of which nothing is shown, and the totals that go with them.
    compared_with_rest : collection of str, optional
        Indicators whose figures are shown beside those of the rest of the municipality.
    of_models : collection of str, optional
        Indicators that categories rest on: where there is a choice, others go for another figure's sake.
    """
    table, reference_areas, minimum = tables.table, tables.reference_areas, policy.minimum
    cells = _primary(table, indicators, policy)
    if compared_with_rest:
        municipality = reference_areas[reference_areas["area_id"] == MUNICIPALITY]
        cells |= small_rests(table, municipality, compared_with_rest, indicators, minimum)
    if withheld is not None:
        cells |= withheld.is_withheld
    if earlier is not None:
        cells = earlier.suppressed(cells)
    at_source = table["status"] == "protected"
    same = same_figures(table, indicators)
    cells = hidden_alike(table, cells, same)
    breakdowns = find_breakdowns(table, indicators)
    figures_of_models = {same.get(name, name) for name in of_models}
    spared = {spec.id for spec in indicators if same.get(spec.id, spec.id) in figures_of_models}
    flags = pd.DataFrame(False, index=table.index, columns=list(FIGURES))
    while True:
        windows = unsafe_windows(
            table, indicators, cells | at_source, yearly=yearly, minimum=minimum, least=policy.least
        )
        cells |= windows["numerator"] if earlier is None else earlier.windows(windows["numerator"])
        flags |= windows.assign(numerator=False)
        possible = possible_values(table, cells | at_source, indicators, minimum)
        parts = cells_to_add_in_breakdowns(
            table,
            breakdowns,
            possible,
            indicators=indicators,
            spared=spared,
            minimum=minimum,
            least=policy.least,
        )
        cells = hidden_alike(table, cells | rows_among(table, parts, CELL), same)
        judged = cells
        possible = possible_values(table, cells | at_source, indicators, minimum)
        additions = cells_to_add(
            reference_areas,
            table,
            possible,
            further=False,
            indicators=indicators,
            minimum=minimum,
            least=policy.least,
        )
        cells = cells | rows_among(table, additions.cells, CELL)
        flags |= unknowns_of_one_base(
            table, cells | at_source, indicators=indicators, minimum=minimum, least=policy.least
        )
        flags["numerator"] |= cells
        flags |= unsafe_differences(
            table, pairs, flags["numerator"] | at_source, indicators=indicators, minimum=minimum
        )
        flags |= unsafe_definitions(
            table, flags["numerator"] | at_source, indicators=indicators, minimum=minimum
        )
        flags = hidden_alike(table, flags, same)
        if not (flags["numerator"] & ~(judged if breakdowns else cells)).any():
            break  # else a figure that goes for another area's or a total's sake may be the only one of its parts
        cells = cells | flags["numerator"]
    possible = possible_values(table, cells | at_source, indicators, minimum)
    references = pd.DataFrame(False, index=reference_areas.index, columns=list(FIGURES))
    references["numerator"] = _primary(reference_areas, indicators, policy)
    references["numerator"] |= rows_among(reference_areas, additions.totals, CELL)
    over_parts = totals_over_parts(reference_areas, table, breakdowns, cells | at_source, minimum=minimum)
    references.loc[over_parts, ["numerator", "unknown"]] = True
    references |= unsafe_definition_totals(
        reference_areas,
        table,
        cells | at_source,
        references["numerator"],
        indicators=indicators,
        minimum=minimum,
    )
    references = hidden_alike(reference_areas, references, same)
    if withheld is not None:
        flags.loc[withheld.is_withheld] = True
        references.loc[rows_among(reference_areas, withheld.totals, CELL)] = True
    slots = frozenset() if withheld is None else withheld.slots
    beside_small = values_beside_small_parts(
        table, breakdowns, possible, indicators=indicators, minimum=minimum
    )
    suppression = Suppression(flags, references, possible, slots, same, beside_small)
    return suppression if earlier is None else earlier.suppression(suppression)


def with_unsafe_totals(
    tables: PublishedTables,
    suppression: Suppression,
    possible: Mapping[Cell, Runs],
    indicators: Sequence[Indicator],
    policy: Policy,
    earlier: EarlierSet | None = None,
) -> Suppression:
    """The same, with the totals suppressed that take one of the `possible` values of a cell."""
    unsafe = unsafe_totals(
        tables.reference_areas,
        tables.table,
        {**possible, **suppression.parts},
        indicators=indicators,
        minimum=policy.minimum,
        least=policy.least,
        promised=suppression.parts,
    )
    references = suppression.references | unsafe
    references |= unsafe_definitions(
        tables.reference_areas, references["numerator"], indicators=indicators, minimum=policy.minimum
    )
    references = hidden_alike(tables.reference_areas, references, suppression.same)
    suppression = replace(suppression, references=references)
    return suppression if earlier is None else earlier.suppression(suppression)


def publish_tables(
    tables: PublishedTables, suppression: Suppression, indicators: Sequence[Indicator], policy: Policy
) -> PublishedTables:
    """The tables without what is suppressed; a municipal figure that is goes as every area's reference too."""
    table, reference_areas = tables.table, tables.reference_areas
    is_gone = suppression.references["numerator"] & (reference_areas["area_id"] == MUNICIPALITY)
    municipal = reference_areas.loc[is_gone]
    keys = ("period", "indicator")
    return PublishedTables(
        without_values(
            _without_cells(table, suppression.cells, indicators, policy),
            rows_among(table, municipal, keys),
            _OF_REFERENCE,
        ),
        without_values(
            _without_cells(reference_areas, suppression.references, indicators, policy),
            rows_among(reference_areas, municipal, keys),
            _OF_REFERENCE,
        ),
        _residents(tables, suppression, policy),
    )


def _residents(tables: PublishedTables, suppression: Suppression, policy: Policy) -> pd.DataFrame:
    """The residents, where neither they nor the indicator of that name are suppressed."""
    residents = tables.residents
    cells = tables.table.loc[suppression.cells["numerator"], list(CELL)]
    suppressed = rows_among(residents, cells[cells["indicator"] == RESIDENTS], ("area_id", "period"))
    if suppression.slots:
        slots = pd.DataFrame(sorted(suppression.slots), columns=["area_id", "period"])
        suppressed |= rows_among(residents, slots, ("area_id", "period"))
    return without_values(residents, suppressed | small(residents[RESIDENTS], policy.minimum), [RESIDENTS])


def _primary(table: pd.DataFrame, specs: Sequence[Indicator], policy: Policy) -> pd.Series:
    """The cells that are small themselves, by the policy."""
    cells = small_cells(table, specs, policy.minimum)
    if policy.zeros == "show" and not (policy.minimum_base or policy.minimum_mean_base):
        return cells
    numerator, denominator = table["numerator"].astype("Int64"), table["denominator"].astype("Int64")
    base = denominator - table["unknown"].astype("Int64").fillna(0)
    scale = table["indicator"].map({spec.id: spec.scale for spec in specs}).fillna(1).astype("Int64")
    counts = [spec.id for spec in specs if spec.unit == "count"]
    means = [spec.id for spec in specs if spec.unit == "mean" or spec.mean_of is not None]
    shares = ~table["indicator"].isin([*counts, *means])
    if policy.zeros == "hide":
        none_or_all = ((numerator == 0) | (numerator == base * scale)) & (base > 0)
        cells |= none_or_all.fillna(False).astype(bool) & shares
    least_base = pd.Series(policy.minimum_base, index=table.index)
    least_base = least_base.mask(
        table["indicator"].isin(means), max(policy.minimum_base, policy.minimum_mean_base)
    )
    is_small = (base > 0) & (base < least_base)
    return cells | (is_small.fillna(False).astype(bool) & ~table["indicator"].isin(counts))


def _without_cells(
    table: pd.DataFrame, flags: pd.DataFrame, specs: Sequence[Indicator], policy: Policy
) -> pd.DataFrame:
    """The table without what is flagged; of suppressed cells the base is that of those whose status is known.

    Figures that their publisher had suppressed, or that may not be published, are empty as well, never 0.
    """
    cells = flags["numerator"]
    shown = without_small_unknown(table, specs, policy.minimum, others=flags["unknown"])
    excluding = [spec.id for spec in specs if spec.unknown == "exclude"]
    known_base = shown["denominator"] - shown["unknown"].fillna(0)
    shown["denominator"] = shown["denominator"].mask(cells & shown["indicator"].isin(excluding), known_base)
    withheld = shown["status"].isin(["protected", NOT_PUBLISHED])
    shown = without_values(shown, cells | withheld, _SUPPRESSED_COLUMNS)
    least_base = max(policy.minimum, policy.minimum_base)
    is_small = small(shown["denominator"], policy.minimum) | (cells & small(shown["denominator"], least_base))
    shown = without_values(shown, is_small | flags["denominator"], ["denominator"])
    shown.loc[cells, "status"] = "protected"
    return shown


def rows_among(frame: pd.DataFrame, keys: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Which rows of `frame` have a key that stands in `keys`."""
    names = list(columns)
    index = pd.MultiIndex.from_frame(keys[names].astype(str))
    return pd.Series(pd.MultiIndex.from_frame(frame[names].astype(str)).isin(index), index=frame.index)


def without_values(frame: pd.DataFrame, rows: pd.Series, columns: Collection[str]) -> pd.DataFrame:
    """A copy of `frame` with `columns` missing in `rows`; whole numbers become nullable."""
    names = [name for name in columns if name in frame.columns]
    copy = frame.copy()
    for name in names:
        if pd.api.types.is_bool_dtype(copy[name].dtype):
            copy[name] = copy[name].astype("boolean")
        elif pd.api.types.is_integer_dtype(copy[name].dtype):
            copy[name] = copy[name].astype("Int64")
        copy[name] = copy[name].mask(rows)
    return copy
