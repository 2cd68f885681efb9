"""Files are written whole, and a set changes together or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from geo_bosoc.atomic_write.write import OutputFolder, OutputInUse, atomic_file
from geo_bosoc.problems import InputError

NAMES = ("a.csv", "b.xlsx", "c.gpkg")


def fill(folder: OutputFolder, text: str, names: tuple[str, ...] = NAMES) -> None:
    for name in names:
        folder.path(name).write_text(text, encoding="utf-8")


def content(folder: Path) -> dict[str, str]:
    files = sorted(place for place in folder.rglob("*") if place.is_file())
    return {place.relative_to(folder).as_posix(): place.read_text(encoding="utf-8") for place in files}


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    """A folder with a README and the set of an earlier run."""
    folder = tmp_path / "Kort og tal æøå"
    folder.mkdir()
    (folder / "README.md").write_text("keep", encoding="utf-8")
    with OutputFolder(folder) as out:
        fill(out, "old")
    return folder


def lock(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """As Windows does while a program holds a file open: it can neither be moved nor replaced."""
    replace = Path.replace

    def held(self: Path, target: str | os.PathLike[str]) -> Path:
        if self.name in names or (Path(target).name in names and Path(target).exists()):
            raise PermissionError(13, "The process cannot access the file", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)


def test_the_set_is_swapped_in_and_nothing_else_is_left(maps: Path) -> None:
    with OutputFolder(maps) as out:
        fill(out, "new")
        out.path("profiles/A01.html").write_text("new", encoding="utf-8")
        assert content(maps)["a.csv"] == "old"
    expected = {**dict.fromkeys([*NAMES, "profiles/A01.html"], "new"), "README.md": "keep"}
    assert content(maps) == expected
    assert [place.name for place in maps.parent.iterdir()] == [maps.name]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_or_ctrl_c_leaves_the_old_set(maps: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), OutputFolder(maps) as out:
        out.path("a.csv").write_text("half", encoding="utf-8")
        raise error
    assert set(content(maps).values()) == {"old", "keep"}
    assert [place.name for place in maps.parent.iterdir()] == [maps.name]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_open_elsewhere_keeps_the_old_set_with_one_plain_sentence(
    maps: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = content(maps)
    with monkeypatch.context() as held:
        lock(held, name)
        with pytest.raises(OutputInUse) as caught, OutputFolder(maps) as out:
            fill(out, "new")
    assert content(maps) == before
    assert [place.name for place in maps.parent.iterdir()] == [maps.name]
    (problem,) = caught.value.problems
    assert isinstance(caught.value, InputError)
    assert problem.file == name and "open in another program" in str(problem) and "Close it" in str(problem)
    assert str(maps.parent) not in str(caught.value)


def test_an_error_in_the_middle_of_the_swap_rolls_it_back(
    maps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def broken(self: Path, target: str | os.PathLike[str]) -> Path:
        if self.name == "c.gpkg" and ".writing" in str(self.parent):
            raise KeyboardInterrupt
        return replace(self, target)

    before = content(maps)
    with monkeypatch.context() as held:
        held.setattr(Path, "replace", broken)
        with pytest.raises(KeyboardInterrupt), OutputFolder(maps) as out:
            fill(out, "new")
            out.path("0_new.txt").write_text("new", encoding="utf-8")
    assert content(maps) == before


def test_files_of_the_set_that_are_not_written_again_go(maps: Path) -> None:
    with OutputFolder(maps, owned=NAMES) as out:
        fill(out, "new", ("a.csv",))
    assert content(maps) == {"README.md": "keep", "a.csv": "new"}


def test_a_machine_that_stopped_in_the_middle_gets_its_old_files_back(maps: Path) -> None:
    aside = maps.parent / f".{maps.name}.before"
    aside.mkdir()
    (maps / "a.csv").replace(aside / "a.csv")
    (maps / "a.csv").write_text("new", encoding="utf-8")
    with pytest.raises(RuntimeError), OutputFolder(maps):
        assert content(maps)["a.csv"] == "old"
        raise RuntimeError


def test_names_stay_inside_the_folder(maps: Path) -> None:
    with OutputFolder(maps) as out:
        for name in ("../x", "/etc/x"):
            with pytest.raises(ValueError, match="not a name inside"):
                out.path(name)
    with pytest.raises(RuntimeError):
        out.path("a.csv")


def test_one_file_is_whole_or_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "new folder" / "x.csv"
    with atomic_file(target) as draft:
        draft.write_text("one", encoding="utf-8")
    with pytest.raises(RuntimeError), atomic_file(target) as draft:
        draft.write_text("ha", encoding="utf-8")
        raise RuntimeError
    lock(monkeypatch, "x.csv")
    with pytest.raises(OutputInUse), atomic_file(target) as draft:
        draft.write_text("two", encoding="utf-8")
    assert content(tmp_path) == {"new folder/x.csv": "one"}
