"""The side of every file: globs first, then evidence, then folders and includes, then callers, then names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from edlint.link.builds import compiled, plain
from edlint.link.declared import by_edl, divided
from edlint.link.evidence import CERTAIN_HEADERS, HINT, LIKELY, PROXIES, Evidence, Vocabulary, direct, verdict
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
from edlint.link.shared import left_outside
from edlint.link.tests import tests_apart
from edlint.link.usage import Usage, callers_of, has_main
from edlint.model.build import Target
from edlint.model.interface import Interface
from edlint.model.program import Placement, Side
from edlint.model.sdk import Sdk
from edlint.model.unit import Unit

_OF_SDK = frozenset(f"includes '{name}'" for name in CERTAIN_HEADERS)


def place(
    interfaces: Sequence[Interface],
    units: Sequence[Unit],
    headers: Headers,
    sdk: Sdk,
    trusted: Sequence[str] = (),
    untrusted: Sequence[str] = (),
    targets: Sequence[Target] = (),
) -> dict[str, Placement]:
    """The placement of every unit, by path, in the order of the units."""
    known = _by_glob(units, trusted, untrusted)
    words = Vocabulary.of(interfaces, units, sdk)
    tests = tests_apart(units, words)
    evidence = {u.path: [] if u.path in tests else direct(u, words) for u in units}
    certain = {}
    for unit in units:
        sure = verdict([e for e in evidence[unit.path] if e.weight >= PROXIES])
        if sure is not None and sure.side is not Side.BOTH:
            certain[unit.path] = sure.side
    programs = frozenset(u.path for u in units if has_main(u))
    built = compiled(targets, (u.path for u in units), certain, programs)
    shared = _hand_up(units, headers, evidence, built)
    for path in tests:
        known.setdefault(path, Placement(Side.UNTRUSTED, "is in a folder of tests"))
    paths = [u.path for u in units]
    verdicts = {u.path: found for u in units if (found := verdict(evidence[u.path])) is not None}
    for path, told in built.items():
        # Code that is written for one side may be compiled for both.
        if path not in verdicts or verdicts[path].weight < PROXIES or told.side is Side.BOTH:
            known.setdefault(path, told)
    certain.update({p: b.side for p, b in built.items() if p not in certain and b.side is not Side.BOTH})
    contradicted = contradicted_folders(certain.items())
    turned = {folder: side for folder, side in contradicted.items() if side is not None}
    neutral = neutral_folders(paths) | contradicted.keys()
    root = common_folder([*paths, *(i.path for i in interfaces)])
    named = {p: placement for p in paths if (placement := by_folder(p, root, neutral, turned)) is not None}
    titled = {p: placement for p in paths if (placement := by_file_name(p, root, neutral)) is not None}
    hinted: dict[str, Placement] = {}
    for unit in units:
        found = verdicts.get(unit.path)
        if found is None or unit.path in known:
            continue
        folder = named.get(unit.path)
        if found.weight == HINT and folder is not None and folder.side is not found.side:
            continue
        if found.weight == LIKELY and found.side is Side.BOTH and folder is not None:
            continue
        if found.weight == HINT and unit.path in programs:
            continue
        if unit.path in shared:
            continue
        if found.weight == HINT and is_header(unit.path) and headers.included_by[unit.path]:
            hinted[unit.path] = Placement(found.side, found.reason)
            continue
        known[unit.path] = Placement(found.side, found.reason)
    for path in sorted(divided(headers.rivals, named)):
        known.setdefault(path, named[path])
    for path, told in by_edl(interfaces, headers, named).items():
        known.setdefault(path, told)
    for path in shared:
        known.setdefault(path, Placement(Side.BOTH, "is included by files of both sides"))
    callers = callers_of(units)
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
    headings = {p: placement for p, placement in titled.items() if is_header(p)}
    usage = Usage(rest, headers, by_folders)

    def place_waiting(found: Mapping[str, Placement]) -> None:
        known.update({p: found[p] for p in usage.waiting(known) if p in found})

    place_waiting({**headings, **hinted, **by_folders})
    usage.add_own(p for p in usage.waiting(known) if not is_header(p))
    usage.add_calls((p for p in usage.waiting(known) if not is_header(p)), callers)
    faint = _through(shared, evidence, headers)
    place_waiting({p: placement for p, placement in faint.items() if not is_header(p)})
    place_waiting(_by_main([u for u in rest if u.path in programs]))
    place_waiting(titled)
    usage.add_weak(usage.waiting(known))
    place_waiting(plain(targets, built))
    used = {**known, **usage.placements(known)}
    waiting = [u for u in rest if u.path not in used]
    # Those placed last are users too: what the others come to is asked again with them.
    known.update(_by_neighbours(_near(waiting, units, headers), units, used))
    known.update(usage.placements(known))
    known.update(left_outside(units, known, (u for u in rest if u.path in known)))
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


def _hand_up(
    units: Sequence[Unit], headers: Headers, found: dict[str, list[Evidence]], built: Mapping[str, Placement]
) -> frozenset[str]:
    """Add to the evidence in files what their headers hand up: who includes a trusted header is trusted.

    Gives the headers that source files of the other side include all the same: what they include is behind an `#if`,
    and says nothing. `built` are files of which build files tell the side.
    """
    users = _certain_users(units, headers, found, built)
    shared = set()
    queue = []
    for unit in units:
        if not is_header(unit.path):
            continue
        sides = {e.side for e in found[unit.path] if e.weight >= LIKELY}
        if len(sides) == 1 and users[unit.path] - sides and not unit.generated:
            said = (e.reason for e in found[unit.path] if e.weight >= LIKELY)
            if not sides & users[unit.path] and all(reason in _OF_SDK for reason in said):
                # Only files of the other side get this header of the SDK through it: it is there by mistake.
                found[unit.path] = []
            else:
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
            if path in headers.chosen.get(includer, ()):
                found[includer].append(Evidence(Side.BOTH, HINT, f"includes '{name}' where it is on that side"))
                continue
            found[includer].append(Evidence(next(iter(sides)), LIKELY, f"includes '{name}', which {what}"))
            if is_header(includer):
                queue.append(includer)
    return frozenset(shared)


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
    units: Sequence[Unit], headers: Headers, found: Mapping[str, Sequence[Evidence]], built: Mapping[str, Placement]
) -> dict[str, set[Side]]:
    """By header: the sides of the source files that include it, directly or not, and are certainly of one side."""
    users: dict[str, set[Side]] = {u.path: set() for u in units}
    for unit in units:
        if is_header(unit.path) or unit.generated:
            continue
        sides = {e.side for e in found[unit.path] if e.weight >= PROXIES}
        told = built.get(unit.path)
        if told is not None and (not sides or told.side is Side.BOTH):
            sides = {Side.TRUSTED, Side.UNTRUSTED} if told.side is Side.BOTH else {told.side}
        elif len(sides) > 1:
            continue
        for path in headers.reached(unit.path, always=True) if sides else ():
            users[path] |= sides
    return users


def _by_main(programs: Iterable[Unit]) -> dict[str, Placement]:
    """A program's entry point is no part of an enclave, whatever its folder is named."""
    return {u.path: Placement(Side.UNTRUSTED, "defines 'main'") for u in programs}


def _near(waiting: Sequence[Unit], units: Iterable[Unit], headers: Headers) -> list[Unit]:
    """These without the headers that nobody includes, but in or below folders of sources.

    Among other headers it says nothing of such a one whose the others are.
    """
    places = {posixpath.dirname(u.path) for u in units if not is_header(u.path)}
    found = []
    for unit in waiting:
        folder = posixpath.dirname(unit.path)
        if headers.included_by[unit.path] or folder in places or posixpath.dirname(folder) in places:
            found.append(unit)
    return found


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
