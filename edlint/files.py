"""Which files a run reads: what was named, and what folders hold."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

from edlint.source import is_made_up

EDL_SUFFIX = ".edl"
HEADER_SUFFIXES = frozenset({".h", ".hh", ".hpp", ".hxx", ".h++", ".inl", ".inc", ".ipp", ".tpp", ".tcc", ".macros"})
CODE_SUFFIXES = frozenset({".c", ".cc", ".cpp", ".cxx", ".c++"}) | HEADER_SUFFIXES
SETTINGS_SUFFIXES = (".conf", ".config.xml", ".xml", ".pem")
BUILD_NAMES = frozenset({"makefile", "gnumakefile", "makefile.am"})
BUILD_SUFFIXES = (".mk", ".vcxproj", ".cmake")
MAX_LEVELS = 100
"""Folders inside each other that are entered."""
MAX_LINKED = 20_000
"""Entries of folders that are looked at by way of links out of the project."""
SKIPPED_FOLDERS = frozenset({"build", "node_modules", "__pycache__", "CMakeFiles", "venv"})
"""Never entered; neither are folders whose name starts with a dot or with `cmake-build`."""


@dataclass(frozen=True, slots=True)
class Files:
    """Paths to read, each once, sorted within where they were found."""

    edls: tuple[Path, ...] = ()
    """Named by the user, or found in folders when none is named."""
    other_edls: tuple[Path, ...] = ()
    """In the folders, beside those that are named."""
    code: tuple[Path, ...] = ()
    settings: tuple[Path, ...] = ()
    builds: tuple[Path, ...] = ()
    """Files that say what is compiled into what."""
    named: frozenset[Path] = frozenset()
    """Named by the user, resolved: when one of these cannot be read, the run has failed."""
    unknown: tuple[Path, ...] = ()
    """Named, but of no kind that edlint reads."""
    closed: tuple[Path, ...] = ()
    """Folders that could not be listed, and links out of the project that are not followed to their end."""


def rules_folder() -> Path:
    """Where edlint's own pages and models are: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def collect(paths: Sequence[Path], exclude: Sequence[str] = (), force_exclude: bool = False) -> Files:
    """All files that `paths` stand for; every path must exist.

    A file that is named is taken even when `exclude` matches it, unless `force_exclude`. Beside a named C or C++
    file its folder's headers are taken too.
    """
    named: list[Path] = []
    found: list[Path] = []
    closed: list[Path] = []
    for path in paths:
        if path.is_dir():
            found.extend(walk(path, exclude, [p for p in paths if p.is_dir()], closed))
        elif not (force_exclude and _matches(path, exclude)):
            named.append(path)
            if path.suffix.lower() in CODE_SUFFIXES:
                beside = sorted(p for p in path.parent.glob("*") if p.suffix.lower() in HEADER_SUFFIXES and p.is_file())
                found.extend(p for p in beside if not _matches(p, exclude))
    taken = list(_once([*named, *found]))
    named_files = frozenset(real_path(p) for p in named)
    edls = tuple(p for p in taken if p.suffix.lower() == EDL_SUFFIX)
    named_edls = tuple(p for p in edls if real_path(p) in named_files)
    code = tuple(p for p in taken if p.suffix.lower() in CODE_SUFFIXES)
    settings = tuple(p for p in taken if p.name.lower().endswith(SETTINGS_SUFFIXES))
    builds = tuple(p for p in taken if _is_build(p.name.lower()))
    known = {*edls, *code, *settings, *builds}
    return Files(
        edls=named_edls or edls,
        other_edls=tuple(p for p in edls if p not in named_edls) if named_edls else (),
        code=code,
        settings=settings,
        builds=builds,
        named=named_files,
        unknown=tuple(p for p in named if p in taken and p not in known),
        closed=tuple(closed),
    )


