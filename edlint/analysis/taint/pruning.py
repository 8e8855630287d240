"""What one point of a function need not know any longer."""

from __future__ import annotations

from edlint.analysis.taint.bits import QUOTIENTS
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.gathered import TOTAL
from edlint.analysis.taint.products import comparable
from edlint.analysis.taint.state import Bound, State
from edlint.analysis.taint.symbols import Symbol

MAX_MEMORY = 600
"""Locations of one state at the end of a block; a function with more keeps the ones it touched last."""


def forget_first(state: State) -> None:
    """Of too many locations, forget those that came first."""
    if len(state.memory) > MAX_MEMORY:
        for location in list(state.memory)[: len(state.memory) - MAX_MEMORY]:
            del state.memory[location]


def forget_facts(frame: Frame, state: State) -> None:
    """Forget facts about values that nobody holds any more."""
    if not (state.bounds or state.checks or state.outcomes):
        return
    held = _held(state)
    if frame.parts:
        held.update([p for p, whole in frame.parts.items() if whole in state.memory])
    # A value that another one is still measured by is not forgotten either.
    long = [v for v in state.bounds if len(v) > 2 and any(s in held and s.is_opaque for s, _ in v)]
    held.update([s for v in long for s, _ in v])
    held.update(_between(state))
    if frame.products:
        held.update(comparable(frame, state, held))
    for known in (state.bounds, state.hopes):
        lost = {s for v in known for s, _ in v if s.is_opaque and s.name != TOTAL} - held
        if lost:
            for vector in [v for v in known if not lost.isdisjoint([s for s, _ in v])]:
                del known[vector]
    for symbol in [s for s in state.checks if s.is_opaque and s not in held]:
        del state.checks[symbol]
    for symbol in [s for s in state.outcomes if s.is_opaque and s not in held]:
        del state.outcomes[symbol]


def _held(state: State) -> set[Symbol]:
    """The symbols that values in memory are made of."""
    held: set[Symbol] = set()
    for value in state.memory.values():
        if value.term is not None:
            for symbol, _ in value.term.vector:
                held.add(symbol)
        for target in value.targets:
            for term in (target.offset, target.extent):
                if term is not None:
                    for symbol, _ in term.vector:
                        held.add(symbol)
    for outcome in [o for s, o in state.outcomes.items() if s in held or not s.is_opaque]:
        for facts in outcome:
            for fact in facts or ():
                if isinstance(fact, Bound):
                    held.update([s for s, _ in fact.vector])
                else:
                    held.add(fact.symbol)
    return held


def _between(state: State) -> set[Symbol]:
    """Quotients that relate two named values: `room >= n / 16 * 16`."""
    found: dict[Symbol, set[Symbol]] = {}
    for vector in state.bounds:
        if len(vector) == 2:
            for (symbol, _), (other, _) in (vector, vector[::-1]):
                if symbol.kind == "op" and symbol.name in QUOTIENTS and not other.is_opaque:
                    found.setdefault(symbol, set()).add(other)
    return {symbol for symbol, others in found.items() if len(others) > 1}
