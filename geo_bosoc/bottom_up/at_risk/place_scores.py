"""Places outside the assessed areas by the models of areas: suppressed alike, and the chances by what is left.

Of a place goes what would go of an area: small counts and bases, what a breakdown or another definition would tell of
them, and what two places (or a place and an assessed area within it) would tell by their difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd
import polars as pl

from geo_bosoc.bottom_up.at_risk.chances import chances_of
from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.primary import CELL, COUNTS
from geo_bosoc.disclosure.results import RESIDENTS, AreaPairs, PublishedResults
from geo_bosoc.disclosure.secondary.differences import pairs_by_labels
from geo_bosoc.disclosure.suppressed_tables import (
    PublishedTables,
    publish_tables,
    rows_among,
    suppressed_cells,
)
from geo_bosoc.disclosure.thresholds import Withheld, indicators_of
from geo_bosoc.indicators import Indicator, indicator_table
from geo_bosoc.indicators.references import with_references
from geo_bosoc.locate.labels import Labels
from geo_bosoc.models.category import UNDETERMINED
from geo_bosoc.models.spec import Model

AREA: Final = "area:"
"""Before the id of an assessed area where places and areas stand in one frame."""
NAMED_PLACE: Final = "named_place"
FOUND_PLACE: Final = "found_place"


@dataclass(frozen=True)
class PlaceCounts:
    """What the models' indicators count at places outside the assessed areas, on true counts.

    Attributes
    ----------
    places : GeoDataFrame
        ``place_id, name, named, residents, households`` and ``geometry``, as in the study's results.
    counts : DataFrame
        As `geo_bosoc.count_indicators` gives them; ``area_id`` is the place's id.
    uncounted : tuple of str
        Indicators of the models that no register counts by address.
    pairs : AreaPairs
        Which places, and assessed areas (their id after `AREA`), contain or overlap others.
    """

    places: gpd.GeoDataFrame
    counts: pd.DataFrame
    uncounted: tuple[str, ...]
    pairs: AreaPairs


def pairs_of_homes(homes: pd.DataFrame, homes_of_areas: pd.DataFrame) -> AreaPairs:
    """Which places and areas contain or overlap others, by their homes.

    Parameters
    ----------
    homes : DataFrame
        ``place_id, address_id``.
    homes_of_areas : DataFrame
        ``area_id, address_id`` of the assessed areas.

    Examples
    --------
    >>> homes = pd.DataFrame({"place_id": ["N001", "N001"], "address_id": ["a", "b"]})
    >>> areas = pd.DataFrame({"area_id": ["0001"], "address_id": ["a"]})
    >>> pairs_of_homes(homes, areas).containments.values.tolist()
    [['N001', 'area:0001']]
    """
    addresses = pd.concat([homes["address_id"], homes_of_areas["address_id"]]).astype(str)
    ids = [*homes["place_id"].astype(str), *(AREA + homes_of_areas["area_id"].astype(str))]
    rows = pl.DataFrame(
        {"label": pd.factorize(addresses)[0].tolist(), "area_id": ids},
        schema={"label": pl.UInt32, "area_id": pl.String},
    )
    return pairs_by_labels(Labels(("address_id",), pl.DataFrame(), pl.DataFrame(), rows))


def shown_figures(
    place_counts: PlaceCounts, published: PublishedResults, areas: pd.DataFrame
) -> pd.DataFrame:
    """The indicator table of the places, as the policy of a set shows it.

    Parameters
    ----------
    place_counts : PlaceCounts
        True counts of the places.
    published : PublishedResults
        The set: its policy, its reference areas, and what it hides of the assessed areas.
    areas : DataFrame
        The indicator table of the assessed areas, on true counts.

    Returns
    -------
    DataFrame
        As `geo_bosoc.indicators.indicator_table`; indicators that cannot be counted at a place are ``missing``.
    """
    names = set(place_counts.counts["indicator"])
    specs = [spec for spec in published.indicators if spec.id in names]
    of_models = published.reference_areas["indicator"].isin(names)
    municipality = published.reference_areas[
        of_models & (published.reference_areas["area_id"] == MUNICIPALITY)
    ]
    table = indicator_table(place_counts.counts, specs, municipality)
    table = with_references(table, published.reference_areas, specs)
    if published.policy.suppresses:
        table = _suppressed(table, specs, place_counts, published, areas)
    slots = table[["area_id", "period"]].drop_duplicates()
    missing = [slots.assign(indicator=name, status="missing") for name in place_counts.uncounted]
    return pd.concat([table, *missing], ignore_index=True) if missing else table


def _suppressed(
    table: pd.DataFrame,
    specs: list[Indicator],
    place_counts: PlaceCounts,
    published: PublishedResults,
    areas: pd.DataFrame,
) -> pd.DataFrame:
    """The table without what the policy hides of it; areas that share homes with a place count as shown beside it."""
    pairs, policy = place_counts.pairs, published.policy
    ids = {name for frame in pairs for column in frame.columns for name in frame[column]}
    of_pairs = (AREA + areas["area_id"].astype(str)).isin(ids)
    of_areas = areas[
        of_pairs
        & areas["indicator"].isin(set(table["indicator"]))
        & areas["period"].isin(set(table["period"]))
    ]
    hidden = published.table.loc[published.table["status"] == "protected", list(CELL)]
    of_areas = of_areas.assign(
        area_id=AREA + of_areas["area_id"].astype(str),
        status=of_areas["status"].mask(rows_among(of_areas, hidden, CELL), "protected"),
    )
    both = pd.concat(
        [table, of_areas[[name for name in table.columns if name in of_areas]]], ignore_index=True
    )
    tables = PublishedTables(
        both.astype(dict.fromkeys(COUNTS, "Int64")),
        published.reference_areas.iloc[:0],
        published.residents.iloc[:0].astype({RESIDENTS: "Int64"}),
    )
    suppression = suppressed_cells(
        tables,
        pairs,
        specs,
        policy,
        withheld=_withheld(both, specs, place_counts.places, policy),
        of_models={each.indicator for model in published.models for each in model.criterion},
    )
    shown = publish_tables(tables, suppression, specs, policy).table
    return shown[~shown["area_id"].str.startswith(AREA)].reset_index(drop=True)


def _withheld(
    table: pd.DataFrame, specs: list[Indicator], places: gpd.GeoDataFrame, policy: Policy
) -> Withheld:
    """The figures of places below a threshold of the policy."""
    reasons = pd.Series(None, index=table.index, dtype="object")
    for threshold in policy.thresholds:
        sizes = dict(zip(places["place_id"].astype(str), places[threshold.of], strict=True))
        is_low = table["area_id"].map(sizes).astype("float64") < threshold.minimum
        is_low &= table["indicator"].isin(indicators_of(threshold, specs))
        reasons = reasons.mask(is_low & reasons.isna(), f"few_{threshold.of}")
    return Withheld(reasons, pd.DataFrame(columns=list(CELL)))


def place_chances(
    figures: pd.DataFrame,
    place_rows: pd.DataFrame,
    published: PublishedResults,
    model: Model,
    period: str,
    *,
    seed: int = 0,
) -> pd.DataFrame:
    """`category_chances` of places; of one of which no figure is shown everything is undetermined.

    Parameters
    ----------
    figures : DataFrame
        What `shown_figures` gives.
    place_rows : DataFrame
        ``place_id, named``.
    published : PublishedResults
        The set.
    model : Model
        A points or a rules model of the set.
    period : str
        The period.
    seed : int, optional
        Where the random numbers start.
    """
    reasons = pd.Series(
        [NAMED_PLACE if named else FOUND_PLACE for named in place_rows["named"]],
        index=pd.Index(place_rows["place_id"].astype(str), name="area_id"),
        dtype="object",
    ).sort_index()
    chances = chances_of(figures, reasons, published, model, period, seed=seed)
    is_shown = (figures["status"] == "ok") & (figures["period"] == period)
    is_shown &= figures["indicator"].isin([criterion.indicator for criterion in model.criterion])
    untold = ~chances["area_id"].isin(set(figures.loc[is_shown, "area_id"]))
    for name in ("severity", *(f"chance_{category.id}" for category in model.category)):
        chances[name] = chances[name].mask(untold, 0.0)
    chances[f"chance_{UNDETERMINED}"] = chances[f"chance_{UNDETERMINED}"].mask(untold, 1.0)
    return chances.sort_values(["severity", "area_id"], ascending=[False, True], ignore_index=True)
