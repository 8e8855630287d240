"""The top-level items of a C file by a light scan: no grammar, so that a broken item hides no other."""

from __future__ import annotations

import bisect
import re
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from edlint.source import Source

_INSIDE = re.compile(
    r"//[^\n\\]*+(?:\\.[^\n\\]*+)*+|/\*.*?(?:\*/|\Z)"
    r"""|"(?<!\\")[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|'(?<!\\')[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|#|\{|\}""",
    re.DOTALL,
)
"""What is looked for between braces, where semicolons end no item."""
_MARK = re.compile(_INSIDE.pattern + "|;", re.DOTALL)
"""Each alternative starts with a certain character, so that what lies between is skipped fast."""
_DIRECTIVE_AT = re.compile(r"#[ \t]*(\w*)(?:[^\n\\/]++|\\.|/(?!\*)|/\*[^\n]*?\*/)*+", re.DOTALL)
_LINKAGE = re.compile(r"(?:\bextern\s*\"C(?:\+\+)?\"|\bnamespace(?:\s+\w+(?:::\w+)*)?)\s*\Z")
_PACK = re.compile(r"#[ \t]*pragma[ \t]+pack[ \t]*\(([^)\n]*)\)")
MAX_HEAD = 4_000
"""Code points in front of the braces that decide whether they are those of a function."""
_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """A declaration or definition at the top level: [start, end) without what separates it from its neighbours."""

    start: int
    end: int
    body: int
    """Offset of its first `{`, or -1."""
    conditional: bool
    """Whether preprocessor conditions stand inside it."""
    inside: int = 0
    """How many `extern "C"` and `namespace` blocks are around it."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the light scan of one file found."""

    items: tuple[Item, ...]
    packs: tuple[tuple[int, int | None], ...]
    """Offset of each `#pragma pack` and the packing from there on."""

    def at(self, offset: int) -> Item | None:
        """The item that covers an offset."""
        number = bisect.bisect_right(self.items, offset, key=lambda i: i.start) - 1
        if number < 0 or self.items[number].end <= offset:
            return None
        return self.items[number]

    def pack(self, offset: int) -> int | None:
        """The largest alignment of members at an offset; None where `#pragma pack` sets none."""
        number = bisect.bisect_right(self.packs, offset, key=lambda p: p[0]) - 1
        return self.packs[number][1] if number >= 0 else None


_scans: weakref.WeakKeyDictionary[Source, Scan] = weakref.WeakKeyDictionary()


def scan(source: Source) -> Scan:
    """The items of a file; kept as long as the source is."""
    found = _scans.get(source)
    if found is None:
        found = _Scanner(source.text).run()
        _scans[source] = found
    return found


class _Scanner:
    """One pass over a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.items: list[Item] = []
        self.packs: list[tuple[int, int | None]] = []
        self._pack: list[int | None] = [None]
        self._conditions: list[int] = []
        """For each open `#if` how deep it stands."""
        self._linkages = 0
        """Open `extern "C"` and `namespace` blocks, which the top level goes on in."""
        self._depth = 0
        self._at = 0
        # The item that has begun.
        self._start, self._body, self._conditional = 0, -1, False
        self._closed = 0
        """Behind the last closing brace."""
        self._seen = -1
        """The start of an item that is known to have begun in front of a directive."""
        self._judged, self._is_function = -1, False
        """The body that was looked at last, and whether it is a function's."""

    def run(self) -> Scan:
        """What the text holds."""
        while (match := (_MARK if self._outside else _INSIDE).search(self.text, self._at)) is not None:
            begin, self._at = match.span()
            mark = self.text[begin]
            if mark == "#":
                self._directive(begin)
            elif mark == "{":
                self._opened(begin)
            elif mark == "}":
                self._closes()
            elif mark == ";":
                self._ended()
        return Scan(tuple(self.items), tuple(self.packs))

    @property
    def _outside(self) -> bool:
        return self._depth == self._linkages

    def _directive(self, begin: int) -> None:
        text = self.text
        line = text.rfind("\n", 0, begin) + 1
        directive = _DIRECTIVE_AT.match(text, begin)
        if directive is None or text[line:begin].strip(" \t"):
            return
        word, self._at = directive[1], directive.end()
        if word.startswith("if"):
            self._conditions.append(self._depth)
        elif word in ("else", "elif", "elifdef", "elifndef") and self._conditions:
            # The branches are alternatives: each starts at the depth of the first.
            self._depth = self._conditions[-1]
        elif word == "endif" and self._conditions:
            self._conditions.pop()
        elif word == "pragma" and (packing := _PACK.search(directive[0])):
            _repack(self._pack, packing[1])
            self.packs.append((self._at, self._pack[-1]))
        if self._outside:
            if self._body < 0 and self._seen != self._start and _blank(text, self._start, line):
                self._next()
                return
            # Something stands there; one need not look again.
            self._seen = self._start
        if word in ("if", "ifdef", "ifndef", "else", "elif"):
            self._conditional = True

    def _opened(self, begin: int) -> None:
        if self._outside:
            if self._body < 0:
                if self.items and _blank(self.text, self._start, begin):
                    self._start = _old_style(self.text, self.items, self._start)
                if _LINKAGE.search(self.text, max(self._start, begin - 200), begin):
                    self._linkages += 1
                    self._depth += 1
                    self._next()
                    return
                self._body = begin
            elif self.text[self._closed : begin].rstrip().endswith(")"):
                # The second braces of `enum { A } f(void) { }` are the body.
                self._body = begin
        self._depth += 1

    def _closes(self) -> None:
        if self._linkages and self._outside:
            self._linkages -= 1
            self._depth -= 1
            self._next()
            return
        self._depth, self._closed = max(self._depth - 1, self._linkages), self._at
        if not self._outside or self._body < 0:
            return
        if self._judged != self._body:
            self._judged, self._is_function = self._body, _is_function(self.text, self._start, self._body)
        if self._is_function:
            self._ended()

    def _ended(self) -> None:
        start = _skip_blank(self.text, self._start, self._at)
        self.items.append(Item(start, self._at, self._body, self._conditional, self._linkages))
        self._next()

    def _next(self) -> None:
        self._start, self._body, self._conditional = self._at, -1, False


