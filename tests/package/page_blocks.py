"""The blocks of the documentation's pages, and what a reader does with them: types, writes, changes, runs."""

from __future__ import annotations

import functools
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from geo_bosoc import demo
from geo_bosoc.cli import app

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(
    r'^```(?P<kind>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<code>.*?)^```', re.DOTALL | re.MULTILINE
)


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


def commands(block: Block) -> Iterator[list[str]]:
    """The words of each command of a console block."""
    for line in block.code.splitlines():
        if line.startswith("$ "):
            yield shlex.split(line.removeprefix("$ "))


def run_command(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command as it is typed; it has to end with 0."""
    if words[0] == "cd":
        monkeypatch.chdir(words[1])
        return
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as stop:
        app.main()
    assert not stop.value.code, " ".join(words)


def write_small_demos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the command `demo` make up few people and two years, which takes little time."""
    for name in ("write_demo", "write_raw_demo"):
        write = functools.partial(getattr(demo, name), residents=3_000, years=(2023, 2024))
        monkeypatch.setattr(demo, name, write)


def write_or_change(block: Block) -> None:
    """Write the file that a block is the text of, or change the lines that it shows with ``-`` and ``+``.

    What stands behind a line's change in the file, such as a comment, stays.
    """
    assert block.title
    file = Path(block.title)
    if block.kind != "diff":
        file.write_text(block.code, encoding="utf-8")
        return
    lines = file.read_text(encoding="utf-8").splitlines()
    changes = block.code.splitlines()
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert (old[0], new[0]) == ("-", "+"), "a line to change, then what it becomes"
        rows = [row for row, line in enumerate(lines) if line.startswith(old[1:])]
        assert len(rows) == 1, f"{file}: {len(rows)} lines begin with {old[1:]}"
        lines[rows[0]] = new[1:] + lines[rows[0]].removeprefix(old[1:])
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
