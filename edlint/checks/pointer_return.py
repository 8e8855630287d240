"""Calls whose result is an address of the other side."""

from collections.abc import Iterator

from edlint.analysis.declared import c_struct, edl_struct, own_calls
from edlint.analysis.pointers import Guarding, Pointers
from edlint.model.interface import Call, Interface
from edlint.model.program import Program
from edlint.model.types import TypeKind
from edlint.rule import Found


def check(program: Program, pointers: Pointers) -> Iterator[Found]:
    """One finding for each call that returns a pointer."""
    for interface, call in own_calls(program):
        if not call.result.is_pointer or (call.is_ocall and _is_harmless(program, interface, call, pointers)):
            continue
        yield Found(
            call.span,
            variant="" if call.is_ecall else "ocall",
            label=f"the result is a '{call.result}'",
            function=call.name,
            call=call.name,
            type=call.result,
        )


def _is_harmless(program: Program, interface: Interface, call: Call, pointers: Pointers) -> bool:
    """Whether the trusted code checks the address wherever it follows it, or only hands it back as a token."""
    if not any(use.call is call and program.is_trusted(use.caller) for use in program.uses):
        return False
    uses = [u for u in pointers.of("ocall") if u.meaning.declared is call and u.meaning.param is None]
    return all(u.guarding is Guarding.CHECKED for u in uses) if uses else _is_opaque(program, interface, call)


def _is_opaque(program: Program, interface: Interface, call: Call) -> bool:
    """Whether the result points to something of which neither the EDL nor C says what it is."""
    result = call.result
    if result.base == "void":
        return True
    if result.kind is TypeKind.BUILTIN or edl_struct(interface, result) is not None:
        return False
    known = c_struct(program, result)
    return known is None or (known.alias is None and not known.members)
