"""Statements: control becomes blocks and branches."""

from __future__ import annotations

from edlint.frontends.c import literals
from edlint.frontends.c.calls import call_discarded, call_dropped, thrown
from edlint.frontends.c.expressions import place_of
from edlint.frontends.c.flow import Exits, Flow, Label, followed
from edlint.frontends.c.frames import argument, within
from edlint.frontends.c.graph import Going
from edlint.frontends.c.length import listed
from edlint.frontends.c.loops import WRITTEN, headed
from edlint.frontends.c.operators import step
from edlint.frontends.c.syntax import Node, named_pair, only_part
from edlint.model.ir import Assign, Evaluate, Opaque, Place, Return, Stop, Value

_PEELED = 16
"""Parentheses in a row that are taken off."""
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
    """`{ ... }`, or what the masked copy has as a block: statements that are handed to a macro."""
    if flow.origin.text[node.start_byte] == "(" and flow.handlers.held_macro(flow, node):
        return
    scopes, statements = flow.scopes, flow.statements
    scopes.append([])
    for child in listed(flow, node):
        statements[child.kind_id](flow, child)
    if scopes[-1]:
        flow.close()
    else:
        scopes.pop()


def plain(flow: Flow, node: Node) -> None:
    """An expression evaluated for its effects."""
    effects = flow.effects
    for child in node.named_children:
        effects[child.kind_id](flow, child)


def evaluated(flow: Flow, node: Node) -> None:
    """An expression of which only the value is there to be evaluated."""
    _evaluate(flow, node, flow.values[node.kind_id](flow, node))


def _evaluate(flow: Flow, node: Node, value: Value) -> None:
    if not isinstance(value, Opaque) or value.parts:
        flow.emit(Evaluate(value, flow.span(node), flow.macro))


def valued(flow: Flow, node: Node) -> None:
    """An expression that does what it does when its value is asked for."""
    flow.value(node)


def binary_effect(flow: Flow, node: Node) -> None:
    """Arithmetic, or the stream at the end of `cout << x`."""
    value = flow.value(node)
    if not isinstance(value, Place):
        _evaluate(flow, node, value)


def parenthesized(flow: Flow, node: Node) -> None:
    """`(x);`."""
    for _ in range(_PEELED):
        only = only_part(node)
        if only is None:
            break
        if only.type != "parenthesized_expression":
            flow.effect(only)
            return
        node = only
    evaluated(flow, node)


def named(flow: Flow, node: Node) -> None:
    """`NAME;`: a macro that is a statement, maybe."""
    bound = argument(flow, node)
    if bound is not None:
        within(flow, bound, flow.effect)
        return
    name = flow.text(node)
    # The value of a macro that is a statement is none.
    if flow.lookup(name) is not None or flow.handlers.call_macro(flow, node, name, None, False) is None:
        evaluated(flow, node)


def update(flow: Flow, node: Node) -> None:
    """`x++;`."""
    argument = node.child_by_field_name("argument")
    if argument is not None:
        step(flow, node, place_of(flow, argument))


def cast(flow: Flow, node: Node) -> None:
    """`(void)f();`, and other casts of what nobody takes."""
    type_, operand = named_pair(node, "type", "value")
    if type_ is not None and operand is not None and flow.text(type_).strip() == "void":
        for _ in range(_PEELED):
            only = only_part(operand) if operand.type == "parenthesized_expression" else None
            if only is None:
                break
            operand = only
        if operand.type == "call_expression":
            call_discarded(flow, operand)
            return
    evaluated(flow, node)


def comma(flow: Flow, node: Node) -> None:
    """`a, b;`."""
    pending = [node]
    while pending:
        part = pending.pop()
        if part.type == "comma_expression":
            pending.extend(
                c for c in (part.child_by_field_name("right"), part.child_by_field_name("left")) if c is not None
            )
        else:
            flow.effect(part)


def nothing(flow: Flow, node: Node) -> None:
    """What does nothing when it runs."""


def if_(flow: Flow, node: Node) -> None:
    """`if` and its chain of `else if`, without recursion along the chain."""
    end = Label()
    scopes = 0
    cpp = flow.names.language == "c++"
    at: Node | None = node
    while at is not None:
        condition, then, else_ = _parts(at)
        if else_ is not None and else_.type == "else_clause":
            else_ = next((c for c in else_.named_children if c.type != "comment"), None)
        if condition is not None and cpp:
            first = condition.named_child(0) if condition.named_child_count else None
            if first is not None and first.type in _DECLARING:
                flow.open()
                scopes += 1
        written = flow.origin.text.startswith(WRITTEN, at.start_byte)
        if not written and then is not None and condition is not None and headed(flow, at, condition, then):
            break
        yes, no = Label(), Label()
        if condition is not None:
            flow.condition(condition, yes, no)
        flow.place(yes)
        if then is not None:
            flow.statement(then)
        if flow.ends[-1] is None:
            flow.ends[-1] = Going(end, flow.span(at))
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


def _parts(node: Node) -> tuple[Node | None, Node | None, Node | None]:
    """Condition, statement and alternative of an `if`."""
    count = node.named_child_count
    if count == 2:
        return node.named_child(0), node.named_child(1), None
    other = node.named_child(2) if count == 3 else None
    if other is not None and other.type == "else_clause":
        return node.named_child(0), node.named_child(1), other
    return (
        node.child_by_field_name("condition"),
        node.child_by_field_name("consequence"),
        node.child_by_field_name("alternative"),
    )


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
    returned = only_part(node)
    if returned is None or returned.type == "comment":
        returned = next((c for c in node.named_children if c.type != "comment"), None)
    span = flow.span(node)
    value = flow.values[returned.kind_id](flow, returned) if returned is not None else None
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
    exits = flow.exits
    flow.exits = Exits(exits.stop, exits.again, exits.back, caught)
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
    for child in listed(flow, node):
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
            for child in listed(flow, at):
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


NESTING = {
    "compound_statement": block,
    "if_statement": if_,
    "labeled_statement": labeled,
    "try_statement": try_,
    "seh_try_statement": each,
    "seh_except_clause": each,
    "seh_finally_clause": each,
    "attributed_statement": each,
    "init_statement": each,
    "linkage_specification": each,
    "preproc_if": conditional,
    "preproc_ifdef": conditional,
    "preproc_else": each,
    "preproc_elif": conditional,
    "preproc_elifdef": conditional,
    "ERROR": each,
}
"""Statements that hold statements."""

EFFECTS = {
    "call_expression": call_dropped,
    "assignment_expression": valued,
    "new_expression": valued,
    "delete_expression": valued,
    "lambda_expression": valued,
    "binary_expression": binary_effect,
    "parenthesized_expression": parenthesized,
    "identifier": named,
    "update_expression": update,
    "cast_expression": cast,
    "comma_expression": followed(comma),
    "comment": nothing,
}
"""Expressions whose value nobody takes."""

STATEMENTS = {
    "expression_statement": plain,
    "goto_statement": goto,
    "break_statement": break_,
    "continue_statement": continue_,
    "return_statement": return_,
    "co_return_statement": return_,
    "throw_statement": throw,
    "gnu_asm_expression": asm,
    # An expression where a statement is expected, as the parser leaves it in broken code.
    **{kind: EFFECTS[kind] for kind in EFFECTS.keys() - {"identifier", "lambda_expression", "comment"}},
    "conditional_expression": evaluated,
    "subscript_expression": evaluated,
    "field_expression": evaluated,
    "pointer_expression": evaluated,
}

VALUES = {"gnu_asm_expression": asm_value}
