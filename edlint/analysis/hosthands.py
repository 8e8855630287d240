"""What a host function does with the parameters that it is given: the shell, the loader, files, mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edlint.model.ir import Address, Assign, Binary, Branch, Cast, Invoke, Opaque, Place, Value, walk
from edlint.model.program import Program, Side
from edlint.model.sdk import Spot
from edlint.model.unit import Function

KINDS = ("shell-command", "code-loading", "file-path", "raw-memory")
_COMPARES = frozenset(
    {"strcmp", "strncmp", "strcasecmp", "strncasecmp", "memcmp", "strstr", "strchr", "strspn", "strcspn"}
)
_COMPARES |= {"realpath", "basename", "compare", "find", "starts_with", "ends_with", "rfind", "fnmatch", "regex_match"}
_DEPTH = 3
"""Calls of helpers that are followed."""

_MEANT = 8
"""Definitions that a call may mean; a name that more share says nothing."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A parameter that reaches such a function."""

    param: int
    kind: str
    """One of KINDS."""
    path: tuple[tuple[Function, Invoke], ...]
    """From the function asked about: the calls of helpers, then the call that does it."""


@dataclass(frozen=True, slots=True)
class _Flow:
    """Which parameters a variable may hold, and whether unchanged."""

    params: frozenset[int]
    direct: bool


class HostHands:
    """What becomes of the parameters of host functions.

    A parameter that is compared with anything counts as checked and is left out. A file path counts only when it
    is the parameter itself: what the host puts a folder or an extension to is a name, not a path of the enclave's.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[tuple[Function, int], tuple[Handed, ...]] = {}

    @staticmethod
    def build(program: Program) -> HostHands:
        """Nothing is looked at before it is asked for."""
        return HostHands(program)

    def of(self, function: Function, depth: int = _DEPTH) -> tuple[Handed, ...]:
        """Where the parameters of a function go, in the order of the text; `depth` calls of helpers are followed."""
        key = (function, depth)
        if key not in self._known:
            self._known[key] = tuple(self._find(function, depth))
        return self._known[key]

    def _find(self, function: Function, depth: int) -> Iterator[Handed]:
        program = self._program
        flows = _flows(program, function)
        checked = _checked(function, flows)
        for invoke in function.body.invokes():
            given = [_of(value, flows) for value in invoke.args]
            receiver = _of(invoke.receiver, flows) if invoke.receiver is not None else None
            if not any(flow.params - checked for flow in (*given, receiver) if flow is not None):
                continue
            targets = program.resolve(invoke, function)
            if not targets:
                yield from self._done(function, invoke, flows, checked)
            elif depth and len(targets) <= _MEANT:
                yield from self._helped(function, invoke, targets, given, checked, depth)

    def _done(
        self, function: Function, invoke: Invoke, flows: Mapping[str, _Flow], checked: frozenset[int]
    ) -> Iterator[Handed]:
        rows = self._program.sdk.about(invoke.name, invoke.qualified, method=invoke.receiver is not None)
        for row in rows:
            if row.word != "sink" or row.kind not in KINDS:
                continue
            for value in _at(row.at, invoke):
                flow = _of(value, flows)
                if row.kind != "file-path" or flow.direct:
                    yield from (Handed(p, row.kind, ((function, invoke),)) for p in sorted(flow.params - checked))

    def _helped(
        self,
        function: Function,
        invoke: Invoke,
        targets: Sequence[Function],
        given: Sequence[_Flow],
        checked: frozenset[int],
        depth: int,
    ) -> Iterator[Handed]:
        for target in targets:
            if target is function or self._program.side(target.path) is Side.TRUSTED:
                continue
            for step in self.of(target, depth - 1):
                if step.param >= len(given):
                    continue
                flow = given[step.param]
                if step.kind != "file-path" or flow.direct:
                    for p in sorted(flow.params - checked):
                        yield Handed(p, step.kind, ((function, invoke), *step.path))


def _flows(program: Program, function: Function) -> dict[str, _Flow]:
    """By variable: the parameters whose value may be in it, regardless of the order of the statements."""
    flows = {p.key: _Flow(frozenset({p.index}), True) for p in function.params if p.index >= 0}
    changed = True
    while changed:
        changed = False
        for op in function.body.ops():
            if isinstance(op, Assign):
                changed |= _add(flows, op.target.root, _of(op.value, flows), not op.compound)
            elif isinstance(op, Invoke):
                method = op.receiver is not None
                rows = program.sdk.about(op.name, op.qualified, method=method, arguments=len(op.args))
                for row in rows:
                    if row.word == "flow" and row.to is not None:
                        # A copy is the same text; what is formatted or appended is another.
                        same = op.name in ("strdup", "string", "c_str", "data", "move", "strcpy", "strncpy", "memcpy")
                        for source in _at(row.at, op):
                            for target in _roots(row.to, op):
                                changed |= _add(flows, target, _of(source, flows), same)
    return flows


def _add(flows: dict[str, _Flow], root: str, flow: _Flow, direct: bool) -> bool:
    if not flow.params:
        return False
    old = flows.get(root, _Flow(frozenset(), True))
    new = _Flow(old.params | flow.params, old.direct and flow.direct and direct)
    if new == old:
        return False
    flows[root] = new
    return True


def _of(value: Value, flows: Mapping[str, _Flow]) -> _Flow:
    params: frozenset[int] = frozenset()
    direct = not isinstance(value, Binary | Opaque)
    for part in walk(value):
        place = part.place if isinstance(part, Address) else part
        if isinstance(place, Place) and place.root in flows:
            flow = flows[place.root]
            params |= flow.params
            direct = direct and flow.direct
        elif isinstance(part, Binary):
            direct = False
    return _Flow(params, direct)


def _checked(function: Function, flows: Mapping[str, _Flow]) -> frozenset[int]:
    """Parameters that are compared with something before anybody uses them, as far as one can tell by name."""
    found: set[int] = set()
    for invoke in function.body.invokes():
        if invoke.name in _COMPARES:
            for value in (*invoke.args, *((invoke.receiver,) if invoke.receiver is not None else ())):
                found |= _of(value, flows).params
    for block in function.body.blocks:
        if isinstance(block.end, Branch):
            for part in walk(block.end.condition):
                # A look at the characters, or a comparison of numbers; a NULL test is no check.
                if isinstance(part, Place) and part.steps:
                    found |= _of(part, flows).params
                elif isinstance(part, Binary):
                    found |= {p for p in _of(part, flows).params if not function.params[p].type.is_pointer}
    return frozenset(found)


def _at(spot: Spot, invoke: Invoke) -> tuple[Value, ...]:
    if spot.arg == -2:
        return (invoke.receiver,) if invoke.receiver is not None else ()
    if spot.arg < 0:
        return ()
    return invoke.args[spot.arg :] if spot.rest else invoke.args[spot.arg : spot.arg + 1]


def _roots(spot: Spot, invoke: Invoke) -> tuple[str, ...]:
    if spot.arg == -1:
        return (invoke.target.root,) if invoke.target is not None else ()
    values = _at(spot, invoke)
    found = []
    for value in values:
        inner = value.operand if isinstance(value, Cast) else value
        place = inner.place if isinstance(inner, Address) else inner
        if isinstance(place, Place):
            found.append(place.root)
    return tuple(found)
