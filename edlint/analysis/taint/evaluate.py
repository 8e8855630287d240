"""Values of the IR in a state, and their types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edlint.analysis.taint.bits import bounded
from edlint.analysis.taint.containers import Containers
from edlint.analysis.taint.frame import POINTER_SIZE, Frame
from edlint.analysis.taint.memory import Memory
from edlint.analysis.taint.numbers import greatest, normal
from edlint.analysis.taint.places import Places
from edlint.analysis.taint.pointing import Pointing
from edlint.analysis.taint.products import multiplied
from edlint.analysis.taint.state import Outcome, State
from edlint.analysis.taint.symbols import (
    ZERO,
    Linear,
    Symbol,
    add,
    atom,
    constant,
    fits,
    scale,
)
from edlint.analysis.taint.touches import Touches
from edlint.analysis.taint.typed import MAX_DEPTH, is_reckoned, type_of
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Target, Trail, Value, limited, number
from edlint.analysis.taint.widths import WIDE, is_unsigned, width, width_of
from edlint.model.ir import (
    Address,
    Aggregate,
    Binary,
    Cast,
    Number,
    Opaque,
    Place,
    SizeOf,
    Text,
    Unary,
)
from edlint.model.ir import Value as Expression
from edlint.model.types import TypeRef

CAST = "cast"
"""Name of the symbols for numbers that were cut to a narrower type."""
COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_ZERO_NAMES = frozenset(("NULL", "nullptr", "false", "FALSE", "SGX_SUCCESS", "OE_OK", "CC_SUCCESS", "TEE_SUCCESS"))
_MASKED = {8: 0xFF, 16: 0xFFFF, 32: 0xFFFFFFFF}


class Evaluator:
    """Evaluates in one state of one frame; notes what is touched on the way."""

    def __init__(
        self,
        frame: Frame,
        state: State,
        compared: Callable[[Evaluator, Binary, Value, Value], Outcome] | None = None,
    ) -> None:
        self.frame = frame
        self.state = state
        self._answers = compared
        self._depth = 0
        self.pointing = Pointing(frame)
        self.memory = Memory(frame, state)
        self.touches = Touches(frame, state, self.pointing)
        self.containers = Containers(frame, state, self.memory, self.type_of)
        self.places = Places(frame, state, self.pointing, self.memory, self.touches, self.containers, self.value)

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
                return self.places.load(expression)
            case Number(value=value, text=text):
                if isinstance(value, int):
                    return number(value)
                return number(0) if text in _ZERO_NAMES else UNKNOWN
            case Text(value=text, span=span):
                location = self.frame.opaque("text", "text", span)
                return Value(None, NO_TAINT, (Target(location, ZERO, constant(len(text) + 1)),))
            case Address(place=place):
                return self.places.address(place)
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
            size = self.frame.layout.size(replace(ref, reference=False))
        if size is not None:
            return number(size)
        return self._size_of(ref) if ref is not None and not ref.arguments else UNKNOWN

    def _size_of(self, ref: TypeRef) -> Value:
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
        if mask is None:
            return value
        if not is_unsigned(ref):
            return self._narrowed(value, mask >> 1)
        top = greatest(value.term, self.state.bounds, self.frame.ranges)
        if top is not None and top <= mask and (from_type[0] or 0) >= 0:
            return value
        if mask >= 0xFFFFFFFF:
            return value
        symbol = self.frame.opaque("op", CAST, value.term, size)
        self.frame.remember(symbol, Value(None, value.taints, (), value.trail))
        self.state.bounds[((symbol, 1),)] = mask
        self.state.bounds[((symbol, -1),)] = 0
        return Value(atom(symbol), value.taints, value.targets, value.trail)

    def stored(self, target: Place, expression: Expression) -> Value:
        """The value of an expression as the type of the place that it is stored in."""
        value = self.value(expression)
        if value.term is None or not value.term.vector or value.targets:
            return value
        ref = self.type_of(target)
        if ref is None or ref.is_pointer:
            return value
        bits = width_of(ref, self.frame.layout)
        if bits == 0 or abs(bits) >= WIDE:
            return value
        given = self.width(expression)
        kept = given == 0 or (abs(given) <= abs(bits) and (given < 0 or bits > 0)) or abs(given) < abs(bits)
        if not kept:
            return self._cast(replace(ref, reference=False), value)
        return self._modulo(value, bits) if given in (0, bits) else value

    def _modulo(self, value: Value, bits: int) -> Value:
        """A difference of two numbers in an unsigned type: it is that only where it is not below zero.

        What a parameter takes off is left as it is written: only the caller knows how they compare.
        """
        assert value.term is not None
        taken = [symbol for symbol, weight in value.term.vector if weight < 0]
        if bits <= 0 or not taken or any(symbol.kind == "param" for symbol in taken):
            return value
        low = greatest(scale(value.term, -1), self.state.bounds, self.frame.ranges)
        if low is not None and low <= 0:
            return value
        symbol = self.frame.opaque("op", CAST, value.term, bits)
        self.frame.remember(symbol, Value(None, value.taints, (), value.trail))
        self.frame.differences[symbol] = value.term
        self.state.bounds[((symbol, 1),)] = (1 << bits) - 1
        self.state.bounds[((symbol, -1),)] = 0
        vector, upper = normal(add(value.term, atom(symbol), -1))
        self.state.bounds[vector] = upper
        return Value(atom(symbol), value.taints, (), value.trail)

    def _narrowed(self, value: Value, most: int) -> Value:
        """A number as a signed type that holds at most `most`: what is larger may turn out negative."""
        assert value.term is not None
        top = greatest(value.term, self.state.bounds, self.frame.ranges)
        if top is not None and top <= most:
            return value
        symbol = self.frame.opaque("op", CAST, value.term, most)
        self.frame.remember(symbol, Value(None, value.taints, (), value.trail))
        self.state.bounds[((symbol, 1),)] = most
        self.state.bounds[((symbol, -1),)] = most + 1
        low = greatest(scale(value.term, -1), self.state.bounds, self.frame.ranges)
        if low is not None and low <= 0:
            vector, upper = normal(add(atom(symbol), value.term, -1))
            self.state.bounds[vector] = upper
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
        if op == "+" and self._is_text(expression, left, right):
            parts = [self._characters(e, v) for e, v in ((expression.left, left), (expression.right, right))]
            return self._mixed([*parts, left, right])
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
        if op == "*" and left.term is not None and right.term is not None:
            bits = self.width(expression)
            symbol = multiplied(self.frame, self.state, left.term, right.term, bits)
            self.frame.remember(symbol, Value(None, taints, (), trail))
            return Value(atom(symbol), taints, (), trail)
        result = self._opaque(op, left, right, taints, trail)
        if result.term is None:
            # An unknown operand still leaves the bound of a mask or of a remainder.
            symbol = self.frame.opaque("op", op, expression.span)
            self.frame.remember(symbol, Value(None, taints, (), trail))
            result = Value(atom(symbol), taints, (), trail)
        unsigned = op in ("&", "%") and self.width(expression) > 0
        bounded(self.frame, self.state, op, left, right, result, unsigned=unsigned)
        return result

    def _characters(self, expression: Expression, value: Value) -> Value:
        """What an operand of a sum of strings adds to it."""
        ref = self.type_of(expression)
        pointer = bool(value.targets) or (ref is not None and ref.is_pointer)
        return self.memory.content(self.pointing.targets(value)) if pointer else value

    def _is_text(self, expression: Binary, left: Value, right: Value) -> bool:
        """Whether a sum is one of strings: an operand is of a string class, or a literal meets what is no number."""
        refs = (self.type_of(expression.left), self.type_of(expression.right))
        for ref in refs:
            if ref is not None and not ref.is_pointer and ref.base.endswith(("string", "string_view")):
                return True
        for literal, other, ref in ((expression.left, right, refs[1]), (expression.right, left, refs[0])):
            if isinstance(literal, Text) and ref is None and other.number is None:
                return True
        return False

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

    def _compared(self, expression: Binary, left: Value, right: Value) -> Value:
        symbol = self.frame.opaque("op", expression.op, left.term, right.term, expression.span)
        self.state.bounds[((symbol, 1),)] = 1
        self.state.bounds[((symbol, -1),)] = 0
        if self._answers is not None:
            self.state.outcomes[symbol] = self._answers(self, expression, left, right)
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
        size = self.frame.layout.pointee_size(ref) if ref is not None else 1
        if size is None and distance.number is not None:
            # So many elements of a type that nobody knows.
            inner = self.frame.layout.pointee(ref) if ref is not None else None
            if inner is not None:
                return self.pointing.shifted(base, self._size_of(inner), sign * distance.number)
        return self.pointing.shifted(base, distance, sign * (size or 1))

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

    def type_of(self, expression: Expression | None) -> TypeRef | None:
        """The type of an expression where it is known."""
        if expression is None:
            return None
        typed = self.frame.typed
        known = typed.get(id(expression))
        if known is None:
            known = typed[id(expression)] = (expression, type_of(self.frame, expression))
        return known[1]

    def width(self, expression: Expression) -> int:
        """Bits of the type of an expression, negative for a signed one; 0 when that is not known."""
        widths = self.frame.widths
        known = widths.get(id(expression))
        if known is None:
            known = widths[id(expression)] = (expression, width(expression, self.type_of, self.frame.layout))
        return known[1]

    def may_be_address(self, expression: Expression, value: Value) -> bool:
        """Whether an argument is of pointer type, or of a type that is not known."""
        ref = self.type_of(expression)
        if ref is None and value.symbol is not None:
            # The result of a call is of the type of what was returned.
            ref = self.frame.type_of(value.symbol)
        return ref.is_pointer if ref is not None else not is_reckoned(expression)


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
