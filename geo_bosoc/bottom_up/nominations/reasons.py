"""Why staff name a place: codes that may be shown, and free text that never is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo_bosoc.bottom_up.presence.services import folded_unit
from geo_bosoc.problems import Report, load_spec
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.catalogue import word
from geo_bosoc.text.provenance import Labelled

OTHER: Final = "other"
"""What stands for free text."""
_BETWEEN: Final = re.compile(r"[;,/|\n]")


class Reason(Labelled):
    """A reason for naming a place.

    Attributes
    ----------
    id : str
        Its code. Example: ``id = "youth_outside"``
    words : tuple of str
        Other ways in which staff write it, each all that stands in a cell, or between ``;`` or ``,`` in it.
        Example: ``words = ["utryg", "utrygt"]``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    words: tuple[str, ...] = ()


class ReasonFile(BaseModel):
    """A list of reasons that staff may give for naming a place.

    Attributes
    ----------
    reason : tuple of Reason
        The reasons.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: tuple[Reason, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes_are_unique(self) -> ReasonFile:
        numbers = Counter(text for reason in self.reason for text in sorted(_texts(reason)))
        duplicates = sorted(text for text, number in numbers.items() if number > 1)
        if duplicates:
            raise ValueError(phrase("these words are of several reasons: {names}.", names=joined(duplicates)))
        if any(reason.id == OTHER for reason in self.reason):
            raise ValueError('the code "other" is kept for free text: give it another one.')
        return self


def load_reasons(path: str | Path | None = None, *, report: Report | None = None) -> tuple[Reason, ...]:
    """The reasons that ship with the package, or those of a TOML file with the same keys.

    Parameters
    ----------
    path : str or Path, optional
        The file.
    report : Report, optional
        Takes what is wrong as well.

    Returns
    -------
    tuple of Reason

    Raises
    ------
    InputError
        The file is not there, is no TOML, or is inconsistent; everything wrong is listed.

    Examples
    --------
    >>> [reason.label("en") for reason in load_reasons()][1:3]
    ['unsafety', 'unrest']
    """
    shipped = resources.files("geo_bosoc.bottom_up.nominations") / "reasons.toml"
    return load_spec(ReasonFile, shipped if path is None else Path(path), report=report).reason


def reason_codes(text: str, reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The codes that a cell gives, in the order of the list; `OTHER` last where any of it is free text.

    Parameters
    ----------
    text : str
        What stands in the column ``concern``.
    reasons : iterable of Reason
        The list.

    Examples
    --------
    >>> shipped = load_reasons()
    >>> reason_codes("Utryghed; hærværk", shipped), reason_codes("hr. Jensen drikker", shipped)
    (('unsafety', 'vandalism'), ('other',))
    """
    reasons = tuple(reasons)
    codes = {written: reason.id for reason in reasons for written in _texts(reason)}
    code_of_cell = codes.get(folded_unit(text))
    parts = [text] if code_of_cell is not None else _BETWEEN.split(text)
    given = {codes.get(folded_unit(part), OTHER) for part in parts if part.strip()}
    return tuple(code for code in (*(reason.id for reason in reasons), OTHER) if code in given)


def reason_labels(codes: str, reasons: Iterable[Reason], language: str) -> list[str]:
    """The names of codes that stand in one text with blanks between them."""
    labels = {reason.id: reason.label(language) for reason in reasons}
    other = word("bottom_up_map", "another_reason", language)
    return [labels.get(code, other) for code in codes.split()]


def _texts(reason: Reason) -> set[str]:
    """The ways of writing a reason, folded."""
    written = (reason.id, reason.label_da, reason.label_en, *reason.words)
    return {folded for text in written if (folded := folded_unit(text))}
