"""The side of every file: globs first, then evidence, then folders and includes, then callers, then names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from edlint.link.evidence import HINT, LIKELY, PROXIES, Evidence, Vocabulary, direct, verdict
from edlint.link.folders import (
    by_file_name,
    by_folder,
    common_folder,
    contradicted_folders,
    is_test,
    matches,
    neutral_folders,
)
from edlint.link.headers import Headers, is_header
from edlint.model.interface import Interface
from edlint.model.program import Placement, Side
from edlint.model.sdk import Sdk
from edlint.model.unit import Unit

ENTRIES = ("main", "wmain", "_tmain")
"""Where a program begins."""


def place(
    interfaces: Sequence[Interface],
    units: Sequence[Unit],
    headers: Headers,
    sdk: Sdk,
    trusted: Sequence[str] = (),
    untrusted: Sequence[str] = (),
) -> dict[str, Placement]:
    """The placement of every unit, by path, in the order of the units."""
    known = _by_glob(units, trusted, untrusted)
    evidence, shared = _evidence(units, headers, Vocabulary.of(interfaces, units, sdk))
    paths = [u.path for u in units]
    verdicts = {u.path: found for u in units if (found := verdict(evidence[u.path])) is not None}
    programs = frozenset(u.path for u in units if _has_main(u))
    certain = ((p, v.side) for p, v in verdicts.items() if v.weight >= PROXIES and v.side is not Side.BOTH)
    neutral = neutral_folders(paths) | contradicted_folders(certain)
    root = common_folder([*paths, *(i.path for i in interfaces)])
    named = {p: placement for p in paths if (placement := by_folder(p, root, neutral)) is not None}
    titled = {p: placement for p in paths if (placement := by_file_name(p, root, neutral)) is not None}
    hinted: dict[str, Placement] = {}
    for unit in units:
        found = verdicts.get(unit.path)
        if found is None or unit.path in known:
            continue
        folder = named.get(unit.path)
        if found.weight == HINT and folder is not None and folder.side is not found.side:
            continue
        if found.weight == HINT and unit.path in programs:
            continue
        if unit.path in shared:
            continue
        if found.weight == HINT and is_header(unit.path) and headers.included_by[unit.path]:
            hinted[unit.path] = Placement(found.side, found.reason)
            continue
        known[unit.path] = Placement(found.side, found.reason)
    for path, placement in _by_edl(interfaces, headers).items():
        known.setdefault(path, placement)
    for path in shared:
        known.setdefault(path, Placement(Side.BOTH, "is included by files of both sides"))
    callers = _callers(units)
    rest = [u for u in units if u.path not in known]
    # A library's self-test is a program too, but others call what the file is there for.
    alone = [u for u in rest if u.path in programs and (not callers.get(u.path) or is_test(u.path))]
    known.update(_by_main(alone))
    rest = [u for u in rest if u.path not in known]
    by_folders = {u.path: named[u.path] for u in rest if u.path in named and u.path not in programs}
    # A source file that nobody includes is compiled where its folder says; a header is where it is used.
    for unit in rest:
        placement = by_folders.get(unit.path)
        if not headers.included_by[unit.path] and placement is not None and not is_header(unit.path):
            known[unit.path] = placement
    _spread(rest, headers, known, by_folders)
    headings = ((p, placement) for p, placement in titled.items() if is_header(p))
    for path, placement in (*by_folders.items(), *hinted.items(), *headings):
        known.setdefault(path, placement)

    def waiting() -> list[Unit]:
        _spread(rest, headers, known, by_folders)
        return [u for u in rest if u.path not in known]

    known.update(_by_own_header(waiting(), headers, known))
    known.update(_by_caller(waiting(), callers, known))
    faint = _through(shared, evidence, headers)
    known.update((u.path, faint[u.path]) for u in waiting() if u.path in faint and not is_header(u.path))
    known.update(_by_main([u for u in waiting() if u.path in programs]))
    known.update((u.path, titled[u.path]) for u in waiting() if u.path in titled)
    known.update(_by_own_header(waiting(), headers, known))
    known.update(_by_caller(waiting(), callers, known))
    known.update(_by_neighbours(waiting(), units, known))
    _spread(rest, headers, known, by_folders)
    return {u.path: known.get(u.path) or _undecided(evidence[u.path]) for u in units}


def _undecided(evidence: Sequence[Evidence]) -> Placement:
    sides = {e.side: e.reason for e in reversed(evidence)}
    if len(sides) > 1:
        return Placement(Side.UNDECIDED, " but ".join(f"it {sides[s]}" for s in sorted(sides)))
    return Placement(Side.UNDECIDED, "nothing in it, in its name or in its use speaks for a side")


def _by_glob(units: Sequence[Unit], trusted: Sequence[str], untrusted: Sequence[str]) -> dict[str, Placement]:
    known = {}
    for unit in units:
        inside, outside = matches(unit.path, trusted), matches(unit.path, untrusted)
        if inside and outside:
            known[unit.path] = Placement(Side.BOTH, f"matches '{inside}' and '{outside}'")
        elif inside or outside:
            side = Side.TRUSTED if inside else Side.UNTRUSTED
            known[unit.path] = Placement(side, f"matches '{inside or outside}'")
    return known


def _by_edl(interfaces: Sequence[Interface], headers: Headers) -> dict[str, Placement]:
    """A header that an EDL file includes comes into the generated headers of both sides."""
    found = {}
    for interface in interfaces:
        for written, _ in interface.includes:
            for path in headers.find(interface.path, written.strip('"<>')):
                name = posixpath.basename(interface.path)
                found[path] = Placement(Side.BOTH, f"is included by '{name}' and so by both sides")
    return found


def _evidence(
    units: Sequence[Unit], headers: Headers, words: Vocabulary
) -> tuple[dict[str, list[Evidence]], frozenset[str]]:
    """Evidence in the files themselves, and what their headers hand up: who includes a trusted header is trusted.

    And the headers that source files of the other side include all the same: what they include is behind an `#if`, and
    says nothing.
    """
    found = {u.path: direct(u, words) for u in units}
    users = _certain_users(units, headers, found)
    shared = set()
    queue = []
    for unit in units:
        if not is_header(unit.path):
            continue
        sides = {e.side for e in found[unit.path] if e.weight >= LIKELY}
        if len(sides) == 1 and users[unit.path] - sides and not unit.generated:
            shared.add(unit.path)
        else:
            queue.append(unit.path)
    handed: set[str] = set()
    while queue:
        path = queue.pop()
        sides = {e.side for e in found[path]}
        strongest = max((e.weight for e in found[path]), default=0)
        # A hint is a header of the SDK that may be there for its types: it does not carry on to who includes it.
        if path in handed or len(sides) != 1 or Side.BOTH in sides or strongest < LIKELY:
            continue
        handed.add(path)
        reason = next(e.reason for e in found[path] if e.weight == strongest)
        name = posixpath.basename(path)
        what = reason if " which " not in reason else reason[reason.rindex(" which ") + 7 :]
        for includer in headers.included_by[path]:
            found[includer].append(Evidence(next(iter(sides)), LIKELY, f"includes '{name}', which {what}"))
            if is_header(includer):
                queue.append(includer)
    return found, frozenset(shared)


def _through(
    shared: Iterable[str], evidence: Mapping[str, Sequence[Evidence]], headers: Headers
) -> dict[str, Placement]:
    """By file: the side that the headers of both sides would have handed up, where nothing better is known."""
    found: dict[str, Placement] = {}
    for path in sorted(shared):
        strongest = max(evidence[path], key=lambda e: e.weight)
        queue = [path]
        for current in queue:
            name = posixpath.basename(current)
            for includer in headers.included_by[current]:
                if includer not in found:
                    reason = f"includes '{name}', which {strongest.reason}"
                    found[includer] = Placement(strongest.side, reason)
                    queue.append(includer)
    return found


def _certain_users(
    units: Sequence[Unit], headers: Headers, found: Mapping[str, Sequence[Evidence]]
) -> dict[str, set[Side]]:
    """By header: the sides of the source files that include it, directly or not, and are certainly of one side."""
    users: dict[str, set[Side]] = {u.path: set() for u in units}
    for unit in units:
        if is_header(unit.path) or unit.generated:
            continue
        sides = {e.side for e in found[unit.path] if e.weight >= PROXIES}
        if len(sides) == 1:
            for path in headers.reached(unit.path):
                users[path] |= sides
    return users


def _spread(
    rest: Sequence[Unit], headers: Headers, known: dict[str, Placement], by_folders: Mapping[str, Placement]
) -> None:
    """Place every file that others include on the side of those others, until nothing changes."""
    waiting = [u.path for u in rest if u.path not in known]
    while True:
        left = []
        for path in waiting:
            users = [(p, known[p].side) for p in headers.included_by[path] if p in known]
            placement = _by_users(users, "is included")
            if placement is None:
                left.append(path)
                continue
            folder = by_folders.get(path)
            if folder is not None and {folder.side, placement.side} == {Side.TRUSTED, Side.UNTRUSTED}:
                placement = Placement(Side.BOTH, f"{folder.reason}, and {placement.reason}")
            known[path] = placement
        if len(left) == len(waiting):
            return
        waiting = left


def _by_users(users: Sequence[tuple[str, Side]], verb: str) -> Placement | None:
    """The side of all who use a file; BOTH when they differ; None when no user's side is known."""
    sides = {side for _, side in users if side is not Side.UNDECIDED}
    if not sides:
        return None
    if len(sides) == 1:
        side = next(iter(sides))
        if side is Side.BOTH:
            return Placement(side, f"{verb} by '{users[0][0]}', which both sides use")
        only = f"'{users[0][0]}'" if len(users) == 1 else f"{side} files only"
        return Placement(side, f"{verb} by {only}")
    return Placement(Side.BOTH, f"{verb} by files of both sides")


