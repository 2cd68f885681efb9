"""The first sheet of the workbook: what it holds, the model and its assumptions, dates, small numbers,
warnings.
"""

from __future__ import annotations

from collections.abc import Iterator

from geo_bosoc.findings import Shown
from geo_bosoc.models.describe import category_text
from geo_bosoc.models.spec import Model
from geo_bosoc.reports.beside import side_by_side
from geo_bosoc.reports.words import word
from geo_bosoc.told import Told, gathered
from geo_bosoc.wording import day, number, protected_word, register_word

Line = tuple[str, str, bool]
"""What stands to the left and to the right, and whether the left is a heading."""


def readme_lines(shown: Shown) -> list[Line]:
    """The lines of the read-me sheet, in order; a heading has nothing to its right."""
    language = shown.language
    lines: list[Line] = [*_sheets(shown), _blank()]
    lines += [*_dates(shown), _blank()]
    for model in shown.models:
        lines += [*_model(model, shown), _blank()]
    assumptions = list(_assumptions(shown))
    if assumptions:
        lines += [_heading("heading_assumptions", shown), *assumptions, _blank()]
    lines.append(_heading("heading_small", shown))
    if shown.guard:
        span = f"1-{shown.minimum - 1}"
        rule = word("small_rule", language).format(span, protected_word(language, shown.minimum))
        lines.append(("", rule, False))
    lines += [("", word("unknown_rule", language), False), _blank()]
    warnings = [str(problem) for problem in shown.report.problems if problem.level != "note"]
    if warnings:
        lines += [_heading("heading_warnings", shown), *(("", text, False) for text in warnings)]
    return lines


def _sheets(shown: Shown) -> Iterator[Line]:
    language = shown.language
    yield _heading("heading_sheets", shown)
    names = ["overview", "categories"] if shown.models else []
    names += ["flags"] if any(side_by_side(model) for model in shown.models) and not shown.flags.empty else []
    for name in names:
        yield word(f"sheet_{name}", language), word(f"is_{name}", language), False
    yield ", ".join(shown.periods), word("is_period", language), False
    names = ["yardsticks", "figures", *(["criteria"] if shown.models else []), "indicators", "sources"]
    for name in names:
        yield word(f"sheet_{name}", language), word(f"is_{name}", language), False


def _dates(shown: Shown) -> Iterator[Line]:
    """Per period the status dates of its registers."""
    yield _heading("heading_dates", shown)
    for period, part in shown.sources.groupby("period", sort=True):
        told = part.loc[part["status_date"].notna(), ["register", "status_date"]].drop_duplicates()
        pairs = sorted(
            f"{register_word(str(row.register), shown.language)}: {day(row.status_date, shown.language)}"
            for row in told.itertuples(index=False)
        )
        yield str(period), "; ".join(pairs), False


def _model(model: Model, shown: Shown) -> Iterator[Line]:
    language = shown.language
    yield _heading("heading_model", shown)
    yield model.label(language), f"{model.id}, {word('version', language)} {model.version}", False
    notice = model.notice(language)
    if notice:
        yield word("notice", language), notice, False
        yield word("notice", language), model.case_state(language), False
    source = model.source_text(language)
    if source:
        yield word("source", language), source, False
    for gate in model.gates:
        indicator = word(gate.indicator, language)
        text = f"{indicator} {gate.operator} {number(gate.threshold, language)}. {gate.source_text(language)}".strip()
        yield word("gate", language), text, False
    for category in model.category:
        yield category.label(language), category_text(model, category, language), False


def _assumptions(shown: Shown) -> Iterator[Line]:
    """Every assumption that a figure or a category rests on, with what it belongs to."""
    language = shown.language
    parts: list[tuple[str, Told]] = []
    for model in shown.models:
        parts.append((model.label(language), model))
        parts += [(word("gate", language), gate) for gate in model.gates]
        parts += [(criterion.label(language), criterion) for criterion in model.criterion]
        parts += [(category.label(language), category) for category in model.category]
    parts += [(spec.label(language), spec) for spec in shown.indicators]
    for label, text in gathered(parts, language):
        yield label, text, False


def _heading(key: str, shown: Shown) -> Line:
    return word(key, shown.language), "", True


def _blank() -> Line:
    return "", "", False
