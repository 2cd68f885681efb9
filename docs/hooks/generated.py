"""Generated pages: one for each TOML table, command, model and namespace; and one of every column of the outputs."""

from __future__ import annotations

from functools import cache

from api_pages import api_pages
from column_page import column_page
from command_pages import command_pages
from model_pages import model_pages
from reference_pages import reference_pages


@cache
def pages() -> dict[str, str]:
    """Markdown by path, in the order in which the navigation has them."""
    return {**command_pages(), **reference_pages(), **column_page(), **model_pages(), **api_pages()}
