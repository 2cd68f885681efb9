"""Sharing figures of one set of areas out to another: by whole weights and largest remainder, or by the ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo_bosoc.boundaries.geometry import SLIVER_WIDTH, mean_width


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """A count in whole parts by whole weights and largest remainder, exactly; ties to the first.

    Raises
    ------
    ValueError
        The weights are all 0.

    Examples
    --------
    >>> apportion(10, [1, 1, 1]), apportion(7, [0, 5, 2]), apportion(0, [1, 2])
    ([4, 3, 3], [0, 5, 2], [0, 0])
    """
    every = sum(weights)
    if every <= 0:
        raise ValueError("the weights must add up to more than nothing")
    shares = [divmod(total * int(weight), every) for weight in weights]
    parts = [share for share, _ in shares]
    order = sorted(range(len(parts)), key=lambda number: -shares[number][1])
    for number in order[: total - sum(parts)]:
        parts[number] += 1
    return parts


def share_out(figure: Sequence[Any], weights: Sequence[int]) -> list[tuple[int | None, ...]]:
    """Numerator, denominator and unknown of each part: those whose status is known, those whose is not, and of the
    former those who are met, each in whole persons.

    Parameters
    ----------
    figure : sequence of int or None
        Numerator, denominator and unknown of the whole.
    weights : sequence of int
        Of the parts.

    Examples
    --------
    >>> share_out((5, 11, 1), [1, 1])
    [(3, 6, 1), (2, 5, 0)]
    """
    numerator, base, unknown = (None if pd.isna(number) else int(number) for number in figure)
    if len(weights) == 1:
        return [(numerator, base, unknown)]
    if numerator is None or base is None:
        return [(None, None, None)] * len(weights)
    known_parts = apportion(base - (unknown or 0), weights)
    unknown_parts = apportion(unknown or 0, weights)
    # by those whose status is known, so that nowhere more are met than there are people
    by_known = known_parts if any(known_parts) else weights
    met_parts = apportion(numerator, by_known)
    return [
        (met, with_status + without, without)
        for met, with_status, without in zip(met_parts, known_parts, unknown_parts, strict=True)
    ]


def ground_weights(shape: Any, layers: Sequence[tuple[str, Any]]) -> dict[tuple[str, ...], int]:
    """Square metres of a shape in each set of named areas; slips of the pen are nobody's land."""
    pieces: list[tuple[tuple[str, ...], Any]] = [((), shape)]
    for name, other in layers:
        cut = []
        for key, piece in pieces:
            cut += [
                ((*key, name), shapely.intersection(piece, other)),
                (key, shapely.difference(piece, other)),
            ]
        pieces = [(key, piece) for key, piece in cut if _is_land(piece)]
    weights: dict[tuple[str, ...], int] = {}
    for key, piece in pieces:
        weights[key] = weights.get(key, 0) + max(round(piece.area), 1)
    return weights or {(): 1}


def _is_land(piece: Any) -> bool:
    return bool(piece.area > 0 and mean_width(np.array([piece]))[0] >= SLIVER_WIDTH)
