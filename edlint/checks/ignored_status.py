"""Trusted code that works on although nobody knows whether the call before succeeded."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.outcomes import (
    At,
    Fate,
    fate,
    invokes_with_place,
    is_read_after,
    is_retried,
    is_set_before,
    variable_of,
)
from edlint.analysis.proxies import Proxies, ProxyUse
from edlint.analysis.reported import is_only_reported
from edlint.analysis.unused import is_for_nothing
from edlint.finding import Label
from edlint.model.ir import Body, Invoke, Scope
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.rule import Found

TEARDOWN = re.compile(r"_(?:close|free|destroy|cleanup|release|close_context)(?:_context)?\Z")
VERIFIES = re.compile(r"verif|unseal|check_mac|authenticat|unmac|gcm_?decrypt", re.IGNORECASE)
STEPS = re.compile(r"_?(?:init|update|final|starts|finish|get_hash)(?:_ex)?\d*\Z", re.IGNORECASE)
"""What tells apart the steps of one operation: they are one finding."""
NEGLECT = {Fate.DROPPED: "", Fate.UNREAD: "unread", Fate.OVERWRITTEN: "unread"}


@dataclass(frozen=True, slots=True)
class _Neglect:
    """One call whose status is not acted on."""

    invoke: Invoke
    variant: str
    label: str
    kind: str
    values: tuple[str, ...] = ()
    """Variables that the call should have filled."""


def check(program: Program, proxies: Proxies) -> Iterator[Found]:
    """One finding for each function, operation and way of neglecting its status."""
    calls = {c.name for i in program.interfaces for c in i.ocalls}
    for unit in program.units:
        if unit.generated:
            continue
        for function in unit.functions:
            names = {m.name for m in function.calls}
            asked = any(n in program.sdk.statuses or n in calls or VERIFIES.search(n) for n in names)
            if not asked or not program.is_trusted(function):
                continue
            groups: dict[tuple[str, str], list[_Neglect]] = {}
            for item in _neglects(program, proxies, function):
                groups.setdefault((STEPS.sub("", item.invoke.name), item.variant), []).append(item)
            for items in groups.values():
                yield _found(function, items)


def _found(function: Function, items: list[_Neglect]) -> Found:
    first, more = items[0], items[1:]
    wanted = f", which should fill '{first.values[0]}'," if first.values else ""
    return Found(
        first.invoke.name_span,
        label=first.label,
        labels=tuple(Label(i.invoke.name_span, i.label) for i in more[:8]),
        notes=(f"The same holds for {len(more)} more calls in this function.",) if len(more) > 1 else (),
        function=function.qualified,
        variant=first.variant,
        callee=first.invoke.name,
        kind=first.kind,
        wanted=wanted,
        caller=function.qualified,
    )


def _neglects(program: Program, proxies: Proxies, function: Function) -> Iterator[_Neglect]:
    body = function.body
    for at, invoke in invokes_with_place(body):
        use = proxies.of(invoke, function)
        if use is not None and use.call.is_ocall and not use.direct:
            yield from _ocall(body, at, use)
        elif invoke.name in program.sdk.statuses and not TEARDOWN.search(invoke.name) and invoke.receiver is None:
            yield from _library(program, function, at, invoke)
        if not (VERIFIES.search(invoke.name) and _gives_status(program, function, invoke)):
            continue
        if is_only_reported(program, function.body, at):
            yield _Neglect(invoke, "logged", "its failure is reported, then ignored", "function")


def _ocall(body: Body, at: At, use: ProxyUse) -> Iterator[_Neglect]:
    """An OCALL that should have filled a variable which nothing has set and which is read."""
    if (variant := NEGLECT.get(fate(body, at))) is None:
        return
    outputs = [use.result, *(a for a, p in zip(use.args, use.call.params, strict=True) if p.bridge.copies_out)]
    keys = tuple(key for key in dict.fromkeys(variable_of(o) for o in outputs) if key is not None)
    if any(is_retried(body, at, key) for key in keys):
        return
    filled = tuple(
        key
        for key in keys
        if (variable := body.variables.get(key)) is not None
        and variable.scope is Scope.LOCAL
        and (variable.type.is_array or not variable.type.is_pointer or key == variable_of(use.result))
        and not is_set_before(body, at, key)
        and is_read_after(body, at, key)
    )
    if filled:
        yield _Neglect(use.invoke, variant, "may not have run", "OCALL", filled)


def _library(program: Program, function: Function, at: At, invoke: Invoke) -> Iterator[_Neglect]:
    # Inside a library that is part of the project its authors decide, and a function without a result has no status.
    folder = posixpath.dirname(function.path)
    own = program.functions.get(invoke.name, ())
    if any(posixpath.dirname(f.path) == folder or f.result.is_void for f in own):
        return
    variant = NEGLECT.get(fate(function.body, at))
    if variant is not None and not is_for_nothing(program.sdk, function.body, at, invoke):
        yield _Neglect(invoke, variant, "may have failed", "function")


def _gives_status(program: Program, function: Function, invoke: Invoke) -> bool:
    if invoke.name in program.sdk.statuses:
        return True
    return any(f.result.base in program.sdk.success for f in program.resolve(invoke, function))
