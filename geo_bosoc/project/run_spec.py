"""`[run]` of the project file: which periods, where they are counted, and how much memory that may take."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from geo_bosoc.indicators.executor import Executor
from geo_bosoc.memory import Memory


class RunPart(BaseModel):
    """`[run]`: which periods, and where they are counted.

    `periods` left out: every period that the first register of persons or counts holds. `engine` is ``local``, or
    ``dask`` for the workers of a Dask cluster: the one whose `scheduler` is named, or one of its own. `memory`
    ("800 MB", "1.5 GB") is what reading and counting may take beside libraries, boundaries and addresses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    periods: tuple[str, ...] = ()
    engine: Literal["local", "dask"] = "local"
    scheduler: str | None = None
    memory: str = "1.5 GB"

    @model_validator(mode="after")
    def _fits(self) -> RunPart:
        Memory.of(self.memory)
        if self.scheduler is not None and self.engine != "dask":
            raise ValueError('a scheduler goes with engine = "dask".')
        return self

    @property
    def room(self) -> Memory:
        return Memory.of(self.memory)

    @property
    def where_counted(self) -> Executor:
        return Executor(self.engine, self.scheduler)
