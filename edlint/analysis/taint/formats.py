"""Formats of printing functions."""

from __future__ import annotations

import re

_CONVERSION = re.compile(r"%[-+ #0']*(\*|\d+)?(?:\.(\*|\d+)?)?(?:hh|h|ll|l|j|z|t|L|I64)?([diouxXeEfFgGaAcspnm%])")


def conversions(format_: str) -> str:
    """The conversion letter that each argument of a print is for; `*` takes an argument of its own."""
    found: list[str] = []
    for match in _CONVERSION.finditer(format_):
        width, precision, letter = match.groups()
        found.extend("d" for part in (width, precision) if part == "*")
        if letter not in "%m":
            found.append(letter)
    return "".join(found)
