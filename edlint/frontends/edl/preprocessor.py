"""The text as sgx_edger8r sees it: the C preprocessor run over the file, every token with its place in the file.

Macros of gcc itself are known, system headers are not read: a header that holds C declarations stops the EDL parser.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from edlint.frontends.edl.intel import KEYWORDS
from edlint.frontends.edl.macros import PIECE, PREDEFINED, Expander, Macro, MacroError, condition, define
from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.tokens import EOF, INTEL, INVALID, MARK, Lexed, Refused, Token, scan
from edlint.model.interface import Problem
from edlint.source import Source, SourceError, Span, read_source

PREPROCESSING = 0
"""Place among the phases of this compiler."""

MAX_INCLUDES = 50
MAX_ARGUMENT, MAX_LOOKED = 5000, 2_000_000
"""Tokens of one macro call, and of all that are looked through for their ends."""

TEMPLATES = (".in", ".cmake", ".cmake.in")
TEMPLATE_LEVELS = 4
"""Folders, from the header's own up, in which its template is looked for."""

_NEEDED = re.compile(r"#|\\\r?\n|\b(?:linux|unix|_LP64|__\w+)\b", re.ASCII)
_MASK = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|//(?:\\\r?\n|[^\n])*|/\*[\s\S]*?\*/|/\*[\s\S]*")
_DIRECTIVE = re.compile(r"[ \t\v\f]*(?:#(?!#)|%:)[ \t\v\f]*([A-Za-z_]\w*|)", re.ASCII)
_LINE = re.compile(r"\d+\s*(?:$|\")")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_SPLICE = re.compile(r"\\(?=\r?\n)")
_MACRO_HEADERS = frozenset({"limits.h", "stdbool.h", "float.h", "iso646.h", "stdalign.h", "stdnoreturn.h"})
"""System headers that leave nothing but macros."""


def preprocess(reading: Reading) -> Lexed:
    """The tokens behind the preprocessor; what stops it is recorded as `pp.failed`."""
    text = _plain(reading.source.text)
    if not _NEEDED.search(text) and text.count("/*") == text.count("*/"):
        return scan(text, INTEL, KEYWORDS)
    run = _Run(reading)
    run.file(reading.source, None)
    end = len(text)
    run.tokens.append(Token(EOF, "", end, end, len(run.tokens)))
    return Lexed(run.tokens, run.refused, run.too_long)


def _plain(text: str) -> str:
    """The text as gcc takes it up: without a byte order mark, and with a lone CR as the end of a line."""
    if text.startswith(MARK):
        text = " " + text[1:]
    return _LONE_RETURN.sub("\n", text) if "\r" in text else text


def _masked(text: str) -> str:
    """The text with comments as blanks of equal length, line ends kept."""

    def blank(match: re.Match[str]) -> str:
        found = match[0]
        return re.sub(r"[^\n]", " ", found) if found[0] == "/" else found

    return _MASK.sub(blank, text)


