"""The made-up addresses and dwellings as DAR's and BBR's linked files, and the organisations' list of addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.demo.raw.people import number_of

_T: Final = "T00:00:00.000000+01:00"
_FIRST_STREET: Final = 101
HALL, SHELTER = "8001", "8002"
"""Street codes of the town hall and of the shelter."""


def doors_table(dwellings: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """Each dwelling's address in parts: ``dwelling_id, address_id, street_code, house, floor, door, x, y``."""
    streets = addresses.select(pl.col("street").unique().sort()).with_columns(
        street_code=pl.int_range(_FIRST_STREET, _FIRST_STREET + pl.len())
    )
    duplicate = pl.int_range(pl.len()).over("street", "number")
    letters = (
        pl.when(duplicate == 0)
        .then(pl.lit(""))
        .otherwise(
            duplicate.replace_strict(
                {n: chr(64 + n) for n in range(1, 27)}, default="Z", return_dtype=pl.String
            )
        )
    )
    house = addresses.sort("address_id").with_columns(
        (pl.col("number").cast(pl.String) + letters).alias("house")
    )
    house = house.join(streets, on="street", how="left").select(
        "address_id", "street_code", "house", "x", "y"
    )
    homes = dwellings.sort("dwelling_id", "period").unique("dwelling_id", keep="first", maintain_order=True)
    rank, dwelling_count = pl.int_range(pl.len()).over("address_id"), pl.len().over("address_id")
    level = rank // 2
    floor = (
        pl.when(dwelling_count == 1)
        .then(pl.lit(""))
        .when(level == 0)
        .then(pl.lit("st"))
        .otherwise(level.cast(pl.String))
    )
    door = (
        pl.when(dwelling_count == 1)
        .then(pl.lit(""))
        .when(rank % 2 == 0)
        .then(pl.lit("tv"))
        .otherwise(pl.lit("th"))
    )
    flats = homes.select("dwelling_id", "address_id").with_columns(floor.alias("floor"), door.alias("door"))
    return flats.join(house, on="address_id", how="left", maintain_order="left")


def _id(letter: str, number: pl.Expr) -> pl.Expr:
    """An id of the shape that registries use."""
    digits = number.cast(pl.String).str.zfill(12)
    return pl.concat_str(pl.lit(f"{letter}0000000-0000-4000-8000-"), digits)


def house_id(column: str = "address_id") -> pl.Expr:
    """DAR's id of the entrance of a ready address."""
    return _id("b", number_of(column))


def _write(frame: pl.DataFrame, path: Path) -> None:
    path.write_text(frame.write_csv(separator=","), encoding="utf-8", newline="\n")


def write_dar(folder: Path, doors: pl.DataFrame, code: str) -> None:
    """Adresse, Husnummer, Adressepunkt (JSON) and NavngivenVejKommunedel, with closed and superseded versions."""
    folder.mkdir(parents=True, exist_ok=True)
    validity = {"status": pl.lit("3"), "virkningFra": pl.lit(f"2010-01-01{_T}"), "virkningTil": pl.lit("")}
    validity |= {"registreringFra": pl.lit(f"2010-01-01{_T}"), "registreringTil": pl.lit("")}
    current = [value.alias(name) for name, value in validity.items()]
    adresse = doors.select(
        _id("a", number_of("dwelling_id")).alias("id_lokalId"), house_id().alias("husnummer"),
        pl.col("floor").alias("etagebetegnelse"), pl.col("door").alias("doerbetegnelse"), *current,
    )  # fmt: skip
    old = adresse.filter(pl.int_range(pl.len()) % 50 == 0).with_columns(
        virkningTil=pl.lit(f"2010-01-01{_T}"), virkningFra=pl.lit(f"1990-01-01{_T}")
    )
    wrong = adresse.filter(pl.int_range(pl.len()) % 60 == 0).with_columns(
        registreringTil=pl.lit(f"2012-01-01{_T}"), husnummer=pl.lit("elsewhere")
    )
    points = doors.unique("address_id", keep="first", maintain_order=True)
    middle = points.select(pl.col("x").mean().round(1), pl.col("y").mean().round(1)).row(0)
    extra = pl.DataFrame(
        {
            "n": [900_001, 900_002],
            "x": [middle[0], middle[0] + 60],
            "y": [middle[1]] * 2,
            "street_code": [int(HALL), int(SHELTER)],
        }
    )
    special = extra.select(
        _id("a", pl.col("n")).alias("id_lokalId"), _id("b", pl.col("n")).alias("husnummer"),
        pl.lit("").alias("etagebetegnelse"), pl.lit("").alias("doerbetegnelse"), *current,
    )  # fmt: skip
    _write(pl.concat([adresse, old, wrong, special]), folder / "Adresse.csv")
    houses = pl.concat(
        [
            points.select(number_of("address_id").alias("n"), "house", "street_code"),
            extra.select("n", pl.lit("1").alias("house"), pl.col("street_code").cast(pl.Int64)),
        ]
    )
    husnummer = houses.select(
        _id("b", pl.col("n")).alias("id_lokalId"), pl.col("house").alias("husnummertekst"),
        _id("c", pl.col("n")).alias("adgangspunkt"), pl.concat_str(pl.lit("m"), pl.col("n") // 3).alias("jordstykke"),
        pl.concat_str(pl.lit("v"), "street_code").alias("navngivenVej"), *current,
    )  # fmt: skip
    _write(husnummer, folder / "Husnummer.csv")
    positions = pl.concat(
        [points.select(number_of("address_id").alias("n"), "x", "y"), extra.select("n", "x", "y")]
    )
    wkt = pl.format("POINT ({} {})", pl.col("x"), pl.col("y"))
    rows = positions.select(
        _id("c", pl.col("n")).alias("id_lokalId"), wkt.alias("position"), *current
    ).to_dicts()
    text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "Adressepunkt.json").write_text(f"[\n{text}\n]\n", encoding="utf-8", newline="\n")
    codes = houses.select("street_code").unique().sort("street_code")
    roads = codes.select(
        pl.lit(code).alias("kommune"), pl.col("street_code").cast(pl.String).str.zfill(4).alias("vejkode"),
        pl.concat_str(pl.lit("v"), "street_code").alias("navngivenVej"), *current,
    )  # fmt: skip
    _write(roads, folder / "NavngivenVejKommunedel.csv")


