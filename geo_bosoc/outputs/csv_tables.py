"""The tables of a run as CSV: one row an area and period, and one row a criterion.

UTF-8 with BOM, so that Excel reads the letters; ``;`` and decimal comma in Danish, ``,`` and point in
English. Numbers are written with as many digits as it takes to read the same number back. A cell whose text
could be taken for a formula gets an apostrophe in front, which `read_categories_csv` takes off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.disclosure.results import RESIDENTS, PublishedResults
from geo_bosoc.models.provenance import PROVENANCE_COLUMNS, provenance_by_criterion, provenance_by_figure
from geo_bosoc.outputs.columns import FLAG, beside_table
from geo_bosoc.outputs.texts import category_word, criterion_labels
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, phrase
from geo_bosoc.text.catalogue import Language, word

CELL_COLUMNS: Final = ("value", "numerator", "denominator", "unknown", "reference", "points", "status")
TEXT: Final = (
    "period", "area_id", "name", "model", "category", "category_label", "category_before", "moved_by",
    "undetermined_by", "possible", "assumed", "small_base", "socioeconomic", "socioeconomic_label",
    "smallest_change", "nearest", "output_set",
)  # fmt: skip
_TEXT_OF_FIGURE: Final = ("_status", "_note", "_reference_area", *(f"_{name}" for name in PROVENANCE_COLUMNS))
INTEGER_COLUMNS: Final = (RESIDENTS, "numerator", "denominator", "unknown")
ORDER: Final = (
    "period", "area_id", "name", "model", "category", "category_label", "points", "points_min", "points_max",
    "residents", "category_before", "points_before", "moved_by",
)  # fmt: skip
_ROWS_AT_ONCE: Final = 10_000
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
_RISKY: Final = re.compile(r"'*[=+\-@\t\r\n](?=(?s:.*)[\w(])")
"""Signs alone, as Berlin's classes ``+/-``, are no formula."""
_DELIMITER: Final = {"da": (";", ","), "en": (",", ".")}


def categories_table(published: PublishedResults) -> pd.DataFrame:
    """One row an area, period and model, with every indicator beside it: the columns of ``categories.csv``.

    Returns
    -------
    DataFrame
        ``period, area_id, name, model, category, category_label, points, points_min, points_max, residents,
        category_before, points_before, moved_by``, then for each indicator `id` ``<id>_value, <id>_numerator,
        <id>_denominator, <id>_unknown, <id>_reference, <id>_points, <id>_status`` (and ``<id>_note`` for a
        percentage without base, which has a value and no counts; ``<id>_reference_area`` where some indicator is
        compared with another reference than the municipality), and where the figure comes from:
        ``<id>_data_period, <id>_status_date, <id>_source`` (`geo_bosoc.models.provenance`; of ``residents`` too).
        Shares are
        plain fractions; counts are in the indicator's fixed point. Behind them stands what a model tells beside its
        category (`geo_bosoc.outputs.columns.beside_table`). An area that a model has no row for
        has an empty category. ``nearest`` names each area's twins, where the project asks for them: ids, ", " between
        them, the nearest first.
        Without a model `model` and `category` are empty. An internal set has ``output_set`` as its last
        column.
    """
    models = [model.id for model in published.models] or [""]
    periods = sorted({*published.periods, *published.categories["period"]})
    areas = published.areas[["area_id", "name"]]
    keys = pd.MultiIndex.from_product(
        [periods, models, areas["area_id"]], names=["period", "model", "area_id"]
    )
    table = keys.to_frame(index=False).merge(areas, on="area_id", how="left")
    if published.models:
        model_columns = [
            name for name in (*ORDER[4:9], *ORDER[10:], "possible") if name in published.categories.columns
        ]
        categories = published.categories[["period", "model", "area_id", *model_columns]]
        table = table.merge(categories, on=["period", "model", "area_id"], how="left")
    table = table.merge(residents_of(published), on=["area_id", "period"], how="left")
    specs = {model.id: model for model in published.models}
    table = table.reindex(columns=[*ORDER, "possible"])
    table["category"] = _text(table["category"])
    columns = (table[name] for name in ("model", "category", "possible"))
    table["category_label"] = [
        category_word(specs.get(model), category, published.language, possible) if specs else ""
        for model, category, possible in zip(*columns, strict=True)
    ]
    table = table[list(ORDER)]
    table = pd.concat([table, _indicator_columns(published, table)], axis=1)
    if published.models:
        table = pd.concat([table, beside_table(published, table)], axis=1)
    if published.profile is not None:
        table["nearest"] = _nearest_areas(published, table)
    if published.output_set == "internal":
        table["output_set"] = published.edition.mark
    return _typed(table)


