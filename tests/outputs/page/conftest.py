"""Headless Chromium for tests that open a page, with the network off and everything it does written down."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Opened:
    """A page in the browser, the addresses it asked for, and what went wrong in it."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _missing(why: str) -> None:
    if os.environ.get("GEO_BOSOC_CI") == "1":
        pytest.fail(f"{why}, and GEO_BOSOC_CI=1 asks for it")
    pytest.skip(why)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium: the one GEO_BOSOC_CHROMIUM names, or the one on the path. Without it the test is skipped."""
    program = os.environ.get("GEO_BOSOC_CHROMIUM") or shutil.which("chromium")
    if not program:
        _missing("no Chromium: set GEO_BOSOC_CHROMIUM to its path")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed")
    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Opened]]:
    """``open_page(path, phone=False)`` opens a file with the network off and gives an `Opened`."""
    contexts = []

    def opening(path: Path, phone: bool = False, address: str = "") -> Opened:
        context = browser.new_context(
            offline=True, viewport=PHONE if phone else DESKTOP, has_touch=phone, is_mobile=phone
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.on(
            "console",
            lambda message: (
                opened.errors.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        opened.page.goto(path.as_uri() + (f"#{address}" if address else ""))
        opened.page.wait_for_selector("html[data-ready]", state="attached")
        return opened

    yield opening
    for context in contexts:
        context.close()
