"""Expansion of macros as text: the body with the text of the arguments put in, and where each piece came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from edlint.frontends.c.flow import Origin
from edlint.frontends.c.syntax import Node
from edlint.model.unit import Macro
from edlint.record import record
from edlint.source import Span

MAX_TEXT = 32_000
"""Code points that one use may grow to."""
_PIECES = re.compile(
    r"""[A-Za-z_$][\w$]*|"(?<!\\")(?:[^"\\\n]|\\.)*"|'(?<!\\')(?:[^'\\\n]|\\.)*'"""
    r"""|\s*\#\#\s*|\#\s*(?=[A-Za-z_])|[^\w"'#$]+|.""",
    re.DOTALL,
)
_SPLIT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?<!\\")(?:[^"\\\n]|\\.)*"|'(?<!\\')(?:[^'\\\n]|\\.)*'|[()\[\]{},]""", re.DOTALL
)
CACHED = 1024
"""Macro bodies in pieces, and expansions in trees, that are kept: most uses of a macro repeat an earlier one."""
STATEMENT_HEAD = "void f(void){"
"""The made function in which macros that are expressions or statements are parsed."""
VALUE_HEAD = "void f(void){T x="
"""The same for braced initialisers."""


@record(frozen=True, slots=True)
class Piece:
    """A part of an expansion that was copied from the arguments."""

    start: int
    end: int
    origin: int
    outer: Origin | None = None
    """What it was copied from, where that is not the text around the use."""


class Expanded:
    """Text made by a macro; what came from the arguments keeps its place, all else stands at the use."""

    __slots__ = ("active", "outer", "pieces", "starts", "text", "use")

    def __init__(self, text: str, pieces: list[Piece], use: Span, outer: Origin) -> None:
        self.text = text
        self.pieces = pieces
        self.starts = [p.start for p in pieces]
        self.use = use
        self.outer = outer
        self.active: tuple[str, ...] = ()
        """The macros that are being expanded here."""

    def span(self, start: int, end: int) -> Span:
        """The place in the file of a range of the expansion."""
        piece = self.piece(start)
        if piece is not None and end <= piece.end:
            shift = piece.origin - piece.start
            return (piece.outer or self.outer).span(start + shift, end + shift)
        return self.use

    def piece(self, offset: int) -> Piece | None:
        """The part of the arguments that was copied to an offset, or to somewhere before it."""
        at = bisect_right(self.starts, offset) - 1
        return self.pieces[at] if at >= 0 else None


def active(origin: Origin, offset: int) -> tuple[str, ...]:
    """The macros in whose body a place is; what was passed to a macro stands where it was written."""
    while isinstance(origin, Expanded):
        piece = origin.piece(offset)
        if piece is None or offset >= piece.end:
            break
        offset += piece.origin - piece.start
        origin = piece.outer or origin.outer
    return getattr(origin, "active", ())


def split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The arguments in text[start:end], which lies between the parentheses of a call."""
    if not text[start:end].strip():
        return []
    found: list[tuple[int, int]] = []
    depth, begin = 0, start
    for token in _SPLIT.finditer(text, start, end):
        char = token[0]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            found.append((begin, token.start()))
            begin = token.end()
    found.append((begin, end))
    return found


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def stringified(text: str) -> str:
    """What `#` makes of an argument."""
    words = " ".join(text.split())
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(CACHED)
def pieces(body: str) -> list[str]:
    """The body of a macro in pieces."""
    return _PIECES.findall(body)


@lru_cache(CACHED)
def _template(body: str, params: tuple[str, ...]) -> tuple[str | int, ...] | None:
    """The body of a macro as text and positions of parameters; None when it does more than put arguments in."""
    if "#" in body or "__VA_OPT__" in body or any("..." in p for p in params[:-1]):
        return None
    names = {name: at for at, name in enumerate(params)}
    if params and params[-1].endswith("..."):
        last = len(params) - 1
        names[params[-1].removesuffix("...").strip() or "__VA_ARGS__"] = names["__VA_ARGS__"] = ~last
    parts: list[str | int] = [""]
    for token in pieces(body):
        at = names.get(token)
        if at is not None:
            parts += [at, ""]
        else:
            parts[-1] = f"{parts[-1]}{token}"
    return tuple(parts)


def _filled(
    parts: tuple[str | int, ...], text: str, ranges: list[tuple[int, int]], head: str
) -> tuple[str, list[Piece]] | None:
    """A template with its arguments, ranges of `text`; what a negative position asks for are all from there on."""
    out: list[str] = [head]
    size = len(head)
    found: list[Piece] = []
    for part in parts:
        if isinstance(part, str):
            token = part
        else:
            first = part if part >= 0 else ~part
            start, end = ranges[first] if first < len(ranges) else (0, 0)
            end = ranges[-1][1] if part < 0 and first < len(ranges) else end
            token = text[start:end]
            found.append(Piece(size, size + len(token), start))
        out.append(token)
        size += len(token)
        if size > MAX_TEXT:
            return None
    return "".join(out), found


def expand(macro: Macro, text: str, args: list[tuple[int, int]], head: str) -> tuple[str, list[Piece]] | None:
    """The body of `macro` with the arguments, ranges of `text`, put in; None when it grows too large."""
    params = macro.params or ()
    ranges = [_trim(text, a, b) for a, b in args]
    parts = _template(macro.body, params)
    if parts is not None:
        return _filled(parts, text, ranges, head)
    bound: dict[str, tuple[int, int]] = {}
    for position, name in enumerate(params):
        if name.endswith("..."):
            rest = ranges[position:]
            whole = (rest[0][0], rest[-1][1]) if rest else (0, 0)
            bound[name.removesuffix("...").strip() or "__VA_ARGS__"] = whole
            bound["__VA_ARGS__"] = whole
        else:
            bound[name] = ranges[position] if position < len(ranges) else (0, 0)
    out: list[str] = [head]
    size = len(head)
    found: list[Piece] = []
    tokens = pieces(macro.body)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        stripped = token.strip()
        if stripped == "##":
            while out and out[-1].isspace() and len(out) > 1:
                size -= len(out.pop())
            continue
        if stripped == "#" and at < len(tokens) and tokens[at] in bound:
            start, end = bound[tokens[at]]
            token = stringified(text[start:end])
            at += 1
        elif token in bound:
            start, end = bound[token]
            pasted = (at < len(tokens) and tokens[at].strip() == "##") or (at > 1 and tokens[at - 2].strip() == "##")
            if start == end and pasted and out[-1].rstrip().endswith(","):
                # `, ##__VA_ARGS__` with nothing there takes the comma away.
                trimmed = out[-1].rstrip()[:-1]
                size -= len(out[-1]) - len(trimmed)
                out[-1] = trimmed
            token = text[start:end]
            found.append(Piece(size, size + len(token), start))
        elif token == "__VA_OPT__":
            token = ""
        out.append(token)
        size += len(token)
        if size > MAX_TEXT:
            return None
    return "".join(out), found


def body_of(root: Node) -> Node | None:
    """The body of the function in a tree that has just that one."""
    for child in root.named_children:
        if child.type == "function_definition":
            return child.child_by_field_name("body")
    return None
