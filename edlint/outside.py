"""Headers beyond what was given that the given code includes: for macros, types, constants."""

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

SHELVES = 40
"""Folders beside an EDL's own that are looked into; a place with more is no project's."""

_QUOTED = re.compile(r'^[ \t]*#?[ \t]*include[ \t]*"([^"\r\n]+)"', re.MULTILINE)


def outside_headers(
    code: Sequence[Source],
    base: Path,
    given: frozenset[Path],
    read: Callable[[Path], Source | None],
    edls: Sequence[Source] = (),
) -> list[Source]:
    """The headers that the quoted includes of `code`, of `edls` and of those headers lead to, without those in `given`.

    A name is looked for relative to the including file, then in the folders beside the one of an EDL file, where an
    enclave's project keeps what both sides share: there it counts when exactly one folder has it. Headers of the
    system are described by models. `given` are resolved paths; `base` is the folder that the paths of sources are
    relative to, and nothing above it is searched.
    """
    found: list[Source] = []
    known = set(given)
    tried: set[str] = set()
    shelves = _shelves(edls, base)
    level = [*code, *edls]
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
                if target.suffix.lower() not in HEADER_SUFFIXES:
                    continue
                if not _is_file(target):
                    beside = [s / name for s in shelves if _is_file(s / name)]
                    if len(beside) != 1:
                        continue
                    target = beside[0]
                real = real_path(target)
                if real in known or len(found) + len(after) >= MOST:
                    continue
                known.add(real)
                if (header := read(target)) is not None:
                    after.append(header)
        found += after
        level = after
    return found


def _shelves(edls: Sequence[Source], base: Path) -> list[Path]:
    """The folders beside those of the EDL files, inside `base`."""
    found: dict[Path, None] = {}
    for folder in dict.fromkeys(Path(e.path).parent for e in edls):
        if folder.is_absolute() or ".." in folder.parts or not folder.parts:
            continue
        try:
            beside = sorted(p for p in (base / folder).parent.iterdir() if p.is_dir() and p != base / folder)
        except OSError:
            continue
        if len(beside) <= SHELVES:
            found.update((p, None) for p in beside)
    return list(found)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
