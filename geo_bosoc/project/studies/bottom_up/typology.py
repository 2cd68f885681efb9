"""Types of areas, from a project: which indicators make up a profile, and the types by what the internal set shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.spec import BottomUpPart
from geo_bosoc.bottom_up.typology.clustering import area_types
from geo_bosoc.bottom_up.typology.part import AreaTypesPart
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.indicators.similar_areas import profile_of
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.problems import Report, did_you_mean
from geo_bosoc.problems.messages import phrase
from geo_bosoc.project.studies.residents import ORIGIN

_KEY = "bottom_up.typology.indicators"
_WORSE = {"high_is_bad": 1, "low_is_bad": -1}


def check_typology(part: BottomUpPart, indicators: Sequence[Indicator], report: Report) -> None:
    """Indicators that ``[bottom_up] typology`` names are the project's, are no plain counts, and not of origin.

    Parameters
    ----------
    part : BottomUpPart
        With or without indicators of its own.
    indicators : sequence of Indicator
        The project's.
    report : Report
        Takes the problems.
    """
    of_id = {spec.id: spec for spec in indicators}
    for name in part.typology.indicators:
        if name not in of_id:
            report.error(
                phrase('there is no indicator "{name}".', name=name), key=_KEY, hint=did_you_mean(name, of_id)
            )
        elif ORIGIN.search(str(of_id[name].model_dump())):
            report.error("residents' origin is not used to put areas in types.", key=_KEY)
        elif of_id[name].unit == "count":
            report.error(
                phrase('"{name}" is a count: areas are put in types by shares, rates and means.', name=name),
                key=_KEY,
            )


def profile_indicators(part: BottomUpPart, indicators: Sequence[Indicator]) -> list[Indicator]:
    """What profiles are made of: the indicators named, or all but counts, always without those of origin.

    Parameters
    ----------
    part : BottomUpPart
        With or without indicators of its own.
    indicators : sequence of Indicator
        Those that a set shows.
    """
    by = part.typology.indicators or profile_of(indicators)
    return [spec for spec in indicators if spec.id in by and not ORIGIN.search(str(spec.model_dump()))]


def with_area_types(
    part: BottomUpPart, results: BottomUpResults, published: PublishedResults
) -> BottomUpResults:
    """The bottom-up study's results with the types of areas.

    Parameters
    ----------
    part : BottomUpPart
        Which indicators, and the seed.
    results : BottomUpResults
        Of the study; the part stands last among its parts.
    published : PublishedResults
        The internal set; the types are a function of its figures.
    """
    profile = profile_indicators(part, published.indicators)
    types = AreaTypesPart(
        typology=area_types(
            published.table,
            [spec.id for spec in profile],
            worse={spec.id: _WORSE.get(spec.direction, 0) for spec in profile},
            seed=part.seed,
        ),
        areas=published.areas,
        indicators={spec.id: spec for spec in profile},
        period=results.period,
        hides=published.policy.suppresses,
        within=results.within,
    )
    return replace(results, parts=(*results.parts, types))
