"""What the grammars lack inside of statements and lists, with what can stand there instead at equal length."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edlint.frontends.c.directives import text_before
from edlint.frontends.c.patterns import BRACE, CAPS, MAX_BLOCK, MAX_CALL, ONLY_TYPE, TRY

_EACH = re.compile(r"\bfor\s+(each)\s*\(([^;(){}]{1,200}?[\w>&*]\s+)(in)\s")
_FRIEND = re.compile(r"(?<!\w)(inline|static|constexpr|extern)(\s+)friend\b")
_DEFAULT = re.compile(
    r"\*\s++(=(?!=)\s*+(?:[\w:]++(?:<[^<>;(){}]*+(?:<[^<>;(){}]*+>[^<>;(){}]*+)?>)?)?(?:\([^(){};]*+\)|\{[^(){};]*+\})?)(?=\s*+[,)>])"
)
"""What a parameter without a name, a pointer, is by default."""
_THROW = re.compile(r"([?:])\s*+(throw)\s++(?=[\w:\"])")
_WORDS = re.compile(r"\(([ \t]*+\w++(?:[ \t]++\w++|[ \t]*+\.\d++)++[ \t]*+)(?=\)(?:\s*+;|[ \t]*+\r?\n))")
"""Words in a row that are given to a macro, which makes a text of them."""
_MACRO = re.compile(rf"{CAPS}\s*+\Z")
"""The macro in front of its parenthesis."""
_ENDS = frozenset(";{})")
"""What a statement starts behind."""
_EMPTY = re.compile(r"(\(\s*+\))(?=\s*+[,)])")
"""Parentheses with nothing in them, as an argument when they stand behind a comma or another parenthesis."""
_HEADS = tuple(
    re.compile(rf"{w}(?<!\w{w})[ \t]++(?!not\b|compl\b|constexpr\b|consteval\b)([A-Za-z_]\w*+)\s*+\(")
    for w in ("if", "while", "switch")
)
"""A macro with what it is given instead of the parentheses that belong to the condition."""
_MADE = re.compile(r"<(?<=\w<)\s*+(?:const\s++)?(\w++\(\s*+\w++\s*+\))[\s*&]*+>\s*+[\w(:&*{]")
"""A type that a macro makes, as the argument of a template."""
_MADE_CONST = re.compile(r"(const\s++\w++\(\s*+\w++\s*+\))(?=\s*+[,)])")
"""The same as the argument of another macro."""
_NEAR = 80
_BRACES = re.compile(r"=(?<=[\w\s]=)\s*+(\{\s*+\})(?=\s*+[,)])")
"""What a parameter is by default: an initialiser with nothing in it."""
_TYPE_ID = re.compile(rf"typeid\s*+\(\s*+((?:const\s++)?(?:{ONLY_TYPE.pattern})[\s*&]*+)(?=\))")
_TYPE_OF = re.compile(r"decltype\(\s*+\w++\s*+\)(?=\s*+\()")
_DELETED = re.compile(r"delete(?<!\wdelete)\s*+(\[\s*+\])(?=\s*+\*)")
_VOLATILE = re.compile(r"new(?<!\wnew)\s++(volatile)\b")
_NEW = re.compile(
    r"new(?<!\wnew)(?<!operator new)\s*+(\(\s*+(?:const\s++)?)"
    r"(?:::)?[A-Za-z_][\w:]*+(?:\s++\w++)*+([\s*]*+\))(?=\s*+[;,)])"
)
"""A type in parentheses that nothing stands behind: group 1 is what is in front of its name, group 2 what is behind."""
_INSTANCE = re.compile(r"extern(?<!\wextern)(?=\s++template\b(?!\s*+<))")
_LEFT_OUT = re.compile(r",(?=\s*+[,)])")
"""An argument of a macro that is left out."""
_ASSEMBLER = re.compile(r"__asm(?<!\w__asm)\s*+\{([^{}]*+)\}")
_NUMBER = re.compile(r"(?:unsigned(?<!\wunsigned)|signed(?<!\wsigned))(?=\s*+\()")
_CHOSEN = re.compile(r"(?:->|\.(?<=[A-Za-z_)\]]\.))\*(?=\s*+\()")
"""In front of a member that is computed."""
_FOREACH = re.compile(r"(?:BOOST|Q)_(?:REVERSE_)?FOREACH\s*+\((?:[^(),;{}]++|\([^(){};]*+\))++(,)")
_CLASS = re.compile(rf"\n[ \t]*+({CAPS})(\()[ \t]*+\w++[ \t]*+(\))(?=\s*+\{{\s*+(?:public|private|protected)\s*+:)")
"""A macro that heads a class."""
_RETURNS = re.compile(r"->\s*+(decltype)\s*+\(")
_MAX_STATEMENT = 400


def blanks(code: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """What can go from C++, in the order of the text; `words` are those of the text."""
    found = [m.span(1) for m in _DEFAULT.finditer(code)] if "*" in code else []
    for word, pattern in (("delete", _DELETED), ("volatile", _VOLATILE), ("extern", _INSTANCE)):
        if word in words:
            found += [m.span(pattern.groups) for m in pattern.finditer(code)]
    if "new" in words:
        found += [m.span(group) for m in _NEW.finditer(code) for group in (1, 2)]
    if "throw" in words:
        found += [m.span(2) for m in _THROW.finditer(code) if m[1] == "?" or _is_choice(code, m.start())]
    yield from sorted(found)


def empty(code: str, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Commas of arguments that are left out, and the code of assemblers, in the order of the text."""
    # Most texts have no such commas; looking for them as they are mostly written is much faster.
    found = [m.span() for m in _LEFT_OUT.finditer(code)] if any(c in code for c in (",,", ", ,", ",)", ", )")) else []
    if "__asm" in words:
        for m in _ASSEMBLER.finditer(code):
            found += [(m.start(), m.start() + len("__asm")), m.span(1)]
    yield from sorted(found)


