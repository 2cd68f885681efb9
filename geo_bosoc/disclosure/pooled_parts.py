"""What is not shown of a breakdown as one class, "Anonymous", as BoSocData prints it ("Anonyme").

The class is the base less the parts that are shown: its suppressed parts together, and those who are in no part where
parts leave some over. Anybody could subtract them, so that it tells nothing that was not told. Which parts go with a
small one, so that nothing follows from the class, is decided in `geo_bosoc.disclosure.secondary.parts`: another part,
or all of them. With two values promised there is no step between, since a third part would tell that two were not
enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import pandas as pd

from geo_bosoc.boundaries.reference_areas import MUNICIPALITY
from geo_bosoc.indicators.rates import indicator_table
from geo_bosoc.indicators.spec import Indicator
from geo_bosoc.text.catalogue import word

PROTECTED: Final = "protected"
_SLOT: Final = ["area_id", "period"]


class PooledTables(NamedTuple):
    """Indicators and tables with the classes of breakdowns.

    Attributes
    ----------
    indicators : tuple of Indicator
        Each class stands behind the last of its parts.
    table, reference_areas, sources : DataFrame
        As of `geo_bosoc.disclosure.results.Results`, with the rows of classes at the end.
    classes : tuple of str
        Ids of the classes.
    """

    indicators: tuple[Indicator, ...]
    table: pd.DataFrame
    reference_areas: pd.DataFrame
    sources: pd.DataFrame
    classes: tuple[str, ...] = ()


def with_pooled_classes(
    indicators: Sequence[Indicator],
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    sources: pd.DataFrame,
) -> PooledTables:
    """Add the class of each breakdown that has a suppressed part in some area and period.

    Parameters
    ----------
    indicators : sequence of Indicator
        Those of one `breakdown` are its parts.
    table, reference_areas : DataFrame
        As they are published.
    sources : DataFrame
        ``indicator, period, register, data_period, status_date, source``.

    Examples
    --------
    >>> from geo_bosoc.indicators.spec import Side
    >>> specs = [
    ...     Indicator(id=name, breakdown="support", denominator=Side(), numerator=Side(where=name), label_da=name,
    ...               label_en=name)
    ...     for name in ("work", "benefit", "pension")
    ... ]
    >>> rows = [("a", "2024", "work", 40, 50, 0, "ok"), ("a", "2024", "benefit", None, 50, None, "protected"),
    ...         ("a", "2024", "pension", None, 50, None, "protected")]
    >>> columns = ["area_id", "period", "indicator", "numerator", "denominator", "unknown", "status"]
    >>> table = pd.DataFrame(rows, columns=columns)
    >>> pooled = with_pooled_classes(specs, table, table.iloc[:0], pd.DataFrame({"indicator": []}))
    >>> pooled.table[["indicator", "numerator", "denominator"]].iloc[-1].astype(str).tolist()
    ['support_anonymous', '10.0', '50']
    """
    classes = [
        (spec, parts)
        for spec, parts in _classes(indicators)
        if (table["indicator"].isin([part.id for part in parts]) & (table["status"] == PROTECTED)).any()
    ]
    if not classes:
        return PooledTables(tuple(indicators), table, reference_areas, sources)
    shown, tables, totals, described = list(indicators), [table], [reference_areas], [sources]
    for spec, parts in classes:
        shown.insert(shown.index(parts[-1]) + 1, spec)
        of_totals = _rows(spec, parts, reference_areas, None)
        totals.append(of_totals)
        tables.append(_rows(spec, parts, table, of_totals))
        described.append(sources[sources["indicator"] == parts[0].id].assign(indicator=spec.id))
    all_rows, all_totals, all_sources = (
        pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
        for frames in (tables, totals, described)
    )
    names = tuple(spec.id for spec, _ in classes)
    return PooledTables(tuple(shown), all_rows, all_totals, all_sources, names)


def _classes(indicators: Sequence[Indicator]) -> Iterator[tuple[Indicator, list[Indicator]]]:
    """The class of each declared breakdown of two parts and more, with its parts."""
    taken = {each.id for each in indicators}
    for name in dict.fromkeys(each.breakdown for each in indicators if each.breakdown):
        parts = [each for each in indicators if each.breakdown == name]
        class_id = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") + "_anonymous"
        class_id = class_id if class_id[0].isalpha() else f"breakdown_{class_id.lstrip('_')}"
        while class_id in taken:
            class_id += "_class"
        taken.add(class_id)
        if len(parts) > 1:
            yield _class_of(class_id, parts[0]), parts


def _class_of(class_id: str, part: Indicator) -> Indicator:
    """The indicator that stands for a class: of the base of its parts, neither good nor bad."""
    words: dict[str, str] = {}
    for language in ("da", "en"):
        words[f"label_{language}"] = word("common", "anonymous", language, breakdown=part.breakdown)
        words[f"definition_{language}"] = word("common", "anonymous_what", language)
    return part.model_copy(update={"id": class_id, "direction": "neutral", **words})


def _rows(
    spec: Indicator, parts: Sequence[Indicator], table: pd.DataFrame, totals: pd.DataFrame | None
) -> pd.DataFrame:
    """The rows of a class, from the published rows of its parts; `totals` are its rows of reference areas."""
    rows = table[table["indicator"].isin([part.id for part in parts])]
    numbers = rows[["numerator", "denominator", "unknown"]].astype("Int64")
    is_hidden = (rows["status"] == PROTECTED) & numbers["numerator"].isna()
    slots = [rows[name] for name in _SLOT]
    base = (numbers["denominator"] - numbers["unknown"].fillna(0)).groupby(slots).max()
    any_hidden = is_hidden.groupby(slots).any()
    rest = base * spec.scale - numbers["numerator"].fillna(0).groupby(slots).sum()
    number = rest.where(any_hidden, base * 0)
    first = rows.groupby(_SLOT, sort=False).head(1).set_index(_SLOT)
    counts = pd.DataFrame({"numerator": number, "denominator": base}).reindex(first.index)
    counts = counts.assign(unknown=pd.array([0] * len(counts), dtype="Int64"), indicator=spec.id, status="ok")
    follows = (
        counts["numerator"].notna() & (counts["numerator"] >= 0) & (first["status"].isin(["ok", PROTECTED]))
    )
    filled_rows = counts[follows.fillna(False).astype(bool)].reset_index()
    municipal = filled_rows if totals is None else totals
    rated = indicator_table(filled_rows, [spec], municipal[municipal["area_id"] == MUNICIPALITY])
    others = first[~first.index.isin(pd.MultiIndex.from_frame(rated[_SLOT]))].reset_index()
    blank = {name: None for name in others.columns if name not in (*_SLOT, "indicator", "status")}
    status = others["status"].mask(others["status"] == "ok", PROTECTED)
    others = others.assign(**blank, indicator=spec.id, status=status)
    frames = [frame.reindex(columns=table.columns) for frame in (rated, others) if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else table.iloc[:0]
