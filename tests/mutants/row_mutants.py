"""What goes wrong with rows about persons, with their addresses, and with boundaries."""

from __future__ import annotations

import random
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
from clean_project import Clean
from registry import SHEETS, TEXT, mutant
from shapely import affinity, transform
from shapely.geometry import box

BESIDE = "beside another period"


def persons(clean: Clean) -> list[Any]:
    return [clean.sheets["persons_2023"], clean.sheets["persons_2024"]]


# ---- persons: in the file


@mutant("persons twice")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["persons_2024"]
    sheet.rows += [list(row) for row in draw.sample(sheet.body, 3)]


@mutant("persons without a key")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["persons_2023"]
    for row in draw.sample(sheet.body, 5):
        row[0] = None


@mutant("persons without an address")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["persons_2023"]
    for row in draw.sample(sheet.body, 60):
        row[1] = None


@mutant("addresses in another case")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("address_id", str.upper)


@mutant("addresses of one year in another case")
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["persons_2024"].change("address_id", str.upper)


@mutant("ages below nothing")
def _(clean: Clean, draw: random.Random) -> None:
    draw.choice(clean.sheets["persons_2023"].body)[2] = -1


@mutant("an age of 140")
def _(clean: Clean, draw: random.Random) -> None:
    draw.choice(clean.sheets["persons_2023"].body)[2] = draw.choice([140, 999])


@mutant("ages by a hundred")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("alder", lambda age: age * 100)


