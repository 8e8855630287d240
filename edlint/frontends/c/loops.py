"""Loops, those among them that a macro heads."""

from __future__ import annotations

import re

from edlint.frontends.c.expressions import place_of
from edlint.frontends.c.flow import Exits, Flow, Label
from edlint.frontends.c.patterns import LOOP_NAME
from edlint.frontends.c.syntax import Node, only_part
from edlint.model.ir import Assign, Index, Opaque, Place

_WORD = re.compile(r"[A-Za-z_]\w*")


def while_(flow: Flow, node: Node) -> None:
    """`while`."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    if condition is not None and body is not None and headed(flow, node, condition, body):
        return
    head, inside, end = Label(), Label(), Label()
    flow.open()
    flow.place(head)
    if condition is not None:
        flow.condition(condition, inside, end, loop=True)
    _loop(flow, body, inside, end, head)
    flow.jump(head, flow.span(node))
    flow.close()
    flow.place(end)


WRITTEN = ("if ", "if(", "while ")
"""How a condition or a loop starts that stands in the file."""


def heading(text: str, node: Node) -> str:
    """The macro that heads a block: the masked copy says `while` or `if` where `text` has its name. Empty if none."""
    start = node.start_byte
    if text.startswith(WRITTEN, start):
        return ""
    name = _WORD.match(text, start)
    return name[0] if name is not None and name[0] not in ("while", "if", "else") else ""


def headed(flow: Flow, node: Node, condition: Node, body: Node) -> bool:
    """Lower a block that a macro heads."""
    name = heading(flow.origin.text, node)
    if not name:
        return False
    if flow.handlers.loop_macro(flow, node, name, condition, body):
        return True
    span = flow.span(condition)
    head, inside, end = Label(), Label(), Label()
    parts = [flow.value(p) for p in _operands(condition)]
    if not LOOP_NAME.search(name):
        flow.either("macro", span, inside, end, tuple(parts))
        flow.place(inside)
        flow.statement(body)
        flow.place(end)
        return True
    flow.place(head)
    flow.branch(Opaque("range", tuple(parts), span), inside, end, span, loop=True)
    exits, flow.exits = flow.exits, Exits(end, head, flow.exits.back, flow.exits.caught)
    flow.place(inside)
    if parts and isinstance(parts[0], Place):
        flow.emit(Assign(parts[0], Opaque("element", tuple(parts[1:]), span), span, macro=flow.macro))
    flow.statement(body)
    flow.exits = exits
    flow.jump(head, flow.span(node))
    flow.place(end)
    return True


def _operands(condition: Node) -> list[Node]:
    """The operands of the commas in a condition in parentheses."""
    found: list[Node] = []
    pending = list(condition.named_children)
    while pending:
        part = pending.pop(0)
        if part.type == "comma_expression":
            pending[:0] = part.named_children
        elif part.type != "comment":
            found.append(part)
    return found


def _loop(flow: Flow, body: Node | None, inside: Label, end: Label, again: Label) -> None:
    exits, flow.exits = flow.exits, Exits(end, again, flow.exits.back, flow.exits.caught)
    flow.place(inside)
    if body is not None:
        flow.statement(body)
    flow.exits = exits


def do(flow: Flow, node: Node) -> None:
    """`do ... while`."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    inside, test, end = Label(), Label(), Label()
    _loop(flow, body, inside, end, test)
    flow.place(test)
    if condition is not None and _is_zero(flow, condition):
        # What macros put around their statements: there is nothing to test.
        end.block = test.block
        return
    if condition is not None:
        flow.condition(condition, inside, end, loop=True)
    flow.place(end)


def _is_zero(flow: Flow, condition: Node) -> bool:
    """Whether a condition is `(0)`."""
    only = only_part(condition)
    return only is not None and only.type == "number_literal" and flow.text(only) == "0"


def for_(flow: Flow, node: Node) -> None:
    """`for`."""
    initializer, condition = node.child_by_field_name("initializer"), node.child_by_field_name("condition")
    update, body = node.child_by_field_name("update"), node.child_by_field_name("body")
    head, inside, next_, end = Label(), Label(), Label(), Label()
    flow.open()
    if initializer is not None:
        if initializer.type in ("declaration", "init_statement", "expression_statement"):
            flow.statement(initializer)
        else:
            flow.effect(initializer)
    flow.place(head)
    if condition is not None:
        flow.condition(condition, inside, end, loop=True)
    _loop(flow, body, inside, end, next_)
    flow.place(next_)
    if update is not None:
        flow.effect(update)
    flow.jump(head, flow.span(node))
    flow.close()
    flow.place(end)


def range_for(flow: Flow, node: Node) -> None:
    """`for (auto x : range)`: each element in turn, as many as there are."""
    right, body = node.child_by_field_name("right"), node.child_by_field_name("body")
    initializer = node.child_by_field_name("initializer")
    head, inside, end = Label(), Label(), Label()
    flow.open()
    if initializer is not None:
        flow.statement(initializer)
    if right is None:
        flow.close()
        return
    span = flow.span(right)
    over = place_of(flow, right)
    flow.place(head)
    flow.branch(Opaque("range", (over,), span), inside, end, span, loop=True)
    exits, flow.exits = flow.exits, Exits(end, head, flow.exits.back, flow.exits.caught)
    flow.place(inside)
    flow.handlers.bind(flow, node, over.then(Index(Opaque("element", (), span)), span=span))
    if body is not None:
        flow.statement(body)
    flow.exits = exits
    flow.jump(head, flow.span(node))
    flow.close()
    flow.place(end)


STATEMENTS = {
    "while_statement": while_,
    "do_statement": do,
    "for_statement": for_,
    "for_range_loop": range_for,
}
