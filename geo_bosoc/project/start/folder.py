"""A new project's folder: its files, written where nothing is yet, and a guard against committing people's data.

A project file is written with a mark on each line that the user is to change, in Danish or English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from geo_bosoc.problems import InputError, Problem
from geo_bosoc.project.spec import PROJECT_FILE
from geo_bosoc.text.catalogue import Language, word

GITIGNORE: Final = """\
# People's homes are in these files: registers and internal output stay out of version control.
data/registers/
maps/
*-internal/
# What a killed run leaves until the next command sweeps it.
.*.writing/
.writing-*
.*.lock
"""
_TWO_LANGUAGES: Final = re.compile(r"«([^|»]*)\|([^»]*)»")
_COMMENT_COLUMN: Final = 56


def repository_above(folder: Path) -> Path | None:
    """The folder of the git repository that a project's folder lies in, where it is not the project's own.

    Registers under such a folder could be committed with somebody else's files.
    """
    folder = folder.resolve()
    if (folder / ".git").exists():
        return None
    return next((above for above in folder.parents if (above / ".git").exists()), None)


def refuse_project_file(folder: Path) -> None:
    """Stop where a folder holds a project file already.

    Raises
    ------
    InputError
        It does.
    """
    if (folder / PROJECT_FILE).exists():
        raise InputError(
            [
                Problem(
                    "error",
                    "there is a project file here already, and it is kept as it is.",
                    file=PROJECT_FILE,
                    hint="Name another folder: geo-bosoc init my-project.",
                )
            ]
        )


def write_project_files(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files of a new project, and a ``.gitignore`` where there is none; nothing is written over.

    Parameters
    ----------
    folder : Path
        The project's folder; made if it is not there.
    texts : mapping of str to str
        By their names, the files' texts.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError
        One of them is there already: then nothing is written.
    """
    refuse_project_file(folder)
    taken = [name for name in texts if (folder / name).exists()]
    if taken:
        problems = (_taken(name) for name in taken)
        raise InputError(problems)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return [*written, *write_gitignore(folder)]


def write_gitignore(folder: Path) -> list[Path]:
    """Write the ``.gitignore`` of a project; one that is there already stays, and nothing is returned."""
    path = folder / ".gitignore"
    if path.exists():
        return []
    path.write_text(GITIGNORE, encoding="utf-8", newline="\n")
    return [path]


def _taken(name: str) -> Problem:
    return Problem(
        "error",
        "this file is here already, and it is kept as it is.",
        file=name,
        hint="Name another folder: geo-bosoc init my-project.",
    )


def marked_text(template: str, language: Language) -> str:
    """The text of a template in one language, its comments in a column, and a mark where the user is to change.

    ``«ord|words»`` gives the words of the language; `` <- words`` at the end of a line is a mark with a comment,
    `` -- words`` a comment without.

    >>> print(marked_text('name = "X"  <- «navnet|the name»', "da"))
    name = "X"                                              # <- ret: navnet
    """
    lines = []
    for line in template.split("\n"):
        plain = _TWO_LANGUAGES.sub(lambda match: match[1 if language == "da" else 2], line)
        code, mark, comment = _parts(plain)
        lines.append(commented(code, comment, language, change=mark == "<-") if mark else plain)
    return "\n".join(lines)


def _parts(line: str) -> tuple[str, str, str]:
    for mark in ("<-", "--"):
        code, separator, comment = line.partition(f"  {mark} ")
        if separator and not code.lstrip().startswith("#"):
            return code.rstrip(), mark, comment.strip()
    return line, "", ""


def commented(code: str, comment: str, language: str, *, change: bool = False) -> str:
    """A line of TOML with its comment, and with `change` the mark that the user is to look at it.

    >>> commented('id = "nr"', "navnet", "da", change=True)
    'id = "nr"                                               # <- ret: navnet'
    """
    mark = word("start", "change", language) if change else ""
    text = ": ".join(part for part in (mark, comment) if part)
    return f"{code.ljust(_COMMENT_COLUMN - 1)} # {text}" if text else code


def toml_text(value: str) -> str:
    """A text as TOML writes it; with backslashes or quotes in it, without reading them as anything else.

    >>> print(toml_text("Under 18 år"), toml_text(r"C:\\data"))
    "Under 18 år" 'C:\\data'
    """
    if "\\" in value or '"' in value:
        if "'" not in value and value.isprintable():
            return f"'{value}'"
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in value) + '"'


def toml_key(name: str) -> str:
    """A name as a key of TOML, quoted where it has to be.

    >>> toml_key("befolkning_0_5"), toml_key("0-5 år")
    ('befolkning_0_5', '"0-5 år"')
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_text(name)


def toml_table(entries: Mapping[str, str]) -> str:
    """An inline table of texts: ``{ age = "alder" }``."""
    return "{ " + ", ".join(f"{toml_key(key)} = {toml_text(value)}" for key, value in entries.items()) + " }"


def toml_list(values: Iterable[str]) -> str:
    """A list of texts: ``["2023", "2024"]``."""
    return "[" + ", ".join(toml_text(value) for value in values) + "]"
