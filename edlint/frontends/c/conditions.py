"""Conditions: `&&`, `||` and `!` are control flow."""

from __future__ import annotations

from edlint.frontends.c.flow import Flow, Label
from edlint.frontends.c.frames import argument, within
from edlint.frontends.c.length import MANY, fitting
from edlint.frontends.c.syntax import Node, only_part, pair, triple
from edlint.model.ir import Binary, Opaque, Place, Value

_AND = frozenset({"&&", "and"})
_OR = frozenset({"||", "or"})
_COMPARED = frozenset({"==", "!=", "<", ">", "<=", ">="})
_PEELED = 64
"""Parentheses in a row that are taken off."""


def plain(flow: Flow, node: Node, yes: Label, no: Label, loop: bool) -> None:
    """Go to `yes` when the value is not zero."""
    value = flow.values[node.kind_id](flow, node)
    flow.branch(value, yes, no, flow.span(node), loop=loop)


def peeled(flow: Flow, node: Node, yes: Label, no: Label, loop: bool) -> None:
    """`(x)`."""
    conditions = flow.conditions
    for _ in range(_PEELED):
        inner = only_part(node)
        if inner is not None:
            handler = conditions[inner.kind_id]
            if handler is not plain and handler is not peeled:
                handler(flow, inner, yes, no, loop)
                return
        if inner is None or inner.type == "comment":
            parts = [c for c in node.named_children if c.type != "comment"]
            if not parts:
                flow.branch(Opaque("empty", (), flow.span(node)), yes, no, flow.span(node), loop=loop)
                return
            for part in parts[:-1]:
                flow.statement(part)
            inner = parts[-1]
        if inner.type == "compound_statement":
            break
        node = inner
        handler = conditions[node.kind_id]
        if handler is not peeled:
            handler(flow, node, yes, no, loop)
            return
    plain(flow, node, yes, no, loop)


def negated(flow: Flow, node: Node, yes: Label, no: Label, loop: bool) -> None:
    """`!x`."""
    operator, argument = pair(node, "operator", "argument")
    if operator is None or argument is None or operator.type not in ("!", "not"):
        plain(flow, node, yes, no, loop)
    else:
        flow.condition(argument, no, yes, loop=loop)


def logical(flow: Flow, node: Node, yes: Label, no: Label, loop: bool) -> None:
    """`a && b` and `a || b`."""
    left, operator, right = triple(node, "left", "operator", "right")
    op = operator.type if operator is not None else ""
    if op in _AND or op in _OR:
        _chain(flow, node, op in _AND, yes, no, loop=loop)
    elif op in _COMPARED and left is not None and right is not None and left.kind_id != node.kind_id:
        values, span = flow.values, flow.origin.span(node.start_byte, node.end_byte)
        value, other = values[left.kind_id](flow, left), values[right.kind_id](flow, right)
        flow.branch(Binary(op, value, other, span), yes, no, span, loop=loop)
    else:
        whole = flow.values[node.kind_id](flow, node)
        flow.branch(whole, yes, no, whole.span if isinstance(whole, Binary) else flow.span(node), loop=loop)


def named(flow: Flow, node: Node, yes: Label, no: Label, loop: bool) -> None:
    """A name, maybe that of a macro's parameter."""
    bound = argument(flow, node)
    if bound is None:
        plain(flow, node, yes, no, loop)
    else:
        within(flow, bound, lambda inner: flow.condition(inner, yes, no, loop=loop))


def declared(flow: Flow, node: Node, yes: Label, no: Label, loop: bool) -> None:
    """`T x = f()`: whether x is not zero."""
    flow.statement(node)
    declarator = node.child_by_field_name("declarator")
    name = flow.text(declarator).split("(")[0].split("{")[0].strip("*& ") if declarator is not None else ""
    key = flow.lookup(name)
    span = flow.span(node)
    value: Value = Place(key, (), span) if key is not None else Opaque("declaration", (), span)
    flow.branch(value, yes, no, span, loop=loop)


def comma(flow: Flow, node: Node, yes: Label, no: Label, loop: bool) -> None:
    """`a, b`: whether b holds."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        plain(flow, node, yes, no, loop)
        return
    flow.effect(left)
    flow.condition(right, yes, no, loop=loop)


def _chain(flow: Flow, node: Node, conjunction: bool, yes: Label, no: Label, *, loop: bool) -> None:
    """`a && b && c`: a chain of one operator is followed without recursion."""
    same = _AND if conjunction else _OR
    parts: list[Node] = []
    at: Node | None = node
    while at is not None and at.type == "binary_expression":
        left, operator, right = triple(at, "left", "operator", "right")
        if operator is None or operator.type not in same or right is None:
            break
        parts.append(right)
        at = left
    if at is not None:
        parts.append(at)
    parts.reverse()
    if len(parts) > MANY:
        parts = [*fitting(flow, parts)]
    for part in parts[:-1]:
        next_ = Label()
        if conjunction:
            flow.condition(part, next_, no, loop=loop)
        else:
            flow.condition(part, yes, next_, loop=loop)
        flow.place(next_)
    flow.condition(parts[-1], yes, no, loop=loop)


CONDITIONS = {
    "parenthesized_expression": peeled,
    "condition_clause": peeled,
    "unary_expression": negated,
    "binary_expression": logical,
    "identifier": named,
    "declaration": declared,
    "comma_expression": comma,
}
