"""The balance as a map: the same page as the risk map, with the years from now to the horizon to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.outputs.mixed import mixed_today
from geo_bosoc.balance.outputs.rule_on_map import SHARES, rule_layers, variants_of
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.balance.segregation.indices import SEPARATED
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.outputs.geopackage.write import write_map_geopackage
from geo_bosoc.outputs.page.page_model import Explanation, Page, SideBySide
from geo_bosoc.outputs.page.risk_map import write_page
from geo_bosoc.outputs.thematic_map import Classification, MapCategory, Variable, at_periods
from geo_bosoc.text.catalogue import LANGUAGES, Language, word, words
from geo_bosoc.text.colours import BY_RANK, Fill
from geo_bosoc.text.messages import problem_in_language
from geo_bosoc.text.numbers import in_unit, number

_NAMES: Final = ("family", *(str(tenure) for tenure in TENURES), "dwellings")
"""What the layers are shares of, and the number of all dwellings."""
_ALWAYS: Final = ("family", "social", "dwellings")
_MIXED: Final = "mixed-city"
_ONE_SIDED: Final = "one_sided_blocks"
_COLOURS: Final = {"over": "#8c6bb1", "under": "#7fa6cc", "within": "#a8c9b4"}


def balance_page(results: BalanceResults, language: Language | None = None) -> Page:
    """The balance as a map page that opens on today: a period a year, the layers of each variant of the projects.

    Only dwellings are told, no residents: what stands where is open to all in the building register, so no number is
    hidden. A share of family dwellings that lies between bounds has no value and is undetermined. Its words are of the
    results' language, unless another is given.
    """
    results = results if language is None else replace(results, language=language)
    layers = _layers(results)
    variables = (*(_variable(layer, layers, results) for layer in layers), _one_sided(results))
    table, reference_areas = _table(results, layers)
    text = words("balance_map", results.language)
    years = [str(year) for year in range(results.start, results.horizon + 1)]
    sources = [
        (
            variable.id,
            year,
            results.register,
            results.period,
            results.status_date,
            results.source
            if year == str(results.start) or variable.id == _ONE_SIDED
            else f"{results.source}; {text['later_years']}",
        )
        for variable in variables
        for year in years
    ]
    rules = list(rule_layers(results).values())
    mix, mix_explained = _mix(results)
    return Page(
        name=results.name,
        title=f"{text['title']} {'-'.join(dict.fromkeys((years[0], years[-1])))}",
        language=results.language,
        made_up=results.made_up,
        edition=results.edition,
        areas=results.areas.drop(columns="plan"),
        context=results.context,
        backdrop=results.backdrop,
        residents=pd.DataFrame({"area_id": [], "period": [], "residents": pd.Series([], dtype="Int64")}),
        classifications=(*(layer for layer, _ in rules), mix),
        variables=variables,
        table=table,
        reference_areas=reference_areas,
        sources=pd.DataFrame(sources, columns=list(SOURCE_COLUMNS)),
        explanations={layer.id: explained for layer, explained in rules} | {mix.id: mix_explained},
        notes=tuple(problem_in_language(problem, results.language) for problem in results.report.warnings),
        one_card=tuple(layer.id for layer, _ in rules),
        side_by_side=_side_by_side(results, layers),
        without_card=(_ONE_SIDED,),
        protection=text["dwellings_alone"],
        opens_on=str(results.start),
    )


def write_balance_map(results: BalanceResults, path: str | Path) -> None:
    """Write the self-contained map page of the balance (see `geo_bosoc.outputs.page.risk_map.write_risk_map`)."""
    pages = {language: balance_page(results, language) for language in LANGUAGES}
    write_page(pages.pop(results.language), path, pages)


def write_balance_geopackage(results: BalanceResults, path: str | Path) -> None:
    """Write the layers of the present year and the horizon for QGIS (see
    `geo_bosoc.outputs.geopackage.write.write_geopackage`)."""
    names = {name: word("balance", name, results.language) for name in SHARES}
    periods = [str(results.start), str(results.horizon)]
    write_map_geopackage(at_periods(balance_page(results), periods), path, names)


def _layers(results: BalanceResults) -> list[tuple[str, str]]:
    """What is mapped, by variant: all variants of what the projects change, once what they leave as it is.

    A tenure that nothing is or becomes has no layer.
    """
    layers = []
    variants = variants_of(results)
    for name in _NAMES:
        columns = ["family_low", "family_high"] if name == "family" else [name]
        if name not in _ALWAYS and not (results.years[name] > 0).any():
            continue
        by_variant = [
            results.years.loc[results.years["variant"] == variant, [*columns, "dwellings"]].to_numpy()
            for variant in variants
        ]
        is_alike = all(np.array_equal(each, by_variant[0]) for each in by_variant)
        layers += [(name, variant) for variant in (("all",) if is_alike else variants)]
    return layers


def _side_by_side(results: BalanceResults, layers: Sequence[tuple[str, str]]) -> SideBySide:
    """Every share and the number of dwellings, the variants side by side."""
    text = words("balance_map", results.language)
    variants = variants_of(results)
    return SideBySide(
        heading=text["side_by_side"],
        note=text["side_by_side_note"],
        columns=tuple(text[f"column_{variant}"] for variant in variants),
        rows=tuple(
            (
                text[f"layer_{name}"],
                tuple(f"{name}_{variant if (name, variant) in layers else 'all'}" for variant in variants),
            )
            for name in dict.fromkeys(name for name, _ in layers)
        ),
    )


def _variable(layer: tuple[str, str], layers: Sequence[tuple[str, str]], results: BalanceResults) -> Variable:
    """A share, or the number of dwellings; its word says with which projects where they change it."""
    text = words("balance_map", results.language)
    name, variant = layer
    label = text[f"layer_{name}"]
    if (name, "decided") in layers:
        label = f"{label}, {text[f'variant_{variant}']}"
    if name == "dwellings":
        return Variable(
            id=f"{name}_{variant}",
            label=label,
            unit="count",
            definition=text["number"],
            source=results.source,
            group="balance",
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
        group="balance",
    )


def _one_sided(results: BalanceResults) -> Variable:
    """What keeps areas apart inside: the dwellings of blocks that are all social, or not at all."""
    text = words("balance_map", results.language)
    return Variable(
        id=_ONE_SIDED,
        label=text["layer_one_sided"],
        unit="percent",
        definition=text["one_sided"],
        source=results.source,
        group="balance",
    )


def _table(results: BalanceResults, layers: Sequence[tuple[str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    years = results.years
    plain = results.areas.loc[~results.areas["plan"], "area_id"]
    numbers = [*[str(tenure) for tenure in TENURES], "dwellings", "family_low", "family_high"]
    municipality = (
        years[years["area_id"].isin(plain)]
        .groupby(["year", "variant"], sort=True)[numbers]
        .sum()
        .reset_index()
    )
    cells = pd.concat([_cells(years, layers), _one_sided_cells(results)], ignore_index=True)
    return cells, _cells(municipality.assign(area_id=MUNICIPALITY), layers)


def _cells(years: pd.DataFrame, layers: Sequence[tuple[str, str]]) -> pd.DataFrame:
    parts = []
    for name, variant in layers:
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


def _one_sided_cells(results: BalanceResults) -> pd.DataFrame:
    """The dwellings of one-sided blocks today; of later years nobody knows where in an area a project stands."""
    rows = mixed_today(results)
    frame = pd.DataFrame(
        {
            "area_id": rows["area_id"],
            "period": str(results.start),
            "indicator": _ONE_SIDED,
            "numerator": rows["one_sided"].astype("Int64"),
            "denominator": rows["total"].astype("Int64"),
            "unknown": pd.Series(0, index=rows.index, dtype="Int64"),
            "value": rows["one_sided_share"],
            "status": "ok",
        }
    )
    later = pd.MultiIndex.from_product(
        [results.areas["area_id"], [str(year) for year in range(results.start + 1, results.horizon + 1)]],
        names=["area_id", "period"],
    ).to_frame(index=False)
    unknown = later.assign(indicator=_ONE_SIDED, status="not_applicable", value=np.nan)
    both = pd.concat([frame, unknown], ignore_index=True)
    return both.assign(low=np.nan, high=np.nan, reference=np.nan, ratio=np.nan)


def _mix(results: BalanceResults) -> tuple[Classification, dict[tuple[str, str], Explanation]]:
    """Whether an area is mixed now: where its share lies, and whether its blocks lie apart."""
    low, high = (number(end, results.language, 0 if float(end).is_integer() else 1) for end in results.band)
    limit = number(SEPARATED, results.language, 2)
    text = words("balance_map", results.language)
    rows = mixed_today(results)
    version, year = results.codes.version, str(results.start)
    categories = rows["place"] + "_" + rows["apart"]
    order = [f"{place}_{apart}" for place in _COLOURS for apart in ("only", "apart", "alike")]
    shown = {*categories, "within_alike"}
    layer = Classification(
        id=_MIXED,
        version=version,
        label=text["mixed_today"].format(year=year),
        group="balance",
        categories=tuple(
            MapCategory(name, text[f"mixed_{name}"], _COLOURS[name.split("_")[0]], _fill(name))
            for name in order
            if name in shown
        ),
        rows=pd.DataFrame(
            {
                "area_id": rows["area_id"],
                "period": year,
                "model_version": version,
                "category": categories,
                "undetermined_by": "",
                "note": [in_unit(share, "percent", results.language) for share in rows["share"]],
            }
        ),
        assumptions=(("", text["mixed_assumption"].format(low=low, high=high, limit=limit)),),
        without_row=text["today_alone"].format(year=year),
    )
    explained = {}
    for row in rows.to_dict("records"):
        share = in_unit(float(row["share"]), "percent", results.language)
        notes = [
            text["in_band"].format(
                share=share,
                total=number(int(row["total"]), results.language),
                place=text[f"place_{row['place']}"],
                low=low,
                high=high,
            )
        ]
        if row["apart"] != "only":
            notes.append(
                text["between_blocks"].format(
                    share=in_unit(float(row["one_sided_share"]), "percent", results.language),
                    blocks=number(int(row["blocks"]), results.language),
                    inner=number(float(row["inner"]), results.language, 2),
                    limit=limit,
                )
            )
        explained[str(row["area_id"]), year] = Explanation(points=share, notes=notes)
    return layer, explained


def _fill(category: str) -> Fill:
    """Colour says where the share lies, lines that the blocks lie apart, dots that there is one kind alone."""
    place, apart = category.split("_")
    hatch = {"apart": BY_RANK[1], "only": BY_RANK[2], "alike": None}[apart]
    return Fill(_COLOURS[place], hatch)
