"""The index of a file: what is defined and declared at file, namespace and class level, bodies unread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from edlint.frontends.c.declarators import base_type, head, record_name, take
from edlint.frontends.c.indexed import MAX_FUNCTIONS, MAX_ITEMS, Found, Index, Initialised, Where
from edlint.frontends.c.named import Named as Constant
from edlint.frontends.c.named import body_of, is_of_class, measured
from edlint.frontends.c.signatures import Named, joined, named
from edlint.frontends.c.syntax import LANGUAGES, Node, by_kind, errors
from edlint.model.ir import Scope, Variable
from edlint.model.types import Member, TypeDef, TypeKind, TypeRef
from edlint.model.unit import Prototype
from edlint.source import Source, Span

_RECORDS = frozenset({"struct_specifier", "union_specifier", "class_specifier", "enum_specifier"})
_RECORD = {w: re.compile(rf"{w}(?<!\w{w})\b[^;{{}}()=]*\{{") for w in ("struct", "union", "class")}
"""What may be the definition of a type inside a function, by the word that it starts with."""
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
_NO_LISTS = frozenset({"qualified_identifier", "operator_cast", "type_identifier"})
"""What may name a function that has no list of parameters."""
_METHODS = frozenset({"function_definition", "template_declaration"})
_BODIES = frozenset({"field_initializer_list", "compound_statement", "try_statement"})
_THREAD_LOCAL = frozenset({"thread_local", "__thread", "_Thread_local"})
_STORAGE = re.compile(r"static|extern|thread")
_MAX_SCOPES = 64
_MAX_NAMELESS = 16
"""Nesting of structs without names whose members are members of what holds them all."""
_NEAR = 64
"""Code points in which the word in front of a definition is looked for."""

Inside: TypeAlias = "tuple[Sequence[Node], Where] | None"
"""The nodes to visit inside a node, and what encloses them."""


class Reader:
    """Walks the declarations of one tree."""

    def __init__(self, source: Source, text: str, language: str, statics: frozenset[str] = frozenset()) -> None:
        self.source = source
        self.text = text
        """What the tree was made from, or the text that it masks: positions are the same."""
        self.language = language
        self.statics = frozenset(s for s in statics if s in text)
        """Macros of the text that stand for `static` among others."""
        self.index = Index()
        self._records = [(w, p) for w, p in _RECORD.items() if w in text]

    def read(self, root: Node) -> Index:
        """The index of the tree below `root`."""
        visits, left, functions = _BY_KIND[self.language], MAX_ITEMS, self.index.functions
        stack = [(iter(root.named_children), Where())]
        while stack:
            nodes, where = stack[-1]
            for node in nodes:
                visit = visits[node.kind_id]
                if visit is None:
                    continue
                if not left or len(functions) >= MAX_FUNCTIONS:
                    self.index.cut = node.start_byte
                    return self.index
                left -= 1
                if (inside := visit(self, node, where)) is not None:
                    stack.append((iter(inside[0]), inside[1]))
                    break
            else:
                stack.pop()
        return self.index

    def _span(self, node: Node) -> Span:
        return Span(self.source, node.start_byte, node.end_byte)

    def _text(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def _contents(self, node: Node, where: Where) -> Inside:
        return node.named_children, where

    def _block(self, node: Node, where: Where) -> Inside:
        """A body that nothing heads."""
        if self.language == "c":
            self.index.headless = True
            self.index.forget_old_style(self.text)
        return node.named_children, where

    def _namespace(self, node: Node, where: Where) -> Inside:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if where.scope.count("::") > _MAX_SCOPES or body is None:
            return None
        scope = joined(where.scope, "".join(self._text(name).split()) if name is not None else "")
        return body.named_children, Where(scope, "", where.extern_c)

    def _linkage(self, node: Node, where: Where) -> Inside:
        value, body = node.child_by_field_name("value"), node.child_by_field_name("body")
        linked = Where(where.scope, where.owner, value is not None and self._text(value) == '"C"')
        return ([body], linked) if body is not None else None

    # Functions

    def _function(self, node: Node, where: Where) -> Inside:
        body, declarator = node.child_by_field_name("body"), node.child_by_field_name("declarator")
        start = body
        between = body is not None and declarator is not None and (declarator.end_byte, body.start_byte)
        if body is None or not between or body.type != "compound_statement" or self.text.find(":", *between) >= 0:
            parts = [c for c in node.named_children if c.type in _BODIES]
            start = parts[0] if parts else None
            body = next((c for c in parts if c.type != "field_initializer_list"), None)
        if body is None or start is None:
            # `= default` and `= delete`.
            return None
        name, function = head(declarator)
        if function is None and declarator is not None and declarator.type == "parenthesized_declarator":
            name = self._heading(node)
        if function is None and (name is None or name.type not in _NO_LISTS):
            # A class with an export macro, or a macro with a block behind it.
            type_ = node.child_by_field_name("type")
            if self.language == "c" and type_ is not None and self._text(type_) in ("class", "namespace"):
                self.index.headless = True
            return [c for c in node.named_children if c.type in _CONTAINERS or c.type in _RECORDS], where
        found = named(name, function, self.text, where.scope, where.owner)
        if found is None or not found.name:
            return None
        if found.owner and found.name == found.owner:
            self.index.constructed.add(found.owner)
        first, last = start.start_byte, node.end_byte
        local: list[Node] = []
        if any(self.text.find(w, first, last) >= 0 and p.search(self.text, first, last) for w, p in self._records):
            local = self._local_types(body)
        self._defined(node, found, first, where)
        return (local, Where(found.qualified)) if local else None

    def _heading(self, node: Node) -> Node | None:
        """The macro in front of `(*name) { ... }`: the function is called like it where it cannot be expanded."""
        name = node.child_by_field_name("type")
        if self.language == "c" or name is None or name.type != "type_identifier":
            self.index.headless = True
            return None
        return name

    def _defined(self, node: Node, found: Named, body: int, where: Where) -> None:
        self.index.functions.append(
            Found(
                found.name,
                found.qualified,
                found.owner,
                self._span(found.node),
                self._span(node),
                body,
                not found.owner and self._is_static(node, body),
                where.extern_c,
                tuple(self._span(e) for e in errors(node)) if node.has_error else (),
                node.type,
            )
        )

    def _local_types(self, body: Node) -> list[Node]:
        """Enters the structs and unions that are defined inside a function; those that may have methods."""
        local = []
        stack = [body]
        while stack:
            node = stack.pop()
            if node.type in _RECORDS:
                inside = node.child_by_field_name("body")
                if inside is None or node.type == "enum_specifier":
                    continue
                if self.language == "c++" and any(c.type in _METHODS for c in inside.named_children):
                    local.append(node)
                    continue
                name = record_name(node, self.text)
                self.index.types.append(self._typedef_of(node, name, inside))
            else:
                stack.extend(c for c in reversed(node.named_children) if "expression" not in c.type)
        return local

    def _is_static(self, node: Node, end: int) -> bool:
        head = self.text[node.start_byte : end]
        if self.statics:
            # Where it was overwritten, the definition starts behind it.
            before = self.text[max(0, node.start_byte - _NEAR) : node.start_byte].split()
            if not self.statics.isdisjoint((*before[-1:], *head.split())):
                return True
        if "static" not in head:
            return False
        return any(c.type == "storage_class_specifier" and self._text(c) == "static" for c in node.children)

    # Variables and prototypes

    def _declaration(self, node: Node, where: Where) -> Inside:
        for declarator in self._declarators(node):
            self._declarator(node, declarator, where)
        type_node = node.child_by_field_name("type")
        if type_node is not None and type_node.type in _RECORDS and type_node.child_by_field_name("body") is not None:
            return [type_node], where
        return None

    def _declarators(self, node: Node) -> list[Node]:
        """The declarators of a declaration; most have one."""
        first = node.child_by_field_name("declarator")
        if first is None:
            return []
        if self.text.find(",", first.end_byte, node.end_byte) < 0:
            return [first]
        return node.children_by_field_name("declarator")

    def _declarator(self, node: Node, declarator: Node, where: Where) -> None:
        target, value = declarator, None
        if declarator.type == "init_declarator":
            value = declarator.child_by_field_name("value")
            inside = declarator.child_by_field_name("declarator")
            if inside is None:
                return
            target = inside
        name_node, function = head(target)
        if name_node is None:
            return
        if function is not None:
            value = value if value is not None else node.child_by_field_name("default_value")
            if value is None or (declarator is target and not self._is_empty_body(value, function)):
                self._prototype(name_node, function, where)
                return
            if self._is_empty_body(value, function):
                found = named(name_node, function, self.text, where.scope, where.owner)
                if found is not None and found.name:
                    self._defined(node, found, value.start_byte, where)
                return
        if where.owner:
            if is_of_class(node, self.text):
                value = node.child_by_field_name("default_value")
            elif value is None:
                return
        self._variable(node, declarator, target, value, where)

    def _variable(self, node: Node, declarator: Node, target: Node, value: Node | None, where: Where) -> None:
        declared = take(node, target, self.text)
        if declared.name is None:
            return
        name = "".join(self._text(declared.name).split())
        body = body_of(node, declared.type, value, self.text)
        if body is not None:
            self.index.named.append(Constant(name, where.owner, body))
        if where.owner:
            return
        if value is not None:
            place = value.start_byte, value.end_byte
            known = Initialised(len(self.index.globals), *place, (node.start_byte, node.end_byte))
            self.index.initialised.append(known)
        specifiers = self._storage(node, declarator.start_byte)
        elsewhere = "extern" in specifiers and value is None
        (self.index.externs if elsewhere else self.index.globals).append(
            Variable(
                name,
                name,
                measured(declared.type, value, self.text),
                self._span(declared.name),
                Scope.GLOBAL,
                -1,
                self._span(declarator),
                None,
                not specifiers.isdisjoint(_THREAD_LOCAL),
                "static" in specifiers,
            )
        )

    def _storage(self, node: Node, end: int) -> set[str]:
        """The storage classes of a declaration whose first declarator starts at `end`."""
        if not _STORAGE.search(self.text, node.start_byte, end):
            return set()
        return {self._text(c) for c in node.children if c.type == "storage_class_specifier"}

    def _is_empty_body(self, value: Node, function: Node) -> bool:
        """Whether `{}` behind a parameter list, which the grammar takes for an initialiser, is a body."""
        if value.start_byte < function.end_byte or value.named_child_count:
            return False
        return value.type == "initializer_list"

    def _prototype(self, name: Node, function: Node, where: Where) -> None:
        found = named(name, function, self.text, where.scope, where.owner)
        if found is None or found.function is None or (where.owner and found.name == where.owner):
            if where.owner:
                self.index.constructed.add(where.owner)
            return
        self.index.prototypes.append(Prototype(found.name, self._span(found.node)))

    # Types

    def _record(self, node: Node, where: Where) -> Inside:
        body = node.child_by_field_name("body")
        name_node = node.child_by_field_name("name")
        if body is None:
            return None
        name = self._text(name_node).split("<")[0].strip() if name_node is not None else ""
        if node.type == "enum_specifier":
            self._enum(node, name, body)
            return None
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
            return None
        return body.named_children, Where(joined(where.scope, name), name or where.owner, where.extern_c)

    def _typedef_of(self, node: Node, name: str, body: Node) -> TypeDef:
        kind = {"struct_specifier": TypeKind.STRUCT, "union_specifier": TypeKind.UNION}.get(node.type, TypeKind.NAMED)
        return TypeDef(name, kind, self._span(node), tuple(self._members(body)))

    def _members(self, body: Node) -> Iterator[Member]:
        stack = [(child, 0) for child in reversed(body.named_children)]
        while stack:
            child, depth = stack.pop()
            if child.type in _CONTAINERS:
                stack.extend((c, depth) for c in reversed(child.named_children))
                continue
            if child.type != "field_declaration" or is_of_class(child, self.text):
                continue
            declarators = self._declarators(child)
            for declarator in declarators:
                declared = take(child, declarator, self.text)
                if declared.name is None or declared.function is not None:
                    continue
                yield Member(self._text(declared.name), declared.type, self._span(declared.name))
            type_ = child.child_by_field_name("type")
            if not declarators and type_ is not None and type_.type in _RECORDS and depth < _MAX_NAMELESS:
                nested = type_.child_by_field_name("body")
                if nested is not None and type_.type != "enum_specifier" and type_.child_by_field_name("name") is None:
                    # The members of an anonymous struct or union are members of what holds it.
                    stack.extend((c, depth + 1) for c in reversed(nested.named_children))

    def _enum(self, node: Node, name: str, body: Node) -> None:
        members: list[Member] = []
        before: str | None = None
        stack = list(reversed(body.named_children))
        while stack:
            child = stack.pop()
            if child.type in _CONTAINERS:
                # Enumerators on a condition.
                stack.extend(reversed(child.named_children))
                continue
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

    def _typedef(self, node: Node, where: Where) -> Inside:
        type_node = node.child_by_field_name("type")
        record = type_node if type_node is not None and type_node.type in _RECORDS else None
        named = False
        for declarator in self._declarators(node):
            declared = take(node, declarator, self.text)
            if declared.name is None:
                continue
            name = self._text(declared.name)
            body = record.child_by_field_name("body") if record is not None else None
            tag = record.child_by_field_name("name") if record is not None else None
            if record is not None and body is not None and tag is None and not declared.type.is_pointer:
                named = True
                if record.type == "enum_specifier":
                    self._enum(record, name, body)
                else:
                    self.index.types.append(self._typedef_of(record, name, body))
                continue
            alias = declared.type
            if declared.function is not None:
                alias = replace(alias, reference=False, function=True, arguments=(), span=None)
            self.index.types.append(TypeDef(name, TypeKind.NAMED, self._span(declared.name), (), alias))
        return ([record], where) if record is not None and not named else None

    def _alias(self, node: Node, where: Where) -> Inside:
        name, type_ = node.child_by_field_name("name"), node.child_by_field_name("type")
        if name is not None and type_ is not None:
            alias = take(type_, type_.child_by_field_name("declarator"), self.text).type
            self.index.types.append(TypeDef(self._text(name), TypeKind.NAMED, self._span(name), (), alias))
        return None


_VISITS: Final[dict[str, Callable[[Reader, Node, Where], Inside]]] = {
    "function_definition": Reader._function,
    "declaration": Reader._declaration,
    "field_declaration": Reader._declaration,
    "type_definition": Reader._typedef,
    "namespace_definition": Reader._namespace,
    "linkage_specification": Reader._linkage,
    "alias_declaration": Reader._alias,
    **dict.fromkeys(_RECORDS, Reader._record),
    **dict.fromkeys(_CONTAINERS, Reader._contents),
    "compound_statement": Reader._block,
}
_BY_KIND: Final = {language: by_kind(language, _VISITS, None) for language in LANGUAGES}
