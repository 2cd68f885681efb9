"""Where a figure or a rule comes from, and what is assumed in it, in Danish and English."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator


class ShortRepr(BaseModel):
    """A specification that shows by which names it goes, not all that it says (`model_dump` does that)."""

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """Its id, version, kind and unit, as far as it has them; else what was given."""
        fields = type(self).model_fields
        names = [name for name in ("id", "version", "kind", "unit") if name in fields]
        shown = names if "id" in fields else sorted(self.model_fields_set)
        return [(name, getattr(self, name)) for name in shown if getattr(self, name) is not None]


class Labelled(ShortRepr):
    """What has a name in Danish or English, or both: where one is missing, the other is shown.

    Attributes
    ----------
    label_da, label_en : str
        Its name in Danish and in English; one of them is enough. Example: ``label_da = "På listen"``
        ``label_en = "Listed"``
    """

    label_da: str = ""
    label_en: str = Field(default="", validate_default=True)

    @field_validator("label_en")
    @classmethod
    def _has_label(cls, value: str, info: ValidationInfo) -> str:
        if not (value or info.data.get("label_da", "wrong in itself")):
            raise ValueError("a name is missing: give label_da or label_en.")
        return value

    def label(self, language: str) -> str:
        """The name in ``da`` or ``en``; the other one where it is missing."""
        return in_language(self.label_en, self.label_da, language)


class Provenance(ShortRepr):
    """What an indicator, a model or a part of a model tells of itself: its source, and what is assumed in it.

    Where only one language is given, it is shown in both: an assumption must never go untold for want of a translation.

    Attributes
    ----------
    source, source_da : str
        Where it comes from, in English and in Danish. Example: ``source = "Statistics Denmark"``
        ``source_da = "Danmarks Statistik"``
    assumption, assumption_da : str or None
        What is assumed in it, in English and in Danish; it is told wherever the result is shown.
        Example: ``assumption = "The age limit."`` ``assumption_da = "Aldersgrænsen."``
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = ""
    source_da: str = ""
    assumption: str | None = None
    assumption_da: str | None = None

    def source_text(self, language: str) -> str:
        """The source, in ``da`` or ``en``; empty where none is given.

        >>> Provenance(source="The police", source_da="Politiet").source_text("da")
        'Politiet'
        >>> Provenance(source="The police").source_text("da")
        'The police'
        """
        return in_language(self.source, self.source_da, language)

    def assumption_text(self, language: str) -> str:
        """What is assumed, in ``da`` or ``en``; empty where nothing is."""
        return in_language(self.assumption, self.assumption_da, language)


def gathered(parts: Iterable[tuple[str, Provenance]], language: str) -> list[tuple[str, str]]:
    """Every assumption once, with the labels of all parts that rest on it; in the order of the parts.

    >>> cut = Provenance(assumption="The cut-off.")
    >>> gathered([("Red", cut), ("Orange", cut), ("Green", Provenance())], "en")
    [('Red, Orange', 'The cut-off.')]
    """
    labels: dict[str, dict[str, None]] = {}
    for label, part in parts:
        text = part.assumption_text(language)
        if text:
            labels.setdefault(text, {})[label] = None
    return [(", ".join(filter(None, names)), text) for text, names in labels.items()]


def in_language(english: str | None, danish: str | None, language: str) -> str:
    """The text in ``da`` or ``en``; the other one where it is missing, and nothing where both are.

    >>> in_language("the statute", "loven", "da"), in_language("", "loven", "en"), in_language(None, None, "da")
    ('loven', 'loven', '')
    """
    first, second = (danish, english) if language == "da" else (english, danish)
    return first or second or ""
