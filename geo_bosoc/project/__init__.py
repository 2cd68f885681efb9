"""bosoc.toml and the yearly run."""

from geo_bosoc.project.analysis import analyse
from geo_bosoc.project.balance import study_balance
from geo_bosoc.project.balance_run import BalanceOutcome, run_balance
from geo_bosoc.project.check import check_project
from geo_bosoc.project.explain import explain_area
from geo_bosoc.project.run import Outcome, run_project
from geo_bosoc.project.spec import Project, ProjectSpec, load_project
from geo_bosoc.project.study import Study

__all__ = [
    "BalanceOutcome",
    "Outcome",
    "Project",
    "ProjectSpec",
    "Study",
    "analyse",
    "check_project",
    "explain_area",
    "load_project",
    "run_balance",
    "run_project",
    "study_balance",
]
