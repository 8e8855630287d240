"""Calls whose result is an address of the other side."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.analysis.pointers import Pointers
from edlint.analysis.tokens import is_harmless
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, pointers: Pointers) -> Iterator[Found]:
    """One finding for each call that returns a pointer."""
    for interface, call in own_calls(program):
        if not call.result.is_pointer or (call.is_ocall and is_harmless(program, pointers, interface, call, None)):
            continue
        yield Found(
            call.span,
            variant="" if call.is_ecall else "ocall",
            label=f"the result is a '{call.result}'",
            function=call.name,
            call=call.name,
            type=call.result,
        )
