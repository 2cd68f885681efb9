"""Cut-offs from published counts: which least points per category give the numbers of areas that were
printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from geo_bosoc.models.spec import TOO_SMALL, UNDETERMINED, Model
from geo_bosoc.problems import Report
from geo_bosoc.text.numbers import number


@dataclass(frozen=True)
class Calibration:
    """Cut-offs found, and whether they give the published counts.

    Attributes
    ----------
    cutoffs : least points of each category but the last, which takes the rest.
    ranges : for each cut-off, the open lower and closed upper end between which every number does the same.
    counts, published : areas per category with these cut-offs, and as printed.
    exact : whether the two agree.
    ties : points on which a cut-off would have to fall although several areas share them.
    left_out : areas without points (too small, undetermined), which no cut-off places.
    """

    cutoffs: dict[str, float]
    ranges: dict[str, tuple[float, float]]
    counts: dict[str, int]
    published: dict[str, int]
    exact: bool
    ties: tuple[float, ...]
    left_out: int

    def message(self, language: str = "en") -> str:
        """What was found, in one or two plain sentences."""
        areas, wanted = sum(self.counts.values()), sum(self.published.values())
        got = "/".join(str(n) for n in self.counts.values())
        printed = "/".join(str(n) for n in self.published.values())
        cuts = ", ".join(f"{name} >= {value:g}" for name, value in self.cutoffs.items())
        if language == "da":
            if self.exact:
                return f"Grænserne {cuts} giver de offentliggjorte antal {got}."
            text = f"Ingen grænser giver de offentliggjorte antal {printed}. "
            if areas != wanted:
                text += f"Der er {areas} områder med point, men tallene gælder {wanted}. "
            if self.ties:
                tied = _list(self.ties, language)
                text += f"Flere områder deler {tied} point, netop hvor en grænse skulle gå. "
            return text + f"Nærmest kommer {cuts}: {got}."
        if self.exact:
            return f"The cut-offs {cuts} give the published counts {got}."
        text = f"No cut-offs give the published counts {printed}. "
        if areas != wanted:
            text += f"{areas} areas have points, but the counts are of {wanted}. "
        if self.ties:
            tied = _list(self.ties, language)
            text += f"Several areas share {tied} points, just where a cut-off would have to go. "
        return text + f"The nearest is {cuts}: {got}."


def calibrate(points_frame: pd.DataFrame, published_counts: Mapping[str, int]) -> Calibration:
    """Find cut-offs that give published counts per category, or the nearest that can be had.

    Parameters
    ----------
    points_frame : rows of one period with a column `points`, such as ``categorisation.categories``; rows
        without points, and those of category ``too_small`` or ``undetermined``, are left out and counted.
    published_counts : areas per category, the one with the most points first, all categories named.

    Returns
    -------
    Calibration
        Each cut-off is the lowest number of points in its category. Nearest means the least sum of absolute
        differences in counts; among equals the one with the higher cut-offs.

    Raises
    ------
    InputError
        No areas, fewer than two categories, negative counts, or more than one period in the frame.
    """
    report = Report()
    if len(published_counts) < 2:
        report.error("published_counts needs at least two categories", hint="The most points first.")
    if any(count < 0 for count in published_counts.values()):
        report.error("published_counts holds a negative number")
    if "points" not in points_frame.columns:
        report.error("the frame has no column 'points'")
    elif "period" in points_frame.columns and len(points_frame["period"].unique()) > 1:
        report.error(
            "the frame holds several periods", hint="Give the rows of the year that the counts are of."
        )
    report.raise_errors()
    rows = points_frame
    if "category" in rows.columns:
        rows = rows[~rows["category"].isin([TOO_SMALL, UNDETERMINED])]
    known = sorted((float(p) for p in rows["points"].dropna()), reverse=True)
    if not known:
        report.error("no area has points")
    report.raise_errors()
    names = list(published_counts)
    wanted = [int(published_counts[name]) for name in names]
    steps = [0, *(i for i in range(1, len(known)) if known[i] != known[i - 1]), len(known)]
    ends = _nearest(steps, wanted)
    counts = [after - before for before, after in zip([0, *ends], [*ends, len(known)], strict=True)]
    edges = _edges(known, ends)
    return Calibration(
        cutoffs=dict(zip(names, (high for _, high in edges), strict=False)),
        ranges=dict(zip(names, edges, strict=False)),
        counts=dict(zip(names, counts, strict=True)),
        published=dict(zip(names, wanted, strict=True)),
        exact=counts == wanted,
        ties=_ties(known, wanted),
        left_out=len(points_frame) - len(known),
    )


def with_cutoffs(model: Model, calibration: Calibration, *, version: str) -> Model:
    """The model with calibrated cut-offs, under a version of its own, each marked as calibrated."""
    note = {
        "assumption": "cut-off calibrated on published counts per category",
        "assumption_da": "Kategorigrænsen er tilpasset det offentliggjorte antal områder i hver kategori.",
    }
    categories = tuple(
        category.model_copy(update={"min_points": calibration.cutoffs[category.id], **note})
        if category.id in calibration.cutoffs
        else category
        for category in model.category
    )
    return Model.model_validate(
        model.model_dump() | {"version": version, "category": [c.model_dump() for c in categories]}
    )


def _nearest(steps: Sequence[int], targets: Sequence[int]) -> list[int]:
    """Ends of all groups but the last, each on a step, with the least sum of absolute differences to
    `targets`.
    """
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for size in targets[:-1]:
        following: dict[int, tuple[int, tuple[int, ...]]] = {}
        for end in steps:
            options = [
                (cost + abs(end - start - size), (*path, end))
                for start, (cost, path) in best.items()
                if start <= end
            ]
            following[end] = min(options)
        best = following
    total = steps[-1]
    return list(min((cost + abs(total - end - targets[-1]), path) for end, (cost, path) in best.items())[1])


def _edges(values: Sequence[float], ends: Sequence[int]) -> list[tuple[float, float]]:
    """For each end the pair (low, high): a cut-off above `low` and up to `high` puts just the first `end`
    areas above.

    A category without areas gets a cut-off between its neighbours', where no area's points lie.
    """
    edges: list[tuple[float, float]] = []
    for end in ends:
        low = values[end] if end < len(values) else values[-1] - 1.0
        high = values[end - 1] if end else values[0] + 1.0
        if edges and edges[-1][1] <= high:
            high = (low + edges[-1][1]) / 2
        edges.append((low, high))
    return edges


def _ties(values: Sequence[float], targets: Sequence[int]) -> tuple[float, ...]:
    found: list[float] = []
    end = 0
    for size in targets[:-1]:
        end += size
        if 0 < end < len(values) and values[end] == values[end - 1]:
            found.append(values[end])
    return tuple(dict.fromkeys(found))


def _list(values: Sequence[float], language: str) -> str:
    word = " og " if language == "da" else " and "
    texts = [number(value, language, 0 if float(value).is_integer() else 1) for value in values]
    return texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + word + texts[-1]
