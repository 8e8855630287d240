"""What oeedger8r demands of declarations that it could parse, in the order in which it comes to them."""

from __future__ import annotations

from collections.abc import Iterator

from edlint.frontends.edl.intel_attributes import Fault
from edlint.frontends.edl.open_enclave_words import ATTRIBUTES, TYPE_WORDS, at
from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.repairs import did_you_mean, meant_attribute, prefix, without
from edlint.frontends.edl.scope import Scope
from edlint.frontends.edl.syntax import Attrs, Composite, Decl, Function, Type
from edlint.frontends.edl.tokens import Token
from edlint.model.interface import Related
from edlint.model.types import TypeKind
from edlint.source import Span

_MAX_FAULTS = 16
"""Faults of one list that are told."""
_UNFIT = (TypeKind.STRUCT, TypeKind.UNION)


def check_composite(reading: Reading, made: Composite, scope: Scope) -> None:
    """A struct, union or enum: its members, then its name, then the operands."""
    kind = made.keyword.text
    for decl in made.members:
        _list(reading, decl, in_struct=kind == "struct")
        if not decl.refused:
            _declaration(reading, decl, scope, in_function=False)
        if kind == "union" and decl.attrs is not None and decl.attrs.items and not decl.refused:
            reading.refuse(
                "attr.union_member", decl.attrs.items[0].name, "A union member cannot have attributes.", at(decl.last)
            )
            decl.refused = True
    before = (made.last.order, 2) if made.damaged else (max(made.last.order - 1, 0), 1)
    name = made.name.text if made.name else ""
    if (other := scope.define(name, made, reading)) is not None:
        shown = f"The type '{name}' is defined twice." if name else "A second enum without a name is a duplicate."
        reading.refuse(
            "dup.type",
            made.name or made.keyword,
            shown,
            before,
            related=[Related(other, "the first definition")],
        )
    if kind == "struct":
        _operands(reading, made.members, before, damaged=made.damaged, what=f"struct '{name}'")


def refuse_allow(reading: Reading, word: Token, name: str = "") -> None:
    """An allow list behind an ECALL."""
    ecall = f"The ECALL '{name}'" if name else "An ECALL"
    hint = "An allow list belongs to the OCALL during which the ECALL may be made."
    order = (word.order - 1, 1)
    reading.refuse("allow.on_trusted", word, f"{ecall} cannot have an allow list.", order, suggestion=hint)


def check_function(reading: Reading, function: Function, scope: Scope) -> None:
    """A call, when its semicolon is reached."""
    name, end = function.name.text, at(function.last)
    for decl in function.params:
        _list(reading, decl, in_struct=False)
        if not decl.refused:
            _declaration(reading, decl, scope, in_function=True)
    if function.trusted and function.allow_word is not None:
        refuse_allow(reading, function.allow_word, name)
    if function.trusted and function.errno is not None:
        reading.refuse(
            "syntax.expecting",
            function.errno,
            f"The ECALL '{name}' cannot propagate errno.",
            at(function.errno),
            suggestion="Only an OCALL can.",
        )
    for decl in function.params:
        size, count = decl.attr("size"), decl.attr("count")
        if size and count and not decl.refused:
            later = max(size, count, key=lambda a: a.name.order)
            reading.refuse(
                "size.size_and_count",
                later.name,
                f"The parameter '{decl.name.text}' of '{name}' has both 'size' and 'count'.",
                end,
            )
    _operands(reading, function.params, end, damaged=function.damaged, what=f"'{name}'")
    for decl in function.params:
        found = None if decl.type.pointers else _own_type(decl.type, scope)
        if found and found.keyword.text == "struct" and any(m.attrs for m in found.members):
            reading.refuse(
                "deepcopy.by_value",
                decl.name,
                f"The parameter '{decl.name.text}' passes struct '{decl.type.base}', which is to be copied deeply,"
                " by value.",
                end,
                related=_members(reading, found, scope),
            )
    if (first := scope.declare(function, reading)) is not None:
        reading.refuse(
            "dup.function",
            function.name,
            f"The function '{name}' is declared twice.",
            end,
            related=[Related(first, "the first declaration")],
        )
    # Of `privat void f()` the compiler makes a function `void`; the word in front is refused already.
    misread = function.name.text in TYPE_WORDS
    if function.trusted and function.public is None and not misread:
        reading.refuse(
            "ecall.private",
            function.name,
            f"The ECALL '{name}' is not public, and this compiler has no private ECALLs.",
            end,
            suggestion=prefix(function.first, "public", "Write 'public' in front of it."),
        )


