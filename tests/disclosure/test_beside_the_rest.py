"""The rest of the municipality beside an area keeps the promise: it would give a suppressed count away exactly."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rule_aware import Counts, Key, all_worlds, broken_in_worlds, canonical, promised_values
from small_results import SPECS, model_of, results_of

import geo_bosoc as gb
from geo_bosoc.disclosure.attack import attack_sets, published_set
from geo_bosoc.disclosure.attack.other_files import read_other_files
from geo_bosoc.disclosure.categories.category_ranges import PublicFigures, tell
from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.results import MUNICIPALITY, PublishedResults
from geo_bosoc.models import categorise
from geo_bosoc.models.apply import categorise_cells
from geo_bosoc.models.exact_values import Cell
from geo_bosoc.models.spec import Model
from geo_bosoc.text.packed import pack

CRIME: Key = ("1", "2024", "crime")
SAFETY: Key = ("1", "2024", "safety")
BESIDE_REST = tuple(spec.model_copy(update={"reference": "@rest"}) for spec in SPECS)


def with_rest(counts: Counts, model: Model, references: dict[str, int]) -> PublishedResults:
    """What is published where the indicators too are compared with the rest."""
    return gb.suppress(results_of(counts, model, references, BESIDE_REST))


@settings(max_examples=2, phases=(Phase.explicit, Phase.generate))
@given(data=st.data())
def test_small_worlds_beside_their_rest_keep_the_promise(data: st.DataObject) -> None:
    bases = {CRIME: data.draw(st.integers(5, 60), "crime")}
    shown = {SAFETY: (data.draw(st.integers(5, 35), "safety"), 40)}
    if data.draw(st.booleans(), "both small"):
        bases, shown = {CRIME: 12, SAFETY: 5}, {}
    model = model_of(
        data.draw(st.sampled_from([(1.0, 2.0), (2.0, 4.0)]), "cut-offs"),
        data.draw(st.sampled_from([(1.25, 1.75, 2.5), (1.5, 2.5, 4.0)]), "bands"),
        of="rest",
    )
    references = {spec.id: data.draw(st.integers(60, 300), spec.id) for spec in SPECS}
    worlds = [world | shown for world in all_worlds(bases, small=True)]
    broken = broken_in_worlds(worlds, lambda counts: canonical(with_rest(counts, model, references)))
    assert not broken, broken[0]


def test_a_small_rest_hides_the_area() -> None:
    """Of 14 in the municipality, 10 to 13 in the area leave 1 to 4: then the area's figure goes as well."""
    model = model_of((1.0, 2.0), (1.25, 2.0), of="rest")
    references = {"crime": 14, "safety": 200}
    groups: dict[Hashable, set[int]] = {}
    for count in (0, 1, 4, 5, 9, 10, 11, 12, 13, 14):
        published = with_rest({CRIME: (count, 60), SAFETY: (20, 40)}, model, references)
        row = published.table.set_index("indicator").loc["crime"]
        assert (row["status"] == "protected") == (count in {1, 4, 10, 11, 12, 13})
        assert pd.isna(row["reference"]) == (row["status"] == "protected")
        groups.setdefault(canonical(published), set()).add(14 - count)
    for rests in groups.values():
        assert len(rests & {1, 2, 3, 4}) != 1


def told_beside_rest(
    counts: Counts, model: Model, references: dict[str, tuple[int, int]]
) -> tuple[Hashable, tuple[int, int]]:
    """What is told of the category by the engine alone, and the range that it lies in: the worst is 0."""
    municipal = {
        (MUNICIPALITY, "2024", name): Cell(Fraction(*count), "ok", *count)
        for name, count in references.items()
    }
    true = {key: Cell(Fraction(*count), "ok", *count) for key, count in counts.items()}
    small = {key for key, count in counts.items() if promised_values(count)}
    shown = {key: Cell(None, "protected") if key in small else cell for key, cell in true.items()}
    bases = {key: counts[key][1] for key in small if counts[key][1] >= 5}
    figures = PublicFigures(shown | municipal, true | municipal, bases, {}, {})
    ranges = tell([model], SPECS, figures, Policy()).ranges
    marks = tuple(
        (key, count if key not in small else bases.get(key)) for key, count in sorted(counts.items())
    )
    between = ranges.get(("1", "2024", model.id))
    categories = (0, len(model.category) - 1) if between is None else (between.worst, between.mildest)
    return (marks, tuple(sorted(ranges.items()))), categories


@settings(max_examples=3, phases=(Phase.explicit, Phase.generate))
@given(data=st.data())
def test_categories_beside_the_rest_keep_the_promise_and_are_the_true_ones(data: st.DataObject) -> None:
    bases = {
        CRIME: data.draw(st.integers(5, 25), "crime"),
        SAFETY: data.draw(st.integers(4, 14), "safety"),
    }
    model = model_of(
        data.draw(st.sampled_from([(1.0, 2.0), (2.0, 4.0), (3.0, 5.0)]), "cut-offs"),
        data.draw(st.sampled_from([(0.1, 0.3, 1.25), (0.25, 0.75, 2.5)]), "bands"),
        of="rest",
    )
    # so many in the whole municipality that the rest is never small, and so few that the area moves it
    references = {
        key[2]: (base + data.draw(st.integers(5, 15), key[2]), 2 * base + 50) for key, base in bases.items()
    }
    worlds = list(all_worlds(bases))
    broken = broken_in_worlds(worlds, lambda counts: told_beside_rest(counts, model, references)[0])
    assert not broken, broken[0]
    order = [category.id for category in model.category]
    for counts in worlds:
        cells = {key: Cell(Fraction(*count), "ok", *count) for key, count in counts.items()}
        cells |= {
            (MUNICIPALITY, "2024", name): Cell(Fraction(*count), "ok", *count)
            for name, count in references.items()
        }
        true = order.index(categorise_cells(cells, model).categories["category"].iloc[0])
        worst, mildest = told_beside_rest(counts, model, references)[1]
        assert worst <= true <= mildest


