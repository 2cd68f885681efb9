"""How long suppression takes: made-up counts of areas x 20 indicators x 5 years under a model of points.

    python benchmarks/bench_suppress.py             # 200 and 2,000 areas
    python benchmarks/bench_suppress.py --areas 500

Promised: 200 areas in 3 s, 2,000 in 60 s, with 500 MB at most. There is no peer that suppresses categories with counts.
"""

from __future__ import annotations

import argparse
import resource
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import geo_bosoc as gb
from geo_bosoc.disclosure.results import Results
from geo_bosoc.indicators import Indicator
from geo_bosoc.indicators.spec import Side
from geo_bosoc.models import parse_model

INDICATORS = [f"i{number:02d}" for number in range(20)]
PERIODS = [str(year) for year in range(2020, 2025)]
CATEGORIES = [("red", 18), ("orange", 11), ("yellow", 5), ("green", None)]


def made_up_results(areas: int) -> Results:
    """Areas with lognormal bases (a fifth of the figures are small) and a model of eight criteria."""
    rng = np.random.default_rng(1)
    ids = [f"{number:05d}" for number in range(areas)]
    specs = tuple(
        Indicator(
            id=name,
            label_da=name,
            label_en=name,
            denominator=Side.model_validate({"register": "p"}),
            numerator=Side.model_validate({"register": "p", "where": "x"}),
        )
        for name in INDICATORS
    )
    keys = pd.MultiIndex.from_product([INDICATORS, ids, PERIODS], names=["indicator", "area_id", "period"])
    counts = keys.to_frame(index=False)
    share = np.repeat(rng.uniform(0.02, 0.3, len(INDICATORS)), areas) * rng.lognormal(
        0, 0.5, len(INDICATORS) * areas
    )
    base = (rng.lognormal(4.6, 1.1, len(share)) + 6).astype(int)
    counts["denominator"] = np.repeat(base, len(PERIODS))
    counts["numerator"] = rng.binomial(counts["denominator"], np.repeat(np.minimum(share, 0.9), len(PERIODS)))
    counts = counts.assign(unknown=0, status="ok")
    sums = counts.groupby(["period", "indicator"], as_index=False)[
        ["numerator", "denominator", "unknown"]
    ].sum()
    municipality = sums.assign(
        area_id="@municipality",
        status="ok",
        numerator=sums["numerator"] * 5,
        denominator=sums["denominator"] * 6,
    )
    references = pd.concat([municipality, sums.assign(area_id="@areas", status="ok")])
    table = gb.indicator_table(counts, specs, municipality)
    reference_areas = gb.indicator_table(references, specs, municipality)
    model = parse_model(
        {
            "id": "made-up",
            "version": "2024-01-01",
            "kind": "points",
            "criterion": [{"indicator": name, "bands": [1.25, 1.75, 2.5]} for name in INDICATORS[:8]],
            "category": [
                {"id": name, "label_da": name, "label_en": name, "colour": "#2a0f52"}
                | ({} if least is None else {"min_points": least})
                for name, least in CATEGORIES
            ],
        }
    )
    done = gb.categorise(table, model, reference_areas=reference_areas, indicators=specs)
    squares = [
        shapely.box(x, y, x + 90, y + 90)
        for x, y in ((number % 100 * 100, number // 100 * 100) for number in range(areas))
    ]
    return Results(
        name="made-up",
        language="da",
        made_up=True,
        areas=gpd.GeoDataFrame({"area_id": ids, "name": ids, "kind": "x"}, geometry=squares, crs=25832),
        context={},
        indicators=specs,
        table=table,
        reference_areas=reference_areas,
        residents=pd.DataFrame({"area_id": [], "period": [], "residents": np.empty(0, np.int64)}),
        models=(done.model,),
        categories=done.categories,
        criteria=done.criteria,
        sources=pd.DataFrame(
            columns=["indicator", "period", "register", "data_period", "status_date", "source"]
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--areas", type=int, nargs="*", default=[200, 2000])
    gb.suppress(made_up_results(5))  # loads what is loaded once
    for areas in parser.parse_args().areas:
        results = made_up_results(areas)
        start, processor = time.perf_counter(), time.process_time()
        published = gb.suppress(results)
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
        suppressed = (published.table["status"] == "protected").mean()
        ranges = (published.categories["category"] == "range").mean()
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{areas} areas: {seconds:.1f} s, {processor:.1f} s of processor, {megabytes:.0f} MB at most; "
            f"{suppressed:.0%} of figures suppressed, {ranges:.0%} of categories ranges",
            flush=True,
        )


if __name__ == "__main__":
    main()
