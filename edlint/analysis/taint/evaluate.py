"""Values and places of the IR in a state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edlint.analysis.taint.events import Event
from edlint.analysis.taint.frame import POINTER_SIZE, Frame
from edlint.analysis.taint.numbers import at_most_zero, greatest
from edlint.analysis.taint.state import Outcome, State
from edlint.analysis.taint.symbols import (
    DEREF,
    ELEMENT,
    MAX_PATH,
    ZERO,
    Linear,
    Symbol,
    add,
    atom,
    constant,
    fits,
    scale,
)
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Target, Trail, Value, limited, merged_targets, number
from edlint.model.ir import (
    Address,
    Aggregate,
    Binary,
    Cast,
    Deref,
    Field,
    Index,
    Number,
    Opaque,
    Place,
    SizeOf,
    Text,
    Unary,
)
from edlint.model.ir import Value as Expression
from edlint.model.types import TypeKind, TypeRef
from edlint.source import Span

MAX_DEPTH = 40
"""Nesting of expressions that is followed."""

DEEP = 3
"""Steps from a global beyond which extents are not compared."""

COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_ZERO_NAMES = frozenset(("NULL", "nullptr", "false", "FALSE", "SGX_SUCCESS", "OE_OK", "CC_SUCCESS", "TEE_SUCCESS"))
_MASKED = {8: 0xFF, 16: 0xFFFF, 32: 0xFFFFFFFF}


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


class Evaluator:
    """Evaluates in one state of one frame; notes what is touched on the way."""

    def __init__(
        self,
        frame: Frame,
        state: State,
        compared: Callable[[Evaluator, str, Value, Value], Outcome] | None = None,
    ) -> None:
        self.frame = frame
        self.state = state
        self._answers = compared
        self._depth = 0

    # ---- values

    def value(self, expression: Expression | None) -> Value:
        """The abstract value of an expression."""
        if expression is None or self._depth >= MAX_DEPTH:
            return UNKNOWN
        self._depth += 1
        try:
            return self._value(expression)
        finally:
            self._depth -= 1

    def _value(self, expression: Expression) -> Value:
        match expression:
            case Place():
                return self.load(expression)
            case Number(value=value, text=text):
                if isinstance(value, int):
                    return number(value)
                return number(0) if text in _ZERO_NAMES else UNKNOWN
            case Text(value=text, span=span):
                location = self.frame.opaque("text", "text", span)
                return Value(None, NO_TAINT, (Target(location, ZERO, constant(len(text) + 1)),))
            case Address(place=place):
                return self.address(place)
            case Cast(type=type, operand=operand):
                return self._cast(type, self.value(operand))
            case SizeOf():
                return self._size(expression)
            case Unary(op=op, operand=operand):
                return self._unary(op, self.value(operand))
            case Binary():
                return self._binary(expression)
            case Aggregate(items=items):
                return self._mixed([self.value(v) for _, v in items])
            case Opaque(parts=parts, kind=kind, span=span):
                mixed = self._mixed([self.value(p) for p in parts])
                return mixed if kind in ("cast", "move", "preprocessor") else Value(None, NO_TAINT)
        return UNKNOWN

    def _size(self, expression: SizeOf) -> Value:
        """`sizeof`: a number, or a number that nobody knows but that is the same wherever the type is."""
        size = expression.value
        ref = expression.type or self.type_of(expression.operand)
        if size is None and ref is not None:
            size = self.frame.layout.size(ref)
        if size is not None:
            return number(size)
        if ref is None or ref.arguments:
            return UNKNOWN
        symbol = Symbol("size", str(replace(ref, const=False, span=None)))
        self.state.bounds[((symbol, -1),)] = -1
        return Value(atom(symbol))

    def _mixed(self, values: list[Value]) -> Value:
        taints: frozenset[Symbol] = NO_TAINT
        trail: Trail | None = None
        for value in values:
            taints |= value.taints
            trail = trail or value.trail
        return Value(None, limited(taints), (), trail)

    def _cast(self, ref: TypeRef, value: Value) -> Value:
        if ref.is_pointer or value.term is None:
            return value
        size = self.frame.layout.size(ref)
        if size is None or size >= POINTER_SIZE or value.number is not None:
            return value
        ref = self.frame.layout.resolve(ref)
        from_type = self.frame.ranges(value.symbol) if value.symbol else (None, None)
        mask = _MASKED.get(size * 8)
        unsigned = ref.base.startswith(("u", "bool", "_Bool"))
        if mask is None or not unsigned:
            return value
        top = greatest(value.term, self.state.bounds, self.frame.ranges)
        if top is not None and top <= mask and (from_type[0] or 0) >= 0:
            return value
        if mask >= 0xFFFFFFFF:
            return value
        symbol = self.frame.opaque("op", "cast", value.term, size)
        self.frame.remember(symbol, Value(None, value.taints, (), value.trail))
        self.state.bounds[((symbol, 1),)] = mask
        self.state.bounds[((symbol, -1),)] = 0
        return Value(atom(symbol), value.taints, value.targets, value.trail)

    def _unary(self, op: str, value: Value) -> Value:
        if op == "-" and value.term is not None:
            return Value(scale(value.term, -1), value.taints, (), value.trail)
        if op == "+":
            return value
        return self._opaque(f"unary{op}", value, None, value.taints, value.trail)

    def _opaque(
        self, op: str, left: Value, right: Value | None, taints: frozenset[Symbol], trail: Trail | None
    ) -> Value:
        key = (left.term, right.term if right is not None else None)
        if key[0] is None or (right is not None and key[1] is None):
            return Value(None, taints, (), trail)
        symbol = self.frame.opaque("op", op, *key)
        self.frame.remember(symbol, Value(None, taints, (), trail))
        return Value(atom(symbol), taints, (), trail)

    def _binary(self, expression: Binary) -> Value:
        left, right = self.value(expression.left), self.value(expression.right)
        op = expression.op
        if op in ("+", "-"):
            pointed = self._moved(expression, left, right)
            if pointed is not None:
                return pointed
        taints = limited(left.taints | right.taints)
        trail = left.trail or right.trail
        if op in COMPARISONS:
            # A comparison tells one bit: what it derives from is the business of branches.
            return self._compared(expression, left, right)
        if left.number is not None and right.number is not None:
            folded = _folded(op, left.number, right.number)
            if folded is not None:
                return number(folded)
        term = self._arithmetic(op, left, right)
        if term is not None and fits(term):
            return Value(term, taints, (), trail)
        result = self._opaque(op, left, right, taints, trail)
        if result.term is None:
            # An unknown operand still leaves the bound of a mask or of a remainder.
            symbol = self.frame.opaque("op", op, expression.span)
            self.frame.remember(symbol, Value(None, taints, (), trail))
            result = Value(atom(symbol), taints, (), trail)
        self._bounded(op, left, right, result)
        return result

    def _arithmetic(self, op: str, left: Value, right: Value) -> Linear | None:
        if left.term is None or right.term is None:
            return None
        if op == "+":
            return add(left.term, right.term)
        if op == "-":
            return add(left.term, right.term, -1)
        if op == "*":
            if right.number is not None:
                return scale(left.term, right.number)
            if left.number is not None:
                return scale(right.term, left.number)
        if op == "<<" and right.number is not None and 0 <= right.number < 40:
            return scale(left.term, 1 << right.number)
        return None

    def _bounded(self, op: str, left: Value, right: Value, result: Value) -> None:
        symbol = result.symbol
        if symbol is None:
            return
        bounds, ranges = self.state.bounds, self.frame.ranges
        top: int | None = None
        if op == "&":
            masks = [n for n in (left.number, right.number) if n is not None and n >= 0]
            top = min(masks) if masks else None
            if top is None:
                return
        elif op == "%":
            if right.term is None:
                return
            low = greatest(scale(left.term, -1), bounds, ranges) if left.term is not None else None
            end = greatest(right.term, bounds, ranges)
            other = right.symbol
            if other is not None:
                bounds[tuple(sorted(((symbol, 1), (other, -1))))] = -1
            if end is not None:
                bounds[((symbol, 1),)] = end - 1
            if low is None or low > 0:
                return
        elif op in (">>", "/"):
            end = greatest(left.term, bounds, ranges) if left.term is not None else None
            by = right.number
            if by is not None and by > 0 and end is not None and end >= 0:
                top = end >> min(by, 64) if op == ">>" else end // by
            if left.term is not None and left.symbol is not None:
                bounds[tuple(sorted(((symbol, 1), (left.symbol, -1))))] = 0
        else:
            return
        if top is not None:
            bounds[((symbol, 1),)] = top
        bounds[((symbol, -1),)] = 0

    def _compared(self, expression: Binary, left: Value, right: Value) -> Value:
        symbol = self.frame.opaque("op", expression.op, left.term, right.term, expression.span)
        self.state.bounds[((symbol, 1),)] = 1
        self.state.bounds[((symbol, -1),)] = 0
        if self._answers is not None:
            self.state.outcomes[symbol] = self._answers(self, expression.op, left, right)
        return Value(atom(symbol))

    def _moved(self, expression: Binary, left: Value, right: Value) -> Value | None:
        """Pointer arithmetic, or None when none of the operands is a pointer."""
        base, distance, sign = left, right, 1 if expression.op == "+" else -1
        ref = self.type_of(expression.left)
        if not _points(ref, left):
            ref = self.type_of(expression.right)
            if sign < 0 or not _points(ref, right):
                return None
            base, distance = right, left
        elif sign < 0 and _points(self.type_of(expression.right), right):
            return self._distance(left, right, ref)
        size = (self.frame.layout.pointee_size(ref) if ref is not None else 1) or 1
        return self.shifted(base, distance, sign * size)

    def _distance(self, left: Value, right: Value, ref: TypeRef | None) -> Value:
        size = (self.frame.layout.pointee_size(ref) if ref is not None else 1) or 1
        if len(left.targets) == 1 and len(right.targets) == 1 and size == 1:
            (one,), (two,) = left.targets, right.targets
            if one.location == two.location and one.offset is not None and two.offset is not None:
                term = add(one.offset, two.offset, -1)
                return Value(term, self.frame.taints(term)[0])
        if left.term is not None and right.term is not None and size == 1:
            return Value(add(left.term, right.term, -1))
        return UNKNOWN

    def shifted(self, base: Value, distance: Value, size: int) -> Value:
        """A pointer moved by `distance` elements of `size` bytes."""
        bytes_ = scale(distance.term, size) if distance.term is not None else None
        if bytes_ is None and distance.taints:
            symbol = self.frame.opaque("op", "distance", distance.taints, size)
            self.frame.remember(symbol, Value(None, distance.taints, (), distance.trail))
            bytes_ = atom(symbol)
        targets = tuple(t.moved(bytes_) for t in self.targets(base))
        term = add(base.term, bytes_) if base.term is not None and bytes_ is not None else base.term
        if term is not None and not fits(term):
            term = base.term
        return Value(term, base.taints, targets, base.trail)

    # ---- types

    def type_of(self, expression: Expression | None) -> TypeRef | None:
        """The type of an expression where it is known."""
        for _ in range(MAX_DEPTH):
            match expression:
                case Cast(type=type):
                    return type
                case Place():
                    return self._place_type(expression)
                case Address(place=place):
                    inner = self._place_type(place)
                    return replace(inner, pointers=inner.pointers + 1) if inner is not None and not inner.dims else None
                case Binary(op="+" | "-", left=left, right=right):
                    found = self.type_of(left)
                    if found is not None and found.is_pointer:
                        return found
                    expression = right if found is None else left
                    if expression is left:
                        other = self.type_of(right)
                        return other if other is not None and other.is_pointer else found
                case Unary(operand=operand):
                    expression = operand
                case _:
                    return None
        return None

    def _place_type(self, place: Place) -> TypeRef | None:
        location = self.frame.location(place.root)
        ref = self.frame.type_of(location)
        for step in place.steps:
            if ref is None:
                return None
            match step:
                case Field(name=name):
                    ref = self.frame.layout.type_of_member(ref, name)
                case _:
                    ref = self.frame.layout.pointee(ref)
        return self.frame.layout.resolve(ref) if ref is not None else None

    # ---- places

    def targets(self, pointer: Value) -> tuple[Target, ...]:
        """What a pointer points to; an address of unknown make points to a location of its own."""
        if pointer.targets:
            return pointer.targets
        if pointer.term is None or not pointer.term.vector:
            return ()
        bases = [s for s, w in pointer.term.vector if w == 1]
        if not bases:
            return ()
        base = bases[0]
        if len(bases) > 1:
            base = self._likely(bases)
        offset = add(pointer.term, atom(base), -1)
        if base.kind in ("phi", "op", "call", "in", "local"):
            taints = self.frame.origin(base)[0] or pointer.taints
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

    def _likely(self, symbols: list[Symbol]) -> Symbol:
        """Which of several summands is the address: one of pointer type, else one as wide as an address."""
        for symbol in symbols:
            ref = self.frame.type_of(symbol)
            if symbol.kind == "addr" or (ref is not None and ref.is_pointer):
                return symbol
        return next((s for s in symbols if self._is_wide(s)), symbols[0])

    def _is_wide(self, symbol: Symbol) -> bool:
        ref = self.frame.type_of(symbol)
        return ref is not None and (ref.is_pointer or (self.frame.layout.size(ref) or 0) >= POINTER_SIZE)

    def locate(self, place: Place, *, touch: bool = True) -> Lvalue:
        """Where a place is; touches the memory of every pointer on the way, and with `touch` its own."""
        location = self.frame.location(place.root)
        ref = self.frame.type_of(location)
        layout = self.frame.layout
        size = layout.size(ref) if ref is not None else None
        at = Lvalue((Target(location, ZERO, constant(size) if size is not None else None),), ref)
        if ref is not None and ref.reference:
            at = self._through(Value(atom(location), frozenset((location,))), replace(ref, reference=False), at, None)
            at.pending = None
        for number_of, step in enumerate(place.steps, 1):
            match step:
                case Field(name=name):
                    at = self._field(at, name)
                    continue
                case Index(value=index):
                    at = self._element(at, self.value(index), place.span)
                case Deref():
                    at = self._element(at, None, place.span)
            if number_of < len(place.steps) and self._varies(at):
                # The address of something in an element is as good as an access to the element.
                self.touch(at, place.span, write=False)
        if touch:
            self.touch(at, place.span, write=False)
        return at

    def _varies(self, at: Lvalue) -> bool:
        """Whether it is an element of an object of the enclave, at a distance that is no constant."""
        return at.pending is not None and any(t.offset is not None and t.offset.vector for t in at.pending.targets)

    def _field(self, at: Lvalue, name: str) -> Lvalue:
        layout = self.frame.layout
        definition = layout.definition(at.type) if at.type is not None else None
        member = definition.member(name) if definition is not None else None
        ref = member.type if member is not None else None
        size = layout.size(ref) if ref is not None else None
        extent = constant(size) if size is not None else None
        targets = tuple(Target(t.location.step(name), ZERO, extent) for t in at.targets)
        result = Lvalue(targets, ref, at.pending, at.inside, at.taints, at.trail, member=True)
        if at.pending is not None:
            if member is not None and member.offset is not None and size is not None:
                result.inside = at.inside + member.offset
                result.need = number(result.inside + size)
            elif definition is not None and definition.size is not None and at.inside == 0:
                result.need = number(definition.size)
            else:
                result.need = UNKNOWN
        return result

    def _element(self, at: Lvalue, index: Value | None, span: Span) -> Lvalue:
        """What `*x` and `x[i]` are, for a pointer or an array x."""
        layout = self.frame.layout
        ref = layout.resolve(at.type) if at.type is not None else None
        inner = layout.pointee(ref) if ref is not None else None
        size = layout.size(inner) if inner is not None else None
        if inner is not None and inner.is_void:
            size = 1
        if ref is not None and ref.dims:
            return self._array(at, index, inner, size)
        if ref is not None and not ref.is_pointer and ref.kind is TypeKind.NAMED and layout.definition(ref) is None:
            # `operator[]` of a container: what is in it, not what it points to.
            return self._array(at, index, None, None)
        if ref is None and not self._holds_pointer(at):
            return self._array(at, index, None, None)
        pointer = self._read(at, span)
        if index is not None and index.number != 0:
            pointer = self.shifted(pointer, index, size or 1)
        return self._through(pointer, inner, at, size)

    def _holds_pointer(self, at: Lvalue) -> bool:
        return any(
            (v := self.state.memory.get(t.location)) is not None and (v.targets or v.term is not None)
            for t in at.targets
        ) or all(not t.location.path for t in at.targets)

    def _array(self, at: Lvalue, index: Value | None, inner: TypeRef | None, size: int | None) -> Lvalue:
        distance: Linear | None = ZERO
        if index is not None:
            distance = scale(index.term, size or 1) if index.term is not None else None
            if distance is None and index.taints:
                symbol = self.frame.opaque("op", "index", index.taints)
                self.frame.remember(symbol, Value(None, index.taints, (), index.trail))
                distance = scale(atom(symbol), size or 1)
        targets = tuple(
            Target(t.location.step(ELEMENT), distance, t.extent if size is not None else None) for t in at.targets
        )
        pending = Value(None, at.taints, targets, at.trail)
        need = number(size) if size is not None else UNKNOWN
        if at.pending is not None:
            self.touch(at, None, write=False)
        return Lvalue(targets, inner, pending, 0, at.taints, at.trail, need)

    def _read(self, at: Lvalue, span: Span | None) -> Value:
        """The pointer that a place holds, read on the way to what it points to."""
        self.touch(at, span, write=False)
        return self.fetch(at)

    def _through(self, pointer: Value, inner: TypeRef | None, at: Lvalue, size: int | None) -> Lvalue:
        targets = self.targets(pointer)
        pending = Value(pointer.term, pointer.taints, targets, pointer.trail)
        need = number(size) if size is not None else UNKNOWN
        return Lvalue(targets, inner, pending, 0, pointer.taints, pointer.trail, need)

    def touch(self, at: Lvalue, span: Span | None, *, write: bool, what: str = "") -> None:
        """Note that the memory of a place is read or written."""
        if at.pending is None or not self.frame.recording:
            return
        if span is None:
            return
        name = "member" if at.member else ""
        self.access(at.pending, at.need, span, write=write, what=what or "dereference", seen_as=at.type, name=name)

    def access(
        self,
        pointer: Value,
        need: Value,
        span: Span,
        *,
        write: bool,
        what: str,
        seen_as: TypeRef | None = None,
        kind: str = "access",
        name: str = "",
        param: int = -1,
    ) -> None:
        """Note that `need` bytes behind a pointer are touched, unless they are known to be there."""
        frame = self.frame
        if not frame.recording:
            return
        if frame.lookups:
            self._lookup(pointer, span)
        targets = tuple(t for t in self.targets(pointer) if not self._proven(t, need))
        interesting = bool(pointer.taints) or any(t.location.kind in ("param", "global", "source") for t in targets)
        if not interesting:
            # Memory of the enclave: worth a note only when somebody else may decide how much of it is touched.
            targets = tuple(t for t in targets if self._movable(t, need))
            if not targets:
                return
        term = pointer.term
        if all(t.location.kind == "global" and t.extent is None and len(t.location.path) > DEEP for t in targets):
            # Deep inside what a global leads to: whose memory it is matters, how far into it does not.
            base = self.base(pointer)
            targets = tuple(replace(t, offset=None) for t in targets)
            term = atom(base) if base is not None and base.kind == "global" else None
            need = UNKNOWN
        subject = Value(term, pointer.taints, targets, pointer.trail)
        frame.note(
            Event(kind, subject, span, frame.function.qualified, what, name, need, seen_as, write, param=param),
            self.state,
        )

    def _lookup(self, pointer: Value, span: Span) -> None:
        """Note the use of what a lookup answered, when nobody asked whether it is NULL."""
        symbol = self.base(pointer)
        if symbol is None or symbol not in self.frame.lookups or not self.state.has(symbol, "maybe-null"):
            return
        if not self.state.has(symbol, "nonnull") and not self.state.has(symbol, "null"):
            keys, called = self.frame.lookups[symbol]
            subject = Value(None, keys)
            self.frame.note(Event("null", subject, span, self.frame.function.qualified, called), self.state)

    def _proven(self, target: Target, need: Value) -> bool:
        if target.extent is None or target.offset is None or need.term is None:
            return False
        if target.location.kind not in ("local", "heap", "global", "text"):
            return False
        end = add(add(target.offset, need.term), target.extent, -1)
        bounds, ranges = self.state.bounds, self.frame.ranges
        return (
            at_most_zero(end, bounds, ranges)
            and at_most_zero(scale(target.offset, -1), bounds, ranges)
            and at_most_zero(scale(need.term, -1), bounds, ranges)
        )

    def _movable(self, target: Target, need: Value) -> bool:
        if target.extent is None:
            return False
        if need.taints:
            return True
        terms = [t for t in (target.offset, need.term, target.extent) if t is not None]
        return any(t.vector for t in terms)

    # ---- memory

    def load(self, place: Place) -> Value:
        """What is stored at a place; an array gives its address."""
        at = self.locate(place, touch=False)
        ref = self.frame.layout.resolve(at.type) if at.type is not None else None
        if ref is not None and ref.dims:
            return self._decayed(at, ref)
        self.touch(at, place.span, write=False)
        value = self.fetch(at)
        if any(DEREF in t.location.path for t in at.targets):
            self._fetched(at, value, place.span)
        return value

    def _fetched(self, at: Lvalue, value: Value, span: Span) -> None:
        """Note a read of memory behind a pointer that may not be the enclave's own."""
        if not self.frame.recording:
            return
        for target in at.targets:
            self.fetched(target, span, "read", at.type)

    def fetched(self, target: Target, span: Span, what: str, seen_as: TypeRef | None = None) -> None:
        """Note that bytes behind a pointer are read, unless the enclave wrote them itself."""
        location = target.location
        if location.kind not in ("param", "global", "source") or DEREF not in location.path:
            return
        if location in self.state.memory or not self.frame.recording:
            return
        if target.offset is None or target.offset.vector or len(location.path) >= MAX_PATH:
            # Two reads whose distance is not known are not the same read.
            return
        subject = Value(None, frozenset((location,)), (target,))
        self.frame.note(Event("fetch", subject, span, self.frame.function.qualified, what, type=seen_as), self.state)

    def _decayed(self, at: Lvalue, ref: TypeRef) -> Value:
        size = self.frame.layout.size(ref)
        extent = constant(size) if size is not None else None
        targets = tuple(Target(t.location.step(ELEMENT), ZERO, extent) for t in at.targets)
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
        ref = self.frame.layout.resolve(at.type) if at.type is not None else None
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
        if not at.targets:
            return Value(None, at.taints, (), at.trail)
        values = [self.stored(t.location) for t in at.targets]
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

    def stored(self, location: Symbol) -> Value:
        """What a location holds: as written, as part of something written whole, or as it was on entry."""
        memory = self.state.memory
        found = memory.get(location)
        if found is not None:
            return found
        path = location.path
        for cut in range(len(path) - 1, -1, -1):
            whole = memory.get(Symbol(location.kind, location.name, location.number, path[:cut]))
            if whole is not None:
                return self._part(whole, path[cut:], location)
        return self.frame.initial(location)

    def _part(self, whole: Value, steps: tuple[str, ...], location: Symbol) -> Value:
        symbol = whole.symbol
        if symbol is not None and symbol.kind in ("param", "global", "source"):
            part = symbol.step(*steps)
            taints = frozenset(t.step(*steps) if t == symbol else t for t in whole.taints)
            return Value(atom(part), taints, (), whole.trail)
        taints = frozenset(t for t in whole.taints if t.kind != "uninit" or DEREF not in steps)
        if whole.number is not None:
            return Value(whole.term, taints, (), whole.trail)
        if DEREF in steps and not any(t.kind == "source" for t in taints):
            return Value(atom(location), NO_TAINT)
        return Value(atom(location), taints, (), whole.trail)

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
            for other, value in self.state.memory.items():
                if (
                    other.name == location.name
                    and other.kind == location.kind
                    and other.number == location.number
                    and len(other.path) > depth
                    and other.path[:depth] == location.path
                    and DEREF not in other.path[depth:]
                ):
                    taints |= value.taints
                    trail = trail or value.trail
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
            known = self.state.memory.get(location)
            element = ELEMENT in location.path or (location.path[-1:] == (DEREF,) and targets[0].offset != ZERO)
            if element and not whole and known is not None and known != value:
                value = self._blend(known, value)
            elif element and not whole and known is None:
                first = self.frame.initial(location)
                if first.taints and not any(t.kind == "uninit" for t in first.taints):
                    value = self._blend(first, value)
            self.state.memory[location] = value
            return
        for target in targets:
            known_value = self.stored(target.location)
            self.state.memory[target.location] = self._blend(known_value, value)

    def _blend(self, one: Value, two: Value) -> Value:
        if any(t.kind == "uninit" for t in one.taints):
            return two
        term = one.term if one.term == two.term else None
        return Value(
            term, limited(one.taints | two.taints), merged_targets(one.targets, two.targets), two.trail or one.trail
        )

    def _has_parts(self, location: Symbol) -> bool:
        ref = self.frame.type_of(location)
        if ref is None:
            return True
        ref = self.frame.layout.resolve(ref)
        return bool(ref.dims) or not ref.pointers

    def forget(self, location: Symbol) -> None:
        """Drop what is known of the inside of a location."""
        depth = len(location.path)
        memory = self.state.memory
        inside = [
            s
            for s in memory
            if s.name == location.name
            and s.kind == location.kind
            and s.number == location.number
            and len(s.path) > depth
            and s.path[:depth] == location.path
        ]
        for symbol in inside:
            del memory[symbol]

    def copy(self, source: tuple[Target, ...], target: tuple[Target, ...], trail_step: tuple[Span, str]) -> None:
        """Bytes go from one location to another, with everything inside."""
        if not source or not target:
            return
        value = self.stored(source[0].location) if len(source) == 1 else self.content(source)
        value = replace(value, targets=value.targets).via(*trail_step)
        parts: list[tuple[tuple[str, ...], Value]] = []
        if len(source) == 1:
            location = source[0].location
            depth = len(location.path)
            for other, inner in self.state.memory.items():
                if (
                    other.name == location.name
                    and other.kind == location.kind
                    and other.number == location.number
                    and len(other.path) > depth
                    and other.path[:depth] == location.path
                ):
                    parts.append((other.path[depth:], inner))
        start = len(target) == 1 and target[0].offset == ZERO
        self.store(target, value, whole=start)
        if len(target) == 1:
            for steps, inner in parts:
                self.state.memory[target[0].location.step(*steps)] = inner.via(*trail_step)


def _leads(first: Symbol, later: Symbol) -> bool:
    return later.path[: len(first.path)] == first.path


def _points(ref: TypeRef | None, value: Value) -> bool:
    if ref is not None:
        return ref.is_pointer
    return bool(value.targets)


def _folded(op: str, left: int, right: int) -> int | None:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left // right if right > 0 and left >= 0 else None
        case "%":
            return left % right if right > 0 and left >= 0 else None
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
        case "<<":
            return left << right if 0 <= right < 64 and abs(left) < (1 << 64) else None
        case ">>":
            return left >> right if 0 <= right < 128 else None
    return None
