"""The parser of the VBS tooling: handlers of `grammars/vbs.lark`, and the rules that need the text alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from edlint.frontends.edl.automaton import automaton
from edlint.frontends.edl.lists import COMMON
from edlint.frontends.edl.open_enclave import inside_struct, parts, refuse_behind
from edlint.frontends.edl.parser import Handler, Parser, Unexpected
from edlint.frontends.edl.reading import Reading, lacking, refusal, repair
from edlint.frontends.edl.repairs import Repair, did_you_mean, remove, shown
from edlint.frontends.edl.syntax import (
    Attr,
    Attrs,
    Composite,
    Decl,
    Dim,
    Enumerator,
    Function,
    ImportStatement,
    Item,
    Type,
)
from edlint.frontends.edl.tokens import INVALID, Lexed, Token
from edlint.frontends.edl.vbs_words import BUILT_IN, ITEM_WORDS, KEYWORDS, NOT_OPTIONAL, at, c_type, check_words
from edlint.model.types import TypeKind


def parse(reading: Reading, lexed: Lexed) -> None:
    """Fill the reading's tree and problems from tokens."""
    actions = _Actions(reading, lexed)
    parser = Parser(
        automaton("vbs"),
        actions.handlers(),
        lexed,
        contextual=KEYWORDS,
        item_words=ITEM_WORDS,
        on_unexpected=actions.unexpected,
        on_refused=lambda token: reading.refuse_token(token, lexed.refused[token.order], (token.order - 2, 0)),
        on_lost=actions.lost,
    )
    reading.tree.complete = parser.run() is not None
    refuse_behind(reading, lexed)


