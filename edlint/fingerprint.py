"""Names for findings that survive an edit elsewhere in the file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from edlint.finding import Finding
from edlint.source import Source

MAX_HASHED = 2_000_000
"""Code points of a file above which its lines get no hash: it takes a second for each million."""

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_FIRST_POWER = pow(_BASE, _WINDOW, 1 << 64)


def line_hashes(text: str) -> tuple[str, ...]:
    """For each line (from index 0) the `primaryLocationLineHash` that code-scanning services compute.

    A rolling hash over the 100 UTF-16 code units that follow the line's start, blanks left out and line ends as
    one LF, then `:k` for the k-th line with that hash.
    """
    return _line_hashes(text)


@lru_cache(maxsize=64)
def _line_hashes(text: str) -> tuple[str, ...]:
    window = [0] * _WINDOW
    starts: list[int] = [-1] * _WINDOW
    """Line that starts at the unit in this slot of the window, or -1."""
    hashes: dict[int, str] = {}
    seen: dict[str, int] = {}
    value, slot = 0, 0
    line, line_start, carriage = 0, True, False

    def feed(unit: int) -> None:
        nonlocal value, slot, line_start
        if starts[slot] >= 0:
            digest = f"{value:x}"
            seen[digest] = seen.get(digest, 0) + 1
            hashes[starts[slot]] = f"{digest}:{seen[digest]}"
            starts[slot] = -1
        if line_start:
            line_start = False
            starts[slot] = line
        first = window[slot]
        window[slot] = unit
        value = (_BASE * value + unit - _FIRST_POWER * first) & _MASK
        slot = (slot + 1) % _WINDOW

    data = text.encode("utf-16-le", "surrogatepass")
    for at in range(0, len(data), 2):
        unit = data[at] | data[at + 1] << 8
        if unit in (0x20, 0x09) or (carriage and unit == 0x0A):
            carriage = False
            continue
        carriage = unit == 0x0D
        unit = 0x0A if carriage else unit
        feed(unit)
        if unit == 0x0A:
            line += 1
            line_start = True
    feed(0xFFFF)
    for _ in range(_WINDOW):
        feed(0)
    return tuple(hashes.get(n, "") for n in range(line + 1))


def line_hash(source: Source, line: int) -> str:
    """The hash of line `line` (from 1) of a file; empty for a file that is too large to hash."""
    if len(source.text) > MAX_HASHED:
        return ""
    hashes = line_hashes(source.text)
    return hashes[line - 1] if line <= len(hashes) else ""


def keys(findings: Iterable[Finding]) -> list[str]:
    """A key for each finding, 16 hex digits: rule, file, function, sentence and the text of the line, no numbers.

    Findings that agree in all of these are told apart by their order.
    """
    seen: dict[str, int] = {}
    found: list[str] = []
    for finding in findings:
        span = finding.primary.span
        code = "".join(span.source.line(span.line)[:1000].split())
        text = "\0".join((finding.rule, span.path, finding.function, finding.message, code))
        count = seen[text] = seen.get(text, 0) + 1
        found.append(hashlib.sha256(f"{text}\0{count}".encode("utf-8", "replace")).hexdigest()[:16])
    return found
