"""Variables of the enclave that outlive a call, and who reads, writes and tests them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from edlint.analysis.entries import Entries
from edlint.analysis.layout import Layout
from edlint.analysis.rows import rows_of
from edlint.analysis.standing import Standing
from edlint.model.ir import (
    Address,
    Assign,
    Body,
    Branch,
    Cast,
    Declare,
    Evaluate,
    Invoke,
    Number,
    Op,
    Place,
    Return,
    Scope,
    Value,
    Variable,
    walk,
)
from edlint.model.program import Program, Side
from edlint.model.unit import Function
from edlint.source import Span

ATOMIC = re.compile(r"(?:std::)?(?:_+)?(?:c11_)?atomic_(?!store|clear|init)|__sync_|_?Interlocked")
"""Functions of such names give back the value of what their first argument points to."""

SMART = frozenset({"unique_ptr", "shared_ptr", "std::unique_ptr", "std::shared_ptr"})


MUTATES = re.compile(
    r"\A(?:push\w*|pop\w*|emplace\w*|insert\w*|erase|clear|resize|assign|append|swap|try_emplace|splice|merge)\Z"
)
"""Methods of containers that change what they hold."""


class Touch(StrEnum):
    """What one mention of a global does."""

    SET = "set"
    """The variable itself is assigned, or its address is given to a call that may fill it."""
    RESET = "reset"
    """The variable itself becomes NULL or zero."""
    CHANGE = "change"
    """Something in it or behind it is assigned."""
    THROUGH = "through"
    """The same by way of a local that leads there: an iterator, a reference."""
    FOLLOW = "follow"
    """Something in it or behind it is read."""
    READ = "read"
    """Its value is read."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention of a global in a function."""

    name: str
    touch: Touch
    span: Span

    @property
    def writes(self) -> bool:
        """Whether the variable or what belongs to it changes."""
        return self.tells or self.touch is Touch.THROUGH

    @property
    def tells(self) -> bool:
        """Whether it changes under its own name, so that a test of it may be a test of what was done before."""
        return self.touch in (Touch.SET, Touch.RESET, Touch.CHANGE)


@dataclass(frozen=True)
class Globals:
    """The mutable variables of the trusted side that the ECALLs reach."""

    variables: Mapping[str, Variable]
    mentions: Mapping[Function, tuple[Mention, ...]]
    """By reached function, in the order of the text."""
    pointers: frozenset[str]
    """Names of the variables that hold one address."""
    standing: Standing

    @staticmethod
    def build(program: Program, entries: Entries, layout: Layout, standing: Standing) -> Globals:
        """Collect from the functions that an ECALL reaches; members of global objects among them."""
        variables = {
            name: found
            for name, all_of_name in program.globals.items()
            if (found := next((v for v in all_of_name if _is_trusted(program, v)), None)) is not None
        }
        variables |= standing.variables
        mentions = {f: tuple(_mentions(program, f, standing.body(f), variables)) for f in entries.graph.reached}
        resolved = {name: layout.resolve(v.type) for name, v in variables.items()}
        pointers = (n for n, t in resolved.items() if (t.pointers > 0 and not t.dims) or t.base in SMART)
        return Globals(variables, mentions, frozenset(pointers), standing)

    def body(self, function: Function) -> Body:
        """What a function does, with members of global objects as variables of their own."""
        return self.standing.body(function)

    @cached_property
    def written(self) -> frozenset[str]:
        """Names of the variables that some reached function changes."""
        return frozenset(m.name for all_of in self.mentions.values() for m in all_of if m.writes)

    def starts_null(self, name: str) -> bool:
        """Whether nothing is stored in the variable before the first ECALL."""
        value = self.variables[name].initialiser
        return value is None or (isinstance(value, Number) and value.value == 0)

    def may_tell(self, name: str) -> bool:
        """Whether the variable may tell if an ECALL was made that writes it: not when it is a level or a limit, which
        starts as a number of its own."""
        value = self.variables[name].initialiser
        return not isinstance(value, Number) or value.value in (-1, 0, 1)


def _is_trusted(program: Program, variable: Variable) -> bool:
    used = variable.type
    constant = used.const and used.pointers == 0
    return not constant and not variable.thread_local and program.side(variable.span.path) is not Side.UNTRUSTED


def global_name(function: Function, place: Place, variables: Mapping[str, Variable]) -> str:
    """The global that a place starts at, or nothing."""
    known = function.body.variables.get(place.root)
    if known is not None and known.scope is not Scope.GLOBAL:
        return ""
    name = place.root.rsplit("::", 1)[-1] if place.root not in variables else place.root
    return name if name in variables else ""


