"""Local declarations: variables come to life, initialisers and constructors run."""

from __future__ import annotations

from edlint.frontends.c.calls import arguments, call_into, construct
from edlint.frontends.c.declarators import Declared, base_type, take
from edlint.frontends.c.flow import Flow
from edlint.frontends.c.frames import argument, within, written
from edlint.frontends.c.named import body_of, counted, measured
from edlint.frontends.c.operators import choose
from edlint.frontends.c.syntax import Node, named_pair, only_part
from edlint.model.ir import Aggregate, Assign, Declare, Deref, Field, Index, Number, Place, Scope, Value
from edlint.model.types import TypeKind, TypeRef
from edlint.source import Span

_PLAIN = 2
"""Parts of a declaration that has nothing but a type and a declarator."""
_PEELED = 16
"""Parentheses in a row that are taken off."""
_SCALARS = frozenset(
    {
        "size_t",
        "ssize_t",
        "uint8_t",
        "uint16_t",
        "uint32_t",
        "uint64_t",
        "int8_t",
        "int16_t",
        "int32_t",
        "int64_t",
        "uintptr_t",
        "intptr_t",
        "auto",
    }
)


def declaration(flow: Flow, node: Node) -> None:
    """`T a, *b = x, c[n];`."""
    if node.named_child_count == _PLAIN and (only := node.child_by_field_name("declarator")) is not None:
        _declarator(flow, node, only, Scope.LOCAL, None)
        return
    scope: Scope | None = Scope.LOCAL
    for child in node.children:
        if child.type == "storage_class_specifier":
            storage = flow.text(child)
            if storage == "extern":
                scope = None
            elif storage == "static" and scope is not None:
                scope = Scope.STATIC
    value = node.child_by_field_name("value")
    for child in node.children_by_field_name("declarator"):
        _declarator(flow, node, child, scope, value)


def _declarator(flow: Flow, node: Node, child: Node, scope: Scope | None, initial: Node | None) -> None:
    """One of the declarators of a declaration; without a scope it names a global."""
    text = flow.origin.text
    target = child
    if child.type == "init_declarator":
        inside, initial = named_pair(child, "declarator", "value")
        if inside is None:
            return
        target = inside
    declared = take(node, target, text)
    if declared.name is None:
        return
    if declared.name.type == "structured_binding_declarator":
        _bindings(flow, declared, initial)
        return
    constructs: tuple[Value, ...] | None = None
    if declared.function is not None and initial is None:
        constructs = _vexing(flow, declared)
        if constructs is None:
            return
    name = flow.text(declared.name)
    if scope is None:
        flow.forget(name)
        return
    extents = _extents(flow, declared.arrays) if declared.arrays else ()
    span, whole = flow.span(declared.name), flow.span(child)
    early = initial is not None and _uses(flow, initial, name)
    stored: Value | None = flow.value(initial) if early and initial is not None else None
    type_ = declared.type
    if type_.dims or type_.array is not None:
        type_ = counted(measured(type_, initial, text), flow.dimension)
    variable = flow.declare(name, type_, span, scope, whole)
    if declared.type.const and (body := body_of(node, declared.type, initial, text)) is not None:
        constant = flow.evaluate(body)
        if constant is not None:
            flow.fixed[variable.key] = constant
    flow.emit(Declare(variable.key, whole, extents, scope is Scope.STATIC, flow.macro))
    place = Place(variable.key, (), span)
    if stored is not None:
        flow.emit(Assign(place, stored, whole, False, True, flow.macro))
    elif constructs is not None:
        if is_class(flow, declared.type):
            construct(flow, place, declared.type, constructs, child, declared.name)
        elif constructs:
            flow.emit(Assign(place, constructs[0], whole, False, True, flow.macro))
    elif initial is not None:
        _initialise(flow, place, declared.type, initial, child, declared.name)


def _extents(flow: Flow, arrays: tuple[Node, ...]) -> tuple[Value, ...]:
    return tuple(flow.value(size) for a in arrays if (size := a.child_by_field_name("size")) is not None)


def _uses(flow: Flow, node: Node, name: str) -> bool:
    """Whether an initialiser mentions an outer variable that the new one hides: `int n = n + 1` of an inner block."""
    return flow.lookup(name) is not None and name in written(flow, node) and node.type != "lambda_expression"


