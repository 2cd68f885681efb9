"""Assignment as a part of the bottom-up study: its sheets, its sentences, and its layer of the assessed areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from geo_bosoc.bottom_up.placing.load import dwellings_of_estates
from geo_bosoc.bottom_up.placing.shown_tables import (
    LOADS,
    load_sheet,
    need_sheet,
    percent,
    risk_sheet,
    supply_sheet,
    years_text,
)
from geo_bosoc.bottom_up.placing.small_counts import ShownCounts, shown_counts
from geo_bosoc.bottom_up.placing.supply import organisation_of_estates, supply_by_organisation
from geo_bosoc.bottom_up.placing.tables import PlacingTables
from geo_bosoc.bottom_up.study_parts import NumberFormat, ShownPart
from geo_bosoc.outputs.thematic_map import Classification, MapCategory
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number

LAYER: Final = "placing_load"
"""The layer's id."""
COLOURS: Final = ("#a5353c", "#e08a5b", "#efe6d8", "#8fb7cf", "#e4e3e8")
"""Of `LOADS`."""
NAMED: Final = 5
"""Estates that a sentence names."""
_FORMATS: Final[Mapping[str, NumberFormat]] = {
    "per_100_dwellings": "one_decimal",
    "times_all": "two_decimals",
    **dict.fromkeys(("share_assigned", "share_dwellings", "share_at_risk", "covered"), "percent"),
}  # fmt: skip


@dataclass(frozen=True)
class AssignmentPart:
    """Need, supply and load of the dwellings that the municipality assigns, on true counts.

    Attributes
    ----------
    tables : PlacingTables
        As they were read.
    years : int
        The last years that an estate's assignments are added up over.
    period : str
        Of the map's layer.
    names : mapping of str to str
        By assessed area its name.
    in_register : mapping of str to int
        By area the dwellings of the register.
    at_risk : frozenset of str
        Areas whose category, as it is shown, is a risk category.
    within : DataFrame
        ``place_id, area_id``: the areas that places lie in.
    """

    tables: PlacingTables
    years: int
    period: str
    names: Mapping[str, str]
    in_register: Mapping[str, int]
    at_risk: frozenset[str]
    within: pd.DataFrame

    @property
    def key(self) -> str:
        """What it is known by."""
        return "placing"

    def show(self, language: Language, minimum: int) -> ShownPart:
        """Its sheets, sentences and layer in a language; no count of households below the minimum."""
        supply, counts = supply_by_organisation(self.tables), self._counts()
        window = self._window()
        publishable = shown_counts(counts, frozenset(window), minimum)
        sheets: dict[str, pd.DataFrame] = {}
        if len(supply):
            sheets["sheet_placing_supply"] = supply_sheet(supply, publishable, language)
        if len(self.tables.need):
            sheets["sheet_placing_need"] = need_sheet(self.tables, supply, publishable, minimum)
        notes = [word("bottom_up", "note_placing_right", language)] if len(self.tables.agreements) else []
        summary = _right_lines(sheets, language)
        if not window or not publishable.years:
            return ShownPart(sheets, _FORMATS, notes=notes, summary=summary)
        load = self._load(counts, window, publishable, language)
        sheets["sheet_placing_load"] = load.drop(columns="load_key")
        more, text = [word("bottom_up", "note_placing_load", language, years=years_text(window))], []
        if publishable.by_risk and self.at_risk:
            sheet = risk_sheet(counts, self._dwellings())
            sheets["sheet_placing_risk"] = sheet
            text = _risk_lines(sheet[sheet["year"].isin(window)], window, language)
        if load["hidden"].any():
            more.append(word("bottom_up", "note_placing_hidden", language))
        text += self._warnings(load, language)
        lines = self._lines(load, self._per_100(counts, window), language)
        return ShownPart(
            sheets,
            _FORMATS,
            lines=self._of_places(lines),
            area_layers=(self._layer(load, language),),
            area_lines={(LAYER, area): [line] for area, line in lines.items()},
            notes=[*notes, *more, *text],
            summary=[*summary, *text],
        )

    def _window(self) -> list[int]:
        """The years that an estate's assignments are added up over."""
        years = self.tables.assignments["year"]
        if years.empty:
            return []
        last = int(years.max())
        return list(range(max(int(years.min()), last - self.years + 1), last + 1))

    def _counts(self) -> pd.DataFrame:
        """Assignments by estate and year with what each estate is; estates without any have a row of 0."""
        rows = self.tables.assignments[["estate_id", "year", "assigned"]]
        missing = sorted(set(self.tables.vacancies["estate_id"]) - set(rows["estate_id"]))
        if len(rows) and missing:
            zeros = pd.DataFrame({"estate_id": missing, "year": rows["year"].max(), "assigned": 0})
            rows = pd.concat([rows, zeros.astype(rows.dtypes.to_dict())], ignore_index=True)
        organisations, with_dwellings = organisation_of_estates(self.tables.vacancies), set(self._dwellings())
        return rows.assign(
            year=rows["year"].astype("int64"),
            assigned=rows["assigned"].astype("int64"),
            organisation=[organisations.get(str(estate), "") for estate in rows["estate_id"]],
            at_risk=rows["estate_id"].isin(self.at_risk),
            base=rows["estate_id"].isin(with_dwellings),
        )

    def _dwellings(self) -> dict[str, int]:
        return dwellings_of_estates(self.tables, self.in_register)

    def _load(
        self, counts: pd.DataFrame, window: Sequence[int], publishable: ShownCounts, language: Language
    ) -> pd.DataFrame:
        in_window = counts.assign(assigned=counts["assigned"].where(counts["year"].isin(window), 0))
        keys = ["estate_id", "organisation", "at_risk"]
        totals = in_window.groupby(keys)["assigned"].sum().reset_index()
        return load_sheet(totals, self._dwellings(), publishable, self.names, window, language)

    def _per_100(self, counts: pd.DataFrame, window: Sequence[int]) -> float:
        """Assignments per 100 dwellings a year in all estates whose dwellings are known."""
        rows = counts[counts["year"].isin(window) & counts["base"]]
        return 100 * float(rows["assigned"].sum()) / max(1, len(window) * sum(self._dwellings().values()))

    def _warnings(self, load: pd.DataFrame, language: Language) -> list[str]:
        """Which estates at risk have surely more than all estates together."""
        rows = load[load["load_key"] == "piling"]
        if rows.empty:
            return []
        names = [row["name"] or row["estate_id"] for row in rows.to_dict("records")]
        text = ", ".join(names[:NAMED])
        if len(names) > NAMED:
            text = word("bottom_up", "placing_and_more", language, names=text, count=str(len(names) - NAMED))
        return [word("bottom_up", "placing_piling", language, count=str(len(names)), names=text)]

    def _lines(self, load: pd.DataFrame, everybody: float, language: Language) -> dict[str, str]:
        """By assessed area its sentence."""
        return {
            str(row["estate_id"]): _line({str(key): value for key, value in row.items()}, everybody, language)
            for row in load.to_dict("records")
            if row["estate_id"] in self.names
        }

    def _of_places(self, lines: Mapping[str, str]) -> dict[str, list[str]]:
        """By place the sentences of the areas that it lies in, with the area's name where it lies in several."""
        within = self.within[self.within["area_id"].astype(str).isin(set(lines))].astype(str)
        sentences: dict[str, list[str]] = {}
        for row in within.sort_values(["place_id", "area_id"]).to_dict("records"):
            area = row["area_id"]
            sentences.setdefault(row["place_id"], []).append(f"{self.names[area] or area}: {lines[area]}")
        return sentences

    def _layer(self, load: pd.DataFrame, language: Language) -> Classification:
        rows = load[load["estate_id"].isin(set(self.names))]
        return Classification(
            id=LAYER,
            version="1",
            label=word("bottom_up", "layer_placing", language),
            categories=tuple(
                MapCategory(name, word("bottom_up", f"load_{name}", language), colour, assessed=name != "hidden")
                for name, colour in zip(LOADS, COLOURS, strict=True)
            ),
            rows=pd.DataFrame(
                {
                    "area_id": rows["estate_id"].astype(str).to_numpy(),
                    "period": self.period,
                    "category": rows["load_key"].to_numpy(),
                }
            ),
            assumptions=(("", word("bottom_up", "about_placing", language)),),
            without_row=word("bottom_up", "placing_not_in_files", language),
            group="bottom_up",
        )  # fmt: skip


