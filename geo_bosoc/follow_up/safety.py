"""Safety surveys as VIVE prints them: the share of an area, and whether it differs from three references."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_bosoc.disclosure.policy import Policy
from geo_bosoc.disclosure.primary import small
from geo_bosoc.disclosure.results import PublishedResults, Results
from geo_bosoc.follow_up.goals.goal_texts import figure_text, period_text
from geo_bosoc.follow_up.goals.targets import as_number, parse_period
from geo_bosoc.follow_up.spec_parts import REFERENCES, SafetyPart
from geo_bosoc.indicators.rates import Z95, Floats
from geo_bosoc.models.table_files import columns_by_role, read_finished, row_numbers, status_of_text
from geo_bosoc.models.typed_numbers import cell_text
from geo_bosoc.problems import Report, did_you_mean, read_or_none
from geo_bosoc.problems.messages import joined, phrase
from geo_bosoc.text.catalogue import Language, word
from geo_bosoc.text.numbers import number
from geo_bosoc.text.person_numbers import refuse_person_numbers

SAFETY_COLUMNS: Final = (
    "area_id", "indicator", "question", "period", "value", "respondents",
    "all_plans", "all_plans_respondents", "differs_from_all_plans",
    "all_social_housing", "all_social_housing_respondents", "differs_from_all_social_housing",
    "population", "population_respondents", "differs_from_population", "status", "method", "sentence",
)  # fmt: skip
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "area_id": ("area_id", "area", "område"),
    "question": ("question", "spørgsmål", "indicator"),
    "period": ("period", "year", "år"),
    "value": ("area_pct", "value_pct", "pct", "procent", "andel_pct"),
    "respondents": ("respondents", "area_respondents", "adspurgte", "svar"),
    **{name: (f"{name}_pct",) for name in REFERENCES},
    **{f"{name}_respondents": (f"{name}_respondents",) for name in REFERENCES},
}


def difference_z(
    share: npt.ArrayLike,
    respondents: npt.ArrayLike,
    reference: npt.ArrayLike,
    reference_respondents: npt.ArrayLike,
) -> Floats:
    """The pooled two-proportion test: how many standard deviations a share lies from a reference.

    ``z = (p1 - p2) / sqrt(p (1 - p) (1 / n1 + 1 / n2))`` with ``p = (p1 n1 + p2 n2) / (n1 + n2)``. They differ at 5 %,
    two-sided, where ``|z| > 1.96``. That VIVE tests so is an assumption of ours: its notes do not say how. The area's
    respondents are among the reference's, too, which the test does not take into account: it then finds too few
    differences rather than too many.

    Parameters
    ----------
    share : array-like
        The area's, as a fraction.
    respondents : array-like
        How many answered there.
    reference : array-like
        The reference's share, as a fraction.
    reference_respondents : array-like
        How many answered there.

    Returns
    -------
    ndarray of float
        0 where all or none of both say so; NaN where nobody answered or a figure is missing.

    Examples
    --------
    >>> difference_z(0.67, 100, [0.82, 0.75], 10_000).round(2).tolist()
    [-3.87, -1.84]
    """
    p1, n1 = np.asarray(share, dtype=np.float64), np.asarray(respondents, dtype=np.float64)
    p2, n2 = np.asarray(reference, dtype=np.float64), np.asarray(reference_respondents, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (p1 * n1 + p2 * n2) / (n1 + n2)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
        z = np.where(spread > 0, (p1 - p2) / spread, 0.0)
    return np.where((n1 > 0) & (n2 > 0) & np.isfinite(p1 - p2), z, np.nan)


def differs(z: float, *, higher_is_better: bool) -> Literal["no", "worse", "better", "cannot_tell"]:
    """What a test says at 5 %, two-sided.

    Examples
    --------
    >>> differs(-2.5, higher_is_better=True), differs(1.9, higher_is_better=True), differs(2.5, higher_is_better=False)
    ('worse', 'no', 'worse')
    """
    if math.isnan(z):
        return "cannot_tell"
    if abs(z) <= Z95:
        return "no"
    return "better" if (z > 0) == higher_is_better else "worse"


def safety_of_results(
    results: Results,
    part: SafetyPart,
    *,
    folder: str | Path = ".",
    language: Language | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Shares of a survey in a run next to the references, from what is published alone.

    Parameters
    ----------
    results : Results
        Of a run: `PublishedResults` where the table is to be published.
    part : SafetyPart
        Which indicators, which reference areas, and a finished table.
    folder : str or Path, optional
        What the table is named from.
    language : {"da", "en"}, optional
        Of the sentences; left out, the results'.
    report : Report, optional
        Collects problems; without it errors raise.

    Returns
    -------
    DataFrame
        One row an area, indicator and survey (`SAFETY_COLUMNS`), shares as fractions; ``differs_from_...`` is no,
        worse, better or cannot_tell. A suppressed area has its status and no numbers. Years that a survey is carried
        forward to are left out.

    Raises
    ------
    InputError
        An indicator or a reference area that is not known.

    Examples
    --------
    >>> import geo_bosoc as gb
    >>> published = gb.suppress(gb.analyse("bosoc.toml"))  # doctest: +SKIP
    >>> part = SafetyPart(indicators=("safety",))
    >>> gb.follow_up.safety_of_results(published, part)["differs_from_population"].unique().tolist()  # doctest: +SKIP
    ['no', 'worse', 'better', 'cannot_tell']
    """
    checking = Report()
    indicators = {indicator.id: indicator for indicator in results.indicators}
    is_default = part.table is not None and "indicators" not in part.model_fields_set
    names = tuple(name for name in part.indicators if name in indicators or not is_default)
    for name in names:
        if name not in indicators:
            checking.error(phrase('nothing is counted as "{name}".', name=name), key="follow_up.safety.indicators",
                           hint=did_you_mean(name, indicators))  # fmt: skip
        elif indicators[name].unit != "percent":
            checking.error(phrase("{name} is no share.", name=name), key="follow_up.safety.indicators",
                           hint="Name indicators whose unit is percent.")  # fmt: skip
    references = sorted(set(results.reference_areas["area_id"]))
    for role, area in part.references.items():
        if names and area not in references and role in part.model_fields_set:
            checking.error(phrase('there is no reference area "{area}".', area=area), key=f"follow_up.safety.{role}",
                           hint=did_you_mean(area, references))  # fmt: skip
    rows: list[dict[str, Any]] = []
    spoken: Language = language or results.language
    if not checking.errors:
        of_references = _answers(results.reference_areas, names)
        by_key = {(row["area_id"], row["indicator"], row["period"]): row for row in of_references}
        for row in _answers(results.table, names):
            indicator = indicators[row["indicator"]]
            row |= {"question": indicator.label(spoken)}
            for role, area in part.references.items():
                reference = by_key.get((area, row["indicator"], row["period"]), {})
                row |= {role: reference.get("value"), f"{role}_respondents": reference.get("respondents")}
            rows.append(_judged(row, indicator.direction == "low_is_bad", spoken))
    frame = _frame(rows)
    if part.table is not None:
        policy = results.policy if isinstance(results, PublishedResults) else Policy()
        table = read_or_none(
            partial(read_safety, Path(folder) / part.table, reference_respondents=part.reference_respondents,
                    policy=policy, language=spoken),
            checking,
        )  # fmt: skip
        frame = (
            frame if table is None else pd.concat([frame, table], ignore_index=True) if len(frame) else table
        )
    checking.hand_over(report)
    return frame


