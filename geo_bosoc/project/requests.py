"""What is to be read of each register: for the run's indicators, for studies, and with homes on another day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from geo_bosoc.indicators import Indicator, Parameter, needed_columns
from geo_bosoc.linkage import needs_linking
from geo_bosoc.linkage.link import extra_columns, population_name
from geo_bosoc.predicates.parse import predicate_columns
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.project.spec import Project
from geo_bosoc.registers.spec import RegisterSpec
from geo_bosoc.registers.tables.table_rows import Figure, Sum

HOME_DATE_MARK = "@"
"""Between a register's name and the day that gives its homes, in the name of a register variant."""


@dataclass(frozen=True)
class HomeDates:
    """Indicators that count in the register with their homes, and register variants: those linked on another day.

    `variants` are their specifications by name, ``charges@event``; see `register_of`.
    """

    indicators: tuple[Indicator, ...]
    variants: Mapping[str, RegisterSpec]


def register_of(name: str) -> str:
    """The register in the project file that a name, perhaps a twin's, stands for.

    >>> register_of("charges@event"), register_of("charges")
    ('charges', 'charges')
    """
    return name.partition(HOME_DATE_MARK)[0]


def id_columns(specs: Mapping[str, RegisterSpec]) -> dict[str, dict[str, str]]:
    """By register, the column that tells its persons or dwellings apart."""
    return {
        name: {spec.unit: spec.id}
        for name, spec in specs.items()
        if spec.id is not None and spec.unit in ("person", "dwelling")
    }


def resolve_home_dates(
    indicators: tuple[Indicator, ...], registers: Mapping[str, RegisterSpec], report: Report
) -> HomeDates:
    """Point each indicator with `home_on` to registers whose homes are those of that day.

    An indicator that names a day none of its registers can give is an error with its key.
    """
    variants: dict[str, RegisterSpec] = {}
    dated_indicators = []
    for indicator in indicators:
        home_on = indicator.home_on
        denominator_register = indicator.denominator.register_name or _default_register(registers)
        numerator_register = (
            indicator.numerator.register_name if indicator.numerator else None
        ) or denominator_register
        keyed = {
            name
            for name in (denominator_register, numerator_register)
            if name in registers and registers[name].place == "person"
        }
        if home_on is None:
            dated_indicators.append(indicator)
            continue
        key = f"indicator.{indicator.id}.home_on"
        if not keyed:
            report.error(
                "the indicator counts in no register that takes its homes from the population.",
                key=key,
                hint="Leave home_on out: the rows have places of their own.",
            )
        dated = {name for name in keyed if home_on != "event" or registers[name].event is not None}
        if keyed and not dated:
            report.error(
                phrase(
                    "it is not said which column of {registers} holds the day of the event.",
                    registers=joined(sorted(keyed)),
                ),
                key=key,
                hint='Write event = "..." for the register.',
            )
        names = {}
        for name in sorted(dated):
            if registers[name].home_on != home_on:
                names[name] = f"{name}{HOME_DATE_MARK}{home_on}"
                variants[names[name]] = registers[name].model_copy(update={"home_on": home_on})
        sides = {
            "denominator": indicator.denominator.model_copy(
                update={"register_name": names.get(denominator_register, denominator_register)}
            )
        }
        if indicator.numerator is not None:
            sides["numerator"] = indicator.numerator.model_copy(
                update={"register_name": names.get(numerator_register, numerator_register)}
            )
        dated_indicators.append(indicator.model_copy(update=sides) if names else indicator)
    return HomeDates(tuple(dated_indicators), variants)


def _default_register(registers: Mapping[str, RegisterSpec]) -> str:
    """The register of an indicator that names none."""
    return next(iter(registers)) if len(registers) == 1 else "persons"


@dataclass(frozen=True)
class Request:
    """What is wanted besides what the run counts.

    Attributes
    ----------
    columns : dict of str to frozenset of str
        By register, the columns wanted of it; a register that only studies want is read for the last period, or as
        `years` says.
    indicators : tuple of Indicator
        Those that a study counts itself.
    layers : frozenset of str
        The layers of boundaries that are wanted as areas, whatever their role.
    years : dict of str to int
        By register, of how many of the run's last years it is wanted (`last_of_years`); 1 if left out.
    """

    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    layers: frozenset[str] = frozenset()
    years: Mapping[str, int] = field(default_factory=dict)


def last_of_years(periods: Collection[str], years: int = 1) -> list[str]:
    """The last period of each of the last years.

    Examples
    --------
    >>> last_of_years(["2023K1", "2023K2", "2024K1", "2024K2"], 2)
    ['2023K2', '2024K2']
    """
    last_by_year = {period[:4]: period for period in sorted(periods)}
    return sorted(last_by_year.values())[-years:]


