"""Headers beyond what was given that the given code includes by a relative path: for macros, types, constants."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from edlint.files import HEADER_SUFFIXES, real_path
from edlint.source import Source

MOST = 300
"""Headers that are read beyond what was given."""
DEEPEST = 8
"""Includes that are followed from the given code on."""

_QUOTED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\r\n]+)"', re.MULTILINE)


def outside_headers(
    code: Sequence[Source], base: Path, given: frozenset[Path], read: Callable[[Path], Source | None]
) -> list[Source]:
    """The headers that the quoted includes of `code`, and of those headers, lead to and that are not in `given`.

    Only paths relative to the including file count: no search path is known here, and headers of the system are
    described by models. `given` are resolved paths; `base` is the folder that the paths of sources are relative to.
    """
    found: list[Source] = []
    known = set(given)
    tried: set[str] = set()
    level = list(code)
    for _ in range(DEEPEST):
        after: list[Source] = []
        for source in level:
            folder = os.path.dirname(source.path)  # noqa: PTH120 - runs for every file of a tree
            for name in _QUOTED.findall(source.text):
                path = os.path.normpath(os.path.join(folder, name.replace("\\", "/")))  # noqa: PTH118 - as above
                if path in tried or name.startswith("/") or "\0" in name:
                    continue
                tried.add(path)
                target = base / path
                if target.suffix.lower() not in HEADER_SUFFIXES or not _is_file(target):
                    continue
                real = real_path(target)
                if real in known or len(found) + len(after) >= MOST:
                    continue
                known.add(real)
                if (header := read(target)) is not None:
                    after.append(header)
        found += after
        level = after
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
