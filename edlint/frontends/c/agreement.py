"""Both readers side by side: what one of them misses or misreads shows where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from edlint.frontends.c import project
from edlint.frontends.c.rescue import compared
from edlint.model.ir import Assign, Body, Declare, Invoke
from edlint.model.unit import Function, ReadState
from edlint.source import Source


class Cause(StrEnum):
    """Why the readers differ."""

    UNREAD = "unread"
    """The second reader cannot read the function."""
    ALTERNATIVES = "alternatives"
    """The first reader keeps all alternatives of an `#if`; given the one that the second took, it reads the same."""
    MACROS = "macros"
    """The second reader expanded macros, or mended the uses of unknown ones; given that text, the first reads the
    same."""
    READERS = "readers"
    """They read the same text differently: one of them is wrong."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A C function as each reader reads it."""

    first: Function
    second: Function | None
    """None when the second reader cannot read it."""
    chosen: tuple[Function, ...] = ()
    """The first reader's readings of the alternatives of `#if` that the second took."""
    same: Function | None = None
    """The first reader's reading of the very text that the second read."""

    @property
    def differences(self) -> tuple[str, ...]:
        """What the two do not agree on: `name`, `result`, `parameters`, `calls`, `assignments`, `locals`, `unread`."""
        return differences(self.first, self.second)

    @property
    def cause(self) -> Cause | None:
        """Why they differ; None when they agree."""
        if self.second is None:
            return Cause.UNREAD
        if not self.differences:
            return None
        if any(not differences(c, self.second) for c in self.chosen):
            return Cause.ALTERNATIVES
        if self.same is not None and not differences(self.same, self.second):
            return Cause.MACROS
        return Cause.READERS


def pairs(sources: Sequence[Source], defines: Mapping[str, str] | None = None) -> Iterator[Pair]:
    """Every C function that the first reader reads whole, with its second reading."""
    for file, functions, names in project.parts(sources, defines or {}):
        if file.language == "c":
            for function in functions:
                if function.state is ReadState.CLEAN:
                    read = compared(function, file.source, file.clean, file.text, names)
                    yield Pair(function, read.second, read.chosen, read.same) if read else Pair(function, None)


def facts(body: Body) -> dict[str, list[tuple[str, ...]]]:
    """What of a body is compared: its calls, assignments and local variables, in order."""
    calls: list[tuple[str, ...]] = []
    assignments: list[tuple[str, ...]] = []
    local: list[tuple[str, ...]] = []
    for op in body.ops():
        match op:
            case Invoke():
                name = op.name or (op.callee.span.text if op.callee is not None else "")
                calls.append((name, str(len(op.args)), "dropped" if op.target is None else "used"))
            case Assign() if not op.target.root.startswith("%"):
                steps = " ".join(type(s).__name__ for s in op.target.steps)
                assignments.append((op.target.root, steps, type(op.value).__name__, str(op.compound)))
            case Declare():
                local.append((op.variable, str(body.variables[op.variable].type)))
            case _:
                pass
    return {"calls": calls, "assignments": assignments, "locals": local}


def differences(one: Function, two: Function | None) -> tuple[str, ...]:
    """What two readings of a function do not agree on."""
    if two is None:
        return ("unread",)
    left, right = facts(one.body), facts(two.body)
    same = {
        "name": one.name == two.name,
        "result": str(one.result) == str(two.result),
        "parameters": _parameters(one) == _parameters(two),
        **{what: left[what] == right[what] for what in left},
    }
    return tuple(what for what, holds in same.items() if not holds)


def _parameters(function: Function) -> list[tuple[str, str, str]]:
    return [(p.name, str(p.type), p.span.text) for p in function.params] + [("...", "", "")] * function.variadic