@mutant("text for an age", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    draw.choice(clean.sheets["persons_2023"].body)[2] = "ukendt"


@mutant("ages all empty")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("alder", lambda _: None)


@mutant("absence below nothing")
def _(clean: Clean, draw: random.Random) -> None:
    rows = [row for row in clean.sheets["persons_2023"].body if 6 <= row[2] <= 16]
    draw.choice(rows)[4] = -5.0


@mutant("sign of absence")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("fravaer", lambda value: -value)


@mutant("absence of more than all")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("fravaer", lambda value: value * 100)


@mutant("absence all empty")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("fravaer", lambda _: None)


@mutant("finer absence than its scale")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("fravaer", lambda value: value + 0.04)


@mutant("absence with another decimal mark", ["csv"])
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.decimal = "."


@mutant("a status in another case")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("arbejde", str.upper)


@mutant("a status in another case in one year")
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["persons_2024"].change("arbejde", str.capitalize)


@mutant("a status in another case in some rows")
def _(clean: Clean, draw: random.Random) -> None:
    for row in draw.sample(clean.sheets["persons_2024"].body, 60):
        row[3] = row[3].capitalize()


@mutant("a status with blanks", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("arbejde", lambda word: f"{word} ")


@mutant("a status all empty")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("arbejde", lambda _: None)


@mutant("a status in other words")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        sheet.change("arbejde", lambda word: {"ja": "1", "nej": "0"}[word])


@mutant("a column of persons is not there")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        for row in sheet.rows:
            del row[3]


@mutant("columns of persons exchanged")
def _(clean: Clean, draw: random.Random) -> None:
    for sheet in persons(clean):
        head = sheet.head
        head[2], head[4] = head[4], head[2]


@mutant("no persons")
def _(clean: Clean, draw: random.Random) -> None:
    del clean.sheets["persons_2024"].rows[1:]


@mutant("a year is the copy of the other", ["csv", "parquet", "json"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["persons_2024"].rows = [list(row) for row in clean.sheets["persons_2023"].rows]


@mutant("blank rows among persons", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["persons_2023"].rows.insert(200, [None] * 5)


# ---- addresses


@mutant("x and y exchanged", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    head = clean.sheets["addresses"].head
    head[1], head[2] = head[2], head[1]


@mutant("x and y exchanged in some rows", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    for row in draw.sample(clean.sheets["addresses"].body, 40):
        row[1], row[2] = row[2], row[1]


@mutant("addresses at nought", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    for row in draw.sample(clean.sheets["addresses"].body, draw.choice([3, 80])):
        row[1], row[2] = 0.0, 0.0


@mutant("addresses in degrees", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    degrees = pyproj.Transformer.from_crs(25832, 4326, always_xy=True)
    for row in clean.sheets["addresses"].body:
        row[1], row[2] = degrees.transform(row[1], row[2])


@mutant("addresses in zone 33", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    other = pyproj.Transformer.from_crs(25832, 25833, always_xy=True)
    for row in clean.sheets["addresses"].body:
        row[1], row[2] = other.transform(row[1], row[2])


@mutant("addresses in kilometres", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    for row in clean.sheets["addresses"].body:
        row[1], row[2] = row[1] / 1_000, row[2] / 1_000


@mutant("an address at two places", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["addresses"]
    row = list(draw.choice(sheet.body))
    row[1] += 700.0
    sheet.rows.append(row)


@mutant("a tenth of the addresses left out", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["addresses"]
    gone = set(draw.sample(range(1, len(sheet.rows)), len(sheet.rows) // 8))
    sheet.rows = [row for at, row in enumerate(sheet.rows) if at not in gone]


@mutant("coordinates left out", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    for row in draw.sample(clean.sheets["addresses"].body, 30):
        row[1] = None


# ---- boundaries


def _moved(clean: Clean, change: Any) -> None:
    clean.layer = clean.layer.set_geometry([change(one) for one in clean.layer.geometry], crs=clean.layer.crs)


@mutant("boundaries with their axes exchanged")
def _(clean: Clean, draw: random.Random) -> None:
    _moved(clean, lambda shape: transform(shape, lambda xy: xy[:, ::-1]))


@mutant("boundaries in degrees called metres")
def _(clean: Clean, draw: random.Random) -> None:
    degrees = pyproj.Transformer.from_crs(25832, 4326, always_xy=True).transform
    _moved(clean, lambda shape: transform(shape, degrees, interleaved=False))


@mutant("boundaries in zone 33 called 32", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    other = pyproj.Transformer.from_crs(25832, 25833, always_xy=True).transform
    _moved(clean, lambda shape: transform(shape, other, interleaved=False))


@mutant("boundaries a hundred kilometres away", also=["persons"])
def _(clean: Clean, draw: random.Random) -> None:
    _moved(clean, lambda shape: affinity.translate(shape, -60_000, 100_000))


@mutant("boundaries in degrees, and told so")
def _(clean: Clean, draw: random.Random) -> None:
    clean.layer = clean.layer.to_crs(4326)


@mutant("boundaries without a CRS", ["xlsx", "parquet", "json"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.layer = clean.layer.set_crs(None, allow_override=True)


@mutant("an area that is not drawn", also=["people", "police", "income", "persons"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.layer = clean.layer.drop(index=draw.randrange(len(clean.layer))).reset_index(drop=True)


@mutant("an area drawn twice")
def _(clean: Clean, draw: random.Random) -> None:
    row = clean.layer.iloc[[draw.randrange(len(clean.layer))]]
    clean.layer = gpd.GeoDataFrame(pd.concat([clean.layer, row], ignore_index=True), crs=clean.layer.crs)


@mutant("an area drawn twice under two ids", also=["people", "police", "income"])
def _(clean: Clean, draw: random.Random) -> None:
    row = clean.layer.iloc[[draw.randrange(len(clean.layer))]].assign(area_id="0199")
    clean.layer = gpd.GeoDataFrame(pd.concat([clean.layer, row], ignore_index=True), crs=clean.layer.crs)


@mutant("an id for two areas")
def _(clean: Clean, draw: random.Random) -> None:
    clean.layer.loc[5, "area_id"] = clean.layer.loc[4, "area_id"]


@mutant("an area without an id", also=["people", "police", "income"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.layer.loc[draw.randrange(12), "area_id"] = None


@mutant("area ids as numbers", ["csv", "parquet"], also=["people", "police", "income"])
def _(clean: Clean, draw: random.Random) -> None:
    kind = draw.choice([int, float])
    clean.layer["area_id"] = [kind(one) for one in clean.layer["area_id"]]


@mutant("area ids in another case", ["xlsx", "json"], also=["people", "police", "income"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.layer["area_id"] = clean.layer["area_id"].str.lower()


@mutant("an area of nothing")
def _(clean: Clean, draw: random.Random) -> None:
    clean.layer.loc[3, "geometry"] = box(575_000, 6_224_000, 575_000, 6_225_000)


@mutant("an area at nought")
def _(clean: Clean, draw: random.Random) -> None:
    clean.layer.loc[3, "geometry"] = box(0, 0, 1_000, 1_000)


# ---- beside another period


@mutant("a tenth of the persons left out", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["persons_2024"]
    gone = set(draw.sample(range(1, len(sheet.rows)), len(sheet.rows) // 10))
    sheet.rows = [row for at, row in enumerate(sheet.rows) if at not in gone]


@mutant("the end of the persons left out", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    del clean.sheets["persons_2024"].rows[-62:]


@mutant("a tenth of the persons doubled", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["persons_2024"]
    sheet.rows += [list(row) for row in draw.sample(sheet.body, len(sheet.body) // 10)]


@mutant("a tenth of the persons doubled under other keys", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["persons_2024"]
    sheet.rows += [[f"q{row[0]}", *row[1:]] for row in draw.sample(sheet.body, len(sheet.body) // 10)]


@mutant("absence of one year by ten", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["persons_2024"].change("fravaer", lambda value: round(value / 10, 1))


@mutant("a status of one year turned round", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["persons_2024"].change("arbejde", lambda word: {"ja": "nej", "nej": "ja"}[word])
