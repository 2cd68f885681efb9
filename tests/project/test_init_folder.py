"""`geo-bosoc init` in a folder of its own, and inside somebody else's repository."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from geo_bosoc.project.spec import ProjectSpec
from geo_bosoc.project.template import TEMPLATE, repository_above, write_template


def test_a_repository_above_that_is_not_the_projects_own(tmp_path: Path) -> None:
    mine = tmp_path / "theirs" / "deep" / "mine"
    mine.mkdir(parents=True)
    (tmp_path / "theirs" / ".git").mkdir()
    assert repository_above(mine) == (tmp_path / "theirs").resolve()
    (mine / ".git").mkdir()
    assert repository_above(mine) is None


def test_init_warns_inside_a_repository_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "theirs" / ".git").mkdir(parents=True)
    for folder, warned in ((tmp_path / "theirs" / "mine", True), (tmp_path / "alone", False)):
        told = subprocess.run(
            [sys.executable, "-m", "geo_bosoc.cli.app", "init", str(folder)],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert told.returncode == 0
        assert ("git repository" in told.stdout + told.stderr) is warned


def test_what_it_writes_keeps_registers_and_output_out_of_version_control(tmp_path: Path) -> None:
    write_template(tmp_path)
    ignored = (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"data/registers/", "maps/"} <= set(ignored)
    ProjectSpec.model_validate(tomllib.loads(TEMPLATE))
    every = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and "=" in line.split("#")[1][:14] else line
        for line in TEMPLATE.splitlines()
    )
    for key in ("purpose", "legal_basis", "source", "received", "delete_by"):
        assert f"\n{key} = " in every
