"""Safety surveys: VIVE's twelve verdicts over the whole range of respondents, and what is hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from geo_bosoc.disclosure.policy import UNSUPPRESSED, Policy
from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up.safety import difference_z, read_safety, safety_of_results
from geo_bosoc.follow_up.spec_parts import REFERENCES, SafetyPart
from geo_bosoc.models import published
from geo_bosoc.problems import InputError

FRYDENLUND, HERREDSVANG = "Frydenlund and Vandtårnsområdet", "Herredsvang"
VIVE = published("safety_survey_2021")
SAID = {"no": "no", "less safe": "worse"}


def verdicts(area: str, respondents: int) -> list[str]:
    """The six verdicts of an area, as they come out with so many respondents."""
    table = read_safety(VIVE, respondents={area: respondents}, policy=UNSUPPRESSED)
    rows = table[table["area_id"] == area]
    return rows[[f"differs_from_{name}" for name in REFERENCES]].to_numpy().ravel().tolist()


def printed(area: str) -> list[str]:
    """The six verdicts as VIVE printed them."""
    rows = VIVE[VIVE["area"] == area]
    return [SAID[text] for text in rows[[f"differs_from_{name}" for name in REFERENCES]].to_numpy().ravel()]


@pytest.mark.parametrize(("area", "least", "most"), [(FRYDENLUND, 13, 160), (HERREDSVANG, 86, 114)])
def test_vives_verdicts_come_out_over_the_whole_range_and_not_outside(
    area: str, least: int, most: int
) -> None:
    shares = (
        VIVE.loc[VIVE["area"] == area, [f"{name}_pct" for name in ("area", *REFERENCES)]].astype(float) / 100
    )
    counts = np.arange(1, 401)
    z = np.stack(
        [difference_z(share["area_pct"], counts, share[f"{name}_pct"], 10_000)
         for _, share in shares.iterrows() for name in REFERENCES]
    )  # fmt: skip
    signs = np.where(np.abs(z) > 1.959964, np.where(z < 0, "worse", "better"), "no")
    as_printed = (signs == np.array(printed(area))[:, None]).all(axis=0)
    assert counts[as_printed].tolist() == list(range(least, most + 1))
    for respondents in (least, (least + most) // 2, most):
        assert verdicts(area, respondents) == printed(area)
    for respondents in (least - 1, most + 1):
        assert verdicts(area, respondents) != printed(area)


def test_the_statistic_is_the_root_of_the_chi_square_of_a_two_by_two_table() -> None:
    for yes, of, reference_yes, reference_of in ((67, 100, 820, 1000), (3, 10, 90, 200), (40, 50, 40, 50)):
        table = [[yes, of - yes], [reference_yes, reference_of - reference_yes]]
        z = float(difference_z(yes / of, of, reference_yes / reference_of, reference_of))
        assert z**2 == pytest.approx(chi2_contingency(table, correction=False).statistic, abs=1e-9)
    assert np.isnan(difference_z(0.5, 0, 0.5, 10))
    assert float(difference_z(1.0, 5, 1.0, 10)) == 0.0


def test_shares_of_a_run_are_those_published_and_the_hidden_have_no_numbers(
    small_shown: Callable[..., PublishedResults],
) -> None:
    shown = small_shown("public", "da")
    share = next(spec.id for spec in shown.indicators if spec.unit == "percent")
    table = shown.table.copy()
    is_hidden = (table["area_id"] == "A02") & (table["indicator"] == share)
    table.loc[is_hidden, "status"] = "protected"
    table.loc[is_hidden, ["numerator", "unknown", "value", "low", "high", "ratio"]] = pd.NA
    shown = replace(shown, table=table)
    frame = safety_of_results(shown, SafetyPart(indicators=(share,), population="@municipality"))
    row = frame[(frame["area_id"] == "A01") & (frame["period"] == "2024")].iloc[0]
    cell = table[
        (table["area_id"] == "A01") & (table["indicator"] == share) & (table["period"] == "2024")
    ].iloc[0]
    assert row["value"] == cell["value"]
    assert row["respondents"] == cell["denominator"] - cell["unknown"]
    assert row["differs_from_population"] == "worse"  # 2.6 times the municipality's
    assert "Ringere end alle almene boligområder (31,8 %) og befolkningen (19,0 %)." in row["sentence"]
    hidden = frame[frame["area_id"] == "A02"]
    assert set(hidden["status"]) == {"protected"}
    assert hidden[["value", "respondents"]].isna().all().all()
    assert set(hidden["differs_from_population"]) == {"cannot_tell"}
    with pytest.raises(InputError) as caught:
        safety_of_results(shown, SafetyPart(indicators=("safty",), population="@muncipality"))
    assert len(caught.value.problems) == 2


def test_few_respondents_are_hidden_in_a_finished_table() -> None:
    table = pd.DataFrame(
        [("A", "tryg", "70", "10", "93"), ("B", "tryg", "50", "4", "93"), ("C", "tryg", "90", "30", "93"),
         ("D", "tryg", "76,7", "30", "93")],
        columns=["area", "question", "area_pct", "respondents", "population_pct"],
    )  # fmt: skip
    frame = read_safety(table, policy=Policy())
    assert frame["status"].tolist() == [
        "protected",
        "protected",
        "protected",
        "ok",
    ]  # 3 of 10, 4 in all, 3 of 30
    assert frame.loc[:2, ["value", "respondents"]].isna().all().all()
    assert frame["sentence"][0] == "tryg: skjult, for få adspurgte."
    assert "skriver ikke" in frame["method"][0]
    with pytest.raises(InputError) as caught:
        read_safety(table.assign(area_pct=["170", "x", "90", "70"]))
    assert [(problem.row, problem.column) for problem in caught.value.problems] == [
        (2, "area_pct"),
        (3, "area_pct"),
    ]
