"""Extents that can be negative."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.finding import Label
from edlint.model.interface import Interface
from edlint.model.program import Program
from edlint.model.types import Member, TypeDef, TypeKind, TypeRef
from edlint.rule import Found

SIGNED_WORDS = frozenset({"char", "short", "int", "long", "signed"})
SIGNED_NAMES = frozenset(
    {"int8_t", "int16_t", "int32_t", "int64_t", "ssize_t", "ptrdiff_t", "intptr_t", "intmax_t", "off_t"}
)
FLOATING = frozenset({"float", "double", "long double"})


def check(program: Program) -> Iterator[Found]:
    """One finding for each parameter or member that is an extent and has a signed type."""
    interfaces: list[Interface] = []
    for interface, call in own_calls(program):
        if interface not in interfaces:
            interfaces.append(interface)
        for operand in call.params:
            nature = nature_of(program, operand.type)
            sized = [p for p in call.params if p.bridge.extent and operand.name in p.bridge.extent.names]
            if nature and sized:
                yield Found(
                    operand.span,
                    label=nature,
                    labels=tuple(Label(p.span, "its extent") for p in sized),
                    function=call.name,
                    buffer=sized[0].name,
                    holder=f"{call.kind} '{call.name}'",
                    operand=operand.name,
                    type=operand.type,
                    nature=nature,
                )
    for interface in interfaces:
        for struct in interface.types:
            if not struct.imported:
                yield from _members(program, struct)


def _members(program: Program, struct: TypeDef) -> Iterator[Found]:
    extents: dict[str | None, list[Member]] = {}
    for member in struct.members:
        for name in {member.size, member.count}:
            extents.setdefault(name, []).append(member)
    for operand in struct.members:
        sized = extents.get(operand.name, ())
        nature = nature_of(program, operand.type) if sized else ""
        if nature and sized:
            yield Found(
                operand.span,
                label=nature,
                labels=tuple(Label(m.span, "its extent") for m in sized),
                buffer=sized[0].name,
                holder=f"struct '{struct.name}'",
                operand=operand.name,
                type=operand.type,
                nature=nature,
            )


def nature_of(program: Program, used: TypeRef) -> str:
    """`signed`, `a floating-point number`, `an enumeration`, or nothing for what can be no negative number."""
    for _ in range(16):
        words = set(used.base.split())
        if used.is_pointer:
            return ""
        if used.base in SIGNED_NAMES or words <= SIGNED_WORDS:
            return "signed"
        if used.base in FLOATING:
            return "a floating-point number"
        if used.kind is TypeKind.ENUM:
            return "an enumeration"
        known = program.types.get(used.base)
        if known is None or known.alias is None or known.alias.base == used.base:
            return "an enumeration" if known is not None and known.kind is TypeKind.ENUM else ""
        used = known.alias
    return ""
