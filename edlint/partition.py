"""Several enclaves below the given folders: which files belong to which."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from edlint.files import Files, nearest, real_path
from edlint.link.folders import TESTS
from edlint.source import read_head

_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_QUOTED = re.compile(r'"([^"\r\n]{1,1000})(?=")')
"""What stands between two quotes: a comment may have one alone, so that each may open and close."""
_IMPORT = re.compile(r"\bfrom\b[^;]*\bimport\s*\*")
_TRUSTED = re.compile(r"\btrusted\s*\{([^}]*)")

MAX_NAMESAKES = 100
"""EDLs of one name that are equally near, of which any may be the one that another imports."""

MAX_SHARED = 20
"""A file beside more enclaves than this is read once, by itself, and not with each of them."""


def partition(files: Files, of_sdk: Collection[str] = ()) -> list[Files]:
    """The files by enclave; what belongs to no enclave comes last, as a part without EDL.

    An enclave's home is the highest folder that holds its EDL and no other enclave's. A file belongs to the home
    that it is in, else to the homes whose neighbour it is: those directly in the nearest folder above the file, and
    of these only the ones that are no more than the EDL's own folder, if there are any: they hold no host code yet.
    Where all enclaves are such ones and share a folder of their own, a file beside or above that folder is of them all.
    What lies around an EDL that an enclave imports from elsewhere is that enclave's too.

    The home of an enclave in a folder of tests ends there, where others are outside: what it tests is theirs, and
    it is a neighbour besides them. A copy of an SDK's EDL, named in `of_sdk`, or one without ECALLs is at home in its
    own folder alone, and nowhere when that is in the folder of an enclave, which then does without it.
    """
    texts = {edl: read_head(edl).decode("utf-8", "replace") for edl in files.edls}
    named = _named(texts)
    imported = {other for others in named.values() for other in others}
    roots = [edl for edl in files.edls if edl not in imported] or list(files.edls)
    places = {edl: real_path(edl).parent for edl in roots}
    own = {e: place for e, place in places.items() if e.name not in of_sdk and _has_ecalls(texts[e])} or places
    ends = _ends(own.values())
    roots = [e for e in roots if e in own or not any(places[e].is_relative_to(place) for place in own.values())]
    places = {edl: places[edl] for edl in roots}
    homes = {edl: _home(place, own.values(), ends.get(place)) if edl in own else place for edl, place in places.items()}
    folders = list(dict.fromkeys(homes.values()))
    bare = {homes[edl] for edl in roots if homes[edl] == places[edl]}
    guests = {homes[edl] for edl in roots if places[edl] in ends}
    hosts = [f for f in folders if f not in guests and f in {homes[edl] for edl in own}]
    lent = _lent(roots, named, homes, own.values())
    if len(folders) <= 1:
        return [replace(files, edls=tuple(roots) or files.edls)]
    code: dict[Path | None, list[Path]] = {}
    settings: dict[Path | None, list[Path]] = {}
    for path in files.code:
        real = real_path(path)
        around = _around(real)
        borrowers = [home for home, place in lent if place in around]
        owners = [f for f in _owners(real, folders, hosts, guests, bare) if f is not None or not borrowers]
        for folder in dict.fromkeys((*owners, *borrowers)):
            code.setdefault(folder, []).append(path)
    for path in files.settings:
        for folder in _owners(real_path(path), folders, hosts, guests, bare):
            settings.setdefault(folder, []).append(path)
    parts = [
        replace(
            files,
            edls=tuple(edl for edl in roots if homes[edl] == folder),
            other_edls=(),
            code=tuple(code.get(folder, ())),
            settings=tuple(settings.get(folder, ())),
            unknown=(),
        )
        for folder in folders
    ]
    parts[0] = replace(parts[0], other_edls=files.other_edls, unknown=files.unknown)
    if None in code or None in settings:
        rest = replace(files, edls=(), other_edls=(), unknown=(), code=tuple(code.get(None, ())))
        parts.append(replace(rest, settings=tuple(settings.get(None, ()))))
    return parts


def _named(texts: Mapping[Path, str]) -> dict[Path, list[Path]]:
    """By EDL: those whose names it writes in quotes, hence imports.

    Of several of one name those in a folder as written in front of it are meant, if there are any, and of these the
    nearest ones; of more than MAX_NAMESAKES that are equally near none.
    """
    by_name: dict[str, list[Path]] = {}
    for edl in texts:
        by_name.setdefault(edl.name, []).append(edl)
    order = {edl: number for number, edl in enumerate(texts)}
    parts = {edl: real_path(edl).parts for edl in texts}
    found: dict[Path, list[Path]] = {}
    for edl, text in texts.items():
        meant: set[Path] = set()
        for written in set(_QUOTED.findall(text)):
            path = tuple(p for p in written.split("/") if p not in ("", ".", ".."))
            same = [o for o in by_name.get(path[-1], ()) if o != edl] if path else []
            close = nearest([o for o in same if parts[o][-len(path) :] == path] or same, edl)
            meant.update(close if len(close) <= MAX_NAMESAKES else ())
        found[edl] = sorted(meant, key=lambda o: order[o])
    return found


def _has_ecalls(text: str) -> bool:
    """Whether an EDL declares ECALLs, or imports what may."""
    text = _COMMENT.sub(" ", text)
    return bool(_IMPORT.search(text)) or any("(" in block for block in _TRUSTED.findall(text))


def _lent(
    roots: Sequence[Path], named: Mapping[Path, Sequence[Path]], homes: Mapping[Path, Path], places: Collection[Path]
) -> list[tuple[Path, Path]]:
    """The home of an enclave and a folder around an EDL that it imports from elsewhere, directly or not.

    Where several files have the imported name, nobody knows which is meant, unless one of them is at home. What few
    enclaves import has a home of its own; of what many import they get no more than the folder that it is in.
    """
    found: list[tuple[Path, Path]] = []
    for root in roots:
        queue = [root]
        for current in queue:
            by_name: dict[str, list[Path]] = {}
            for other in named[current]:
                by_name.setdefault(other.name, []).append(other)
            for several in by_name.values():
                if len(several) == 1 and several[0] not in queue:
                    queue.append(several[0])
        beside = dict.fromkeys(real_path(edl).parent for edl in queue[1:])
        found += [(homes[root], place) for place in beside if not place.is_relative_to(homes[root])]
    borrowers = Counter(place for _, place in dict.fromkeys(found))
    around = {place: _home(place, places) if n <= MAX_SHARED else place for place, n in borrowers.items()}
    return list(dict.fromkeys((home, around[place]) for home, place in found))


def _ends(places: Collection[Path]) -> dict[Path, Path]:
    """By the folder of an EDL in a folder of tests: that folder, where there are enclaves outside of such ones."""
    try:
        root = Path(os.path.commonpath(places))
    except ValueError:  # None at all, or on several drives.
        return {}
    found = {}
    for place in places:
        inner = place.relative_to(root).parts
        depth = next((n for n in range(len(inner), 0, -1) if TESTS.fullmatch(inner[n - 1])), 0)
        if depth:
            found[place] = root.joinpath(*inner[:depth])
    return found if len(found) < len(set(places)) else {}


def _home(place: Path, places: Collection[Path], end: Path | None = None) -> Path:
    """The highest folder above an EDL's folder that holds no EDL of another folder, but none above `end`."""
    if any(p != place and p.is_relative_to(place) for p in places):
        return place
    while place not in (place.parent, end) and not any(
        p.is_relative_to(place.parent) and not p.is_relative_to(place) for p in places
    ):
        place = place.parent
    return place


