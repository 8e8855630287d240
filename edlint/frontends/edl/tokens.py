"""EDL text to tokens: one compiled regular expression per dialect, offsets in code points."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

MAX_TOKENS = 400_000
MAX_LENGTH = 4_000_000
"""Tokens and code points of a file; a longer one is not read, no interface that people wrote comes near."""

NAME, NUMBER, STRING, INVALID, EOF = "NAME", "NUMBER", "STRING", "INVALID", "EOF"

MARK = "\ufeff"
"""The byte order mark: the C preprocessor takes it out at the start of a file, nobody else does."""

PUNCTUATION: Mapping[str, str] = {
    "{": "LBRACE",
    "}": "RBRACE",
    "(": "LPAR",
    ")": "RPAR",
    "[": "LBRACK",
    "]": "RBRACK",
    "<": "LESS",
    ">": "GREATER",
    "*": "STAR",
    ".": "DOT",
    ",": "COMMA",
    ";": "SEMI",
    "=": "EQUAL",
    "#": "HASH",
}
"""Kind of each character that is a token of its own in some dialect."""


class Token(NamedTuple):
    """One token; `order` is its place in the token list, which orders the compiler's decisions."""

    kind: str
    text: str
    start: int
    end: int
    order: int


def number(token: Token) -> int | None:
    """The value of a number as C reads it where that is plain; None for a name, and for a number out of reason."""
    text = token.text
    if token.kind != NUMBER or len(text) > 60:
        return None
    try:
        return int(text, 16) if text[:2] in ("0x", "0X") else int(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a token of kind INVALID is one."""

    error_class: str
    message: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Lexed:
    """The tokens of a file, the last one of kind EOF, and the reasons of the invalid ones by index."""

    tokens: list[Token]
    refused: dict[int, Refused]
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What one dialect's lexer knows."""

    pattern: re.Pattern[str]
    """Groups: word, number, string, punctuation, invalid text."""
    unexpected: str
    """Class of a character that the dialect does not have."""
    nul_ends: bool
    """Whether a NUL character ends the text."""


def _pattern(space: str, number: str, string: str, punctuation: str) -> re.Pattern[str]:
    skip = rf"(?:[{space}]+|//[^\n]*|/\*[\s\S]*?\*/)*+"
    invalid = r"\"[^\n]*|/\*[\s\S]*|[^\sA-Za-z0-9_\"/{}()\[\]<>*.,;=]+|[\s\S]"
    return re.compile(rf"{skip}(?:([A-Za-z_][A-Za-z0-9_]*)|({number})|({string})|([{punctuation}])|({invalid})|\Z)")


INTEL = Alphabet(
    _pattern(r" \t\r\n\v\f\0", "[0-9]+", r"\"[^\"]*\"", r"{}()\[\]*.,;="), "lex.invalid_token", nul_ends=False
)
"""Intel and secGear, behind the C preprocessor, which removes the odd white space."""

OPEN_ENCLAVE = Alphabet(
    _pattern(r" \t\r\n\v\b", "[0-9]+", r"\"[^\"\n]*\"", r"{}()\[\]*,;=#"), "lex.unexpected_token", nul_ends=True
)

VBS = Alphabet(
    _pattern(r" \t\r\n\v\b", "0[xX][A-Za-z0-9_]*|[0-9]+", r"\"[^\"\n]*\"", r"{}()\[\]<>,;="),
    "lex.unexpected_token",
    nul_ends=True,
)

LARGEST_NUMBER = 4_611_686_018_427_387_903
"""Largest literal of the compilers that are written in OCaml."""


def scan(
    text: str, alphabet: Alphabet, keywords: Mapping[str, str], start: int = 0, end: int | None = None, index: int = 0
) -> Lexed:
    """Tokens of text[start:end], numbered from `index`; keywords get the kind that the mapping says."""
    stop = len(text) if end is None else end
    if alphabet.nul_ends and (nul := text.find("\0", start, stop)) >= 0:
        stop = nul
    tokens: list[Token] = []
    refused: dict[int, Refused] = {}
    add, keyword, too_long, new = tokens.append, keywords.get, False, tuple.__new__
    for match in alphabet.pattern.finditer(text, start, stop):
        group = match.lastindex
        if group is None:
            break
        word, (at, to) = match.group(group), match.span(group)
        if group == 1:
            kind = keyword(word, NAME)
        elif group == 4:
            kind = PUNCTUATION[word]
        elif group == 2:
            kind = NUMBER
            if alphabet is INTEL and len(word) > 18 and int(word[-4000:]) > LARGEST_NUMBER:
                kind = INVALID
                refused[index] = Refused(
                    "lex.number_overflow", f"The number {word[:40]} is larger than {LARGEST_NUMBER}."
                )
        elif group == 3:
            kind = STRING
        else:
            kind = INVALID
            refused[index] = _reason(word, alphabet)
            if word[0] == '"':
                word = word.rstrip("\r\n")
                to = at + len(word)
        add(new(Token, (kind, word, at, to, index)))
        index += 1
        if index > MAX_TOKENS:
            too_long = True
            break
    add(Token(EOF, "", stop, stop, index))
    return Lexed(tokens, refused, too_long)


def _reason(word: str, alphabet: Alphabet) -> Refused:
    """Why a piece of text is no token."""
    if word[0] == '"':
        kind = "lex.invalid_token" if alphabet is INTEL else "lex.string_end"
        return Refused(kind, "The string has no closing quotation mark.")
    if word.startswith("/*"):
        return Refused("pp.failed" if alphabet is INTEL else "lex.comment_end", "The comment has no closing '*/'.")
    if alphabet is VBS and word[0] == "*":
        return Refused(
            "type.pointer", "This dialect has no pointers.", "Pass a 'vector<T>', an array or a struct by value."
        )
    shown = word if word.isprintable() else repr(word)[1:-1]
    hint = "No C++ name can be written here." if word.startswith("::") else ""
    return Refused(alphabet.unexpected, f"The text '{shown[:20]}' is no token of this dialect.", hint)
