"""Statements that the grammars take for an expression though a type makes them a declaration."""

from __future__ import annotations

from edlint.frontends.c.flow import Flow
from edlint.frontends.c.statements import evaluated, valued
from edlint.frontends.c.syntax import Node, named_pair, only_part
from edlint.model.ir import Declare, Place, Scope
from edlint.model.types import TypeRef

_MAX_DIMENSIONS = 8


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
    at: Node | None = node
    for _ in range(_MAX_DIMENSIONS):
        if at is None or at.type != "subscript_expression":
            break
        at = at.child_by_field_name("argument")
    if at is None or at.type != "call_expression":
        return False
    type_, list_ = named_pair(at, "function", "arguments")
    only = only_part(list_) if list_ is not None else None
    name = only.child_by_field_name("argument") if only is not None and only.type == "pointer_expression" else None
    if type_ is None or only is None or name is None or name.type != "identifier" or flow.text(only)[0] != "*":
        return False
    spelled = flow.text(type_)
    named = type_.type == "identifier" and flow.lookup(spelled) is None and flow.names.is_type(spelled)
    if not named and type_.type != "primitive_type":
        return False
    span, whole = flow.span(name), flow.span(node)
    variable = flow.declare(flow.text(name), TypeRef(""), span, Scope.LOCAL, whole)
    flow.emit(Declare(variable.key, whole, macro=flow.macro))
    if initial is not None:
        flow.store(Place(variable.key, (), span), initial, whole, initial=True)
    return True


EFFECTS = {"assignment_expression": assignment, "subscript_expression": subscript}
