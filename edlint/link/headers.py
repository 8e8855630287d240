"""Which file includes which, without a build to say where headers are looked for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edlint.model.unit import SOURCE_SUFFIXES, Unit

_STANDARD = (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic "
    "stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar unistd wchar wctype "
    "pthread fcntl"
)
STANDARD = frozenset(f"{name}.h" for name in _STANDARD.split())
"""Headers of the system: `<string.h>` is not the project's own string.h in some other folder."""

MEANINGS = 4
"""Files that one include may stand for, at most: a build has one of them on its path, nobody knows which."""


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
            wanted = (normal(i.path) for i in unit.includes if not (i.system and normal(i.path) in STANDARD))
            found = (path for w in wanted for path in _resolve(unit.path, w, known, by_name))
            includes[unit.path] = tuple(dict.fromkeys(f for f in found if f != unit.path))
            for path in includes[unit.path]:
                included_by[path].append(unit.path)
        return Headers(includes, {p: tuple(i) for p, i in included_by.items()}, written)

    def find(self, includer: str, written: str) -> tuple[str, ...]:
        """The project files that an include of `written` in the file `includer` may mean."""
        known = {normal(p): p for p in self.includes}
        by_name: dict[str, list[str]] = {}
        for path in known:
            by_name.setdefault(posixpath.basename(path), []).append(path)
        return _resolve(includer, normal(written), known, by_name)

    def reached(self, path: str) -> Iterator[str]:
        """The file itself and every project file that it includes, directly or not; nearest first."""
        seen, queue = {path}, [path]
        for current in queue:
            yield current
            for other in self.includes.get(current, ()):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)


def _resolve(includer: str, wanted: str, known: Mapping[str, str], by_name: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The project files that an include may mean: the one beside, else the nearest of that name, all when even."""
    beside = normal(posixpath.join(posixpath.dirname(includer), wanted))
    if beside in known:
        return (known[beside],)
    if wanted in STANDARD:
        return ()
    while wanted.startswith("../"):
        wanted = wanted[3:]
    ending = "/" + wanted
    candidates = [p for p in by_name.get(posixpath.basename(wanted), ()) if p == wanted or p.endswith(ending)]
    nearest = max((shared_depth(p, includer) for p in candidates), default=0)
    even = sorted(p for p in candidates if shared_depth(p, includer) == nearest)
    return tuple(known[p] for p in even[:MEANINGS])
