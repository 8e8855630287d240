"""Integer constants with C's own arithmetic: values carry width and sign, for `~0U` and `-1 < 1U` depend on them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLAIN = re.compile(r"\(*\s*(?P<digits>0[xX][0-9a-fA-F]{1,16}|0[bB][01]{1,64}|\d{1,20})(?P<suffix>[uUlL]{0,3})\s*\)*")
_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "f": 12, "v": 11, "\\": 92, "'": 39, '"': 34, "?": 63}


class NoConstantError(Exception):
    """An expression that has no value as a constant."""


@dataclass(frozen=True, slots=True)
class Constant:
    """An integer constant with the type that decides its arithmetic."""

    value: int
    bits: int = 32
    signed: bool = True


def literal(text: str) -> Constant | None:
    """An integer literal, maybe in parentheses; None for anything else. Cheap enough for every macro of a tree."""
    match = _PLAIN.fullmatch(text.strip())
    if match is None or text.count("(") != text.count(")"):
        return None
    return integer(match["digits"], match["suffix"].lower())


def integer(digits: str, suffix: str) -> Constant | None:
    """The constant that digits and a suffix in lower case spell, with the type that C gives it."""
    head = digits[:2].lower()
    try:
        if head in ("0x", "0b"):
            value = int(digits[2:], 16 if head == "0x" else 2)
        else:
            value = int(digits, 8 if digits[0] == "0" else 10)
    except ValueError:
        return None
    based = digits[0] == "0"
    unsigned = "u" in suffix
    for bits in (32, 64) if "l" not in suffix else (64,):
        if not unsigned and value < 1 << (bits - 1):
            return Constant(value, bits)
        if (unsigned or based) and value < 1 << bits:
            return Constant(value, bits, signed=False)
    # The compiler takes a decimal beyond long for unsigned with a warning; beyond 64 bits there is nothing.
    return Constant(value, 64, signed=False) if value < 1 << 64 else None


def character(body: str) -> int:
    """The value of the inside of a character literal; raises NoConstantError."""
    if len(body) == 1 and body != "\\":
        code = ord(body)
    elif re.fullmatch(r"\\x[0-9a-fA-F]{1,2}", body):
        code = int(body[2:], 16)
    elif re.fullmatch(r"\\[0-7]{1,3}", body):
        code = int(body[1:], 8) & 0xFF
    elif len(body) == 2 and body[0] == "\\" and body[1] in _ESCAPES:
        code = _ESCAPES[body[1]]
    else:
        raise NoConstantError(body)
    # Plain char is signed on x86-64.
    return code - 256 if 128 <= code < 256 else code


def fitting(value: int) -> Constant:
    """A value of which only the number is known, with the smallest type that holds it."""
    if -(1 << 31) <= value < 1 << 31:
        return Constant(value)
    if -(1 << 63) <= value < 1 << 63:
        return Constant(value, 64)
    return Constant(value & ((1 << 64) - 1), 64, signed=False)


def unary(op: str, operand: Constant) -> Constant:
    """`+`, `-`, `~` or `!` of a constant; raises NoConstantError."""
    if op == "!":
        return Constant(int(not operand.value))
    if op not in ("+", "-", "~"):
        raise NoConstantError(op)
    operand = _promoted(operand)
    value = {"+": operand.value, "-": -operand.value, "~": ~operand.value}[op]
    return _checked(value, operand.bits, operand.signed)


def _promoted(operand: Constant) -> Constant:
    return operand if operand.bits >= 32 else Constant(operand.value)


def binary(op: str, left: Constant, right: Constant) -> Constant:
    """An operator between two constants; raises NoConstantError."""
    left, right = _promoted(left), _promoted(right)
    if op in ("&&", "||"):
        return Constant(int(bool(left.value and right.value) if op == "&&" else bool(left.value or right.value)))
    if op in ("<<", ">>"):
        if not 0 <= right.value < left.bits:
            raise NoConstantError("shift")
        value = left.value << right.value if op == "<<" else left.value >> right.value
        return wrapped(value, left.bits, left.signed)
    bits = max(left.bits, right.bits)
    signed = all(s.signed or s.bits < bits for s in (left, right))
    a, b = wrapped(left.value, bits, signed).value, wrapped(right.value, bits, signed).value
    match op:
        case "==" | "!=" | "<" | ">" | "<=" | ">=":
            truth = {"==": a == b, "!=": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]
            return Constant(int(truth))
        case "/" | "%":
            if b == 0:
                raise NoConstantError("division by zero")
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            return _checked(quotient if op == "/" else a - b * quotient, bits, signed)
        case "+":
            return _checked(a + b, bits, signed)
        case "-":
            return _checked(a - b, bits, signed)
        case "*":
            return _checked(a * b, bits, signed)
        case "&":
            return wrapped(a & b, bits, signed)
        case "|":
            return wrapped(a | b, bits, signed)
        case "^":
            return wrapped(a ^ b, bits, signed)
        case _:
            raise NoConstantError(op)


def _checked(value: int, bits: int, signed: bool) -> Constant:
    # Overflow of a signed constant is undefined: a compiler refuses it or warns, so there is no value to trust.
    if signed and not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise NoConstantError("overflow")
    return wrapped(value, bits, signed)


def wrapped(value: int, bits: int, signed: bool) -> Constant:
    """The value as a type of so many bits holds it."""
    value &= (1 << bits) - 1
    if signed and value >> (bits - 1):
        value -= 1 << bits
    return Constant(value, bits, signed)
