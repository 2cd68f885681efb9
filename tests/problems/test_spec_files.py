"""Specifications from TOML files: every mistake by its key and line, in one form whichever room reads them."""

from __future__ import annotations

import datetime as dt
import importlib
import itertools
import pkgutil
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

import geo_bosoc
from geo_bosoc.problems import (
    InputError,
    Problem,
    Report,
    TomlFile,
    did_you_mean,
    load_spec,
    near_names,
    read_toml,
    validate,
)
from geo_bosoc.problems.messages import joined
from geo_bosoc.problems.spec_tables import key_types
from geo_bosoc.problems.specs import PATTERNS
from geo_bosoc.text.messages import is_said_in_danish, problem_in_language

# names, not messages of the program: the catalogue need not have them
NO_LIST, MAKE_IT = joined(["ingen liste"]), joined(["opret den"])


class Line(BaseModel):
    """A line of a list."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    codes: tuple[int, ...] | str = ()
    limit: float = 0


class Part(BaseModel):
    """A table by name."""

    model_config = ConfigDict(extra="forbid")

    path: str
    unit: Literal["person", "dwelling"] = "person"


class Listed(BaseModel):
    """A file of lines and tables."""

    model_config = ConfigDict(extra="forbid")

    version: str
    line: tuple[Line, ...] = ()
    registers: dict[str, Part] = Field(default_factory=dict)
    extra: Part | None = None
    named: dict[str, float | Part] = Field(default_factory=dict)


WRONG = """verison = "1"

[[line]]
id = "a"

[[line]]
id = "B"
code = [1]
codes = 1.5

[registers.persons]
pth = "x"
unit = "people"