class _Run:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.macros: dict[str, Macro] = dict(PREDEFINED)
        self.expander = Expander(self.macros)
        self.tokens: list[Token] = []
        self.refused: dict[int, Refused] = {}
        self.stack: list[_Open] = []
        self.includes = 0
        self.looked = 0
        self.too_long = False

    def fail(self, place: Span, message: str) -> None:
        """The C preprocessor ends with an error."""
        self.reading.refuse("pp.failed", place, f"The C preprocessor fails: {message}.", (PREPROCESSING,))

    def file(self, source: Source, use: Span | None) -> None:
        """Run over one file; `use` is the #include that brought it."""
        plain = _plain(source.text)
        text = _masked(plain)
        opened = plain.rfind("/*")
        if opened >= 0 and "*/" not in plain[opened + 2 :] and text[opened : opened + 2] == "  ":
            self.fail(use or Span(source, opened, opened + 2), "the comment has no closing '*/'")
        base, at, start = len(self.stack), 0, 0
        joined = _SPLICE.sub(" ", text)
        while at < len(text):
            end = text.find("\n", at)
            end = len(text) if end < 0 else end + 1
            line = at
            while text[line:end].rstrip("\r\n").endswith("\\") and end < len(text):
                line = end
                more = text.find("\n", end)
                end = len(text) if more < 0 else more + 1
            if match := _DIRECTIVE.match(text, at, end):
                self.text(source, joined, start, at, use)
                rest = text[match.end() : end].replace("\\\r\n", "").replace("\\\n", "").strip()
                place = use or Span(source, match.start(1), match.end(1)) if match[1] else use
                place = place or Span(source, match.end() - 1, match.end())
                self.directive(source, match[1], rest, place)
                start = end
            at = end
        self.text(source, joined, start, len(text), use)
        while len(self.stack) > base:
            unclosed = self.stack.pop()
            self.fail(use or unclosed.place, f"'#{unclosed.word}' has no '#endif'")

    @property
    def active(self) -> bool:
        return all(o.taking for o in self.stack)

    def directive(self, source: Source, word: str, rest: str, place: Span) -> None:
        try:
            if word in ("if", "ifdef", "ifndef"):
                self.open(word, rest, place)
            elif word in ("elif", "elifdef", "elifndef", "else", "endif"):
                self.turn(word, rest, place)
            elif self.active:
                self.other(source, word, rest, place)
        except MacroError as error:
            self.fail(place, str(error))

    def open(self, word: str, rest: str, place: Span) -> None:
        outer = self.active
        opened = _Open(word, place, outer)
        self.stack.append(opened)
        if outer:
            opened.taking = True
            opened.taking = opened.taken = self.holds(word, rest)

    def holds(self, word: str, rest: str) -> bool:
        """Whether a condition holds."""
        if word.endswith("if"):
            return condition(rest, self.macros)
        name = re.match(r"[A-Za-z_]\w*", rest, re.ASCII)
        if name is None:
            raise MacroError(f"'#{word}' needs the name of a macro")
        return (name[0] in self.macros) == (not word.endswith("ndef"))

    def turn(self, word: str, rest: str, place: Span) -> None:
        if not self.stack:
            raise MacroError(f"'#{word}' has no '#if'")
        current = self.stack[-1]
        if word == "endif":
            self.stack.pop()
            return
        if current.last:
            raise MacroError(f"'#{word}' follows an '#else'")
        current.last = word == "else"
        wanted = current.outer and not current.taken
        current.taking = wanted and (word == "else" or self.holds(word, rest))
        current.taken = current.taken or current.taking

    def other(self, source: Source, word: str, rest: str, place: Span) -> None:
        if word == "define":
            name, macro = define(rest)
            self.macros[name] = macro
        elif word == "undef":
            found = re.match(r"[A-Za-z_]\w*", rest, re.ASCII)
            if found is None:
                raise MacroError("'#undef' needs the name of a macro")
            self.macros.pop(found[0], None)
        elif word == "error":
            raise MacroError(f"'#error {rest[:60]}'")
        elif word in ("include", "include_next", "import"):
            self.include(source, rest, place)
        elif word in ("ident", "sccs") and not rest.startswith('"'):
            raise MacroError(f"'#{word}' needs a string")
        elif word == "line" and not _LINE.match("".join(self.expander.expand(PIECE.findall(rest))).strip()):
            raise MacroError("'#line' needs a number, and behind it at most a file name")
        elif not word and rest and not rest[0].isdigit():
            raise MacroError(f"'#{rest[:1]}' is no directive")
        elif word in ("ident", "sccs") or (word == "pragma" and not re.match(r"once\b|GCC\s+poison\b", rest)):
            self.invalid(place, f"'#{word}' is left in the text, where '#' is no token.")
        elif word not in ("", "line", "pragma", "warning", "assert", "unassert"):
            raise MacroError(f"'#{word}' is no directive")

    def include(self, source: Source, rest: str, place: Span) -> None:
        if not rest.startswith(('"', "<")):
            rest = "".join(self.expander.expand(PIECE.findall(rest))).strip()
        match = re.match(r"\"([^\"\n]+)\"|<([^>\n]+)>", rest)
        if match is None:
            raise MacroError("'#include' needs a file name")
        name = match[1] or match[2]
        path = Path(source.path).parent / name
        self.includes += 1
        if match[1] and len(name) < 1000 and "\0" not in name and path.is_file():
            if self.includes > MAX_INCLUDES:
                raise MacroError("too many files are included")
            try:
                self.file(read_source(path), place)
            except SourceError as error:
                raise MacroError(f"'{name}': {error}") from None
            return
        if not _is_standard(name):
            if not _is_made(path):
                raise MacroError(f"'{name}' is not found")
            message = f"The build makes '{name}'; what it defines is not known."
            self.reading.notes.append(Problem(place, message, "generated-include"))
            return
        if name not in _MACRO_HEADERS:
            self.add("NAME", "typedef", place)

    def invalid(self, place: Span, message: str) -> None:
        self.refused[len(self.tokens)] = Refused("lex.invalid_token", message)
        self.add(INVALID, place.text, place)

    def add(self, kind: str, text: str, place: Span) -> None:
        start, end = (place.start, place.end) if place.source is self.reading.source else (0, 1)
        self.tokens.append(Token(kind, text, start, end, len(self.tokens)))

    def text(self, source: Source, text: str, start: int, end: int, use: Span | None) -> None:
        """Tokens of a stretch without directives."""
        if start >= end or not self.active or self.too_long:
            return
        lexed = scan(text, INTEL, KEYWORDS, start, end, len(self.tokens))
        self.too_long = lexed.too_long
        found = lexed.tokens[:-1]
        plain = not any(t.text in self.macros for t in found)
        if plain and use is None:
            self.tokens.extend(found)
            self.refused.update(lexed.refused)
            return
        self.expanded(source, found, lexed, use)

    def expanded(self, source: Source, found: list[Token], lexed: Lexed, use: Span | None) -> None:
        """Tokens with macros replaced; what a macro yields has the place of its use."""
        at = 0
        while at < len(found):
            token = found[at]
            at += 1
            place = use or Span(source, token.start, token.end)
            macro = self.macros.get(token.text)
            if macro is None:
                if token.kind == INVALID:
                    self.refused[len(self.tokens)] = lexed.refused[token.order]
                self.add(token.kind, token.text, place)
                continue
            pieces = [token.text]
            if macro.params is not None:
                taken = self.call(found, at)
                if taken is None:
                    self.add(token.kind, token.text, place)
                    continue
                pieces += [p for t in found[at:taken] for p in (t.text, " ")]
                at = taken
            try:
                result = "".join(self.expander.expand(pieces))
            except MacroError as error:
                self.fail(place, str(error))
                continue
            again = scan(result, INTEL, KEYWORDS)
            for made in again.tokens[:-1]:
                if made.kind == INVALID:
                    self.refused[len(self.tokens)] = again.refused[made.order]
                self.add(made.kind, made.text, place)

    def call(self, found: list[Token], at: int) -> int | None:
        """The place behind the closing parenthesis of a macro's arguments that begin at `at`; None without any."""
        depth = 0
        for place in range(at, min(len(found), at + MAX_ARGUMENT)):
            self.looked += 1
            kind = found[place].kind
            depth += (kind == "LPAR") - (kind == "RPAR")
            if depth == 0:
                return place + 1 if place > at else None
            if self.looked > MAX_LOOKED:
                return None
        return None


def _is_made(path: Path) -> bool:
    """Whether a build makes the header from a template, as configure makes config.h from config.h.in."""
    folders = (path.parent, *Path(os.path.abspath(path)).parents[1:TEMPLATE_LEVELS])  # noqa: PTH100 - links stay
    try:
        return any((folder / f"{path.name}{suffix}").is_file() for folder in folders for suffix in TEMPLATES)
    except (OSError, ValueError):
        return False


class _Open:
    """An #if whose #endif has not come."""

    def __init__(self, word: str, place: Span, outer: bool) -> None:
        self.word = word
        self.place = place
        self.outer = outer
        self.taking = False
        self.taken = False
        self.last = False


_STANDARD = re.compile(
    r"(?:assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|stdalign|stdarg"
    r"|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath|threads|time|uchar|wchar|wctype"
    r"|unistd|fcntl|pthread|dirent|poll|netdb|sys/\w+|netinet/\w+|arpa/\w+)\.h"
)


def _is_standard(name: str) -> bool:
    """Whether every C installation has that header."""
    return _STANDARD.fullmatch(name) is not None