def _line(row: Mapping[str, Any], everybody: float, language: Language) -> str:
    """An estate's load in a sentence."""
    if row["hidden"]:
        return word("bottom_up", "placing_line_hidden", language, years=row["years"])
    figures = {name: number(row[name], language, 1) for name in ("per_100_dwellings", "low", "high")}
    line = word(
        "bottom_up",
        "placing_line",
        language,
        years=row["years"],
        assigned=number(int(row["assigned"]), language),
        per_100=figures["per_100_dwellings"],
        low=figures["low"],
        high=figures["high"],
        all=number(everybody, language, 1),
        share=percent(row["share_assigned"], language),
        dwellings=percent(row["share_dwellings"], language),
    )
    judgement = word("bottom_up", f"placing_says_{row['load_key']}", language)
    return f"{line} {judgement}"


def _right_lines(sheets: Mapping[str, pd.DataFrame], language: Language) -> list[str]:
    """The right of the last year and what is unused of it, beside the need."""
    lines = []
    if "sheet_placing_supply" in sheets:
        last = sheets["sheet_placing_supply"].iloc[-1]  # all organisations, the last year
        text = {"year": str(last["year"]), "right": number(int(last["right"]), language)}
        if pd.notna(last["unused"]):
            text["unused"] = number(int(last["unused"]), language)
            text["assigned"] = number(int(last["assigned"]), language)
            lines.append(word("bottom_up", "placing_right_used", language, **text))
        else:
            lines.append(word("bottom_up", "placing_right_alone", language, **text))
    if "sheet_placing_need" in sheets:
        last = sheets["sheet_placing_need"].iloc[-1]
        if pd.notna(last["need"]) and pd.notna(last["right"]):
            figures = {name: number(int(last[name]), language) for name in ("need", "right")}
            lines.append(word("bottom_up", "placing_need_line", language, year=str(last["year"]), **figures))
    return lines


def _risk_lines(sheet: pd.DataFrame, window: Sequence[int], language: Language) -> list[str]:
    """How much of the years' assignments went to estates at risk."""
    everybody = int(sheet["assigned"].sum())
    if not everybody:
        return []
    share = percent(float(sheet["to_at_risk"].sum()) / everybody, language)
    stock = percent(float(sheet["share_dwellings"].iloc[-1]), language)
    text = {"years": years_text(window), "share": share, "dwellings": stock}
    return [word("bottom_up", "placing_risk_line", language, **text)]
