"""Cases of what is made of tables: references, means, what is missing, models and words."""

from __future__ import annotations

import io
import re
import shutil
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from plain_demo import without_surroundings
from running import Command, check, command, right, run, said

import geo_bosoc as gb
from geo_bosoc.models import categorise_table

ROOT = Path(__file__).parents[2]


@right("23-areas-that-were-split")
def _(folder: Path) -> None:
    done = run(folder)
    for area in ("C1", "C2"):
        assert done.figure(area, "2011", "andel_status") == "missing"
        assert done.figure(area, "2011", "andel_value") is None
    assert done.share("A", "2011", "andel") == Fraction(1, 10)
    assert done.share("C2", "2021", "andel") == Fraction(20, 50)
    assert [one for one in done.said("table", level="warning") if re.search(r"\bC\b", str(one))]


@right("23-areas-that-were-split", "check")
def _(folder: Path) -> None:
    told = check(folder).said("table", level="warning")
    assert [one for one in told if re.search(r"\bC\b", str(one))]


@right("23-areas-that-were-split", "empty")
def _(folder: Path) -> None:
    _empty(folder, ("C1", "2011"), ("C2", "2011"))


def _empty(folder: Path, *cells: tuple[str, str]) -> None:
    """What is missing is empty in every column, never 0."""
    done = run(folder)
    for area, period in cells:
        for name in ("numerator", "denominator", "value"):
            assert done.figure(area, period, f"andel_{name}") is None, (area, period, name)


@right("24-leading-zeros-lost-in-some")
def _(folder: Path) -> None:
    done = run(folder)
    for area in ("0101", "0102"):
        assert done.figure(area, "2024", "andel_status") == "missing"
        assert done.figure(area, "2024", "andel_value") is None
    assert done.share("1101", "2024", "andel") == Fraction(30, 100)
    assert done.said("101", "102", level="warning")


@right("24-leading-zeros-lost-in-some", "check")
def _(folder: Path) -> None:
    assert check(folder).said("101", "102", level="warning")


@right("24-leading-zeros-lost-in-some", "none fits")
def _(folder: Path) -> None:
    shutil.copy(folder / "data/second.csv", folder / "data/t.csv")
    assert run(folder).said("table", "area ids", level="error")


@right("24-leading-zeros-lost-in-some", "none fits, check")
def _(folder: Path) -> None:
    shutil.copy(folder / "data/second.csv", folder / "data/t.csv")
    assert check(folder).said("table", "area ids", level="error")


@right("31-area-where-nobody-lives")
def _(folder: Path) -> None:
    done = run(folder)
    assert done.share("A", "2024", "andel") == Fraction(10, 100)
    assert done.figure("B", "2024", "andel_status") == "no_base"
    assert done.figure("C", "2024", "andel_status") == "missing"
    assert [done.figure(area, "2024", "andel_value") for area in "BC"] == [None, None]


@right("31-area-where-nobody-lives", "empty")
def _(folder: Path) -> None:
    _empty(folder, ("C", "2024"))


@right("33-share-over-one-and-no-numerator")
def _(folder: Path) -> None:
    done = run(folder)
    told = done.said("t.csv", "taeller", level="error")
    assert [one for one in told if re.search(r"\b3\b", str(one))], done.problems


@right("33-share-over-one-and-no-numerator", "with the row right")
def _(folder: Path) -> None:
    file = folder / "data/t.csv"
    file.write_text(file.read_text(encoding="utf-8-sig").replace(";650;", ";65;"), encoding="utf-8")
    done = run(folder)
    assert done.figure("A", "2024", "x_status") == "missing"
    assert done.figure("A", "2024", "x_value") is None
    assert done.figure("A", "2024", "x_numerator") is None
    assert done.share("B", "2024", "x") == Fraction(65, 100)
    assert done.share("C", "2024", "x") == Fraction(20, 100)
    assert done.reference("@areas", "2024", "x") == Fraction(85, 200)


@right("34-mean-of-decimals")
def _(folder: Path) -> None:
    done = run(folder)
    if done.errors:
        assert done.said("scale", "fravaer", level="error"), done.problems
        return
    assert done.figure("A", "2024", "x_value") == pytest.approx(0.4)
    assert done.figure("B", "2024", "x_value") == pytest.approx(1.5)
    assert done.findings is not None
    table = done.findings.reference_areas.set_index(["area_id", "indicator"])
    assert table.loc[("@municipality", "x"), "value"] == pytest.approx(0.95)


@right("35-screening-by-six-parameters")
def _(folder: Path) -> None:
    done = categorise_table(folder / "table.csv", gb.load_model("copenhagen-sok"), report=gb.Report())
    categories = dict(zip(done.categories["area_id"], done.categories["category"], strict=True))
    assert categories["A"] == "deprived_city_area"
    assert categories["B"] == "other_city_area"


