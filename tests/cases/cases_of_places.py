"""Cases of points, boundaries and their files: what is right."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pyproj
import pytest
from running import CASES, areas, check, python, read, right, run, said


@right("01-points-in-degrees-two-files")
def _(folder: Path) -> None:
    done = python(
        folder,
        "import geo_bosoc as gb\nfor _ in range(2):\n    gb.analyse('bosoc.toml')\n"
        "gb.run_project('bosoc.toml', internal=True, unguarded=True)",
    )
    assert done.returncode == 0, done.stderr
    tables = [path for path in folder.rglob("categories.csv") if "internal" in str(path)]
    table = pd.read_csv(tables[0], dtype={"area_id": str, "period": str}, encoding="utf-8-sig")
    seen = table.set_index(["period", "area_id"])["sager_denominator"].to_dict()
    metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)
    for year in ("2023", "2024"):
        points = pd.read_csv(folder / f"data/c_{year}.csv", sep=";", decimal=",")
        x, y = metres.transform(points["lon"].to_numpy(), points["lat"].to_numpy())
        for at, area in enumerate("ABCD"):  # squares of one kilometre from 575000, 6224000 on
            inside = (x > 575000 + 1000 * at) & (x < 576000 + 1000 * at) & (y > 6224000) & (y < 6225000)
            assert seen[year, area] == inside.sum(), (year, area)


@right("10-letters-of-a-dos-code-page")
def _(folder: Path) -> None:
    names = ["Nørrebro", "Ægirsvænge", "Ålykkeparken Øst"]
    for page in ("", "OEM"):
        if page:
            (folder / "data/a.cpg").write_text(page, encoding="ascii")
        frame, problems = areas(folder / "data/a.shp", id="area_id", name="name")
        warned = [one for one in said(problems, "a.") if one.level != "note"]
        assert (frame is not None and list(frame["name"]) == names) or warned, (page, problems)


@right("10-letters-of-a-dos-code-page", "text file")
def _(folder: Path) -> None:
    frame, problems = read(
        folder / "data/t.csv", unit="count", area="omr", period="2024", columns=["navn", "n"]
    )
    warned = [one for one in said(problems, "t.csv") if one.level != "note"]
    good = frame is not None and list(frame["navn"]) == ["Nørrebro", "Ægirsvænge", "Skærsø"]
    assert good or warned, problems


@right("11-crs-undefined-cartesian")
def _(folder: Path) -> None:
    done = check(folder)
    assert done.said("areas.gpkg", "CRS", "EPSG:25832", level="error"), done.problems


@right("12-geojson-property-that-is-a-list")
def _(folder: Path) -> None:
    frame, problems = areas(folder / "data/areas.geojson", id="area_id", name="name")
    if frame is None:
        assert said(problems, "areas.geojson", "municipality", level="error"), problems
    else:
        assert list(frame["municipality"]) == ["0101, 0147"] * 2
        assert not check(folder).errors


@right("17-topojson-with-heights")
def _(folder: Path) -> None:
    assert CASES is not None
    name = "denmark_parishes_no_crs.topojson"
    file = shutil.copy(CASES.parent / "bad_geometry" / name, folder / name)
    frame, problems = areas(file, id="SOGNEKODE", name="SOGNENAVN", crs="EPSG:4326")
    assert frame is None
    assert said(problems, name, "Denmark", level="error"), problems


@right("19-municipalities-in-pieces-heights-minus-999")
def _(folder: Path) -> None:
    frame, problems = areas(folder / "k.geojson", id="KOMKODE", name="KOMNAVN")
    assert list(frame["area_id"]) == ["0400", "0411"]
    assert list(frame["name"]) == ["Bornholm", "Christiansø"]
    assert not frame.geometry.has_z.any()
    assert frame.geometry.area.round(-6).tolist() == [589_000_000, 0]  # 589 km2 and 0.4 km2
    assert said(problems, "heights")
    assert said(problems, "joined")


@right("20-rented-homes-in-copenhagen")
def _(folder: Path) -> None:
    code = """
import json, geo_bosoc as gb
pairs = []
for x, y in (("lon-gl", "lat_gl"), ("lon", "lat")):
    frame = gb.read_register("leje.csv", unit="case", id="case_id", x=x, y=y, crs="EPSG:4326", period="2023",
                             columns=["boligareal"]).collect()
    pairs.append([frame["x"].to_list(), frame["y"].to_list()])
