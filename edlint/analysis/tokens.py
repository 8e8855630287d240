"""Addresses that an OCALL gives back: checked wherever they are followed, or mere tokens of the host."""

from __future__ import annotations

from edlint.analysis.declared import c_struct, edl_struct
from edlint.analysis.pointers import Guarding, Pointers
from edlint.model.interface import Call, Interface, Param
from edlint.model.program import Program
from edlint.model.types import TypeKind, TypeRef


def is_harmless(program: Program, pointers: Pointers, interface: Interface, call: Call, param: Param | None) -> bool:
    """Whether the trusted code checks the address that the result, or a parameter, brings wherever it follows it, or
    only hands it back as a token."""
    if not any(use.call is call and program.is_trusted(use.caller) for use in program.uses):
        return False
    uses = [u for u in pointers.of("ocall") if u.meaning.declared is call and u.meaning.param is param]
    if uses:
        return all(u.guarding is Guarding.CHECKED for u in uses)
    return _is_opaque(program, interface, call.result if param is None else param.type)


def _is_opaque(program: Program, interface: Interface, type_: TypeRef) -> bool:
    """Whether a pointer leads to something of which neither the EDL nor C says what it is."""
    if type_.base == "void":
        return True
    if type_.kind is TypeKind.BUILTIN or edl_struct(interface, type_) is not None:
        return False
    known = c_struct(program, type_)
    return known is None or (known.alias is None and not known.members)
