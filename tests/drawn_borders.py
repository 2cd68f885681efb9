"""The areas of a page as its script draws them, from the lines and the rings that stand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely


def drawn_areas(borders: Mapping[str, Any], outlines: Sequence[Mapping[str, Any]]) -> list[Any]:
    """A multipolygon in degrees for each area."""
    lines, end = [], np.zeros(2, dtype=int)
    for moves in borders["lines"]:
        line = end + np.cumsum(np.reshape(moves, (-1, 2)), axis=0)
        lines.append(line * borders["step"])
        end = line[-1]

    def ring(references: Sequence[int]) -> Any:
        return np.concatenate([lines[each] if each >= 0 else lines[~each][::-1] for each in references])

    return [
        shapely.MultiPolygon(
            [shapely.Polygon(ring(outer), [ring(hole) for hole in holes]) for outer, *holes in each["rings"]]
        )
        for each in outlines
    ]
