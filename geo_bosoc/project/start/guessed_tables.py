"""Finished tables in ``[registers.*]``: their areas, the rows of other areas, classes of rows, percentages."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from geo_bosoc.boundaries.describe import LayerDescription
from geo_bosoc.problems.person_number_forms import holds_person_number
from geo_bosoc.project.start.cell_layers import cell_column
from geo_bosoc.project.start.folder import toml_table, toml_text
from geo_bosoc.project.start.guessed_indicators import figures_of_table
from geo_bosoc.project.start.register_text import RegisterText, Setting, add_period
from geo_bosoc.project.start.user_files import AreaMatch, FileGroup, as_name, match_areas
from geo_bosoc.text.catalogue import word

_WHOLE_MUNICIPALITY: Final = re.compile(
    r"(?:hele )?kommunen|.+ kommune|(?:hele |kommunen |.+ )?i alt|total(?: i alt)?|municipality|hele landet",
    re.IGNORECASE,
)
_MOST_CODES: Final = 20
_SIMPLE_NAME: Final = re.compile(r"[A-Za-zÆØÅæøå_][\wæøåÆØÅ]*")


def add_table(register: RegisterText, group: FileGroup, setting: Setting) -> None:
    """A finished table: its areas, periods, the rows of other areas, and percentages.

    Parameters
    ----------
    register : RegisterText
        Takes the lines.
    group : FileGroup
        The files.
    setting : Setting
        What all registers share.
    """
    language, layer = setting.language, setting.layer
    match = None if layer is None else match_areas(group, layer)
    assert layer is not None
    if match is None:
        _add_cells(register, group, setting)
        return
    if layer.id is not None and match.layer_column != layer.id.value:
        register.off = setting.why("other_ids", column=match.layer_column, id=layer.id.value)
    table = group.table
    register.figures = figures_of_table(group, match.column, across=match.across)
    file = layer.file.name
    if match.across:
        why = setting.why("areas_across", areas=match.areas, file=file)
        register.add("areas_across", toml_text(as_name(group.name)), why, language)
        heads = [column.name for column in table.columns if _WHOLE_MUNICIPALITY.fullmatch(column.name)]
        if len(heads) == 1:
            register.add(
                "reference_row", toml_text(heads[0]), setting.why("reference_column"), language, change=True
            )
    else:
        total = len(layer.ids)
        why = setting.why("area_ids", areas=match.areas, total=total, file=file)
        register.add("area", toml_text(match.column), why, language)
        _add_other_areas(register, group, match, layer, setting)
    if table.periods_across and not match.across:
        figure = register.figures.indicators[0].denominator if register.figures.indicators else "antal"
        listed = f"{table.periods_across[0]}-{table.periods_across[-1]}"
        across = as_name(group.name) if table.header_rows is None else figure
        register.add("years_across", toml_text(across), setting.why("years_across", periods=listed), language)
        register.periods = tuple(sorted(table.periods_across))
    else:
        add_period(register, group, setting)
    if not match.across and not table.periods_across:
        _tell_rows_apart(register, group, match.column, setting)
    _add_figures(register, group, setting)


def _add_figures(register: RegisterText, group: FileGroup, setting: Setting) -> None:
    """Percentages, and columns that no indicator reads."""
    if register.figures.per_cent:
        bases = toml_table(register.figures.per_cent)
        register.add("per_cent", bases, setting.why("per_cent"), setting.language, change=True)
    if register.figures.unused:
        register.lines.append(f"# {setting.why('unused', columns=', '.join(register.figures.unused))}")
    register.columns = {column.name for column in group.table.columns}


def _add_cells(register: RegisterText, group: FileGroup, setting: Setting) -> None:
    """A finished table by cell of the square grid, whose figures are shared out to the areas."""
    column = cell_column(group)
    assert column is not None
    register.figures = figures_of_table(group, column, across=False)
    register.add("cell", toml_text(column), setting.why("cell_ids"), setting.language)
    own_rows = sorted(value for value in group.values(column) if _WHOLE_MUNICIPALITY.fullmatch(value))
    if len(own_rows) == 1:
        why = setting.why("reference_row")
        register.add("reference_row", toml_text(own_rows[0]), why, setting.language, change=True)
    add_period(register, group, setting)
    _tell_rows_apart(register, group, column, setting)
    _add_figures(register, group, setting)


def _tell_rows_apart(register: RegisterText, group: FileGroup, area: str, setting: Setting) -> None:
    """Rows of one area and period that a class tells apart (an age group), or that nothing does: then it is off."""
    table = group.table
    period = table.column("period")
    keys = [area, *([period.name] if period is not None else [])]
    if group.are_distinct(*keys):
        return
    classes = [each.name for each in table.columns if each.type == "text" and each.name not in keys]
    chosen = next((name for name in classes if group.are_distinct(*keys, name)), None)
    if chosen is None:
        register.off = setting.why("several_rows")
    else:
        register.add("id", toml_text(chosen), setting.why("row_class"), setting.language, change=True)


def _add_other_areas(
    register: RegisterText, group: FileGroup, match: AreaMatch, layer: LayerDescription, setting: Setting
) -> None:
    """Rows of what is no area of the layer: the municipality's own, and those that a code tells apart."""
    language = setting.language
    others = group.values(match.column) - layer.ids
    own_rows = sorted(value for value in others if _WHOLE_MUNICIPALITY.fullmatch(value))
    if len(own_rows) == 1:
        register.add(
            "reference_row", toml_text(own_rows[0]), setting.why("reference_row"), language, change=True
        )
    if len(others) <= len(own_rows):
        return
    code = _separating_code(group, match, layer)
    if code is not None:
        column, value, is_text = code
        name = column if _SIMPLE_NAME.fullmatch(column) else f'"{column}"'
        condition = f"{name} = '{value}'" if is_text else f"{name} = {value}"
        why = setting.why("where_code", others=len(others) - len(own_rows), column=column)
        register.add("where", toml_text(condition), why, language, change=True)
    else:
        why = setting.why("other_areas", others=len(others) - len(own_rows))
        register.lines.append(f"# {word('start', 'change', language)}: {why}")


def _separating_code(
    group: FileGroup, match: AreaMatch, layer: LayerDescription
) -> tuple[str, str, bool] | None:
    """A column with a code that the rows of the areas have, and no others: its name, the code, if it is text."""
    frame = group.table.sample
    area = frame[match.column].cast(pl.String).str.strip_chars()
    inside = area.is_in(list(layer.ids)).fill_null(False)
    for column in group.table.columns:
        if (
            column.name == match.column
            or column.type not in ("text", "whole")
            or column.distinct > _MOST_CODES
        ):
            continue
        if column.role is not None and column.role.value == "period":
            continue
        codes = frame[column.name].cast(pl.String).str.strip_chars()
        of_areas, of_others = set(codes.filter(inside)), set(codes.filter(~inside))
        if len(of_areas) == 1 and None not in of_areas and not of_areas & of_others:
            code = str(next(iter(of_areas)))
            if "'" not in code and not holds_person_number(code):
                return column.name, code, column.type == "text"
    return None
