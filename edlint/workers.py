"""Several enclaves of one run, each checked in a process of its own; what comes back is what one process would say.

A process is forked when everything is read, so that it gets the programs for nothing, and sends back only what was
found. Sources are sent by their number, for places in one file are only equal when they are in one source.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import select
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from edlint.source import Source

T = TypeVar("T")
Sources = Sequence[Source]
"""Those that were read before the processes were forked: they are the same in all of them."""

MOST = 8
"""Processes at a time, however many processors there are: each may take as much memory as a whole run."""

_CHUNK = 1 << 16


class LostError(Exception):
    """A process that ended before it had answered; the text says how."""


def possible(wanted: int) -> int:
    """How many processes to use: `wanted`, or for 0 as many as there are processors; 1 where forking is not safe."""
    threading = sys.modules.get("threading")
    alone = threading is None or threading.active_count() == 1
    if not alone or not sys.platform.startswith("linux"):
        return 1
    return min(wanted or len(os.sched_getaffinity(0)), MOST)


def spread(tasks: Sequence[Callable[[], T]], processes: int, sources: Sources) -> list[T | LostError]:
    """The answers of some tasks, in their order, each from a process of its own.

    A task whose process ends before it answers is tried once more when no other one runs: there may have been too
    little memory for several.
    """
    answers: dict[int, T | LostError] = {}
    _run(tasks, range(len(tasks)), processes, sources, answers)
    _run(tasks, [n for n in answers if isinstance(answers[n], LostError)], 1, sources, answers)
    return [answers[n] for n in range(len(tasks))]


@dataclass
class _Worker:
    """A process at work."""

    number: int
    pid: int
    pipe: int
    parts: list[bytes] = field(default_factory=list)


def _run(
    tasks: Sequence[Callable[[], T]],
    numbers: Iterable[int],
    processes: int,
    sources: Sources,
    answers: dict[int, T | LostError],
) -> None:
    waiting = [*numbers]
    working: dict[int, _Worker] = {}
    poll = select.poll()
    try:
        while waiting or working:
            while waiting and len(working) < processes:
                number = waiting.pop(0)
                worker = _start(number, tasks[number], sources)
                working[worker.pipe] = worker
                poll.register(worker.pipe, select.POLLIN)
            for pipe, _ in poll.poll():
                worker = working[pipe]
                part = os.read(pipe, _CHUNK)
                if part:
                    worker.parts.append(part)
                    continue
                poll.unregister(pipe)
                del working[pipe]
                answers[worker.number] = _answer(worker, sources)
    finally:
        for worker in working.values():
            # An interruption, or what goes wrong here: nobody waits for these any more.
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
            os.close(worker.pipe)
            os.waitpid(worker.pid, 0)


def _start(number: int, task: Callable[[], object], sources: Sources) -> _Worker:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work(task, sources, reading, writing)
    os.close(writing)
    return _Worker(number, pid, reading)


def _work(task: Callable[[], object], sources: Sources, reading: int, writing: int) -> NoReturn:
    """The life of a forked process: nothing of its parent's is flushed, closed or taken apart at its end."""
    code = 1
    try:
        os.close(reading)
        buffer = io.BytesIO()
        _Pickler(buffer, sources).dump(task())
        view = buffer.getbuffer()
        while view:
            view = view[os.write(writing, view) :]
        code = 0
    except MemoryError:
        code = 2
    finally:
        os._exit(code)


def _answer(worker: _Worker, sources: Sources) -> Any:
    """What a process sent, if it came to its end."""
    os.close(worker.pipe)
    _, status = os.waitpid(worker.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return _Unpickler(io.BytesIO(b"".join(worker.parts)), sources).load()
    if code < 0:
        return LostError(f"was ended by signal {-code} ({signal.Signals(-code).name})")
    return LostError("ran out of memory" if code == 2 else f"ended early with code {code}")


class _Pickler(pickle.Pickler):
    """Sources that both processes have go by their number."""

    def __init__(self, file: io.BytesIO, sources: Sources) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._numbers = {id(s): n for n, s in enumerate(sources)}

    def persistent_id(self, obj: object) -> int | None:
        """The number of a source that the other process has too."""
        return self._numbers.get(id(obj)) if isinstance(obj, Source) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, sources: Sources) -> None:
        super().__init__(file)
        self._sources = sources

    def persistent_load(self, pid: int) -> Source:
        """The source of a number."""
        return self._sources[pid]
