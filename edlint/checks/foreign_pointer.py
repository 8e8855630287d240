"""Pointers to types that only C knows."""

from collections.abc import Iterator

from edlint.analysis.declared import c_struct, own_params
from edlint.finding import Label
from edlint.model.interface import Interface, Param
from edlint.model.program import Program
from edlint.model.types import TypeDef, TypeKind
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each copied pointer to a type that the EDL does not define and C does not show to be flat."""
    for interface, call, param in own_params(program):
        if not (param.bridge.copies_in or param.bridge.copies_out) or not _is_foreign(interface, param):
            continue
        known = c_struct(program, param.type)
        member = _pointer_in(program, known) if known is not None else None
        if known is not None and not member:
            continue
        yield Found(
            param.span,
            variant="pointer" if member else "",
            label=f"'{param.type.base}' is not defined in the EDL",
            labels=(Label(known.span, "defined here"),) if known is not None else (),
            kind=call.kind,
            call=call.name,
            param=param.name,
            type=param.type.base,
            member=member or "",
        )


def _is_foreign(interface: Interface, param: Param) -> bool:
    used = param.type
    named = used.kind in (TypeKind.NAMED, TypeKind.STRUCT, TypeKind.UNION)
    return named and used.pointers + len(used.dims) + int(param.has("isptr")) > 0 and interface.type(used.base) is None


def _pointer_in(program: Program, struct: TypeDef) -> str:
    """Path of the first pointer in a C type, or nothing when it is flat."""
    if struct.alias is not None:
        return struct.name if struct.alias.pointers or struct.alias.function else ""
    stack, seen = [(struct, "")], {struct.name}
    while stack:
        holder, prefix = stack.pop()
        for member in holder.members:
            if member.type.pointers or member.type.function or member.type.reference:
                return f"{prefix}{member.name}"
            inner = c_struct(program, member.type)
            if inner is None or inner.name in seen:
                continue
            if inner.alias is not None and (inner.alias.pointers or inner.alias.function):
                return f"{prefix}{member.name}"
            seen.add(inner.name)
            stack.append((inner, f"{prefix}{member.name}."))
    return ""
