"""The made-up municipality on a small size: invariants that any size must keep."""

from __future__ import annotations

import shutil
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely

from geo_bosoc.demo import Municipality, make_municipality, write_demo, write_raw_demo
from geo_bosoc.demo.municipality import CSV_TABLES, write_municipality
from geo_bosoc.problems import InputError
from geo_bosoc.text.find_person_numbers import count_person_numbers

RESIDENTS = 9_000
YEARS = (2021, 2022, 2023)


@pytest.fixture(scope="module")
def municipality() -> Municipality:
    return make_municipality(residents=RESIDENTS, years=YEARS, seed=5)


def persons(municipality: Municipality, year: int) -> pl.DataFrame:
    return municipality.registers[f"persons_{year}"]


def count_everyone(municipality: Municipality) -> pl.DataFrame:
    return pl.concat([persons(municipality, year) for year in YEARS])


def test_everybody_lives_at_one_address_a_year_and_it_exists(municipality: Municipality) -> None:
    people = count_everyone(municipality)
    assert people.select("person_id", "period").is_unique().all()
    addresses = municipality.registers["addresses"]
    assert addresses["address_id"].is_unique().all()
    assert people.join(addresses, on="address_id", how="anti").is_empty()
    for name in ("survey", "cases"):
        assert municipality.registers[name].join(addresses, on="address_id", how="anti").is_empty()


def test_everybody_lives_in_a_dwelling_that_stands_at_their_address(municipality: Municipality) -> None:
    for year in YEARS:
        homes = municipality.registers[f"dwellings_{year}"]
        assert homes["dwelling_id"].is_unique().all()
        assert homes["built"].max() < year
        lived = persons(municipality, year).join(homes, on=["dwelling_id", "address_id"], how="anti")
        assert lived.is_empty()


def test_ages_agree_with_birth_dates_and_years_pass(municipality: Municipality) -> None:
    for year in YEARS:
        people = persons(municipality, year)
        born = people["birth_date"]
        assert (born < pl.date(year, 1, 1).pipe(lambda d: pl.select(d).item())).all()
        # On 1 January everybody is as old as the calendar years between, but for those born later in a year.
        first = (born.dt.month() == 1) & (born.dt.day() == 1)
        assert (people["age"] == year - born.dt.year() - 1 + first.cast(pl.Int16)).all()
    for before, after in pairwise(YEARS):
        both = persons(municipality, before).join(
            persons(municipality, after), on="person_id", suffix="_after"
        )
        assert both.height > 0.8 * persons(municipality, before).height
        assert (both["age_after"] == both["age"] + 1).all()
        for lasting in ("birth_date", "sex", "origin"):
            assert (both[lasting] == both[f"{lasting}_after"]).all()


def test_moving_in_fits_with_where_people_lived(municipality: Municipality) -> None:
    for before, after in pairwise(YEARS):
        both = persons(municipality, before).join(
            persons(municipality, after), on="person_id", suffix="_after"
        )
        moved = both["dwelling_id"] != both["dwelling_id_after"]
        assert 0.01 < moved.mean() < 0.2
        assert (both.filter(moved)["moved_in_after"].dt.year() == before).all()
        stayed = both.filter(~moved)
        assert (stayed["moved_in"] == stayed["moved_in_after"]).all()
        newcomers = persons(municipality, after).join(
            persons(municipality, before), on="person_id", how="anti"
        )
        assert (newcomers["moved_in"].dt.year() == before).all()
        assert newcomers.filter(pl.col("age") == 0).height > 0  # births
    people = count_everyone(municipality)
    assert (people["moved_in"] >= people["birth_date"]).all()


def test_size_and_share_in_social_housing(municipality: Municipality) -> None:
    for year in YEARS:
        people = persons(municipality, year)
        assert abs(people.height / RESIDENTS - 1) < 0.1
        social = (
            people.join(municipality.registers["addresses"], on="address_id")["estate_id"]
            .is_not_null()
            .mean()
        )
        assert 0.25 < social < 0.42


