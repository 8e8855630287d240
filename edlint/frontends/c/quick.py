"""Constant expressions of names, numbers and operators as trees of pycparser's, made without its grammar.

Nearly all constants of a project are such; a tree takes a twentieth of the time. What is anything else, a cast or
`sizeof` or a call, is left to the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Container

from pycparser import c_ast

_TOKEN = re.compile(r"\s*+(?:([0-9][0-9A-Za-z_]*+)|([A-Za-z_]\w*+)|(<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:()]))")
_LEVELS = ("||", "&&", "|", "^", "&", "== !=", "< > <= >=", "<< >>", "+ -", "* / %")
_PRECEDENCE = {op: level for level, ops in enumerate(_LEVELS, 1) for op in ops.split()}
_UNARY = frozenset("+-~!")
_WORDS = frozenset(
    (
        "sizeof",
        "_Alignof",
        "alignof",
        "struct",
        "union",
        "enum",
        "int",
        "char",
        "short",
        "long",
        "unsigned",
        "signed",
        "float",
        "double",
        "void",
        "_Bool",
        "bool",
        "const",
        "volatile",
        "typeof",
        "__typeof__",
        "__extension__",
        "defined",
    )
)
_MAX_DEPTH = 24


class _OtherError(Exception):
    """Something that only the grammar can read."""


def tree(text: str, types: Container[str]) -> c_ast.Node | None:
    """The tree of an expression; None when it is not of names, numbers and operators alone.

    `types` are names of types, which make a cast of what looks like a product.
    """
    tokens: list[str] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at, end)
        if found is None:
            return None
        word = found[2]
        if word is not None and (word in _WORDS or word.endswith("_t") or word in types):
            return None
        tokens.append(found[found.lastindex or 0])
        at = found.end()
    try:
        reader = _Reader([*tokens, ""])
        made = reader.choice(0)
    except _OtherError:
        return None
    return made if reader.at == len(tokens) else None


class _Reader:
    """Recursive descent over tokens, the last of them empty."""

    __slots__ = ("at", "tokens")

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at = tokens, 0

    def choice(self, depth: int) -> c_ast.Node:
        """`a ? b : c`, or anything that binds tighter."""
        made = self._binary(1, depth)
        if self.tokens[self.at] != "?":
            return made
        self.at += 1
        yes = self.choice(depth + 1)
        if self.tokens[self.at] != ":":
            raise _OtherError
        self.at += 1
        return c_ast.TernaryOp(made, yes, self.choice(depth + 1))

    def _binary(self, least: int, depth: int) -> c_ast.Node:
        left = self._operand(depth)
        while (level := _PRECEDENCE.get(self.tokens[self.at], 0)) >= least:
            op = self.tokens[self.at]
            self.at += 1
            left = c_ast.BinaryOp(op, left, self._binary(level + 1, depth + 1))
        return left

    def _operand(self, depth: int) -> c_ast.Node:
        token = self.tokens[self.at]
        self.at += 1
        if depth > _MAX_DEPTH or not token:
            raise _OtherError
        if token in _UNARY:
            return c_ast.UnaryOp(token, self._operand(depth + 1))
        if token == "(":
            made = self.choice(depth + 1)
            if self.tokens[self.at] != ")":
                raise _OtherError
            self.at += 1
            after = self.tokens[self.at]
            if after and (after[0].isalnum() or after[0] in "_(~!"):
                # A cast to a type of which nothing is known.
                raise _OtherError
            return made
        if token[0].isdigit():
            return c_ast.Constant("int", token)
        if not (token[0].isalpha() or token[0] == "_") or self.tokens[self.at] == "(":
            raise _OtherError
        return c_ast.ID(token)
