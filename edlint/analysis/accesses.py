"""How a function uses one of its parameters, as far as its own body shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from edlint.model.ir import (
    Address,
    Assign,
    Binary,
    Branch,
    Cast,
    Declare,
    Deref,
    Evaluate,
    Index,
    Invoke,
    Number,
    Place,
    Return,
    Value,
    walk,
)
from edlint.model.unit import Function, ReadState


class Role(StrEnum):
    """What happens at one mention of the parameter."""

    WRITE = "write"
    """Something behind it is assigned."""
    READ = "read"
    """Something behind it is read."""
    ARGUMENT = "argument"
    """The pointer itself is given to a call."""
    TEST = "test"
    """The value itself is compared or tested."""
    ESCAPE = "escape"
    """The pointer itself is copied, returned or used in arithmetic."""


@dataclass(frozen=True, slots=True)
class Access:
    """One mention of a parameter in a body."""

    role: Role
    place: Place
    call: Invoke | None = None
    """For an argument, and for what is behind it as an argument: the call."""
    position: int = -1
    """For these: which argument, from 0."""
    loop: bool = False
    """For a test: it is the condition of a loop."""

    @property
    def is_first_element(self) -> bool:
        """Whether no more than the first element is touched: `*p` and `p[0]`."""
        match self.place.steps:
            case (Deref(), *_) | (Index(Number(value=0)), *_):
                return True
            case _:
                return False


def accesses(function: Function, index: int) -> tuple[Access, ...] | None:
    """All mentions of parameter `index` (from 0), in the order of the text.

    None when the function could not be read whole or has no such parameter: then nothing can be concluded.
    """
    if function.state in (ReadState.LOST, ReadState.PARTIAL) or index >= len(function.params):
        return None
    return tuple(_mentions(function, function.params[index].key))


def _mentions(function: Function, key: str) -> Iterator[Access]:
    for block in function.body.blocks:
        for op in block.ops:
            match op:
                case Assign(target=target, value=value, compound=compound):
                    yield from _target(target, key)
                    yield from (a for a in _value(value, key) if not compound or a.place.steps or target.root != key)
                case Invoke():
                    yield from _invoke(op, key)
                case Evaluate(value=value):
                    yield from _value(value, key)
                case Declare(extents=extents):
                    for extent in extents:
                        yield from _value(extent, key)
        match block.end:
            case Branch(condition=condition, loop=loop):
                yield from _condition(condition, key, loop)
            case Return(value=result) if result is not None:
                yield from _value(result, key)


def _target(target: Place, key: str) -> Iterator[Access]:
    if target.root == key:
        yield Access(Role.WRITE if target.steps else Role.ESCAPE, target)
    for step in target.steps:
        if isinstance(step, Index):
            yield from _value(step.value, key)


def _invoke(op: Invoke, key: str) -> Iterator[Access]:
    if op.target is not None:
        yield from _target(op.target, key)
    for position, argument in enumerate(op.args):
        plain = argument
        while isinstance(plain, Cast):
            plain = plain.operand
        match plain:
            case Place(root=root, steps=()) if root == key:
                yield Access(Role.ARGUMENT, plain, op, position)
            case Address(place=place) if place.root == key and place.steps:
                yield Access(Role.ARGUMENT, place, op, position)
            case Place(root=root) if root == key:
                yield Access(Role.READ, plain, op, position)
                for step in plain.steps:
                    if isinstance(step, Index):
                        yield from _value(step.value, key)
            case _:
                yield from _value(argument, key)
    for other in (op.receiver, op.callee):
        if other is not None:
            yield from _value(other, key)


def _condition(condition: Value, key: str, loop: bool) -> Iterator[Access]:
    sides = (condition.left, condition.right) if isinstance(condition, Binary) else (condition,)
    for side in sides:
        plain = side
        while isinstance(plain, Cast):
            plain = plain.operand
        if isinstance(plain, Place) and plain.root == key and not plain.steps:
            yield Access(Role.TEST, plain, loop=loop)
        else:
            yield from _value(side, key)


def _value(value: Value, key: str) -> Iterator[Access]:
    addressed: set[int] = set()
    for part in walk(value):
        if isinstance(part, Address) and part.place.root == key:
            addressed.add(id(part.place))
        if isinstance(part, Place) and part.root == key:
            escapes = not part.steps or id(part) in addressed
            yield Access(Role.ESCAPE if escapes else Role.READ, part)
