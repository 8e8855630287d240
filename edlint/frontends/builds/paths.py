"""Paths of sources in build files."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

SOURCE = re.compile(r"[^\s\"';|&<>()]+\.(?:c|cc|cpp|cxx|c\+\+)\Z", re.IGNORECASE)
OBJECT = re.compile(r"[^\s\"';|&<>()]+\.(?:o|lo|obj)\Z", re.IGNORECASE)

_PROXY = re.compile(r"_[tu]\.c\w*\Z")

MOST = 2_000
"""Files that one target or variable has at most; what is beyond is left out."""
MOST_FOLDERS = 100
"""Folders for headers that one target has at most."""
LONGEST = 200_000
"""Code points of a build file that are read."""
UNKNOWN = "?"
"""What stands for a part of a path that only the build knows."""


FROM_TOP = "@/"
"""What begins a path that is written from where paths of sources begin."""


def pattern(folder: str, written: str) -> str | None:
    """The path that a build file in `folder` means, as a pattern; None for one that nothing can be said of."""
    path = written.replace("\\", "/").strip("\"'")
    if not path or len(path) > 400 or path.count("*") > 4:
        return None
    if UNKNOWN in path:
        # The parts behind the last one that is not known: where they are is for the files there are to tell.
        path = path[path.rindex(UNKNOWN) + 1 :]
        slash = path.find("/")
        rest = path[slash + 1 :] if slash >= 0 else ""
        while rest.startswith(("../", "./")):
            rest = rest[rest.index("/") + 1 :]
        if not rest or ("*" in rest and "/" not in rest):
            return None
        return f"{UNKNOWN}/{posixpath.normpath(rest)}"
    if path.startswith(FROM_TOP):
        folder, path = "", path[len(FROM_TOP) :]
    return posixpath.normpath(posixpath.join(folder, path))


def folder(home: str, written: str) -> str | None:
    """The folder that a build file in `home` means; None for one outside of the tree or with a pattern in it."""
    path = pattern(home, written.rstrip("/\\") or "/")
    return path if path and "*" not in path and not path.startswith(("/", "$", "-")) else None


def is_proxy(written: str) -> bool:
    """Whether a path is that of proxies that an EDL compiler writes."""
    return _PROXY.search(written) is not None


class Tree:
    """The source files that there are, which the patterns of build files stand for."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = dict.fromkeys(paths)
        self.folders: dict[str, list[str]] = {}
        self.names: dict[str, list[str]] = {}
        for path in self.paths:
            folder, name = posixpath.split(path)
            self.folders.setdefault(folder, []).append(path)
            self.names.setdefault(name, []).append(path)
        self._meant: dict[tuple[str, str], tuple[str, ...]] = {}

    def meant(self, written: str, build: str) -> tuple[str, ...]:
        """The files that a pattern in a build file stands for."""
        home = posixpath.dirname(build)
        key = written, home
        if key not in self._meant:
            self._meant[key] = tuple(self._matching(written, home))
        return self._meant[key]

    def _matching(self, written: str, home: str) -> Iterator[str]:
        place, base = posixpath.split(written)
        if written in self.paths:
            yield written
        elif written.startswith(f"{UNKNOWN}/"):
            rest = f"/{written[len(UNKNOWN) + 1 :]}"
            if "*" not in rest:
                # The paths at hand may begin deeper than what the build file knows.
                named = self.names.get(base, ())
                beside = f"{home}{rest}".lstrip("/")
                if beside in self.paths:
                    named = [beside]
                yield from _nearest([p for p in named if f"/{p}".endswith(rest) or rest.endswith(f"/{p}")], home)
                return
            inner = posixpath.dirname(rest)
            for folder in _nearest([f for f in self.folders if f"/{f}".endswith(inner)], home):
                yield from self._inside(folder, base)
        elif "*" not in written:
            # A link to it, or one on a search path.
            yield from _nearest(self.names.get(base, ()), home) if place in self.folders else ()
        elif "*" not in place:
            yield from self._inside(place, base)
        else:
            shape = _shape(place)
            for folder in self.folders:
                if shape.match(f"{folder}/"):
                    yield from self._inside(folder, base)

    def _inside(self, folder: str, base: str) -> Iterator[str]:
        return (p for p in self.folders.get(folder, ()) if fnmatch.fnmatchcase(posixpath.basename(p), base))


def _shape(place: str) -> re.Pattern[str]:
    """An expression for folders: `*` is one of any name, `**` any number of them."""
    parts = (
        ("(?:[^/]+/)*" if p == "**" else "[^/]*".join(map(re.escape, p.split("*"))) + "/") for p in place.split("/")
    )
    return re.compile("".join(parts) + r"\Z")


def _nearest(candidates: Sequence[str], home: str) -> Sequence[str]:
    """The one that shares the most folders with the build file; none when several do."""
    folders = home.split("/")

    def shared(path: str) -> int:
        pairs = enumerate(zip(f"{path}/".split("/"), folders, strict=False))
        return next((n for n, (a, b) in pairs if a != b), min(path.count("/") + 1, len(folders)))

    depths = [shared(p) for p in candidates]
    best = [p for p, depth in zip(candidates, depths, strict=True) if depth == max(depths)]
    return best if len(best) == 1 else ()
