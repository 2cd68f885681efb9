"""Figures of a run that cannot be right, or hardly: warned about before anything is categorised by them."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.problems import Report
from geo_bosoc.project.inputs import Inputs
from geo_bosoc.project.over_base import tell_over_bases
from geo_bosoc.project.period_steps import tell_period_steps
from geo_bosoc.project.unmet import tell_unmet


def report_implausible(
    inputs: Inputs,
    counts: pd.DataFrame,
    reference_counts: pd.DataFrame,
    table: pd.DataFrame,
    reference_areas: pd.DataFrame,
    *,
    report: Report,
    minimum: int,
) -> None:
    """Warn of conditions that no row meets, numerators over their bases, and steps between periods.

    Parameters
    ----------
    inputs : Inputs
        What was counted.
    counts, reference_counts : DataFrame
        The counts of the areas and of the reference areas (`geo_bosoc.project.count.count_project`).
    table, reference_areas : DataFrame
        The indicator tables made from them.
    report : Report
        Holds the match report, and takes the warnings.
    minimum : int
        Figures on fewer persons are not looked at: chance moves them.
    """
    tell_unmet(counts, reference_counts, inputs, report)
    tell_over_bases(counts, reference_counts, inputs, report, minimum=minimum)
    tell_period_steps(inputs, table, reference_areas, report, minimum=minimum)
