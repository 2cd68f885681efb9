"""Why each register is held, on what ground, from whom, and until when: told, and asked for where it is not said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from geo_bosoc.problems import Report
from geo_bosoc.registers.spec import RegisterSpec

ASKED: Final = ("purpose", "legal_basis", "source", "received", "delete_by")


def check_custody(
    specs: Mapping[str, RegisterSpec], report: Report, *, today: date, made_up: bool = False
) -> None:
    """Warn where a register of people says too little about itself, or should be deleted by now.

    Registers of addresses, and of made-up people, may say nothing.
    """
    for name, spec in specs.items():
        if spec.delete_by is not None and spec.delete_by < today:
            report.warn(
                f"this register was to be deleted by {spec.delete_by.isoformat()}.",
                key=f"registers.{name}.delete_by",
                hint="Delete its files, or settle a new date.",
            )
        if spec.received is not None and spec.received > today:
            report.warn("this register was received in the future.", key=f"registers.{name}.received")
        missing = [field for field in ASKED if not getattr(spec, field)]
        if missing and not made_up and spec.unit in ("person", "case", "dwelling"):
            report.warn(
                f"the register does not say: {', '.join(missing)}.",
                key=f"registers.{name}",
                hint="Write them in the project file; run.json prints them.",
            )
