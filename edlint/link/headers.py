"""Which file includes which, without a build to say where headers are looked for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from edlint.link.folders import words_of
from edlint.model.unit import SOURCE_SUFFIXES, Include, Unit

_STANDARD = (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic "
    "stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar unistd wchar wctype "
    "pthread fcntl"
)
STANDARD = frozenset(f"{name}.h" for name in _STANDARD.split())
"""Headers of the system: `<string.h>` is not the project's own string.h in some other folder."""

_SIDES = frozenset({"enclave", "enclaves", "trusted", "untrusted", "inside", "outside", "host"})
"""Words of a macro that tells the sides apart: a file that asks for it is compiled for both."""
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_ALWAYS = frozenset({"defined", "__cplusplus", "true"})
_TESTS = re.compile(r"(?:unit[-_]?)?tests?|mocks?|stubs?|fakes?", re.IGNORECASE)
"""Folders that hold tests of the code around them, and what stands in for other files there."""

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


def names_of(condition: str) -> list[str]:
    """The macros that a condition asks for."""
    return [n for n in _IDENTIFIER.findall(condition) if n not in _ALWAYS]


def chosen_by(include: Include) -> str:
    """The macro that tells the sides apart and decides whether a file includes another; empty for none."""
    return next((n for n in names_of(include.condition) if words_of(n) & _SIDES), "")


def is_apart(path: str, other: str) -> bool:
    """Whether a file is in a folder of tests or stand-ins that does not hold the other one."""
    folders = posixpath.dirname(path).split("/")[shared_depth(path, other) :]
    return any(_TESTS.fullmatch(f) for f in folders)


@dataclass(frozen=True, slots=True)
class Headers:
    """The include relation between the files of a project."""

    includes: Mapping[str, tuple[str, ...]]
    """By path: the project's files that it includes."""
    included_by: Mapping[str, tuple[str, ...]]
    written: Mapping[str, tuple[str, ...]]
    """By path: all include paths as written, normalised."""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By path: the files that it includes only where a macro that tells the sides apart says so."""
    rivals: frozenset[tuple[str, ...]] = frozenset()
    """Files of one name of which a build has one on its path, where an include may mean each of them."""

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
        chosen: dict[str, frozenset[str]] = {}
        rivals: set[tuple[str, ...]] = set()
        for unit in units:
            written[unit.path] = tuple(dict.fromkeys(normal(i.path) for i in unit.includes))
            always: dict[str, bool] = {}
            for include in unit.includes:
                wanted = normal(include.path)
                if include.system and wanted in STANDARD:
                    continue
                free = not chosen_by(include)
                meant = _resolve(unit.path, wanted, known, by_name)
                if len(meant) > 1:
                    rivals.add(meant)
                for path in meant:
                    if path != unit.path:
                        always[path] = always.get(path, False) or free
            includes[unit.path] = tuple(always)
            for path in always:
                included_by[path].append(unit.path)
            if not all(always.values()):
                chosen[unit.path] = frozenset(p for p, free in always.items() if not free)
        return Headers(includes, {p: tuple(i) for p, i in included_by.items()}, written, chosen, frozenset(rivals))

    def find(self, includer: str, written: str) -> tuple[str, ...]:
        """The project files that an include of `written` in the file `includer` may mean."""
        known = {normal(p): p for p in self.includes}
        by_name: dict[str, list[str]] = {}
        for path in known:
            by_name.setdefault(posixpath.basename(path), []).append(path)
        return _resolve(includer, normal(written), known, by_name)

    def named(self, written: str) -> tuple[str, ...]:
        """All project files that an include of `written` somewhere may mean."""
        wanted = normal(written)
        while wanted.startswith("../"):
            wanted = wanted[3:]
        return tuple(p for p in self.includes if normal(p) == wanted or normal(p).endswith(f"/{wanted}"))

    def reached(self, path: str, always: bool = False) -> Iterator[str]:
        """The file itself and every project file that it includes, directly or not; nearest first.

        `always` leaves out what is included only where a macro that tells the sides apart says so.
        """
        seen, queue = {path}, [path]
        for current in queue:
            yield current
            left = self.chosen.get(current, ()) if always else ()
            for other in self.includes.get(current, ()):
                if other not in seen and other not in left:
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
    # A stand-in of the tests is on the path of the tests alone: others mean what is generated, or in no file here.
    candidates = [p for p in candidates if p == wanted or not is_apart(p[: 1 - len(ending)], includer)]
    nearest = max((shared_depth(p, includer) for p in candidates), default=0)
    even = sorted(p for p in candidates if shared_depth(p, includer) == nearest)
    return tuple(known[p] for p in even[:MEANINGS])
