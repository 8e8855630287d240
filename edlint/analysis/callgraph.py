"""What the boundary reaches inside the enclave: which function calls which, in an order that has callees first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from edlint.analysis.components import components_of
from edlint.analysis.layout import Layout
from edlint.analysis.proxies import Proxies
from edlint.analysis.resolve import MAX_CLASSES, MAX_TARGETS, Resolver
from edlint.analysis.threads import started
from edlint.model.ir import Address, Aggregate, Assign, Invoke, Op, Place, Return, walk
from edlint.model.ir import Value as Expression
from edlint.model.program import Program, Side
from edlint.model.unit import Function
from edlint.source import Gap

MAX_LEVELS = 6
"""Callers above an OCALL that are looked at although no ECALL is seen to reach them."""

MAX_ROOTS = 1200

MAX_NAMES = 6
"""Names of methods that a gap shows."""


@dataclass(frozen=True, eq=False)
class CallGraph:
    """The trusted functions that matter, and their calls."""

    roots: tuple[Function, ...]
    """Implementations of ECALLs first, then trusted code that uses OCALLs and that nobody is seen to call."""
    reached: tuple[Function, ...]
    """All functions reached from the roots, callees before callers."""
    components: tuple[tuple[Function, ...], ...]
    """The reached functions by cycles of calls, callees first; inside a cycle they are the ones a walk leaves first."""
    calls: Mapping[Function, tuple[Function, ...]]
    taken: frozenset[Function]
    """Functions whose address is taken somewhere, so that unseen code may call them."""
    resolver: Resolver

    @staticmethod
    def build(program: Program, proxies: Proxies, layout: Layout) -> CallGraph:
        """The graph over the bodies of what is reached; nothing else is lowered."""
        generated = frozenset(u.path for u in program.units if u.generated)
        roots = _roots(program, generated)
        resolver = Resolver(program, layout)
        reader = _Reader(program, proxies, generated, resolver)
        calls = reader.follow(roots)
        components = components_of(calls, lambda f: calls.get(f, ()))
        reached = tuple(f for c in components for f in c)
        return CallGraph(roots, reached, components, calls, frozenset(reader.taken), resolver)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Calls that are not followed, in one sentence."""
        crowded = sorted(self.resolver.crowded.items(), key=lambda c: c[1].span.order)
        if not crowded:
            return ()
        names = ", ".join(f"'{name}'" for name, _ in crowded[:MAX_NAMES])
        more = f" and {len(crowded) - MAX_NAMES} more" if len(crowded) > MAX_NAMES else ""
        what = f"calls that many definitions fit are followed into a few of them or none: {names}{more}"
        span = crowded[0][1].span
        return (Gap(span.path, span, what, "partial-analysis"),)

    @cached_property
    def _callers(self) -> Mapping[Function, tuple[Function, ...]]:
        found: dict[Function, list[Function]] = {}
        for caller, callees in self.calls.items():
            for callee in callees:
                found.setdefault(callee, []).append(caller)
        return {callee: tuple(callers) for callee, callers in found.items()}

    def callers(self, function: Function) -> frozenset[Function]:
        """The reached functions that call a function, directly or not."""
        found: set[Function] = set()
        pending = [function]
        while pending:
            for caller in self._callers.get(pending.pop(), ()):
                if caller not in found:
                    found.add(caller)
                    pending.append(caller)
        return frozenset(found)

    def callees(self, invoke: Invoke, caller: Function) -> tuple[Function, ...]:
        """The definitions that a call may reach, function pointers by the name they are stored under included."""
        return self.resolver.callees(invoke, caller)


def _roots(program: Program, generated: frozenset[str]) -> tuple[Function, ...]:
    roots: dict[Function, None] = {}
    for implementation in program.implementations:
        if implementation.call.is_ecall and implementation.function.path not in generated:
            roots[implementation.function] = None
    wanted = {c.name for i in program.interfaces for c in i.ocalls} | program.sdk.proxied
    candidates = [
        f
        for unit in program.units
        if not unit.generated and program.side(unit.path) in (Side.TRUSTED, Side.BOTH)
        for f in unit.functions
    ]
    # Whatever leads to an OCALL, by names alone: wrappers first, then who names them, as far as a name says whom.
    for _ in range(MAX_LEVELS):
        found = [f for f in candidates if f not in roots and not wanted.isdisjoint(f.called)]
        if not found or len(roots) + len(found) > MAX_ROOTS:
            break
        roots.update((f, None) for f in found)
        wanted = {f.name for f in found if not _is_common(program, f.name)}
    return tuple(roots)


