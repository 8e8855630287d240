"""Constant expressions of C with C's own arithmetic: `#define` bodies, array dimensions, enumerators.

Values carry their type (width and sign), because `~0U` and `-1 < 1U` depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pycparser import c_ast

from edlint.frontends.c.records import NoConstantError, type_of
from edlint.frontends.c.tokens import ParseError, deep, parse, pieces
from edlint.model.types import TypeRef

MAX_TEXT = 4_000
"""Characters of an expression; a longer one has no value."""
MAX_STEPS = 20_000
"""Definitions looked up for the sake of one."""
MAX_DEPTH = 60
"""Definitions inside each other that are followed."""

_PLAIN = re.compile(r"\(*\s*(?P<digits>0[xX][0-9a-fA-F]{1,16}|0[bB][01]{1,64}|\d{1,20})(?P<suffix>[uUlL]{0,3})\s*\)*")
_HOPELESS = re.compile(r"[{};#@\\`$\[\]]|\b(?:do|while|if|else|return|goto|for|struct\s+\w+\s*\{|static|extern)\b")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "f": 12, "v": 11, "\\": 92, "'": 39, '"': 34, "?": 63}


@dataclass(frozen=True, slots=True)
class Constant:
    """An integer constant with the type that decides its arithmetic."""

    value: int
    bits: int = 32
    signed: bool = True


Lookup = Callable[[str], "Constant | int | None"]
SizeOf = Callable[[TypeRef], "int | None"]
Apply = Callable[[str, tuple[Constant, ...]], "Constant | None"]


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean inside an expression."""

    lookup: Lookup
    """The value of a macro or an enumerator."""
    size_of: SizeOf = lambda ref: None
    """The bytes of a type."""
    apply: Apply = lambda name, args: None
    """The value of a function-like macro for some arguments."""


def evaluate(text: str, lookup: Lookup, size_of: SizeOf | None = None) -> int | None:
    """The value of a constant expression; None when it has none or something of it is unknown.

    `lookup` gives the value of a name (macro, enumerator), `size_of` the bytes of a type.
    """
    found = constant_of(text, Names(lookup, size_of or (lambda ref: None)))
    return found.value if found is not None else None


def constant_of(text: str, names: Names, types: Container[str] = ()) -> Constant | None:
    """As `evaluate`, with the type of the value. `types` are names to take for types."""
    plain = literal(text)
    if plain is not None:
        return plain
    tree = _tree(text, types)
    if tree is None:
        return None
    try:
        with deep():
            return evaluate_node(tree, names)
    except (NoConstantError, RecursionError):
        return None


def _tree(text: str, types: Container[str]) -> c_ast.Node | None:
    if len(text) > MAX_TEXT or _HOPELESS.search(text) or not text.strip():
        return None
    if '"' in text and "sizeof" not in text:
        return None
    tokens = pieces(f"int v = {text};")
    guesses = [p.value for p in tokens[3:] if p.is_word and (p.value.endswith("_t") or p.value in types)]
    try:
        nodes = parse(tokens, guesses)
    except ParseError:
        return None
    return nodes[0].init if len(nodes) == 1 and isinstance(nodes[0], c_ast.Decl) else None


def literal(text: str) -> Constant | None:
    """An integer literal, maybe in parentheses; None for anything else. Cheap enough for every macro of a tree."""
    match = _PLAIN.fullmatch(text.strip())
    if match is None or text.count("(") != text.count(")"):
        return None
    return _integer(match["digits"], match["suffix"].lower())


def _integer(digits: str, suffix: str) -> Constant | None:
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


def evaluate_node(node: c_ast.Node, names: Names) -> Constant:
    """The value of an expression tree; raises NoConstantError."""
    match node:
        case c_ast.Constant(type=kind, value=text):
            return _constant(kind, text)
        case c_ast.ID(name=name):
            known = names.lookup(name)
            if known is None:
                raise NoConstantError(name)
            return known if isinstance(known, Constant) else _fitting(known)
        case c_ast.UnaryOp(op="sizeof" | "_Alignof", expr=operand):
            return _size(operand, names)
        case c_ast.UnaryOp(op=op, expr=operand):
            return _unary(op, evaluate_node(operand, names))
        case c_ast.BinaryOp():
            return _binary_chain(node, names)
        case c_ast.TernaryOp(cond=cond, iftrue=yes, iffalse=no):
            return evaluate_node(yes if evaluate_node(cond, names).value else no, names)
        case c_ast.Cast(to_type=to_type, expr=operand):
            return _cast(type_of(to_type, lambda n: ""), evaluate_node(operand, names), names)
        case c_ast.FuncCall(name=c_ast.ID(name=name), args=args):
            values = tuple(evaluate_node(a, names) for a in (args.exprs if args is not None else ()))
            result = names.apply(name, values)
            if result is None:
                raise NoConstantError(name)
            return result
        case _:
            raise NoConstantError(type(node).__name__)


