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

SYNCHRONISED = re.compile(r"mutex|lock|atomic|once|cond|semaphore|sem_t", re.IGNORECASE)
"""Types of variables that are made for several threads."""


def takes_lock(function: Function) -> bool:
    """Whether the function itself takes a lock somewhere."""
    if not any(LOCK.search(name) for name in function.names):
        return False
    for op in function.body.ops():
        if isinstance(op, Invoke) and (LOCK.search(op.qualified or op.name) and "unlock" not in op.name.lower()):
            return True
        if isinstance(op, Declare):
            used = function.body.variables[op.variable].type if op.variable in function.body.variables else None
            if used is not None and LOCK.search(used.base):
                return True
    return False
