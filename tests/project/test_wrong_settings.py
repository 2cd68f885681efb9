"""Numbers that nothing can be meant by, and models that cannot be told apart, end as an error with their key."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_projects import points_model, write_small_project

from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import check_project, load_project

TABLE = '[registers.t]\npath = "t.csv"\nunit = "count"\narea = "area"\nperiod = "2024"\nreference_row = "K"\n'
SHARE = (
    '[[indicator]]\nid = "x"\nlabel_da = "X"\nlabel_en = "X"\ndenominator = { register = "t", sum = "n" }\n'
)
SHARE += 'numerator = { register = "t", sum = "m" }\n'


def small(folder: Path) -> Path:
    (folder / "t.csv").write_text("area;n;m\nA;10;5\nB;10;2\nC;10;1\nK;100;10\n", encoding="utf-8")
    model = points_model({"x": [1.5, 3.0]})
    return write_small_project(folder, registers=TABLE, indicators=SHARE, model=model)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        (f"[protect]\nminimum = {10**30}", "protect.minimum"),
        ("[protect]\nminimum = 1e30", "protect.minimum"),
        ("[protect]\nminimum = nan", "protect.minimum"),
        ("[protect]\nminimum = -5", "protect.minimum"),
        ("[protect]\nminimum = 'many'", "protect.minimum"),
        (f"[places]\nmost_residents = {10**30}", "places.most_residents"),
        ("[balance]\nband = [inf, 1]", "balance.band"),
        (f"[balance]\nnearest = [{10**30}]", "balance.nearest"),
        ("[balance]\nnearest = [0]", "balance.nearest"),
        ("[bottom_up]\nseed = -1", "bottom_up.seed"),
        (f"[bottom_up]\ndraws = {10**9}", "bottom_up.draws"),
        ("[parameters]\nlimit = inf", "parameters.limit"),
    ],
)
def test_a_wrong_number_is_told_by_key_and_line(tmp_path: Path, lines: str, key: str) -> None:
    file = small(tmp_path) / "bosoc.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n{lines}\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_project(file)
    assert key in str(raised.value)
    assert all(
        problem.row is not None and problem.row > len(text.splitlines()) for problem in raised.value.problems
    )


def test_a_number_of_thousands_of_digits_is_no_toml(tmp_path: Path) -> None:
    file = small(tmp_path) / "bosoc.toml"
    file.write_text(f"x = {'9' * 5000}\n", encoding="utf-8")
    with pytest.raises(InputError, match="too large"):
        load_project(file)


def test_two_models_of_one_id_are_an_error(tmp_path: Path) -> None:
    folder = small(tmp_path)
    file = folder / "bosoc.toml"
    text = file.read_text(encoding="utf-8").replace('[model]\npath = "model.toml"', "")
    (folder / "again.toml").write_text((folder / "model.toml").read_text(encoding="utf-8"), encoding="utf-8")
    both = '\n[[model]]\npath = "model.toml"\n\n[[model]]\npath = "again.toml"\n'
    file.write_text(text + both, encoding="utf-8")
    with pytest.raises(InputError, match="2 models have the id small") as raised:
        check_project(folder, report=Report())
    assert raised.value.problems[0].key == "model"
