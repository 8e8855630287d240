"""Bodies of macros that are parsed once, with names in the place of arguments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from edlint.frontends.c.pasting import STATEMENT_HEAD, body_of, pieces
from edlint.frontends.c.syntax import Node, by_kind, only_part, parse
from edlint.record import record

MAX_BODY = 8_000
"""Code points of a body; of a larger one each use is expanded as text."""
_HOLE = "edlint_"
_SIMPLE = frozenset(
    {
        "identifier",
        "number_literal",
        "char_literal",
        "string_literal",
        "true",
        "false",
        "null",
        "field_expression",
        "subscript_expression",
    }
)
_OPERAND = _SIMPLE | {"call_expression"}
"""What means the same beside any operator, and is no call whose result is dropped by a cast."""
_WHOLE = _OPERAND | {
    "binary_expression",
    "unary_expression",
    "pointer_expression",
    "assignment_expression",
    "conditional_expression",
    "cast_expression",
    "update_expression",
    "parenthesized_expression",
    "sizeof_expression",
    "concatenated_string",
}
_STATEMENT = frozenset({"call_expression", "assignment_expression", "update_expression"})
_STRINGS = frozenset({"string_literal", "concatenated_string"})
_DEMANDS = {
    "parenthesized_expression": _WHOLE,
    "condition_clause": _WHOLE,
    "argument_list": _WHOLE,
    "return_statement": _WHOLE,
    "init_declarator": _WHOLE,
    "subscript_argument_list": _WHOLE,
    "binary_expression": _OPERAND,
    "unary_expression": _OPERAND,
    "pointer_expression": _OPERAND,
    "conditional_expression": _OPERAND,
    "comma_expression": _OPERAND,
    "field_expression": _OPERAND,
    "update_expression": _OPERAND,
    "subscript_expression": _OPERAND,
    "assignment_expression": _OPERAND,
    "cast_expression": _SIMPLE,
    "expression_statement": _STATEMENT,
    "concatenated_string": _STRINGS,
}
"""Kinds of arguments that mean the same in a place as they do where they are written, by what holds the place."""
_CALLED = frozenset({"identifier", "field_expression", "qualified_identifier"})
_HOLDERS = _DEMANDS.keys() | {
    "call_expression",
    "compound_statement",
    "if_statement",
    "else_clause",
    "while_statement",
    "do_statement",
    "for_statement",
    "switch_statement",
    "case_statement",
    "labeled_statement",
    "declaration",
}
"""What may lie around such a place: all that is made of values alone, and never of their text."""


@record(frozen=True, slots=True)
class Hole:
    """Where an argument goes."""

    start: int
    end: int
    param: int
    text: bool = False
    """As a string literal: `#x`."""
    rest: bool = False
    """All arguments from there on."""
    pasted: bool = False
    """`, ##__VA_ARGS__`: without arguments the comma goes too."""


@record(frozen=True, slots=True)
class Template:
    """The body of a macro in a made function, parsed with names in the place of arguments."""

    text: str
    statements: list[Node]
    holes: dict[int, Hole]
    """By where they start."""
    fitting: list[tuple[int, frozenset[int]]]
    """Numbers of the kinds of nodes that each parameter may stand for."""
    has_rest: bool
    """All arguments from one on go somewhere."""
    needs_rest: bool
    """The arguments behind the last parameter must not be none."""
    value: Node | None
    """The expression that the last statement is."""


@lru_cache(1024)
def template(body: str, params: tuple[str, ...], language: str) -> Template | None:
    """The template of a macro; None where it needs the text of its arguments, or is no complete code without it."""
    if len(body) > MAX_BODY or any("..." in p for p in params[:-1]):
        return None
    made = _made(body, params)
    if made is None:
        return None
    text, holes = made
    root = parse((text + ";}").encode("ascii", "replace"), language).root_node
    block = body_of(root) if not root.has_error else None
    if block is None or block.end_byte < len(text):
        return None
    fitting: dict[int, frozenset[str]] = {}
    for hole in holes:
        fits = _fitting(root, hole, text)
        if fits is None:
            return None
        fitting[hole.param] = fitting.get(hole.param, _WHOLE) & fits
    statements = [c for c in block.named_children if c.type != "comment" and not is_empty(c)]
    rest = [h for h in holes if h.rest and not h.text]
    return Template(
        text + ";}",
        statements,
        {h.start: h for h in holes},
        [(param, numbers(kinds, language)) for param, kinds in fitting.items()],
        bool(rest),
        any(not h.pasted for h in rest),
        valued(statements),
    )


@lru_cache(64)
def numbers(kinds: frozenset[str], language: str) -> frozenset[int]:
    """The numbers of some kinds of nodes."""
    return frozenset(
        number for number, is_one in by_kind(language, dict.fromkeys(kinds, True), False).items() if is_one
    )


def valued(statements: Sequence[Node]) -> Node | None:
    """The expression that the last of some statements is."""
    if not statements or statements[-1].type != "expression_statement":
        return None
    inner = [c for c in statements[-1].named_children if c.type != "comment"]
    return inner[0] if len(inner) == 1 else None


def is_empty(node: Node) -> bool:
    """Whether a statement is a semicolon alone."""
    return node.type == "expression_statement" and node.named_child_count == 0


def _made(body: str, params: tuple[str, ...]) -> tuple[str, list[Hole]] | None:
    """The body with names in the place of arguments; None when it pastes what cannot be told in advance."""
    names = {name: at for at, name in enumerate(params)}
    variadic = -1
    if params and params[-1].endswith("..."):
        variadic = len(params) - 1
        names[params[-1].removesuffix("...").strip() or "__VA_ARGS__"] = names["__VA_ARGS__"] = variadic
    out = [STATEMENT_HEAD]
    size = len(STATEMENT_HEAD)
    holes: list[Hole] = []
    tokens = pieces(body)
    text = pasted = False
    for token in tokens:
        stripped = token.strip()
        param = names.get(token)
        if stripped == "##":
            if not out[-1].rstrip().endswith(","):
                return None
            pasted = True
            continue
        if stripped == "#":
            text = True
            continue
        if token == "__VA_OPT__" or (text and (param is None or pasted)):
            return None
        if pasted and param != variadic:
            return None
        if param is not None:
            token = f'"{_HOLE}"' if text else f"{_HOLE}{param}"
            holes.append(Hole(size, size + len(token), param, text, param == variadic, pasted))
        out.append(token)
        size += len(token)
        text = pasted = False
    return ("".join(out), holes) if not text and not pasted else None


def _fitting(root: Node, hole: Hole, text: str) -> frozenset[str] | None:
    """The kinds of arguments that mean the same in a hole as where they are written; None when it takes none."""
    node = root.descendant_for_byte_range(hole.start, hole.end)
    while node is not None and hole.text and node.type != "string_literal":
        node = node.parent
    if node is None or node.type != ("string_literal" if hole.text else "identifier"):
        return None
    if node.start_byte != hole.start or node.end_byte != hole.end:
        return None
    parent = node.parent
    if parent is None or (hole.rest and not hole.text and parent.type != "argument_list"):
        return None
    fits = _DEMANDS.get(parent.type)
    if parent.type == "parenthesized_expression" and parent.parent is not None:
        fits = _SIMPLE if parent.parent.type == "cast_expression" else fits
    while parent is not None and parent.type != "function_definition":
        if parent.type not in _HOLDERS or not _is_value(node, parent, text):
            return None
        node, parent = parent, parent.parent
    return _WHOLE if hole.text else fits


def _is_value(node: Node, parent: Node, text: str) -> bool:
    """Whether what holds a place asks for its value, and not for how that is written."""
    if parent.type == "call_expression":
        return node.type == "argument_list" and _is_called(parent.child_by_field_name("function"))
    if parent.type == "declaration":
        return node.type == "init_declarator" and "const" not in text[parent.start_byte : node.start_byte]
    if parent.type == "case_statement":
        return parent.child_by_field_name("value") != node
    if parent.type == "init_declarator":
        declarator = parent.child_by_field_name("declarator")
        return declarator is not None and declarator != node and declarator.type in ("identifier", "pointer_declarator")
    return True


def _is_called(function: Node | None) -> bool:
    """Whether the parser takes this for what is called, whatever the arguments are: `f`, and the T of `(T)(x)`."""
    while function is not None and function.type == "call_expression":
        function = function.child_by_field_name("function")
    if function is not None and function.type == "parenthesized_expression":
        function = only_part(function)
        return function is not None and function.type == "identifier"
    return function is not None and function.type in _CALLED
