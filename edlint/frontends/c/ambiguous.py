"""Statements that the grammars take for an expression though a type makes them a declaration."""

from __future__ import annotations

from dataclasses import replace

from edlint.frontends.c.declarators import type_text
from edlint.frontends.c.flow import Flow
from edlint.frontends.c.named import counted
from edlint.frontends.c.statements import evaluated, valued
from edlint.frontends.c.syntax import Node, named_pair, only_part
from edlint.model.ir import Declare, Place, Scope
from edlint.model.types import TypeKind, TypeRef

_MAX_MODIFIERS = 8


def assignment(flow: Flow, node: Node) -> None:
    """`a = b`, or `T (*p)[N] = b` where T is a type."""
    left, right = named_pair(node, "left", "right")
    if left is None or left.type != "subscript_expression" or not _declared(flow, left, right):
        valued(flow, node)


def subscript(flow: Flow, node: Node) -> None:
    """`a[i]`, or `T (*p)[N]` where T is a type."""
    if not _declared(flow, node, None):
        evaluated(flow, node)


def _declared(flow: Flow, node: Node, initial: Node | None) -> bool:
    """Declare the pointer to arrays that `T(*p)[N]` is; False where it is an element of what a call returns."""
    outer, call = _modifiers(flow, node)
    if call.type != "call_expression":
        return False
    type_, list_ = named_pair(call, "function", "arguments")
    only = only_part(list_) if list_ is not None else None
    if type_ is None or only is None or only.type != "pointer_expression":
        return False
    inner, name = _modifiers(flow, only)
    if name.type != "identifier" or not inner or inner[0] is not None:
        return False
    spelled = flow.text(type_)
    named = type_.type == "identifier" and flow.lookup(spelled) is None and flow.names.is_type(spelled)
    if not named and type_.type != "primitive_type":
        return False
    ref = TypeRef(spelled, TypeKind.NAMED if named else TypeKind.BUILTIN)
    for dimension in (*outer, *inner):
        ref = ref.address if dimension is None else replace(ref, dims=(dimension, *ref.dims))
    span, whole = flow.span(name), flow.span(node)
    variable = flow.declare(flow.text(name), counted(ref, flow.dimension), span, Scope.LOCAL, whole)
    flow.emit(Declare(variable.key, whole, macro=flow.macro))
    if initial is not None:
        flow.store(Place(variable.key, (), span), initial, whole, initial=True)
    return True


def _modifiers(flow: Flow, node: Node) -> tuple[list[str | None], Node]:
    """Dimensions, and None for each pointer, from the outermost on, and what they stand around."""
    found: list[str | None] = []
    at: Node | None = node
    while at is not None and len(found) < _MAX_MODIFIERS:
        node = at
        if at.type == "subscript_expression":
            index = at.named_children[-1]
            size = only_part(index) if index.type == "subscript_argument_list" else index
            found.append(type_text(flow.text(size)) if size is not None else "")
        elif at.type == "pointer_expression" and flow.text(at)[0] == "*":
            found.append(None)
        else:
            break
        at = at.child_by_field_name("argument")
    return found, node


EFFECTS = {"assignment_expression": assignment, "subscript_expression": subscript}
