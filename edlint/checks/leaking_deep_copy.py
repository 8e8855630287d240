"""Deep copies whose memory the bridge of an ECALL does not give back."""

from collections.abc import Iterator

from edlint.analysis.declared import edl_struct, own_params
from edlint.finding import Label
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each parameter whose bridge leaks."""
    for interface, call, param in own_params(program):
        if not param.bridge.leaks:
            continue
        struct = edl_struct(interface, param.type)
        sized = [m for m in struct.members if m.size or m.count] if struct else []
        yield Found(
            param.span,
            label="copied deeply in both directions",
            labels=tuple(Label(m.span, "what it points to is allocated for each call") for m in sized[:3]),
            function=call.name,
            call=call.name,
            param=param.name,
            struct=param.type.base,
        )
