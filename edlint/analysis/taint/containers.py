"""Containers of the C++ library: how many elements they hold, and how much memory is behind what they give out.

What a container holds lies in its element; how many it holds is a member of its own that no code can name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edlint.analysis.taint.elements import container, element, is_terminated, is_text
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.memory import Memory
from edlint.analysis.taint.state import Bound, Outcome, State
from edlint.analysis.taint.symbols import ELEMENT, LENGTH, ZERO, Linear, Symbol, add, atom, constant, scale
from edlint.analysis.taint.values import Target, Value, number
from edlint.model.ir import Aggregate, Invoke, Place
from edlint.model.ir import Value as Expression
from edlint.model.layout import ARRAYS
from edlint.model.types import TypeRef
from edlint.source import Span

_STARTS = frozenset(("data", "c_str", "begin", "cbegin"))
_ENDS = frozenset(("end", "cend"))
_GROW = frozenset(("insert", "append", "operator+=", "emplace"))
_SHRINK = frozenset(("erase", "pop_back"))
_OTHER = frozenset(("swap", "replace", "reset", "operator="))


class Containers:
    """Reads and changes the containers of one state."""

    def __init__(
        self, frame: Frame, state: State, memory: Memory, types: Callable[[Expression | None], TypeRef | None]
    ) -> None:
        self._frame = frame
        self._state = state
        self._memory = memory
        self._types = types

    def type_of(self, expression: Expression | None) -> TypeRef | None:
        """The type of the container that an expression is."""
        if not isinstance(expression, Place):
            return None
        return container(self._types(expression), self._frame.layout)

    def length(self, location: Symbol, ref: TypeRef) -> Value:
        """How many elements the container at a location holds."""
        if ref.base in ARRAYS:
            whole, (_, size) = self._frame.layout.size(ref), element(ref, self._frame.layout)
            return number(whole // size) if whole is not None and size else Value()
        return self._memory.stored(location.step(LENGTH))

    def extent(self, location: Symbol, ref: TypeRef) -> Linear | None:
        """Bytes of the elements of the container at a location; a string has a terminator after its characters."""
        end, (_, size) = self._end(location, ref), element(ref, self._frame.layout)
        if end is None or not size or not is_terminated(ref):
            return end
        return add(end, constant(size))

    def _end(self, location: Symbol, ref: TypeRef) -> Linear | None:
        """Bytes up to the end of the elements."""
        term, (_, size) = self.length(location, ref).term, element(ref, self._frame.layout)
        return scale(term, size) if term is not None and size else None

    # ---- changes

    def declared(self, location: Symbol, ref: TypeRef, span: Span) -> None:
        """A variable comes to life; a container starts empty."""
        held = container(ref, self._frame.layout)
        if held is not None and not held.reference:
            self.assigned(location, held, Aggregate((), span), None)

    def assigned(self, location: Symbol, ref: TypeRef, value: Expression | None, source: Symbol | None) -> None:
        """`a = b` and `a = {1, 2}`; `source` is the location of b."""
        if ref.base in ARRAYS:
            return
        if isinstance(value, Aggregate):
            self._set(location, number(len(value.items)))
        elif source is not None and (other := self.type_of(value)) is not None:
            self._set(location, self.length(source, other))
        elif value is not None:
            self._set(location, self._fresh(location, value))

    def called(
        self, invoke: Invoke, ref: TypeRef, receiver: Value, args: tuple[Value, ...], result: Value, *, constructs: bool
    ) -> Value:
        """What a method does to the number of elements; the value is what the call gives."""
        if len(receiver.targets) != 1:
            return result
        location, name = receiver.targets[0].location, invoke.name
        if name in ("size", "length"):
            return self.length(location, ref)
        if name == "empty":
            return self._empty(location, ref, result)
        if name in _STARTS or name in _ENDS:
            extent = self.extent(location, ref)
            offset = ZERO if name in _STARTS else self._end(location, ref)
            spot = Target(location.step(ELEMENT), offset, extent)
            return Value(result.term, result.taints, (spot,), result.trail)
        if ref.base not in ARRAYS:
            self._changed(invoke, ref, location, args, constructs=constructs)
        return result

    def _changed(
        self, invoke: Invoke, ref: TypeRef, location: Symbol, args: tuple[Value, ...], *, constructs: bool
    ) -> None:
        name = invoke.name
        if constructs or name == "assign":
            self._set(location, self._made(invoke, ref, args) or self._fresh(location, invoke))
        elif name == "resize" and args:
            self._set(location, args[0])
        elif name == "clear":
            self._set(location, number(0))
        elif name in ("push_back", "emplace_back"):
            before = self.length(location, ref)
            more = add(before.term, constant(1)) if before.term is not None else None
            self._set(location, replace(before, term=more))
        elif name in _GROW or name in _SHRINK or name in _OTHER:
            old, new = self.length(location, ref), self._fresh(location, invoke)
            self._set(location, new)
            if old.term is not None and new.term is not None and name not in _OTHER:
                least, most = (old.term, new.term) if name in _GROW else (new.term, old.term)
                difference = add(least, most, -1)
                if difference.vector:
                    self._state.learn(Bound(difference.vector, -difference.constant))

    def forgotten(self, location: Symbol, invoke: Invoke) -> None:
        """Code that nobody sees got the container: it may hold any number of elements now."""
        self._set(location, self._fresh(location, invoke))

    def _made(self, invoke: Invoke, ref: TypeRef, args: tuple[Value, ...]) -> Value | None:
        """How many elements a constructor or `assign` makes."""
        text = is_text(ref)
        match args:
            case ():
                return number(0)
            case (only,):
                other = self.type_of(invoke.args[0])
                if other is not None and isinstance(invoke.args[0], Place):
                    symbol = only.symbol
                    return self.length(symbol, other) if symbol is not None else None
                return only if not text and self._is_number(invoke.args[0], only) else None
            case (first, second) | (first, second, _):
                if self._is_number(invoke.args[0], first):
                    return first
                if self._is_number(invoke.args[1], second):
                    return second if text or ref.base.endswith("span") else None
                return self._between(first, second, element(ref, self._frame.layout)[1])
        return None

    def _between(self, first: Value, last: Value, size: int | None) -> Value | None:
        distance = between(first, last)
        if distance is None or not size:
            return None
        parts = [*(w for _, w in distance.vector), distance.constant]
        if any(p % size for p in parts):
            return None
        term = Linear(tuple((s, w // size) for s, w in distance.vector), distance.constant // size)
        return Value(term, last.taints - first.taints, (), last.trail)

    def _is_number(self, expression: Expression, value: Value) -> bool:
        ref = self._types(expression)
        return not value.targets and (ref is None or not self._frame.layout.resolve(ref).is_pointer)

    def _empty(self, location: Symbol, ref: TypeRef, result: Value) -> Value:
        term, symbol = self.length(location, ref).term, result.symbol
        if term is not None and term.vector and symbol is not None:
            none = (Bound(term.vector, -term.constant),)
            some = (Bound(scale(term, -1).vector, term.constant - 1),)
            self._state.outcomes[symbol] = Outcome(None, some, none)
        return result

    def _set(self, location: Symbol, value: Value) -> None:
        self._state.memory[location.step(LENGTH)] = replace(value, targets=())
        if self._frame.bindings:
            self._memory.through(location.step(LENGTH), replace(value, targets=()))

    def _fresh(self, location: Symbol, at: Invoke | Expression) -> Value:
        symbol = self._frame.opaque("call", LENGTH, at.span, location)
        self._state.bounds[((symbol, -1),)] = 0
        return Value(atom(symbol))


def between(first: Value, last: Value) -> Linear | None:
    """Bytes from one address to another, where both lie in one object."""
    if len(first.targets) == 1 and len(last.targets) == 1:
        (one,), (two,) = first.targets, last.targets
        if one.location == two.location and one.offset is not None and two.offset is not None:
            return add(two.offset, one.offset, -1)
    if first.term is None or last.term is None:
        return None
    return add(last.term, first.term, -1)


__all__ = ["Containers", "between"]