def written(code: str, words: frozenset[str]) -> Iterator[tuple[int, str]]:
    """What goes in place of words of C++ that stand in an order of their own."""
    if "each" in words:
        for m in _EACH.finditer(code):
            yield m.start(1), " " * len("each")
            yield m.start(3), ": "
    if not words.isdisjoint(("unsigned", "signed")):
        for m in _NUMBER.finditer(code):
            yield m.start(), "int".ljust(len(m[0]))
    if "*(" in code or "* (" in code:
        for m in _CHOSEN.finditer(code):
            yield m.start(), ",".ljust(len(m[0]))
    if "FOREACH" in code:
        for m in _FOREACH.finditer(code):
            yield m.start(), "for".ljust(m[0].index("("))
            yield m.start(1), ":"
    if not words.isdisjoint(("public", "private", "protected")):
        for m in _CLASS.finditer(code):
            if len(m[1]) >= len("class"):
                yield m.start(1), "class".ljust(len(m[1]) + 1)
                yield m.start(3), " "
    if "friend" in words:
        for m in _FRIEND.finditer(code):
            yield m.start(), f"friend{m[2]}{m[1]}"


def names(code: str, words: frozenset[str], *, cpp: bool) -> Iterator[tuple[int, int]]:
    """Arguments that are no values, each of which can be a name."""
    # What starts with one certain character is found many times as fast; what is in front of it is looked at then.
    for m in _WORDS.finditer(code):
        macro = _MACRO.search(code, max(0, m.start() - _NEAR), m.start())
        if macro is not None and text_before(code, macro.start())[-1:] in _ENDS:
            yield m.span(1)
    for pattern in (_EMPTY, _MADE_CONST):
        yield from (m.span(1) for m in pattern.finditer(code) if text_before(code, m.start())[-1:] in (",", "("))
    if cpp:
        yield from (m.span(1) for m in _MADE.finditer(code))
    if cpp and "{}" in code:
        yield from (m.span(1) for m in _BRACES.finditer(code))
    for word, pattern in (("typeid", _TYPE_ID), ("decltype", _TYPE_OF)):
        if cpp and word in words:
            yield from (m.span(pattern.groups) for m in pattern.finditer(code))


def returns(code: str) -> Iterator[re.Match[str]]:
    """`-> decltype(f(), void())`: the start is that of group 1, the list starts where the match ends."""
    return _RETURNS.finditer(code)


def heads(code: str) -> Iterator[re.Match[str]]:
    """`if likely (x)`: the name of the macro is group 1, its list starts where the match ends."""
    return iter(sorted((m for pattern in _HEADS for m in pattern.finditer(code)), key=re.Match.start))


def tries(code: str) -> Iterator[tuple[int, int]]:
    """The word `try` where a macro stands in place of `catch`: what is left is a block with a statement behind it."""
    for m in TRY.finditer(code):
        depth = 0
        for brace in BRACE.finditer(code, m.end() - 1, m.end() + MAX_BLOCK):
            depth += 1 if brace[0] == "{" else -1
            if depth == 0:
                if not code[brace.end() : brace.end() + MAX_CALL].lstrip().startswith("catch"):
                    yield m.start(), m.start() + len("try")
                break


def _is_choice(code: str, colon: int) -> bool:
    """Whether a colon belongs to a `?`, not to a label."""
    low = max(0, colon - _MAX_STATEMENT)
    start = max(code.rfind(c, low, colon) for c in ";{}")
    return code.find("?", max(low, start), colon) >= 0
