"""Conditions: `&&`, `||` and `!` are control flow."""

from __future__ import annotations

from edlint.frontends.c.flow import Flow, Label
from edlint.frontends.c.syntax import Node
from edlint.model.ir import Opaque, Place, Value

_AND = frozenset({"&&", "and"})
_OR = frozenset({"||", "or"})


def condition(flow: Flow, node: Node, yes: Label, no: Label, loop: bool) -> None:
    """Go to `yes` when the expression holds, else to `no`."""
    for _ in range(64):
        kind = node.type
        if kind == "parenthesized_expression" or kind == "condition_clause":
            inner = node.named_children
            if len(inner) != 1 or inner[0].type == "comment":
                inner = [c for c in inner if c.type != "comment"]
            if not inner:
                flow.branch(Opaque("empty", (), flow.span(node)), yes, no, flow.span(node), loop=loop)
                return
            for part in inner[:-1]:
                flow.statement(part)
            if inner[-1].type == "compound_statement":
                break
            node = inner[-1]
        elif kind == "unary_expression":
            operator, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
            if operator is None or argument is None or operator.type not in ("!", "not"):
                break
            node, yes, no = argument, no, yes
        else:
            break
    else:
        kind = node.type
    if kind == "binary_expression":
        operator = node.child_by_field_name("operator")
        op = operator.type if operator is not None else ""
        if op in _AND or op in _OR:
            _chain(flow, node, op in _AND, yes, no, loop=loop)
            return
    elif kind == "declaration":
        flow.statement(node)
        declared = node.child_by_field_name("declarator")
        name = flow.text(declared).split("(")[0].split("{")[0].strip("*& ") if declared is not None else ""
        key = flow.lookup(name)
        span = flow.span(node)
        value: Value = Place(key, (), span) if key is not None else Opaque("declaration", (), span)
        flow.branch(value, yes, no, span, loop=loop)
        return
    elif kind == "comma_expression":
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            flow.handlers.effect(flow, left)
            flow.condition(right, yes, no, loop=loop)
            return
    value = flow.value(node)
    flow.branch(value, yes, no, flow.span(node), loop=loop)


def _chain(flow: Flow, node: Node, conjunction: bool, yes: Label, no: Label, *, loop: bool) -> None:
    """`a && b && c`: a chain of one operator is followed without recursion."""
    same = _AND if conjunction else _OR
    parts: list[Node] = []
    at: Node | None = node
    while at is not None and at.type == "binary_expression":
        operator = at.child_by_field_name("operator")
        right = at.child_by_field_name("right")
        if operator is None or operator.type not in same or right is None:
            break
        parts.append(right)
        at = at.child_by_field_name("left")
    if at is not None:
        parts.append(at)
    parts.reverse()
    for part in parts[:-1]:
        next_ = Label()
        if conjunction:
            flow.condition(part, next_, no, loop=loop)
        else:
            flow.condition(part, yes, next_, loop=loop)
        flow.place(next_)
    flow.condition(parts[-1], yes, no, loop=loop)
