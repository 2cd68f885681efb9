"""Models and published figures in: from what ships with the package, or from a user's own file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pandas as pd

from geo_bosoc.models.indicator_rows import LBF_IDS, OCCASIONS, split_name
from geo_bosoc.models.rules import History, from_lists
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import (
    InputError,
    Problem,
    Report,
    TomlFile,
    add_problems,
    did_you_mean,
    load_spec,
    validate,
)
from geo_bosoc.problems.messages import joined, listed, phrase

ORDER: Final = ("aarhus", "national", "combined", "copenhagen", "lbf", "skanderborg")
"""The order in which families of models are listed."""


def model_ids() -> tuple[str, ...]:
    """Ids of the models that ship with the package, in alphabetical order."""
    folder = resources.files("geo_bosoc.models") / "presets"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


def list_models() -> tuple[Model, ...]:
    """The models that ship with the package, the Danish ones first.

    Returns
    -------
    tuple of Model
        Each model in its newest version.

    Examples
    --------
    >>> [model.id for model in list_models()][:2]
    ['aarhus-2018', 'aarhus-2022']
    """

    def order(model: Model) -> tuple[bool, int, str]:
        families = [number for number, stem in enumerate(ORDER) if model.id.startswith(stem)]
        return model.country != "dk", min(families, default=len(ORDER)), model.id

    return tuple(sorted((load_model(name) for name in model_ids()), key=order))


def preset_text(name: str) -> str:
    """The file of a model that ships with the package, its comments included.

    Parameters
    ----------
    name : str
        The model's id.

    Raises
    ------
    InputError
        There is no such model.

    Examples
    --------
    >>> preset_text("aarhus-2018").splitlines()[0].startswith("#")
    True
    """
    if name not in model_ids():
        hint = did_you_mean(name, model_ids()) or phrase("There are: {names}.", names=joined(model_ids()))
        raise InputError(
            [Problem("error", phrase('no model "{name}" comes with the package.', name=name), hint=hint)]
        )
    return (resources.files("geo_bosoc.models") / "presets" / f"{name}.toml").read_text(encoding="utf-8")


def load_model(
    source: str | Path, *, folder: str | Path | None = None, report: Report | None = None
) -> Model:
    """Read a model by id or from a file.

    Parameters
    ----------
    source : str or Path
        The id of a preset (see `list_models`), or the path of a TOML file with the same keys.
    folder : str or Path, optional
        Folder that a relative path starts from.
    report : Report, optional
        Where every problem is noted as well.

    Returns
    -------
    Model
        The model, checked.

    Raises
    ------
    InputError
        The model is not known, is not TOML, or does not hold together; every problem is listed.

    Examples
    --------
    >>> model = load_model("aarhus-2018")
    >>> model.kind, len(model.criterion), model.category[0].label("en")
    ('points', 8, 'Severely deprived')
    """
    name = str(source)
    if isinstance(source, str) and name in model_ids():
        shipped = resources.files("geo_bosoc.models") / "presets" / f"{name}.toml"
        return load_spec(Model, shipped, report=report)
    return load_spec(
        Model,
        Path(folder or ".") / Path(source),
        missing=phrase("there is no model '{name}'", name=name),
        hint=phrase("Give the path of a model file, or one of: {names}.", names=joined(model_ids())),
        key="model.id",
        report=report,
    )


def parse_model(data: Mapping[str, Any], *, file: str = "model", report: Report | None = None) -> Model:
    """A model from the mapping that its TOML holds.

    Parameters
    ----------
    data : Mapping of str to object
        What a TOML file of a model holds.
    file : str, optional
        What messages call it.
    report : Report, optional
        Where every problem is noted as well.

    Returns
    -------
    Model
        The model, checked.

    Raises
    ------
    InputError
        The model does not hold together; every problem is listed by key.

    Examples
    --------
    >>> from geo_bosoc.models.load import load_model
    >>> parse_model(load_model("aarhus-2018").model_dump()).id
    'aarhus-2018'
    """
    try:
        return validate(Model, TomlFile(file, data))
    except InputError as error:
        if report is not None:
            add_problems(report, error.problems)
        raise


_LIST: Final = {"area": ("area", "area_id"), "year": ("year", "period")}


def published(name: str) -> pd.DataFrame:
    """A published table as it ships, every cell as text: ``national_list_values`` or another of `published_tables`.

    A blank cell means that the source did not print the number.

    >>> published("national_list_membership").columns.tolist()
    ['year', 'area', 'municipality', 'name_status']
    """
    path = resources.files("geo_bosoc.models") / "published" / f"{name}.csv"
    return pd.read_csv(io.StringIO(path.read_text(encoding="utf-8")), dtype=object, keep_default_na=False)


def published_tables() -> tuple[str, ...]:
    """Names of the published tables that ship."""
    folder = resources.files("geo_bosoc.models") / "published"
    return tuple(sorted(item.name[:-4] for item in folder.iterdir() if item.name.endswith(".csv")))


def published_history() -> History:
    """The national lists of ghetto areas 2012 and 2015-2019; a year that is not among them is unknown."""
    return from_lists(published("national_list_membership"), category="ghetto")


def read_history(source: str | Path, model: Model) -> History:
    """Earlier lists for a model's "years in a row": from a file, or those that were published.

    Parameters
    ----------
    source : str or Path
        ``"published"`` for the national lists 2012 and 2015-2019, or the path of a CSV with the columns ``area`` (or
        ``area_id``) and ``year`` (or ``period``): one row a listing, each year that occurs a complete list.
    model : Model
        The model whose rules look back; the lists are of the first category it looks back on.

    Returns
    -------
    History
        Who was on the lists.

    Raises
    ------
    InputError
        The file cannot be read, or a column is missing.
    """
    if source == "published":
        return published_history()
    from geo_bosoc.models.table_files import read_finished  # loads Polars, which a model file needs not

    lists = read_finished(source)
    names = {
        role: next((name for name in both if name in lists.columns), None) for role, both in _LIST.items()
    }
    missing = [listed(_LIST[role], "or") for role, name in names.items() if name is None]
    if missing:
        hint, file = "A list has the columns area and year.", Path(source).name
        raise InputError(
            [
                Problem("error", phrase("there is no column {name}.", name=name), file=file, hint=hint)
                for name in missing
            ]
        )
    looks_back = [
        rule.persistence for category in model.category for rule in category.rule if rule.persistence
    ]
    category = looks_back[0].categories[0] if looks_back else model.category[0].id
    return from_lists(lists, category=category, area=str(names["area"]), period=str(names["year"]))


def lbf_follow_up(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """The nine indicators of an agreement next to the municipality's.

    Parameters
    ----------
    table : DataFrame, optional
        Rows as in the published ``lbf_indicators`` (which is the default): ``indicator, area_value,
        municipality_value, unit, year``.

    Returns
    -------
    DataFrame
        ``indicator`` (one of nine ids), ``place`` (the part of the area, "" for all of it), ``area_value,
        municipality_value, unit, year, ratio`` (exactly area over municipality) and ``more_than_twice``.
        Safety and voluntary work are given per place; turnout once, at the latest election.
    """
    source = published("lbf_indicators") if table is None else table
    rows = []
    for row in source.to_dict("records"):
        split = split_name(str(row["indicator"]), LBF_IDS)
        if split is None:
            continue
        indicator, rest = split[0], "" if split[0] in OCCASIONS else split[1]
        area, municipality = float(row["area_value"]), float(row["municipality_value"])
        rows.append(
            {
                "indicator": indicator,
                "place": rest,
                "area_value": area,
                "municipality_value": municipality,
                "unit": row["unit"],
                "year": str(row["year"]),
                "ratio": area / municipality if municipality else None,
                "more_than_twice": area > 2 * municipality if municipality else None,
            }
        )
    frame = pd.DataFrame(rows).sort_values("year", kind="stable")
    latest = frame.drop_duplicates(["indicator", "place"], keep="last")
    order = {indicator: number for number, indicator in enumerate(LBF_IDS.values())}
    return latest.sort_values("indicator", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)
