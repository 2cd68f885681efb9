"""JSON schemas of every kind of TOML file, for editors: what each key takes, with its text, as one writes.

The schemas ship in the folder ``schemas`` beside this module. An editor that knows them (Even Better TOML in VS Code,
taplo elsewhere) reads a first line such as ``#:schema ./bosoc.schema.json`` in a TOML file.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.problems.spec_tables import branches, is_mapping, is_spec, key_types, spec_tables
from geo_bosoc.project.reference.keys import FILES, Key, tables_of
from geo_bosoc.project.spec import ProjectSpec

_DIALECT: Final = "http://json-schema.org/draft-07/schema#"
_SHIPPED: Final = resources.files("geo_bosoc.project.reference") / "schemas"


def schema_of(file: str) -> dict[str, Any]:
    """The JSON schema of a kind of TOML file.

    Parameters
    ----------
    file : str
        One of `geo_bosoc.project.reference.keys.FILES`: ``bosoc``, ``indicators``, ``model`` ...

    Returns
    -------
    dict
        In the dialect of draft 7, which every editor reads.

    Examples
    --------
    >>> schema = schema_of("bosoc")
    >>> schema["required"], schema["definitions"]["RunPart"]["properties"]["engine"]["enum"]
    (['project', 'boundaries', 'registers', 'indicators'], ['local', 'dask'])
    """
    spec = FILES[file]
    _, schema = models_json_schema(
        [(spec, "validation")], by_alias=True, ref_template="#/definitions/{model}"
    )
    definitions: dict[str, Any] = schema.get("$defs", {})
    keys = {table.spec: {key.name: key for key in table.keys} for table in tables_of(spec)}
    texts = {table.spec: table.text for table in tables_of(spec)}
    for part in {table.spec for table in spec_tables(spec)}:
        _describe(definitions[_name_of(part, definitions)], part, keys[part], texts[part])
    root = definitions.pop(_name_of(spec, definitions))
    if spec is ProjectSpec:
        models = root["properties"]["model"]
        root["properties"]["model"] = {"anyOf": [models, models["items"]]}
    return {"$schema": _DIALECT, **_plain(root), "definitions": _plain(definitions)}


def _name_of(spec: type[BaseModel], definitions: dict[str, Any]) -> str:
    """The name of a class among the definitions; where two share their names, pydantic writes the module too."""
    full = f"{spec.__module__}.{spec.__qualname__}".replace(".", "__")
    return full if full in definitions else spec.__name__


def _describe(definition: dict[str, Any], spec: type[BaseModel], keys: dict[str, Key], text: str) -> None:
    """The table's text and those of its keys, each with its examples; what is a text may be a number where it becomes
    one."""
    definition["description"] = _markdown(text)
    takes_numbers = bool(spec.model_config.get("coerce_numbers_to_str"))
    for name, part in definition["properties"].items():
        key = keys[name]
        part["description"] = _markdown(f"{key.text} Unit: {key.unit}." if key.unit else key.text)
        if key.example and not _holds_table(key_types(spec)[name]):
            part["examples"] = [tomllib.loads(key.example)[name]]
        for each in _parts(part) if takes_numbers else ():
            if each.get("type") == "string" and not each.keys() & {"enum", "const", "format"}:
                each["type"] = ["string", "number"]


def _markdown(text: str) -> str:
    """A docstring's text as editors show it."""
    return text.replace("``", "`")


def _holds_table(kind: Any) -> bool:
    return any(
        is_spec(part) or (is_mapping(part) and any(map(is_spec, branches(get_args(part)[1]))))
        for part in branches(kind)
    )


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all schemas in it."""
    if isinstance(schema, dict):
        yield schema
        for name, part in schema.items():
            if name not in ("default", "examples", "enum"):
                yield from _parts(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _parts(part)


def _plain(schema: Any) -> Any:
    """Without titles that repeat names, without nothing as a value (TOML has none), and lists in draft 7's words."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema if part != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    plain = {
        name: part if name in ("examples", "enum", "default") else _plain(part)
        for name, part in schema.items()
        if not (name == "title" and isinstance(part, str))
        and not (name == "default" and (part is None or isinstance(part, dict)))
    }
    if "prefixItems" in plain:
        plain["items"] = plain.pop("prefixItems")
    options = plain.get("anyOf", ())
    if len(options) != 1:
        return plain
    del plain[
        "anyOf"
    ]  # the one option left becomes the key's own; its text goes before that of a table behind it
    return {**options[0], **plain}


def schema_text(file: str) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema_of(file), ensure_ascii=False, indent=1, default=str) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write the shipped schemas into a folder, such as that of a project file.

    Parameters
    ----------
    folder : Path
        Where they go; made if it is not there.

    Returns
    -------
    list of Path
        The files: ``bosoc.schema.json``, ``indicators.schema.json`` ...
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in FILES:
        path = folder / f"{file}.schema.json"
        with atomic_file(path) as draft:
            draft.write_bytes((_SHIPPED / path.name).read_bytes())
        written.append(path)
    return written


if __name__ == "__main__":
    for name in FILES:
        path = Path(str(_SHIPPED)) / f"{name}.schema.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(schema_text(name), encoding="utf-8", newline="\n")
