"""What goes wrong with a finished table: signs and units, totals and doubles, layout, rows that are not there."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from clean_project import CLASSES, Clean, Sheet
from registry import SHEETS, TEXT, mutant

BESIDE = "beside another period"
COUNTS = (("people", "n"), ("police", "unge"), ("police", "sigtede"), ("income", "beboere"))


def of_2024(row: list[Any]) -> bool:
    return row[1] == 2024


def one_row(sheet: Sheet, draw: random.Random) -> int:
    """The number of a row of an area, not of the municipality."""
    return draw.choice([at for at, row in enumerate(sheet.rows) if at and row[0] != "Kommunen"])


def each_column(
    what: str, how: Callable[[Any], Any], names: tuple[tuple[str, str], ...], **more: Any
) -> None:
    for name, column in names:

        def change(clean: Clean, draw: random.Random, name: str = name, column: str = column) -> None:
            clean.sheets[name].change(column, how)

        mutant(f"{what}: {name}.{column}", **more)(change)


# ---- sign, unit, factor

each_column("sign of a column", lambda value: -value, (*COUNTS, ("income", "lav_pct")))
each_column("factor 100 on a column", lambda value: value * 100, (*COUNTS, ("income", "lav_pct")))
each_column("factor 1000 on a column", lambda value: value * 1000, (("police", "sigtede"),))
each_column("hundredth of a column", lambda value: value / 100, COUNTS)
each_column("per cent told as a share", lambda value: round(value / 100, 4), (("income", "lav_pct"),))


@mutant("sign of a cell")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    sheet.rows[one_row(sheet, draw)][3] *= -1


@mutant("a code for missing in a cell")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    sheet.rows[one_row(sheet, draw)][3] = draw.choice([-1, -9, -99997])


@mutant("one share among percentages")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    row = sheet.rows[one_row(sheet, draw)]
    row[3] = round(row[3] / 100, 4)


@mutant("cells with a number format of per cent", ["xlsx"])
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    sheet.change("lav_pct", lambda value: value / 100)
    sheet.formats[3] = "0.0%"


@mutant("a number format of per cent on some cells", ["xlsx"])
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    half = {area for area, *_ in sheet.body[:6]}
    sheet.change("lav_pct", lambda value: f"{value} %", lambda row: row[0] in half)


# ---- totals, doubles


@mutant("a total of the classes")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    word = draw.choice(["I alt", "Total", "Alle", "TOT", "Sum"])
    sums: dict[tuple[Any, Any], int] = {}
    for area, year, _, n in sheet.body:
        sums[area, year] = sums.get((area, year), 0) + n
    sheet.rows += [[area, year, word, n] for (area, year), n in sums.items()]


@mutant("a total of the areas")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    sums: dict[tuple[Any, Any], int] = {}
    for _, year, kind, n in sheet.body:
        sums[year, kind] = sums.get((year, kind), 0) + n
    word = draw.choice(["I alt", "Hele byen", "Total"])
    sheet.rows += [[word, year, kind, n] for (year, kind), n in sums.items()]


@mutant("a total without a label", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    sheet.below.append([None, None, sum(row[2] for row in sheet.body), None, None])


@mutant("a total row that is called Total", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["income"]
    sheet.below.append(["I alt", None, sum(row[2] for row in sheet.body), None, None])


@mutant("a doubled row")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets[draw.choice(["people", "police", "income"])]
    sheet.rows.append(list(sheet.rows[one_row(sheet, draw)]))


@mutant("a doubled key with another figure")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    row = list(sheet.rows[one_row(sheet, draw)])
    row[2] += 10
    sheet.rows.append(row)


@mutant("the whole table twice")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    sheet.rows += [list(row) for row in sheet.body]


# ---- layout


@mutant("labels written once", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    before = None
    for row in sheet.body:
        row[0], before = (None if row[0] == before else row[0]), row[0]


@mutant("merged labels", ["xlsx"])
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    for at in range(2, len(sheet.rows) + 1, 3):
        sheet.merged.append(f"A{at}:A{at + 2}")


@mutant("one merged label", ["xlsx"])
def _(clean: Clean, draw: random.Random) -> None:
    at = 2 + 3 * draw.randrange(12)
    clean.sheets["people"].merged.append(f"A{at}:A{at + 2}")


@mutant("titles above the head", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["police"].above += [["Sigtede unge"], ["Kilde: Politiet"], []][: draw.randint(1, 3)]


@mutant("an empty column before the table", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    for row in clean.sheets["police"].rows:
        row.insert(0, None)


@mutant("notes below the table", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["people"].below += [[], ["Kilde: Kommunen"], ["* foreløbige tal"]]


@mutant("blank rows in the middle", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    rows = clean.sheets["people"].rows
    at = draw.randrange(2, len(rows))
    rows[at:at] = [[None] * 4] * draw.randint(1, 3)


@mutant("a heading in the middle", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    rows = clean.sheets["police"].rows
    rows[14:14] = [["2024", None, None, None]]


@mutant("the head again in the middle", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    rows = clean.sheets["police"].rows
    rows.insert(draw.randrange(3, len(rows)), list(rows[0]))


@mutant("the table on its side", SHEETS)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    sheet.rows = [list(column) for column in zip(*sheet.rows, strict=True)]


@mutant("two heads exchanged")
def _(clean: Clean, draw: random.Random) -> None:
    head = clean.sheets["police"].head
    head[2], head[3] = head[3], head[2]


@mutant("a column moved by one row")
def _(clean: Clean, draw: random.Random) -> None:
    """Everybody has the neighbour's base: some numerators stand over their base, or it is beyond any check."""
    sheet = clean.sheets["police"]
    column = [row[3] for row in sheet.body]
    for row, value in zip(sheet.body, [column[-1], *column[:-1]], strict=True):
        row[3] = value


