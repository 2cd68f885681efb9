"""What the charts of the side panel show besides figures: where bands and thresholds lie, new definitions, cut-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.disclosure.sentences import published_cut_lines
from geo_bosoc.models.texts.cut_lines import CutLine
from geo_bosoc.text.catalogue import Language


@dataclass(frozen=True)
class PointsScale:
    """What the points of a model are drawn on.

    Attributes
    ----------
    most : float
        The most points that an area can have.
    cut_offs : tuple of (str, float)
        Each category and the points that it begins at, the worst first.
    """

    most: float
    cut_offs: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Charts:
    """What is drawn over the periods of a page; a page without it has periods that are no series.

    Attributes
    ----------
    cut_lines : mapping of (str, str, str) to sequence of CutLine
        By classification, variable and period, as many in each period.
    breaks : mapping of str to sequence of str
        By variable the periods that a new definition begins with.
    scales : mapping of str to PointsScale
        By classification, of those that give points.
    """

    cut_lines: Mapping[tuple[str, str, str], Sequence[CutLine]] = field(default_factory=dict)
    breaks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scales: Mapping[str, PointsScale] = field(default_factory=dict)

    def cuts_of(
        self, variable: str, classifications: Sequence[str], periods: Sequence[str]
    ) -> list[tuple[int, tuple[CutLine, ...]]]:
        """Each line on a variable: its classification's place, and where it lies in each period.

        Parameters
        ----------
        variable : str
            Its id.
        classifications, periods : sequence of str
            The page's.
        """
        cuts = []
        for place, classification in enumerate(classifications):
            by_period = [self.cut_lines.get((classification, variable, period), ()) for period in periods]
            cuts += [(place, lines) for lines in zip(*by_period, strict=True)]
        return cuts


def charts_of(published: PublishedResults) -> Charts:
    """The charts of a yearly run."""
    return Charts(
        cut_lines=published_cut_lines(published),
        breaks={
            spec.id: [reform.valid_from for reform in spec.reform]
            for spec in published.indicators
            if spec.reform
        },
        scales={
            model.id: PointsScale(
                model.max_points, tuple((each.id, each.min_points or 0.0) for each in model.category)
            )
            for model in published.models
            if model.kind == "points"
        },
    )


def chart_figures(
    charts: Charts, variable: str, classifications: Sequence[str], periods: Sequence[str], decimals: int
) -> dict[str, Any]:
    """What a variable's chart shows besides its figures, as numbers.

    Parameters
    ----------
    charts : Charts
        The page's.
    variable : str
        Its id.
    classifications, periods : sequence of str
        The page's.
    decimals : int
        How many decimals the variable's figures are shown with.

    Returns
    -------
    dict
        ``cuts``, each ``model`` (a place), ``criterion``, ``points`` of a band, and ``values`` by period, whole
        numbers of the last decimal; ``breaks``, the places of the periods that a new definition begins with. Each only
        where there is one.

    Examples
    --------
    >>> lines = (CutLine("threshold", "outside", 40.0, None, None, (("en", "over 40%"),)),)
    >>> charts = Charts({("national", "outside", "2024"): lines})
    >>> chart_figures(charts, "outside", ["national"], ["2024"], 1)
    {'cuts': [{'model': 0, 'criterion': 'outside', 'values': [400]}]}
    """
    cuts = [
        {
            "model": model,
            "criterion": lines[0].criterion,
            **({} if lines[0].points is None else {"points": lines[0].points}),
            "values": [
                None if line.value is None else round(round(line.value, decimals) * 10**decimals)
                for line in lines
            ],
        }
        for model, lines in charts.cuts_of(variable, classifications, periods)
    ]
    starts = {sum(period < start for period in periods): start for start in charts.breaks.get(variable, ())}
    breaks = sorted(place for place in starts if 0 < place < len(periods))
    return ({"cuts": cuts} if cuts else {}) | ({"breaks": breaks} if breaks else {})


def chart_words(
    charts: Charts, variable: str, classifications: Sequence[str], periods: Sequence[str], language: Language
) -> dict[str, Any]:
    """What is written at a variable's lines: ``cut_labels``, by line and period, where it has any."""
    labels = [
        [line.label(language) for line in lines]
        for _, lines in charts.cuts_of(variable, classifications, periods)
    ]
    return {"cut_labels": labels} if labels else {}
