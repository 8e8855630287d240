"""Statuses whose failure is printed and nothing more."""

from __future__ import annotations

import re

from edlint.analysis.outcomes import At, is_read_after, kept_in, mentions
from edlint.model.ir import Assign, Binary, Body, Branch, Invoke, Jump, Place, walk
from edlint.model.program import Program

PRINTS = re.compile(r"print|log|trace|debug|dbg|puts|emit|msg|warn|operator<<", re.IGNORECASE)
ENDS = re.compile(r"exit|abort|die|fatal|throw|fail|panic|raise", re.IGNORECASE)


def is_only_reported(program: Program, body: Body, at: At) -> bool:
    """Whether the only test of the status guards nothing but prints, after which both ways go on together."""
    key = kept_in(body, at)
    if not key:
        return False
    tests = [
        (number, block.end)
        for number, block in enumerate(body.blocks)
        if isinstance(block.end, Branch) and mentions(block.end.condition, key)
    ]
    ops = body.blocks[at.block].ops[at.op + 1 :]
    here = [end for number, end in tests if number == at.block]
    if len(here) != 1 or any(isinstance(o, Invoke) and any(mentions(a, key) for a in o.args) for o in ops):
        return False
    end = here[0]
    if not isinstance(end.condition, Binary) or end.condition.op not in ("==", "!="):
        return False
    success = {*program.sdk.success.values(), "0"}
    names = {v.root if isinstance(v, Place) else getattr(v, "text", "") for v in walk(end.condition)}
    if not names & success:
        return False
    failed, going = (end.yes, end.no) if end.condition.op == "!=" else (end.no, end.yes)
    arm = body.blocks[failed]
    if failed == going or not arm.ops or not isinstance(arm.end, Jump) or arm.end.to != going:
        return False
    called = [o.name for o in arm.ops if isinstance(o, Invoke)]
    harmless = all(PRINTS.search(n) and not ENDS.search(n) for n in called)
    nothing_else = all(
        isinstance(o, Invoke) or (isinstance(o, Assign) and o.target.root.startswith("%")) for o in arm.ops
    )
    return bool(called) and harmless and nothing_else and not _is_read_later(body, at.block, key)


def _is_read_later(body: Body, block: int, key: str) -> bool:
    """Whether the status is looked at again behind the block that tests it."""
    return any(is_read_after(body, At(s, -1), key) for s in body.blocks[block].successors)
