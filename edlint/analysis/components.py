"""Strongly connected components: functions that call each other, blocks of loops."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def components_of(nodes: Iterable[N], following: Callable[[N], Sequence[N]]) -> tuple[tuple[N, ...], ...]:
    """The components, those that others lead to first, inside them too as far as there is a first (Tarjan)."""
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    finished: dict[N, int] = {}
    on_stack: set[N] = set()
    stack: list[N] = []
    found: list[tuple[N, ...]] = []
    for root in nodes:
        if root in index:
            continue
        work: list[tuple[N, int]] = [(root, 0)]
        while work:
            node, at = work.pop()
            if at == 0:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
            followed = False
            others = following(node)
            for position in range(at, len(others)):
                other = others[position]
                if other not in index:
                    work.append((node, position + 1))
                    work.append((other, 0))
                    followed = True
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            if followed:
                continue
            finished[node] = len(finished)
            if low[node] == index[node]:
                component: list[N] = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    component.append(member)
                    if member == node:
                        break
                found.append(tuple(sorted(component, key=finished.__getitem__)))
            if work:
                before = work[-1][0]
                low[before] = min(low[before], low[node])
    return tuple(found)
