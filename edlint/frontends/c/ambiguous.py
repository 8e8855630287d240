"""Statements that the grammars take for an expression though a type makes them a declaration."""

from __future__ import annotations

from dataclasses import replace

from edlint.frontends.c.calls import call_dropped
from edlint.frontends.c.declarators import type_text
from edlint.frontends.c.flow import Flow
from edlint.frontends.c.named import counted
from edlint.frontends.c.statements import binary_effect, comma, evaluated, valued
from edlint.frontends.c.syntax import Node, named_pair, only_part
from edlint.model.ir import Declare, Place, Scope
from edlint.model.types import TypeKind, TypeRef

_MAX_MODIFIERS = 8


def assignment(flow: Flow, node: Node) -> None:
    """`a = b`, or `T (*p)[N] = b` where T is a type."""
    left, right = named_pair(node, "left", "right")
    declared = left is not None and (
        _declared(flow, left, right) if left.type == "subscript_expression" else _is_function_pointer(flow, left, right)
    )
    if not declared:
        valued(flow, node)


def call(flow: Flow, node: Node) -> None:
    """`f(a)`, or `T (*f)(void)` where T is a type."""
    pointed = flow.origin.text.find("(*", node.start_byte, node.end_byte) >= 0
    if not (pointed and _is_function_pointer(flow, node, None)):
        call_dropped(flow, node)


def subscript(flow: Flow, node: Node) -> None:
    """`a[i]`, or `T (*p)[N]` where T is a type."""
    if not _declared(flow, node, None):
        evaluated(flow, node)


def product(flow: Flow, node: Node) -> None:
    """`a * b`, or `OF(T) *p` where a macro makes the type."""
    left, right = named_pair(node, "left", "right")
    pointer = left is not None and right is not None and left.type == "identifier"
    if not (pointer and _is_function_pointer(flow, node, None)) and not _made(flow, [node]):
        binary_effect(flow, node)


def several(flow: Flow, node: Node) -> None:
    """`a, b`, or `OF(T) *p, q = b` where a macro makes the type."""
    parts: list[Node] = []
    pending = [node]
    while pending:
        left, right = named_pair(pending[-1], "left", "right")
        if pending[-1].type != "comma_expression" or left is None or right is None:
            parts.append(pending.pop())
        else:
            pending[-1:] = [right, left]
    if not _made(flow, parts):
        comma(flow, node)


def _made(flow: Flow, parts: list[Node]) -> bool:
    """Declare what follows a type that a macro makes; False where the first of the parts is a product."""
    first, initial = _assigned(parts[0])
    left, right = named_pair(first, "left", "right") if first.type == "binary_expression" else (None, None)
    if initial is None and right is not None:
        right, initial = _assigned(right)
    if left is None or right is None or left.type != "call_expression" or flow.text(left)[-1:] != ")":
        return False
    stars, name = _pointers(flow, right)
    if name is None or "*" not in flow.origin.text[left.end_byte : right.start_byte] or not _is_made(flow, left):
        return False
    base = TypeRef(type_text(flow.text(left)), TypeKind.NAMED)
    _declare(flow, replace(base, pointers=stars + 1), name, initial, first)
    for part in parts[1:]:
        target, initial = _assigned(part)
        stars, name = _pointers(flow, target)
        if name is not None:
            _declare(flow, replace(base, pointers=stars), name, initial, part)
    return True


def _is_function_pointer(flow: Flow, node: Node, initial: Node | None) -> bool:
    """Declare the function pointer that `T (*f)(void)` or `T *(*f)(void)` is; False where it is an expression."""
    stars = 0
    inner: Node | None = node
    type_: Node | None = None
    if node.type == "binary_expression":
        type_, inner = named_pair(node, "left", "right")
        if inner is None or type_ is None or "*" not in flow.origin.text[type_.end_byte : inner.start_byte]:
            return False
        inner, initial = _assigned(inner)
        stars = 1
    if inner is None or inner.type != "call_expression":
        return False
    called, list_ = named_pair(inner, "function", "arguments")
    if called is not None and called.type == "call_expression" and not stars:
        type_, called = named_pair(called, "function", "arguments")
    elif not stars or called is None or called.type != "parenthesized_expression":
        return False
    only = only_part(called) if called is not None else None
    if only is None or type_ is None or list_ is None or only.type != "pointer_expression":
        return False
    count, name = _pointers(flow, only)
    if name is None or count != 1 or not _is_type(flow, type_, certain=flow.text(list_) == "(void)"):
        return False
    ref = TypeRef(flow.text(type_), _KINDS.get(type_.type, TypeKind.NAMED), stars + 1, function=True)
    _declare(flow, ref, name, initial, inner)
    return True


_KINDS = {"primitive_type": TypeKind.BUILTIN}


def _is_type(flow: Flow, node: Node, *, certain: bool) -> bool:
    """Whether a node in front of what may be a declarator names a type; `certain` where it must."""
    name = flow.text(node)
    if node.type == "primitive_type":
        return True
    return node.type == "identifier" and flow.lookup(name) is None and (certain or flow.names.is_type(name))


def _is_made(flow: Flow, call: Node) -> bool:
    """Whether what looks like a call has nothing but the name of a type for an argument."""
    function, list_ = named_pair(call, "function", "arguments")
    only = only_part(list_) if list_ is not None else None
    if function is None or only is None or function.type != "identifier" or only.type != "identifier":
        return False
    return flow.lookup(flow.text(function)) is None and flow.lookup(flow.text(only)) is None


def _assigned(node: Node) -> tuple[Node, Node | None]:
    """What a part of a declaration declares, and its initialiser."""
    if node.type != "assignment_expression":
        return node, None
    left, right = named_pair(node, "left", "right")
    return (left, right) if left is not None else (node, None)


def _pointers(flow: Flow, node: Node) -> tuple[int, Node | None]:
    """How many stars are in front of a name, and the name."""
    modifiers, name = _modifiers(flow, node)
    return len(modifiers), name if name.type == "identifier" and not any(modifiers) and "" not in modifiers else None


def _declare(flow: Flow, type_: TypeRef, name: Node, initial: Node | None, whole: Node) -> None:
    span = flow.span(name)
    variable = flow.declare(flow.text(name), type_, span, Scope.LOCAL, flow.span(whole))
    flow.emit(Declare(variable.key, flow.span(whole), macro=flow.macro))
    if initial is not None:
        flow.store(Place(variable.key, (), span), initial, flow.span(whole), initial=True)


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
    if not _is_type(flow, type_, certain=False):
        return False
    ref = TypeRef(flow.text(type_), _KINDS.get(type_.type, TypeKind.NAMED))
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


EFFECTS = {
    "assignment_expression": assignment,
    "subscript_expression": subscript,
    "call_expression": call,
    "binary_expression": product,
    "comma_expression": several,
}
