"""Statements that the grammars take for an expression though a type makes them a declaration."""

from __future__ import annotations

from edlint.frontends.c.declarators import array_pointer
from edlint.frontends.c.flow import Flow
from edlint.frontends.c.named import counted
from edlint.frontends.c.statements import evaluated, valued
from edlint.frontends.c.syntax import Node, named_pair, only_part
from edlint.model.ir import Declare, Place, Scope

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
    sizes: list[Node] = []
    at: Node | None = node
    while at is not None and at.type == "subscript_expression" and len(sizes) < _MAX_DIMENSIONS:
        index = at.named_children[-1]
        at = at.child_by_field_name("argument")
        size = only_part(index) if index.type == "subscript_argument_list" else index
        if size is None:
            return False
        sizes.insert(0, size)
    if at is None or at.type != "call_expression":
        return False
    type_, list_ = named_pair(at, "function", "arguments")
    only = only_part(list_) if list_ is not None else None
    name = only.child_by_field_name("argument") if only is not None and only.type == "pointer_expression" else None
    if type_ is None or type_.type != "identifier" or name is None or name.type != "identifier":
        return False
    spelled = flow.text(type_)
    if only is None or flow.text(only)[0] != "*" or flow.lookup(spelled) or not flow.names.is_type(spelled):
        return False
    span, whole = flow.span(name), flow.span(node)
    ref = counted(array_pointer(spelled, tuple(flow.text(s) for s in sizes)), flow.dimension)
    variable = flow.declare(flow.text(name), ref, span, Scope.LOCAL, whole)
    flow.emit(Declare(variable.key, whole, tuple(flow.value(s) for s in sizes), macro=flow.macro))
    if initial is not None:
        flow.store(Place(variable.key, (), span), initial, whole, initial=True)
    return True


EFFECTS = {"assignment_expression": assignment, "subscript_expression": subscript}
