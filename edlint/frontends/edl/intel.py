"""The parser of sgx_edger8r and of secGear's generator: handlers of `grammars/intel.lark`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edlint.frontends.edl import intel_attributes as attributes
from edlint.frontends.edl.automaton import automaton
from edlint.frontends.edl.intel_attributes import Checked, Fault
from edlint.frontends.edl.lists import COMMON, pointer_type
from edlint.frontends.edl.parser import Handler, Parser, Unexpected
from edlint.frontends.edl.reading import NO_DIMENSION, Reading, habit, lacking, refusal, repair
from edlint.frontends.edl.repairs import Repair, meant_keyword, remove, replace
from edlint.frontends.edl.syntax import (
    Attrs,
    Composite,
    Decl,
    Dim,
    Enumerator,
    Function,
    ImportStatement,
    Include,
    Item,
    Tree,
    Type,
)
from edlint.frontends.edl.tokens import Lexed, Token
from edlint.model.interface import Dialect

KEYWORDS: Mapping[str, str] = {
    **{word: word.upper() for word in ("char", "short", "unsigned", "int", "long", "float", "double", "void")},
    **{word: word.upper() for word in ("struct", "union", "enum", "enclave", "trusted", "untrusted", "from")},
    **{word: word.upper() for word in ("import", "allow", "public", "include", "const")},
    **{f"{sign}int{width}_t": "FIXED_WIDTH" for sign in ("", "u") for width in (8, 16, 32, 64)},
    "size_t": "FIXED_WIDTH",
    "wchar_t": "FIXED_WIDTH",
    "propagate_errno": "ERRNO",
    "transition_using_threads": "SWITCHLESS",
}
"""Reserved words and the terminals that they are."""

ITEM_WORDS = frozenset({"trusted", "untrusted", "struct", "union", "enum", "from", "include"})

PARSING = 2
"""Place of parsing among the phases of this compiler."""


def parse(reading: Reading, lexed: Lexed, dialect: Dialect) -> None:
    """Fill the reading's tree and problems from tokens."""
    actions = _Actions(reading, lexed, dialect)
    parser = Parser(
        automaton("intel"),
        actions.handlers(),
        lexed,
        contextual={},
        item_words=ITEM_WORDS,
        on_unexpected=actions.unexpected,
        on_refused=lambda token: reading.refuse_token(token, lexed.refused[token.order], (PARSING,)),
        on_lost=actions.lost,
    )
    reading.tree.complete = parser.run() is not None


@dataclass(slots=True)
class Head:
    """Attributes and type of a declaration, before its name."""

    attrs: Attrs | None
    type: Type
    checked: Checked
    refused: bool = False


