"""The balance as a map: the same page as the risk map, with the years from now to the horizon to choose from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from geo_bosoc.balance.dwellings import TENURES
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.disclosure.results import MUNICIPALITY, PublishedResults
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.models.categorisation import CATEGORY_COLUMNS, CRITERIA_COLUMNS
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.models.spec import Category, Criterion, Model
from geo_bosoc.models.spec_parts import Rule
from geo_bosoc.outputs.geopackage.write import write_geopackage
from geo_bosoc.outputs.page.risk_map import write_risk_map

LABELS: Final = {
    "social": ("Almene boliger", "Social housing"),
    "family": ("Almene familieboliger", "Social family dwellings"),
    "private_rental": ("Private lejeboliger", "Private rented dwellings"),
    "cooperative": ("Andelsboliger", "Co-operative dwellings"),
    "owner_occupied": ("Ejerboliger", "Owner-occupied dwellings"),
    "dwellings": ("Boliger i alt", "Dwellings"),
}
VARIANT_WORDS: Final = {
    "all": ("alle projekter", "all projects"),
    "likely": ("sandsynlige projekter", "likely projects"),
    "decided": ("besluttede projekter", "decided projects"),
}
_LAYERS: Final = (
    ("family", "all"),
    ("family", "decided"),
    ("social", "all"),
    ("social", "decided"),
    ("private_rental", "all"),
    ("cooperative", "all"),
    ("owner_occupied", "all"),
    ("dwellings", "all"),
)
_TITLE: Final = {"da": "boligbalance", "en": "housing balance"}


def published_balance(results: BalanceResults) -> PublishedResults:
    """The balance in the shape that maps and GeoPackages are drawn from: a period a year, a layer a share.

    Only dwellings are told, no residents: what stands where is open to all in the building register, so no number is
    hidden. A share of family dwellings that lies between bounds has no value and is undetermined.
    """
    indicators = tuple(_indicator(name, variant, results) for name, variant in _LAYERS)
    table, reference_areas = _table(results)
    models, categories = _models(results)
    title = _TITLE[results.language]
    heading = f"{title[0].upper()}{title[1:]} {results.start}-{results.horizon}"
    years = [str(year) for year in range(results.start, results.horizon + 1)]
    now = {
        "da": f"{results.source}; fremtidige år: projekterne",
        "en": f"{results.source}; later years: the projects",
    }
    sources = pd.DataFrame(
        [
            (one.id, year, results.register, results.period, results.status_date, now[results.language])
            for one in indicators
            for year in years
        ],
        columns=list(SOURCE_COLUMNS),
    )
    return PublishedResults(
        name=results.name,
        title=heading,
        language=results.language,
        made_up=results.made_up,
        municipality=results.municipality,
        areas=results.areas.drop(columns="plan"),
        context=results.context,
        indicators=indicators,
        table=table,
        reference_areas=reference_areas,
        residents=pd.DataFrame({"area_id": [], "period": [], "residents": pd.Series([], dtype="Int64")}),
        models=models,
        categories=categories,
        criteria=pd.DataFrame(columns=list(CRITERIA_COLUMNS)),
        sources=sources,
        report=results.report,
        edition=results.edition,
    )


def write_balance_map(results: BalanceResults, path: str | Path) -> None:
    """Write the self-contained map page of the balance (see `geo_bosoc.outputs.page.risk_map.write_risk_map`)."""
    write_risk_map(published_balance(results), path)


def write_balance_geopackage(results: BalanceResults, path: str | Path) -> None:
    """Write the layers of the present year and the horizon for QGIS (see
    `geo_bosoc.outputs.geopackage.write.write_geopackage`)."""
    whole = published_balance(results)
    ends = {str(results.start), str(results.horizon)}

    def at_the_ends(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["period"].isin(ends)].reset_index(drop=True)

    few = replace(
        whole,
        table=at_the_ends(whole.table),
        reference_areas=at_the_ends(whole.reference_areas),
        categories=at_the_ends(whole.categories),
        sources=at_the_ends(whole.sources),
    )
    write_geopackage(few, path)


def _indicator(name: str, variant: str, results: BalanceResults) -> Indicator:
    labels = [f"{LABELS[name][at]}, {VARIANT_WORDS[variant][at]}" for at in (0, 1)]
    count = name == "dwellings"
    return Indicator(
        id=f"{name}_{variant}",
        denominator=Side(),
        numerator=None if count else Side(),
        unit="count" if count else "percent",
        direction="neutral",
        label_da=labels[0],
        label_en=labels[1],
        definition_da="Antal boliger" if count else f"Andel af alle boliger. {results.codes.label_da}",
        definition_en="Number of dwellings" if count else f"Share of all dwellings. {results.codes.label_en}",
        source=results.source,
        assumption=None if count else results.codes.assumption_en or None,
    )


def _table(results: BalanceResults) -> tuple[pd.DataFrame, pd.DataFrame]:
    years = results.years
    plain = results.areas.loc[~results.areas["plan"], "area_id"]
    numbers = [*[str(tenure) for tenure in TENURES], "dwellings", "family_low", "family_high"]
    whole = (
        years[years["area_id"].isin(plain)]
        .groupby(["year", "variant"], sort=True)[numbers]
        .sum()
        .reset_index()
    )
    return _cells(years), _cells(whole.assign(area_id=MUNICIPALITY))


def _cells(years: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name, variant in _LAYERS:
        rows = years[years["variant"] == variant]
        base = rows["dwellings"].astype("Int64")
        settled = rows["family_low"] == rows["family_high"]
        if name == "family":
            own = rows["family_high"].astype("Int64").where(settled)
            low, high = rows["family_low"] / base, rows["family_high"] / base
        else:
            own = rows[name].astype("Int64")
            low = high = pd.Series(pd.NA, index=rows.index, dtype="Float64")
            settled = pd.Series(True, index=rows.index)
        value = own.astype("Float64") if name == "dwellings" else own / base.where(base > 0)
        status = np.where(~settled, "missing", np.where((base == 0) & (name != "dwellings"), "no_base", "ok"))
        parts.append(
            pd.DataFrame(
                {
                    "area_id": rows["area_id"],
                    "period": rows["year"].astype(str),
                    "indicator": f"{name}_{variant}",
                    "numerator": own,
                    "denominator": base,
                    "unknown": pd.Series(0, index=rows.index, dtype="Int64"),
                    "value": value.astype("Float64").to_numpy(float, na_value=np.nan),
                    "low": low.astype("Float64").where(~settled).to_numpy(float, na_value=np.nan),
                    "high": high.astype("Float64").where(~settled).to_numpy(float, na_value=np.nan),
                    "reference": np.nan,
                    "ratio": np.nan,
                    "status": status,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _models(results: BalanceResults) -> tuple[tuple[Model, ...], pd.DataFrame]:
    mixed, rows = _mix_model(results)
    if results.rules.empty:
        return (mixed,), rows
    rule, more = _rule_model(results)
    return (rule, mixed), pd.concat([more, rows], ignore_index=True)


def _rule_model(results: BalanceResults) -> tuple[Model, pd.DataFrame]:
    rule = results.rule
    layer = f"{rule.counts}_all"
    model = Model(
        id=rule.id,
        version=rule.valid_from,
        kind="rules",
        label_da=rule.label_da,
        label_en=rule.label_en,
        source=rule.source,
        assumption=" ".join(filter(None, (rule.assumption_en, rule.check_en))) or None,
        assumption_da=" ".join(filter(None, (rule.assumption_da, rule.check_da))) or None,
        criterion=(Criterion(indicator=layer, operator=">", threshold=rule.limit_pct, measure="value"),),
        category=(
            Category(
                id="above_limit",
                label_da="Over grænsen",
                label_en="Above the limit",
                colour="#b2532f",
                rule=(Rule(requires=(layer,)),),
            ),
            Category(
                id="within_limit", label_da="Inden for grænsen", label_en="Within the limit", colour="#8fb8a4"
            ),
        ),
    )
    names = {"met": "within_limit", "not_met": "above_limit", "undetermined": "undetermined"}
    rows = results.rules[(results.rules["variant"] == "all") & results.rules["met"].isin(list(names))]
    return model, _categories(rows["area_id"], rows["year"], rows["met"].map(names), model, layer)


def _mix_model(results: BalanceResults) -> tuple[Model, pd.DataFrame]:
    low, high = results.band
    told = (
        f"Blandet: mellem {low:g} og {high:g} % almene boliger, og områdets blokke ligger ikke hver for sig.",
        f"Mixed: between {low:g} and {high:g}% social housing, and the area's blocks do not lie apart.",
    )
    model = Model(
        id="mixed-city",
        version=results.codes.version,
        kind="rules",
        label_da="Blandet i dag?",
        label_en="Mixed today?",
        assumption=told[1],
        assumption_da=told[0],
        criterion=(Criterion(indicator="social_all", operator=">=", threshold=0.0, measure="value"),),
        category=(
            Category(
                id="one_sided",
                label_da="Ensidigt",
                label_en="One-sided",
                colour="#8c6bb1",
                rule=(Rule(requires=("social_all",)),),
            ),
            Category(
                id="mixed_on_average",
                label_da="Kun blandet i gennemsnit",
                label_en="Mixed on average only",
                colour="#c3b1d9",
                rule=(Rule(requires=("social_all",)),),
            ),
            Category(id="mixed", label_da="Blandet", label_en="Mixed", colour="#a8c9b4"),
        ),
    )
    rows = results.inside[results.inside["verdict"] != "no_dwellings"]
    years = pd.Series(results.start, index=rows.index)
    return model, _categories(rows["area_id"], years, rows["verdict"], model, "")


def _categories(
    areas: pd.Series[Any], years: pd.Series[Any], categories: pd.Series[Any], model: Model, unsettled: str
) -> pd.DataFrame:
    frame = pd.DataFrame({name: [None] * len(areas) for name in CATEGORY_COLUMNS}, dtype=object)
    return frame.assign(
        area_id=areas.to_numpy(),
        period=years.astype(str).to_numpy(),
        model=model.id,
        model_version=model.version,
        category=categories.to_numpy(),
        undetermined_by=np.where(categories.to_numpy() == "undetermined", unsettled, ""),
        points=np.nan,
        points_min=np.nan,
        points_max=np.nan,
        points_before=np.nan,
    )