def criteria_table(published: PublishedResults) -> pd.DataFrame:
    """One row an area, period, model and criterion, with names, and the period, status date and source of what its
    figure rests on.

    The internal set alone has columns in persons, and of suppressed figures ``suppressed_because``
    (`geo_bosoc.disclosure.primary.suppression_reasons`; ``other_period`` where the figure is of several periods and
    another one's is suppressed) and ``possible_counts``: how many counts stay possible for an outsider, empty where
    no category of the area rests on the figure.
    """
    first = ["period", "area_id", "name", "model", "criterion", "criterion_label", "indicator", "value"]
    criteria = published.criteria.merge(published.areas[["area_id", "name"]], on="area_id", how="left")
    if "criterion" not in criteria.columns:
        criteria["criterion"] = criteria["indicator"]
    labels = criterion_labels(published)
    criteria["criterion_label"] = criteria["criterion"].map(labels).fillna(criteria["criterion"])
    rest = [name for name in criteria.columns if name not in first]
    if published.output_set == "public":
        rest = [name for name in rest if name != "margin_persons"]
    provenance = provenance_by_criterion(criteria, published.models, published.sources)
    table = pd.concat([criteria[[*first, *rest]], provenance], axis=1)
    table = table.sort_values(["period", "area_id"], kind="stable", ignore_index=True)
    if published.output_set == "internal":
        table = _with_suppression(table, published) if published.policy.suppresses else table
        table["output_set"] = published.edition.mark
    return table


def _with_suppression(criteria: pd.DataFrame, published: PublishedResults) -> pd.DataFrame:
    """Criteria with why their figures are suppressed, and how many counts stay possible for an outsider."""
    keys = criteria[["area_id", "period", "indicator"]].itertuples(index=False, name=None)
    is_suppressed = criteria.reindex(columns=["status"])["status"] == "protected"
    rows = list(zip(keys, is_suppressed, strict=True))
    reasons = [published.reasons.get(key, "other_period") if gone else None for key, gone in rows]
    counts = [published.left.get(key) if gone else None for key, gone in rows]
    return criteria.assign(
        suppressed_because=pd.Series(reasons, index=criteria.index, dtype="object"),
        possible_counts=pd.Series(counts, index=criteria.index, dtype="Int64"),
    )


def write_categories_csv(
    published: PublishedResults, path: str | Path, *, table: pd.DataFrame | None = None
) -> None:
    """Write ``categories.csv``: the `categories_table` of `shown`, which is given where it is made already.

    Raises
    ------
    geo_bosoc.atomic_write.errors.OutputInUse
        The file is open in another program; it is left as it was.
    """
    write_csv(categories_table(published) if table is None else table, path, published.language)


def write_criteria_csv(
    published: PublishedResults, path: str | Path, *, table: pd.DataFrame | None = None
) -> None:
    """Write ``criteria.csv``, the `criteria_table`, where there is a model; raises as `write_categories_csv`."""
    if published.models:
        write_csv(criteria_table(published) if table is None else table, path, published.language)


def write_csv(table: pd.DataFrame, path: str | Path, language: Language) -> None:
    """Write a table in the CSV of its language; the same bytes on every platform."""
    with atomic_file(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as stream:
        _write_rows(table, stream, language, "\r\n")


def csv_text(table: pd.DataFrame, language: Language, *, ending: str = "\n") -> str:
    """A table as the text of a CSV in its language: semicolons and decimal comma in Danish."""
    stream = io.StringIO(newline="")
    _write_rows(table, stream, language, ending)
    return stream.getvalue()


def _write_rows(table: pd.DataFrame, stream: TextIO, language: Language, ending: str) -> None:
    delimiter, mark = _DELIMITER[language]
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=ending)
    writer.writerow([_guarded_text(str(name)) for name in table.columns])
    for start in range(0, len(table), _ROWS_AT_ONCE):
        part = table.iloc[start : start + _ROWS_AT_ONCE]
        writer.writerows(zip(*(_written(part[name], mark) for name in table.columns), strict=True))