def _by_own_header(waiting: Sequence[Unit], headers: Headers, known: Mapping[str, Placement]) -> dict[str, Placement]:
    """A source file belongs where the header of its name is used."""
    found = {}
    for unit in waiting:
        own = posixpath.splitext(posixpath.basename(unit.path))[0]
        for path in headers.includes[unit.path]:
            if posixpath.splitext(posixpath.basename(path))[0] == own and path in known:
                name = posixpath.basename(path)
                found[unit.path] = Placement(known[path].side, f"implements '{name}', which {known[path].reason}")
                break
    return found


def _callers(units: Sequence[Unit]) -> dict[str, set[str]]:
    """By source file: the other files that call a function which it alone defines."""
    owners: dict[str, set[str]] = {}
    for unit in units:
        for function in unit.functions:
            if not function.static and not function.owner and function.name not in ENTRIES:
                owners.setdefault(function.name, set()).add(unit.path)
    unique = {name: next(iter(paths)) for name, paths in owners.items() if len(paths) == 1}
    callers: dict[str, set[str]] = {}
    for unit in units:
        for name in {m.name for f in unit.functions for m in f.calls}:
            target = unique.get(name) or (_main_beside(unit, units) if name in ENTRIES else None)
            if target is not None and target != unit.path:
                callers.setdefault(target, set()).add(unit.path)
    return callers


