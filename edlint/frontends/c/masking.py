"""A copy of a file in which what the grammars cannot read is overwritten at equal length.

Used only for files whose tree has errors. Positions stay exact; names are still read from the file's own text,
so an overwritten type keyword keeps its spelling in the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from edlint.frontends.c import capitals, lacking
from edlint.frontends.c.branches import split_groups
from edlint.frontends.c.directives import code_of, commented, text_before
from edlint.frontends.c.patterns import (
    ALIGNED,
    ATTRIBUTE,
    ATTRIBUTES,
    BRACKET,
    BRIDGE,
    CALL_HEAD,
    CAPS_WORD,
    CASE_RANGE,
    CONTINUES,
    CONVENTION,
    CONVENTIONS,
    DELETE_CAST,
    HEADS,
    KEYWORDS,
    LINE,
    LOOP_BODY,
    LOOP_NAME,
    MAX_CALL,
    MAX_UNCLOSED,
    MAX_WORDS,
    MEMBER_PATH,
    MEMBER_POINTER,
    NEW_POINTERS,
    OPERATOR_ALONE,
    OPERATOR_ARGUMENTS,
    OPERATOR_CALL,
    PACK,
    RANGE,
    SAL,
    SAL_STARTS,
    SPACE,
    STATEMENT_ARGUMENT,
    STRING_THEN_NAME,
    TEMPLATE_WORD,
    TYPENAME,
)
from edlint.frontends.c.typed_arguments import as_name, made_types, types


def _blanks(found: re.Match[str]) -> str:
    return " " * (found.end() - found.start())


class Mask:
    """A text that is overwritten piece by piece."""

    def __init__(self, data: bytes | bytearray, code: str) -> None:
        self.data = bytearray(data)
        self.code = code
        """The text without comments, literals and directives: what the patterns are looked for in."""

    def blank(self, start: int, end: int) -> None:
        """Overwrite with spaces; line ends stay."""
        _blank_all(self, iter([(start, end)]))

    def write(self, start: int, text: str) -> None:
        """Overwrite with `text`."""
        self.data[start : start + len(text)] = text.encode("ascii")


def closing(code: str, start: int, limit: int = MAX_CALL) -> int:
    """The offset behind the parenthesis that closes the one at `start`; -1 when there is none near."""
    depth = 0
    for found in BRACKET.finditer(code, start, min(len(code), start + limit)):
        char = found[0]
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return found.end()
        elif depth == 0:
            return -1
    return -1


def closed(code: str, matches: Iterable[re.Match[str]]) -> Iterator[tuple[re.Match[str], int]]:
    """Matches that end in an opening parenthesis, with where its list ends, and others with their own ends.

    Where many lists do not end, the rest is not looked at: each costs as much as a long list.
    """
    unclosed = 0
    for found in matches:
        end = closing(code, found.end() - 1) if found[0].endswith("(") else found.end()
        if end > 0:
            yield found, end
        elif (unclosed := unclosed + 1) > MAX_UNCLOSED:
            break


def masked(
    data: bytes,
    clean: str,
    ranges: Sequence[tuple[int, int]],
    attributes: frozenset[str],
    body_of: Callable[[str], str | None],
    *,
    cpp: bool,
) -> bytes:
    """A copy of `data`, whose `bare` text is `clean`, that is overwritten in `ranges`.

    `attributes` are the project's macros that stand for nothing but attributes; `body_of` gives the body of a
    function-like macro of the project. Groups of `#if` that cut a statement in pieces are overwritten everywhere.
    """
    mask = Mask(data, code_of(clean))
    _blank_all(mask, iter(split(clean)))
    for start, end in commented(clean, data):
        # The grammars end a macro at a comment.
        mask.data[start:end] = clean[start:end].encode("ascii", "replace")
    for start, end in ranges:
        part = Mask(mask.data[start:end], mask.code[start:end])
        _mask(part, attributes, body_of, cpp=cpp)
        mask.data[start:end] = part.data
    return bytes(mask.data)


@lru_cache(2)
def split(clean: str) -> tuple[tuple[int, int], ...]:
    """What is overwritten in a `bare` text of groups that cut statements, in order; kept for who asks next."""
    return tuple(sorted((a, _behind(clean, b)) for a, b in split_groups(clean, code_of(clean))))


def _behind(clean: str, at: int) -> int:
    """Where code goes on: a comment that starts behind a directive may end lines below it."""
    found = SPACE.match(clean, at)
    return found.end() if found is not None else at


def _mask(mask: Mask, attributes: frozenset[str], body_of: Callable[[str], str | None], *, cpp: bool) -> None:
    # Most patterns can find nothing without a certain word; looking for the word is much faster.
    found = _words(mask.code)
    if "SGX_UBRIDGE" in found:
        _bridges(mask)
    _blank_all(mask, _attributes(mask.code, found, attributes, body_of))
    places = capitals.places(mask.code)
    if places:
        _capitals(mask, places, cpp=cpp)
        _blank_all(mask, capitals.of_variables(mask.code, places))
        _blank_all(mask, capitals.of_parameters(mask.code, places))
    _blank_all(mask, lacking.empty(mask.code, found))
    if not _JUMPS.isdisjoint(found):
        _blank_all(mask, (m.span(1) for m in STATEMENT_ARGUMENT.finditer(mask.code)))
    if places:
        _lone(mask, places)
    if "template" in found:
        _blank_all(mask, (m.span(1) for m in TEMPLATE_WORD.finditer(mask.code)))
    if "new" in found:
        _blank_all(mask, (m.span(1) for m in NEW_POINTERS.finditer(mask.code)))
    if '"' in mask.code:
        _blank_all(mask, _strings(mask.code))
    if "offsetof" in found:
        _as_names(mask, (m.span(1) for m in MEMBER_PATH.finditer(mask.code)))
    if cpp and "..." in mask.code:
        for m in CASE_RANGE.finditer(mask.code):
            mask.write(m.start(1), RANGE)
    if cpp:
        _of_cpp(mask, found)
    if cpp and "try" in found:
        _blank_all(mask, lacking.tries(mask.code))
    if "operator" in mask.code:
        _as_names(mask, (m.span(1) for m in OPERATOR_CALL.finditer(mask.code)))
        if cpp:
            _as_names(mask, (m.span(m.lastindex or 0) for m in OPERATOR_ALONE.finditer(mask.code)))
    _as_names(mask, (m.span(1) for pattern in OPERATOR_ARGUMENTS for m in pattern.finditer(mask.code)))
    _as_names(mask, types(mask.code))
    _as_names(mask, lacking.names(mask.code, found, cpp=cpp))
    _conditions(mask)
    _statements(mask, body_of, cpp=cpp)


def _of_cpp(mask: Mask, words: frozenset[str]) -> None:
    """What the grammar of C++ lacks; `words` are those of the text."""
    _blank_all(mask, lacking.blanks(mask.code, words))
    _rewrite(mask, sorted(lacking.written(mask.code, words)))
    if "typename" in words:
        _blank_all(mask, (m.span(1) for m in TYPENAME.finditer(mask.code)))
    if "delete" in words:
        _blank_all(mask, (m.span(1) for m in DELETE_CAST.finditer(mask.code)))
    if "..." in mask.code:
        _blank_all(mask, (m.span(1) for m in PACK.finditer(mask.code)))
    if "->*" in mask.code or ".*" in mask.code:
        _blank_all(mask, (m.span(1) for m in MEMBER_POINTER.finditer(mask.code)))
    _as_names(mask, made_types(mask.code))
    if "decltype" in words:
        _as_names(mask, ((m.start(1), end) for m, end in closed(mask.code, lacking.returns(mask.code))))


_JUMPS = frozenset(("return", "goto", "break", "continue", "throw"))
_APART = bytes(c if chr(c).isalnum() or c == 0x5F else 0x20 for c in range(128)).ljust(256)


def _words(code: str) -> frozenset[str]:
    """The words of a text, those with letters beyond ASCII in pieces."""
    return frozenset(code.encode("ascii", "replace").translate(_APART).decode("ascii").split())


def _capitals(mask: Mask, words: Sequence[int], *, cpp: bool) -> None:
    """Words in capitals where they can be nothing but macros that stand for attributes or for nothing."""
    _blank_all(mask, capitals.of_records(mask.code, words))
    if _blank_all(mask, capitals.leading(mask.code, words)):
        _blank_all(mask, capitals.leading(mask.code, words))
    _blank_all(mask, capitals.between(mask.code, words))
    _blank_all(mask, capitals.trailing(mask.code, words))
    _blank_all(mask, capitals.trailing_calls(mask.code, words))
    if cpp:
        _blank_all(mask, capitals.before_members(mask.code, words))


def _blank_all(mask: Mask, ranges: Iterator[tuple[int, int]]) -> bool:
    """Overwrite ranges, in order of their starts, with spaces; line ends stay. Whether there were any."""
    code, data = mask.code, mask.data
    parts: list[str] = []
    at = 0
    for start, end in ranges:
        if end <= at:
            continue
        start = max(start, at)
        parts.append(code[at:start])
        piece = code[start:end]
        if "\n" in piece or "\r" in piece:
            for line in LINE.finditer(code, start, end):
                data[line.start() : line.end()] = b" " * (line.end() - line.start())
            parts.append(LINE.sub(_blanks, piece))
        else:
            data[start:end] = b" " * len(piece)
            parts.append(" " * len(piece))
        at = end
    if parts:
        parts.append(code[at:])
        mask.code = "".join(parts)
    return bool(parts)


def _rewrite(mask: Mask, edits: Sequence[tuple[int, str]]) -> None:
    """Overwrite places, in order, in the code too: what stood there is looked for no more."""
    parts: list[str] = []
    at = 0
    for start, text in edits:
        if start >= at:
            mask.write(start, text)
            parts += [mask.code[at:start], text]
            at = start + len(text)
    if parts:
        mask.code = "".join([*parts, mask.code[at:]])


def _as_names(mask: Mask, ranges: Iterator[tuple[int, int]]) -> None:
    """Make one identifier of each range."""
    for start, end in ranges:
        mask.write(start, as_name(mask.code[start:end]))


_RESULT = re.compile(r"(?:\A|[\s)])[A-Za-z_]\w*\Z")
"""The end of a body that stands for a type."""
MAX_NAME = 64
_NO_TYPE = re.compile(r"[\".]|\b\d")
"""What is no list of types."""


def _lone(mask: Mask, words: Sequence[int]) -> None:
    """Names of macros that stand alone on a line: in front of a block they go, else they get their semicolon."""
    found = list(capitals.lone(mask.code, words))
    _blank_all(mask, (span for span in found if _next(mask.code, span[1]) == "{"))
    for _, end in found:
        if _next(mask.code, end) != "{" and mask.code[end].isspace():
            mask.write(end, ";")


def _conditions(mask: Mask) -> None:
    """`if likely (x) {` as `if(likely (x)){`."""
    for found, end in closed(mask.code, lacking.heads(mask.code)):
        if mask.code[end : end + 1].isspace():
            mask.write(found.start(1) - 1, "(")
            mask.write(end, ")")


def _bridges(mask: Mask) -> None:
    """`void SGX_UBRIDGE(CONVENTION, name, (args));` as `void name (args);`."""
    for found in list(BRIDGE.finditer(mask.code)):
        end = closing(mask.code, mask.code.index("(", found.start()))
        if end > 0:
            mask.blank(found.start(), found.start(1))
            mask.blank(found.start(2), found.end(2))
            mask.blank(end - 1, end)


def _attributes(
    code: str, words: frozenset[str], names: frozenset[str], body_of: Callable[[str], str | None]
) -> Iterator[tuple[int, int]]:
    """Attributes and calling conventions; `words` are those of the text."""
    found = [] if words.isdisjoint(CONVENTIONS) else [m.span() for m in islice(CONVENTION.finditer(code), MAX_WORDS)]
    if any(w.startswith(SAL_STARTS) for w in words):
        found += [(m.start(), end) for m, end in closed(code, SAL.finditer(code))]
    if "ALIGN" in code or "typeof" in code:
        for m, end in closed(code, ALIGNED.finditer(code)):
            if _next(code, end) not in CONTINUES - {"=", ";", "*"}:
                found.append((m.start(), end))
    for m, end in closed(code, ATTRIBUTE.finditer(code)) if not words.isdisjoint(ATTRIBUTES) else ():
        # Behind a declarator it tells the name for the linker; on its own it is a statement.
        if not (m[0].startswith("__asm__") and text_before(code, m.start())[-1:] in _STATEMENT_ENDS):
            found.append((m.start(), end))
    for name in names & words:
        for start, end in uses(code, name):
            if code[end : end + 2].lstrip()[:1] != "(" or body_of(name) is None:
                found.append((start, end))
            elif (close := closing(code, code.index("(", end))) > 0 and body_is_attribute_call(name):
                found.append((start, close))
    yield from sorted(found)


_STATEMENT_ENDS = frozenset(";{}")


def uses(code: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a name stands as a whole word."""
    at = code.find(name)
    while at >= 0:
        end = at + len(name)
        around = code[max(0, at - 1) : at] + code[end : end + 1]
        if "_" not in around and not any(map(str.isalnum, around)):
            yield at, end
        at = code.find(name, end)


