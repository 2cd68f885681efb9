"""Located addresses are kept between runs: used while nothing changed, never when stale, and harmless when damaged."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import polars as pl
import pytest
import shapely

from geo_bosoc.locate.join import locate
from geo_bosoc.problems import InputError, Report
from geo_bosoc.project import (
    find,
    inputs,
    kept,
    run_project,
)
from geo_bosoc.project.kept import (
    FOLDER,
    content_key,
    locate_kept,
    points_digest,
)
from geo_bosoc.project.located import Kept, Meanwhile, place

POINTS = pl.DataFrame(
    {
        "address_id": ["æ1", "b", "c", None, "d", "b", "e"],
        "x": [1.0, 11.0, 10.0, 3.0, None, 11.0, 500.0],
        "y": [1.0, 5.0, 5.0, 3.0, 2.0, 5.0, 5.0],
    }
)


def areas(width: float = 10.0) -> gpd.GeoDataFrame:
    shapes = [shapely.box(0, 0, width, 10), shapely.box(width, 0, 20, 10), shapely.box(8, 0, 12, 10)]
    table = {"area_id": ["01", "02", "03"], "name": ["a", "b", "c"], "kind": "x"}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:25832")


def kept_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.located"))


def test_the_second_time_gives_the_same_and_locates_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_report, first_report, second_report = Report(), Report(), Report()
    expected = locate(POINTS, areas(), report=expected_report)
    first = locate_kept(POINTS, areas(), keys=["address_id"], folder=tmp_path, report=first_report)
    monkeypatch.setattr(kept, "locate", None)
    second = locate_kept(POINTS, areas(), keys=["address_id"], folder=tmp_path, report=second_report)
    for one, report in ((first, first_report), (second, second_report)):
        assert one.equals(expected)
        assert one.schema == expected.schema
        assert report == expected_report
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_coordinates_as_keys(tmp_path: Path) -> None:
    points = POINTS.select("x", "y").unique().sort("x", "y")
    first = locate_kept(points, areas(), keys=["x", "y"], folder=tmp_path, report=Report())
    second = locate_kept(points, areas(), keys=["x", "y"], folder=tmp_path, report=Report())
    assert len(kept_files(tmp_path)) == 1
    assert second.equals(first)
    assert first.equals(locate(points, areas(), key=["x", "y"], report=Report()))


@pytest.mark.parametrize(
    "points",
    [
        POINTS.with_columns(pl.col("x") + 1e-9),
        POINTS.with_columns(pl.col("address_id").replace("b", "B")),
        POINTS.with_columns(pl.col("address_id").replace(None, "")),
        POINTS.reverse(),
        POINTS.head(6),
    ],
)
def test_any_change_of_the_addresses_is_another_key(points: pl.DataFrame) -> None:
    assert content_key(points_digest(points, ["address_id"]), areas()) != content_key(
        points_digest(POINTS, ["address_id"]), areas()
    )


def test_any_change_of_the_areas_or_versions_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    own = content_key(points_digest(POINTS, ["address_id"]), areas())
    renamed = areas().assign(area_id=["01", "02", "04"])
    assert content_key(points_digest(POINTS, ["address_id"]), areas(10.0000001)) != own
    assert content_key(points_digest(POINTS, ["address_id"]), renamed) != own
    assert content_key(points_digest(POINTS, ["address_id"]), areas().iloc[:2]) != own
    assert content_key(points_digest(POINTS, ["address_id"]), areas().assign(name="other")) == own
    monkeypatch.setattr(shapely, "__version__", "0.0")
    assert content_key(points_digest(POINTS, ["address_id"]), areas()) != own


def test_what_is_stale_is_not_used(tmp_path: Path) -> None:
    locate_kept(POINTS, areas(), keys=["address_id"], folder=tmp_path, report=Report())
    moved = areas(5.0)
    again = locate_kept(POINTS, moved, keys=["address_id"], folder=tmp_path, report=Report())
    assert again.equals(locate(POINTS, moved, report=Report()))
    assert len(kept_files(tmp_path)) == 2


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other"])
def test_a_damaged_file_is_told_and_made_anew(tmp_path: Path, damage: str) -> None:
    expected = locate_kept(POINTS, areas(), keys=["address_id"], folder=tmp_path, report=Report())
    (file,) = kept_files(tmp_path)
    whole = file.read_bytes()
    changed = {
        "cut": whole[:-20],
        "flip": whole[:-30] + bytes([whole[-30] ^ 1]) + whole[-29:],
        "empty": b"",
        "other": b"something else",
    }[damage]
    file.write_bytes(changed)
    report = Report()
    again = locate_kept(POINTS, areas(), keys=["address_id"], folder=tmp_path, report=report)
    assert again.equals(expected)
    assert [problem.level for problem in report.problems if "damaged" in problem.message] == ["note"]
    assert file.read_bytes() == whole


def test_fresh_does_not_look_at_what_is_kept(tmp_path: Path) -> None:
    expected = locate_kept(POINTS, areas(), keys=["address_id"], folder=tmp_path, report=Report())
    (file,) = kept_files(tmp_path)
    file.write_bytes(b"")
    report = Report()
    again = locate_kept(POINTS, areas(), keys=["address_id"], folder=tmp_path, fresh=True, report=report)
    assert again.equals(expected)
    assert not any("damaged" in problem.message for problem in report.problems)


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    located = locate_kept(POINTS, areas(), keys=["address_id"], folder=blocked / "in", report=Report())
    assert located.equals(locate(POINTS, areas(), report=Report()))


def test_only_the_last_used_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_FILES", 3)
    for step in range(5):
        locate_kept(POINTS, areas(5.0 + step), keys=["address_id"], folder=tmp_path, report=Report())
    assert len(kept_files(tmp_path)) == 3


def test_a_run_keeps_no_address_and_the_next_one_writes_the_same(town: Path) -> None:
    first = run_project(town, output=town / "first", report=Report()).folder
    files = kept_files(town / ".geo_bosoc")
    assert files
    ids = pl.read_parquet(town / "data/registers/addresses.parquet")["address_id"]
    for file in files:
        held = file.read_bytes()
        assert not any(str(name).encode() in held for name in ids.head(200))
    before = {file: file.stat().st_size for file in files}
    second = run_project(town, output=town / "second", report=Report()).folder
    assert {file: file.stat().st_size for file in kept_files(town / ".geo_bosoc")} == before
    third = run_project(town, output=town / "third", fresh=True, report=Report()).folder
    for name in ("categories.csv", "criteria.csv", "risk_map.html", "categories.xlsx"):
        assert (first / name).read_bytes() == (second / name).read_bytes() == (third / name).read_bytes()


def test_what_is_located_meanwhile_is_the_same_and_is_kept_when_it_is_asked_for(tmp_path: Path) -> None:
    addresses = POINTS.drop_nulls("address_id")
    at_once, meanwhile = Report(), Report()
    expected = place(addresses, ["address_id"], areas(), areas().iloc[:2], Kept(), at_once).labelled()
    begun = Meanwhile(addresses, lambda: (areas(), areas().iloc[:2]), Kept(tmp_path))
    assert begun._made is not None
    begun._made.result()
    assert not kept_files(tmp_path)
    found = begun.places(meanwhile)
    assert not kept_files(tmp_path)
    begun.keep()
    begun.close()
    assert len(kept_files(tmp_path)) == 2
    assert at_once.problems  # "b" stands there twice, and one has no coordinates
    assert meanwhile == at_once
    for name in ("points", "labels", "areas"):
        assert getattr(found, name).equals(getattr(expected, name))


def test_what_goes_wrong_meanwhile_is_raised_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(kept, "locate", broken)
    begun = Meanwhile(POINTS, lambda: (areas(), None), Kept())
    with pytest.raises(MemoryError, match="no room"):
        begun.places(Report())


def test_nothing_is_kept_where_a_register_is_wrong(town: Path) -> None:
    file = sorted((town / "data" / "registers").glob("persons_*.parquet"))[-1]
    pl.read_parquet(file).with_columns(free_text=pl.lit("0102034567")).rename(
        {"labour": "gone", "free_text": "labour"}
    ).write_parquet(file)
    with pytest.raises(InputError):
        find(town, report=Report())
    assert not (town / FOLDER).exists()


def test_addresses_are_not_located_where_nothing_counted_lies_at_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    east, north = 560_000.0, 6_200_000.0  # in Denmark
    shapes = areas().iloc[:2]
    shapes.set_geometry(shapes.translate(east, north)).to_parquet(tmp_path / "areas.parquet")
    there = POINTS.unique("address_id").drop_nulls().with_columns(pl.col("x") + east, pl.col("y") + north)
    there.write_parquet(tmp_path / "addresses.parquet")
    (tmp_path / "figures.csv").write_text("area;year;people\n01;2024;40\n02;2024;60\n", encoding="utf-8")
    (tmp_path / "indicators.toml").write_text(
        '[[indicator]]\nid = "people"\nlabel_da = "Folk"\nlabel_en = "People"\nunit = "count"\n'
        'direction = "neutral"\nsource = "made up"\ndenominator = { register = "figures", sum = "people" }\n',
        encoding="utf-8",
    )
    (tmp_path / "bosoc.toml").write_text(
        '[project]\nname = "I"\nmunicipality = "0999"\noutput = "maps"\nmade_up = true\n'
        '[boundaries.areas]\npath = "areas.parquet"\n'
        '[registers.addresses]\npath = "addresses.parquet"\nunit = "address"\nid = "address_id"\nx = "x"\ny = "y"\n'
        'crs = "EPSG:25832"\n'
        '[registers.figures]\npath = "figures.csv"\nunit = "count"\nplace = "area"\narea = "area"\nperiod = "year"\n'
        '[indicators]\nuse = ["people"]\nfile = "indicators.toml"\n[run]\nperiods = ["2024"]\n',
        encoding="utf-8",
    )

    def never(*_: object) -> None:
        raise AssertionError("addresses were located")

    monkeypatch.setattr(inputs, "Meanwhile", never)
    found = find(tmp_path, report=Report())
    assert found.table["numerator"].tolist() == [40, 60]
