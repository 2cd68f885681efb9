"""Made-up Danish names: a municipality, districts, estates and streets that are nobody's."""

from __future__ import annotations

from typing import Final

import numpy as np

MUNICIPALITY: Final = "Mågesund Kommune"
MUNICIPALITY_CODE: Final = "0999"
REGION_CODE: Final = "1099"

DISTRICTS: Final[tuple[tuple[str, float, float], ...]] = (
    ("Mågesund Midtby", 8250, 7900),
    ("Nordbassinet", 9500, 8900),
    ("Sydbassinet", 9400, 6700),
    ("Egernbakken", 7900, 9700),
    ("Rævedalen", 6300, 9000),
    ("Vester Uglemark", 5900, 7400),
    ("Teglmosen", 6700, 5900),
    ("Sandløkken", 8300, 5000),
    ("Stranduglen", 11200, 5600),
    ("Klinteby og Nordlandet", 10600, 11900),
    ("Søholtinge", 5200, 11700),
    ("Hvidmosted", 3000, 8400),
    ("Grævlingerød", 3900, 4600),
    ("Sønder Tangby", 9000, 2600),
)
"""Name and middle (metres in the local frame) of each district."""

VILLAGES: Final[tuple[tuple[str, float, float], ...]] = (
    ("Klinteby", 11100, 12100), ("Søholtinge", 4700, 11800), ("Hvidmosted", 2900, 8000),
    ("Grævlingerød", 3700, 4300), ("Sønder Tangby", 9300, 2500), ("Uglestrand", 12600, 5600),
    ("Nørre Ravnlund", 7900, 12700),
)  # fmt: skip

ESTATES: Final = (
    "Hejrekæret", "Tranehegnet", "Mågeparken", "Sandløkkens Gårde",
    "Kvædevangen", "Uglevangen", "Bølgetoften", "Rævedalsparken", "Egernbakkens Kvarter", "Teglmosegård",
    "Brombærbuen", "Havtornsvænget", "Stærekrogen", "Kliteparken", "Vindrosegården", "Muslingehaven",
    "Tangbakkerne", "Slåenskrænten", "Rørspurvens Kvarter", "Mosekonebo", "Gyvelgården", "Ternevangen",
    "Lyngsneppen", "Fyrmesterens Have", "Skibsdrengens Gård", "Rebslagervangen", "Sølvpilsborg",
    "Hornuglevænget", "Blishønekrogen", "Ravkysten", "Tjørnesalen", "Pileskovens Gårde", "Krikandsbo",
    "Bukkebladet", "Kampestensgården", "Ålekistebo", "Strandskadegården", "Vibekæret", "Dueurtsparken",
    "Lodsens Kvarter", "Spidsmusebo", "Gæslingevangen", "Kærmindekrogen", "Hulsøbo", "Træskomagerens Have",
    "Ankersmedens Gård", "Klitrosebo", "Mispelparken", "Nøkkerosen", "Smedjestien", "Elverbo",
    "Natsværmervænget", "Mejeristbo", "Stationsmesterbo", "Hyldemorsvangen", "Bjørnebrombo", "Søkalvbo",
    "Lygtemandsgården", "Vadefuglebo", "Ørretbækken", "Garverløkken", "Trompetgården",
)  # fmt: skip
VILLAGE_ESTATES: Final = (
    "Klintebyhusene", "Søholtingebo", "Hvidmostedhusene", "Grævlingebo", "Tangbybo", "Uglestrandhusene",
    "Ravnlundsbo",
)  # fmt: skip

SCHOOLS: Final = (
    "Egernskolen", "Mågeskolen", "Uglemarkskolen", "Teglmoseskolen", "Klinteskolen", "Ravnlundskolen",
    "Hvidmosteskolen", "Sandløkkeskolen", "Bølgeskolen", "Tangbyskolen", "Rebslagerskolen", "Havtornskolen",
)  # fmt: skip

_FIRST = (
    "Ravne", "Tange", "Måge", "Ugle", "Hejre", "Slåen", "Havtorn", "Gyvel", "Klitte", "Rævling", "Grævling",
    "Egern", "Stære", "Terne", "Blishøne", "Krikand", "Rørdrum", "Vindrose", "Rebslager", "Bødker", "Lods",
    "Skipper", "Ålekiste", "Kvæde", "Mispel", "Tjørne", "Dueurt", "Bukkeblad", "Kampesten", "Teglovns",
    "Tørvemose", "Vadefugl", "Spidsmus", "Mosekone", "Elverhøj", "Nøkkerose", "Trold", "Lygtemand",
    "Sandorm", "Musling", "Østers", "Sølvtorn", "Bronze", "Glasmager", "Garver", "Hattemager",
    "Kurvefletter", "Spillemand", "Natsværmer", "Guldsmede", "Vandnymfe", "Brombær",
)  # fmt: skip
_MIDDLE = ("", "", "", "holms", "dals", "bjergs", "lunds", "kær", "sø", "høj", "bæks", "marks")
_LAST = (
    "vej",
    "vej",
    "vænget",
    "toften",
    "bakken",
    "stien",
    "krogen",
    "svinget",
    "agre",
    "parken",
    "løkken",
    "ager",
)
_TOWN_LAST = ("gade", "stræde", "gade", "plads", "gyde", "torv", "allé")


def street_names(count: int, rng: np.random.Generator, town: bool = False) -> list[str]:
    """`count` different made-up street names in a random order; `town` gives those of an old centre."""
    ends = _TOWN_LAST if town else _LAST
    names = dict.fromkeys(first + middle + last for first in _FIRST for middle in _MIDDLE for last in ends)
    pool = list(names)
    order = rng.permutation(len(pool))
    turns = -(-count // len(pool))
    prefixes = ("", "Øvre ", "Nedre ", "Gammel ", "Ny ", "Lille ", "Store ")
    if turns > len(prefixes):
        raise ValueError(
            f"Only {len(pool) * len(prefixes)} street names can be made, {count} were asked for."
        )
    return [prefixes[turn] + pool[i] for turn in range(turns) for i in order][:count]
