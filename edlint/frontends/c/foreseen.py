"""What neither grammar can read, overwritten before the first parse: finding it costs less than a parse with errors.

Half of the headers of a project have nothing else that the grammars stumble over. Only what cannot be anything else
is overwritten here; what has to be guessed waits until a tree shows where the grammar stumbled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from edlint.frontends.c.masking import closing
from edlint.frontends.c.patterns import CONTINUES

_GUARD = "__cplusplus"
_LINKAGE = re.compile(
    r'[ \t]*+#[ \t]*+if(?:def)?\b[^\n]*\n\s*+(?:extern\s*+"[^"\n]*"\s*+\{|\}(?:\s*+;)?)\s*?\n[ \t]*+#[ \t]*+endif'
)
_FIRST_WORD = re.compile(
    r"\n[ \t]*+([A-Z_][A-Z0-9_]++)(?=[ \t]*+(?:\r?\n|[A-Za-z_]\w*+(?:[ \t*&]++(?:\r?\n)?|\r?\n)[A-Za-z_]))"
)
"""A word in capitals that starts a line and has the line for itself, or stands in front of a type and a name."""
_CONVENTION = re.compile(
    r"\n[A-Za-z_]\w*+[ \t*]++(?:[A-Za-z_]\w*+[ \t*]++){0,2}([A-Z_][A-Z0-9_]++)[ \t]++[A-Za-z_]\w*+[ \t]*+\("
)
"""A word in capitals between a type and the name of a function."""
_NAMESPACE = re.compile(r"\n[ \t]*+([A-Z_][A-Z0-9_]++)[ \t]*+\r?\n\s*+(?:inline\s++)?namespace\b")
"""A word in capitals in front of a namespace: no such word can stand there."""
_NAMELESS = re.compile(r"\benum\s*+(:[^{}();]{0,200}+)\{")
"""The type of an enum without a name."""
_DEFAULT = re.compile(r"\b(?:typename|class)\s++\w++\s*+(=\s*+const\b[^,<>(){};]{0,200}+)[,>]")
"""What a parameter of a template is by default, with a qualifier."""
_SECTION = re.compile(r"\][ \t]*+(?:\r?\n[ \t]*+)?([A-Z_][A-Z0-9_]++\([^(){};]*+\))\s*+[;=]")
"""An attribute with arguments behind an array."""
_POINTER = re.compile(r"\([ \t]*+([A-Z_][A-Z0-9_]++)[ \t]*+\*")
"""A word in capitals in front of the star of a pointer to a function."""
_CALL = re.compile(r"\n[ \t]*+([A-Z_][A-Z0-9_]++)[ \t]*+(\()")
"""A word in capitals that starts a line with a list behind it."""
_GOES_ON = frozenset((*CONTINUES, "", "{", "(", "#"))
_SPACE = re.compile(r"[ \t]*+\r?\n\s*+")
_NEAR = 128
"""Code points in which the end of what comes before is looked for at first: comments are long."""
_NOT_END = re.compile(rb"[^\r\n]")


def masked(data: bytes, clean: str, attributes: frozenset[str], statements: frozenset[str]) -> bytes:
    """A copy of `data`, whose `bare` text is `clean`, without what the grammars lack, without the guards of linkage and
    without attributes that start declarations or stand in front of the names of functions, and with a semicolon behind
    statements that have theirs in a macro; `data` itself where there are none of these.

    `attributes` are the project's macros that stand for nothing but attributes, `statements` the function-like ones
    that end a statement.
    """
    found = [*_linkages(clean), *_attributes(clean, attributes), *_unreadable(clean)]
    ends = [*_ends(clean, statements)]
    if not found and not ends:
        return data
    made = bytearray(data)
    for start, end in found:
        made[start:end] = _NOT_END.sub(b" ", made[start:end])
    for end in ends:
        made[end] = 0x3B
    return bytes(made)


def _linkages(clean: str) -> Iterator[tuple[int, int]]:
    """`#ifdef __cplusplus`, `extern "C" {` or its closing brace, `#endif`: the braces of two groups belong together."""
    at = clean.find(_GUARD)
    while at >= 0:
        found = _LINKAGE.match(clean, clean.rfind("\n", 0, at) + 1)
        if found is not None:
            yield found.span()
        # A line is looked at once, however often the word stands in it.
        line_end = clean.find("\n", at)
        at = clean.find(_GUARD, found.end() if found is not None else line_end) if line_end >= 0 else -1


def _attributes(clean: str, attributes: frozenset[str]) -> Iterator[tuple[int, int]]:
    last = -1
    for found in _FIRST_WORD.finditer(clean):
        if found[1] in attributes and _begins(clean, found.start(), last):
            last = found.end(1)
            yield found.span(1)
    for pattern in (_CONVENTION, _POINTER):
        for found in pattern.finditer(clean):
            if found[1] in attributes:
                yield found.span(1)


def _unreadable(clean: str) -> Iterator[tuple[int, int]]:
    """What is right and has no place in the grammars."""
    if "namespace" in clean:
        yield from (m.span(1) for m in _NAMESPACE.finditer(clean))
    if "enum :" in clean or "enum:" in clean:
        yield from (m.span(1) for m in _NAMELESS.finditer(clean))
    if "= const" in clean and "template" in clean:
        yield from (m.span(1) for m in _DEFAULT.finditer(clean))
    yield from (m.span(1) for m in _SECTION.finditer(clean))


def _ends(clean: str, statements: frozenset[str]) -> Iterator[int]:
    """Where a use of a macro that is a whole statement ends with its line: there the semicolon can stand."""
    for found in _CALL.finditer(clean):
        if found[1] in statements and _begins(clean, found.start(), -1, ";{}:)"):
            end = closing(clean, found.start(2))
            space = _SPACE.match(clean, end) if end > 0 else None
            # A directive must keep the start of its line.
            if space is not None and clean[end] in " \t\n" and clean[space.end() : space.end() + 1] not in _GOES_ON:
                yield end


def _begins(clean: str, at: int, last: int, ends: str = ";}") -> bool:
    """Whether something new begins behind `at`: something that ends with one of `ends` did, a directive, or `last`."""
    near = _NEAR
    while at > 0:
        low = max(0, at - near)
        if before := clean[low:at].rstrip():
            end = low + len(before)
            line = clean[clean.rfind("\n", 0, end) + 1 : end]
            return end == last or before[-1] in ends or line.lstrip(" \t").startswith("#")
        at, near = low, near * 2
    return True