def _constant(kind: str, text: str) -> Constant:
    if kind == "char" or text.endswith("'"):
        body = text[text.index("'") + 1 : -1]
        return Constant(_character(body))
    match = _PLAIN.fullmatch(text)
    found = _integer(match["digits"], match["suffix"].lower()) if match else None
    if found is None:
        raise NoConstantError(text)
    return found


def _character(body: str) -> int:
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


def _fitting(value: int) -> Constant:
    if -(1 << 31) <= value < 1 << 31:
        return Constant(value)
    if -(1 << 63) <= value < 1 << 63:
        return Constant(value, 64)
    return Constant(value & ((1 << 64) - 1), 64, signed=False)


def _size(operand: c_ast.Node, names: Names) -> Constant:
    if isinstance(operand, c_ast.Constant) and operand.type == "string":
        return Constant(_text_size(operand.value), 64, signed=False)
    if isinstance(operand, c_ast.Typename):
        ref = type_of(operand, lambda n: "")
    elif isinstance(operand, c_ast.ID):
        # Not seen as a type while parsing; in a constant expression nothing else can be meant.
        ref = TypeRef(operand.name)
    else:
        raise NoConstantError("sizeof")
    size = names.size_of(ref)
    if size is None:
        raise NoConstantError("sizeof")
    return Constant(size, 64, signed=False)


def _text_size(text: str) -> int:
    total = 1
    for part in _STRING.findall(text):
        total += len(re.sub(r"\\(?:x[0-9a-fA-F]+|[0-7]{1,3}|.)", "x", part[1:-1]).encode("utf-8", "replace"))
    return total


def _binary_chain(node: c_ast.Node, names: Names) -> Constant:
    # Long sums are deep on the left; walk down without recursion.
    spine: list[c_ast.Node] = []
    while isinstance(node, c_ast.BinaryOp):
        spine.append(node)
        node = node.left
    left = evaluate_node(node, names)
    for top in reversed(spine):
        if (top.op == "&&" and not left.value) or (top.op == "||" and left.value):
            left = Constant(int(bool(left.value)))
            continue
        left = _binary(top.op, left, evaluate_node(top.right, names))
    return left


def _unary(op: str, operand: Constant) -> Constant:
    if op == "!":
        return Constant(int(not operand.value))
    if op not in ("+", "-", "~"):
        raise NoConstantError(op)
    operand = _promoted(operand)
    value = {"+": operand.value, "-": -operand.value, "~": ~operand.value}[op]
    return _checked(value, operand.bits, operand.signed)


def _promoted(operand: Constant) -> Constant:
    return operand if operand.bits >= 32 else Constant(operand.value)


def _binary(op: str, left: Constant, right: Constant) -> Constant:
    left, right = _promoted(left), _promoted(right)
    if op in ("&&", "||"):
        return Constant(int(bool(left.value and right.value) if op == "&&" else bool(left.value or right.value)))
    if op in ("<<", ">>"):
        if not 0 <= right.value < left.bits:
            raise NoConstantError("shift")
        value = left.value << right.value if op == "<<" else left.value >> right.value
        return _wrapped(value, left.bits, left.signed)
    bits = max(left.bits, right.bits)
    signed = all(s.signed or s.bits < bits for s in (left, right))
    a, b = _wrapped(left.value, bits, signed).value, _wrapped(right.value, bits, signed).value
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
            return _wrapped(a & b, bits, signed)
        case "|":
            return _wrapped(a | b, bits, signed)
        case "^":
            return _wrapped(a ^ b, bits, signed)
        case _:
            raise NoConstantError(op)


def _checked(value: int, bits: int, signed: bool) -> Constant:
    # Overflow of a signed constant is undefined: a compiler refuses it or warns, so there is no value to trust.
    if signed and not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise NoConstantError("overflow")
    return _wrapped(value, bits, signed)


def _wrapped(value: int, bits: int, signed: bool) -> Constant:
    value &= (1 << bits) - 1
    if signed and value >> (bits - 1):
        value -= 1 << bits
    return Constant(value, bits, signed)


_UNSIGNED = re.compile(r"\bunsigned\b|^u_?int|^u(?:int|char|short|long)|^size_t$|^uint\d+_t$|uintptr|^_?[Bb]ool$")
_FLOATING = frozenset(("float", "double", "long double"))


