"""Statements: control becomes blocks and branches."""

from __future__ import annotations

from edlint.frontends.c import literals
from edlint.frontends.c.calls import thrown
from edlint.frontends.c.expressions import place_of
from edlint.frontends.c.flow import Flow, Label, nested
from edlint.frontends.c.loops import headed
from edlint.frontends.c.operators import step
from edlint.frontends.c.syntax import Node
from edlint.model.ir import Assign, Evaluate, Opaque, Place, Return, Stop, Value

_DECLARING = frozenset({"declaration", "init_statement"})
_SKIPPED = frozenset(
    {
        "comment",
        "preproc_def",
        "preproc_function_def",
        "preproc_include",
        "preproc_call",
        "preproc_directive",
        "preproc_arg",
        "else_clause",
        "identifier",
    }
)


def block(flow: Flow, node: Node) -> None:
    """`{ ... }`."""
    flow.open()
    for child in node.named_children:
        flow.statement(child)
    flow.close()


def plain(flow: Flow, node: Node) -> None:
    """An expression evaluated for its effects."""
    for child in node.named_children:
        if child.type != "comment":
            effect(flow, child)


def effect(flow: Flow, node: Node) -> None:
    """Lower an expression whose value nobody takes."""
    kind = node.type
    for _ in range(16):
        if kind != "parenthesized_expression" or node.named_child_count != 1:
            break
        node = node.named_children[0]
        kind = node.type
    if kind == "call_expression":
        flow.handlers.call_dropped(flow, node, False)
        return
    if kind == "assignment_expression":
        flow.value(node)
        return
    if kind == "identifier" and flow.lookup(flow.text(node)) is None:
        # The value of a macro that is a statement is none.
        made = flow.handlers.call_macro(flow, node, flow.text(node), None, False)
        if made is not None:
            return
    if kind == "update_expression":
        argument = node.child_by_field_name("argument")
        if argument is not None:
            step(flow, node, place_of(flow, argument))
        return
    if kind == "cast_expression":
        type_, operand = node.child_by_field_name("type"), node.child_by_field_name("value")
        if type_ is not None and operand is not None and flow.text(type_).strip() == "void":
            for _ in range(16):
                if operand.type == "parenthesized_expression" and operand.named_child_count == 1:
                    operand = operand.named_children[0]
                else:
                    break
            if operand.type == "call_expression":
                flow.handlers.call_dropped(flow, operand, True)
                return
    if kind == "comma_expression":
        pending = [node]
        while pending:
            part = pending.pop()
            if part.type == "comma_expression":
                pending.extend(
                    c for c in (part.child_by_field_name("right"), part.child_by_field_name("left")) if c is not None
                )
            else:
                effect(flow, part)
        return
    value = flow.value(node)
    if kind in ("delete_expression", "lambda_expression", "new_expression"):
        return
    if kind == "binary_expression" and isinstance(value, Place):
        # The stream at the end of `cout << x`.
        return
    if isinstance(value, Opaque) and not value.parts:
        return
    flow.emit(Evaluate(value, flow.span(node), flow.macro))


def if_(flow: Flow, node: Node) -> None:
    """`if` and its chain of `else if`, without recursion along the chain."""
    end = Label()
    scopes = 0
    at: Node | None = node
    while at is not None:
        condition = at.child_by_field_name("condition")
        then = at.child_by_field_name("consequence")
        else_ = at.child_by_field_name("alternative")
        if else_ is not None and else_.type == "else_clause":
            else_ = next((c for c in else_.named_children if c.type != "comment"), None)
        if condition is not None and condition.named_child_count and condition.named_children[0].type in _DECLARING:
            flow.open()
            scopes += 1
        if then is not None and condition is not None and headed(flow, at, condition, then):
            break
        yes, no = Label(), Label()
        if condition is not None:
            flow.condition(condition, yes, no)
        flow.place(yes)
        if then is not None:
            flow.statement(then)
        flow.jump(end, flow.span(at))
        flow.place(no)
        if else_ is not None and else_.type == "if_statement":
            at = else_
            continue
        if else_ is not None:
            flow.statement(else_)
        at = None
    for _ in range(scopes):
        flow.close()
    flow.place(end)


def labeled(flow: Flow, node: Node) -> None:
    """`name: statement`."""
    name = node.child_by_field_name("label")
    if name is not None:
        flow.place(flow.labels.setdefault(flow.text(name), Label()))
    for child in node.named_children[1:]:
        flow.statement(child)


def goto(flow: Flow, node: Node) -> None:
    """`goto name`."""
    name = node.child_by_field_name("label")
    if name is not None:
        flow.jump(flow.labels.setdefault(flow.text(name), Label()), flow.span(node))
    else:
        flow.end(Stop(flow.span(node)))


def break_(flow: Flow, node: Node) -> None:
    """`break`."""
    if flow.exits.stop is not None:
        flow.jump(flow.exits.stop, flow.span(node))


def continue_(flow: Flow, node: Node) -> None:
    """`continue`."""
    if flow.exits.again is not None:
        flow.jump(flow.exits.again, flow.span(node))


def return_(flow: Flow, node: Node) -> None:
    """`return`; in a lambda it goes on behind the lambda."""
    values = [c for c in node.named_children if c.type != "comment"]
    span = flow.span(node)
    value = flow.value(values[0]) if values else None
    if flow.exits.back is not None:
        if value is not None:
            flow.emit(Evaluate(value, span, flow.macro))
        flow.jump(flow.exits.back, span)
    elif flow.alive:
        flow.end(Return(value, span, flow.macro))


