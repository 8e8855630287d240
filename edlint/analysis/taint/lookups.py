"""Maps of the C++ library that are asked for a key: the answer may be their end, which nothing can be read at."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.state import Check, Holds
from edlint.analysis.taint.symbols import atom
from edlint.analysis.taint.values import NO_TAINT, Value
from edlint.model.ir import Invoke, Place

_MAPS = frozenset(("map", "unordered_map", "multimap", "unordered_multimap", "set", "unordered_set", "multiset"))
_ASK = frozenset(("count", "contains"))
"""Methods that say whether a map has a key."""

LOOKUPS = _ASK | {"find"}


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
