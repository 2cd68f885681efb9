"""The mixed city: tenure mix, segregation, the rules of balance, and what building would do to them."""

from __future__ import annotations

from geo_bosoc.balance.allocation import letting
from geo_bosoc.balance.apportionment import kinds_by_area, share_estates
from geo_bosoc.balance.codes import CodeList, load_codes
from geo_bosoc.balance.minimum_change import fewest, fewest_together
from geo_bosoc.balance.projects import check_projects
from geo_bosoc.balance.residents import residents_by_tenure
from geo_bosoc.balance.rule_lists import (
    Ladder,
    RuleLists,
    ShareRule,
    load_rules,
)
from geo_bosoc.balance.rules import (
    Stock,
    assignment_bans,
    dispensation,
    share_met,
    share_rule,
)
from geo_bosoc.balance.scenarios import chance_of_keeping, first_year_kept, scenario
from geo_bosoc.balance.segregation.indices import (
    decompose,
    diversity,
    mixed_inside,
    segregation,
    target_bands,
)
from geo_bosoc.balance.segregation.multiscale import (
    neighbour_contrast,
    segregation_at_scales,
    square_grid_ids,
)
from geo_bosoc.balance.tenure import family_counts, tenure_mix
from geo_bosoc.balance.what_if import if_indicators

__all__ = [
    "CodeList",
    "Ladder",
    "RuleLists",
    "ShareRule",
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
    "share_met",
    "share_rule",
    "square_grid_ids",
    "target_bands",
    "tenure_mix",
]
