"""Structs that leave the enclave with its own addresses in them."""

from collections.abc import Iterator

from edlint.analysis.members import Crossing, by_member, out_of_enclave
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each pointer member, however many calls carry it."""
    thought_of = _structs_with_extents(program)
    for uses in by_member(use for use in out_of_enclave(program) if not _is_deliberate(use, thought_of)):
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


def _structs_with_extents(program: Program) -> set[str]:
    return {t.name for interface in program.interfaces for t in interface.types if t.is_deep}


def _is_deliberate(use: Crossing, thought_of: set[str]) -> bool:
    """Towards an OCALL, in a struct that sizes other members: the bare ones are left NULL there by custom."""
    return use.call.is_ocall and use.raw.unsized and use.raw.struct in thought_of