_OLD_STYLE = re.compile(r"\w\s*\([\w\s,]*\)\s*[A-Za-z_]")


def _old_style(text: str, items: list[Item], start: int) -> int:
    """Join the parameter declarations `int f(a) int a; {` to the body that follows; the start of the whole."""
    for back in range(1, min(len(items), 16) + 1):
        head = text[items[-back].start : items[-back].end]
        if items[-back].body >= 0:
            break
        if "(" in head and _OLD_STYLE.search(head):
            start = items[-back].start
            del items[-back:]
            break
        if "(" in head and "(*" not in head:
            # It is not the declaration of a parameter that is a pointer to a function either.
            break
    return start


def _repack(stack: list[int | None], text: str) -> None:
    words = [w.strip() for w in text.split(",")]
    number = next((int(w) for w in words if w in ("1", "2", "4", "8", "16")), None)
    if "push" in words:
        stack.append(number if number is not None else stack[-1])
    elif "pop" in words:
        if len(stack) > 1:
            stack.pop()
    else:
        stack[-1] = number


def _blank(text: str, start: int, end: int) -> bool:
    return _skip_blank(text, start, end) >= end


def _skip_blank(text: str, start: int, end: int) -> int:
    match = _BLANK.match(text, start, end)
    return match.end() if match else start


_TAIL = re.compile(r"\b(?:struct|union|enum|class)\b[^()={};]*\Z|=\s*\Z")
_HEADED = re.compile(r"^\s*(?:typedef|struct|union|enum|class)\b")


def _is_function(text: str, start: int, body: int) -> bool:
    """Whether the braces at `body` are those of a function rather than of a type or an initialiser."""
    head = text[max(start, body - MAX_HEAD) : body]
    if "(" not in head:
        return False
    if _TAIL.search(head):
        return False
    # `struct __attribute__((packed)) S {` has parentheses too.
    bare = re.sub(r"__attribute__\s*\(\(.*?\)\)|__declspec\s*\([^)]*\)|alignas\s*\([^)]*\)", "", head, flags=re.DOTALL)
    return "(" in bare and not (_HEADED.match(bare) and "(" not in bare)


_DIRECTIVE = re.compile(
    r"^[ \t]*#[ \t]*(\w*)((?:[^\n\\/]++|\\.|//[^\n]*+|/\*.*?(?:\*/|\Z)|/)*+)"
    r"""|//[^\n]*+|/\*.*?(?:\*/|\Z)|"(?<!\\")(?:[^"\\\n]|\\.)*+"|'(?<!\\')(?:[^'\\\n]|\\.)*+'""",
    re.MULTILINE | re.DOTALL,
)
"""A directive, or what looks like one in a comment."""
_FIRST = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef)\b([^\n]*)\n\s*\Z", re.MULTILINE)
"""The `#if` right in front of an item."""
_NEVER = re.compile(r"\s*\(*\s*0\s*\)*\s*")
_NEAR = 400
"""Code points in front of an item in which its `#if` is looked for."""
_COMMENT = re.compile(r"//.*|/\*.*?(?:\*/|\Z)", re.DOTALL)


Decided: TypeAlias = Callable[[str], bool | None]
"""Whether the condition of an `#if` holds; None when that cannot be told."""


def undecided(condition: str) -> bool | None:
    """Nothing is known of any condition but `0`."""
    return False if _NEVER.fullmatch(condition) else None


def segments(
    text: str, start: int, end: int, *, holds: bool = True, decided: Decided = undecided
) -> list[tuple[int, int]]:
    """The ranges of `text[start:end]` that are left when every condition that is not decided holds, or none does.

    Directives are left out.
    """
    found: list[tuple[int, int]] = []
    # For each open condition: whether a branch was taken, whether the current one is.
    stack: list[tuple[bool, bool]] = []
    out = 0
    at = start
    for match in _DIRECTIVE.finditer(text, start, end):
        if match[1] is None:
            continue
        if match.start() > at and not out:
            found.append((at, match.start()))
        at = match.end()
        word = match[1]
        if word in ("if", "ifdef", "ifndef"):
            taken = _holds(word, match[2], holds, decided)
            stack.append((taken, taken))
            out += not taken
        elif word in ("elif", "else", "elifdef", "elifndef"):
            if not stack:
                # The item starts with the first of the alternatives.
                first = _FIRST.search(text, max(0, start - _NEAR), start)
                taken = _holds(first[1], first[2], holds, decided) if first is not None else holds
                stack.append((taken, taken))
                if not taken:
                    found.clear()
                out += not taken
            done, current = stack[-1]
            taken = not done and (word == "else" or _holds(word, match[2], holds, decided))
            stack[-1] = done or taken, taken
            out += current - taken
        elif word == "endif" and stack:
            out -= not stack.pop()[1]
    if at < end and not out:
        found.append((at, end))
    return found


def _holds(word: str, condition: str, otherwise: bool, decided: Decided) -> bool:
    """Whether the text behind a directive is taken; `otherwise` where that cannot be told."""
    known = decided(_COMMENT.sub(" ", condition).strip()) if word in ("if", "elif") else None
    return otherwise if known is None else known
