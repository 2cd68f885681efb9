"""What the study of balance writes: map, GeoPackage, workbook, tables and plots."""

from __future__ import annotations

from typing import Final

from geo_bosoc.outputs.registry import Output

_HERE: Final = "geo_bosoc.balance.outputs"

OUTPUTS: Final = (
    Output(("balance.xlsx",), f"{_HERE}.tables:write_balance_workbook", results="balance"),
    Output(("balance.html",), f"{_HERE}.page:write_balance_map", ("public",), "balance"),
    Output(("balance.gpkg",), f"{_HERE}.page:write_balance_geopackage", ("public",), "balance"),
    Output(("balance.csv",), f"{_HERE}.tables:write_balance_csv", ("public",), "balance"),
    Output(("balance_years.csv",), f"{_HERE}.tables:write_balance_years_csv", ("public",), "balance"),
    Output(("balance_mix.svg", "balance_mix.png"), f"{_HERE}.plots:write_mix_plot", ("public",), "balance"),
    Output(("balance_rule.svg", "balance_rule.png"), f"{_HERE}.plots:write_rule_plot", ("public",), "balance"),
    Output(("balance_scales.svg", "balance_scales.png"), f"{_HERE}.plots:write_scales_plot", ("public",), "balance"),
)  # fmt: skip
"""The lines of the list of outputs; all but the workbook would tell nothing more in the internal set."""
