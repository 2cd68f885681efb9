"""A person number at each door, in each dialect: refused or blanked out, and in no byte that is written or printed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from packed_bytes import members
from small_projects import points_model, write_small_project

import geo_bosoc as gb
from geo_bosoc.cli.app import main
from geo_bosoc.models import categorise_table, load_model
from geo_bosoc.problems import InputError, Report
from geo_bosoc.problems.person_number_forms import plain_text

DIALECTS = [
    "2902997391", "290299-7391", "290299 7391", "290299\u00a07391", "290299\u20097391", "290299\u202f7391",
    "290299\u20107391", "290299\u20117391", "290299\u20127391", "290299\u20137391", "290299\u20147391",
    "290299\u22127391", "290299\uff0d7391", "290299.7391", "290299\u00b77391", "290299_7391", "290299\u200b7391",
    "2902\u00ad997391", "29\u20600299\ufeff7391", "290299 - 7391", "29-02-99-7391", "29.02.99-7391", "29021999-7391",
    "290219997391", "19990229-7391", "2902997391.0", "2.902997391E9", "CPR2902997391", "cpr-nr. 290299-7391",
    "CPR 300299-7391", "".join(chr(0xFF10 + int(digit)) for digit in "2902997391"),
    "".join(chr(0x660 + int(digit)) for digit in "2902997391"), "\u06f2\u06f9\u06f0\u06f2\u06f9\u06f9-7391",
]  # fmt: skip
REGISTER = """
[registers.persons]
path = "persons.csv"
unit = "count"
area = "area_id"
period = "2024"
source = "{source}"
purpose = "{purpose}"
"""
INDICATOR = """
[[indicator]]
id = "poor"
label_da = "{label}"
label_en = "{label}"
numerator = {{ register = "persons", sum = "poor" }}
denominator = {{ register = "persons", sum = "everyone" }}
"""


def project(folder: Path, **texts: str) -> Path:
    texts = {"source": "CPR", "purpose": "x", "label": "Fattige", **texts}
    (folder / "persons.csv").write_text(
        "area_id;poor;everyone\nA;20;100\nB;30;100\nC;90;200\n", encoding="utf-8"
    )
    return write_small_project(
        folder,
        registers=REGISTER.format(**texts),
        indicators=INDICATOR.format(**texts),
        model=points_model({"poor": [1.5, 3.0]}),
    )


def holds(text: str) -> bool:
    """Whether the canary is in a text, however it is written."""
    return re.search(r"9902?9?7391|99.{0,3}7391|2[.,]902997391", plain_text(text)) is not None


def written_anywhere(folders: list[Path]) -> list[str]:
    names = []
    for path in (path for folder in folders for path in folder.rglob("*")):
        if holds(path.name):
            names.append(path.name)
        for content in members(path.read_bytes()) if path.is_file() else ():
            if any(holds(content.decode(encoding, errors="replace")) for encoding in ("utf-8", "utf-16-le")):
                names.append(path.name)
    return names


def test_a_run_without_the_canary_holds_nothing_like_it(tmp_path: Path) -> None:
    project(tmp_path)
    gb.run_project(tmp_path, internal=True, report=Report())
    assert {"index.html"} & {path.name for path in (tmp_path / "maps").iterdir()} or list(
        (tmp_path / "maps").iterdir()
    )
    assert written_anywhere([tmp_path / "maps"]) == []


def in_toml(name: str) -> Callable[[Path, str], None]:
    def plant(folder: Path, canary: str) -> None:
        project(folder, **{name: f"Notat {canary}"})

    return plant


def replaced(file: str, text: str, instead: str) -> Callable[[Path, str], None]:
    def plant(folder: Path, canary: str) -> None:
        project(folder)
        path = folder / file
        content = path.read_text(encoding="utf-8")
        assert text in content
        path.write_text(content.replace(text, instead.format(canary)), encoding="utf-8")

    return plant


def file_name(folder: Path, canary: str) -> None:
    replaced("bosoc.toml", '"persons.csv"', '"perso*.csv"')(folder, canary)
    (folder / "persons.csv").rename(folder / f"personer {canary}.csv")


def folder_name(folder: Path, canary: str) -> None:
    replaced("bosoc.toml", '"persons.csv"', '"data*/persons.csv"')(folder, canary)
    (folder / f"data {canary}").mkdir()
    (folder / "persons.csv").rename(folder / f"data {canary}" / "persons.csv")


DOORS: dict[str, Callable[[Path, str], None]] = {
    "source": in_toml("source"),
    "purpose": in_toml("purpose"),
    "label": in_toml("label"),
    "project": replaced("bosoc.toml", '"Prøve"', '"{0}"'),
    "output": replaced("bosoc.toml", "made_up = true", 'made_up = true\noutput = "maps {0}"'),
    "path": replaced("bosoc.toml", '"persons.csv"', '"persons {0}.csv"'),
    "sheet": replaced("bosoc.toml", 'unit = "count"', 'unit = "count"\nsheet = "{0}"'),
    "key": replaced("bosoc.toml", "[registers.persons]", '[registers."{0}"]'),
    "unknown key": replaced("bosoc.toml", 'unit = "count"', 'unit = "count"\n"{0}" = 1'),
    "broken": replaced("bosoc.toml", 'unit = "count"', "unit = {0}"),
    "column": replaced("bosoc.toml", 'area = "area_id"', 'area = "{0}"'),
    "where": replaced("bosoc.toml", 'unit = "count"', 'unit = "count"\nwhere = "area_id <> \'{0}\'"'),
    "category": replaced("model.toml", '"Deprived"', '"{0}"'),
    "area name": replaced("areas.geojson", '"A"', '"{0}"'),
    "file": file_name,
    "folder": folder_name,
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_lets_one_through(tmp_path: Path, door: str, capfd: pytest.CaptureFixture[str]) -> None:
    passed = []
    for number, canary in enumerate(DIALECTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        DOORS[door](folder, canary)
        message = ""
        try:
            gb.run_project(folder, internal=True, report=Report())
        except InputError as error:
            message = str(error)
        if not message or holds(message) or (folder / "maps").exists():
            passed.append(canary)
    assert passed == []
    assert not holds("".join(capfd.readouterr()))


@pytest.mark.parametrize("door", ["source", "file", "area name", "broken"])
def test_the_command_line_leaves_nothing(
    tmp_path: Path, door: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, temporary = tmp_path / "290299-7391", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    DOORS[door](folder, "290299\u20117391")
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(sys, "argv", ["geo-bosoc", "run", "--project", str(folder)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert not holds("".join(capfd.readouterr()))
    assert written_anywhere([temporary]) == []


def test_a_project_in_a_folder_of_that_name_writes_it_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "sag 290299-7391"
    folder.mkdir()
    project(folder)
    done = subprocess.run(
        [sys.executable, "-m", "geo_bosoc.cli.app", "run", "--project", str(folder), "--internal"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not holds(done.stdout + done.stderr)
    assert written_anywhere([folder / "maps"]) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--lang", "{0}"],
        ["run", "--period", "{0}"],
        ["run", "--{0}"],
        ["{0}"],
        ["run", "--project", "{0}"],
        ["explain", "{0}"],
        ["models", "show", "{0}"],
        ["categorise", "{0}.csv", "--model", "aarhus-2018"],
        ["categorise", "t.csv", "--model", "{0}", "--output", "{0}.csv"],
    ],
)
def test_what_the_commands_are_given_is_not_printed_again(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path)
    monkeypatch.chdir(tmp_path)
    for canary in ("290299-7391", "2902997391", "290299\u20117391"):
        with pytest.raises(SystemExit) as ended:
            monkeypatch.setattr(sys, "argv", ["geo-bosoc", *(word.format(canary) for word in arguments)])
            main()
        said = "".join(capfd.readouterr())
        assert ended.value.code in (1, 2), said
        assert said and not holds(said)


ROW = {"year": 2024, "residents": 1400, "outside_labour_pct": "41,0", "convicted_pct": "2,5", "basic_edu_pct": "55,0",
       "income_pct_region": "50,0", "non_western_pct": "30,0"}  # fmt: skip


@pytest.mark.parametrize("canary", DIALECTS)
def test_ids_that_are_categorised(tmp_path: Path, canary: str) -> None:
    model = load_model("national-2021")
    table = pd.DataFrame([{"area": "Parken", **ROW}, {"area": canary, **ROW}])
    table.to_csv(tmp_path / "t.csv", sep=";", index=False)
    for given in (table, tmp_path / "t.csv"):
        with pytest.raises(InputError, match="person number") as raised:
            categorise_table(given, model)
        assert not holds(str(raised.value))
    rows = [(area, "2024", "crime", 9, 300, 0.03, "ok") for area in ("0001", canary)]
    columns = ["area_id", "period", "indicator", "numerator", "denominator", "value", "status"]
    with pytest.raises(InputError, match="person number") as raised:
        gb.categorise(pd.DataFrame(rows, columns=columns), load_model("aarhus-2018"), report=Report())
    assert not holds(str(raised.value))


@pytest.mark.parametrize("canary", DIALECTS)
def test_sheets_and_columns_of_those_names_are_not_told(tmp_path: Path, canary: str) -> None:
    sheet = re.sub(r"[\\/*?:\[\]]", "-", canary)
    with pd.ExcelWriter(tmp_path / "t.xlsx") as book:
        pd.DataFrame({canary: ["x"], "b": [1]}).to_excel(book, sheet_name=sheet, index=False)
    for more in ({"sheet": "other"}, {}):
        with pytest.raises(InputError) as raised:
            gb.read_register(tmp_path / "t.xlsx", unit="count", area="area_id", period="2024", **more)
        assert not holds(str(raised.value))
    shutil.rmtree(tmp_path)
