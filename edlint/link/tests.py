"""Folders of tests: programs on the host that try out the code around them, with stand-ins for what is missing."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from edlint.link.evidence import Vocabulary, is_test_framework
from edlint.link.folders import TESTS
from edlint.link.usage import has_main
from edlint.model.unit import Unit


def tests_apart(units: Sequence[Unit], words: Vocabulary) -> frozenset[str]:
    """The files in folders of tests that hold programs, but no EDL, and no ECALL that is defined there alone."""
    edls = [i.path for i in words.interfaces]
    inside: dict[str, list[Unit]] = {}
    for unit in units:
        folder = _tests_around(unit.path)
        if folder and not any(e.startswith(f"{folder}/") for e in edls):
            inside.setdefault(folder, []).append(unit)
    definers: dict[str, set[str]] = {}
    for unit in units:
        for function in unit.functions if not unit.generated else ():
            if function.name in words.ecalls:
                definers.setdefault(function.name, set()).add(unit.path)
    found: set[str] = set()
    for held in inside.values():
        paths = {u.path for u in held}
        if any(has_main(u) or is_test_framework(u) for u in held) and not any(d <= paths for d in definers.values()):
            found |= paths
    return frozenset(found)


def _tests_around(path: str) -> str:
    """The highest folder of tests that a file is in; empty for none."""
    parts = posixpath.dirname(path).split("/")
    depth = next((n for n, part in enumerate(parts, 1) if TESTS.fullmatch(part)), 0)
    return "/".join(parts[:depth])
