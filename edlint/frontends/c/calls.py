"""Calls, and what C++ writes as something else and means as a call: new, delete, casts, lambdas."""

from __future__ import annotations

from collections.abc import Sequence
from sys import intern
from typing import TypeAlias

from edlint.frontends.c.declarators import base_type, described, parameters
from edlint.frontends.c.expressions import as_place, deref, identifier, member_step, unknown
from edlint.frontends.c.flow import Exits, Flow, Label
from edlint.frontends.c.frames import Frame, spread, within
from edlint.frontends.c.length import MANY, fitting
from edlint.frontends.c.sizes import size_of
from edlint.frontends.c.syntax import Node, pair, triple
from edlint.frontends.c.typenames import casts_to
from edlint.model.ir import (
    Assign,
    Binary,
    Cast,
    Declare,
    Deref,
    Invoke,
    Number,
    Opaque,
    Place,
    Scope,
    SizeOf,
    Stop,
    Value,
)
from edlint.model.types import TypeKind, TypeRef
from edlint.source import Span

NO_RETURN = frozenset(
    {
        "abort",
        "exit",
        "_exit",
        "_Exit",
        "quick_exit",
        "oe_abort",
        "oe_exit",
        "longjmp",
        "siglongjmp",
        "terminate",
        "__builtin_unreachable",
        "__builtin_trap",
        "__assert_fail",
        "unreachable",
    }
)
ASSERTS = frozenset({"assert", "oe_assert", "_ASSERT", "_ASSERTE"})
_TRANSPARENT = frozenset({"__builtin_expect", "likely", "unlikely", "__builtin_expect_with_probability"})
_STATIC_ASSERTS = frozenset({"_Static_assert", "static_assert"})
_SPECIAL = ASSERTS | _STATIC_ASSERTS | _TRANSPARENT
_CXX_CASTS = frozenset({"static_cast", "reinterpret_cast", "const_cast", "dynamic_cast"})
_PEELED = 16


def arguments(flow: Flow, list_: Node | None) -> tuple[Value, ...]:
    """The arguments of a call, evaluated in the order of the text."""
    if list_ is None:
        return ()
    values, skipped = flow.values, flow.handlers.skipped
    origin = flow.origin
    if isinstance(origin, Frame) and origin.template.has_rest:
        parts = [c for c in list_.named_children if c.kind_id not in skipped]
        return tuple([within(flow, a, flow.value) for a in spread(flow, parts)])
    written: Sequence[Node] = list_.named_children
    if len(written) > MANY:
        written = fitting(flow, written)
    return tuple([values[c.kind_id](flow, c) for c in written if c.kind_id not in skipped])


def call(flow: Flow, node: Node) -> Value:
    """A call whose result is used."""
    return _call(flow, node, None, True, False)


def call_into(flow: Flow, target: Place, node: Node, _: Span, initial: bool) -> None:
    """A call whose result goes to `target`."""
    value = _call(flow, node, target, True, False)
    if value is not target:
        flow.emit(Assign(target, value, flow.span(node), macro=flow.macro))


def call_dropped(flow: Flow, node: Node) -> None:
    """A call whose result nobody takes."""
    _call(flow, node, None, False, False)


def call_discarded(flow: Flow, node: Node) -> None:
    """A call whose result is cast to void."""
    _call(flow, node, None, False, True)


