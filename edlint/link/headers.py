"""Which file includes which, without a build to say where headers are looked for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from edlint.link.folders import words_of
from edlint.model.build import Target
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
_CONFIGURED = frozenset({"build", "enable", "enabled", "has", "have", "support", "use", "with"})
"""Words of a macro that says what a build is made with: both sides of it have that."""
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_ALWAYS = frozenset({"defined", "__cplusplus", "true"})
_TESTS = re.compile(r"(?:unit[-_]?)?tests?|mocks?|stubs?|fakes?", re.IGNORECASE)
"""Folders that hold tests of the code around them, and what stands in for other files there."""

MEANINGS = 4
"""Files that one include may stand for, at most: a build has one of them on its path, nobody knows which."""


def is_header(path: str) -> bool:
    """Whether a file is made to be included."""
    return not path.lower().endswith(SOURCE_SUFFIXES)


@lru_cache(8192)
def shared_depth(left: str, right: str) -> int:
    """How many leading folders two paths share; asked again and again of the same ones."""
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
    names = ((n, words_of(n)) for n in names_of(include.condition))
    return next((n for n, words in names if words & _SIDES and not words & _CONFIGURED), "")


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
    def of(units: Sequence[Unit], targets: Sequence[Target] = ()) -> Headers:
        """The relation between these files; `targets` are what build files compile, with their search paths."""
        tree = _Tree(units)
        written = {u.path: tuple(dict.fromkeys(normal(i.path) for i in u.includes)) for u in units}
        always: dict[str, dict[str, bool]] = {u.path: {} for u in units}
        answers: dict[tuple[str, str], dict[str, None]] = {}
        by_path = {u.path: u for u in units}
        for path, folders in _readings(by_path, _searched(targets), tree):
            for include, meant in tree.meant(by_path[path], folders):
                answers.setdefault((path, include.path), {}).update(dict.fromkeys(meant))
                free = not chosen_by(include)
                for other in meant:
                    always[path][other] = always[path].get(other, False) or free
        included_by: dict[str, list[str]] = {u.path: [] for u in units}
        chosen: dict[str, frozenset[str]] = {}
        for path, found in always.items():
            for other in found:
                included_by[other].append(path)
            if not all(found.values()):
                chosen[path] = frozenset(p for p, free in found.items() if not free)
        includes = {p: tuple(found) for p, found in always.items()}
        rivals = frozenset(tuple(sorted(meant)) for meant in answers.values() if len(meant) > 1)
        return Headers(includes, {p: tuple(i) for p, i in included_by.items()}, written, chosen, rivals)

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


Folders = tuple[str, ...]
"""Where a target looks for headers."""


class _Tree:
    """The files that there are, and what includes mean among them."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.known = {normal(u.path): u.path for u in units}
        self.by_name: dict[str, list[str]] = {}
        self._meant: dict[tuple[str, Folders], list[tuple[Include, tuple[str, ...]]]] = {}
        for path in self.known:
            self.by_name.setdefault(posixpath.basename(path), []).append(path)

    def meant(self, unit: Unit, folders: Folders) -> Sequence[tuple[Include, tuple[str, ...]]]:
        """The includes of a file, with the project's files that they may mean where these folders are looked in."""
        key = unit.path, folders
        if key not in self._meant:
            self._meant[key] = list(self._looked_up(unit, folders))
        return self._meant[key]

    def _looked_up(self, unit: Unit, folders: Folders) -> Iterator[tuple[Include, tuple[str, ...]]]:
        for include in unit.includes:
            wanted = normal(include.path)
            if not (include.system and wanted in STANDARD):
                meant = self._on_path(unit.path, wanted, folders) if folders else ()
                meant = meant or _resolve(unit.path, wanted, self.known, self.by_name)
                if meant != (unit.path,):
                    yield include, tuple(p for p in meant if p != unit.path)

    def _on_path(self, includer: str, wanted: str, folders: Folders) -> tuple[str, ...]:
        """The file in the first of the folders that has it; nothing where one beside comes first, or it is clear."""
        named = self.by_name.get(posixpath.basename(wanted), ())
        if len(named) < 2 or normal(posixpath.join(posixpath.dirname(includer), wanted)) in self.known:
            return ()
        for folder in folders:
            path = normal(posixpath.join(folder, wanted))
            if path in self.known:
                return (self.known[path],)
            if folder.startswith("?/"):
                ending = normal(posixpath.join(folder[1:], wanted))
                found = [p for p in named if f"/{p}".endswith(ending)]
                if len(found) == 1:
                    return (self.known[found[0]],)
        return ()


def _searched(targets: Iterable[Target]) -> dict[str, dict[Folders, None]]:
    """By source file: the search paths of the targets that it is part of."""
    found: dict[str, dict[Folders, None]] = {}
    for target in targets:
        for path in target.sources if target.folders else ():
            # Tests compile code with stand-ins for its headers.
            if not is_apart(target.path, path):
                found.setdefault(path, {})[target.folders] = None
    return found


def _readings(
    units: Mapping[str, Unit], searched: Mapping[str, Mapping[Folders, None]], tree: _Tree
) -> Iterator[tuple[str, Folders]]:
    """Every file with each of the search paths that it is read with; a header with those of who includes it."""
    held: dict[str, dict[Folders, None]] = {p: {} for p in units}
    queue = [(p, folders) for p in units for folders in islice(searched.get(p, {}), MEANINGS)]
    for path, folders in queue:
        held[path][folders] = None
    for path, folders in queue:
        for _, meant in tree.meant(units[path], folders):
            for other in meant:
                if folders not in held[other] and len(held[other]) < MEANINGS:
                    held[other][folders] = None
                    queue.append((other, folders))
    for path, paths in held.items():
        for folders in paths or ((),):
            yield path, folders


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
