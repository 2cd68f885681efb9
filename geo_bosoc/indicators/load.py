"""Indicators in: from the presets that ship with the package, or from a user's own TOML."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.predicates.parse import predicate_columns
from geo_bosoc.problems import InputError, Report
from geo_bosoc.text.toml_numbers import absurd_numbers


def list_indicators() -> tuple[str, ...]:
    """Ids of all indicators that ship with the package, in the order of their files.

    Examples
    --------
    >>> "outside_labour_market" in list_indicators()
    True
    """
    return tuple(indicator.id for group in _presets().values() for indicator in group)


def load_indicators(
    wanted: str | Path | Iterable[str | Path],
    *,
    file: str | Path | None = None,
    base: str | Path | None = None,
    report: Report | None = None,
) -> tuple[Indicator, ...]:
    """Read indicators by id, by preset file or from a user's TOML.

    Parameters
    ----------
    wanted : the id of an indicator (``"outside_labour_market"``), the name of a preset file (``"aarhus"``:
        all its indicators), the path of a TOML file with ``[[indicator]]`` tables (all of them), or several
        of these.
    file : the project's own TOML: its indicators are read first and win over presets of the same id; those
        that `wanted` does not name follow at the end.
    base : folder that relative paths start from.
    report : collects the problems; without it an `InputError` lists all of them.

    Returns
    -------
    tuple of Indicator
        In the order asked for, each once.

    Raises
    ------
    InputError
        An id is unknown, a file cannot be read, a key is missing or unknown, a predicate cannot be read, or
        an id is defined twice in one file: everything that is wrong, each with its key.
    """
    found = Report()
    names = [wanted] if isinstance(wanted, str | Path) else list(wanted)
    own = _read_file(file, base, found) if file is not None else ()
    known = {indicator.id: indicator for group in _presets().values() for indicator in group}
    for indicator in own:
        if indicator.id in known:
            found.note(
                f"{Path(str(file)).name} defines {indicator.id} itself; the package's own is not used."
            )
        known[indicator.id] = indicator
    chosen: dict[str, Indicator] = {}
    for name in names:
        for indicator in _named(name, known, base, found):
            before = chosen.setdefault(indicator.id, indicator)
            if before != indicator:
                found.error(
                    f"The indicator {indicator.id} is defined twice, differently.", key="indicators.use"
                )
    for indicator in own:
        chosen.setdefault(indicator.id, indicator)
    found.settle(report)
    return tuple(chosen.values())


def parse_indicators(
    data: dict[str, Any], *, file: str = "indicators.toml", report: Report | None = None
) -> tuple[Indicator, ...]:
    """Indicators from the mapping that a TOML file holds (``{"indicator": [...]}``); every problem by its
    key."""
    found = Report()
    for name in data:
        if name != "indicator":
            found.error(
                "This key is not known here.",
                hint="Indicators stand under [[indicator]].",
                file=file,
                key=name,
            )
    tables = data.get("indicator", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        found.error("Indicators are written as [[indicator]] tables.", file=file, key="indicator")
        tables = []
    result: dict[str, Indicator] = {}
    for number, table in enumerate(tables, start=1):
        place = f"indicator[{number}: {table['id']}]" if table.get("id") else f"indicator[{number}]"
        absurd = list(absurd_numbers(table))
        for at, wrong_number in absurd:
            found.error(wrong_number, file=file, key=".".join([place, *map(str, at)]))
        if absurd:
            continue
        try:
            indicator = Indicator.model_validate(table)
        except ValidationError as wrong:
            for problem in wrong.errors():
                key = ".".join([place, *(str(step) for step in problem["loc"])])
                message, hint = _plain(problem)
                found.error(message, hint=hint, file=file, key=key)
            continue
        if indicator.id in result:
            found.error(f"The id {indicator.id} is given twice.", file=file, key=place)
        result[indicator.id] = indicator
        _read_predicates(indicator, file, found)
    found.settle(report)
    return tuple(result.values())


def _read_predicates(indicator: Indicator, file: str, found: Report) -> None:
    """Find text that is no SQL at all already here, before any register is known."""
    for side, part in (("denominator", indicator.denominator), ("numerator", indicator.numerator)):
        if part is not None and part.where is not None:
            try:
                predicate_columns(part.where)
            except InputError as wrong:
                for problem in wrong.problems:
                    found.error(
                        problem.message,
                        hint=problem.hint,
                        file=file,
                        key=f"indicator.{indicator.id}.{side}.where",
                    )


@cache
def _presets() -> dict[str, tuple[Indicator, ...]]:
    folder = resources.files("geo_bosoc.indicators") / "presets"
    files = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name
    )
    return {
        item.name.removesuffix(".toml"): parse_indicators(
            tomllib.loads(item.read_text(encoding="utf-8")), file=item.name
        )
        for item in files
    }


def _named(
    name: str | Path, known: dict[str, Indicator], base: str | Path | None, found: Report
) -> tuple[Indicator, ...]:
    if isinstance(name, str):
        if name in known:
            return (known[name],)
        if name in _presets():
            return tuple(known[indicator.id] for indicator in _presets()[name])
        if not name.lower().endswith(".toml"):
            near = difflib.get_close_matches(name, [*known, *_presets()], 2, 0.6)
            hint = f"Did you mean {' or '.join(near)}?" if near else "There are: " + ", ".join(known) + "."
            found.error(f"There is no indicator {name}.", hint=hint, key="indicators.use")
            return ()
    return _read_file(name, base, found)


def _read_file(name: str | Path, base: str | Path | None, found: Report) -> tuple[Indicator, ...]:
    path = Path(base or ".") / name
    if not path.is_file():
        found.error(
            "This file does not exist.", hint="Check [indicators] file.", file=path, key="indicators.file"
        )
        return ()
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        found.error("The file is not UTF-8 text.", hint="Save it as UTF-8.", file=path)
        return ()
    except tomllib.TOMLDecodeError as wrong:
        found.error(f"This is not valid TOML: {wrong}.", file=path)
        return ()
    except (ValueError, RecursionError):  # a number of thousands of digits, tables in tables without end
        found.error("This is not valid TOML: a number or a table is too large.", file=path)
        return ()
    return parse_indicators(data, file=path.name, report=found)


def _plain(problem: Any) -> tuple[str, str | None]:
    """A pydantic problem in plain words, and what to do."""
    kind = problem["type"]
    if kind == "missing":
        return "This key is missing.", None
    if kind == "extra_forbidden":
        name = str(problem["loc"][-1])
        fields = [*Indicator.model_fields, "register", "where", "sum"]
        near = difflib.get_close_matches(name, fields, 1, 0.6)
        return "This key is not known here.", f"Did you mean {near[0]}?" if near else None
    if kind == "literal_error":
        return f"This must be one of {problem['ctx']['expected']}.", None
    if kind == "string_pattern_mismatch":
        return "An id begins with a small letter and holds a-z, 0-9 and _ only.", None
    return str(problem["msg"]).removeprefix("Value error, "), None
