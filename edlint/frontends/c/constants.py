"""Constant expressions of C, with pycparser's grammar: `#define` bodies, array dimensions, enumerators."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pycparser import c_ast

from edlint.frontends.c import quick
from edlint.frontends.c.arithmetic import (
    Constant,
    NoConstantError,
    binary,
    character,
    fitting,
    literal,
    unary,
    wrapped,
)
from edlint.frontends.c.records import type_of
from edlint.frontends.c.tokens import ParseError, deep, parse, pieces
from edlint.model.types import TypeRef

MAX_TEXT = 4_000
"""Characters of an expression; a longer one has no value."""
MAX_STEPS = 20_000
"""Definitions looked up for the sake of one."""
MAX_DEPTH = 60
"""Definitions inside each other that are followed."""

_HOPELESS = re.compile(r"[{};#@`$]|\b(?:do|while|if|else|return|goto|for|struct\s+\w+\s*\{|static|extern)\b")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


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
    plain = quick.tree(text, types)
    if plain is not None:
        return plain
    tokens = pieces(f"int v = {text};")
    guesses = [p.value for p in tokens[3:] if p.is_word and (p.value.endswith("_t") or p.value in types)]
    try:
        nodes = parse(tokens, guesses)
    except ParseError:
        return None
    return nodes[0].init if len(nodes) == 1 and isinstance(nodes[0], c_ast.Decl) else None


def evaluate_node(node: c_ast.Node, names: Names) -> Constant:
    """The value of an expression tree; raises NoConstantError."""
    match node:
        case c_ast.Constant(type=kind, value=text):
            return _constant(kind, text)
        case c_ast.ID(name=name):
            known = names.lookup(name)
            if known is None:
                raise NoConstantError(name)
            return known if isinstance(known, Constant) else fitting(known)
        case c_ast.UnaryOp(op="sizeof" | "_Alignof", expr=operand):
            return _size(operand, names)
        case c_ast.UnaryOp(op=op, expr=operand):
            return unary(op, evaluate_node(operand, names))
        case c_ast.BinaryOp():
            return _binary_chain(node, names)
        case c_ast.TernaryOp(cond=cond, iftrue=yes, iffalse=no):
            return evaluate_node(yes if evaluate_node(cond, names).value else no, names)
        case c_ast.Cast(to_type=to_type, expr=operand):
            return _cast(type_of(to_type, lambda dim: _dimension(dim, names)), evaluate_node(operand, names), names)
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
        return Constant(character(body))
    found = literal(text)
    if found is None:
        raise NoConstantError(text)
    return found


def _size(operand: c_ast.Node, names: Names) -> Constant:
    if isinstance(operand, c_ast.Constant) and operand.type == "string":
        return Constant(_text_size(operand.value), 64, signed=False)
    if isinstance(operand, c_ast.Typename):
        ref = type_of(operand, lambda dim: _dimension(dim, names))
    elif isinstance(operand, c_ast.ID):
        # Not seen as a type while parsing; in a constant expression nothing else can be meant.
        ref = TypeRef(operand.name)
    else:
        raise NoConstantError("sizeof")
    size = names.size_of(ref)
    if size is None:
        raise NoConstantError("sizeof")
    return Constant(size, 64, signed=False)


def _dimension(node: c_ast.Node | None, names: Names) -> str:
    return str(evaluate_node(node, names).value) if node is not None else ""


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
        left = binary(top.op, left, evaluate_node(top.right, names))
    return left


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
    return wrapped(operand.value, size * 8, not _UNSIGNED.search(ref.base))


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
        self._evaluated: dict[str, int | None] = {}
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
            return fitting(value) if value is not None else None
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
        if text not in self._evaluated:
            found = constant_of(text, self._names, self._types)
            if self._open:
                # Inside another definition a cycle may have cut it short.
                return found.value if found is not None else None
            self._evaluated[text] = found.value if found is not None else None
        return self._evaluated[text]

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

    def value(self, name: str) -> int | None:
        """As `get`, which takes many times as long for what is no constant: most names are none."""
        found = self.constant(name)
        return found.value if found is not None else None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.constant(name) is not None

    def __iter__(self) -> Iterator[str]:
        seen = dict.fromkeys([*self._definitions, *self._enumerators()])
        return (n for n in seen if n in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
