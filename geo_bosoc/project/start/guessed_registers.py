"""``[registers.*]`` for a user's own files: what the rows are, what places them, their time, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from geo_bosoc.project.start.file_roles import id_column, joined_address
from geo_bosoc.project.start.folder import commented, toml_table, toml_text
from geo_bosoc.project.start.guessed_indicators import number_of_rows
from geo_bosoc.project.start.guessed_tables import add_table
from geo_bosoc.project.start.register_text import Kind, RegisterText, Setting, add_period
from geo_bosoc.project.start.user_files import JOINED, FileGroup, match_areas, person_key
from geo_bosoc.text.guesses import measures

_PARTS: Final = ("municipality", "street", "number", "floor", "door")


def register_text(group: FileGroup, kind: Kind, setting: Setting) -> RegisterText:
    """The register of a group of files.

    Parameters
    ----------
    group : FileGroup
        The files; the population's is called ``persons``.
    kind : {"count", "person", "address", "dwelling", "case"}
        What its rows are.
    setting : Setting
        What all registers share.
    """
    register = RegisterText(group.name, kind)
    person, period = (group.table.column(role) for role in ("person", "period"))
    keys = [column.name for column in (person, period) if column is not None]
    repeated = kind == "person" and person is not None and not group.are_distinct(*keys)
    if repeated and group.name != setting.population:
        register.kind = kind = "case"
    named = setting.why("path_period") if group.periods else ""
    register.add("path", group.path_text, named, setting.language)
    register.add("unit", toml_text(kind), setting.why(f"unit_{kind}"), setting.language)
    _add_reading(register, group, setting)
    if kind == "count":
        add_table(register, group, setting)
    else:
        _add_rows(register, group, setting)
    if kind in ("case", "dwelling") and group.table.column("person") is None:
        register.figures.indicators.append(number_of_rows(group))
    register.add("source", '""', setting.why("source"), setting.language, change=True)
    if kind in ("person", "case", "dwelling"):
        register.lines += [
            f"# {line}" for line in ('purpose = ""', 'legal_basis = ""', "received = 2024-02-01")
        ]
        register.lines[-3] = commented(
            register.lines[-3], setting.why("custody"), setting.language, change=True
        )
    return register


def _add_reading(register: RegisterText, group: FileGroup, setting: Setting) -> None:
    """What the reader has to be told of the file's layout, and what it infers by itself as a comment."""
    table, language = group.table, setting.language
    inferred = [
        setting.why(name, value="tab" if each.value == "\t" else each.value)
        for name, each in (
            ("separator", table.separator),
            ("encoding", table.encoding),
            ("decimal", table.decimal),
        )
        if each is not None
    ]
    if inferred:
        register.lines.append(f"# {setting.why('inferred', what=', '.join(inferred))}")
    if table.sheet is not None and len(table.sheets) > 1:
        others = ", ".join(name for name in table.sheets if name != table.sheet.value)
        why = setting.why("other_sheets", why=table.sheet.why(language), others=others)
        register.add("sheet", toml_text(table.sheet.value), why, language, change=True)
    for key, each in (("header_row", table.header_row), ("header_rows", table.header_rows)):
        if each is not None:
            register.add(key, each.value, each.why(language), language)
        elif key == "header_row" and table.header_rows is not None:
            register.add(key, "1", table.header_rows.why(language), language)


def _add_rows(register: RegisterText, group: FileGroup, setting: Setting) -> None:
    """Rows of persons, dwellings, addresses or cases: their keys, what places them, and when they hold."""
    table, language = group.table, setting.language
    is_population = register.name == setting.population
    person = table.column("person")
    keyed = person is not None and not is_population and _are_of_population(group, person.name, setting)
    if is_population:
        register.add("role", '"population"', setting.why("population"), language)
    if person is not None and person.role is not None:
        key = "person" if keyed else "id"
        why = person.role.why(language)
        if person.role.reason == "person_numbers" or register.kind == "person":
            why = setting.why("person_key", why=why)
        register.add(key, toml_text(person.name), why, language)
    else:
        role = table.column("dwelling") if register.kind == "dwelling" else id_column(group)
        if setting.addresses is not None and setting.addresses[0].name == group.name:
            role = next(each for each in table.columns if each.name == setting.addresses[1])
        if role is not None:
            register.add("id", toml_text(role.name), setting.why("row_ids"), language)
    if keyed:
        if setting.population_has_age and table.column("age") is None:
            register.add("take", '["age"]', setting.why("take_age"), language)
    else:
        _add_place(register, group, setting)
    timed = _add_times(register, group, setting)
    if register.kind != "address" and not timed:
        add_period(register, group, setting)
    if register.kind != "address":
        register.add("status_date", '"{year}-01-01"', setting.why("status_date"), language, change=True)
    _add_columns(register, group, setting)


