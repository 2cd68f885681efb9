"""Dated lists of rules: limits on shares, bans on assignment, and agreements on vacancies."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field

from geo_bosoc.balance.allocation import Ladder
from geo_bosoc.balance.code_lists import FrozenSpec, Status
from geo_bosoc.problems import InputError, Problem, load_spec
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.provenance import Labelled


class ShareRule(FrozenSpec, Labelled):
    """The most that a kind of dwelling may be of all dwellings.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "family-40"``
    limit_pct : float
        The limit. Unit: per cent. Example: ``limit_pct = 40``
    counts : {"family", "social"}
        Which dwellings are counted. Example: ``counts = "family"``
    deadline : str or None
        The day by which it must be met. Example: ``deadline = "2030-01-01"``
    m2_per_dwelling : int
        So much business floor space counts as a dwelling; 0: none counts. Unit: m2.
    demolished_since : int or None
        The year after which demolished dwellings may be counted; left out, none may.
        Example: ``demolished_since = 2010``
    valid_from, valid_to : str or None
        Which days it holds on. Example: ``valid_from = "2018-12-01"`` ``valid_to = "2031-01-01"``
    status : {"H", "M", "A"}
        H from an official source, M from secondary ones, A assumed. Example: ``status = "H"``
    source : str
        Where it comes from. Example: ``source = "The act on social housing, section 168 a"``
    assumption_da, assumption_en : str
        What is assumed in it. Example: ``assumption_da = "Formlen er vores."``
        ``assumption_en = "The formula is ours."``
    check_da, check_en : str
        Written wherever the rule is shown. Example: ``check_da = "Se gældende lov."`` ``check_en = "Check the law."``
    """

    id: str
    limit_pct: float = Field(gt=0, lt=100)
    counts: Literal["family", "social"]
    deadline: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    m2_per_dwelling: int = Field(default=0, ge=0)
    demolished_since: int | None = None
    valid_from: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    valid_to: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    status: Status
    source: str
    assumption_da: str = ""
    assumption_en: str = ""
    check_da: str = ""
    check_en: str = ""


class Ban(FrozenSpec, Labelled):
    """A legal ban on assigning households to areas of some categories.

    Attributes
    ----------
    id : str
        Its id. Example: ``id = "assignment"``
    categories : tuple of str
        The categories of areas. Example: ``categories = ["hard_ghetto"]``
    status : {"H", "M", "A"}
        H from an official source, M from secondary ones, A assumed. Example: ``status = "H"``
    """

    id: str
    categories: tuple[str, ...] = Field(min_length=1)
    status: Status


class RuleLists(FrozenSpec):
    """A dated file of rules.

    Attributes
    ----------
    version : str
        The version that is told. Example: ``version = "2026-01-01"``
    share : tuple of ShareRule
        Limits on shares.
    ban : tuple of Ban
        Bans on assignment.
    ladder : tuple of Ladder
        Agreements on vacancies.
    """

    version: str
    share: tuple[ShareRule, ...] = ()
    ban: tuple[Ban, ...] = ()
    ladder: tuple[Ladder, ...] = ()

    def rule(self, name: str) -> ShareRule:
        """The share rule of this id."""
        return _by_id(self.share, name, 'there is no share rule "{name}".')

    def ladder_of(self, name: str) -> Ladder:
        """The ladder of this id."""
        return _by_id(self.ladder, name, 'there is no ladder "{name}".')


Rule = TypeVar("Rule", ShareRule, Ladder)


def _by_id(rules: tuple[Rule, ...], name: str, missing: str) -> Rule:
    match = next((rule for rule in rules if rule.id == name), None)
    if match is None:
        hint = phrase("There are: {names}.", names=joined(rule.id for rule in rules))
        raise InputError([Problem("error", phrase(missing, name=name), hint=hint)])
    return match


def load_rules(source: str | Path = "rules") -> RuleLists:
    """The rules that are shipped (``"rules"``), or a TOML file of the same shape.

    Parameters
    ----------
    source : str or Path, optional
        ``"rules"``, or the file.

    Returns
    -------
    RuleLists

    Raises
    ------
    InputError
        There is no such file, it is no TOML, or something in it is wrong (all of it is listed).

    Examples
    --------
    >>> from geo_bosoc.balance import load_rules
    >>> load_rules().rule("family-40").limit_pct
    40.0
    """
    shipped = files("geo_bosoc.balance") / "lists" / "rules.toml"
    return load_spec(RuleLists, shipped if source == "rules" else Path(source))
