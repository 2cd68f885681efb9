"""Places that staff name: matched, settled by a person where in doubt, and put together with the trail kept."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_bosoc.bottom_up.nominations.matching import (
    Directory,
    bare_name,
    fold_name,
    match_address,
    match_name,
)
from geo_bosoc.bottom_up.nominations.read import Nominations, read_nominations
from geo_bosoc.bottom_up.places.merge import merge_places
from geo_bosoc.problems import InputError, Report

E, N = 570_000.0, 6_220_000.0


def homes() -> pd.DataFrame:
    rows = []
    for letter, estate, street, x0, many in (
        ("B", "0001", "Bøgevænget", 0.0, 8),
        ("K", "0002", "Birkevej", 200.0, 8),
        ("Å", None, "Åboulevarden", 1000.0, 6),
        ("S", None, "Søndergade", 1120.0, 6),
        ("M", None, "Møllevej", 3000.0, 6),
    ):
        rows += [(f"{letter}{i}", E + x0 + 15 * i, N, street, str(i + 1), estate, 10, 5) for i in range(many)]
    names = ["address_id", "x", "y", "street", "number", "estate_id", "residents", "households"]
    return pd.DataFrame(rows, columns=names)


def estates() -> gpd.GeoDataFrame:
    boxes = [shapely.box(E - 10, N - 20, E + 115, N + 20), shapely.box(E + 190, N - 20, E + 320, N + 20)]
    frame = pd.DataFrame({"area_id": ["0001", "0002"], "name": ["Højvangen", "Mølleparken"]})
    return gpd.GeoDataFrame(frame, geometry=boxes, crs="EPSG:25832")


def write(
    path: Path, *rows: str, head: str = "nomination_id;unit;date;concern;area_id;address;x;y;name"
) -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8-sig")
    return path


def read(path: Path, **options: object) -> Nominations:
    return read_nominations(path, areas=estates(), addresses=homes(), report=Report(), **options)  # type: ignore[arg-type]


def test_names_are_compared_however_they_are_spelled() -> None:
    for text in ("Højvangen", "HØJVANGEN", "Hoejvangen", "Hojvangen", "Boligforeningen Højvangen, afd. 3"):
        sure, doubts = match_name(text, Directory.of(estates(), homes()))
        assert sure is not None and sure.target == "0001" and not doubts, text
    assert fold_name("Aaboulevarden") == fold_name("Åboulevarden")
    assert bare_name("afd. 4") == "afd 4"  # nothing but such words: they are the name


def test_what_is_only_like_a_name_is_in_doubt() -> None:
    directory = Directory.of(estates(), homes())
    sure, doubts = match_name("Møllehaven", directory)
    assert sure is None and "0002" in [one.target for one in doubts]
    assert match_name("bag ved biografen", directory) == (None, ())
    twice = pd.concat([estates(), estates().assign(area_id=["0003", "0004"])])
    sure, doubts = match_name("Højvangen", Directory.of(twice, homes()))
    assert sure is None and [one.target for one in doubts] == ["0001", "0003"]


def test_addresses_with_floor_and_door() -> None:
    directory = Directory.of(estates(), homes())
    for text in ("Søndergade 3", "soendergade 3, 2. tv", "SØNDERGADE 03"):
        sure, _ = match_address(text, directory)
        assert sure is not None and sure.target == "S2", text
    sure, doubts = match_address("Sønderagde 3", directory)
    assert sure is None and [one.target for one in doubts] == ["S2"]
    sure, doubts = match_address("Søndergade 99", directory)
    assert sure is None and [one.target for one in doubts] == ["street:Søndergade"]


def test_several_names_for_one_place_are_put_together_and_the_trail_is_kept(tmp_path: Path) -> None:
    file = write(
        tmp_path / "n.csv",
        "M1;school;2024-01-31;unrest;0001;;;;",
        "M2;ssp;31-01-2024;;;;;;hoejvangen afd. 2",
        "M3;job_centre;;;;Bøgevænget 2, st.;;;",
        f"M4;day_care;;;;;{E + 250:.1f}".replace(".", ",") + f";{N:.1f};".replace(".", ","),
        "M5;elderly_care;;;;;;;Åboulevarden",
        "M6;elderly_care;;;;;;;Soendergade",
        "M7;elderly_care;;;;;;;Møllevej",
        "M8;ssp;;;;;;;ukendt sted",
    )
    found = read(file)
    rows = found.rows.set_index("nomination_id")
    assert rows["place_id"].to_dict() == {
        "M1": "N001", "M2": "N001", "M3": "N001", "M4": "N002", "M5": "N003", "M6": "N003", "M7": "N004", "M8": "",
    }  # fmt: skip
    assert rows.loc["M8", "match"] == "none" and set(rows["match"]) == {"sure", "none"}
    assert rows["source_kind"].tolist() == [
        "estate",
        "name",
        "address",
        "point",
        "name",
        "name",
        "name",
        "name",
    ]
    assert rows.loc["M2", "date"] == "2024-01-31"
    trail = found.trail.set_index("nomination_id")
    assert trail.loc["M2"].tolist() == ["N001", "same_estate", "M1"]
    assert trail.loc["M3"].tolist() == ["N001", "inside_estate", "M1"]
    assert trail.loc["M6"].tolist() == ["N003", "near", "M5"]  # 45 m apart at the ends
    assert found.estates.to_dict("records") == [{"place_id": "N001", "area_id": "0001"}]


def test_a_person_settles_what_is_in_doubt(tmp_path: Path) -> None:
    file = write(tmp_path / "n.csv", "M1;school;;;;;;;Møllehaven")
    before = read(file)
    assert before.rows["match"].tolist() == ["doubtful"] and before.homes.empty
    assert before.doubtful["row"].unique().tolist() == [2]
    table = before.doubtful.copy()
    table.loc[table["candidate"] == "0002", "accept"] = "Ja"
    table.to_csv(tmp_path / "settled.csv", sep=";", index=False, encoding="utf-8-sig")
    after = read(file, settled=tmp_path / "settled.csv")
    assert after.rows[["match", "matched_to", "place_id"]].iloc[0].tolist() == ["sure", "0002", "N001"]
    assert after.doubtful.empty and len(after.homes) == 8
    table["candidate"] = "nowhere"
    table["accept"] = "ja"
    table.head(1).to_csv(tmp_path / "wrong.csv", sep=";", index=False)
    with pytest.raises(InputError, match="neither an estate"):
        read_nominations(file, areas=estates(), addresses=homes(), settled=tmp_path / "wrong.csv")


def test_the_same_from_a_workbook_and_shapes_from_a_geopackage(tmp_path: Path) -> None:
    rows = pd.DataFrame({"nomination_id": ["M1", "M2"], "unit": "school", "name": ["Højvangen", "Birkevej"]})
    rows.to_excel(tmp_path / "n.xlsx", index=False)
    assert read(tmp_path / "n.xlsx").rows["matched_to"].tolist() == ["0001", "street:Birkevej"]
    shapes = gpd.GeoDataFrame(
        {"nomination_id": ["M1", "M2", "M3"], "unit": "ssp"},
        geometry=[
            shapely.Point(E + 1000, N + 10),
            shapely.box(E + 990, N - 30, E + 1200, N + 30),
            shapely.Point(E + 9000, N),
        ],
        crs="EPSG:25832",
    )
    shapes.to_crs("EPSG:4326").to_file(tmp_path / "n.gpkg")
    found = read(tmp_path / "n.gpkg")
    assert found.rows["source_kind"].tolist() == ["point", "polygon", "point"]
    assert found.rows["place_id"].tolist() == ["N001", "N001", ""]
    assert found.trail["joined_by"].tolist() == ["first", "overlap"]


def test_everything_wrong_is_told_at_once_and_no_person_number_is_printed(tmp_path: Path) -> None:
    file = write(tmp_path / "n.csv", "M1;school;soon;;;;;;Højvangen", "M1;ssp;;;;;;;Birkevej")
    with pytest.raises(InputError) as told:
        read_nominations(file, areas=estates(), addresses=homes())
    assert [(p.row, p.column) for p in told.value.problems] == [(2, "date"), (3, "nomination_id")]
    file = write(tmp_path / "cpr.csv", "M1;school;;;;;;;hos 010190-1234")
    with pytest.raises(InputError) as told:
        read_nominations(file, areas=estates(), addresses=homes())
    assert "010190" not in str(told.value) and told.value.problems[0].column == "name"
    free = write(
        tmp_path / "free.csv", "M1;school;Højvangen;010190-1234", head="nomination_id;unit;name;remark"
    )
    assert read(free).rows["matched_to"].tolist() == ["0001"]  # a remark is not read
    with pytest.raises(InputError, match="not there"):
        read_nominations(tmp_path / "none.csv", areas=estates(), addresses=homes())


def test_named_and_found_places_are_joined_by_the_homes_they_share(tmp_path: Path) -> None:
    file = write(tmp_path / "n.csv", "M1;school;;;0001;;;;", "M2;ssp;;;;;;;Åboulevarden")
    found = pd.DataFrame(
        [(f"B{i}", "P001") for i in range(3)]
        + [(f"S{i}", "P002") for i in range(6)]
        + [("Å5", "P002")]
        + [(f"M{i}", "P003") for i in range(6)],
        columns=["address_id", "place_id"],
    )
    addresses = homes()
    named = read_nominations(file, areas=estates(), addresses=addresses, report=Report())
    places, at = merge_places(
        named, found, addresses=addresses, areas=estates(), exclude=["M0"], report=Report()
    )
    assert places.crs == "EPSG:25832"
    told = places.set_index("place_id")
    assert told[["named", "found", "nominations"]].to_dict("index") == {
        "N001": {"named": True, "found": True, "nominations": 1},  # 3 of 8 homes: 0.375
        "N002": {"named": True, "found": False, "nominations": 1},  # 1 of 12: another place
        "P002": {"named": False, "found": True, "nominations": 0},
        "P003": {"named": False, "found": True, "nominations": 0},
    }
    assert told.loc["N001", "name"] == "Højvangen" and told.loc["N001", "found_as"] == "P001"
    assert told.loc["N001", "jaccard"] == pytest.approx(3 / 8)
    assert told.loc["N001", "geometry"].equals(estates().geometry.iloc[0])
    assert at.groupby("place_id").size().to_dict() == {"N001": 8, "N002": 6, "P002": 7, "P003": 5}
    strict, _ = merge_places(
        named, found, addresses=addresses, areas=estates(), jaccard=0.5, inside=1.1, report=Report()
    )
    assert strict["place_id"].tolist() == ["N001", "N002", "P001", "P002", "P003"]
    nobody, _ = merge_places(None, found, addresses=addresses, report=Report())
    assert nobody["place_id"].tolist() == ["P001", "P002", "P003"] and not nobody["named"].any()


def test_coordinates_that_are_none_are_told_by_row(tmp_path: Path) -> None:
    head = "nomination_id;x;y"
    rows = (
        "M1;abc;6220000",
        f"M2;{E:.0f};",
        f"M3;{N:.0f};{E:.0f}",
        "M4;9,5;55,6",
        "M5;;",
        "M6;570.000,5;6220000,25",
    )
    file = write(tmp_path / "n.csv", *rows, head=head)
    with pytest.raises(InputError) as told:
        read_nominations(file, areas=estates(), addresses=homes())
    assert [(one.row, one.column) for one in told.value.problems] == [(2, "x"), (3, "y"), (4, "x"), (5, "x")]
    assert all(one.hint for one in told.value.problems) and "swapped" in str(told.value.problems[2])
    right = write(tmp_path / "r.csv", "M5;;", "M6;570.000,5;6220000,25", head=head)
    report = Report()
    found = read_nominations(right, areas=estates(), addresses=homes(), report=report)
    assert found.homes["address_id"].tolist() == [f"B{i}" for i in range(4)]  # within 50 m of the point
    (warning,) = report.warnings
    assert "rows 2" in warning.message and warning.count == 1 and warning.hint
    away = gpd.GeoDataFrame({"nomination_id": ["M1"]}, geometry=[shapely.Point(2.35, 48.86)], crs="EPSG:4326")
    away.to_file(tmp_path / "paris.gpkg")
    with pytest.raises(InputError, match="outside Denmark"):
        read_nominations(tmp_path / "paris.gpkg", areas=estates(), addresses=homes())


def test_a_person_may_say_that_no_candidate_is_meant(tmp_path: Path) -> None:
    file = write(tmp_path / "n.csv", "M1;school;;;;;;;Møllehaven")
    table = read(file).doubtful
    for answer, match in (("nej", "none"), ("", "doubtful")):
        table.assign(accept=answer).to_csv(tmp_path / "s.csv", sep=";", index=False, encoding="utf-8-sig")
        assert read(file, settled=tmp_path / "s.csv").rows["match"].tolist() == [match]
    table.assign(accept="måske").to_csv(tmp_path / "s.csv", sep=";", index=False, encoding="utf-8-sig")
    with pytest.raises(InputError) as told:
        read_nominations(file, areas=estates(), addresses=homes(), settled=tmp_path / "s.csv")
    assert {(one.column, one.hint) for one in told.value.problems} == {("accept", "Write ja or nej.")}
    report = Report()
    table.assign(nomination_id="M9", accept="ja").head(1).to_csv(tmp_path / "s.csv", sep=";", index=False)
    read_nominations(file, areas=estates(), addresses=homes(), settled=tmp_path / "s.csv", report=report)
    assert any("not in the file of nominations" in one.message and one.count == 1 for one in report.warnings)
