"""Pointers to pointers with a direction: what is copied is an address."""

from collections.abc import Iterator

from edlint.analysis.declared import own_params
from edlint.model.interface import Bridge, Call
from edlint.model.program import Program
from edlint.model.types import TypeRef
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each copied parameter of two or more levels of pointers."""
    for _, call, param in own_params(program):
        bridge = param.bridge
        levels = param.type.pointers + (1 if param.type.is_array else 0)
        if levels < 2 or not (bridge.copies_in or bridge.copies_out) or _is_token(call, bridge, param.type):
            continue
        yield Found(
            param.span,
            variant=_variant(call, bridge),
            label="the copy holds an address",
            kind=call.kind,
            call=call.name,
            param=param.name,
        )


def _is_token(call: Call, bridge: Bridge, used: TypeRef) -> bool:
    """`void**` given to an OCALL: a list of the host's own tokens, which the enclave only hands back."""
    return call.is_ocall and used.base == "void" and not bridge.copies_out


def _variant(call: Call, bridge: Bridge) -> str:
    inward = bridge.copies_in if call.is_ecall else bridge.copies_out
    outward = bridge.copies_out if call.is_ecall else bridge.copies_in
    if inward and outward:
        return "both"
    return "outward" if outward else ""
