"""Preprocessor directives of a file, read line by line: definitions and includes, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from edlint.frontends.c import literals
from edlint.model.unit import Include, Macro
from edlint.source import Source

_LINE_COMMENT = r"//[^\n\\]*+(?:\\(?:\r?\n|.)[^\n\\]*+)*+"
_BLOCK_COMMENT = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)"
_STRING = r'"(?<!\\")(?:"(?:"")*+|[^"\\\n]*+(?:\\(?:\r?\n|.)[^"\\\n]*+)*+")'
"""What is escaped starts none: in a text without a literal's end each start would be looked through to the end."""
_CHARACTER = r"'(?<!\\')(?:'(?:'')*+|[^'\\\n]*+(?:\\.[^'\\\n]*+)*+')"
_RAW = r'R"([^()\\\s]{0,16})\('
_TOKENS = re.compile(rf"{_LINE_COMMENT}|{_BLOCK_COMMENT}" rf'|{_RAW}.*?\)\1"|{_STRING}|{_CHARACTER}', re.DOTALL)
_TOKENS_BUT_RAW = re.compile(rf"({_LINE_COMMENT}|{_BLOCK_COMMENT}|{_STRING}|{_CHARACTER})", re.DOTALL)
_RAW_START = re.compile(_RAW)
_MAX_RAW = 8
"""Raw strings without an end that a text may have, each of which is looked through to the end of the text."""
_MAX_DELIMITERS = 64
"""Ways to end a raw string that one text may use."""
_COMMENTS = re.compile(rf"({_LINE_COMMENT}|{_BLOCK_COMMENT})|{_STRING}|{_CHARACTER}", re.DOTALL)
_REST = r"[^\n\\]*+(?:\\\r?\n[^\n\\]*+|\\.[^\n\\]*+)*+"
_ANY = re.compile(rf"#[ \t]*+([a-z_]*+){_REST}")
_DIRECTIVE = re.compile(rf"#[ \t]*+([a-z_]+)({_REST})")
_DEFINE = re.compile(r"[ \t\\\r\n]*([A-Za-z_$][\w$]*)(\(((?:[\w$\s,.\\])*)\))?")
_INCLUDE = re.compile(r"\s*([<\"])([^>\"\n]+)[>\"]")
_KEYWORDS = frozenset(("const", "inline", "volatile", "restrict", "static", "extern", "register", "signed", "unsigned"))
"""Words that are defined for compilers which lack them, or to open a file to its tests: they mean what they do."""
_SPLICE = re.compile(r"\\\r?\n")
_ALL_SPLICED = re.compile(r"/\*(?:[^\n]*\\\r?\n)+[^\n]*")
"""A comment of several lines of which each but the last goes on in the next."""
_LINE = re.compile(r"[^\r\n]+")
CONDITIONS = frozenset(("if", "ifdef", "ifndef", "else", "elif", "elifdef", "elifndef", "endif"))
_GOES_ON = re.compile(r"\s*+(?:else\b|\)|\|\||&&)")
_OPEN = ("(", "||", "&&", "\nstatic", "\nextern", "\ninline")
BRACES = re.compile(r"\s*+\{")
LABEL = re.compile(r"(?:[;{}]\s*+|\n[ \t]*+)(?!default\b|public\b|private\b|protected\b)[A-Za-z_]\w*+[ \t]*+:\Z")
"""A label that nothing stands behind."""
_INITIALISER = re.compile(r"=\s*+\{\Z")
_DIRECTIVE_ELSE = re.compile(r"(?:#[ \t]*|\w)else\Z")
_NEAR = 128
"""Code points in which what comes before is looked for at first: comments are long."""
_DEEP, _LONG = 4, 200
"""Conditions around an include that are kept, and code points of each."""
MAX_BODY = 20_000
"""Code points of a macro body; a longer one is kept as an unknown name."""


def bare(text: str) -> str:
    """The text with comments and the insides of literals as spaces, at equal length; line ends stay."""
    if 'R"' in text and _raw_strings_end(text):
        return _TOKENS.sub(lambda found: _blank(found[0]), text)
    parts = _TOKENS_BUT_RAW.split(text)
    parts[1::2] = map(_blank, parts[1::2])
    return "".join(parts)


def _raw_strings_end(text: str) -> bool:
    """Whether almost all raw strings of a text end; where they do not, none is taken for one."""
    last: dict[str, int] = {}
    endless = 0
    for found in _RAW_START.finditer(text):
        if found[1] not in last:
            if len(last) == _MAX_DELIMITERS:
                return False
            last[found[1]] = text.rfind(f'){found[1]}"')
        endless += found.end() > last[found[1]] + 1
        if endless > _MAX_RAW:
            return False
    return True


def without_directives(clean: str) -> str:
    """A `bare` text with its directives as spaces, at equal length; line ends stay."""
    return _without(clean, [found.span() for _, found in leading(_ANY, clean)]) if "#" in clean else clean


