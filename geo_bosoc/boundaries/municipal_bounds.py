"""Where each Danish municipality lies, in whole kilometres, to see figures that lie somewhere else.

Coordinates of zone 33 that are called zone 32 are land by Tønder where Bornholm was meant: nothing in such a file is
wrong by itself, but the project says whose it is.

The bounds are those of DAGI (Danmarks Administrative Geografiske Inddeling, Klimadatastyrelsen, as of 2021) in
EPSG:25832, rounded outwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import phrase

MARGIN: Final = 5_000.0
"""Metres around a municipality's bounds that are taken for its own: blocks on the border, the sea."""

ONE_TOWN: Final = 30_000.0
"""Metres. Points whose standard deviation is smaller are of one municipality or its neighbours, not of the country."""

BOUNDS: Final[Mapping[str, tuple[str, int, int, int, int]]] = {
    "0101": ("København", 716, 6168, 735, 6183),
    "0147": ("Frederiksberg", 719, 6174, 724, 6179),
    "0151": ("Ballerup", 704, 6177, 716, 6185),
    "0153": ("Brøndby", 711, 6167, 718, 6175),
    "0155": ("Dragør", 724, 6162, 732, 6169),
    "0157": ("Gentofte", 719, 6180, 727, 6188),
    "0159": ("Gladsaxe", 714, 6179, 722, 6187),
    "0161": ("Glostrup", 711, 6173, 716, 6180),
    "0163": ("Herlev", 712, 6178, 718, 6185),
    "0165": ("Albertslund", 708, 6171, 714, 6179),
    "0167": ("Hvidovre", 715, 6166, 721, 6175),
    "0169": ("Høje-Taastrup", 698, 6166, 711, 6179),
    "0173": ("Lyngby-Taarbæk", 714, 6184, 726, 6191),
    "0175": ("Rødovre", 715, 6174, 719, 6180),
    "0183": ("Ishøj", 702, 6166, 715, 6171),
    "0185": ("Tårnby", 721, 6164, 740, 6177),
    "0187": ("Vallensbæk", 710, 6167, 715, 6173),
    "0190": ("Furesø", 706, 6183, 716, 6195),
    "0201": ("Allerød", 700, 6190, 715, 6200),
    "0210": ("Fredensborg", 708, 6198, 722, 6213),
    "0217": ("Helsingør", 711, 6209, 726, 6223),
    "0219": ("Hillerød", 692, 6193, 713, 6212),
    "0223": ("Hørsholm", 712, 6195, 723, 6203),
    "0230": ("Rudersdal", 712, 6188, 725, 6198),
    "0240": ("Egedal", 694, 6176, 710, 6192),
    "0250": ("Frederikssund", 678, 6179, 703, 6203),
    "0253": ("Greve", 697, 6161, 712, 6169),
    "0259": ("Køge", 683, 6140, 705, 6159),
    "0260": ("Halsnæs", 667, 6196, 696, 6232),
    "0265": ("Roskilde", 687, 6156, 705, 6187),
    "0269": ("Solrød", 695, 6156, 706, 6163),
    "0270": ("Gribskov", 687, 6207, 713, 6226),
    "0306": ("Odsherred", 641, 6179, 675, 6210),
    "0316": ("Holbæk", 647, 6154, 681, 6189),
    "0320": ("Faxe", 679, 6114, 709, 6144),
    "0326": ("Kalundborg", 617, 6148, 656, 6200),
    "0329": ("Ringsted", 666, 6137, 689, 6162),
    "0330": ("Slagelse", 623, 6112, 661, 6155),
    "0336": ("Stevns", 696, 6126, 720, 6148),
    "0340": ("Sorø", 646, 6138, 672, 6164),
    "0350": ("Lejre", 674, 6157, 694, 6182),
    "0360": ("Lolland", 625, 6052, 668, 6102),
    "0370": ("Næstved", 654, 6111, 695, 6144),
    "0376": ("Guldborgsund", 662, 6049, 704, 6095),
    "0390": ("Vordingborg", 667, 6085, 728, 6117),
    "0400": ("Bornholm", 862, 6110, 893, 6144),
    "0410": ("Middelfart", 541, 6132, 570, 6157),
    "0411": ("Christiansø", 891, 6147, 893, 6149),
    "0420": ("Assens", 548, 6108, 583, 6144),
    "0430": ("Faaborg-Midtfyn", 567, 6096, 606, 6135),
    "0440": ("Kerteminde", 593, 6131, 614, 6166),
    "0450": ("Nyborg", 597, 6115, 618, 6144),
    "0461": ("Odense", 574, 6127, 600, 6150),
    "0479": ("Svendborg", 587, 6089, 621, 6121),
    "0480": ("Nordfyns", 561, 6140, 599, 6168),
    "0482": ("Langeland", 598, 6065, 625, 6115),
    "0492": ("Ærø", 577, 6075, 599, 6093),
    "0510": ("Haderslev", 492, 6108, 550, 6138),
    "0530": ("Billund", 484, 6160, 513, 6195),
    "0540": ("Sønderborg", 529, 6076, 569, 6105),
    "0550": ("Tønder", 465, 6081, 516, 6123),
    "0561": ("Esbjerg", 455, 6119, 497, 6162),
    "0563": ("Fanø", 457, 6132, 471, 6148),
    "0573": ("Varde", 441, 6148, 495, 6190),
    "0575": ("Vejen", 484, 6127, 520, 6165),
    "0580": ("Aabenraa", 500, 6072, 541, 6114),
    "0607": ("Fredericia", 535, 6151, 555, 6166),
    "0615": ("Horsens", 528, 6178, 586, 6215),
    "0621": ("Kolding", 513, 6129, 544, 6165),
    "0630": ("Vejle", 503, 6157, 548, 6202),
    "0657": ("Herning", 464, 6192, 512, 6253),
    "0661": ("Holstebro", 445, 6231, 501, 6270),
    "0665": ("Lemvig", 445, 6244, 471, 6286),
    "0671": ("Struer", 462, 6249, 483, 6284),
    "0706": ("Syddjurs", 571, 6217, 615, 6258),
    "0707": ("Norddjurs", 575, 6240, 663, 6292),
    "0710": ("Favrskov", 540, 6227, 577, 6257),
    "0727": ("Odder", 563, 6188, 592, 6210),
    "0730": ("Randers", 547, 6247, 584, 6287),
    "0740": ("Silkeborg", 513, 6205, 554, 6248),
    "0741": ("Samsø", 594, 6181, 612, 6208),
    "0746": ("Skanderborg", 539, 6201, 569, 6231),
    "0751": ("Aarhus", 558, 6206, 587, 6244),
    "0756": ("Ikast-Brande", 497, 6187, 535, 6237),
    "0760": ("Ringkøbing-Skjern", 443, 6180, 492, 6236),
    "0766": ("Hedensted", 524, 6169, 570, 6198),
    "0773": ("Morsø", 469, 6280, 497, 6316),
    "0779": ("Skive", 480, 6260, 519, 6301),
    "0787": ("Thisted", 451, 6280, 506, 6336),
    "0791": ("Viborg", 498, 6230, 549, 6283),
    "0810": ("Brønderslev", 544, 6326, 588, 6356),
    "0813": ("Frederikshavn", 571, 6337, 599, 6403),
    "0820": ("Vesthimmerlands", 504, 6277, 541, 6321),
    "0825": ("Læsø", 612, 6341, 633, 6360),
    "0840": ("Rebild", 531, 6278, 576, 6315),
    "0846": ("Mariagerfjord", 532, 6267, 582, 6303),
    "0849": ("Jammerbugt", 501, 6318, 556, 6358),
    "0851": ("Aalborg", 523, 6297, 585, 6344),
    "0860": ("Hjørring", 541, 6351, 585, 6387),
}
"""By code: name, and west, south, east and north in kilometres."""

