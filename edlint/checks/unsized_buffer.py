"""Buffers of which the EDL copies one element because nobody said how many there are."""

from collections.abc import Iterator

from edlint.analysis.accesses import Access, Role, accesses
from edlint.analysis.declared import own_params
from edlint.model.interface import Call, Param
from edlint.model.program import Program
from edlint.rule import Found

BYTES = frozenset({"char", "signed char", "unsigned char", "int8_t", "uint8_t", "void", "wchar_t"})
TEXT = frozenset({"char", "void", "wchar_t"})
LENGTHS = ("len", "size", "count", "capacity", "bytes")


def check(program: Program) -> Iterator[Found]:
    """One finding for each copied byte pointer without size, count or string."""
    for _, call, param in own_params(program):
        bridge = param.bridge
        # A `size` without a value is told by another rule: nothing is copied by it.
        if (
            bridge.sized
            or any(a.name in ("size", "count") for a in param.attributes)
            or param.type.is_array
            or param.type.pointers != 1
            or param.type.base not in BYTES
        ):
            continue
        if not (bridge.copies_in or bridge.copies_out) or _is_one_element(program, call, param):
            continue
        yield Found(
            param.span,
            label="one element crosses",
            kind=call.kind,
            call=call.name,
            param=param.name,
            element="byte" if param.type.base == "void" else param.type.base,
        )


def _is_one_element(program: Program, call: Call, param: Param) -> bool:
    """Whether a single element is plausibly meant: seen in the code, or a lone result of one byte."""
    function = program.implementation(call)
    mentions = accesses(function, call.params.index(param)) if function else None
    if mentions:
        if any(_is_many(program, m) for m in mentions):
            return False
        if all(m.role is Role.TEST or m.role in (Role.READ, Role.WRITE) for m in mentions):
            return True
    if param.type.base in TEXT or param.bridge.copies_in:
        return False
    used = {name for p in call.params if p.bridge.extent for name in p.bridge.extent.names}
    spare = (p.name.lower() for p in call.params if not p.type.is_pointer and p.name not in used)
    return not any(word in name for name in spare for word in LENGTHS)


def _is_many(program: Program, mention: Access) -> bool:
    """Whether more than one element is plainly touched: another index, or a library call that copies."""
    if mention.role in (Role.READ, Role.WRITE):
        return not mention.is_first_element
    if mention.role is not Role.ARGUMENT or mention.call is None:
        return False
    rows = program.sdk.of(mention.call.name, "sink")
    return any(row.at.arg == mention.position and row.kind == "memory-access" for row in rows)
