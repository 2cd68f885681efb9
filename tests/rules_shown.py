"""A made-up result of three models side by side, rules with residents' origin among them, guarded for real."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from geo_bosoc.disclosure.results import (
    MUNICIPALITY,
    Language,
    OutputSet,
    PublishedResults,
    Results,
)
from geo_bosoc.disclosure.suppress import suppress
from geo_bosoc.indicators.spec import Indicator, Side
from geo_bosoc.models import categorise, robustness, smallest_change
from geo_bosoc.models.category import Category
from geo_bosoc.models.criteria import Criterion, Gate
from geo_bosoc.models.spec import Model
from geo_bosoc.models.spec_parts import Persistence, Rule

# Persons of non-western origin by area, of the residents.
ORIGIN = {"A01": 1500, "A02": 700, "A03": 800, "A04": 300, "A05": 200, "A06": 90, "A07": 160, "A08": 600}


def origin_indicator() -> Indicator:
    return Indicator(
        id="non_western",
        denominator=Side(register="persons"),
        numerator=Side(register="persons", where="origin = 'non_western'"),
        label_da="Ikke-vestlig herkomst",
        label_en="Non-western origin",
        source="Opdigtet personregister",
    )


def rules_model() -> Model:
    """Listed: 2 of 3; listed and over half of non-western origin; that twice in a row; and, beside them, watched."""
    told: dict[str, Any] = {"measure": "value", "operator": ">"}
    return Model(
        id="national-test",
        version="2024-01-01",
        kind="rules",
        label_da="De nationale lister (prøve)",
        label_en="The national lists (trial)",
        source="Opdigtet til afprøvning",
        gates=(Gate(indicator="residents", operator=">=", threshold=1000),),
        criterion=(
            Criterion(indicator="outside_labour_market", threshold=30, label_da="Uden for arbejdsmarkedet",
                      label_en="Outside the labour market", base_da="beboere på 18-64 år",
                      base_en="residents aged 18-64", met_da="uden for arbejdsmarkedet",
                      met_en="outside the labour market", window=(-1, 0), **told),
            Criterion(indicator="youth_crime", unit="per_1000", label_da="Ungdomskriminalitet",
                      label_en="Youth crime", reference={"of": "municipality", "times": 1.5}, operator=">="),
            Criterion(indicator="safety", threshold=15, label_da="Utryghed", label_en="Feeling unsafe", **told),
            Criterion(indicator="non_western", threshold=50, label_da="Ikke-vestlig herkomst",
                      label_en="Non-western origin", uses_origin=True, **told),
            Criterion(id="safety_10", indicator="safety", threshold=10, label_da="Utryghed",
                      label_en="Feeling unsafe", **told),
        ),
        category=(
            Category(id="transformation", label_da="Omdannelsesområde", label_en="Transformation area",
                     colour="#2a0f52", by_origin=True,
                     rule=(Rule(categories=("parallel",),
                                persistence=Persistence(categories=("parallel",), years=2)),)),
            Category(id="parallel", label_da="Parallelsamfund", label_en="Parallel society", colour="#5158a8",
                     by_origin=True, rule=(Rule(categories=("vulnerable",), requires=("non_western",)),)),
            Category(id="vulnerable", label_da="Udsat boligområde", label_en="Vulnerable area", colour="#7fa3cf",
                     rule=(Rule(at_least=2, of=("outside_labour_market", "youth_crime", "safety")),)),
            Category(id="watched", label_da="Forebyggelsesområde", label_en="Prevention area", colour="#b9a2cf",
                     rule=(Rule(requires=("safety_10",)),)),
            Category(id="not_listed", label_da="Ikke på listen", label_en="Not listed", colour="#cfd6de"),
        ),
    )  # fmt: skip


def true_findings(base: PublishedResults, true: pd.DataFrame, reference_areas: pd.DataFrame) -> Results:
    """Findings on true counts: the small result's own points model, the rules, and the points with pooled years."""
    specs = (*base.indicators, origin_indicator())
    rows = []
    for row in base.residents.itertuples(index=False):
        met, everyone = ORIGIN[row.area_id], int(row.residents)
        rows.append(
            _row(row.area_id, row.period, "non_western", met, everyone, 0.2)
            | {"low": met / everyone - 0.02, "high": met / everyone + 0.02}
        )
    for period in sorted(base.residents["period"].unique()):
        reference_areas = pd.concat(
            [
                reference_areas,
                pd.DataFrame([_row(MUNICIPALITY, period, "non_western", 20_000, 100_000, 0.2)]),
            ],
            ignore_index=True,
        )
    table = pd.concat([true, pd.DataFrame(rows)], ignore_index=True)
    counted = base.residents.rename(columns={"residents": "numerator"})
    gate = counted.assign(indicator="residents", denominator=counted["numerator"], unknown=0, status="ok")
    gate["value"] = gate["numerator"].astype(float)
    residents = Indicator(
        id="residents",
        denominator=Side(register="persons"),
        unit="count",
        label_da="Beboere",
        label_en="Residents",
    )
    table = pd.concat([table, gate], ignore_index=True)
    other = base.models[0].model_copy(
        update={"id": "aarhus-2022", "label_da": "Aarhus' model, 2022", "label_en": "Aarhus's model, 2022"}
    )
    specs = (residents, *specs)
    done = [
        categorise(table, model, reference_areas=reference_areas, indicators=specs)
        for model in (rules_model(), base.models[0], other)
    ]
    categories = []
    for one in done:
        last = one.categories["period"].max()
        sure = robustness(one, last, draws=40).areas.set_index("area_id")
        rows_of = one.categories.assign(smallest_change=None)
        here = rows_of["period"] == last
        for name in ("held", "change_by_chance"):
            rows_of[name] = rows_of["area_id"].map(sure[name]).where(here)
        for at in rows_of.index[here]:
            change = smallest_change(one, rows_of.at[at, "area_id"], last)
            rows_of.loc[at, "smallest_change"] = change.text(one.model, base.language) if change else None
        categories.append(rows_of)
    parts = {each: getattr(base, each) for each in Results.__dataclass_fields__}
    return replace(
        Results(**parts),
        indicators=specs,
        table=table.sort_values(["area_id", "period", "indicator"], kind="stable", ignore_index=True),
        reference_areas=reference_areas,
        models=tuple(one.model for one in done),
        categories=pd.concat(categories, ignore_index=True),
        criteria=pd.concat([one.criteria for one in done], ignore_index=True),
        flags=pd.concat([one.flags for one in done], ignore_index=True),
    )


def _row(area: str, period: str, indicator: str, met: int, everyone: int, reference: float) -> dict[str, Any]:
    value = met / everyone
    return {
        "area_id": area, "period": period, "indicator": indicator, "numerator": met, "denominator": everyone,
        "unknown": 0, "value": value, "reference": reference, "ratio": value / reference, "status": "ok",
    }  # fmt: skip


def make_rules_shown(
    base: PublishedResults,
    true: pd.DataFrame,
    reference_areas: pd.DataFrame,
    output_set: OutputSet = "public",
    language: Language = "da",
) -> PublishedResults:
    """What may be shown of `true_findings`."""
    found = replace(true_findings(replace(base, language=language), true, reference_areas), language=language)
    return suppress(found, output_set)
