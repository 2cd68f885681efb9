"""Models in: from the presets that ship with the package, or from a user's own TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from geo_bosoc.models.spec import Model
from geo_bosoc.problems import InputError, Report, TomlFile, add_problems, load_spec, validate

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
    name = str(model)
    if isinstance(model, str) and name in model_ids():
        shipped = resources.files("geo_bosoc.models") / "presets" / f"{name}.toml"
        return load_spec(Model, shipped, report=report)
    return load_spec(
        Model,
        Path(base or ".") / Path(model),
        missing=f"there is no model {name!r}",
        hint=f"Give the path of a model file, or one of: {', '.join(model_ids())}.",
        key="model.id",
        report=report,
    )


def parse_model(data: Mapping[str, Any], *, file: str = "model", report: Report | None = None) -> Model:
    """A model from the mapping that its TOML holds; every problem is listed by key in one `InputError`."""
    try:
        return validate(Model, TomlFile(file, data))
    except InputError as error:
        if report is not None:
            add_problems(report, error.problems)
        raise
