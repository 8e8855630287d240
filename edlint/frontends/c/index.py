"""The index of a file: what is defined and declared at file, namespace and class level, bodies unread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from edlint.frontends.c.declarators import Declared, base_type, head, parameters, record_name, take
from edlint.frontends.c.named import Named as Constant
from edlint.frontends.c.named import body_of, is_of_class, measured
from edlint.frontends.c.signatures import Named, joined, named
from edlint.frontends.c.syntax import Node, errors
from edlint.model.ir import Scope, Variable
from edlint.model.types import Member, TypeDef, TypeKind, TypeRef
from edlint.model.unit import Prototype
from edlint.source import Source, Span

_RECORDS = frozenset({"struct_specifier", "union_specifier", "class_specifier", "enum_specifier"})
_RECORD = re.compile(r"\b(?:struct|union|class)\b[^;{}()=]*\{")
"""What may be the definition of a type inside a function."""
_CONTAINERS = frozenset(
    {
        "preproc_if",
        "preproc_ifdef",
        "preproc_else",
        "preproc_elif",
        "preproc_elifdef",
        "declaration_list",
        "template_declaration",
        "ERROR",
        "expression_statement",
        "compound_statement",
        "export_declaration",
        "friend_declaration",
    }
)


_BODIES = frozenset({"field_initializer_list", "compound_statement", "try_statement"})
_MAX_SCOPES = 64


@dataclass(frozen=True, slots=True)
class Where:
    """What encloses a declaration."""

    scope: str = ""
    """Namespaces and classes, joined by `::`."""
    owner: str = ""
    extern_c: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A function definition in the tree."""

    name: str
    qualified: str
    owner: str
    span: Span
    extent: Span
    body: int
    """Where the body starts, member initialisers included."""
    static: bool
    extern_c: bool
    unread: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Initialised:
    """A global variable with an initialiser."""

    variable: int
    """Its position among the globals."""
    start: int
    end: int
    """The initialiser."""
    declaration: tuple[int, int]


@dataclass(slots=True)
class Index:
    """All that the walk over one file collects."""

    functions: list[Found] = field(default_factory=list)
    globals: list[Variable] = field(default_factory=list)
    initialised: list[Initialised] = field(default_factory=list)
    prototypes: list[Prototype] = field(default_factory=list)
    types: list[TypeDef] = field(default_factory=list)
    enumerators: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    """Name, value as written, name of the enumerator before it."""
    named: list[Constant] = field(default_factory=list)
    """Constants that are variables."""
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    constructed: set[str] = field(default_factory=set)
    """Classes with a constructor."""
    externs: list[Variable] = field(default_factory=list)
    """Variables that are declared and not defined."""


