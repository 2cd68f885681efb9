"""A newcomer's first hour, played from the page of the first map: its commands, its changes, and nothing else.

The page is followed as it stands for each kind of project that it names, and its part on a user's own files with public
files of `GEO_BOSOC_DATA`: a user has other file names, indicators and labels than the page, and types the same.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from page_blocks import DOCS, Block, blocks, commands, run_command, write_or_change, write_small_demos
from page_data import html_data

from geo_bosoc.outputs.registry import OUTPUTS

PAGE = DOCS / "first_map.md"
BLOCKS = blocks(PAGE)
START = "geo-bosoc init mit-projekt"
STARTS = sorted(set(re.findall(rf"`({START}[^`]*)`", PAGE.read_text(encoding="utf-8"))))
OWN_PROJECT = "../af-egne-filer"
DATA = os.environ.get("GEO_BOSOC_DATA") or None
SAME = {"explain", "schemas"}
"""What is the same for each kind of project."""
PROBLEMS = ("fejl ", "advarsel ", "bemærkning ")
FILES = {name for output in OUTPUTS if "public" in output.sets for name in output.names}

Categories = dict[tuple[str, str], str]


@dataclass
class Newcomer:
    """Somebody who does what the page says, and looks at what comes of it.

    Attributes
    ----------
    checked : list of str or None
        The problems that the last check listed; None where something was changed since.
    runs : dict of str to list
        Of each project the categories of its runs, by period and area.
    labels : list of tuple
        Labels that were changed and not looked for yet: the old one, the new one.
    cut_off_moved : bool
        Whether a cut-off was changed since the last run.
    """

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    checked: list[str] | None = None
    runs: dict[str, list[Categories]] = field(default_factory=dict)
    labels: list[tuple[str, str]] = field(default_factory=list)
    cut_off_moved: bool = False

    def follow(self, page: Iterable[Block]) -> None:
        for block in page:
            if block.kind == "console":
                for words in commands(block):
                    self.type(words)
            elif block.title and block.kind in ("toml", "diff"):
                write_or_change(block)
                self.checked = None
                self.cut_off_moved |= block.kind == "diff" and "threshold" in block.code
                self.labels += re.findall(
                    r'^-label_da = "(.*)"\n\+label_da = "(.*)"$', block.code, re.MULTILINE
                )

    def type(self, words: list[str]) -> None:
        run_command(words, self.monkeypatch)
        said = self.capsys.readouterr()
        listed = [line for line in said.err.splitlines() if line.startswith(PROBLEMS)]
        warnings = sum(line.startswith("advarsel ") for line in listed)
        if warnings and words[1:2] in (["check"], ["run"]):
            assert re.search(rf"\b{warnings} advarsl?(el|er)\b", said.out + said.err)
        if words[1:2] == ["check"]:
            self.checked = listed
        elif words[1:2] == ["run"]:
            assert self.checked in (None, listed), "check and run list the same"
            self.look_at(words[words.index("--project") + 1] if "--project" in words else ".")

    def look_at(self, project: str) -> None:
        """Every file is there, the new names stand in them, and a cut-off that was moved moves an area."""
        maps = Path(project) / "maps"
        assert {file.name for file in maps.iterdir()} == FILES
        table = pd.read_csv(maps / "categories.csv", sep=";", decimal=",", dtype=str)
        categories = {
            (row.period, row.area_id): row.category_label
            for row in table.itertuples()
            if row.model == row.model
        }
        before = self.runs.setdefault(project, [])
        if self.cut_off_moved:
            assert set(categories) == set(before[-1])
            assert categories != before[-1]
        before.append(categories)
        page = json.dumps(html_data((maps / "risk_map.html").read_text(encoding="utf-8")), ensure_ascii=False)
        with zipfile.ZipFile(maps / "categories.xlsx") as workbook:
            cells = workbook.read("xl/sharedStrings.xml").decode()
        for old, new in self.labels:
            assert new in page and new in cells
            assert f'"{old}"' not in page and f">{old}" not in cells
        self.labels, self.cut_off_moved = [], False


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Newcomer:
    (tmp_path / "desk").mkdir()
    monkeypatch.chdir(tmp_path / "desk")
    monkeypatch.delenv("GEO_BOSOC_LANG")
    return Newcomer(monkeypatch, capsys)


def is_of_own_files(block: Block) -> bool:
    return OWN_PROJECT in f"{block.title} {block.code}"


def test_the_page_names_each_kind() -> None:
    assert [START, f"{START} --with raw", f"{START} --with tables"] == STARTS


@pytest.mark.parametrize("start", STARTS)
def test_a_project_of_each_kind(newcomer: Newcomer, start: str) -> None:
    """The page as it stands; of the other kinds what they have of their own, from the start to the last map."""
    first = start == START
    page = [replace(block, code=block.code.replace(f"{START}\n", f"{start}\n")) for block in BLOCKS]
    if not first:
        page = [block for block in page if not is_of_own_files(block) and not SAME & set(block.code.split())]
    newcomer.follow(page)
    assert len(newcomer.runs["."]) == (3 if first else 2)
    assert len(newcomer.runs.get(OWN_PROJECT, ())) == (2 if first else 0)
    assert not newcomer.labels


def test_registers_as_a_municipality_has_them(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page on raw registers, with few people."""
    write_small_demos(monkeypatch)
    newcomer.follow(block for block in blocks(DOCS / "raw_registers.md") if block.kind == "console")
    assert any("membership" in line for line in newcomer.checked or ())
    assert len(newcomer.runs["min-demo"]) == 1


