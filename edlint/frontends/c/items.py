"""The top-level items of a C file by a light scan: no grammar, so that a broken item hides no other."""

from __future__ import annotations

import bisect
import re
import weakref
from dataclasses import dataclass

from edlint.source import Source

_INSIDE = re.compile(
    r"//[^\n\\]*+(?:\\.[^\n\\]*+)*+|/\*.*?(?:\*/|\Z)"
    r"""|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|#|\{|\}""",
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
        found = _scan(source.text)
        _scans[source] = found
    return found


def _scan(text: str) -> Scan:
    items: list[Item] = []
    packs: list[tuple[int, int | None]] = []
    pack: list[int | None] = [None]
    conditions: list[int] = []
    linkages: list[int] = []
    start, body, depth, closed, conditional = 0, -1, 0, 0, False
    taken = judged = -1
    function = False
    at = 0
    while (match := _MARK.search(text, at) if depth == len(linkages) else _INSIDE.search(text, at)) is not None:
        begin, at = match.span()
        mark = text[begin]
        if mark in "/\"'":
            continue
        if mark == "#":
            line = text.rfind("\n", 0, begin) + 1
            directive = _DIRECTIVE_AT.match(text, begin)
            if directive is None or text[line:begin].strip(" \t"):
                continue
            word, at = directive[1], directive.end()
            if word.startswith("if"):
                conditions.append(depth)
            elif word in ("else", "elif", "elifdef", "elifndef") and conditions:
                # The branches are alternatives: each starts at the depth of the first.
                depth = conditions[-1]
            elif word == "endif" and conditions:
                conditions.pop()
            elif word == "pragma" and (packing := _PACK.search(directive[0])):
                _repack(pack, packing[1])
                packs.append((at, pack[-1]))
            if depth == len(linkages) and body < 0 and taken != start and _blank(text, start, line):
                start, conditional = at, False
                continue
            # Something stands there; one need not look again.
            taken = start if depth == len(linkages) else taken
            if word in ("if", "ifdef", "ifndef", "else", "elif"):
                conditional = True
            continue
        if mark == "{":
            if depth == len(linkages):
                if body < 0 and items and _blank(text, start, begin):
                    start = _old_style(text, items, start)
                if body < 0 and _LINKAGE.search(text, max(start, begin - 200), begin):
                    linkages.append(depth)
                    depth += 1
                    start, body, conditional = at, -1, False
                    continue
                # The second braces of `enum { A } f(void) { }` are the body.
                body = begin if body < 0 or text[closed:begin].rstrip().endswith(")") else body
            depth += 1
            continue
        if mark == "}":
            if linkages and depth == len(linkages):
                linkages.pop()
                depth -= 1
                start, body, conditional = at, -1, False
                continue
            depth, closed = max(depth - 1, len(linkages)), at
            if depth > len(linkages) or body < 0:
                continue
            if judged != body:
                judged, function = body, _is_function(text, start, body)
            if not function:
                continue
        elif depth > len(linkages):
            continue
        items.append(Item(_skip_blank(text, start, at), at, body, conditional, len(linkages)))
        start, body, conditional = at, -1, False
    return Scan(tuple(items), tuple(packs))


_OLD_STYLE = re.compile(r"\w\s*\([\w\s,]*\)\s*[A-Za-z_]")


def _old_style(text: str, items: list[Item], start: int) -> int:
    """Join the parameter declarations `int f(a) int a; {` to the body that follows; the start of the whole."""
    for back in range(1, min(len(items), 16) + 1):
        head = text[items[-back].start : items[-back].end]
        if items[-back].body >= 0:
            break
        if "(" in head:
            if not _OLD_STYLE.search(head):
                break
            start = items[-back].start
            del items[-back:]
            break
    return start


def _repack(stack: list[int | None], text: str) -> None:
    words = [w.strip() for w in text.split(",")]
    number = next((int(w) for w in words if w.isdigit() and int(w) in (1, 2, 4, 8, 16)), None)
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


_TAIL = re.compile(r"\b(?:struct|union|enum|class)\b[^()={}]*\Z|=\s*\Z")
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


_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w*)((?:[^\n\\]|\\.)*)", re.MULTILINE | re.DOTALL)
_NEVER = re.compile(r"\s*\(*\s*0\s*\)*\s*(?://.*|/\*.*)?")


def segments(text: str, start: int, end: int, *, holds: bool = True) -> list[tuple[int, int]]:
    """The ranges of `text[start:end]` that are left when every condition holds, or none does.

    Directives are left out. `#if 0` never holds.
    """
    found: list[tuple[int, int]] = []
    # For each open condition: whether a branch was taken, whether the current one is.
    stack: list[tuple[bool, bool]] = []
    out = 0
    at = start
    for match in _DIRECTIVE.finditer(text, start, end):
        if match.start() > at and not out:
            found.append((at, match.start()))
        at = match.end()
        word = match[1]
        if word in ("if", "ifdef", "ifndef"):
            taken = holds and (word != "if" or not _NEVER.fullmatch(match[2]))
            stack.append((taken, taken))
            out += not taken
        elif word in ("elif", "else", "elifdef", "elifndef") and stack:
            done, current = stack[-1]
            taken = not done and (holds or word == "else")
            stack[-1] = done or taken, taken
            out += current - taken
        elif word == "endif" and stack:
            out -= not stack.pop()[1]
    if at < end and not out:
        found.append((at, end))
    return found
