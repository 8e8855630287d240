"""Several enclaves below the given folders: which files belong to which."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from edlint.files import Files, real_path

MAX_SHARED = 20
"""A file beside more enclaves than this is read once, by itself, and not with each of them."""


def partition(files: Files) -> list[Files]:
    """The files by enclave; what belongs to no enclave comes last, as a part without EDL.

    An enclave's home is the highest folder that holds its EDL and no other enclave's. A file belongs to the home
    that it is in, else to the homes whose neighbour it is: those directly in the nearest folder above the file, and
    of these only the ones that are no more than the EDL's own folder, if there are any: they hold no host code yet.
    What lies beside an EDL that an enclave imports from elsewhere is that enclave's too.
    """
    named = _named(files.edls)
    roots = [edl for edl in files.edls if not any(edl in others for o, others in named.items() if o != edl)]
    roots = roots or list(files.edls)
    places = {edl: real_path(edl).parent for edl in roots}
    homes = {edl: _home(place, list(places.values())) for edl, place in places.items()}
    folders = list(dict.fromkeys(homes.values()))
    bare = {homes[edl] for edl in roots if homes[edl] == places[edl]}
    lent = _lent(roots, named, homes)
    if len(folders) <= 1:
        return [replace(files, edls=tuple(roots) or files.edls)]
    code: dict[Path | None, list[Path]] = {}
    settings: dict[Path | None, list[Path]] = {}
    for path in files.code:
        real = real_path(path)
        borrowers = [home for home, place in lent if real.is_relative_to(place)]
        for folder in dict.fromkeys((*_owners(real, folders, bare), *borrowers)):
            code.setdefault(folder, []).append(path)
    for path in files.settings:
        for folder in _owners(real_path(path), folders, bare):
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


def _named(edls: Sequence[Path]) -> dict[Path, list[Path]]:
    """By EDL: those whose names it writes in quotes, hence imports."""
    texts: dict[Path, str] = {}
    for edl in edls:
        try:
            texts[edl] = edl.read_text(encoding="utf-8", errors="replace")
        except OSError:
            texts[edl] = ""
    marks = {edl: tuple(f'{mark}{edl.name}"' for mark in ('"', "/")) for edl in edls}
    return {edl: [o for o in edls if o != edl and any(m in text for m in marks[o])] for edl, text in texts.items()}


def _lent(
    roots: Sequence[Path], named: Mapping[Path, Sequence[Path]], homes: Mapping[Path, Path]
) -> list[tuple[Path, Path]]:
    """The home of an enclave and the folder of an EDL that it imports from elsewhere, directly or not.

    Where several files have the imported name, nobody knows which is meant, unless one of them is at home.
    """
    found = []
    for root in roots:
        queue = [root]
        for current in queue:
            by_name: dict[str, list[Path]] = {}
            for other in named[current]:
                by_name.setdefault(other.name, []).append(other)
            for several in by_name.values():
                if len(several) == 1 and several[0] not in queue:
                    queue.append(several[0])
        places = dict.fromkeys(real_path(edl).parent for edl in queue[1:])
        found += [(homes[root], place) for place in places if not place.is_relative_to(homes[root])]
    return list(dict.fromkeys(found))


def _home(place: Path, places: Sequence[Path]) -> Path:
    """The highest folder above an EDL's folder that holds no EDL of another folder."""
    if any(p != place and p.is_relative_to(place) for p in places):
        return place
    while place.parent != place and not any(
        p.is_relative_to(place.parent) and not p.is_relative_to(place) for p in places
    ):
        place = place.parent
    return place


def _owners(path: Path, folders: Sequence[Path], bare: Collection[Path]) -> Sequence[Path | None]:
    inside = [f for f in folders if path.is_relative_to(f)]
    if inside:
        return [max(inside, key=lambda f: len(f.parts))]
    beside = [f for f in folders if path.is_relative_to(f.parent)]
    depth = max((len(f.parts) for f in beside), default=0)
    nearest = [f for f in beside if len(f.parts) == depth]
    nearest = [f for f in nearest if f in bare] or nearest
    return nearest if 0 < len(nearest) <= MAX_SHARED else [None]
