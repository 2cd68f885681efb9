"""A first project of a user's kind: small made-up files as theirs look, and a project file that runs on them.

The people, addresses and areas are those of a small made-up municipality (`geo_bosoc.demo.municipality`), under the
names that Danish files have. Each line of the project file that a user is to change is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, get_args

import polars as pl

from geo_bosoc.demo.folder import demo_folder
from geo_bosoc.demo.municipality import (
    SEED,
    Municipality,
    fill_template,
    make_municipality,
    write_layer,
)
from geo_bosoc.demo.raw.workbooks import write_estate_table
from geo_bosoc.demo.raw.write import write_raw_files
from geo_bosoc.project.spec import PROJECT_FILE
from geo_bosoc.project.start.folder import marked_text, refuse_project_file, write_gitignore
from geo_bosoc.text.catalogue import Language

StartKind = Literal["tables", "persons", "raw"]
"""Finished tables for each area; rows of persons with addresses; raw extracts, linked files and lists."""

START_KINDS: Final[tuple[StartKind, ...]] = get_args(StartKind)
RESIDENTS: Final = 9_000
YEARS: Final = (2023, 2024)
_LAYERS: Final = ("areas", "municipality")
_MUNICIPALITY_ROW: Final = "Kommunen"
_LABOUR: Final = {
    "employed": "i arbejde",
    "student": "uddannelse",
    "early_retirement": "efterløn",
    "pension": "folkepension",
    "outside": "uden for",
}
_FREE_PLACE: Final = {"full": "fuld", "partial": "delvis", "none": "ingen"}
_EDUCATION: Final = {
    "basic": "grundskole",
    "upper_secondary": "gymnasial",
    "vocational": "faglært",
    "higher": "videregående",
}


def write_start(folder: Path, kind: StartKind = "persons", *, language: Language = "da") -> list[Path]:
    """Write a small project of a kind that passes ``check`` and ``run`` as it is.

    Parameters
    ----------
    folder : Path
        Where to write; made if it is not there.
    kind : {"tables", "persons", "raw"}, optional
        What the user's files are like.
    language : {"da", "en"}, optional
        Of the comments, and of the project.

    Returns
    -------
    list of Path
        The project file, and what else stands beside it.

    Raises
    ------
    InputError
        The folder holds a project file, or files of these names: nothing is written over.
    """
    refuse_project_file(folder)
    municipality = make_municipality(residents=RESIDENTS, years=YEARS, seed=SEED)
    write_files, texts = _KINDS[kind]
    with demo_folder(folder, command="init my-project") as draft:
        registers, boundaries = draft / "data" / "registers", draft / "data" / "boundaries"
        for subfolder in (registers, boundaries):
            subfolder.mkdir(parents=True, exist_ok=True)
        words = {"periods": ", ".join(f'"{year}"' for year in YEARS), "seed": str(SEED)}
        words |= write_files(draft, municipality)
        for name, template in texts.items():
            text = marked_text(fill_template(template, **words), language)
            (draft / name).write_text(text, encoding="utf-8", newline="\n")
    return [*(folder / name for name in texts), *write_gitignore(folder)]


def _write_layers(draft: Path, municipality: Municipality) -> None:
    for name in _LAYERS:
        write_layer(municipality.boundaries[name], draft / "data" / "boundaries" / f"{name}.geojson")


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    """As a Danish spreadsheet writes: semicolons, decimal comma, cp1252."""
    text = frame.write_csv(separator=";", decimal_comma=True, line_terminator="\r\n")
    path.write_bytes(text.encode("cp1252"))


def _write_persons(draft: Path, municipality: Municipality) -> Mapping[str, str]:
    """A file of persons a year, their addresses, and the survey."""
    registers, tables = draft / "data" / "registers", municipality.registers
    _write_layers(draft, municipality)
    for year in YEARS:
        _write_csv(_danish_persons(tables[f"persons_{year}"]), registers / f"borgere_{year}.csv")
    addresses = tables["addresses"].select(
        pl.col("address_id").alias("adresse_id"), pl.col("x").alias("oest"), pl.col("y").alias("nord")
    )
    _write_csv(addresses, registers / "adresser.csv")
    survey = tables["survey"].select(
        pl.col("respondent_id").alias("svar_nr"), pl.col("period").alias("aar"),
        pl.col("address_id").alias("adresse_id"), pl.col("safety").alias("tryghed"),
    )  # fmt: skip
    _write_csv(survey, registers / "tryghed.csv")
    return {}


def _danish_persons(persons: pl.DataFrame) -> pl.DataFrame:
    return persons.select(
        pl.col("person_id").alias("borger_nr"),
        pl.col("address_id").alias("adresse_id"),
        pl.col("age").alias("alder"),
        pl.col("labour").replace(_LABOUR).alias("forsoergelse"),
        pl.col("health_measure").cast(pl.Int8).alias("helbredsydelse"),
        pl.col("charged").cast(pl.Int8).alias("sigtet"),
        pl.col("measures").cast(pl.Int8).alias("foranstaltning"),
        pl.col("free_place").replace(_FREE_PLACE).alias("friplads"),
        pl.col("absence_pct").alias("fravaer_pct"),
        pl.col("education").replace(_EDUCATION).alias("uddannelse"),
        pl.col("in_education").cast(pl.Int8).alias("under_uddannelse"),
    )


def _write_tables(draft: Path, municipality: Municipality) -> Mapping[str, str]:
    """A CSV with the model's figures for each area and year, and a workbook with the years across."""
    registers, tables = draft / "data" / "registers", municipality.registers
    _write_layers(draft, municipality)
    estates = tables["addresses"].select("address_id", area_id="estate_id")
    rows = pl.concat([tables[f"persons_{year}"] for year in YEARS]).join(estates, on="address_id", how="left")
    answers = tables["survey"].join(estates, on="address_id", how="left")
    keys = ["area_id", "period"]
    everybody = pl.lit(_MUNICIPALITY_ROW).alias("area_id")
    figures, safety = (
        pl.concat([part.filter(pl.col("area_id").is_not_null()), part.with_columns(everybody)])
        .group_by(by)
        .agg(**sums)
        for part, by, sums in ((rows, keys, _PERSON_SUMS), (answers, ["area_id"], _ANSWER_SUMS))
    )
    table = figures.join(safety, on="area_id", how="left").sort("period", "area_id")
    _write_csv(table.rename({"area_id": "omraade", "period": "aar"}), registers / "noegletal.csv")
    by_area = rows.filter(pl.col("area_id").is_not_null()).with_columns(year=pl.col("period").cast(pl.Int64))
    write_estate_table(registers / "lbf.xlsx", by_area, rows, YEARS)
    return {}


