"""Names that were probably meant where one was given that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable

from geo_bosoc.problems.messages import Message, listed, phrase


def near_names(
    name: str,
    names: Iterable[str],
    *,
    count: int = 1,
    cutoff: float = 0.6,
    fold: Callable[[str], str] = str.casefold,
) -> list[str]:
    """The names most like `name`, the nearest first; those that differ in spelling only (`fold`) before all others.

    Parameters
    ----------
    name : str
        The name that was given.
    names : iterable of str
        The names that there are.
    count : int
        How many are returned at most.
    cutoff : float
        How like they must be, from 0 to 1.
    fold : callable
        What a name is compared as: without capitals where nothing else is given.

    Returns
    -------
    list of str
        As they are spelled in `names`.

    Examples
    --------
    >>> near_names("helth", ["health", "wealth", "age"], count=2)
    ['health', 'wealth']
    >>> near_names("WHOLE", ["hole", "whole"], count=2)
    ['whole']
    """
    spellings: dict[str, list[str]] = {}
    for spelling in names:
        spellings.setdefault(fold(spelling), []).append(spelling)
    folded = fold(name)
    if folded in spellings:
        return spellings[folded]
    nearest = difflib.get_close_matches(folded, list(spellings), count, cutoff)
    return [spelling for match in nearest for spelling in spellings[match]][:count]


def did_you_mean(
    name: str,
    names: Iterable[str],
    *,
    count: int = 1,
    cutoff: float = 0.6,
    fold: Callable[[str], str] = str.casefold,
) -> Message | None:
    """The hint for a name that is not known, None where no name is near; the parameters are those of `near_names`.

    Examples
    --------
    >>> did_you_mean("nmae", ["name", "kind"])
    'Did you mean "name"?'
    """
    nearest = near_names(name, names, count=count, cutoff=cutoff, fold=fold)
    quoted = listed([f'"{spelling}"' for spelling in nearest], "or")
    return phrase("Did you mean {names}?", names=quoted) if nearest else None
