"""Rasters among a user's own files: registers whose rows are cells, and the mean of each as an indicator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from geo_bosoc.boundaries.local_files import UnreadableError
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import as_message, phrase
from geo_bosoc.project.start.folder import commented, toml_text
from geo_bosoc.rasters.raster_files import open_raster
from geo_bosoc.rasters.values import data_bands
from geo_bosoc.text.catalogue import word

ENDINGS: Final = (".tif", ".tiff", ".vrt", ".asc", ".img", ".jp2")
"""What the names of rasters end with; GDAL looks into each."""

PERIOD_IN_NAME: Final = re.compile(r"(?<!\d)((?:19|20)\d\d(?:[KkQq][1-4])?)(?!\d)")
_YEARS_CARRIED: Final = 10


@dataclass(frozen=True)
class RasterGroup:
    """Rasters of one register: one, or several that the years in their names tell apart.

    Attributes
    ----------
    name : str
        The register's name.
    path : str
        As the project file writes it, with ``{period}`` where the files' names tell their years.
    periods : tuple of str
        The years in their names; none where they tell none.
    bands : tuple of int
        The bands that hold values.
    """

    name: str
    path: str
    periods: tuple[str, ...]
    bands: tuple[int, ...]

    def register(self, year: str, language: str) -> str:
        """The ``[registers.NAME]`` of the project file.

        Parameters
        ----------
        year : str
            Stands where no name tells one.
        language : str
            Of the comments.
        """
        why = partial(word, "start", language=language)
        lines = [
            f"[registers.{self.name}]",
            commented(f"path = {toml_text(self.path)}", why("path_period") if self.periods else "", language),
            commented('unit = "raster"', why("unit_raster"), language),
        ]
        if len(self.bands) > 1:
            others = ", ".join(map(str, self.bands[1:]))
            lines.append(
                commented(f"band = {self.bands[0]}", why("other_bands", others=others), language, change=True)
            )
        if not self.periods:
            lines.append(
                commented(f"period = {toml_text(year)}", why("period_unknown"), language, change=True)
            )
        lines.append(commented('source = ""', why("source"), language, change=True))
        return "\n".join(lines) + "\n"

    def indicator(self, taken: Iterable[str], language: str) -> str:
        """The mean of the raster in each area, as an ``[[indicator]]``.

        Parameters
        ----------
        taken : iterable of str
            Ids that others have.
        language : str
            Of the comments.
        """
        why = partial(word, "start", language=language)
        name = self.name if self.name not in set(taken) else f"{self.name}_mean"
        label = self.name.replace("_", " ").capitalize()
        lines = [
            "[[indicator]]",
            f"id = {toml_text(name)}",
            commented(f"label_da = {toml_text(label)}", why("label"), language, change=True),
            f"label_en = {toml_text(label)}",
            f"denominator = {{ register = {toml_text(self.name)} }}",
            'mean_of = "value"',
            commented('unit = "mean"', why("mean_of_cells"), language),
            commented('direction = "neutral"', why("direction"), language, change=True),
            commented(f"carry_forward = {_YEARS_CARRIED}", why("carried"), language, change=True),
        ]
        return "\n".join(lines) + "\n"


def is_raster_file(path: Path) -> bool:
    """Whether a file's name says that it is a raster.

    >>> is_raster_file(Path("noise_2024.tif")), is_raster_file(Path("homes.csv"))
    (True, False)
    """
    return path.suffix.lower() in ENDINGS


def raster_groups(
    files: Sequence[tuple[Path, str]],
    names: Iterable[str],
    report: Report,
    *,
    as_name: Callable[[str], str],
) -> list[RasterGroup]:
    """Rasters whose names differ in a year alone are one register; those that cannot be opened are a warning.

    Parameters
    ----------
    files : sequence of (Path, str)
        The files, and how the project file writes them.
    names : iterable of str
        Names that registers have already.
    report : Report
        Takes the warnings.
    as_name : callable
        A text as a name in the project file.
    """
    by_pattern: dict[str, list[tuple[str, str, tuple[int, ...]]]] = {}
    for file, written in files:
        try:
            with open_raster(file) as raster:
                bands = tuple(data_bands(raster))
        except UnreadableError as error:
            report.warn(
                phrase("the file is left out: {reason}", reason=as_message(error.args[0])),
                file=file,
                hint=error.hint,
            )
            continue
        start, slash, end = written.rpartition("/")
        in_name = PERIOD_IN_NAME.search(end)
        period = in_name[1].upper().replace("Q", "K") if in_name else ""
        pattern = start + slash + PERIOD_IN_NAME.sub("{period}", end, count=1)
        by_pattern.setdefault(pattern, []).append((written, period, bands))
    taken, groups = set(names), []
    for pattern, members in by_pattern.items():
        stem = Path(pattern).stem.replace("{period}", "")
        name = as_name(stem) or "raster"
        free, number = name, 2
        while free in taken:
            free, number = f"{name}_{number}", number + 1
        taken.add(free)
        periods = tuple(sorted(period for _, period, _ in members if period))
        groups.append(RasterGroup(free, pattern if periods else members[0][0], periods, members[0][2]))
    return groups
