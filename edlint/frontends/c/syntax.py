"""The grammars: everything that names tree-sitter is behind this module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

import tree_sitter
import tree_sitter_c
import tree_sitter_cpp

Node: TypeAlias = tree_sitter.Node
Tree: TypeAlias = tree_sitter.Tree

Handler = TypeVar("Handler")

_GRAMMARS = {
    "c": tree_sitter.Language(tree_sitter_c.language()),
    "c++": tree_sitter.Language(tree_sitter_cpp.language()),
}
LANGUAGES = tuple(_GRAMMARS)
_PARSERS = {language: tree_sitter.Parser(grammar) for language, grammar in _GRAMMARS.items()}
_ERROR = 0xFFFF
UNKNOWN_KIND = 0xFFFE
"""Number of the kinds that a grammar does not have."""


def by_kind(language: str, handlers: Mapping[str, Handler], other: Handler) -> dict[int, Handler]:
    """The handlers of the kinds by the numbers that the grammar gives these, `other` for all the rest.

    The number of a node's kind is at hand, while its name is made anew each time that it is asked for.
    """
    grammar = _GRAMMARS[language]
    found = {n: handlers.get(grammar.node_kind_for_id(n) or "", other) for n in range(grammar.node_kind_count)}
    return {**found, _ERROR: handlers.get("ERROR", other), UNKNOWN_KIND: other}


def kind_number(kind: str) -> int:
    """The number of a kind in the grammar of C."""
    return _NUMBERS.get(kind, UNKNOWN_KIND)


_NUMBERS = {_GRAMMARS["c"].node_kind_for_id(n): n for n in reversed(range(_GRAMMARS["c"].node_kind_count))}
_NUMBERS["ERROR"] = _ERROR


def triple(node: Node, first: str, second: str, third: str) -> Sequence[Node | None]:
    """What is in three fields, given in the order of the text, of a node that mostly has no other parts."""
    children = node.children
    if len(children) == 3:
        return children
    return node.child_by_field_name(first), node.child_by_field_name(second), node.child_by_field_name(third)


def pair(node: Node, first: str, second: str) -> Sequence[Node | None]:
    """What is in two fields, given in the order of the text, of a node that mostly has no other parts."""
    children = node.children
    if len(children) == 2:
        return children
    return node.child_by_field_name(first), node.child_by_field_name(second)


def named_pair(node: Node, first: str, second: str) -> Sequence[Node | None]:
    """As `pair`, of a node that has brackets around its parts."""
    if node.named_child_count == 2:
        return node.named_child(0), node.named_child(1)
    return node.child_by_field_name(first), node.child_by_field_name(second)


def only_part(node: Node) -> Node | None:
    """The named part of a node that has just one."""
    return node.named_child(0) if node.named_child_count == 1 else None


_UNHEARD = 8 * 1024
"""Bytes of a file, over all its readings, that are parsed without counting."""
_PLAIN = 160
"""Bytes of well-formed C that take a hundred steps."""
_CHUNK = 64 * 1024
_MAX_OPEN = 50_000
"""Brackets of a kind that are open at the end of a text."""
_BRACKETS = ((b"(", b")"), (b"[", b"]"), (b"{", b"}"))
_MAX_MARKS = 2_000_000
"""Marks of a text: each is a node of the tree and takes some two hundred bytes."""
_NO_MARKS = bytes(c for c in range(256) if c not in b"(){}[]<>;:,")
BUDGET = 128_000
"""Hundreds of plain steps of the parser that one file may cost over all its readings.

