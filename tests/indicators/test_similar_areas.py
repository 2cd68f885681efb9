"""Twins: nearest by hand, ties by id, suppressed figures out of it, and their figure added up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from described_columns import undescribed_columns, undescribed_headings

from geo_bosoc.disclosure.results import PublishedResults
from geo_bosoc.follow_up import study_follow_up
from geo_bosoc.follow_up.outputs.tables import write_follow_up_workbook, write_frame_csv
from geo_bosoc.follow_up.spec import FollowUpPart
from geo_bosoc.indicators import TwinsPart, find_twins, twin_rows
from geo_bosoc.problems import Report


def table(rows: dict[str, tuple[float | None, ...]]) -> pd.DataFrame:
    """Figures x, y, z of 2024; None is suppressed."""
    figures = [
        (area, "2024", name, value, "protected" if value is None else "ok")
        for area, values in rows.items()
        for name, value in zip("xyz", values, strict=False)
    ]
    return pd.DataFrame(figures, columns=["area_id", "period", "indicator", "value", "status"])


def test_the_nearest_is_found_in_standard_deviations() -> None:
    # x has a deviation of 1 and y of 100: a and c are 2 deviations apart on x, a and b on y
    profiles = table({"a": (1.0, 100.0), "b": (1.0, 300.0), "c": (3.0, 100.0), "d": (3.0, 300.0)})
    nearest = find_twins(profiles, ["x", "y"], number=3)
    of_a = nearest[nearest["area_id"] == "a"]
    assert of_a["twin"].tolist() == ["b", "c", "d"]  # b and c are as near: by id
    assert of_a["distance"].tolist() == pytest.approx([2**0.5, 2**0.5, 2.0])
    assert of_a["compared_by"].tolist() == ["x|y"] * 3


def test_suppressed_figures_and_those_without_spread_take_no_part() -> None:
    profiles = table(
        {"a": (1.0, 5.0, None), "b": (1.1, 5.0, 9.0), "c": (9.0, 5.0, None), "d": (None, 5.0, 9.0)}
    )
    nearest = find_twins(profiles, ["x", "y", "z"], number=1).set_index("area_id")
    assert nearest.empty  # y has no spread, and x alone is fewer than half of three
    nearest = find_twins(profiles, ["x", "y"], number=1).set_index("area_id")
    assert nearest["twin"].to_dict() == {"a": "b", "b": "a", "c": "b"}
    assert set(nearest["compared_by"]) == {"x"}


def test_twins_do_not_depend_on_order_or_unit() -> None:
    profiles = table({name: (n * 7 % 5 / 10, n * n % 11, n * 3 % 7) for n, name in enumerate("abcdefgh")})
    scaled = profiles.assign(
        value=profiles["value"].mask(profiles["indicator"] == "y", profiles["value"] * 64)
    )
    first = find_twins(profiles, ["x", "y", "z"])
    assert first.equals(find_twins(profiles.sample(frac=1, random_state=1), ["x", "y", "z"]))
    assert first.equals(find_twins(scaled, ["x", "y", "z"]))


def test_the_twins_figure_is_of_those_that_show_it(small_shown: Callable[..., PublishedResults]) -> None:
    shown = small_shown("public")
    by = [spec.id for spec in shown.indicators]
    nearest = find_twins(shown.table, by, number=3)
    together = twin_rows(shown.table, nearest, shown.indicators)
    figures = shown.table.set_index(["area_id", "period", "indicator"])
    for row in together[together["status"] == "ok"].itertuples():
        members = nearest[(nearest["area_id"] == row.area_id) & (nearest["period"] == row.period)]["twin"]
        of_members = [figures.loc[(area, row.period, row.indicator)] for area in members]
        counted = [each for each in of_members if each["status"] == "ok"]
        assert row.twins == len(counted) >= len(members) / 2
        bases = [
            each["denominator"] - (0 if pd.isna(each["unknown"]) else each["unknown"]) for each in counted
        ]
        assert (row.numerator, row.denominator) == (sum(each["numerator"] for each in counted), sum(bases))


def test_twins_are_sheets_and_files_of_the_follow_up(
    small_shown: Callable[..., PublishedResults], tmp_path: Path
) -> None:
    shown = small_shown("public", "da")
    assert "twins" not in study_follow_up(shown).frames
    results = study_follow_up(shown, FollowUpPart(twins=TwinsPart(number=2)))
    assert len(results.frames["twins"]) and len(results.frames["beside_twins"])
    write_follow_up_workbook(results, tmp_path / "follow_up.xlsx")
    assert not undescribed_headings(tmp_path / "follow_up.xlsx")
    for name in ("follow_up_twins.csv", "follow_up_beside_twins.csv"):
        write_frame_csv(results, tmp_path / name)
        head = (tmp_path / name).read_text(encoding="utf-8-sig").splitlines()[0]
        assert not undescribed_columns(head.split(";"), "follow_up")
    report = Report()
    study_follow_up(shown, FollowUpPart(twins=TwinsPart(by=("healt",))), report=report)
    assert report.errors[0].key == "follow_up.twins.by"
