"""The bounds of one state by what they are about: the same that looking through all of them finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edlint.analysis.taint.indexed import Fact, Index
from edlint.analysis.taint.symbols import ROOM, Symbol, Vector

SYMBOLS = [
    *(Symbol("param", name, number) for number, name in enumerate("pn")),
    Symbol("param", "p", 0, (ROOM,)),
    Symbol("size", "T"),
    Symbol("global", "g"),
    *(Symbol("op", "/", number) for number in range(3)),
    Symbol("in", "len", 4),
]
VECTORS = st.lists(
    st.tuples(st.sampled_from(SYMBOLS), st.sampled_from([-1, 1, 16])), min_size=1, max_size=3, unique_by=lambda t: t[0]
).map(lambda terms: tuple(sorted(terms)))
LIMIT = 4


def named(bounds: dict[Vector, int], told: set[Symbol]) -> list[Fact]:
    """As the index has it, by its description."""
    found = []
    for vector in bounds:
        kinds = {s.kind for s, _ in vector}
        unnamed = {s for s, _ in vector if s.is_opaque}
        known = unnamed <= told and "global" not in kinds
        if known and ("size" not in kinds or (not unnamed and "param" in kinds)):
            found.append(vector)
    found.sort(key=lambda v: (len(v) == 1, any(s.is_opaque for s, _ in v)))
    return [(v, bounds[v]) for v in found[:LIMIT]]


@given(
    st.dictionaries(VECTORS, st.integers(-8, 8), max_size=24), st.sets(st.sampled_from(SYMBOLS[5:])), st.integers(0, 24)
)
def test_what_is_known_of_values(facts: dict[Vector, int], told: set[Symbol], early: int) -> None:
    bounds: dict[Vector, int] = {}
    index = Index(bounds)
    for number, (vector, upper) in enumerate(facts.items()):
        bounds[vector] = upper
        if number == early:
            index.update()
    index.update()
    assert index.named(told, LIMIT) == named(bounds, told)
    rooms = [v for v in bounds if any(s.is_room for s, _ in v) and any(s in told for s, _ in v)]
    assert index.rooms(told) == [(v, bounds[v]) for v in rooms]
