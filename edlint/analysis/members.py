"""Pointer members of structs that cross the boundary as bare addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.declared import accepted, edl_struct, own_calls
from edlint.finding import Label
from edlint.model.interface import Call, Interface, Param, Transfer
from edlint.model.program import Program
from edlint.model.types import Member, TypeDef, TypeRef

MAX_LOOKED = 2_000
"""Structs inside structs that are looked into for one parameter."""
DEPTH = 16
"""Levels of nested structs that are looked into; a deeper chain is cut there."""


@dataclass(frozen=True, slots=True)
class RawMember:
    """A pointer member that the bridge hands over as it is."""

    struct: str
    member: Member
    path: str
    """From the parameter's struct: `inner.data`."""
    reason: str
    """A clause: why the bridge does not copy what it points to."""
    unsized: bool
    """The member says nothing about its extent (otherwise it does, and the bridge ignores it)."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A struct with bare addresses that crosses in one direction."""

    call: Call
    param: Param | None
    """None for the result of the call."""
    raw: RawMember

    @property
    def place(self) -> str:
        """For messages: the parameter or result that carries it."""
        carrier = f"parameter '{self.param.name}'" if self.param else "the result"
        return f"{carrier} of {self.call.kind} '{self.call.name}'"

    @property
    def label(self) -> Label:
        """The parameter or the call's name, with what it does."""
        return Label(self.param.span if self.param else self.call.span, f"crosses here, in {self.place}")


def raw_members(interface: Interface, struct: TypeDef, levels: int) -> Iterator[RawMember]:
    """The members of `struct` that stay bare addresses when `levels` levels of pointers are copied (-1: all)."""
    stack: list[tuple[TypeDef, int, str, str, frozenset[str]]] = [(struct, levels, "", "", frozenset())]
    looked = 0
    while stack and looked < MAX_LOOKED:
        definition, left, prefix, why, seen = stack.pop()
        looked += 1
        if definition.name in seen or len(seen) >= DEPTH:
            continue
        deeper: list[tuple[TypeDef, int, str, str, frozenset[str]]] = []
        for member in definition.members:
            path = f"{prefix}{member.name}"
            inner = edl_struct(interface, member.type)
            sized = member.size is not None or member.count is not None
            if member.type.pointers == 0:
                if inner is not None:
                    reason = "the struct that holds it is embedded by value and not copied deeply"
                    deeper.append((inner, 0, f"{path}.", reason, seen | {definition.name}))
            elif not sized:
                yield RawMember(definition.name, member, path, "it carries neither size nor count", True)
            elif left == 0:
                reason = why or "the bridge does not copy the members of this struct deeply here"
                yield RawMember(definition.name, member, path, reason, False)
            elif member.type.pointers > 1:
                yield RawMember(definition.name, member, path, "the elements that are copied are pointers", False)
            elif inner is not None:
                reason = f"the bridge copies {_levels(levels)} of pointers, and it lies deeper"
                deeper.append((inner, left - 1 if left > 0 else left, f"{path}->", reason, seen | {definition.name}))
        stack.extend(reversed(deeper))


def _levels(count: int) -> str:
    return "one level" if count == 1 else f"{count} levels"


def raw_paths(interface: Interface, param: Param) -> list[str]:
    """The pointer members that stay bare addresses in a parameter that is copied or passed by value."""
    bridge, used = param.bridge, param.type
    struct = edl_struct(interface, used) if used.pointers <= 1 else None
    if bridge.is_raw or struct is None:
        return []
    return [raw.path for raw in raw_members(interface, struct, bridge.deep_levels if used.is_pointer else 0)]


def _crossing(interface: Interface, call: Call, param: Param | None, used: TypeRef, levels: int) -> Iterator[Crossing]:
    struct = edl_struct(interface, used) if used.pointers <= 1 else None
    if struct is not None:
        for raw in raw_members(interface, struct, levels):
            yield Crossing(call, param, raw)


def into_enclave(program: Program) -> Iterator[Crossing]:
    """Structs whose bare addresses come from the host: copied or passed by value inwards."""
    for interface, call in own_calls(program):
        for param in accepted(interface, call):
            bridge = param.bridge
            by_value = call.is_ecall and bridge.transfer is Transfer.VALUE and not param.type.is_pointer
            if by_value or (bridge.copies_in if call.is_ecall else bridge.copies_out):
                yield from _crossing(interface, call, param, param.type, 0 if by_value else bridge.deep_levels)
        if call.is_ocall and not call.result.is_pointer:
            yield from _crossing(interface, call, None, call.result, 0)


def out_of_enclave(program: Program) -> Iterator[Crossing]:
    """Structs whose bare addresses are the enclave's: copied or passed by value outwards, and only outwards."""
    for interface, call in own_calls(program):
        for param in accepted(interface, call):
            bridge = param.bridge
            by_value = call.is_ocall and bridge.transfer is Transfer.VALUE and not param.type.is_pointer
            leaves = Transfer.OUT if call.is_ecall else Transfer.IN
            if by_value or bridge.transfer is leaves:
                yield from _crossing(interface, call, param, param.type, 0 if by_value else bridge.deep_levels)
        if call.is_ecall and not call.result.is_pointer:
            yield from _crossing(interface, call, None, call.result, 0)


def by_member(crossings: Iterator[Crossing]) -> list[list[Crossing]]:
    """Crossings of the same member for the same reason together, in order of first use: they have one cause."""
    groups: dict[tuple[str, int, str], list[Crossing]] = {}
    for crossing in crossings:
        span = crossing.raw.member.span
        groups.setdefault((span.path, span.start, crossing.raw.reason), []).append(crossing)
    return list(groups.values())
