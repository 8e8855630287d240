"""What a function that verifies gave, used before anybody looks at whether it succeeded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edlint.analysis.outcomes import At, kept_in, mentions, plain, values_of
from edlint.analysis.reported import PRINTS
from edlint.analysis.rows import rows_of
from edlint.model.ir import Address, Assign, Body, Branch, Invoke, Op, Place, Value, walk
from edlint.model.program import Program
from edlint.source import Span

HARMLESS = re.compile(
    r"free|delete|wipe|zero|clean|mem(?:set|cpy|move)|str(?:n?cpy|n?len)|release|destroy|~", re.IGNORECASE
)
"""Functions of such names wipe and give back, or only put what came out somewhere else."""


def used_untested(program: Program, body: Body, at: At) -> Span | None:
    """Where the plaintext that the call at `at` gave is used on a way on which its status was not looked at."""
    invoke = body.blocks[at.block].ops[at.op]
    if not isinstance(invoke, Invoke) or invoke.target is None:
        return None
    keys = {invoke.target.root, kept_in(body, at)} - {""}
    roots = set(_outputs(program, invoke))
    seen: set[int] = set()
    work = [At(at.block, at.op + 1)] if roots and invoke.target.is_variable else []
    while work:
        start = work.pop()
        block = body.blocks[start.block]
        for op in block.ops[start.op :]:
            if _asks(op, keys) or _replaces(op, roots):
                break
            if isinstance(op, Invoke) and not HARMLESS.search(op.name) and _takes(op, roots):
                return op.name_span
        else:
            if isinstance(block.end, Branch):
                if any(mentions(block.end.condition, key) for key in keys):
                    continue
                if _looks_into(block.end.condition, roots):
                    return block.end.span
            new = [s for s in block.successors if s not in seen]
            seen.update(new)
            work.extend(At(s, 0) for s in new)
    return None


def _outputs(program: Program, invoke: Invoke) -> Iterator[str]:
    """Variables that get the plaintext, or point to where it goes."""
    for row in rows_of(program.sdk, invoke):
        if row.word == "source" and row.kind == "plaintext" and row.at.pointee and 0 <= row.at.arg < len(invoke.args):
            value = plain(invoke.args[row.at.arg])
            place = value.place if isinstance(value, Address) else value
            if isinstance(place, Place) and (place.is_variable or isinstance(value, Address)):
                yield place.root


def _asks(op: Op, keys: set[str]) -> bool:
    """Whether an operation looks at the status, hands it on, or puts another in its place."""
    if isinstance(op, Invoke) and PRINTS.search(op.name):
        return False
    if isinstance(op, Assign) and op.target.root in keys and any(mentions(op.value, key) for key in keys):
        # The status moves from where the call left it to where it is kept.
        return False
    if isinstance(op, (Assign, Invoke)) and op.target is not None and op.target.root in keys:
        return True
    return any(mentions(v, key) for v in values_of(op) for key in keys)


def _replaces(op: Op, roots: set[str]) -> bool:
    return (
        isinstance(op, (Assign, Invoke)) and op.target is not None and op.target.is_variable and op.target.root in roots
    )


def _takes(invoke: Invoke, roots: set[str]) -> bool:
    """Whether a call gets the plaintext or something in it."""
    values = (*invoke.args, *((invoke.receiver,) if invoke.receiver is not None else ()))
    return any(mentions(value, root) for value in values for root in roots)


def _looks_into(value: Value, roots: set[str]) -> bool:
    return any(isinstance(part, Place) and part.steps and part.root in roots for part in walk(value))
