"""Calls whose result is an address of the other side."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.model.interface import Call
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each call that returns a pointer."""
    guards = {name for name, rows in program.sdk.rows.items() if any(row.word == "guard" for row in rows)}
    for _, call in own_calls(program):
        if not call.result.is_pointer or (call.is_ocall and _is_checked(program, call, guards)):
            continue
        yield Found(
            call.span,
            variant="" if call.is_ecall else "ocall",
            label=f"the result is a '{call.result}'",
            function=call.name,
            call=call.name,
            type=call.result,
        )


def _is_checked(program: Program, call: Call, guards: set[str]) -> bool:
    """Whether every trusted function that makes the OCALL also asks where an address lies."""
    callers = [use.caller for use in program.uses if use.call is call and program.is_trusted(use.caller)]
    return bool(callers) and all(any(m.name in guards for m in caller.calls) for caller in callers)
