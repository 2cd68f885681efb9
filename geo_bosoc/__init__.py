"""geo_bosoc: which neighbourhoods need help, and why.

Each step is a function on frames: `read_areas`, `read_register`, `locate`, `join_areas`, `count_indicators`,
`indicator_table`, `categorise`, `explain`, `show`, `risk_map`. A whole year from a project file is `run_project`.

A name is imported from its room when it is first used, so that the command line answers ``--help`` at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geo_bosoc.balance import (
        Stock,
        assignment_bans,
        chance_of_keeping,
        check_projects,
        decompose,
        dispensation,
        diversity,
        family_counts,
        fewest,
        fewest_together,
        first_year_kept,
        if_indicators,
        kinds_by_area,
        letting,
        load_codes,
        load_rules,
        mixed_inside,
        neighbour_contrast,
        residents_by_tenure,
        scenario,
        segregation,
        segregation_at_scales,
        share_estates,
        share_rule,
        square_grid_ids,
        target_bands,
        tenure_mix,
    )
    from geo_bosoc.boundaries.read import read_areas, read_context_layer
    from geo_bosoc.disclosure.results import (
        ALL_AREAS,
        MUNICIPALITY,
        PublishedResults,
        Results,
    )
    from geo_bosoc.disclosure.suppress import show
    from geo_bosoc.indicators import (
        Indicator,
        add_counts,
        count_everyone,
        count_indicators,
        indicator_table,
        list_indicators,
        load_indicators,
    )
    from geo_bosoc.locate.join import join_areas, locate
    from geo_bosoc.locate.match_report import match_report
    from geo_bosoc.models import (
        Categorisation,
        Model,
        list_models,
        load_model,
    )
    from geo_bosoc.models.calibrate import calibrate
    from geo_bosoc.models.categorise import categorise
    from geo_bosoc.models.explain import explain
    from geo_bosoc.outputs.csv_tables import write_categories_csv, write_criteria_csv
    from geo_bosoc.outputs.geopackage.write import write_geopackage
    from geo_bosoc.outputs.manifest import write_manifest
    from geo_bosoc.outputs.page.risk_map import risk_map, write_risk_map
    from geo_bosoc.outputs.workbook.write import write_workbook
    from geo_bosoc.problems import (
        BosocWarning,
        InputError,
        Problem,
        Report,
    )
    from geo_bosoc.project import (
        find,
        load_project,
        run_balance,
        run_project,
        study_balance,
    )
    from geo_bosoc.registers.read import read_register
    from geo_bosoc.registers.spec import RegisterSpec

__version__ = "0.1.0"

__all__ = [
    "ALL_AREAS",
    "MUNICIPALITY",
    "BosocWarning",
    "Categorisation",
    "Indicator",
    "InputError",
    "Model",
    "Problem",
    "PublishedResults",
    "RegisterSpec",
    "Report",
    "Results",
    "Stock",
    "add_counts",
    "assignment_bans",
    "calibrate",
    "categorise",
    "chance_of_keeping",
    "check_projects",
    "count_everyone",
    "count_indicators",
    "decompose",
    "dispensation",
    "diversity",
    "explain",
    "family_counts",
    "fewest",
    "fewest_together",
    "find",
    "first_year_kept",
    "if_indicators",
    "indicator_table",
    "join_areas",
    "kinds_by_area",
    "letting",
    "list_indicators",
    "list_models",
    "load_codes",
    "load_indicators",
    "load_model",
    "load_project",
    "load_rules",
    "locate",
    "match_report",
    "mixed_inside",
    "neighbour_contrast",
    "read_areas",
    "read_context_layer",
    "read_register",
    "residents_by_tenure",
    "risk_map",
    "run_balance",
    "run_project",
    "scenario",
    "segregation",
    "segregation_at_scales",
    "share_estates",
    "share_rule",
    "show",
    "square_grid_ids",
    "study_balance",
    "target_bands",
    "tenure_mix",
    "write_categories_csv",
    "write_criteria_csv",
    "write_geopackage",
    "write_manifest",
    "write_risk_map",
    "write_workbook",
]

_ROOMS = {
    "geo_bosoc.boundaries.read": (
        "read_areas",
        "read_context_layer",
    ),
    "geo_bosoc.balance": (
        "Stock",
        "assignment_bans",
        "chance_of_keeping",
        "check_projects",
        "decompose",
        "dispensation",
        "diversity",
        "family_counts",
        "fewest",
        "fewest_together",
        "first_year_kept",
        "if_indicators",
        "kinds_by_area",
        "letting",
        "load_codes",
        "load_rules",
        "mixed_inside",
        "neighbour_contrast",
        "residents_by_tenure",
        "scenario",
        "segregation",
        "segregation_at_scales",
        "share_estates",
        "share_rule",
        "square_grid_ids",
        "target_bands",
        "tenure_mix",
    ),
    "geo_bosoc.locate.match_report": ("match_report",),
    "geo_bosoc.disclosure.results": (
        "ALL_AREAS",
        "Results",
        "MUNICIPALITY",
        "PublishedResults",
    ),
    "geo_bosoc.indicators": (
        "Indicator",
        "add_counts",
        "count_indicators",
        "count_everyone",
        "indicator_table",
        "list_indicators",
        "load_indicators",
    ),
    "geo_bosoc.locate.join": (
        "join_areas",
        "locate",
    ),
    "geo_bosoc.outputs.page": (
        "risk_map",
        "write_geopackage",
        "write_risk_map",
    ),
    "geo_bosoc.models": (
        "Categorisation",
        "Model",
        "calibrate",
        "categorise",
        "explain",
        "list_models",
        "load_model",
    ),
    "geo_bosoc.problems": (
        "BosocWarning",
        "InputError",
        "Problem",
        "Report",
    ),
    "geo_bosoc.project": (
        "find",
        "study_balance",
        "load_project",
        "run_balance",
        "run_project",
    ),
    "geo_bosoc.disclosure": ("show",),
    "geo_bosoc.registers": (
        "RegisterSpec",
        "read_register",
    ),
    "geo_bosoc.outputs": (
        "write_categories_csv",
        "write_criteria_csv",
        "write_manifest",
        "write_workbook",
    ),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
