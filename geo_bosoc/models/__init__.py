"""How areas are categorised."""

from geo_bosoc.models.calibrate import Calibration, calibrate, with_cutoffs
from geo_bosoc.models.categorise import Categorisation, categorise
from geo_bosoc.models.explain import explain, sentences
from geo_bosoc.models.load import list_models, load_model, parse_model
from geo_bosoc.models.spec import Category, Criterion, Gate, Model

__all__ = [
    "Calibration",
    "Categorisation",
    "Category",
    "Criterion",
    "Gate",
    "Model",
    "calibrate",
    "categorise",
    "explain",
    "list_models",
    "load_model",
    "parse_model",
    "sentences",
    "with_cutoffs",
]
