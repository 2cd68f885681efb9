"""A place's file over the years as a part of the study: who named it, the verdicts, its forum, actions, what became."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from geo_bosoc.bottom_up.history.place_tables import PERSONS, action_label
from geo_bosoc.bottom_up.places.merge import most_alike
from geo_bosoc.bottom_up.presence.services import Service, unit_labels
from geo_bosoc.bottom_up.results import CriterionWord
from geo_bosoc.bottom_up.study_parts import ShownPart
from geo_bosoc.bottom_up.verification import CONFIRMED, DETECTED, DETECTED_NOT_SEEN, NOT_SEEN
from geo_bosoc.outputs.texts import sentence_case, within_sentence
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number, protected_word

_SEEN: Final = (CONFIRMED, DETECTED)
_NOT_SEEN: Final = (NOT_SEEN, DETECTED_NOT_SEEN)
VERDICT_COLUMNS: Final = ("place_id", "year", "verdict", "why", "met", "households")
FORUM_COLUMNS: Final = ("place_id", "year", "chair", "members", "status")
ACTION_COLUMNS: Final = ("place_id", "year", "action", "count", "goal", "counted")
NOMINATION_COLUMNS: Final = ("place_id", "year", "unit")
_FORMER: Final = "E"


def former_id(number_of_place: int) -> str:
    """The id of a place that is neither named nor found any more.

    >>> former_id(3)
    'E003'
    """
    return f"{_FORMER}{number_of_place:03d}"


def follow_back(
    homes: pd.DataFrame, homes_of_years: Mapping[str, pd.DataFrame]
) -> tuple[dict[tuple[str, str], str], pd.DataFrame]:
    """Which of this year's places the places of earlier years are.

    A place that staff named keeps its id over the years. Another one is the place that it shares most homes with, as
    `merge_places` tells what is the same; a place that is none of them is a former one, which still earlier ones may
    be. Of several that are the same place in a year the most alike counts.

    Parameters
    ----------
    homes : DataFrame
        `place_id, address_id` of this year's places.
    homes_of_years : mapping of str to DataFrame
        The same by earlier year.

    Returns
    -------
    places_of_years : dict of (str, str) to str
        By year and id of the place in it, the id of this year's place or of a former one (`former_id`).
    followed : DataFrame
        `place_id, address_id` of all places, the former ones with their homes when they were last seen.

    Examples
    --------
    >>> now = pd.DataFrame({"place_id": ["P001"] * 2, "address_id": ["a", "b"]})
    >>> before = pd.DataFrame({"place_id": ["P001", "P002", "P002"], "address_id": ["x", "a", "b"]})
    >>> follow_back(now, {"2023": before})[0]
    {('2023', 'P001'): 'E001', ('2023', 'P002'): 'P001'}
    """
    followed = homes[["place_id", "address_id"]].astype(str)
    ids: dict[tuple[str, str], str] = {}
    formers = 0
    for year in sorted(homes_of_years, reverse=True):
        earlier = homes_of_years[year][["place_id", "address_id"]].astype(str)
        pairs = most_alike(followed, earlier)
        named = earlier["place_id"].str.startswith("N") & earlier["place_id"].isin(followed["place_id"])
        same = {place: place for place in sorted(set(earlier.loc[named, "place_id"]))}
        ranked = pairs.sort_values(["jaccard", "found_id"], ascending=[False, True])
        for place, other in zip(ranked["found_id"], ranked["named_id"], strict=True):
            if place not in same and other not in same.values():
                same[place] = other
        merged = set(pairs["found_id"])
        for place in sorted(set(earlier["place_id"]) - set(same) - merged):
            formers += 1
            same[place] = former_id(formers)
            gone = earlier[earlier["place_id"] == place].assign(place_id=same[place])
            followed = pd.concat([followed, gone], ignore_index=True)
        ids |= {(year, place): same[place] for place in sorted(same)}
    return ids, followed


def place_of_homes(followed: pd.DataFrame, meant: Sequence[str]) -> str:
    """The place that has half of the homes meant, or is much like them, or has half of its own among them; else "".

    Of several it is the one most like them.

    >>> followed = pd.DataFrame({"place_id": ["P001", "P002"], "address_id": ["a", "b"]})
    >>> place_of_homes(followed, ["b"]), place_of_homes(followed, ["x"])
    ('P002', '')
    """
    of_text = pd.DataFrame({"place_id": "", "address_id": list(meant)})
    pairs = most_alike(followed, of_text)
    if len(pairs):
        return str(pairs["named_id"].iloc[0])
    parts = most_alike(of_text, followed).sort_values(["jaccard", "found_id"], ascending=[False, True])
    return str(parts["found_id"].iloc[0]) if len(parts) else ""


@dataclass(frozen=True)
class PlaceHistory:
    """The file of each place over the years; units and actions are ids, or texts that may be shown.

    Attributes
    ----------
    names : dict of str to str
        By place its name.
    verdicts : DataFrame
        `VERDICT_COLUMNS`, a row a place and year that was studied: `met` are the criteria that held, and `households`
        those of the place in that year.
    nominations : DataFrame
        `NOMINATION_COLUMNS`, a row a nomination.
    forums, actions : DataFrame
        `FORUM_COLUMNS` and `ACTION_COLUMNS`; `members` are tuples of units.
    years : tuple of str
        Those that were studied, this year last.
    criteria : mapping of str to CriterionWord
        By criterion its words.
    services : tuple of Service
        Kinds of service, which give units of the same id their names.
    """

    names: Mapping[str, str]
    verdicts: pd.DataFrame
    nominations: pd.DataFrame
    forums: pd.DataFrame
    actions: pd.DataFrame
    years: tuple[str, ...]
    criteria: Mapping[str, CriterionWord]
    services: tuple[Service, ...] = ()
    key: str = "history"

    def outcome(self, place_id: str) -> str:
        """What became of a place, as a key of the catalogue's ``outcome_...``; empty where there is no telling yet."""
        rows = self.verdicts[self.verdicts["place_id"] == place_id]
        verdict_by_year = dict(zip(rows["year"], rows["verdict"], strict=True))
        this_year = str(verdict_by_year.get(self.years[-1], "")) if self.years else ""
        before = [str(verdict_by_year[year]) for year in self.years[:-1] if year in verdict_by_year]
        was_seen = any(verdict in _SEEN for verdict in before)
        was_never = "never" if all(verdict in _NOT_SEEN for verdict in before) else ""
        if place_id.startswith(_FORMER):
            return "gone" if was_seen else was_never if before else ""
        if len(self.years) < 2:
            return ""
        if this_year in _SEEN:
            return "still" if was_seen else "new"
        if this_year in _NOT_SEEN:
            return "left" if was_seen else was_never
        return "open"

    def outcomes(self) -> pd.Series:
        """By place what became of it."""
        return pd.Series({place_id: self.outcome(place_id) for place_id in sorted(self.names)}, dtype=object)

    def show(self, language: Language, minimum: int) -> ShownPart:
        """The years as a table and as sentences; counts of persons and households below the minimum are hidden."""
        rows = list(self._rows(language, minimum))
        columns = ["place_id", "name", "year", "named_by", "verdict", "why", "forum", "chair", "members", "actions",
                   "outcome"]  # fmt: skip
        lines: dict[str, list[str]] = {}
        for row in rows:
            lines.setdefault(row["place_id"], []).append(_line(row, language))
        for place_id, outcome in self.outcomes().items():
            if outcome and place_id in lines:
                lines[str(place_id)].append(word("bottom_up", f"outcome_{outcome}", language))
        earlier = len(self.years) > 1
        return ShownPart(
            sheets={
                "sheet_history": _with_capitals(pd.DataFrame(rows, columns=columns)),
                "sheet_actions": self._actions(language, minimum),
            },
            lines=lines,
            notes=(word("bottom_up", "note_history", language),) if earlier else (),
            summary=self._summary(language) if earlier else (),
        )

    def _rows(self, language: Language, minimum: int) -> Iterator[dict[str, str]]:
        """A row a place and year in which anything is known of it."""
        frames = (self.verdicts, self.nominations, self.forums, self.actions)
        pairs = {pair for frame in frames for pair in zip(frame["place_id"], frame["year"], strict=True)}
        last = dict(sorted(pairs))
        by_frame = [dict(list(frame.groupby(["place_id", "year"]))) for frame in frames]
        outcomes = self.outcomes()
        labels = unit_labels(self.services, language)
        for place_id, year in sorted(pairs):
            verdicts, named, forums, actions = (frame.get((place_id, year)) for frame in by_frame)
            row = dict.fromkeys(("verdict", "why", "forum", "chair", "members"), "")
            if verdicts is not None:
                row |= self._verdict_texts(verdicts.iloc[0], language, minimum)
            if forums is not None:
                row |= _forum_texts(forums, labels, language)
            outcome = outcomes.get(place_id, "") if year == last[place_id] else ""
            yield row | {
                "place_id": str(place_id),
                "name": str(self.names.get(place_id, "")),
                "year": str(year),
                "named_by": "" if named is None else "; ".join(_names(named["unit"], labels)),
                "actions": ""
                if actions is None
                else "; ".join(self._action_texts(actions, language, minimum)),
                "outcome": word("bottom_up", f"outcome_{outcome}", language) if outcome else "",
            }

    def _verdict_texts(self, row: pd.Series, language: Language, minimum: int) -> dict[str, str]:
        """The verdict of a year and why; of few residents and few households not which criteria held."""
        reasons = [word("bottom_up", f"why_{row['why']}", language)] if row["why"] else []
        if int(row["households"]) >= minimum and row["why"] != "few_residents":
            labels = [within_sentence(self.criteria[key].label(language)) for key in row["met"]]
            met, total = "; ".join(labels), number(len(self.criteria), language)
            key = (
                "no_criteria_hold"
                if not met
                else "some_criteria_hold"
                if len(labels) < len(self.criteria)
                else "all_criteria_hold"
            )
            reasons.append(word("bottom_up", key, language, criteria=met, count=total))
        return {"verdict": word("bottom_up", f"verdict_{row['verdict']}", language), "why": " ".join(reasons)}

    def _action_texts(self, actions: pd.DataFrame, language: Language, minimum: int) -> Iterator[str]:
        for row in actions.to_dict("records"):
            count, goal, _ = self._counts({str(key): value for key, value in row.items()}, minimum)
            of_what = word("bottom_up", f"counted_{row['counted']}", language)
            name = action_label(str(row["action"]), language)
            shown = (
                protected_word(language)
                if count is pd.NA
                else ""
                if count is None
                else number(count, language)
            )
            if goal is None:
                yield f"{name} ({shown} {of_what})" if shown else name
            else:
                key = "action_of" if shown else "action_goal"
                text = word(
                    "bottom_up", key, language, count=shown, goal=number(goal, language), counted=of_what
                )
                yield f"{name} ({text})"

    def _counts(self, row: Mapping[str, Any], minimum: int) -> tuple[Any, Any, bool | None]:
        """The count (`pandas.NA` where it is hidden), the goal, and whether it is met."""
        count, goal = (None if pd.isna(row[name]) else int(row[name]) for name in ("count", "goal"))
        people = row["counted"] in (PERSONS, "households")
        if (
            count is not None
            and people
            and (0 < count < minimum or row["place_id"] in self._places_of_few(minimum))
        ):
            return pd.NA, goal, None
        return count, goal, None if count is None or goal is None else count >= goal

    def _places_of_few(self, minimum: int) -> set[str]:
        """Places that had fewer households than may be told of, in any year."""
        return set(self.verdicts.loc[self.verdicts["households"] < minimum, "place_id"])

    def _actions(self, language: Language, minimum: int) -> pd.DataFrame:
        """A row an action, with count and goal as numbers; a hidden count is `pandas.NA`."""
        rows = []
        for record in self.actions.sort_values(["place_id", "year", "action"], kind="stable").to_dict(
            "records"
        ):
            row = {str(key): value for key, value in record.items()}
            count, goal, is_met = self._counts(row, minimum)
            rows.append({
                "place_id": row["place_id"], "name": self.names.get(row["place_id"], ""), "year": row["year"],
                "action": sentence_case(action_label(str(row["action"]), language)),
                "counted": sentence_case(word("bottom_up", f"counted_{row['counted']}", language)),
                "count": "" if count is None else count, "goal": "" if goal is None else goal,
                "reached": "" if is_met is None
                else sentence_case(word("bottom_up", "met" if is_met else "not_met", language)),
                "hidden": count is pd.NA,
            })  # fmt: skip
        columns = ["place_id", "name", "year", "action", "counted", "count", "goal", "reached", "hidden"]
        return pd.DataFrame(rows, columns=columns, dtype=object)

    def _summary(self, language: Language) -> tuple[str, ...]:
        counts = self.outcomes().value_counts()
        texts = [
            f"{number(int(counts[key]), language)} {word('bottom_up', f'outcome_{key}', language).rstrip('.').lower()}"
            for key in ("still", "new", "left", "gone")
            if key in counts
        ]
        if not texts:
            return ()
        return (word("bottom_up", "since", language, year=self.years[0], outcomes="; ".join(texts)),)


