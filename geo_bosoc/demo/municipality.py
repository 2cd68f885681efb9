"""The whole made-up municipality from one seed, and its files: boundaries, registers, `bosoc.toml` and a warning.

The same municipality gives the same bytes on the same versions of polars, pyarrow and shapely: fixed writer settings,
no clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geo_bosoc.demo.dwellings import DwellingStock, build_sites, build_stock, score_sites
from geo_bosoc.demo.estates import Estate, lay_estates, plan_estates
from geo_bosoc.demo.folder import check_folder, demo_folder
from geo_bosoc.demo.geography import (
    MUNICIPALITY,
    MUNICIPALITY_CODE,
    boundary_layers,
    development_plans,
    make_land,
    school_points,
)
from geo_bosoc.demo.people import first_year, next_year, who_dies
from geo_bosoc.demo.rasters import write_rasters
from geo_bosoc.demo.statuses import safety_answers, statuses
from geo_bosoc.demo.story import (
    forum_tables,
    nominations_table,
    placing_tables,
    staff_table,
    story_places,
    with_story_services,
)
from geo_bosoc.demo.tables import (
    Snapshot,
    addresses_table,
    cases_table,
    deaths_table,
    dwellings_table,
    goal_tables,
    persons_table,
    plan_tables,
    schools_table,
    survey_table,
)

SEED: Final = 2
RESIDENTS: Final = 100_000
YEARS: Final = (2020, 2021, 2022, 2023, 2024)
SURVEY_EVERY: Final = 2
"""Years between safety surveys; those between carry the last one forward."""
CSV_TABLES: Final = (
    "schools",
    "nominations",
    "plans",
    "development_facts",
    "vacancies",
    "goals",
    "registrations",
    "list_values",
    "forums",
    "actions",
    "agreements",
    "estate_vacancies",
    "assignments",
    "need",
    "staff",
)
"""Tables that are written as CSV, as people keep them by hand."""
_PREFIXED: Final = ("person_id", "address_id", "dwelling_id", "case_id", "respondent_id")
_ARROW: Final = {
    pl.String: pa.string(),
    pl.Date: pa.date32(),
    pl.Boolean: pa.bool_(),
    pl.Int8: pa.int8(),
    pl.Int16: pa.int16(),
    pl.Int32: pa.int32(),
    pl.Int64: pa.int64(),
    pl.Float64: pa.float64(),
}


@dataclass(frozen=True)
class Municipality:
    """The made-up municipality as frames.

    Attributes
    ----------
    boundaries : Mapping of str to GeoDataFrame
        Layers by name, EPSG:25832 (``areas, municipality, districts, sea, lakes, woods, roads, development_plans,
        schools``).
    registers : Mapping of str to DataFrame
        Tables by file name without suffix (``persons_2024``, ``addresses``, ``dwellings_2024``, ``survey``,
        ``cases``, ``schools``, ``nominations``, ``deaths``, ``plans``, ``development_facts``, ``vacancies``,
        ``goals``, ``registrations``, ``list_values``, ``forums``, ``actions``, ``agreements``, ``estate_vacancies``,
        ``assignments``, ``need``, ``staff``).
    estates : tuple of Estate
        The estates that the layers were drawn from.
    dwellings : DwellingStock
        The addresses and dwellings behind the tables.
    """

    boundaries: Mapping[str, gpd.GeoDataFrame]
    registers: Mapping[str, pl.DataFrame]
    estates: tuple[Estate, ...]
    dwellings: DwellingStock


def make_municipality(
    *, residents: int = RESIDENTS, years: Sequence[int] = YEARS, seed: int = SEED
) -> Municipality:
    """Make up a municipality of about `residents` people over the given years (status 1 January).

    A third live in social-housing estates. The land is the same for every size; a smaller town fills less
    of it. The same arguments give the same frames.

    Parameters
    ----------
    residents : int, optional
        From 3,000 to 200,000.
    years : sequence of int, optional
        At least one, in order and without gaps.
    seed : int, optional
        Any whole number from 0.

    Raises
    ------
    ValueError
        For residents or years that no town can be made of.
    """
    if not 3_000 <= residents <= 200_000:
        raise ValueError(f"residents must lie between 3,000 and 200,000, not {residents:,}.")
    years = tuple(years)
    if not years or list(years) != list(range(years[0], years[0] + len(years))):
        raise ValueError("years must follow each other, for example 2020, 2021, 2022.")

    def draw(*stage: int) -> np.random.Generator:
        return np.random.default_rng([seed, *stage])

    land = make_land(draw(1))
    estates, left = lay_estates(land, plan_estates(residents, draw(2)), draw(3))
    sites = build_sites(land, estates, left, residents, draw(4))
    dwellings = build_stock(sites, draw(5))
    scores = score_sites(sites, estates, years, draw(6))
    people = first_year(dwellings, scores, years[0], draw(7))
    last = len(people)
    snapshots: list[Snapshot] = []
    deaths = [deaths_table(people.take(np.empty(0, dtype=np.int64)), years[0], draw(13, years[0]))]
    for number, year in enumerate(years):
        if number:
            events = draw(8, year)
            dies = who_dies(people, year, events)
            deaths.append(deaths_table(people.take(dies), year, draw(13, year)))
            people = next_year(people.take(~dies), dwellings, scores, year, last, events)
            last = max(last, int(people.id.max()))
        status = statuses(people, dwellings, scores, year, draw(9, year))
        survey_answers = None
        if number % SURVEY_EVERY == 0:
            survey_answers = safety_answers(people, status.age, dwellings, scores, year, draw(10, year))
        snapshots.append(Snapshot(year, people, status, survey_answers))
    story = story_places(dwellings)
    registers = {
        "addresses": addresses_table(dwellings, estates),
        **{f"persons_{snapshot.year}": persons_table(snapshot, dwellings) for snapshot in snapshots},
        **{f"dwellings_{snapshot.year}": dwellings_table(dwellings, snapshot.year) for snapshot in snapshots},
        "survey": survey_table(snapshots, dwellings),
        "cases": with_story_services(
            cases_table(snapshots, dwellings, draw(11)), story, snapshots, dwellings, draw(14)
        ),
        "schools": schools_table(snapshots, dwellings),
        "nominations": nominations_table(estates, dwellings, story, years),
        "deaths": pl.concat(deaths),
    }
    boundaries = boundary_layers(land, [(estate.area_id, estate.name, estate.shape) for estate in estates])
    boundaries = {
        **boundaries,
        "development_plans": development_plans(boundaries),
        "schools": school_points(registers["schools"]),
    }
    registers |= plan_tables(boundaries, registers, years[-1], draw(12))
    registers |= goal_tables([estate.area_id for estate in estates], years)
    registers["list_values"] = list_values_table(registers, years)
    registers |= forum_tables(estates, story, years) | placing_tables(estates, registers, years, draw(15))
    registers |= staff_table(estates, registers, draw(16))
    return Municipality(boundaries, registers, tuple(estates), dwellings)


def list_values_table(registers: Mapping[str, pl.DataFrame], years: Sequence[int]) -> pl.DataFrame:
    """Values of the criteria of a list of 1 December for the estates, as far as somebody would have them before it.

    The income comes with the list, and convictions of every other estate: these cells are empty.
    """
    last, before = (str(year) for year in (years[-1], years[max(len(years) - 2, 0)]))
    homes = registers["addresses"].select("address_id", "estate_id").drop_nulls()
    persons = {year: registers[f"persons_{year}"].join(homes, on="address_id") for year in {last, before}}

    def per_cent(year: str, ages: tuple[int, int], share: pl.Expr, name: str) -> pl.DataFrame:
        rows = persons[year].filter(pl.col("age").is_between(*ages))
        return rows.group_by("estate_id").agg((100 * share.mean()).round(1).alias(name)).sort("estate_id")

    outside = pl.col("outside_fte")
    parts = [
        persons[last].group_by("estate_id").agg(pl.len().cast(pl.Int64).alias("residents")),
        per_cent(last, (18, 64), outside, "now"),
        per_cent(before, (18, 64), outside, "before"),
        per_cent(last, (18, 120), pl.col("convicted").cast(pl.Float64), "convicted_pct"),
        per_cent(last, (30, 59), (pl.col("education") == "basic").cast(pl.Float64), "basic_edu_pct"),
        per_cent(last, (0, 120), (pl.col("origin") == "non_western").cast(pl.Float64), "non_western_pct"),
    ]
    table = parts[0].sort("estate_id")
    for part in parts[1:]:
        table = table.join(part, on="estate_id", how="left")
    every_other = pl.int_range(pl.len()) % 2 == 0
    return table.select(
        "estate_id",
        pl.lit(years[-1], dtype=pl.Int64).alias("year"),
        "residents",
        ((pl.col("now") + pl.col("before")) / 2).round(1).alias("outside_labour_pct"),
        pl.when(every_other).then("convicted_pct").alias("convicted_pct"),
        "basic_edu_pct",
        pl.lit(None, dtype=pl.Float64).alias("income_pct_region"),
        "non_western_pct",
    ).rename({"estate_id": "area_id"})


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a register as Parquet: ids that follow each other by their differences, other columns by
    dictionary.
    """
    schema = pa.schema([(name, _ARROW[type(dtype)]) for name, dtype in frame.schema.items()])
    table = pa.Table.from_pydict({name: frame[name].to_arrow() for name in frame.columns}).cast(schema)
    by_difference = [name for name in frame.columns if name in _PREFIXED]
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in frame.columns if name not in by_difference],
        column_encoding=dict.fromkeys(by_difference, "DELTA_BYTE_ARRAY"),
        row_group_size=1_000_000,
        data_page_size=1 << 20,
        dictionary_pagesize_limit=1 << 22,
        write_statistics=False,
        store_schema=False,
        version="2.6",
    )


