"""Where a tree is damaged: the parts of a file that are worth reading in a masked copy, and what a tree is worth."""

from __future__ import annotations

from edlint.frontends.c.syntax import Node

_HOLDERS = frozenset(
    {
        "translation_unit",
        "namespace_definition",
        "linkage_specification",
        "declaration_list",
        "preproc_if",
        "preproc_ifdef",
        "preproc_else",
        "preproc_elif",
        "preproc_elifdef",
    }
)
_LISTS = frozenset(
    {
        *_HOLDERS,
        "class_specifier",
        "struct_specifier",
        "union_specifier",
        "field_declaration_list",
        "template_declaration",
        "declaration",
        "field_declaration",
        "type_definition",
        "ERROR",
        "expression_statement",
        "compound_statement",
        "export_declaration",
        "friend_declaration",
    }
)
_LARGE = frozenset({"class_specifier", "struct_specifier", "field_declaration_list", "template_declaration"})
"""What is looked into when it is long, for the parts that hold the errors; a function stays whole, since what its
text means is often decided by its head."""
_LONG = 4_000
"""Code points of a declaration, mostly of a table, of which no more is read than what its errors are near to."""
_BLOCK = 64
"""Bytes that are taken for one change."""
_PAGE = 1024
"""Bytes that are compared at once."""
_NEAR = 1_000
"""Code points of a whole neighbour that still belong to the surroundings of an error."""
_REST = 200
"""Code points behind an item whose end is missing."""
_BETWEEN = 200
"""Code points between two items that are read with them: a range takes as long as ten times as many by itself."""


def ranges(root: Node, end: int) -> list[tuple[int, int]]:
    """The items that hold errors, each with its neighbours, in order and apart; `end` is that of the text."""
    found: list[tuple[int, int]] = []
    stack = [root]
    while stack:
        children = stack.pop().children
        for at, child in enumerate(children):
            if not (child.has_error or child.is_missing):
                continue
            start, stop, kind = child.start_byte, child.end_byte, child.type
            if kind in _HOLDERS or (kind in _LARGE and stop - start > _NEAR):
                stack.append(child)
                continue
            if kind == "declaration" and stop - start > _LONG:
                stop = min(stop, max(c.end_byte for c in child.children if c.has_error or c.is_missing) + _NEAR)
            if at and start - (near := children[at - 1].start_byte) <= _NEAR:
                start = near
            if at + 1 < len(children) and (near := children[at + 1].end_byte) - stop <= _NEAR:
                stop = near
            elif at + 1 < len(children) and child.child_count and child.children[-1].is_missing:
                # Where the end of an item was made up, what follows starts with the rest of it.
                stop += _REST
            found.append((start, min(stop, end)))
    found.sort()
    merged: list[tuple[int, int]] = []
    for start, stop in found:
        if merged and start <= merged[-1][1] + _BETWEEN:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def whole(root: Node) -> int:
    """How many function definitions are free of errors."""
    count = 0
    stack = [root]
    while stack:
        for child in stack.pop().named_children:
            kind = child.type
            if kind == "function_definition":
                count += not child.has_error
            elif kind in _LISTS:
                stack.append(child)
    return count


def changes(before: bytes, after: bytes) -> list[tuple[int, int]]:
    """The ranges in which two texts of equal length differ, in order, some of them taken together."""
    found: list[tuple[int, int]] = []
    for page in range(0, len(before), _PAGE):
        if before[page : page + _PAGE] == after[page : page + _PAGE]:
            continue
        for start in range(page, min(page + _PAGE, len(before)), _BLOCK):
            old, new = before[start : start + _BLOCK], after[start : start + _BLOCK]
            if old != new:
                bits = int.from_bytes(old, "little") ^ int.from_bytes(new, "little")
                first, last = (bits & -bits).bit_length() - 1, bits.bit_length() - 1
                found.append((start + first // 8, start + last // 8 + 1))
    return found