def join_requests(requests: Collection[Request]) -> Request:
    """All requests as one.

    Examples
    --------
    >>> both = join_requests([Request({"persons": frozenset({"age"})}), Request({"persons": frozenset({"home"})})])
    >>> sorted(both.columns["persons"])
    ['age', 'home']
    """
    columns: dict[str, frozenset[str]] = {}
    for request in requests:
        for name, names in request.columns.items():
            columns[name] = columns.get(name, frozenset()) | names
    wanted_in = [pair for request in requests for pair in request.years.items()]
    return Request(
        columns,
        tuple(indicator for request in requests for indicator in request.indicators),
        frozenset(layer for request in requests for layer in request.layers),
        {name: max(years for other, years in wanted_in if other == name) for name, _ in wanted_in},
    )


def request_of_balance(project: Project) -> Request:
    """The dwellings' columns that ``[balance]`` counts by, the residents' key to their dwelling, and its layer."""
    part = project.spec.balance
    if part is None or part.dwellings not in project.spec.registers:
        return Request()
    named = ("bbr_use", "bbr_ownership", "m2", "built", part.kind, part.estate, part.letting_status)
    columns = {part.dwellings: frozenset(name for name in named if name is not None)}
    population = part.population or population_name(project.spec.registers)
    if part.home is not None and population in project.spec.registers:
        columns[str(population)] = frozenset({part.home})
    return Request(columns, layers=frozenset() if part.areas is None else frozenset({part.areas}))


def request_of_link(project: Project) -> Request:
    """What linking persons over years wants read: what ``[balance]`` tells the tenures of homes by.

    The address table is read for any request.
    """
    return Request(request_of_balance(project).columns)


def requested_columns(
    request: Request, names: Sequence[str], ids: Mapping[str, Mapping[str, str]], report: Report
) -> dict[str, frozenset[str]]:
    """By register, the columns that a request names and those that its indicators need.

    Parameters
    ----------
    request : Request
        What the studies want.
    names : sequence of str
        The registers that indicators may count in.
    ids : mapping of str to mapping of str to str
        By register, the columns that tell persons, dwellings and so on apart.
    report : Report
        Takes what is wrong with the indicators.
    """
    needed = needed_columns(request.indicators, names, ids=ids, report=report) if request.indicators else {}
    both = {*request.columns, *needed}
    return {name: frozenset(request.columns.get(name, ())) | frozenset(needed.get(name, ())) for name in both}


def sums_of(register: str, indicators: Sequence[Indicator], registers: Collection[str]) -> tuple[Sum, ...]:
    """What indicators add up of a register; those that say no register mean the only one, or ``persons``."""
    default = next(iter(registers)) if len(registers) == 1 else "persons"
    sums: dict[Sum, None] = {}
    for indicator in indicators:
        base, top = indicator.denominator, indicator.numerator
        base_register = base.register_name or default
        base_conditions = (base.where,) if base.where else ()
        if base_register == register:
            columns = [base.sum, *([indicator.mean_of] if indicator.mean_of else [])]
            sums |= dict.fromkeys(Sum(base_conditions, column) for column in columns)
        if top is not None and (top.register_name or base_register) == register:
            conditions = (top.where,) if top.where else ()
            both = base_conditions if base_register == register else ()
            sums[Sum((*both, *conditions), top.sum)] = None
    return tuple(sums)


def figures_of(
    register: str, indicators: Sequence[Indicator], registers: Collection[str]
) -> tuple[Figure, ...]:
    """The columns of a finished table that indicators add up, with what each can be."""
    default = next(iter(registers)) if len(registers) == 1 else "persons"
    figures: list[Figure] = []
    for indicator in indicators:
        base, top = indicator.denominator, indicator.numerator
        base_register = register_of(base.register_name or default)
        base_conditions = (base.where,) if base.where else ()
        here = base_register == register
        mean = indicator.unit == "mean"
        if here and base.sum is not None:
            is_count = indicator.weight is None and (top is not None or indicator.scale == 1)
            figures.append(Figure(indicator.id, base.sum, base_conditions, is_count=is_count))
        if here and indicator.mean_of is not None:
            figures.append(
                Figure(indicator.id, indicator.mean_of, base_conditions, is_count=False, signed=True)
            )
        if (
            top is not None
            and top.sum is not None
            and register_of(top.register_name or base_register) == register
        ):
            conditions = (*(base_conditions if here else ()), *((top.where,) if top.where else ()))
            figures.append(
                Figure(
                    indicator.id,
                    top.sum,
                    conditions,
                    is_count=indicator.scale == 1 and indicator.weight is None and not mean,
                    signed=mean,
                    denominator=base.sum if here and not mean and indicator.unit != "count" else None,
                    strict=indicator.unit == "percent",
                )
            )
    return tuple(figures)


def conditions_on(
    register: str, indicators: Sequence[Indicator], registers: Collection[str]
) -> tuple[str, ...]:
    """The predicates of indicators on a register's rows."""
    default = next(iter(registers)) if len(registers) == 1 else "persons"
    conditions: dict[str, None] = {}
    for indicator in indicators:
        base, top = indicator.denominator, indicator.numerator
        base_register = base.register_name or default
        for side, name in ((base, base_register), (top, top.register_name or base_register if top else None)):
            if side is not None and name is not None and register_of(name) == register and side.where:
                conditions[side.where] = None
    return tuple(conditions)


