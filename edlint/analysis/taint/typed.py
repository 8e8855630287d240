"""The types of expressions, as far as declarations tell them; `auto` is what it is initialised with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edlint.analysis.taint.elements import container, element
from edlint.model.ir import Address, Assign, Binary, Body, Cast, Field, Place, Unary, Variable
from edlint.model.ir import Value as Expression
from edlint.model.types import TypeRef

if TYPE_CHECKING:
    from edlint.analysis.taint.frame import Frame

MAX_DEPTH = 40
"""Nesting of expressions that is followed."""

AUTO = "auto"


def type_of(frame: Frame, expression: Expression | None) -> TypeRef | None:
    """The type of an expression where it is known."""
    for _ in range(MAX_DEPTH):
        match expression:
            case Cast(type=type):
                return type
            case Place():
                return _place_type(frame, expression)
            case Address(place=place):
                inner = _place_type(frame, place)
                return inner.address if inner is not None else None
            case Binary(op="+" | "-", left=left, right=right):
                found = type_of(frame, left)
                if found is not None and found.is_pointer:
                    return found
                expression = right if found is None else left
                if expression is left:
                    other = type_of(frame, right)
                    return other if other is not None and other.is_pointer else found
            case Unary(operand=operand):
                expression = operand
            case _:
                return None
    return None


def _place_type(frame: Frame, place: Place) -> TypeRef | None:
    ref = frame.type_of(frame.location(place.root))
    for step in place.steps:
        if ref is None:
            return None
        match step:
            case Field(name=name):
                ref = frame.layout.type_of_member(ref, name)
            case _:
                held = container(ref, frame.layout)
                ref = element(held, frame.layout)[0] if held is not None else frame.layout.pointee(ref)
    return frame.layout.resolve(ref) if ref is not None else None


def deduced(frame: Frame, variable: Variable) -> TypeRef:
    """What `auto` stands for."""
    if variable.type.reference:
        return variable.type
    # While it is worked out it has none: `auto x = x + 1` is no type.
    frame.types[frame.location(variable.key)] = None
    found = type_of(frame, _initial(frame.body, variable.key))
    return replace(found, reference=False) if found is not None and not found.dims else variable.type


def _initial(body: Body, key: str) -> Expression | None:
    for op in body.ops():
        if isinstance(op, Assign) and op.target.root == key and op.target.is_variable:
            return op.value
    return None
