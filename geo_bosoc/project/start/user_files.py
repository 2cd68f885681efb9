"""A user's own files: which are map layers and which are tables, which belong together, and what joins them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import polars as pl

from geo_bosoc.boundaries.attributes import texts
from geo_bosoc.boundaries.describe import LayerDescription, describe_layers, is_layer_file
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import as_message, phrase
from geo_bosoc.problems.person_number_forms import holds_person_number
from geo_bosoc.project.start.folder import toml_list, toml_text
from geo_bosoc.project.start.guessed_rasters import (
    PERIOD_IN_NAME,
    RasterGroup,
    is_raster_file,
    raster_groups,
)
from geo_bosoc.registers.column_roles import ColumnDescription
from geo_bosoc.registers.describe import TableDescription, describe_table
from geo_bosoc.registers.readers.registry import readable_endings
from geo_bosoc.text.guesses import folded, guess, roles_by_name

_PARTS_OF_LAYERS: Final = (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx", ".qmd", ".qpj", ".xml")
_NUMBER_AT_END: Final = re.compile(r"[ _-]?\d{1,2}$")
_LINKED: Final = {"dar": ("husnummer", "adressepunkt"), "bbr": ("enhed", "bygning")}
JOINED: Final = 0.2
"""From so many of a column's values on that another file has, it points there: of large files only the first rows are
looked at, so that all of them are seldom found."""


@dataclass(frozen=True)
class FileGroup:
    """Files of one register: one, or several that their periods tell apart.

    Attributes
    ----------
    name : str
        The register's name.
    paths : tuple of str
        As the project file writes them, with ``{period}`` where the files' names tell their periods.
    tables : tuple of TableDescription
        The files, looked into.
    periods : tuple of str
        The periods in their names.
    is_layer : bool
        Whether the rows are the attributes of a map layer.
    """

    name: str
    paths: tuple[str, ...]
    tables: tuple[TableDescription, ...]
    periods: tuple[str, ...] = ()
    is_layer: bool = False

    @property
    def table(self) -> TableDescription:
        """The last file, which stands for the others."""
        return self.tables[-1]

    @property
    def path_text(self) -> str:
        """The path, or several, as TOML has them."""
        return toml_text(self.paths[0]) if len(self.paths) == 1 else toml_list(self.paths)

    def are_distinct(self, *columns: str) -> bool:
        """Whether no two rows of a file are the same in these columns.

        Parameters
        ----------
        *columns : str
            The columns.
        """
        return all(table.sample.select(columns).n_unique() == table.sample.height for table in self.tables)

    def values(self, column: str) -> frozenset[str]:
        """The different values of a column in all files, as ids are written.

        Parameters
        ----------
        column : str
            The column.
        """
        present = (table.sample[column] for table in self.tables if column in table.sample.columns)
        return frozenset(value for values in present for value in _as_ids(values))


@dataclass(frozen=True)
class UserFiles:
    """What a user named: map layers, registers, rasters, and folders of linked files (``dar``, ``bbr``) by the path to
    write."""

    layers: tuple[LayerDescription, ...]
    groups: tuple[FileGroup, ...]
    linked: Mapping[str, str] = field(default_factory=dict)
    rasters: tuple[RasterGroup, ...] = ()


def _as_ids(values: pl.Series) -> Iterable[str]:
    filled = values.drop_nulls()
    if filled.dtype.is_float():
        filled = filled.cast(pl.Int64, strict=False).drop_nulls()
    ids = filled.cast(pl.String).str.strip_chars().unique()
    return [value for value in ids.to_list() if value]


def person_key(value: str) -> str:
    """A person's number or id in the form that all ways of writing it share.

    >>> person_key("990299-7391") == person_key("9902997391 "), person_key("142034567")
    (True, '0142034567')
    """
    plain = re.sub(r"[^0-9A-Za-z]", "", value).upper()
    return plain.zfill(10) if plain.isdigit() else plain


def look_into(paths: Sequence[Path], folder: Path, report: Report) -> UserFiles:
    """Look into files, and into the files of folders.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.
    folder : Path
        The project's folder, from which paths are written.
    report : Report
        Takes a warning for each file that cannot be read; the others are used.

    Returns
    -------
    UserFiles
    """
    layers: list[LayerDescription] = []
    tables: list[TableDescription] = []
    linked: dict[str, str] = {}
    rasters: list[tuple[Path, str]] = []
    for files in _files(paths, report):
        stems = " ".join(file.stem.lower() for file in files)
        kind = next((kind for kind, names in _LINKED.items() if all(name in stems for name in names)), None)
        if kind is not None:
            linked[kind] = written_path(files[0].parent, folder) + "/*.*"
            continue
        for file in files:
            problems = Report()
            if is_raster_file(file):
                rasters.append((file, written_path(file, folder)))
            elif is_layer_file(file):
                layers += describe_layers(file, report=problems)
            else:
                table = describe_table(file, report=problems)
                if table is not None and any(holds_person_number(column.name) for column in table.columns):
                    problems.error(
                        "the name of a column looks like a person number (CPR).", hint="Is row 1 the head?"
                    )
                elif table is not None:
                    tables.append(table)
            _tell_left_out(file, problems, report)
    groups = tuple(_grouped(tables, folder))
    names = (group.name for group in groups)
    return UserFiles(
        tuple(layers), groups, linked, tuple(raster_groups(rasters, names, report, as_name=as_name))
    )


def _tell_left_out(file: Path, problems: Report, report: Report) -> None:
    """One line for a file that cannot be used, whatever is wrong with it."""
    if problems.errors:
        first = problems.errors[0]
        where = {name: getattr(first, name) for name in ("row", "column", "hint")}
        report.warn(
            phrase("the file is left out: {reason}", reason=as_message(first.message)), file=file, **where
        )


def _files(paths: Sequence[Path], report: Report) -> Iterator[list[Path]]:
    """The files, those of one folder together; what is no file that can be read is a warning."""
    endings = (*readable_endings(), *_PARTS_OF_LAYERS)
    for path in paths:
        if holds_person_number(str(path)):
            report.warn(
                "the file is left out: its name or a folder's looks like a person number (CPR).",
                hint="Give it another name.",
            )
        elif path.is_dir() and path.suffix.lower() != ".gdb":
            inside = sorted(file for file in path.rglob("*") if file.is_file())
            inside = [
                file
                for file in inside
                if not file.name.startswith(".") and not holds_person_number(file.name)
            ]
            usable = [
                file
                for file in inside
                if file.suffix.lower() in endings or is_layer_file(file) or is_raster_file(file)
            ]
            if not usable:
                report.warn(
                    "the folder is left out: there is no file in it that can be read.", file=path.name
                )
            for parent in dict.fromkeys(file.parent for file in usable):
                yield [
                    file
                    for file in usable
                    if file.parent == parent and file.suffix.lower() not in _PARTS_OF_LAYERS
                ]
        elif not path.exists():
            report.warn("the file is left out: it is not there.", file=path)
        elif path.suffix.lower() in _PARTS_OF_LAYERS:
            continue
        elif not (path.suffix.lower() in endings or is_layer_file(path) or is_raster_file(path)):
            report.warn("the file is left out: this kind of file is not read.", file=path)
        else:
            yield [path]


def written_path(path: Path, folder: Path) -> str:
    """A path as the project file writes it: from the project's folder where that is possible, with forward slashes.

    >>> written_path(Path("data/a.csv"), Path("."))
    'data/a.csv'
    """
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


def _grouped(tables: Sequence[TableDescription], folder: Path) -> Iterator[FileGroup]:
    """Files of the same columns whose names differ in a year, a quarter or a number at the end are one register."""
    by_pattern: dict[tuple[str, frozenset[str]], list[TableDescription]] = {}
    for table in tables:
        stem = PERIOD_IN_NAME.sub("{period}", table.file.stem, count=1)
        stem = stem if "{period}" in stem else _NUMBER_AT_END.sub("", stem)
        pattern = f"{table.file.parent.as_posix()}/{stem}{table.file.suffix.lower()}"
        names = frozenset(column.name for column in table.columns)
        by_pattern.setdefault((pattern, names), []).append(table)
    taken: set[str] = set()
    for group in by_pattern.values():
        files = tuple(sorted(group, key=lambda table: table.file.name))
        matches = [PERIOD_IN_NAME.search(table.file.stem) for table in files]
        periods = tuple(match[1].upper().replace("Q", "K") for match in matches if match)
        paths = tuple(written_path(table.file, folder) for table in files)
        if len(periods) == len(files) and not _tells_periods(files):
            start, slash, end = paths[0].rpartition("/")
            pattern = start + slash + PERIOD_IN_NAME.sub("{period}", end, count=1)
            name = _free_name(PERIOD_IN_NAME.sub("", files[0].file.stem), taken)
            yield FileGroup(name, (pattern,), files, tuple(sorted(set(periods))))
        else:
            stem = files[0].file.stem if len(files) == 1 else _NUMBER_AT_END.sub("", files[0].file.stem)
            yield FileGroup(_free_name(stem, taken), paths, files)


def _tells_periods(tables: Sequence[TableDescription]) -> bool:
    """Whether rows say their period, and files hold several of them."""
    columns = [table.column("period") for table in tables]
    return all(column is not None and column.distinct > 1 for column in columns) or any(
        table.periods_across for table in tables
    )


def _free_name(stem: str, taken: set[str]) -> str:
    """A register's name from a file's; with a number where it is taken."""
    name = as_name(stem) or "register"
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    taken.add(free)
    return free


def as_name(text: str) -> str:
    """A text as a name in the project file: small letters, digits and underscores.

    >>> as_name("Beboere (2024), 0-5 år")
    'beboere_2024_0_5_aar'
    """
    words = re.split(r"[^\w]+|_", text.lower())
    return "_".join(word for word in (folded(part) for part in words) if word)


@dataclass(frozen=True)
class AreaMatch:
    """A table's column (or its heads, with `across`) that holds the ids of a layer's areas.

    `layer_column` is the layer's column with these ids, `areas` how many of its areas the table has, and `others` how
    many ids it has besides.
    """

    column: str
    layer_column: str
    areas: int
    others: int
    across: bool = False


def match_areas(group: FileGroup, layer: LayerDescription) -> AreaMatch | None:
    """The column of a table that says the area of a layer, by its values; None where there is none.

    Parameters
    ----------
    group : FileGroup
        The table.
    layer : LayerDescription
        The areas.
    """
    matches = []
    for layer_column, ids in _id_candidates(layer):
        for column in group.table.columns:
            if _may_be_area(column, layer_column):
                values = group.values(column.name)
                match = AreaMatch(column.name, layer_column, len(ids & values), len(values - ids))
                matches += [match] if _is_match(match, len(ids), len(values)) else []
        heads = frozenset(column.name for column in group.table.columns)
        across = AreaMatch("", layer_column, len(ids & heads), len(heads - ids), across=True)
        if across.areas > 1 and across.areas >= 0.5 * len(heads):
            matches.append(across)
    return max(matches, key=lambda match: (match.areas, -match.others), default=None)


def _is_match(match: AreaMatch, ids: int, values: int) -> bool:
    covers = match.areas >= 0.5 * ids and match.areas >= min(2, ids)
    return covers or (match.areas >= 3 and match.areas >= 0.5 * values)


def _id_candidates(layer: LayerDescription) -> Iterator[tuple[str, frozenset[str]]]:
    """The layer's column of ids, and others that tell its areas apart by number or name."""
    first = layer.id.value if layer.id is not None else None
    if first is not None:
        yield first, layer.ids
    for name in map(str, layer.table.columns):
        if name == first or not {"area", "id", "name"} & set(roles_by_name(name)):
            continue
        values = texts(layer.table.loc[:, name])
        if len(set(values)) == len(values) and "" not in values:
            yield name, frozenset(values)


def _may_be_area(column: ColumnDescription, layer_column: str) -> bool:
    """Whether a column may say an area: texts, and numbers whose name says so."""
    role = column.role.value if column.role is not None else None
    if role not in (None, "area", "id", "name", "kind"):
        return False
    if column.type == "text":
        return True
    return column.type == "whole" and (role in ("area", "id") or folded(column.name) == folded(layer_column))


def with_id(layer: LayerDescription, column: str, table: str) -> LayerDescription:
    """A layer whose ids are those of another column, because a table's values are.

    Parameters
    ----------
    layer : LayerDescription
        The layer.
    column : str
        Its column.
    table : str
        The table's name, for the reason.
    """
    if layer.id is not None and layer.id.value == column:
        return layer
    ids = frozenset(texts(layer.table.loc[:, column]))
    return replace(layer, id=guess(column, "ids_of_table", table=table), ids=ids)
