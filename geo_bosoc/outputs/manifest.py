"""``run.json``: what a run was made from, with what, and what it had to say; the only file with the clock
in it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import platform
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path, PurePath
from typing import Any, Final

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import PublishedResults, Stamped, stamp_texts
from geo_bosoc.disclosure.secondary.breakdowns import declared_breakdowns
from geo_bosoc.disclosure.thresholds import indicators_of
from geo_bosoc.models.category import RANGE
from geo_bosoc.models.texts.sentences import origin_notices
from geo_bosoc.outputs.texts import category_counts
from geo_bosoc.text.messages import problem_as_dict

PACKAGES: Final = (
    "geo-bosoc", "folium", "geopandas", "numpy", "pandas", "polars", "pyarrow", "pydantic", "pyogrio",
    "pyproj", "shapely", "xlsxwriter",
)  # fmt: skip
_CHUNK: Final = 1 << 20


def write_manifest(
    published: PublishedResults,
    path: str | Path,
    *,
    inputs: Iterable[str | Path] = (),
    named_only: Iterable[str | Path] = (),
    outputs: Mapping[str, str | Path] | None = None,
    root: str | Path | None = None,
    written_at: datetime | None = None,
    more: Mapping[str, Any] | None = None,
    fingerprints: dict[Path, dict[str, Any]] | None = None,
) -> None:
    """Write ``run.json``.

    It names files relative to the project, never the machine or the user, and holds the time of the run under
    ``written_at`` alone: without that key the same input gives the same bytes.

    Parameters
    ----------
    published : PublishedResults
        The results of the set.
    path : str or Path
        The file.
    inputs : iterable of path, optional
        Files that were read; told with size and SHA-256 of their bytes.
    named_only : iterable of path, optional
        Files that were read, told by their name: those with persons or homes in the public set, where size and hash
        would let a small one be guessed.
    outputs : mapping of str to path, optional
        Files of the set by the name they get (they may still stand in a temporary folder), told alike.
    root : path, optional
        The project's folder; a file outside it is told by its name only.
    written_at : datetime, optional
        The time of the run; now, in UTC, where it is left out.
    more : mapping, optional
        Further plain data for the end of the file.
    fingerprints : dict of Path to dict, optional
        Size and hash of `inputs` that were read already; others are added. Manifests of one run share it, so that
        each input is read once.

    Raises
    ------
    OSError
        A file of `inputs` or `outputs` cannot be read.
    """
    moment = written_at if written_at is not None else datetime.now(UTC)
    names = {Path(file) for file in named_only}
    input_paths = sorted({Path(file) for file in inputs} | names)
    fingerprints = {} if fingerprints is None else fingerprints
    for file in input_paths:
        if file not in fingerprints and file not in names:
            fingerprints[file] = file_fingerprint(file)
    manifest: dict[str, Any] = {
        "written_at": moment.isoformat(timespec="seconds"),
        **what_was_run(published),
        "inputs": [
            {"name": _name(file, root), **({} if file in names else fingerprints[file])}
            for file in input_paths
        ],
        "outputs": [
            {"name": name, **file_fingerprint(Path(file))} for name, file in sorted((outputs or {}).items())
        ],
        **what_was_noticed(published),
        **(more or {}),
    }
    text = json.dumps(_plain(manifest, root), ensure_ascii=False, indent=2, allow_nan=False)
    with atomic_file(path) as draft:
        draft.write_text(text + "\n", encoding="utf-8", newline="\n")


def what_was_run(published: PublishedResults) -> dict[str, Any]:
    """What a manifest says of the project, the protection of small numbers, the indicators and the models of a set."""
    return {
        "project": published.name,
        "municipality": published.municipality,
        "language": published.language,
        "made_up": published.made_up,
        "output_set": published.output_set,
        "guard": published.policy.suppresses,
        "minimum": published.policy.minimum,
        "disclosure": disclosure_summary(published),
        "stamps": stamp_texts(published),
        "notices": origin_notices(published.models, published.language),
        "periods": published.periods,
        "areas": len(published.areas),
        "indicators": [indicator.id for indicator in published.indicators],
        "models": [
            {
                "id": m.id,
                "version": m.version,
                "kind": m.kind,
                "source": m.source_text(published.language),
                "assumption": m.assumption_text(published.language) or None,
                "notice": m.notice(published.language) or None,
                "case_state": m.case_state(published.language) or None,
            }
            for m in published.models
        ],
        "categories": category_counts(published),
        "sources": published.sources.to_dict(orient="records"),
    }


def what_was_noticed(published: PublishedResults) -> dict[str, Any]:
    """What a manifest says of the run itself: warnings, facts as far as the set may tell them, and versions."""
    return {
        "warnings": [problem_as_dict(problem, published.language) for problem in published.report.problems],
        "facts": published.report.facts,
        "versions": versions(),
    }


@dataclass(frozen=True)
class WrittenSet:
    """What the manifest in a folder says that the program has written there.

    Attributes
    ----------
    names : tuple of str
        The files of the set, the manifest among them; none where there is no manifest of ours.
    manifest : dict
        The manifest itself, empty where there is none.
    """

    names: tuple[str, ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)

    def changed(self, folder: Path, names: Collection[str] | None = None) -> tuple[str, ...]:
        """Those of the files, or of some of them, that somebody has changed since."""
        sums = {str(entry["name"]): entry.get("sha256") for entry in self.manifest.get("outputs", ())}
        chosen = [name for name in self.names if name in sums and (names is None or name in names)]
        files = {name: folder / name for name in chosen if (folder / name).is_file()}
        return tuple(name for name, file in files.items() if file_fingerprint(file)["sha256"] != sums[name])


def written_set(folder: Path, name: str) -> WrittenSet:
    """What the manifest of that name in a folder says that was written there."""
    try:
        manifest = json.loads((folder / name).read_text(encoding="utf-8"))
        entries = {str(entry["name"]): entry for entry in manifest["outputs"]}
    except (OSError, ValueError, TypeError, KeyError):
        return WrittenSet()
    return WrittenSet((name, *(path for path in entries if ".." not in PurePath(path).parts)), manifest)


def amend_manifest(
    earlier: Mapping[str, Any],
    path: Path,
    *,
    heading: Mapping[str, Any],
    studies: Mapping[str, Stamped],
    removed: Collection[str],
    outputs: Mapping[str, Path],
    root: str | Path | None = None,
) -> None:
    """Write a set's manifest anew after a study was run by itself: its files are told, the rest is as it was.

    Parameters
    ----------
    earlier : mapping
        The manifest that is there; empty where there is none.
    path : Path
        The file.
    heading : mapping
        What the manifest begins with where no yearly run has written one: the project's name, the set.
    studies : mapping of str to Stamped
        The studies by name, told with the time of their run; where no yearly run has written the manifest, it says of
        a study's published results what a run says of its own, facts among it: they are suppressed alike.
    removed : collection of str
        Files of an earlier run that are told no more.
    outputs : mapping of str to Path
        The study's files by the name they get.
    root : path, optional
        The project's folder; a file outside it is told by its name only.
    """
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    entries = {entry["name"]: entry for entry in earlier.get("outputs", ()) if entry["name"] not in removed}
    entries |= {name: {"name": name, **file_fingerprint(file)} for name, file in outputs.items()}
    anew = {"written_at": moment, **heading}
    for study in studies.values():
        published = getattr(study, "published", None)
        if isinstance(published, PublishedResults):
            anew |= {**what_was_run(published), **what_was_noticed(published)}
    of_other_studies = {name: value for name, value in earlier.items() if name not in anew}
    manifest = {
        **(earlier if "inputs" in earlier else {**anew, **of_other_studies}),
        "outputs": [entries[name] for name in sorted(entries)],
        "studies": {**earlier.get("studies", {}), **{study: {"written_at": moment} for study in studies}},
    }
    text = json.dumps(_plain(manifest, root), ensure_ascii=False, indent=2, allow_nan=False)
    with atomic_file(path) as draft:
        draft.write_text(text + "\n", encoding="utf-8", newline="\n")


def disclosure_summary(published: PublishedResults) -> dict[str, Any]:
    """The policy of a set, how many figures of areas it suppresses, and how many categories are ranges.

    ``thresholds`` says of which indicators nothing is shown in areas of fewer than so many residents or households;
    ``breakdowns``, where there are any, which indicators are parts of one base.
    """
    policy = published.policy
    breakdowns = declared_breakdowns(published.indicators)
    return {
        **policy.model_dump(),
        "thresholds": [
            {
                "of": each.of,
                "minimum": each.minimum,
                "indicators": list(indicators_of(each, published.indicators)),
            }
            for each in policy.thresholds
        ],
        **({"breakdowns": breakdowns} if breakdowns else {}),
        "suppressed_cells": int((published.table["status"] == "protected").sum()) if policy.suppresses else 0,
        "ranges": int((published.categories["category"] == RANGE).sum()),
    }


def versions() -> dict[str, str]:
    """Versions of Python, of the packages and of the libraries beneath them that decide what comes out."""
    versions_by_name = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions_by_name[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions_by_name[package] = "not installed"
    versions_by_name["GDAL"] = str(pyogrio.__gdal_version_string__)
    versions_by_name["GEOS"] = shapely.geos_version_string
    versions_by_name["PROJ"] = pyproj.proj_version_str
    return versions_by_name


def file_fingerprint(file: Path) -> dict[str, Any]:
    """Size in bytes and SHA-256 of a file, read piece by piece."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return {"bytes": file.stat().st_size, "sha256": digest.hexdigest()}


