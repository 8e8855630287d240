"""Functions of a C file read with one alternative of each `#if`, by the grammar of the first reader.

Most functions that the first reader leaves in pieces are cut up by conditions. The parser is given what is left when
all conditions hold, or none, in the places where it stands: that takes a small part of the time of the second reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from edlint.frontends.c.directives import bare
from edlint.frontends.c.flow import MAX_DEPTH
from edlint.frontends.c.items import Decided, Item, segments
from edlint.frontends.c.nesting import nested_deeper
from edlint.frontends.c.syntax import Effort, Node, parse_parts

MAX_ITEM = 100_000
"""Code points of a function that is read again: what is longer and damaged is damaged in many places."""
_ENDED = re.compile(r";(?=[ \t]*+#)")
_BLANK = re.compile(r"\s*")


class Alternatives:
    """The functions of one file.

    `data` is its text or a masked copy, `decided` what is known of conditions, `effort` what is done for the file.
    """

    def __init__(self, data: bytes, decided: Decided, effort: Effort) -> None:
        self._decided = decided
        self._effort = effort
        # Where masking chose an alternative, the directives are gone from its copy; where it ended a line in a
        # semicolon, the line ends again.
        clean = bare(data.decode("ascii"))
        ends = [m.start() for m in _ENDED.finditer(clean)]
        self._clean, self._data = (
            (_lines(clean.encode("ascii"), ends).decode("ascii"), _lines(data, ends)) if ends else (clean, data)
        )

    def definition(self, item: Item) -> Node | None:
        """The function definition that an item is; None when there is none, or none free of errors."""
        if item.end - item.start > MAX_ITEM or nested_deeper(self._clean, item.start, item.end, MAX_DEPTH):
            return None
        readings = (self.reading(item, holds=holds) for holds in ((True, False) if item.conditional else (True,)))
        return next((r for r in readings if r is not None), None)

    def reading(self, item: Item, *, holds: bool) -> Node | None:
        """The definition that is left when the conditions that are not decided hold, or when they do not."""
        ranges = list(self._ranges(item, holds=holds))
        if not ranges:
            return None
        return definition(parse_parts(self._data, "c", ranges, self._effort).root_node)

    def _ranges(self, item: Item, *, holds: bool) -> Iterator[tuple[int, int]]:
        for start, end in segments(self._clean, item.start, item.end, holds=holds, decided=self._decided):
            # A comment that starts behind a directive may end lines below it.
            first = _BLANK.match(self._clean, start, end)
            if first is not None and first.end() < end:
                yield first.end(), end


def _lines(text: bytes, ends: Iterable[int]) -> bytes:
    made = bytearray(text)
    for end in ends:
        made[end] = 0x0A
    return bytes(made)


def definition(root: Node) -> Node | None:
    """The function definition that a tree is, comments aside; None for anything else and where there are errors."""
    found = [c for c in root.named_children if c.type != "comment"] if not root.has_error else []
    if len(found) != 1 or found[0].type != "function_definition":
        return None
    # What looks like an old-style parameter is more often the head of another alternative.
    return found[0] if all(c.type != "declaration" for c in found[0].named_children) else None
