"""The code of the documentation runs: TOML is read by what reads it, commands end with 0, Python does not raise."""

from __future__ import annotations

import io
import re
import runpy
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from geo_bosoc.cli import app
from geo_bosoc.indicators import parse_indicators
from geo_bosoc.models import parse_model
from geo_bosoc.problems import validate
from geo_bosoc.project.spec import ProjectSpec

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(
    r'^```(?P<kind>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<code>.*?)^```', re.DOTALL | re.MULTILINE
)
ELSEWHERE = {"planner_python.md": "test_planner_page.py"}
"""Pages whose code other tests run."""
RUN = (
    "calibration.md",
    "disclosure.md",
    "first_map.md",
    "index.md",
    "own_model.md",
    "python.md",
    "small_numbers.md",
)
"""Pages whose blocks follow one from another, in a folder of the page's own."""

LEAST: dict[str, Any] = {
    "project": {"name": "Prøve"},
    "boundaries": {"areas": {"path": "a.geojson"}},
    "registers": {"persons": {"path": "p.csv", "unit": "person"}},
    "indicators": {"use": ["residents"]},
}
"""What a part of a project file in a page stands in."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, the file that it is the text of, and what it says."""

    page: str
    kind: str
    title: str | None
    code: str


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(page.name, match["kind"], match["title"], match["code"]) for match in BLOCK.finditer(text)]


PAGES = sorted(DOCS.glob("*.md"))
TOML = [block for page in PAGES for block in blocks(page) if block.kind == "toml"]


def together(least: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """One mapping of both; what is given wins."""
    return {
        **least,
        **{
            name: together(least.get(name, {}), part)
            if isinstance(part, dict) and isinstance(least.get(name, {}), dict)
            else part
            for name, part in given.items()
        },
    }


@pytest.mark.parametrize("block", TOML, ids=lambda block: f"{block.page}: {block.code.splitlines()[0][:30]}")
def test_toml_of_a_page_is_read_by_what_reads_it(block: Block) -> None:
    data = tomllib.loads(block.code)
    if "indicator" in data:
        assert parse_indicators(data)
    elif "category" in data:
        assert parse_model(data).category
    else:
        least = together(
            LEAST, {"registers": dict.fromkeys(data.get("registers", {}), LEAST["registers"]["persons"])}
        )
        validate(ProjectSpec, together(least, data))


def commands(block: Block) -> Iterator[list[str]]:
    for line in block.code.splitlines():
        if line.startswith("$ "):
            yield shlex.split(line.removeprefix("$ "))


def run_command(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if words[0] == "cd":
        monkeypatch.chdir(words[1])
        return
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as stop:
        app.main()
    assert not stop.value.code, " ".join(words)


@pytest.mark.parametrize("page", RUN)
def test_a_page_runs_from_top_to_bottom(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks(DOCS / page):
        if block.kind == "console":
            for words in commands(block):
                run_command(words, monkeypatch)
        elif block.kind == "toml" and block.title:
            Path(block.title).write_text(block.code, encoding="utf-8")
        elif block.kind == "python":
            with redirect_stdout(io.StringIO()):
                exec(compile(block.code, page, "exec"), names)
    if page == "python.md":
        assert Path("areas.png").stat().st_size > 1000
        assert Path("my_map.html").stat().st_size > 100_000
        shutil.copy(DOCS / "notebook.py", "notebook.py")
        with redirect_stdout(io.StringIO()) as said:
            cells = runpy.run_path("notebook.py")
        assert "figures are suppressed" in said.getvalue()
        assert cells["hidden"] > 0


def test_no_code_is_left_out() -> None:
    """Every block that could run does, here or in the test that is named."""
    for page in PAGES:
        kinds = {block.kind for block in blocks(page)} & {"python", "console"}
        if kinds and page.name not in RUN:
            assert page.name in ELSEWHERE, page.name
            assert list(DOCS.parent.glob(f"tests/**/{ELSEWHERE[page.name]}"))
        if page.name != "architecture.md":  # it has a drawing and patterns, and no code of a user's
            prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
            assert not re.findall(r"^\n    (?!- )\S.*", prose, re.MULTILINE), (
                f"{page.name}: code without a fence"
            )
