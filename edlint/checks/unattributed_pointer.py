"""Pointers and arrays that the bridge passes raw because nothing was written about them."""

from collections.abc import Iterator

from edlint.analysis.declared import own_params
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each pointer or array parameter without attributes, where the dialect accepts that."""
    for _, call, param in own_params(program):
        if param.attributes or not param.type.is_pointer or not param.bridge.is_raw:
            continue
        yield Found(
            param.span,
            label="an array, and still a raw address" if param.type.is_array else "a raw address",
            variant="" if call.is_ecall else "ocall",
            what="Array" if param.type.is_array else "Pointer",
            kind=call.kind,
            call=call.name,
            param=param.name,
        )
