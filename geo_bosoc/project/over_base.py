"""Telling of numerators over their bases in another register, with the registers' names and files."""

from __future__ import annotations

import pandas as pd

from geo_bosoc.indicators.count_checks import report_over_base
from geo_bosoc.indicators.plan import make_parts
from geo_bosoc.problems import Report
from geo_bosoc.project.inputs import Inputs, id_columns
from geo_bosoc.project.literals import register_file
from geo_bosoc.project.reference_dates import register_of


def tell_over_bases(
    counts: pd.DataFrame, reference_areas: pd.DataFrame, inputs: Inputs, report: Report, *, minimum: int
) -> None:
    """`report_over_base` for a run's counts of areas and reference areas (`geo_bosoc.project.count.count_project`)."""
    parts = make_parts(inputs.indicators, inputs.registers, id_columns(inputs.specs), Report())
    report_over_base(
        pd.concat([reference_areas, counts], ignore_index=True),
        parts,
        report,
        smallest_base=minimum,
        register_name=register_of,
        register_file=lambda name: register_file(register_of(name), inputs.specs[name].paths, report),
        internal=[name for name, spec in inputs.specs.items() if spec.publish == "internal"],
    )
