"""What a function is called, and what it takes and gives."""

from __future__ import annotations

import re
from dataclasses import replace

from edlint.frontends.c.declarators import described, parameters, take
from edlint.frontends.c.syntax import Node
from edlint.model.ir import Variable
from edlint.model.types import TypeRef
from edlint.model.unit import Signature
from edlint.record import record
from edlint.source import Span

_MAX_PARTS = 16
_CONVERSION = "operator "
_SCOPES = re.compile(r"((?:\w+::)*)operator\s+\Z")
_MAX_SCOPES = 200
"""Code points in front of the type that is converted to."""


@record(frozen=True, slots=True)
class Named:
    """The name of a function."""

    name: str
    qualified: str
    owner: str
    node: Node
    function: Node | None
    """The function declarator."""


def named(name: Node | None, function: Node | None, text: str, scope: str = "", owner: str = "") -> Named | None:
    """The name that the innermost declarator `name` spells inside `scope` and the class `owner`; None without one."""
    at = name
    if at is not None and at.type in ("identifier", "field_identifier"):
        spelled = text[at.start_byte : at.end_byte]
        if text.endswith(_CONVERSION, 0, at.start_byte):
            return _conversion(at, function, text, scope, owner)
        return Named(spelled, f"{scope}::{spelled}" if scope else spelled, owner, at, function)
    scopes: list[str] = []
    for _ in range(_MAX_PARTS):
        if at is None or at.type != "qualified_identifier":
            break
        part = at.child_by_field_name("scope")
        if part is not None:
            scopes.append("".join(text[part.start_byte : part.end_byte].split("<")[0].split()))
        at = at.child_by_field_name("name")
    if at is not None and at.type == "template_function":
        at = at.child_by_field_name("name")
    if at is None:
        return None
    if at.type == "operator_cast":
        list_ = at.child_by_field_name("declarator")
        # In `operator T*()` the list is inside the pointer.
        while list_ is not None and list_.type in ("abstract_pointer_declarator", "abstract_reference_declarator"):
            list_ = next((c for c in list_.named_children if c.type.startswith("abstract_")), None)
        function = list_ if list_ is not None and list_.type == "abstract_function_declarator" else function
        written = text[at.start_byte : list_.start_byte if list_ is not None else at.end_byte].split()
        spelled = " ".join(written) if written[:1] == ["operator"] else "".join(written)
    else:
        spelled = "".join(text[at.start_byte : at.end_byte].split())
        if at.type == "operator_name" and spelled[8:9].isalpha():
            spelled = "operator " + spelled[8:]
    qualified = joined(scope, "::".join([*scopes, spelled]))
    return Named(spelled, qualified, scopes[-1] if scopes else owner, at, function)


def _conversion(at: Node, function: Node | None, text: str, scope: str, owner: str) -> Named:
    """`inline C::operator T() const`: the grammar takes the name of the type for that of the function."""
    before = _SCOPES.search(text, max(0, at.start_byte - _MAX_SCOPES), at.start_byte)
    scopes = before[1].split("::")[:-1] if before is not None else []
    spelled = f"operator {text[at.start_byte : at.end_byte]}"
    qualified = joined(scope, "::".join([*scopes, spelled]))
    return Named(spelled, qualified, scopes[-1] if scopes else owner, at, function)


def joined(scope: str, name: str) -> str:
    """A name inside a scope."""
    return f"{scope}::{name}" if scope and name else scope or name


def signature(node: Node, text: str, span: Span) -> Signature:
    """The signature of a function definition; `span` is any span of the source that the tree was made from."""
    declarator = node.child_by_field_name("declarator")
    if declarator is not None and declarator.type == "init_declarator":
        declarator = declarator.child_by_field_name("declarator")
    declared = take(node, declarator, text)
    found = named(declared.name, declared.function, text)
    list_ = found.function if found is not None else None
    params, variadic = parameters(list_, text, span) if list_ is not None else ((), False)
    if list_ is not None and any(c.type == "declaration" for c in node.named_children):
        params = _old_style(node, params, text)
    result = passed_result(node, declarator, text) or declared.type
    if found is not None and (declared.function is None or found.name.startswith("operator ")):
        result = TypeRef(found.name.removeprefix("operator ").strip())
    return Signature(result, params, variadic)


def passed_result(node: Node, declarator: Node | None, text: str) -> TypeRef | None:
    """The type that was passed to the macro in front of a function: `EXPORT(int) f(void)`; None without one."""
    made = node.child_by_field_name("type")
    if made is None or made.type != "macro_type_specifier" or declarator is None:
        return None
    name, passed = made.child_by_field_name("name"), made.child_by_field_name("type")
    if name is None or passed is None or declarator.type != "function_declarator":
        return None
    # Of a type that a macro makes a function gives a pointer: `STACK_OF(T) *f(void)`.
    return described(passed, text) if text[name.start_byte : name.end_byte].isupper() else None


def _old_style(node: Node, params: tuple[Variable, ...], text: str) -> tuple[Variable, ...]:
    """K&R: the types of the parameters stand between the list and the body."""
    types: dict[str, TypeRef] = {}
    for child in node.named_children:
        if child.type == "declaration":
            for declarator in child.children_by_field_name("declarator"):
                declared = take(child, declarator, text)
                if declared.name is not None:
                    types[text[declared.name.start_byte : declared.name.end_byte]] = declared.type
    return tuple(replace(p, type=types.get(p.name, p.type)) for p in params)