def _are_of_population(group: FileGroup, column: str, setting: Setting) -> bool:
    """Whether a register's persons are in the population, by their numbers or ids."""
    keys = {person_key(value) for value in group.values(column)}
    return bool(keys) and len(keys & setting.person_keys) >= JOINED * len(keys)


def _add_place(register: RegisterText, group: FileGroup, setting: Setting) -> None:
    """Coordinates, an address id, an address in parts, a KVHX, or an area: the first that is there."""
    table, language = group.table, setting.language
    pairs: Sequence[tuple[str, str, str]] = (("x", "y", "EPSG:25832"), ("longitude", "latitude", "EPSG:4326"))
    for east, north, crs in pairs:
        x, y = table.column(east), table.column(north)
        if x is not None and y is not None and x.role is not None and y.role is not None:
            register.add("x", toml_text(x.name), x.role.why(language), language)
            register.add("y", toml_text(y.name), y.role.why(language), language)
            why = setting.why("crs_metres" if crs == "EPSG:25832" else "crs_degrees")
            register.add("crs", toml_text(crs), why, language)
            return
    joined = joined_address(group, setting.addresses)
    if joined is not None and setting.addresses is not None:
        column, common, total = joined
        why = setting.why(
            "address_ids", common=common, total=total, file=setting.addresses[0].table.file.name
        )
        register.add("address", toml_text(column), why, language)
        return
    parts = {role: part.name for role in _PARTS if (part := table.column(role)) is not None}
    key = table.column("kvhx")
    if key is not None and key.role is not None:
        register.add("kvhx", toml_text(key.name), key.role.why(language), language)
    elif {"street", "number"} <= set(parts):
        register.add("address_parts", toml_table(parts), setting.why("address_parts"), language)
    else:
        match = None if setting.layer is None else match_areas(group, setting.layer)
        if match is None or match.across or setting.layer is None:
            register.off = setting.why("no_place")
            return
        total, file = len(setting.layer.ids), setting.layer.file.name
        why = setting.why("area_ids", areas=match.areas, total=total, file=file)
        register.add("place", '"area"', "", language)
        register.add("area", toml_text(match.column), why, language)
        return
    if not setting.has_address_keys:
        register.off = setting.why("no_addresses")


def _add_times(register: RegisterText, group: FileGroup, setting: Setting) -> bool:
    """Status, protection, birth date, and the days from and to which rows hold; whether these stand for a period."""
    table, language = group.table, setting.language
    for key in ("birth_date", "status", "protection"):
        column = table.column(key)
        if register.name == setting.population and column is not None and column.role is not None:
            register.add(key, toml_text(column.name), column.role.why(language), language)
    start, end, event = (table.column(role) for role in ("from", "to", "event"))
    if group.periods or table.column("period") is not None:
        return False
    if start is not None:
        spell = {"from": start.name} | ({} if end is None else {"to": end.name})
        register.add("spell", toml_table(spell), setting.why("spell"), language)
        return True
    if event is not None and event.role is not None and register.kind in ("case", "person"):
        register.add("event", toml_text(event.name), event.role.why(language), language)
        return True
    return False


def _add_columns(register: RegisterText, group: FileGroup, setting: Setting) -> None:
    """Columns that indicators of the package read, under their names there."""
    roles = ("age", "sex", *measures())
    present = {role: column.name for role in roles if (column := group.table.column(role)) is not None}
    renamed = {role: name for role, name in present.items() if role != name}
    if renamed:
        register.add("columns", toml_table(renamed), setting.why("columns"), setting.language)
    made = {"age"} if group.table.column("birth_date") is not None else set()
    register.columns = {column.name for column in group.table.columns} | set(present) | made
