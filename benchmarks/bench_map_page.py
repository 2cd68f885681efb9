"""Weight and speed of the map page, beside plain Folium: with the outlines alone, and with what the page shows.

    python benchmarks/bench_map_page.py                       # 200 and 2,000 areas, and Denmark's parishes
    python benchmarks/bench_map_page.py --only areas-10000    # what a very large page becomes

Areas of 380 vertices (a coverage: shared borders), 20 indicators and 5 years with suppression. The parishes are read
from the folder that ``GEO_BOSOC_DATA`` names, and left out without it. Times in the browser are medians of Chromium
(``GEO_BOSOC_CHROMIUM``, or the one on the path), from the input to the second frame after it.

Plain Folium is written twice. Once with the outlines and nothing else; once as one would write it who wanted the same
categories and figures: a layer of each year, coloured by category, with the area's figures in a popup.

Promised: at most 1.2 MB for 200 areas and 8 MB for 2,000; written in half of plain Folium's time for the same; hovering
in 50 ms and another period in 200 ms at 2,000 areas.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from bench_locate import SIZE, coverage
from bench_suppress import PERIODS, made_up_results

import geo_bosoc as gb
from geo_bosoc.outputs.page.geometry_encoding import encode_areas

CASES = ("areas-200", "areas-2000", "parishes")
VERTICES = 380
ACROSS = {200: 12_000, 2_000: 40_000, 10_000: 90_000}
"""Metres from side to side of so many areas."""
HOVERS = 12
COLOURS = ("#d7191c", "#fdae61", "#ffffbf", "#1a9641")


@dataclass
class Written:
    """A page, and plain Folium's of its outlines, and of its categories and figures: bytes and seconds."""

    name: str
    path: Path
    seconds: float
    folium_bytes: tuple[int, int]
    folium_seconds: tuple[float, float]
    borders_seconds: float
    parts: dict[str, int]


def areas_of(case: str) -> gpd.GeoDataFrame | None:
    """The areas of a case; None where the data are missing."""
    if case == "parishes":
        folder = os.environ.get("GEO_BOSOC_DATA")
        file = Path(folder or "", "areas", "denmark_parishes_2021.gpkg")
        if not folder or not file.exists():
            return None
        return gpd.read_file(file).to_crs(25832)[["geometry"]]
    count = int(case.removeprefix("areas-"))
    scale = ACROSS.get(count, count * 20) / SIZE
    shapes = shapely.transform(coverage(count, VERTICES), lambda xy: (xy - xy.mean(axis=0)) * scale)
    shapes = shapely.transform(shapes, lambda xy: np.add(xy, (570_000, 6_220_000)))
    return gpd.GeoDataFrame(geometry=shapes, crs=25832)


def published(areas: gpd.GeoDataFrame) -> Any:
    """What may be published of made-up counts of the areas."""
    results = made_up_results(len(areas))
    ids = results.areas["area_id"].tolist()
    residents = np.random.default_rng(2).integers(40, 4_000, len(ids) * len(PERIODS))
    people = pd.MultiIndex.from_product([ids, PERIODS], names=["area_id", "period"]).to_frame(index=False)
    drawn = results.areas.assign(name=[f"Område {each}" for each in ids]).set_geometry(
        areas.geometry.to_numpy()
    )
    return gb.suppress(replace(results, areas=drawn, residents=people.assign(residents=residents)))


def seconds_of(work: Callable[[], Any]) -> float:
    """Processor seconds of a piece of work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def plain_folium(areas: gpd.GeoDataFrame, path: Path) -> None:
    """The outlines as Folium draws them: no figure, no panel."""
    drawn = folium.Map(tiles=None)
    folium.GeoJson(areas.to_crs(4326)).add_to(drawn)
    drawn.save(path)


def folium_with_figures(published: Any, path: Path) -> None:
    """The categories and figures of every year as Folium shows them: a layer a year, figures in a popup."""
    areas, model = published.areas, published.models[0]
    fills = dict(zip([each.id for each in model.category], COLOURS, strict=False))
    drawn = folium.Map(tiles=None)
    for period in PERIODS:
        table = published.table[published.table["period"] == period]
        figures = table.pivot(index="area_id", columns="indicator", values="value").astype(float).round(4)
        categories = published.categories[published.categories["period"] == period]
        of_period = areas[["area_id", "name", "geometry"]].merge(figures.reset_index(), on="area_id")
        of_period = of_period.merge(categories[["area_id", "category"]], on="area_id", how="left")
        folium.GeoJson(
            of_period.to_crs(4326),
            name=period,
            style_function=lambda feature: {
                "fillColor": fills.get(feature["properties"]["category"], "#dddddd"),
                "weight": 1,
            },
            popup=folium.GeoJsonPopup(fields=["name", "category", *figures.columns]),
            show=period == PERIODS[-1],
        ).add_to(drawn)
    folium.LayerControl().add_to(drawn)
    drawn.save(path)


def packed(data: Any) -> int:
    """Bytes of data as they stand in a page."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return len(base64.b64encode(zlib.compress(text, 9)))


