"""Words for reports."""

from __future__ import annotations


def many(count: int, noun: str) -> str:
    """`1 ECALL`, `2 ECALLs`, `0 ECALLs`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
