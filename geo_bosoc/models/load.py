"""Models in: from the presets that ship with the package, or from a user's own TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from geo_bosoc.models.spec import Model
from geo_bosoc.problems import Report
from geo_bosoc.text.toml_numbers import absurd_numbers

ORDER: Final = ("aarhus", "national", "combined", "copenhagen", "lbf", "skanderborg")
"""The order in which families of models are listed."""


def model_ids() -> tuple[str, ...]:
    """Ids of the models that ship with the package, in alphabetical order."""
    folder = resources.files("geo_bosoc.models") / "presets"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


def list_models() -> tuple[Model, ...]:
    """The models that ship with the package, the Danish ones first."""

    def place(model: Model) -> tuple[bool, int, str]:
        family = next((at for at, stem in enumerate(ORDER) if model.id.startswith(stem)), len(ORDER))
        return model.country != "dk", family, model.id

    return tuple(sorted((load_model(name) for name in model_ids()), key=place))


def load_model(model: str | Path, *, base: str | Path | None = None, report: Report | None = None) -> Model:
    """Read a model by id or from a file.

    Parameters
    ----------
    model : the id of a preset (see `list_models`), or the path of a TOML file with the same keys.
    base : folder that a relative path starts from.
    report : given one, every problem is kept there as well.

    Raises
    ------
    InputError
        The model is not known, is not TOML, or does not hold together; every problem is listed.
    """
    own = report if report is not None else Report()
    name = str(model)
    if isinstance(model, str) and name in model_ids():
        text = (resources.files("geo_bosoc.models") / "presets" / f"{name}.toml").read_text(encoding="utf-8")
        return _parse(text, f"{name}.toml", own)
    path = Path(base or ".") / Path(model)
    if not path.is_file():
        known = ", ".join(model_ids())
        own.error(
            f"there is no model {name!r}",
            hint=f"Give the path of a model file, or one of: {known}.",
            key="model.id",
        )
        own.raise_errors()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        own.error("the file is not UTF-8 text", hint="Save it as UTF-8.", file=path)
        own.raise_errors()
    return _parse(text, path.name, own)


def parse_model(data: Mapping[str, Any], *, file: str = "model", report: Report | None = None) -> Model:
    """A model from the mapping that its TOML holds; every problem is listed by key in one `InputError`."""
    own = report if report is not None else Report()
    for at, wrong_number in absurd_numbers(dict(data)):
        own.error(wrong_number, file=file, key=_key(at, data))
    own.raise_errors()
    try:
        return Model.model_validate(dict(data))
    except ValidationError as wrong:
        for problem in wrong.errors():
            own.error(_plain(problem), file=file, key=_key(problem["loc"], data) or None)
    own.raise_errors()
    raise AssertionError("unreachable")  # pragma: no cover


def _parse(text: str, file: str, report: Report) -> Model:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        report.error(f"is not valid TOML: {wrong}", file=file)
        report.raise_errors()
    except (ValueError, RecursionError):  # a number of thousands of digits, tables in tables without end
        report.error("is not valid TOML: a number or a table is too large", file=file)
        report.raise_errors()
    return parse_model(data, file=file, report=report)


def _key(location: Iterable[str | int], data: Mapping[str, Any]) -> str:
    """A place in the file as a user would find it: ``criterion[3: safety].bands`` counted from one."""
    parts: list[str] = []
    here: Any = data
    for step in location:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list | tuple) and step < len(here) else None
            told = here.get("id") or here.get("indicator") if isinstance(here, dict) else None
            parts[-1] += f"[{step + 1}: {told}]" if told else f"[{step + 1}]"
        else:
            here = here.get(step) if isinstance(here, dict) else None
            parts.append(step)
    return ".".join(parts)


def _plain(problem: Any) -> str:
    kind = problem["type"]
    if kind == "missing":
        return "this key is missing"
    if kind == "extra_forbidden":
        return "this key is not known here; check its spelling"
    return str(problem["msg"]).removeprefix("Value error, ")
