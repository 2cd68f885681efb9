"""Build the package, install it as a user does, and run a new project with it, outside of the checkout.

    python .ci/package.py [--python 3.11 --python 3.13] [--keep FOLDER]

The source distribution is built, and the wheel from it, so that what either lacks is missed here. For each version of
Python that the machine has, the wheel is installed in a fresh environment, without extras, and
``geo-bosoc --version``, ``init``, ``check`` and ``run`` are called, with pandas 3 and with pandas 2; all of them must
write the same tables. A version of Python that is not there is skipped, which is said; none is fetched. At the end
stands what an installation takes of the disk.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PANDAS = ("pandas>=3", "pandas<3")
KINDS = ("persons", "tables")
COMPARED = ("categories.csv", "criteria.csv", "categories.xlsx", "risk_map.html")
LARGEST = 12


def main() -> None:
    """Build, install, run; the first command that fails ends it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", action="append", help="a version; 3.11 and 3.13 where none is given")
    parser.add_argument("--keep", type=Path, help="an empty folder to work in, which is kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="geo-bosoc-package-") as temporary:
        folder = given.keep.resolve() if given.keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        wheel = build(folder)
        tables: dict[str, dict[str, str]] = {}
        for version in given.python or ("3.11", "3.13"):
            interpreter = find_python(version)
            if interpreter is None:
                say(f"Python {version} is not on this machine: skipped")
                continue
            tables |= try_installation(folder, version, interpreter, wheel)
    if not tables:
        sys.exit("no version of Python to try it with")
    different = {name for name in tables if tables[name] != next(iter(tables.values()))}
    if different:
        sys.exit(f"other tables with {', '.join(sorted(different))} than with {next(iter(tables))}")
    say(f"the same {', '.join(COMPARED)} with {'; '.join(tables)}")


def build(folder: Path) -> Path:
    """The source distribution, and the wheel that is built from it."""
    began = time.perf_counter()
    python = new_environment(folder / "build", Path(sys.executable))
    call(python, "-m", "pip", "install", "--quiet", "build")
    call(python, "-m", "build", "--outdir", folder / "dist", ROOT)
    (source,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    for file in (source, wheel):
        say(f"built {file.name}, {file.stat().st_size / 1e6:.1f} MB, {time.perf_counter() - began:.0f} s")
    return wheel


def try_installation(folder: Path, version: str, interpreter: Path, wheel: Path) -> dict[str, dict[str, str]]:
    """Install the wheel and run new projects with both of pandas; the hashes of what was written, by surroundings."""
    place = folder / f"python-{version}"
    python = new_environment(place / "environment", interpreter)
    call(python, "-m", "pip", "install", "--quiet", wheel)
    say_sizes(python)
    tables = {}
    for number, pandas in enumerate(PANDAS):
        began = time.perf_counter()
        call(python, "-m", "pip", "install", "--quiet", pandas)
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


def new_environment(folder: Path, interpreter: Path) -> Path:
    """The interpreter of a fresh virtual environment."""
    call(interpreter, "-m", "venv", folder)
    return next(path for path in (folder / "bin/python", folder / "Scripts/python.exe") if path.exists())


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
