"""What holds between values that meet: sums that stay, differences that do not grow, and how far one way had come."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from edlint.analysis.taint.indexed import Index
from edlint.analysis.taint.numbers import Bounds, Ranges, greatest, most
from edlint.analysis.taint.symbols import MOVING, ZERO, Linear, Symbol, Vector, add, atom, fits, scale
from edlint.analysis.taint.values import Target, Value

MAX_PAIRED = 6
"""Merged values that are looked at in pairs."""

MAX_RELATIONS = 3
"""Variables that a merged value is compared with."""

MAX_AWAY = 2
"""What a sum of a pair is compared with."""

Phi = tuple[Symbol, Value, Value]
"""A merged value: its symbol and what it is on either way."""


class Relations:
    """Bounds of merged values, and of their sums and differences, by what holds of them on both ways."""

    def __init__(self, old: Bounds, new: Bounds, ranges: Ranges, fresh: set[Symbol], *, loops: bool) -> None:
        self._old = old
        self._new = new
        self._ranges = ranges
        self._fresh = fresh
        self._loops = loops
        self._long = [v for known in (old, new) for v in known if len(v) > 2]
        self._indices = (Index(old), Index(new))

    def single(self, symbol: Symbol, one: Value, two: Value, *, widen: bool) -> Iterator[tuple[Vector, int]]:
        """Bounds of one merged value, and of what it is more than another one; with `widen`, none that gives way."""
        if one.term is None or two.term is None:
            return
        for sign in (1, -1):
            top = self._top(one.term, two.term, ZERO, sign, widen=widen)
            if top is not None:
                yield ((symbol, sign),), top
        # What has a name is a limit more often than what has none.
        others = [o for o in self._others(one.term, two.term) if o not in self._fresh]
        named = [o for o in others if not o.is_opaque] + [o for o in others if o.is_opaque] if others else others
        limits = [atom(other) for other in named[:MAX_RELATIONS]]
        if _is_difference(one.term) or _is_difference(two.term):
            # `n - done < 64 ? n - done : 64`, `n < 64 - used ? n : 64 - used`.
            sums = [t for t in dict.fromkeys((one.term, two.term)) if _is_difference(t)]
            limits += [Linear(t.vector) for t in sums if self._fresh.isdisjoint(t.symbols)]
        for away in limits:
            top = self._top(one.term, two.term, away, 1, widen=widen)
            if top is not None and fits(whole := add(atom(symbol), away, -1)):
                yield whole.vector, top

    def _top(self, one: Linear, two: Linear, away: Linear, sign: int, *, widen: bool) -> int | None:
        """What neither exceeds, each less `away` on its way; with `widen`, nothing that gives way."""
        first = greatest(_less(one, away, sign), self._old, self._ranges)
        second = greatest(_less(two, away, sign), self._new, self._ranges) if first is not None else None
        if first is None or second is None or (widen and second > first):
            return None
        return max(first, second)

    def _others(self, one: Linear, two: Linear) -> Iterable[Symbol]:
        """What a merged value may be compared with."""
        others = dict.fromkeys([s for s, _ in one.vector])
        others.update(dict.fromkeys([s for s, _ in two.vector]))
        if not (self._loops or any(s.is_counted for s in others)):
            return others
        for term, index in zip((one, two), self._indices, strict=True):
            if term.vector:
                index.update()
                for vector, _ in index.relevant(frozenset(term.symbols), 8):
                    others.update([(s, None) for s, _ in vector])
        if self._loops and not others:
            # A counter that was turned once is a number still, and its limit is what the loop found large enough.
            learned = (v for v, upper in self._new.items() if upper < self._old.get(v, 0) and len(v) == 1)
            others.update((s, None) for ((s, w),) in learned if w < 0 and s.kind in ("param", "global"))
        return others

    def pairs(self, phis: Iterable[Phi]) -> Iterator[tuple[Vector, int]]:
        """`next += n; left -= n`: both come to the same all the time; `used += m; done += n`: m is at most n."""
        numbers = [p for p in phis if not (p[1].targets or p[2].targets)]
        if len(numbers) > MAX_PAIRED:
            # Variables are counted with more often than members and elements.
            numbers = sorted(numbers, key=lambda p: bool(p[0].path))[:MAX_PAIRED]
        shrinking = {p[0] for p in numbers if self._shrinks(p)} if self._loops else set()
        for (first, a_old, a_new), (second, b_old, b_new) in itertools.permutations(numbers, 2):
            if a_old.term is None or a_new.term is None or b_old.term is None or b_new.term is None:
                continue
            against = (first in shrinking) != (second in shrinking)
            if first < second and (against or not self._loops):
                one, two = add(a_old.term, b_old.term), add(a_new.term, b_new.term)
                for away in self._sums(one, two):
                    yield from self._both(add(atom(first), atom(second)), one, two, away)
            if self._loops and not against:
                one, two = add(a_old.term, b_old.term, -1), add(a_new.term, b_new.term, -1)
                if one.is_constant or two.is_constant:
                    yield from self._upper(add(atom(first), atom(second), -1), one, two, 1)

    def _shrinks(self, phi: Phi) -> bool:
        """Whether a value that a loop changes is never more than it was before."""
        symbol, one, two = phi
        if one.term is None or two.term is None:
            return False
        start, after, bounds = one.term, two.term, self._new
        if any(s in self._fresh for s in start.symbols):
            start, after, bounds = after, start, self._old
        # What is the same as on the round before tells nothing.
        for before in (start, atom(symbol)) if after != atom(symbol) else (start,):
            top = most(add(after, before, -1), bounds, self._ranges)
            if top is not None and top <= 0:
                return True
        return False

    def _sums(self, one: Linear, two: Linear) -> Iterator[Linear]:
        """What a sum may be limited by: what it is on one way, or what its parts were limited by before."""
        found: dict[Vector, None] = {}
        for term in (one, two):
            known = bool(term.vector) and not any(s in self._fresh for s in term.symbols)
            if known and (self._loops or (len(term.vector) == 1 and not term.constant)):
                found[term.vector] = None
            for vector in self._long:
                weights = dict(vector)
                if term.vector and all(weights.pop(s, 0) == w for s, w in term.vector) and len(weights) == 1:
                    ((limit, weight),) = weights.items()
                    if weight == -1 and limit not in self._fresh:
                        found[((limit, 1),)] = None
        for vector in list(found)[:MAX_AWAY]:
            yield Linear(vector)

    def _both(self, whole: Linear, one: Linear, two: Linear, away: Linear) -> Iterator[tuple[Vector, int]]:
        parts = [add(side, away, -1) for side in (whole, one, two)]
        above = [*self._upper(parts[0], parts[1], parts[2], 1)]
        yield from above
        if above:
            yield from self._upper(parts[0], parts[1], parts[2], -1)

    def _upper(self, whole: Linear, one: Linear, two: Linear, sign: int) -> Iterator[tuple[Vector, int]]:
        if not fits(whole):
            return
        first = most(scale(one, sign), self._old, self._ranges)
        second = most(scale(two, sign), self._new, self._ranges) if first is not None else None
        if first is not None and second is not None:
            yield scale(whole, sign).vector, max(first, second)


def _is_difference(term: Linear) -> bool:
    """Whether it is a sum or difference, so that it may be a limit as a whole."""
    vector = term.vector
    return len(vector) > 1 or (len(vector) == 1 and vector[0][1] < 0)


def one_way(
    block: int, location: Symbol, targets: tuple[Target, ...], others: tuple[Target, ...]
) -> Iterator[tuple[Target, Linear | None]]:
    """The targets of a pointer, those of one way alone under a name for how far they have come, with what that was."""
    known = {t.location for t in others}
    for target in targets:
        base = target.offset.vector if target.offset is not None else ()
        moving = len(base) == 1 and base[0][1] == 1 and base[0][0].name.startswith(MOVING)
        if target.location in known or not moving:
            yield target, None
            continue
        name = f"{MOVING}{location.kind}.{location.name}.{location.number}.{target.location.name}"
        symbol = Symbol("phi", name, block, location.path)
        yield Target(target.location, atom(symbol), target.extent), target.offset


def _less(term: Linear, away: Linear, sign: int) -> Linear:
    """What a term is more than another one, or its opposite."""
    if away is not ZERO:
        term = add(term, away, -1)
    return term if sign > 0 else scale(term, sign)


def limits_of(symbol: Symbol, was: Linear, bounds: Bounds, ranges: Ranges) -> Iterator[tuple[Vector, int]]:
    """What one way knows of a distance, said of the symbol that stands for it from here on."""
    others: dict[Symbol, None] = {}
    for vector in bounds:
        if any(s in dict(vector) for s in was.symbols):
            others.update((s, None) for s, weight in vector if weight < 0 and not s.is_opaque)
    for away, sign in ((ZERO, 1), (ZERO, -1), *((atom(other), 1) for other in others)):
        top = most(scale(add(was, away, -1), sign), bounds, ranges)
        if top is not None:
            yield scale(add(atom(symbol), away, -1), sign).vector, top