def _with_capitals(table: pd.DataFrame) -> pd.DataFrame:
    """The years as a table, whose cells begin with a capital."""
    for name in ("named_by", "chair", "members", "actions"):
        table[name] = table[name].map(sentence_case)
    return table


def _names(units: Iterable[str], labels: Mapping[str, str]) -> list[str]:
    """What units are called within a sentence, each once."""
    return list(dict.fromkeys(labels.get(unit, unit) for unit in units))


def _forum_texts(forums: pd.DataFrame, labels: Mapping[str, str], language: Language) -> dict[str, str]:
    """The forum of a year; of several rows that are the same place, all units and the last status."""
    chairs = [str(chair) for chair in forums["chair"] if chair]
    members = [member for units in forums["members"] for member in units]
    statuses = [status for status in forums["status"] if status]
    return {
        "forum": word("bottom_up", f"forum_{statuses[-1] if statuses else 'listed'}", language),
        "chair": ", ".join(_names(chairs, labels)),
        "members": ", ".join(_names(members, labels)),
    }


def _line(row: Mapping[str, str], language: Language) -> str:
    """A year as a line: what the registers said, who named the place, its forum and what was done."""
    texts = [" ".join(filter(None, (f"{row['verdict']}." if row["verdict"] else "", row["why"])))]
    if row["named_by"]:
        texts.append(word("bottom_up", "named_by_in_year", language, units=row["named_by"]))
    if row["forum"]:
        chair = word("bottom_up", "forum_chair", language, unit=row["chair"]) if row["chair"] else ""
        members = word("bottom_up", "forum_members", language, units=row["members"]) if row["members"] else ""
        texts.append(", ".join(filter(None, (row["forum"], chair, members))) + ".")
    if row["actions"]:
        texts.append(word("bottom_up", "actions_in_year", language, actions=row["actions"]))
    return f"{row['year']}: {' '.join(filter(None, texts))}"
