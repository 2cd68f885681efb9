"""The balance or the bottom-up study by itself, from a project file to its files; a yearly run writes the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from geo_bosoc.balance.outputs.mixed import mixed_today
from geo_bosoc.balance.results import BalanceResults
from geo_bosoc.bottom_up.outputs import UNSETTLED
from geo_bosoc.bottom_up.places.place_order import new_place_lines
from geo_bosoc.bottom_up.results import BottomUpResults
from geo_bosoc.bottom_up.texts import verdict_word
from geo_bosoc.disclosure.results import Edition, OutputSet, Stamped
from geo_bosoc.problems import Report
from geo_bosoc.problems.messages import count_text, joined, phrase
from geo_bosoc.progress import Progress
from geo_bosoc.project.analysis import analyse_project
from geo_bosoc.project.sets.for_each_set import published_balance, suppressed_set
from geo_bosoc.project.sets.open_project import open_project
from geo_bosoc.project.sets.outcome import ResultsT, WrittenResults, warning_lines
from geo_bosoc.project.sets.output_folders import check_output
from geo_bosoc.project.sets.output_set import write_outputs
from geo_bosoc.project.sets.previous_set import read_previous
from geo_bosoc.project.spec import Project
from geo_bosoc.project.studies.balance import study_balance
from geo_bosoc.project.studies.bottom_up.at_risk import with_areas_at_risk
from geo_bosoc.project.studies.bottom_up.inputs import read_bottom_up_lists
from geo_bosoc.project.studies.bottom_up.study import study_bottom_up
from geo_bosoc.project.studies.bottom_up.typology import with_area_types
from geo_bosoc.text.numbers import number

_OutcomeT = TypeVar("_OutcomeT")


@dataclass(frozen=True)
class BalanceOutcome(WrittenResults[BalanceResults]):
    """The results of the study of balance, and the files that were written."""

    def result_lines(self) -> list[str]:
        """The verdicts on the areas, and from when each keeps the rule."""
        results = self.results
        mixed = mixed_today(results)
        places = mixed["place"].value_counts()
        lines: list[str] = [
            phrase(
                "{areas}, {period}: {within} within the band of {low}-{high} % social dwellings, {under} under and "
                "{over} over it; the blocks lie apart in {apart}.",
                areas=count_text(len(results.areas), "area"),
                period=results.period,
                low=f"{results.band[0]:g}",
                high=f"{results.band[1]:g}",
                within=str(places.get("within", 0)),
                under=str(places.get("under", 0)),
                over=str(places.get("over", 0)),
                apart=str(int((mixed["apart"] == "apart").sum())),
            )
        ]
        for row in results.compliance[results.compliance["variant"] == "all"].itertuples(index=False):
            name = results.area_names.get(str(row.area_id), str(row.area_id))
            when = (
                phrase("not kept")
                if str(row.kept_from) == "<NA>"
                else phrase("kept from 1 January {year}", year=str(row.kept_from))
            )
            lines.append(
                phrase(
                    "{area}, {rule}, all projects: {when} (to {horizon}).",
                    area=name,
                    rule=results.rule.label(results.language),
                    when=when,
                    horizon=str(results.horizon),
                )
            )
            lines += _fewest_line(results, str(row.area_id))
        return lines + warning_lines(results.report)


def _fewest_line(results: BalanceResults, area: str) -> list[str]:
    """How many dwellings that the rule does not limit must be built by the horizon, beyond each variant's projects."""
    changes = results.minimum_change
    by_variant = changes[
        (changes["area_id"] == area)
        & (changes["way"] == "build_other")
        & (changes["year"] == results.horizon)
    ].set_index("variant")
    if not {"decided", "likely", "all"} <= set(by_variant.index):
        return []

    def count(variant: str) -> str:
        low, high = (int(str(by_variant.loc[variant, f"number_{end}"])) for end in ("low", "high"))
        texts = [number(each, results.language) for each in (low, high)]
        return texts[0] if low == high else phrase("{low} to {high}", low=texts[0], high=texts[1])

    return [
        phrase(
            "  At the fewest to build by 1 January {horizon} for it to be kept, dwellings of other kinds: {decided} "
            "beyond the decided projects, {likely} beyond the likely ones (at least 50 %), {all} beyond all.",
            horizon=str(results.horizon),
            decided=count("decided"),
            likely=count("likely"),
            all=count("all"),
        )
    ]


