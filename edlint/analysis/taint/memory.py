"""Memory of one state: what locations hold, as written, as part of a whole, or as they were on entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from edlint.analysis.keynames import is_public_type
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.pruning import forget_first
from edlint.analysis.taint.roots import Roots
from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import (
    ANSWER,
    DEREF,
    ELEMENT,
    LENGTH,
    ZERO,
    Symbol,
    atom,
    is_secret,
)
from edlint.analysis.taint.values import NO_TAINT, Target, Trail, Value, limited, merged_targets
from edlint.model.types import TypeKind
from edlint.source import Span


class Memory:
    """Reads and writes the memory of one state of one frame."""

    def __init__(self, frame: Frame, state: State) -> None:
        self._frame = frame
        self._state = state
        self._roots = Roots(state)
        self.latest: tuple[tuple[Target, ...], tuple[Target, ...], Value] | None = None
        """What was written last, while nothing else is: to which element, and what that is an element of."""

    def stored(self, location: Symbol) -> Value:
        """What a location holds: as written, as part of something written whole, or as it was on entry."""
        memory = self._state.memory
        found = memory.get(location)
        if found is not None:
            return found
        kind, name, number, path = location
        if path and path[-1].endswith(ANSWER) and kind in ("local", "heap"):
            if path[-1] != LENGTH:
                # What an object of the enclave answers is no part of what it was filled with.
                return Value(atom(location))
            if ELEMENT in path:
                return self._length_of_element(location)
        entered = kind in ("param", "global", "source")
        for cut in range(len(path) - 1, -1, -1):
            if entered and path[cut] == DEREF:
                # Behind the address that the pointer held on entry, whatever it holds now.
                continue
            # Looked up as the tuple that a symbol is, for it is made for nothing most of the time.
            whole = memory.get((kind, name, number, path[:cut]))  # type: ignore[call-overload]
            if whole is not None:
                return self._part(whole, cut, location)
        return self._frame.initial(location)

    def _length_of_element(self, location: Symbol) -> Value:
        """How long an element is: it stays that long, whatever else becomes known of where it came from."""
        inner = Symbol(location.kind, location.name, location.number, location.path[:-1])
        whole = self.stored(inner)
        symbol = self._frame.opaque("op", LENGTH, location)
        taints = frozenset(t for t in whole.taints if t.kind != "uninit")
        self._frame.remember(symbol, Value(None, taints, (), whole.trail))
        self._state.bounds[((symbol, -1),)] = 0
        return Value(atom(symbol), taints, (), whole.trail)

    def _part(self, whole: Value, cut: int, location: Symbol) -> Value:
        steps = location.path[cut:]
        symbol = whole.symbol
        if symbol is not None and symbol.kind in ("param", "global", "source"):
            part = symbol.step(*steps)
            taints = frozenset(t.step(*steps) if t == symbol else t for t in whole.taints)
            return Value(atom(part), taints, (), whole.trail)
        taints = frozenset(t for t in whole.taints if t.kind != "uninit" or DEREF not in steps)
        if any(is_secret(t) for t in taints) and self._is_public(location, cut):
            taints = frozenset(t for t in taints if not is_secret(t))
        if whole.number is not None:
            return Value(whole.term, taints, (), whole.trail)
        if DEREF in steps and not any(t.kind == "source" for t in taints):
            return Value(atom(location), NO_TAINT)
        if not any(t.kind in ("source", "param") for t in taints):
            return Value(atom(location), taints, (), whole.trail)
        # The location's own symbol stands for what it held on entry, and something else is in it by now.
        if symbol is not None and symbol.kind in ("phi", "in"):
            # Each of the values that meet here was given whole, so the part is one of theirs.
            taints = limited(frozenset(t.step(*steps) if _is_given(t) else t for t in taints))
        part = self._frame.opaque("op", "part", location, whole.term, taints)
        self._frame.remember(part, Value(None, taints, (), whole.trail))
        self._frame.types.setdefault(part, self._frame.type_of(location))
        self._frame.parts[part] = Symbol(location.kind, location.name, location.number, location.path[:cut])
        return Value(atom(part), taints, (), whole.trail)

    def _is_public(self, location: Symbol, cut: int) -> bool:
        """Whether a part of a whole is, or lies in, a member whose type is one for what everybody may know."""
        kind, name, number, path = location
        for end in range(cut + 1, len(path) + 1):
            ref = self._frame.type_of(Symbol(kind, name, number, path[:end]))
            if ref is not None and is_public_type(ref.base):
                return True
        return False

    def content(self, targets: tuple[Target, ...]) -> Value:
        """All that the locations and everything inside them hold, as one value."""
        taints: frozenset[Symbol] = NO_TAINT
        trail: Trail | None = None
        for target in targets:
            location = target.location
            depth = len(location.path)
            whole = self.stored(location)
            taints |= whole.taints
            trail = trail or whole.trail
            memory = self._state.memory
            for other in self._roots.inside(location):
                if DEREF not in other.path[depth:] and other.path[-1] != LENGTH:
                    taints |= memory[other].taints
                    trail = trail or memory[other].trail
        if any(t.kind != "uninit" for t in taints):
            clean = [t for t in taints if t.kind != "uninit"]
            taints = frozenset(clean)
        return Value(None, limited(taints), (), trail)

    def store(self, targets: tuple[Target, ...], value: Value, *, whole: bool = False) -> None:
        """Write a value to one of the targets; `whole` also replaces everything inside."""
        if len(targets) == 1:
            location = targets[0].location
            if whole or self._has_parts(location):
                self.forget(location)
            known = self._state.memory.get(location)
            block = location.path[-1:] == (DEREF,) or (location.kind == "heap" and not location.path)
            element = ELEMENT in location.path or (block and targets[0].offset != ZERO)
            if element and not whole and known is not None and known != value:
                value = self._blend(known, value)
            elif element and not whole and known is None:
                first = self._frame.initial(location)
                if first.taints and not any(t.kind == "uninit" for t in first.taints):
                    value = self._blend(first, value)
            self.put(location, value)
            return
        for target in targets:
            self.put(target.location, self._blend(self.stored(target.location), value))

    def put(self, location: Symbol, value: Value) -> None:
        """Write a value to exactly one location."""
        self.latest = None
        self._state.memory[location] = value
        frame = self._frame
        if frame.bindings and location.kind == "local":
            self.through(location, value)
        if location.kind == "global" and not frame.recording:
            # What globals hold is asked for when all functions are known.
            frame.reach.kept(frame.leads(self._state), location, value)

    def through(self, location: Symbol, value: Value) -> None:
        """What is written to a reference is written to what it was bound to."""
        bound = self._frame.bindings.get(location.root) if location.path[:1] == (DEREF,) else None
        if bound is not None:
            other = bound.step(*location.path[1:])
            self.put(other, self._blend(self.stored(other), value) if ELEMENT in other.path else value)

    def has_members(self, location: Symbol) -> bool:
        """Whether something is known of single members of a location."""
        return any(self._members(location))

    def add(self, location: Symbol, value: Value) -> None:
        """Something else may be in a location by now, or what was there: its members may have become part of it."""
        other = Value(None, value.taints, (), value.trail)
        for steps, inner in list(self._members(location)):
            self.put(location.step(*steps), self._blend(inner, other))
        known = self._state.memory.get(location)
        self.put(location, self._blend(known, value) if known is not None else value)

    def _members(self, location: Symbol) -> Iterator[tuple[tuple[str, ...], Value]]:
        return (
            (steps, inner) for steps, inner in self._inside(location) if DEREF not in steps and steps[-1:] != (LENGTH,)
        )

    def _blend(self, one: Value, two: Value) -> Value:
        written = frozenset(t for t in one.taints if t.kind != "uninit")
        if written != one.taints:
            if not written:
                return two
            one = replace(one, taints=written)
        term = one.term if one.term == two.term else None
        return Value(
            term, limited(one.taints | two.taints), merged_targets(one.targets, two.targets), two.trail or one.trail
        )

    def _has_parts(self, location: Symbol) -> bool:
        ref = self._frame.type_of(location)
        if ref is None:
            return True
        ref = self._frame.layout.resolve(ref)
        return bool(ref.dims) or not ref.pointers

    def forget(self, location: Symbol) -> None:
        """Drop what is known of the inside of a location."""
        self.latest = None
        for other in self._roots.inside(location):
            if other.path[-1] != LENGTH:
                self.drop(other)

    def drop(self, location: Symbol) -> None:
        """Forget what a location holds itself."""
        if self._state.memory.pop(location, None) is not None:
            self._roots.dropped(location)

    def shrink(self) -> None:
        """Of too many locations, forget those that came first."""
        forget_first(self._state)
        self._roots.dropped(None)

    def copy(self, source: tuple[Target, ...], target: tuple[Target, ...], trail_step: tuple[Span, str]) -> None:
        """Bytes go from one location to another, with everything inside."""
        if not source or not target:
            return
        value = self.stored(source[0].location) if len(source) == 1 else self.content(source)
        elsewhere = len(source) == 1 and (source[0].offset != ZERO or self._is_wider(target, source[0].location))
        if elsewhere and value.term is not None and value.term.vector:
            # Bytes further on are not those at the start, and several of them make a number that is none of them.
            there = self._frame.opaque("op", "read", source[0].location, source[0].offset)
            self._frame.remember(there, Value(None, value.taints, (), value.trail))
            value = Value(atom(there), value.taints, value.targets, value.trail)
        value = value.via(*trail_step)
        parts = self._inside(source[0].location) if len(source) == 1 else []
        start = len(target) == 1 and target[0].offset == ZERO
        self.store(target, value, whole=start)
        if len(target) == 1:
            for steps, inner in parts:
                self.put(target[0].location.step(*steps), inner.via(*trail_step))

    def _is_wider(self, targets: tuple[Target, ...], source: Symbol) -> bool:
        """Whether a number is put together from what a location of a narrower type is the first of."""
        ref, given = self._frame.type_of(targets[0].location), self._frame.type_of(source)
        if len(targets) != 1 or ref is None or given is None:
            return False
        if any(
            t.is_pointer or t.dims or t.kind is not TypeKind.BUILTIN
            for t in map(self._frame.layout.resolve, (ref, given))
        ):
            return False
        size, narrow = self._frame.layout.size(ref), self._frame.layout.size(given)
        return size is not None and narrow is not None and narrow < size

    def copy_parts(self, source: Symbol, target: Symbol, trail_step: tuple[Span, str]) -> None:
        """What was written to members of one struct is in the members of its copy."""
        for steps, inner in self._inside(source):
            if DEREF not in steps:
                self.put(target.step(*steps), inner.via(*trail_step))

    def _inside(self, location: Symbol) -> list[tuple[tuple[str, ...], Value]]:
        depth, memory = len(location.path), self._state.memory
        return [(other.path[depth:], memory[other]) for other in self._roots.inside(location)]


def _is_given(taint: Symbol) -> bool:
    """Whether it names all that a pointer led to when it came in, or what an OCALL wrote there."""
    return taint.kind in ("source", "param", "global") and taint.path[-1:] == (DEREF,)
