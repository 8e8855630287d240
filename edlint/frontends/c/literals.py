"""Values of literals as C writes them."""

from __future__ import annotations

import re
from functools import lru_cache

_INTEGER = re.compile(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9][0-9']*)([uUlLzZ]*)")
_FLOAT = re.compile(r"((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFlL]?")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,8}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|\r?\n|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_SMALL = re.compile(r"char|short|8_t|16_t")
_NARROW, _WIDE = 1 << 7, 1 << 31
"""What every type of one byte holds, and every one of four or more; none of them changes a smaller value."""
_CAST = re.compile(r"\(\s*(?:unsigned|signed|int|long|short|char|u?int\d+_t|size_t|\s)+\)\s*")


@lru_cache(4096)
def number(text: str) -> int | float | None:
    """The value of a number literal; None when it is none."""
    if len(text) > 400:
        return None
    if text.startswith("-"):
        value = number(text[1:].lstrip())
        return -value if value is not None else None
    if found := _INTEGER.fullmatch(text):
        digits = found[1].replace("'", "")
        try:
            if digits[:2] in ("0x", "0X", "0b", "0B"):
                return int(digits, 0)
            return int(digits, 8) if len(digits) > 1 and digits[0] == "0" else int(digits)
        except ValueError:
            return None
    if found := _FLOAT.fullmatch(text):
        return float(found[1])
    return None


def _character(found: re.Match[str]) -> str:
    body = found[1]
    if body[0] in "xuU" and len(body) > 1:
        code = int(body[1:], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "?"
    if body[0] in "01234567":
        return chr(int(body, 8))
    if body[-1] == "\n":
        return ""
    return _SIMPLE.get(body, body)


def string(text: str) -> str:
    """What a string literal stands for, its prefix and quotes taken off and its escapes decoded."""
    start = text.find('"')
    if start >= 0 and text[:start].endswith("R"):
        open_, close = text.find("(", start), text.rfind(")")
        return text[open_ + 1 : close] if 0 <= open_ < close else text
    inner = text[start + 1 : -1] if start >= 0 and text.endswith('"') and len(text) > start + 1 else text
    return _ESCAPE.sub(_character, inner) if "\\" in inner else inner


def character(text: str) -> int | None:
    """The value of a character literal."""
    start = text.find("'")
    inner = text[start + 1 : -1]
    value = _ESCAPE.sub(_character, inner) if "\\" in inner else inner
    return ord(value) if len(value) == 1 else None


def constant(body: str) -> int | None:
    """The integer that a macro body stands for when it is one literal, maybe in parentheses, signed or cast.

    None where a cast may change the value.
    """
    text = body.strip()
    if not text or len(text) > 80:
        return None
    sign, limit = 1, 0
    for _ in range(8):
        if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
            text = text[1:-1].strip()
        elif text.startswith("-"):
            sign, text = -sign, text[1:].strip()
        elif text.startswith("(") and (cast := _CAST.match(text)):
            limit = min(limit or _WIDE, _NARROW if _SMALL.search(cast[0]) else _WIDE)
            text = text[cast.end() :]
        else:
            break
    found = character(text) if text.startswith("'") else number(text)
    if not isinstance(found, int) or (limit and not 0 <= sign * found < limit):
        return None
    return sign * found
