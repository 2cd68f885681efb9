"""What a workbook hides: which sheet is read where some are hidden, and rows and columns that nobody sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from geo_bosoc.problems import Report
from geo_bosoc.registers.layout.sheets import SheetLayout


def choose_sheet(
    hidden: Mapping[str, bool], given: int | str | None, file: Path, report: Report
) -> str | None:
    """The sheet to read; None with an error in `report` where the user must say which.

    Parameters
    ----------
    hidden : the sheets by name, in order, and whether each is hidden.
    given : the sheet that the specification names, or its number from 1.
    """
    names = list(hidden)
    listed = ", ".join(name + (" (hidden)" if hidden[name] else "") for name in names)
    if given is not None:
        name = names[given - 1] if isinstance(given, int) and 1 <= given <= len(names) else str(given)
        if name not in names:
            report.error(
                f"there is no sheet {given}.", file=file, key="sheet", hint=f"The workbook has: {listed}."
            )
            return None
        if hidden[name] and not all(hidden.values()):
            report.warn(f'the sheet "{name}" is hidden in the workbook, and is read.', file=file, key="sheet")
        return name
    visible = [name for name in names if not hidden[name]]
    out_of_sight = ", ".join(f'"{name}"' for name in names if hidden[name])
    if not names or (visible and names[0] == visible[0]) or not visible:
        if visible and out_of_sight:
            report.note(f"hidden sheets are not read: {out_of_sight}.", file=file, key="sheet")
        if not names:
            report.error("the workbook has no sheet.", file=file)
        return names[0] if names else None
    if len(visible) == 1:
        report.warn(
            f'the first sheet is hidden ({out_of_sight}); "{visible[0]}" is read, the only one to be seen.',
            file=file,
            key="sheet",
            hint=f'Say which: sheet = "{visible[0]}".',
        )
        return visible[0]
    report.error(
        "the first sheet is hidden, and several are not: say which is to be read.",
        file=file,
        key="sheet",
        hint=f'sheet = "{visible[0]}"; the workbook has: {listed}.',
    )
    return None


def tell_hidden_cells(
    layout: SheetLayout,
    header: Sequence[str],
    positions: Collection[int],
    first_row: int,
    file: Path,
    report: Report,
) -> None:
    """Warnings for hidden rows below the head, and for hidden columns that are read.

    Parameters
    ----------
    positions : the columns that are read.
    first_row : the first row below the head.
    """
    rows = [row for row in layout.hidden_rows if row >= first_row]
    if rows:
        one = len(rows) == 1
        report.warn(
            f"{len(rows):,} row{' is' if one else 's are'} hidden in the sheet, and {'is' if one else 'are'} read: "
            f"row{'' if one else 's'} {ranges(rows)}.",
            file=file,
            row=rows[0],
            count=len(rows),
            hint="Clear the filter or show the rows; delete what is not to count, or leave it out with where.",
        )
    for column in filter(layout.hides, sorted(positions)):
        report.warn("this column is hidden in the sheet, and is read.", file=file, column=header[column])


def ranges(numbers: Iterable[int], most: int = 5) -> str:
    """Numbers as text, those that follow each other together.

    >>> ranges([5, 6, 7, 9])
    '5-7, 9'
    """
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [str(start) if start == end else f"{start}-{end}" for start, end in runs[:most]]
    return ", ".join(texts) + (" ..." if len(runs) > most else "")
