"""Expressions: values without effects are returned, effects become operations."""

from __future__ import annotations

from functools import lru_cache
from sys import intern

from edlint.frontends.c import literals
from edlint.frontends.c.declarators import described
from edlint.frontends.c.flow import Flow
from edlint.frontends.c.frames import Frame, value_of
from edlint.frontends.c.sizes import size_of, size_of_value
from edlint.frontends.c.syntax import Node, named_pair, triple
from edlint.frontends.c.typenames import names_type
from edlint.model.ir import (
    Address,
    Aggregate,
    Assign,
    Cast,
    Deref,
    Field,
    Index,
    Number,
    Opaque,
    Place,
    SizeOf,
    Text,
    Value,
)
from edlint.model.types import TypeKind, TypeRef
from edlint.source import Span

DEREF = Deref()
_KNOWN = {"NULL": 0, "nullptr": 0, "true": 1, "false": 0, "TRUE": 1, "FALSE": 0}
MAX_ITEMS = 1024
"""Items of a braced initialiser that are kept; behind them stands one Opaque of kind `rest`."""


def place_of(flow: Flow, node: Node) -> Place:
    """An expression as a place; what is none goes to a temporary."""
    value = flow.values[node.kind_id](flow, node)
    return value if isinstance(value, Place) else as_place(flow, value, node)


def as_place(flow: Flow, value: Value, node: Node) -> Place:
    """A value as a place."""
    if isinstance(value, Place):
        return value
    if isinstance(value, Cast) and isinstance(value.operand, Place) and not value.type.is_pointer:
        return value.operand
    span = flow.span(node)
    temp = flow.temp(span, value.type) if isinstance(value, Cast) else flow.temp(span)
    flow.emit(Assign(temp, value, span, macro=flow.macro))
    return temp


def deref(flow: Flow, value: Value, node: Node) -> Place:
    """What a pointer value points to."""
    span = flow.span(node)
    if isinstance(value, Address):
        return Place(value.place.root, value.place.steps, span)
    place = value if isinstance(value, Place) else as_place(flow, value, node)
    return Place(place.root, (*place.steps, DEREF), span)


def identifier(flow: Flow, node: Node) -> Value:
    """A name: a variable, a constant, a macro, or something unknown that keeps its name."""
    start, end, origin = node.start_byte, node.end_byte, flow.origin
    name = origin.text[start:end]
    key = flow.visible.get(name)
    if key is None:
        names = flow.names
        key = names.bare.get(name)
        if key is None:
            number = names.numbers.get(name)
            if number is not None:
                return Number(number, intern(name), origin.span(start, end))
            bound = origin.bound(node) if isinstance(origin, Frame) else None
            return _meaning(flow, node, intern(name)) if bound is None else value_of(flow, bound)
    elif key in flow.fixed:
        return Number(flow.fixed[key], intern(name), origin.span(start, end))
    return Place(key, (), origin.span(start, end))


def _meaning(flow: Flow, node: Node, name: str) -> Value:
    """What a name that is no local variable's means."""
    span = flow.span(node)
    if name in _KNOWN:
        return Number(_KNOWN[name], name, span)
    names = flow.names
    if names.is_member(name):
        return Place("this", (DEREF, member_step(name)), span)
    constant = names.constant(name)
    if constant is not None:
        names.numbers[name] = constant
        return Number(constant, name, span)
    expanded = flow.handlers.call_macro(flow, node, name, None, True)
    if expanded is not None:
        return expanded
    if names.macro(name) is None and not names.is_pointer(name):
        names.bare[name] = name
    return Place(name, (), span)


@lru_cache(8192)
def member_step(name: str) -> Field:
    """The step to a member; one object for all its uses."""
    return Field(intern(name.split("<")[0].strip()))


def qualified(flow: Flow, node: Node) -> Value:
    """`A::b`: a constant of that class or of the last part's name, else a place named as written."""
    name = "".join(flow.text(node).split())
    constant = flow.names.constant(name)
    span = flow.span(node)
    return Number(constant, name, span) if constant is not None else Place(name, (), span)


def number(flow: Flow, node: Node) -> Value:
    """A number literal."""
    start, end, origin = node.start_byte, node.end_byte, flow.origin
    return number_of(origin.text[start:end], origin.span(start, end))


def number_of(text: str, span: Span) -> Number:
    """The number that a literal is."""
    value, text = _literal(text)
    return Number(value, text, span)


@lru_cache(4096)
def _literal(text: str) -> tuple[int | float | None, str]:
    """The value of a number literal and its text; one object for all its uses."""
    return literals.number(text), intern(text)


