"""The side of source files by the build files that compile them: into an enclave, into a program, or into both."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from edlint.link.folders import words_of
from edlint.link.headers import is_apart
from edlint.model.build import Target
from edlint.model.program import Placement, Side

_PROXIES = re.compile(r"_([tu])\.[ch]\w*\Z")
_OPTIONS = (
    (
        re.compile(r"(?:.*::)?(?:oeenclave|oecore|oelibc)\Z|(?:-l)?sgx_t(?:rts|stdc)\w*\Z|-nostdinc\Z|.*/tlibc\Z"),
        Side.TRUSTED,
    ),
    (re.compile(r"(?:.*::)?oehost\w*\Z|(?:-l)?sgx_urts\w*\Z|/clr\Z"), Side.UNTRUSTED),
)
_INSIDE = frozenset({"enclave", "enclaves", "trusted"})
_OUTSIDE = frozenset({"app", "apps", "host", "untrusted", "urts"})
_DEFINED = {"inside": Side.TRUSTED, "trusted": Side.TRUSTED, "outside": Side.UNTRUSTED, "untrusted": Side.UNTRUSTED}
_PLAIN = ("add_executable", "add_library")
_SIDES = {Side.TRUSTED: "the enclave", Side.UNTRUSTED: "the host's program"}


def compiled(
    targets: Sequence[Target], paths: Iterable[str], certain: Mapping[str, Side], programs: Collection[str] = ()
) -> dict[str, Placement]:
    """By source file: where the build files put it, as far as they tell.

    The sources of `targets` are paths as those of `paths`. `certain` are the files whose side their code leaves no
    doubt about: what is compiled with one of them is of its side; `programs` are those that define `main`. A target
    of which nothing else is known is on the sides of the targets that it is linked into, or on none.
    """
    known = set(paths)
    found: dict[str, dict[Side, str]] = {}
    others: list[tuple[str, str]] = []
    apart = _are_apart(targets)
    for target, held in zip(targets, _sides(targets, certain, programs), strict=True):
        # Code of an enclave in it does not make a program an enclave.
        alone = held == {Side.TRUSTED} and not (_by_proxies(target) or _by_options(target) or _by_words(_words(target)))
        for path in known.intersection(target.sources):
            # A program of tests compiles the enclave's code with stand-ins for the rest.
            if is_apart(target.path, path) or (alone and path in programs and path not in certain):
                continue
            for side in sorted(held):
                found.setdefault(path, {}).setdefault(side, target.path)
            if not held and apart and target.command in _PLAIN:
                others.append((path, target.path))
    for path, build in others:
        if path in found:
            # The same code for those who have no enclave: the branch of another configuration.
            found[path].setdefault(Side.UNTRUSTED, build)
    placements = {}
    for path, by in sorted(found.items()):
        if len(by) > 1:
            placements[path] = Placement(Side.BOTH, f"is compiled for both sides by '{by[Side.TRUSTED]}'")
            if by[Side.TRUSTED] != by[Side.UNTRUSTED]:
                reason = f"is compiled into the enclave by '{by[Side.TRUSTED]}' and for the host by"
                placements[path] = Placement(Side.BOTH, f"{reason} '{by[Side.UNTRUSTED]}'")
        else:
            side, build = next(iter(by.items()))
            placements[path] = Placement(side, f"is compiled into {_SIDES[side]} by '{build}'")
    return placements


def plain(targets: Sequence[Target], built: Mapping[str, Placement]) -> dict[str, Placement]:
    """By source file: what CMake's own commands compile, in a project with commands of its own for its enclaves."""
    if not _are_apart(targets):
        return {}
    found: dict[str, Placement] = {}
    for target in targets:
        if target.command in _PLAIN:
            for path in target.sources:
                if path not in built and not is_apart(target.path, path):
                    reason = f"is compiled by '{target.path}', where enclaves are made by commands of their own"
                    found.setdefault(path, Placement(Side.UNTRUSTED, reason))
    return found


def _are_apart(targets: Sequence[Target]) -> bool:
    """Whether enclaves are made by other commands than programs."""
    commands = (words_of(t.command) for t in targets if t.command not in _PLAIN)
    return any(words & _INSIDE and _OUTSIDE.isdisjoint(words) for words in commands)