def _main_beside(caller: Unit, units: Sequence[Unit]) -> str | None:
    """The file in the caller's folder whose `main` it calls: a program that was put into an enclave."""
    if _has_main(caller):
        return None
    folder = posixpath.dirname(caller.path)
    found = [u.path for u in units if posixpath.dirname(u.path) == folder and _has_main(u)]
    return found[0] if len(found) == 1 else None


def _by_caller(
    waiting: Sequence[Unit], callers: Mapping[str, set[str]], known: Mapping[str, Placement]
) -> dict[str, Placement]:
    """A source file belongs where its functions are called; callers may be waiting themselves."""
    placed = dict(known)
    found: dict[str, Placement] = {}
    paths = [u.path for u in waiting]
    while True:
        before = len(found)
        for path in paths:
            if path in found:
                continue
            users = [(p, placed[p].side) for p in sorted(callers.get(path, ())) if p in placed]
            placement = _by_users(users, "is called")
            if placement is not None:
                found[path] = placed[path] = placement
        if len(found) == before:
            return found


def _has_main(unit: Unit) -> bool:
    return any(f.name in ENTRIES and not f.owner for f in unit.functions)


def _by_main(programs: Iterable[Unit]) -> dict[str, Placement]:
    """A program's entry point is no part of an enclave, whatever its folder is named."""
    return {u.path: Placement(Side.UNTRUSTED, "defines 'main'") for u in programs}


def _by_neighbours(
    waiting: Sequence[Unit], units: Iterable[Unit], known: Mapping[str, Placement]
) -> dict[str, Placement]:
    """A file among files of one side is of that side."""
    sides: dict[str, set[Side]] = {}
    for unit in units:
        if unit.path in known:
            sides.setdefault(posixpath.dirname(unit.path), set()).add(known[unit.path].side)
    found = {}
    for unit in waiting:
        folder = posixpath.dirname(unit.path)
        here = sides.get(folder, set()) - {Side.BOTH}
        if len(here) == 1 and Side.UNDECIDED not in here:
            side = next(iter(here))
            found[unit.path] = Placement(side, f"is among {side} files")
    return found