def _members(reading: Reading, made: Composite, scope: Scope) -> list[Related]:
    source = scope.source_of(made) or reading.source
    for member in made.members:
        if member.attrs:
            return [Related(Span(source, member.first.start, member.last.end), "this member asks for the deep copy")]
    return []


def _own_type(of: Type, scope: Scope) -> Composite | None:
    """The definition seen so far that a struct or bare name means."""
    return scope.types.get(of.base) if of.kind in (TypeKind.STRUCT, TypeKind.NAMED) else None


def check_alone(reading: Reading, part: Attrs | Decl, *, in_struct: bool) -> None:
    """A list or declaration whose surroundings could not be read, types that the file defines apart."""
    if isinstance(part, Attrs):
        _words(reading, part, in_struct)
        return
    _list(reading, part, in_struct=in_struct)
    if not part.refused:
        _declaration(reading, part, Scope(), in_function=not in_struct)


def _list(reading: Reading, decl: Decl, *, in_struct: bool) -> None:
    """The attribute list of a declaration."""
    if decl.attrs is not None and _words(reading, decl.attrs, in_struct):
        decl.refused = True


def _words(reading: Reading, attrs: Attrs, in_struct: bool) -> bool:
    """Whether a word of the list is refused, first to last."""
    seen: dict[str, Token] = {}
    refused = False
    faults = 0
    for attr in attrs.items:
        if faults >= _MAX_FAULTS:
            break
        word, name = attr.name.text, attr.name
        fault: Fault | None = None
        related: list[Related] = []
        if word == "sizefunc":
            fault = Fault(
                "attr.sizefunc",
                name,
                "The attribute 'sizefunc' is no longer supported.",
                "Give the length with 'size' or 'count'.",
            )
        elif word not in ATTRIBUTES:
            fault = Fault(
                "attr.unknown", name, f"The attribute '{word}' is unknown.", meant_attribute(name, ATTRIBUTES)
            )
        elif in_struct and word not in ("size", "count"):
            fault = Fault("attr.member_bad", name, f"The attribute '{word}' cannot be on a struct member.")
        elif word in seen:
            fault = Fault("attr.duplicate", name, f"The attribute '{word}' is given twice.", without(attrs.items, attr))
            related = [Related(reading.span(seen[word]), "given here first")]
        if fault is not None:
            refused = True
            faults += 1
            reading.refuse(
                fault.error_class, fault.place, fault.message, at(name), suggestion=fault.suggestion, related=related
            )
        seen.setdefault(word, name)
    return refused


def _declaration(reading: Reading, decl: Decl, scope: Scope, *, in_function: bool) -> None:
    """The attributes of one declaration against each other and its type; the first fault counts."""
    for fault in _faults(decl, scope, in_function):
        decl.refused = True
        reading.refuse(fault.error_class, fault.place, fault.message, at(decl.last), suggestion=fault.suggestion)
        return


def first_fault(decl: Decl, *, in_function: bool) -> Fault | None:
    """What is refused of a declaration by itself, types that the file defines apart."""
    return next(_faults(decl, Scope(), in_function), None)


