"""The mixed city: tenure mix, segregation, the rules of balance, and what building would do to them."""

from __future__ import annotations

from geo_bosoc.balance.codes import CodeList, load_codes
from geo_bosoc.balance.residents import residents_by_tenure
from geo_bosoc.balance.sharing import kinds_by_area, share_estates
from geo_bosoc.balance.tenure import family_counts, tenure_mix

__all__ = [
    "CodeList",
    "family_counts",
    "kinds_by_area",
    "load_codes",
    "residents_by_tenure",
    "share_estates",
    "tenure_mix",
]