class Reader:
    """Walks the declarations of one tree."""

    def __init__(self, source: Source, text: str, language: str) -> None:
        self.source = source
        self.text = text
        """What the tree was made from, or the text that it masks: positions are the same."""
        self.language = language
        self.whole = source.span(0, 0)
        self.index = Index()

    def read(self, root: Node) -> Index:
        """The index of the tree below `root`."""
        stack: list[tuple[Node, Where]] = [(c, Where()) for c in reversed(root.named_children)]
        while stack:
            node, where = stack.pop()
            stack.extend((c, w) for c, w in reversed(list(self._visit(node, where))))
        return self.index

    def _span(self, node: Node) -> Span:
        return Span(self.source, node.start_byte, node.end_byte)

    def _text(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def _visit(self, node: Node, where: Where) -> Iterator[tuple[Node, Where]]:
        kind = node.type
        if kind == "function_definition":
            yield from self._function(node, where)
        elif kind in ("declaration", "field_declaration"):
            yield from self._declaration(node, where)
        elif kind == "type_definition":
            yield from self._typedef(node, where)
        elif kind in _RECORDS:
            yield from self._record(node, where)
        elif kind == "namespace_definition":
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if where.scope.count("::") > _MAX_SCOPES:
                return
            scope = joined(where.scope, "".join(self._text(name).split()) if name is not None else "")
            if body is not None:
                yield from ((c, Where(scope, "", where.extern_c)) for c in body.named_children)
        elif kind == "linkage_specification":
            value = node.child_by_field_name("value")
            body = node.child_by_field_name("body")
            linked = Where(where.scope, where.owner, value is not None and self._text(value) == '"C"')
            if body is not None:
                yield body, linked
        elif kind == "alias_declaration":
            self._alias(node)
        elif kind in _CONTAINERS:
            yield from ((c, where) for c in node.named_children)

    # Functions

    def _function(self, node: Node, where: Where) -> Iterator[tuple[Node, Where]]:
        body = start = None
        for child in node.named_children:
            if child.type in _BODIES:
                start = child if start is None else start
                if child.type != "field_initializer_list":
                    body = child
                    break
        if body is None or start is None:
            # `= default` and `= delete`.
            return
        name, function = head(node.child_by_field_name("declarator"))
        if function is None and (name is None or name.type != "qualified_identifier"):
            # A class with an export macro, or a macro with a block behind it.
            yield from ((c, where) for c in node.named_children if c.type in _CONTAINERS or c.type in _RECORDS)
            return
        found = self._named(name, function, where)
        if found is None or not found.name:
            return
        if found.owner and found.name == found.owner:
            self.index.constructed.add(found.owner)
        if _RECORD.search(self.text, start.start_byte, node.end_byte):
            self._local_types(body)
        self.index.functions.append(
            Found(
                found.name,
                found.qualified,
                found.owner,
                self._span(found.node),
                self._span(node),
                start.start_byte,
                not found.owner and self._is_static(node, start.start_byte),
                where.extern_c,
                tuple(self._span(e) for e in errors(node)) if node.has_error else (),
            )
        )

    def _local_types(self, body: Node) -> None:
        """The structs and unions that are defined inside a function."""
        stack = [body]
        while stack:
            node = stack.pop()
            if node.type in _RECORDS:
                inside = node.child_by_field_name("body")
                if inside is not None and node.type != "enum_specifier":
                    name = record_name(node, self.text)
                    self.index.types.append(self._typedef_of(node, name, inside))
            else:
                stack.extend(c for c in reversed(node.named_children) if "expression" not in c.type)

    def _is_static(self, node: Node, end: int) -> bool:
        if "static" not in self.text[node.start_byte : end]:
            return False
        return any(c.type == "storage_class_specifier" and self._text(c) == "static" for c in node.children)

    def _named(self, name: Node | None, function: Node | None, where: Where) -> Named | None:
        return named(name, function, self.text, where.scope, where.owner)

    # Variables and prototypes

    def _declaration(self, node: Node, where: Where) -> Iterator[tuple[Node, Where]]:
        type_node = node.child_by_field_name("type")
        if type_node is not None and type_node.type in _RECORDS and type_node.child_by_field_name("body") is not None:
            yield type_node, where
        specifiers = {self._text(c) for c in node.children if c.type == "storage_class_specifier"}
        for declarator in node.children_by_field_name("declarator"):
            target, value = declarator, None
            if declarator.type == "init_declarator":
                value = declarator.child_by_field_name("value")
                inside = declarator.child_by_field_name("declarator")
                if inside is None:
                    continue
                target = inside
            declared = take(node, target, self.text)
            if declared.name is None:
                continue
            if declared.function is not None and value is None:
                self._prototype(declared, where)
                continue
            name = "".join(self._text(declared.name).split())
            if where.owner and is_of_class(node, self.text):
                value = node.child_by_field_name("default_value")
            body = body_of(node, declared.type, value, self.text)
            if body is not None:
                self.index.named.append(Constant(name, where.owner, body))
            if where.owner:
                continue
            elsewhere = "extern" in specifiers and value is None
            span = self._span(declared.name)
            if value is not None:
                place = value.start_byte, value.end_byte
                known = Initialised(len(self.index.globals), *place, (node.start_byte, node.end_byte))
                self.index.initialised.append(known)
            (self.index.externs if elsewhere else self.index.globals).append(
                Variable(
                    name,
                    name,
                    measured(declared.type, value, self.text),
                    span,
                    Scope.GLOBAL,
                    -1,
                    self._span(declarator),
                    None,
                    bool(specifiers & {"thread_local", "__thread", "_Thread_local"}),
                    "static" in specifiers,
                )
            )

    def _prototype(self, declared: Declared, where: Where) -> None:
        assert declared.function is not None
        found = self._named(declared.name, declared.function, where)
        if found is None or found.function is None or (where.owner and found.name == where.owner):
            if where.owner:
                self.index.constructed.add(where.owner)
            return
        params, variadic = parameters(found.function, self.text, self.whole)
        types = tuple(p.type for p in params)
        self.index.prototypes.append(Prototype(found.name, self._span(found.node), declared.type, types, variadic))

    # Types

    def _record(self, node: Node, where: Where) -> Iterator[tuple[Node, Where]]:
        body = node.child_by_field_name("body")
        name_node = node.child_by_field_name("name")
        if body is None:
            return
        name = self._text(name_node).split("<")[0].strip() if name_node is not None else ""
        if node.type == "enum_specifier":
            self._enum(node, name, body)
            return
        for child in node.named_children:
            if child.type == "base_class_clause":
                found = [
                    base_type(c, self.text).base
                    for c in child.named_children
                    if c.type.endswith(("identifier", "_type"))
                ]
                self.index.bases[name] = tuple(found)
        self.index.types.append(self._typedef_of(node, name or record_name(node, self.text), body))
        if where.scope.count("::") > _MAX_SCOPES:
            return
        inside = Where(joined(where.scope, name), name or where.owner, where.extern_c)
        yield from ((c, inside) for c in body.named_children if c.type not in ("access_specifier", "comment"))

    def _typedef_of(self, node: Node, name: str, body: Node) -> TypeDef:
        kind = {"struct_specifier": TypeKind.STRUCT, "union_specifier": TypeKind.UNION}.get(node.type, TypeKind.NAMED)
        return TypeDef(name, kind, self._span(node), tuple(self._members(body)))

    def _members(self, body: Node) -> Iterator[Member]:
        stack = list(reversed(body.named_children))
        while stack:
            child = stack.pop()
            if child.type in _CONTAINERS:
                stack.extend(reversed(child.named_children))
                continue
            if child.type != "field_declaration" or is_of_class(child, self.text):
                continue
            declarators = child.children_by_field_name("declarator")
            for declarator in declarators:
                declared = take(child, declarator, self.text)
                if declared.name is None or declared.function is not None:
                    continue
                yield Member(self._text(declared.name), declared.type, self._span(declared.name))
            type_ = child.child_by_field_name("type")
            if not declarators and type_ is not None and type_.type in _RECORDS:
                nested = type_.child_by_field_name("body")
                if nested is not None and type_.type != "enum_specifier" and type_.child_by_field_name("name") is None:
                    # The members of an anonymous struct or union are members of what holds it.
                    stack.extend(reversed(nested.named_children))

    def _enum(self, node: Node, name: str, body: Node) -> None:
        members: list[Member] = []
        before: str | None = None
        for child in body.named_children:
            if child.type != "enumerator":
                continue
            label = child.child_by_field_name("name")
            value = child.child_by_field_name("value")
            if label is None:
                continue
            spelled = self._text(label)
            self.index.enumerators.append((spelled, self._text(value) if value is not None else None, before))
            members.append(Member(spelled, TypeRef("int"), self._span(label)))
            before = spelled
        self.index.types.append(TypeDef(name, TypeKind.ENUM, self._span(node), tuple(members)))

    def _typedef(self, node: Node, where: Where) -> Iterator[tuple[Node, Where]]:
        type_node = node.child_by_field_name("type")
        named = False
        for declarator in node.children_by_field_name("declarator"):
            declared = take(node, declarator, self.text)
            if declared.name is None:
                continue
            name = self._text(declared.name)
            body = (
                type_node.child_by_field_name("body") if type_node is not None and type_node.type in _RECORDS else None
            )
            tag = (
                type_node.child_by_field_name("name") if type_node is not None and type_node.type in _RECORDS else None
            )
            if body is not None and tag is None and not declared.type.is_pointer and type_node is not None:
                named = True
                if type_node.type == "enum_specifier":
                    self._enum(type_node, name, body)
                else:
                    self.index.types.append(self._typedef_of(type_node, name, body))
                continue
            alias = declared.type
            if declared.function is not None:
                alias = TypeRef(alias.base, alias.kind, alias.pointers, alias.dims, alias.const, function=True)
            self.index.types.append(TypeDef(name, TypeKind.NAMED, self._span(declared.name), (), alias))
        if type_node is not None and type_node.type in _RECORDS and not named:
            yield type_node, where

    def _alias(self, node: Node) -> None:
        name, type_ = node.child_by_field_name("name"), node.child_by_field_name("type")
        if name is not None and type_ is not None:
            alias = take(type_, type_.child_by_field_name("declarator"), self.text).type
            self.index.types.append(TypeDef(self._text(name), TypeKind.NAMED, self._span(name), (), alias))