def write_bbr(folder: Path, dwellings: pl.DataFrame, years: list[int]) -> None:
    """Enhed, Bygning, Grund and Ejendomsrelation: dwellings that come and go by their dates; closed versions."""
    folder.mkdir(parents=True, exist_ok=True)
    stands = dwellings.with_columns(year=pl.col("period").cast(pl.Int64)).sort("dwelling_id", "year")
    homes = stands.group_by("dwelling_id", maintain_order=True).agg(
        pl.col("address_id", "bbr_use", "bbr_ownership", "m2", "built").first(),
        pl.col("year").min().alias("first"), pl.col("year").max().alias("last"),
    )  # fmt: skip
    since = pl.format("{}-06-01{}", pl.col("first") - 1, pl.lit(_T))
    begins = pl.when(pl.col("first") > min(years)).then(since).otherwise(pl.lit(f"2010-01-01{_T}"))
    ends = (
        pl.when(pl.col("last") < max(years))
        .then(pl.format("{}-06-01{}", pl.col("last"), pl.lit(_T)))
        .otherwise(pl.lit(""))
    )
    number = number_of("dwelling_id")
    enhed = homes.select(
        _id("d", number).alias("id_lokalId"),
        pl.format("{}-{}", pl.lit("byg"), number_of("address_id")).alias("bygning"),
        _id("a", number).alias("adresseIdentificerer"),
        pl.lit("7").alias("status"),
        begins.alias("virkningFra"),
        ends.alias("virkningTil"),
        pl.col("bbr_use").cast(pl.String).alias("enh020EnhedensAnvendelse"),
        pl.lit("1").alias("enh023Boligtype"),
        pl.col("m2").cast(pl.String).alias("enh026EnhedensSamledeAreal"),
    )
    closed = enhed.filter(pl.int_range(pl.len()) % 20 == 0).with_columns(
        virkningFra=pl.lit(f"1990-01-01{_T}"),
        virkningTil=pl.lit(f"2010-01-01{_T}"),
        enh026EnhedensSamledeAreal=pl.lit("1"),
    )
    planned = enhed.filter(pl.int_range(pl.len()) % 90 == 0).with_columns(
        pl.concat_str("id_lokalId", pl.lit("x")).alias("id_lokalId"), status=pl.lit("2")
    )
    _write(pl.concat([enhed, closed, planned]), folder / "Enhed.csv")
    first = homes.unique("address_id", keep="first", maintain_order=True)
    building = pl.format("{}-{}", pl.lit("byg"), number_of("address_id"))
    owner = pl.col("bbr_ownership").cast(pl.String)
    _write(
        first.select(
            building.alias("id_lokalId"), house_id().alias("husnummer"),
            pl.concat_str(pl.lit("g-"), owner).alias("grund"), pl.lit("6").alias("status"),
            pl.col("built").cast(pl.String).alias("byg026Opfoerelsesaar"),
        ),
        folder / "Bygning.csv",
    )  # fmt: skip
    owners = homes.select("bbr_ownership").unique().sort("bbr_ownership")
    _write(
        owners.select(
            pl.concat_str(pl.lit("g-"), owner).alias("id_lokalId"),
            pl.concat_str(pl.lit("f-"), owner).alias("bestemtFastEjendom"),
        ),
        folder / "Grund.csv",
    )
    _write(
        owners.select(
            pl.concat_str(pl.lit("f-"), owner).alias("id_lokalId"),
            pl.concat_str(pl.lit("8"), owner).alias("bfeNummer"),
            owner.alias("ejendommensEjerforholdskode"),
        ),
        folder / "Ejendomsrelation.csv",
    )  # fmt: skip
    mixed = homes.join(
        first.select("address_id", pl.col("bbr_ownership").alias("of_building")), on="address_id"
    )
    condominiums = mixed.filter(pl.col("bbr_ownership") != pl.col("of_building"))
    _write(
        condominiums.select(
            _id("d", number).alias("enhed"), pl.concat_str(pl.lit("f-"), owner).alias("ejerlejlighed")
        ),
        folder / "EnhedEjendomsrelation.csv",
    )


def estate_list(located: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """``area_id, address_id``: the estates' addresses, which disagree with four outlines.

    Two addresses inside each of the first three outlines are private and not listed; two that lie in no area belong to
    the fourth.
    """
    inside = located.select("address_id", pl.col("area_id").cast(pl.String)).sort("area_id", "address_id")
    areas = sorted(inside["area_id"].unique())
    private = (pl.int_range(pl.len()).reverse().over("area_id") < 2) & pl.col("area_id").is_in(areas[:3])
    listed = inside.filter(~private)
    if len(areas) > 3:
        outside = addresses.join(inside, on="address_id", how="anti").sort("address_id").head(2)
        additions = outside.select("address_id", pl.lit(areas[3]).alias("area_id"))
        listed = pl.concat([listed, additions.select(listed.columns)])
    return listed.select("area_id", "address_id").sort("area_id", "address_id")
