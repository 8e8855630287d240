"""Statements: control becomes blocks and branches."""

from __future__ import annotations

import re

from edlint.frontends.c import literals
from edlint.frontends.c.calls import thrown
from edlint.frontends.c.expressions import place_of, step
from edlint.frontends.c.flow import Flow, Label, nested
from edlint.frontends.c.masking import LOOP_NAME
from edlint.frontends.c.syntax import Node
from edlint.model.ir import Assign, Binary, Evaluate, Index, Number, Opaque, Place, Return, Stop, Value

_DECLARING = frozenset({"declaration", "init_statement"})
_WORD = re.compile(r"[A-Za-z_]\w*")
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
    for _ in range(16):
        if node.type == "parenthesized_expression" and node.named_child_count == 1:
            node = node.named_children[0]
        else:
            break
    kind = node.type
    if kind == "call_expression":
        flow.handlers.call_dropped(flow, node, False)
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
    if kind in ("assignment_expression", "delete_expression", "lambda_expression", "new_expression"):
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
        if then is not None and condition is not None and _headed(flow, at, condition, then):
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


def while_(flow: Flow, node: Node) -> None:
    """`while`."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    if condition is not None and body is not None and _headed(flow, node, condition, body):
        return
    head, inside, end = Label(), Label(), Label()
    flow.open()
    flow.place(head)
    if condition is not None:
        flow.condition(condition, inside, end, loop=True)
    _loop(flow, body, inside, end, head)
    flow.jump(head, flow.span(node))
    flow.close()
    flow.place(end)


def _headed(flow: Flow, node: Node, condition: Node, body: Node) -> bool:
    """Lower a block that a macro heads: the masked copy says `while` or `if` where the file has the macro's name."""
    name = _WORD.match(flow.origin.text, node.start_byte)
    if name is None or name[0] in ("while", "if", "else"):
        return False
    if flow.handlers.loop_macro(flow, node, name[0], condition, body):
        return True
    span = flow.span(condition)
    head, inside, end = Label(), Label(), Label()
    parts = [flow.value(p) for p in _operands(condition)]
    if not LOOP_NAME.search(name[0]):
        flow.either("macro", span, inside, end, tuple(parts))
        flow.place(inside)
        flow.statement(body)
        flow.place(end)
        return True
    flow.place(head)
    flow.branch(Opaque("range", tuple(parts), span), inside, end, span, loop=True)
    exits, flow.exits = flow.exits, nested(flow.exits, stop=end, again=head)
    flow.place(inside)
    if parts and isinstance(parts[0], Place):
        flow.emit(Assign(parts[0], Opaque("element", tuple(parts[1:]), span), span, macro=flow.macro))
    flow.statement(body)
    flow.exits = exits
    flow.jump(head, flow.span(node))
    flow.place(end)
    return True


def _operands(condition: Node) -> list[Node]:
    """The operands of the commas in a condition in parentheses."""
    found: list[Node] = []
    pending = list(condition.named_children)
    while pending:
        part = pending.pop(0)
        if part.type == "comma_expression":
            pending[:0] = part.named_children
        elif part.type != "comment":
            found.append(part)
    return found


def _loop(flow: Flow, body: Node | None, inside: Label, end: Label, again: Label) -> None:
    exits, flow.exits = flow.exits, nested(flow.exits, stop=end, again=again)
    flow.place(inside)
    if body is not None:
        flow.statement(body)
    flow.exits = exits


