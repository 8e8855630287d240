"""What holds in a branch of CMake's `if()`, and whether two branches can be taken in one build."""

from __future__ import annotations

import re

Facts = frozenset[tuple[str, bool]]
"""Conditions as written, each with whether it holds."""

ALWAYS: Facts = frozenset()

MOST_FACTS = 20
"""Conditions of one branch that are kept."""

_EQUAL = re.compile(r"(\S+) (?:STREQUAL|EQUAL|VERSION_EQUAL) (\S+)\Z")
_SURE = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}


def holding(words: list[str]) -> Facts:
    """What holds where a condition does."""
    if "OR" in words or any("(" in w for w in words):
        return frozenset({(" ".join(words), True)}) if words else ALWAYS
    parts: list[list[str]] = [[]]
    for word in words:
        if word == "AND":
            parts.append([])
        else:
            parts[-1].append(word)
    return frozenset(_fact(p) for p in parts[:MOST_FACTS] if p)


def opposite(facts: Facts) -> Facts:
    """What holds where these do not: nothing is known when there are several."""
    return frozenset((text, not truth) for text, truth in facts) if len(facts) == 1 else ALWAYS


def exclude(left: Facts, right: Facts) -> bool:
    """Whether no build takes both branches."""
    if any((text, not truth) in right for text, truth in left):
        return True
    values = dict(_values(left))
    return any(values.get(name, value) != value for name, value in _values(right))


def _fact(words: list[str]) -> tuple[str, bool]:
    truth = True
    while words[:1] == ["NOT"]:
        truth, words = not truth, words[1:]
    name = " ".join(words)
    # `if(SGX STREQUAL ON)` and `if(SGX)` ask the same.
    equal = _EQUAL.match(name)
    if equal and equal[2].lower() in _SURE:
        return equal[1], truth is _SURE[equal[2].lower()]
    return name, truth


def _values(facts: Facts) -> list[tuple[str, str]]:
    found = []
    for text, truth in facts:
        equal = _EQUAL.match(text)
        if truth and equal:
            found.append((equal[1], equal[2]))
    return found
