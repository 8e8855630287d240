"""Types of several tokens as one: those that macros make, and those that are arguments of macros."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from edlint.frontends.c.items import Item
from edlint.frontends.c.tokens import Piece
from edlint.frontends.c.typed_arguments import made_types
from edlint.model.unit import Macro
from edlint.source import Source

_NO_TYPE = frozenset("{};=")
"""What is in no type."""


def with_types(tokens: list[Piece], source: Source, item: Item, find: Callable[[str], Macro | None]) -> list[Piece]:
    """The tokens of an item with one for each type that a macro makes: `STACK_OF(T)`."""
    found: list[Piece] = []
    at = 0
    for start, end in made_types(source.text[item.start : item.end]):
        start, end = start + item.start, end + item.start
        while at < len(tokens) and tokens[at].start < start:
            found.append(tokens[at])
            at += 1
        if at < len(tokens) and tokens[at].start == start:
            macro = find(tokens[at].value)
            if macro is not None and not _NO_TYPE.isdisjoint(macro.body):
                continue
            inside = at
            while at < len(tokens) and tokens[at].end <= end:
                at += 1
            found.append(joined(tokens[inside:at]))
    return found + tokens[at:]


def joined(tokens: Sequence[Piece]) -> Piece:
    """One token for several, spelled as these are."""
    text = ""
    for before, piece in zip((None, *tokens), tokens, strict=False):
        text += " " * (before is not None and (before.end != piece.start or piece.macro != "")) + piece.value
    return replace(tokens[0], value=text, end=tokens[-1].end)
