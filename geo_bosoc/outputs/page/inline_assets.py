"""A page that holds all it needs: our files and Leaflet's put into it, and a check that nothing is fetched.

Text from registers and boundaries goes into a page by `json_script` only: as data that scripts read and
set as text, never as HTML, as a script or as a template.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import xstatic.pkg.leaflet
from branca.element import Element

from geo_bosoc.text.packed import pack

CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""Tells the browser to contact no host, whatever a later change puts into the page."""

_URL: Final = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)", re.IGNORECASE | re.DOTALL)
_HOST: Final = re.compile(r"(?:https?|wss?|ftp):(?:\\?/){2}[^\s'\"`<>\\)]*", re.IGNORECASE)
_LOADING: Final = frozenset(
    [
        "src",
        "srcset",
        "data",
        "poster",
        "background",
        "action",
        "formaction",
        "xlink:href",
        "manifest",
        "ping",
    ]
)
_NAMES_ONLY: Final = ("http://www.w3.org/", "https://leafletjs.com")
_MEDIA: Final = {".png": "image/png", ".svg": "image/svg+xml", ".gif": "image/gif"}


class NotSelfContained(RuntimeError):
    """A page would fetch something; `found` lists what, each with the place it stands."""

    def __init__(self, addresses: list[str]) -> None:
        self.addresses = tuple(addresses)
        super().__init__("the page is not self-contained:\n" + "\n".join(f"- {place}" for place in addresses))


class Raw(Element):
    """Text put into a Folium page as it is: what a macro returns Folium reads as a template once more."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._name = "Raw"
        self.text = text

    def render(self, **kwargs: Any) -> str:
        """The text."""
        return self.text


@cache
def page_file(name: str) -> str:
    """The text of one of our own files under ``page/``."""
    return files("geo_bosoc.outputs.page").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def leaflet() -> tuple[str, str]:
    """Leaflet's style sheet and script as XStatic-Leaflet carries them, made to refer to no other file.

    Images become ``data:`` addresses; the rule for Internet Explorer's VML and the name of the source map go.
    """
    folder = Path(xstatic.pkg.leaflet.BASE_DIR)
    css = (folder / "leaflet.css").read_text(encoding="utf-8")
    css = re.sub(r"[ \t]*behavior\s*:[^;]*;", "", css)
    css = _URL.sub(lambda match: f"url({_data_address(folder / match.group(2))})", css)
    script = (folder / "leaflet.js").read_text(encoding="utf-8")
    script = re.sub(r"^//# sourceMappingURL=.*$", "", script, flags=re.MULTILINE)
    return css.strip(), script.strip()


def _data_address(path: Path) -> str:
    content = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"data:{_MEDIA[path.suffix]};base64,{content}"


def style(text: str) -> str:
    """A ``<style>`` element holding `text`."""
    return f"<style>\n{_unbroken(text, 'style')}\n</style>"


def script(text: str) -> str:
    """A ``<script>`` element holding `text`."""
    return f"<script>\n{_unbroken(text, 'script')}\n</script>"


def _unbroken(text: str, tag: str) -> str:
    if re.search(rf"</{tag}|<!--", text, re.IGNORECASE):
        raise ValueError(f"this text cannot stand in a {tag} element: it would end or confuse it")
    return text


def json_script(identifier: str, data: Any) -> str:
    r"""A ``<script type="application/json">`` holding `data`, safe whatever text is in it.

    Every ``<``, ``>``, ``&``, U+2028 and U+2029 is written as an escape, so that no name can end the element.

    >>> json_script("d", {"name": "</script>"})
    '<script type="application/json" id="d">{"name":"\\u003c/script\\u003e"}</script>'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{identifier}">{text}</script>'


def packed_script(identifier: str, data: Any) -> str:
    """As `json_script`, with the data packed (`geo_bosoc.text.packed`): it holds letters and digits alone."""
    return json_script(identifier, pack(data))


def check_self_contained(html: str) -> None:
    """Raise `NotSelfContained` where a page would load anything that is not in it.

    Looked at are attributes that load (``src``, ``srcset``, ``data``, ``href`` of all but links to follow
    ...), ``url()`` and ``@import`` in styles, addresses in scripts, and refreshing ``meta`` elements. Data
    scripts are text and may name any address.
    """
    addresses = sorted(set(_Reader.read(html)))
    if addresses:
        raise NotSelfContained(addresses)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.addresses: list[str] = []
        self._inside: str | None = None

    @classmethod
    def read(cls, html: str) -> list[str]:
        reader = cls()
        reader.feed(html)
        reader.close()
        return reader.addresses

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        for name, value in attributes.items():
            loads = name in _LOADING or (name == "href" and tag not in ("a", "area"))
            if loads and not _is_inline(value):
                self.addresses.append(f"<{tag} {name}={value[:80]!r}>")
            if name == "style":
                self.addresses += [f"<{tag} style>: {place}" for place in _in_css(value)]
        if tag == "meta" and attributes.get("http-equiv", "").lower() == "refresh":
            self.addresses.append("<meta http-equiv='refresh'>")
        if tag == "style":
            self._inside = "style"
        elif tag == "script":
            self._inside = "data" if attributes.get("type") == "application/json" else "script"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.addresses += [f"<style>: {place}" for place in _in_css(data)]
        elif self._inside == "script":
            hosts = (match.group() for match in _HOST.finditer(data))
            self.addresses += [f"<script>: {host[:80]}" for host in hosts if not host.startswith(_NAMES_ONLY)]


def _is_inline(address: str) -> bool:
    return address.strip().lower().startswith(("data:", "#"))


def _in_css(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        if not _is_inline(match.group(2)):
            yield f"url({match.group(2)[:80]})"
    if re.search(r"@import", text, re.IGNORECASE):
        yield "@import"
