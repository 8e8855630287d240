"""Objects of classes that nobody sees: what one was filled with is what it gives out."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.state import Bound
from edlint.analysis.taint.symbols import ANSWER, DEREF, ZERO, Symbol, atom, is_secret, scale
from edlint.analysis.taint.values import NO_TAINT, Target, Value, limited, of_symbol
from edlint.model.ir import Invoke, Place
from edlint.model.ir import Value as Expression
from edlint.model.types import TypeKind

_DERIVED = frozenset(
    ("data", "c_str", "begin", "end", "at", "front", "back", "get", "value", "str", "substr", "operator[]", "move")
)
_SEARCHED = frozenset(("find", "top", "rbegin", "lower_bound", "upper_bound", "extract", "cbegin", "crbegin", "lock"))
"""Methods that give out what the object holds, of which only secrets and what came in are followed."""
_COUNTED = frozenset(("size", "length", "count"))
_FILLED = frozenset(("push_back", "append", "assign", "insert", "emplace_back", "operator+=", "operator=", "reset"))
_ADDED = frozenset(("push", "emplace", "push_front", "emplace_front", "insert_or_assign", "try_emplace", "add", "put"))
FILLING = _FILLED | _ADDED
"""Methods whose object holds afterwards what they are given."""
_MADE = frozenset(("string", "vector", "basic_string", "pair", "tuple", "map", "list", "deque", "optional"))
_MAKERS = frozenset(("make_pair", "make_tuple", "make_optional", "forward_as_tuple", "tie", "get", "pair", "tuple"))
"""Functions of the library whose result is or holds their arguments."""


def method(evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], receiver: Value) -> Value:
    """What a method of such an object does, and gives."""
    targets = receiver.targets
    content = evaluator.memory.content(targets) if targets else receiver
    kept = frozenset(t for t in content.taints if t.kind != "uninit")
    span, name = invoke.span, invoke.name
    if name in _FILLED or name in _ADDED or name in _MADE or not name.islower():
        taints, trail = kept, content.trail
        for value in args:
            inner = _inner(evaluator, value)
            taints |= frozenset(t for t in inner.taints | value.taints if t.kind != "uninit")
            trail = trail or inner.trail or value.trail
        if targets and taints:
            whole = Value(None, limited(taints), (), trail)
            evaluator.memory.store(targets, whole.via(span, f"put in by '{name}'"), whole=True)
        elif targets and any(t.kind == "uninit" for t in content.taints):
            evaluator.memory.store(targets, Value(atom(evaluator.frame.opaque("call", name, span, "self"))), whole=True)
    fresh = Value(atom(evaluator.frame.opaque("call", name or "pointer", span)))
    if name in _COUNTED and fresh.term is not None:
        evaluator.state.learn(Bound(scale(fresh.term, -1).vector, 0))
    if name == "top" and _holds_numbers(evaluator, invoke):
        return Value(fresh.term, frozenset(t for t in kept if is_secret(t)), (), content.trail)
    if targets and (name in _DERIVED or (name in _SEARCHED and any(t.kind == "param" or is_secret(t) for t in kept))):
        return Value(fresh.term, NO_TAINT, (Target(targets[0].location, ZERO, None),), content.trail)
    if name in _COUNTED and kept:
        known = frozenset(t for t in kept if not is_secret(t))
        return Value(fresh.term, known, (), content.trail)
    if len(targets) == 1 and _came_in(evaluator, invoke.receiver, targets[0].location):
        answer = of_symbol(targets[0].location.step(f"{name}{ANSWER}"), content.trail)
        return answer.via(span, f"answered by '{name}'")
    return fresh


def _came_in(evaluator: Evaluator, receiver: Expression | None, location: Symbol) -> bool:
    """Whether an object of a known class came in by its address: what it answers is as much the host's as its members
    are. Of what an answer leads to nothing is known."""
    if location.kind != "param" or location.path != (DEREF,):
        return False
    ref = evaluator.type_of(receiver) if receiver is not None else None
    found = evaluator.frame.layout.definition(ref) if ref is not None else None
    return found is not None and bool(found.members)


def _holds_numbers(evaluator: Evaluator, invoke: Invoke) -> bool:
    """Whether the elements of a container are plain numbers, so that it gives them out as they are."""
    ref = evaluator.type_of(invoke.receiver)
    held = evaluator.frame.layout.resolve(ref.arguments[0]) if ref is not None and ref.arguments else None
    return held is not None and held.kind is TypeKind.BUILTIN and not held.is_pointer


def put(evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...]) -> None:
    """`stream << value`: the stream, when it is an object of the function's, holds the value."""
    if invoke.name == "operator<<" and len(args) == 2 and isinstance(invoke.args[0], Place):
        stream = evaluator.places.address(invoke.args[0])
        if all(t.location.kind in ("local", "heap") for t in stream.targets):
            method(evaluator, replace(invoke, name="append"), args[1:], stream)


def made(evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], fresh: Value) -> Value:
    """What a function that nobody sees gives: the library's own put their arguments into it."""
    if invoke.name not in _MAKERS or (invoke.name == "get" and not invoke.qualified.startswith("std::get")):
        return fresh
    inner = [_inner(evaluator, value) for value in args]
    taints = frozenset(t for value in inner for t in value.taints if t.kind == "param" or is_secret(t))
    trail = next((v.trail for v in inner if v.trail is not None), None)
    return Value(fresh.term, limited(taints), (), trail) if taints else fresh


def with_members(evaluator: Evaluator, given: Expression, value: Value) -> Value:
    """A struct by value with the secrets that are in its members."""
    if value.targets or not isinstance(given, Place) or evaluator.containers.type_of(given) is not None:
        return value
    ref = evaluator.type_of(given)
    if ref is None or ref.is_pointer or evaluator.frame.layout.definition(ref) is None:
        return value
    content = evaluator.memory.content(evaluator.places.address(given).targets)
    taints = frozenset(t for t in content.taints if t.kind == "param" or is_secret(t))
    return value.tainted(taints, content.trail) if taints else value


def _inner(evaluator: Evaluator, value: Value) -> Value:
    """What an argument points to, or what it is."""
    return pointed(evaluator, value) or value


def pointed(evaluator: Evaluator, value: Value) -> Value | None:
    """What an address points to, also one that came in; None for what is no address."""
    if value.targets:
        return evaluator.memory.content(value.targets)
    base = evaluator.pointing.base(value)
    ref = evaluator.frame.type_of(base) if base is not None else None
    if ref is None or not ref.is_pointer:
        return None
    return evaluator.memory.content(evaluator.pointing.targets(value))