def _faults(decl: Decl, scope: Scope, in_function: bool) -> Iterator[Fault]:
    if decl.attrs is None:
        return
    words = [a.name.text for a in decl.attrs.items]
    has = set(words)
    into, both = "in" in has, {"in", "out"} <= has
    # The compiler takes the direction from the order of the words: `out, in` counts as out, and as both.
    out = "out" in has and (not both or words.index("out") < words.index("in"))
    directed = into or "out" in has
    of = decl.type
    pointer, array = of.pointers > 0, bool(decl.dims)
    addressed = pointer or array or bool({"isptr", "isary"} & has)
    for attr in decl.attrs.items:
        word, name = attr.name.text, attr.name
        if word in ("string", "wstring"):
            yield from _string(decl, attr.name, has, out, directed)
        elif word in ("isary", "isptr"):
            if {"isary", "isptr"} <= has:
                yield Fault("attr.isary_isptr", name, "'isary' cannot be used with 'isptr'.")
            if not directed and "user_check" not in has:
                yield Fault(
                    "attr.isary_isptr_needs_direction", name, f"'{word}' needs a direction attribute or 'user_check'."
                )
            if not of.is_bare_name:
                yield Fault(
                    "attr.isary_isptr_not_foreign",
                    name,
                    f"'{word}' needs a bare user-defined type, not '{of.spelt()}'.",
                )
            if word == "isptr" and array:
                yield Fault("type.pointer_array", decl.name, f"'{decl.name.text}' is an array of pointers.")
        elif word in ("size", "count"):
            if in_function and not directed:
                yield Fault(
                    "attr.size_needs_direction",
                    name,
                    f"'{word}' needs a direction attribute.",
                    "Add 'in', 'out' or both." if "user_check" not in has else "",
                )
            if not addressed:
                yield _plain(decl, name)
        elif word in ("in", "out"):
            if not addressed:
                yield _plain(decl, name)
            if pointer:
                found = _own_type(of, scope)
                if found and "size" in has and _deep_through_pointer(found):
                    yield Fault(
                        "deepcopy.size_attr",
                        next(a.name for a in decl.attrs.items if a.name.text == "size"),
                        f"'size' cannot be on a pointer to struct '{of.base}', which is copied deeply.",
                        "Give the number of structs with 'count'.",
                    )
                if array:
                    yield Fault("type.pointer_array", decl.name, f"'{decl.name.text}' is an array of pointers.")
        elif word == "user_check":
            if directed:
                yield Fault(
                    "attr.direction_vs_user_check", name, "'user_check' cannot be used with a direction attribute."
                )
            if not addressed:
                yield _plain(decl, name)


def _deep_through_pointer(made: Composite) -> bool:
    """Whether a pointer to it is copied deeply: a member with a length that is no length itself."""
    operands = {a.value.text for m in made.members if m.attrs for a in m.attrs.items if a.value}
    return made.keyword.text == "struct" and any(m.attrs and m.name.text not in operands for m in made.members)


def _string(decl: Decl, name: Token, has: set[str], out: bool, directed: bool) -> Iterator[Fault]:
    word, of = name.text, decl.type
    if out:
        yield Fault("attr.string_needs_in", name, f"'{word}' needs the direction 'in'.", "Write 'in' before 'out'.")
    if not directed:
        yield Fault("attr.string_needs_direction", name, f"'{word}' needs a direction attribute.", "Add 'in'.")
    if {"size", "count"} & has:
        yield Fault("attr.size_vs_string", name, f"'{word}' cannot be used with 'size' or 'count'.")
    if {"string", "wstring"} <= has:
        yield Fault("attr.string_wstring", name, "'string' and 'wstring' exclude each other.")
    wanted = "char" if word == "string" else "wchar_t"
    if not (of.pointers == 1 and of.base == wanted):
        yield Fault("attr.string_type", name, f"'{word}' needs a {wanted} pointer, not '{of.spelt()}'.")


def _plain(decl: Decl, name: Token) -> Fault:
    return Fault(
        "attr.on_plain_type",
        name,
        f"'{decl.name.text}' is no pointer or array, so it cannot have the attribute '{name.text}'.",
        "Remove the attributes.",
    )


def _operands(reading: Reading, decls: list[Decl], order: tuple[int, int], *, damaged: bool, what: str) -> None:
    """Names in size and count must be siblings of a type that can hold a number."""
    siblings: dict[str, Decl] = {}
    for decl in decls:
        siblings.setdefault(decl.name.text, decl)
    for decl in decls:
        for word in ("size", "count"):
            attr = decl.attr(word)
            if attr is None or attr.value is None or attr.value.kind != "NAME":
                continue
            value = attr.value
            found = siblings.get(value.text)
            if found is None:
                if not damaged:
                    first = decls[0].first, decls[-1].last
                    reading.refuse(
                        "size.decl_missing",
                        value,
                        f"'{value.text}', the '{word}' of '{decl.name.text}', is no parameter or member of {what}.",
                        order,
                        related=[Related(reading.span(*first), "these are declared")],
                        suggestion=did_you_mean(value, tuple(siblings)),
                    )
            elif found.dims or found.type.pointers or found.type.kind in _UNFIT:
                reading.refuse(
                    "size.bad_type",
                    value,
                    f"'{value.text}', the '{word}' of '{decl.name.text}', is an array, pointer, struct or union.",
                    order,
                    related=[Related(reading.span(found.first, found.last), "declared here")],
                )
