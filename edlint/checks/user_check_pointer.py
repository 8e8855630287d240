"""Parameters that the bridge hands to the enclave unseen."""

from collections.abc import Iterator

from edlint.analysis.declared import own_params
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each `user_check` parameter of an ECALL."""
    for _, call, param in own_params(program):
        attribute = param.attribute("user_check")
        if call.is_ecall and attribute is not None and param.bridge.is_raw:
            yield Found(
                param.span, label="the host's address, as it is", kind=call.kind, call=call.name, param=param.name
            )