def frederiksberg(folder: Path) -> list[Path]:
    """Blocks, and two tables of the open data, of two of its seven quarters."""
    source = Path(DATA or "") / "registers" / "frederiksberg"
    files = []
    for name in ("befolkning_75.json", "befolkning_18_64.json"):
        rows = [
            row
            for row in json.loads((source / name).read_text(encoding="utf-8"))
            if row["udtraek_dato"] >= "2014"
        ]
        files.append(folder / name)
        files[-1].write_text(json.dumps(rows), encoding="utf-8")
    return [source / "karre_4326.geojson", *files]


def aarhus(folder: Path) -> list[Path]:
    """Districts, and a register of made-up people in twelve of them, as an old system writes one."""
    layer = Path(DATA or "") / "areas" / "aarhus_statistics_districts.geojson"
    rows = ["Løbenr;X-koordinat;Y-koordinat;Alder;Forsørgelse;Fravær i procent;Sigtet"]
    points = gpd.read_file(layer).to_crs(25832).representative_point()
    for district, point in enumerate(points.iloc[:12]):
        for person in range(120):
            old = person % 40 < 2 + district
            age = 66 + person % 30 if old else person % 65
            work = "folkepension" if old else ("beskæftiget", "kontanthjælp", "førtidspension")[person % 3]
            absence = f"{person % 17},{district % 10}" if 6 <= age < 16 else ""
            place = f"{point.x + person % 7:.2f};{point.y + person % 5:.2f}".replace(".", ",")
            charged = "ja" if person % 29 == 0 else "nej"
            rows.append(f"{len(rows)};{place};{age};{work};{absence};{charged}")
    file = folder / "borgere_2024.csv"
    file.write_text("\n".join(rows), encoding="cp1252")
    return [layer, file]


def copenhagen(folder: Path) -> list[Path]:
    """Estates with the dwellings of each kind."""
    return [Path(DATA or "") / "areas" / "copenhagen_social_housing_estates.geojson"]


Files = Callable[[Path], list[Path]]
CASES: list[tuple[Files, Mapping[str, str]]] = [
    (
        frederiksberg,
        {"age_65": "befolkning_75", "65 år og derover": "Befolkning 75", "Ældre borgere": "75 år og derover"},
    ),
    (aarhus, {}),
    (
        copenhagen,
        {
            "age_65": "antal_familie_boliger",
            "65 år og derover": "Antal familie boliger",
            "Ældre borgere": "Familieboliger",
        },
    ),
]
"""Files, and what stands in their project where the page has a word of its own."""


def in_words_of(text: str, names: Mapping[str, str]) -> str:
    for page_name, name in names.items():
        text = text.replace(page_name, name)
    return text


def typed(block: Block, files: list[Path], names: Mapping[str, str]) -> Block:
    """A block with a user's files and names in it."""
    code = in_words_of(block.code, names)
    paths = [f"'{file.as_posix()}'" for file in files]
    look = "".join(f"$ geo-bosoc describe {path}\n" for path in paths)
    code = re.sub(r"^\$ geo-bosoc describe .*\n", look, code, flags=re.MULTILINE)
    code = re.sub(r"(?<= --from ).*$", " ".join(paths), code, flags=re.MULTILINE)
    return replace(block, code=code)


@pytest.mark.skipif(DATA is None, reason="GEO_BOSOC_DATA is not set: the public files are not here")
@pytest.mark.parametrize(("files", "names"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_own_files(newcomer: Newcomer, tmp_path: Path, files: Files, names: Mapping[str, str]) -> None:
    """What the page does with files of one's own, with those of three municipalities."""
    given = files(tmp_path)
    newcomer.follow(typed(block, given, names) for block in BLOCKS if is_of_own_files(block))
    categories = newcomer.runs[OWN_PROJECT]
    assert len(categories) == 2
    assert {"Høj andel", "De andre"} <= set(categories[-1].values())
    assert not newcomer.labels
