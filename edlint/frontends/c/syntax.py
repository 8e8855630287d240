"""The grammars: everything that names tree-sitter is behind this module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import tree_sitter
import tree_sitter_c
import tree_sitter_cpp

Node: TypeAlias = tree_sitter.Node
Tree: TypeAlias = tree_sitter.Tree

_PARSERS = {
    "c": tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language())),
    "c++": tree_sitter.Parser(tree_sitter.Language(tree_sitter_cpp.language())),
}


def parse(text: bytes, language: str, old: Tree | None = None) -> Tree:
    """The tree of a text; `old` is the edited tree of an earlier version of it, whose sound parts are kept."""
    parser = _PARSERS[language]
    return parser.parse(text, old) if old is not None else parser.parse(text)


def errors(node: Node) -> Iterator[Node]:
    """The outermost nodes below `node` that are errors or were made up by the parser, in the order of the text."""
    stack = [node]
    while stack:
        top = stack.pop()
        if top.is_error or top.is_missing:
            yield top
        elif top.has_error:
            stack.extend(reversed(top.children))


def field(node: Node, name: str) -> Node | None:
    """The child in a field of the grammar."""
    return node.child_by_field_name(name)


def edit(tree: Tree, start: int, end: int) -> None:
    """Tell `tree` that [start, end) was overwritten by as many bytes."""
    point = (0, start)
    tree.edit(
        start_byte=start,
        old_end_byte=end,
        new_end_byte=end,
        start_point=point,
        old_end_point=(0, end),
        new_end_point=(0, end),
    )
