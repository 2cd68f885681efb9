"""Map layers come from local files of known formats: nothing that a file names is opened, least of all elsewhere."""

from __future__ import annotations

import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo_bosoc.boundaries.read import read_areas, read_context_layer
from geo_bosoc.problems import InputError

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="areas"><SrcDataSource>http://127.0.0.1:{port}/a.geojson</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)
LATER = b"<?xml version='1.0'?>\n<!-- " + b"x" * 30_000 + b" -->\n"


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and whoever connected to it."""
    callers: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                continue
            callers.append(connection)
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1], callers
    stop.set()
    thread.join()
    server.close()


@pytest.mark.parametrize(
    "name", ["a.vrt", "a.VRT", "a.geojson", "a.gml", "a.kml", "a.json", "a.gpkg", "a.wfs", "a"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_that_names_others_is_refused(
    tmp_path: Path, listener: tuple[int, list[object]], name: str, encoding: str
) -> None:
    port, callers = listener
    (tmp_path / name).write_bytes(VRT.format(port=port).encode(encoding))
    with pytest.raises(InputError, match=r"not read|names other sources"):
        read_areas(tmp_path / name, id="nr", name=None)
    assert not callers


def test_not_in_an_archive_either(tmp_path: Path, listener: tuple[int, list[object]]) -> None:
    port, callers = listener
    for number, member in enumerate(("a.vrt", "folder/a.vrt", "a.geojson", "inner.zip")):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "")
            archive.writestr(member, LATER + VRT.format(port=port).encode())
        with pytest.raises(InputError, match=r"in the archive|names other sources"):
            read_context_layer(path)
    assert not callers


@pytest.mark.parametrize(
    "path",
    [
        "http://127.0.0.1:{port}/a.geojson",
        "/vsicurl/http://127.0.0.1:{port}/a.geojson",
        "/vsizip//vsicurl/http://127.0.0.1:{port}/a.zip/a.shp",
        "WFS:http://127.0.0.1:{port}/a",
        "GPKG:http://127.0.0.1:{port}/a.gpkg",
        "/vsis3/bucket/a.gpkg",
    ],
)
def test_addresses_are_no_files(listener: tuple[int, list[object]], path: str) -> None:
    port, callers = listener
    with pytest.raises(InputError, match="not there"):
        read_areas(path.format(port=port), id="nr", name=None)
    assert not callers


@pytest.mark.parametrize(
    "ending", [".gpkg", ".geojson", ".shp", ".fgb", ".gml", ".kml", ".mif", ".zip", ".parquet"]
)
def test_layers_of_known_formats_are_read(tmp_path: Path, ending: str) -> None:
    layer = gpd.GeoDataFrame(
        {"nr": ["0017"]}, geometry=[shapely.box(575_000, 6_220_000, 575_200, 6_220_200)], crs="EPSG:25832"
    )
    path = tmp_path / f"areas{ending}"
    if ending == ".zip":
        layer.to_file(tmp_path / "areas.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("areas.*"):
                if part != path:
                    archive.write(part, part.name)
    elif ending == ".parquet":
        layer.to_parquet(path)
    elif ending == ".kml":
        layer.to_crs("EPSG:4326").to_file(path, driver="KML")
    else:
        layer.to_file(path, driver="MapInfo File" if ending == ".mif" else None)
    assert len(read_context_layer(path)) == 1


def test_names_with_person_numbers_are_refused_and_not_told(tmp_path: Path) -> None:
    layer = gpd.GeoDataFrame({"nr": ["0017"]}, geometry=[shapely.box(575_000, 6_220_000, 575_200, 6_220_200)])
    layer = layer.set_crs("EPSG:25832")
    layer.to_file(tmp_path / "areas 290299-7391.gpkg")
    layer.to_file(tmp_path / "areas.gpkg", layer="liste_2902997391")
    layer.to_file(tmp_path / "areas.gpkg", layer="other")
    for path, named in (
        ("areas 290299-7391.gpkg", None),
        ("areas.gpkg", "liste_2902997391"),
        ("areas.gpkg", None),
    ):
        with pytest.raises(InputError) as raised:
            read_areas(tmp_path / path, layer=named, id="nr", name=None)
        assert "7391" not in str(raised.value)
