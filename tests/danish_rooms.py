"""Whether the program says in Danish what it says, and what in a text is still English."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import FrameType

import geo_bosoc
from geo_bosoc.problems import Problem
from geo_bosoc.text.messages import is_said_in_danish, problem_in_language

PACKAGE = Path(geo_bosoc.__file__).parent
TESTS = Path(__file__).parent

SAY_FOR_OTHERS = {"report.py", "messages.py", "specs.py", "toml_files.py"}
"""Modules of `problems` that say what the room that calls them has to say."""

PASS_ON = {"facts.py"}
"""Modules of `disclosure` that take numbers out of other rooms' messages, which were looked at where they arose."""

# what is quoted, a key and its value, a column's name
_QUOTED = re.compile(
    r"\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|'[^']*'|\([^)]*\)|\w+(?= = )|[Kk]olonne\w* \w+(?: (?:eller|og) \w+)?"
)
# in capitals they are SQL's
_ENGLISH = re.compile(
    r"\b([Tt]he|[Oo]f|[Aa]nd|[Ii]s|[Aa]re|[Hh]as|[Ww]ith|[Nn]ot|[Tt]here|[Tt]his|[Ww]hich|[Rr]ows?|[Cc]olumns?|"
    r"[Aa]reas?|[Oo]r)\b"
)


def english_in(problem: Problem) -> str | None:
    """What of a problem is not said in Danish; None where all is, or where a test made it."""
    if room_of_caller() == "tests":
        return None
    text = problem_in_language(problem, "da")
    if not is_said_in_danish(problem.text()):
        return f"not in the catalogue: {problem}"
    unquoted = _QUOTED.sub("", text)
    word = _ENGLISH.search(unquoted.partition(": ")[2] or unquoted)
    return f"English ({word.group()}): {text}" if word else None


def room_of_caller() -> str | None:
    """The room of the package in which a problem arises."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(TESTS) and path.name not in ("conftest.py", "danish_rooms.py"):
            break
        if path.is_relative_to(PACKAGE) and path.name not in SAY_FOR_OTHERS:
            return "tests" if path.name in PASS_ON else path.relative_to(PACKAGE).parts[0]
        frame = frame.f_back
    return "tests"
