"""Declarations: who is declared, and with what type."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from edlint.frontends.c.syntax import Node, only_part
from edlint.model.ir import Scope, Variable
from edlint.model.types import TypeKind, TypeRef
from edlint.record import record
from edlint.source import Span

_RECORDS = {"struct_specifier": TypeKind.STRUCT, "union_specifier": TypeKind.UNION, "enum_specifier": TypeKind.ENUM}
_WRAPPERS = frozenset(
    {
        "init_declarator",
        "attributed_declarator",
        "parenthesized_declarator",
        "abstract_parenthesized_declarator",
        "variadic_declarator",
    }
)
_POINTERS = frozenset({"pointer_declarator", "abstract_pointer_declarator", "pointer_type_declarator"})
_REFERENCES = frozenset({"reference_declarator", "abstract_reference_declarator"})
_ARRAYS = frozenset({"array_declarator", "abstract_array_declarator"})
_FUNCTIONS = frozenset({"function_declarator", "abstract_function_declarator"})
_NAMES = frozenset({"identifier", "field_identifier", "type_identifier"})
_NO_DECLARATORS = frozenset({"ms_pointer_modifier", "ms_call_modifier", "type_qualifier", "comment"})
MAX_DEPTH = 64


@record(frozen=True, slots=True)
class Declared:
    """A declarator taken apart."""

    name: Node | None
    """The name; None in an abstract declarator."""
    type: TypeRef
    function: Node | None
    """The function declarator when the name itself is a function's."""
    arrays: tuple[Node, ...]
    """The array declarators, outermost dimension first."""


def type_text(text: str) -> str:
    """A type's spelling with single spaces."""
    return " ".join(text.split())


def base_type(node: Node | None, text: str, depth: int = 0) -> TypeRef:
    """The type that a type specifier names, without declarators."""
    if node is None or depth > 8:
        return TypeRef("int" if node is None else "", TypeKind.BUILTIN)
    kind = node.type
    spelled = text[node.start_byte : node.end_byte]
    if kind == "primitive_type":
        return _named(spelled, TypeKind.BUILTIN)
    if kind == "type_identifier":
        return _named(spelled, TypeKind.NAMED)
    if kind == "sized_type_specifier":
        return _named(type_text(spelled), TypeKind.BUILTIN)
    if kind in _RECORDS:
        return _named(record_name(node, text), _RECORDS[kind])
    if kind == "class_specifier":
        return _named(record_name(node, text), TypeKind.NAMED)
    if kind in ("template_type", "qualified_identifier"):
        return _qualified(node, text, depth)
    if kind == "type_descriptor":
        return described(node, text, depth + 1)
    return TypeRef(type_text(spelled) if len(spelled) < 200 else kind, TypeKind.NAMED)


@lru_cache(4096)
def _named(name: str, kind: TypeKind) -> TypeRef:
    """The type of a name; one object for all its uses."""
    return TypeRef(name, kind)


def record_name(node: Node, text: str) -> str:
    """The name of a struct, union, class or enum; one made of its place where it has a body and no name of its own."""
    name = node.child_by_field_name("name")
    if name is not None:
        return text[name.start_byte : name.end_byte]
    if node.type == "enum_specifier" or node.child_by_field_name("body") is None:
        return ""
    return f"(unnamed at {node.start_byte}-{node.end_byte})"


def _qualified(node: Node, text: str, depth: int) -> TypeRef:
    """`std::vector<T>`: the template arguments are those of the last part."""
    scopes: list[str] = []
    last: Node | None = node
    while last is not None and last.type == "qualified_identifier" and len(scopes) < MAX_DEPTH:
        scope = last.child_by_field_name("scope")
        if scope is not None:
            scopes.append(text[scope.start_byte : scope.end_byte].split("<")[0])
        last = last.child_by_field_name("name")
    if last is None:
        return TypeRef("::".join(scopes), TypeKind.NAMED)
    arguments: tuple[TypeRef, ...] = ()
    name: Node | None = last
    if last.type == "template_type":
        name = last.child_by_field_name("name")
        list_ = last.child_by_field_name("arguments")
        if list_ is not None:
            arguments = tuple(
                base_type(a, text, depth + 1) for a in list_.named_children if a.type not in ("comment", "ERROR")
            )
    spelled = text[name.start_byte : name.end_byte] if name is not None else ""
    return TypeRef("::".join([*scopes, spelled]), TypeKind.NAMED, arguments=arguments)


def described(node: Node, text: str, depth: int = 0) -> TypeRef:
    """The type of a type_descriptor, as in a cast."""
    return take(node, node.child_by_field_name("declarator"), text, depth).type


def is_const(node: Node, text: str, parts: int = 0) -> bool:
    """Whether a declaration has `const` among its own qualifiers, beside so many other parts."""
    if node.named_child_count <= parts:
        return False
    for child in node.children:
        if child.type == "type_qualifier" and text[child.start_byte : child.end_byte] in ("const", "constexpr"):
            return True
    return False


def inner(node: Node) -> Node | None:
    """The declarator inside a declarator."""
    only = only_part(node)
    found = node.child_by_field_name("declarator") if only is None else None
    if found is not None:
        return found
    for child in (only,) if only is not None else node.named_children:
        if child.type not in _NO_DECLARATORS and not child.type.startswith(("attribute", "ms_")):
            return child
    return None