def body_is_attribute_call(name: str) -> bool:
    """Whether a macro named like this takes arguments of an attribute."""
    return CAPS_WORD.fullmatch(name) is not None


def _strings(code: str) -> Iterator[tuple[int, int]]:
    """Names of macros between or behind string literals; quotes come in pairs on a line."""
    for m in STRING_THEN_NAME.finditer(code):
        line = code.rfind("\n", 0, m.start()) + 1
        if code.count('"', line, m.start() + 1) % 2 == 0 and m[1] not in KEYWORDS:
            yield m.span(1)


def _statements(mask: Mask, body_of: Callable[[str], str | None], *, cpp: bool) -> None:
    """Macros that are a whole statement without its semicolon, and macros that head a block."""
    code = mask.code
    last = 0
    for start, open_ in _heads(code):
        name = code[start:open_].rstrip(" \t")
        if start < last or name in KEYWORDS:
            continue
        body = body_of(name)
        if body is None and not CAPS_WORD.fullmatch(name) and not LOOP_NAME.search(name):
            continue
        before = code[max(0, start - 400) : start].rstrip()
        if before and before[-1] not in ";{}:)" and not before.endswith("else"):
            continue
        end = closing(code, open_)
        if end < 0:
            continue
        after = _next(code, end)
        if after == "{" or (body is not None and after not in CONTINUES and LOOP_BODY.match(body)):
            looped = (body is not None and LOOP_BODY.match(body)) or LOOP_NAME.search(name)
            given = code[open_ + 1 : end - 1]
            inner = code[start - 1 : start] in (" ", "\t")
            if looped or (inner and (not cpp or HEADS.search(name) or '"' in given)):
                if len(name) >= 2:
                    mask.write(start, ("while" if looped and len(name) >= 5 else "if").ljust(len(name)))
            elif cpp and not inner and "\n" not in given and _NO_TYPE.search(given):
                # To the grammar it is a function when what it is given can be the types of parameters.
                mask.write(open_ + 1, as_name(given))
            continue
        if body is not None and ";" in code[open_ + 1 : end - 1]:
            # Statements that are handed to a macro, as to one that wraps them in `try`, are read as a block.
            mask.write(start, " " * len(name))
            mask.write(open_, "{")
            mask.write(end - 1, ";}" if code[end : end + 1] == ";" else "}")
            continue
        apart = "\n" in _space(code, end) or (body is not None and body.endswith(";"))
        if after and after not in CONTINUES and after != "(" and code[end].isspace() and apart:
            if after == "}" and before[-1:] == "{" and body is None:
                continue
            if body is not None and code[start - 1 : start] in ("", "\n") and _RESULT.search(body[-MAX_NAME:]):
                # What the macro is given is the result of a function.
                continue
            mask.write(end, ";")
            last = end


def _heads(code: str) -> list[tuple[int, int]]:
    """Where names stand in front of parentheses, each with the place of its parenthesis, in the order of the text."""
    size = len(code)
    found = [(size - m.end(), size - m.start() - 1) for m in CALL_HEAD.finditer(code[::-1])]
    found.reverse()
    return found


def _space(code: str, at: int) -> str:
    end = at
    while end < len(code) and code[end].isspace():
        end += 1
    return code[at:end]


def _next(code: str, at: int) -> str:
    while at < len(code) and code[at].isspace():
        at += 1
    return code[at : at + 1]
