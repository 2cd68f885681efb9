"""The words of the balance's workbook, tables and plots, in Danish and English."""

from __future__ import annotations

from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.disclosure.results import MUNICIPALITY
from geo_bosoc.models.provenance import source_line
from geo_bosoc.text.catalogue import word, word_or_key, words


def value_word(column: str, value: str, language: str) -> str:
    """The word for a value of a column."""
    if column == "missing":
        parts = [word_or_key("balance", part, language) for part in value.split(", ") if part]
        return ", ".join(part[:1].lower() + part[1:] for part in parts)
    return words("balance", language).get(f"{column}:{value}") or word_or_key("balance", value, language)


def area_name(area_id: str, results: BalanceResults) -> str:
    """An area's name; the municipality's word for the whole."""
    return (
        word("balance", "municipality", results.language)
        if area_id == MUNICIPALITY
        else results.area_names.get(area_id, area_id)
    )


def notes(results: BalanceResults) -> list[tuple[str, str]]:
    """The read-me: what was counted, from what, with which rules and assumptions."""
    da = results.language == "da"
    text = words("balance_notes", results.language)
    rule, codes = results.rule, results.codes
    facts = results.report.facts.get("tenure_mix", {}).get("periods", {}).get(results.period, {})
    placed = words("balance_facts", results.language)
    lines = [
        (text["dwellings"], dwellings_source(results)),
        (
            text["codes"],
            f"{codes.label(results.language)}, {codes.version}. {codes.source}",
        ),
        (text["assumption"], codes.assumption_da if da else codes.assumption_en),
        (
            text["not_placed"],
            "; ".join(f"{placed.get(key, key.replace('_', ' '))}: {count}" for key, count in facts.items()),
        ),
        (text["rule"], f"{rule.label(results.language)}. {rule.source}"),
        (text["assumption"], rule.assumption_da if da else rule.assumption_en),
        (text["check"], rule.check_da if da else rule.check_en),
        (
            text["mixed"],
            f"{results.band[0]:g}-{results.band[1]:g} %"
            + (f" ({text['band_assumed']})" if results.band_assumed else ""),
        ),
        (
            text["small_units"],
            text["small_units_note"],
        ),
        (
            text["projects"],
            text["projects_note"],
        ),
    ]
    if results.edition.internal:
        lines.append((text["what_if"], text["what_if_assumption"]))
        lines.append((word("common", "sources", results.language), "\n".join(_sources(results))))
        if results.ladder is not None:
            steps = [step.assumption_da if da else step.assumption_en for step in results.ladder.step]
            ladder = f"{results.ladder.label(results.language)}. {results.ladder.source}. "
            lines.append((text["assignment"], ladder + " ".join(filter(None, steps))))
    return [(left, right) for left, right in lines if right]


def dwellings_source(results: BalanceResults) -> str:
    """Register, period, status date and source of the dwellings that every figure counts."""
    return source_line(
        {
            "register": results.register,
            "data_period": results.period,
            "status_date": results.status_date,
            "source": results.source,
        },
        results.language,
    )


def _sources(results: BalanceResults) -> list[str]:
    """A line an indicator of the internal set: its word, and what stands behind it."""
    labels = {**results.what_if_labels, "residents": word("balance", "residents", results.language)}
    lines_by_label: dict[str, list[str]] = {}
    for row in results.sources.to_dict("records"):
        line = source_line({str(name): value for name, value in row.items()}, results.language)
        lines_by_label.setdefault(labels.get(str(row["indicator"]), str(row["indicator"])), []).append(line)
    return [f"{label}: {'; '.join(lines)}" for label, lines in lines_by_label.items()]
