"""The first sheet of the workbook: what it holds, the model and its assumptions, dates, small numbers,
warnings.
"""

from __future__ import annotations

from collections.abc import Iterator

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.describe import category_text
from geo_bosoc.outputs.category_extras import side_by_side
from geo_bosoc.outputs.texts import word
from geo_bosoc.text import catalogue
from geo_bosoc.text.numbers import (
    day,
    number,
    protected_word,
    register_word,
)
from geo_bosoc.text.provenance import Provenance, gathered

Line = tuple[str, str, bool]
"""What stands to the left and to the right, and whether the left is a heading."""


def readme_lines(published: PublishedResults) -> list[Line]:
    """The lines of the read-me sheet, in order; a heading has nothing to its right."""
    language = published.language
    lines: list[Line] = [*_sheets(published), _blank()]
    lines += [*_dates(published), _blank()]
    for model in published.models:
        lines += [*_model(model, published), _blank()]
    assumptions = list(_assumptions(published))
    if assumptions:
        lines += [_heading("heading_assumptions", published), *assumptions, _blank()]
    lines.append(_heading("heading_small", published))
    if published.guard:
        span = f"1-{published.minimum - 1}"
        mark = protected_word(language, published.minimum)
        rule = catalogue.word("tables", "small_rule", language, persons=span, mark=mark)
        lines.append(("", rule, False))
    lines += [("", word("unknown_rule", language), False), _blank()]
    warnings = [str(problem) for problem in published.report.problems if problem.level != "note"]
    if warnings:
        lines += [_heading("heading_warnings", published), *(("", text, False) for text in warnings)]
    return lines


def _sheets(published: PublishedResults) -> Iterator[Line]:
    language = published.language
    yield _heading("heading_sheets", published)
    names = ["overview", "categories"] if published.models else []
    names += (
        ["flags"]
        if any(side_by_side(model) for model in published.models) and not published.flags.empty
        else []
    )
    for name in names:
        yield word(f"sheet_{name}", language), word(f"is_{name}", language), False
    yield ", ".join(published.periods), word("is_period", language), False
    names = ["yardsticks", "figures", *(["criteria"] if published.models else []), "indicators", "sources"]
    for name in names:
        yield word(f"sheet_{name}", language), word(f"is_{name}", language), False


def _dates(published: PublishedResults) -> Iterator[Line]:
    """Per period the status dates of its registers."""
    yield _heading("heading_dates", published)
    for period, part in published.sources.groupby("period", sort=True):
        told = part.loc[part["status_date"].notna(), ["register", "status_date"]].drop_duplicates()
        pairs = sorted(
            f"{register_word(str(row.register), published.language)}: {day(row.status_date, published.language)}"
            for row in told.itertuples(index=False)
        )
        yield str(period), "; ".join(pairs), False


def _model(model: Model, published: PublishedResults) -> Iterator[Line]:
    language = published.language
    yield _heading("heading_model", published)
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


def _assumptions(published: PublishedResults) -> Iterator[Line]:
    """Every assumption that a figure or a category rests on, with what it belongs to."""
    language = published.language
    parts: list[tuple[str, Provenance]] = []
    for model in published.models:
        parts.append((model.label(language), model))
        parts += [(word("gate", language), gate) for gate in model.gates]
        parts += [(criterion.label(language), criterion) for criterion in model.criterion]
        parts += [(category.label(language), category) for category in model.category]
    parts += [(spec.label(language), spec) for spec in published.indicators]
    for label, text in gathered(parts, language):
        yield label, text, False


def _heading(key: str, published: PublishedResults) -> Line:
    return word(key, published.language), "", True


def _blank() -> Line:
    return "", "", False