def _name(file: Path, root: str | Path | None) -> str:
    """The file's name from the project's folder, with ``/``; its bare name outside of it."""
    if root is None:
        return file.name
    try:
        return file.resolve().relative_to(Path(root).resolve()).as_posix()
    except ValueError:
        return file.name


def _plain(value: Any, root: str | Path | None) -> Any:
    """Any fact as JSON knows it: missing numbers are null, sets in order, paths by name, no folder of the
    machine.
    """
    if isinstance(value, Mapping):
        return {str(key): _plain(item, root) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return [_plain(item, root) for item in sorted(value, key=str)]
    if isinstance(value, list | tuple):
        return [_plain(item, root) for item in value]
    if isinstance(value, np.ndarray | pd.Series):
        return [_plain(item, root) for item in value.tolist()]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, PurePath):
        return _name(Path(value), root)
    if isinstance(value, str):
        return _without_folders(value, root)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, np.generic):
        return _plain(value.item(), root)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _without_folders(text: str, root: str | Path | None) -> str:
    """The text without the folders of this machine that it may name: the project's and the user's own."""
    folders = [Path.home()] if root is None else [Path(root).resolve(), Path.home()]
    for folder in folders:
        if len(folder.parts) > 1:
            for spelled in (str(folder), folder.as_posix()):
                text = text.replace(spelled, "~")
    return text
