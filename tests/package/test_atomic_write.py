"""Files are written whole, and a set changes together or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from geo_bosoc.atomic_write import swap
from geo_bosoc.atomic_write.errors import OutputInUse, OutputNotWritten
from geo_bosoc.atomic_write.write import OutputFolder, atomic_file, recover
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
        if self.name == "c.gpkg" and self.parent.name.startswith("new"):
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


def test_a_file_that_can_be_neither_replaced_nor_put_back_is_put_in_order_by_the_next_command(
    maps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def broken(self: Path, target: str | os.PathLike[str]) -> Path:
        if self.name == "c.gpkg" and self.parent != maps:
            raise PermissionError(13, "The process cannot access the file")
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", broken)
        with pytest.raises(OutputNotWritten, match="next command") as caught, OutputFolder(maps) as out:
            fill(out, "new")
        assert caught.value.problems[0].file == "c.gpkg"
        with pytest.raises(OutputInUse):
            recover(maps)
    recover(maps)
    assert content(maps) == {**dict.fromkeys(NAMES, "new"), "README.md": "keep"}
    assert [place.name for place in maps.parent.iterdir()] == [maps.name]


def test_several_folders_change_together(maps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = maps.with_name("inside")
    with OutputFolder(maps, others={inside: ()}) as out:
        fill(out, "new")
        out.path("a.csv", inside).write_text("new", encoding="utf-8")
    assert content(inside) == {"a.csv": "new"}
    before = content(maps.parent)
    with monkeypatch.context() as patched:
        lock(patched, "x.csv")
        (inside / "x.csv").write_text("held", encoding="utf-8")
        with pytest.raises(OutputInUse), OutputFolder(maps, others={inside: ["x.csv"]}) as out:
            fill(out, "newer")
    (inside / "x.csv").unlink()
    assert content(maps.parent) == before
    with OutputFolder(maps, others={inside: ["a.csv"]}) as out:
        fill(out, "newest")
    assert not inside.exists()  # nothing of the set is left in it
    assert [place.name for place in maps.parent.iterdir()] == [maps.name]


@pytest.mark.parametrize("why", ["another disk", "not writable"])
def test_where_nothing_can_wait_beside_the_folder_it_waits_within(
    maps: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    replace, touch = Path.replace, Path.touch

    def across(self: Path, target: str | os.PathLike[str]) -> Path:
        if (maps in self.parents) != (maps in Path(target).parents):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return replace(self, target)

    def refuse(self: Path) -> None:
        if self.parent == maps.parent:
            raise PermissionError(errno.EACCES, "Permission denied")
        touch(self)

    if why == "another disk":
        monkeypatch.setattr(Path, "replace", across)
    else:
        monkeypatch.setattr(Path, "touch", refuse)
    with OutputFolder(maps) as out:
        fill(out, "new")
        assert maps in out.path("a.csv").parents
    assert content(maps) == {**dict.fromkeys(NAMES, "new"), "README.md": "keep"}
    assert [place.name for place in maps.parent.iterdir()] == [maps.name]


def test_new_files_are_written_through_before_old_ones_go(
    maps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    replace = Path.replace

    def moved(self: Path, target: str | os.PathLike[str]) -> Path:
        calls.append(f"move {self.name}")
        return replace(self, target)

    monkeypatch.setattr(swap, "sync_file", lambda path: calls.append(f"sync {path.name}"))
    monkeypatch.setattr(swap, "sync_folder", lambda path: calls.append(f"sync {path.name}"))
    monkeypatch.setattr(Path, "replace", moved)
    with OutputFolder(maps, marks=["c.gpkg"]) as out:
        fill(out, "new")
        calls.clear()
    moves = [call for call in calls if call.startswith("move") and "journal" not in call]
    order = ["c.gpkg", "a.csv", "b.xlsx", "a.csv", "b.xlsx", "c.gpkg"]  # the mark goes first and comes last
    assert moves == [f"move {name}" for name in order]
    first, journal = calls.index(moves[0]), calls.index("move journal.draft")
    for name in (*NAMES, "new0"):
        assert calls.index(f"sync {name}") < journal < first
    last = len(calls) - calls[::-1].index("move c.gpkg") - 1
    assert f"sync {maps.name}" in calls[first:last] and f"sync {maps.name}" in calls[last:]


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