def _call(flow: Flow, node: Node, target: Place | None, used: bool, discarded: bool) -> Value:
    function, list_ = pair(node, "function", "arguments")
    if function is None:
        return unknown(flow, node)
    kind = function.type
    called = function
    for _ in range(_PEELED):
        if kind != "parenthesized_expression":
            break
        inner = function.named_children
        if len(inner) != 1 or inner[0].type == "pointer_expression":
            break
        function = inner[0]
        kind = function.type
    if kind == "identifier":
        name = flow.text(function)
        if name not in flow.visible:
            if called is not function and casts_to(flow, name):
                return _cast(flow, node, TypeRef(name, TypeKind.NAMED), list_)
            plain = flow.names.called.get(name)
            if plain is not None:
                return _invoke(flow, node, target, (plain, plain, None, None, function), list_, used, discarded)
            meant = _meant(flow, node, name, list_, used)
            if meant is not None:
                return meant
    elif kind == "primitive_type" or kind == "sized_type_specifier":
        return _cast(flow, node, base_type(function, flow.origin.text), list_)
    elif kind == "template_function":
        name_ = function.child_by_field_name("name")
        if name_ is not None and flow.text(name_) in _CXX_CASTS:
            return _cxx_cast(flow, node, function, list_)
    return _invoke(flow, node, target, callee_of(flow, function), list_, used, discarded)


def _meant(flow: Flow, node: Node, name: str, list_: Node | None, used: bool) -> Value | None:
    """What the call of a name that is no local variable's means when it is no plain call."""
    if name in ASSERTS and list_ is not None:
        return _assert(flow, node, list_)
    if name in _STATIC_ASSERTS:
        return Opaque("assert", (), flow.span(node))
    if name in _TRANSPARENT and list_ is not None and list_.named_child_count and flow.names.macro(name) is None:
        values = arguments(flow, list_)
        return values[0] if values else unknown(flow, node)
    expanded = flow.handlers.call_macro(flow, node, name, list_, used)
    if expanded is None and name not in _SPECIAL:
        plain = _plainly(flow, name)
        if plain is not None:
            flow.names.called[name] = plain
    return expanded


def _plainly(flow: Flow, name: str) -> str | None:
    """The function that a name means wherever it is called and no local variable; None when that depends."""
    names = flow.names
    if names.is_member(name) or names.is_pointer(name):
        return None
    macro = names.macro(name)
    if macro is None:
        return intern(name)
    # An object-like macro that is another name is never expanded.
    return intern(names.alias(name)) if macro.params is None and macro.body.isidentifier() else None


Callee: TypeAlias = tuple[str, str, Value | None, Value | None, Node]
"""Name, qualified name, callee value, receiver and name node of what is called."""


def _invoke(
    flow: Flow, node: Node, target: Place | None, callee: Callee, list_: Node | None, used: bool, discarded: bool
) -> Value:
    name, qualified, value, receiver, name_node = callee
    values = arguments(flow, list_)
    origin = flow.origin
    span = origin.span(node.start_byte, node.end_byte)
    if used and target is None:
        target = flow.temp(span)
    place = origin.span(name_node.start_byte, name_node.end_byte)
    flow.emit(Invoke(target, name, value, receiver, values, span, place, qualified or name, flow.macro, discarded))
    if name in NO_RETURN and receiver is None:
        flow.end(Stop(span))
    return target if target is not None else Opaque("dropped", (), span)


def callee_of(flow: Flow, function: Node) -> Callee:
    """What is called."""
    kind = function.type
    if kind == "identifier":
        name = intern(flow.text(function))
        if name in flow.visible or flow.names.is_pointer(name):
            return "", "", identifier(flow, function), None, function
        if flow.names.is_member(name):
            return name, name, None, None, function
        alias = flow.names.alias(name)
        return alias, alias, None, None, function
    if kind in ("qualified_identifier", "template_function", "dependent_name"):
        return (*qualified_name(flow, function), None, None, function)
    if kind == "field_expression":
        argument, operator, field_ = triple(function, "argument", "operator", "field")
        if argument is not None and field_ is not None:
            step = member_step(flow.text(field_))
            value = flow.values[argument.kind_id](flow, argument)
            arrow = operator is not None and operator.type.startswith("->")
            receiver = deref(flow, value, argument) if arrow else value
            if flow.names.language == "c":
                return "", "", as_place(flow, receiver, argument).then(step, span=flow.span(function)), None, field_
            if isinstance(receiver, Binary):
                # `(a + b).c_str()`: the sum is an object of its own.
                receiver = as_place(flow, receiver, argument)
            return step.name, step.name, None, receiver, field_
    if kind == "pointer_expression" or kind == "parenthesized_expression":
        value = flow.value(function)
        if isinstance(value, Place) and len(value.steps) == 1 and isinstance(value.steps[0], Deref):
            if flow.lookup(value.root) is None and value.root not in flow.variables:
                return value.root, value.root, None, None, function
            return "", "", Place(value.root, (), value.span), None, function
        return "", "", value, None, function
    return "", "", flow.value(function), None, function


