"""Parameters that the bridge hands to the enclave unseen."""

from collections.abc import Iterator

from edlint.analysis.declared import own_params
from edlint.analysis.user_checks import UserChecks
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, checks: UserChecks) -> Iterator[Found]:
    """One finding for each `user_check` parameter of an ECALL, unless the trusted code is seen to check its range."""
    for _, call, param in own_params(program):
        if not (call.is_ecall and param.bridge.is_raw and param.has("user_check")):
            continue
        if not checks.is_checked(param) and not checks.is_unseen(call, param):
            yield Found(
                param.span, label="the host's address, as it is", kind=call.kind, call=call.name, param=param.name
            )