@mutant("a row moved by one column", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    at = one_row(sheet, draw)
    sheet.rows[at] = [None, *sheet.rows[at][:3]]


@mutant("a row moved to the left", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    at = one_row(sheet, draw)
    sheet.rows[at] = [*sheet.rows[at][1:], None]


@mutant("a head without its column")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    for row in sheet.rows:
        del row[2]


@mutant("a column with another name")
def _(clean: Clean, draw: random.Random) -> None:
    head = clean.sheets["police"].head
    head[2] = draw.choice(["Unge", "unge ", "UNGE", "unge i alt", "antal"])


@mutant("an empty column")
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["police"].change("sigtede", lambda _: None)


@mutant("a hidden sheet before it", ["xlsx"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["people"].hidden_sheet_before = True


@mutant("hidden rows", ["xlsx"])
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["people"].hidden_rows += [5, 6]


# ---- rows that are not there


@mutant("an area that is left out")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets[draw.choice(["people", "police", "income"])]
    area = sheet.rows[one_row(sheet, draw)][0]
    sheet.rows = [row for row in sheet.rows if row[0] != area]


@mutant("an area that is left out in one year")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets[draw.choice(["police", "income"])]
    del sheet.rows[one_row(sheet, draw)]


@mutant("a class that is left out in one area and year")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["people"]
    del sheet.rows[one_row(sheet, draw)]


@mutant("a class that is left out in one year")
def _(clean: Clean, draw: random.Random) -> None:
    sheet, gone = clean.sheets["people"], draw.choice(CLASSES)
    sheet.rows = [row for row in sheet.rows if not (row[1] == 2024 and row[2] == gone)]


@mutant("the municipality's row is left out")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    sheet.rows = [row for row in sheet.rows if row[0] != "Kommunen"]


@mutant("the municipality's row is left out in one year")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    sheet.rows = [row for row in sheet.rows if not (row[0] == "Kommunen" and row[1] == 2024)]


@mutant("the municipality's row has another name")
def _(clean: Clean, draw: random.Random) -> None:
    word = draw.choice(["kommunen", "Kommunen i alt", "0999", "KOMMUNEN"])
    clean.sheets["police"].change("omr", lambda _: word, lambda row: row[0] == "Kommunen")


@mutant("a year that is left out")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets[draw.choice(["people", "police", "income"])]
    sheet.rows = [row for row in sheet.rows if row[1] != 2024]


@mutant("a table without rows")
def _(clean: Clean, draw: random.Random) -> None:
    del clean.sheets["income"].rows[1:]


# ---- years


@mutant("the year of one row")
def _(clean: Clean, draw: random.Random) -> None:
    sheet = clean.sheets["police"]
    sheet.rows[one_row(sheet, draw)][1] = draw.choice([2042, 1924, 2022])


@mutant("all years one later")
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["police"].change("aar", lambda year: year + 1)


@mutant("a provisional year", TEXT)
def _(clean: Clean, draw: random.Random) -> None:
    mark = draw.choice(["{}*", "{} (foreløbig)", "{}p"])
    clean.sheets["police"].change("aar", lambda year: mark.format(year) if year == 2024 else year)


@mutant("years of two digits")
def _(clean: Clean, draw: random.Random) -> None:
    clean.sheets["income"].change("aar", lambda year: year - 2000)
