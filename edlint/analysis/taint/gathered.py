"""Sums over the elements of an array, and how much of such a sum another loop has come to.

`for (i = 0; i < count; i++) whole += parts[i].n;` makes `whole` the total of `count` elements. Where a second loop
adds up the same elements, what it has so far and the element that comes next are no more than the total, as long as
its own counter is below `count`. The total has a symbol of its own, of the element and the count, so that both loops
speak of the same number: as with all sums, whether it wraps is asked where memory is made for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edlint.analysis.taint.numbers import normal
from edlint.analysis.taint.state import Bound, State
from edlint.analysis.taint.symbols import Linear, Symbol, add, atom, constant, fits
from edlint.analysis.taint.values import Value
from edlint.model.ir import Assign, Binary, Body, Cast, Index, Place

if TYPE_CHECKING:
    from edlint.analysis.taint.frame import Frame

TOTAL = "total"
"""Name of the symbols that stand for totals."""

_ONE = constant(1)


@dataclass(frozen=True, slots=True)
class Loop:
    """What the variables of one loop add up from zero on."""

    counters: tuple[Symbol, ...]
    """Those that count its rounds."""
    sums: tuple[tuple[Symbol, Symbol], ...]
    """Those that each round adds an element to, with the element."""


@dataclass(slots=True)
class Gathered:
    """What one function adds up, as far as it was interpreted."""

    summands: frozenset[int]
    """The operations that add an element, or a variable that is one, to a variable."""
    aliases: Mapping[str, Place]
    """Variables that are an element from their declaration on, with the index of it."""
    loops: dict[int, Loop] = field(default_factory=dict)
    """By block that is the head of one."""
    _loaded: dict[str, Linear | None] = field(default_factory=dict)
    _indices: dict[Symbol, dict[int, Linear | None]] = field(default_factory=dict)

    @staticmethod
    def build(body: Body) -> Gathered:
        """What there is to be seen in a body before it is interpreted."""
        found: set[int] = set()
        plain: set[str] = set()
        for op in body.ops():
            if isinstance(op, Assign) and (summand := _summand(op)) is not None:
                if summand.is_variable:
                    plain.add(summand.root)
                if summand.is_variable or _index(summand) is not None:
                    found.add(id(op))
        return Gathered(frozenset(found), dict(_aliases(body, plain)) if plain else {})

    def note(self, frame: Frame, state: State, op: Assign) -> None:
        """With which index an operation takes an element, before it is done."""
        if id(op) not in self.summands:
            alias = self.aliases.get(op.target.root) if op.initial else None
            if alias is not None:
                self._loaded[op.target.root] = _number(frame, state, alias)
            return
        summand, before = _summand(op), state.memory.get(frame.location(op.target.root))
        so_far = _so_far(before) if before is not None else None
        if so_far is None or summand is None:
            return
        index = _index(summand)
        at = _number(frame, state, index) if index is not None else self._loaded.get(summand.root)
        self._indices.setdefault(so_far, {})[id(op)] = at

    def merged(self, frame: Frame, block: int, merged: Iterable[tuple[Symbol, Value, Value]]) -> None:
        """What the head of a loop gave names to: what is zero on the way in and more by the same in each round."""
        counters: list[Symbol] = []
        sums: list[tuple[Symbol, Symbol]] = []
        for symbol, one, two in merged:
            start, after = (one.term, two.term) if one.number == 0 else (two.term, one.term)
            if start is None or after is None or start.vector or start.constant:
                continue
            by = add(after, atom(symbol), -1)
            if by == _ONE:
                counters.append(symbol)
            elif by.symbol is not None and not by.symbol.is_opaque:
                low = frame.ranges(by.symbol)[0]
                if low is not None and low >= 0:
                    sums.append((symbol, by.symbol))
        if counters and sums:
            self.loops[block] = Loop(tuple(counters), tuple(sums))
        else:
            self.loops.pop(block, None)

    def learn(self, frame: Frame, below: State, beyond: State, counter: Symbol | None, count: Linear | None) -> None:
        """What follows where a counter is below a count, and where it is not."""
        loop = self.loops.get(counter.number) if counter is not None and counter.kind == "phi" else None
        if loop is None or counter not in loop.counters or count is None or any(s.is_opaque for s in count.symbols):
            return
        for so_far, element in loop.sums:
            indices = self._indices.get(so_far)
            if not indices or any(at != atom(counter) for at in indices.values()):
                continue
            total = atom(frame.opaque("op", TOTAL, element, count))
            beyond.learn(Bound(*normal(add(total, atom(so_far), -1))))
            part = add(add(atom(so_far), atom(element)), total, -1)
            for vector, upper in [*below.bounds.items()]:
                # What the total is no more than, the part of it is no more than either.
                if dict(vector).get(total.vector[0][0]) == 1 and fits(whole := add(part, Linear(vector, -upper))):
                    below.learn(Bound(*normal(whole)))
            below.learn(Bound(*normal(part)))


def _summand(op: Assign) -> Place | None:
    """What `x += y` adds to a variable, when it is stored somewhere."""
    value = op.value
    if not op.compound or not op.target.is_variable or not isinstance(value, Binary) or value.op != "+":
        return None
    right = value.right
    while isinstance(right, Cast):
        right = right.operand
    return right if isinstance(right, Place) else None


def _index(place: Place) -> Place | None:
    """The variable that an element is chosen with, when nothing else chooses it."""
    steps = [s for s in place.steps if isinstance(s, Index)]
    if len(steps) != 1:
        return None
    index = steps[0].value
    return index if isinstance(index, Place) and index.is_variable else None


def _aliases(body: Body, names: set[str]) -> Iterator[tuple[str, Place]]:
    """Those variables that are set by their declaration alone, to an element of an array."""
    set_: dict[str, list[Assign | None]] = {}
    for op in body.ops():
        target = getattr(op, "target", None)
        if target is not None and target.root in names:
            set_.setdefault(target.root, []).append(op if isinstance(op, Assign) else None)
    for name, ops in set_.items():
        only = ops[0] if len(ops) == 1 else None
        if only is not None and only.initial and isinstance(only.value, Place):
            index = _index(only.value)
            if index is not None:
                yield name, index


def _number(frame: Frame, state: State, variable: Place) -> Linear | None:
    value = state.memory.get(frame.location(variable.root))
    return value.term if value is not None else None


def _so_far(value: Value) -> Symbol | None:
    """What a variable is, or how far a pointer has come."""
    if not value.targets:
        return value.symbol
    offset = value.targets[0].offset if len(value.targets) == 1 else None
    return offset.symbol if offset is not None else None
