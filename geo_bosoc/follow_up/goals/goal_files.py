"""Goal sets in: tables of baselines and goals, dated, checked cell by cell before anything is compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Final

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.follow_up.goals.spec import Goal, GoalSet, GoalSetSpec, list_goal_sets
from geo_bosoc.follow_up.goals.targets import (
    DIRECTIONS,
    FACTORS,
    Direction,
    Path,
    Target,
    as_number,
    parse_path,
    parse_period,
    parse_target,
    period_end,
    plain_unit,
)
from geo_bosoc.models.load import lbf_follow_up, published
from geo_bosoc.models.table_files import columns_by_role, read_finished, row_numbers
from geo_bosoc.models.typed_numbers import cell_text
from geo_bosoc.outputs.csv_tables import bare_text
from geo_bosoc.problems import InputError, Report, did_you_mean, load_spec
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.person_numbers import refuse_person_numbers

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "goal_id": ("goal_id", "id", "mål_id"),
    "label": ("label", "name", "navn"),
    "theme": ("theme", "tema"),
    "area_id": ("area_id", "area", "område", "områdenummer"),
    "indicator": ("indicator", "measure", "indikator", "måltal"),
    "category": ("category", "categories", "kategori", "kategorier"),
    "model": ("model",),
    "population": ("population", "befolkning"),
    "baseline": ("baseline", "udgangspunkt"),
    "baseline_period": ("baseline_period", "baseline_year", "udgangsår", "udgangsperiode"),
    "baseline_mean_of": ("baseline_mean_of", "gennemsnit_af"),
    "target": ("target", "goal", "mål"),
    "target_period": ("target_period", "target_year", "goal_period", "goal_year", "målår", "målperiode", "year", "år"),
    "direction": ("direction", "retning"),
    "unit": ("unit", "enhed"),
    "path": ("path", "vej"),
    "municipality_baseline": ("municipality_baseline", "municipality_value", "kommunens værdi"),
    "municipality_period": ("municipality_period", "municipality_year", "kommunens år"),
    "long_term": ("long_term", "på sigt"),
    "source": ("source", "source_named", "kilde"),
    "fingerprint": ("fingerprint",),
}  # fmt: skip
"""By its role each column of a table of goals, by the names it goes by; the first is written."""
_WRITTEN: Final = ("name", "output_set")
"""Columns that a written table of goals has besides."""


def load_goals(source: str | FilePath, *, area: str | None = None, report: Report | None = None) -> GoalSet:
    """A set of goals: one that ships, a table of your own, or a dated file that names its table.

    Parameters
    ----------
    source : str or Path
        The id of a shipped set (`list_goal_sets`); a table (CSV, xlsx; columns in docs/follow-up.md); or a TOML file
        (`GoalSetSpec`).
    area : str, optional
        The area of goals that name none.
    report : Report, optional
        Collects every problem; without it errors raise.

    Returns
    -------
    GoalSet
        Without goals where `report` took errors.

    Raises
    ------
    InputError
        There is no such set or file, or something in it is wrong: all of it, with row and column.

    Examples
    --------
    >>> goal = load_goals("gellerup-2018").goals[5]
    >>> goal.indicator, goal.baseline, goal.target.number, goal.target_period
    ('outside the labour market', 0.525, 0.45, '2022')
    """
    reading = Report()
    spec, table, file = _open(source, reading)
    goals: tuple[Goal, ...] = ()
    if table is not None:
        if spec.rows == "indicators":
            goals = _followed(table, spec, area or spec.area or "")
        else:
            must_name = spec.id not in {shipped.id for shipped in list_goal_sets()}
            goals = _goals(table, spec, area or spec.area, must_name, reading, file)
    if reading.errors:
        goals = ()
    reading.hand_over(report)
    return GoalSet(spec, goals, file)


def _open(source: str | FilePath, report: Report) -> tuple[GoalSetSpec, pd.DataFrame | None, str | None]:
    """What the source says of itself, its table, and the table's name."""
    shipped = {spec.id: spec for spec in list_goal_sets()}
    if str(source) in shipped:
        spec = shipped[str(source)]
        return spec, published(spec.table), f"{spec.table}.csv"
    path = FilePath(source)
    stem = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in path.stem.casefold()).strip(
        "-"
    )
    named = GoalSetSpec(id=stem or "goals", label_da=path.stem or "goals", table=path.name)
    try:
        if path.suffix == "":
            report.error(
                phrase('there is no goal set "{name}".', name=str(source)),
                hint=did_you_mean(str(source), shipped)
                or phrase("There are: {names}; or name a file.", names=joined(shipped)),
            )
            return named, None, None
        if path.suffix.casefold() == ".toml":
            named = load_spec(GoalSetSpec, path)
            path = path.parent / named.table
        return named, read_finished(path, signs=True), path.name
    except InputError as error:
        report.problems += list(error.problems)
        return named, None, path.name


