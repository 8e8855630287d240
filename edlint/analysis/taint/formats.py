"""Formats of printing functions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edlint.analysis.constants import words_of
from edlint.model.ir import Invoke, Text
from edlint.model.sdk import Row, Spot

_CONVERSION = re.compile(r"%[-+ #0']*(\*|\d+)?(?:\.(\*|\d+)?)?(?:hh|h|ll|l|j|z|t|L|w|I64)?([diouxXeEfFgGaAcspnm%])")

PRINTS = frozenset(
    ("print", "printf", "eprintf", "dprintf", "printk", "log", "trace", "debug", "dbg", "info", "notice", "warn")
) | {"warning", "err", "error", "fatal", "verbose"}
STRINGS = frozenset(["string", "str", "format", "to"])
"""Words in the names of functions that make a string and print nothing."""


def conversions(format_: str) -> str:
    """The conversion letter that each argument of a print is for; `*` takes an argument of its own."""
    found: list[str] = []
    for match in _CONVERSION.finditer(format_):
        width, precision, letter = match.groups()
        found.extend("d" for part in (width, precision) if part == "*")
        if letter not in "%m":
            found.append(letter)
    return "".join(found)


def texts(format_: str) -> Iterator[tuple[int, bool]]:
    """The arguments that a print reads as texts, from the first after the format on, and whether it stops early."""
    position = 0
    for match in _CONVERSION.finditer(format_):
        width, precision, letter = match.groups()
        position += (width == "*") + (precision == "*")
        if letter == "s" and not match[0].endswith(("ls", "Ls", "ws")):
            yield position, "." in match[0]
        position += letter not in "%m"


def shows(invoke: Invoke) -> bool:
    """Whether a call only shows its arguments, by its name and a text among them."""
    words = words_of(invoke.name)
    named = invoke.receiver is None and bool(words & PRINTS) and not words & STRINGS
    return named and any(isinstance(a, Text) for a in invoke.args)


def prints(invoke: Invoke) -> tuple[Row, ...]:
    """What is said of a function that nobody sees when its name and a format among its arguments say that it prints."""
    if not shows(invoke):
        return ()
    formats = (n for n, a in enumerate(invoke.args[:-1]) if isinstance(a, Text) and "%" in a.value)
    at = next(formats, None)
    if at is None:
        return ()
    return tuple(Row(invoke.name, "sink", "host-sink", Spot(at + 1, pointee, "", True)) for pointee in (False, True))
