"""Files beyond what was given that the given code needs: headers that it includes, sources behind these headers."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from edlint.files import CODE_SUFFIXES, HEADER_SUFFIXES, SKIPPED_FOLDERS, real_path
from edlint.source import Source

MOST = 300
"""Headers that are read beyond what was given."""
DEEPEST = 8
"""Includes that are followed from the given code on."""

MOST_SOURCES = 40
"""Source files that are read beyond what was given."""
LONGEST = 200_000
"""Code points of such a source file; a longer one is no helper."""

SHELVES = 40
"""Folders beside an EDL's own that are looked into; a place with more is no project's."""

MOST_ENTRIES = 8000
"""Files and folders of a project that are looked through for a name; a larger one is not looked through."""

_INCLUDE = re.compile(r'^[ \t]*+#?[ \t]*+include[ \t]*+(?:"([^"\r\n]+)"|<([^>\r\n]+)>)', re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")
_HEAD = re.compile(r"^[A-Za-z_][\w \t*]*?\b(\w+)[ \t]*\(", re.MULTILINE)
"""The name of a function where its definition or a declaration begins a line."""
_INLINE = re.compile(r"^[A-Za-z_][\w \t*]*?\b(\w+)[ \t]*\([^;{}()#]*\)\s*\{", re.MULTILINE)
"""The name of a function that has its body there."""
_DOUBLES = re.compile(r"(unit_?)?tests?|mocks?|stubs?|fakes?", re.IGNORECASE)
"""Folders whose files stand in for others."""


class Project:
    """The files of the project that the given ones belong to, by name, looked up when first asked for."""

    def __init__(self, base: Path, edls: Sequence[Source]) -> None:
        self._base = base
        self._folders = [Path(e.path).parent for e in edls]
        self._names: dict[str, list[Path]] | None = None

    def only(self, name: str) -> Path | None:
        """The one file whose path ends with `name`; None when there is none, or more than one."""
        if self._names is None:
            self._names = self._listed()
        named = self._names.get(posixpath.basename(name), ())
        parts = Path(name).parts if named else ()
        if not parts or ".." in parts or Path(name).is_absolute():
            return None
        found = [p for p in named if p.parts[-len(parts) :] == parts]
        return found[0] if len(found) == 1 else None

    def _listed(self) -> dict[str, list[Path]]:
        names: dict[str, list[Path]] = {}
        if not self._folders or any(f.is_absolute() or ".." in f.parts for f in self._folders):
            return names
        level, entries = [self._root()], 0
        while level:
            after: list[Path] = []
            for folder in level:
                try:
                    inside = sorted(os.scandir(folder), key=lambda e: e.name)
                except OSError:
                    continue
                entries += len(inside)
                if entries > MOST_ENTRIES:
                    return {}
                for entry in inside:
                    if entry.is_dir(follow_symlinks=False):
                        hidden = entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS
                        if not hidden and not _DOUBLES.fullmatch(entry.name):
                            after.append(Path(entry.path))
                    elif Path(entry.name).suffix.lower() in CODE_SUFFIXES:
                        names.setdefault(entry.name, []).append(Path(entry.path))
            level = after
        return names

    def _root(self) -> Path:
        """The nearest folder around an EDL that is a repository, else the working directory."""
        for folder in (self._base / self._folders[0], *(self._base / p for p in self._folders[0].parents)):
            if (folder / ".git").exists():
                return folder
        return self._base


def outside_headers(
    code: Sequence[Source],
    base: Path,
    given: frozenset[Path],
    read: Callable[[Path], Source | None],
    edls: Sequence[Source] = (),
    project: Project | None = None,
) -> list[Source]:
    """The headers that the includes of `code`, of `edls` and of those headers lead to, without those in `given`.

    A quoted name is looked for relative to the including file, any name in the folders beside the one of an EDL file,
    where an enclave's project keeps what both sides share, and a quoted one then in the project: there it counts when
    exactly one file has it. Headers of the system are described by models. `given` are resolved paths; `base` is the
    folder that the paths of sources are relative to, and nothing above it is searched.
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
            for quoted, angled in _included(source):
                name = quoted or angled
                path = f"<{name}>"
                if quoted:
                    path = os.path.normpath(os.path.join(folder, name.replace("\\", "/")))  # noqa: PTH118 - as above
                if path in tried or name.startswith("/") or "\0" in name:
                    continue
                tried.add(path)
                # A file may name others by the hundred thousand: paths are made of those alone that there are.
                if posixpath.splitext(name)[1].lower() not in HEADER_SUFFIXES:
                    continue
                target = base / path if quoted and _is_file(f"{base}{os.sep}{path}") else None
                if target is None:
                    beside = [s / name for s in shelves if _is_file(s / name)]
                    target = beside[0] if len(beside) == 1 else None
                    if target is None and quoted and not beside and project is not None:
                        target = project.only(name.replace("\\", "/"))
                    if target is None:
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


def _included(source: Source) -> list[tuple[str, str]]:
    """What a file names in quotes, or in angle brackets."""
    # Looking at every line of a text takes fifty times as long.
    return _INCLUDE.findall(source.text) if "include" in source.text else []


def outside_sources(
    code: Sequence[Source],
    headers: Sequence[Source],
    given: frozenset[Path],
    read: Callable[[Path], Source | None],
    project: Project,
    edls: Sequence[Source] = (),
) -> list[Source]:
    """Headers that `code` itself or an EDL includes for their inline functions, and the sources behind such headers.

    A source is one of the header's name, the only one in the project. They say what the functions do that such a
    header declares: whose memory an accessor gives, what a helper checks. Only what `code` calls is worth reading.
    """
    names = (quoted or angled for source in (*code, *edls) for quoted, angled in _included(source))
    included = {posixpath.basename(name.replace("\\", "/")) for name in names}
    words = {w for s in code for w in _WORD.findall(s.text)} if included else set()
    found: list[Source] = []
    for header in headers:
        path = Path(header.path)
        if path.name not in included or len(found) >= MOST_SOURCES:
            continue
        if len(header.text) <= LONGEST and not words.isdisjoint(_INLINE.findall(header.text)):
            found.append(header)
        behind = [p for s in sorted(CODE_SUFFIXES - HEADER_SUFFIXES) if (p := project.only(path.stem + s)) is not None]
        if len(behind) != 1 or real_path(behind[0]) in given:
            continue
        source = read(behind[0])
        if source is None or len(source.text) > LONGEST:
            continue
        if not words.isdisjoint(_HEAD.findall(source.text)):
            found.append(source)
    return found


def _shelves(edls: Sequence[Source], base: Path) -> list[Path]:
    """The folders beside those of the EDL files, inside `base`."""
    found: dict[Path, None] = {}
    for folder in dict.fromkeys(Path(e.path).parent for e in edls):
        if folder.is_absolute() or ".." in folder.parts or not folder.parts:
            continue
        place = (base / folder).parent
        try:
            with os.scandir(place) as entries:
                # Of a place with thousands of them only so many are looked at as show that it is no project's.
                names = (e.name for e in entries if e.name != folder.name and (place / e.name).is_dir())
                beside = list(islice(names, SHELVES + 1))
        except OSError:
            continue
        if len(beside) <= SHELVES:
            found.update((place / name, None) for name in sorted(beside))
    return list(found)


def _is_file(path: Path | str) -> bool:
    try:
        return os.path.isfile(path)  # noqa: PTH113 - runs for every include of a tree
    except (OSError, ValueError):
        return False