class _Actions:
    """What the compiler does when a piece of text is complete."""

    def __init__(self, reading: Reading, lexed: Lexed, dialect: Dialect) -> None:
        self.reading = reading
        self.dialect = dialect
        self.tree: Tree = reading.tree
        self.tokens = lexed.tokens
        self.damage = 0

    def handlers(self) -> Mapping[str, Handler]:
        """By alias or name of a rule."""
        own = {name[3:]: getattr(self, name) for name in dir(self) if name.startswith("on_")}
        return {**COMMON, **own}

    def refuse(self, fault: Fault) -> None:
        self.reading.refuse(fault.error_class, fault.place, fault.message, (PARSING,), suggestion=fault.suggestion)

    def refuse_all(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.refuse(fault)

    def unexpected(self, found: Unexpected) -> None:
        self.damage += 1
        self.reading.refuse(
            "syntax.unexpected_token",
            found.token,
            refusal(found),
            (PARSING,),
            suggestion=suggest(found),
            related=lacking(self.reading, found),
        )

    def lost(self, tokens: Iterable[Token], _: Sequence[Any], __: Sequence[Any]) -> None:
        self.damage += 1
        self.tree.lost.update(t.text for t in tokens)

    # The file and its items.

    def on_opening(self, word: Token, _: Token) -> Token:
        self.tree.first = word
        return word

    def on_enclave(self, _: Token, __: Any, close: Token) -> Tree:
        self.tree.close = close
        return self.tree

    def on_start(self, tree: Tree, *_: Token) -> Tree:
        return tree

    def on_include(self, word: Token, path: Token) -> None:
        self.add(Include(path, word))

    def on_import_all(self, word: Token, path: Token, _: Token, star: Token) -> None:
        self.add(ImportStatement(path, word, star, None, star))

    def on_import_names(self, word: Token, path: Token, _: Token, names: list[Token]) -> None:
        self.add(ImportStatement(path, word, names[-1], names))

    def on_trusted_block(self, *_: Any) -> None: ...

    def on_untrusted_block(self, *_: Any) -> None: ...

    def on_with_includes(self, *_: Any) -> None: ...

    def add(self, item: Item) -> None:
        self.tree.items.append(item)

    # Types.

    def on_type(self, of: Type) -> Type:
        return of

    def on_flexible(self, opening: Token, closing: Token) -> list[Dim]:
        message = "An array needs a fixed size in its first dimension."
        self.refuse(Fault("type.flexible_array", opening, message, NO_DIMENSION))
        return [Dim(None, opening, closing)]

    def on_fixed_one(self, opening: Token, number: Token, closing: Token) -> list[Dim]:
        if not number.text.strip("0"):
            self.refuse(Fault("type.zero_array", number, "An array of zero elements is not supported."))
        return [Dim(number, opening, closing)]

    # Attributes and declarations.

    def on_empty_attributes(self, opening: Token, closing: Token) -> Attrs:
        away = remove(opening, closing.end, "Remove the brackets.")
        self.refuse(Fault("attr.empty", opening, "The attribute list is empty.", away))
        return Attrs([], opening, closing)

    def on_attributes(self, opening: Token, items: list[Any], closing: Token) -> Attrs:
        return Attrs(items, opening, closing)

    def on_declarator(self, name: Token) -> tuple[Token, list[Dim]]:
        return name, []

    def on_array_declarator(self, name: Token, dims: list[Dim]) -> tuple[Token, list[Dim]]:
        return name, dims

    def on_parameter_type(self, attrs: Attrs, of: Type) -> Head:
        checked = attributes.parameter(attrs, of.name)
        return self.head(attrs, of, checked, checked.faults or list(attributes.against_type(checked, of)))

    def on_plain_parameter_type(self, of: Type) -> Head:
        return Head(None, of, Checked(None))

    def on_const_parameter_type(self, attrs: Attrs, const: Token, of: Type, stars: list[Token]) -> Head:
        checked = attributes.parameter(attrs, of.name)
        return self.head(attrs, _const(const, of, stars), checked, checked.faults)

    def on_plain_const_parameter_type(self, const: Token, of: Type, stars: list[Token]) -> Head:
        checked = attributes.parameter(None, of.name)
        return self.head(None, _const(const, of, stars), checked, checked.faults)

    def head(self, attrs: Attrs | None, of: Type, checked: Checked, faults: list[Fault]) -> Head:
        """Refuse the faults, but none of a list that was refused for being empty."""
        if attrs is not None and not attrs.items:
            return Head(attrs, of, checked, refused=True)
        self.refuse_all(faults)
        return Head(attrs, of, checked, refused=bool(faults))

    def on_parameter(self, head: Head, declarator: tuple[Token, list[Dim]]) -> Decl:
        decl = self.decl(head, declarator)
        if head.refused:
            return decl
        plain = not (decl.type.pointers or decl.dims or head.checked.isptr or head.checked.isary)
        if head.attrs is not None and plain:
            decl.refused = True
            self.refuse(
                Fault(
                    "attr.on_plain_type",
                    head.attrs.items[0].name,
                    f"The parameter '{decl.name.text}' is no pointer or array, so it cannot have attributes.",
                    "Remove the attributes.",
                )
            )
        elif head.attrs is None and not plain and not decl.type.const:
            decl.refused = True
            self.refuse_all(attributes.parameter(None, decl.name).faults)
        elif decl.type.base == "void" and plain:
            self.refuse(Fault("type.void_decl", decl.name, f"The parameter '{decl.name.text}' has type void."))
        return decl

    def decl(self, head: Head, declarator: tuple[Token, list[Dim]]) -> Decl:
        name, dims = declarator
        first = head.attrs.open if head.attrs else head.type.first
        return Decl(head.attrs, head.type, name, dims, first, dims[-1].close if dims else name, head.refused)

    def on_member_type(self, attrs: Attrs, of: Type) -> Head:
        checked = attributes.member(attrs)
        return self.head(attrs, of, checked, checked.faults)

    def on_plain_member_type(self, of: Type) -> Head:
        return Head(None, of, Checked(None))

    def on_member(self, head: Head, declarator: tuple[Token, list[Dim]]) -> Decl:
        decl = self.decl(head, declarator)
        plain = not decl.type.pointers and not decl.dims
        if head.refused:
            return decl
        if plain and (extent := head.checked.extent):
            # The two compilers word this refusal differently.
            like_typedef = decl.type.is_bare_name or self.dialect is Dialect.SECGEAR
            self.refuse(
                Fault(
                    "attr.on_plain_type" if like_typedef else "attr.member_not_pointer",
                    extent.name,
                    f"The member '{decl.name.text}' is neither a pointer nor an array.",
                )
            )
        elif plain and decl.type.base == "void":
            self.refuse(Fault("type.void_decl", decl.name, f"The member '{decl.name.text}' has type void."))
        return decl

    def on_union_member(self, of: Type, declarator: tuple[Token, list[Dim]]) -> Decl:
        decl = self.decl(Head(None, of, Checked(None)), declarator)
        if of.base == "void" and not of.pointers:
            self.refuse(Fault("type.void_decl", decl.name, f"The union member '{decl.name.text}' has type void."))
        return decl

    # Definitions.

    def on_struct(self, keyword: Token, name: Token, _: Token, members: list[Decl], close: Token) -> None:
        self.add(Composite(keyword, name, members, [], keyword, close, self.take_damage()))

    on_union = on_struct

    def on_anonymous_enum(self, keyword: Token, _: Token, values: list[Enumerator], close: Token) -> None:
        self.add(Composite(keyword, None, [], values, keyword, close, self.take_damage()))

    def on_enum(self, keyword: Token, name: Token, _: Token, values: list[Enumerator], close: Token) -> None:
        self.add(Composite(keyword, name, [], values, keyword, close, self.take_damage()))

    # Calls.

    def on_no_parameters(self, *tokens: Token) -> tuple[list[Decl], Token]:
        return [], tokens[-1]

    def on_some_parameters(self, _: Token, params: list[Decl], close: Token) -> tuple[list[Decl], Token]:
        return params, close

    def on_function(self, result: Type, name: Token, parameters: tuple[list[Decl], Token]) -> Function:
        params, close = parameters
        return Function(result, name, params, result.first, close, damaged=self.take_damage())

    def on_function_of_array(
        self, result: Type, dims: list[Dim], name: Token, parameters: tuple[list[Decl], Token]
    ) -> Function:
        self.refuse(
            Fault("type.return_array", dims[0].open, f"The function '{name.text}' returns an array.", "Use a pointer.")
        )
        return self.on_function(result, name, parameters)

    def on_more_ecall(
        self, _: Any, public: Token | None, function: Function, switchless: Token | None, end: Token
    ) -> None:
        function.public, function.switchless = public, switchless
        function.first = public or function.first
        self.finish(function, end)

    def on_allow_nobody(self, word: Token, *_: Token) -> tuple[Token, list[Token]]:
        return word, []

    def on_allow_names(self, word: Token, _: Token, names: list[Token], __: Token) -> tuple[Token, list[Token]]:
        return word, names

    def on_suffixes(self, first: Token, second: Token | None) -> list[Token]:
        return [first, second] if second else [first]

    def on_ocall(
        self,
        prefix: Attrs | None,
        function: Function,
        allow: tuple[Token, list[Token]] | None,
        suffix: list[Token] | None,
    ) -> Function:
        function.trusted, function.prefix = False, prefix
        if prefix is not None:
            function.first = prefix.open
        if allow is not None:
            function.allow_word, function.allow = allow
        for word in suffix or []:
            if word.kind == "ERRNO":
                function.errno = word
            else:
                function.switchless = word
        self.check(function)
        if prefix is not None and prefix.items:
            self.refuse_all(attributes.prefix(prefix))
        return function

    def on_more_ocall(self, _: Any, function: Function, end: Token) -> None:
        self.finish(function, end)

    def check(self, function: Function) -> None:
        """The rules that wait for the whole parameter list."""
        for decl in function.params:
            if not decl.refused:
                self.refuse_all(list(attributes.of_function(function.name.text, decl))[:1])

    def finish(self, function: Function, end: Token) -> None:
        if function.trusted:
            self.check(function)
        function.last = end
        function.text = " ".join(t.text for t in self.tokens[function.first.order : end.order + 1])
        self.add(function)

    def take_damage(self) -> bool:
        """Whether something of what is complete now could not be read."""
        damaged, self.damage = self.damage > 0, 0
        return damaged


def _const(const: Token, of: Type, stars: list[Token]) -> Type:
    made = pointer_type(of, stars)
    made.const, made.first = True, const
    return made


def suggest(found: Unexpected) -> Repair | str:
    """What was probably meant, where that is plain."""
    word, before = found.token.text, found.before.text if found.before else ""
    for token in (found.token, found.before):
        if token is not None and token.text == "switchless" and not found.inserted:
            return replace(token, "transition_using_threads", "The word is 'transition_using_threads'.")
    if word in _HINTS and not found.inserted:
        return _HINTS[word]
    if found.expected == ("STAR",):
        return _HINTS["const"]
    if word == "public" and before in ("{", ";"):
        return remove(found.token, found.token.end + 1, "An OCALL is never public; leave the word out.")
    if found.before is not None and before in _HINTS_BEFORE:
        return remove(found.before, found.token.start, _HINTS_BEFORE[before])
    if found.before and (public := meant_keyword(found.before, ("PUBLIC",), KEYWORDS)):
        return public
    if meant := habit(found):
        return meant
    if word in KEYWORDS and "NAME" in found.expected and "SEMI" not in found.inserted:
        return f"'{word}' is a reserved word of this compiler."
    return meant_keyword(found.token, found.expected, KEYWORDS) or repair(found)


_HINTS = {
    "allow": "An allow list stands directly behind the parameters of an OCALL.",
    "const": "Only a pointer parameter can be const, and 'const' is its first word.",
    "import": 'Write: from "file.edl" import *;',
}
_HINTS_BEFORE = {
    "private": "An ECALL without 'public' is private; leave the word out.",
    "signed": "Leave 'signed' out.",
    "static": "Leave 'static' out.",
}