@dataclass(frozen=True)
class BottomUpOutcome(WrittenResults[BottomUpResults]):
    """The results of the bottom-up study, and the files that were written."""

    def result_lines(self) -> list[str]:
        """The verdicts on the places, how many nominations are in doubt, and what the parts of the study say."""
        results = self.results
        counts = results.verdicts["verdict"].value_counts()
        verdicts = [
            f"{count} {verdict_word(str(verdict), results.language)}" for verdict, count in counts.items()
        ]
        lines: list[str] = [
            _verdicts(count_text(len(results.places), "place"), results.period, verdicts)
            if verdicts
            else phrase("No places, {period}.", period=results.period)
        ]
        lines += new_place_lines(results)
        if doubtful := results.unsettled["row"].nunique() if len(results.unsettled) else 0:
            nominations = count_text(doubtful, "nomination")
            lines.append(
                phrase(
                    "{nominations} in doubt: settle this in {file}.", nominations=nominations, file=UNSETTLED
                )
            )
        for part in results.shown_parts().values():
            lines += part.summary
        return lines + warning_lines(results.report)


def run_balance(
    project: str | Path | Project,
    *,
    period: str | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    internal: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BalanceOutcome:
    """Study the balance of a project and write map, GeoPackage, workbook, tables and plots to its output folder.

    Parameters
    ----------
    project : str, Path or Project
        A project file, its folder, or a loaded `Project`.
    period : str, optional
        Instead of the last one.
    output : str or Path, optional
        A folder instead of the project's.
    language : {"da", "en"}, optional
        Instead of the project's.
    internal : bool
        Write the internal workbook too, beside the output folder (``maps-internal``): with chances, the
        "if" indicators, letting and residents by tenure.
    report : Report, optional
        Takes the warnings and the facts of the study.
    progress : Progress, optional
        Shows how far the study is.

    Raises
    ------
    InputError
        Anything is wrong with the project or its files; nothing is written then.
    OutputInUse
        A file of the last run is open in another program. All old files stay as they were.
    """

    def study(loaded: Project) -> BalanceResults:
        return study_balance(loaded, period=period, language=language, report=report, progress=progress)

    sets: tuple[OutputSet, ...] = ("public", "internal") if internal else ("public",)
    return _run_by_itself("balance", project, output, sets, study, published_balance, BalanceOutcome)


def run_bottom_up(
    project: str | Path | Project,
    *,
    period: str | None = None,
    output: str | Path | None = None,
    language: str | None = None,
    unguarded: bool = False,
    report: Report | None = None,
    progress: Progress | None = None,
) -> BottomUpOutcome:
    """Nominations and registers to places that are verified, and the steering group's files, of the internal set.

    As `run_balance`, of a project with a table ``[bottom_up]``. `unguarded` shows small numbers; every file then says
    so.
    """
    study_report = report if report is not None else Report()

    def study(loaded: Project) -> BottomUpResults:
        lists = read_bottom_up_lists(loaded)
        analysis = analyse_project(
            loaded,
            periods=(period,) if period else None,
            language=language,
            requests=(lists.request(loaded),),
            report=study_report,
            progress=progress,
        )
        results = study_bottom_up(
            loaded,
            analysis.results,
            inputs=analysis.inputs,
            lists=lists,
            unguarded=unguarded,
            report=study_report,
            progress=progress,
        )
        published = suppressed_set(
            loaded,
            analysis.results,
            "internal",
            unguarded=unguarded,
            before=read_previous(loaded),
            report=study_report,
        )
        assert loaded.spec.bottom_up is not None
        results = with_areas_at_risk(loaded, results, analysis, published)
        return with_area_types(loaded.spec.bottom_up, results, published)

    return _run_by_itself(
        "bottom_up", project, output, ("internal",), study, lambda results, _: results, BottomUpOutcome
    )


def _run_by_itself(
    name: str,
    project: str | Path | Project,
    output: str | Path | None,
    sets: tuple[OutputSet, ...],
    study: Callable[[Project], ResultsT],
    publish: Callable[[ResultsT, Edition], Stamped],
    outcome: Callable[[ResultsT, Path, tuple[Path, ...], tuple[str, ...]], _OutcomeT],
) -> _OutcomeT:
    """The steps of every study: its folder is checked before anything is read, it is run, and its sets are written."""
    loaded = open_project(project, output)
    folder = Path(output) if output is not None else loaded.output
    output_report = Report()
    check_output(loaded, None if output is None else folder, output_report, results=(name,), sets=sets)
    output_report.raise_errors()
    results = study(loaded)
    rules = loaded.spec.disclosure.rules
    published = {output_set: {name: publish(results, Edition(output_set, rules))} for output_set in sets}
    written = write_outputs(published, folder, loaded)
    return outcome(results, folder, written.files, written.notes)


def _verdicts(subject: str, period: str, verdicts: Sequence[str]) -> str:
    """How many there are in a period, and how many of each verdict."""
    return phrase(
        "{subject}, {period}: {verdicts}.", subject=subject, period=period, verdicts=joined(verdicts)
    )
