"""Loops that certainly run to the end: a counter goes up to a constant, and nothing else leads out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edlint.analysis.loops import Loop, loops_of
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.refine import facts_of
from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import Symbol
from edlint.model.ir import Address, Assign, Binary, Body, Cast, Invoke, Number, Op, Place, Value, walk

MAX_ROUNDS = 0xFFFF


def last_rounds(frame: Frame, body: Body, entry: Mapping[int, State]) -> dict[int, dict[Symbol, int]]:
    """By block that each round of such loops goes through: the counters, and what they are in the last round."""
    found: dict[int, dict[Symbol, int]] = {}
    inner: list[tuple[int, frozenset[int]]] = []
    for loop in sorted(loops_of(body), key=lambda each: len(each.blocks)):
        head = next(n for n in loop.blocks if body.blocks[n].end is loop.branch)
        counted = _counted(frame, body, loop, head, entry.get(head))
        if counted is None:
            continue
        location, last = counted
        certain = frozenset(b for b in loop.blocks if b != head and not _avoids(body, loop, head, b))
        within = [(other, blocks) for other, blocks in inner if other in certain]
        for at, blocks in ((head, certain), *within):
            symbol = _merged(entry[at], location, at)
            if symbol is not None:
                for block in blocks:
                    found.setdefault(block, {})[symbol] = last
        inner.append((head, certain.union(*(blocks for _, blocks in within))))
    return found


def _merged(state: State, location: Symbol, head: int) -> Symbol | None:
    """The name of what a counter is at the head of a loop: of its own, and of one inside that."""
    value = state.memory.get(location)
    symbol = value.symbol if value is not None else None
    return symbol if symbol is not None and symbol.kind == "phi" and symbol.number == head else None


def _avoids(body: Body, loop: Loop, head: int, block: int) -> bool:
    """Whether a round can get back to the head without going through a block."""
    seen, pending = {block}, [loop.branch.yes]
    while pending:
        at = pending.pop()
        if at == head:
            return True
        if at not in seen:
            seen.add(at)
            pending.extend(body.blocks[at].successors)
    return False


def _counted(frame: Frame, body: Body, loop: Loop, head: int, state: State | None) -> tuple[Symbol, int] | None:
    """The counter of a loop, and what it is in the last round."""
    test = loop.branch.condition
    if state is None or state.dead or not isinstance(test, Binary) or test.op not in ("<", "<=", "!="):
        return None
    counter = test.left.operand if isinstance(test.left, Cast) else test.left
    if not isinstance(counter, Place) or not counter.is_variable or counter.root not in body.variables:
        return None
    if any(not loop.blocks.issuperset(body.blocks[b].successors) for b in loop.blocks if b != head):
        return None
    location = frame.location(counter.root)
    if _merged(state, location, head) is None:
        return None
    limit = Evaluator(frame, state.copy(), facts_of).value(test.right).number
    if limit is None:
        return None
    last = limit if test.op == "<=" else limit - 1
    if not 0 <= last <= MAX_ROUNDS or not _goes_up(body, loop, head, counter.root, last):
        return None
    return location, last


def _goes_up(body: Body, loop: Loop, head: int, root: str, last: int) -> bool:
    """Whether a counter begins with constants up to `last` and is one more after each round."""
    steps = 0
    for number, block in enumerate(body.blocks):
        for op in block.ops:
            if any(isinstance(v, Address) and v.place.root == root for value in _values(op) for v in walk(value)):
                return False
            target = op.target if isinstance(op, (Assign, Invoke)) else None
            if target is None or target.root != root:
                continue
            if not isinstance(op, Assign):
                return False
            if number not in loop.blocks:
                if not isinstance(op.value, Number) or op.value.value not in range(last + 1):
                    return False
            elif number == head or not _is_step(op.value, root) or _avoids(body, loop, head, number):
                return False
            else:
                steps += 1
    return steps == 1


def _is_step(value: Value, root: str) -> bool:
    while isinstance(value, Cast):
        value = value.operand
    match value:
        case Binary(op="+", left=Place(root=name, steps=()), right=Number(value=1)):
            return name == root
    return False


def _values(op: Op) -> Iterator[Value]:
    match op:
        case Assign(value=value):
            yield value
        case Invoke(args=args, receiver=receiver):
            yield from args
            if receiver is not None:
                yield receiver
