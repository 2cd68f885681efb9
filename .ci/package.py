"""Build the package, install it as a user does, and run a new project with it, outside of the checkout.

    python .ci/package.py [--python 3.11 --python 3.13] [--pair] [--keep FOLDER]

The source distribution is built, and the wheel from it, so that what either lacks is missed here. For each version of
Python that the machine has, the wheel is installed in a fresh environment, without extras, and
``geo-bosoc --version``, ``init``, ``check`` and ``run`` are called, with pandas 3 and with pandas 2; all of them must
write the same tables. ``--pair`` tries the oldest Python with the oldest pandas and the newest with the newest, which
finds most of what all combinations find. A version of Python that is not there is skipped, which is said, and none is
fetched; where one alone is there it is tried with both of pandas. Two are tried at a time. It says what an installation
takes of the disk and, at the end, the time that all took.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.13")
PANDAS = ("pandas<3", "pandas>=3")
"""Both from the oldest to the newest."""
KINDS = ("persons", "tables")
COMPARED = ("categories.csv", "criteria.csv", "categories.xlsx", "risk_map.html")
LARGEST = 12


def main() -> None:
    """Build, install, run; the first command that fails ends it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", action="append", help="a version; 3.11 and 3.13 where none is given")
    parser.add_argument(
        "--pair", action="store_true", help="the oldest with the oldest, the newest with the newest"
    )
    parser.add_argument("--keep", type=Path, help="an empty folder to work in, which is kept")
    given = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="geo-bosoc-package-") as temporary:
        folder = given.keep.resolve() if given.keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        pythons = find_pythons(given.python or PYTHONS)
        builder, wheel = build(folder)
        with ThreadPoolExecutor(max_workers=2) as workers:
            tries = [
                workers.submit(
                    try_installation,
                    folder / f"python-{version}",
                    version,
                    interpreter,
                    builder,
                    wheel,
                    pandas_of(version, pythons, pair=given.pair),
                )
                for version, interpreter in pythons.items()
            ]
        tables = {name: hashes for each in tries for name, hashes in each.result().items()}
    if not tables:
        sys.exit("no version of Python to try it with")
    different = {name for name in tables if tables[name] != next(iter(tables.values()))}
    if different:
        sys.exit(f"other tables with {', '.join(sorted(different))} than with {next(iter(tables))}")
    say(f"the same {', '.join(COMPARED)} with {'; '.join(tables)}")
    used = os.times()
    processor = used.children_user + used.children_system
    say(f"{time.perf_counter() - began:.0f} s, of the processor {processor:.0f} s")


def pandas_of(version: str, pythons: Collection[str], *, pair: bool) -> Sequence[str]:
    """What is tried with a version of Python: all of pandas or, in a pair, the oldest or the newest."""
    if not pair or len(pythons) == 1:
        return PANDAS
    return PANDAS[:1] if version == next(iter(pythons)) else PANDAS[1:]


def build(folder: Path) -> tuple[Path, Path]:
    """The interpreter of the environment that builds, whose pip serves all others, and the wheel: from the source
    distribution, which is built first."""
    began = time.perf_counter()
    python = new_environment(folder / "build", Path(sys.executable), with_pip=True)
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"][
        "requires"
    ]
    install(python, python, "build", *requires)
    call(python, "-m", "build", "--no-isolation", "--outdir", folder / "dist", ROOT)
    (source,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    for file in (source, wheel):
        say(f"built {file.name}, {file.stat().st_size / 1e6:.1f} MB, {time.perf_counter() - began:.0f} s")
    return python, wheel


def try_installation(
    place: Path, version: str, interpreter: Path, builder: Path, wheel: Path, pandas_versions: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Install the wheel and run new projects with each of pandas; the hashes of what was written, by surroundings."""
    python = new_environment(place / "environment", interpreter)
    tables = {}
    for number, pandas in enumerate(pandas_versions):
        began = time.perf_counter()
        install(builder, python, *([] if number else [wheel]), pandas)
        if not number:
            say_sizes(python)
        installed = call(
            python, "-c", "import pandas, geo_bosoc; print(pandas.__version__, geo_bosoc.__file__)"
        )
        pandas_version, module = installed.split(maxsplit=1)
        if ROOT in Path(module.strip()).parents:
            sys.exit("the checkout was imported, and not what is installed")
        command = next(path for path in python.parent.iterdir() if path.stem == "geo-bosoc")
        call(command, "--version")
        surroundings = f"Python {version}, pandas {pandas_version}"
        tables[surroundings] = {}
        for kind in KINDS:
            project = place / f"{kind} {number} æøå"
            call(command, "init", project, "--with", kind)
            call(command, "check", "--project", project)
            call(command, "run", "--project", project)
            for name in COMPARED:
                content = (project / "maps" / name).read_bytes()
                tables[surroundings][f"{kind}/{name}"] = hashlib.sha256(content).hexdigest()
        say(f"{surroundings}: init, check and run, {time.perf_counter() - began:.0f} s")
    return tables


def find_pythons(versions: Sequence[str]) -> dict[str, Path]:
    """The interpreters of these versions that the machine has; which it lacks is said."""
    interpreters = {version: find_python(version) for version in versions}
    for version, interpreter in interpreters.items():
        if interpreter is None:
            say(f"Python {version} is not on this machine: skipped")
    return {version: interpreter for version, interpreter in interpreters.items() if interpreter is not None}


def find_python(version: str) -> Path | None:
    """The interpreter of a version: this one, one on the path, one of pyenv's, or one that Windows' launcher knows."""
    of_pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    candidates = [
        [sys.executable],
        [f"python{version}"],
        ["py", f"-{version}"],
        *([str(each)] for each in of_pyenv),
    ]
    for candidate in candidates:
        if shutil.which(candidate[0]) is None:
            continue
        code = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"
        done = subprocess.run([*candidate, "-c", code], capture_output=True, encoding="utf-8", check=False)
        if done.returncode == 0 and done.stdout.startswith(f"{version} "):
            return Path(done.stdout.split(maxsplit=1)[1].strip())
    return None


def new_environment(folder: Path, interpreter: Path, *, with_pip: bool = False) -> Path:
    """The interpreter of a fresh virtual environment."""
    call(interpreter, "-m", "venv", *([] if with_pip else ["--without-pip"]), folder)
    return next(path for path in (folder / "bin/python", folder / "Scripts/python.exe") if path.exists())


def install(builder: Path, python: Path, *requirements: str | Path) -> None:
    """Install with the pip of one environment in another; a module is compiled when it is first imported."""
    pip = (builder, "-m", "pip", "--python", python)
    call(*pip, "install", "--quiet", "--no-compile", *requirements)


def call(*command: str | Path) -> str:
    """What a command prints; it runs outside of the checkout, and nothing of the checkout is on its path."""
    surroundings = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    surroundings |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=tempfile.gettempdir(),
        env=surroundings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}\nended with {done.returncode}")
    return done.stdout


def say_sizes(python: Path) -> None:
    """What the installed packages take of the disk, the largest first."""
    site = Path(call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    sizes = {path.name: size_of(path) for path in site.iterdir() if not path.name.endswith(".dist-info")}
    largest = sorted(sizes, key=lambda name: -sizes[name])[:LARGEST]
    shown = ", ".join(f"{name} {sizes[name] / 1e6:.0f}" for name in largest)
    say(f"installed: {sum(sizes.values()) / 1e6:.0f} MB, of it {shown}")


def size_of(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
