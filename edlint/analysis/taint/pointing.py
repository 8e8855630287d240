"""What a pointer points to, and which of its summands is the address."""

from __future__ import annotations

from edlint.analysis.taint.frame import POINTER_SIZE, Frame
from edlint.analysis.taint.symbols import (
    DEREF,
    Linear,
    Symbol,
    add,
    atom,
    constant,
    fits,
    scale,
)
from edlint.analysis.taint.values import Target, Value


class Pointing:
    """Reads pointers in one frame."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def targets(self, pointer: Value) -> tuple[Target, ...]:
        """What a pointer points to; an address of unknown make points to a location of its own."""
        if pointer.targets:
            return pointer.targets
        if pointer.term is None or not pointer.term.vector:
            return ()
        vector = pointer.term.vector
        bases = [s for s, w in vector if w == 1]
        if not bases:
            return ()
        base = bases[0]
        if len(bases) > 1:
            base = self._likely(bases)
        offset = constant(pointer.term.constant) if len(vector) == 1 else add(pointer.term, atom(base), -1)
        if base.kind in ("phi", "op", "call", "in", "local"):
            taints = self._frame.origin(base)[0] or pointer.taints
            sources = [t for t in sorted(taints) if t.kind in ("param", "global", "source")]
            sources.sort(key=lambda t: len(t.path))
            if sources and all(t.root == sources[0].root and _leads(sources[0], t) for t in sources[1:]):
                # A walk along a list: every node is like the first.
                return (Target(sources[0].step(DEREF), None),)
        return (Target(base.step(DEREF), offset),)

    def base(self, pointer: Value) -> Symbol | None:
        """The symbol that the checks of a pointer or number hang on, or None."""
        if pointer.term is None or not pointer.term.vector:
            return None
        bases = [s for s, w in pointer.term.vector if w == 1]
        if len(bases) > 1:
            return self._likely(bases)
        return bases[0] if bases else None

    def reach(self, pointer: Value, length: Linear | None) -> Linear | None:
        """How far from its base on a check of `length` bytes behind a pointer goes."""
        base = self.base(pointer)
        if length is None or base is None or pointer.term is None:
            return None
        whole = add(length, add(pointer.term, atom(base), -1))
        return whole if fits(whole) else None

    def _likely(self, symbols: list[Symbol]) -> Symbol:
        """Which of several summands is the address: one of pointer type, else one as wide as an address."""
        for symbol in symbols:
            ref = self._frame.type_of(symbol)
            if symbol.kind == "addr" or (ref is not None and ref.is_pointer):
                return symbol
        return next((s for s in symbols if self._is_wide(s)), symbols[0])

    def _is_wide(self, symbol: Symbol) -> bool:
        ref = self._frame.type_of(symbol)
        return ref is not None and (ref.is_pointer or (self._frame.layout.size(ref) or 0) >= POINTER_SIZE)

    def shifted(self, base: Value, distance: Value, size: int) -> Value:
        """A pointer moved by `distance` elements of `size` bytes."""
        bytes_ = scale(distance.term, size) if distance.term is not None else None
        if bytes_ is None and distance.taints:
            symbol = self._frame.opaque("op", "distance", distance.taints, size)
            self._frame.remember(symbol, Value(None, distance.taints, (), distance.trail))
            bytes_ = atom(symbol)
        targets = tuple(t.moved(bytes_) for t in self.targets(base))
        term = add(base.term, bytes_) if base.term is not None and bytes_ is not None else base.term
        if term is not None and not fits(term):
            term = base.term
        return Value(term, base.taints, targets, base.trail)


def _leads(first: Symbol, later: Symbol) -> bool:
    return later.path[: len(first.path)] == first.path
