"""Dated lists of benefits: which ones count as outside the labour market, and which list a week is read by."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_bosoc.problems import Report, load_spec, read_or_none
from geo_bosoc.problems.messages import Message, listed, phrase
from geo_bosoc.text.provenance import Labelled, Provenance

_DATED: Final = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_SIGNS: Final = re.compile(r"[\W_]+")
_ASCII: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


class Benefit(BaseModel):
    """A benefit: the codes it has in the register, and whether it counts as outside.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "kontanthjaelp"``
    codes : tuple of str
        How the register writes it. Example: ``codes = ["130", "Kontanthjælp"]``
    outside : bool
        Whether who gets it is outside the labour market. Example: ``outside = true``
    label_da : str
        Its name. Example: ``label_da = "Kontanthjælp"``
    mark : {"fact", "assumption"}
        Whether that is a fact of the source's or assumed.
    valid_from, valid_to : date or None
        The first day of the benefit itself, and the first on which it is no more. Example: ``valid_from = 2025-07-01``
        ``valid_to = 2027-01-01``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    codes: tuple[str, ...] = Field(min_length=1)
    outside: bool
    label_da: str = ""
    mark: Literal["fact", "assumption"] = "assumption"
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_in(self, monday: date) -> bool:
        """Whether the benefit itself is in force in the week of this Monday (on `valid_to` it no longer is)."""
        after = self.valid_from is None or self.valid_from <= monday
        return after and (self.valid_to is None or self.valid_to > monday)