def _cast(ref: TypeRef, operand: Constant, names: Names) -> Constant:
    if ref.is_pointer or ref.base in _FLOATING:
        raise NoConstantError("cast")
    if ref.base in ("bool", "_Bool"):
        return Constant(int(bool(operand.value)), 8, signed=False)
    size = names.size_of(ref)
    if size is None:
        # A typedef of which nothing is known keeps the value: sizes and flags fit their own type.
        return operand
    if size not in (1, 2, 4, 8):
        raise NoConstantError("cast")
    return _wrapped(operand.value, size * 8, not _UNSIGNED.search(ref.base))


class Constants(Mapping[str, int]):
    """Values by name, each worked out when it is first asked for.

    `definitions` are the bodies that a name is defined with in the project, `functions` those of function-like
    macros with their parameters, `enumerator` gives the value of an enumerator and `enumerators` all their names.
    A name whose definitions have different values has none.
    """

    def __init__(
        self,
        definitions: Mapping[str, Sequence[str]],
        functions: Mapping[str, tuple[tuple[str, ...], str]] = {},
        enumerator: Callable[[str], int | None] = lambda name: None,
        enumerators: Callable[[], Sequence[str]] = lambda: (),
        size_of: SizeOf = lambda ref: None,
        types: Container[str] = (),
    ) -> None:
        self._definitions, self._functions = definitions, functions
        self._enumerator, self._enumerators, self._types = enumerator, enumerators, types
        self._names = Names(self.constant, size_of, self._apply)
        self._known: dict[str, Constant | None] = {}
        self._bodies: dict[str, c_ast.Node | None] = {}
        self._open: list[str] = []
        self._cut = False
        self._steps = 0

    def constant(self, name: str) -> Constant | None:
        """The value with its type; None for what is no constant."""
        if name in self._known:
            return self._known[name]
        if not self._enter(name):
            return None
        cut, self._cut = self._cut, False
        try:
            found = self._work_out(name)
        finally:
            self._open.pop()
        if found is not None or not self._cut or not self._open:
            # What was cut short by a cycle around it is worked out afresh when asked for by itself.
            self._known[name] = found
        self._cut = (self._cut or cut) and bool(self._open)
        return found

    def _enter(self, name: str) -> bool:
        """Whether there is still depth and work left to look into a definition."""
        if not self._open:
            self._steps = 0
        self._steps += 1
        if name in self._open or len(self._open) > MAX_DEPTH or self._steps > MAX_STEPS:
            self._cut = True
            return False
        self._open.append(name)
        return True

    def _work_out(self, name: str) -> Constant | None:
        bodies = self._definitions.get(name)
        if not bodies:
            value = self._enumerator(name)
            return _fitting(value) if value is not None else None
        first: Constant | None = None
        for body in dict.fromkeys(bodies):
            value_ = constant_of(body, self._names, self._types)
            if value_ is None or (first is not None and value_.value != first.value):
                return None
            first = first or value_
        return first

    def _apply(self, name: str, args: tuple[Constant, ...]) -> Constant | None:
        known = self._functions.get(name)
        if known is None or len(known[0]) != len(args) or not self._enter(name):
            return None
        params = dict(zip(known[0], args, strict=True))
        try:
            if name not in self._bodies:
                self._bodies[name] = _tree(known[1], self._types)
            tree = self._bodies[name]
            inner = Names(lambda n: params[n] if n in params else self.constant(n), self._names.size_of, self._apply)
            return evaluate_node(tree, inner) if tree is not None else None
        except NoConstantError:
            return None
        finally:
            self._open.pop()

    def evaluate(self, text: str) -> int | None:
        """The value of an expression over these names."""
        found = constant_of(text, self._names, self._types)
        return found.value if found is not None else None

    def evaluate_node(self, node: c_ast.Node, own: Mapping[str, int]) -> int | None:
        """The value of a parsed expression in which the names of `own` have the values given."""
        names = Names(lambda n: own[n] if n in own else self.constant(n), self._names.size_of, self._apply)
        try:
            with deep():
                return evaluate_node(node, names).value
        except (NoConstantError, RecursionError):
            return None

    def __getitem__(self, name: str) -> int:
        found = self.constant(name)
        if found is None:
            raise KeyError(name)
        return found.value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.constant(name) is not None

    def __iter__(self) -> Iterator[str]:
        seen = dict.fromkeys([*self._definitions, *self._enumerators()])
        return (n for n in seen if n in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
