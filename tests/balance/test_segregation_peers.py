"""The same figures as PySAL's `segregation`, on random cities and on Copenhagen's real estates, to 1e-10."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo_bosoc.balance import apportion_estates, segregation_indices
from geo_bosoc.boundaries.read import read_areas
from geo_bosoc.problems import Report

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    multigroup = pytest.importorskip("segregation.multigroup", reason="PySAL's segregation is not installed")
    singlegroup = pytest.importorskip(
        "segregation.singlegroup", reason="PySAL's segregation is not installed"
    )

KINDS = ["family", "youth", "elderly", "care"]


def compare(counts: pd.DataFrame, groups: list[str]) -> None:
    counts = counts[counts[groups].sum(axis=1) > 0].reset_index(drop=True).astype("int64")
    total = counts[groups].sum(axis=1)
    ours = segregation_indices(counts, groups).set_index(["measure", "group", "other"])["value"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        h = multigroup.MultiInfoTheory(counts.astype(float), groups).statistic
        assert ours[("information", "", "")] == pytest.approx(h, abs=1e-10)
        for group in groups:
            frame = pd.DataFrame({"x": counts[group].astype(float), "t": total.astype(float)})
            d = singlegroup.Dissim(frame, "x", "t").statistic
            xpx = singlegroup.Isolation(frame, "x", "t").statistic
            xpy = singlegroup.Interaction(frame, "x", "t").statistic
            assert ours[("dissimilarity", group, "")] == pytest.approx(d, abs=1e-10)
            assert ours[("isolation", group, "")] == pytest.approx(xpx, abs=1e-10)
            assert 1 - ours[("isolation", group, "")] == pytest.approx(xpy, abs=1e-10)


@pytest.mark.parametrize("seed", range(12))
def test_random_cities(seed: int) -> None:
    rng = np.random.default_rng(seed)
    units, groups = int(rng.integers(2, 120)), int(rng.integers(2, 6))
    lean = rng.gamma(0.4, size=(units, groups)) * rng.integers(1, 2000, size=(units, 1))
    names = [f"g{i}" for i in range(groups)]
    compare(pd.DataFrame(rng.poisson(lean) + (rng.random((units, groups)) < 0.1), columns=names), names)


def test_copenhagens_real_estates() -> None:
    data = os.environ.get("GEO_BOSOC_DATA")
    if not data:
        pytest.skip("GEO_BOSOC_DATA is unset: no real estates to compare on")
    folder = Path(data) / "areas"
    found = gpd.read_file(folder / "copenhagen_social_housing_estates.geojson").to_crs(25832)
    names = ["antal_familie_boliger", "antal_ungdomsboliger", "antal_aeldre_boliger", "antal_plejeboliger"]
    found = found.rename(columns={"id": "estate_id", **dict(zip(names, KINDS, strict=True))})
    compare(found[KINDS].fillna(0), KINDS)
    report = Report()
    roder = read_areas(folder / "copenhagen_roder.geojson", id="rode_nr", name="rodenavn", report=report)
    shared = apportion_estates(found, roder, report=report)
    compare(shared[shared["area_id"].notna()].groupby("area_id")[KINDS].sum().reset_index(drop=True), KINDS)
