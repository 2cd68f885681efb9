"""What `geo-bosoc init` writes: a commented project file, folders, and a guard against committing people's data."""

from __future__ import annotations

from pathlib import Path

from geo_bosoc.problems import InputError, Problem
from geo_bosoc.project.spec import PROJECT_FILE

TEMPLATE = """\
# A geo_bosoc project. Edit it, then run:  geo-bosoc check   and   geo-bosoc run
# Paths start from this file's folder. Lines that begin with # are off.

[project]
name = "Vores kommune"
municipality = "0751"            # the municipality's four-digit code, in quotes
language = "da"                  # da or en
output = "maps"
made_up = false                  # true prints "made-up data" on everything

# ---- Boundaries: GeoPackage, GeoJSON, Shapefile, GeoParquet or FlatGeobuf, in any CRS -----------------------------

[boundaries.areas]               # the areas to assess
path = "data/boundaries/areas.gpkg"
# layer = "areas"                # when the file holds several
id = "area_id"                   # the column with the area's number
name = "name"
# kind = "kind"
# where = "kind = 'almen'"       # only some of them

[boundaries.municipality]        # the outline: what lies outside is told, and it is drawn beneath the areas
path = "data/boundaries/municipality.gpkg"
id = "area_id"
name = "name"

# [boundaries.lakes]             # any other layer is drawn for context
# path = "data/boundaries/lakes.gpkg"

# ---- Registers: CSV, Parquet, Excel or JSON rows -------------------------------------------------------------------

[registers.addresses]            # where each address lies
path = "data/registers/addresses.csv"
unit = "address"
id = "address_id"
x = "x"
y = "y"
crs = "EPSG:25832"

[registers.persons]              # one row a person and year; {period} stands for the year
path = "data/registers/persons_{period}.csv"
unit = "person"
role = "population"
id = "person_id"
place = "address"                # address (looked up above), area (an area's id), or x and y with crs
# columns = { age = "alder", labour = "arbejdsmarked" }   # our name = the file's name
# where = "status = '01'"        # only these rows
# purpose = "Kategorikort"       # custody: geo-bosoc check asks for these, and run.json prints them
# legal_basis = "..."
# source = "CPR"
# received = 2024-02-01
# delete_by = 2025-02-01

# [registers.charges]            # keyed by person: the home is taken from the register with role = "population"
# path = "data/registers/sigtelser.csv"
# unit = "case"
# person = "CPR"
# event = "DATO"                 # home_on = "event" takes the home of that day

# [registers.turnout]            # finished counts for each area work too
# path = "data/registers/turnout.xlsx"
# unit = "count"
# place = "area"
# columns = { area_id = "omraade", period = "aar", voted = "stemmer", entitled = "berettigede" }

# ---- What is counted, and how areas are categorised ----------------------------------------------------------------

[indicators]
use = ["residents", "outside_labour_market", "health", "youth_crime", "exposed_children", "low_income_families",
       "child_wellbeing", "youth_education"]
# file = "indicators.toml"       # your own indicators, or other definitions of these

[model]                          # leave [model] out and the run maps the indicators only
id = "aarhus-2018"               # "geo-bosoc models" lists them; or path = "my_model.toml"

# [reference]
# rows = "register"              # the municipality's figure counts every row; "inside" only rows within the outline

[run]
periods = ["2024"]

[disclosure]
policy = "five"                  # counts from 1 to 4 are not shown, nor what they follow from
"""

GITIGNORE = """\
# People's homes are in these files: registers and internal output stay out of version control.
data/registers/
maps/
*-internal/
# What a killed run leaves until the next command sweeps it.
.*.writing/
.writing-*
.*.lock
"""


def repository_above(folder: Path) -> Path | None:
    """The folder of the git repository that a project's folder lies in, where it is not the project's own.

    Registers under such a folder could be committed with somebody else's files.
    """
    folder = folder.resolve()
    if (folder / ".git").exists():
        return None
    return next((above for above in folder.parents if (above / ".git").exists()), None)


def write_template(folder: Path) -> list[Path]:
    """Write a commented project file and its folders; nothing that is there already is touched.

    Raises
    ------
    InputError
        The folder holds a project file already.
    """
    target = folder / PROJECT_FILE
    if target.exists():
        raise InputError(
            [
                Problem(
                    "error",
                    "there is a project file here already, and it is kept as it is.",
                    file=str(target),
                    hint="Name another folder: geo-bosoc init my-project.",
                )
            ]
        )
    written = []
    for name in ("data/boundaries", "data/registers"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for path, text in ((target, TEMPLATE), (folder / ".gitignore", GITIGNORE)):
        if not path.exists():
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(path)
    return written
