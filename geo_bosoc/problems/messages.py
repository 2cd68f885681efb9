"""Messages that can be said in another language: a template in English, and the values that fill it.

A `Message` is its English text, so that it is used like any other; it remembers the template and the values, by which
`geo_bosoc.text.in_language` says it in Danish. A text without values needs none of this: it is its own template.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

_FORMATTER: Final = string.Formatter()


class Message(str):
    """A text in English that knows the template and the values it was made of.

    Attributes
    ----------
    template : str
        The text with ``{placeholders}``.
    values : mapping of str to object
        What stands in them: numbers, names, or messages.
    danish : str or None
        Its Danish, where a file gives both (see `bilingual`).
    """

    template: str
    values: Mapping[str, object]
    danish: str | None = None

    def __add__(self, other: str) -> Message:
        """This message and then another, as one.

        >>> (phrase("{count} rows", count=2) + ", none empty").template
        '{part_0}{part_1}'
        """
        return joined([self, as_message(other)], "")

    def __radd__(self, other: str) -> Message:
        return joined([as_message(other), self], "")


def phrase(template: str, /, **values: object) -> Message:
    """A message from its template and the values for its placeholders.

    Parameters
    ----------
    template : str
        The text in English, with ``{placeholders}`` and format specifications as in `str.format`. Without values it
        is taken as it stands, braces and all.
    **values : object
        Numbers, names, or messages: a part that is a word of the program is a message of its own, so that it is said
        in the other language too.

    Returns
    -------
    Message
        Its text is the template, filled.

    Examples
    --------
    >>> phrase("{rows} without {column}.", rows=count_text(3, "row"), column="age")
    '3 rows without age.'
    """
    text = Message(fill_template(template, values))
    text.template, text.values = template, values
    return text


def bilingual(english: str, danish: str) -> Message:
    """A text that a file gives in both languages, a name or an assumption; where one is empty it is the other.

    >>> bilingual("Convictions", "Domme").danish, bilingual("", "Domme")
    ('Domme', 'Domme')
    """
    message = phrase(english or danish)
    message.danish = danish or english
    return message


def as_message(text: str) -> Message:
    """A text of the program as a message; one that has no values is its own template.

    >>> as_message("there is no such file.").template
    'there is no such file.'
    """
    return text if isinstance(text, Message) else phrase(text)


def fill_template(
    template: str,
    values: Mapping[str, object],
    say: Callable[[Any, str], str] = format,
) -> str:
    """A template with its values put in.

    Parameters
    ----------
    template : str
        As in `phrase`.
    values : mapping of str to object
        As in `phrase`.
    say : callable, optional
        How a value is written, given its format specification.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> fill_template("{count:,} of {name}", {"count": 1204, "name": "areas"})
    '1,204 of areas'
    """
    if not values:
        return template
    parts = []
    for literal, name, spec, _ in _FORMATTER.parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(say(values[name], spec or ""))
    return "".join(parts)


def has_words(text: str) -> bool:
    """Whether a message says anything of its own, besides its values.

    >>> has_words(joined(["a", "b"])), has_words(count_text(2, "row")), has_words("no file")
    (False, True, True)
    """
    message_text = as_message(text)
    if not message_text.values:
        return any(sign.isalpha() for sign in message_text)
    return any(sign.isalpha() for literal, *_ in _FORMATTER.parse(message_text.template) for sign in literal)


def joined(parts: Iterable[str], separator: str = ", ") -> Message:
    """Texts after each other, each said in the language of the whole.

    >>> joined(["a", "b"], "; ")
    'a; b'
    """
    values = {f"part_{number}": part for number, part in enumerate(parts)}
    return phrase(separator.join(f"{{{name}}}" for name in values), **values)


def listed(parts: Iterable[str], conjunction: str = "and") -> Message:
    """A list as a sentence has it.

    Parameters
    ----------
    parts : iterable of str
        Names or messages.
    conjunction : {"and", "or"}, optional
        What stands before the last.

    Returns
    -------
    Message
        The list.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or"), listed(["a"])
    ('a, b and c', 'a or b', 'a')
    """
    *first, last = list(parts) or [""]
    if not first:
        return joined([last])
    template = "{first} or {last}" if conjunction == "or" else "{first} and {last}"
    return phrase(template, first=joined(first), last=last)


def count_text(count: int, noun: str, plural: str | None = None) -> Message:
    """A number with its noun, in the singular for one.

    Parameters
    ----------
    count : int
        How many.
    noun : str
        What, in the singular.
    plural : str, optional
        What, in the plural; with an s where nothing is given.

    Returns
    -------
    Message
        The text; its templates, such as ``{count:,} rows``, are in the catalogue of messages.

    Examples
    --------
    >>> count_text(1, "row"), count_text(1204, "row"), count_text(2, "address", "addresses")
    ('1 row', '1,204 rows', '2 addresses')
    """
    return phrase("{count:,} " + (noun if count == 1 else plural or f"{noun}s"), count=count)


def with_values(text: str, change: Callable[[str], str]) -> str:
    """A text with a change made to every name in it; a message stays one.

    >>> with_values(phrase("no column {name}.", name="age"), str.upper)
    'no column AGE.'
    """
    if not isinstance(text, Message):
        return change(text)
    if text.danish is not None:
        return bilingual(change(text), change(text.danish))
    values = {
        name: with_values(value, change) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return phrase(text.template, **values)