def do(flow: Flow, node: Node) -> None:
    """`do ... while`."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    inside, test, end = Label(), Label(), Label()
    _loop(flow, body, inside, end, test)
    flow.place(test)
    if condition is not None:
        flow.condition(condition, inside, end, loop=True)
    flow.place(end)


def for_(flow: Flow, node: Node) -> None:
    """`for`."""
    initializer, condition = node.child_by_field_name("initializer"), node.child_by_field_name("condition")
    update, body = node.child_by_field_name("update"), node.child_by_field_name("body")
    head, inside, next_, end = Label(), Label(), Label(), Label()
    flow.open()
    if initializer is not None:
        if initializer.type in ("declaration", "init_statement", "expression_statement"):
            flow.statement(initializer)
        else:
            effect(flow, initializer)
    flow.place(head)
    if condition is not None:
        flow.condition(condition, inside, end, loop=True)
    _loop(flow, body, inside, end, next_)
    flow.place(next_)
    if update is not None:
        effect(flow, update)
    flow.jump(head, flow.span(node))
    flow.close()
    flow.place(end)


def range_for(flow: Flow, node: Node) -> None:
    """`for (auto x : range)`: each element in turn, as many as there are."""
    right, body = node.child_by_field_name("right"), node.child_by_field_name("body")
    initializer = node.child_by_field_name("initializer")
    head, inside, end = Label(), Label(), Label()
    flow.open()
    if initializer is not None:
        flow.statement(initializer)
    if right is None:
        flow.close()
        return
    span = flow.span(right)
    over = place_of(flow, right)
    flow.place(head)
    flow.branch(Opaque("range", (over,), span), inside, end, span, loop=True)
    exits, flow.exits = flow.exits, nested(flow.exits, stop=end, again=head)
    flow.place(inside)
    flow.handlers.bind(flow, node, over.then(Index(Opaque("element", (), span)), span=span))
    if body is not None:
        flow.statement(body)
    flow.exits = exits
    flow.jump(head, flow.span(node))
    flow.close()
    flow.place(end)


def switch(flow: Flow, node: Node) -> None:
    """`switch`: a chain of comparisons, then the body with its labels."""
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
    if condition is None or body is None:
        return
    flow.open()
    subject = flow.value(condition)
    if not isinstance(subject, Number) and not (isinstance(subject, Place) and subject.is_variable):
        span = flow.span(condition)
        temp = flow.temp(span)
        flow.emit(Assign(temp, subject, span, macro=flow.macro))
        subject = temp
    end = Label()
    labels: dict[int, Label] = {}
    other = end
    for case in _cases(body):
        label = labels[case.start_byte] = Label()
        value = case.child_by_field_name("value")
        if value is None:
            other = label
            continue
        _compare(flow, subject, value, case, label)
    flow.jump(other, flow.span(node))
    exits, flow.exits = flow.exits, nested(flow.exits, stop=end)
    flow.cases.append(labels)
    flow.statement(body)
    flow.cases.pop()
    flow.exits = exits
    flow.close()
    flow.place(end)


def _compare(flow: Flow, subject: Value, value: Node, case: Node, label: Label) -> None:
    next_ = Label()
    span = flow.span(case)
    head = flow.origin.span(case.start_byte, value.end_byte) if value.end_byte <= case.end_byte else span
    tested = flow.value(value)
    dots = next((c for c in case.children if c.type == "..."), None)
    upper = None
    if dots is not None:
        upper = next((c for c in case.named_children if c.start_byte > dots.start_byte), None)
    if upper is not None:
        within = Label()
        flow.branch(Binary(">=", subject, tested, head), within, next_, head)
        flow.place(within)
        flow.branch(Binary("<=", subject, flow.value(upper), head), label, next_, head)
    else:
        flow.branch(Binary("==", subject, tested, head), label, next_, head)
    flow.place(next_)


def _cases(body: Node) -> list[Node]:
    """The case labels of a switch, those of inner switches left out, in the order of the text."""
    found, stack = [], [body]
    while stack:
        top = stack.pop()
        if top.type == "case_statement":
            found.append(top)
        if top.type in _CASE_HOLDERS:
            stack.extend(reversed(top.named_children))
    return found


_CASE_HOLDERS = frozenset(
    {
        "compound_statement",
        "case_statement",
        "preproc_if",
        "preproc_ifdef",
        "preproc_else",
        "preproc_elif",
        "preproc_elifdef",
        "labeled_statement",
        "if_statement",
        "else_clause",
        "for_statement",
        "while_statement",
        "do_statement",
        "ERROR",
    }
)


def case(flow: Flow, node: Node) -> None:
    """`case x:` with the statements behind it; control falls in from above."""
    label = flow.cases[-1].get(node.start_byte) if flow.cases else None
    if label is not None:
        flow.place(label)
    value = node.child_by_field_name("value")
    colon = next((c for c in node.children if c.type == ":"), None)
    start = colon.end_byte if colon is not None else (value.end_byte if value is not None else node.start_byte)
    for child in node.named_children:
        if child.start_byte >= start:
            flow.statement(child)


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
    end = Label()
    at: Node | None = node
    while at is not None:
        alternative = at.child_by_field_name("alternative")
        condition = at.child_by_field_name("condition") or at.child_by_field_name("name")
        skipped = {n.start_byte for n in (alternative, condition) if n is not None}
        if at.type == "preproc_else":
            each(flow, at)
            break
        known = (
            _known(flow.text(condition))
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
        flow.place(next_)
        at = alternative
    flow.place(end)


def _known(text: str) -> bool | None:
    value = literals.constant(text)
    return None if value is None else value != 0


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
    "while_statement": while_,
    "do_statement": do,
    "for_statement": for_,
    "for_range_loop": range_for,
    "switch_statement": switch,
    "case_statement": case,
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
