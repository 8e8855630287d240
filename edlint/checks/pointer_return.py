"""Calls whose result is an address of the other side."""

from collections.abc import Iterator

from edlint.analysis.declared import c_struct, edl_struct, own_calls
from edlint.model.interface import Call, Interface
from edlint.model.program import Program
from edlint.model.types import TypeKind
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each call that returns a pointer."""
    guards = {name for name, rows in program.sdk.rows.items() if any(row.word == "guard" for row in rows)}
    for interface, call in own_calls(program):
        if not call.result.is_pointer or (call.is_ocall and _is_harmless(program, interface, call, guards)):
            continue
        yield Found(
            call.span,
            variant="" if call.is_ecall else "ocall",
            label=f"the result is a '{call.result}'",
            function=call.name,
            call=call.name,
            type=call.result,
        )


def _is_harmless(program: Program, interface: Interface, call: Call, guards: set[str]) -> bool:
    """Whether the trusted functions that make the OCALL check addresses, or cannot follow this one by its type."""
    callers = [use.caller for use in program.uses if use.call is call and program.is_trusted(use.caller)]
    if not callers:
        return False
    return _is_opaque(program, interface, call) or all(any(m.name in guards for m in c.calls) for c in callers)


def _is_opaque(program: Program, interface: Interface, call: Call) -> bool:
    """Whether the result points to something of which neither the EDL nor C says what it is."""
    result = call.result
    if result.base == "void":
        return True
    if result.kind is TypeKind.BUILTIN or edl_struct(interface, result) is not None:
        return False
    known = c_struct(program, result)
    return known is None or (known.alias is None and not known.members)
