"""Areas that were renamed, merged or split: under which id their figures go today."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from geo_bosoc.models.area_history import AreaHistory, read_area_history
from geo_bosoc.problems import InputError

TABLE = """area_id_before;area_id;from;kind
0012;0112;2022;omdøbt
7;9;2023;merged
8;9;2023;sammenlagt
5;5;2021;split
5;6;2021;delt
"""


def read(folder: Path, text: str = TABLE, areas: tuple[str, ...] | None = None) -> AreaHistory:
    path = folder / "area_history.csv"
    path.write_text(text, encoding="utf-8")
    return read_area_history(path, areas=areas)


def test_each_period_has_its_ids_and_zeros_in_front_are_kept(tmp_path: Path) -> None:
    history = read(tmp_path, areas=("0112", "9", "5", "6"))
    assert [history.later_id("0012", period) for period in ("2021", "2022")] == ["0112", "0012"]
    assert history.later_id("7", "2022K4") == history.later_id("8", "2020") == "9"
    assert [history.later_id("5", period) for period in ("2020", "2021")] == [None, "5"]
    assert history.kinds_before("6", "2020") == {"split"} and not history.kinds_before("6", "2021")
    assert history.later_id("1", "2000") == "1"


def test_rows_of_a_table_go_under_todays_ids(tmp_path: Path) -> None:
    """The old 5 is not today's 5, which is a part of it; what is merged stands twice, to be added up."""
    rows = [
        ("0012", "2021"),
        ("7", "2022"),
        ("8", "2022"),
        ("5", "2020"),
        ("5", "2024"),
        (None, "2020"),
        ("1", "2020"),
    ]
    frame = pl.LazyFrame(rows, schema=["area_id", "period"], orient="row")
    later = read(tmp_path).with_later_ids(frame).collect()["area_id"].to_list()
    assert later == ["0112", "9", "9", None, "5", None, "1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("area_id_before;area_id;kind\n1;2;split\n", "no column from"),
        ("area_id_before;area_id;from;kind\n1;;2020;renamed\n", "row 2.*the cell is empty"),
        ("area_id_before;area_id;from;kind\n1;2;2020;joined\n", "not known here: joined"),
        ("area_id_before;area_id;from;kind\n1;2;next year;renamed\n", "no period"),
        ("area_id_before;area_id;from;kind\n1;2;2020;renamed\n1;3;2020;renamed\n", "is not split"),
        ("area_id_before;area_id;from;kind\n1;2;2020;merged\n", "merged of one area alone"),
        ("area_id_before;area_id;from;kind\n1;99;2020;renamed\n", "no areas of today: 99"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text, areas=("2", "3"))