def read_categories_csv(path: str | Path, *, report: Report | None = None) -> pd.DataFrame:
    """Read back what `write_categories_csv` has written, in either language.

    Returns
    -------
    DataFrame
        The columns and types of `categories_table`.

    Raises
    ------
    InputError
        Columns are missing, a row has too few or too many cells, or a number cannot be read: each with its
        row and column.
    """
    file_report, file = Report(), Path(path)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        text = stream.read()
    head = text.split("\n", 1)[0]
    delimiter, mark = _DELIMITER["da" if head.count(";") >= head.count(",") else "en"]
    rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    names = rows[0] if rows else []
    for name in ORDER:
        if name not in names:
            file_report.error(
                phrase("the column {name} is missing.", name=name),
                file=file,
                hint="Is it a categories.csv of this tool?",
            )
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            file_report.error(
                phrase(
                    "the row has {cells} and the head {count}.",
                    cells=count_text(len(row), "cell"),
                    count=len(names),
                ),
                file=file,
                row=number,
            )
    file_report.raise_errors()
    table = pd.DataFrame(rows[1:], columns=names, dtype=object)
    for name in names:
        if _kind(name) is str:
            table[name] = [bare_text(cell) for cell in table[name]]
        else:
            table[name] = _numbers(table[name].tolist(), name, mark, file, file_report)
    file_report.hand_over(report)
    return _typed(table)


def residents_of(published: PublishedResults) -> pd.DataFrame:
    """Residents by area and period: the population's, else those of an indicator named ``residents``."""
    columns = ["area_id", "period", "residents"]
    residents = published.residents[columns]
    if not residents.empty:
        return residents
    counted = published.table.loc[published.table["indicator"] == "residents"]
    return counted.rename(columns={"numerator": "residents"})[columns]


def _nearest_areas(published: PublishedResults, table: pd.DataFrame) -> list[str]:
    """Of each row's area its twins, in the row's period."""
    ids: dict[tuple[str, str], list[str]] = {}
    for area, period, twin in published.nearest[["area_id", "period", "twin"]].itertuples(
        index=False, name=None
    ):
        ids.setdefault((area, period), []).append(twin)
    return [", ".join(ids.get(key, ())) for key in zip(table["area_id"], table["period"], strict=True)]


def _indicator_columns(published: PublishedResults, table: pd.DataFrame) -> pd.DataFrame:
    """Each indicator's columns, in the rows of `table`."""
    keys = ["model", "period", "area_id"]
    scored = published.criteria[[*keys, "indicator", "points"]].astype({"points": "float64"})
    points = scored.groupby([*keys, "indicator"], sort=False)["points"].sum(min_count=1).reset_index()
    further = [name for name in ("reference_area",) if name in published.table.columns]
    figure_columns = [*CELL_COLUMNS[:5], "status", *further]
    figures = _with_columns(table, ["area_id", "period"], published.table, figure_columns)
    given = _with_columns(table, keys, points, ["points"])
    sources = provenance_by_figure(published.sources)
    provenance = _with_columns(table, ["period"], sources, PROVENANCE_COLUMNS)
    with_source = set(sources["indicator"])
    columns: dict[str, Any] = {}
    for spec in published.indicators:
        for name in CELL_COLUMNS:
            columns[f"{spec.id}_{name}"] = (given if name == "points" else figures).get((name, spec.id))
        status = columns[f"{spec.id}_status"]
        columns[f"{spec.id}_status"] = "missing" if status is None else status.fillna("missing")
        for name in further:
            columns[f"{spec.id}_{name}"] = figures.get((name, spec.id))
        if not spec.base_known:
            columns[f"{spec.id}_note"] = word("common", "without_base", published.language)
        if spec.id in with_source:
            columns |= {f"{spec.id}_{name}": provenance[name, spec.id] for name in PROVENANCE_COLUMNS}
    if RESIDENTS not in {spec.id for spec in published.indicators} and RESIDENTS in with_source:
        columns |= {f"{RESIDENTS}_{name}": provenance[name, RESIDENTS] for name in PROVENANCE_COLUMNS}
    return pd.DataFrame(columns, index=table.index)


