"""Progress: how much is done, how long it will take, and silence about what is over at once."""

from __future__ import annotations

import functools
import io

import pytest
from rich.console import Console

from geo_bosoc import progress
from geo_bosoc.progress import Steps, in_words, time_left
from geo_bosoc.text.messages import in_language


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def test_a_long_step_tells_how_much_is_done_and_how_long_it_takes(clock: Clock) -> None:
    written = io.StringIO()
    with Steps(Console(file=written, width=200)) as steps:
        steps.step("counting", 4, 6)
        for done in range(1, 10):
            clock.now = done * 6.0
            steps.part(done, 10)
        clock.now = 60.0
        steps.step("categorising", 5, 6)
        clock.now = 61.0
    lines = written.getvalue().splitlines()
    assert lines[0] == "4/6 counting: 20 %, about 48 s left"
    assert lines[-1] == "4/6 counting: 60.0 s"
    assert len(lines) == 5
    assert not any("categorising" in line for line in lines)


def test_a_long_step_is_told_in_danish(clock: Clock) -> None:
    written = io.StringIO()
    with Steps(Console(file=written, width=200), functools.partial(in_language, language="da")) as steps:
        steps.step("tæller", 4, 6)
        clock.now = 12.0
        steps.part(2, 10)
        clock.now = 60.0
    assert written.getvalue().splitlines() == ["4/6 tæller: 20 %, ca. 48 s tilbage", "4/6 tæller: 60,0 s"]


def test_short_steps_say_nothing(clock: Clock) -> None:
    written = io.StringIO()
    with Steps(Console(file=written, width=200)) as steps:
        steps.step("counting", 4, 6)
        clock.now = 1.5
        steps.part(1, 100)
    assert written.getvalue() == ""


def test_time_left_needs_something_done_and_something_left() -> None:
    assert time_left(0, 10, 5.0) is None
    assert time_left(10, 10, 5.0) is None
    assert time_left(5, 10, 5.0) == 5.0
    assert in_words(3599) == "60 min"
