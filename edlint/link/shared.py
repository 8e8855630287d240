"""Code that both sides share, where it is too much to be followed inside the enclave as well: a runtime, a library.

Such a tree is built for many hosts, and nothing in it says which of its files the enclave is built from. What the
enclave's own code does would be told less well, and after minutes instead of seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from edlint.link.headers import is_header
from edlint.model.program import Placement, Side
from edlint.model.unit import Unit
from edlint.source import Gap

MAX_SHARED = 2_000
"""Functions of shared files that are followed in any case."""

MAX_RATIO = 8
"""How many times the functions of the enclave's own files the shared ones may be."""

_REASON = "is used by files of both sides, which share too much code for all of it to be followed inside the enclave"


def left_outside(
    units: Iterable[Unit], placements: Mapping[str, Placement], used: Iterable[Unit]
) -> dict[str, Placement]:
    """New placements for shared source files when these are too many; `used` are those placed by who uses them."""
    shared = [u for u in used if placements[u.path].side is Side.BOTH and not is_header(u.path)]
    count = sum(len(u.functions) for u in shared)
    inside = (u for u in units if u.path in placements and placements[u.path].side is Side.TRUSTED)
    own = sum(len(u.functions) for u in inside)
    if count <= max(MAX_SHARED, MAX_RATIO * own):
        return {}
    return {u.path: Placement(Side.UNTRUSTED, _REASON) for u in shared}


def gap(units: Iterable[Unit], placements: Mapping[str, Placement]) -> Sequence[Gap]:
    """What a report says of the files that were left outside."""
    left = [u for u in units if placements[u.path].reason == _REASON]
    if not left:
        return ()
    count = sum(len(u.functions) for u in left)
    files = f"{len(left)} files with {count} functions are" if len(left) > 1 else f"A file with {count} functions is"
    message = (
        f"{files} used by files of both sides and not followed inside the enclave, since that is too much code: "
        "name what the enclave is built from with --trusted."
    )
    return (Gap(left[0].path, None, message, "unfollowed-code"),)
