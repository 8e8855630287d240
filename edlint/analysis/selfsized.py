"""Structs that say themselves how long they are, asked by the very test that compares the answer with the real size."""

from __future__ import annotations

from edlint.analysis.lengths import Overrun
from edlint.model.ir import Binary, Branch, Cast, Number, Place, SizeOf, Value

MAX_SUMMANDS = 16
_COMPARES = frozenset(("==", "!=", "<", ">", "<=", ">="))


def measures_itself(overrun: Overrun) -> bool:
    """Whether a read is part of `size != sizeof(header) + p->len`: what it gives is compared, and proves the rest.

    A size that is as large as the header and something more covers what was read to find that out.
    """
    term, event = overrun.extent.term, overrun.event
    if term is None or overrun.fixed is None or event.function != overrun.root.qualified:
        return False
    sizes = {s.name for s in term.symbols if s.kind == "param"}
    for block in overrun.root.body.blocks:
        match block.end:
            case Branch(condition=Binary(op=op, left=left, right=right, span=span)) if op in _COMPARES:
                if not span.covers(event.span):
                    continue
                for size, whole in ((left, right), (right, left)):
                    if isinstance(size, Place) and size.is_variable and size.root in sizes:
                        return _least(whole) >= overrun.fixed
    return False


def _least(value: Value) -> int:
    """What a sum of sizes and lengths is at least."""
    total = 0
    parts = [value]
    for _ in range(MAX_SUMMANDS):
        if not parts:
            return total
        match parts.pop():
            case Binary(op="+", left=left, right=right):
                parts += (left, right)
            case Cast(operand=operand):
                parts.append(operand)
            case Number(value=int() as known) | SizeOf(value=int() as known):
                total += known
            case Binary(op="*") | Place():
                pass
            case _:
                return 0
    return 0