def head(declarator: Node | None) -> tuple[Node | None, Node | None]:
    """The name in a declarator, and the function declarator when the name itself is a function's."""
    at, function = declarator, None
    for _ in range(MAX_DEPTH):
        if at is None:
            break
        kind = at.type
        if kind in _FUNCTIONS:
            function = at
        elif kind in _POINTERS or kind in _REFERENCES or kind in _ARRAYS:
            function = None
        elif kind not in _WRAPPERS:
            break
        at = inner(at)
    return at, function


def take(node: Node, declarator: Node | None, text: str, depth: int = 0) -> Declared:
    """Take a declarator of the declaration `node` apart.

    `node` has the type specifier in its field `type` and the qualifiers among its children.
    """
    type_node = node.child_by_field_name("type")
    base = base_type(type_node, text, depth)
    const = is_const(node, text, (type_node is not None) + (declarator is not None))
    if declarator is None or declarator.type in _NAMES:
        plain = (
            base if not const else _derived(base, base.pointers, (), const, base.reference, base.function, base.array)
        )
        return Declared(declarator, plain, None, ())
    pointers = base.pointers
    reference = base.reference
    dims: list[str] = []
    arrays: list[Node] = []
    array: TypeRef | None = base.array
    function: Node | None = None
    is_function = base.function
    at: Node | None = declarator
    for _ in range(MAX_DEPTH):
        if at is None:
            break
        kind = at.type
        if kind in _NAMES:
            break
        if kind in _POINTERS:
            if dims:
                # What was an array so far is what the pointer points to.
                array = _derived(base, pointers, tuple(dims), const, False, is_function, array)
                pointers = 0
                dims.clear()
                arrays.clear()
            pointers += 1
            function = None
        elif kind in _REFERENCES:
            reference = True
            function = None
        elif kind in _ARRAYS:
            size = at.child_by_field_name("size")
            dims.insert(0, type_text(text[size.start_byte : size.end_byte]) if size is not None else "")
            arrays.insert(0, at)
            function = None
        elif kind in _FUNCTIONS:
            function = at
            is_function = True
        elif kind not in _WRAPPERS:
            break
        at = inner(at)
    if function is not None:
        is_function = base.function
    type_ = base
    if pointers or dims or reference or is_function or const:
        if base.arguments or base.dims or array is not None:
            type_ = _derived(base, pointers, tuple(dims), const, reference, is_function, array)
        else:
            type_ = _made(base.base, base.kind, pointers, tuple(dims), base.const or const, reference, is_function)
    return Declared(at, type_, function, tuple(arrays))


@lru_cache(4096)
def _derived(
    base: TypeRef,
    pointers: int,
    dims: tuple[str, ...],
    const: bool,
    reference: bool,
    function: bool,
    array: TypeRef | None,
) -> TypeRef:
    """A type with what its declarator and qualifiers add; one object for all its uses."""
    const = base.const or const
    if array is not None and array is not base.array:
        # The dimensions of the base are among those of what is pointed to.
        return TypeRef(base.base, base.kind, pointers, dims, const, reference, function, base.arguments, array=array)
    dims += base.dims
    return TypeRef(base.base, base.kind, pointers, dims, const, reference, function, base.arguments, array=array)


@lru_cache(4096)
def _made(
    name: str, kind: TypeKind, pointers: int, dims: tuple[str, ...], const: bool, reference: bool, function: bool
) -> TypeRef:
    """As `_derived`, of what has a name and nothing else: strings know their hash."""
    return TypeRef(name, kind, pointers, dims, const, reference, function)


def parameters(declarator: Node, text: str, span: Span) -> tuple[tuple[Variable, ...], bool]:
    """The parameters of a function declarator and whether the list ends in `...`.

    `span` is any span of the source that the tree was made from.
    """
    found: list[Variable] = []
    source = span.source
    for child, declared in _parameters(declarator, text):
        whole = Span(source, child.start_byte, child.end_byte)
        name, place = "", whole
        name_node = declared.name if declared is not None else child
        if name_node is not None:
            start, end = name_node.start_byte, name_node.end_byte
            name, place = text[start:end], Span(source, start, end)
        type_ = declared.type if declared is not None else TypeRef("int")
        found.append(Variable(name or f"%p{len(found)}", name, type_, place, Scope.PARAM, len(found), whole))
    return tuple(found), is_variadic(declarator, text)


def is_variadic(declarator: Node, text: str) -> bool:
    """Whether the parameter list of a function declarator ends in `...`."""
    list_ = declarator.child_by_field_name("parameters")
    if list_ is None:
        return False
    start, end = list_.start_byte, list_.end_byte
    if "..." not in text[start:end]:
        return False
    return "..." in text[max(start, end - 8) : end] or any(c.type == "variadic_parameter" for c in list_.named_children)


def _parameters(declarator: Node, text: str) -> Iterator[tuple[Node, Declared | None]]:
    """The parameters that a function declarator declares; a name of an old-style list declares no type."""
    list_ = declarator.child_by_field_name("parameters")
    for child in list_.named_children if list_ is not None else ():
        kind = child.type
        if kind in _PARAMETERS:
            declared = take(child, child.child_by_field_name("declarator"), text)
            if declared.name is not None or not declared.type.is_void or declared.type.function:
                yield child, declared
        elif kind == "identifier":
            yield child, None


_PARAMETERS = frozenset({"parameter_declaration", "optional_parameter_declaration", "variadic_parameter_declaration"})
