"""What the VBS tooling demands of declarations that it could parse, in the order in which it comes to them."""

from __future__ import annotations

from collections.abc import Iterable

from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.repairs import did_you_mean, replace
from edlint.frontends.edl.scope import Scope
from edlint.frontends.edl.syntax import Composite, Decl, Function, Type
from edlint.frontends.edl.tokens import Token
from edlint.frontends.edl.vbs_words import BUILT_IN, at, check_words
from edlint.model.interface import Related


def check_composite(reading: Reading, made: Composite, scope: Scope, constants: set[str], *, whole: bool) -> None:
    """A struct or enum; `whole` when all constants in front of it are known."""
    if made.name is not None and (first := scope.define(made.name.text, made, reading)) is not None:
        reading.refuse(
            "dup.type",
            made.name,
            f"The type '{made.name.text}' is defined twice.",
            at(made.name),
            related=[Related(first, "the first definition")],
        )
    seen: dict[str, Token] = {}
    for value in made.values:
        if value.name.text in seen or (made.name is None and value.name.text in constants):
            known = seen.get(value.name.text)
            reading.refuse(
                "dup.enum_value",
                value.name,
                f"The enumerator '{value.name.text}' is defined twice.",
                at(value.value or value.name),
                related=[Related(reading.span(known), "the first one")] if known else [],
            )
        seen.setdefault(value.name.text, value.name)
    if made.name is None:
        constants.update(seen)
    _declarations(reading, made.members, constants, in_struct=True, whole=whole)


def check_function(reading: Reading, function: Function, scope: Scope, constants: set[str], *, whole: bool) -> None:
    """A call; the same name may be declared again with other parameter types, and on the other side."""
    _declarations(reading, function.params, constants, in_struct=False, whole=whole)
    scope.sources.setdefault(id(function), reading.source)
    known = scope.functions.setdefault(signature(function), function)
    if known is not function and not function.damaged:
        reading.refuse(
            "dup.function",
            function.name,
            f"The function '{function.name.text}' is declared twice with the same parameter types.",
            at(function.last),
            related=[Related(scope.place_of(known), "the first declaration")],
        )


def signature(function: Function) -> str:
    """What may be declared once: section, name and parameter types."""
    return f"{'t' if function.trusted else 'u'} {function.name.text}({','.join(map(_spelt, function.params))})"


def _spelt(decl: Decl) -> str:
    """A parameter's type as far as overloads are told apart by it: the element of a vector is not looked at."""
    of = decl.type
    if of.base == "optional":
        return of.spelt()
    return of.base + "".join(f"[{d.value.text if d.value else ''}]" for d in decl.dims)


def _declarations(reading: Reading, decls: list[Decl], constants: set[str], *, in_struct: bool, whole: bool) -> None:
    names: dict[str, Token] = {}
    for decl in decls:
        check_words(reading, decl, in_struct=in_struct)
        for dim in decl.dims[:1]:
            value = dim.value
            if whole and value is not None and value.kind == "NAME" and value.text not in constants | reading.tree.lost:
                reading.refuse(
                    "type.bad_dim",
                    value,
                    f"'{value.text}' is no enumerator of an enum without a name.",
                    at(value),
                    suggestion=did_you_mean(value, sorted(constants)),
                )
        if decl.name.text in names:
            reading.refuse(
                "dup.name",
                decl.name,
                f"The name '{decl.name.text}' is declared twice.",
                (decl.last.order, 2),
                related=[Related(reading.span(names[decl.name.text]), "the first declaration")],
            )
        names.setdefault(decl.name.text, decl.name)


def check_types(reading: Reading, own: Iterable[Function | Composite], scope: Scope, end: Token) -> None:
    """Names that no type bears, and optional structs that contain themselves, when the file is complete."""
    unresolved: dict[str, Token] = {}
    resolved: set[str] = set()
    for item in own:
        if isinstance(item, Function) and not _is_refused(reading, item.result.first, item.name):
            _note(item.result, item, scope, unresolved)
        for decl in item.params if isinstance(item, Function) else item.members:
            if not _is_refused(reading, decl.first, decl.last):
                _note(decl.type, item, scope, unresolved)
            resolved.add(_inner(decl.type).base)
    # A syntax error in front of the end, repaired or not, has stopped the compiler before; that the closing brace is
    # missing it notices later.
    last = end.order if end.text and end.start < end.end else end.order - 1
    stopped = [p.order[0] for p in reading.problems if p.order[1:2] == (1,) and p.order[0] <= last]
    order = max(end.order - 1, 0, *stopped), 2
    for name, token in sorted(unresolved.items(), key=lambda pair: pair[1].order):
        known = name in scope.types
        if known and name in resolved:
            continue
        reading.refuse(
            "type.undefined",
            token,
            f"The return type '{name}' is defined only later in the file."
            if known
            else f"The type '{name}' is not defined.",
            order,
            suggestion=replace(token, _OTHER_TYPES[name], f"Write '{_OTHER_TYPES[name]}'.")
            if name in _OTHER_TYPES
            else did_you_mean(token, (*sorted(BUILT_IN), *scope.types)),
        )
    for name, made in scope.types.items():
        if scope.source_of(made) is reading.source and _optional_cycle(name, scope):
            reading.refuse(
                "type.optional_cycle",
                made.name or made.keyword,
                f"The struct '{name}' contains itself through optional members.",
                order,
            )


_OTHER_TYPES = {
    "int": "int32_t",
    "unsigned": "uint32_t",
    "long": "int64_t",
    "short": "int16_t",
}


def _is_refused(reading: Reading, first: Token, last: Token) -> bool:
    """Whether something in a declaration, or the word behind it, is refused already: what its type is is a guess."""
    end = last.end + 1
    return any(first.start <= p.span.start <= end and p.span.path == reading.source.path for p in reading.problems)


def _inner(of: Type) -> Type:
    return of.arguments[0] if of.arguments else of


def _note(of: Type, item: Function | Composite, scope: Scope, unresolved: dict[str, Token]) -> None:
    """Remember a type name that nothing before the item defines."""
    of = _inner(of)
    if of.base in BUILT_IN:
        return
    known = scope.types.get(of.base)
    if known is None or (scope.source_of(known) is scope.source_of(item) and known.first.order >= item.first.order):
        unresolved.setdefault(of.base, of.name)


def _optional_cycle(start: str, scope: Scope) -> bool:
    pending, visited = [start], set[str]()
    while pending:
        name = pending.pop()
        if name in visited:
            continue
        visited.add(name)
        made = scope.types.get(name)
        for member in made.members if made else []:
            if member.type.base != "optional" or not member.type.arguments:
                continue
            inner = member.type.arguments[0].base
            if inner == start:
                return True
            if inner in scope.types:
                pending.append(inner)
    return False
