"""OCALLs that take errno from the host."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each OCALL with `propagate_errno`."""
    for _, call in own_calls(program):
        if call.is_ocall and call.propagates_errno:
            yield Found(call.span, label="errno comes from the host", function=call.name, call=call.name)
