"""A project file for a user's own files: what reads them, what is counted, and a model where all it needs is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from geo_bosoc.boundaries.describe import LayerDescription
from geo_bosoc.models import Model, list_models, load_model
from geo_bosoc.problems import Report
from geo_bosoc.project.spec import PROJECT_FILE
from geo_bosoc.project.start.file_roles import (
    address_table,
    assessed_layer,
    is_outline,
    kind_of,
    municipality_of,
    population_group,
)
from geo_bosoc.project.start.folder import (
    commented,
    refuse_project_file,
    toml_list,
    toml_text,
    write_project_files,
)
from geo_bosoc.project.start.guessed_indicators import GuessedIndicator, draft_of, figures_of_rows
from geo_bosoc.project.start.guessed_registers import register_text
from geo_bosoc.project.start.register_text import Kind, RegisterText, Setting, periods_text
from geo_bosoc.project.start.user_files import (
    FileGroup,
    UserFiles,
    as_name,
    look_into,
    match_areas,
    person_key,
    with_id,
    written_path,
)
from geo_bosoc.registers.describe import describe_table
from geo_bosoc.registers.readers.map_layers import LAYERS
from geo_bosoc.text.catalogue import Language, word

_POPULATION: Final = "persons"
_SURVEY: Final = "survey"
_INDICATORS_FILE: Final = "indicators.toml"
_RESIDENTS: Final = "residents"
_USUAL_MODEL: Final = "aarhus-2018"


@dataclass(frozen=True)
class StartedProject:
    """What was written: the files, and the lines of the project file in which something was guessed."""

    files: tuple[Path, ...]
    guesses: tuple[str, ...]


def start_from_files(
    folder: Path, paths: Sequence[Path], *, language: Language = "da", report: Report
) -> StartedProject:
    """Write a project that reads a user's own files where they lie; nothing is copied, and nothing written over.

    Parameters
    ----------
    folder : Path
        The project's folder.
    paths : sequence of Path
        Files and folders: registers and boundaries.
    language : {"da", "en"}, optional
        Of the comments, and of the project.
    report : Report
        Takes a warning for each file that cannot be used.

    Returns
    -------
    StartedProject

    Raises
    ------
    InputError
        The folder holds a project file, or none of the files can be used.
    """
    refuse_project_file(folder)
    files = look_into(paths, folder, report)
    if not (files.layers or files.groups or files.linked or files.rasters):
        report.error(
            "none of the files can be used.",
            hint="Name map layers and registers: --from areas.gpkg persons.csv.",
        )
        report.raise_errors()
    draft = _Draft(files, folder, language)
    texts = draft.texts()
    written = write_project_files(folder, texts)
    mark = "# "
    guesses = [
        line
        for line in texts[PROJECT_FILE].splitlines()
        if line.startswith("[") or (mark in line and not line.startswith(mark)) or line.startswith("# <- ")
    ]
    return StartedProject(tuple(written), tuple(guesses))


class _Draft:
    """The project as it is put together: layers with their roles, registers in order, indicators, a model."""

    def __init__(self, files: UserFiles, folder: Path, language: Language) -> None:
        self.folder, self.language = folder, language
        self.layer = assessed_layer(files)
        self.layers = [
            layer for layer in files.layers if layer.file != self.layer_file or layer.layer != self.layer_name
        ]
        groups = [*files.groups, *self._attributes(files)]
        if self.layer is not None:
            self.layer = _with_ids_of_tables(self.layer, groups)
        self.linked, self.rasters = files.linked, files.rasters
        self.kinds: dict[str, Kind | None] = {group.name: kind_of(group, self.layer) for group in groups}
        addresses = None if "dar" in files.linked else address_table(groups, self.kinds)
        others = [name for name, kind in self.kinds.items() if kind == "address"]
        if "dar" not in files.linked:  # coordinates that nothing points to are cases of their own
            self.kinds |= {name: "case" for name in others if addresses is None or addresses[0].name != name}
        keyed = "dar" in files.linked or (
            addresses is not None and addresses[0].table.column("kvhx") is not None
        )
        population = population_group(groups, self.kinds, addresses, keyed, self.layer)
        answers = next(
            (group for group in groups if group is not population and group.table.column("safety")), None
        )
        renamed = {id(population): _POPULATION} | ({id(answers): _SURVEY} if answers is not None else {})
        taken = set(renamed.values())
        self.groups = [
            replace(group, name=renamed.get(id(group)) or group.name + "_2" * (group.name in taken))
            for group in groups
        ]
        self.kinds |= {f"{name}_2": self.kinds[name] for name in taken & set(self.kinds)}
        self.kinds |= {renamed[id(group)]: self.kinds[group.name] for group in groups if id(group) in renamed}
        years = sorted(period[:4] for group in groups for period in group.periods)
        has_age = population is not None and any(
            population.table.column(role) for role in ("age", "birth_date")
        )
        self.setting = Setting(
            self.layer, addresses, keyed, None if population is None else _POPULATION, has_age,
            years[-1] if years else str(date.today().year), language, _person_keys(population),
        )  # fmt: skip
        self.registers = [
            register for group in self.groups if (register := self._register(group)) is not None
        ]
        self.indicators, self.presets, self.other_codes = self._indicators()

    @property
    def layer_file(self) -> Path | None:
        return None if self.layer is None else self.layer.file

    @property
    def layer_name(self) -> str | None:
        return None if self.layer is None else self.layer.layer

    def _attributes(self, files: UserFiles) -> Iterator[FileGroup]:
        """The assessed layer's attributes as a table, where no register holds figures of its areas or persons."""
        layer = self.layer
        if layer is None or layer.file.suffix.lower() not in LAYERS or "dar" in files.linked:
            return
        if any(kind_of(group, layer) in ("count", "person", "dwelling", "case") for group in files.groups):
            return
        table = describe_table(layer.file, report=Report())
        if table is not None and any(column.is_number and column.role is None for column in table.columns):
            path = written_path(layer.file, self.folder)
            yield FileGroup(as_name(layer.file.stem), (path,), (table,), is_layer=True)

    def _register(self, group: FileGroup) -> RegisterText:
        kind = self.kinds[group.name]
        if kind is None:
            unknown = RegisterText(group.name, "case", off=self.setting.why("unknown_register"))
            unknown.lines += [f"path = {group.path_text}", 'unit = "count"']
            return unknown
        register = register_text(group, kind, self.setting)
        addresses = self.setting.addresses
        if kind == "address" and addresses is not None and addresses[0].name != group.name:
            register.off = self.setting.why("one_address_table")
        if kind == "count" and not register.figures.indicators:
            register.off = self.setting.why("no_figures")
        return register

    def _indicators(self) -> tuple[list[GuessedIndicator], list[str], list[str]]:
        """Those that tables give, each with an id of its files, and those of persons."""
        presets: list[str] = []
        other_codes: list[str] = []
        by_age: dict[str, list[GuessedIndicator]] = {}
        read = [pair for pair in zip(self.registers, self.groups, strict=True) if not pair[0].off]
        for register, group in read:
            if register.kind != "count":
                of_package, by_age[register.name], others = figures_of_rows(group, register.columns)
                presets, other_codes = presets + of_package, other_codes + others
        indicators: dict[str, GuessedIndicator] = {}
        for register, _ in read:
            for indicator in [*register.figures.indicators, *by_age.get(register.name, [])]:
                free = indicator.id
                if free in indicators or free in presets:
                    free = as_name(f"{register.name} {free}")
                while free in indicators or free in presets:
                    free = as_name(f"{free} {len(indicators)}")
                indicators[free] = replace(indicator, id=free)
        return list(indicators.values()), presets, other_codes

    def texts(self) -> dict[str, str]:
        """By their names, the files of the project."""
        why, mark = self.setting.why, word("start", "change", self.language)
        code, name = municipality_of(self.layer)
        parts = [f"# {why('head')}\n# {why('marks', mark=mark)}\n"]
        language = self.language
        project = [
            "[project]",
            commented(f"name = {toml_text(name or why('our_municipality'))}", why("name"), language, change=True),
            commented(f"municipality = {toml_text(code)}" if code else '# municipality = "0751"',
                      why("municipality" if code else "no_municipality"), language, change=True),
            commented(f'language = "{language}"', why("language"), language),
            commented('output = "maps"', why("output"), language),
            "made_up = false",
        ]  # fmt: skip
        parts.append("\n".join(project) + "\n")
        parts += self._boundaries()
        for kind, name, unit in (("dar", "addresses", "address"), ("bbr", "dwellings", "dwelling")):
            if kind in self.linked:
                lines = [f"[registers.{name}]", f"path = {toml_text(self.linked[kind])}", f'unit = "{unit}"']
                lines.append(commented(f'format = "{kind}"', why(kind), language))
                parts.append(
                    "\n".join([*lines, 'status_date = "{year}-01-01"', f'source = "{kind.upper()}"']) + "\n"
                )
        parts += [register.text(language) for register in self.registers]
        parts += [raster.register(self.setting.year, language) for raster in self.rasters]
        if not any(not register.off for register in self.registers):
            parts.append(
                f'[registers]\n# {mark}: {why("no_register")}\n# [registers.persons]\n# path = "data/persons.csv"\n'
            )
        parts += [self._indicators_part(), self._model(), self._run()]
        parts.append("[disclosure]\n" + commented('policy = "five"', why("policy"), language) + "\n")
        texts = {PROJECT_FILE: "\n".join(parts)}
        if self.indicators or self.rasters:
            head = f"# {why('indicators_head')}\n# {why('marks', mark=mark)}\n"
            drafts = [draft_of(name, language) for name in self.other_codes]
            ids = {each.id for each in self.indicators} | set(self.presets)
            drafts = [*(raster.indicator(ids, language) for raster in self.rasters), *drafts]
            texts[_INDICATORS_FILE] = "\n".join(
                [head, *(each.text(language) for each in self.indicators), *drafts]
            )
        return texts

    def _boundaries(self) -> Iterator[str]:
        why, language = self.setting.why, self.language
        mark = word("start", "change", language)
        if self.layer is None:
            lines = [f"# {mark}: {why('no_areas')}", "[boundaries.areas]"]
            yield "\n".join([*lines, commented('path = "areas.gpkg"', "", language, change=True)]) + "\n"
        else:
            yield self._layer_text("areas", self.layer, "assessed")
        names: set[str] = {"areas", "municipality"}
        outline = next((layer for layer in self.layers if is_outline(layer)), None)
        if outline is not None:
            yield self._layer_text("municipality", outline, "outline")
        for layer in self.layers:
            if layer is outline:
                continue
            name = as_name(layer.layer or layer.file.stem) or "layer"
            free, number = name, 2
            while free in names:
                free, number = f"{name}_{number}", number + 1
            names.add(free)
            yield self._layer_text(free, layer, "context")

    def _layer_text(self, name: str, layer: LayerDescription, role: str) -> str:
        """A table of ``[boundaries]``; a layer whose place nobody can tell is written with ``#``."""
        why, language = self.setting.why, self.language
        lines = [commented(f"[boundaries.{name}]", why(role, features=layer.features), language)]
        lines.append(f"path = {toml_text(written_path(layer.file, self.folder))}")
        if layer.has_cells and layer.id is not None:
            lines.append(commented(f"cell = {toml_text(layer.id.value)}", why("cell_ids"), language))
            return "\n".join(lines) + "\n"
        if layer.layer is not None:
            lines.append(f"layer = {toml_text(layer.layer)}")
        if role != "context":
            for key, column in (("id", layer.id), ("name", layer.name)):
                if column is not None:
                    lines.append(
                        commented(f"{key} = {toml_text(column.value)}", column.why(language), language)
                    )
                else:
                    lines.append(commented(f'# {key} = ""', why("no_column"), language, change=True))
        if layer.crs is not None and not layer.states_crs:
            lines.append(
                commented(
                    f"crs = {toml_text(layer.crs.value)}", layer.crs.why(language), language, change=True
                )
            )
        elif layer.crs is not None:
            lines.append(f"# {why('crs', crs=layer.crs.value, why=layer.crs.why(language))}")
        else:
            lines = [f"# {line}" for line in [*lines, 'crs = "EPSG:25832"']]
            lines.insert(0, f"# {word('start', 'change', language)}: {why('no_crs')}")
        return "\n".join(lines) + "\n"

    def _indicators_part(self) -> str:
        why, language = self.setting.why, self.language
        lines = ["[indicators]"]
        if self.presets:
            lines.append(commented(f"use = {toml_list(self.presets)}", why("presets"), language))
        if self.indicators or self.rasters:
            lines.append(commented(f'file = "{_INDICATORS_FILE}"', why("indicators_file"), language))
        if not (self.presets or self.indicators or self.rasters):
            lines.append(commented("use = []", why("no_indicators"), language, change=True))
        if self.other_codes:
            mark = word("start", "change", language)
            lines.append(f"# {mark}: {why('other_codes', names=', '.join(self.other_codes))}")
        return "\n".join(lines) + "\n"

    def _model(self) -> str:
        """``[model]``, on where all that a model needs is there."""
        present = {*(each.id for each in self.indicators), *self.presets}
        if self.setting.population is not None:
            present.add(_RESIDENTS)
        complete = next((model for model in list_models() if not _missing(model.id, present)), None)
        why, language = self.setting.why, self.language
        if complete is not None:
            return f"[model]\n{commented(f'id = {toml_text(complete.id)}', why('model'), language, change=True)}\n"
        missing = ", ".join(_missing(_USUAL_MODEL, present))
        mark = word("start", "change", language)
        note = why("no_model", model=_USUAL_MODEL, missing=missing)
        return f'# {mark}: {note}\n# [model]\n# id = "{_USUAL_MODEL}"\n'

    def _run(self) -> str:
        counted = [each for each in self.registers if not each.off and each.periods]
        population = [each for each in counted if each.name == _POPULATION]
        tables = [each for each in counted if each.kind == "count"]
        first = next(iter([*population, *tables, *counted]), None)
        unknown = first is None or first.period_unknown
        periods = (self.setting.year,) if first is None else first.periods
        why = self.setting.why("period_unknown" if unknown else "periods")
        return (
            f"[run]\n{commented(f'periods = {periods_text(periods)}', why, self.language, change=unknown)}\n"
        )


def _person_keys(population: FileGroup | None) -> frozenset[str]:
    """The numbers or ids of the population's persons, compared in memory alone."""
    person = None if population is None else population.table.column("person")
    if population is None or person is None:
        return frozenset()
    return frozenset(person_key(value) for value in population.values(person.name))


def _with_ids_of_tables(layer: LayerDescription, groups: Sequence[FileGroup]) -> LayerDescription:
    """The layer with the ids that most tables have."""
    tables: dict[str, list[str]] = {}
    for group in groups:
        match = match_areas(group, layer)
        if match is not None:
            tables.setdefault(match.layer_column, []).append(group.table.file.name)
    if not tables:
        return layer
    column = max(tables, key=lambda name: len(tables[name]))
    return with_id(layer, column, tables[column][0])


def _missing(model_id: str, present: Collection[str]) -> list[str]:
    """What a model needs and is not there, in the model's order."""
    model: Model = load_model(model_id)
    needed = [
        *(criterion.indicator for criterion in model.criterion),
        *(gate.indicator for gate in model.gates),
    ]
    return [name for name in dict.fromkeys(needed) if name not in present]
