"""Which file includes which, without a build to say where headers are looked for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edlint.model.unit import Include, Unit

_STANDARD = (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic "
    "stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar unistd wchar wctype "
    "pthread fcntl"
)
STANDARD = frozenset(f"{name}.h" for name in _STANDARD.split())
"""Headers of the system: `<string.h>` is not the project's own string.h in some other folder."""

SOURCE_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++")


def is_header(path: str) -> bool:
    """Whether a file is made to be included."""
    return not path.lower().endswith(SOURCE_SUFFIXES)


def shared_depth(left: str, right: str) -> int:
    """How many leading folders two paths share."""
    a, b = posixpath.dirname(left).split("/"), posixpath.dirname(right).split("/")
    depth = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        depth += 1
    return depth


def normal(path: str) -> str:
    """An include path with forward slashes and without `.` and resolvable `..`."""
    return posixpath.normpath(path.replace("\\", "/"))


@dataclass(frozen=True, slots=True)
class Headers:
    """The include relation between the files of a project."""

    includes: Mapping[str, tuple[str, ...]]
    """By path: the project's files that it includes."""
    included_by: Mapping[str, tuple[str, ...]]
    written: Mapping[str, tuple[str, ...]]
    """By path: all include paths as written, normalised."""

    @staticmethod
    def of(units: Sequence[Unit]) -> Headers:
        """The relation between these files."""
        known = {normal(u.path): u.path for u in units}
        by_name: dict[str, list[str]] = {}
        for path in known:
            by_name.setdefault(posixpath.basename(path), []).append(path)
        includes: dict[str, tuple[str, ...]] = {}
        included_by: dict[str, list[str]] = {u.path: [] for u in units}
        written: dict[str, tuple[str, ...]] = {}
        for unit in units:
            written[unit.path] = tuple(dict.fromkeys(normal(i.path) for i in unit.includes))
            found = (_resolve(unit.path, i, known, by_name) for i in unit.includes)
            includes[unit.path] = tuple(dict.fromkeys(f for f in found if f is not None and f != unit.path))
            for path in includes[unit.path]:
                included_by[path].append(unit.path)
        return Headers(includes, {p: tuple(i) for p, i in included_by.items()}, written)

    def reached(self, path: str) -> Iterator[str]:
        """The file itself and every project file that it includes, directly or not; nearest first."""
        seen, queue = {path}, [path]
        for current in queue:
            yield current
            for other in self.includes.get(current, ()):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)


def _resolve(includer: str, include: Include, known: Mapping[str, str], by_name: Mapping[str, list[str]]) -> str | None:
    """The project file that an include most likely means, or None."""
    wanted = normal(include.path)
    beside = normal(posixpath.join(posixpath.dirname(includer), wanted))
    if beside in known and not (include.system and wanted in STANDARD):
        return known[beside]
    if wanted in STANDARD:
        return None
    while wanted.startswith("../"):
        wanted = wanted[3:]
    ending = "/" + wanted
    candidates = [p for p in by_name.get(posixpath.basename(wanted), ()) if p == wanted or p.endswith(ending)]
    if not candidates:
        return None
    return known[min(candidates, key=lambda p: (-shared_depth(p, includer), p.count("/"), p))]
