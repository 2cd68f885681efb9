"""A small demo with nominations that hold free text, and the set of files that it makes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest
from plain_demo import without_surroundings

from geo_bosoc.demo import write_demo
from geo_bosoc.problems import Report
from geo_bosoc.project.studies.runs import BottomUpOutcome, run_bottom_up

CANARIES = ("Skovduefritekst", "Tornskadesen", "Blåhalskonkurs")


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo without other studies, whose nominations hold free text, a member of staff, and both where a unit
    should stand."""
    folder = tmp_path_factory.mktemp("nedefra") / "by"
    write_demo(folder, residents=9000, years=(2024,))
    names = pyogrio.read_dataframe(
        folder / "data" / "boundaries" / "areas.geojson", where="kind = 'social_housing'"
    )
    spot = names.geometry.iloc[2].centroid
    rows = [
        "nomination_id;unit;date;concern;area_id;name;x;y;staff;remark",
        f"M1;SSP;2024-02-01;{CANARIES[0]};{names['area_id'].iloc[0]};;;;{CANARIES[1]};{CANARIES[2]}",
        f"M2;{CANARIES[1]};2024-02-02;{CANARIES[0]};{names['area_id'].iloc[1]};;;;{CANARIES[1]};",
        f"M3;skole;2024-02-03;{CANARIES[0]};;;{spot.x:.1f};{spot.y:.1f};{CANARIES[1]};".replace(".", ","),
        f"M4;skole;2024-02-04;{CANARIES[0]};;{names['name'].iloc[3][:-2]}xq;;;{CANARIES[1]};",
        f"{CANARIES[1]}5;skole;2024-02-05;;;{CANARIES[2]};;;{CANARIES[1]};",
    ]
    (folder / "data" / "registers" / "nominations.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    area = names["area_id"].iloc[0]
    tables = {
        "forums": ["sted;år;formand;medlemmer;status;bemærkning",
                   f"{area};2023;{CANARIES[1]};SSP, {CANARIES[1]};planlagt;{CANARIES[0]}",
                   f"{area};2024;jobcenter;SSP, skole;i gang;{CANARIES[0]}"],
        "actions": ["place;year;action;count;goal;counted;remark",
                    f"{area};2024;Lektiecafé med {CANARIES[1]};12;10;personer;{CANARIES[2]}",
                    f"{area};2024;{CANARIES[2]};2;10;;{CANARIES[1]}"],
    }  # fmt: skip
    for name, lines in tables.items():
        (folder / "data" / "registers" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = without_surroundings((folder / "bosoc.toml").read_text(encoding="utf-8"))
    text = text.partition("# ---- The mixed city")[0]
    settings = '[bottom_up]\nnominations = "data/registers/nominations.csv"\nhome = "dwelling_id"\nstreet = "street"\n'
    settings += 'forums = "data/registers/forums.csv"\nactions = "data/registers/actions.csv"\n'
    settings += 'number = "number"\nestate = "estate_id"\nk = [50, 100]\npermutations = 19\ndraws = 20\n'
    settings += write_placing(folder)
    (folder / "bosoc.toml").write_text(text + settings, encoding="utf-8")
    return folder


def write_placing(folder: Path) -> str:
    """Three estates over two years: the first draws many assignments, the third few households; and the settings."""
    files = {
        "agreements": "organisation;every;from_year\nVest;6;2020\n",
        "estate_vacancies": "estate_id;year;vacancies;dwellings\n"
        + "".join(f"000{estate};{year};40;200\n" for estate in (1, 2, 3) for year in (2023, 2024)),
        "assignments": "estate_id;year;assigned\n0001;2023;20\n0001;2024;22\n0002;2023;6\n0002;2024;5\n0003;2024;3\n",
        "need": "year;waiting\n2023;30\n2024;3\n",
    }
    for name, content in files.items():
        (folder / "data" / "registers" / f"{name}.csv").write_text(content, encoding="utf-8")
    paths = {name.removeprefix("estate_"): f"data/registers/{name}.csv" for name in files}
    keys = ", ".join(f'{name} = "{path}"' for name, path in paths.items())
    return f"placing = {{ {keys} }}\n"


@pytest.fixture(scope="package")
def outcome(town: Path) -> BottomUpOutcome:
    return run_bottom_up(town, report=Report())


@pytest.fixture
def changed(town: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the town's project whose file is changed; data are read where they are."""
    shutil.copytree(town / "data", tmp_path / "data")
    text = (town / "bosoc.toml").read_text(encoding="utf-8")

    def make(*lines: str, **files: str) -> Path:
        (tmp_path / "bosoc.toml").write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
        for name, content in files.items():
            (tmp_path / "data" / "registers" / f"{name}.csv").write_text(content, encoding="utf-8")
        return tmp_path

    return make
