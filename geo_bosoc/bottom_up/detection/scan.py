"""What a local statistic is made of: likelihood ratios, the units that chance exchanges, and sums of them by home.

Units are of one of two sorts. Persons or households at risk, of whom some meet an indicator (`at_risk`, `cases`: the
Bernoulli model); or households with how many services they are given and how many the municipality's rates would give
them (`expected`, `cases`: the Poisson model), which are exchanged within their `stratum` only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo_bosoc.problems import Report

PARTS_OF_EXPECTED: Final = 10_000
"""Expected services are summed as whole ten-thousandths, so that the order of homes decides nothing."""


@dataclass(frozen=True)
class Units:
    """Checked units: the row of each one's home, its cases and its exposure, and the rows that may be exchanged.

    Attributes
    ----------
    home, at_risk, cases, exposure : ndarray of int
        (units,). The exposure is `at_risk`, or expected services in `PARTS_OF_EXPECTED`.
    strata : tuple of ndarray of int
        Rows that chance exchanges with each other.
    poisson : bool
        Whether the exposure is what is expected.
    """

    home: NDArray[np.intp]
    at_risk: NDArray[np.int64]
    cases: NDArray[np.int64]
    exposure: NDArray[np.int64]
    strata: tuple[NDArray[np.intp], ...]
    poisson: bool

    def root(
        self, cases: NDArray[np.int64], exposure: NDArray[np.int64], all_cases: int, all_exposure: int
    ) -> NDArray[np.float64]:
        """The signed root of twice the log likelihood ratio of what is inside, by the units' model."""
        return (poisson_root if self.poisson else signed_root)(cases, exposure, all_cases, all_exposure)

    def permuted(self, random: np.random.Generator) -> NDArray[np.int64]:
        """The cases exchanged within each stratum."""
        shuffled = np.empty_like(self.cases)
        for rows in self.strata:
            shuffled[rows] = random.permutation(self.cases[rows])
        return shuffled


def check_units(addresses: pd.DataFrame, units: pd.DataFrame, report: Report) -> Units | None:
    """The units with the row of `addresses` that each lives at; None where they cannot be read."""
    poisson = "expected" in units.columns
    needed = ("address_id", "at_risk", "cases", *(("stratum",) if poisson else ()))
    missing = [name for name in needed if name not in units.columns]
    for name in missing:
        report.error("is not there.", file="units", column=name)
    if "address_id" not in addresses.columns:
        report.error("is not there.", file="addresses", column="address_id")
        return None
    if missing:
        return None
    for name in needed[1:]:
        if not pd.api.types.is_integer_dtype(units[name].dtype) or units[name].isna().any():
            report.error("holds something else than whole numbers.", file="units", column=name)
            return None
    wrong = (units["cases"] < 0) | (False if poisson else units["cases"] > units["at_risk"])
    if wrong.any():
        report.error(
            "holds more cases than people at risk, or fewer than none.",
            file="units",
            column="cases",
            count=int(wrong.sum()),
        )
    if addresses["address_id"].duplicated().any():
        report.error("holds ids more than once.", file="addresses", column="address_id")
        return None
    home: NDArray[np.intp] = pd.Index(addresses["address_id"]).get_indexer(pd.Index(units["address_id"]))
    unmatched = int((home < 0).sum())
    if unmatched:
        report.error(
            "names addresses that are not among the addresses.",
            hint="Leave out who has no place, and say how many they are.",
            file="units",
            column="address_id",
            count=unmatched,
        )
    at_risk, cases = units["at_risk"].to_numpy(np.int64), units["cases"].to_numpy(np.int64)
    exposure, group = at_risk, at_risk
    if poisson:
        exposure = np.rint(units["expected"].to_numpy(np.float64) * PARTS_OF_EXPECTED).astype(np.int64)
        group = units["stratum"].to_numpy(np.int64)
    order = np.argsort(group, kind="stable")
    strata = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return Units(home, at_risk, cases, exposure, tuple(strata), poisson)


def sum_by_home(home: NDArray[np.intp], figures: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Figures of units summed by the row of their home, of `size` homes; a sum is less than 2**53."""
    return np.bincount(home, weights=figures, minlength=size).astype(np.int64)


def signed_root(
    cases: NDArray[np.int64], at_risk: NDArray[np.int64], all_cases: int, all_at_risk: int
) -> NDArray[np.float64]:
    """The signed root of twice Kulldorff's log likelihood ratio; 0 where the inside, or the outside, is empty."""
    c, d = cases.astype(np.float64), at_risk.astype(np.float64)

    def entropy(part: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
        """The log likelihood of `part` of `total` at its own share."""
        rest = total - part
        return _xlogy(part, total) + _xlogy(rest, total)

    total = entropy(np.array([float(all_cases)]), np.array([float(all_at_risk)]))[0]
    ratio = entropy(c, d) + entropy(all_cases - c, all_at_risk - d) - total
    comparable = (d > 0) & (d < all_at_risk)
    direction = np.sign(c * all_at_risk - d * float(all_cases))
    return np.where(comparable, direction * np.sqrt(2 * np.maximum(ratio, 0.0)), 0.0)


def poisson_root(
    cases: NDArray[np.int64], exposure: NDArray[np.int64], all_cases: int, all_exposure: int
) -> NDArray[np.float64]:
    """The same for the Poisson model: ``c ln(c/e) + (C-c) ln((C-c)/(C-e))``, with e the inside's share of the exposure
    times all cases."""
    c, b = cases.astype(np.float64), exposure.astype(np.float64)
    expected = b * (all_cases / all_exposure) if all_exposure else np.zeros_like(b)
    ratio = _xlogy(c, expected) + _xlogy(all_cases - c, all_cases - expected)
    comparable = (b > 0) & (b < all_exposure)
    return np.where(comparable, np.sign(c - expected) * np.sqrt(2 * np.maximum(ratio, 0.0)), 0.0)


def _xlogy(part: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.float64]:
    """part x ln(part / total), 0 where the part is 0."""
    share = np.divide(part, total, out=np.ones_like(part), where=(part > 0) & (total > 0))
    return part * np.log(share)