def answers(function: Function, body: Body, variables: Mapping[str, Variable]) -> Mapping[str, str]:
    """Locals that hold what a method of a global gave, an iterator or a size, or what an atomic operation read of it;
    with the name of the global."""
    found: dict[str, str] = {}
    for invoke in body.invokes():
        source = invoke.receiver
        if source is None and invoke.args and ATOMIC.match(invoke.name):
            given = invoke.args[0]
            while isinstance(given, Cast):
                given = given.operand
            source = given.place if isinstance(given, Address) else None
        name = global_name(function, source, variables) if isinstance(source, Place) else ""
        if name and invoke.target is not None and invoke.target.is_variable:
            found[invoke.target.root] = name
    return found


def values_of(op: Op) -> Iterator[Value]:
    """The values that an operation reads."""
    match op:
        case Declare(extents=extents):
            yield from extents
        case Assign(value=value) | Evaluate(value=value):
            yield value
        case Invoke(args=args, receiver=receiver, callee=callee):
            if receiver is not None:
                yield receiver
            if callee is not None:
                yield callee
            yield from args


def _mentions(program: Program, function: Function, body: Body, variables: Mapping[str, Variable]) -> Iterator[Mention]:
    def of(value: Value) -> Iterator[Mention]:
        addressed = {id(part.place) for part in walk(value) if isinstance(part, Address)}
        for part in walk(value):
            if isinstance(part, Place) and (name := global_name(function, part, variables)):
                touch = Touch.FOLLOW if part.steps else Touch.SET if id(part) in addressed else Touch.READ
                yield Mention(name, touch, part.span)

    leading = _leading(function, body, variables)
    for block in body.blocks:
        for op in block.ops:
            if isinstance(op, Invoke):
                yield from _filled(program, function, op, variables)
            for value in values_of(op):
                yield from of(value)
            if isinstance(op, (Assign, Invoke)) and op.target is not None:
                for step in op.target.steps:
                    index = getattr(step, "value", None)
                    if index is not None:
                        yield from of(index)
                if name := global_name(function, op.target, variables):
                    touch = Touch.CHANGE if op.target.steps else Touch.RESET if _is_null(op) else Touch.SET
                    yield Mention(name, touch, op.target.span)
                elif (name := leading.get(op.target.root, "")) and _leads(body, op):
                    yield Mention(name, Touch.THROUGH, op.target.span)
        match block.end:
            case Branch(condition=condition):
                yield from of(condition)
            case Return(value=result) if result is not None:
                yield from of(result)


def _filled(program: Program, function: Function, op: Invoke, variables: Mapping[str, Variable]) -> Iterator[Mention]:
    """The variables in which a call changes something: the container of a method, an array that a model's row fills."""
    receiver = op.receiver if isinstance(op.receiver, Place) and MUTATES.match(op.name) else None
    if receiver is not None and (name := global_name(function, receiver, variables)):
        yield Mention(name, Touch.CHANGE, receiver.span)
    written = {
        place.arg
        for row in rows_of(program.sdk, op)
        for place in ((row.at,) if row.word in ("source", "clean") else (row.to,) if row.to is not None else ())
        if place.pointee
    }
    for position, argument in enumerate(op.args):
        while isinstance(argument, Cast):
            argument = argument.operand
        place = argument.place if isinstance(argument, Address) else argument
        if position not in written or not isinstance(place, Place):
            continue
        whole = isinstance(argument, Address) and not place.steps
        if not whole and (name := global_name(function, place, variables)):
            yield Mention(name, Touch.CHANGE, place.span)


def _leading(function: Function, body: Body, variables: Mapping[str, Variable]) -> Mapping[str, str]:
    """Locals that lead into a global: iterators, references and pointers to an element; with the name of the global."""
    found = dict(answers(function, body, variables))
    for op in body.ops():
        if isinstance(op, Assign) and op.initial and op.target.is_variable:
            local, value = body.variables.get(op.target.root), op.value
            place = value.place if isinstance(value, Address) else value
            bound = isinstance(value, Address) or (local is not None and local.type.reference and not local.type.const)
            if bound and isinstance(place, Place) and (name := global_name(function, place, variables)):
                found[op.target.root] = name
    return found


def _leads(body: Body, op: Assign | Invoke) -> bool:
    """Whether an operation writes through its local, not the local itself."""
    assert op.target is not None
    if isinstance(op, Assign) and op.initial:
        return False
    local = body.variables.get(op.target.root)
    return bool(op.target.steps) or (local is not None and local.type.reference)


def _is_null(op: Assign | Invoke) -> bool:
    value = op.value if isinstance(op, Assign) else None
    while isinstance(value, Cast):
        value = value.operand
    return isinstance(value, Number) and value.value == 0