class BenefitList(Provenance, Labelled):
    """A definition of "outside the labour market": its benefits in order of priority, the first wins.

    A list is in force from `valid_from` until the next list beside it is. What is assumed in it is a warning of every
    run that uses it.

    Attributes
    ----------
    id, version : str
        Its id, and the version that is told. Example: ``id = "mine"`` ``version = "2027-01-01"``
    valid_from : date or None
        The first day on which it holds; left out, always. Example: ``valid_from = 2027-01-01``
    unknown_names : {"outside", "inside", "ignore"} or None
        What a name counts as that is in none of the lists (``ignore``: as if the row were not there); left out, such
        names are an error.
    benefit : tuple of Benefit
        Its benefits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: str
    valid_from: date | None = None
    unknown_names: Literal["outside", "inside", "ignore"] | None = None
    benefit: tuple[Benefit, ...] = Field(min_length=1)

    @property
    def codes(self) -> frozenset[str]:
        """Every code of the list, as `plain_code` has it."""
        return frozenset(code for benefit in self.benefit for code in _spellings(benefit))


def plain_code(code: str) -> str:
    """A benefit's name or code as it is compared: small letters and figures, each run of other signs a blank.

    >>> plain_code(" Kontanthjælp (forhøjet sats)"), plain_code("A-dagpenge"), plain_code("130.0")
    ('kontanthjælp forhøjet sats', 'a dagpenge', '130')
    """
    return _SIGNS.sub(" ", re.sub(r"\.0+$", "", code.strip()).casefold()).strip()


def _spellings(benefit: Benefit) -> frozenset[str]:
    plain = {plain_code(code) for code in benefit.codes}
    return frozenset(plain | {code.translate(_ASCII) for code in plain})


def list_benefit_lists() -> tuple[str, ...]:
    """The names of the definitions that ship; each may have several dated lists."""
    folder = resources.files("geo_bosoc.linkage") / "benefits"
    stems = (file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    return tuple(sorted({_DATED.sub("", stem) for stem in stems}))


def load_benefits(
    sources: str | Sequence[str], report: Report, key: str, folder: Path | None = None
) -> tuple[BenefitList, ...] | None:
    """The dated lists of a definition, in order of `valid_from`; None with errors in `report`.

    Parameters
    ----------
    sources : str or sequence of str
        The name of a definition that ships (all of its dated lists), the path of a TOML file with one list, or
        several of these: a list of one's own from a later day stands beside those that ship.
    report : Report
        Takes the errors.
    key : str
        The key of the project file that problems name.
    folder : Path, optional
        Where relative paths start from.
    """
    lists: list[BenefitList] = []
    errors_before = len(report.errors)
    for source in [sources] if isinstance(sources, str) else sources:
        for file in _files(source, folder):
            benefit_list = read_or_none(partial(_load, source, file, key), report)
            if benefit_list is not None:
                lists.append(benefit_list)
    days = [benefit_list.valid_from for benefit_list in lists]
    for day in sorted({day for day in days if days.count(day) > 1}, key=str):
        same = listed(f"{each.id} {each.version}" for each in lists if each.valid_from == day)
        since = _span(day, None) if day else phrase("without a first day")
        report.error(
            phrase("several lists of benefits are in force {since}: {lists}.", since=since, lists=same),
            key=key,
            hint="Write valid_from = 2027-01-01 (the first day on which it holds) in the later list's file.",
        )
    if len(report.errors) > errors_before:
        return None
    return tuple(sorted(lists, key=lambda benefit_list: benefit_list.valid_from or date.min))


def _files(source: str, folder: Path | None) -> list[Path] | list[Traversable]:
    if source not in list_benefit_lists():
        return [(folder or Path()) / source]
    shipped = resources.files("geo_bosoc.linkage") / "benefits"
    return [
        file
        for file in sorted(shipped.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml") and _DATED.sub("", file.name.removesuffix(".toml")) == source
    ]


def _load(source: str, file: Path | Traversable, key: str) -> BenefitList:
    return load_spec(
        BenefitList,
        file,
        missing=phrase('there is no list of benefits "{source}".', source=source),
        hint=phrase("There are: {names}; or name a TOML file.", names=", ".join(list_benefit_lists())),
        key=key,
    )


def in_force(lists: Sequence[BenefitList], monday: date) -> BenefitList | None:
    """The list that reads the week of this Monday: the one in force on its Thursday; None before the first."""
    thursday = monday + timedelta(days=3)
    started = [
        benefit_list
        for benefit_list in lists
        if benefit_list.valid_from is None or benefit_list.valid_from <= thursday
    ]
    return started[-1] if started else None


def lists_of_week(lists: Sequence[BenefitList], monday: date) -> list[BenefitList]:
    """The lists in force on any day of a week, the one of its Thursday first.

    A register gives a week the benefit of any of its days, so that in the week of a reform names of both lists occur.
    """
    first = in_force(lists, monday)
    days = [monday + timedelta(days=day) for day in range(7)]
    others = [in_force(lists, day - timedelta(days=3)) for day in (days[0], days[-1])]
    return list(dict.fromkeys(benefit_list for benefit_list in (first, *others) if benefit_list is not None))


Table = Mapping[str, Sequence[tuple[int, Benefit]]]
"""By code the benefits that have it, each with its priority."""


def code_table(listed: BenefitList) -> Table:
    """The codes of a list, as `plain_code` has them."""
    table: dict[str, list[tuple[int, Benefit]]] = {}
    for rank, benefit in enumerate(listed.benefit):
        for code in _spellings(benefit):
            table.setdefault(code, []).append((rank, benefit))
    return table


def decide(plain: str, monday: date, tables: Iterable[Table]) -> tuple[int, bool] | None:
    """A benefit's priority in a week, and whether it counts as outside; None where the week's lists don't know it."""
    for table in tables:
        for rank, benefit in table.get(plain, ()):
            if benefit.holds_in(monday):
                return rank, benefit.outside
    return None


def periods_of(code: str, lists: Sequence[BenefitList]) -> list[Message]:
    """When the lists that know a code are in force, such as ``"until 2025-06-30"``; empty where none knows it.

    Lists that follow one another are one period.
    """
    plain = plain_code(code)
    spans: list[tuple[date | None, date | None]] = []
    for index, benefit_list in enumerate(lists):
        if plain not in benefit_list.codes:
            continue
        following = lists[index + 1].valid_from if index + 1 < len(lists) else None
        if spans and spans[-1][1] == benefit_list.valid_from:
            spans[-1] = (spans[-1][0], following)
        else:
            spans.append((benefit_list.valid_from, following))
    return [_span(start, end) for start, end in spans]


def _span(start: date | None, end: date | None) -> Message:
    last = end - timedelta(days=1) if end is not None else None
    if start is None:
        return phrase("until {last}", last=last) if last else phrase("always")
    if last is None:
        return phrase("from {first} on", first=start)
    return phrase("from {first} to {last}", first=start, last=last)


def versions_used(lists: Sequence[BenefitList], mondays: Collection[date]) -> list[BenefitList]:
    """The lists that any of these weeks is read by, in order."""
    used = {
        benefit_list.valid_from
        for benefit_list in (in_force(lists, monday) for monday in mondays)
        if benefit_list is not None
    }
    return [benefit_list for benefit_list in lists if benefit_list.valid_from in used]
