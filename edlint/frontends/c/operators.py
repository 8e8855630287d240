"""Operators: assignments, arithmetic, comparisons, streams, choices."""

from __future__ import annotations

from edlint.frontends.c.expressions import as_place, deref, place_of, unknown
from edlint.frontends.c.flow import Flow, Label
from edlint.frontends.c.syntax import Node
from edlint.model.ir import Address, Assign, Binary, Deref, Number, Place, Text, Unary, Value
from edlint.model.types import TypeRef

_LOGICAL = frozenset(("&&", "||", "and", "or"))
_SPILL = 48
"""Operators in a row after which the value goes to a temporary, so that values stay shallow."""


def assignment(flow: Flow, node: Node) -> Value:
    """`a = b` and `a += b`; the value is the target."""
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None:
        return unknown(flow, node)
    span = flow.span(node)
    op = operator.type if operator is not None else "="
    target = place_of(flow, left)
    if op == "=":
        flow.store(target, right, span)
        return target
    value = flow.value(right)
    flow.emit(Assign(target, Binary(op[:-1], target, value, span), span, compound=True, macro=flow.macro))
    return target


def increment(flow: Flow, node: Node) -> Value:
    """`x++` as a value: the old value first."""
    argument = node.child_by_field_name("argument")
    if argument is None:
        return unknown(flow, node)
    target = place_of(flow, argument)
    span = flow.span(node)
    value: Value = target
    if node.children[0].type not in ("++", "--"):
        temp = flow.temp(span)
        flow.emit(Assign(temp, target, span, macro=flow.macro))
        value = temp
    step(flow, node, target)
    return value


def step(flow: Flow, node: Node, target: Place) -> None:
    """The effect of `x++`."""
    span = flow.span(node)
    operator = node.child_by_field_name("operator")
    op = flow.text(operator)[0] if operator is not None else "+"
    one = Number(1, "1", span)
    flow.emit(Assign(target, Binary(op, target, one, span), span, compound=True, macro=flow.macro))


def unary(flow: Flow, node: Node) -> Value:
    """`-x`, `~x`, `!x`."""
    operator, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
    if operator is None or argument is None:
        return unknown(flow, node)
    op = flow.text(operator)
    if op in ("!", "not"):
        return truth(flow, node)
    value = flow.value(argument)
    if op == "+":
        return value
    if op == "-" and isinstance(value, Number) and value.value is not None:
        return Number(-value.value, "-" + value.text, flow.span(node))
    return Unary("~" if op == "compl" else op, value, flow.span(node))


def pointer(flow: Flow, node: Node) -> Value:
    """`*p` and `&x`."""
    operator, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
    if operator is None or argument is None:
        return unknown(flow, node)
    value = flow.value(argument)
    span = flow.span(node)
    if flow.text(operator) == "*":
        return deref(flow, value, node)
    if isinstance(value, Place):
        if value.steps and isinstance(value.steps[-1], Deref):
            return Place(value.root, value.steps[:-1], span)
        return Address(value, span)
    return Address(as_place(flow, value, argument), span)


def binary(flow: Flow, node: Node) -> Value:
    """Arithmetic and comparisons; a chain to the left is followed without recursion."""
    chain: list[tuple[Node, Node | None]] = []
    at: Node | None = node
    while at is not None and at.type == "binary_expression":
        operator = at.child_by_field_name("operator")
        if operator is not None and operator.type in _LOGICAL:
            break
        chain.append((at, operator))
        at = at.child_by_field_name("left")
    if not chain:
        return truth(flow, node)
    if at is None:
        return unknown(flow, node)
    value = flow.value(at)
    for count, (link, operator) in enumerate(reversed(chain), 1):
        right = link.child_by_field_name("right")
        if operator is None or right is None:
            continue
        op = operator.type
        span = flow.span(link)
        if op in ("<<", ">>") and flow.names.language == "c++":
            other = flow.value(right)
            if is_stream(flow, value, other):
                value = stream(flow, value, other, op, link, operator)
                continue
            value = Binary(op, value, other, span)
        else:
            value = Binary(op, value, flow.value(right), span)
        if count % _SPILL == 0:
            temp = flow.temp(span)
            flow.emit(Assign(temp, value, span, macro=flow.macro))
            value = temp
    return value


def is_stream(flow: Flow, left: Value, right: Value) -> bool:
    """Whether `left << right` writes to a stream rather than shifts."""
    if isinstance(right, Text) or (isinstance(right, Place) and right.root.rsplit("::", 1)[-1] in ("endl", "flush")):
        return True
    if not isinstance(left, Place):
        return False
    root = left.root.rsplit("::", 1)[-1]
    if root in ("cout", "cerr", "clog", "cin", "wcout", "wcerr"):
        return True
    variable = flow.variables.get(left.root)
    return variable is not None and "stream" in variable.type.base and not left.steps


def stream(flow: Flow, left: Value, right: Value, op: str, node: Node, operator: Node) -> Value:
    """One link of `cout << a << b`: a call of the operator with the stream and the operand."""
    from_ = place_like(left)
    flow.handlers.invoke_operator(flow, f"operator{op}", (left, right), node, operator)
    return from_ if from_ is not None else left


def place_like(value: Value) -> Place | None:
    """The place that a value is, or None."""
    return value if isinstance(value, Place) else None


def truth(flow: Flow, node: Node) -> Value:
    """A condition as a value: 1 or 0 in a temporary."""
    span = flow.span(node)
    temp = flow.temp(span, TypeRef("int"))
    yes, no, end = Label(), Label(), Label()
    flow.condition(node, yes, no)
    flow.place(yes)
    flow.emit(Assign(temp, Number(1, "1", span), span, macro=flow.macro))
    flow.jump(end, span)
    flow.place(no)
    flow.emit(Assign(temp, Number(0, "0", span), span, macro=flow.macro))
    flow.place(end)
    return temp


def choice(flow: Flow, node: Node) -> Value:
    """`c ? a : b` as a value: both arms write one temporary."""
    temp = flow.temp(flow.span(node))
    choose(flow, temp, node, initial=False)
    return temp


def choose(flow: Flow, target: Place, node: Node, *, initial: bool) -> None:
    """`target = c ? a : b`."""
    condition = node.child_by_field_name("condition")
    consequence = node.child_by_field_name("consequence")
    alternative = node.child_by_field_name("alternative")
    if condition is None or alternative is None:
        flow.emit(Assign(target, unknown(flow, node), flow.span(node), macro=flow.macro))
        return
    yes, no, end = Label(), Label(), Label()
    if consequence is None:
        # GNU `a ?: b`: a is evaluated once.
        first = as_place(flow, flow.value(condition), condition)
        flow.branch(first, yes, no, flow.span(condition))
        flow.place(yes)
        flow.emit(Assign(target, first, flow.span(condition), initial=initial, macro=flow.macro))
    else:
        flow.condition(condition, yes, no)
        flow.place(yes)
        flow.store(target, consequence, flow.span(consequence), initial=initial)
    flow.jump(end, flow.span(node))
    flow.place(no)
    flow.store(target, alternative, flow.span(alternative), initial=initial)
    flow.place(end)


VALUES = {
    "assignment_expression": assignment,
    "update_expression": increment,
    "unary_expression": unary,
    "pointer_expression": pointer,
    "binary_expression": binary,
    "conditional_expression": choice,
}
