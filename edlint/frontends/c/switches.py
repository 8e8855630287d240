"""`switch`: a chain of comparisons, then the body with its labels."""

from __future__ import annotations

from collections.abc import Sequence

from edlint.frontends.c.flow import Exits, Flow, Label
from edlint.frontends.c.length import MANY, fitting, listed
from edlint.frontends.c.syntax import Node
from edlint.model.ir import Assign, Binary, Number, Place, Value

_CASE_HOLDERS = frozenset(
    {
        "compound_statement",
        "case_statement",
        "preproc_if",
        "preproc_ifdef",
        "preproc_else",
        "preproc_elif",
        "preproc_elifdef",
        "labeled_statement",
        "if_statement",
        "else_clause",
        "for_statement",
        "while_statement",
        "do_statement",
        "ERROR",
    }
)


def switch(flow: Flow, node: Node) -> None:
    """`switch`: a chain of comparisons, then the body with its labels."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    if condition is None or body is None:
        return
    flow.open()
    subject = flow.value(condition)
    if not isinstance(subject, Number) and not (isinstance(subject, Place) and subject.is_variable):
        span = flow.span(condition)
        temp = flow.temp(span)
        flow.emit(Assign(temp, subject, span, macro=flow.macro))
        subject = temp
    end = Label()
    labels: dict[int, Label] = {}
    other = end
    cases: Sequence[Node] = _cases(body)
    for case in cases if len(cases) <= MANY else fitting(flow, cases):
        label = labels[case.start_byte] = Label()
        value = case.child_by_field_name("value")
        if value is None:
            other = label
            continue
        _compare(flow, subject, value, case, label)
    flow.jump(other, flow.span(node))
    exits = flow.exits
    flow.exits = Exits(end, exits.again, exits.back, exits.caught)
    flow.cases.append(labels)
    flow.statement(body)
    flow.cases.pop()
    flow.exits = exits
    flow.close()
    flow.place(end)


def _compare(flow: Flow, subject: Value, value: Node, case: Node, label: Label) -> None:
    next_ = Label()
    span = flow.span(case)
    head = flow.origin.span(case.start_byte, value.end_byte) if value.end_byte <= case.end_byte else span
    bounds = _masked_range(flow, value)
    if bounds is not None:
        value, last = bounds
    tested = flow.value(value)
    dots = next((c for c in case.children if c.type == "..."), None)
    upper = last if bounds is not None else None
    if dots is not None:
        upper = next((c for c in case.named_children if c.start_byte > dots.start_byte), None)
    if upper is not None:
        within = Label()
        flow.branch(Binary(">=", subject, tested, head), within, next_, head)
        flow.place(within)
        flow.branch(Binary("<=", subject, flow.value(upper), head), label, next_, head)
    else:
        flow.branch(Binary("==", subject, tested, head), label, next_, head)
    flow.place(next_)


def _masked_range(flow: Flow, value: Node) -> tuple[Node, Node] | None:
    """The bounds of `1 ... 5` where the tree was made from a masked copy."""
    operator = value.child_by_field_name("operator") if value.type == "binary_expression" else None
    if operator is None or operator.type != "||" or flow.text(operator) != "..":
        return None
    left, right = value.child_by_field_name("left"), value.child_by_field_name("right")
    return (left, right) if left is not None and right is not None else None


def _cases(body: Node) -> list[Node]:
    """The case labels of a switch, those of inner switches left out, in the order of the text."""
    found, stack = [], [body]
    while stack:
        top = stack.pop()
        if top.type == "case_statement":
            found.append(top)
        if top.type in _CASE_HOLDERS:
            stack.extend(reversed(top.named_children))
    return found


def case(flow: Flow, node: Node) -> None:
    """`case x:` with the statements behind it; control falls in from above."""
    label = flow.cases[-1].get(node.start_byte) if flow.cases else None
    if label is not None:
        flow.place(label)
    value = node.child_by_field_name("value")
    colon = next((c for c in node.children if c.type == ":"), None)
    start = colon.end_byte if colon is not None else (value.end_byte if value is not None else node.start_byte)
    for child in listed(flow, node):
        if child.start_byte >= start:
            flow.statement(child)


STATEMENTS = {
    "switch_statement": switch,
    "case_statement": case,
}
