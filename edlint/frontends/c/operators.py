"""Operators: assignments, arithmetic, comparisons, streams, choices."""

from __future__ import annotations

from edlint.frontends.c.expressions import as_place, deref, place_of, unknown
from edlint.frontends.c.flow import Flow, Label
from edlint.frontends.c.length import MANY, fitting
from edlint.frontends.c.syntax import Node, only_part, pair, triple
from edlint.frontends.c.typenames import casts_to
from edlint.model.ir import Address, Assign, Binary, Cast, Deref, Invoke, Number, Place, Text, Unary, Value
from edlint.model.types import TypeKind, TypeRef
from edlint.source import Span

_INT = TypeRef("int")
_LOGICAL = frozenset(("&&", "||", "and", "or"))
_SHIFTS = frozenset(("<<", ">>"))
_SIGNS = frozenset(("-", "+", "*", "&"))
"""Operators that may be a sign of what a type is cast to."""
_SPILL = 48
"""Operators in a row after which the value goes to a temporary, so that values stay shallow."""


def assignment(flow: Flow, node: Node) -> Value:
    """`a = b` and `a += b`; the value is the target."""
    left, operator, right = triple(node, "left", "operator", "right")
    if left is None or right is None:
        return unknown(flow, node)
    span = flow.span(node)
    op = operator.type if operator is not None else "="
    target = place_of(flow, left)
    if op == "=":
        flow.store(target, right, span)
        return target
    value = flow.value(right)
    flow.emit(Assign(target, Binary(op[:-1], target, value, span), span, True, False, flow.macro))
    return target


def increment(flow: Flow, node: Node) -> Value:
    """`x++` as a value: the old value first."""
    argument = node.child_by_field_name("argument")
    if argument is None:
        return unknown(flow, node)
    target = place_of(flow, argument)
    value: Value = target
    if node.children[0].type not in ("++", "--"):
        span = flow.span(node)
        value = flow.temp(span)
        flow.emit(Assign(value, target, span, macro=flow.macro))
    step(flow, node, target)
    return value


def step(flow: Flow, node: Node, target: Place) -> None:
    """The effect of `x++`."""
    span = flow.span(node)
    operator = node.child_by_field_name("operator")
    op = flow.text(operator)[0] if operator is not None else "+"
    flow.emit(Assign(target, Binary(op, target, Number(1, "1", span), span), span, True, False, flow.macro))


def unary(flow: Flow, node: Node) -> Value:
    """`-x`, `~x`, `!x`."""
    operator, argument = pair(node, "operator", "argument")
    if operator is None or argument is None:
        return unknown(flow, node)
    op = flow.text(operator)
    if op in ("!", "not"):
        return truth(flow, node)
    value = flow.value(argument)
    if op == "+":
        return value
    if op == "-":
        return _negated(value, flow.span(node))
    return Unary("~" if op == "compl" else op, value, flow.span(node))


def pointer(flow: Flow, node: Node) -> Value:
    """`*p` and `&x`."""
    operator, argument = pair(node, "operator", "argument")
    if operator is None or argument is None:
        return unknown(flow, node)
    value = flow.values[argument.kind_id](flow, argument)
    if flow.text(operator) == "*":
        return deref(flow, value, node)
    return _address(flow, value, argument, flow.span(node))


def _address(flow: Flow, value: Value, node: Node, span: Span) -> Value:
    if isinstance(value, Place):
        if value.steps and isinstance(value.steps[-1], Deref):
            return Place(value.root, value.steps[:-1], span)
        return Address(value, span)
    return Address(as_place(flow, value, node), span)


def binary(flow: Flow, node: Node) -> Value:
    """Arithmetic and comparisons."""
    left, operator, right = triple(node, "left", "operator", "right")
    if left is None or operator is None or right is None or left.kind_id == node.kind_id:
        return _chain(flow, node)
    op = operator.type
    if op in _LOGICAL:
        return truth(flow, node)
    if op in _SIGNS and (type_ := _cast_to(flow, left)) is not None:
        return Cast(type_, _signed(flow, operator, right), flow.span(node))
    values = flow.values
    value, other = values[left.kind_id](flow, left), values[right.kind_id](flow, right)
    if op in _SHIFTS and flow.names.language == "c++" and is_stream(flow, value, other):
        return stream(flow, value, other, op, node, operator)
    return Binary(op, value, other, flow.span(node))


