"""Buffers that cross in both directions although the callee only fills them."""

from collections.abc import Iterator

from edlint.analysis.accesses import Access, Role, accesses
from edlint.analysis.declared import own_params
from edlint.analysis.rows import rows_of
from edlint.finding import Label
from edlint.model.interface import Transfer
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each `[in, out]` parameter that its implementation writes and never reads."""
    for _, call, param in own_params(program):
        function = program.implementation(call)
        if param.bridge.transfer is not Transfer.IN_OUT or function is None:
            continue
        mentions = accesses(function, call.params.index(param))
        if not mentions or not all(m.role is Role.TEST or _writes(program, m) for m in mentions):
            continue
        first = next((m for m in mentions if m.role is not Role.TEST), None)
        if first is None:
            continue
        yield Found(
            param.span,
            variant="" if call.is_ecall else "ocall",
            label="'in' copies bytes that nobody reads",
            labels=(Label(first.place.span, "written here, never read"),),
            kind=call.kind,
            call=call.name,
            param=param.name,
            function=call.name,
        )


def _writes(program: Program, mention: Access) -> bool:
    """Whether a mention only fills what the parameter points to."""
    if mention.role is Role.WRITE:
        return True
    if mention.role is not Role.ARGUMENT or mention.call is None:
        return False
    rows = [r for r in rows_of(program.sdk, mention.call) if r.word == "flow"]
    fills = any(r.to is not None and r.to.pointee and r.to.arg == mention.position for r in rows)
    return fills and not any(r.at.pointee and r.at.arg == mention.position for r in rows)