def test_addresses_lie_in_their_estate_and_in_no_other(municipality: Municipality) -> None:
    areas = municipality.boundaries["areas"]
    addresses = municipality.registers["addresses"]
    x, y = addresses["x"].to_numpy(), addresses["y"].to_numpy()
    for area_id, shape in zip(areas["area_id"], areas.geometry, strict=True):
        inside = shapely.contains_xy(shape, x, y)
        belongs = (addresses["estate_id"] == area_id).fill_null(False).to_numpy()
        assert belongs.sum() > 0
        assert (inside == belongs).all()
    outline = municipality.boundaries["municipality"].geometry.iloc[0]
    assert shapely.contains_xy(outline, x, y).all()
    assert addresses.select("street", "number").is_unique().all()


def test_boundaries_are_whole(municipality: Municipality) -> None:
    areas = municipality.boundaries["areas"]
    assert areas.crs.to_epsg() == 25832
    assert areas["area_id"].is_unique
    assert areas["area_id"].str.fullmatch(r"0\d{3}").all()
    assert set(areas["kind"]) == {"social_housing"}
    for layer in municipality.boundaries.values():
        assert layer.geometry.is_valid.all()
        assert not layer.geometry.is_empty.any()
    overlap = [a.intersection(b).area for a, b in combinations(areas.geometry, 2)]
    assert max(overlap) < 1.0
    districts, outline = (
        municipality.boundaries["districts"],
        municipality.boundaries["municipality"].geometry.iloc[0],
    )
    assert districts.geometry.union_all().symmetric_difference(outline).area < 50  # decimetres along 60 km
    assert shapely.coverage_is_valid(districts.geometry.to_numpy())
    assert (areas.geometry.difference(outline.buffer(1)).area == 0).all()


def test_statuses_fit_ages(municipality: Municipality) -> None:
    people = count_everyone(municipality)
    child = people.filter(pl.col("age") < 15)
    assert child["education"].is_null().all()
    assert child["gross_income"].is_null().all()
    assert child["labour"].is_null().all()
    assert not child["convicted"].any()
    assert people.filter(pl.col("free_place").is_not_null())["age"].max() < 10
    pupils = people.filter(pl.col("absence_pct").is_not_null())
    assert pupils["age"].is_between(6, 16).all()
    assert pupils["absence_pct"].is_between(0, 100).all()
    assert not people.filter(pl.col("age") >= 18)["measures"].any()
    assert people["outside_fte"].drop_nulls().is_between(0, 1).all()
    assert (people.filter(pl.col("student"))["labour"] == "student").all()
    working = people.filter(pl.col("age").is_between(18, 64))
    for column in ("labour", "outside_fte", "education", "health_measure"):
        missing = working[column].is_null().mean()
        assert 0 < missing < 0.08, column


def test_no_education_is_lost(municipality: Municipality) -> None:
    levels = {"basic": 0, "upper_secondary": 1, "vocational": 2, "higher": 3}
    for before, after in pairwise(YEARS):
        both = persons(municipality, before).join(
            persons(municipality, after), on="person_id", suffix="_after"
        )
        known = both.filter(
            (pl.col("age") >= 16) & pl.all_horizontal(pl.col("education", "education_after").is_not_null())
        )
        gain = known["education_after"].replace_strict(levels) - known["education"].replace_strict(levels)
        assert (gain >= 0).all()


def test_disadvantages_go_together_and_areas_differ(municipality: Municipality) -> None:
    people = persons(municipality, YEARS[-1]).join(municipality.registers["addresses"], on="address_id")
    adults = people.filter(pl.col("age").is_between(18, 64) & pl.col("labour").is_not_null())
    outside = pl.col("labour") == "outside"
    private = adults.filter(pl.col("estate_id").is_null()).select(outside.mean()).item()
    estates = adults.group_by("estate_id").agg(
        outside.mean().alias("outside"), pl.col("health_measure").mean()
    )
    estates = estates.filter(pl.col("estate_id").is_not_null())
    assert private < 0.15
    assert estates["outside"].max() > 0.4
    assert np.corrcoef(estates["outside"], estates["health_measure"])[0, 1] > 0.7


def test_cases_keep_their_start_and_end_after_it(municipality: Municipality) -> None:
    cases = municipality.registers["cases"]
    assert cases.select("case_id", "period").is_unique().all()
    one = cases.group_by("case_id").agg(pl.col("started", "ended", "person_id", "service").n_unique())
    assert (one.drop("case_id").max_horizontal() == 1).all()
    status = cases.with_columns(at=pl.date(pl.col("period").cast(pl.Int32), 1, 1))
    assert (status["started"] < status["at"]).all()
    assert (status["ended"] >= status["at"]).drop_nulls().all()


