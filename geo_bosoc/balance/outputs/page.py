"""The balance as a map: the same page as the risk map, with the years from now to the horizon to choose from."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.models.spec import UNDETERMINED
from geo_bosoc.outputs.geopackage.write import write_map_geopackage
from geo_bosoc.outputs.page.page_model import Explanation, Page
from geo_bosoc.outputs.page.risk_map import write_page
from geo_bosoc.outputs.thematic_map import Classification, MapCategory, Variable, at_periods
from geo_bosoc.text.catalogue import words

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


def balance_page(results: BalanceResults) -> Page:
    """The balance as a map page: a period a year, a layer a share.

    Only dwellings are told, no residents: what stands where is open to all in the building register, so no number is
    hidden. A share of family dwellings that lies between bounds has no value and is undetermined.
    """
    variables = tuple(_variable(name, variant, results) for name, variant in _LAYERS)
    table, reference_areas = _table(results)
    text = words("balance_map", results.language)
    years = [str(year) for year in range(results.start, results.horizon + 1)]
    source = f"{results.source}; {text['later_years']}"
    sources = [
        (variable.id, year, results.register, results.period, results.status_date, source)
        for variable in variables
        for year in years
    ]
    labels = {variable.id: variable.label for variable in variables}
    classifications = [_mix(results)]
    explanations = {}
    if not results.rules.empty:
        rule = _rule(results)
        classifications.insert(0, rule)
        unsettled = rule.rows[rule.rows["undetermined_by"] != ""]
        explanations[rule.id] = {
            (str(row["area_id"]), str(row["period"])): Explanation(unsettled=[labels[row["undetermined_by"]]])
            for row in unsettled.to_dict("records")
        }
    return Page(
        name=results.name,
        title=f"{text['title']} {results.start}-{results.horizon}",
        language=results.language,
        made_up=results.made_up,
        edition=results.edition,
        areas=results.areas.drop(columns="plan"),
        context=results.context,
        residents=pd.DataFrame({"area_id": [], "period": [], "residents": pd.Series([], dtype="Int64")}),
        classifications=tuple(classifications),
        variables=variables,
        table=table,
        reference_areas=reference_areas,
        sources=pd.DataFrame(sources, columns=list(SOURCE_COLUMNS)),
        explanations=explanations,
        notes=tuple(str(problem) for problem in results.report.warnings),
    )


def write_balance_map(results: BalanceResults, path: str | Path) -> None:
    """Write the self-contained map page of the balance (see `geo_bosoc.outputs.page.risk_map.write_risk_map`)."""
    write_page(balance_page(results), path)


def write_balance_geopackage(results: BalanceResults, path: str | Path) -> None:
    """Write the layers of the present year and the horizon for QGIS (see
    `geo_bosoc.outputs.geopackage.write.write_geopackage`)."""
    write_map_geopackage(at_periods(balance_page(results), [str(results.start), str(results.horizon)]), path)


def _variable(name: str, variant: str, results: BalanceResults) -> Variable:
    text = words("balance_map", results.language)
    label = f"{text[f'layer_{name}']}, {text[f'variant_{variant}']}"
    if name == "dwellings":
        return Variable(
            id=f"{name}_{variant}",
            label=label,
            unit="count",
            definition=text["number"],
            source=results.source,
        )
    codes = results.codes
    danish = results.language == "da"
    list_label = codes.label(results.language)
    return Variable(
        id=f"{name}_{variant}",
        label=label,
        unit="percent",
        definition=f"{text['share']} {list_label}",
        source=results.source,
        assumption=(codes.assumption_da if danish else "") or codes.assumption_en,
    )


def _table(results: BalanceResults) -> tuple[pd.DataFrame, pd.DataFrame]:
    years = results.years
    plain = results.areas.loc[~results.areas["plan"], "area_id"]
    numbers = [*[str(tenure) for tenure in TENURES], "dwellings", "family_low", "family_high"]
    municipality = (
        years[years["area_id"].isin(plain)]
        .groupby(["year", "variant"], sort=True)[numbers]
        .sum()
        .reset_index()
    )
    return _cells(years), _cells(municipality.assign(area_id=MUNICIPALITY))


def _cells(years: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name, variant in _LAYERS:
        rows = years[years["variant"] == variant]
        base = rows["dwellings"].astype("Int64")
        settled = rows["family_low"] == rows["family_high"]
        if name == "family":
            numerator = rows["family_high"].astype("Int64").where(settled)
            low, high = rows["family_low"] / base, rows["family_high"] / base
        else:
            numerator = rows[name].astype("Int64")
            low = high = pd.Series(pd.NA, index=rows.index, dtype="Float64")
            settled = pd.Series(True, index=rows.index)
        value = numerator.astype("Float64") if name == "dwellings" else numerator / base.where(base > 0)
        status = np.where(~settled, "missing", np.where((base == 0) & (name != "dwellings"), "no_base", "ok"))
        parts.append(
            pd.DataFrame(
                {
                    "area_id": rows["area_id"],
                    "period": rows["year"].astype(str),
                    "indicator": f"{name}_{variant}",
                    "numerator": numerator,
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


def _rule(results: BalanceResults) -> Classification:
    """Whether the rule's share is within the limit, year by year, where a development plan is due."""
    rule, danish = results.rule, results.language == "da"
    text = words("balance_map", results.language)
    variable = f"{rule.counts}_all"
    categories = {"met": "within_limit", "not_met": "above_limit", "undetermined": UNDETERMINED}
    rows = results.rules[(results.rules["variant"] == "all") & results.rules["met"].isin(list(categories))]
    met = rows["met"].map(categories).to_numpy()
    assumption = " ".join(
        filter(None, (rule.assumption_da, rule.check_da) if danish else (rule.assumption_en, rule.check_en))
    )
    return Classification(
        id=rule.id,
        version=rule.valid_from,
        label=rule.label(results.language),
        categories=(
            MapCategory("above_limit", text["above_limit"], "#b2532f"),
            MapCategory("within_limit", text["within_limit"], "#8fb8a4"),
        ),
        rows=_rows(rows["area_id"], rows["year"], met, rule.valid_from, variable).assign(
            undetermined_by=np.where(met == UNDETERMINED, variable, "")
        ),
        source=rule.source,
        assumptions=(("", assumption),) if assumption else (),
    )


