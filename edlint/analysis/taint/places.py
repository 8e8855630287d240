"""Places of the IR: where they are, what they hold, and what is touched on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edlint.analysis.taint.containers import Containers
from edlint.analysis.taint.elements import container, element
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.memory import Memory
from edlint.analysis.taint.pointing import Pointing
from edlint.analysis.taint.ranges import range_of_type
from edlint.analysis.taint.state import Bound, State
from edlint.analysis.taint.symbols import (
    DEREF,
    ELEMENT,
    ZERO,
    Linear,
    Symbol,
    add,
    atom,
    coded,
    constant,
    fits,
    scale,
)
from edlint.analysis.taint.touches import Touches
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Target, Trail, Value, limited, merged_targets, number
from edlint.model.ir import (
    Deref,
    Field,
    Index,
    Place,
)
from edlint.model.ir import Value as Expression
from edlint.model.types import TypeKind, TypeRef
from edlint.source import Span

_MAPS = ("map", "unordered_map")
_ROWS = ("deque",)


def _held(ref: TypeRef) -> TypeRef | None:
    """The type of an element that `operator[]` of a container of the standard library gives."""
    name = ref.base.rpartition("::")[2]
    if name in _ROWS and ref.arguments:
        return ref.arguments[0]
    return ref.arguments[1] if name in _MAPS and len(ref.arguments) > 1 else None


@dataclass(slots=True)
class Lvalue:
    """Where a place is: what it may be, its type, and the touch of memory that reaching it takes."""

    targets: tuple[Target, ...]
    type: TypeRef | None
    pending: Value | None = None
    """The pointer whose memory is touched when the place is read or written, with the step inside it undone."""
    inside: int = 0
    """Bytes from the pending pointer to the place."""
    taints: frozenset[Symbol] = NO_TAINT
    trail: Trail | None = None
    need: Value = UNKNOWN
    member: bool = False
    """The last step of it is a member of a struct behind the pending pointer."""
    choice: frozenset[Symbol] = NO_TAINT
    """What chose the character, when it is one of a table of characters."""


class Places:
    """Finds places in one state of one frame."""

    def __init__(
        self,
        frame: Frame,
        state: State,
        pointing: Pointing,
        memory: Memory,
        touches: Touches,
        containers: Containers,
        value: Callable[[Expression], Value],
    ) -> None:
        self._frame = frame
        self._state = state
        self._pointing = pointing
        self._memory = memory
        self._touches = touches
        self._containers = containers
        self._value = value

    def locate(self, place: Place, *, touch: bool = True) -> Lvalue:
        """Where a place is; touches the memory of every pointer on the way, and with `touch` its own."""
        target, ref = self._frame.variable_at(place.root)
        location = target.location
        at = Lvalue((target,), ref)
        if ref is not None and ref.reference:
            at = self._through(Value(atom(location), frozenset((location,))), replace(ref, reference=False), at, None)
            at.pending = None
        elif place.root.startswith("%") and place.steps and isinstance(place.steps[0], Field):
            at = self._given_out(at)
        for number_of, step in enumerate(place.steps, 1):
            match step:
                case Field(name=name):
                    at = self._field(at, name)
                    continue
                case Index(value=index):
                    chosen = self._value(index)
                    table = at.type
                    at = self._element(at, chosen, place.span)
                    if chosen.taints and self._is_character(table, at):
                        at.choice = frozenset(c for t in chosen.taints if (c := coded(t)) is not None)
                case Deref():
                    at = self._element(at, None, place.span)
            if number_of < len(place.steps) and self._varies(at):
                # The address of something in an element is as good as an access to the element.
                self.touch(at, place.span, write=False)
        if touch:
            self.touch(at, place.span, write=False)
        return at

    def _given_out(self, at: Lvalue) -> Lvalue:
        """What a method gave out by reference and a member is asked of, as in `v.back().name`."""
        held = self._memory.stored(at.targets[0].location)
        if len(held.targets) != 1 or (at.type is not None and at.type.is_pointer):
            return at
        return Lvalue(held.targets, self._frame.type_of(held.targets[0].location))

    def _is_character(self, table: TypeRef | None, element: Lvalue) -> bool:
        """Whether elements of a table are characters: digits of a dump, the alphabet of an encoding."""
        if element.type is not None:
            return self._frame.layout.size(element.type) == 1
        if any(t.location.kind == "text" for t in element.targets):
            return True
        return table is not None and self._frame.layout.resolve(table).base.endswith(("string", "string_view"))

    def _varies(self, at: Lvalue) -> bool:
        """Whether it is an element of an object of the enclave, at a distance that is no constant."""
        return at.pending is not None and any(t.offset is not None and t.offset.vector for t in at.pending.targets)

    def _field(self, at: Lvalue, name: str) -> Lvalue:
        layout = self._frame.layout
        definition = layout.definition(at.type) if at.type is not None else None
        member = definition.member(name) if definition is not None else None
        ref = member.type if member is not None else None
        size = layout.size(ref) if ref is not None else None
        extent = constant(size) if size is not None else None
        targets = tuple(Target(t.location.step(name), ZERO, extent) for t in at.targets)
        result = Lvalue(targets, ref, at.pending, at.inside, at.taints, at.trail, member=True)
        if at.pending is not None:
            if member is not None and member.offset is not None:
                result.inside = at.inside + member.offset
            if member is not None and member.offset is not None and size is not None:
                result.need = number(result.inside + size)
            elif definition is not None and definition.size is not None and at.inside == 0:
                result.need = number(definition.size)
            else:
                result.need = UNKNOWN
        return result

    def _element(self, at: Lvalue, index: Value | None, span: Span) -> Lvalue:
        """What `*x` and `x[i]` are, for a pointer or an array x."""
        layout = self._frame.layout
        ref = layout.resolve(at.type) if at.type is not None else None
        inner = layout.pointee(ref) if ref is not None else None
        size = layout.size(inner) if inner is not None else None
        if inner is not None and inner.is_void:
            size = 1
        if ref is not None and ref.dims:
            return self._array(at, index, inner, size, layout.array_length(ref) if size is None else None)
        held = container(ref, layout)
        if held is not None:
            inner, size = element(held, layout)
            spots = tuple(replace(t, extent=self._containers.extent(t.location, held)) for t in at.targets)
            return self._array(replace(at, targets=spots), index, inner, size)
        if ref is not None and not ref.is_pointer and ref.kind is TypeKind.NAMED and layout.definition(ref) is None:
            # `operator[]` of a container: what is in it, not what it points to.
            return self._array(at, index, _held(ref), None)
        if ref is None and not self._holds_pointer(at):
            return self._array(at, index, None, None)
        pointer = self._read(at, span)
        if index is not None and index.number != 0:
            pointer = self._pointing.shifted(pointer, index, size or 1)
        return self._through(pointer, inner, at, size)

    def _holds_pointer(self, at: Lvalue) -> bool:
        return any(
            (v := self._state.memory.get(t.location)) is not None and (v.targets or v.term is not None)
            for t in at.targets
        ) or all(not t.location.path for t in at.targets)

    def _array(
        self, at: Lvalue, index: Value | None, inner: TypeRef | None, size: int | None, elements: int | None = None
    ) -> Lvalue:
        """An element; of a type whose size nobody knows the access is measured in `elements`."""
        distance: Linear | None = ZERO
        if index is not None:
            distance = scale(index.term, size or 1) if index.term is not None else None
            if distance is None and index.taints:
                symbol = self._frame.opaque("op", "index", index.taints)
                self._frame.remember(symbol, Value(None, index.taints, (), index.trail))
                distance = scale(atom(symbol), size or 1)
        ref = self._frame.layout.resolve(at.type) if at.type is not None else None
        # A row of an array of arrays ends where the next one begins, whether the rows are declared or pointed to.
        row = self._frame.layout.size(ref) if ref is not None and ref.dims else None
        behind = at.pending is not None and not at.member
        targets = tuple(
            Target(
                t.location.step(ELEMENT),
                distance,
                None if size is None else constant(row) if row and (behind or _in_array(t)) else t.extent,
            )
            for t in at.targets
        )
        term = None
        if at.pending is not None and at.pending.term is not None and distance is not None:
            # An array inside a struct behind a pointer is reached through that pointer.
            term = add(add(at.pending.term, constant(at.inside)), distance)
        whole = self._behind(at, ref, distance) or targets
        pending = Value(term if term is not None and fits(term) else None, at.taints, whole, at.trail)
        need = number(size) if size is not None else UNKNOWN
        if elements is not None:
            counted = tuple(replace(t, extent=constant(elements)) for t in targets)
            pending, need = replace(pending, targets=counted), number(1)
        return Lvalue(targets, inner, pending, 0, at.taints, at.trail, need)

    def _behind(self, at: Lvalue, ref: TypeRef | None, distance: Linear | None) -> tuple[Target, ...]:
        """Elements of an array without a length at the end of a struct lie in what is behind the struct's pointer."""
        if at.pending is None or not at.member or ref is None or not ref.dims or self._frame.layout.size(ref):
            return ()
        inside = constant(at.inside)
        return tuple(t.moved(inside).moved(distance) for t in at.pending.targets)

    def _read(self, at: Lvalue, span: Span | None) -> Value:
        """The pointer that a place holds, read on the way to what it points to."""
        self.touch(at, span, write=False)
        return self.fetch(at)

    def _through(self, pointer: Value, inner: TypeRef | None, at: Lvalue, size: int | None) -> Lvalue:
        targets = self._pointing.targets(pointer)
        pending = Value(pointer.term, pointer.taints, targets, pointer.trail)
        need = number(size) if size is not None else UNKNOWN
        return Lvalue(targets, inner, pending, 0, pointer.taints, pointer.trail, need)

    def _is_struct(self, ref: TypeRef | None) -> bool:
        """Whether a type is a struct with known members, no pointer to one."""
        if ref is None or self._frame.layout.resolve(ref).is_pointer:
            return False
        found = self._frame.layout.definition(ref)
        return found is not None and bool(found.members) and found.kind in (TypeKind.STRUCT, TypeKind.UNION)

    def touch(self, at: Lvalue, span: Span | None, *, write: bool, what: str = "") -> None:
        """Note that the memory of a place is read or written."""
        if at.pending is None or not self._frame.recording:
            return
        if span is None:
            return
        name = "member" if at.member or self._is_struct(at.type) else ""
        self._touches.access(
            at.pending, at.need, span, write=write, what=what or "dereference", seen_as=at.type, name=name
        )

    def load(self, place: Place) -> Value:
        """What is stored at a place; an array gives its address."""
        at = self.locate(place, touch=False)
        ref = self._frame.layout.resolve(at.type) if at.type is not None else None
        if ref is not None and ref.dims:
            if self._varies(at):
                # A row of a table: its address is only good where the row is.
                self.touch(at, place.span, write=False)
            return self._decayed(at, ref)
        self.touch(at, place.span, write=False)
        value = self.fetch(at)
        self._ranged(value, ref)
        if self._frame.recording and any(DEREF in t.location.path for t in at.targets):
            self._fetched(at, value, place.span)
        return value.tainted(at.choice) if at.choice else value

    def _ranged(self, value: Value, ref: TypeRef | None) -> None:
        """What is read as a number of a type is one of that type, whatever it is a part of."""
        symbol = value.symbol
        if symbol is None or ref is None or value.targets or self._frame.ranges(symbol) != (None, None):
            return
        low, high = range_of_type(self._frame.layout, ref)
        if low is not None:
            self._state.learn(Bound(((symbol, -1),), -low))
        if high is not None:
            self._state.learn(Bound(((symbol, 1),), high))

    def _fetched(self, at: Lvalue, value: Value, span: Span) -> None:
        """Note a read of memory behind a pointer that may not be the enclave's own."""
        if not self._frame.recording:
            return
        for target in at.targets:
            self._touches.fetched(target, span, "read", at.type, span.text)

    def _decayed(self, at: Lvalue, ref: TypeRef) -> Value:
        size = self._frame.layout.size(ref)
        extent = constant(size) if size is not None else None
        targets = tuple(Target(t.location.step(ELEMENT), ZERO, extent) for t in at.targets)
        base = at.pending.term if at.pending is not None else None
        if at.pending is not None and base is not None:
            # The checks of an array behind a pointer, or inside a struct behind one, are those of the pointer.
            return Value(add(base, constant(at.inside)), at.pending.taints, targets, at.trail)
        if len(targets) == 1:
            location = targets[0].location
            if location.kind == "param" and len(location.path) == 1:
                # An array parameter is a pointer.
                location = location.root
                return Value(atom(location), frozenset((location,)), (), at.trail)
            symbol = Symbol("addr", f"{location.kind}.{location.name}", location.number, location.path)
            return Value(atom(symbol), at.taints, targets, at.trail)
        return Value(None, at.taints, targets, at.trail)

    def address(self, place: Place) -> Value:
        """`&place`: touches nothing of the place itself."""
        at = self.locate(place, touch=False)
        whole = at.pending is not None and len(at.targets) == 1 and at.inside == 0 and at.targets == at.pending.targets
        if at.pending is not None and whole and at.pending.term is not None:
            return Value(at.pending.term, at.pending.taints, at.targets, at.trail)
        ref = self._frame.layout.resolve(at.type) if at.type is not None else None
        targets = at.targets
        if ref is not None and ref.dims:
            targets = tuple(Target(t.location.step(ELEMENT), t.offset, t.extent) for t in targets)
        base = at.pending.term if at.pending is not None else None
        if base is not None:
            return Value(
                add(base, constant(at.inside)), at.pending.taints if at.pending else NO_TAINT, targets, at.trail
            )
        if len(targets) == 1:
            location = targets[0].location
            symbol = Symbol("addr", f"{location.kind}.{location.name}", location.number, location.path)
            return Value(atom(symbol), at.taints, targets, at.trail)
        return Value(None, at.taints, targets, at.trail)

    def fetch(self, at: Lvalue) -> Value:
        """What the targets of a place hold."""
        latest = self._memory.latest
        if latest is not None and latest[:2] == element_of(at):
            return latest[2]
        if not at.targets:
            return Value(None, at.taints, (), at.trail)
        values = [self._memory.stored(t.location) for t in at.targets]
        value = values[0]
        for other in values[1:]:
            if other == value:
                continue
            term = value.term if value.term == other.term else None
            value = Value(
                term,
                limited(value.taints | other.taints),
                merged_targets(value.targets, other.targets),
                value.trail or other.trail,
            )
        if at.trail is not None and value.trail is None and value.taints:
            value = Value(value.term, value.taints, value.targets, at.trail)
        return value


def element_of(at: Lvalue) -> tuple[tuple[Target, ...], tuple[Target, ...]] | None:
    """Which element of an array a place is or lies in, where that is one and the same wherever it is written so."""
    whole = at.pending.targets if at.pending is not None else ()
    if len(at.targets) != 1 or len(whole) != 1 or whole[0].offset is None or at.targets[0].offset is None:
        return None
    return (at.targets, whole) if ELEMENT in at.targets[0].location.path else None


def _in_array(target: Target) -> bool:
    return target.location.path[-1:] == (ELEMENT,)
