"""The commands that explain what ships: indicators and models in words, a model copied and its cut-off changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import geo_bosoc as gb
from geo_bosoc.cli import app
from geo_bosoc.indicators import describe_indicator, list_indicators, parse_indicators
from geo_bosoc.models import describe_model, model_ids, model_to_change
from geo_bosoc.predicates.column_conditions import column_conditions
from geo_bosoc.predicates.parse import predicate_columns


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["geo-bosoc", *words])
    monkeypatch.setenv("GEO_BOSOC_LANG", "en")
    with pytest.raises(SystemExit) as stop:
        app.main()
    return int(stop.value.code or 0)


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        ("age BETWEEN 1 AND 9 AND work = 'no'", [("age", "between", ("1", "9")), ("work", "equal", ("'no'",))]),
        ("NOT (free_place IS NULL OR kind <> 'x')", [("free_place", "filled", ()), ("kind", "equal", ("'x'",))]),
        ("5 <= score", [("score", "at_least", ("5",))]),
        ("charged <> TRUE", [("charged", "false", ())]),
        ("NOT lacks", [("lacks", "false", ())]),
        ("code IN (1, 2) OR name NOT LIKE 'A%'", [("code", "equal", ("1", "2")), ("name", "unlike", ("'A%'",))]),
        ("born >= DATE '2000-01-31'", [("born", "at_least", ("2000-01-31",))]),
        ("income < 0.5 * :median", [("income", "under", ("0.5 * :median",))]),
        ("\"min kolonne\" = 2.5", [("min kolonne", "equal", ("2.5",))]),
        ("lower(name) = 'x'", [("name", "other", ("LOWER(\"name\") = 'x'",))]),
    ],
)  # fmt: skip
def test_a_predicate_taken_apart(predicate: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    parts = column_conditions(predicate)
    assert [(part.column, part.relation, part.values) for part in parts] == expected
    assert {part.column for part in parts} == predicate_columns(predicate)


def test_a_long_list_is_taken_apart_too() -> None:
    predicate = f"code IN ({', '.join(str(code) for code in range(500))})"
    (part,) = column_conditions(predicate)
    assert part.values == tuple(str(code) for code in range(500))


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_indicator_is_explained_with_all_its_columns(language: str) -> None:
    for indicator in list_indicators():
        text = describe_indicator(indicator, language)  # type: ignore[arg-type]
        assert indicator.id in text and indicator.label(language) in text and "{" not in text
        for side in filter(None, (indicator.denominator, indicator.numerator)):
            for column in predicate_columns(side.where) if side.where else ():
                assert f"{side.register_name}.{column}: " in text
        assert indicator.assumption_text(language) in text and indicator.source_text(language) in text


def test_an_indicator_with_every_setting() -> None:
    (indicator,) = parse_indicators(
        {
            "indicator": [
                {
                    "id": "full_time",
                    "label_da": "Fuldtid",
                    "denominator": {"register": "persons", "where": "rate >= 0.5", "distinct": "none"},
                    "mean_of": "hours",
                    "weight": "weight",
                    "weight_scale": 100,
                    "scale": 10_000,
                    "unit": "mean",
                    "pool_years": 3,
                    "carry_forward": 1,
                    "breakdown": "timer",
                }
            ]
        }
    )
    text = describe_indicator(indicator, "da", models=["a", "b"])
    for expected in (
        "persons.rate: mindst 0,5",
        "persons.hours: tal, som der tages gennemsnit af",
        "persons.weight: rækkens vægt, et tal",
        "over 3 år",
        "ét år efter",
        "Del af timer",
        "Bruges af modellerne: a, b",
    ):
        assert expected in text


def test_models_say_columns_and_values_of_registers() -> None:
    text = describe_model(gb.load_model("aarhus-2018"))
    assert "persons.labour: 'outside'" in text and "survey.safety: 1 to 7; at least 5" in text
    assert "no indicator that ships counts it" in describe_model(gb.load_model("national-2021"))


def test_indicators_listed_and_explained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "indicators") == 0
    text = capsys.readouterr().out
    assert all(indicator.id in text for indicator in list_indicators())
    assert call(monkeypatch, "indicators", "show", "outside_labour_market", "--lang", "da") == 0
    text = capsys.readouterr().out
    assert "persons.age: 18 til 64" in text and "aarhus-2018" in text
    assert call(monkeypatch, "indicators", "show", "helth") == 1
    assert 'Did you mean "health"?' in capsys.readouterr().err

    (tmp_path / "bosoc.toml").write_text(
        '[project]\nname = "x"\n[boundaries.areas]\npath = "a.gpkg"\n[registers.persons]\npath = "p.csv"\n'
        'unit = "person"\nplace = "area"\n[indicators]\nfile = "own.toml"\n',
        encoding="utf-8",
    )
    (tmp_path / "own.toml").write_text(
        '[[indicator]]\nid = "tenants"\nlabel_da = "Lejere"\nunit = "count"\n'
        'denominator = { register = "persons", where = "tenure = \'let\'" }\n',
        encoding="utf-8",
    )
    assert call(monkeypatch, "indicators", "show", "tenants", "--project", str(tmp_path)) == 0
    assert "persons.tenure: 'let'" in capsys.readouterr().out
    assert call(monkeypatch, "indicators", "list", "--project", str(tmp_path)) == 0
    assert "tenants" in capsys.readouterr().out


@pytest.mark.parametrize("model", model_ids())
def test_a_copied_model_is_the_same_but_for_its_id(model: str, tmp_path: Path) -> None:
    file = tmp_path / "vores-model.toml"
    file.write_text(model_to_change(model, file=file.name), encoding="utf-8")
    copied, original = gb.load_model(file), gb.load_model(model)
    assert copied.id == "vores-model"
    assert copied.model_dump(exclude={"id"}) == original.model_dump(exclude={"id"})


def test_a_cut_off_changed_in_a_copy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "Min model.toml"
    assert call(monkeypatch, "models", "copy", "aarhus-2022", "--output", str(file)) == 0
    content = file.read_text(encoding="utf-8")
    assert "# ---- the four categories" in content and 'path = "Min model.toml"' in content
    file.write_text(content.replace("min_points = 18", "min_points = 17"), encoding="utf-8")
    assert gb.load_model(file).category[0].min_points == 17
    assert gb.load_model(file).id == "aarhus-2022-copy"  # a name with a blank can be no id
    assert call(monkeypatch, "models", "copy", "aarhus-2022", "--output", str(file)) == 1
    assert "is not written over" in capsys.readouterr().err and "17" in file.read_text(encoding="utf-8")
    assert call(monkeypatch, "models", "copy", "arhus-2022") == 1
    assert 'Did you mean "aarhus-2022"?' in capsys.readouterr().err
    assert call(monkeypatch, "models", "copy", "national-2021") == 0
    assert 'id = "national-2021-copy"' in capsys.readouterr().out


def test_the_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"geo-bosoc {gb.__version__}\n"


def commands() -> list[tuple[str, ...]]:
    groups = [(name, "--help") for name, *_ in app.COMMANDS]
    return [*groups, ("bottom-up", "--help"), ("bottom-up", "criteria", "--help"), ("models", "--help"),
            ("models", "list", "--help"), ("models", "show", "--help"),
            ("models", "copy", "--help"), ("indicators", "--help"), ("indicators", "list", "--help"),
            ("indicators", "show", "--help")]  # fmt: skip


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_help_has_an_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert call(monkeypatch, *words) == 0
    name = " ".join(words[:-1])
    assert f"Example: geo-bosoc {name}" in " ".join(capsys.readouterr().out.split())
