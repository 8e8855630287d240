"""Both readers side by side: what one of them misses or misreads shows where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edlint.frontends.c import project
from edlint.frontends.c.rescue import reread
from edlint.model.ir import Assign, Body, Declare, Invoke
from edlint.model.unit import Function, ReadState
from edlint.source import Source


@dataclass(frozen=True, slots=True)
class Pair:
    """A C function as each reader reads it."""

    first: Function
    second: Function | None
    """None when the second reader cannot read it."""

    @property
    def differences(self) -> tuple[str, ...]:
        """What the two do not agree on: `name`, `result`, `parameters`, `calls`, `assignments`, `locals`, `unread`."""
        if self.second is None:
            return ("unread",)
        one, two = self.first, self.second
        left, right = _facts(one.body), _facts(two.body)
        same = {
            "name": one.name == two.name,
            "result": str(one.result) == str(two.result),
            "parameters": _parameters(one) == _parameters(two),
            **{what: left[what] == right[what] for what in left},
        }
        return tuple(what for what, holds in same.items() if not holds)


def pairs(sources: Sequence[Source], defines: Mapping[str, str] | None = None) -> Iterator[Pair]:
    """Every C function that the first reader reads whole, with its second reading."""
    for file, functions, names in project.parts(sources, defines or {}):
        if file.language == "c":
            for function in functions:
                if function.state is ReadState.CLEAN:
                    yield Pair(function, reread(function, file.source, file.clean, names))


def _parameters(function: Function) -> list[tuple[str, str, str]]:
    return [(p.name, str(p.type), p.span.text) for p in function.params] + [("...", "", "")] * function.variadic


def _facts(body: Body) -> dict[str, list[tuple[str, ...]]]:
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