def character(flow: Flow, node: Node) -> Value:
    """A character literal."""
    text = flow.text(node)
    return Number(literals.character(text), text, flow.span(node))


def string(flow: Flow, node: Node) -> Value:
    """A string literal."""
    origin = flow.origin
    made = origin.literal(node) if isinstance(origin, Frame) else None
    if made is not None:
        return Text(literals.string(made), origin.span(node.start_byte, node.end_byte))
    start, end = node.start_byte, node.end_byte
    return Text(_string(origin.text[start:end]), origin.span(start, end))


@lru_cache(1024)
def _string(text: str) -> str:
    """What a string literal stands for; the bodies of macros have the same ones again and again."""
    return literals.string(text)


def strings(flow: Flow, node: Node) -> Value:
    """Adjacent string literals, maybe with names of macros between."""
    parts: list[str] = []
    others: list[Value] = []
    for child in node.named_children:
        if child.type == "comment":
            continue
        value = flow.value(child)
        if isinstance(value, Text):
            parts.append(value.value)
        else:
            # `PRIu64` and its kin are strings of the C library.
            parts.append("lu" if flow.text(child).startswith("PRI") else "%s")
            others.append(value)
    return Text("".join(parts), flow.span(node))


def named(flow: Flow, node: Node) -> Value:
    """A literal that is a word: NULL, true, this."""
    text = intern(flow.text(node))
    if text == "this":
        return Place(text, (), flow.span(node))
    return Number(_KNOWN.get(text, 0), text, flow.span(node))


def parentheses(flow: Flow, node: Node) -> Value:
    """`( ... )`, and the statement expression `({ ... })`."""
    for child in node.named_children:
        if child.type == "compound_statement":
            return statement_expression(flow, child)
        if child.type != "comment":
            return flow.values[child.kind_id](flow, child)
    return Opaque("empty", (), flow.span(node))


def statement_expression(flow: Flow, node: Node) -> Value:
    """Statements in order; the value is that of the last one."""
    children = [c for c in node.named_children if c.type != "comment"]
    flow.open()
    try:
        for child in children[:-1]:
            flow.statement(child)
        if children:
            last = children[-1]
            inner = last.named_children
            if last.type == "expression_statement" and inner:
                return flow.value(inner[0])
            flow.statement(last)
    finally:
        flow.close()
    return Opaque("statement", (), flow.span(node))


def member(flow: Flow, node: Node) -> Value:
    """`x.f` and `p->f`."""
    argument, operator, name = triple(node, "argument", "operator", "field")
    if argument is None or name is None:
        return unknown(flow, node)
    value = flow.values[argument.kind_id](flow, argument)
    span = flow.span(node)
    step = member_step(flow.text(name))
    if operator is not None and operator.type.startswith("->"):
        if isinstance(value, Place):
            return Place(value.root, (*value.steps, DEREF, step), span)
        return deref(flow, value, node).then(step, span=span)
    if isinstance(value, Cast) and isinstance(value.operand, Place):
        value = value.operand
    elif not isinstance(value, Place):
        value = as_place(flow, value, argument)
    return Place(value.root, (*value.steps, step), span)


def subscript(flow: Flow, node: Node) -> Value:
    """`a[i]`."""
    argument, index = named_pair(node, "argument", "index")
    index = index or node.child_by_field_name("indices")
    if argument is None or index is None:
        return unknown(flow, node)
    array = flow.values[argument.kind_id](flow, argument)
    if index.type == "subscript_argument_list":
        values = [flow.value(c) for c in index.named_children if c.type != "comment"]
        at = values[-1] if values else Opaque("empty", (), flow.span(index))
    else:
        at = flow.values[index.kind_id](flow, index)
    if isinstance(array, Number) and isinstance(at, Place):
        array, at = at, array
    base = array if isinstance(array, Place) else as_place(flow, array, argument)
    return Place(base.root, (*base.steps, Index(at)), flow.span(node))


def cast(flow: Flow, node: Node) -> Value:
    """`(T)x`."""
    type_, value = named_pair(node, "type", "value")
    if type_ is None or value is None:
        return unknown(flow, node)
    return Cast(described(type_, flow.origin.text), flow.values[value.kind_id](flow, value), flow.span(node))