def _is_common(program: Program, name: str) -> bool:
    """Whether methods of many classes have a name."""
    return len({f.owner for f in program.functions.get(name, ()) if f.owner}) > MAX_CLASSES


class _Reader:
    """Follows calls from the roots and collects where addresses of functions go."""

    def __init__(self, program: Program, proxies: Proxies, generated: frozenset[str], resolver: Resolver) -> None:
        self._program = program
        self._proxies = proxies
        self._generated = generated
        self._resolver = resolver
        self.taken: dict[Function, None] = {}
        self._passed: dict[tuple[str, int], dict[Function, None]] = {}
        self._bound: dict[tuple[str, int], dict[str, None]] = {}

    def follow(self, roots: tuple[Function, ...]) -> dict[Function, tuple[Function, ...]]:
        """The reached functions with what they call, until no function pointer leads to another one."""
        calls: dict[Function, tuple[Function, ...]] = {}
        pending = list(reversed(roots))
        self._globals()
        while pending:
            while pending:
                function = pending.pop()
                if function in calls or function.path in self._generated:
                    continue
                calls[function] = ()
                pending.extend(reversed(self._read(function)))
            for function in list(calls):
                found = self._callees(function)
                calls[function] = found
                pending.extend(f for f in found if f not in calls)
            pending.extend(f for f in self.taken if f not in calls)
            pending = [f for f in pending if f.path not in self._generated and f not in calls]
        return {f: tuple(c for c in found if c in calls) for f, found in calls.items()}

    def _globals(self) -> None:
        for name, variables in self._program.globals.items():
            for variable in variables:
                if variable.initialiser is not None:
                    self._values(variable.initialiser, name)

    def _callees(self, function: Function) -> tuple[Function, ...]:
        found: dict[Function, None] = {}
        for invoke in function.body.invokes():
            if self._proxies.of(invoke, function) is None:
                found.update((f, None) for f in self._resolver.callees(invoke, function))
                if (thread := started(invoke)) is not None:
                    found.update((f, None) for f in self._resolver.callees(thread, function))
        return tuple(found)

    def _read(self, function: Function) -> tuple[Function, ...]:
        for op in function.body.ops():
            self._op(op, function)
        for block in function.body.blocks:
            if isinstance(block.end, Return) and block.end.value is not None:
                self._values(block.end.value, "", function)
        return self._callees(function)

    def _op(self, op: Op, function: Function) -> None:
        match op:
            case Assign(target=target, value=value):
                names = [str(n) for s in target.steps if (n := getattr(s, "name", ""))]
                name = names[-1] if names else target.root
                self._values(value, name, function)
                if isinstance(value, Place) and not value.steps:
                    variable = function.body.variables.get(value.root)
                    if variable is not None and variable.index >= 0:
                        self._bind((function.name, variable.index), name)
            case Invoke(args=args, name=name):
                for position, arg in enumerate(args):
                    for found in self._functions(arg, function):
                        self.taken[found] = None
                        passed = self._passed.setdefault((name, position), {})
                        if found not in passed:
                            passed[found] = None
                            for to in self._bound.get((name, position), ()):
                                self._store(to, found)
            case _:
                pass

    def _bind(self, parameter: tuple[str, int], name: str) -> None:
        bound = self._bound.setdefault(parameter, {})
        if name not in bound:
            bound[name] = None
            for function in self._passed.get(parameter, ()):
                self._store(name, function)

    def _values(self, value: Expression, name: str, caller: Function | None = None) -> None:
        if isinstance(value, Aggregate):
            for field, item in value.items:
                self._values(item, field.lstrip(".") if field else name, caller)
            return
        for function in self._functions(value, caller):
            self.taken[function] = None
            if name:
                self._store(name, function)

    def _store(self, name: str, function: Function) -> None:
        known = self._resolver.stored.setdefault(name, [])
        if function not in known and len(known) < MAX_TARGETS:
            known.append(function)

    def _functions(self, value: Expression, caller: Function | None = None) -> Iterator[Function]:
        """Functions whose address is part of a value; methods only where their class is written before them."""
        for inner in walk(value):
            if isinstance(inner, Address):
                inner = inner.place
            if not isinstance(inner, Place) or inner.steps or inner.root in self._program.globals:
                continue
            if caller is not None and inner.root in caller.body.variables:
                continue
            scoped = "::" in inner.root
            for function in self._program.functions.get(inner.root.rsplit("::", 1)[-1], ()):
                named = function.qualified.endswith(inner.root) if scoped else not function.owner
                if named and self._program.side(function.path) is not Side.UNTRUSTED:
                    yield function
