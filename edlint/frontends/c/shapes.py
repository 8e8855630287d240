"""Nodes in the shape of the first reader's, so that one lowering serves both readers.

A Shape answers what the lowering asks of a node: its kind, its parts by field, its range of the text. The text is
that of the tokens which pycparser was given, and `Rendered` knows which places of the file they stand for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from edlint.frontends.c.syntax import kind_number
from edlint.frontends.c.tokens import Piece
from edlint.source import Source, Span


class Shape:
    """A node: what the lowering uses of tree-sitter's."""

    __slots__ = ("children", "end_byte", "fields", "first", "is_named", "last", "start_byte", "type")

    is_error = has_error = is_missing = False

    def __init__(self, kind: str, start: int, end: int, first: int, last: int, named: bool = True) -> None:
        self.type = kind
        self.start_byte, self.end_byte = start, end
        self.first, self.last = first, last
        """Positions of its first and last token."""
        self.is_named = named
        self.children: list[Shape] = []
        self.fields: list[str | None] = []

    def add(self, field: str | None, child: Shape | None) -> Shape:
        """Append a part."""
        if child is not None:
            self.children.append(child)
            self.fields.append(field)
        return self

    @property
    def kind_id(self) -> int:
        """The number of its kind."""
        return kind_number(self.type)

    @property
    def named_children(self) -> list[Shape]:
        """The parts that are no bare tokens."""
        return [c for c in self.children if c.is_named]

    @property
    def named_child_count(self) -> int:
        """How many parts are no bare tokens."""
        return sum(c.is_named for c in self.children)

    def named_child(self, position: int) -> Shape | None:
        """One of the parts that are no bare tokens."""
        return self.named_children[position]

    def child_by_field_name(self, name: str) -> Shape | None:
        """The part in a field."""
        return next((c for c, f in zip(self.children, self.fields, strict=True) if f == name), None)

    def children_by_field_name(self, name: str) -> list[Shape]:
        """The parts in a field that may hold several."""
        return [c for c, f in zip(self.children, self.fields, strict=True) if f == name]

    def walk(self) -> Cursor:
        """A cursor over the parts."""
        return Cursor(self)


class Cursor:
    """Goes through the parts of one node."""

    __slots__ = ("_at", "_node")

    def __init__(self, node: Shape) -> None:
        self._node, self._at = node, -1

    def goto_first_child(self) -> bool:
        """Go to the first part."""
        self._at = 0
        return bool(self._node.children)

    def goto_next_sibling(self) -> bool:
        """Go to the next part."""
        self._at += 1
        return self._at < len(self._node.children)

    @property
    def node(self) -> Shape:
        """The part that the cursor is at."""
        return self._node.children[self._at] if self._at >= 0 else self._node

    @property
    def field_name(self) -> str | None:
        """The field of that part."""
        return self._node.fields[self._at] if self._at >= 0 else None


class Rendered:
    """The text of tokens, and the places of the file that its ranges stand for."""

    def __init__(self, source: Source, tokens: Sequence[Piece]) -> None:
        self.source, self.tokens = source, tokens
        self.starts: list[int] = []
        self.ends: list[int] = []
        parts: list[str] = []
        size = 0
        before: Piece | None = None
        for piece in tokens:
            if before is not None and (piece.start != before.end or piece.macro or before.macro):
                parts.append(" ")
                size += 1
            self.starts.append(size)
            parts.append(piece.value)
            size += len(piece.value)
            self.ends.append(size)
            before = piece
        self.text = "".join(parts)
        self._size = size
        self.partner = _partners(tokens)
        """For each bracket the position of the one it belongs to, -1 for everything else."""
        self._made: list[tuple[int, int, int]] = []

    def make(self, text: str, first: int, last: int) -> tuple[int, int]:
        """Text that stands nowhere in a row in the tokens, for the tokens from `first` to `last`: its range."""
        start = len(self.text) + 1
        self.text += " " + text
        self._made.append((start, first, last))
        return start, start + len(text)

    def span(self, start: int, end: int) -> Span:
        """The place in the file of a range of the text."""
        if start > self._size:
            at = bisect_right(self._made, start, key=lambda m: m[0]) - 1
            _, first, last = self._made[max(at, 0)]
        else:
            first = max(bisect_right(self.starts, start) - 1, 0)
            last = max(bisect_left(self.starts, end) - 1, first)
        return self.covered(first, last)

    def covered(self, first: int, last: int) -> Span:
        """The place in the file of the tokens from `first` to `last`."""
        some = self.tokens[first : last + 1] or self.tokens[:1]
        return self.source.span(min(p.start for p in some), max(p.end for p in some))

    def node(self, kind: str, first: int, last: int, named: bool = True) -> Shape:
        """A node over some tokens, widened until its brackets are closed inside it."""
        first, last = self._balanced(first, last)
        return Shape(kind, self.starts[first], self.ends[last], first, last, named)

    def _balanced(self, first: int, last: int) -> tuple[int, int]:
        first, last = max(0, min(first, last)), min(max(first, last), len(self.tokens) - 1)
        at, done = first, last
        while at <= done:
            partner = self.partner[at]
            if partner >= 0:
                if partner > done:
                    done = partner
                elif partner < first:
                    first = at = partner
                    continue
                elif partner > at:
                    at = partner
            at += 1
        return first, done

    def spelled(self, kind: str, text: str, first: int, last: int) -> Shape:
        """A node whose text stands nowhere in a row in the tokens."""
        start, end = self.make(text, first, last)
        return Shape(kind, start, end, first, last)

    def token(self, index: int) -> Shape:
        """A bare token."""
        index = max(0, min(index, len(self.tokens) - 1))
        value = self.tokens[index].value
        return Shape(value, self.starts[index], self.ends[index], index, index, named=False)

    def before(self, index: int, *values: str) -> int:
        """Position of the token before `index`, opening brackets that are none of `values` passed over."""
        at = index - 1
        while at > 0 and self.tokens[at].value not in values and self.tokens[at].value == "(":
            at -= 1
        return max(at, 0)

    def enclosing(self, index: int, bracket: str) -> int:
        """Position of the nearest `bracket` before `index` that is still open there; `index` when there is none."""
        at = index - 1
        while at >= 0:
            if self.tokens[at].value == bracket:
                return at
            closed = self.partner[at]
            at = closed - 1 if 0 <= closed < at else at - 1
        return index

    def after(self, index: int, *values: str) -> int:
        """Position of the token behind `index`, closing brackets that are none of `values` passed over."""
        at = index + 1
        while at < len(self.tokens) and self.tokens[at].value not in values and self.tokens[at].value == ")":
            at += 1
        return min(at, len(self.tokens) - 1)


def _partners(tokens: Sequence[Piece]) -> list[int]:
    """For each bracket the position of the one it belongs to, -1 for everything else."""
    partners = [-1] * len(tokens)
    stack: list[int] = []
    for index, piece in enumerate(tokens):
        if piece.value in ("(", "[", "{"):
            stack.append(index)
        elif piece.value in (")", "]", "}") and stack:
            opened = stack.pop()
            partners[opened], partners[index] = index, opened
    return partners