def sizeof(flow: Flow, node: Node) -> Value:
    """`sizeof(T)` and `sizeof x`."""
    type_, value = node.child_by_field_name("type"), node.child_by_field_name("value")
    span = flow.span(node)
    operand: Node | None = value
    for _ in range(8):
        if operand is None or operand.type != "parenthesized_expression" or not operand.named_children:
            break
        operand = operand.named_children[0]
    if type_ is None and operand is None:
        return unknown(flow, node)
    if type_ is not None:
        named_ = type_.child_by_field_name("type")
        bare = named_ is not None and named_.type == "type_identifier" and type_.named_child_count == 1
        if not bare or flow.lookup(flow.text(type_)) is None:
            described_ = described(type_, flow.origin.text)
            return SizeOf(described_, None, size_of(flow, described_), span)
        operand = type_
    assert operand is not None
    name = flow.text(operand)
    if operand.type in ("identifier", "type_identifier") and flow.lookup(name) is None and names_type(flow, name):
        described_ = TypeRef(name, TypeKind.NAMED)
        return SizeOf(described_, None, size_of(flow, described_), span)
    if operand.type == "type_identifier":
        key = flow.lookup(name)
        found: Value = Place(key or name, (), flow.span(operand))
    else:
        found = unevaluated(flow, operand)
    return SizeOf(None, found, size_of_value(flow, found), span)


def unevaluated(flow: Flow, node: Node) -> Value:
    """The value of an expression whose effects do not happen."""
    blocks, ends = len(flow.blocks), flow.ends[-1]
    count = len(flow.blocks[-1])
    value = flow.value(node)
    if len(flow.blocks) == blocks:
        del flow.blocks[-1][count:]
        flow.ends[-1] = ends
    return value


def comma(flow: Flow, node: Node) -> Value:
    """`a, b`: the value of the last."""
    rest: list[Node] = []
    at: Node | None = node
    while at is not None and at.type == "comma_expression":
        right = at.child_by_field_name("right")
        left = at.child_by_field_name("left")
        if left is not None and left.type == "comma_expression":
            if right is not None:
                rest.append(right)
            at = left
            continue
        if left is not None:
            flow.effect(left)
        at = right
    value: Value = flow.value(at) if at is not None else Opaque("empty", (), flow.span(node))
    for right in reversed(rest):
        value = flow.value(right)
    return value


def aggregate(flow: Flow, node: Node) -> Value:
    """`{ a, .f = b, [3] = c }`."""
    items: list[tuple[str | None, Value]] = []
    cursor = node.walk()
    more = cursor.goto_first_child()
    while more:
        child = cursor.node
        more = cursor.goto_next_sibling()
        if child is None or not child.is_named or child.type == "comment":
            continue
        if len(items) == MAX_ITEMS:
            items.append((None, Opaque("rest", (), flow.span(child))))
            break
        if child.type == "initializer_pair":
            value = child.child_by_field_name("value")
            name = "".join(
                flow.text(d).lstrip(".") if d.type == "field_designator" else flow.text(d)
                for d in child.named_children
                if d.type.endswith("_designator") or d.type == "field_identifier"
            )
            if value is not None:
                items.append((name or None, flow.value(value)))
            continue
        items.append((None, flow.value(child)))
    return Aggregate(tuple(items), flow.span(node))


def unknown(flow: Flow, node: Node) -> Value:
    """An expression of no kind that is known: the values inside it are kept."""
    parts = tuple(flow.value(c) for c in node.named_children[:64] if c.type not in _NO_VALUES)
    return Opaque(node.type, parts, flow.span(node))


def effectless(flow: Flow, node: Node) -> Value:
    """An expression that uses no values."""
    return Opaque(node.type, (), flow.span(node))


def first(flow: Flow, node: Node) -> Value:
    """The value of the first part."""
    for child in node.named_children:
        if child.type != "comment":
            return flow.value(child)
    return effectless(flow, node)


_NO_VALUES = frozenset(
    {"comment", "type_descriptor", "type_identifier", "primitive_type", "field_identifier", "namespace_identifier"}
)

LEAVES = {
    "identifier": identifier,
    "type_identifier": identifier,
    "field_identifier": identifier,
    "qualified_identifier": qualified,
    "number_literal": number,
    "char_literal": character,
    "string_literal": string,
    "raw_string_literal": string,
    "null": named,
    "true": named,
    "false": named,
    "this": named,
    "offsetof_expression": effectless,
    "alignof_expression": effectless,
    "requires_expression": effectless,
}
"""Expressions that hold no others."""

VALUES = {
    "concatenated_string": strings,
    "user_defined_literal": first,
    "parenthesized_expression": parentheses,
    "condition_clause": parentheses,
    "compound_statement": statement_expression,
    "field_expression": member,
    "subscript_expression": subscript,
    "cast_expression": cast,
    "sizeof_expression": sizeof,
    "comma_expression": comma,
    "initializer_list": aggregate,
    "extension_expression": first,
    "co_await_expression": first,
    "parameter_pack_expansion": first,
}
