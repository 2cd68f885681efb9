"""The lines of the read-me sheet: what each sheet holds, by which model and assumptions, and what is not shown."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from geo_bosoc.disclosure.results import PublishedResults, threshold_sentences
from geo_bosoc.models.category import NOT_ASSESSED, RANGE
from geo_bosoc.models.spec import Model
from geo_bosoc.models.texts.describe import category_text
from geo_bosoc.outputs.columns import side_by_side
from geo_bosoc.text.catalogue import Language, word, word_or_key
from geo_bosoc.text.numbers import day, number, protected_word
from geo_bosoc.text.provenance import Provenance, gathered

Line = tuple[str, str, bool]
"""What stands to the left and to the right, and whether the left is a heading."""


def readme_lines(published: PublishedResults) -> list[Line]:
    """The lines of the read-me sheet, in order; a heading has nothing to its right."""
    language = published.language
    lines: list[Line] = [*_sheets(published), _blank_line()]
    lines += [*_dates(published), _blank_line()]
    for model in published.models:
        lines += [*_model_lines(model, published), _blank_line()]
    assumptions = list(_assumptions(published))
    if assumptions:
        lines += [_heading("heading_assumptions", published), *assumptions, _blank_line()]
    lines.append(_heading("heading_small", published))
    if published.policy.suppresses:
        span = f"1-{published.policy.minimum - 1}"
        mark = protected_word(language)
        rule = word("tables", "small_rule", language, persons=span, mark=mark)
        lines.append(("", rule, False))
        lines += [("", note, False) for note in threshold_sentences(published.policy, language)]
        lines += [("", note, False) for note in ranges_note(published.categories, language)]
    lines += [("", word("tables", "unknown_rule", language), False), _blank_line()]
    warnings = [str(problem) for problem in published.report.problems if problem.level != "note"]
    if warnings:
        lines += [_heading("heading_warnings", published), *(("", text, False) for text in warnings)]
    return lines


def _sheets(published: PublishedResults) -> Iterator[Line]:
    language = published.language
    yield _heading("heading_sheets", published)
    names = ["result", "overview", "categories", "behind"] if published.models else []
    names[1:1] = ["changes"] if published.models and len(published.periods) > 1 else []
    names += (
        ["flags"]
        if any(side_by_side(model) for model in published.models) and not published.flags.empty
        else []
    )
    for name in names:
        yield word_or_key("tables", f"sheet_{name}", language), _is(name, language), False
    if any(model.index is not None for model in published.models):
        for name in ("index", "weights", "scores", "correlations"):
            about = word("finished_book", f"{name}_about", language)
            yield word("finished_book", name, language), about[0].lower() + about[1:], False
    for name in ("indicators", "sources"):
        yield word_or_key("tables", f"sheet_{name}", language), _is(name, language), False
    yield _blank_line()
    yield _heading("heading_data_sheets", published)
    yield ", ".join(published.periods), word("tables", "is_period", language), False
    for name in ("reference_areas", "figures", *(["criteria"] if published.models else [])):
        yield word_or_key("tables", f"sheet_{name}", language), _is(name, language), False


def _is(name: str, language: Language) -> str:
    """What a sheet holds."""
    return word_or_key("tables", f"is_{name}", language)


def _dates(published: PublishedResults) -> Iterator[Line]:
    """Per period the status dates of its registers."""
    language = published.language
    yield _heading("heading_dates", published)
    for period, part in published.sources.groupby("period", sort=True):
        dated = part.loc[part["status_date"].notna(), ["register", "status_date"]].drop_duplicates()
        pairs = sorted(
            f"{word_or_key('registers', str(row.register), language)}: {day(row.status_date, language)}"
            for row in dated.itertuples(index=False)
        )
        yield str(period), "; ".join(pairs), False


def _model_lines(model: Model, published: PublishedResults) -> Iterator[Line]:
    language = published.language
    yield _heading("heading_model", published)
    yield model.label(language), f"{model.id}, {word('tables', 'version', language)} {model.version}", False
    notice = model.notice(language)
    if notice:
        yield word("tables", "notice", language), notice, False
        yield word("tables", "notice", language), model.case_state(language), False
    source = model.source_text(language)
    if source:
        yield word("tables", "source", language), source, False
    for gate in model.gates:
        indicator = word_or_key("tables", gate.indicator, language)
        text = f"{indicator} {gate.operator} {number(gate.threshold, language)}. {gate.source_text(language)}".strip()
        yield word("tables", "gate", language), text, False
    for category in model.category:
        yield category.label(language), category_text(model, category, language), False


def _assumptions(published: PublishedResults) -> Iterator[Line]:
    """Every assumption that a figure or a category rests on, with what it belongs to."""
    language = published.language
    parts: list[tuple[str, Provenance]] = []
    for model in published.models:
        parts.append((model.label(language), model))
        parts += [(word("tables", "gate", language), gate) for gate in model.gates]
        parts += [(criterion.label(language), criterion) for criterion in model.criterion]
        parts += [(category.label(language), category) for category in model.category]
    parts += [(spec.label(language), spec) for spec in published.indicators]
    for label, text in gathered(parts, language):
        yield label, text, False


def _heading(key: str, published: PublishedResults) -> Line:
    return word_or_key("tables", key, published.language), "", True


def _blank_line() -> Line:
    return "", "", False


def ranges_note(table: pd.DataFrame, language: Language) -> list[str]:
    """How many categories are told as ranges, of all that areas were given; nothing where none is."""
    ranges = int((table["category"] == RANGE).sum())
    not_assessed = ["", *(category.id for category in NOT_ASSESSED)]
    total = int((~table["category"].isin(not_assessed)).sum())
    if not ranges:
        return []
    numbers = {"ranges": number(ranges, language), "total": number(total, language)}
    return [word("tables", "ranges_note", language, **numbers)]


def source_of(published: PublishedResults) -> str:
    """Where the last period's figures come from: registers with their days, for the foot of a page."""
    language = published.language
    rows = published.sources
    last = rows[rows["period"] == rows["period"].max()] if len(rows) else rows
    dated = sorted(
        {
            " ".join(filter(None, (word_or_key("registers", str(register), language), day(date, language))))
            for register, date in zip(last["register"], last["status_date"], strict=True)
        }
    )
    return f"{word('tables', 'source', language)}: {', '.join(dated)}" if dated else ""
