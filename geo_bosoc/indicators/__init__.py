"""What is counted: definitions, counting, intervals, rates."""

from geo_bosoc.indicators.count import count_everyone, count_indicators
from geo_bosoc.indicators.counting.finalise import settle_counts
from geo_bosoc.indicators.counting.raw_counts import (
    add_counts,
    count_rows,
)
from geo_bosoc.indicators.counting.row_expressions import check_indicators
from geo_bosoc.indicators.load import (
    Parameter,
    compute_parameters,
    list_indicators,
    load_indicators,
    parse_indicators,
)
from geo_bosoc.indicators.plan import needed_columns
from geo_bosoc.indicators.rates import byar, indicator_table, poisson_interval, wilson
from geo_bosoc.indicators.scales import with_scales
from geo_bosoc.indicators.spec import Indicator, Side

__all__ = [
    "Indicator",
    "Parameter",
    "Side",
    "add_counts",
    "byar",
    "check_indicators",
    "compute_parameters",
    "count_everyone",
    "count_indicators",
    "count_rows",
    "indicator_table",
    "list_indicators",
    "load_indicators",
    "needed_columns",
    "parse_indicators",
    "poisson_interval",
    "settle_counts",
    "wilson",
    "with_scales",
]