@right("35-screening-by-six-parameters", "columns not used")
def _(folder: Path) -> None:
    report = gb.Report()
    categorise_table(folder / "table.csv", gb.load_model("copenhagen-sok"), report=report)
    assert said(report.problems, "table.csv", "small_dwellings_pct", level="note"), report.problems


@right("36-table-without-the-municipality")
def _(folder: Path) -> None:
    """The committed demo municipality, its youth crime from the case's table."""
    (folder / "data").symlink_to(ROOT / "data", target_is_directory=True)
    text = without_surroundings((ROOT / "bosoc.toml").read_text(encoding="utf-8"))
    text = re.sub(r"(?ms)^\[(balance|bottom_up)\].*?(?=^\[|\Z)", "", text)
    text = re.sub(r"(?m)^periods = .*$", 'periods = ["2024"]', text)
    police = '[registers.police]\npath = "politi.csv"\nunit = "count"\narea = "area"\nperiod = "year"\n\n'
    text = text.replace("[indicators]\n", f'{police}[indicators]\nfile = "indicators.toml"\n')
    (folder / "bosoc.toml").write_text(text, encoding="utf-8")
    told = check(folder)
    assert not told.errors, told.errors
    assert told.said("police", "municipality", "reference_row"), told.problems
    findings = gb.analyse(folder / "bosoc.toml", report=gb.Report())
    yards = findings.reference_areas[findings.reference_areas["indicator"] == "youth_crime"]
    rows = yards.set_index("area_id")
    police_table = pd.read_csv(folder / "politi.csv", sep=";", dtype={"area": str})
    assert rows.loc["@areas", "numerator"] == police_table["charged"].sum()
    assert rows.loc["@areas", "denominator"] == police_table["young"].sum()
    assert "@municipality" not in rows.index or pd.isna(rows.loc["@municipality", "value"])
    criteria = findings.criteria[findings.criteria["indicator"] == "youth_crime"]
    assert len(criteria)
    assert set(criteria["met"]) == {"undetermined"}


@right("37-units-in-staff-s-words")
def _(folder: Path) -> None:
    import geopandas as gpd
    from shapely.geometry import box

    from geo_bosoc.bottom_up.nominations.read import read_nominations
    from geo_bosoc.bottom_up.presence.services import load_services
    from geo_bosoc.bottom_up.spec import BottomUpPart
    from geo_bosoc.project.studies.bottom_up.study import publishable_nominations

    square = box(575000, 6224000, 576000, 6225000)
    estates = gpd.GeoDataFrame({"area_id": ["0046"], "name": ["Estate"]}, geometry=[square], crs=25832)
    homes = pd.DataFrame(
        {
            "address_id": [f"a{at}" for at in range(30)],
            "x": [575400.0 + 10 * at for at in range(30)],
            "y": [6224500.0] * 30,
            "residents": [10] * 30,
            "households": [5] * 30,
        }
    )
    nominations = read_nominations(
        folder / "nominations.csv", areas=estates, addresses=homes, report=gb.Report()
    )
    given = pd.read_csv(folder / "nominations.csv", sep=";", dtype=str)
    told = publishable_nominations(nominations, BottomUpPart(), load_services(), homes, estates)
    assert len(told) == len(given) == 9
    assert "another_unit" not in set(told["unit"]), list(told["unit"])


def _index_model(folder: Path, name: str, table: str) -> Command:
    return command(folder, "categorise", table, "-m", f"{name}.toml", "--lang", "en")


@right("40-index-models", "f7a")
def _(folder: Path) -> None:
    done = _index_model(folder, "f7a", "e.csv")
    assert done.code == 0, done.stderr
    table = pd.read_csv(io.StringIO(done.stdout.lstrip("\ufeff")), dtype=str)
    table = table.set_index("area" if "area" in table else "area_id")
    assert list(table.loc[["worst", "middle", "best"], "category"]) == ["c1", "c2", "c3"]


def _refused(name: str, key: str) -> None:
    def refused(folder: Path) -> None:
        done = _index_model(folder, name, "p.csv")
        assert done.code == 1, done.stderr
        assert f"{name}.toml" in done.stderr
        assert key in done.stderr

    right("40-index-models", name)(refused)


_refused("f7b", "goalposts")


_refused("f7c", "weight")


_refused("f7d", "weight")


_refused("f7e", "index.group")


def _no_municipality(case: str, period: str) -> None:
    def none(folder: Path) -> None:
        done = run(folder)
        assert done.reference("@municipality", period, "andel") is None
        assert done.reference("@areas", period, "andel") is not None
        assert done.said("table", "municipality"), done.problems

    right(case, "no row of the municipality")(none)


_no_municipality("23-areas-that-were-split", "2021")


_no_municipality("24-leading-zeros-lost-in-some", "2024")


_no_municipality("31-area-where-nobody-lives", "2024")