def _followed(table: pd.DataFrame, spec: GoalSetSpec, area: str) -> tuple[Goal, ...]:
    """Landsbyggefonden's indicators: a baseline for area and municipality, and nothing asked for."""
    goals = []
    for number, row in enumerate(lbf_follow_up(table).to_dict("records"), start=1):
        measure = ", ".join(filter(None, (row["indicator"], row["place"])))
        unit = plain_unit(str(row["unit"]))
        factor = FACTORS.get(unit, 1)
        goals.append(
            Goal(
                goal_id=f"{spec.id}-{number}",
                label=measure,
                area_id=area,
                indicator=measure,
                baseline=row["area_value"] / factor,
                baseline_period=row["year"],
                direction=spec.directions.get(row["indicator"]),
                unit=unit,
                municipality_baseline=row["municipality_value"] / factor,
                row=number + 1,
            )
        )
    return tuple(goals)


def _goals(
    table: pd.DataFrame,
    spec: GoalSetSpec,
    area: str | None,
    must_name: bool,
    report: Report,
    file: str | None,
) -> tuple[Goal, ...]:
    columns = _roles([str(name) for name in table.columns])
    for role in ("indicator", "target"):
        if role not in columns and not (role == "indicator" and "category" in columns):
            report.error(
                phrase('the goals have no column "{column}".', column=role),
                file=file,
                column=role,
                hint=phrase("It may also be called {names}.", names=joined(_COLUMNS[role][1:])),
            )
    _tell_unread([str(name) for name in table.columns], columns, report, file)
    numbers = row_numbers(table)
    for role in ("goal_id", "label", "indicator", "area_id", "population", "source"):
        if role in columns:
            texts = [cell_text(value) for value in table[columns[role]]]
            refuse_person_numbers(texts, columns[role], report, file=file, rows=numbers)
    if report.errors:
        return ()
    goals: list[Goal] = []
    seen: dict[str, int] = {}
    for position, (number, row) in enumerate(zip(numbers, table.to_dict("records"), strict=True), start=1):
        cells = {role: bare_text(cell_text(row[column])) for role, column in columns.items()}
        if not any(cells.values()):
            continue
        goal = _Row(cells, number, columns, report, file).goal(spec, position, area, must_name)
        if goal.goal_id in seen:
            report.error(phrase('goal "{name}" stands in row {row} too.', name=goal.goal_id, row=seen[goal.goal_id]),
                         file=file, row=number, column=columns.get("goal_id"))  # fmt: skip
        seen.setdefault(goal.goal_id, number)
        goals.append(goal)
    return tuple(goals)


def _roles(header: Sequence[str]) -> dict[str, str]:
    """By its role each column; a column ``goal`` next to ``target`` is the theme, as agreements print it."""
    columns = columns_by_role(header, _COLUMNS)
    printed = columns_by_role(header, {"target": ("target",), "theme": ("goal",)})
    return {"theme": printed["theme"], **columns} if len(printed) == 2 else columns


def _tell_unread(header: Sequence[str], columns: Mapping[str, str], report: Report, file: str | None) -> None:
    names = [name for choices in _COLUMNS.values() for name in choices]
    for name in header:
        if name and name not in columns.values() and name not in _WRITTEN:
            report.warn("this column is not read.", file=file, column=name, hint=did_you_mean(name, names))


