"""Keys of TOML files as their specifications have them: type in plain words, default, unit, example, what is wrong.

A key is described in one place, the section *Attributes* of its class. Its text may end with ``Unit: metres.`` and with
``Example:`` and lines of TOML in double backticks. Where it has no example, the type gives one: another choice, the
other of true and false, the default number.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from geo_bosoc.balance.code_lists import CodeList
from geo_bosoc.balance.rule_lists import RuleLists
from geo_bosoc.bottom_up.criteria_form import CriteriaForm, FormCriterion
from geo_bosoc.bottom_up.nominations.reasons import ReasonFile
from geo_bosoc.bottom_up.presence.services import ServiceFile
from geo_bosoc.bottom_up.spec import FurtherServices, PlacingPart
from geo_bosoc.follow_up.goals.spec import GoalSetSpec
from geo_bosoc.indicators.spec import Indicator, IndicatorFile
from geo_bosoc.linkage.benefit_lists import BenefitList
from geo_bosoc.models import Model
from geo_bosoc.problems import InputError, validate
from geo_bosoc.problems.spec_tables import SpecTable, branches, is_mapping, is_spec, key_types, spec_tables
from geo_bosoc.project.spec import DisclosurePart, ProjectSpec
from geo_bosoc.project.spec_parts import BoundaryPart, ModelPart
from geo_bosoc.registers.spec_parts import FullTime
from geo_bosoc.text.provenance import Labelled

FILES: Final[dict[str, type[BaseModel]]] = {
    "bosoc": ProjectSpec,
    "indicators": IndicatorFile,
    "model": Model,
    "benefits": BenefitList,
    "services": ServiceFile,
    "criteria": CriteriaForm,
    "reasons": ReasonFile,
    "codes": CodeList,
    "rules": RuleLists,
    "goals": GoalSetSpec,
}
"""Every kind of TOML file that the program reads, and what it is checked by."""

_ENTRY: Final = re.compile(r"^(?P<names>\w[\w, ]*) : (?P<type>.+)$")
_EXAMPLE: Final = re.compile(r"\s*Example: (?P<lines>``.*``)$", re.DOTALL)
_UNIT: Final = re.compile(r"\s*Unit: (?P<unit>[^.]+)\.")
_COMPANIONS: Final[tuple[tuple[type[BaseModel], str, str], ...]] = (
    (BoundaryPart, 'label_da = "Et lag"', "role"),
    (FullTime, 'benefits = "section-61a"', ""),
    (FullTime, 'week = "UGE"', "from"),
    (ModelPart, 'id = "aarhus-2018"', "path"),
    (DisclosurePart, 'previous = "archive/2024"', ""),
    (FurtherServices, 'kind = "family_support"', "service"),
    (PlacingPart, 'vacancies = "vacancies.csv"', ""),
    (FormCriterion, "at_least = 3", "times_municipality"),
    (Labelled, 'label_da = "Et navn"', ""),
    (Indicator, 'numerator = { where = "TRUE" }', "mean_of"),
    (Model, 'criterion = [{ indicator = "health", bands = [1.2] }]', ""),
    (Model, 'category = [{ id = "all", label_da = "Alle", colour = "#a1b2c3" }]', ""),
)
"""Lines that an example goes with, beside the keys that its table always needs; not where the key behind is given."""

_WRONG: Final[tuple[Any, ...]] = (-1, "?", [{}], 10**9)
"""Values of which each key refuses one at least, where it can refuse anything."""


@dataclass(frozen=True)
class Key:
    """A key of a table.

    Attributes
    ----------
    name : str
        As a file writes it.
    type : str
        What it takes, in plain words.
    default : str
        As TOML; empty where there is none.
    needed : bool
        Whether it must be given.
    unit : str
        Of a number; empty where it has none.
    text : str
        What it says.
    example : str
        A line of TOML or several, which hold in its table; empty where the key is a table of its own.
    error : str
        What is said where its value is wrong; empty where nothing can be.
    """

    name: str
    type: str
    default: str
    needed: bool
    unit: str
    text: str
    example: str
    error: str


@dataclass(frozen=True)
class Table:
    """A table of a file: its header, what it is for, and its keys."""

    header: str
    spec: type[BaseModel]
    text: str
    keys: tuple[Key, ...]

    @property
    def name(self) -> str:
        """The header without brackets; empty for the keys above all tables."""
        return self.header.strip("[]")


@cache
def tables_of(spec: type[BaseModel]) -> tuple[Table, ...]:
    """Every table of a file with its keys.

    Parameters
    ----------
    spec : type of pydantic.BaseModel
        What the file is checked by; one of `FILES`.

    Examples
    --------
    >>> run = next(table for table in tables_of(ProjectSpec) if table.name == "run")
    >>> [(key.name, key.type, key.default) for key in run.keys][:2]
    [('periods', 'list of texts', '[]'), ('engine', '"local" or "dask"', '"local"')]
    """
    return tuple(_table(table) for table in spec_tables(spec))


def _table(table: SpecTable) -> Table:
    spec = table.spec
    text = inspect.cleandoc(spec.__doc__ or "").partition("Attributes\n-----")[0].strip()
    own_first = sorted(spec.model_fields.items(), key=lambda field: field[0] not in spec.__annotations__)
    keys = [_key(name, info, spec) for name, info in own_first]
    return Table(table.header, spec, text, tuple(keys))


def _key(field: str, info: FieldInfo, spec: type[BaseModel]) -> Key:
    name = info.alias or field
    text = described(spec).get(field, "")
    example = _EXAMPLE.search(text)
    text = _EXAMPLE.sub("", text)
    unit = _UNIT.search(text)
    text = _UNIT.sub("", text).strip()
    default = info.get_default(call_default_factory=True)
    is_needed = info.is_required()
    lines = _lines(example["lines"]) if example else _example(name, info)
    return Key(
        name=name,
        type=_words(info.annotation, info.metadata),
        default="" if is_needed or default is PydanticUndefined else as_toml(default),
        needed=is_needed,
        unit=unit["unit"] if unit else "",
        text=text,
        example=lines,
        error=_error(name, lines, spec) if lines else "",
    )


@cache
def described(spec: type[BaseModel]) -> dict[str, str]:
    """The text of each field, from the sections *Attributes* of a class and of those that it builds on.

    >>> described(IndicatorFile)["indicator"]
    'What each of them counts.'
    """
    texts: dict[str, str] = {}
    for cls in reversed(spec.__mro__):
        doc = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
        _, _, section = doc.partition("Attributes\n----------\n")
        names: list[str] = []
        for line in section.split("\n\n")[0].splitlines():
            if entry := _ENTRY.match(line):
                names = [name.strip() for name in entry["names"].split(",")]
                texts.update(dict.fromkeys(names, ""))
            else:
                texts.update({name: f"{texts[name]} {line.strip()}".strip() for name in names})
    return texts


def _lines(example: str) -> str:
    """The lines of an example: what stands between double backticks."""
    return "\n".join(line.strip() for line in re.findall(r"``(.+?)``", example))


def _example(name: str, info: FieldInfo) -> str:
    """An example that the type gives; empty for tables, and where the type gives none."""
    default = info.get_default(call_default_factory=True)
    for kind in branches(info.annotation):
        value: Any = None
        if get_origin(kind) is Literal:
            value = next((choice for choice in get_args(kind) if choice != default), default)
        elif kind is bool:
            value = default is not True
        elif kind in (int, float) and isinstance(default, int | float):
            value = default
        elif kind is date:
            value = date(2026, 1, 31)
        if value is not None:
            return f"{name} = {as_toml(value)}"
    return ""


def in_table(lines: str, spec: type[BaseModel]) -> dict[str, Any]:
    """What an example says, with what else its table needs: the examples of its other needed keys.

    >>> in_table('engine = "dask"', ProjectSpec.model_fields["run"].annotation)
    {'engine': 'dask'}
    """
    given = tomllib.loads(lines)
    for owner, line, instead in _COMPANIONS:
        if issubclass(spec, owner) and instead not in given:
            given = {**tomllib.loads(line), **given}
    texts = described(spec)
    for field, info in spec.model_fields.items():
        name = info.alias or field
        if info.is_required() and name not in given:
            if example := _EXAMPLE.search(texts.get(field, "")):
                given = {**tomllib.loads(_lines(example["lines"])), **given}
            else:
                given[name] = _needed_table(info.annotation)
    return given


def _needed_table(kind: Any) -> Any:
    """The least that a table, a list of tables or a mapping of tables may hold."""
    for branch in branches(kind):
        if is_spec(branch):
            return in_table("", branch)
        if get_origin(branch) is tuple:
            return [_needed_table(get_args(branch)[0])]
        if is_mapping(branch):
            return {}
    return None


def _error(name: str, lines: str, spec: type[BaseModel]) -> str:
    """What is said of the first value that the key refuses."""
    table = in_table(lines, spec)
    is_text = any(kind is str for kind in branches(key_types(spec)[name]))
    for value in ("?", *_WRONG) if is_text else _WRONG:
        try:
            validate(spec, {**table, name: value})
        except InputError as error:
            messages = [problem.message for problem in error.problems if (problem.key or "").startswith(name)]
            if messages:
                return messages[0][:1].upper() + messages[0][1:]
    return ""


def as_toml(value: Any) -> str:
    """A default as TOML; empty for nothing.

    >>> as_toml(("a", "b")), as_toml(False), as_toml(None), as_toml({}), as_toml(0.05)
    ('["a", "b"]', 'false', '', '{}', '0.05')
    """
    if value is None or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, tuple | list):
        return f"[{', '.join(as_toml(part) for part in value)}]"
    if isinstance(value, dict):
        return "{}" if not value else str(value)
    return value.isoformat() if isinstance(value, date) else repr(value)


_PLAIN: Final = {str: "text", int: "whole number", float: "number", bool: "true or false", date: "date"}
_PLURALS: Final = {"text": "texts", "whole number": "whole numbers", "number": "numbers", "table": "tables"}
_BOUNDS: Final[dict[str, Callable[[Any], str]]] = {
    "ge": lambda bound: f"at least {_number(bound)}",
    "gt": lambda bound: f"over {_number(bound)}",
    "le": lambda bound: f"at most {_number(bound)}",
    "lt": lambda bound: f"under {_number(bound)}",
}


def _number(bound: float) -> str:
    return f"{bound:,}".removesuffix(".0")


def _words(kind: Any, metadata: list[Any]) -> str:
    """A type in plain words, with its bounds."""
    texts = list(
        dict.fromkeys(_branch_words(branch) for branch in branches(kind) if branch is not type(None))
    )
    bounds = [
        words(getattr(bound, name))
        for bound in metadata
        for name, words in _BOUNDS.items()
        if getattr(bound, name, None) is not None
    ]
    return ", ".join([" or ".join(texts), *bounds])


def _branch_words(kind: Any) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if get_origin(kind) is Literal:
        return " or ".join(as_toml(choice) for choice in get_args(kind))
    if is_spec(kind):
        return "table"
    if is_mapping(kind):
        return f"table of {_plural(_words(get_args(kind)[1], []))} by name"
    if get_origin(kind) is tuple:
        parts = get_args(kind)
        if Ellipsis not in parts:
            return f"{len(parts)} {_plural(_words(parts[0], []))}"
        return f"list of {_plural(_words(parts[0], _metadata(parts[0])))}"
    return "any value"


def _metadata(kind: Any) -> list[Any]:
    """The bounds of an annotated type."""
    if get_origin(kind) is not Annotated:
        return []
    return [bound for part in get_args(kind)[1:] for bound in getattr(part, "metadata", [part])]


def _plural(text: str) -> str:
    first, comma, rest = text.partition(",")
    return _PLURALS.get(first, first) + comma + rest