def qualified_name(flow: Flow, node: Node) -> tuple[str, str]:
    """Last part and whole of a qualified name, template arguments left out but for `[]`: `std::make_unique[]`."""
    parts: list[str] = []
    array = False
    at: Node | None = node
    for _ in range(_PEELED):
        if at is None:
            break
        if at.type == "qualified_identifier":
            scope = at.child_by_field_name("scope")
            if scope is not None:
                parts.append(flow.text(scope).split("<")[0].strip())
            at = at.child_by_field_name("name")
        elif at.type in ("template_function", "template_type", "template_method"):
            given = at.child_by_field_name("arguments")
            array = given is not None and flow.text(given).rstrip("> \t\n").endswith("[]")
            at = at.child_by_field_name("name")
        elif at.type == "dependent_name":
            at = at.named_children[0] if at.named_children else None
        else:
            break
    last = "".join(flow.text(at).split()) if at is not None else ""
    return last, "::".join([*parts, last]) + ("[]" if array else "")


def _assert(flow: Flow, node: Node, list_: Node) -> Value:
    span = flow.span(node)
    held, failed = Label(), Label()
    conditions = [c for c in list_.named_children if c.type != "comment"]
    if not conditions:
        return Opaque("assert", (), span)
    before = len(flow.ends) - 1
    parts = spread(flow, conditions[:1])
    if not parts:
        return Opaque("assert", (), span)
    within(flow, parts[0], lambda node: flow.condition(node, held, failed))
    flow.mark_asserted(before)
    flow.place(failed)
    flow.end(Stop(span))
    flow.place(held)
    return Opaque("assert", (), span)


def _cast(flow: Flow, node: Node, type_: TypeRef, list_: Node | None) -> Value:
    """`(T)(x)`, which the grammar takes for a call; of `(T)(x, y)` the last is cast."""
    values = arguments(flow, list_)
    return Cast(type_, values[-1] if values else Number(0, "0", flow.span(node)), flow.span(node))


def _cxx_cast(flow: Flow, node: Node, function: Node, list_: Node | None) -> Value:
    types = function.child_by_field_name("arguments")
    values = arguments(flow, list_)
    if types is None or not types.named_children or not values:
        return Opaque("cast", values, flow.span(node))
    return Cast(described(types.named_children[0], flow.origin.text), values[0], flow.span(node))


def construct(flow: Flow, receiver: Place, type_: TypeRef, args: tuple[Value, ...], node: Node, name: Node) -> None:
    """A constructor runs on `receiver`."""
    qualified = type_.base
    short = qualified.rsplit("::", 1)[-1]
    flow.emit(Invoke(None, short, None, receiver, args, flow.span(node), flow.span(name), qualified, flow.macro))


def literal(flow: Flow, node: Node) -> Value:
    """`(T){ ... }` and `T{ ... }`."""
    type_, value = node.child_by_field_name("type"), node.child_by_field_name("value")
    if type_ is None or value is None:
        return unknown(flow, node)
    if type_.type == "type_descriptor":
        return Cast(described(type_, flow.origin.text), flow.value(value), flow.span(node))
    made = base_type(type_, flow.origin.text)
    values = arguments(flow, value)
    if type_.type == "primitive_type":
        return Cast(made, values[0] if values else Number(0, "0", flow.span(node)), flow.span(node))
    temp = flow.temp(flow.span(node), made)
    construct(flow, temp, made, values, node, type_)
    return temp


