"""What neither grammar can read, overwritten before the first parse: finding it costs less than a parse with errors.

Half of the headers of a project have nothing else that the grammars stumble over. Only what cannot be anything else
is overwritten here; what has to be guessed waits until a tree shows where the grammar stumbled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from edlint.frontends.c.directives import LABEL, text_before
from edlint.frontends.c.foretold import Names
from edlint.frontends.c.masking import closed, closing, split, uses
from edlint.frontends.c.patterns import ARGUMENT, CONTINUES, CONVENTIONS, MAX_UNCLOSED
from edlint.frontends.c.typed_arguments import as_name, type_argument

_GUARD = "__cplusplus"
_LINKAGE = re.compile(
    r'[ \t]*+#[ \t]*+if(?:def)?\b[^\n]*\n\s*+(?:extern\s*+"[^"\n]*"\s*+\{|\}(?:\s*+;)?)\s*?\n[ \t]*+#[ \t]*+endif'
)
_FIRST_WORD = re.compile(
    r"\n[ \t]*+([A-Z_][A-Z0-9_]++)[ \t]*+"
    r"(?:([({])|(?=\r?\n|[A-Za-z_]\w*+(?:[ \t*&]++(?:\r?\n)?|\r?\n)[A-Za-z_]))"
)
"""A word in capitals that starts a line and has a list or a block behind it, has the line for itself, or stands in
front of a type and a name."""
_CONVENTION = re.compile(
    r"\n[A-Za-z_]\w*+[ \t*]++(?:\" *\"[ \t]++)?(?:[A-Za-z_]\w*+[ \t*]++){0,4}?"
    r"([A-Z_][A-Z0-9_]++)[ \t]++[A-Za-z_]\w*+[ \t]*+\("
)
"""A word in capitals between a type and the name of a function."""
_NAMESPACE = re.compile(r"\r?\n\s*+(?:inline\s++)?namespace\b")
"""In front of a namespace no word can stand alone."""
_NAMELESS = re.compile(r"enum(?<!\wenum)\s*+(:[^{}();]{0,200}+)\{")
"""The type of an enum without a name."""
_DEFAULT = re.compile(r"\b(?:typename|class)\s++\w++\s*+(=\s*+const\b[^,<>(){};]{0,200}+)[,>]")
"""What a parameter of a template is by default, with a qualifier."""
_SECTION = re.compile(r"\][ \t]*+(?:\r?\n[ \t]*+)?([A-Z_][A-Z0-9_]++\([^(){};]*+\))\s*+[;=]")
"""An attribute with arguments behind an array."""
_POINTER = re.compile(r"\([ \t]*+([A-Z_][A-Z0-9_]++)[ \t]*+\*")
"""A word in capitals in front of the star of a pointer to a function."""
_ATTRIBUTE = re.compile(r"__attribute__\s*+\(")
_TYPE = re.compile(r"\*[ \t]*+[,)]")
"""The end of a pointer type without a name."""
_NEXT_WORD = re.compile(r"[ \t]*+([A-Z_][A-Z0-9_]++)[ \t]++(?=[A-Za-z_])")
_TRAILING = re.compile(r"\)\s*+([A-Za-z_]\w*+)(?<!else)[ \t]*+([;{(=])")
"""A word behind a list of parameters."""
_FREQUENT = ("SGXAPI", "WINAPI")
_FREQUENT_END = "API"
"""What each of them ends in."""
_DECLARED = re.compile(r"\w\s++[&*]*+\w|\w[&*]++\s*+\w")
"""What may be declared in the head of a block: no condition of an `if` declares it so."""
_INITIALISED = re.compile(r"\s*+=(?!=)")
_JUMP = re.compile(r"(return)(?<=, return)\b(?=[^,;{}()]{0,80}+\)[ \t]*+[;\r\n])")
"""A statement that a macro is given."""
_MAX_TYPE = 80
_TEXT = re.compile(r'"\s++([A-Z_][A-Z0-9_]\w*+)\s*+[",)]')
"""A word in capitals behind a literal: the name of another."""
_GOES_ON = frozenset((*CONTINUES, "", "{", "(", "#"))
_SPACE = re.compile(r"[ \t]*+\r?\n\s*+")
_NEAR = 128
"""Code points in which the end of what comes before is looked for at first: comments are long."""
_MAX_FOUND = 20_000
"""Attributes and types that are looked at in one file; who has more is no code that somebody wrote."""
_LABELLED = re.compile(r":[ \t]*+\r?\n\s*+#")
_BLANK = b" \t\r\n"
_NOT_END = re.compile(rb"[^\r\n]")


def masked(data: bytes, clean: str, names: Names, *, cut: bool = False, cpp: bool = False) -> bytes:
    """A copy of `data`, whose `bare` text is `clean`, without what the grammars lack, without the guards of linkage and
    without attributes that start declarations or stand in front of the names of functions, and with a semicolon behind
    statements that have theirs in a macro; `data` itself where there are none of these.

    Offsets stay, lines need not. With `cut` the groups of `#if` that cut statements are overwritten too, save one
    alternative of each.
    """
    found = _Found()
    _first_words(clean, names, found)
    found.blanks += [*_linkages(clean), *_attributes(clean, names.attributes, found), *_unreadable(clean, cpp=cpp)]
    if cut:
        found.blanks += split(clean)
    found.written += [
        *_types(clean),
        *_lists(clean, names, found),
        *((at, ";") for at in _labels(clean) if data[at] in _BLANK),
    ]
    if not found.blanks and not found.written:
        return data
    made = bytearray(data)
    for start, end in found.blanks:
        piece = made[start:end]
        several = b"\n" in piece or b"\r" in piece
        made[start:end] = _NOT_END.sub(b" ", piece) if several else b" " * len(piece)
    for start, text in found.written:
        made[start : start + len(text)] = text.encode("ascii")
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


@dataclass(slots=True)
class _Found:
    """What is to be overwritten."""

    blanks: list[tuple[int, int]] = field(default_factory=list)
    """Ranges that spaces go to."""
    written: list[tuple[int, str]] = field(default_factory=list)
    """Offsets, and what is written there."""
    unclosed: int = 0
    """Lists without an end so far: each costs as much as a long list."""

    def closing(self, clean: str, start: int) -> int:
        """The offset behind the list that starts at `start`; -1 when it has no end, or many had none."""
        end = closing(clean, start) if self.unclosed <= MAX_UNCLOSED else -1
        self.unclosed += end < 0
        return end


def _first_words(clean: str, names: Names, found: _Found) -> None:
    """What starts a line: attributes, uses of macros that are whole statements or head a block."""
    attributes, known = names.attributes, names.first
    last = -1
    namespaces = "namespace" in clean
    for word in _FIRST_WORD.finditer(clean):
        name = word[1]
        if name not in known and not namespaces:
            continue
        mark = word[2]
        if mark == "(":
            if (name in names.statements or name in names.blocks) and _begins(clean, word.start(), -1, ";{}:)"):
                _used(clean, names, word, found)
        elif mark == "{":
            if name in names.heads and _begins(clean, word.start(), -1, ";{}"):
                found.blanks.append(word.span(1))
        elif name in names.whole:
            if (at := _alone(clean, *word.span(1))) is not None:
                found.written.append((at, ";"))
        elif (name in attributes and _begins(clean, word.start(), last)) or (
            namespaces and _NAMESPACE.match(clean, word.end())
        ):
            last = word.end(1)
            found.blanks.append(word.span(1))
            while (more := _NEXT_WORD.match(clean, last)) and more[1] in attributes:
                last = more.end(1)
                found.blanks.append(more.span(1))
    for name in sorted(names.whole):
        if not name.isupper():
            ends = (_alone(clean, *use) for use in uses(clean, name))
            found.written.extend((at, ";") for at in ends if at is not None)


def _used(clean: str, names: Names, word: re.Match[str], found: _Found) -> None:
    """The use of a function-like macro that starts a line: where it ends with the line, a semicolon can stand."""
    end = found.closing(clean, word.start(2))
    if end < 0:
        return
    space = _SPACE.match(clean, end)
    if space is not None:
        if (
            word[1] in names.statements
            and clean[end] in " \t\n"
            and clean[space.end() : space.end() + 1] not in _GOES_ON
        ):
            found.written.append((end, ";"))
    elif clean[end : end + 2].lstrip(" ")[:1] == "{" and clean[word.start(1) - 1] in " \t":
        # Without space in front of it, it may head a function.
        head, arguments = names.blocks.get(word[1]), clean[word.start(2) + 1 : end - 1]
        if head is not None and not arguments.strip():
            found.blanks.append((word.start(1), end))
        elif head is not None and not _DECLARED.search(arguments):
            found.written.append((word.start(1), head.ljust(len(word[1]))))


def _alone(clean: str, start: int, end: int) -> int | None:
    """Where the semicolon can stand behind a word that ends its line; None when it does not, or ends a directive."""
    space = _SPACE.match(clean, end)
    # A directive must keep the start of its line.
    if space is None or (clean[end] not in " \t" and clean.startswith("#", space.end())):
        return None
    return end if not _in_directive(clean, start) else None


def _in_directive(clean: str, at: int) -> bool:
    """Whether a line is that of a directive, or goes on with one: its end must stay."""
    near = max(0, at - _NEAR)
    line = clean.rfind("\n", near, at)
    if clean[max(near, line + 1) : at].lstrip(" \t").startswith("#"):
        return True
    return line > 0 and clean[max(0, line - 2) : line].rstrip("\r").endswith("\\")


def _attributes(clean: str, attributes: frozenset[str], known: _Found) -> Iterator[tuple[int, int]]:
    for pattern in (_CONVENTION, _POINTER):
        yield from (m.span(1) for m in pattern.finditer(clean) if m[1] in attributes or m[1] in CONVENTIONS)
    for name in _FREQUENT if _FREQUENT_END in clean else ():
        yield from _uses(clean, name)
    reached = 0
    for first in _TRAILING.finditer(clean):
        found: re.Match[str] | None = first if first.start() >= reached else None
        while found is not None and found[1] in attributes:
            end = known.closing(clean, found.start(2)) if found[2] == "(" else found.end(1)
            if end < 0:
                break
            yield found.start(1), end
            reached = end
            found = _TRAILING.match(clean, end - 1) if found[2] == "(" else None


def _unreadable(clean: str, *, cpp: bool) -> Iterator[tuple[int, int]]:
    """What is right and has no place in the grammars."""
    if "__attribute__" in clean:
        yield from _decorations(clean)
    yield from (m.span(1) for m in _NAMELESS.finditer(clean))
    yield from (m.span(1) for m in _JUMP.finditer(clean))
    if cpp:
        yield from (m.span(1) for m in _TEXT.finditer(clean))
        if "template" in clean and "= const" in clean:
            yield from (m.span(1) for m in _DEFAULT.finditer(clean))
    yield from (m.span(1) for m in _SECTION.finditer(clean))


def _decorations(clean: str) -> Iterator[tuple[int, int]]:
    """Attributes behind an array or in front of an initialiser."""
    for found, end in closed(clean, islice(_ATTRIBUTE.finditer(clean), _MAX_FOUND)):
        if text_before(clean, found.start())[-1:] == "]" or _INITIALISED.match(clean, end):
            yield found.start(), end


def _uses(clean: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a name stands outside of directives."""
    return (use for use in uses(clean, name) if not _in_directive(clean, use[0]))


