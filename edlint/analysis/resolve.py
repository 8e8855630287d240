"""Which definitions a call may mean: by name, scope, class of the receiver and number of arguments.

The policy for calls of methods: where the class of the receiver is known, its own method; where it is not known, or
gives the method to its heirs, every method of that name, as long as these are of a few classes. A name that many
classes share (`size`, `read`, `operator()`) says too little: such a call is followed nowhere, and that is told.
A plain name in a method is the class's own, else a free function. Of several definitions of one function, as trees
with a port to every platform or with copies of a library have them, those of the enclave's own files count, and of
these the one that is nearest in the folders.
"""

from __future__ import annotations

from collections.abc import Sequence

from edlint.analysis.layout import Layout
from edlint.model.ir import Deref, Field, Index, Invoke, Place
from edlint.model.program import Program, Side, may_link
from edlint.model.types import TypeKind, TypeRef
from edlint.model.unit import Function
from edlint.source import Span

MAX_TARGETS = 8
"""Functions that one function pointer is followed to."""

MAX_OVERLOADS = 4
"""Definitions that one call is followed into."""

MAX_CLASSES = 4
"""Classes whose methods a call may mean when nothing tells which."""

_OWNING = frozenset(("unique_ptr", "shared_ptr", "weak_ptr", "auto_ptr", "optional", "scoped_refptr"))
"""Templates whose `->` leads to their first argument."""

_STANDARD = frozenset(
    ("string", "vector", "map", "set", "unordered_map", "unordered_set", "list", "deque", "pair", "tuple", "array")
)
"""Classes of the standard library, as they are written without `std::`."""

_MEMORY = frozenset(("operator new", "operator delete"))
"""What a class has of these is for its own objects, and the call does not say of which type one is."""