_AREAS: Final = (
    "{outside:,} of {total:,} areas lie outside the municipality {code} ({name}), which the project is of."
)
_POINTS: Final = (
    "{outside:,} of {total:,} points lie outside the municipality {code} ({name}), which the project is of."
)

Floats = NDArray[np.float64]


def extent(code: str) -> tuple[float, float, float, float] | None:
    """West, south, east and north of a municipality with `MARGIN` around, in EPSG:25832; None for an unknown code."""
    if code not in BOUNDS:
        return None
    west, south, east, north = (1_000.0 * kilometres for kilometres in BOUNDS[code][1:])
    return west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN


def warn_far_areas(bounds: Floats, code: str | None, file: Path, report: Report, *, key: str) -> None:
    """Warn where areas lie outside the municipality that the project says they are of.

    Parameters
    ----------
    bounds : ndarray of float, shape (n, 4)
        West, south, east and north of each area in EPSG:25832.
    code : str or None
        The municipality's; None, or one that is not known, is not looked at.
    file : Path
        The areas' file.
    report : Report
        Takes the warning.
    key : str
        The layer's key in the project file.
    """
    limits = extent(code) if code is not None else None
    if limits is None or code is None or not len(bounds):
        return
    west, south, east, north = bounds.T
    inside = (west <= limits[2]) & (south <= limits[3]) & (east >= limits[0]) & (north >= limits[1])
    spread = max(float(np.std((west + east) / 2)), float(np.std((south + north) / 2)))
    if _is_elsewhere(int(inside.sum()), len(bounds), spread):
        _warn(int((~inside).sum()), len(bounds), _AREAS, code, report, file=file.name, key=f"{key}.crs")


def warn_far_points(points: pl.LazyFrame, code: str | None, file: str, report: Report, *, key: str) -> None:
    """Warn where the points ``x, y`` (EPSG:25832) of a register lie outside the municipality of the project."""
    limits = extent(code) if code is not None else None
    if limits is None or code is None:
        return
    x, y = pl.col("x"), pl.col("y")
    inside = x.is_between(limits[0], limits[2]) & y.is_between(limits[1], limits[3])
    summary = (
        points.select(
            placed=(x.is_not_null() & y.is_not_null()).sum(), inside=inside.sum(), x=x.std(), y=y.std()
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    spread = max(summary["x"] or 0.0, summary["y"] or 0.0)
    if summary["placed"] and _is_elsewhere(summary["inside"], summary["placed"], spread):
        outside = summary["placed"] - summary["inside"]
        _warn(outside, summary["placed"], _POINTS, code, report, file=file, key=f"{key}.crs")


def _is_elsewhere(inside: int, total: int, spread: float) -> bool:
    """None lies inside; or most do not, and they are no places all over the country."""
    return inside == 0 or (2 * inside < total and spread < ONE_TOWN)


def _warn(outside: int, total: int, template: str, code: str, report: Report, *, file: str, key: str) -> None:
    report.warn(
        phrase(
            template,
            outside=outside,
            total=total,
            code=code,
            name=BOUNDS[code][0],
        ),
        file=file,
        key=key,
        count=outside,
        hint='The CRS may be stated wrongly (Bornholm is often in zone 33: crs = "EPSG:25833"), or [project]'
        " municipality be another.",
    )