def _mix(results: BalanceResults) -> Classification:
    """Whether an area is mixed now: its share within the band, and its blocks not apart."""
    low, high = results.band
    text = words("balance_map", results.language)
    assumption = text["mixed_assumption"].format(low=f"{low:g}", high=f"{high:g}")
    rows = results.inside[results.inside["verdict"] != "no_dwellings"]
    years = pd.Series(results.start, index=rows.index)
    version = results.codes.version
    return Classification(
        id="mixed-city",
        version=version,
        label=text["mixed_today"],
        categories=(
            MapCategory("one_sided", text["one_sided"], "#8c6bb1"),
            MapCategory("mixed_on_average", text["mixed_on_average"], "#c3b1d9"),
            MapCategory("mixed", text["mixed"], "#a8c9b4"),
        ),
        rows=_rows(rows["area_id"], years, rows["verdict"].to_numpy(), version, "social_all"),
        assumptions=(("", assumption),),
    )


def _rows(
    areas: pd.Series, years: pd.Series, categories: npt.NDArray[np.object_], version: str, variable: str
) -> pd.DataFrame:
    """Rows of a classification, which gives no points."""
    return pd.DataFrame(
        {
            "area_id": areas.to_numpy(),
            "period": years.astype(str).to_numpy(),
            "model_version": version,
            "category": categories,
            "undetermined_by": "",
            f"{variable}_points": np.nan,
        }
    )
