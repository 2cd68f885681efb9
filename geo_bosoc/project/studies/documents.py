"""The papers of a project: what `[documents]` asks for, from the results of a run; a profile or a report by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

from geo_bosoc.disclosure.results import PublishedResults, Stamped
from geo_bosoc.follow_up.study import FollowUpResults
from geo_bosoc.models.table_files import read_finished, row_numbers
from geo_bosoc.models.typed_numbers import cell_text
from geo_bosoc.outputs.csv_tables import bare_text
from geo_bosoc.outputs.documents.papers import Papers
from geo_bosoc.outputs.documents.spec import DocumentsPart
from geo_bosoc.outputs.documents.word_template import check_template, is_word_installed
from geo_bosoc.outputs.registry import YEARLY
from geo_bosoc.outputs.static_map.content import Chance
from geo_bosoc.problems import Report, add_problems, did_you_mean, read_or_none
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.sets.output_set import functions_of_studies
from geo_bosoc.project.spec import Project
from geo_bosoc.text.person_numbers import refuse_person_numbers

SECTIONS: Final[Mapping[str, str]] = {
    "balance": "geo_bosoc.balance.outputs.sections:balance_sections",
    "bottom_up": "geo_bosoc.bottom_up.outputs.sheets:bottom_up_sections",
    "follow_up": "geo_bosoc.follow_up.outputs.sections:follow_up_sections",
}
"""By the name of a study's results the function of these and of an area's id that gives its sections."""
LEVELS: Final[Mapping[str, str]] = {"follow_up": "geo_bosoc.follow_up.outputs.sections:goal_levels"}
"""The same for the levels that its figures are to reach."""

_WORDS: Final = {"area_id": ("area_id", "area", "område"), "words": ("words", "tekst", "ord")}
_AGREED: Final = {
    "group": ("group", "gruppe", "organisation", "boligorganisation"),
    "period": ("period", "periode", "year", "år"),
    "text": ("text", "tekst", "aftalt"),
    "status": ("status",),
}


def papers_of_set(
    project: Project, of_set: Mapping[str, Stamped], part: DocumentsPart, report: Report
) -> Papers:
    """What the papers of a set are made of.

    Parameters
    ----------
    project : Project
        Whose papers they are.
    of_set : mapping of str to Stamped
        The set's results by their name in the list of outputs.
    part : DocumentsPart
        Which papers.
    report : Report
        Takes what is wrong with the files that `part` names.
    """
    published = of_set[YEARLY]
    assert isinstance(published, PublishedResults)
    papers = Papers(
        published,
        part,
        project.root,
        sections=tuple(functions_of_studies(SECTIONS, of_set).values()),
        levels=tuple(functions_of_studies(LEVELS, of_set).values()),
        by_chance=_by_chance(of_set.get("follow_up")),
    )
    areas = [str(area_id) for area_id in published.areas["area_id"]]
    check_documents(project, part, areas, published, report)
    words = agreed = None
    if part.words is not None:
        file = project.root / part.words
        words = read_or_none(lambda: read_words(file, areas, report), report)
    if part.agreed is not None:
        agreed_file = project.root / part.agreed
        agreed = read_or_none(lambda: read_agreed(agreed_file, list(project.spec.groups), report), report)
    return replace(papers, words=words or {}, agreed=agreed or {})


def _by_chance(followed: Stamped | None) -> dict[tuple[str, str, str, str], Chance]:
    """Whether chance may have changed a category, as the follow-up says it: so that maps say the same."""
    frame = followed.frames.get("category_changes") if isinstance(followed, FollowUpResults) else None
    if frame is None:
        return {}
    keys = (frame[name].astype(str) for name in ("model", "area_id", "period_before", "period"))
    answers = zip(zip(*keys, strict=True), frame["by_chance"], strict=True)
    return {key: answer for key, answer in answers if answer in get_args(Chance)}


def check_documents(
    project: Project, part: DocumentsPart, areas: Collection[str], published: PublishedResults, report: Report
) -> None:
    """Say what is wrong with `[documents]`: areas, groups and themes that are none, the template."""
    themes = [*(model.id for model in published.models), *(spec.id for spec in published.indicators)]
    lists = {
        "documents.profiles": (() if isinstance(part.profiles, bool) else part.profiles, list(areas)),
        "documents.dialogue": (part.dialogue, list(project.spec.groups)),
        "documents.maps.themes": (() if part.maps is None else part.maps.themes, themes),
        "documents.maps.periods": (() if part.maps is None else part.maps.periods, published.periods),
    }
    for key, (names, choices) in lists.items():
        for name in names:
            if name not in choices:
                report.error(
                    phrase('there is no "{name}" in the project.', name=name),
                    key=key,
                    file=project.file.name,
                    hint=did_you_mean(name, choices),
                )
    if part.maps is not None and part.maps.font is not None:
        _check_font(part.maps.font, report)
    if "docx" not in part.formats:
        return
    if not is_word_installed():
        report.warn(
            "python-docx is not installed: no Word files are written, HTML is.",
            key="documents.formats",
            hint="Install it with 'pip install python-docx'.",
        )
    elif part.template is not None:
        problems = Report()
        template = project.root / part.template
        read_or_none(lambda: check_template(template), problems)
        add_problems(report, problems.problems)


def _check_font(font: str, report: Report) -> None:
    """Say that a font is not installed."""
    from geo_bosoc.outputs.static_map.paper import PLAIN_FONT, is_installed

    if not is_installed(font):
        report.warn(
            phrase('the font "{font}" is not installed: {plain} is used.', font=font, plain=PLAIN_FONT),
            key="documents.maps.font",
        )


def read_words(path: Path, areas: Collection[str], report: Report) -> dict[str, tuple[str, ...]]:
    """The coordinators' words by area, a paragraph for each row and each line of it.

    Parameters
    ----------
    path : Path
        A table with ``area_id`` and ``words``.
    areas : collection of str
        The ids of the areas that there are; another is an error.
    report : Report
        Takes every fault, with its row and column.
    """
    words: dict[str, tuple[str, ...]] = {}
    for cells in _rows(path, _WORDS, {"area_id": areas}, report):
        paragraphs = tuple(line.strip() for line in cells["words"].splitlines() if line.strip())
        words[cells["area_id"]] = words.get(cells["area_id"], ()) + paragraphs
    return words


def read_agreed(
    path: Path, groups: Collection[str], report: Report
) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """What was agreed by group: period, text and status of each row.

    Parameters
    ----------
    path : Path
        A table with ``group, period, text, status``.
    groups : collection of str
        The names of `[groups]`; another is an error.
    report : Report
        Takes every fault, with its row and column.
    """
    agreed: dict[str, tuple[tuple[str, str, str], ...]] = {}
    for cells in _rows(path, _AGREED, {"group": groups}, report):
        line = (cells["period"], cells["text"], cells["status"])
        agreed[cells["group"]] = (*agreed.get(cells["group"], ()), line)
    return agreed


def _rows(
    path: Path, names: Mapping[str, tuple[str, ...]], ids: Mapping[str, Collection[str]], report: Report
) -> list[dict[str, str]]:
    """The rows of a table by role of the column; none where anything is wrong with it."""
    reading, file = Report(), path.name
    table = read_finished(path)
    plain = {str(name).strip().casefold(): str(name) for name in reversed(table.columns)}
    columns = {
        role: next(plain[name] for name in spellings if name in plain)
        for role, spellings in names.items()
        if any(name in plain for name in spellings)
    }
    for role in names:
        if role not in columns:
            hint = phrase("The table has the columns {names}.", names=joined(names))
            reading.error(
                phrase('there is no column "{column}".', column=role), file=file, column=role, hint=hint
            )
    rows: list[dict[str, str]] = []
    if not reading.errors:
        for column in columns.values():
            texts = [cell_text(value) for value in table[column]]
            refuse_person_numbers(texts, column, reading, file=file, rows=row_numbers(table))
        for number, row in zip(row_numbers(table), table.to_dict("records"), strict=True):
            cells = {role: bare_text(cell_text(row.get(column))).strip() for role, column in columns.items()}
            if not any(cells.values()):
                continue
            for role, ids_of_role in ids.items():
                if cells[role] not in ids_of_role:
                    reading.error(
                        phrase('there is no "{name}" in the project.', name=cells[role]),
                        file=file,
                        row=number,
                        column=columns[role],
                        hint=did_you_mean(cells[role], ids_of_role),
                    )
            rows.append(cells)
    reading.hand_over(report)
    return [] if reading.errors else rows
