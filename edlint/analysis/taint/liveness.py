"""Which variables may still be read after a block, so that joins need not carry the others along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from edlint.model.ir import Address, Assign, Block, Body, Branch, Declare, Evaluate, Invoke, Place, Return, Value, walk


def live_after(body: Body) -> tuple[Mapping[int, frozenset[str]], frozenset[str]]:
    """By block: roots that are read later; and the roots whose address is taken, which may be read at any time."""
    taken: set[str] = set()
    reads: list[frozenset[str]] = []
    kills: list[frozenset[str]] = []
    for block in body.blocks:
        read, kill = _block(block, taken)
        reads.append(read)
        kills.append(kill)
    after: dict[int, frozenset[str]] = {i: frozenset() for i in range(len(body.blocks))}
    before: dict[int, frozenset[str]] = dict(after)
    predecessors: dict[int, list[int]] = {}
    for number, block in enumerate(body.blocks):
        for successor in block.successors:
            predecessors.setdefault(successor, []).append(number)
    pending = list(range(len(body.blocks)))
    waiting = set(pending)
    while pending:
        number = pending.pop()
        waiting.discard(number)
        out: frozenset[str] = frozenset()
        for successor in body.blocks[number].successors:
            out |= before[successor]
        after[number] = out
        entry = reads[number] | (out - kills[number])
        if entry != before[number]:
            before[number] = entry
            for predecessor in predecessors.get(number, ()):
                if predecessor not in waiting:
                    waiting.add(predecessor)
                    pending.append(predecessor)
    return after, frozenset(taken)


def _block(block: Block, taken: set[str]) -> tuple[frozenset[str], frozenset[str]]:
    """What a block reads before it writes it, and what it writes whole."""
    read: set[str] = set()
    kill: set[str] = set()

    def use(value: Value | None) -> None:
        if value is not None:
            for root in _roots(value, taken):
                if root not in kill:
                    read.add(root)

    def target(place: Place | None) -> None:
        if place is None:
            return
        if place.is_variable:
            kill.add(place.root)
        else:
            use(place)

    for op in block.ops:
        match op:
            case Assign(target=place, value=value):
                use(value)
                target(place)
            case Invoke(args=args, receiver=receiver, callee=callee, target=place):
                for arg in args:
                    use(arg)
                use(callee)
                use(receiver)
                if isinstance(receiver, Place):
                    taken.add(receiver.root)
                target(place)
            case Declare(variable=variable, extents=extents):
                for extent in extents:
                    use(extent)
                kill.add(variable)
            case Evaluate(value=value):
                use(value)
    match block.end:
        case Branch(condition=condition):
            use(condition)
        case Return(value=returned):
            use(returned)
        case _:
            pass
    return frozenset(read), frozenset(kill)


def _roots(value: Value, taken: set[str]) -> Iterator[str]:
    for inner in walk(value):
        if isinstance(inner, Address):
            taken.add(inner.place.root)
            yield inner.place.root
        elif isinstance(inner, Place):
            yield inner.root
