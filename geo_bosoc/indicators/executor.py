"""Where parts are counted: here, one after the other, or on the workers of a Dask cluster. The counts are the same.

Workers read the registers' files themselves, so they must see them under the same path: another machine by a shared
disk. What was converted (text files, workbooks, person numbers that were hashed) lies in this machine's private
folder, which only workers on this machine see.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import polars as pl

from geo_bosoc.indicators.counting.registers import (
    CountPlan,
    LabelledPart,
    PartCounts,
    RegisterPart,
    count_part,
    label_part,
)
from geo_bosoc.locate.labels import Labels
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.problems.messages import phrase
from geo_bosoc.progress import Progress

if TYPE_CHECKING:
    from distributed import Client

_TRIES: Final = 5
"""How many workers may die over one part before the run gives up."""

_ANSWER: Final = "20s"
"""How long a scheduler may take to answer."""


@dataclass(frozen=True)
class Executor:
    """`[run]` engine and scheduler: ``local``, or ``dask`` with the address of a scheduler (None: workers of its own,
    one a processor, on this machine)."""

    kind: Literal["local", "dask"] = "local"
    scheduler: str | None = None


def count_registers(
    parts: Sequence[RegisterPart],
    labels: Mapping[str, Labels],
    plan: CountPlan,
    executor: Executor,
    progress: Progress,
) -> list[PartCounts]:
    """Count all parts; the results in their order.

    Parameters
    ----------
    parts : sequence of RegisterPart
        Rows that can be counted apart.
    labels : mapping of str to Labels
        By register, the labels of its addresses; registers may share them.
    plan : CountPlan
        What all parts have in common.
    executor : Executor
        Here, or on a Dask cluster.
    progress : Progress
        Shows how many parts are counted.

    Returns
    -------
    list of PartCounts
        In the order of `parts`.

    Raises
    ------
    InputError
        Dask is not installed, its scheduler cannot be reached, or its workers cannot read the files.
    """
    if executor.kind == "local":
        return _count_locally(parts, labels, plan, progress)
    with _cluster(executor) as client:
        return _on_workers(client, parts, labels, plan, progress)


def _count_locally(
    parts: Sequence[RegisterPart], labels: Mapping[str, Labels], plan: CountPlan, progress: Progress
) -> list[PartCounts]:
    """One part after the other; the rows of the next one are labelled while one is counted."""
    part_counts = []
    with ThreadPoolExecutor(1, thread_name_prefix="naming") as thread:

        def start_labelling(part: RegisterPart) -> Future[LabelledPart] | None:
            register_labels = labels.get(part.register)
            return None if register_labels is None else thread.submit(label_part, part, register_labels)

        upcoming = start_labelling(parts[0]) if parts else None
        for number, part in enumerate(parts):
            progress.part(number, len(parts))
            labelled_part = None if upcoming is None else upcoming.result()
            upcoming = start_labelling(parts[number + 1]) if number + 1 < len(parts) else None
            part_counts.append(count_part(part, labels.get(part.register), plan, labelled_part))
    return part_counts


def _on_workers(
    client: Client,
    parts: Sequence[RegisterPart],
    labels: Mapping[str, Labels],
    plan: CountPlan,
    progress: Progress,
) -> list[PartCounts]:
    """Each part is a task. Labels are a task of their own as well, so that they are made anew where a worker that
    held them dies."""
    from distributed import as_completed

    unpacked: dict[int, Any] = {}
    for register_labels in labels.values():
        if id(register_labels) not in unpacked:
            unpacked[id(register_labels)] = client.submit(
                unpack, pack(register_labels), pure=False, retries=_TRIES
            )
    futures = [
        client.submit(
            count_part,
            part,
            unpacked[id(labels[part.register])] if part.register in labels else None,
            plan,
            pure=False,
            retries=_TRIES,
        )
        for part in parts
    ]
    with _worker_errors():
        for number, future in enumerate(as_completed(futures), start=1):
            future.result()
            progress.part(number, len(parts))
        return [future.result() for future in futures]


def pack(labels: Labels) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    """Labels as compressed bytes, to be sent once."""
    packed = []
    for frame in (labels.points, labels.labels, labels.areas):
        buffer = io.BytesIO()
        frame.write_ipc(buffer, compression="zstd")
        packed.append(buffer.getvalue())
    return labels.keys, tuple(packed)


def unpack(packed: tuple[tuple[str, ...], tuple[bytes, ...]]) -> Labels:
    """Labels from `pack`."""
    keys, frames = packed
    points, kinds, areas = (pl.read_ipc(io.BytesIO(frame)) for frame in frames)
    return Labels(keys, points, kinds, areas)


@contextlib.contextmanager
def _cluster(executor: Executor) -> Iterator[Client]:
    """A client of the scheduler that is named, or of workers of its own that end with the run."""
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise _input_error(
            'engine = "dask" needs Dask, which is not installed.',
            key="run.engine",
            hint='Install it with: pip install "geo-bosoc[dask]". Or write engine = "local".',
        ) from None
    quiet = {
        "distributed.admin.large-graph-warning-threshold": "1GB",
        "distributed.comm.timeouts.connect": "20s",
    }
    with dask.config.set(quiet), contextlib.ExitStack() as stack:
        if executor.scheduler is not None:
            try:
                client = Client(executor.scheduler, timeout=_ANSWER)
            except (OSError, ValueError, TypeError):
                raise _input_error(
                    phrase("no Dask scheduler answers at {scheduler}.", scheduler=executor.scheduler),
                    key="run.scheduler",
                    hint='Start one with "dask scheduler" and workers with "dask worker ADDRESS".',
                ) from None
            if not client.scheduler_info()["workers"]:
                client.close()
                raise _input_error(
                    phrase("the Dask scheduler at {scheduler} has no workers.", scheduler=executor.scheduler),
                    key="run.scheduler",
                    hint='Start some with "dask worker ADDRESS".',
                )
            yield stack.enter_context(client)
            return
        workers = max(1, os.cpu_count() or 1)
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            memory_limit=0,  # a part's memory is bounded; a worker must not be stopped for the files it has mapped
            env={"POLARS_MAX_THREADS": "1"},
        )
        yield stack.enter_context(Client(stack.enter_context(cluster)))


@contextlib.contextmanager
def _worker_errors() -> Iterator[None]:
    """What goes wrong on workers in words that help; a message of theirs may quote data, and is not passed on."""
    from distributed.scheduler import KilledWorker

    try:
        yield
    except KilledWorker:
        raise _input_error(
            "workers died again and again over the same part of a register.",
            key="run.engine",
            hint="They may lack memory: give them more, or use fewer on each machine.",
        ) from None
    except (FileNotFoundError, PermissionError):
        raise _input_error(
            "a worker cannot read a file of the registers.",
            key="run.scheduler",
            hint="Workers must see the files under the same path (a shared disk). Text files and workbooks are"
            " converted on this machine, so workers elsewhere need Parquet without person numbers.",
        ) from None


def _input_error(message: str, *, key: str, hint: str) -> InputError:
    return InputError([Problem("error", message, key=key, hint=hint)])