print(json.dumps(pairs))
"""
    done = python(folder, code)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    text = (folder / "leje.csv").read_text(encoding="utf-8-sig")
    separator = max(";,\t", key=text.splitlines()[0].count)
    table = pd.read_csv(io.StringIO(text), sep=separator, decimal=".", dtype=str)
    metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:25832", always_xy=True)
    lon, lat = (table[name].str.replace(",", ".").astype(float).to_numpy() for name in ("lon", "lat"))
    x, y = metres.transform(lon, lat)
    assert len(first[0]) == 40
    for pair in (first, second):
        assert pair[0] == pytest.approx(x, abs=0.01)
        assert pair[1] == pytest.approx(y, abs=0.01)


@right("21-curves-and-multisurfaces")
def _(folder: Path) -> None:
    for name in ("curve.gpkg", "curve.gml"):
        frame, _ = areas(folder / name)
        circle = frame.geometry.iloc[list(frame["name"]).index("Cirkel")]
        assert circle.area == pytest.approx(785_398, rel=0.002)
        assert (circle.centroid.x, circle.centroid.y) == pytest.approx((575_500, 6_224_500), abs=1)


@right("22-gml-axis-order")
def _(folder: Path) -> None:
    centres = []
    for name in ("p4258.gml", "p3044.gml"):
        frame, _ = areas(folder / name)
        centres.append([(one.centroid.x, one.centroid.y) for one in frame.geometry])
    assert len(centres[0]) == len(centres[1]) == 4
    for one, other in zip(*centres, strict=True):
        assert one == pytest.approx(other, abs=60)
    for name in ("p4258_wrong.gml", "p3044_wrong.gml"):
        frame, problems = areas(folder / name)
        assert frame is None
        assert said(problems, name, "Denmark", level="error")


@right("25-long-ids-and-a-row-without")
def _(folder: Path) -> None:
    done = run(folder)
    assert done.figure("10081001000000017", "2024", "beboere_value") == 10
    assert done.figure("10081001000000018", "2024", "beboere_value") == 20
    assert done.said("areas.geojson", "2 of 3")


@right("27-dar-address-closed-later")
def _(folder: Path) -> None:
    done = run(folder)
    assert [done.figure(area, "2024", "beboere_value") for area in "AB"] == [6, 12]


@right("28-null-island")
def _(folder: Path) -> None:
    done = run(folder)
    assert [done.figure(area, "2024", "beboere_value") for area in "AB"] == [10, 10]
    fates = done.report.facts["match"]["persons"]["2024"]
    placeless = {
        name: fate["rows"] for name, fate in fates.items() if name not in ("in_one_area", "in_no_area")
    }
    assert sum(placeless.values()) == 20, fates
    assert [one for one in done.report.warnings if one.count in (2, 20) or re.search(r"\b20?\b", str(one))]


@right("30-bornholm-in-zone-33-called-32")
def _(folder: Path) -> None:
    warned = {}
    for name in ("wrong.gpkg", "right.gpkg"):
        for municipality in ("", 'municipality = "0400"'):
            (folder / "t.csv").write_text("omr;n\n0400;10\n0411;20\n", encoding="utf-8")
            (folder / "indicators.toml").write_text(
                '[[indicator]]\nid = "n"\nlabel_da = "N"\nlabel_en = "N"\nunit = "count"\n'
                'denominator = { register = "t", sum = "n" }\n', encoding="utf-8",
            )  # fmt: skip
            (folder / "bosoc.toml").write_text(
                f'[project]\nname = "B"\n{municipality}\nlanguage = "en"\n'
                f'[boundaries.areas]\npath = "{name}"\nid = "KOMKODE"\nname = "KOMNAVN"\n'
                '[registers.t]\npath = "t.csv"\nunit = "count"\narea = "omr"\nperiod = "2024"\n'
                '[indicators]\nfile = "indicators.toml"\nuse = ["n"]\n', encoding="utf-8",
            )  # fmt: skip
            done = check(folder)
            assert not done.errors, done.errors
            warned[name, bool(municipality)] = bool(done.said(name, "0400", "outside", level="warning"))
    assert warned == {
        ("wrong.gpkg", True): True,
        ("wrong.gpkg", False): False,
        ("right.gpkg", True): False,
        ("right.gpkg", False): False,
    }
