"""bosoc.toml and the yearly run."""

from geo_bosoc.project.balance import find_balance
from geo_bosoc.project.balance_run import BalanceOutcome, run_balance
from geo_bosoc.project.checking import check_project
from geo_bosoc.project.explaining import explain_area
from geo_bosoc.project.output_set import Outcome
from geo_bosoc.project.run import Study, find, run_project
from geo_bosoc.project.spec import Project, ProjectSpec, load_project

__all__ = [
    "BalanceOutcome",
    "Outcome",
    "Project",
    "ProjectSpec",
    "Study",
    "check_project",
    "explain_area",
    "find",
    "find_balance",
    "load_project",
    "run_balance",
    "run_project",
]