def _rounded(value: Any) -> Any:
    """GeoJSON coordinates with the decimals they were given, and no more."""
    if isinstance(value, (list, tuple)):
        return [_rounded(part) for part in value]
    number = round(float(value), 1)
    return int(number) if number.is_integer() else number


def write_layer(layer: gpd.GeoDataFrame, path: Path) -> None:
    """Write a layer as GeoJSON in EPSG:25832 (``crs`` says so, as in Danish open data), a line each."""
    names = [name for name in layer.columns if name != layer.geometry.name]
    lines = []
    for row in layer.itertuples(index=False):
        shape = shapely.geometry.mapping(row.geometry)
        feature = {
            "type": "Feature",
            "properties": {name: getattr(row, name) for name in names},
            "geometry": {"type": shape["type"], "coordinates": _rounded(shape["coordinates"])},
        }
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    head = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    text = (
        '{"type":"FeatureCollection","name":'
        + json.dumps(path.stem)
        + ',"crs":'
        + json.dumps(head, separators=(",", ":"))
    )
    path.write_text(text + ',"features":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8", newline="\n")


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write a small table as Danish CSV: semicolons, decimal comma, UTF-8 with a byte order mark."""
    text = frame.write_csv(separator=";", decimal_comma=True, line_terminator="\n")
    path.write_text(text, encoding="utf-8-sig", newline="\n")


def fill_template(template: str, **words: str) -> str:
    """A text of the folder ``templates`` with its ``@words@`` filled in."""
    text = (files("geo_bosoc.demo") / "templates" / template).read_text(encoding="utf-8")
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text


def write_municipality(municipality: Municipality, folder: Path, *, seed: int) -> None:
    """Write a municipality's files below `folder` (see `write_demo`)."""
    with demo_folder(folder) as draft:
        boundaries, registers = draft / "data" / "boundaries", draft / "data" / "registers"
        for subfolder in (boundaries, registers):
            subfolder.mkdir(parents=True, exist_ok=True)
        for name, layer in municipality.boundaries.items():
            write_layer(layer, boundaries / f"{name}.geojson")
        for name, table in municipality.registers.items():
            if name in CSV_TABLES:
                _write_csv(table, registers / f"{name}.csv")
            else:
                write_table(table, registers / f"{name}.parquet")
        write_rasters(municipality.boundaries, municipality.registers["addresses"], registers)
        years = sorted(
            name.removeprefix("persons_") for name in municipality.registers if name.startswith("persons_")
        )
        periods = ", ".join(f'"{year}"' for year in years)
        text = fill_template(
            "bosoc.toml",
            name=MUNICIPALITY,
            code=MUNICIPALITY_CODE,
            periods=periods,
            excluded=json.dumps(story_places(municipality.dwellings).excluded),
        )
        (draft / "bosoc.toml").write_text(text, encoding="utf-8", newline="\n")
        (draft / "data" / "indicators.toml").write_text(
            fill_template("indicators.toml"), encoding="utf-8", newline="\n"
        )
        warning = fill_template("data_readme.md", seed=str(seed))
        (draft / "data" / "README.md").write_text(warning, encoding="utf-8", newline="\n")


def write_demo(
    folder: Path, *, seed: int = SEED, residents: int = RESIDENTS, years: tuple[int, ...] = YEARS
) -> None:
    """Write the made-up municipality: ``data/`` (boundaries, registers, a README) and ``bosoc.toml``.

    Files of an earlier made-up municipality there are replaced, all or none, where nobody has changed them. The same
    arguments write the same bytes on the same versions of the libraries.

    Parameters
    ----------
    folder : Path
        Where to write; made if it is not there.
    seed, residents : int, optional
        As in `make_municipality`.
    years : tuple of int, optional
        As in `make_municipality`.

    Raises
    ------
    InputError
        The folder holds files of these names that are somebody's own.
    """
    check_folder(folder)
    write_municipality(make_municipality(residents=residents, years=years, seed=seed), folder, seed=seed)