def _lists(clean: str, names: Names, found: _Found) -> Iterator[tuple[int, str]]:
    """`MORE(x)` as `, x` and `BOTH(x, y)` as `x, y`."""
    for known, first in ((names.commas, ","), (names.lists, " ")):
        for name in sorted(known):
            for start, end in _uses(clean, name):
                close = found.closing(clean, end) if clean[end : end + 1] == "(" else -1
                if close > 0:
                    yield start, first.ljust(end + 1 - start)
                    yield close - 1, " "


def _labels(clean: str) -> Iterator[int]:
    """What follows the colon of a label above a directive: there the semicolon of an empty statement can stand.

    To the grammars a directive is a statement of its own, which need not start a line.
    """
    for found in _LABELLED.finditer(clean):
        labelled = LABEL.search(clean, max(0, found.start() - _NEAR), found.start() + 1)
        if labelled is not None and not _in_directive(clean, found.start()):
            yield found.start() + 1


def _types(clean: str) -> Iterator[tuple[int, str]]:
    """Types that are arguments: `va_arg(list, char *)`, `CAST(T *, p)`, `FIELD(void, name)`."""
    for found in islice(_TYPE.finditer(clean), _MAX_FOUND):
        low = max(0, found.start() - _MAX_TYPE)
        at = max(clean.rfind("(", low, found.start()), clean.rfind(",", low, found.start()))
        # What is alone in its parentheses is a cast or the like.
        alone = at < 0 or (clean[at] == "(" and clean[found.end() - 1] == ")")
        argument = ARGUMENT.match(clean, at) if not alone else None
        if argument is not None and argument.end() == found.end() - 1:
            place = type_argument(clean, argument)
            if place is not None:
                yield place[0], as_name(clean[place[0] : place[1]])
    at = clean.find("(void,")
    while at >= 0:
        if clean[at - 1 : at].isalnum() or clean[at - 1 : at] == "_":
            yield at + 1, as_name("void")
        at = clean.find("(void,", at + 1)


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
