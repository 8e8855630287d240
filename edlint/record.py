"""Frozen dataclasses that are cheap to make, for what a run makes by the hundred thousand.

To the type checker `record` is `dataclass`, so that assigning to a field of a frozen record is an error. At run time
the check is left out: the constructor of a frozen dataclass goes through `object.__setattr__` for every field, which
takes three times as long and was a fifth of all lowering. Equality and hash are those of a frozen dataclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(*, frozen=False, slots=False, eq=True):
        """As `dataclass`, but a frozen one does not check at run time."""
        return dataclass(eq=eq, unsafe_hash=frozen and eq, slots=slots)


__all__ = ["record"]