def _without(clean: str, ranges: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    last = 0
    for start, end in ranges:
        parts += (clean[last:start], spaces(clean[start:end]))
        last = end
    return "".join([*parts, clean[last:]]) if parts else clean


def commented(clean: str, data: bytes) -> Iterator[tuple[int, int]]:
    """The directives of several lines with a comment among them."""
    if "\\" not in clean:
        return
    for line, start, end, _ in places(clean):
        if clean.find("\n", start, end) >= 0 and data.find(b"/*", line, end) >= 0:
            yield line, end


def leading(pattern: re.Pattern[str], clean: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The matches of a pattern of directives that have only space in front of them, with where their line starts.

    The pattern starts with the `#`: there are fewer of these than of lines, and what starts with one certain character
    is found fastest.
    """
    for found in pattern.finditer(clean):
        line = _line_start(clean, found.start())
        if line >= 0:
            yield line, found


def _line_start(clean: str, at: int) -> int:
    """Where a line starts that has nothing but space in front of `at`; -1 for another."""
    if at == 0 or clean[at - 1] == "\n":
        return at
    line = clean.rfind("\n", 0, at) + 1
    return line if not clean[line:at].strip(" \t") else -1


@lru_cache(4)
def code_of(clean: str) -> str:
    """The `bare` text of a whole file without its directives; kept for those who ask next."""
    return _without(clean, [(start, end) for _, start, end, _ in places(clean)])


@lru_cache(2)
def places(clean: str) -> tuple[tuple[int, int, int, str], ...]:
    """Of each directive of the `bare` text of a whole file where its line starts, its `#` stands and it ends, and its
    word; kept for those who ask next."""
    return tuple([(line, found.start(), found.end(), found[1]) for line, found in leading(_ANY, clean)])


_TRIGRAPH = re.compile(r"\?\?([=(/)'<!>-])")
_TRIGRAPHS = {"=": "#", "(": "[", "/": "\\", ")": "]", "'": "^", "<": "{", "!": "|", ">": "}", "-": "~"}


def trigraphs(clean: str) -> list[tuple[int, str]]:
    """Places of `??<` and its kin in a `bare` text, with what each stands for at equal length."""
    at = clean.find("?")
    while at >= 0 and not clean.startswith("??", at):
        # A single character is found many times as fast as two.
        at = clean.find("?", at + 1)
    if at < 0:
        return []
    return [(m.start(), ("  " + _TRIGRAPHS[m[1]])) for m in _TRIGRAPH.finditer(clean)]


_SPACES = bytes(c if c in b"\r\n" else 32 for c in range(256))
"""What every character becomes."""


def spaces(text: str) -> str:
    """As many spaces as a text has characters; line ends stay."""
    if text.isascii():
        # Text has to look up each character anew, bytes have not.
        return text.encode("ascii").translate(_SPACES).decode("ascii")
    return _LINE.sub(_space, text)


def _space(found: re.Match[str]) -> str:
    return " " * (found.end() - found.start())


def _blank(token: str) -> str:
    """A comment or a literal without what is inside."""
    first = token[0]
    if first == token[1] != "/":
        # Empty literals, one behind the other.
        return token
    if "\n" in token or (first == "/" and "\r" in token):
        blank = spaces(token)
        return _continued(token, blank) if "\\" in token and _ALL_SPLICED.fullmatch(token) else blank
    return " " * len(token) if first == "/" else first + " " * (len(token) - 2) + token[-1]


def _continued(text: str, blank: str) -> str:
    """The line ends of a comment whose every line goes on, as those inside a macro do, remain spliced."""
    parts = []
    at = 0
    for found in _SPLICE.finditer(text):
        parts += [blank[at : found.start()], found[0]]
        at = found.end()
    return "".join([*parts, blank[at:]])


def without_comments(text: str) -> str:
    """The text with each comment as one space."""
    return _COMMENTS.sub(lambda m: " " if m[1] else m[0], text) if "/" in text else text


@dataclass(frozen=True, slots=True)
class Directives:
    """What the directives of one file say."""

    macros: tuple[Macro, ...]
    includes: tuple[Include, ...]
    dead: tuple[tuple[int, int], ...]
    """Ranges inside `#if 0`."""
    unsettled: frozenset[str] = frozenset()
    """Macros that are defined on a condition, include guards aside, or undefined: what they stand for may vary."""
    cut: bool = False
    """A condition stands where it cuts a statement for sure; where none does, one still may."""


def read(source: Source, clean: str) -> Directives:
    """Read the directives of a file; `clean` is its `bare` text."""
    if "#" not in clean:
        return Directives((), (), ())
    reading = _Reading(source)
    cut = False
    for start, found in leading(_DIRECTIVE, clean):
        word, end = found[1], found.end()
        if not cut and word in CONDITIONS:
            cut = _cuts(clean, start, end, word)
        if word in ("if", "ifdef", "ifndef"):
            reading.opened(word, found[2].strip(), end)
        elif word in ("else", "elif", "elifdef", "elifndef"):
            reading.turned(start, end)
        elif word == "endif":
            reading.closed(start)
        elif not reading.hidden:
            reading.said(word, found, end)
    dead = [*reading.dead, *((c.start, len(clean)) for c in reading.conditions if c.dead)]
    return Directives(
        tuple(reading.macros), tuple(reading.includes), tuple(sorted(dead)), frozenset(reading.unsettled), cut
    )


@dataclass(slots=True)
class _Condition:
    """An `#if` that is open."""

    text: str
    """As it is written."""
    unwanted: str
    """The macro that it wants undefined, `?` for another condition, nothing for an include guard."""
    dead: bool
    """Whether its present part is never compiled."""
    start: int
    """Where its present part starts."""


class _Reading:
    """What the directives so far have said."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.macros: list[Macro] = []
        self.includes: list[Include] = []
        self.dead: list[tuple[int, int]] = []
        self.unsettled: set[str] = set()
        self.conditions: list[_Condition] = []
        self.hidden = 0
        """Conditions around this place whose present part is dead."""

    def opened(self, word: str, text: str, end: int) -> None:
        """An `#if` whose line ends at `end`."""
        dead = word == "if" and text in ("0", "(0)", "false")
        self.hidden += dead
        self.conditions.append(_Condition(text[:_LONG], text if word == "ifndef" else "?", dead, end))

    def turned(self, at: int, end: int) -> None:
        """An `#else` or `#elif`."""
        if self.conditions:
            condition = self.conditions[-1]
            self._over(condition, at)
            condition.unwanted, condition.dead, condition.start = "?", False, end

    def closed(self, at: int) -> None:
        """An `#endif`."""
        if self.conditions:
            self._over(self.conditions.pop(), at)

    def _over(self, condition: _Condition, at: int) -> None:
        if condition.dead:
            self.hidden -= 1
            self.dead.append((condition.start, at))

    def said(self, word: str, found: re.Match[str], end: int) -> None:
        """Any other directive, where it counts."""
        if word == "define":
            if (macro := _define(self.source, found)) is not None:
                self._defined(macro)
        elif word == "undef":
            self.unsettled.add(found[2].strip())
        elif word in ("include", "include_next", "import"):
            named = _INCLUDE.match(self.source.text, found.start(2), end)
            if named is not None:
                span = self.source.span(named.start(2), named.end(2))
                under = " ".join(c.text for c in self.conditions[-_DEEP:] if c.unwanted)
                self.includes.append(Include(named[2].strip(), named[1] == "<", span, under))

    def _defined(self, macro: Macro) -> None:
        self.macros.append(macro)
        inner = self.conditions[-1] if self.conditions else None
        if inner is not None and inner.unwanted == macro.name and not macro.body:
            inner.unwanted = ""
        elif any(c.unwanted for c in self.conditions):
            self.unsettled.add(macro.name)


def _cuts(text: str, start: int, end: int, word: str) -> bool:
    """Whether a statement goes on behind a condition, or stands open in front of it: `else`, an operator, a list."""
    if word == "endif" and _GOES_ON.match(text, end):
        return True
    # The text starts a line.
    before = ("\n" if start <= _NEAR else "") + text_before(text, start)
    if word == "endif" and before.endswith((")", ":")) and _ends_open(before, text, end):
        return True
    if before.endswith("else"):
        return not _DIRECTIVE_ELSE.search(before)
    return word.startswith("if") and (before.endswith(_OPEN) or _INITIALISER.search(before) is not None)


def _ends_open(before: str, text: str, at: int) -> bool:
    """Whether what stands in front of an `#endif` is open: a head that needs the braces behind it, or a label alone."""
    if before.endswith(")"):
        return BRACES.match(text, at) is not None and not before[before.rfind("\n") + 1 :].lstrip(" \t").startswith("#")
    return LABEL.search(before) is not None


def text_before(text: str, at: int) -> str:
    """Some of the text in front of `at` without the space behind it."""
    near = _NEAR
    while at > 0:
        low = max(0, at - near)
        if found := text[low:at].rstrip():
            return found
        at, near = low, near * 2
    return ""


def _define(source: Source, found: re.Match[str]) -> Macro | None:
    head = _DEFINE.match(found.string, found.start(2), found.end(2))
    if head is None or head[1] in _KEYWORDS or found.end(2) - head.end() > MAX_BODY:
        return None
    params: tuple[str, ...] | None = None
    if head[2] is not None:
        names = _SPLICE.sub("", head[3]).split(",")
        params = tuple(n.strip() for n in names if n.strip())
    body = source.text[head.end() : found.end(2)]
    if "\\" in body:
        body = _SPLICE.sub(" ", body)
    body = without_comments(body).strip()
    value = literals.constant(body) if params is None and body else None
    return Macro(head[1], params, body, source.span(*head.span(1)), value)


def defined(name: str, value: str) -> Macro:
    """A macro from the command line."""
    source = Source("<command line>", f"#define {name} {value}\n", "none")
    return Macro(name, None, value.strip(), source.span(8, 8 + len(name)), literals.constant(value))