def _sides(targets: Sequence[Target], certain: Mapping[str, Side], programs: Collection[str]) -> list[frozenset[Side]]:
    """By target: the sides that it is compiled for."""
    sides = []
    settled = set()
    trials = set()
    inside = _marked(targets)
    studios = any(_is_studio(t) and Side.TRUSTED in _by_options(t) for t in targets)
    for number, target in enumerate(targets):
        named = _by_words(_words(target))
        # The proxies of one side say more than single files do, which may hold what only the other side compiles.
        held = marks = _by_proxies(target)
        if not marks:
            known = [p for p in target.sources if p in certain and not is_apart(target.path, p)]
            held = {certain[p] for p in known}
            if len(held) > 1 and named:
                # Code of one side, some of which the other side has as well.
                held = {named}
            elif held and named and named not in held:
                held.add(named)
            elif held == {Side.TRUSTED} and not named and _is_without(target, known, inside):
                held = {Side.UNTRUSTED}
        if held:
            settled.add(number)
        else:
            held = _by_options(target)
            if not held and studios and _is_studio(target):
                # Projects for the enclave have its C library on their path.
                held = {Side.UNTRUSTED}
        if not held:
            if named:
                held = {named}
            elif any(p in programs for p in target.sources):
                held = {Side.UNTRUSTED}
                if _is_make(target):
                    # The Makefile of a library that an enclave takes has programs of its own, to test it.
                    trials.add(number)
        # What holds files of both is a list of everything, or not understood.
        sides.append(frozenset(held) if len(held) == 1 else frozenset({Side.UNDECIDED}) if held else frozenset())
    _linked(targets, sides, settled, trials)
    return [s - {Side.UNDECIDED} for s in sides]


def _marked(targets: Iterable[Target]) -> dict[str, set[str]]:
    """By source file: the Makefiles that compile it with proxies or options of an enclave."""
    found: dict[str, set[str]] = {}
    for target in targets:
        if _is_make(target) and (_by_proxies(target) or _by_options(target)) == {Side.TRUSTED}:
            for path in target.sources:
                found.setdefault(path, set()).add(target.path)
    return found


def _is_without(target: Target, paths: Iterable[str], inside: Mapping[str, set[str]]) -> bool:
    """Whether a target is compiled without what an enclave needs, with which another Makefile compiles these.

    Makefiles and files of CMake are often two ways to build the same, and not all of an enclave's marks are understood.
    """
    return _is_make(target) and not _by_options(target) and all(inside.get(p, set()) - {target.path} for p in paths)


def _is_make(target: Target) -> bool:
    return not target.command and not _is_studio(target)


def _by_proxies(target: Target) -> set[Side]:
    marks = {m[1] for s in target.sources if (m := _PROXIES.search(s))}
    return {Side.TRUSTED if m == "t" else Side.UNTRUSTED for m in marks}


def _by_options(target: Target) -> set[Side]:
    held = {side for option, side in _OPTIONS if any(option.match(o) for o in target.options)}
    if not held:
        defined = {w for o in target.options if o.startswith("-D") for w in words_of(o.partition("=")[0])}
        held = {side for word, side in _DEFINED.items() if word in defined}
    return held


def _words(target: Target) -> frozenset[str]:
    return frozenset(w for n in target.names for w in words_of(n))


def _by_words(words: frozenset[str]) -> Side | None:
    if "untrusted" in words:
        return Side.UNTRUSTED
    if bool(words & _INSIDE) != bool(words & _OUTSIDE):
        return Side.TRUSTED if words & _INSIDE else Side.UNTRUSTED
    return None


def _is_studio(target: Target) -> bool:
    return target.path.lower().endswith(".vcxproj")


def _linked(
    targets: Sequence[Target], sides: list[frozenset[Side]], settled: Collection[int], trials: Collection[int]
) -> None:
    """Give libraries the sides of what is linked with them, in whichever configuration, other than trials of theirs."""
    by_name: dict[str, list[int]] = {}
    for number, target in enumerate(targets):
        if number not in settled:
            for name in target.names:
                by_name.setdefault(name, []).append(number)
    queue = [n for n, held in enumerate(sides) if held - {Side.UNDECIDED} and n not in trials]
    for number in queue:
        for name in targets[number].links:
            for other in by_name.get(name, ()):
                if not sides[number] <= sides[other]:
                    sides[other] |= sides[number]
                    queue.append(other)
