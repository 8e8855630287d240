"""Declarations as written become the model: types resolved, bridge facts on every parameter."""

from __future__ import annotations

from edlint.frontends.edl.bridge import bridge
from edlint.frontends.edl.gathered import Gathered
from edlint.frontends.edl.syntax import Attr, Composite, Decl, Function, Include, Type
from edlint.frontends.edl.tokens import Token, number
from edlint.model.interface import (
    AllowedCall,
    Attribute,
    Call,
    CallKind,
    Dialect,
    Import,
    Operand,
    Param,
)
from edlint.model.types import Member, TypeDef, TypeKind, TypeRef
from edlint.source import Source, Span

_TYPE_KINDS = {"struct": TypeKind.STRUCT, "union": TypeKind.UNION, "enum": TypeKind.ENUM}


def lower(
    gathered: Gathered, dialect: Dialect, imports: list[Import]
) -> tuple[tuple[Call, ...], tuple[TypeDef, ...], tuple[tuple[str, Span], ...]]:
    """Calls, types and included headers of the whole interface; own ones first in the order of the text."""
    types: dict[str, TypeDef] = {}
    listed: list[TypeDef] = []
    for brought in gathered.composites:
        if isinstance(brought.item, Composite):
            made = _definition(brought.item, brought.source, brought.by is not None)
            if made.name:
                if made.name in types:
                    continue
                types[made.name] = made
            listed.append(made)
    calls: list[Call] = []
    for brought in gathered.functions:
        if isinstance(brought.item, Function):
            by = imports[brought.by] if brought.by is not None and brought.by < len(imports) else None
            calls.append(_call(brought.item, brought.source, dialect, types, by))
    headers = tuple(
        (b.item.path.text.strip('"'), Span(b.source, b.item.path.start, b.item.path.end))
        for b in gathered.includes
        if isinstance(b.item, Include)
    )
    return tuple(calls), tuple(listed), headers


def _span(source: Source, first: Token, last: Token | None = None) -> Span:
    return Span(source, first.start, max((last or first).end, first.start))


def _type(of: Type, source: Source, dims: tuple[str, ...] = ()) -> TypeRef:
    return TypeRef(
        base=of.base,
        kind=of.kind,
        pointers=of.pointers,
        dims=dims,
        const=of.const,
        arguments=tuple(_type(a, source) for a in of.arguments),
        span=_span(source, of.first, of.last),
    )


def _dims(decl: Decl) -> tuple[str, ...]:
    return tuple(d.value.text if d.value else "" for d in decl.dims)


def _operand(token: Token, source: Source) -> Operand:
    return Operand(token.text, number(token), _span(source, token))


def _attribute(attr: Attr, source: Source) -> Attribute:
    value = _operand(attr.value, source) if attr.value is not None else None
    return Attribute(attr.name.text, _span(source, attr.name, attr.value), value)


def _param(decl: Decl, source: Source, dialect: Dialect, kind: CallKind, types: dict[str, TypeDef]) -> Param:
    of = _type(decl.type, source, _dims(decl))
    attributes = tuple(_attribute(a, source) for a in decl.attrs.items) if decl.attrs else ()
    return Param(
        name=decl.name.text,
        span=_span(source, decl.name),
        declaration=_span(source, decl.first, decl.last),
        type=of,
        attributes=attributes,
        bridge=bridge(dialect, kind, of, attributes, types),
    )


def _call(function: Function, source: Source, dialect: Dialect, types: dict[str, TypeDef], by: Import | None) -> Call:
    kind = CallKind.ECALL if function.trusted else CallKind.OCALL
    return Call(
        kind=kind,
        name=function.name.text,
        span=_span(source, function.name),
        declaration=_span(source, function.first, function.last),
        result=_type(function.result, source),
        params=tuple(_param(d, source, dialect, kind, types) for d in function.params),
        public=function.public is not None or not function.trusted,
        allow=tuple(AllowedCall(t.text, _span(source, t)) for t in function.allow or []),
        has_allow=function.allow is not None,
        switchless=function.switchless is not None,
        propagates_errno=function.errno is not None,
        conventions=tuple(a.name.text for a in function.prefix.items) if function.prefix else (),
        imported_by=by,
        allow_enforced=dialect is Dialect.INTEL,
    )


def _definition(made: Composite, source: Source, imported: bool) -> TypeDef:
    members: list[Member] = []
    for decl in made.members:
        size, count = decl.attr("size"), decl.attr("count")
        members.append(
            Member(
                name=decl.name.text,
                type=_type(decl.type, source, _dims(decl)),
                span=_span(source, decl.first, decl.last),
                size=size.value.text if size and size.value else None,
                count=count.value.text if count and count.value else None,
            )
        )
    value: int | None = -1
    values: dict[str, int | None] = {}
    for enumerator in made.values:
        if enumerator.value is not None:
            value = number(enumerator.value)
            value = values.get(enumerator.value.text) if value is None else value
        elif value is not None:
            value += 1
        values.setdefault(enumerator.name.text, value)
        members.append(
            Member(
                name=enumerator.name.text,
                type=TypeRef("int"),
                span=_span(source, enumerator.name, enumerator.value),
                value=value,
            )
        )
    return TypeDef(
        name=made.name.text if made.name else "",
        kind=_TYPE_KINDS[made.keyword.text],
        span=_span(source, made.name or made.keyword),
        members=tuple(members),
        imported=imported,
    )