def walk(
    root: Path, exclude: Sequence[str], roots: Sequence[Path] = (), closed: list[Path] | None = None
) -> Iterator[Path]:
    """The files below a folder that edlint can read, in the order of their paths.

    Folders that cannot be listed, or lie too deep, are added to `closed`. A link to a folder is followed only when it
    leads to a place apart from all `roots`; each folder is entered once. Links that lead to what is made up by the
    system, or by way of which too much is found, are added to `closed` too.
    """
    inside = [real_path(r) for r in (roots or [root])]
    seen: set[Path] = set()
    stack: list[tuple[Path, Path | None]] = [(root, None)]
    brought = 0
    left: set[Path] = set()
    while stack:
        folder, link = stack.pop()
        if len(folder.parts) - len(root.parts) > MAX_LEVELS:
            if closed is not None:
                closed.append(folder)
            continue
        real = real_path(folder)
        if real in seen:
            continue
        seen.add(real)
        if link is not None and brought > MAX_LINKED:
            if closed is not None and link not in left:
                closed.append(link)
            left.add(link)
            continue
        try:
            entries = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError:
            if closed is not None:
                closed.append(folder)
            continue
        if link is not None:
            brought += len(entries)
        below: list[tuple[Path, Path | None]] = []
        for entry in entries:
            path = folder / entry.name
            if _is_folder(entry):
                if entry.name in SKIPPED_FOLDERS or entry.name.startswith((".", "cmake-build")):
                    continue
                inner = link
                if entry.is_symlink():
                    target = real_path(path)
                    if _leads_back(target, inside):
                        continue
                    if is_made_up(target):
                        if closed is not None:
                            closed.append(path)
                        continue
                    inner = link or path
                below.append((path, inner))
            elif _is_readable(entry.name) and not _matches(path, exclude):
                yield path
        stack.extend(reversed(below))


def real_path(path: Path) -> Path:
    """The absolute path without links; a link to itself is left as it is, where Path.resolve would raise."""
    return Path(os.path.realpath(path))


def nearest(paths: Sequence[Path], place: Path) -> list[Path]:
    """Of several files those that have the most folders in common with another place."""
    if len(paths) < 2:
        return list(paths)
    around = _folders(place)
    shared = [sum(1 for _ in takewhile(_alike, zip(_folders(p), around, strict=False))) for p in paths]
    most = max(shared)
    return [p for p, n in zip(paths, shared, strict=True) if n == most]


@lru_cache(8192)
def _folders(path: Path) -> tuple[str, ...]:
    return real_path(path).parent.parts


def _alike(parts: tuple[str, str]) -> bool:
    return parts[0] == parts[1]


def shown_path(path: Path, base: Path) -> str:
    """The path as reports print it: relative to `base` where it lies below it, forward slashes."""
    absolute = Path(os.path.normpath(path if path.is_absolute() else base / path))
    try:
        return absolute.relative_to(base).as_posix()
    except ValueError:
        return absolute.as_posix()


def _leads_back(target: Path, roots: Sequence[Path]) -> bool:
    return any(target.is_relative_to(r) or r.is_relative_to(target) for r in roots)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_readable(name: str) -> bool:
    lower = name.lower()
    suffix = os.path.splitext(lower)[1]  # noqa: PTH122 - a name of a directory entry, and this runs for every one
    return suffix in CODE_SUFFIXES or suffix == EDL_SUFFIX or lower.endswith(SETTINGS_SUFFIXES) or _is_build(lower)


def _is_build(name: str) -> bool:
    # CMake's files include `CMakeLists-common.txt` too.
    return name in BUILD_NAMES or name.endswith(BUILD_SUFFIXES) or (name.startswith("cmake") and name.endswith(".txt"))


def _matches(path: Path, globs: Sequence[str]) -> bool:
    text = path.as_posix()
    return any(fnmatch(text, g) or fnmatch(text, f"*/{g}") or fnmatch(text, f"{g.rstrip('/')}/*") for g in globs)


def _once(paths: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in paths:
        real = real_path(path)
        if real not in seen:
            seen.add(real)
            yield path