@dataclass(frozen=True)
class ReadingPlan:
    """What is read of which register.

    `columns` are those that indicators need, and `requested` those that studies want; `counted` the registers that the
    run counts in, with those that give their rows homes, and `opened` those of studies too, which are read for the last
    of as many years as `years` says (1 if it names none). `for_variants` are
    registers that are counted only with homes on another day. `pooled` is the most years that an indicator adds up;
    with `all_periods` every period of the files is read. Persons' numbers in addresses are looked for later where the
    rows are matched with an address table anyway (`defer_address_check`).
    """

    columns: Mapping[str, tuple[str, ...]]
    requested: Mapping[str, frozenset[str]]
    counted: frozenset[str]
    opened: frozenset[str]
    for_variants: frozenset[str]
    pooled: int
    all_periods: bool
    defer_address_check: bool
    years: Mapping[str, int] = field(default_factory=dict)

    def with_earlier(self, periods: Collection[str]) -> list[str]:
        """The periods, and the earlier ones that are pooled with them."""
        earlier = {
            f"{int(period[:4]) - back}{period[4:]}" for period in periods for back in range(1, self.pooled)
        }
        return sorted({*periods, *earlier})


def plan_reading(
    project: Project,
    indicators: Sequence[Indicator],
    variants: Mapping[str, RegisterSpec],
    request: Request,
    report: Report,
    counted_by_address: bool,
) -> ReadingPlan:
    """Which registers are read, and what of them, for the indicators and for studies' request."""
    specs = project.spec.registers
    names = [name for name, spec in specs.items() if spec.unit != "address"]
    needs = Report()
    ids = id_columns({**specs, **variants})
    columns = dict(needed_columns(indicators, [*names, *variants], ids=ids, report=needs))
    needs.hand_over(report)
    requested = requested_columns(request, names, id_columns(specs), report)
    named = frozenset().union(*columns.values(), *requested.values())
    requested |= dict.fromkeys(project.spec.rasters_of(named), frozenset())
    for_variants = frozenset(register_of(variant) for variant in variants) - set(columns)
    for variant in variants:
        name = register_of(variant)
        columns[name] = tuple(sorted({*columns.get(name, ()), *columns.pop(variant, ())}))
    givers = _home_givers(specs, set(columns))
    if project.spec.membership is not None:
        givers |= {name for name, spec in specs.items() if spec.unit == "dwelling"}
    weights = {indicator.weight for indicator in (*indicators, *request.indicators)}
    givers |= {name for name, spec in specs.items() if spec.unit == "raster" and name in weights}
    counted = frozenset({*columns, *givers})
    everything = (*indicators, *request.indicators)
    pooled = max((indicator.pool_years for indicator in everything), default=1)
    matched_with_table = any(spec.unit == "address" for spec in specs.values()) and not (
        needs_linking(specs) or project.spec.places.corrections or project.spec.membership
    )
    return ReadingPlan(
        columns,
        requested,
        counted,
        counted | set(requested) | _home_givers(specs, set(requested) & set(specs)),
        for_variants,
        pooled,
        all_periods=pooled > 1 or any(indicator.carry_forward for indicator in everything),
        defer_address_check=counted_by_address and matched_with_table,
        years=request.years,
    )


def columns_to_read(project: Project, plan: ReadingPlan, name: str) -> set[str]:
    """The columns of a register that indicators, parameters, studies, links and the list of estates need."""
    specs = project.spec.registers
    spec = specs[name]
    columns = set(plan.requested.get(name, frozenset()))
    if spec.unit != "address":
        columns |= _with_parameters(plan.columns.get(name, ()), name, project.spec.parameters)
        columns = (columns | extra_columns(specs, name)) - spec.made_columns
    return columns | _membership_columns(project, spec)


def _membership_columns(project: Project, part: RegisterSpec) -> set[str]:
    """The column of the address table, or of the dwellings, by which the list of estates names addresses."""
    spec = project.spec.membership
    if spec is None or part.format is not None or spec.by in ("address_id", "kvhx"):
        return set()
    giver = "dwelling" if spec.by in ("bfe", "building_id") else "address"
    return {spec.by} if part.unit == giver else set()


def _home_givers(specs: Mapping[str, RegisterSpec], counted: set[str]) -> set[str]:
    """The registers that others of those counted take their homes from."""
    givers: set[str] = set()
    people = population_name(specs)
    for name in counted:
        if specs[name].place == "person" and people is not None:
            givers.add(people)
        if specs[name].place == "dwelling":
            givers |= {n for n, s in specs.items() if s.unit == "dwelling" and s.place != "dwelling"}
    return givers


def _with_parameters(
    columns: Collection[str], register: str, parameters: Mapping[str, float | str | Parameter]
) -> set[str]:
    needed = set(columns)
    for parameter in parameters.values():
        if isinstance(parameter, Parameter) and parameter.register_name == register:
            needed |= {parameter.column, *(predicate_columns(parameter.where) if parameter.where else ())}
    return needed