def _with_columns(
    table: pd.DataFrame, keys: Sequence[str], rows: pd.DataFrame, columns: Sequence[str]
) -> pd.DataFrame:
    """What `rows` has for the keys of each row of `table`: a column for each of `columns` and each indicator."""
    wide = rows.pivot(index=list(keys), columns="indicator", values=list(columns))  # noqa: PD010
    index = pd.Index(table[keys[0]]) if len(keys) == 1 else pd.MultiIndex.from_frame(table[list(keys)])
    return wide.reindex(index).set_axis(table.index)


def _kind(column: str) -> Any:
    if column in TEXT or column.endswith(_TEXT_OF_FIGURE):
        return str
    if column.startswith(FLAG) and not column.endswith(tuple(f"_{name}" for name in CELL_COLUMNS)):
        return str
    if column in INTEGER_COLUMNS or column.endswith(tuple(f"_{name}" for name in INTEGER_COLUMNS)):
        return int
    return float


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Columns in the types that their names say: text (never missing), nullable whole numbers, fractions."""
    made = {}
    for name in table.columns:
        kind = _kind(name)
        if kind is str:
            made[name] = _text(table[name])
        elif kind is int:
            made[name] = table[name].astype("Int64")
        else:
            made[name] = pd.to_numeric(table[name]).astype("float64")
    return pd.DataFrame(made)


def _text(column: pd.Series) -> pd.Series:
    pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
    cells = ["" if missing else cell if type(cell) is str else str(cell) for cell, missing in pairs]
    return pd.Series(cells, index=column.index, dtype=object)


def _written(column: pd.Series, mark: str) -> list[str]:
    """A column's cells as they are written."""
    if pd.api.types.is_integer_dtype(column.dtype):
        pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
        return ["" if missing else str(cell) for cell, missing in pairs]
    if pd.api.types.is_float_dtype(column.dtype):
        numbers = column.to_numpy(dtype="float64", na_value=np.nan)
        present = ~np.isnan(numbers)
        decimals = [exact_decimal(number) for number in numbers[present].tolist()]
        return _in_place([decimal.replace(".", mark) for decimal in decimals], present)
    if isinstance(column.dtype, pd.StringDtype):
        codes, texts = pd.factorize(column)
        present = codes >= 0
        guarded_texts = np.array([_guarded_text(str(text)) for text in texts], dtype=object)
        return _in_place(guarded_texts.take(codes[present]), present)
    cells = _text(column).tolist()
    guarded = {cell: _guarded_text(cell) for cell in set(cells)}
    return [guarded[cell] for cell in cells]


def _in_place(texts: Sequence[str] | npt.NDArray[Any], present: npt.NDArray[np.bool_]) -> list[str]:
    """Texts in their rows; nothing in the others."""
    cells = np.full(len(present), "", dtype=object)
    cells[present] = texts
    in_rows: list[str] = cells.tolist()
    return in_rows


def exact_decimal(number: float) -> str:
    """The shortest decimal that reads back as the same number, without exponent; nothing for a missing one.

    >>> exact_decimal(0.1), exact_decimal(3.0), exact_decimal(1e-7), exact_decimal(float("nan"))
    ('0.1', '3', '0.0000001', '')
    """
    if number != number:
        return ""
    text = repr(number)
    if "e" in text or "n" in text:
        return np.format_float_positional(number, unique=True, trim="-")
    return text.removesuffix(".0")


def _guarded_text(cell: str) -> str:
    """Text that a spreadsheet will not take for a formula.

    An apostrophe is put before ``= + - @``, tabs and line breaks, unless the text is a plain number.
    """
    return f"'{cell}" if _RISKY.match(cell) and not _NUMBER.fullmatch(cell) else cell


def bare_text(cell: str) -> str:
    """A text of a written CSV file without the apostrophe that kept spreadsheets from taking it for a formula.

    >>> bare_text("'@municipality"), bare_text("'s")
    ('@municipality', "'s")
    """
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


def _numbers(cells: Sequence[str], name: str, mark: str, file: Path, report: Report) -> pd.Series:
    read: Callable[[str], float | int] = int if _kind(name) is int else float
    numbers: list[float | int | None] = []
    for row, cell in enumerate(cells, start=2):
        try:
            numbers.append(read(cell.replace(mark, ".")) if cell else None)
        except ValueError:
            numbers.append(None)
            report.error("the cell is not a number.", file=file, row=row, column=name)
    return pd.Series(numbers, dtype="Int64" if read is int else "float64")
