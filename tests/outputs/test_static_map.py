"""Static maps: counts as in the tables, stamps and words, ranges as ranges, small areas seen, the same bytes twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from ranges_shown import OF_THREE, OF_TWO, with_ranges
from shapely.geometry import Polygon, box

import geo_bosoc as gb
from geo_bosoc.disclosure.results import PublishedResults, stamp_texts
from geo_bosoc.outputs.documents.maps import map_picture, write_static_maps
from geo_bosoc.outputs.documents.papers import Papers
from geo_bosoc.outputs.documents.spec import DocumentsPart, StaticMapsPart
from geo_bosoc.outputs.static_map.content import Movement
from geo_bosoc.outputs.static_map.map_frame import MapFrame, has_dots
from geo_bosoc.outputs.static_map.paper import Paper
from geo_bosoc.outputs.static_map.themes import map_content
from geo_bosoc.outputs.texts import category_counts
from geo_bosoc.problems import InputError
from geo_bosoc.text.catalogue import word

Shown = Callable[..., PublishedResults]
AARHUS = "aarhus-2018"


def texts(figure: Figure) -> list[str]:
    """What is written on a figure."""
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def on_one_line(figure: Figure) -> str:
    """All that is written, whatever lines it is broken into."""
    return " ".join(texts(figure))


@pytest.fixture(scope="module")
def published(small_shown: Shown) -> PublishedResults:
    """The public set."""
    return small_shown()


@pytest.fixture(scope="module")
def figure(published: PublishedResults) -> Figure:
    """Its map."""
    return gb.static_map(published)


def test_the_legend_counts_what_the_tables_count(published: PublishedResults) -> None:
    for period, before in (("2024", "2023"), ("2023", "2022")):
        content = map_content(published, AARHUS, period)
        counts = category_counts(published)[AARHUS]
        assert {line.drawn.id: line.now for line in content.legend if line.now} == {
            name: count for name, count in counts[period].items() if count
        }
        assert {line.drawn.id: line.before for line in content.legend if line.before} == {
            name: count for name, count in counts[before].items() if count
        }
        assert sum(line.now for line in content.legend) == len(published.areas)
    assert {line.before for line in map_content(published, AARHUS, "2022").legend} == {None}


def test_the_map_says_what_it_must(published: PublishedResults, figure: Figure) -> None:
    written = on_one_line(figure)
    for sentence in (
        *stamp_texts(published),
        "Kategorikort 2024, Eksempelkommune",
        "Aarhus' kategoriseringsmodel (aarhus-2018, version 2024-01-01)",
        "Kategorien beskriver området som helhed og siger intet om den enkelte beboer.",
        "01.01.2024",
        "Opdigtet spørgeskema",
    ):
        assert sentence in written
    assert "N" in texts(figure)
    assert any(re.fullmatch(r"[\d.,]+ (k?m)", text) for text in texts(figure))


def test_an_internal_map_is_stamped(small_shown: Shown) -> None:
    internal = small_shown("internal")
    written = on_one_line(gb.static_map(internal))
    assert len(stamp_texts(internal)) == 3
    assert all(stamp in written for stamp in stamp_texts(internal))
    assert all(stamp in map_content(internal).alt for stamp in stamp_texts(internal))


def test_names_lie_on_no_other_and_within_the_sheet(published: PublishedResults) -> None:
    crowded = replace(published, areas=_in_rows(published.areas))
    for results in (published, crowded):
        drawn = gb.static_map(results)
        names = {part for name in results.areas["name"] for part in name.split()}
        boxes = [
            box(*text.get_window_extent().extents)
            for text in drawn.axes[0].texts
            if text.get_path_effects() and set(text.get_text().split()) <= names
        ]
        assert len(boxes) >= len(results.areas) - 2
        is_said = f"{len(boxes)} af {len(results.areas)} områder har navn" in on_one_line(drawn)
        assert is_said == (len(boxes) < len(results.areas))
        sheet = box(*drawn.bbox.extents)
        for index, first in enumerate(boxes):
            assert sheet.contains(first)
            assert not any(first.intersects(second) for second in boxes[index + 1 :])


def _in_rows(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The areas as small squares side by side, far from any other."""
    squares = [box(572_000 + 60 * place, 6_222_000, 572_050 + 60 * place, 6_222_050) for place in range(7)]
    return areas.set_geometry([*squares, box(576_000, 6_226_000, 576_100, 6_226_100)], crs=25832)


