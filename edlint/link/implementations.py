"""Which function stands behind a declared call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from edlint.link.evidence import is_implementation, stem
from edlint.link.headers import Headers, shared_depth
from edlint.model.interface import Call, Interface
from edlint.model.program import Implementation, Placement, Side
from edlint.model.unit import Function, ReadState, Unit

_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_TEST = re.compile(r"(?:\A|/)(?:unit_?)?tests?/|(?:\A|/)test_[^/]*\Z|_test\.\w+\Z", re.IGNORECASE)
_PROXY_HEADER = re.compile(r"(?:.*/)?(\w+)_[tu]\.h\Z")


def stems_of(path: str, headers: Headers) -> frozenset[str]:
    """Names of the enclaves whose generated headers a file includes, directly or through others."""
    found = set()
    for reached in headers.reached(path):
        for written in headers.written.get(reached, ()):
            match = _PROXY_HEADER.match(written)
            if match:
                found.add(match[1])
    return frozenset(found)


def nearest(
    path: str, name: str, interfaces: Sequence[Interface], stems: frozenset[str]
) -> tuple[Interface, Call] | None:
    """The interface that a file means when it names a call: the one whose header it includes, else the nearest."""
    best: tuple[tuple[bool, int], Interface, Call] | None = None
    for interface in interfaces:
        call = interface.call(name)
        if call is None:
            continue
        rank = (stem(interface) in stems, shared_depth(interface.path, path))
        if best is None or rank > best[0]:
            best = (rank, interface, call)
    return (best[1], best[2]) if best else None


def find_implementations(
    interfaces: Sequence[Interface], units: Sequence[Unit], headers: Headers, placements: Mapping[str, Placement]
) -> tuple[Implementation, ...]:
    """The functions behind the calls, in the order of the calls.

    A call has more than one only when alternatives of equal standing are in one file (`#if` branches).
    """
    declared: dict[str, list[Interface]] = {}
    for interface in interfaces:
        for call in interface.calls:
            declared.setdefault(call.name, []).append(interface)
    names = _renamed(units, declared.keys())
    functions: dict[str, list[Function]] = {}
    for unit in units:
        if not unit.generated:
            for function in unit.functions:
                functions.setdefault(function.name, []).append(function)
    stems: dict[str, frozenset[str]] = {}
    found = []
    for interface in interfaces:
        for call in interface.calls:
            ranked: list[tuple[tuple[int, ...], Function]] = []
            for name in (call.name, *names.get(call.name, ())):
                for function in functions.get(name, ()):
                    if function.path not in stems:
                        stems[function.path] = stems_of(function.path, headers)
                    rank = _rank(interface, call, function, placements, stems[function.path], declared[call.name])
                    if rank is not None:
                        ranked.append(((*rank, name == call.name), function))
            if not ranked:
                continue
            best, chosen = max(ranked, key=lambda r: r[0])
            found.append(Implementation(interface, call, chosen))
            found.extend(
                Implementation(interface, call, f)
                for rank, f in ranked
                if f is not chosen and f.path == chosen.path and rank == best
            )
    return tuple(found)


def _rank(
    interface: Interface,
    call: Call,
    function: Function,
    placements: Mapping[str, Placement],
    stems: frozenset[str],
    rivals: Sequence[Interface],
) -> tuple[int, ...] | None:
    """How well a function of the right name stands for a call, best highest; None when it cannot."""
    if not is_implementation(function, call, interface.dialect):
        return None
    side = placements[function.path].side
    wanted = Side.TRUSTED if call.is_ecall else Side.UNTRUSTED
    if side not in (wanted, Side.BOTH, Side.UNDECIDED):
        return None
    own = stem(interface)
    others = [r for r in rivals if r is not interface]
    if stems and own not in stems and any(stem(o) in stems for o in others):
        return None
    near = shared_depth(interface.path, function.path)
    if own not in stems and any(shared_depth(o.path, function.path) > near for o in others):
        return None
    return (
        own in stems,
        (side is wanted) * 2 + (side is Side.BOTH),
        not function.static,
        not _TEST.search(function.path),
        function.state is not ReadState.LOST,
        len(function.params) == len(call.params),
        near,
    )


def _renamed(units: Sequence[Unit], wanted: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Other names under which a call may be written: `#define ecall_sum sum_impl`, either way round."""
    names = frozenset(wanted)
    found: dict[str, tuple[str, ...]] = {}
    for unit in units:
        for macro in unit.macros:
            body = macro.body.strip()
            if macro.params is not None or body == macro.name or not _NAME.match(body):
                continue
            for call, other in ((macro.name, body), (body, macro.name)):
                if call in names and other not in names and other not in found.get(call, ()):
                    found[call] = (*found.get(call, ()), other)
    return found
