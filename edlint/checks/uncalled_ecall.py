"""ECALLs that the host never makes."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.analysis.usage import Usage
from edlint.model.program import Program, Side
from edlint.rule import Found


def check(program: Program, usage: Usage) -> Iterator[Found]:
    """One finding for each public ECALL of the author's own whose name the host's code does not hold.

    Silent where the given host code makes no ECALL at all: it is not the enclave's host then.
    """
    used = {
        use.interface.path
        for use in program.uses
        if use.call.is_ecall and program.side(use.caller.path) is Side.UNTRUSTED
    }
    for interface, call in own_calls(program):
        if not call.is_ecall or not call.public or interface.path not in used:
            continue
        if call.name not in usage.outside[interface.path].named:
            yield Found(call.span, label="no host code calls it", call=call.name)