def test_nothing_looks_like_a_person_number(municipality: Municipality) -> None:
    for name, table in municipality.registers.items():
        assert count_person_numbers(table.lazy(), table.columns) == {}, name
    for layer in municipality.boundaries.values():
        texts = pl.DataFrame({c: layer[c].astype(str).tolist() for c in layer.columns if c != "geometry"})
        assert count_person_numbers(texts.lazy(), texts.columns) == {}


def test_the_dead_lived_here_on_the_status_date_before_and_on_none_after(municipality: Municipality) -> None:
    deaths = municipality.registers["deaths"]
    assert deaths["person_id"].is_unique().all()
    assert deaths.height
    for year in YEARS:
        people = set(municipality.registers[f"persons_{year}"]["person_id"])
        after = set(deaths.filter(pl.col("died").dt.year() >= year)["person_id"])
        in_the_year = set(deaths.filter(pl.col("died").dt.year() == year)["person_id"])
        assert in_the_year <= people
        assert not people & (set(deaths["person_id"]) - after)


def test_same_seed_same_bytes_another_seed_another_town(municipality: Municipality, tmp_path: Path) -> None:
    write_municipality(municipality, tmp_path / "one", seed=5)
    write_demo(tmp_path / "two", residents=RESIDENTS, years=YEARS, seed=5)
    written = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert (
        len(written) == 9 + 1 + 2 * len(YEARS) + 3 + 3 + len(CSV_TABLES) + 4
    )  # layers, addresses, yearly, survey, cases and deaths, rasters, tables, texts, indicators and sums
    for path in written:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path
    other = make_municipality(residents=RESIDENTS, years=YEARS[:1], seed=6)
    assert not other.registers["addresses"].equals(municipality.registers["addresses"])


def test_tables_read_back_as_they_were(municipality: Municipality, tmp_path: Path) -> None:
    write_municipality(municipality, tmp_path, seed=5)
    for name, table in municipality.registers.items():
        if name not in CSV_TABLES:
            assert pl.read_parquet(tmp_path / "data" / "registers" / f"{name}.parquet").equals(table), name
    text = (tmp_path / "data" / "registers" / "schools.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "school_id;name;period;x;y;pupils;absence_pct"


def test_somebody_elses_project_is_kept(tmp_path: Path) -> None:
    (tmp_path / "bosoc.toml").write_text('[project]\nname = "Ours"\n', encoding="utf-8")
    with pytest.raises(InputError, match="kept as it is"):
        write_demo(tmp_path, residents=3_000, years=(2024,))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("raw", [False, True])
def test_a_demo_is_written_over_a_demo_and_over_nothing_else(tmp_path: Path, raw: bool) -> None:
    write = write_raw_demo if raw else write_demo
    folder, settings = tmp_path / "demo", {"residents": 3_000, "years": (2023, 2024)}
    for table in ("data/registers/addresses.parquet", "data/registers/politi.xlsx", "data/README.md"):
        (folder / table).parent.mkdir(parents=True, exist_ok=True)
        (folder / table).write_bytes(b"mine")
    with pytest.raises(InputError, match="was not written by a demo"):
        write(folder, **settings)
    assert {path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {b"mine"}
    shutil.rmtree(folder)
    write_demo(folder, residents=3_000, years=(2022,))
    write(folder, **settings)  # what the former one wrote besides goes
    assert not (folder / "data" / "registers" / "persons_2022.parquet").exists()
    changed = folder / "bosoc.toml"
    changed.write_text(changed.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with pytest.raises(InputError, match="kept as it is"):
        write(folder, **settings)
    assert changed.read_text(encoding="utf-8").endswith("# mine\n")
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.parametrize(
    ("residents", "years"),
    [(2_000, (2024,)), (300_000, (2024,)), (5_000, ()), (5_000, (2020, 2022)), (5_000, (2021, 2020))],
)
def test_impossible_towns_are_refused(residents: int, years: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must"):
        make_municipality(residents=residents, years=years)
