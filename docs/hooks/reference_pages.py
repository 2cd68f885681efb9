"""A page for each TOML table: every key with type, default, unit, example and what is said where it is wrong."""

from __future__ import annotations

import re

from geo_bosoc.project.reference.keys import FILES, Key, Table, tables_of

_TITLES = {
    "indicators": (
        "indicators.toml",
        "Indicators of a project's own: the file that `[indicators] file` names.",
    ),
    "model": ("A model file", "A model of one's own: the file that `[model] path` names."),
    "benefits": ("A list of benefits", "The file that `full_time = { benefits = ... }` of a register names."),
    "services": ("A list of services", "The file that `[bottom_up] services` names."),
    "criteria": ("The steering group's criteria", "The form that `[bottom_up] criteria` names."),
    "reasons": ("A list of reasons", "The file that `[bottom_up] reasons` names."),
    "goals": (
        "A set of goals",
        "A dated file that `[follow_up.goals] sets` names; its table holds the goals.",
    ),
    "codes": ("A list of BBR codes", "The file that `[balance] codes` names."),
    "rules": ("Rules of balance", "The file that `[balance] rules` names."),
}


def reference_pages() -> dict[str, str]:
    """A page for each table of `bosoc.toml`, and one for each other file."""
    result: dict[str, str] = {}
    by_start: dict[str, list[Table]] = {}
    for table in tables_of(FILES["bosoc"]):
        if table.name:
            by_start.setdefault(table.name.split(".")[0], []).append(table)
    for start, tables in by_start.items():
        result[f"reference/bosoc/{start}.md"] = _page(f"[{start}]", "", tables)
    for file, (title, text) in _TITLES.items():
        result[f"reference/{file}.md"] = _page(title, text, list(tables_of(FILES[file])))
    return result


def _page(title: str, text: str, tables: list[Table]) -> str:
    parts = [f"# {_escaped(title)}", text]
    if title == "[parameters]":
        parts.append(
            "What predicates need of a whole register, or values that are given; written with a colon.\n\n"
            "```toml\n[parameters]\npoverty_line = 150000\n"
            'median_income = { register = "persons", column = "gross_income", statistic = "median" }\n```'
        )
    for table in tables:
        parts += _table(table, tables)
    return "\n\n".join(filter(None, parts)) + "\n"


def _table(table: Table, on_page: list[Table]) -> list[str]:
    anchor = _anchor(table.name)
    parts = [f"## `{table.header or 'above all tables'}` {{#{anchor}}}", _prose(table.text)]
    rows = []
    for key in table.keys:
        within = f"{table.name}.{key.name}".lstrip(".")
        names = [each.name for each in on_page if each.name in (within, f"{within}.NAME")]
        if key.example or names:
            target = _key_anchor(anchor, key) if key.example else _anchor(names[0])
            rows.append(f"| [`{key.name}`](#{target}) | {_cell(key.type)} | {_default(key)} |")
    if rows:
        parts.append("\n".join(["| key | type | default |", "| --- | --- | --- |", *rows]))
    for key in table.keys:
        if key.example:
            parts += _key(anchor, key)
    return parts


def _key(anchor: str, key: Key) -> list[str]:
    unit = f" Unit: {key.unit}." if key.unit else ""
    default = "It must be given." if key.needed else f"Default: {_default(key)}."
    return [
        f"### `{key.name}` {{#{_key_anchor(anchor, key)}}}",
        _prose(key.text),
        f"*Type:* {_prose(key.type)}.{unit} {default}",
        f"```toml\n{key.example}\n```",
        f"*Where it is wrong:* {_prose(key.error)}" if key.error else "",
    ]


def _anchor(name: str) -> str:
    return re.sub(r"\W+", "-", name).strip("-").lower() or "file"


def _key_anchor(table: str, key: Key) -> str:
    return f"{table}-{key.name}".lower().replace("_", "-")


def _default(key: Key) -> str:
    if key.needed:
        return "needed"
    return f"`{_cell(key.default)}`" if key.default else "none"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _prose(text: str) -> str:
    """Docstring text as Markdown: double backticks become single ones."""
    return _escaped(re.sub(r"``(.+?)``", r"`\1`", text))


def _escaped(text: str) -> str:
    """Brackets and stars outside of code are text."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([\[\]*<])", r"\\\1", part) for part in parts)
