"""Build files as targets: Makefiles, automake's, CMake's and Visual Studio's, read as text and never run."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import replace

from edlint.frontends.builds.cmake import Variables, read_cmake
from edlint.frontends.builds.make import read_make
from edlint.frontends.builds.paths import Tree, is_proxy
from edlint.frontends.builds.studio import read_studio
from edlint.model.build import Target
from edlint.source import Source

__all__ = ["read_builds"]

MOST_PATTERNS = 50_000
"""Files that all targets of a tree name together; the targets beyond are left out."""


def read_builds(sources: Sequence[Source], paths: Iterable[str]) -> tuple[Target, ...]:
    """The targets of all build files, in the order of their paths, with those of the source files `paths` they name.

    A file that is not there is left out, but for the proxies that an EDL compiler will write. So is whatever is not
    understood. Never raises.
    """
    found: list[Target] = []
    others: dict[str, list[Source]] = {}
    for source in sources:
        others.setdefault(posixpath.basename(source.path), []).append(source)
    known: dict[str, Variables] = {}
    # A folder's CMakeLists.txt comes before those below it, which have its variables.
    for source in sorted(sources, key=lambda s: (s.path.count("/"), s.path)):
        folder, name = posixpath.split(source.path)
        if name.lower().endswith(".vcxproj"):
            found += read_studio(source)
        elif name == "CMakeLists.txt":
            targets, known[folder] = read_cmake(source, _above(folder, known), others)
            found += targets
        elif not name.lower().endswith((".cmake", ".txt")):
            found += read_make(source)
    tree = Tree(paths)
    total, kept = 0, []
    for target in sorted(found, key=lambda t: t.path):
        total += len(target.sources)
        if total > MOST_PATTERNS:
            break
        there: dict[str, None] = {}
        for written in target.sources:
            there.update(dict.fromkeys(tree.meant(written, target.path) or (written,) * is_proxy(written)))
        if there:
            kept.append(replace(target, sources=tuple(there)))
    return tuple(kept)


def _above(folder: str, known: dict[str, Variables]) -> Variables:
    while folder:
        folder = posixpath.dirname(folder) if posixpath.dirname(folder) != folder else ""
        if folder in known:
            return known[folder]
    return {}
