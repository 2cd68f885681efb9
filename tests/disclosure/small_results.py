"""Results of a very small municipality, and what `geo_bosoc.suppress` publishes of them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from rule_aware import Counts
from shapely.geometry import box

import geo_bosoc as gb
from geo_bosoc.disclosure.results import ALL_AREAS, MUNICIPALITY, PublishedResults, Results
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.models import parse_model
from geo_bosoc.models.spec import Model

SPECS = tuple(
    Indicator(
        id=name,
        denominator=Side(register="persons"),
        numerator=Side(register="persons", where=name),
        label_da=name,
        label_en=name,
        source="made up",
    )
    for name in ("crime", "safety")
)


def model_of(cutoffs: tuple[float, float], bands: tuple[float, ...], of: str = "municipality") -> Model:
    """A points model of two criteria and three categories, which compares areas with the municipality or its rest."""
    names = ("red", "yellow", "green")
    least: list[dict[str, float]] = [{"min_points": each} for each in sorted(cutoffs, reverse=True)]
    categories = [
        {"id": name, "label_da": name, "label_en": name, "colour": "#9b1c1f", **cut}
        for name, cut in zip(names, [*least, {}], strict=True)
    ]
    criteria = [{"indicator": spec.id, "bands": list(bands), "reference": {"of": of}} for spec in SPECS]
    return parse_model(
        {
            "id": "small",
            "version": "2024-01-01",
            "kind": "points",
            "criterion": criteria,
            "category": categories,
        }
    )


def published_results(counts: Counts, model: Model, references: dict[str, int]) -> PublishedResults:
    """What `geo_bosoc.suppress` publishes of a municipality of 1,000 in each base that has these areas."""
    return gb.suppress(results_of(counts, model, references))


def results_of(
    counts: Counts, model: Model, references: dict[str, int], specs: tuple[Indicator, ...] = SPECS
) -> Results:
    """The results of a municipality of 1,000 in each base that has these areas."""
    areas = sorted({area for area, _, _ in counts})
    rows = [(area, period, indicator, *count) for (area, period, indicator), count in sorted(counts.items())]
    columns = ["area_id", "period", "indicator", "numerator", "denominator"]
    table = pd.DataFrame(rows, columns=columns)
    totals = table.groupby(["period", "indicator"], as_index=False)[["numerator", "denominator"]].sum()
    periods = sorted(set(table["period"]))
    municipal = [(MUNICIPALITY, p, i, references[i], 1000) for p in periods for i in references]
    reference_areas = pd.concat(
        [totals.assign(area_id=ALL_AREAS), pd.DataFrame(municipal, columns=columns)], ignore_index=True
    )[columns]
    table, reference_areas = (_rated(frame, references) for frame in (table, reference_areas))
    done = gb.categorise(table, model, reference_areas=reference_areas, indicators=specs)
    shapes = [box(200 * n, 0, 200 * n + 100, 100) for n in range(len(areas))]
    return Results(
        name="Small",
        language="en",
        made_up=True,
        areas=gpd.GeoDataFrame({"area_id": areas, "name": areas, "kind": ""}, geometry=shapes, crs=25832),
        context={},
        indicators=specs,
        table=table,
        reference_areas=reference_areas,
        residents=pd.DataFrame({"area_id": [], "period": [], "residents": []}),
        models=(done.model,),
        categories=done.categories,
        criteria=done.criteria,
        sources=pd.DataFrame(
            [(spec.id, p, "persons", p, f"{p}-01-01", "made up") for spec in specs for p in periods],
            columns=["indicator", "period", "register", "data_period", "status_date", "source"],
        ),
        flags=done.flags,
    )


def _rated(frame: pd.DataFrame, references: dict[str, int]) -> pd.DataFrame:
    value = (frame["numerator"] / frame["denominator"]).where(frame["denominator"] > 0)
    reference = frame["indicator"].map(references) / 1000
    rated = frame.assign(unknown=0, value=value, low=value, high=value, reference=reference)
    rated["ratio"] = value / reference
    rated["status"] = ["ok" if base else "no_base" for base in rated["denominator"]]
    return rated
