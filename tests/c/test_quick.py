"""Trees of constant expressions: those made without the grammar are the grammar's own."""

from __future__ import annotations

import random

import pytest
from pycparser import c_ast

from edlint.frontends.c import quick
from edlint.frontends.c.tokens import parse, pieces

_OPERATORS = ["+", "-", "*", "/", "%", "<<", ">>", "<", ">", "<=", ">=", "==", "!=", "&", "|", "^", "&&", "||"]


def spelled(node: c_ast.Node) -> str:
    """A tree with all its parentheses."""
    if isinstance(node, c_ast.Constant):
        return str(node.value)
    if isinstance(node, c_ast.ID):
        return str(node.name)
    return f"({getattr(node, 'op', '?')} {' '.join(spelled(child) for child in node)})"


def made(random_: random.Random, depth: int = 0) -> str:
    """An expression at random."""
    kind = random_.random()
    if depth > 4 or kind < 0.3:
        return random_.choice(("1", "0x1fUL", "A", "B_c", "07", "12u"))
    inner = made(random_, depth + 1)
    if kind < 0.45:
        return f"{random_.choice('+-~!')} {inner}"
    if kind < 0.6:
        return f"({inner})"
    other = made(random_, depth + 1)
    if kind < 0.68:
        return f"{inner} ? {other} : {made(random_, depth + 1)}"
    return f"{inner} {random_.choice(_OPERATORS)} {other}"


@pytest.mark.parametrize("seed", range(200))
def test_tree_is_the_grammars(seed: int) -> None:
    text = made(random.Random(seed))
    tree = quick.tree(text, ())
    if tree is None:
        # A name in parentheses with an operand behind it may be a cast.
        assert ") " in text
        return
    assert spelled(tree) == spelled(parse(pieces(f"int v = {text};"), [])[0].init)


@pytest.mark.parametrize(
    "text",
    ("sizeof(int)", "(T)1", "(size_t)1", "MAX(1, 2)", "f", "1 +", "a b", "(1", "1)", "'a'", "1.5", "~", "x ? y", "*p"),
)
def test_what_is_left_to_the_grammar(text: str) -> None:
    assert quick.tree(text, frozenset(("f",))) is None
