"""Calls whose status nobody acts on: of the SDK's functions, of OCALLs, and of helpers that tell of either."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.outcomes import (
    At,
    Fate,
    fate,
    invokes_with_place,
    is_followed_after,
    is_read_after,
    is_retried,
    is_set_before,
    variable_of,
)
from edlint.analysis.proxies import Proxies, ProxyUse
from edlint.analysis.reported import is_only_reported
from edlint.analysis.reporters import TEARDOWN, Reporters
from edlint.analysis.rows import rows_of
from edlint.analysis.taint.symbols import SECRETS
from edlint.analysis.untested import used_untested
from edlint.analysis.unused import is_for_nothing
from edlint.model.ir import Body, Invoke, Scope, Variable
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.source import Span

VERIFIES = re.compile(r"verif|unseal|check_mac|authenticat|unmac|gcm_?decrypt", re.IGNORECASE)
NEGLECT = {Fate.DROPPED: "", Fate.UNREAD: "unread", Fate.OVERWRITTEN: "unread"}


@dataclass(frozen=True, slots=True)
class Neglect:
    """One call whose status is not acted on."""

    invoke: Invoke
    variant: str
    label: str
    kind: str
    values: tuple[str, ...] = ()
    """Variables that the call should have filled."""
    use: Span | None = None
    """Where what it gave is used too early."""


def neglects(program: Program, proxies: Proxies, function: Function) -> Iterator[Neglect]:
    """The calls of the SDK and of OCALLs in a function whose status it neglects."""
    body = function.body
    for at, invoke in invokes_with_place(body):
        use = proxies.of(invoke, function)
        if use is not None and use.call.is_ocall and not use.direct:
            yield from _ocall(body, at, use)
        elif invoke.name in program.sdk.statuses and not TEARDOWN.search(invoke.name) and invoke.receiver is None:
            yield from _library(program, function, at, invoke)
        decides = VERIFIES.search(invoke.name) or _gives_secret(program, invoke)
        if not (decides and _gives_status(program, function, invoke)):
            continue
        if is_only_reported(program, function.body, at):
            yield Neglect(invoke, "logged", "its failure is reported, then ignored", "function")


def _ocall(body: Body, at: At, use: ProxyUse) -> Iterator[Neglect]:
    """An OCALL that should have filled a variable which nothing has set and which is read."""
    variant = NEGLECT.get(fate(body, at))
    if variant is None:
        return
    outputs = [use.result, *(a for a, p in zip(use.args, use.call.params, strict=True) if p.bridge.copies_out)]
    keys = tuple(key for key in dict.fromkeys(variable_of(o) for o in outputs) if key is not None)
    if any(is_retried(body, at, key) for key in keys):
        return
    result = variable_of(use.result) if use.result is not None else None
    filled = tuple(
        key
        for key in keys
        if (variable := body.variables.get(key)) is not None
        and _is_filled(variable, result=key == result)
        and not is_set_before(body, at, key)
        and (is_read_after(body, at, key) if variable.scope is Scope.LOCAL else is_followed_after(body, at, key))
    )
    if filled:
        yield Neglect(use.invoke, variant, "may not have run", "OCALL", filled)


def _is_filled(variable: Variable, *, result: bool) -> bool:
    """Whether an OCALL that gets the variable fills it, or what the caller's pointer shows."""
    if variable.scope is Scope.LOCAL:
        return variable.type.is_array or not variable.type.is_pointer or result
    return variable.scope is Scope.PARAM and variable.type.is_pointer and result


def _library(program: Program, function: Function, at: At, invoke: Invoke) -> Iterator[Neglect]:
    # Inside a library that is part of the project its authors decide, and a function without a result has no status.
    folder = posixpath.dirname(function.path)
    own = program.functions.get(invoke.name, ())
    if any(posixpath.dirname(f.path) == folder or f.result.is_void for f in own):
        return
    variant = NEGLECT.get(fate(function.body, at))
    if variant is not None:
        if not is_for_nothing(program.sdk, function.body, at, invoke):
            yield Neglect(invoke, variant, "may have failed", "function")
    elif (use := used_untested(program, function.body, at)) is not None:
        yield Neglect(invoke, "late", "may have failed", "function", use=use)


def told_neglects(graph: CallGraph, reporters: Reporters, function: Function) -> Iterator[Neglect]:
    """Functions of the project whose result tells that one of the SDK failed, and nobody asks."""
    for at, invoke in invokes_with_place(function.body):
        targets = graph.callees(invoke, function)
        if not targets or TEARDOWN.search(invoke.name) or not all(t in reporters.of for t in targets):
            continue
        variant = NEGLECT.get(fate(function.body, at))
        if variant is not None:
            yield Neglect(invoke, variant, f"tells whether '{reporters.of[targets[0]]}' failed", "function")


def _gives_secret(program: Program, invoke: Invoke) -> bool:
    """Whether what a function gives is a key or plaintext, which is nothing but old bytes when it failed."""
    return any(r.word == "source" and r.kind in SECRETS for r in rows_of(program.sdk, invoke))


def _gives_status(program: Program, function: Function, invoke: Invoke) -> bool:
    if invoke.name in program.sdk.statuses:
        return True
    return any(f.result.base in program.sdk.success for f in program.resolve(invoke, function))
