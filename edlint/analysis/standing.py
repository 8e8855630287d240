"""Members of objects that outlive a call: what globals are where the code is written in classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from edlint.analysis.entries import Entries
from edlint.analysis.rerooted import rerooted
from edlint.model.ir import Address, Assign, Body, Deref, Field, Invoke, Number, Opaque, Place, Scope, Variable
from edlint.model.program import Program, Side
from edlint.model.types import Member, TypeRef
from edlint.model.unit import Function

OWNING = frozenset({"unique_ptr", "shared_ptr"})

MAKES = re.compile(r"operator new|(?:std::)?make_(?:unique|shared)")

_GIVEN = re.compile(r"\s*(?:\[[^\[\]\n]{0,64}\]\s*){0,3}(?:=\s*)?(?P<value>[^;,\n]{0,64})")
_EMPTY = re.compile(r"\{\s*(?:0|nullptr|NULL)?\s*\}|0|nullptr|NULL|false")

Reroot = Callable[[Place], Place]


@dataclass(frozen=True)
class Standing:
    """The members of classes of which every object that the ECALLs reach is a global or a static one."""

    variables: Mapping[str, Variable]
    """By `Class::member`, as if they were globals of that name."""
    bodies: Mapping[Function, Body]
    """Of the reached functions that mention such members: what they do, with the members under those names."""

    @staticmethod
    def build(program: Program, entries: Entries) -> Standing:
        """Find the classes, then name their members in every function that the ECALLs reach."""
        reached = tuple(entries.graph.reached)
        instances = dict(_instances(program, reached))
        classes = set(instances.values()) - _elsewhere(program, reached, set(instances.values()))
        filled = _filled(program, classes)
        variables = {
            name: _variable(name, member, name in filled)
            for each in sorted(classes)
            if (found := program.types.get(each)) is not None
            for member in found.members
            if (name := f"{each}::{member.name}") not in program.globals
        }
        bodies: dict[Function, Body] = {}
        for function in reached:
            body = rerooted(function.body, _reroot(program, function, instances, variables))
            if body is not function.body:
                bodies[function] = body
        return Standing(variables, bodies)

    def body(self, function: Function) -> Body:
        """What a function does, with the members under the names of `variables`."""
        return self.bodies.get(function, function.body)


def _plain(name: str) -> str:
    return name.rsplit("::", 1)[-1]


def _class_of(used: TypeRef) -> str:
    """The class of which a variable is an object, or leads to one by one pointer; empty for anything else."""
    if used.dims or used.pointers > 1:
        return ""
    if _plain(used.base) in OWNING and used.arguments:
        used = used.arguments[0]
    return "" if used.pointers and used.dims else _plain(used.base)


def _instances(program: Program, reached: Iterable[Function]) -> Iterator[tuple[str, str]]:
    """Globals, and static variables of functions as `function:key`, that are or lead to an object; with its class."""
    owners = {f.owner for f in reached if f.owner}
    for name, variables in program.globals.items():
        mine = (v for v in variables if program.side(v.span.path) is not Side.UNTRUSTED and not v.thread_local)
        if found := next((c for v in mine if (c := _class_of(v.type)) in owners), ""):
            yield name, found
    for function in reached:
        for key, variable in function.body.variables.items():
            if variable.scope is Scope.STATIC and (found := _class_of(variable.type)) in owners:
                yield f"{function.qualified}:{key}", found


def _elsewhere(program: Program, reached: Iterable[Function], classes: set[str]) -> set[str]:
    """Those of the classes of which a call, a container or another object may hold one of its own."""
    found: set[str] = set()
    if not classes:
        # Types are laid out when they are looked at.
        return found
    for variables in program.globals.values():
        for variable in variables:
            found |= _held(variable.type)
    for used in (m.type for each in program.types.values() for m in each.members):
        found |= _held(used) | ({_plain(used.base)} if not used.reference else set())
    for function in reached:
        made: dict[str, str] = {}
        for variable in function.body.variables.values():
            used, own = variable.type, variable.scope in (Scope.LOCAL, Scope.TEMP, Scope.PARAM)
            if own and not used.reference and not used.pointers:
                found |= {_plain(used.base)} | {_plain(a.base) for a in used.arguments}
        for op in function.body.ops():
            match op:
                case Invoke(receiver=Place(root=root)) if root in made:
                    made[root] = op.name
                case Invoke(target=Place(root=root, steps=())) if MAKES.fullmatch(op.qualified or op.name):
                    made[root] = ""
                case Assign(target=Place(root=root, steps=()), value=Place(root=given)) if made.get(given):
                    known = function.body.variables.get(root)
                    if known is not None and known.scope is Scope.LOCAL:
                        found.add(made[given])
                case _:
                    pass
    return found & classes


def _held(used: TypeRef) -> set[str]:
    """The classes of the elements of a container or an array."""
    if used.dims:
        return {_plain(used.base)}
    return set() if _plain(used.base) in OWNING else {_plain(a.base) for a in used.arguments}


def _filled(program: Program, classes: set[str]) -> set[str]:
    """The members to which a constructor gives a value other than nothing."""
    found: set[str] = set()
    for each in classes:
        for function in program.functions.get(each, ()):
            if function.owner != each:
                continue
            for op in function.body.ops():
                for place in _given(op):
                    if place.root == "this" and len(place.steps) > 1 and isinstance(place.steps[1], Field):
                        found.add(f"{each}::{place.steps[1].name}")
    return found


def _given(op: object) -> Iterator[Place]:
    match op:
        case Assign(target=target, value=Number(value=0)):
            pass
        case Assign(target=target):
            yield target
        case Invoke(target=target, receiver=receiver, args=args):
            yield from (p for p in (target, receiver, *args) if isinstance(p, Place))
            yield from (a.place for a in args if isinstance(a, Address))
        case _:
            pass


def _variable(name: str, member: Member, filled: bool) -> Variable:
    text = member.span.source.text
    given = _GIVEN.match(text, member.span.end)
    written = given["value"].strip() if given is not None else ""
    starts_empty = not filled and (not written or _EMPTY.fullmatch(written) is not None)
    value = None if starts_empty else Opaque("member", (), member.span)
    return Variable(name, name, member.type, member.span, Scope.GLOBAL, find_initialiser=lambda: value)


def _reroot(
    program: Program, function: Function, instances: Mapping[str, str], variables: Mapping[str, Variable]
) -> Reroot:
    own = function.body.variables

    def named(class_: str, place: Place, taken: int) -> Place:
        step = place.steps[taken] if len(place.steps) > taken else None
        name = f"{class_}::{step.name}" if isinstance(step, Field) else ""
        known = name in variables or name in program.globals
        return replace(place, root=name, steps=place.steps[taken + 1 :]) if known else place

    def of(place: Place) -> Place:
        if place.root == "this":
            return named(function.owner, place, 1)
        known = own.get(place.root)
        local = known is not None and known.scope is not Scope.GLOBAL
        class_ = instances.get(f"{function.qualified}:{place.root}" if local else place.root, "")
        if class_:
            return named(class_, place, 1 if place.steps and isinstance(place.steps[0], Deref) else 0)
        return place

    return of
