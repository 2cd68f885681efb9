"""What the balance tells in papers: the dwellings around an area by tenure, and the rule of its development plan.

Dwellings alone, no residents: what stands where is open to all in the building register, so no number is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.outputs.plots import COLOURS
from geo_bosoc.balance.outputs.texts import area_name, dwellings_source, value_word
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.boundaries.reference_areas import ALL_AREAS
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.outputs.documents.document import Block, Paragraph, Picture, Sections, Table, TableCell
from geo_bosoc.outputs.plots.bars import Bar, stacked_bars
from geo_bosoc.outputs.texts import absent
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.colours import Fill
from geo_bosoc.text.numbers import in_unit, number

_WORDS: Final = "balance_papers"
_VARIANTS: Final = ("decided", "likely", "all")
_MOST_BARS: Final = 14
"""Areas that the report's bars show."""
_MET: Final = {"met": Fill("#8fb8a4"), "not_met": Fill("#b2532f"), "undetermined": Fill("#dfe1e4")}
"""Colours as on the balance's map."""


def balance_sections(results: BalanceResults, area_id: str) -> Sections:
    """What the balance tells of an area in its profile, or of all its areas in the yearly report.

    Where the balance looks at other areas than the yearly run, a profile has the one that most of its area lies in.

    Parameters
    ----------
    results : BalanceResults
        Of one set of output.
    area_id : str
        An area's id; ``@areas`` for what the report tells.

    Examples
    --------
    >>> list(balance_sections(results, "0012"))  # doctest: +SKIP
    ['dwellings']
    """
    blocks = list(_of_all(results) if area_id == ALL_AREAS else _of_area(results, area_id))
    return {"dwellings": blocks} if blocks else {}


def _of_area(results: BalanceResults, area_id: str) -> Iterator[Block]:
    """The tenures where an area lies and in the municipality, and its development plan."""
    places = [place for place in results.places.get(area_id, ()) if place in results.tenures.index]
    if not places:
        return
    if area_id not in places:
        names = [area_name(place, results) for place in places]
        yield Paragraph(word(_WORDS, "lies_in", results.language, places=_listed(names, results.language)))
    every = [*places, *([MUNICIPALITY] if MUNICIPALITY in results.tenures.index else [])]
    yield _bars(results, every)
    rows = []
    for tenure in _tenures(results, every):
        cells = [
            TableCell(
                word(
                    _WORDS,
                    "share_and_count",
                    results.language,
                    share=_share(results, place, tenure),
                    count=number(_count(results, place, tenure), results.language),
                ),
                is_number=True,
            )
            for place in every
        ]
        rows.append((TableCell(_tenure_word(tenure, results)), *cells))
    totals = [number(_count(results, place), results.language) for place in every]
    rows.append(
        (
            TableCell(word(_WORDS, "all", results.language), is_bold=True),
            *(TableCell(total, is_number=True, is_bold=True) for total in totals),
        )
    )
    header = (word("balance", "tenure", results.language), *(area_name(place, results) for place in every))
    yield Table(header, tuple(rows))
    yield Paragraph(_source(results), "note")
    for place in places:
        yield from _rule(results, place)


def _of_all(results: BalanceResults) -> Iterator[Block]:
    """The tenures of all areas that the balance looks at, and the rule where a development plan is due."""
    social = results.tenures["social"] / results.tenures.sum(axis=1)
    order = sorted(
        (str(area) for area in social.index if area != MUNICIPALITY), key=lambda area: (-social[area], area)
    )
    if not order:
        return
    municipality = [MUNICIPALITY] if MUNICIPALITY in social.index else []
    yield _bars(results, [*municipality, *order[:_MOST_BARS]])
    tenures = _tenures(results, [*municipality, *order])
    rows = []
    for place in [*municipality, *order]:
        rows.append(
            (
                TableCell(area_name(place, results)),
                TableCell(number(_count(results, place), results.language), is_number=True),
                *(TableCell(_share(results, place, tenure), is_number=True) for tenure in tenures),
            )
        )
    header = (
        word("balance", "name", results.language),
        word("balance", "dwellings", results.language),
        *(_tenure_word(tenure, results) for tenure in tenures),
    )
    yield Table(header, tuple(rows), widths=(2.6, 1.3, *([1.5] * len(tenures))))
    yield Paragraph(_source(results), "note")
    for place in results.areas.loc[results.areas["plan"].astype(bool), "area_id"].astype(str):
        yield from _rule(results, place)


