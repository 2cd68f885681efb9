"""`geo-bosoc describe`: what is in a file, in words, and never a value of its rows. All data are made up."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import polars as pl
import pytest
import shapely

from geo_bosoc.cli import app
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project.describe_file import describe_file

ROWS = 60


def persons(numbers: bool = False) -> pl.DataFrame:
    """Rows whose every value can be looked for in a text."""
    rows = range(ROWS)
    return pl.DataFrame(
        {
            "borger": [f"9902{i:02d}-73{i:02d}" if numbers else f"Zq{i:04d}" for i in rows],
            "navn": [f"Xanthippe{i}" for i in rows],
            "adresse": [f"Wolfgade {i}7" for i in rows],
            "indkomst": [str(331_000 + 1_009 * (i // 2)) for i in range(ROWS - 1)] + ["98765432"],
            "alder": [str(i % 50) for i in rows],
            "aar": ["2023" if i % 2 else "2024" for i in rows],
            "fravaer": ["<5" if i % 20 == 0 else ".." if i % 30 == 1 else f"{i % 7},5" for i in rows],
            "gruppe": ["Yggdrasil" if i % 3 else None for i in rows],
        }
    )


@pytest.fixture(params=["csv", "xlsx", "parquet"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"borgere.{request.param}"
    match request.param:
        case "csv":
            text = persons().write_csv(separator=";")
            path.write_text(text.replace("aar;", "år;"), encoding="cp1252")
        case "xlsx":
            persons().write_excel(path)
        case _:
            persons().write_parquet(path)
    return path


@pytest.mark.parametrize("language", ["da", "en"])
def test_no_value_of_a_row_is_shown(file: Path, language: str) -> None:
    text = describe_file(file, language)  # type: ignore[arg-type]
    for column in ("borger", "navn", "adresse", "gruppe"):
        for value in persons()[column].drop_nulls():
            assert value not in text, (column, value)
    for extreme in ("98.765.432", "98,765,432", "98765432", "331.000", "331,000"):
        assert extreme not in text
    assert "{" not in text


def test_what_is_told(file: Path) -> None:
    lines = describe_file(file, "en").splitlines()
    assert lines[0] == f"{file.name}: a table ({file.suffix[1:]}), 60 rows, 8 columns"
    by_column = dict(line.strip().split(": ", 1) for line in lines if line.startswith("  "))
    assert by_column["may be a key"].startswith("borger; ")
    assert by_column["periods"] == "2023, 2024"
    assert "50 different values" in by_column["alder"]
    assert by_column["gruppe"].startswith("text; 33 % missing; one value")
    assert "marks: <5 (3), .. (2)" in by_column["fravaer"]
    if file.suffix == ".csv":
        assert by_column["alder"].startswith(
            "whole numbers; 50 different values; most from 2 to 45; looks like age"
        )
        assert by_column["indkomst"].startswith(
            "whole numbers; 31 different values; most from 333,018 to 358,243"
        )
        assert by_column["encoding"].startswith("cp1252 (") and by_column["separator"].startswith("; (")
        assert by_column["decimal mark"].startswith(", (")


def test_person_numbers_are_told_of_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "udtraek.csv"
    persons(numbers=True).rename({"borger": "cpr"}).write_csv(path, separator=";")
    text = describe_file(path, "da")
    assert "OBS: kolonnen cpr ser ud til at indeholde personnumre" in text
    assert "9902" not in text and "-73" not in text


def test_a_file_without_a_heading_shows_none(tmp_path: Path) -> None:
    path = tmp_path / "uden.csv"
    persons(numbers=True).write_csv(path, separator=";", include_header=False)
    text = describe_file(path, "en")
    assert "seems to lack a heading" in text
    assert not any(word in text for word in ("Xanthippe", "Wolfgade", "9902", "331000"))


def test_few_rows_have_no_range(tmp_path: Path) -> None:
    path = tmp_path / "lille.csv"
    for rows, has_range in ((19, False), (20, True)):
        path.write_text("gruppe;antal\n" + "".join(f"g;{i % 9}\n" for i in range(rows)), encoding="utf-8")
        assert ("most from 1 to 6" in describe_file(path)) == has_range


def test_a_key_may_be_a_number_and_may_want_the_period(tmp_path: Path) -> None:
    path = tmp_path / "omraader.csv"
    path.write_text("nr;aar;antal\n11;2023;5\n12;2023;5\n11;2024;5\n12;2024;6\n", encoding="utf-8")
    assert "  may be a key: nr + aar\n" in describe_file(path)
    path.write_text("nr;aar;antal\n11;2023;5\n12;2023;5\n13;2024;5\n", encoding="utf-8")
    assert "  may be a key: nr\n" in describe_file(path)


def test_one_is_said_in_the_singular(tmp_path: Path) -> None:
    path = tmp_path / "en.csv"
    path.write_text("gruppe\ng\n", encoding="utf-8")
    assert describe_file(path, "en").startswith("en.csv: a table (csv), 1 row, 1 column\n")
    assert describe_file(path, "da").startswith("en.csv: en tabel (csv), 1 række, 1 kolonne\n")


def test_map_layers(tmp_path: Path) -> None:
    path = tmp_path / "kort.gpkg"
    squares = [shapely.box(574_000 + 500 * i, 6_224_000, 574_400 + 500 * i, 6_224_400) for i in range(4)]
    areas = gpd.GeoDataFrame(
        {"nr": ["0001", "0002", "0003", "0004"], "navn": ["Aa", "Bb", "Cc", None], "antal": [1, 2, 2, 3]},
        geometry=squares, crs="EPSG:25832",
    )  # fmt: skip
    areas.to_file(path, layer="områder")
    areas.set_geometry(areas.centroid).to_file(path, layer="punkter")
    text = describe_file(path, "en")
    head, *lines = text.splitlines()
    assert head == "kort.gpkg: the map layer områder, 4 features, 3 columns"
    assert "  coordinate system: EPSG:25832 (the file says so, and its coordinates lie in Denmark)" in lines
    assert "  geometry: polygons 4" in lines or "  geometry: multipolygons 4" in lines
    assert "  extent: 1.9 by 0.4 km, in or near Aarhus or Syddjurs" in lines
    assert "  antal: whole numbers; 3 different values" in lines
    assert "  navn: text; 25 % missing; 3 different values" in lines
    assert "kort.gpkg: the map layer punkter, 4 features, 3 columns" in lines
    assert not any(name in text for name in ("Aa ", "Bb", "Cc", "0003"))


def test_what_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match=r"there is no such file"):
        describe_file(tmp_path / "ingen.csv")
    report = Report()
    (tmp_path / "tom.csv").write_text("", encoding="utf-8")
    assert describe_file(tmp_path / "tom.csv", report=report) == ""
    assert [problem.message for problem in report.errors] == ["the file is empty."]
    monkeypatch.setenv("GEO_BOSOC_LANG", "en")
    persons().write_csv(tmp_path / "borgere.csv")
    for name, code in (("ingen.csv", 1), ("borgere.csv", 0)):
        monkeypatch.setattr(sys, "argv", ["geo-bosoc", "describe", str(tmp_path / name)])
        with pytest.raises(SystemExit) as stop:
            app.main()
        assert int(stop.value.code or 0) == code
    assert "may be a key: borger" in capsys.readouterr().out
