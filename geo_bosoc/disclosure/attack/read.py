"""A written public set as an outsider reads it: ``categories.csv``, ``criteria.csv`` and ``run.json``.

What a suppressed figure may still show is a list (`ALLOWED_OF_FIGURE`, `ALLOWED_OF_CRITERION`); what else the attack
can use is a list too (`CLUES_OF_FIGURE`, `CLUES_OF_CRITERION`). Any other field that is not empty is a `Leak`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY, REST
from geo_bosoc.disclosure.attack.public_set import (
    PROTECTED,
    Figure,
    Policy,
    PublicSet,
    as_ratio,
    exact_number,
    sentence_rest,
)
from geo_bosoc.models.load import load_model, model_ids
from geo_bosoc.models.spec import Model
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.problems.messages import phrase

ALLOWED_OF_FIGURE: Final = frozenset(
    {"denominator", "reference", "reference_area", "status", "data_period", "status_date", "source", "note"}
)
CLUES_OF_FIGURE: Final = frozenset({"points"})
NUMBERS_OF_FIGURE: Final = frozenset(
    {"value", "numerator", "denominator", "unknown", "reference", "points", "low", "high", "ratio"}
)
FIGURE_FIELDS: Final = NUMBERS_OF_FIGURE | ALLOWED_OF_FIGURE
ALLOWED_OF_CRITERION: Final = frozenset(
    {
        *("period", "area_id", "name", "model", "model_version", "criterion", "criterion_label", "indicator"),
        *("reference", "measure", "operator", "status", "missing_periods", "data_period", "status_date"),
        *("source", "sentence", "met"),
    }
)
CLUES_OF_CRITERION: Final = frozenset({"points", "threshold"})
AREA_FIELDS: Final = frozenset(
    {
        *(
            "period",
            "area_id",
            "name",
            "kind",
            "model",
            "model_version",
            "category",
            "category_label",
            "points",
        ),
        *("points_min", "points_max", "residents", "category_before", "points_before", "moved_by"),
        *("undetermined_by", "possible", "assumed", "small_base", "held", "change_by_chance"),
        *("socioeconomic", "socioeconomic_label", "output_set", "smallest_change", "nearest"),
    }
)
"""What is said of an area; the attack uses categories, points and what moved them."""
NEVER_WITH_RANGE: Final = ("held", "change_by_chance", "smallest_change")
MANIFEST_FIELDS: Final = frozenset(
    {
        *("written_at", "project", "municipality", "language", "made_up", "output_set", "guard", "minimum"),
        *("stamps", "notices", "periods", "areas", "indicators", "models", "categories", "sources", "inputs"),
        *("outputs", "warnings", "facts", "versions", "registers", "disclosure", "protection", "previous"),
        "studies",
    }
)
_POINTS: Final = re.compile(r"(?<![\d.,])(\d+(?:[.,]\d+)?) points?\b")
_LEAST: Final = {"five-strict": 4}


def read_csv_set(folder: str | Path, *, models: Sequence[str | Path] = ()) -> PublicSet:
    """Read ``run.json``, ``categories.csv`` and ``criteria.csv`` of a set.

    Parameters
    ----------
    folder : path
        The folder that a run wrote.
    models : sequence of path, optional
        Files of models that do not ship with the package.

    Raises
    ------
    InputError
        There is no set in the folder, it is an internal one, or a model of it is not to be had.
    """
    root = Path(folder)
    missing = [name for name in ("categories.csv", "run.json") if not (root / name).is_file()]
    if missing:
        hint = "Give a folder that 'geo-bosoc run' wrote."
        raise InputError(
            [Problem("error", "there is no public set in the folder.", file=missing[0], hint=hint)]
        )
    manifest = json.loads((root / "run.json").read_text(encoding="utf-8"))
    if manifest.get("output_set") == "internal":
        message = "the set is internal: it promises nothing to an outsider."
        raise InputError([Problem("error", message, file="run.json", hint="Give the public folder.")])
    public = PublicSet(
        root.name,
        _policy(manifest),
        "disclosure" in manifest,
        _models(manifest, models),
        str(manifest.get("language", "da")),
        indicators=tuple(manifest.get("indicators", ())),
        breakdowns=tuple(map(tuple, (manifest.get("disclosure") or {}).get("breakdowns", ()))),
    )
    _read_figures(public, root / "categories.csv")
    if (root / "criteria.csv").is_file():
        _read_criteria(public, root / "criteria.csv")
    _check_manifest(public, manifest)
    _check_withheld(public)
    return public


def _check_withheld(public: PublicSet) -> None:
    """Residents and few persons of areas of which a threshold withholds every figure."""
    shown = {key[:2] for key in set(public.figures) - public.withheld} if public.withheld else set()
    for (area, period, _), row in public.area_rows.items() if public.withheld else ():
        for name in ("residents", "small_base") if (area, period) not in shown else ():
            if row.get(name):
                public.leak("categories.csv", (area, period), name)


def _policy(manifest: Mapping[str, Any]) -> Policy:
    disclosure = manifest.get("disclosure") or {}
    name = str(disclosure.get("policy", "five"))
    least = int(disclosure.get("least", _LEAST.get(name, 2)))
    return Policy(
        name,
        int(disclosure.get("minimum", manifest.get("minimum", 5))),
        least,
        disclosure.get("zeros") == "hide",
        bool(disclosure.get("blind", False)),
        int(disclosure.get("minimum_base", 0)),
        tuple(tuple(map(str, each["indicators"])) for each in disclosure.get("thresholds", ())),
    )


def _models(manifest: Mapping[str, Any], files: Sequence[str | Path]) -> tuple[Model, ...]:
    given = {model.id: model for model in map(load_model, files)}
    chosen, problems = [], []
    for entry in manifest.get("models", ()):
        name = str(entry["id"])
        if name in given:
            chosen.append(given[name])
        elif name in model_ids():
            chosen.append(load_model(name))
        else:
            hint = "Name its file with --model: an outsider may have it."
            problems.append(
                Problem(
                    "error",
                    phrase("the model '{name}' does not ship here.", name=name),
                    file="run.json",
                    hint=hint,
                )
            )
    if problems:
        raise InputError(problems)
    return tuple(chosen)


def table_rows(path: Path) -> tuple[list[dict[str, str]], str]:
    """Rows of a CSV of either language, every cell as text, and its decimal mark."""
    text = path.read_text(encoding="utf-8-sig")
    head = text.split("\n", 1)[0]
    delimiter, mark = (";", ",") if head.count(";") >= head.count(",") else (",", ".")
    rows = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
    return [{str(name): str(cell or "") for name, cell in row.items()} for row in rows], mark


def _read_figures(public: PublicSet, path: Path) -> None:
    rows, mark = table_rows(path)
    columns = list(rows[0]) if rows else []
    indicators = [name.removesuffix("_status") for name in columns if name.endswith("_status")]
    fields = {(key, name): f"{key}_{name}" for key in indicators for name in FIGURE_FIELDS}
    fields = {pair: column for pair, column in fields.items() if column in columns}
    _find_scales(public, rows, indicators, mark)
    others = [
        name
        for name in columns
        if name not in AREA_FIELDS and name not in fields.values() and not name.startswith("is_")
    ]
    provenance = ("_data_period", "_status_date", "_source")
    others = [name for name in others if not (name.startswith("residents") and name.endswith(provenance))]
    for row in rows:
        area, period, model = row["area_id"], row["period"], row.get("model", "")
        public.names[area] = row.get("name", "")
        public.area_rows[area, period, model] = {
            name: row[name] for name in columns if name in AREA_FIELDS or name.startswith("is_")
        }
        hidden = False
        for indicator in indicators:
            cells = {
                name: row[column]
                for name in FIGURE_FIELDS
                if (column := fields.get((indicator, name))) is not None
            }
            figure = _figure(cells, public.scales.get(indicator, 1), mark)
            public.figures[area, period, indicator] = figure
            reference = exact_number(cells.get("reference", ""), mark)
            reference_area = cells.get("reference_area") or MUNICIPALITY
            if reference is not None and reference_area == MUNICIPALITY:
                public.references.setdefault((period, "", indicator), as_ratio(reference))
            if reference_area == REST:
                public.of_rest.add(indicator)
            if not figure.suppressed:
                continue
            hidden = True
            if reference is not None and reference_area == REST:
                public.leak(path.name, (area, period, indicator), f"{indicator}_reference")
            for name, cell in cells.items():
                if cell and name not in ALLOWED_OF_FIGURE | CLUES_OF_FIGURE:
                    public.leak(path.name, (area, period, indicator), f"{indicator}_{name}")
            points = exact_number(cells.get("points", ""), mark)
            criterion = _only_criterion(public.models, model, indicator)
            if points is not None and criterion is not None:
                public.points[area, period, model, criterion] = points
        if hidden:
            for name in others:
                if row[name]:
                    public.leak(path.name, (area, period), name)
            for name in NEVER_WITH_RANGE:
                if row.get("category") == "range" and row.get(name):
                    public.leak(path.name, (area, period), name)


def _figure(cells: Mapping[str, str], scale: int, mark: str) -> Figure:
    numbers = {
        name: exact_number(cells.get(name, ""), mark) for name in ("numerator", "denominator", "unknown")
    }
    base = numbers["denominator"]
    if base is not None and numbers["unknown"] is not None:
        base -= numbers["unknown"]
    count = numbers["numerator"]
    return Figure(
        cells.get("status", ""),
        None if count is None else count / max(scale, 1),
        None if base is None else int(base),
        exact_number(cells.get("value", ""), mark),
        cells.get("data_period", ""),
    )


def _find_scales(
    public: PublicSet, rows: Sequence[Mapping[str, str]], indicators: Iterable[str], mark: str
) -> None:
    """What numerators are multiplied by, from any figure that is shown in full; 0 where the figure is a mean."""
    means = {c.indicator for model in public.models for c in model.criterion if c.unit == "mean"}
    for indicator in indicators:
        public.scales[indicator] = 0 if indicator in means else 1
        if _counts_everybody(rows, indicator):
            public.heads.add(indicator)
        for row in rows if indicator not in means else ():
            value, count, base, unknown = (
                exact_number(row.get(f"{indicator}_{name}", ""), mark)
                for name in ("value", "numerator", "denominator", "unknown")
            )
            if value and count and base and base != (unknown or 0) and value != count:
                scale = round(count / value / (base - (unknown or 0)))
                public.scales[indicator] = 0 if value > 1 else max(scale, 1)
                break


def _counts_everybody(rows: Sequence[Mapping[str, str]], indicator: str) -> bool:
    """Whether value, count and base are the same wherever they are shown."""
    names = ("value", "numerator", "denominator")
    figures = {tuple(row.get(f"{indicator}_{name}", "") for name in names) for row in rows}
    shown = [figure for figure in figures if all(figure)]
    return bool(shown) and all(len(set(figure)) == 1 for figure in shown)


def _only_criterion(models: Sequence[Model], model_id: str, indicator: str) -> str | None:
    """The criterion of a model that looks at an indicator, where no other does."""
    keys = [
        criterion.key
        for model in models
        if model.id == model_id
        for criterion in model.criterion
        if criterion.indicator == indicator
    ]
    return keys[0] if len(keys) == 1 else None


def _read_criteria(public: PublicSet, path: Path) -> None:
    rows, mark = table_rows(path)
    for row in rows:
        key = (row["area_id"], row["period"], row["model"], row["criterion"])
        label = row.get("criterion_label", "")
        public.labels.setdefault(label, row["indicator"])
        public.criteria.setdefault((row["model"], label), row["criterion"])
        reference = exact_number(row.get("reference", ""), mark)
        of_rest = public.compares_with_rest(row["model"], row["criterion"])
        if reference is not None and not of_rest:
            public.references.setdefault((row["period"], row["model"], row["criterion"]), as_ratio(reference))
        if row.get("status") != PROTECTED:
            continue
        if reference is not None and of_rest:
            public.leak(path.name, (key[0], key[1], row["indicator"]), "reference")
        for name, cell in row.items():
            if cell and name not in ALLOWED_OF_CRITERION | CLUES_OF_CRITERION:
                public.leak(path.name, (key[0], key[1], row["indicator"]), name)
        for name, clues in (("points", public.points), ("threshold", public.threshold)):
            number = exact_number(row.get(name, ""), mark)
            if number is not None:
                clues[key] = number
        if row.get("met") in ("met", "not_met"):
            public.met[key] = row["met"]
        rest = sentence_rest(row.get("sentence", ""), row.get("criterion_label", ""))
        match = _POINTS.search(rest)
        if match is not None:
            public.points.setdefault(key, Fraction(match.group(1).replace(",", ".")))
        elif rest:
            public.leak(path.name, (key[0], key[1], row["indicator"]), "sentence")


def _check_manifest(public: PublicSet, manifest: Mapping[str, Any]) -> None:
    """Fields of ``run.json`` that the reader does not know, and facts of areas with suppressed figures.

    Counts of dwellings by area are no persons.
    """
    for name in manifest:
        if name not in MANIFEST_FIELDS:
            public.leak("run.json", (), name)
    areas = {area for area, _, _ in public.suppressed}
    for path in _paths(manifest.get("facts", {})):
        hit = areas.intersection(path)
        if hit and not any("dwellings" in key for key in path):
            public.leak("run.json", (min(hit),), ".".join(path[:3]))


def _paths(value: Any, above: tuple[str, ...] = ()) -> Iterable[tuple[str, ...]]:
    """The keys that lead to each fact."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _paths(inner, (*above, str(key)))
    else:
        yield above