def parts_of(html: str, areas: gpd.GeoDataFrame) -> dict[str, int]:
    """Bytes of a page by what they are for."""
    data = {
        name: len(text)
        for name, text in re.findall(r'<script type="application/json" id="([\w-]+)">(.*?)</script>', html)
    }
    borders, outlines = encode_areas(areas)
    geometry = packed([borders, outlines])
    spoken = sum(size for name, size in data.items() if name.startswith("page-words"))
    return {
        "geometry": geometry,
        "figures": data.get("page-figures", 0) - geometry,
        "words": spoken,
        "scripts": len(html.encode()) - sum(data.values()),
    }


def write(case: str, folder: Path) -> Written | None:
    """Write both pages of a case."""
    areas = areas_of(case)
    if areas is None:
        return None
    results = published(areas)
    path, plain, full = (folder / f"{case}{end}.html" for end in ("", "-outlines", "-figures"))
    plain_folium(areas[:2], plain)  # loads what is loaded once
    plain_seconds = seconds_of(lambda: plain_folium(areas, plain))
    full_seconds = seconds_of(lambda: folium_with_figures(results, full))
    seconds = seconds_of(lambda: gb.risk_map(results).save(path))
    html = path.read_text(encoding="utf-8")
    borders_seconds = seconds_of(lambda: encode_areas(areas))
    sizes = plain.stat().st_size, full.stat().st_size
    plains = plain_seconds, full_seconds
    return Written(case, path, seconds, sizes, plains, borders_seconds, parts_of(html, areas))


def in_browser(browser: Any, path: Path) -> dict[str, float]:
    """Milliseconds in Chromium: load, hovering, another period, another layer."""
    context = browser.new_context(offline=True, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    began = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready='true']", state="attached", timeout=300_000)
    page.evaluate("new Promise(requestAnimationFrame)")
    load = 1000 * (time.perf_counter() - began)

    def timed(choice: str) -> float:
        return float(page.evaluate(TIMED.replace("CHOICE", choice)))

    hovers = [timed(HOVER % (200 + 37 * number)) for number in range(HOVERS)]
    periods = [timed(f"geoBosoc.change({{ period: {place} }})") for place in (0, 1, 2, 3, 4)]
    layers = [timed(f"geoBosoc.change({{ layer: {place} }})") for place in (3, 7, 0, 11)]
    context.close()
    return {
        "load": load,
        "hover": statistics.median(hovers),
        "period": statistics.median(periods),
        "layer": statistics.median(layers),
    }


TIMED = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    const began = performance.now();
    CHOICE;
    await frame();
    await frame();
    return performance.now() - began;
}"""
HOVER = """
    const box = document.getElementById('map_risk').getBoundingClientRect();
    const [x, y] = [box.left + %d, box.top + box.height / 2];
    const over = document.elementFromPoint(x, y);
    const seen = { bubbles: true, clientX: x, clientY: y };
    if (window.hovered) { window.hovered.dispatchEvent(new MouseEvent('mouseout', seen)); }
    over.dispatchEvent(new MouseEvent('mouseover', seen));
    over.dispatchEvent(new MouseEvent('mousemove', seen));
    window.hovered = over;
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=CASES, help="areas-200, areas-2000, parishes, areas-N")
    parser.add_argument("--keep", type=Path, help="a folder for the pages")
    arguments = parser.parse_args()
    program = os.environ.get("GEO_BOSOC_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        pages = [write(case, folder) for case in arguments.only]
        for page in filter(None, pages):
            size = page.path.stat().st_size
            parts = ", ".join(f"{name} {amount / 1e6:.2f}" for name, amount in page.parts.items())
            print(
                f"{page.name}: {size / 1e6:.2f} MB ({parts}); "
                f"written in {page.seconds:.2f} s of processor (borders {page.borders_seconds:.2f})",
                flush=True,
            )
            for name, weight, seconds in zip(
                ("outlines alone", "the same categories and figures"),
                page.folium_bytes,
                page.folium_seconds,
                strict=True,
            ):
                print(
                    f"{page.name}: plain Folium, {name}: {weight / 1e6:.1f} MB, {seconds:.2f} s, "
                    f"ratio {page.seconds / seconds:.2f}",
                    flush=True,
                )
        if program and any(pages):
            from playwright.sync_api import sync_playwright

            with sync_playwright() as player:
                browser = player.chromium.launch(
                    executable_path=program, args=["--no-sandbox", "--disable-gpu"]
                )
                for page in filter(None, pages):
                    times = ", ".join(
                        f"{name} {ms:.0f}" for name, ms in in_browser(browser, page.path).items()
                    )
                    print(f"{page.name}: {times} (ms)", flush=True)
                browser.close()


if __name__ == "__main__":
    main()