class _Actions:
    """What the text says, piece by piece."""

    def __init__(self, reading: Reading, lexed: Lexed) -> None:
        self.reading = reading
        self.tree = reading.tree
        self.tokens = lexed.tokens
        self.damage = 0
        self.named: set[int] = set()
        """Names that were refused, by their order."""

    def handlers(self) -> Mapping[str, Handler]:
        """By alias or name of a rule."""
        own = {name[3:]: getattr(self, name) for name in dir(self) if name.startswith("on_")}
        return {**COMMON, **own}

    def unexpected(self, found: Unexpected) -> None:
        self.damage += 1
        token, kinds = found.token, set(found.expected)
        before = found.before
        if self.half_declared([v for v in found.values if v != []]):
            return
        if before and any(
            p.span.start == before.start and p.error_class in _ECHOING for p in self.reading.problems[-2:]
        ):
            return
        text, error_class = shown(token), "syntax.expecting"
        suggestion: Repair | str = ""
        message = refusal(found)
        behind = self.tokens[max(min(token.order, len(self.tokens)) - 2, 0)].text
        if "TRUSTED" in kinds and token.kind != "EOF":
            error_class = "syntax.unexpected_token"
            suggestion = _ITEM_HINTS.get(token.text) or did_you_mean(token, sorted(ITEM_WORDS), 0.75) or repair(found)
        elif kinds == {"NAME", "NUMBER"} and before and before.kind == "LBRACK":
            error_class, message = "type.bad_dim", f"An array dimension is a number or a name, not {text}."
        elif kinds == {"NAME", "NUMBER"} and behind in ("size", "count"):
            error_class = "size.value"
            message = f"The value of 'size' or 'count' is a number or a name, not {text}."
        elif "EXTENT" in kinds:
            error_class, message = "attr.unknown", f"{text[0].upper()}{text[1:]} is no attribute."
        elif kinds == {"LESS"} and before and before.text in ("vector", "optional"):
            error_class = f"type.{before.text}"
            message = f"'{before.text}' needs the type of its elements: '{before.text}<T>'."
        else:
            suggestion = self.suggest(found)
        related = lacking(self.reading, found)
        self.reading.refuse(error_class, token, message, at(token), suggestion=suggestion, related=related)

    def half_declared(self, values: Sequence[Any]) -> bool:
        """Check the name of a declaration that ends too early; whether its dimension is refused before that."""
        match values:
            case [*_, Type(), Token() as name]:
                self.check_name(name)
            case [*_, Type(), Token() as name, Token(kind="LBRACK"), Token(kind="NAME") as size]:
                self.check_name(name)
                return self.check_dimension(size)
            case [*_, Type(), Token(), [Dim()], Token(kind="LBRACK") as second]:
                self.check_dimensions_end(second)
                return True
            case [*_, Token(text="struct" | "enum"), Token(kind="NAME") as name]:
                self.check_name(name)
                return self.check_known(name)
            case [*_, Token(kind="LBRACK") | [Attr(), *_], Token(kind="NAME") as word]:
                return check_words(self.reading, Attrs([Attr(word)], word, word), in_struct=inside_struct(values))
        return False

    def check_dimension(self, size: Token) -> bool:
        """Refuse a dimension that is no constant so far; nothing when an import may have brought it."""
        if any(isinstance(item, ImportStatement) for item in self.tree.items):
            return False
        nameless = [i for i in self.tree.items if isinstance(i, Composite) and i.name is None]
        constants = [e.name.text for i in nameless for e in i.values]
        if size.kind != "NAME" or size.text in constants:
            return False
        message = f"'{size.text}' is no enumerator of an enum without a name."
        self.refuse("type.bad_dim", size, message, at(size), did_you_mean(size, constants))
        return True

    def check_known(self, name: Token) -> bool:
        """Refuse a name that a definition already has, which is looked at before what follows it."""
        if not any(isinstance(i, Composite) and i.name and i.name.text == name.text for i in self.tree.items):
            return False
        self.refuse("dup.type", name, f"The type '{name.text}' is defined twice.", at(name))
        return True

    def check_dimensions_end(self, second: Token) -> None:
        self.refuse("type.multi_dim", second, "An array has one dimension only.", (second.order - 1, 1))

    def suggest(self, found: Unexpected) -> Repair | str:
        before = found.before.text if found.before else ""
        if before == "void" or (found.token.text == ")" and self.tokens[found.token.order - 1].text == "void"):
            return "A function without parameters is written '()'."
        match [v for v in found.values if v != []]:
            case [*_, Type(name=word), Token() as name] if meant := c_type(word, name):
                return meant
        if found.token.text == "<" and found.before and (meant := did_you_mean(found.before, ("vector", "optional"))):
            return meant
        if found.token.text == "allow":
            return "This dialect has no allow lists."
        if before in ("public", "private"):
            sentence = f"Leave '{before}' out: this dialect has no access words."
            return remove(found.before, found.token.start, sentence) if found.before else sentence
        return repair(found)

    def lost(self, tokens: Iterable[Token], values: Sequence[Any], before: Sequence[Any]) -> None:
        self.damage += 1
        for part, in_struct in parts(values, before):
            check_words(self.reading, part, in_struct=in_struct)
            for dim in part.dims[:1] if isinstance(part, Decl) else []:
                if dim.value is not None:
                    self.check_dimension(dim.value)
        self.tree.lost.update(t.text for t in tokens)

    def take_damage(self) -> bool:
        damaged, self.damage = self.damage > 0, 0
        return damaged

    def add(self, item: Item) -> None:
        self.tree.items.append(item)

    def refuse(
        self, error_class: str, place: Token, message: str, order: tuple[int, int], suggestion: str | Repair = ""
    ) -> None:
        self.reading.refuse(error_class, place, message, order, suggestion=suggestion)

    def check_name(self, name: Token) -> None:
        before = self.tokens[name.order - 1] if 0 < name.order < len(self.tokens) else name
        # Behind text that is refused anyway, who knows what is a name.
        if name.text in BUILT_IN and name.order not in self.named and before.kind != INVALID:
            self.named.add(name.order)
            message = f"'{name.text}' is a type of the language and cannot be a name."
            self.refuse("name.reserved", name, message, at(name), c_type(before, name))

    # The file and its items.

    def on_opening(self, word: Token, _: Token) -> None:
        self.tree.first = word

    def on_start(self, *values: Any) -> bool:
        self.tree.close = values[-1]
        return True

    def on_import_file(self, word: Token, path: Token, end: Token) -> None:
        self.add(ImportStatement(path, word, end, None))

    def on_trusted_block(self, *_: Any) -> None: ...

    def on_untrusted_block(self, *_: Any) -> None: ...

    def on_ecall(self, function: Function) -> None:
        function.trusted = True

    # Calls.

    def on_function_head(self, result: Type, name: Token, _: Token) -> tuple[Type, Token]:
        self.damage = 0
        self.check_name(name)
        return result, name

    def on_no_parameters(self, *_: Token) -> list[Decl]:
        return []

    def on_some_parameters(self, params: list[Decl], *_: Token) -> list[Decl]:
        return params

    def on_function(self, head: tuple[Type, Token], params: list[Decl], end: Token) -> Function:
        result, name = head
        made = Function(result, name, params, result.first, end, trusted=False, damaged=self.take_damage())
        made.public = result.first
        made.text = " ".join(t.text for t in self.tokens[result.first.order : end.order + 1])
        self.add(made)
        return made

    # Definitions.

    def on_struct_head(self, keyword: Token, name: Token, _: Token) -> tuple[Token, Token]:
        self.check_name(name)
        return keyword, name

    def on_struct(self, head: tuple[Token, Token], members: list[Decl], close: Token, _: Token) -> None:
        keyword, name = head
        for member in members:
            if member.type.base == name.text and not member.type.arguments:
                self.refuse(
                    "type.self_ref",
                    member.type.name,
                    f"The struct '{name.text}' contains itself.",
                    (max(close.order - 1, 0), 1),
                    "Use 'vector' or another struct.",
                )
        self.add(Composite(keyword, name, members, [], keyword, close, self.take_damage()))

    def on_anonymous_enum(self, keyword: Token, _: Token, values: list[Enumerator], close: Token, __: Token) -> None:
        self.add(Composite(keyword, None, [], values, keyword, close, self.take_damage()))

    def on_enum(self, head: tuple[Token, Token], values: list[Enumerator], close: Token, _: Token) -> None:
        self.add(Composite(head[0], head[1], [], values, head[0], close, self.take_damage()))

    def on_own_ended(self, items: list[Any], _: Token) -> list[Any]:
        return items

    def on_enumerator_value(self, name: Token, _: Token, value: Token) -> Enumerator:
        if not re.fullmatch(r"[0-9]+|0[xX][0-9A-Fa-f]+", value.text):
            self.refuse("syntax.expecting", value, f"'{value.text}' is no number.", at(value))
        return Enumerator(name, value)

    # Declarations.

    def on_declaration(self, attrs: Attrs, of: Type, name: Token, dims: list[Dim]) -> Decl:
        return self.declaration(attrs, of, name, dims)

    def on_plain_declaration(self, of: Type, name: Token, dims: list[Dim]) -> Decl:
        return self.declaration(None, of, name, dims)

    def declaration(self, attrs: Attrs | None, of: Type, name: Token, dims: list[Dim]) -> Decl:
        self.check_name(name)
        if len(dims) > 1:
            self.check_dimensions_end(dims[1].open)
        first = attrs.open if attrs else of.first
        return Decl(attrs, of, name, dims, first, dims[-1].close if dims else name)

    def on_no_attributes(self, opening: Token, closing: Token) -> Attrs:
        return Attrs([], opening, closing)

    def on_attributes(self, opening: Token, items: list[Attr], closing: Token) -> Attrs:
        return Attrs(items, opening, closing)

    def on_attributes_comma(self, opening: Token, items: list[Attr], _: Token, closing: Token) -> Attrs:
        return Attrs(items, opening, closing)

    def on_dimension(self, dims: list[Dim], opening: Token, value: Token, closing: Token) -> list[Dim]:
        dims.append(Dim(value, opening, closing))
        return dims

    def on_named(self, name: Token) -> Type:
        return Type(name.text, TypeKind.BUILTIN if name.text in BUILT_IN else TypeKind.NAMED, name, name, name)

    def on_element(self, word: Token, _: Token, name: Token) -> tuple[Token, Token]:
        if word.text == "vector" and name.text == "vector":
            self.refuse("type.multi_dim", name, "A vector of vectors is not supported.", at(name))
        elif word.text == "vector" and name.text == "optional":
            self.refuse("type.vector", name, "A vector of optional values is not supported.", at(name))
        elif word.text == "optional" and name.text in NOT_OPTIONAL:
            self.refuse("type.optional", name, f"An optional {name.text} is not supported.", at(name))
        return word, name

    def on_last_element(self, _: Any, __: Token, name: Token, ___: Token) -> Token:
        return name

    def on_container(self, element: tuple[Token, Token], closing: Token, later: Token | None) -> Type:
        word, name = element
        inner = self.on_named(later or name)
        return Type(word.text, TypeKind.BUILTIN, word, closing, word, arguments=(inner,))

    def on_valued_word(self, name: Token, equal: Token, value: Token) -> Attr:
        if name.text in ("in", "out"):
            self.refuse("syntax.expecting", equal, f"The attribute '{name.text}' takes no value.", at(equal))
        return Attr(name, value, assigned=True)


_ECHOING = ("name.reserved", "type.multi_dim", "type.vector", "type.optional")
"""Refusals of a word, behind which the compiler does not get."""

_ITEM_HINTS = {
    "include": "This dialect includes no C headers.",
    "from": 'Write: import "file.edl";',
    "union": "This dialect has no unions.",
}