def is_class(flow: Flow, type_: TypeRef) -> bool:
    """Whether initialising an object of this type may run a constructor."""
    return (
        flow.names.language == "c++"
        and type_.kind is TypeKind.NAMED
        and not type_.is_pointer
        and not type_.reference
        and type_.base.removeprefix("std::") not in _SCALARS
    )


def _initialise(flow: Flow, place: Place, type_: TypeRef, initial: Node, child: Node, name: Node) -> None:
    span = flow.span(child)
    kind = initial.type
    if kind == "argument_list":
        values = arguments(flow, initial)
        if is_class(flow, type_):
            construct(flow, place, type_, values, child, name)
        elif values:
            flow.emit(Assign(place, values[0], span, initial=True, macro=flow.macro))
        return
    if kind == "initializer_list" and flow.names.language == "c++" and not type_.is_array:
        items = [c for c in initial.named_children if c.type != "comment"]
        if len(items) == 1 and (type_.is_pointer or type_.kind is TypeKind.BUILTIN or type_.base in _SCALARS):
            flow.store(place, items[0], span, initial=True)
            return
        if items and not _is_plain(flow, type_, child, items):
            construct(flow, place, type_, arguments(flow, initial), child, name)
            return
    flow.store(place, initial, span, initial=True)


def _is_plain(flow: Flow, type_: TypeRef, child: Node, items: list[Node]) -> bool:
    """Whether a braced initialiser gives values to members rather than arguments to a constructor."""
    return (
        not is_class(flow, type_)
        or any(c.type == "=" for c in child.children)
        or any(c.type in ("initializer_pair", "initializer_list") for c in items)
        or flow.names.is_plain(type_.base)
        or type_.base.endswith("_t")
    )


def _vexing(flow: Flow, declared: Declared) -> tuple[Value, ...] | None:
    """The arguments of `std::string s(p, n);`, which the grammar takes for a function; None if it is one."""
    assert declared.function is not None
    list_ = declared.function.child_by_field_name("parameters")
    if flow.names.language != "c++" or list_ is None or not list_.named_children:
        return None
    for child in list_.named_children:
        type_ = child.child_by_field_name("type")
        if child.type != "parameter_declaration" or type_ is None or type_.type == "primitive_type":
            return None
        declarator = child.child_by_field_name("declarator")
        name = flow.text(type_)
        if flow.lookup(name) is not None:
            continue
        if declarator is not None and declarator.type in _NAMES:
            return None
        if declarator is None and type_.type == "type_identifier" and flow.names.is_type(name):
            return None
    return flow.handlers.reread(flow, list_)


_NAMES = frozenset(
    {"identifier", "pointer_declarator", "reference_declarator", "array_declarator", "function_declarator"}
)


def _bindings(flow: Flow, declared: Declared, initial: Node | None) -> None:
    """`auto [a, b] = x;`: the parts of x in order."""
    assert declared.name is not None
    span = flow.span(declared.name)
    temp = flow.temp(span)
    if initial is not None:
        flow.store(temp, initial, span, initial=True)
    bound(flow, declared.name, temp)


def bound(flow: Flow, names: Node, whole: Place) -> None:
    """Bind the names of a structured binding to the parts of `whole`."""
    for position, child in enumerate(c for c in names.named_children if c.type == "identifier"):
        place = flow.span(child)
        variable = flow.declare(flow.text(child), TypeRef("auto", TypeKind.NAMED), place, Scope.LOCAL, place)
        flow.emit(Declare(variable.key, place, macro=flow.macro))
        part = whole.then(Index(Number(position, str(position), place)), span=place)
        flow.emit(Assign(Place(variable.key, (), place), part, place, initial=True, macro=flow.macro))


