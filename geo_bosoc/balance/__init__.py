"""The mixed city: tenure mix, segregation, the rules of balance, and what building would do to them."""

from __future__ import annotations

from geo_bosoc.balance.codes import CodeList, load_codes
from geo_bosoc.balance.residents import residents_by_tenure
from geo_bosoc.balance.scales import neighbour_contrast, segregation_at_scales, square_grid_ids
from geo_bosoc.balance.segregation import decompose, diversity, mixed_inside, segregation, target_bands
from geo_bosoc.balance.sharing import kinds_by_area, share_estates
from geo_bosoc.balance.tenure import family_counts, tenure_mix

__all__ = [
    "CodeList",
    "decompose",
    "diversity",
    "family_counts",
    "kinds_by_area",
    "load_codes",
    "mixed_inside",
    "neighbour_contrast",
    "residents_by_tenure",
    "segregation",
    "segregation_at_scales",
    "share_estates",
    "square_grid_ids",
    "target_bands",
    "tenure_mix",
]
