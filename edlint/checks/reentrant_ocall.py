"""OCALLs during which the host may enter the enclave again."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.finding import Label
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each OCALL whose allow list names an ECALL, where the run time enforces the list."""
    for interface, call in own_calls(program):
        if not (call.is_ocall and call.allow and call.allow_enforced):
            continue
        names = [f"'{allowed.name}'" for allowed in call.allow]
        ecalls = [e for e in (interface.call(allowed.name) for allowed in call.allow) if e is not None]
        yield Found(
            call.span,
            label="the enclave can be entered again before this returns",
            labels=tuple(Label(e.span, "allowed during the OCALL") for e in ecalls[:8]),
            function=call.name,
            call=call.name,
            ecalls=", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1],
        )
