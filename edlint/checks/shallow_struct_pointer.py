"""Structs that are copied into the enclave with the host's pointers still in them."""

from collections.abc import Iterator

from edlint.analysis.members import by_member, into_enclave
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each pointer member, however many calls carry it."""
    for uses in by_member(into_enclave(program)):
        first, raw = uses[0], uses[0].raw
        yield Found(
            raw.member.span,
            label=raw.reason,
            labels=tuple(use.label for use in uses[:4]),
            notes=(f"{len(uses)} parameters and results carry it.",) if len(uses) > 1 else (),
            function=first.call.name,
            member=raw.path,
            struct=raw.struct,
            place=first.place,
        )
