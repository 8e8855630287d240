"""Pointers to pointers with a direction: what is copied is an address."""

from collections.abc import Iterator

from edlint.analysis.addresses import Addresses
from edlint.analysis.declared import own_params
from edlint.analysis.pointers import Pointers
from edlint.analysis.tokens import is_harmless
from edlint.model.interface import Bridge, Call, Param
from edlint.model.program import Program
from edlint.model.types import TypeRef
from edlint.rule import Found


def check(program: Program, pointers: Pointers, addresses: Addresses) -> Iterator[Found]:
    """One finding for each copied parameter of two or more levels of pointers, unless the code is careful."""
    takes = _takes_host_memory(program)
    for interface, call, param in own_params(program):
        bridge = param.bridge
        levels = param.type.pointers + (1 if param.type.is_array else 0)
        if levels < 2 or not (bridge.copies_in or bridge.copies_out) or _is_token(call, bridge, param.type):
            continue
        gives = call.is_ocall and not bridge.copies_in
        if gives and levels == 2 and is_harmless(program, pointers, interface, call, param):
            continue
        if takes and _gives_host_memory(call, param, addresses):
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


def _takes_host_memory(program: Program) -> bool:
    """Whether the enclave asks for memory of the host anywhere."""
    names = {
        name
        for functions in program.functions.values()
        for function in functions
        if program.is_trusted(function)
        for name in function.called
    }
    return any(row.kind == "host-memory" and row.at.arg == -1 for name in names for row in program.sdk.about(name))


def _gives_host_memory(call: Call, param: Param, addresses: Addresses) -> bool:
    """Whether an ECALL's address may be of memory that the enclave got from the host, and is not seen to be its own."""
    return call.is_ecall and not param.bridge.copies_in and all(g.sink != param.name for g in addresses.given)


def _variant(call: Call, bridge: Bridge) -> str:
    inward = bridge.copies_in if call.is_ecall else bridge.copies_out
    outward = bridge.copies_out if call.is_ecall else bridge.copies_in
    if inward and outward:
        return "both"
    return "outward" if outward else ""
