"""What MkDocs does when the site is built: generated pages join those that are written."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from generated import pages
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from site_checks import fetches

_log = logging.getLogger("mkdocs.hooks.site")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Entries ``commands/*`` of the navigation become the generated pages of that folder."""
    config.nav = [_expanded(entry) for entry in config.nav or []]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Generated pages are files of the site."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """A page that fetches from a host is a warning, and so an error of the build."""
    for part in fetches(output):
        _log.warning(f"{page.file.src_uri}: fetches from a host: {part}")
    return output


def _expanded(entry: Any) -> Any:
    if isinstance(entry, dict):
        ((title, part),) = entry.items()
        if isinstance(part, list):
            part = [page for each in part for page in _pages(each)]
        elif part.endswith("/*"):
            part = _pages(part)
        return {title: part}
    return entry


def _pages(entry: Any) -> list[Any]:
    """The generated pages of a folder, those of folders within it left aside; another entry as it is."""
    if not (isinstance(entry, str) and entry.endswith("/*")):
        return [_expanded(entry)]
    folder = entry.removesuffix("*")
    return [path for path in pages() if path.startswith(folder) and "/" not in path.removeprefix(folder)]
