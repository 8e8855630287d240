"""Parameters of the enclave's own functions that are keys: handed on to a cipher, or filled with one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edlint.analysis.entries import Entries
from edlint.analysis.rows import rows_of
from edlint.model.ir import Address, Assign, Cast, Deref, Index, Invoke, Place, Value
from edlint.model.program import Program
from edlint.model.unit import Function

ROUNDS = 4
"""How many functions a key is followed through on its way to the cipher."""


@dataclass(frozen=True, slots=True)
class KeyParams:
    """By function: the positions of parameters that it uses as a key, and of those whose bytes it writes."""

    used: Mapping[Function, set[int]]
    filled: Mapping[Function, set[int]]

    @staticmethod
    def of(program: Program, entries: Entries) -> KeyParams:
        """What the functions that the boundary reaches do with their parameters."""
        found = KeyParams({f: set() for f in entries.graph.reached}, {f: set() for f in entries.graph.reached})
        for function, filled in found.filled.items():
            places = {p.key: p.index for p in function.params}
            for op in function.body.ops():
                if isinstance(op, Assign) and op.target.root in places and op.target.steps:
                    filled.add(places[op.target.root])
        for _ in range(ROUNDS):
            if not found._spread(program, entries):
                break
        return found

    def _spread(self, program: Program, entries: Entries) -> bool:
        """Take one step up the calls; whether anything was new."""
        before = sum(len(each) for known in (self.used, self.filled) for each in known.values())
        for function, calls in entries.callees.items():
            places = {p.key: p.index for p in function.params}
            for invoke, targets in calls if places else ():
                for position, argument in enumerate(invoke.args):
                    place = place_of(argument)
                    if place is None or place.root not in places or not _is_whole(place):
                        continue
                    is_key, fills = self.role(program, invoke, targets, position)
                    if is_key:
                        self.used[function].add(places[place.root])
                    if fills or not (targets or rows_of(program.sdk, invoke)):
                        # Code that nobody sees may fill it.
                        self.filled[function].add(places[place.root])
        return before != sum(len(each) for known in (self.used, self.filled) for each in known.values())

    def role(self, program: Program, invoke: Invoke, targets: Iterable[Function], position: int) -> tuple[bool, bool]:
        """Whether a call uses an argument as a key, and whether it writes what the argument points to."""
        rows = rows_of(program.sdk, invoke)
        is_key = any(r.word == "sink" and r.kind == "key-use" and r.at.arg == position for r in rows)
        fills = any(
            (r.word in ("source", "clean") and r.at.pointee and r.at.arg == position)
            or (r.to is not None and r.to.pointee and r.to.arg == position)
            for r in rows
        )
        for target in () if rows else targets:
            is_key = is_key or position in self.used.get(target, ())
            fills = fills or position in self.filled.get(target, ())
        return is_key and not fills, fills


def place_of(value: Value) -> Place | None:
    """The variable or member that an argument is, or is the address of."""
    while isinstance(value, (Cast, Address)):
        value = value.place if isinstance(value, Address) else value.operand
    return value if isinstance(value, Place) else None


def _is_whole(place: Place) -> bool:
    """`key`, `*key` or `key[i]`, and no member of a struct."""
    return all(isinstance(step, (Deref, Index)) for step in place.steps)
