"""Loops of functions and the order of their blocks, next to what they are by definition."""

from __future__ import annotations

import random

import pytest

from edlint.analysis import loops
from edlint.analysis.components import components_of
from edlint.analysis.loops import loops_of
from edlint.analysis.taint.blocks import in_loops, nesting, reverse_post_order
from edlint.frontends.c import read_units
from edlint.model.ir import Body, Branch
from edlint.source import Source


def written(chance: random.Random, depth: int) -> str:
    """Some statements with loops in them."""
    simple = ("a++;", "if (a) break;", "if (a) continue;", "if (a) return a;", "if (a) goto out;", "b(a);")
    made = []
    for _ in range(chance.randrange(1, 4)):
        inside = written(chance, depth - 1) if depth else "a++;"
        made.append(
            chance.choice(
                (
                    chance.choice(simple) if depth < 3 else "a++;",
                    f"while (a < {chance.randrange(9)}) {{ {inside} }}",
                    f"do {{ {inside} }} while (a);",
                    f"for (;;) {{ {inside} }}",
                    f"if (a) {{ {inside} }} else {{ a--; }}",
                )
            )
        )
    return " ".join(made)


def bodies(count: int) -> list[Body]:
    """Functions made by chance, the same in each run."""
    chance = random.Random(5)
    code = "".join(f"int f{i}(int a) {{ for (;;) {{ {written(chance, 3)} }} out: return a; }}\n" for i in range(count))
    (unit,) = read_units([Source("e.c", code)])
    return [f.body for f in unit.functions]


def leads(body: Body, start: int, stop: int) -> set[int]:
    """The blocks that control may come to from `start` on without going through `stop`."""
    seen: set[int] = set()
    pending = [start]
    while pending:
        at = pending.pop()
        if at not in seen and at != stop:
            seen.add(at)
            pending += body.blocks[at].successors
    return seen


def test_a_loop_is_what_lies_between_its_branch_and_its_branch() -> None:
    count = 0
    for body in bodies(60):
        expected = []
        for index, block in enumerate(body.blocks):
            if isinstance(block.end, Branch) and block.end.loop:
                ahead = leads(body, block.end.yes, index)
                back = {b for b in ahead if any(index in body.blocks[n].successors for n in leads(body, b, index))}
                expected.append(frozenset(back | {index}))
        assert [loop.blocks for loop in loops_of(body)] == expected
        count += sum(len(e) > 1 for e in expected)
    assert count > 100


def test_loops_beyond_what_is_walked_have_the_blocks_that_stand_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "int f(int a) { while (a < 1) { a++; b(a); } do { a--; } while (a > 1); while (a) { g(a); a--; } return a; }"
    (unit,) = read_units([Source("e.c", code)])
    whole = loops_of(unit.functions[0].body)
    monkeypatch.setattr(loops, "MAX_WALKED", -1)
    assert loops_of(unit.functions[0].body) == whole
    assert [len(loop.blocks) for loop in whole] == [2, 2, 2]


def test_how_deep_blocks_lie_in_loops() -> None:
    for body in bodies(60):
        order = reverse_post_order(body)
        by_position = sorted(order, key=order.__getitem__)
        back = [
            (order[after], at)
            for at, b in enumerate(by_position)
            for after in body.blocks[b].successors
            if order[after] <= at
        ]
        ends = {head: max(end for start, end in back if start == head) for head, _ in back}
        depths, outer = nesting(body, order)
        assert depths == {b: sum(h <= at <= e for h, e in ends.items()) for at, b in enumerate(by_position)}
        assert outer == {by_position[h] for h, e in ends.items() if any(h < other <= e for other in ends)}
        assert in_loops(body, order) == {b for at, b in enumerate(by_position) if any(h <= at <= e for h, e in back)}


def test_components_come_after_those_they_lead_to() -> None:
    following = {1: [2], 2: [3, 4], 3: [1], 4: [5], 5: [4], 6: [1]}
    assert [set(c) for c in components_of(following, following.__getitem__)] == [{4, 5}, {1, 2, 3}, {6}]
