"""Enclaves that a debugger may open: in the signed configuration, or when the host creates them."""

import posixpath
import re
from collections.abc import Iterator

from edlint.analysis.conditions import always_passes, reachable
from edlint.analysis.creation import CREATOR, DEBUG_ARGUMENT
from edlint.analysis.outcomes import At, plain
from edlint.model.ir import Assign, Binary, Body, Invoke, Number, Place, Value
from edlint.model.program import Program, Side
from edlint.model.settings import Settings
from edlint.model.unit import Function
from edlint.rule import Found
from edlint.source import Span

FLAGS = frozenset(
    {"OE_ENCLAVE_FLAG_DEBUG", "OE_ENCLAVE_FLAG_SIMULATE", "SECGEAR_DEBUG_FLAG", "SECGEAR_SIMULATION_FLAG"}
)
DELIBERATE = re.compile(r"(?:\A|[^a-z])(?:debug|dbg|sim|simulation|test|tests|dev)(?:[^a-z/][^/]*)?\Z|(?:\A|/)tests?/")


def check(program: Program) -> Iterator[Found]:
    """One finding for each configuration and each place where a flag is written."""
    for settings in program.settings:
        yield from _configured(settings)
    for unit in program.units:
        if program.side(unit.path) is Side.TRUSTED or unit.generated:
            continue
        for function in unit.functions:
            if FLAGS & function.names or not DEBUG_ARGUMENT.keys().isdisjoint(function.called):
                yield from _created(function)


def _configured(settings: Settings) -> Iterator[Found]:
    setting = settings.debug
    if setting is None or DELIBERATE.search(settings.path.lower()):
        return
    written = f"{setting.key}={setting.value}"
    yield Found(
        setting.span,
        label="lets a debugger in" if setting.value else "'DisableDebug' is missing, and its default is 0",
        variant="" if setting.value else "default",
        setting=written,
        file=posixpath.basename(settings.path),
    )


def _created(function: Function) -> Iterator[Found]:
    """Flags that reach every creation that follows them, so that no other run is possible."""
    body = function.body
    for number, block in enumerate(body.blocks):
        for index, op in enumerate(block.ops):
            match op:
                case Invoke(name=name, args=args) if name in DEBUG_ARGUMENT and len(args) > DEBUG_ARGUMENT[name]:
                    value = plain(args[DEBUG_ARGUMENT[name]])
                    if isinstance(value, Number) and value.value == 1 and value.text in ("1", "TRUE", "true"):
                        yield _found(function, value.span, value.text, name)
                case Invoke(name=name, args=args) if CREATOR.match(name):
                    for arg in args:
                        if (flag := _flag(arg)) is not None:
                            yield _found(function, flag[1], flag[0], name)
                case Assign(target=target, value=value) if target.is_variable and (flag := _flag(value)) is not None:
                    if _is_always_used(body, At(number, index), target.root):
                        yield _found(function, flag[1], flag[0], target.root)


def _found(function: Function, span: Span, flag: str, where: str) -> Found:
    return Found(
        span,
        label="always set",
        function=function.qualified,
        variant="flag",
        flag=flag,
        caller=function.qualified,
        where=where,
    )


def _flag(value: Value) -> tuple[str, Span] | None:
    """The debug flag in a value that is a flag or flags joined by `|`."""
    work = [plain(value)]
    while work:
        part = plain(work.pop())
        match part:
            case Binary(op="|", left=left, right=right):
                work += [right, left]
            case Number(text=text, span=span) if text in FLAGS:
                return text, span
            case Place(root=root, steps=(), span=span) if root in FLAGS:
                return root, span
    return None


def _is_always_used(body: Body, at: At, key: str) -> bool:
    """Whether a call gets the variable afterwards, and none gets it on a way around the assignment."""
    uses = [
        number
        for number, block in enumerate(body.blocks)
        for index, op in enumerate(block.ops)
        if isinstance(op, Invoke)
        and any(isinstance(p := plain(a), Place) and p.is_variable and p.root == key for a in op.args)
        and (number != at.block or index > at.op)
    ]
    after = reachable(body, at.block)
    reached = [u for u in uses if u == at.block or u in after]
    return bool(reached) and all(always_passes(body, at.block, u) for u in reached)