def bind(flow: Flow, node: Node, value: Value) -> None:
    """Declare what a range-for or a catch clause declares and give it a value."""
    declarator = node.child_by_field_name("declarator")
    if declarator is None:
        return
    declared = take(node, declarator, flow.origin.text)
    if declared.name is None:
        return
    if declared.name.type == "structured_binding_declarator":
        temp = flow.temp(flow.span(declared.name))
        flow.emit(Assign(temp, value, flow.span(declared.name), initial=True, macro=flow.macro))
        bound(flow, declared.name, temp)
        return
    span = flow.span(declared.name)
    variable = flow.declare(flow.text(declared.name), declared.type, span, Scope.LOCAL, flow.span(declarator))
    flow.emit(Declare(variable.key, span, macro=flow.macro))
    flow.emit(Assign(Place(variable.key, (), span), value, span, initial=True, macro=flow.macro))


def assigned(flow: Flow, target: Place, node: Node, span: Span, initial: bool) -> None:
    """Lower an expression into a place."""
    value = flow.values[node.kind_id](flow, node)
    flow.emit(Assign(target, value, span, False, initial, flow.macro))


def peeled(flow: Flow, target: Place, node: Node, span: Span, initial: bool) -> None:
    """`x = (y)`."""
    for _ in range(_PEELED):
        only = only_part(node) or _beside_comments(node)
        if only is None or only.type == "compound_statement":
            break
        node = only
        if node.type != "parenthesized_expression":
            flow.stores[node.kind_id](flow, target, node, span, initial)
            return
    assigned(flow, target, node, span, initial)


def _beside_comments(node: Node) -> Node | None:
    """The part of a node that is alone but for comments."""
    parts = [c for c in node.named_children if c.type != "comment"]
    return parts[0] if len(parts) == 1 else None


def named(flow: Flow, target: Place, node: Node, span: Span, initial: bool) -> None:
    """A name, maybe that of a macro's parameter."""
    bound = argument(flow, node)
    if bound is None:
        assigned(flow, target, node, span, initial)
    else:
        within(flow, bound, lambda inner: flow.store(target, inner, span, initial=initial))


STORES = {
    "parenthesized_expression": peeled,
    "call_expression": call_into,
    "conditional_expression": choose,
    "identifier": named,
}
"""A call gives its result to the place, a choice writes it in both arms."""


def member_initialisers(flow: Flow, node: Node) -> None:
    """`: x(a), Base(b)` of a constructor."""
    for child in node.named_children:
        if child.type != "field_initializer" or not child.named_children:
            continue
        name = child.named_children[0]
        values: tuple[Value, ...] = ()
        for part in child.named_children[1:]:
            if part.type in ("argument_list", "initializer_list"):
                values = arguments(flow, part)
        spelled = flow.text(name)
        span = flow.span(child)
        this = Place("this", (), span)
        own = flow.names.member(spelled)
        if name.type != "field_identifier" or flow.names.is_base(spelled) or spelled == flow.names.owner:
            construct(flow, _self(this), base_type(name, flow.origin.text), values, child, name)
            continue
        target = _self(this).then(Field(spelled), span=flow.span(name))
        given = len(values) == 1 and isinstance(values[0], Place) and not _is_sized(own)
        if len(values) == 1 and (own is None or not is_class(flow, own) or given):
            flow.emit(Assign(target, values[0], span, initial=True, macro=flow.macro))
        elif values:
            construct(flow, target, own or TypeRef(spelled, TypeKind.NAMED), values, child, name)
        else:
            flow.emit(Assign(target, Aggregate((), span), span, initial=True, macro=flow.macro))


def _is_sized(type_: TypeRef | None) -> bool:
    """Whether one argument of the constructor may be how many elements there are, and not the value itself."""
    return type_ is not None and type_.base.removeprefix("std::") in ("vector", "deque", "valarray")


def _self(this: Place) -> Place:
    return this.then(Deref())


def enumeration(flow: Flow, node: Node) -> None:
    """`enum { LIMIT = 64 };` in a function."""
    body = node.child_by_field_name("body")
    if body is None:
        return
    value: int | None = -1
    for child in body.named_children:
        name = child.child_by_field_name("name")
        if child.type != "enumerator" or name is None:
            continue
        written = child.child_by_field_name("value")
        if written is not None:
            value = flow.evaluate(flow.text(written))
        elif value is not None:
            value += 1
        variable = flow.declare(flow.text(name), TypeRef("int"), flow.span(name), Scope.LOCAL)
        if value is not None:
            flow.fixed[variable.key] = value


STATEMENTS = {"declaration": declaration, "enum_specifier": enumeration}
