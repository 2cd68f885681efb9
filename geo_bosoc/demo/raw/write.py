"""The demo in raw shape: the same made-up people in the files that municipalities get, with all their faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from geo_bosoc.demo.folder import check_folder, demo_folder
from geo_bosoc.demo.geography import MUNICIPALITY, MUNICIPALITY_CODE
from geo_bosoc.demo.municipality import (
    RESIDENTS,
    SEED,
    YEARS,
    Municipality,
    fill_template,
    make_municipality,
    write_layer,
)
from geo_bosoc.demo.raw.addresses import (
    HALL,
    SHELTER,
    doors_table,
    estate_list,
    house_id,
    write_bbr,
    write_dar,
)
from geo_bosoc.demo.raw.people import (
    NOWHERE,
    RawPeople,
    absence_rows,
    benefit_rows,
    charge_rows,
    childcare_rows,
    education_rows,
    measure_rows,
    moved_away,
    population_extract,
    raw_people,
    support_rows,
)
from geo_bosoc.demo.raw.workbooks import write_education_table, write_estate_table, write_police_table
from geo_bosoc.locate.join import locate
from geo_bosoc.problems import Report


@dataclass(frozen=True)
class RawDemo:
    """What was written, for whoever wants to check a run against the ready tables.

    `rows` are the ready persons of all years with ``fault`` (null: nothing takes them away; ``settled_by_hand``: the
    correction table brings them back); `listed` is the estates' list as ``area_id, address_id``.
    """

    municipality: Municipality
    rows: pl.DataFrame
    listed: pl.DataFrame
    most_residents: int


def write_raw_demo(
    folder: Path, *, seed: int = SEED, residents: int = RESIDENTS, years: tuple[int, ...] = YEARS
) -> RawDemo:
    """Write the made-up municipality as extracts, linked files, lists and workbooks, with a ``bosoc.toml``.

    Parameters as in `geo_bosoc.demo.write_demo`; the people are the same.

    Raises
    ------
    InputError
        The folder holds files of these names that are somebody's own.
    """
    check_folder(folder)
    municipality = make_municipality(residents=residents, years=years, seed=seed)
    with demo_folder(folder) as draft:
        raw, words = write_raw_files(draft, municipality, years)
        texts = {
            "bosoc.toml": fill_template("raw_bosoc.toml", **words),
            "indicators.toml": fill_template("raw_indicators.toml"),
            "data/README.md": fill_template("data_readme.md", seed=str(seed)),
        }
        for name, text in texts.items():
            (draft / name).write_text(text, encoding="utf-8", newline="\n")
    return raw


def write_raw_files(
    draft: Path, municipality: Municipality, years: tuple[int, ...]
) -> tuple[RawDemo, dict[str, str]]:
    """Write the boundaries and registers in raw shape.

    Parameters
    ----------
    draft : Path
        Where they go, below ``data``.
    municipality : Municipality
        Whose people they are about.
    years : tuple of int
        Its years.

    Returns
    -------
    raw : RawDemo
        What was written.
    words : dict of str to str
        What a project file names of it.
    """
    registers, boundaries = draft / "data" / "registers", draft / "data" / "boundaries"
    for subfolder in (registers, boundaries):
        subfolder.mkdir(parents=True, exist_ok=True)
    for name, layer in municipality.boundaries.items():
        write_layer(layer, boundaries / f"{name}.geojson")
    tables = municipality.registers
    persons = pl.concat([tables[f"persons_{year}"] for year in years])
    dwellings = pl.concat([tables[f"dwellings_{year}"] for year in years])
    addresses = tables["addresses"]
    used = persons.select("dwelling_id", "address_id", "period")
    doors = doors_table(pl.concat([dwellings.select(used.columns), used]), addresses)
    people = raw_people(persons, doors, years)
    _write_population(registers, people)
    rows = people.rows
    cases = {
        "forsørgelse": support_rows(rows),
        "uddannelse": education_rows(rows),
        "sigtelser": charge_rows(rows),
        "foranstaltninger": measure_rows(rows, max(years)),
        "pladser": childcare_rows(rows),
        "fravær": absence_rows(rows),
        "ydelser": benefit_rows(rows, years),
    }
    for name, table in cases.items():
        _write(table, registers / f"{name}.csv")
    _write(_survey(tables["survey"], doors), registers / "tryghed.csv")
    write_dar(registers / "dar", doors, MUNICIPALITY_CODE)
    write_bbr(registers / "bbr", dwellings, list(years))
    areas = municipality.boundaries["areas"]
    listed = estate_list(locate(addresses, areas, report=Report()), addresses)
    _write_list(registers, listed, dwellings, max(years))
    _write_corrections(registers, people, doors)
    by_area = rows.join(listed, on="address_id", how="inner")
    write_police_table(registers / "politi.xlsx", by_area, rows, years)
    write_estate_table(registers / "lbf.xlsx", by_area, rows, years)
    write_education_table(registers / "dst.xlsx", by_area, rows, years)
    words = {
        "name": MUNICIPALITY,
        "code": MUNICIPALITY_CODE,
        "periods": ", ".join(f'"{year}"' for year in years),
        "most": str(people.most_residents),
        "shelter": f"{MUNICIPALITY_CODE}{SHELTER}001",
        "renamed": str(listed["area_id"].max()),
    }
    return RawDemo(municipality, rows, listed, people.most_residents), words


def _write(frame: pl.DataFrame, path: Path) -> None:
    """As Danish systems write: semicolons and cp1252."""
    path.write_bytes(frame.write_csv(separator=";", line_terminator="\r\n").encode("cp1252"))


def _write_population(folder: Path, people: RawPeople) -> None:
    """Two extracts that overlap."""
    extract = population_extract(people, MUNICIPALITY_CODE, HALL, SHELTER)
    half = extract.height // 2
    _write(pl.concat([extract.head(half + 500), moved_away(40)]), folder / "befolkning_1.csv")
    _write(extract.slice(half), folder / "befolkning_2.csv")


def _survey(survey: pl.DataFrame, doors: pl.DataFrame) -> pl.DataFrame:
    """The respondents by the KVHX of their entrance, padded as the old address service did."""
    entrance = doors.unique("address_id", keep="first", maintain_order=True)
    house = pl.col("house").str.pad_start(4, "_")
    key = pl.concat_str(
        pl.lit(MUNICIPALITY_CODE), pl.col("street_code").cast(pl.String).str.zfill(4), house, pl.lit("_" * 7)
    )
    keyed = survey.join(entrance, on="address_id", how="left", maintain_order="left")
    return keyed.select(
        pl.col("respondent_id").alias("SVAR_NR"), pl.col("period").alias("AAR"), key.alias("KVHX"),
        pl.col("safety").cast(pl.String).fill_null("").alias("TRYGHED"),
    )  # fmt: skip


def _write_list(folder: Path, listed: pl.DataFrame, dwellings: pl.DataFrame, year: int) -> None:
    """The organisations' list: one estate changed its number, and every other row was closed and written anew."""
    renamed = str(listed["area_id"].max())
    homes = dwellings.filter(pl.col("period") == str(year)).join(listed, on="address_id")
    count = homes.group_by("area_id").len("BOLIGER")
    rows = listed.join(count, on="area_id", how="left", maintain_order="left").select(
        pl.when(pl.col("area_id") == renamed).then(pl.lit("Afd. " + renamed)).otherwise("area_id").alias("AFDELING"),
        house_id().alias("HUSNUMMER_ID"), pl.lit("01-01-2000").alias("FRA"), pl.lit("31-12-9999").alias("TIL"),
        "BOLIGER",
    )  # fmt: skip
    reopened = pl.int_range(pl.len()) % 2 == 0
    closed = rows.with_columns(pl.when(reopened).then(pl.lit("01-07-2022")).otherwise("TIL").alias("TIL"))
    reopening = rows.filter(reopened).with_columns(pl.lit("01-07-2022").alias("FRA"))
    _write(pl.concat([closed, reopening]), folder / "afdelinger.csv")


def _write_corrections(folder: Path, people: RawPeople, doors: pl.DataFrame) -> None:
    """What was settled by hand: streets that changed their code."""
    homes = people.stays.filter(pl.col("fault") == "settled_by_hand")["dwelling_id"].unique()
    moved = doors.filter(pl.col("dwelling_id").is_in(homes.implode())).sort("dwelling_id")

    def key(street: pl.Expr) -> pl.Expr:
        code = street.cast(pl.String).str.zfill(4)
        return pl.concat_str(pl.lit(MUNICIPALITY_CODE), code, "house", "floor", "door", separator="-")

    table = moved.select(
        key(pl.col("street_code") + NOWHERE).alias("from"), key(pl.col("street_code")).alias("to"),
        pl.lit("abc").alias("initials"), pl.lit("01-03-2024").alias("date"),
    )  # fmt: skip
    _write(table, folder / "rettelser.csv")
