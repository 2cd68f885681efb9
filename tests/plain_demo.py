"""The demo's project without what surrounds people's homes: rasters and distances have tests of their own, and cost
others time."""

from __future__ import annotations

import re

SURROUNDINGS = (
    "boundaries.schools",
    "registers.road_noise",
    "registers.ground_cover",
    "home_columns.noise",
    "home_columns.to_school",
    "surfaces",
)


def without_surroundings(text: str) -> str:
    """The text of the demo's project file without its rasters, its columns of homes, and its own indicators."""
    for name in SURROUNDINGS:
        text, number = re.subn(
            rf"^\[{re.escape(name)}\][^\n]*\n(?:[^\[\n][^\n]*\n)*\n?", "", text, flags=re.MULTILINE
        )
        assert number <= 1
    text, number = re.subn(
        r',\n +"road_noise_homes"[^\]]*\]\nfile = "data/indicators.toml"[^\n]*\n', "]\n", text
    )
    assert number == 1
    return text