def test_a_tiny_area_is_a_dot_in_the_fill_of_its_class(published: PublishedResults, tmp_path: Path) -> None:
    geometry = published.areas.geometry.to_list()
    geometry[0] = Polygon(
        [(572_000, 6_222_000), (572_004, 6_222_000), (572_004, 6_222_004), (572_000, 6_222_004)]
    )
    tiny = replace(published, areas=published.areas.set_geometry(geometry, crs=25832))
    content = map_content(tiny)
    assert has_dots(content, 180, 180)
    frame = MapFrame(Paper(200, 200), content, (10, 10, 190, 190))
    width = frame.shapes[0].bounds[2] - frame.shapes[0].bounds[0]
    assert width == pytest.approx(2.4)  # millimetres, of an area that would be a fifth of one
    assert word("static_map", "small_area", "da").split()[0] in on_one_line(gb.static_map(tiny))
    frame.draw_areas()
    frame.paper.figure.savefig(tmp_path / "map.png", dpi=300)
    dots = np.asarray(Image.open(tmp_path / "map.png").convert("RGB")).astype(int)
    colour = np.array(
        [int(content.classes[content.drawn[0]].fill.colour[step : step + 2], 16) for step in (1, 3, 5)]
    )
    x, y = frame.shapes[0].centroid.x, frame.shapes[0].centroid.y
    row, column = round((200 - y) / 25.4 * 300), round(x / 25.4 * 300)
    around = dots[row - 10 : row + 10, column - 10 : column + 10].reshape(-1, 3)
    assert (np.abs(around - colour).max(axis=1) < 8).mean() > 0.3


def test_a_range_is_shown_as_a_range_and_nothing_narrower(published: PublishedResults) -> None:
    results = with_ranges(published)
    content = map_content(results)
    ranges = {line.drawn.id: line for line in content.legend if line.drawn.is_range}
    assert set(ranges) == {f"range:{OF_TWO}", f"range:{OF_THREE}"}
    assert all(len(line.drawn.fill.stripes) == len(line.drawn.id.split(", ")) for line in ranges.values())
    assert "Udsat eller Særligt udsat" in on_one_line(gb.static_map(results))
    # A03 was in a worse category before, whichever of the two it was; what became of A01 and A02 is not told.
    moved = {content.areas["area_id"].iloc[place]: each.direction for place, each in content.moves.items()}
    assert moved == {"A03": "better"}


def test_movements_are_told_by_direction_and_by_what_chance_may_do(published: PublishedResults) -> None:
    chances = published.categories.assign(change_by_chance=np.nan)
    rows = chances["period"] == "2024"
    moved = map_content(published)
    assert set(moved.moves.values()) <= {Movement("worse", "cannot_tell"), Movement("better", "cannot_tell")}
    assert moved.moves
    for chance, answer in ((0.01, "no"), (0.05, "yes"), (0.4, "yes")):
        chances.loc[rows, "change_by_chance"] = chance
        content = map_content(replace(published, categories=chances))
        assert {each.chance for each in content.moves.values()} == {answer}
        assert [each.direction for each in content.moves.values()] == [
            each.direction for each in moved.moves.values()
        ]
    place = next(iter(moved.moves))
    key = (AARHUS, str(published.areas["area_id"].iloc[place]), "2023", "2024")
    followed = map_content(replace(published, categories=chances), by_chance={key: "no"})
    assert followed.moves[place].chance == "no"  # what the follow-up says goes before
    other = map_content(replace(published, categories=chances), by_chance={(*key[:2], "2022", "2024"): "no"})
    assert other.moves[place].chance == "yes"
    order = [category.id for category in published.models[0].category]
    for place, movement in moved.moves.items():
        area = published.areas["area_id"].iloc[place]
        of_area = published.categories[published.categories["area_id"] == area].set_index("period")[
            "category"
        ]
        worse = order.index(of_area["2024"]) < order.index(of_area["2023"])
        assert movement.direction == ("worse" if worse else "better")


def test_the_text_tells_the_counts_and_the_names(published: PublishedResults) -> None:
    content = map_content(published)
    for line in content.legend:
        assert f"{line.drawn.label}: {line.now} (2023: {line.before})" in content.alt
    worst = [published.areas["name"].iloc[place] for place in content.order if content.drawn[place] == 0]
    assert worst
    assert f"{content.legend[0].drawn.label}: {', '.join(worst)}." in content.alt


def test_an_indicator_has_its_classes_and_hides_what_is_hidden(published: PublishedResults) -> None:
    content = map_content(published, "youth_crime")
    rows = published.table[
        (published.table["indicator"] == "youth_crime") & (published.table["period"] == "2024")
    ]
    hidden = int((rows["status"] == "protected").sum())
    assert hidden
    assert next(line.now for line in content.legend if line.drawn.id == "protected") == hidden
    assert "Tallet beskriver området som helhed" in on_one_line(gb.static_map(published, theme="youth_crime"))
    assert not content.moves


