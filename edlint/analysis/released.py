"""Elements of global tables that an ECALL frees while the table keeps their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, global_name
from edlint.analysis.outcomes import plain, values_of
from edlint.analysis.rows import rows_of
from edlint.model.interface import Call
from edlint.model.ir import Address, Assign, Body, Branch, Cast, Index, Invoke, Place, Scope, Value, walk
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.source import Span

DROPS = re.compile(r"\A(?:erase|clear|pop\w*|remove\w*|reset|swap|assign|resize|extract|release)\Z")
"""Methods of a container after which it holds the element no more."""


@dataclass(frozen=True, slots=True)
class FreedElement:
    """An element that is freed and stays in its table."""

    name: str
    call: Call
    function: Function
    span: Span


@dataclass(frozen=True)
class Released:
    """The elements that ECALLs free and leave where they are."""

    elements: tuple[FreedElement, ...]

    @staticmethod
    def build(program: Program, entries: Entries, shared: Globals) -> Released:
        """One for each table, function and ECALL, the first in the order of the text."""
        found: dict[tuple[str, Function], FreedElement] = {}
        for call, root in entries.roots:
            reach = entries.reach(root)
            for function in reach:
                for name, block, span in _freed(program, shared, function):
                    if (name, function) in found or _is_guarded(shared, function, block):
                        continue
                    if not any(_forgets(shared, other, name) for other in reach):
                        found[name, function] = FreedElement(name, call, function, span)
        return Released(tuple(found.values()))


def _freed(program: Program, shared: Globals, function: Function) -> Iterator[tuple[str, int, Span]]:
    """The tables of which an element is freed, with the block and the place."""
    names = _elements(shared, function)
    for number, block in enumerate(function.body.blocks):
        for op in block.ops:
            if not isinstance(op, Invoke):
                continue
            released = {r.at.arg for r in rows_of(program.sdk, op) if r.kind == "memory-release"}
            given = [a for n, a in enumerate(op.args) if n in released or op.name == "operator delete"]
            for argument in given:
                place = plain(argument)
                if isinstance(place, Place) and (name := names.get(place.root) or _table(shared, function, place)):
                    yield name, number, op.span


def _table(shared: Globals, function: Function, place: Place) -> str:
    """The global of which a place is an element."""
    if not place.steps or not isinstance(place.steps[-1], Index):
        return ""
    return global_name(function, place, shared.variables)


def _elements(shared: Globals, function: Function) -> dict[str, str]:
    """Locals that hold an element of a table and nothing else."""
    given: dict[str, set[str]] = {}
    for op in function.body.ops():
        if isinstance(op, (Assign, Invoke)) and op.target is not None and op.target.is_variable:
            value = op.value if isinstance(op, Assign) else None
            while isinstance(value, Cast):
                value = value.operand
            table = _table(shared, function, value) if isinstance(value, Place) else ""
            given.setdefault(op.target.root, set()).add(table)
    local = (Scope.LOCAL, Scope.TEMP)
    return {
        key: name
        for key, names in given.items()
        if len(names) == 1 and (name := next(iter(names))) and _scope(function.body, key) in local
    }


def _scope(body: Body, key: str) -> Scope | None:
    variable = body.variables.get(key)
    return variable.scope if variable is not None else None


def _forgets(shared: Globals, function: Function, name: str) -> bool:
    """Whether a function puts something else into the table, takes elements out of it, or replaces it."""
    for op in function.body.ops():
        if isinstance(op, (Assign, Invoke)) and op.target is not None:
            whole = not op.target.steps or isinstance(op.target.steps[-1], Index)
            if whole and global_name(function, op.target, shared.variables) == name:
                return True
        if isinstance(op, Invoke) and (name == _dropped(shared, function, op) or _gets(shared, function, op, name)):
            return True
    return False


def _dropped(shared: Globals, function: Function, op: Invoke) -> str:
    """The container out of which a call takes elements, or nothing."""
    if not isinstance(op.receiver, Place) or not DROPS.search(op.name):
        return ""
    return global_name(function, op.receiver, shared.variables)


def _gets(shared: Globals, function: Function, op: Invoke, name: str) -> bool:
    """Whether a call gets the table itself, so that it may clear it."""
    for argument in op.args:
        value = plain(argument)
        place = value.place if isinstance(value, Address) else value
        if isinstance(place, Place) and not place.steps and global_name(function, place, shared.variables) == name:
            return True
    return False


def _is_guarded(shared: Globals, function: Function, block: int) -> bool:
    """Whether something that the function tests before, and writes, may tell that the element is gone."""
    body = function.body
    tested: set[str] = set()
    for earlier in body.blocks[:block]:
        if isinstance(earlier.end, Branch):
            tested.update(_globals_in(shared, function, earlier.end.condition))
    for op in body.ops():
        target = op.target if isinstance(op, (Assign, Invoke)) else None
        if target is not None and global_name(function, target, shared.variables) in tested:
            return True
        if isinstance(op, Invoke) and _dropped(shared, function, op) in tested:
            return True
    return False


def _globals_in(shared: Globals, function: Function, value: Value) -> Iterator[str]:
    """Globals that a condition looks at, methods' answers and locals that point into them included."""
    aliases = _sources(shared, function)
    for part in walk(value):
        if isinstance(part, Place):
            name = global_name(function, part, shared.variables) or aliases.get(part.root, "")
            if name:
                yield name


def _sources(shared: Globals, function: Function) -> dict[str, str]:
    """Locals that were made out of a global."""
    found: dict[str, str] = {}
    for op in function.body.ops():
        if isinstance(op, (Assign, Invoke)) and op.target is not None and op.target.is_variable:
            for value in values_of(op):
                for part in walk(value):
                    if isinstance(part, Place) and (name := global_name(function, part, shared.variables)):
                        found.setdefault(op.target.root, name)
    return found
