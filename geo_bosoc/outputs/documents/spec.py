"""`[documents]` in `bosoc.toml`: which papers a run writes, and in what dress."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Form = Literal["docx", "html"]


class StaticMapsPart(BaseModel):
    """`[documents.maps]`: maps as pictures, for papers.

    Attributes
    ----------
    themes : tuple of str
        Ids of models and indicators; left out, the categories of every model, or without a model every indicator.
        Example: ``themes = ["aarhus-2018", "safety"]``
    periods : tuple of str
        Which periods; left out, the last one. Example: ``periods = ["2023", "2024"]``
    sizes : tuple of {"A4", "A3"}
        Sizes of paper. Example: ``sizes = ["A4", "A3"]``
    formats : tuple of {"png", "svg", "pdf"}
        Kinds of files. Example: ``formats = ["png", "pdf"]``
    small_multiples : bool
        Whether a sheet with all periods side by side is made of each theme too.
    font : str or None
        The letters, by the name of a font that is installed where the maps are made; left out, DejaVu Sans, which
        makes the same files everywhere. Example: ``font = "Arial"``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    themes: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    sizes: tuple[Literal["A4", "A3"], ...] = Field(default=("A4",), min_length=1)
    formats: tuple[Literal["png", "svg", "pdf"], ...] = Field(default=("png",), min_length=1)
    small_multiples: bool = False
    font: str | None = Field(default=None, min_length=1)


class DocumentsPart(BaseModel):
    """`[documents]`: the papers that a run writes beside maps and tables: report, profiles, maps as pictures.

    Attributes
    ----------
    report : bool
        The yearly report.
    profiles : bool or tuple of str
        A profile of every assessed area, or of those whose ids are given. Example: ``profiles = ["0001", "0002"]``
    dialogue : tuple of str
        The groups of areas (`[groups]`) that a pack for the yearly dialogue is made of, for the internal set: those of
        housing organisations. Example: ``dialogue = ["organisation_north"]``
    formats : tuple of {"docx", "html"}
        Word, and HTML that prints. Example: ``formats = ["docx"]``
    template : str or None
        A Word file (``.docx`` or ``.dotx``) whose styles, logo, header and footer the documents take.
        Example: ``template = "letterhead.dotx"``
    words : str or None
        A CSV with ``area_id, words``: what the local coordinators write in the profiles' box.
        Example: ``words = "coordinators.csv"``
    agreed : str or None
        A CSV with ``group, period, text, status``: what was agreed with each group, for the dialogue.
        Example: ``agreed = "agreed.csv"``
    maps : StaticMapsPart or None
        Maps as pictures.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    report: bool = False
    profiles: bool | tuple[str, ...] = False
    dialogue: tuple[str, ...] = ()
    formats: tuple[Form, ...] = Field(default=("docx", "html"), min_length=1)
    template: str | None = Field(default=None, min_length=1)
    words: str | None = Field(default=None, min_length=1)
    agreed: str | None = Field(default=None, min_length=1)
    maps: StaticMapsPart | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it names."""
        return tuple(name for name in (self.template, self.words, self.agreed) if name is not None)