class Resolver:
    """Finds what calls mean in one program."""

    def __init__(self, program: Program, layout: Layout) -> None:
        self._program = program
        self._layout = layout
        self._known: dict[tuple[int, Span], tuple[Function, ...] | None] = {}
        self._written: dict[tuple[str, str, int, str | None, str, str], tuple[Function, ...] | None] = {}
        self.stored: dict[str, list[Function]] = {}
        """By name of a member or variable: the functions whose address is stored there."""
        self.crowded: dict[str, Invoke] = {}
        """Names that say too little, with the first call that was not followed, or not everywhere."""

    def callees(self, invoke: Invoke, caller: Function) -> tuple[Function, ...]:
        """The definitions that a call may reach, function pointers by the name they are stored under included."""
        found = self._named(invoke, caller) if invoke.name else None
        if found is not None:
            return found
        name = _stored_name(invoke)
        return tuple(self.stored.get(name, ()))[:MAX_TARGETS] if name else ()

    def _named(self, invoke: Invoke, caller: Function) -> tuple[Function, ...] | None:
        """The same by the name of the call; None when there is none of that name."""
        key = (id(invoke), invoke.span)
        if key not in self._known:
            self._known[key] = self._meant(invoke, caller)
        return self._known[key]

    def _meant(self, invoke: Invoke, caller: Function) -> tuple[Function, ...] | None:
        receiver = invoke.receiver
        class_ = None
        if receiver is not None:
            class_ = self._class_of(receiver, caller) if isinstance(receiver, Place) else ""
        # Calls that are written alike in one file or class mean the same.
        written = (invoke.name, invoke.qualified, len(invoke.args), class_, caller.path, caller.owner)
        if written not in self._written:
            found: Sequence[Function] | None
            if class_ is not None:
                candidates = self._program.functions.get(invoke.name, ())
                methods = [f for f in candidates if f.owner and self._linked(f, caller)]
                found = self._methods(methods, invoke, caller, class_) if methods else None
            else:
                found = self._plain(invoke, caller)
            nearest = _nearest(self._own(found), caller) if found is not None else None
            self._written[written] = self._first(nearest, invoke) if nearest is not None else None
        return self._written[written]

    def _own(self, found: Sequence[Function]) -> Sequence[Function]:
        """Of definitions of the same function, those in files of the enclave alone, where there are any."""
        if len(found) < 2:
            return found
        inside = {_same(f) for f in found if self._program.side(f.path) is Side.TRUSTED}
        return [f for f in found if _same(f) not in inside or self._program.side(f.path) is Side.TRUSTED]

    def _first(self, found: tuple[Function, ...], invoke: Invoke) -> tuple[Function, ...]:
        if len(found) > MAX_OVERLOADS:
            self.crowded.setdefault(invoke.name, invoke)
        return found[:MAX_OVERLOADS]

    def _linked(self, function: Function, caller: Function) -> bool:
        side, other = self._program.side(caller.path), self._program.side(function.path)
        if function.path == caller.path:
            return other is not Side.UNTRUSTED
        return other is not Side.UNTRUSTED and may_link(side, other)

    def _plain(self, invoke: Invoke, caller: Function) -> Sequence[Function] | None:
        """What a name without a receiver means; None when there is nothing of that name."""
        program = self._program
        found = [f for f in program.resolve(invoke, caller) if program.side(f.path) is not Side.UNTRUSTED]
        if not found:
            return None
        fitting = _fitting(found, invoke)
        methods = [f for f in fitting if f.owner]
        if not methods:
            return fitting
        if invoke.name in _MEMORY:
            return [f for f in fitting if not f.owner]
        if invoke.qualified != invoke.name:
            exact = [f for f in fitting if f.qualified.endswith(invoke.qualified)]
            return exact or [*(f for f in fitting if not f.owner), *self._few(methods, invoke)]
        same = [f for f in program.functions.get(invoke.name, ()) if f.owner == caller.owner != ""]
        own = _fitting([f for f in same if self._linked(f, caller)], invoke)
        if own:
            return own
        free = [f for f in fitting if not f.owner or f.name == f.owner]
        return free or (self._few(methods, invoke) if caller.owner else [])

    def _methods(
        self, methods: Sequence[Function], invoke: Invoke, caller: Function, class_: str
    ) -> Sequence[Function]:
        fitting = [f for f in methods if f.variadic or len(f.params) >= len(invoke.args)]
        own = [f for f in fitting if f.owner == class_.rsplit("::", 1)[-1]]
        if own or class_.startswith("std::") or class_ in _STANDARD:
            return own
        return self._few([f for f in fitting if f.path == caller.path] or fitting, invoke)

    def _few(self, methods: Sequence[Function], invoke: Invoke) -> Sequence[Function]:
        """The methods that a call may mean, none when they are of too many classes."""
        if len({f.owner for f in methods}) > MAX_CLASSES:
            self.crowded.setdefault(invoke.name, invoke)
            return []
        return methods

    def _class_of(self, place: Place, caller: Function) -> str:
        """The class of an object, empty where it is not known."""
        ref = self._root_type(place.root, caller)
        for step in place.steps:
            if ref is None:
                return ""
            match step:
                case Field(name=name):
                    ref = self._layout.type_of_member(ref, name)
                case Deref() | Index():
                    ref = self._behind(ref)
        if ref is None or ref.is_pointer or ref.base == "auto":
            return ""
        return self._layout.resolve(ref).base

    def _root_type(self, root: str, caller: Function) -> TypeRef | None:
        if root == "this":
            return TypeRef(caller.owner, TypeKind.NAMED, pointers=1) if caller.owner else None
        variable = caller.body.variables.get(root)
        if variable is None:
            variable = next(iter(self._program.globals.get(root, ())), None)
        return variable.type if variable is not None else None

    def _behind(self, ref: TypeRef) -> TypeRef | None:
        """What `*x`, `x->` and `x[i]` are."""
        inner = self._layout.pointee(ref)
        if inner is not None:
            return inner
        owning = ref.base.rsplit("::", 1)[-1] in _OWNING and ref.arguments
        return ref.arguments[0] if owning else None


def _fitting(found: Sequence[Function], invoke: Invoke) -> Sequence[Function]:
    """The definitions that take as many arguments, all where none does."""
    # Of overloads, the one that takes so many; a default argument may stand for more.
    exact = [f for f in found if len(f.params) == len(invoke.args)]
    return exact or [f for f in found if f.variadic or len(f.params) >= len(invoke.args)] or found


def _nearest(found: Sequence[Function], caller: Function) -> tuple[Function, ...]:
    """Of definitions of the same function, the ones that are nearest in the folders."""
    if len(found) < 2:
        return tuple(found)
    best: dict[tuple[str, int], int] = {}
    depths: list[int] = []
    for function in found:
        key, depth = _same(function), _shared(function.path, caller.path)
        depths.append(depth)
        best[key] = max(best.get(key, 0), depth)
    return tuple(f for f, depth in zip(found, depths, strict=True) if depth == best[_same(f)])


def _same(function: Function) -> tuple[str, int]:
    """What the definitions of one function have in common."""
    return function.qualified, len(function.params)


def _shared(one: str, two: str) -> int:
    """How many folders two paths have in common."""
    count = 0
    for first, second in zip(one.split("/")[:-1], two.split("/")[:-1], strict=False):
        if first != second:
            break
        count += 1
    return count


def _stored_name(invoke: Invoke) -> str:
    place = invoke.callee if isinstance(invoke.callee, Place) else None
    if place is None:
        return invoke.name
    for step in reversed(place.steps):
        name = getattr(step, "name", "")
        if name:
            return str(name)
    return place.root