def _count(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(False).sum()


_ADULT, _YOUNG, _CHILD = (pl.col("age").is_between(*ages) for ages in ((18, 64), (10, 17), (0, 17)))
_PUPIL, _PLACE, _AGED_24 = (
    pl.col("absence_pct").is_not_null(),
    pl.col("free_place").is_not_null(),
    pl.col("age") == 24,
)
_PERSON_SUMS: Final[Mapping[str, pl.Expr]] = {
    "beboere": pl.len(),
    "voksne_18_64": _count(_ADULT & pl.col("labour").is_not_null()),
    "uden_for_arbejdsmarkedet": _count(_ADULT & (pl.col("labour") == "outside")),
    "paa_helbredsydelse": _count(_ADULT & pl.col("labour").is_not_null() & pl.col("health_measure")),
    "unge_10_17": _count(_YOUNG),
    "sigtede_10_17": _count(_YOUNG & pl.col("charged")),
    "boern_0_17": _count(_CHILD),
    "boern_med_foranstaltning": _count(_CHILD & pl.col("measures")),
    "boern_i_pasning": _count(_PLACE),
    "fuld_friplads": _count(pl.col("free_place") == "full"),
    "elever": _count(_PUPIL),
    "fravaer_pct": pl.col("absence_pct").mean().round(2),
    "aarige_24": _count(_AGED_24 & pl.col("education").is_not_null()),
    "uden_ungdomsuddannelse_24": _count(
        _AGED_24 & (pl.col("education") == "basic") & ~pl.col("in_education")
    ),
}
_ANSWER_SUMS: Final[Mapping[str, pl.Expr]] = {
    "adspurgte": pl.col("safety").count().cast(pl.Int64),
    "utrygge": _count(pl.col("safety") >= 5),
}


def _write_raw(draft: Path, municipality: Municipality) -> Mapping[str, str]:
    return write_raw_files(draft, municipality, YEARS)[1]


_README: Final = {"data/README.md": "start_readme.md"}
_KINDS: Final[
    Mapping[StartKind, tuple[Callable[[Path, Municipality], Mapping[str, str]], Mapping[str, str]]]
] = {
    "tables": (
        _write_tables,
        {PROJECT_FILE: "start_tables.toml", "indicators.toml": "start_tables_indicators.toml", **_README},
    ),
    "persons": (
        _write_persons,
        {PROJECT_FILE: "start_persons.toml", "indicators.toml": "start_persons_indicators.toml", **_README},
    ),
    "raw": (
        _write_raw,
        {PROJECT_FILE: "start_raw.toml", "indicators.toml": "raw_indicators.toml", **_README},
    ),
}
