"""Everything a project names, read and checked together: one list of problems, not one problem after another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from geo_bosoc.indicators import (
    Indicator,
    check_indicators,
    compute_parameters,
    list_indicators,
    load_indicators,
    with_scales,
)
from geo_bosoc.indicators.spec import Side
from geo_bosoc.linkage.estate_membership import read_membership
from geo_bosoc.models import (
    load_model,
    read_history,
)
from geo_bosoc.predicates.parse import Value
from geo_bosoc.problems import InputError, Report, add_problems
from geo_bosoc.problems.messages import bilingual, joined, phrase
from geo_bosoc.progress import Progress
from geo_bosoc.project.checks.not_in_registers import (
    absent_figures,
    check_literals,
    check_periods_in_registers,
    tell_absent_figures,
)
from geo_bosoc.project.comparisons import (
    check_groups,
    check_indicator_ids,
    check_twins,
    choose_references,
    read_references,
)
from geo_bosoc.project.earlier_areas import read_earlier_areas, split_tables
from geo_bosoc.project.home_columns import home_sources
from geo_bosoc.project.home_values import HomeValues
from geo_bosoc.project.inputs import HOUSEHOLDS, RESIDENTS, Inputs, ModelUse, PeriodRequest
from geo_bosoc.project.layers import read_layers
from geo_bosoc.project.registers import Registers, read_registers
from geo_bosoc.project.requests import Request, id_columns, join_requests, resolve_home_dates
from geo_bosoc.project.spec import Project, check_period_form
from geo_bosoc.project.spec_parts import ModelPart
from geo_bosoc.project.surfaces import check_surfaces
from geo_bosoc.rasters.zonal.settings import with_raster_settings
from geo_bosoc.registers.files import find_files
from geo_bosoc.registers.read import read_in_parts


def read_inputs(
    project: Project,
    report: Report,
    *,
    model: str | None = None,
    periods: Collection[str] = (),
    progress: Progress | None = None,
    counted_by_address: bool = False,
    requests: Sequence[Request] = (),
) -> Inputs:
    """Read all that the project names, each file once; `requests` are what studies want besides.

    Raises
    ------
    InputError
        Anything is wrong with any of it: all problems of all files are listed.
    """
    check_period_form(periods, report)
    report.raise_errors()
    study_columns = join_requests(requests)
    layers = read_layers(project, as_areas=study_columns.layers)
    models_report = Report()
    indicators, shown, uses = _indicators(project, read_models(project, model, models_report), models_report)
    indicators, shown = (_mark_without_base(several, project) for several in (indicators, shown))
    registers_report = Report()
    dated = resolve_home_dates(indicators, project.spec.registers, registers_report)
    shown_ids = {indicator.id for indicator in shown}
    indicators = dated.indicators
    shown = tuple(indicator for indicator in indicators if indicator.id in shown_ids)
    registers = read_registers(
        project,
        indicators,
        periods,
        registers_report,
        progress,
        variants=dated.variants,
        counted_by_address=counted_by_address,
        area_ids=layers.area_ids,
        request=study_columns,
    )
    if not registers_report.errors and layers.areas is not None:
        values = HomeValues(project, layers, registers.rasters, registers_report)
        frames, parts = values.joined(
            registers.home_columns, registers.frames, registers.parts, registers.addresses
        )
        registers = replace(registers, frames=frames, parts=parts)
    earlier = read_earlier_areas(project, layers.area_ids() or (), layers.report)
    registers, earlier = split_tables(registers, earlier)
    counted = {name: frame for name, frame in registers.frames.items() if name in registers.counted}
    layers.report.hand_over(report)
    areas = layers.areas
    models_report.hand_over(report)
    registers_report.hand_over(report)
    parameters: Mapping[str, Value | Mapping[str, Value]] = {}
    request = _period_request(project, tuple(dict.fromkeys(periods)), registers)
    if not registers_report.errors:
        check_periods_in_registers(request, indicators, registers_report)
        add_problems(report, registers_report.errors)
    if not registers_report.errors:
        parameters = compute_parameters(counted, project.spec.parameters, report=report)
        ids_of = id_columns(registers.specs)
        indicators = with_raster_settings(indicators, registers.rasters, report)
        at_home = set(project.spec.home_columns)
        made = {name: spec.made_columns | at_home for name, spec in registers.specs.items()}
        indicators = with_scales(counted, indicators, ids=ids_of, computed_columns=made, report=report)
        shown = tuple(indicator for indicator in indicators if indicator.id in shown_ids)
        check_indicators(counted, indicators, parameters=parameters, ids=ids_of, report=report)
        if not report.errors:
            given = project.spec.parameters
            check_literals(counted, indicators, given, registers.specs, parameters, ids_of, report)
    chosen = choose_references(indicators, project, report)
    indicators, shown = chosen, tuple(indicator for indicator in chosen if indicator.id in shown_ids)
    check_indicator_ids(project.spec.map.themes, "map.themes", shown, project, report)
    if project.spec.follow_up is not None:
        limits = project.spec.follow_up.classes.limits
        check_indicator_ids(limits, "follow_up.classes.limits", shown, project, report)
    check_twins(project, shown, report)
    check_surfaces(project, shown, report)
    models = [use.model for use in uses]
    references = read_references(project, indicators, models, tuple(periods), report)
    if areas is not None:
        check_groups(project.spec.groups, list(areas["area_id"]), report)
    membership = None
    if project.spec.membership is not None and areas is not None:
        ids = list(areas["area_id"])
        membership = read_membership(project.spec.membership, ids, report, folder=project.root)
    report.raise_errors()
    assert areas is not None
    return Inputs(
        areas=areas,
        outline=layers.outline,
        context=layers.context,
        backdrop=layers.backdrop,
        home_sources=home_sources(project, registers.rasters),
        rasters=registers.rasters,
        as_areas=layers.as_areas,
        indicators=indicators,
        shown=shown,
        uses=uses,
        registers=counted,
        frames=registers.frames,
        parts=registers.parts,
        unique=registers.unique,
        deferred_checks=registers.deferred_checks,
        addresses=registers.addresses,
        specs=registers.specs,
        membership=membership,
        parameters=parameters,
        references=references,
        period_request=request,
        earlier=earlier,
    )


def _period_request(project: Project, periods: tuple[str, ...], read: Registers) -> PeriodRequest:
    """The periods asked for and those that the registers of counted rows hold."""
    spec = project.spec
    where = {"key": "run.periods", "file": project.file.name} if periods == spec.run.periods else {}
    names = [name for name, part in spec.registers.items() if part.unit != "address" and name in read.counted]
    by_register = {name: read.periods.get(name, frozenset({None})) for name in names}
    return PeriodRequest(periods, by_register, partial(_periods_of_files, project), where if periods else {})


def _periods_of_files(project: Project, names: Collection[str]) -> list[str]:
    """The periods that the files of registers hold; read anew, for a message."""
    periods: set[str] = set()
    for name in names:
        part = project.spec.registers[name]
        if part.unit == "raster":
            files = find_files(part, project.root, None, Report(), None)
            periods |= {period for file in files if (period := part.fixed_period or file.period) is not None}
        elif part.format is None:
            columns = None if part.unit == "count" else ()  # classes tell a table's rows apart
            read = read_in_parts(part, columns=columns, folder=project.root, report=Report(), name=name)
            periods |= {period for period in read.periods if period is not None}
    return sorted(periods)


def _indicators(
    project: Project, models: Sequence[ModelUse], report: Report
) -> tuple[tuple[Indicator, ...], tuple[Indicator, ...], tuple[ModelUse, ...]]:
    """Those the project names, and after them those that its models or the residents' column need.

    Returns
    -------
    indicators, shown : tuple of Indicator
        All indicators to count, and those to show.
    uses : tuple of ModelUse
        The models that can be computed from them.
    """
    part = project.spec.indicators
    indicator_report = Report()
    shown = load_indicators(part.use, file=part.file, folder=project.root, report=indicator_report)
    indicator_report.hand_over(report)
    if indicator_report.errors:
        return shown, shown, ()
    named = {indicator.id for indicator in shown}
    population = any(register.role == "population" for register in project.spec.registers.values())
    needed = [name for use in models for name in use.needed] + ([RESIDENTS] if population else [])
    shipped = {indicator.id: indicator for indicator in list_indicators()}
    of_package = [shipped[name] for name in dict.fromkeys(needed) if name in shipped and name not in named]
    absent = absent_figures(of_package, project)
    countable = named | {indicator.id for indicator in of_package if indicator.id not in absent}
    uses = computable_models(models, countable, project.file, report)
    needed = [name for use in uses for name in use.needed] + ([RESIDENTS] if population else [])
    extra = [shipped[name] for name in dict.fromkeys(needed) if name in countable - named]
    for use in uses:
        missing = [name for name in use.needed if name not in countable]
        figures = [absent[name] for name in missing if name in absent]
        undefined = [name for name in missing if name not in absent]
        tell_absent_figures(use.model.id, figures, undefined, project.file, report)
    for_models = [indicator for indicator in extra if indicator.id != RESIDENTS]
    if for_models:
        names = joined(indicator.id for indicator in for_models)
        report.note(phrase("the model also counts {indicators}.", indicators=names), key="indicators.use")
    shown += tuple(for_models)
    unlisted = [indicator for indicator in extra if indicator.id == RESIDENTS]
    if HOUSEHOLDS not in named:
        unlisted += _households(project)
    return shown + tuple(unlisted), shown, uses


def _households(project: Project) -> list[Indicator]:
    """The indicator that counts households for the policy of disclosure control, where it asks for them."""
    key = project.spec.disclosure.household_key
    populations = [name for name, part in project.spec.registers.items() if part.role == "population"]
    if key is None or not populations:
        return []
    side = Side(register_name=populations[0])
    labels = {"label_da": "Husstande", "label_en": "Households"}
    return [Indicator(id=HOUSEHOLDS, denominator=side, distinct=key, unit="count", **labels)]


def _mark_without_base(indicators: tuple[Indicator, ...], project: Project) -> tuple[Indicator, ...]:
    """The indicators, those said to lack a base whose figures are a register's percentages without one."""
    made = {
        (name, f"{column}_whole")
        for name, spec in project.spec.registers.items()
        for column, base in spec.fractions.items()
        if not base
    }

    def bare(indicator: Indicator) -> bool:
        side = indicator.denominator
        return any(column == side.sum and side.register_name in (None, register) for register, column in made)

    return tuple(each.model_copy(update={"base_known": False}) if bare(each) else each for each in indicators)


