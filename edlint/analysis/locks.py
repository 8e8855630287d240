"""Where the enclave holds a lock, as far as names tell."""

from __future__ import annotations

import re

from edlint.model.ir import Declare, Invoke
from edlint.model.unit import Function

LOCK = re.compile(
    r"(?:^|_|:)(?:try)?lock(?:$|_)|_lock$|Lock|mutex|critical_section|EnterCritical|lock_guard|scoped_lock|unique_lock|"
    r"shared_lock|atomic_flag_test_and_set|call_once|pthread_once|oe_once",
    re.IGNORECASE,
)
"""Functions and guard classes that take a lock, or run once whoever comes first."""

MAKES = re.compile(r"unlock|init|destroy|create|(?:^|:)~?(?:recursive_|timed_|shared_)*mutex$", re.IGNORECASE)
"""Of these, what makes, ends or leaves a lock, and a lock as an object."""

SYNCHRONISED = re.compile(r"mutex|lock|atomic|once|cond|semaphore|sem_t", re.IGNORECASE)
"""Types of variables that are made for several threads."""


def lock_start(function: Function) -> int | None:
    """Where in the text the function takes its first lock, or None when it takes none."""
    if not any(LOCK.search(name) for name in function.names):
        return None
    starts = []
    for op in function.body.ops():
        if isinstance(op, Invoke) and _is_lock(op.qualified or op.name):
            starts.append(op.span.start)
        if isinstance(op, Declare):
            used = function.body.variables[op.variable].type if op.variable in function.body.variables else None
            if used is not None and _is_lock(used.base):
                starts.append(op.span.start)
    return min(starts, default=None)


def _is_lock(name: str) -> bool:
    return bool(LOCK.search(name)) and not MAKES.search(name)
