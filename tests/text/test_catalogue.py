"""The catalogue of words: each in every language, with the same placeholders, used, and there when it is used."""

import ast
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from geo_bosoc.text.catalogue import CATALOGUE, LANGUAGES, word, word_or_key, words

PACKAGE = Path(str(files("geo_bosoc")))
TABLES = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
KEYS_OF_FILES = {"registers", "area_kinds", "reference_areas", "reference_genitives"}
"""Their keys stand in projects and models: no module holds them."""

COLUMNS_WITH_WORDS = ("measure_",)
"""Starts of keys that a module puts together of a column and its value."""

TREES = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for path in PACKAGE.rglob("*.py")
    if "demo" not in path.parts
}


@pytest.mark.parametrize("subject", TABLES)
def test_every_word_stands_in_every_language_with_the_same_placeholders(subject):
    for key, texts in TABLES[subject].items():
        assert set(texts) == set(LANGUAGES), key
        placeholders = [set(re.findall(r"\{\w+\}", text)) for text in texts.values()]
        assert all(each == placeholders[0] for each in placeholders), key
        assert "{}" not in "".join(texts.values()), key


def test_every_word_is_used():
    literals, patterns = set(), set()
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals |= {node.value, *node.value.split()}
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                patterns.add(node.values[0].value)
            elif isinstance(node, ast.Name | ast.Attribute | ast.keyword | ast.arg):
                literals.add(getattr(node, "id", None) or getattr(node, "attr", None) or node.arg)
    for path in (PACKAGE / "outputs" / "page" / "assets").glob("*.js"):
        literals |= set(re.findall(r'"(\w+)"', path.read_text(encoding="utf-8")))
    starts = (*(start for start in patterns if start.endswith(("_", ":"))), *COLUMNS_WITH_WORDS)
    unused = [
        f"{subject}.{key}"
        for subject in TABLES.keys() - KEYS_OF_FILES
        for key in TABLES[subject]
        if not {key, *key.split(":")} & literals and not key.startswith(starts)
    ]
    assert unused == []


def test_every_word_that_a_module_names_is_in_the_catalogue():
    missing = []
    for path, tree in TREES.items():
        for line, subject, key in named_words(tree):
            if key not in TABLES.get(subject, {}):
                missing.append(f"{path.name}:{line}: {subject}.{key}")
    assert missing == []


def named_words(tree):
    """Words that a module names outright: `word("map", "about", ...)`, and `text["codes"]` of `text = words(...)`."""
    mappings = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="words"), args=[ast.Constant(value=subject), *_]),
            ):
                mappings.setdefault(name, subject)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="word"), args=[ast.Constant(value=subject), key, *_]):
                keys = [key.body, key.orelse] if isinstance(key, ast.IfExp) else [key]
                for each in keys:
                    if isinstance(each, ast.Constant):
                        yield node.lineno, subject, each.value
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if (
                name in mappings
            ):
                yield node.lineno, mappings[name], key


def test_words_that_are_missing_are_told():
    with pytest.raises(LookupError, match=r'no word "abuot" under \[map\]. Did you mean "about"'):
        word("map", "abuot", "da")
    with pytest.raises(LookupError, match=r"no table \[maps\]. Did you mean"):
        words("maps", "da")
    with pytest.raises(LookupError, match='no language "sv", only da, en'):
        word("map", "about", "sv")
    assert word_or_key("registers", "bbr", "en") == "bbr"
