"""Switchless calls that gain nothing, or cost a worker thread."""

import re
from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.analysis.loops import invokes_in, loops_of
from edlint.finding import Label
from edlint.model.interface import Call, Interface
from edlint.model.ir import Invoke
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.rule import Found

_BLOCKING = frozenset(
    {"sleep", "usleep", "nanosleep", "select", "poll", "epoll_wait", "accept", "connect", "recv", "recvfrom", "fsync"}
    | {"pthread_cond_wait", "pthread_join", "waitpid", "system", "flock", "sem_wait", "sleep_for", "getaddrinfo"}
)


def check(program: Program) -> Iterator[Found]:
    """One finding for each switchless call that is private, may block, or is never made in a loop."""
    for interface, call in own_calls(program):
        if not call.switchless:
            continue
        if not call.public and call.is_ecall:
            yield Found(call.span, variant="private", kind=call.kind, call=call.name)
        elif (blocking := _blocking(program, call)) is not None:
            label = Label(blocking.span, "may wait here")
            yield Found(
                call.span, variant="long", labels=(label,), kind=call.kind, call=call.name, callee=blocking.name
            )
        elif _is_rare(program, interface, call):
            yield Found(call.span, kind=call.kind, call=call.name)


def _blocking(program: Program, call: Call) -> Invoke | None:
    function = program.implementation(call)
    if function is None:
        return None
    return next((i for i in function.body.invokes() if i.name in _BLOCKING), None)


def _is_rare(program: Program, interface: Interface, call: Call) -> bool:
    """Whether the call is made, but in no loop and in no function that another calls or hands on."""
    callers = [use.caller for use in program.uses if use.call is call and use.interface is interface]
    for function in callers:
        body = function.body
        if any(i.name == call.name for loop in loops_of(body) for i in invokes_in(body, loop)):
            return False
        if _is_used(program, function):
            return False
    return bool(callers)


def _is_used(program: Program, function: Function) -> bool:
    """Whether the function's name stands in another function or in a table of callbacks."""
    name = re.compile(rf"\b{re.escape(function.name)}\b")
    for unit in program.units:
        if any(function.name in f.names for f in unit.functions if f is not function):
            return True
        if any(v.initialiser is not None and name.search(v.initialiser.span.text) for v in unit.globals):
            return True
    return False