Well-formed C takes 6,000 to 16,000 of them a megabyte, tables of numbers up to 25,000.
"""
_EVERY = 512
"""Hundreds of steps of which one is listened to; behind an error at first after `_FIRST`, then twice as many."""
_FIRST = 16
_LEAST, _PER_STEP = 20_000, 4
"""What one reading may cost in any case, and the bytes that allow for more: well-formed C takes 40 to 160 a step."""
_COSTS = {"resume": 120, "condense": 15, "removed": 25}
"""Plain steps that take the time of what the parser does about an error: it tries every token that might be missing,
and keeps several readings side by side until it takes one out. None of that is counted among its steps."""


class TooHardError(Exception):
    """The parser gave up on a text that would take it too long."""


class Effort:
    """What the parser has done for one file, in hundreds of plain steps."""

    __slots__ = ("_gap", "_passed", "_read", "spent")

    def __init__(self) -> None:
        self.spent = 0
        self._read = 0
        self._passed = 0
        self._gap = _FIRST

    def is_counted(self, size: int) -> bool:
        """Whether a reading of so many more bytes is counted; one that is not counts as if it were well-formed."""
        self._read += size
        if self._read > _UNHEARD:
            return True
        self.spent += size // _PLAIN
        return False

    def passed(self, steps: int) -> None:
        """So many more hundreds of steps were made."""
        self.spent += steps
        self._passed += steps

    def until_heard(self, broken: bool) -> int:
        """Steps until one that is listened to, which takes many times as long as parsing; 0 where the next one is.

        `broken`: the parser says that there was an error, which it does not always.
        """
        return max(0, (self._gap if broken else _EVERY) - self._passed)

    def hear(self, steps: int) -> None:
        """Plain steps that a step took the time of beside its own; those since the last one are taken for alike."""
        self.spent += steps * self._passed // 100
        self._passed, self._gap = 0, min(_EVERY, self._gap * 2)

    @property
    def is_too_much(self) -> bool:
        """Whether the file is given up."""
        return self.spent > BUDGET


def parse(text: bytes, language: str, effort: Effort | None = None, like: Tree | None = None) -> Tree:
    """The tree of a text; raises TooHardError when `effort`, to which this reading is added, gets too much.

    `like` is the tree of a text that differs in nothing but what was told to it with `overwritten`.
    """
    effort = effort or Effort()
    if not effort.is_counted(len(text)):
        parser = _PARSERS[language]
        return parser.parse(text) if like is None else parser.parse(text, like)
    if _is_too_dense(text):
        raise TooHardError
    return _counted(text, len(text), language, effort, like)


def _is_too_dense(text: bytes) -> bool:
    if len(text) > _MAX_OPEN and any(
        (n := text.count(a)) > _MAX_OPEN and n - text.count(b) > _MAX_OPEN for a, b in _BRACKETS
    ):
        # The parser's own memory of them is taken down by recursion, which ends in the end of the stack.
        return True
    return len(text) > _MAX_MARKS and len(text.translate(None, _NO_MARKS)) > _MAX_MARKS


def _counted(text: bytes, size: int, language: str, effort: Effort, like: Tree | None = None) -> Tree:
    """The tree of `size` bytes of a text, the parser's work counted."""
    parser = _PARSERS[language]
    most = min(BUDGET, effort.spent + _LEAST + size // _PER_STEP)
    heard = passed = 0
    listening = broken = False
    # Almost all calls of `stop` only count: it is called ten thousand times a megabyte.
    due = min(effort.until_heard(broken), most - effort.spent + 1)

    def hear(_type: tree_sitter.LogType, message: str) -> None:
        nonlocal heard
        heard += _COSTS.get(message.partition(" ")[0], 0)

    def stop(_offset: int, failed: bool) -> bool:
        nonlocal passed, due
        passed += 1
        return (passed >= due or (failed and not broken)) and halt(failed)

    def halt(failed: bool) -> bool:
        nonlocal heard, passed, due, listening, broken
        broken = broken or failed
        effort.passed(passed)
        passed = 0
        if listening:
            del parser.logger
            effort.hear(heard)
            heard, listening = 0, False
        elif not effort.until_heard(broken):
            parser.logger = hear
            listening = True
        due = 1 if listening else min(effort.until_heard(broken), most - effort.spent + 1)
        return effort.spent > most

    # A text in one piece takes a little less time, but what is read here and there is copied for each place.
    chunk = size if like is None and size == len(text) else _CHUNK

    def read(offset: int, _point: object) -> bytes:
        return text[offset : offset + chunk]

    try:
        tree = (
            parser.parse(read, progress_callback=stop)
            if like is None
            else parser.parse(read, like, progress_callback=stop)
        )
    except ValueError:
        tree = None
    finally:
        del parser.logger
        effort.passed(passed)
    if tree is None or effort.spent > most:
        parser.reset()
        raise TooHardError
    return tree


def parse_part(text: bytes, language: str, start: int, end: int) -> Tree:
    """The tree of text[start:end], with the offsets of the whole text; raises TooHardError as `parse` does."""
    return parse_parts(text, language, [(start, end)])


def parse_parts(text: bytes, language: str, parts: Sequence[tuple[int, int]], effort: Effort | None = None) -> Tree:
    """The tree of some parts of a text as if nothing stood between them, with the offsets of the whole text.

    Raises TooHardError as `parse` does.
    """
    parser = _PARSERS[language]
    effort = effort or Effort()
    size = sum(end - start for start, end in parts)
    counted = effort.is_counted(size)
    # Only offsets are asked of the nodes, so lines and columns need not be right.
    parser.included_ranges = [tree_sitter.Range((0, start), (0, end), start, end) for start, end in parts]
    try:
        return _counted(text, size, language, effort) if counted else parser.parse(text)
    finally:
        del parser.included_ranges


def spanning(root: Node, start: int, end: int, kind: str = "") -> Node | None:
    """The outermost node that is exactly [start, end), of some kind if one is given."""
    node = root.descendant_for_byte_range(start, end)
    found: Node | None = None
    while node is not None and node.start_byte >= start and node.end_byte <= end:
        if node.start_byte == start and node.end_byte == end and (not kind or node.type == kind):
            found = node
        node = node.parent
    return found


def overwritten(tree: Tree, ranges: Sequence[tuple[int, int]]) -> None:
    """Tell a tree which ranges of its text are overwritten at equal length."""
    for start, end in ranges:
        # Only offsets are asked of the nodes, so lines and columns need not be right.
        tree.edit(start, end, end, (0, start), (0, end), (0, end))


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