def _chain(flow: Flow, node: Node) -> Value:
    """A chain of operators to the left is followed without recursion."""
    chain: list[tuple[Node, str | None, Node | None, Node | None]] = []
    values, kind = flow.values, node.kind_id
    at: Node | None = node
    while at is not None and at.kind_id == kind:
        left, operator, right = triple(at, "left", "operator", "right")
        op = operator.type if operator is not None else None
        if op in _LOGICAL:
            break
        chain.append((at, op, operator, right))
        at = left
    if not chain:
        return truth(flow, node)
    if at is None:
        return unknown(flow, node)
    if len(chain) > MANY:
        chain = chain[-len(fitting(flow, [right or link for link, _, _, right in reversed(chain)])) :]
    _, op, operator, right = chain[-1]
    type_ = _cast_to(flow, at) if op in _SIGNS else None
    if type_ is not None and operator is not None and right is not None:
        value: Value = Cast(type_, _signed(flow, operator, right), flow.span(chain.pop()[0]))
    else:
        value = values[at.kind_id](flow, at)
    streams = flow.names.language == "c++"
    count = 0
    while chain:
        link, op, operator, right = chain.pop()
        count += 1
        if op is None or right is None:
            continue
        cast = _cast_to(flow, right) if chain and chain[-1][1] in _SIGNS else None
        if cast is not None:
            # `a + (T)-1`, in which the grammar takes a + (T) for the left side of a difference.
            link, _, sign, operand = chain.pop()
            assert sign is not None
            inside = flow.origin.span(right.start_byte, link.end_byte)
            other: Value = Cast(cast, _signed(flow, sign, operand or right), inside)
        else:
            other = values[right.kind_id](flow, right)
        if streams and operator is not None and op in _SHIFTS and is_stream(flow, value, other):
            value = stream(flow, value, other, op, link, operator)
            continue
        span = flow.span(link)
        value = Binary(op, value, other, span)
        if count % _SPILL == 0:
            temp = flow.temp(span)
            flow.emit(Assign(temp, value, span, macro=flow.macro))
            value = temp
    return value


def _cast_to(flow: Flow, node: Node) -> TypeRef | None:
    """The type that `(T)` in front of a sign casts to; None where it is a value."""
    if flow.origin.text[node.start_byte] != "(":
        return None
    only = only_part(node)
    name = flow.text(only) if only is not None and only.type == "identifier" else ""
    if not name or not casts_to(flow, name):
        return None
    return TypeRef(name, TypeKind.NAMED)


def _signed(flow: Flow, operator: Node, right: Node) -> Value:
    """The operand of a cast that starts with a sign: `-1`, `*p`, `&x`."""
    op = operator.type
    if op == "&" and right.type == "binary_expression":
        # As a sign it binds more tightly than what the grammar took for its right side.
        left, inner, other = triple(right, "left", "operator", "right")
        if left is not None and inner is not None and other is not None and inner.type not in _LOGICAL:
            return Binary(inner.type, _signed(flow, operator, left), flow.value(other), flow.span(right))
    value = flow.value(right)
    if op == "*":
        return deref(flow, value, right)
    span = flow.origin.span(operator.start_byte, right.end_byte)
    if op == "&":
        return _address(flow, value, right, span)
    if op == "-":
        return _negated(value, span)
    return value


def _negated(value: Value, span: Span) -> Value:
    if isinstance(value, Number) and value.value is not None:
        return Number(-value.value, "-" + value.text, span)
    return Unary("-", value, span)


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
    name, args = f"operator{op}", (left, right)
    flow.emit(Invoke(None, name, None, None, args, flow.span(node), flow.span(operator), name, flow.macro))
    return left


def truth(flow: Flow, node: Node) -> Value:
    """A condition as a value: 1 or 0 in a temporary."""
    span = flow.span(node)
    temp = flow.temp(span, _INT)
    yes, no, end = Label(), Label(), Label()
    flow.condition(node, yes, no)
    flow.place(yes)
    flow.emit(Assign(temp, Number(1, "1", span), span, False, False, flow.macro))
    flow.jump(end, span)
    flow.place(no)
    flow.emit(Assign(temp, Number(0, "0", span), span, False, False, flow.macro))
    flow.place(end)
    return temp


def choice(flow: Flow, node: Node) -> Value:
    """`c ? a : b` as a value: both arms write one temporary."""
    temp = flow.temp(flow.span(node))
    choose(flow, temp, node, temp.span, False)
    return temp


def choose(flow: Flow, target: Place, node: Node, _: Span, initial: bool) -> None:
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
    "update_expression": increment,
    "unary_expression": unary,
    "pointer_expression": pointer,
    "conditional_expression": choice,
}

SHALLOW = {"assignment_expression": assignment, "binary_expression": binary}
"""Expressions that nest deeply only by way of others."""