@lru_cache(8192)
def _around(path: Path) -> frozenset[Path]:
    """A place and the folders that it is in: looking among them takes a fraction of `is_relative_to`."""
    return frozenset((path, *path.parents))


@lru_cache(8192)
def _parent(path: Path) -> Path:
    """The folder that a place is directly in; `Path.parent` is made anew each time."""
    return path.parent


def _owners(
    path: Path, folders: Sequence[Path], hosts: Sequence[Path], guests: Collection[Path], bare: Collection[Path]
) -> Sequence[Path | None]:
    around = _around(path)
    inside = [f for f in folders if f in around]
    if inside:
        return [max(inside, key=lambda f: len(f.parts))]
    beside = _deepest([f for f in hosts if _parent(f) in around], bare)
    least = len(beside[0].parts) if beside else 0
    if not beside:
        beside, least = _beyond(path, hosts, bare)
    also = _deepest([f for f in folders if f in guests and _parent(f) in around], bare)
    beside += [f for f in also if len(f.parts) >= least]
    return beside if 0 < len(beside) <= MAX_SHARED else [None]


def _beyond(path: Path, hosts: Sequence[Path], bare: Collection[Path]) -> tuple[list[Path], int]:
    """The homes of a group of enclaves that a file is beside, and how deep the folder of the group is.

    Such a group is alone in one of the folders beside the file or above it, and none of its enclaves has host code.
    """
    for folder in path.parents:
        below = [f for f in hosts if folder in _around(f)]
        if below:
            depth = len(folder.parts)
            alone = len({f.parts[depth] for f in below}) == 1 and all(f in bare for f in below)
            return (below, depth + 1) if alone else ([], 0)
    return [], 0


def _deepest(beside: Sequence[Path], bare: Collection[Path]) -> list[Path]:
    depth = max((len(f.parts) for f in beside), default=0)
    deepest = [f for f in beside if len(f.parts) == depth]
    return [f for f in deepest if f in bare] or deepest