def _source(results: BalanceResults) -> str:
    return f"{word('common', 'sources', results.language)}: {dwellings_source(results)}"


def _tenures(results: BalanceResults, places: Sequence[str]) -> list[str]:
    """The tenures that any of some areas has, in order."""
    return [
        str(tenure)
        for tenure in TENURES
        if tenure in results.tenures.columns and (results.tenures.loc[list(places), tenure] > 0).any()
    ]


def _tenure_word(tenure: str, results: BalanceResults) -> str:
    return word("balance", tenure, results.language)


def _count(results: BalanceResults, place: str, tenure: str = "") -> float:
    """An area's dwellings of a tenure, or all of them."""
    row: Any = results.tenures.loc[place]
    return float(row[tenure] if tenure else row.sum())


def _share(results: BalanceResults, place: str, tenure: str) -> str:
    """A tenure's share of an area's dwellings."""
    share = _count(results, place, tenure) / _count(results, place)
    return in_unit(share, "percent", results.language)


def _bars(results: BalanceResults, places: Sequence[str]) -> Picture:
    """Stacked bars of the tenures; what is not known is what is left."""
    language = results.language
    tenures = [tenure for tenure in _tenures(results, places) if tenure != "unknown"]
    bars = []
    for place in places:
        row: Any = results.tenures.loc[place]
        bars.append(
            Bar(area_name(place, results), tuple(float(row[tenure] / row.sum()) for tenure in tenures))
        )
    title = word("balance", "plot_mix", language, period=results.period)
    shares = "; ".join(
        f"{area_name(place, results)}: "
        + ", ".join(f"{_tenure_word(tenure, results)} {_share(results, place, tenure)}" for tenure in tenures)
        for place in places
    )
    png = stacked_bars(
        bars,
        [_tenure_word(tenure, results) for tenure in tenures],
        language,
        rest=_tenure_word("unknown", results),
        title=title,
        colours=[COLOURS[tenure] for tenure in TENURES if tenure in tenures],
    )
    head, _, period = title.rpartition(", ")
    return Picture(png, word("documents", "bars_alt", language, title=head, period=period, shares=shares))


def _rule(results: BalanceResults, place: str) -> Iterator[Block]:
    """Whether a development plan keeps its rule now, and from which year on under the projects."""
    if results.rules.empty:
        return
    of_place = results.rules[results.rules["area_id"].astype(str) == place]
    now = of_place[of_place["year"] == results.start]
    if now.empty or absent(now["share_high"].iloc[0]):
        return
    language, first = results.language, now.iloc[0]
    verdict = str(first["met"])
    yield Paragraph(
        word(
            _WORDS,
            f"rule_{verdict}" if verdict in _MET else "rule_undetermined",
            language,
            place=area_name(place, results),
            rule=results.rule.label(language),
            share=_between(first["share_low"], first["share_high"], language),
            limit=number(results.rule.limit_pct, language),
            year=str(results.start),
        )
    )
    complies = results.compliance[results.compliance["area_id"].astype(str) == place]
    kept_from = dict(zip(complies["variant"], complies["kept_from"], strict=True))
    rows = []
    for variant in _VARIANTS:
        last = of_place[(of_place["variant"] == variant) & (of_place["year"] == results.horizon)]
        if last.empty:
            continue
        end, year = last.iloc[0], kept_from.get(variant)
        rows.append(
            (
                TableCell(word(_WORDS, f"variant_{variant}", language)),
                TableCell(_between(end["share_low"], end["share_high"], language), is_number=True),
                TableCell(value_word("met", str(end["met"]), language), fill=_MET.get(str(end["met"]))),
                TableCell(word(_WORDS, "never", language, year=str(results.horizon)))
                if absent(year) or str(year) == "<NA>"
                else TableCell(str(int(str(year)))),
            )
        )
    header = (
        word("balance", "variant", language),
        word(_WORDS, "share_in", language, year=str(results.horizon)),
        word(_WORDS, "kept_in", language, year=str(results.horizon)),
        word("balance", "kept_from", language),
    )
    yield Table(header, tuple(rows), widths=(3, 1.4, 1.4, 2))


def _between(low: Any, high: Any, language: str) -> str:
    """A share, or the bounds that it lies between."""
    first, second = (in_unit(float(each), "percent", language) for each in (low, high))
    return first if first == second else word(_WORDS, "from_to", language, low=first, high=second)


def _listed(names: Sequence[str], language: str) -> str:
    """``A and B``."""
    return f" {word('common', 'and', language)} ".join(names)