def read_models(project: Project, source: str | None, report: Report) -> tuple[ModelUse, ...]:
    """The project's models, or the one that was asked for instead; what is wrong with any goes to the report."""
    parts = project.spec.model
    if source:
        listed = [part for part in parts if part.id == source]
        parts = tuple(listed) or (ModelPart(id=source),)
    uses = []
    for part in parts:
        try:
            model = load_model(part.id if part.id else project.root / str(part.path))
            history = None
            if part.history is not None:
                lists = part.history
                history = read_history(lists if lists == "published" else project.root / lists, model)
            uses.append(ModelUse(model, history, part.origin))
        except InputError as error:
            report.problems.extend(problem for problem in error.problems if problem not in report.problems)
    ids = [use.model.id for use in uses]
    for name in sorted({model_id for model_id in ids if ids.count(model_id) > 1}):
        report.error(
            phrase(
                "{count} models have the id {name}: outputs could not tell them apart.",
                count=ids.count(name),
                name=name,
            ),
            file=project.file,
            key="model",
            hint='Leave one out, or give the model file an id of its own (id = "...", its first line).',
        )
    return tuple({use.model.id: use for use in uses}.values())


def computable_models(
    uses: Sequence[ModelUse], countable: Collection[str], project: Path, report: Report
) -> tuple[ModelUse, ...]:
    """The models that can be computed from what is countable here; the others are told, never guessed at.

    A model none of whose criteria can be counted is left out; where no model remains, that is an error.
    """
    uses_here = []
    for use in uses:
        model = use.model
        criteria = [criterion for criterion in model.criterion if criterion.indicator in use.needed]
        missing = [criterion for criterion in criteria if criterion.indicator not in countable]
        if len(missing) < len(criteria):
            uses_here.append(use)
            continue
        names = joined(dict.fromkeys(criterion.indicator for criterion in missing))
        sources = joined(
            dict.fromkeys(
                bilingual(criterion.needs_text("en"), criterion.needs_text("da"))
                for criterion in missing
                if criterion.needs_text("en")
            ),
            " ",
        )
        level = report.warn if len(uses) > 1 else report.error
        level(
            phrase(
                "{model} cannot be computed here: none of its figures can be counted in the project's registers "
                "({names}).",
                model=model.id,
                names=names,
            )
            + (" " + phrase("It needs {needs}.", needs=sources) if sources else ""),
            file=project,
            key="model",
            hint=phrase(
                "Add those figures as a finished table with indicators of these names, or use "
                '"geo-bosoc categorise TABLE.csv --model {model}".',
                model=model.id,
            ),
        )
    return tuple(uses_here)
