"""What searches ask: maps of the C++ library, whose answer may be their end, and functions that compare bytes."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.state import Check, Holds
from edlint.analysis.taint.symbols import atom, keyed
from edlint.analysis.taint.values import NO_TAINT, Value, limited
from edlint.model.ir import Invoke, Place

_MAPS = frozenset(("map", "unordered_map", "multimap", "unordered_multimap", "set", "unordered_set", "multiset"))
_ASK = frozenset(("count", "contains"))
"""Methods that say whether a map has a key."""

LOOKUPS = _ASK | {"find"}

COMPARES = frozenset(
    ["strcmp", "strncmp", "strcasecmp", "strncasecmp", "memcmp", "bcmp", "wcscmp", "consttime_memequal"]
)
"""Functions that say whether two pieces of memory are the same."""


def looked_up(evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], result: Value) -> Value:
    """The answer of a method in LOOKUPS; that of `m.find(key)` is noted when nobody asked `m` about keys before."""
    place, frame = invoke.receiver, evaluator.frame
    if not isinstance(place, Place) or len(args) != 1 or evaluator.state.dead:
        return result
    ref = evaluator.type_of(place)
    if ref is None or frame.layout.resolve(ref).base.removeprefix("std::") not in _MAPS:
        return result
    maps = {t.location for t in evaluator.places.address(place).targets}
    if invoke.name in _ASK:
        frame.asked |= maps
        return result
    (key,) = args
    keys = key.taints | (evaluator.memory.content(key.targets).taints if key.targets else NO_TAINT)
    if not keys or maps & frame.asked:
        return result
    symbol = result.symbol
    if symbol is None:
        symbol = frame.opaque("call", invoke.name, invoke.span)
        result = replace(result, term=atom(symbol))
    evaluator.state.learn(Holds(symbol, Check("maybe-null")))
    frame.lookups[symbol] = (keys, invoke.name)
    return result


def compared(evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...]) -> Value:
    """The answer of a function in COMPARES, which derives from nothing, but which a search decides on."""
    frame = evaluator.frame
    symbol = frame.opaque("call", invoke.name, invoke.span)
    held = (evaluator.memory.content(evaluator.pointing.targets(a)) for a in args[:2])
    keys = frozenset(k for value in held for t in value.taints if (k := keyed(t)) is not None)
    if keys:
        frame.remember(symbol, Value(None, limited(keys), (), None))
    return Value(atom(symbol))
