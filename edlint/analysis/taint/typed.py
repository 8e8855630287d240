"""The types of expressions, as far as declarations tell them; `auto` is what it is initialised with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from edlint.analysis.taint.elements import container, element
from edlint.analysis.taint.symbols import THIS, Symbol
from edlint.model.ir import (
    Address,
    Assign,
    Binary,
    Body,
    Cast,
    Field,
    Index,
    Invoke,
    Number,
    Place,
    Scope,
    Unary,
    Variable,
)
from edlint.model.ir import Value as Expression
from edlint.model.types import TypeKind, TypeRef

if TYPE_CHECKING:
    from edlint.analysis.taint.frame import Frame

MAX_DEPTH = 40
"""Nesting of expressions that is followed."""

AUTO = "auto"

_RECKONED = frozenset(("*", "/", "%"))
_HELD = frozenset(("at", "front", "back"))
"""Methods of containers that give an element out."""


def is_reckoned(expression: Expression) -> bool:
    """Whether an expression is a number by the way it is written: a product, or a sum with a fraction."""
    if not isinstance(expression, Binary):
        return False
    sides = (expression.left, expression.right)
    return expression.op in _RECKONED or any(isinstance(s, Number) and isinstance(s.value, float) for s in sides)


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
    found = type_of(frame, _initial(frame, variable.key))
    return replace(found, reference=False) if found is not None and not found.dims else variable.type


def _initial(frame: Frame, key: str) -> Expression | None:
    if not frame.firsts:
        for op in frame.body.ops():
            if isinstance(op, Assign) and op.target.is_variable:
                frame.firsts.setdefault(op.target.root, op.value)
    return frame.firsts.get(key)


def root_type(frame: Frame, location: Symbol) -> TypeRef | None:
    """The type of a variable, a parameter or what came in, without the steps taken from it."""
    if location.kind in ("local", "param"):
        variable = frame.body.variables.get(location.name)
        if variable is None and location.number == THIS and frame.function.owner:
            return TypeRef(frame.function.owner, TypeKind.NAMED, pointers=1)
        if variable is None or not variable.type.base:
            return _given(frame, location.name)
        if location.kind == "local":
            return deduced(frame, variable) if variable.type.base == AUTO else variable.type
        # A parameter written as an array is a pointer to what the array holds.
        ref = frame.layout.resolve(variable.type)
        return ref.element.address if ref.dims and ref.element is not None else variable.type
    if location.kind == "global":
        if location.number:
            return frame.program.globals[location.name][location.number - 1].type
        variable = frame.variable(location.name) or _static(frame, location.name)
        return variable.type if variable is not None else None
    if location.kind == "source":
        info = frame.registry.info(location.root)
        if info.use is not None:
            call = info.use.call
            return call.result if info.param < 0 else call.params[info.param].type
    return None


def _given(frame: Frame, name: str) -> TypeRef | None:
    """The type of a temporary: an element that a container gave out, through a method or in a loop over it."""
    if frame.results is None:
        frame.results = dict(_elements(frame.body))
    place = frame.results.get(name)
    held = container(_place_type(frame, place), frame.layout) if place is not None else None
    return element(held, frame.layout)[0] if held is not None else None


def _elements(body: Body) -> Iterator[tuple[str, Place]]:
    """Temporaries with the container of which each holds an element."""
    for op in body.ops():
        match op:
            case Invoke(name=name, target=Place(steps=(), root=root), receiver=Place() as held) if name in _HELD:
                yield root, held
            case Assign(target=Place(steps=(), root=root), value=Place(steps=(*_, Index())) as value):
                if root.startswith("%"):
                    yield root, replace(value, steps=value.steps[:-1])


def _static(frame: Frame, name: str) -> Variable | None:
    """The static variable of this function that a location stands for."""
    own = f"{frame.function.qualified}."
    if not name.startswith(own):
        return None
    statics = (v for v in frame.body.variables.values() if v.scope is Scope.STATIC)
    return next((v for v in statics if v.name == name.removeprefix(own)), None)