def new(flow: Flow, node: Node) -> Value:
    """`new T(args)`: an allocation, then the constructor on what it points to."""
    type_node = node.child_by_field_name("type")
    span = flow.span(node)
    made = base_type(type_node, flow.origin.text)
    declarator = node.child_by_field_name("declarator")
    pointers = 0
    length: Value | None = None
    at = declarator
    for _ in range(_PEELED):
        if at is None:
            break
        if at.type == "new_declarator":
            part = at.child_by_field_name("length")
            if part is not None:
                value = flow.value(part)
                length = value if length is None else Binary("*", length, value, span)
        elif at.type == "abstract_pointer_declarator":
            pointers += 1
        at = next((c for c in at.named_children if c.type in ("new_declarator", "abstract_pointer_declarator")), None)
    element = TypeRef(made.base, made.kind, pointers, arguments=made.arguments)
    size: Value = SizeOf(element, None, size_of(flow, element), span)
    if length is not None:
        size = Binary("*", length, size, span)
    temp = flow.temp(span, TypeRef(made.base, made.kind, pointers + 1, arguments=made.arguments))
    list_ = node.child_by_field_name("arguments")
    placement = arguments(flow, node.child_by_field_name("placement"))
    values = arguments(flow, list_)
    name = flow.span(type_node) if type_node is not None else span
    whole = "operator new[]" if length is not None else "operator new"
    flow.emit(Invoke(temp, "operator new", None, None, (size, *placement), span, name, whole, flow.macro))
    if list_ is not None and type_node is not None and length is None:
        if type_node.type == "primitive_type" or pointers:
            if values:
                flow.emit(Assign(temp.then(Deref()), values[0], span, initial=True, macro=flow.macro))
        else:
            construct(flow, temp.then(Deref()), made, values, node, type_node)
    return temp


def delete(flow: Flow, node: Node) -> Value:
    """`delete p` and `delete[] p`."""
    span = flow.span(node)
    operands = [c for c in node.named_children if c.type != "comment"]
    values = tuple(flow.value(c) for c in operands[-1:])
    whole = "operator delete[]" if any(c.type == "[" for c in node.children) else "operator delete"
    flow.emit(Invoke(None, "operator delete", None, None, values, span, span, whole, flow.macro))
    return Opaque("delete", (), span)


def lambda_(flow: Flow, node: Node) -> Value:
    """A lambda: its body may run where it is written; its parameters are locals, captures keep their names."""
    span = flow.span(node)
    body = node.child_by_field_name("body")
    declarator = node.child_by_field_name("declarator")
    runs, end = Label(), Label()
    flow.either("lambda", span, runs, end)
    exits, flow.exits = flow.exits, Exits(None, None, end, flow.exits.caught)
    flow.open()
    flow.place(runs)
    if declarator is not None:
        for p in parameters(declarator, flow.origin.text, span)[0]:
            if p.name:
                place = flow.origin.span(p.span.start, p.span.end)
                variable = flow.declare(p.name, p.type, place, Scope.LOCAL, place)
                flow.emit(Declare(variable.key, place, macro=flow.macro))
    if body is not None:
        flow.statement(body)
    flow.close()
    flow.exits = exits
    flow.place(end)
    captured = node.child_by_field_name("captures")
    parts: tuple[Value, ...] = ()
    if captured is not None:
        parts = tuple(identifier(flow, c) for c in captured.named_children if c.type == "identifier")
    return Opaque("lambda", parts, span)


def thrown(flow: Flow, node: Node) -> Value:
    """`throw x`, as a statement and inside expressions."""
    span = flow.span(node)
    for child in node.named_children:
        if child.type != "comment":
            flow.value(child)
    if flow.exits.caught is not None:
        flow.jump(flow.exits.caught, span)
    else:
        flow.end(Stop(span, thrown=True))
    return Opaque("throw", (), span)


VALUES = {
    "call_expression": call,
    "compound_literal_expression": literal,
    "new_expression": new,
    "delete_expression": delete,
    "lambda_expression": lambda_,
    "throw_statement": thrown,
    "throw_expression": thrown,
}