def test_a_category_is_that_of_the_true_rest() -> None:
    """9 of 50 in an area and 20 of 200 in all are 11 of 150 in the rest: 2.45 times that, 1.8 times the whole."""
    counts = {CRIME: (9, 50), SAFETY: (20, 50)}
    columns = ["area_id", "period", "indicator", "numerator", "denominator", "value", "status"]
    rows = [(*key, *count, count[0] / count[1], "ok") for key, count in counts.items()]
    total = [(MUNICIPALITY, "2024", name, 20, 200, 0.1, "ok") for name in ("crime", "safety")]
    table, municipality = (pd.DataFrame(each, columns=columns) for each in (rows, total))
    by_whole, by_rest = (
        categorise(table, model_of((2.0, 4.0), (1.5, 2.4, 99.0), of), reference_areas=municipality)
        for of in ("municipality", "rest")
    )
    assert by_whole.criteria["points"].tolist() == [1.0, 2.0]
    assert by_rest.criteria["points"].iloc[0] == 2.0
    assert by_rest.criteria["reference"].tolist() == pytest.approx([11 / 150, 0.0])
    assert by_rest.criteria["status"].tolist() == ["ok", "no_reference"]  # nobody unsafe lives in the rest


ATTACKED = [
    {CRIME: (3, 30), SAFETY: (20, 40), ("2", "2024", "crime"): (12, 45), ("2", "2024", "safety"): (2, 45)}
]


@pytest.mark.parametrize("counts", ATTACKED)
def test_the_attack_reads_the_rest(counts: Counts) -> None:
    model = model_of((2.0, 4.0), (1.25, 1.75, 2.5), of="rest")
    published = with_rest(counts, model, {"crime": 120, "safety": 250})
    attacked = attack_sets([published_set(published)])
    assert not attacked.below and not attacked.leaks and not attacked.contradictions
    public = published_set(published)
    table = published.table.copy()
    hidden = table["status"] == "protected"
    assert hidden.sum() == 2
    table.loc[hidden, "reference"] = 0.1  # the rest's figure, which with the municipality's is the area's
    assert published_set(replace(published, table=table)).leaks - public.leaks
    criteria = published.criteria.copy()
    criteria.loc[criteria["status"] == "protected", "reference"] = 0.1
    assert published_set(replace(published, criteria=criteria)).leaks - public.leaks


def test_the_page_of_a_study_is_read_text_by_text(tmp_path: Path) -> None:
    model = model_of((2.0, 4.0), (1.25, 1.75, 2.5), of="rest")
    public = published_set(with_rest(ATTACKED[0], model, {"crime": 120, "safety": 250}))
    public.names, public.labels = {"1": "Elmeparken", "2": "Birken"}, {"Youth crime": "crime"}
    before = set(public.leaks)
    columns: dict[str, Any] = {
        "status": [[1, 0]], "value": [[None, 267]], "base": [[30, 45]], "met": [[None, 12]],
    }  # fmt: skip

    def leaks(notice: str = "Made up, 2024.", **others: Any) -> set[str]:
        unit = {
            "periods": ["2024"],
            "areas": [{"id": "1", "name": "Elmeparken"}, {"id": "2", "name": "Birken"}],
            "indicators": [{"id": "crime", "columns": columns | others}],
        }
        parts = {"figures": {"units": [unit]}, "words-en": {"notices": [notice], "units": [{}]}}
        script = "".join(
            f'<script type="application/json" id="page-{name}">"{pack(part)}"</script>'
            for name, part in parts.items()
        )
        (tmp_path / "study.html").write_text(script, encoding="utf-8")
        read_other_files(public, tmp_path)
        return {leak.field for leak in public.leaks - before}

    assert not leaks()
    assert leaks("Youth crime in Elmeparken, 2024: 3 of 30") == {"text"}
    assert leaks(ratio=[[90, None]]) == {"text", "ratio"}


def test_the_tables_of_the_follow_up_are_read_row_by_row(tmp_path: Path) -> None:
    model = model_of((2.0, 4.0), (1.25, 1.75, 2.5), of="rest")
    public = published_set(with_rest(ATTACKED[0], model, {"crime": 120, "safety": 250}))
    before = set(public.leaks)
    area, period, indicator = sorted(public.suppressed)[0]
    columns = ["area_id", "name", "indicator", "period_before", "period", "value", "difference", "direction"]
    columns += ["reference", "status", "sentence"]

    def leaks(of_period: str, **cells: str) -> set[str]:
        row = {"area_id": area, "indicator": indicator, "period": of_period, "status": "protected"} | cells
        lines = [";".join(columns), ";".join(row.get(name, "") for name in columns)]
        (tmp_path / "follow_up_change.csv").write_text("\n".join(lines), encoding="utf-8-sig")
        read_other_files(public, tmp_path)
        fields = {leak.field for leak in public.leaks - before}
        public.leaks -= public.leaks - before
        return fields

    assert not leaks(period, reference="0,1", sentence=f"Hidden in {period}.")
    assert leaks(period, difference="0,02", direction="worse") == {"difference", "direction"}
    assert leaks("2031", period_before=period, difference="0,02") == {"difference"}
    assert leaks(period, sentence=f"3 of 30 in {period}") == {"sentence"}
    assert not leaks("2031", value="0,1")
