"""Registers say why they are held; what a stopped run leaves behind goes with the next; any PC will do."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import geo_bosoc
from geo_bosoc.atomic_write.owner import owner_tag
from geo_bosoc.atomic_write.private_folder import PRIVATE, private_folder, sweep_private_folders
from geo_bosoc.problems import Report
from geo_bosoc.registers.files import check_governance
from geo_bosoc.registers.spec import RegisterSpec

PACKAGE = Path(geo_bosoc.__file__).parent
POSIX_MODULES = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "posix", "syslog", "crypt"}
POSIX_NAMES = {
    "fork", "forkpty", "setsid", "getuid", "geteuid", "getgid", "killpg", "mkfifo", "chown", "uname", "wait",
    "waitpid", "nice", "getloadavg", "sched_getaffinity",
}  # fmt: skip


def test_no_posix_only_call() -> None:
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if not any(f"import {name}" in text or f"from {name} " in text for name in {"os", *POSIX_MODULES}):
            continue
        tree = ast.parse(text)
        for node in ast.walk(tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.split(".")[0] in POSIX_MODULES]
            elif isinstance(node, ast.ImportFrom):
                names = [str(node.module)] if str(node.module).split(".")[0] in POSIX_MODULES else []
                if node.module == "os":
                    names += [alias.name for alias in node.names if alias.name in POSIX_NAMES]
            elif (
                isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
            ):
                names = [f"os.{node.attr}"] if node.attr in POSIX_NAMES else []
            found += [f"{file.name}:{node.lineno} {name}" for name in names]  # type: ignore[attr-defined]
    assert found == []


def test_what_a_register_does_not_say_is_asked_for() -> None:
    said = {"purpose": "p", "legal_basis": "l", "source": "s", "received": date(2024, 1, 1)}
    specs = {
        "full": RegisterSpec(path="a.csv", unit="person", delete_by=date(2030, 1, 1), **said),
        "past": RegisterSpec(path="a.csv", unit="person", delete_by=date(2024, 6, 1), **said),
        "mute": RegisterSpec(path="a.csv", unit="person"),
        "addresses": RegisterSpec(path="a.csv", unit="address", id="id", x="x", y="y"),
        "table": RegisterSpec(path="a.csv", unit="count"),
    }
    report = Report()
    check_governance(specs, report, today=date(2024, 7, 1))
    told = {problem.key: problem.message for problem in report.warnings}
    assert set(told) == {"registers.past.delete_by", "registers.mute"}
    assert "purpose, legal_basis, source, received, delete_by" in told["registers.mute"]
    report = Report()
    check_governance(specs, report, today=date(2024, 7, 1), made_up=True)
    assert [problem.key for problem in report.warnings] == ["registers.past.delete_by"]


def test_private_folders_left_behind_are_swept(tmp_path: Path) -> None:
    command = "from geo_bosoc.atomic_write.owner import owner_tag; print(owner_tag())"
    process = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    number, host, start = owner_tag().split("-")
    other_start, other_host = f"{number}-{host}-{'f' * 6}", f"{number}-{'f' * 6}-{start}"
    dead, reused, mine, elsewhere, fresh = (
        tmp_path / f"{PRIVATE}{name}"
        for name in (
            f"{process.stdout.strip()}_x",
            f"{other_start}_x",
            f"{owner_tag()}_x",
            f"{other_host}_x",
            "x",
        )
    )
    for folder in (dead, reused, mine, elsewhere, fresh):
        folder.mkdir()
        (folder / "000001.parquet").write_bytes(b"x")
    assert sweep_private_folders(tmp_path) == 2
    assert not dead.exists() and not reused.exists()
    for folder in (elsewhere, fresh):  # whose process cannot be asked for: after a day
        assert folder.exists()
        os.utime(folder, (0, 0))
    assert sweep_private_folders(tmp_path) == 2
    assert [path.name for path in tmp_path.iterdir()] == [mine.name]


def test_the_private_folder_is_outside_and_goes_at_exit(tmp_path: Path) -> None:
    assert PACKAGE not in private_folder().parents
    code = "from geo_bosoc.atomic_write.private_folder import private_folder; print(private_folder())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not Path(told.stdout.strip()).exists()
