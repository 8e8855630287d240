"""Array types that are copied to or from a host address nobody checked."""

from collections.abc import Iterator

from edlint.analysis.declared import own_params
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each ECALL parameter that is `user_check`, `isary` and has a direction."""
    for _, call, param in own_params(program):
        if not (call.is_ecall and param.has("user_check") and param.has("isary")):
            continue
        if param.bridge.range_checked or not (param.has("in") or param.has("out")):
            continue
        yield Found(
            param.span,
            variant="write" if param.has("out") else "",
            label="copied at an address that the host chooses",
            call=call.name,
            param=param.name,
        )
