"""Places that the made-up municipality's staff have named, as they write them: some well, some badly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from geo_bosoc.demo.dwellings import Stock
from geo_bosoc.demo.estates import Estate
from geo_bosoc.demo.geography import ORIGIN

COLUMNS: Final = ("nomination_id", "unit", "date", "concern", "area_id", "address", "x", "y", "name")
_Row = tuple[str, str, str, str, float | None, float | None, str]


def nominations_table(estates: Sequence[Estate], stock: Stock, year: int) -> pl.DataFrame:
    """One row a nomination in the autumn before `year`.

    The worst estates are named by several units, each in its own way; one quiet estate, some detached houses, a small
    terrace and an estate in between are named too; one name is spelled so that a person must settle it, and one means
    nothing here. The private blocks where life is hard are named by nobody.
    """
    large = [estate for estate in estates if estate.plan.residents > 500] or list(estates)
    ranked = sorted(large, key=lambda one: one.plan.rank)
    worst, second = ranked[0], ranked[min(1, len(ranked) - 1)]
    middle, calm = ranked[int(0.45 * (len(ranked) - 1))], ranked[-1]
    inside = _addresses(stock, estates.index(worst))
    villas = _streets(stock, "villa", 8)
    small = _streets(stock, "terrace", 4) or villas
    spot = stock.xy[inside[len(inside) // 2]] + np.array(ORIGIN) if inside.size else np.array(ORIGIN)
    rows: list[_Row] = [
        ("school", "unrest", worst.area_id, "", None, None, ""),
        ("job_centre", "unemployment", "", "", None, None, f"Boligforeningen {worst.name.upper()}, afd. 2"),
        ("ssp", "young people outside at night", "", _address(stock, inside), None, None, ""),
        ("social_psychiatry", "loneliness", "", "", round(float(spot[0]), 1), round(float(spot[1]), 1), ""),
        ("day_care", "families in need", "", "", None, None, _plain(second.name)),
        ("school", "absence", second.area_id, "", None, None, ""),
        ("ssp", "rumours", "", "", None, None, calm.name),
        ("elderly_care", "loneliness", "", "", None, None, villas[0]),
        ("day_care", "families in need", "", "", None, None, small[-1]),
        ("job_centre", "unemployment", middle.area_id, "", None, None, ""),
        ("school", "unrest", "", "", None, None, _misspelled(ranked[min(3, len(ranked) - 1)].name)),
        ("ssp", "unrest", "", "", None, None, "bag ved den gamle biograf"),
    ]
    dates = [f"{year - 1}-{9 + at // 5:02d}-{3 + 5 * (at % 5):02d}" for at in range(len(rows))]
    return pl.DataFrame(
        [
            (f"M{at:02d}", row[0], when, *row[1:])
            for at, (row, when) in enumerate(zip(rows, dates, strict=True), start=1)
        ],
        schema={name: pl.Float64 if name in ("x", "y") else pl.String for name in COLUMNS},
        orient="row",
    )


def _addresses(stock: Stock, estate: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    sites = [at for at, site in enumerate(stock.sites) if site.estate == estate]
    return np.flatnonzero(np.isin(stock.site, sites)).astype(np.int64)


def _address(stock: Stock, inside: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    at = int(inside[0]) if inside.size else 0
    return f"{stock.street[at]} {stock.number[at]}, 2. tv"


def _streets(stock: Stock, kind: str, least: int) -> list[str]:
    """Streets of a kind of quarter with at least so many doors, the longest first."""
    of = np.array([site.kind == kind for site in stock.sites])[stock.site]
    names, many = np.unique(stock.street[of].astype(str), return_counts=True)
    order = np.lexsort((names, -many))
    return [str(names[at]) for at in order if many[at] >= least]


def _plain(name: str) -> str:
    """A name as it is typed without Danish letters."""
    for letter, pair in (("æ", "ae"), ("ø", "oe"), ("å", "aa"), ("Æ", "Ae"), ("Ø", "Oe"), ("Å", "Aa")):
        name = name.replace(letter, pair)
    return name


def _misspelled(name: str) -> str:
    """A name with its end taken for another one."""
    return name[: max(4, len(name) - 3)] + "en nord"