def test_files_are_the_same_twice_and_tell_themselves(published: PublishedResults, tmp_path: Path) -> None:
    content = map_content(published)
    for ending in ("png", "svg", "pdf"):
        written = []
        for folder in ("first", "second"):
            path = tmp_path / folder / f"map.{ending}"
            path.parent.mkdir(exist_ok=True)
            gb.static_map(published, path=path)
            written.append(path.read_bytes())
        assert written[0] == written[1]
        sidecar = (tmp_path / "first" / "map.txt").read_text(encoding="utf-8")
        assert sidecar.startswith(content.alt)
    with Image.open(tmp_path / "first" / "map.png") as picture:
        assert picture.info["Description"] == content.alt
        assert sorted(picture.size) == pytest.approx([2480, 3508], abs=1)
    svg = (tmp_path / "first" / "map.svg").read_text(encoding="utf-8")
    assert f"<desc>{content.alt}</desc>" in svg
    assert f"<title>{content.title}</title>" in svg


def test_several_periods_give_a_map_each_on_one_sheet(published: PublishedResults, tmp_path: Path) -> None:
    drawn = gb.static_map(published, period=["2023", "2022", "2024"], size="A3", path=tmp_path / "years.svg")
    assert {"2022", "2023", "2024"} <= set(texts(drawn))
    counts = category_counts(published)[AARHUS]
    sidecar = (tmp_path / "years.txt").read_text(encoding="utf-8")
    line = "; ".join(str(counts[period]["deprived"]) for period in ("2022", "2023", "2024"))
    assert f"Udsat: {line}." in sidecar
    assert "Kategorikort 2022–2024" in sidecar


def test_a_font_that_is_not_there_gives_the_plain_one(published: PublishedResults, figure: Figure) -> None:
    other = gb.static_map(published, font="No Such Letters")
    assert texts(other) == texts(figure)


def test_what_is_not_there_is_said(published: PublishedResults, tmp_path: Path) -> None:
    for named in ({"theme": "aarhus"}, {"period": "2031"}, {"size": "A5"}, {"path": tmp_path / "map.jpg"}):
        with pytest.raises(InputError):
            gb.static_map(published, **named)
    assert not list(tmp_path.iterdir())


def test_the_files_that_a_project_asks_for(published: PublishedResults, tmp_path: Path) -> None:
    part = StaticMapsPart(themes=(AARHUS, "safety"), formats=("svg",), small_multiples=True)
    write_static_maps(Papers(published, DocumentsPart(maps=part)), tmp_path)
    stems = [f"{theme}_{periods}_a4" for theme in (AARHUS, "safety") for periods in ("2022-2024", "2024")]
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{stem}.{ending}" for stem in stems for ending in ("svg", "txt")
    }
    write_static_maps(Papers(published, DocumentsPart()), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_picture_for_a_document_marks_areas(published: PublishedResults) -> None:
    papers = Papers(published, DocumentsPart())
    first = map_picture(papers, AARHUS, "2024", marked=["A04"], width_cm=12)
    other = map_picture(papers, AARHUS, "2024", marked=["A05"], width_cm=12)
    again = map_picture(papers, AARHUS, "2024", marked=["A04"], width_cm=12)
    alone = map_picture(Papers(published, DocumentsPart()), AARHUS, "2024", marked=["A04"], width_cm=12)
    assert first == again == alone
    assert first.png != other.png
    assert "Bakkegårdsparken" in first.alt
    every = map_picture(papers, AARHUS, "2024", width_cm=12)
    assert every.alt == map_content(published).alt


def test_areas_without_an_outline_and_odd_names(published: PublishedResults) -> None:
    areas = published.areas.copy()
    areas["name"] = [
        "$x_1$ & <b>",
        "  ",
        "Supercalifragilisticexpialidociousvej" * 2,
        *areas["name"].iloc[3:],
    ]
    areas.loc[areas.index[4], "geometry"] = None
    drawn = gb.static_map(replace(published, areas=areas))
    written = on_one_line(drawn)
    assert "$x_1$ & <b>" in written
    assert "Uden omrids på kortet: Møllevangen." in written


def test_no_area_and_no_model(published: PublishedResults, small_shown: Shown) -> None:
    assert "Indikator" not in map_content(small_shown(with_model=False)).title
    empty = replace(
        published,
        areas=published.areas.iloc[:0],
        categories=pd.DataFrame(columns=published.categories.columns),
    )
    assert "0 områder" in map_content(empty).alt
    gb.static_map(empty)
