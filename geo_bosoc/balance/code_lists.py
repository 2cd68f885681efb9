"""Dated lists of BBR's codes: which codes make a dwelling, which tenure it has, and the classes of size and year."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import ConfigDict, Field, model_validator

from geo_bosoc.problems import load_spec
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.provenance import Labelled, ShortRepr

Tenure = Literal["social", "private_rental", "cooperative", "owner_occupied", "public", "other", "unknown"]
Kind = Literal["family", "youth", "elderly", "care"]
TENURES: Final[tuple[Tenure, ...]] = get_args(Tenure)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""Kinds of social dwelling. Only an estate list has them."""
USES: Final = ("detached", "terraced", "flat", "student", "institution", "other_use", "unknown")
Status = Literal["H", "M", "A"]


class FrozenSpec(ShortRepr):
    """A part of a dated list: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ownership(FrozenSpec, Labelled):
    """A code of ownership.

    Attributes
    ----------
    code : int
        BBR's code. Example: ``code = 20``
    social : bool
        Whether dwellings of this code are social ones.
    unknown : bool
        Whether the code says that it is not known.
    may_be_social : tuple of {"family", "youth", "elderly", "care"}
        Kinds of social dwelling that it may hide. Example: ``may_be_social = ["care"]``
    status : {"H", "M", "A"}
        H from an official source, M from secondary ones, A assumed.
    """

    code: int
    social: bool = False
    unknown: bool = False
    may_be_social: tuple[Kind, ...] = ()
    status: Status = "A"


class TenureLine(FrozenSpec):
    """Which codes of ownership (and use, and letting, where given) have a tenure.

    Attributes
    ----------
    tenure : {"social", "private_rental", "cooperative", "owner_occupied", "public", "other", "unknown"}
        The tenure. Example: ``tenure = "social"``
    ownership : tuple of int
        Codes of ownership. Example: ``ownership = [20]``
    use : tuple of int
        Codes of use; left out, any. Example: ``use = [140]``
    letting : tuple of int
        Codes of letting (1 let, 2 used by the owner); left out, any. Example: ``letting = [1]``
    status : {"H", "M", "A"}
        H from an official source, M from secondary ones, A assumed.
    """

    tenure: Tenure
    ownership: tuple[int, ...] = Field(min_length=1)
    use: tuple[int, ...] = ()
    letting: tuple[int, ...] = ()
    status: Status = "A"


class Use(FrozenSpec, Labelled):
    """A code of use.

    Attributes
    ----------
    code : int
        BBR's code. Example: ``code = 140``
    kind : {"detached", "terraced", "flat", "student", "institution", "other_use"}
        What kind of building it is. Example: ``kind = "flat"``
    dwelling : bool
        Whether it is a dwelling; ``false``: counted only where the estate list says so.
    """

    code: int
    kind: Literal["detached", "terraced", "flat", "student", "institution", "other_use"]
    dwelling: bool = True


class Classes(FrozenSpec):
    """Lower limits of the classes of size and building year, rising; below the first is unknown.

    Attributes
    ----------
    size : tuple of int
        Of floor space. Unit: m2. Example: ``size = [10, 50, 75, 100]``
    built : tuple of int
        Of building years. Unit: years. Example: ``built = [1500, 1940, 1960, 1980, 2000]``
    """

    size: tuple[int, ...] = Field(min_length=1)
    built: tuple[int, ...] = Field(min_length=1)


class CodeList(FrozenSpec, Labelled):
    """A dated list of a register's codes.

    Attributes
    ----------
    id, version : str
        Its id, and the version that is told. Example: ``id = "bbr"`` ``version = "2024-01-01"``
    valid_from, valid_to : str or None
        Which days it describes, the last one no more.
        Example: ``valid_from = "2017-01-01"`` ``valid_to = "2030-01-01"``
    source : str
        Where it comes from. Example: ``source = "BBR, code lists"``
    assumption_da, assumption_en : str
        What is assumed in it. Example: ``assumption_da = "Kode 50 er andele."``
        ``assumption_en = "Code 50 is a cooperative."``
    ownership : tuple of Ownership
        Codes of ownership.
    tenure : tuple of TenureLine
        Which codes have a tenure; the first line that fits wins.
    use : tuple of Use
        Codes of use.
    classes : Classes
        Classes of size and building year.
    """

    id: str
    version: str
    valid_from: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    valid_to: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    source: str
    assumption_da: str = ""
    assumption_en: str = ""
    ownership: tuple[Ownership, ...] = Field(min_length=1)
    tenure: tuple[TenureLine, ...] = Field(min_length=1)
    use: tuple[Use, ...] = Field(min_length=1)
    classes: Classes

    @model_validator(mode="after")
    def _is_consistent(self) -> CodeList:
        faults = []
        for name, codes in (
            ("ownership", [line.code for line in self.ownership]),
            ("use", [line.code for line in self.use]),
        ):
            duplicates = sorted({code for code in codes if codes.count(code) > 1})
            faults += [
                phrase("the {codes} code {code} is duplicated", codes=name, code=code) for code in duplicates
            ]
        ownership_codes = {line.code for line in self.ownership}
        for line in self.tenure:
            faults += [
                phrase(
                    "a line for {tenure} names the unknown ownership code {code}",
                    tenure=line.tenure,
                    code=code,
                )
                for code in line.ownership
                if code not in ownership_codes
            ]
        for name, limits in (("size", self.classes.size), ("built", self.classes.built)):
            if list(limits) != sorted(set(limits)):
                faults.append(phrase("the class limits of {name} must rise", name=name))
        if faults:
            raise ValueError(joined(faults, "; ") + ".")
        return self

    def describes(self, year: int) -> bool:
        """Whether the list describes 1 January of that year."""
        day = f"{year:04d}-01-01"
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def load_codes(source: str | Path = "bbr") -> CodeList:
    """The code list that is shipped (``"bbr"``), or a TOML file of the same shape.

    Parameters
    ----------
    source : str or Path, optional
        ``"bbr"``, or the file.

    Returns
    -------
    CodeList

    Raises
    ------
    InputError
        There is no such file, it is no TOML, or something in it is wrong (all of it is listed).

    Examples
    --------
    >>> from geo_bosoc.balance import load_codes
    >>> codes = load_codes()
    >>> [line.tenure for line in codes.tenure if 20 in line.ownership], codes.describes(2024)
    (['social'], True)
    """
    name = str(source)
    shipped = files("geo_bosoc.balance") / "lists" / f"{name}.toml"
    if isinstance(source, str) and name.isidentifier() and shipped.is_file():
        return load_spec(CodeList, shipped)
    return load_spec(CodeList, Path(source))
