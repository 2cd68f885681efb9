"""The code of the documentation runs: TOML is read by what reads it, commands end with 0, Python does not raise."""

from __future__ import annotations

import io
import re
import runpy
import shutil
import tomllib
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from page_blocks import BLOCK, DOCS, Block, blocks, commands, run_command, write_or_change, write_small_demos

from geo_bosoc.follow_up.goals.spec import GoalSetSpec
from geo_bosoc.indicators import parse_indicators
from geo_bosoc.models import parse_model
from geo_bosoc.problems import validate
from geo_bosoc.project.spec import ProjectSpec

ELSEWHERE = {
    "first_map.md": "test_newcomer.py",
    "papers.md": "test_document_commands.py",
    "planner_python.md": "test_planner_page.py",
    "rasters.md": "test_rasters_of_others.py",
    "raw_registers.md": "test_newcomer.py",
}
"""Pages whose code other tests run."""
RUN = (
    "access.md",
    "calibration.md",
    "disclosure.md",
    "index.md",
    "indices.md",
    "own_model.md",
    "planner.md",
    "python.md",
    "small_numbers.md",
    "square_grid.md",
    "surfaces.md",
)
"""Pages whose blocks follow one from another, in a folder of the page's own."""

NOT_RUN = {
    "geo-bosoc attack maps --earlier archive/2023 --earlier archive/2024",
    "geo\\Scripts\\geo-bosoc --version",
}
"""Commands that need what no page makes: sets of two years before, and Windows."""

LEAST: dict[str, Any] = {
    "project": {"name": "Prøve"},
    "boundaries": {"areas": {"path": "a.geojson"}},
    "registers": {"persons": {"path": "p.csv", "unit": "person"}},
    "indicators": {"use": ["residents"]},
}
"""What a part of a project file in a page stands in."""


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
    elif "valid_from" in data:
        assert GoalSetSpec.model_validate(data).id == data["id"]
    else:
        least = together(
            LEAST, {"registers": dict.fromkeys(data.get("registers", {}), LEAST["registers"]["persons"])}
        )
        validate(ProjectSpec, together(least, data))


@pytest.mark.parametrize("page", RUN)
def test_a_page_runs_from_top_to_bottom(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_small_demos(monkeypatch)
    names: dict[str, Any] = {}
    for block in blocks(DOCS / page):
        if block.kind == "console":
            for words in commands(block):
                run_command(words, monkeypatch)
        elif block.kind in ("toml", "diff") and block.title:
            write_or_change(block)
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
        commands_of_no_console = {
            line
            for block in blocks(page)
            if block.kind in ("", "text")
            for line in block.code.splitlines()
            if re.match(r"\S*geo-bosoc ", line)
        }
        assert commands_of_no_console <= NOT_RUN, page.name
        if page.name != "architecture.md":  # it has a drawing and patterns, and no code of a user's
            prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
            assert not re.findall(r"^\n    (?!- )\S.*", prose, re.MULTILINE), (
                f"{page.name}: code without a fence"
            )