class _Row:
    """A row of the table while it is read: every fault goes to the report."""

    def __init__(
        self, texts: Mapping[str, str], number: int, columns: Mapping[str, str], report: Report, file: str | None
    ) -> None:  # fmt: skip
        self.texts, self.number, self.columns, self.report, self.file = texts, number, columns, report, file

    def text(self, role: str) -> str:
        return self.texts.get(role, "")

    def fault(self, role: str, message: str, hint: str | None = None) -> None:
        self.report.error(
            message, file=self.file, row=self.number, column=self.columns.get(role, role), hint=hint
        )

    def number_of(self, role: str, unit: str) -> float | None:
        text = self.text(role).removesuffix("%")
        number = as_number(text, unit) if text else None
        if text and number is None:
            self.fault(
                role, "this is no number.", "Write 40.7 or 40,7; leave it empty where it is to be computed."
            )
        return number

    def period(self, role: str) -> str:
        text = self.text(role)
        period = parse_period(text) if text else ""
        if period is None:
            self.fault(
                role, "this is no period.", "Write a year (2024), a half-year (2024H1) or a quarter (2024K1)."
            )
        return period or ""

    def target(self, role: str, unit: str) -> Target:
        target = parse_target(self.text(role), unit)
        if target is None:
            self.fault(role, "this goal is not understood.",
                       'Write a number, "+25 %", "25 % less", "halved", "reach the municipality", '
                       '"approach the municipality" or a criterion ("national-2021:outside_labour_pct").')  # fmt: skip
        return target or Target("none")

    def goal(self, spec: GoalSetSpec, position: int, area: str | None, must_name: bool) -> Goal:
        unit = plain_unit(self.text("unit"))
        target = self.target("target", unit)
        baseline, period = self.number_of("baseline", unit), self.period("baseline_period")
        indicator = self.text("indicator") or target.criterion
        categories = tuple(filter(None, (name.strip() for name in self.text("category").split("|"))))
        area_id = self.text("area_id") or area or (MUNICIPALITY if categories else "")
        path = parse_path(self.text("path"), unit)
        if path is None:
            self.fault("path", "this path is not understood.",
                       'Write "linear", "step", or milestones such as "2025: 50; 2026: 48".')  # fmt: skip
        target_period = self.period("target_period")
        self._check(target, target_period, period, baseline, indicator or "|".join(categories))
        if must_name and not area_id:
            self.fault("area_id", "the goal names no area.", "Name one, or give area in the project file.")
        return Goal(
            goal_id=self.text("goal_id") or f"{spec.id}-{position}",
            label=self.text("label") or ", ".join(filter(None, (indicator, self.text("population")))),
            theme=self.text("theme"),
            area_id=area_id,
            indicator=indicator,
            categories=categories,
            model=self.text("model"),
            baseline=baseline,
            baseline_period=period,
            baseline_mean_of=self._mean_of(),
            target=target,
            target_text=self.text("target"),
            target_period=target_period,
            direction=self._direction(spec, indicator, target, baseline),
            unit=unit,
            path=path or Path(),
            path_text=self.text("path"),
            municipality_baseline=self.number_of("municipality_baseline", unit),
            long_term=parse_target(self.text("long_term"), unit) or Target("none"),
            long_term_text=self.text("long_term"),
            source=self.text("source"),
            definition=self.text("fingerprint"),
            row=self.number,
        )

    def _check(
        self, target: Target, target_period: str, period: str, baseline: float | None, subject: str
    ) -> None:
        """What a goal must have to be compared with anything."""
        if not subject:
            self.fault("indicator", "the goal names no indicator.")
        if target.kind != "none" and not target_period and not self.text("target_period"):
            self.fault(
                "target_period",
                "the goal has no year.",
                "Write the year (or 2026H1) by which it is to be met.",
            )
        if not period and not self.text("baseline_period"):
            self.fault("baseline_period", "the baseline has no year.")
        if period and target_period and period_end(target_period) <= period_end(period):
            self.fault("target_period", "the goal's year does not come after the baseline's.")

    def _mean_of(self) -> int:
        text = self.text("baseline_mean_of")
        if text and not (text.isascii() and text.isdigit() and 1 <= int(text) <= 100):
            self.fault("baseline_mean_of", "a whole number of 1 or more is needed.")
            return 1
        return int(text) if text else 1

    def _direction(
        self, spec: GoalSetSpec, indicator: str, target: Target, baseline: float | None
    ) -> Direction | None:
        """As it is written; else where the goal lies from the baseline."""
        text = self.text("direction").casefold()
        if text:
            if text not in DIRECTIONS:
                self.fault("direction", "this is no direction.", "Write up or down.")
            return DIRECTIONS.get(text)
        if indicator in spec.directions:
            return spec.directions[indicator]
        step: Any = target.number
        if target.kind in ("value", "below", "above"):
            step = target.number - baseline if target.number is not None and baseline is not None else None
        return None if step is None or step == 0 else ("up" if step > 0 else "down")


def goal_table(goals: Iterable[tuple[Goal, float, str]]) -> pd.DataFrame:
    """Goals as a table that `load_goals` reads back.

    Parameters
    ----------
    goals : iterable of (Goal, float, str)
        Each with its baseline in the unit inside (NaN: none) and the fingerprint of its definition.

    Returns
    -------
    DataFrame
        Figures in their own unit, to twelve digits.
    """
    rows = []
    for goal, baseline, definition in goals:
        factor = FACTORS.get(goal.unit, 1)
        municipal = goal.municipality_baseline
        rows.append(
            {
                "goal_id": goal.goal_id,
                "label": goal.label,
                "theme": goal.theme,
                "area_id": goal.area_id,
                "indicator": goal.indicator,
                "category": "|".join(goal.categories),
                "model": goal.model,
                "baseline": None if baseline != baseline else float(f"{baseline * factor:.12g}"),
                "baseline_period": goal.baseline_period,
                "baseline_mean_of": goal.baseline_mean_of,
                "target": goal.target_text,
                "target_period": goal.target_period,
                "direction": goal.direction or "",
                "unit": goal.unit,
                "path": goal.path_text,
                "municipality_baseline": None if municipal is None else float(f"{municipal * factor:.12g}"),
                "long_term": goal.long_term_text,
                "source": goal.source,
                "fingerprint": definition,
            }
        )
    return pd.DataFrame(
        rows, columns=[role for role in _COLUMNS if role not in ("population", "municipality_period")]
    )
