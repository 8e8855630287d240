"""Buffers whose length the bridge takes from the host, apart from the parameter that is said to be the length."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.finding import Label
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each ECALL with such buffers, at the first of them."""
    for _, call in own_calls(program):
        loose = [p for p in call.params if call.is_ecall and not p.bridge.is_raw and not p.bridge.extent_trusted]
        if loose:
            yield Found(
                loose[0].span,
                label="its real length is another number of the host",
                labels=tuple(Label(p.span, "and this one's") for p in loose[1:4]),
                notes=(f"{len(loose)} parameters of the call are passed so.",) if len(loose) > 1 else (),
                function=call.name,
                call=call.name,
                param=loose[0].name,
            )
