"""Structs whose byte count comes from the host."""

from collections.abc import Iterator

from edlint.analysis.accesses import Role, accesses
from edlint.analysis.declared import c_struct, edl_struct, own_params
from edlint.finding import Label
from edlint.model.interface import Call, Interface, Param
from edlint.model.program import Program
from edlint.model.types import TypeKind
from edlint.rule import Found

STRUCTS = (TypeKind.STRUCT, TypeKind.UNION)


def check(program: Program) -> Iterator[Found]:
    """One finding for each ECALL parameter `[size=n] struct S*` whose n no trusted code compares."""
    for interface, call, param in own_params(program):
        extent = param.bridge.extent
        if not call.is_ecall or extent is None or extent.size is None or extent.count is not None:
            continue
        operand = call.param(extent.size.text)
        if operand is None or not _is_struct(program, interface, param) or _is_compared(program, call, operand):
            continue
        yield Found(
            param.span,
            label=f"'{operand.name}' bytes are copied, however many a struct has",
            labels=(Label(operand.span, "chosen by the host"),),
            call=call.name,
            param=param.name,
            type=param.type,
            operand=operand.name,
        )


def _is_struct(program: Program, interface: Interface, param: Param) -> bool:
    if param.type.pointers != 1:
        return False
    if param.type.kind is TypeKind.STRUCT or edl_struct(interface, param.type) is not None:
        return True
    known = c_struct(program, param.type) if param.type.kind is TypeKind.NAMED else None
    return known is not None and known.kind in STRUCTS and known.alias is None


def _is_compared(program: Program, call: Call, operand: Param) -> bool:
    function = program.implementation(call)
    mentions = accesses(function, call.params.index(operand)) if function else None
    return any(m.role is Role.TEST and not m.loop for m in mentions or ())