def try_(flow: Flow, node: Node) -> None:
    """`try`: a handler may run before or after all of the body, and at each throw in it."""
    body = node.child_by_field_name("body")
    catches = [c for c in node.named_children if c.type == "catch_clause"]
    span = flow.span(node)
    guarded, caught, after, end = Label(), Label(), Label(), Label()
    flow.either("catch", span, caught, guarded)
    exits, flow.exits = flow.exits, nested(flow.exits, caught=caught)
    flow.place(guarded)
    if body is not None:
        flow.statement(body)
    flow.exits = exits
    flow.either("catch", span, caught, end)
    flow.place(caught)
    for clause in catches:
        next_ = Label()
        runs = Label()
        if clause is catches[-1]:
            flow.jump(runs, flow.span(clause))
        else:
            flow.either("catch", flow.span(clause), runs, next_)
        flow.open()
        flow.place(runs)
        parameters = clause.child_by_field_name("parameters")
        if parameters is not None:
            for parameter in parameters.named_children:
                if parameter.type == "parameter_declaration":
                    flow.handlers.bind(flow, parameter, Opaque("exception", (), flow.span(parameter)))
        handler = clause.child_by_field_name("body")
        if handler is not None:
            flow.statement(handler)
        flow.close()
        flow.jump(end, flow.span(clause))
        flow.place(next_)
    flow.place(after)
    flow.jump(end, span)
    flow.place(end)


def throw(flow: Flow, node: Node) -> None:
    """`throw x;`."""
    thrown(flow, node)


def each(flow: Flow, node: Node) -> None:
    """The statements inside, in order."""
    for child in node.named_children:
        if child.type not in _SKIPPED:
            flow.statement(child)


def conditional(flow: Flow, node: Node) -> None:
    """`#if` around whole statements: either part may be compiled; `#if 0` never is."""
    flow.arms.append((len(flow.scopes), {}))
    _alternatives(flow, node)
    flow.arms.pop()


def _alternatives(flow: Flow, node: Node) -> None:
    end = Label()
    at: Node | None = node
    before = len(flow.scopes[-1])
    while at is not None:
        alternative = at.child_by_field_name("alternative")
        condition = at.child_by_field_name("condition") or at.child_by_field_name("name")
        skipped = {n.start_byte for n in (alternative, condition) if n is not None}
        if at.type == "preproc_else":
            each(flow, at)
            break
        known = (
            _known(flow, flow.text(condition))
            if condition is not None and at.type in ("preproc_if", "preproc_elif")
            else None
        )
        next_ = Label()
        if known is None:
            span = flow.span(condition) if condition is not None else flow.span(at)
            yes = Label()
            flow.either("preprocessor", span, yes, next_)
            flow.place(yes)
        if known is not False:
            for child in at.named_children:
                if child.start_byte not in skipped and child.type not in _SKIPPED:
                    flow.statement(child)
            flow.jump(end, flow.span(at))
        if known is True:
            break
        for name, _ in flow.scopes[-1][before:]:
            if (key := flow.lookup(name)) is not None:
                flow.arms[-1][1].setdefault(name, key)
        flow.place(next_)
        at = alternative
    flow.place(end)


def _known(flow: Flow, text: str) -> bool | None:
    value = literals.constant(text)
    return flow.names.decided(text) if value is None else value != 0


def asm(flow: Flow, node: Node) -> None:
    """`asm`: the outputs depend on the inputs."""
    span = flow.span(node)
    inputs: list[Value] = []
    operands = node.child_by_field_name("input_operands")
    for operand in operands.named_children if operands is not None else []:
        value = operand.child_by_field_name("value")
        if value is not None:
            inputs.append(flow.value(value))
    result = Opaque("asm", tuple(inputs), span)
    outputs = node.child_by_field_name("output_operands")
    for operand in outputs.named_children if outputs is not None else []:
        value = operand.child_by_field_name("value")
        if value is not None:
            flow.emit(Assign(place_of(flow, value), result, span, macro=flow.macro))
    flow.emit(Evaluate(result, span, flow.macro))


def asm_value(flow: Flow, node: Node) -> Value:
    """`asm` as an expression."""
    asm(flow, node)
    return Opaque("asm", (), flow.span(node))


def expression(flow: Flow, node: Node) -> None:
    """An expression where a statement is expected, as the parser leaves it in broken code."""
    effect(flow, node)


STATEMENTS = {
    "compound_statement": block,
    "expression_statement": plain,
    "if_statement": if_,
    "labeled_statement": labeled,
    "goto_statement": goto,
    "break_statement": break_,
    "continue_statement": continue_,
    "return_statement": return_,
    "co_return_statement": return_,
    "try_statement": try_,
    "seh_try_statement": each,
    "seh_except_clause": each,
    "seh_finally_clause": each,
    "throw_statement": throw,
    "attributed_statement": each,
    "init_statement": each,
    "linkage_specification": each,
    "preproc_if": conditional,
    "preproc_ifdef": conditional,
    "preproc_else": each,
    "preproc_elif": conditional,
    "preproc_elifdef": conditional,
    "ERROR": each,
    "call_expression": expression,
    "assignment_expression": expression,
    "update_expression": expression,
    "binary_expression": expression,
    "parenthesized_expression": expression,
    "conditional_expression": expression,
    "subscript_expression": expression,
    "field_expression": expression,
    "pointer_expression": expression,
    "cast_expression": expression,
    "new_expression": expression,
    "delete_expression": expression,
    "comma_expression": expression,
    "gnu_asm_expression": asm,
}

VALUES = {"gnu_asm_expression": asm_value}