def _answers(table: pd.DataFrame, indicators: tuple[str, ...]) -> list[dict[str, Any]]:
    """Shares and how many answered, of the years in which there was a survey."""
    rows = []
    for row in table[table["indicator"].isin(indicators)].to_dict("records"):
        of = row.get("data_period")
        if (
            isinstance(of, str) and of != row["period"] and "-" not in of
        ):  # carried forward from an earlier survey
            continue
        is_shown = row["status"] == "ok"
        counts = [row["denominator"], row["unknown"]]
        has_counts = is_shown and not any(pd.isna(count) for count in counts)
        rows.append(
            {"area_id": row["area_id"], "indicator": row["indicator"], "period": row["period"],
             "value": float(row["value"]) if is_shown else None,
             "respondents": int(counts[0]) - int(counts[1]) if has_counts else None, "status": row["status"]}
        )  # fmt: skip
    return rows


def read_safety(
    source: str | Path | pd.DataFrame,
    *,
    respondents: Mapping[str, int] | None = None,
    reference_respondents: int = 10_000,
    policy: Policy | None = None,
    higher_is_better: bool = True,
    language: Language = "da",
    file: str | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """A finished table of a survey, such as VIVE's, with what differs worked out anew.

    Parameters
    ----------
    source : str, Path or DataFrame
        One row an area and question: ``area`` (or ``area_id``), ``question``, ``area_pct``, ``respondents``, and per
        cent of the references, ``all_plans_pct, all_social_housing_pct, population_pct`` (with ``..._respondents``
        where they are known); ``period`` where there are several.
    respondents : mapping of str to int, optional
        By area how many answered, where the table does not say.
    reference_respondents : int, optional
        The same of references.
    policy : Policy, optional
        Shares that rest on few respondents are suppressed by it; ``five`` where left out.
    higher_is_better : bool, optional
        Whether the shares are of those who feel safe.
    language : {"da", "en"}, optional
        Of the sentences.
    file : str, optional
        The table's name, for messages.
    report : Report, optional
        Collects problems; without it errors raise.

    Returns
    -------
    DataFrame
        As `safety_of_results`.

    Raises
    ------
    InputError
        A column is missing, or a cell is no number: all of them.

    Examples
    --------
    >>> from geo_bosoc.models import published
    >>> table = read_safety(published("safety_survey_2021"), respondents={"Herredsvang": 100}, language="en")
    >>> table.loc[2, ["differs_from_all_plans", "differs_from_population"]].tolist()
    ['no', 'worse']
    """
    reading = Report()
    table = source if isinstance(source, pd.DataFrame) else read_finished(source, signs=True)
    name = file or (None if isinstance(source, pd.DataFrame) else Path(source).name)
    columns = columns_by_role(list(table.columns), _NAMES)
    for role in ("area_id", "question", "value"):
        if role not in columns:
            reading.error(phrase('there is no column "{column}".', column=_NAMES[role][0]), file=name, column=role,
                          hint=phrase("It may also be called {names}.", names=joined(_NAMES[role][1:])))  # fmt: skip
    rows: list[dict[str, Any]] = []
    if not reading.errors:
        for role in ("area_id", "question"):
            texts = [cell_text(value) for value in table[columns[role]]]
            refuse_person_numbers(texts, columns[role], reading, file=name, rows=row_numbers(table))
        for row_number, row in zip(row_numbers(table), table.to_dict("records"), strict=True):
            cells = {role: cell_text(row[column]) for role, column in columns.items()}
            answers = _cells(cells, row_number, columns, reading, name)
            if answers["respondents"] is None:
                answers["respondents"] = (respondents or {}).get(answers["area_id"])
            for role in REFERENCES:
                if answers.get(role) is not None and answers.get(f"{role}_respondents") is None:
                    answers[f"{role}_respondents"] = reference_respondents
            _suppress(answers, policy or Policy())
            rows.append(_judged(answers, higher_is_better, language))
    if reading.errors:
        rows = []
    reading.hand_over(report)
    return _frame(rows)


def _cells(
    cells: Mapping[str, str], row: int, columns: Mapping[str, str], report: Report, file: str | None
) -> dict[str, Any]:
    answers: dict[str, Any] = {"area_id": cells["area_id"], "indicator": "", "question": cells["question"],
                               "period": parse_period(cells.get("period", "")) or "", "status": "ok",
                               "respondents": None}  # fmt: skip
    for role in ("value", "respondents", *REFERENCES, *(f"{name}_respondents" for name in REFERENCES)):
        text = cells.get(role, "")
        status = status_of_text(text)
        is_count = role.endswith("respondents")
        figure = as_number(text.removesuffix("%"), "" if is_count else "percent") if status == "ok" else None
        out_of_range = figure is not None and (figure < 0 or (figure % 1 if is_count else figure > 1))
        if status == "ok" and (figure is None or out_of_range):
            message = (
                "a whole number of 0 or more is needed." if is_count else "a percentage lies from 0 to 100."
            )
            report.error(message, file=file, row=row, column=columns[role])
        if role == "value":
            answers["status"] = status
        answers[role] = int(figure) if figure is not None and is_count else figure
    return answers


def _suppress(answers: dict[str, Any], policy: Policy) -> None:
    """A share whose count, complement or base is small has no numbers left."""
    value, base = answers["value"], answers["respondents"]
    if not policy.suppresses or value is None or base is None:
        return
    counts = [base, round(value * base), base - round(value * base)]
    is_small = bool(small(pd.Series(counts, dtype="float64"), policy.minimum).any())
    if is_small or base < policy.minimum_base or (policy.zeros == "hide" and 0 in counts):
        answers |= {"status": "protected", "value": None, "respondents": None}


def _judged(row: dict[str, Any], higher_is_better: bool, language: Language) -> dict[str, Any]:
    """The row with what it differs from, the method, and a sentence."""
    verdicts: dict[str, list[str]] = {}
    for role in REFERENCES:
        figures = [row.get(name) for name in ("value", "respondents", role, f"{role}_respondents")]
        z = float("nan") if any(figure is None or pd.isna(figure) for figure in figures) else float(
            difference_z(*(float(figure) for figure in figures if figure is not None))
        )  # fmt: skip
        has_reference = row.get(role) is not None and not pd.isna(row[role])
        outcome = differs(z, higher_is_better=higher_is_better)
        row[f"differs_from_{role}"] = outcome if has_reference else ""
        if has_reference:
            text = word("safety", role, language, value=figure_text(float(row[role]), "percent", language))
            verdicts.setdefault(outcome, []).append(text)
    row["method"] = word("safety", "method", language)
    row["sentence"] = _sentence(row, verdicts, language)
    return row


def _sentence(row: Mapping[str, Any], verdicts: Mapping[str, list[str]], language: Language) -> str:
    if row["value"] is None:
        key = "hidden" if row["status"] == "protected" else "missing"
        return word("safety", key, language, question=row["question"])
    period = f" ({period_text(row['period'], language)})" if row["period"] else ""
    share = figure_text(row["value"], "percent", language)
    base = (
        number(row["respondents"], language)
        if row["respondents"] is not None
        else word("safety", "unknown", language)
    )
    parts = [
        word("safety", "share", language, question=row["question"] + period, value=share, respondents=base)
    ]
    parts += [
        word("safety", outcome, language, references=_listed(verdicts[outcome], language))
        for outcome in ("worse", "better", "no", "cannot_tell")
        if outcome in verdicts
    ]
    return " ".join(parts)


def _listed(names: list[str], language: Language) -> str:
    *first, last = names
    return f"{', '.join(first)} {word('common', 'and', language)} {last}" if first else last


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(SAFETY_COLUMNS))
    for name in ("respondents", *(f"{role}_respondents" for role in REFERENCES)):
        frame[name] = frame[name].astype("Int64")
    for name in ("value", *REFERENCES):
        frame[name] = frame[name].astype("float64")
    return frame