[extra]
path = "y"
untt = "person"
"""


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_spec(Listed, path)
    return [str(problem) for problem in caught.value.problems]


def test_every_mistake_with_its_line_key_and_near_name(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text(WRONG, encoding="utf-8")
    said = problems(tmp_path / "l.toml")
    for words in (
        'l.toml, row 1, [verison]: this key is not known here. Did you mean "version"?',
        "l.toml, [version]: this key is needed and is missing.",
        "l.toml, row 7, [line[2: B].id]: an id begins with a small letter",
        'l.toml, row 8, [line[2: B].code]: this key is not known here. Did you mean "codes"?',
        "l.toml, row 9, [line[2: B].codes]: this must be a list in square brackets",
        'l.toml, row 12, [registers.persons.pth]: this key is not known here. Did you mean "path"?',
        "l.toml, row 11, [registers.persons.path]: this key is needed and is missing.",
        "l.toml, row 13, [registers.persons.unit]: this must be one of 'person' or 'dwelling'.",
        'l.toml, row 17, [extra.untt]: this key is not known here. Did you mean "unit"?',
    ):
        assert sum(line.startswith(words) for line in said) == 1, (words, said)
    assert len(said) == 9


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version = 1 2", ", row 1: this is not valid TOML"),
        (b'a = "x"\nversion = "C:\\Users"', ", row 2: this is not valid TOML"),
        (b'a = "x"\nversion = "C:\\Users"', "A Windows path wants single quotes"),
        (b"version = " + b"9" * 5000, "too large"),
        (b"version = " + b"[" * 5000, "too large"),
        ('version = "æ"'.encode("cp1252"), ", row 1: the file is not UTF-8 text. Save it as UTF-8."),
        (b'version = "1"\n[[line]]\nid = "a"\nlimit = inf', "row 4, [line[1: a].limit]: this number must be"),
        (
            b'version = "1"\n[[line]]\nid = "a"\nlimit = 1e300',
            "[line[1: a].limit]: this number is too large.",
        ),
    ],
)
def test_files_that_say_nothing(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "l.toml").write_bytes(content)
    (line,) = problems(tmp_path / "l.toml")
    assert line.startswith("l.toml") and words in line


def test_a_file_that_is_not_there_or_is_a_folder_and_a_name_no_file_can_have(tmp_path: Path) -> None:
    report = Report()
    for path in (tmp_path / "gone.toml", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(InputError, match="ingen liste") as caught:
            load_spec(Listed, path, missing=NO_LIST, hint=MAKE_IT, key="lists", report=report)
        (problem,) = caught.value.problems
        assert (problem.file, problem.key, problem.hint) == (path.name, "lists", MAKE_IT)
    assert len(report.errors) == 3


def test_a_mapping_has_no_lines_and_may_stand_within_a_key() -> None:
    with pytest.raises(InputError) as caught:
        validate(Listed, {"version": "1", "registers": {"p": {}}}, within="balance.lists")
    (problem,) = caught.value.problems
    assert (problem.file, problem.row, problem.key) == (None, None, "balance.lists.registers.p.path")


def test_one_table_of_a_file_is_named_by_its_key_in_it(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_bytes(
        b'\xef\xbb\xbf[[line]]\nid = "a"\n\n[[line]]\n"id" = "b"\nlimit = "x"\n'
    )
    document = read_toml(tmp_path / "l.toml")
    assert validate(Line, document, ("line", 0)).id == "a"
    with pytest.raises(InputError, match=r"l\.toml, row 6, \[line\[2: b\]\.limit\]"):
        validate(Line, document, ("line", 1))
    assert TomlFile(None, {}).row(("line", 1)) is None


def test_near_names() -> None:
    assert near_names("KODE", ["kode", "Kode", "kod"]) == ["kode", "Kode"]
    assert near_names("xyz", ["kode"]) == []
    assert did_you_mean("kod", ["kode", "kort", "k"], count=2) == 'Did you mean "kode"?'
    assert did_you_mean("lin", ["line", "link", "x"], count=2) == 'Did you mean "link" or "line"?'
    assert did_you_mean("", []) is None


def test_a_message_that_names_the_file_does_not_name_it_twice(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_spec(Listed, tmp_path / "aarhus", missing=joined(['ingen liste "aarhus"']), key="lists")
    assert str(caught.value.problems[0]) == '[lists]: ingen liste "aarhus".'


def test_branches_of_a_union_are_no_keys_and_arrays_in_place_of_tables_have_lines(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text(
        'version = "1"\nnamed.a = { pth = "x" }\nnamed.b = "x"\n[[extra]]\npath = "x"\n', encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        load_spec(Listed, tmp_path / "l.toml")
    assert [(problem.row, problem.key) for problem in caught.value.problems] == [
        (4, "extra"),
        (2, "named.a"),
        (2, "named.a.path"),
        (2, "named.a.pth"),
        (3, "named.b"),
    ]


class KeyOfEachKind(BaseModel):
    """A key of each kind."""

    count: int = Field(default=1, ge=1, le=3)
    number: float = Field(default=1, gt=0, lt=2)
    text: str = Field(default="", max_length=2)
    colour: str = Field(default="#a1b2c3", pattern=r"^#[0-9a-fA-F]{6}$")
    switch: bool = False
    names: tuple[str, ...] = Field(default=("a",), min_length=1)
    pair: tuple[int, int] = (1, 2)
    table: dict[str, int] = Field(default_factory=dict)
    part: Part | None = None
    day: dt.date | None = None


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("count", "x", "this must be a whole number."),
        ("count", 1.5, "this must be a whole number."),
        ("count", 0, "this must be 1 or more."),
        ("count", 4, "this must be 3 or less."),
        ("number", "x", "this must be a number."),
        ("number", 0, "this must be over 0."),
        ("number", 2.5, "this must be under 2."),
        ("text", 5, 'this must be text in quotes, such as "abc".'),
        ("text", "abc", "this text can have 2 signs at most."),
        ("colour", "red", "write a colour as #a1b2c3: # and six of 0-9 and a-f."),
        ("switch", "often", "this must be true or false, without quotes."),
        ("names", "a", "this must be a list in square brackets, such as [1, 2]."),
        ("names", [], "this list must have 1 or more in it."),
        ("pair", [1, 2, 3], "this list can have 2 at most in it."),
        ("table", 3, "this must be a table: keys in braces, or under a [heading]."),
        ("part", 3, "this must be a table: keys in braces, or under a [heading]."),
        ("day", "soon", "a day is written as year-month-day without quotes, such as 2027-01-31."),
    ],
)
def test_what_a_key_must_hold_is_said_plainly(key: str, value: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        validate(KeyOfEachKind, {key: value})
    (problem,) = caught.value.problems
    assert problem.message == message
    assert is_said_in_danish(problem.text())


@pytest.mark.parametrize(
    ("content", "danish"),
    [
        ("a 1", "efter en nøgle skal der stå = og dens værdi"),
        ("a = 1 2", "der står mere på linjen, som ikke hører til værdien"),
        ("a = x", "dette er ingen værdi: tekst står i anførselstegn, en liste i kantede parenteser"),
        (
            'a = "x\n',
            "en tekst er ikke afsluttet på sin linje, eller den indeholder et tegn, der ikke kan vises",
        ),
        ('a = """x', "en tekst er ikke afsluttet med de anførselstegn, den begyndte med"),
        ("[a\n", "en tabels navn er ikke afsluttet med ]"),
        ("[[a]\n", "en tabels navn er ikke afsluttet med ]"),
        ("a = [1\n", "en liste er ikke afsluttet med ]"),
        ("a = { b = 1\n", "en tabel på én linje er ikke afsluttet med }"),
        ("a = 1\na = 2", "denne nøgle eller tabel er angivet to gange"),
        ("[a]\n[a]", "denne nøgle eller tabel er angivet to gange"),
        ("a = { b = 1, b = 2 }", "denne nøgle eller tabel er angivet to gange"),
        ('a = "C:\\data"', "en omvendt skråstreg i dobbelte anførselstegn betyder noget andet"),
        ('a = "C:\\Users"', "en omvendt skråstreg i dobbelte anførselstegn betyder noget andet"),
        ("a.æ = 1", "en nøgle med andre tegn end a-z, 0-9, _ og - står i anførselstegn"),
        (
            "= 1",
            "en linje begynder med en nøgle og = eller med en tabels navn i kantede parenteser; en nøgle med andre "
            "tegn end a-z, 0-9, _ og - står i anførselstegn",
        ),
        ("a = 2024-02-30", "der findes ikke sådan en dato eller sådan et klokkeslæt"),
    ],
)
def test_what_is_no_toml_is_said_in_danish(tmp_path: Path, content: str, danish: str) -> None:
    (tmp_path / "l.toml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_toml(tmp_path / "l.toml")
    (problem,) = caught.value.problems
    assert is_said_in_danish(problem.text())
    assert f"dette er ikke gyldig TOML: {danish}." in problem_in_language(problem, "da")


def specs() -> list[type[BaseModel]]:
    """Every specification of the package."""
    for module in pkgutil.walk_packages(geo_bosoc.__path__, "geo_bosoc."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = [BaseModel]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return [kind for kind in dict.fromkeys(kinds) if kind.__module__.startswith("geo_bosoc.")]


def test_every_pattern_of_a_spec_is_told_in_words() -> None:
    patterns = {
        part.pattern: f"{spec.__name__}.{name}"
        for spec in specs()
        for name, field in spec.model_fields.items()
        for part in field.metadata
        if hasattr(part, "pattern")
    }
    assert "^[a-z][a-z0-9_]*$" in patterns
    assert {pattern: key for pattern, key in patterns.items() if pattern and pattern not in PATTERNS} == {}


WRONG_VALUES = (1.5, "x", "", [], [[]], [1, 2, 3], [{}], {"a": 1}, True, dt.date(2024, 1, 1), -1, 10**9)


def test_whatever_a_key_holds_instead_is_said_in_danish() -> None:
    english, count = set(), 0
    for spec in specs():
        for key, value in itertools.product(key_types(spec), WRONG_VALUES):
            try:
                validate(spec, {key: value})
            except InputError as error:
                count += len(error.problems)
                english |= {problem for problem in error.problems if not is_said_in_danish(problem.text())}
    assert count > 1_000
    assert not english


@pytest.mark.parametrize(
    ("message", "hint", "text"),
    [
        ("no file", None, "a.csv: no file."),
        ("no file.", None, "a.csv: no file."),
        ("no file", "Look again", "a.csv: no file. Look again."),
        ("which file?", None, "a.csv: which file?"),
    ],
)
def test_a_problem_ends_with_a_full_stop(message: str, hint: str | None, text: str) -> None:
    assert str(Problem("error", message, hint=hint, file="a.csv")) == text
