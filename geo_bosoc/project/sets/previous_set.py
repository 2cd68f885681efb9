"""The set that was published before, as `[disclosure] previous` names it: read, and compared with the run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.disclosure.previous.published_before import Consistency, PublishedBefore
from geo_bosoc.disclosure.results import Results
from geo_bosoc.models.area_history import AreaHistory, read_area_history
from geo_bosoc.models.provenance import SOURCE_COLUMNS
from geo_bosoc.outputs.csv_tables import CELL_COLUMNS, read_categories_csv
from geo_bosoc.outputs.manifest import file_fingerprint, written_set
from geo_bosoc.outputs.registry import MANIFEST, PREVIOUS
from geo_bosoc.problems import InputError, Problem, Report
from geo_bosoc.problems.messages import joined, listed, phrase
from geo_bosoc.project.sets.publish import check_outside_output, whole_public_set
from geo_bosoc.project.spec import Project

PREVIOUS_KEY: Final = "disclosure.previous"
_NUMBERS: Final = ("value", "reference", "threshold", "margin", "points")
"""Columns of ``criteria.csv`` that are numbers."""


def previous_folder(project: Project) -> Path | None:
    """The folder of the set that was published before, where the project file names one."""
    previous = project.spec.disclosure.previous
    return None if previous is None else project.root / previous


def read_previous(project: Project) -> PublishedBefore | None:
    """Read the set that was published before.

    Returns
    -------
    PublishedBefore or None
        None where the project file names none.

    Raises
    ------
    InputError
        There is no whole public set of this project in the folder, or it lies in the output folder.
    """
    folder = previous_folder(project)
    if folder is None:
        return None
    from geo_bosoc.disclosure.attack import read_set  # slow to import, and few projects name such a set

    try:
        check_outside_output(folder, project)
        written = whole_public_set(folder)
        manifest = written.manifest
        if manifest.get("project") != project.spec.project.name:
            raise InputError(
                [Problem("error", phrase('the set in "{name}" is of another project.', name=folder.name))]
            )
        problems = Report()
        renamed = _renamed_areas(project)
        table = _under_later_ids(read_categories_csv(folder / PREVIOUS[0], report=problems), renamed)
        problems.raise_errors()
        protection = manifest.get("facts", {}).get("protection", {})
        classes = tuple(map(str, protection.get("pooled_classes", ())))  # made anew of what is shown
        indicators = tuple(name for name in map(str, manifest["indicators"]) if name not in classes)
        shown = read_set(
            folder, models=[project.root / part.path for part in project.spec.model if part.path]
        )
    except InputError as error:
        raise InputError([_located(problem, project) for problem in error.problems]) from None
    criteria = folder / PREVIOUS[1]
    return PublishedBefore(
        periods=tuple(map(str, manifest["periods"])),
        areas=frozenset(table["area_id"]),
        indicators=frozenset(indicators),
        models={str(model["id"]): str(model["version"]) for model in manifest["models"]},
        table=_figures(table, indicators),
        categories=_categories(table, (*indicators, *classes)),
        criteria=_under_later_ids(_criteria(criteria), renamed)
        if criteria.is_file()
        else pd.DataFrame(columns=["area_id"]),
        sources=pd.DataFrame(manifest["sources"], columns=list(SOURCE_COLUMNS)),
        totals={
            key: (figure.count, figure.base)
            for key, figure in shown.totals.items()
            if figure.count is not None and figure.base is not None
        },
        revise=project.spec.disclosure.revise,
    )


def _renamed_areas(project: Project) -> AreaHistory:
    """The areas that go by another id today and are the same people; what is wrong with the table is told elsewhere."""
    part = project.spec.follow_up
    if part is None or part.area_history is None:
        return AreaHistory()
    history = read_area_history(project.root / part.area_history, report=Report())
    return AreaHistory(tuple(change for change in history.changes if change.kind == "renamed"))


def _under_later_ids(frame: pd.DataFrame, renamed: AreaHistory) -> pd.DataFrame:
    """Rows of areas that were renamed since under the ids of today."""
    if not renamed.changes or not {"area_id", "period"} <= set(frame.columns):
        return frame
    pairs = zip(frame["area_id"].astype(str), frame["period"].astype(str), strict=True)
    ids = [renamed.later_id(area_id, period) or area_id for area_id, period in pairs]
    return frame.assign(area_id=ids)


def _located(problem: Problem, project: Project) -> Problem:
    if problem.file is not None:
        return problem
    return Problem("error", problem.message, hint=problem.hint, file=project.file.name, key=PREVIOUS_KEY)


def compare_with_previous(
    results: Results, before: PublishedBefore, project: Project, report: Report
) -> None:
    """Say what of the periods that were published is another in this run.

    A note counts the figures whose published rows stand though the registers say another number today.

    Raises
    ------
    InputError
        Models, indicators or areas of those periods are others, and the project file does not say `revise`.
    """
    again = [period for period in results.periods if period in before.periods]
    indicators = {spec.id for spec in results.indicators} - results.internal_indicators
    changed = [
        name
        for name, now, then in (
            ("models", {model.id: model.version for model in results.models}, dict(before.models)),
            ("indicators", indicators, set(before.indicators)),
            ("areas", set(results.areas["area_id"].astype(str)), set(before.areas)),
        )
        if now != then
    ]
    if again and changed and not before.revise:
        report.error(
            phrase(
                "{periods}: published before, and with other {parts} than in this run.",
                periods=joined(again),
                parts=listed([phrase(name) for name in changed]),
            ),
            hint="Write revise = true under [disclosure] to publish these periods anew, or leave them out of [run] "
            "periods.",
            file=project.file.name,
            key=PREVIOUS_KEY,
        )
        report.raise_errors()
    changes = Consistency(results, before, project.spec.disclosure.minimum).changes()
    counted = joined(f"{period}: {count}" for period, count in changes.items())
    if counted and before.revise:
        report.note(
            phrase(
                "figures that are published anew or stay as they were, since they have changed: {counted}.",
                counted=counted,
            ),
            key=PREVIOUS_KEY,
        )
    elif counted:
        report.note(
            phrase(
                "figures that are not today what was published, and stay as they were published: {counted}.",
                counted=counted,
            ),
            hint="Write revise = true under [disclosure] to publish these periods anew.",
            key=PREVIOUS_KEY,
        )


def warn_of_unnamed_set(results: Results, folder: Path, project: Project, report: Report) -> None:
    """Warn where the output folder holds a public set of other data, and no set is named as published before."""
    if project.spec.disclosure.previous is not None:
        return
    manifest = written_set(folder, *MANIFEST.names).manifest
    if manifest.get("output_set") != "public" or manifest.get("project") != results.name:
        return
    periods = [str(period) for period in manifest.get("periods", ())]
    if periods != results.periods or _inputs_changed(manifest, folder, project):
        report.warn(
            "the output folder holds a public set of other data: if it has been published, two sets together may give "
            'away what neither does. Put it aside first, with "geo-bosoc publish archive/NAME", and name that folder '
            "as previous under [disclosure].",
            key=PREVIOUS_KEY,
        )


def _inputs_changed(manifest: Mapping[str, Any], folder: Path, project: Project) -> bool:
    """Whether a file that a set was made from has changed since; the project file does not count.

    Of files with persons a public manifest tells the name alone: then the time says it.
    """
    written = (folder / MANIFEST.names[0]).stat().st_mtime
    for entry in manifest.get("inputs", ()):
        path = project.root / str(entry.get("name", ""))
        if path == project.file or not path.is_file():
            continue
        if "sha256" not in entry:
            changed = path.stat().st_mtime > written
        else:
            changed = file_fingerprint(path)["sha256"] != entry["sha256"]
        if changed:
            return True
    return False


def _figures(table: pd.DataFrame, indicators: Iterable[str]) -> pd.DataFrame:
    """One row an area, period and indicator, of the rows of ``categories.csv``; the reference is the municipality's,
    missing where the set compared with another one."""
    rows = table.drop_duplicates(["area_id", "period"])
    columns = [name for name in CELL_COLUMNS if name != "points"]
    parts = []
    for indicator in indicators:
        cells = {name: rows[f"{indicator}_{name}"] for name in columns}
        compared = rows.get(f"{indicator}_reference_area")
        if compared is not None:
            cells["reference"] = cells["reference"].where(compared.isin(["", MUNICIPALITY]))
        parts.append(pd.DataFrame({"area_id": rows["area_id"], "period": rows["period"], **cells}))
        parts[-1].insert(2, "indicator", indicator)
    if not parts:
        return pd.DataFrame(columns=["area_id", "period", "indicator", *columns])
    return pd.concat(parts, ignore_index=True)


def _categories(table: pd.DataFrame, indicators: Iterable[str]) -> pd.DataFrame:
    """What ``categories.csv`` says of areas; what is empty is missing."""
    figures = {f"{indicator}_{name}" for indicator in indicators for name in CELL_COLUMNS}
    rows = table[[name for name in table.columns if name not in figures]].copy()
    for name in rows.columns:
        if rows[name].dtype == object and name not in ("area_id", "period", "model"):
            rows[name] = rows[name].where(rows[name] != "", None)
    return rows


def _criteria(path: Path) -> pd.DataFrame:
    """The rows of ``criteria.csv``; what is empty is missing."""
    text = path.read_text(encoding="utf-8-sig")
    head = text.split("\n", 1)[0]
    delimiter, mark = (";", ",") if head.count(";") >= head.count(",") else (",", ".")
    rows = list(csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter))
    frame = pd.DataFrame(rows, dtype=object)
    for name in frame.columns:
        column = frame[name].where(frame[name] != "", None)
        if name in _NUMBERS:
            # not by `to_numeric`: that of pandas 2 is off by the last digit
            column = column.map(lambda cell: cell and cell.replace(mark, ".")).astype("float64")
        frame[name] = column
    return frame
