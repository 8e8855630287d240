"""The control-flow graph of every function, as rules see it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from edlint.analysis.facts import Facts
from edlint.model.ir import (
    Address,
    Aggregate,
    Assign,
    Binary,
    Body,
    Branch,
    Cast,
    Declare,
    Deref,
    Evaluate,
    Field,
    Index,
    Invoke,
    Jump,
    MacroUse,
    Number,
    Op,
    Opaque,
    Place,
    Return,
    SizeOf,
    Stop,
    Terminator,
    Text,
    Unary,
    Value,
)
from edlint.model.program import Program
from edlint.model.unit import Function

MAX_TEXT = 40
"""Code points of a string literal that are shown."""

MAX_DEPTH = 40
"""Values inside values that are written out; a hostile expression may nest thousands deep."""


def show(program: Program, facts: Facts, style: str) -> str:
    """Every function of the files that no EDL compiler wrote, as `text` or `json`, ending with a line end."""
    functions = [f for u in program.units if not u.generated for f in u.functions]
    if style == "json":
        rows = [{"function": f.qualified, "place": repr(f.span), "blocks": list(_rows(f.body))} for f in functions]
        return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    return "\n".join(_text(f) for f in functions)


def _text(function: Function) -> str:
    lines = [f"{function.span!r}: {function.qualified} ({function.state})"]
    for number, row in enumerate(_rows(function.body)):
        lines.append(f"  {number}:")
        lines += [f"    {line}" for line in row]
    return "\n".join(lines) + "\n"


def _rows(body: Body) -> Iterator[list[str]]:
    for block in body.blocks:
        yield [*(operation(op) for op in block.ops), terminator(block.end)]


def operation(op: Op) -> str:
    """One operation in a line."""
    match op:
        case Declare(variable=variable, extents=extents):
            dimensions = "".join(f"[{value(e)}]" for e in extents)
            text = f"declare {variable}{dimensions}"
        case Assign(target=target, value=assigned):
            text = f"{value(target)} = {value(assigned)}"
        case Invoke(target=target):
            result = f"{value(target)} = " if target is not None else ""
            receiver = f"{value(op.receiver)} : " if op.receiver is not None else ""
            name = op.qualified or op.name or f"({value(op.callee) if op.callee is not None else '?'})"
            text = f"{result}call {receiver}{name}({', '.join(value(a) for a in op.args)})"
        case Evaluate(value=evaluated):
            text = f"evaluate {value(evaluated)}"
    return text + _macro(op.macro)


def terminator(end: Terminator) -> str:
    """The end of a block in a line."""
    match end:
        case Jump(to=to):
            return f"jump {to}"
        case Branch(condition=condition, yes=yes, no=no):
            words = f"{' asserted' if end.asserted else ''}{' loop' if end.loop else ''}"
            return f"branch {value(condition)} ? {yes} : {no}{words}{_macro(end.macro)}"
        case Return(value=returned):
            return f"return{'' if returned is None else f' {value(returned)}'}{_macro(end.macro)}"
        case Stop(thrown=thrown):
            return "throw" if thrown else "stop"


def _macro(use: MacroUse | None) -> str:
    return f"    # macro {use.name}" if use is not None else ""


def value(shown: Value, depth: int = 0) -> str:
    """A value in C's notation, as far as it goes."""
    if depth > MAX_DEPTH:
        return "..."
    deeper = depth + 1
    match shown:
        case Place(root=root, steps=steps):
            return root + "".join(_step(s, deeper) for s in steps)
        case Number(text=text):
            return text
        case Text(value=text):
            return json.dumps(text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "...")
        case Address(place=place):
            return f"&{value(place, deeper)}"
        case Unary(op=op, operand=operand):
            return f"{op}{value(operand, deeper)}"
        case Binary(op=op, left=left, right=right):
            return f"({value(left, deeper)} {op} {value(right, deeper)})"
        case Cast(type=kind, operand=operand):
            return f"({kind}) {value(operand, deeper)}"
        case SizeOf(type=kind, operand=measured):
            inner = str(kind) if kind is not None else value(measured, deeper) if measured is not None else "?"
            return f"sizeof({inner})"
        case Aggregate(items=items):
            inner = ", ".join(f"{f'.{n} = ' if n else ''}{value(v, deeper)}" for n, v in items)
            return f"{{{inner}}}"
        case Opaque(kind=word, parts=parts):
            return f"<{word}>({', '.join(value(p, deeper) for p in parts)})"


def _step(step: Deref | Field | Index, depth: int) -> str:
    match step:
        case Deref():
            return "->*"
        case Field(name=name):
            return f".{name}"
        case Index(value=index):
            return f"[{value(index, depth)}]"
