"""Headers that EDL files include, and headers of one name that each side has for itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from edlint.link.headers import Headers
from edlint.model.interface import Interface
from edlint.model.program import Placement, Side
from edlint.source import Source, Span

_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_BLOCK = re.compile(r"\b(un)?trusted\s*\{")

Block = tuple[int, int, Side]
"""Where a block of calls begins and ends in an EDL file, and whose it is."""


def by_edl(interfaces: Sequence[Interface], headers: Headers, named: Mapping[str, Placement]) -> dict[str, Placement]:
    """A header that an EDL file includes comes into the generated headers of both sides, or of the block it is in.

    What one block includes is left to who else uses it. `named` are the sides that folders speak for.
    """
    sides: dict[str, set[Side]] = {}
    names: dict[str, str] = {}
    blocks: dict[Source, list[Block]] = {}
    for interface in interfaces:
        for written, span in interface.includes:
            path = written.strip('"<>')
            found = headers.find(interface.path, path)
            if not found or divided([headers.named(path)], named).intersection(found):
                continue
            if span.source not in blocks:
                blocks[span.source] = _blocks(span.source)
            block = _around(span, blocks[span.source])
            for header in found:
                sides.setdefault(header, set()).update((block,) if block else (Side.TRUSTED, Side.UNTRUSTED))
                names.setdefault(header, posixpath.basename(interface.path))
    return {
        path: Placement(Side.BOTH, f"is included by '{names[path]}' and so by both sides")
        for path, of in sides.items()
        if len(of) > 1
    }


def divided(rivals: Iterable[Sequence[str]], named: Mapping[str, Placement]) -> set[str]:
    """Files of one name that are in folders of different sides: who includes the name means the one of its side."""
    found: set[str] = set()
    for paths in rivals:
        if len({named[p].side for p in paths if p in named}) > 1:
            found.update(p for p in paths if p in named)
    return found


def _blocks(source: Source) -> list[Block]:
    text = _COMMENT.sub(lambda m: " " * len(m[0]), source.text)
    found: list[Block] = []
    at = 0
    while match := _BLOCK.search(text, at):
        at = text.find("}", match.end())
        if at < 0:
            at = len(text)
        found.append((match.end(), at, Side.UNTRUSTED if match[1] else Side.TRUSTED))
    return found


def _around(span: Span, blocks: Sequence[Block]) -> Side | None:
    return next((side for start, end, side in blocks if start <= span.start < end), None)
