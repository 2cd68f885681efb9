"""How areas are categorised."""

from geo_bosoc.models.categorisation import Categorisation
from geo_bosoc.models.categorise import categorise
from geo_bosoc.models.index.draws import WeightDraws, weight_draws
from geo_bosoc.models.load import (
    lbf_follow_up,
    list_models,
    load_model,
    model_ids,
    parse_model,
    published,
    published_history,
    published_tables,
    read_history,
)
from geo_bosoc.models.points import Calibration, calibrate, with_cutoffs
from geo_bosoc.models.rules import History, from_flags, from_lists
from geo_bosoc.models.spec import (
    Category,
    Criterion,
    Gate,
    Model,
)
from geo_bosoc.models.table_files import read_finished
from geo_bosoc.models.tables import categorise_table, needed_columns
from geo_bosoc.models.texts.describe import describe_model
from geo_bosoc.models.texts.explain import explain, sentences
from geo_bosoc.models.uncertainty.minimal_change import Change, smallest_change
from geo_bosoc.models.uncertainty.robustness import (
    Moves,
    Robustness,
    chances,
    robustness,
)
from geo_bosoc.models.variants import without_origin

__all__ = [
    "Calibration",
    "Categorisation",
    "Category",
    "Change",
    "Criterion",
    "Gate",
    "History",
    "Model",
    "Moves",
    "Robustness",
    "WeightDraws",
    "calibrate",
    "categorise",
    "categorise_table",
    "chances",
    "describe_model",
    "explain",
    "from_flags",
    "from_lists",
    "lbf_follow_up",
    "list_models",
    "load_model",
    "model_ids",
    "needed_columns",
    "parse_model",
    "published",
    "published_history",
    "published_tables",
    "read_finished",
    "read_history",
    "robustness",
    "sentences",
    "smallest_change",
    "weight_draws",
    "with_cutoffs",
    "without_origin",
]
