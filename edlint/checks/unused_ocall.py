"""OCALLs that no trusted code makes."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.analysis.usage import Usage
from edlint.model.interface import Interface
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, usage: Usage) -> Iterator[Found]:
    """One finding for each OCALL of the author's own whose name the trusted code does not hold.

    Silent on an enclave of which an ECALL has no implementation: its code is not all there.
    """
    complete: dict[str, bool] = {}
    for interface, call in own_calls(program):
        if not call.is_ocall:
            continue
        if interface.path not in complete:
            complete[interface.path] = _is_complete(program, interface)
        code = usage.inside[interface.path]
        if complete[interface.path] and call.name not in code.named:
            yield Found(call.span, label="no trusted code calls it", call=call.name)


def _is_complete(program: Program, interface: Interface) -> bool:
    own = {id(call) for i, call in own_calls(program) if i is interface}
    ecalls = [c for c in interface.ecalls if id(c) in own]
    return bool(ecalls) and all(program.implementation(c) is not None for c in ecalls)
