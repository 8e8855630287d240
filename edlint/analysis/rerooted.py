"""A body with other places in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edlint.model.ir import (
    Address,
    Aggregate,
    Assign,
    Binary,
    Block,
    Body,
    Branch,
    Cast,
    Declare,
    Evaluate,
    Index,
    Invoke,
    Op,
    Opaque,
    Place,
    Return,
    Step,
    Terminator,
    Unary,
    Value,
)


def rerooted(body: Body, other: Callable[[Place], Place]) -> Body:
    """The body with `other` in the place of every place; the same object where nothing changes."""
    change = _Change(other)
    blocks = tuple(change.block(block) for block in body.blocks)
    same = all(a is b for a, b in zip(blocks, body.blocks, strict=True))
    return body if same else replace(body, blocks=blocks)


class _Change:
    def __init__(self, other: Callable[[Place], Place]) -> None:
        self.other = other

    def block(self, block: Block) -> Block:
        ops = tuple(self.op(op) for op in block.ops)
        end = self.end(block.end)
        same = end is block.end and all(a is b for a, b in zip(ops, block.ops, strict=True))
        return block if same else replace(block, ops=ops, end=end)

    def op(self, op: Op) -> Op:
        match op:
            case Declare(extents=extents):
                new = self.values(extents)
                return op if new is extents else replace(op, extents=new)
            case Assign(target=target, value=value):
                to, given = self.place(target), self.value(value)
                return op if to is target and given is value else replace(op, target=to, value=given)
            case Evaluate(value=value):
                given = self.value(value)
                return op if given is value else replace(op, value=given)
            case Invoke():
                to_place = self.place(op.target) if op.target is not None else None
                callee = self.value(op.callee) if op.callee is not None else None
                receiver = self.value(op.receiver) if op.receiver is not None else None
                args = self.values(op.args)
                if to_place is op.target and callee is op.callee and receiver is op.receiver and args is op.args:
                    return op
                return replace(op, target=to_place, callee=callee, receiver=receiver, args=args)

    def end(self, end: Terminator) -> Terminator:
        match end:
            case Branch(condition=condition):
                new = self.value(condition)
                return end if new is condition else replace(end, condition=new)
            case Return(value=value) if value is not None:
                new = self.value(value)
                return end if new is value else replace(end, value=new)
            case _:
                return end

    def values(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        new = tuple(self.value(v) for v in values)
        return values if all(a is b for a, b in zip(new, values, strict=True)) else new

    def value(self, value: Value) -> Value:
        match value:
            case Place():
                return self.place(value)
            case Address(place=place):
                new = self.place(place)
                return value if new is place else replace(value, place=new)
            case Unary(operand=operand) | Cast(operand=operand):
                given = self.value(operand)
                return value if given is operand else replace(value, operand=given)
            case Binary(left=left, right=right):
                one, two = self.value(left), self.value(right)
                return value if one is left and two is right else replace(value, left=one, right=two)
            case Aggregate(items=items):
                inner = tuple(v for _, v in items)
                changed = self.values(inner)
                names = (n for n, _ in items)
                return value if changed is inner else replace(value, items=tuple(zip(names, changed, strict=True)))
            case Opaque(parts=parts):
                changed = self.values(parts)
                return value if changed is parts else replace(value, parts=changed)
            case _:
                return value

    def place(self, place: Place) -> Place:
        steps = tuple(self.step(step) for step in place.steps)
        same = all(a is b for a, b in zip(steps, place.steps, strict=True))
        return self.other(place if same else replace(place, steps=steps))

    def step(self, step: Step) -> Step:
        if not isinstance(step, Index):
            return step
        value = self.value(step.value)
        return step if value is step.value else replace(step, value=value)
