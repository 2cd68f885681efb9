"""Cases of tables as people lay them out, of units and of time: what is right."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import pandas as pd
from running import check, command, read, right, run, said


@right("02-percent-formatted-cells")
def _(folder: Path) -> None:
    done = run(folder)
    shares = {area: done.share(area, "2024", "andel") for area in "ABCD"}
    counts = {area: done.figure(area, "2024", "andel_numerator") for area in "ABCD"}
    assert counts == {"A": 50, "B": 13, "C": 20, "D": 30}
    assert shares == {
        "A": Fraction(50, 200),
        "B": Fraction(13, 100),
        "C": Fraction(2, 5),
        "D": Fraction(3, 10),
    }


@right("03-negative-codes-for-missing")
def _(folder: Path) -> None:
    """Told which codes they are, or asked about: then the project says so."""
    done = run(folder)
    if done.errors:
        asked = done.said("t.csv", "missing", "-99997", level="error")
        assert asked, done.problems
        file = folder / "bosoc.toml"
        codes = 'period = "2024"\nmissing = [-99997, -99999999]\n'
        text = file.read_text(encoding="utf-8").replace('period = "2024"\n', codes, 1)
        file.write_text(text, encoding="utf-8")
        done = run(folder)
    assert [done.share(area, "2024", "andel") for area in "AD"] == [Fraction(1, 10), Fraction(1, 5)]
    assert [done.figure(area, "2024", "andel_status") for area in "BC"] == ["missing", "missing"]
    assert [done.figure(area, "2024", "andel_value") for area in "BC"] == [None, None]
    assert done.reference("@areas", "2024", "andel") == Fraction(80, 500)
    assert done.reference("@municipality", "2024", "andel") is None
    assert done.said("table", "municipality")


@right("05-labels-merged-down")
def _(folder: Path) -> None:
    done = run(folder)
    assert done.share("A", "2024", "andel") == Fraction(10, 37)
    assert done.reference("@areas", "2024", "andel") == Fraction(45, 237)
    assert done.reference("@municipality", "2024", "andel") is None
    assert done.said("table", "municipality")


def _provisional(folder: Path) -> None:
    done = run(folder)
    if done.errors:
        assert done.said("t.csv", "2024*", level="error"), done.problems
        return
    for area, figures in {"A": (10, 20, 30), "B": (40, 50, 60), "C": (70, 80, 90)}.items():
        for year, figure in zip(("2022", "2023", "2024"), figures, strict=True):
            assert done.figure(area, year, "beboere_value") == figure
    assert done.said("t.csv", "2024*", level="warning"), done.problems


@right("07-provisional-year-in-the-head", "without periods")
def _(folder: Path) -> None:
    file = folder / "bosoc.toml"
    file.write_text(file.read_text(encoding="utf-8").split("[run]")[0], encoding="utf-8")
    _provisional(folder)


right("07-provisional-year-in-the-head")(_provisional)


@right("08-hidden-first-sheet")
def _(folder: Path) -> None:
    done = run(folder)
    if done.errors:
        assert done.said("t.xlsx", "sheet", level="error")
        return
    assert [done.figure(area, "2024", "beboere_value") for area in "AB"] == [100, 200]
    assert done.said("t.xlsx", "hidden", level="warning"), done.problems


@right("09-total-rows-beside-parts")
def _(folder: Path) -> None:
    done = run(folder)
    assert done.said("t.csv", "alder", "I alt", level="error"), done.problems


@right("09-total-rows-beside-parts", "without the total")
def _(folder: Path) -> None:
    file = folder / "data/t.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "I alt" not in line), encoding="utf-8")
    done = run(folder)
    assert done.figure("A", "2024", "beboere_value") == 9
    assert done.share("B", "2024", "andel") == Fraction(30, 100)


@right("13-csv-with-carriage-returns-only")
def _(folder: Path) -> None:
    done = run(folder)
    if done.errors:
        assert done.said("t.csv", "line", level="error"), done.problems
    else:
        assert [done.figure(area, "2024", "beboere_value") for area in "ABC"] == [10, 20, 30]


@right("14-workbook-given-to-categorise")
def _(folder: Path) -> None:
    done = command(folder, "categorise", "liste.xlsx", "--model", "national-2021", "--lang", "en")
    if done.code == 0:
        table = pd.read_csv(io.StringIO(done.stdout.lstrip("\ufeff")), dtype=str)
        assert [list(row) for row in table.iloc[:, :2].to_numpy()] in ([["X", "2023"]], [["2023", "X"]])
    else:
        assert done.code == 1
        assert "workbook" in done.stderr
        assert "CSV" in done.stderr


@right("18-folk1a-by-age-real-table")
def _(folder: Path) -> None:
    done = run(folder)
    assert done.share("147", "2020K1", "andel") == Fraction(760 + 414 + 715 + 395, 4528)
    assert done.share("400", "2020K1", "andel") == Fraction(163 + 199 + 141 + 197, 1463)
    young = 31649 + 34560 + 29817 + 32744
    rest = 35025 + 34974 + 33614 + 34606
    assert done.reference("@municipality", "2020K1", "andel") == Fraction(young, young + rest)


@right("18-folk1a-by-age-real-table", "a year for a quarter")
def _(folder: Path) -> None:
    file = folder / "bosoc.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("2020K1", "2020"), encoding="utf-8")
    for done in (check(folder), run(folder)):
        assert done.said("2020", "2020K1", level="error"), done.problems
        assert not done.said("leading zeros")


@right("26-dates-from-1904")
def _(folder: Path) -> None:
    frame, _ = read(folder / "d.xlsx", unit="case", id="id", area="omr", period="dato", period_by="quarter")
    assert frame is not None
    assert dict(zip(frame["id"], frame["period"], strict=True)) == {"1": "2024K1", "2": "2023K4"}


@right("29-school-years-with-a-hyphen")
def _(folder: Path) -> None:
    frame, problems = read(folder / "data/t.csv", unit="count", area="omr", period="aar")
    if frame is None:
        assert said(problems, "t.csv", "aar", level="error"), problems
        return
    seen = {(row.area_id, row.period): row.n for row in frame.itertuples()}
    assert seen == {("A", "2011"): 10, ("A", "2012"): 20, ("B", "2011"): 30, ("B", "2012"): 40}


@right("32-period-from-a-time-stamp-with-a-blank")
def _(folder: Path) -> None:
    for name in ("blank.csv", "t.csv", "dansk.csv"):
        frame, problems = read(
            folder / name, unit="case", id="id", area="omr", period="dato", period_by="quarter"
        )
        assert frame is not None, (name, problems)
        assert list(frame["period"]) == ["2023K1", "2023K3"], name
