"""What goes wrong with the ids, words and numbers of a finished table, and with one of its years."""

from __future__ import annotations

import random

from clean_project import Clean
from registry import TEXT, mutant
from table_mutants import BESIDE, COUNTS, of_2024, one_row

# ---- ids and words


@mutant("ids in another case")
def _(clean: Clean, draw: random.Random) -> None:
    how = draw.choice([str.lower, str.upper])
    clean.sheets["people"].change("omr", how, lambda row: row[0] != "Kommunen")
    if not clean.sheets["people"].rows[1][0].isdigit():
        return
    clean.sheets["people"].change("omr", lambda area: area.lstrip("0"))


@mutant("one id in another case", ["xlsx", "json"])
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    row = sheet.rows[one_row(sheet, draw)]
    row[0] = row[0].upper()


@mutant("leading zeros lost", ["csv", "parquet"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["income"].change("omr", int)


@mutant("ids as decimals", ["csv"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["income"].change("omr", lambda area: f"{int(area)}.0")


@mutant("blanks around ids", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sign = draw.choice([" ", "\u00a0"])
    clean.sheets["income"].change("omr", lambda area: f"{area}{sign}")


@mutant("a literal in another case")
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["people"].change("alder", lambda name: name.replace("-", draw.choice([" - ", "–", "_"])))


@mutant("one literal otherwise")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    rows = [row for row in sheet.body if row[2] == "0-17"]
    draw.choice(rows)[2] = draw.choice(["0-17 år", "0 - 17", "0–17"])


@mutant("a mark as in a footnote", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    row = sheet.rows[one_row(sheet, draw)]
    row[0] = f"{row[0]}*"


# ---- how numbers are written


@mutant("decimal marks of another language", ["csv"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["income"].decimal = "."


@mutant("thousands marked", ["csv"])
def _(clean: Clean, draw: random.Random) -> None:
    mark = draw.choice([".", " ", "\u00a0", "'"])
    clean.sheets["police"].change("unge", lambda n: f"{n:,}".replace(",", mark))


@mutant("thousands marked with a comma", ["csv"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["police"].change("unge", lambda n: f"{n:,}")


@mutant("text among numbers", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    sheet.rows[one_row(sheet, draw)][3] = draw.choice(["ca. 10", "ukendt", "se note", "10-20"])


@mutant("a fault of a formula", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    sheet.rows[one_row(sheet, draw)][3] = draw.choice(["#DIV/0!", "#REF!"])


@mutant("a value that is not available", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    sheet.rows[one_row(sheet, draw)][3] = "#N/A"


@mutant("units in cells", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["income"].change("lav_pct", lambda value: f"{str(value).replace('.', ',')} %")


@mutant("decimals in a count")
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["police"].change("sigtede", lambda n: n + 0.5)


@mutant("a withheld figure", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    sheet.rows[one_row(sheet, draw)][3] = "<5"


@mutant("an empty cell")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    sheet.rows[one_row(sheet, draw)][3] = None


@mutant("an empty cell below a class")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    sheet.rows[one_row(sheet, draw)][3] = None


@mutant("another encoding", ["csv"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["people"].encoding = draw.choice(["cp1252", "utf-16", "utf-8-sig"])


@mutant("another separator", ["csv"])
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    sheet.separator = draw.choice([",", "\t", "|"])


# ---- beside another period


def _factor(name: str, column: str, factor: float) -> None:
    @mutant(f"{name}.{column} times {factor} in one year", kind=BESIDE)
    def _(clean: Clean, draw: random.Random) -> None:
        clean.sheets[name].change(column, lambda n: round(n * factor), of_2024)


for _name, _column in COUNTS:
    _factor(_name, _column, 10)
_factor("police", "unge", 0.1)
_factor("police", "sigtede", 2)
_factor("people", "n", 0.5)


@mutant("percentages of one year by a factor", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["income"].change("lav_pct", lambda value: round(value / 10, 2), of_2024)


@mutant("a tenth of a table's rows left out in one year", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    gone = set(draw.sample([at for at, row in enumerate(sheet.rows) if row[1] == 2024], 4))
    sheet.rows = [row for at, row in enumerate(sheet.rows) if at not in gone]


@mutant("a tenth of a table's rows doubled in one year", kind=BESIDE)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    sheet.rows += [list(row) for row in draw.sample([row for row in sheet.body if of_2024(row)], 4)]
