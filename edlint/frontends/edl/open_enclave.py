"""The parser of oeedger8r: handlers of `grammars/open_enclave.lark`, and the words that it takes as keywords."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from edlint.frontends.edl.automaton import automaton
from edlint.frontends.edl.lists import COMMON, basic, pointer_type
from edlint.frontends.edl.open_enclave_rules import check_alone, first_fault, refuse_allow
from edlint.frontends.edl.open_enclave_words import ATTRIBUTES, ITEM_WORDS, KEYWORDS, at
from edlint.frontends.edl.parser import Handler, Parser, Unexpected
from edlint.frontends.edl.reading import NO_DIMENSION, Reading, habit, lacking, refusal, repair
from edlint.frontends.edl.repairs import Repair, meant_keyword, remove, replace, shown
from edlint.frontends.edl.syntax import (
    Attr,
    Attrs,
    Composite,
    Decl,
    Dim,
    Enumerator,
    Function,
    ImportStatement,
    Include,
    Item,
    Type,
)
from edlint.frontends.edl.tokens import INVALID, Lexed, Token


def parse(reading: Reading, lexed: Lexed) -> None:
    """Fill the reading's tree and problems from tokens."""
    actions = _Actions(reading, lexed)
    parser = Parser(
        automaton("open_enclave"),
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


def parts(values: Sequence[Any], before: Sequence[Any]) -> Iterator[tuple[Attrs | Decl, bool]]:
    """Attribute lists and declarations among values that are given up, and whether each is in a struct."""
    for place, value in enumerate(values):
        unfinished = [item for item in value if isinstance(item, Attr)] if isinstance(value, list) else []
        if unfinished:
            yield Attrs(unfinished, unfinished[0].name, unfinished[-1].name), inside_struct([*before, *values[:place]])
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, Attrs | Decl):
                yield item, inside_struct([*before, *values[:place]])


def inside_struct(values: Sequence[Any]) -> bool:
    """Whether the innermost open brace on the stack is that of a struct."""
    braces = [n for n, value in enumerate(values) if isinstance(value, Token) and value.text == "{"]
    word = values[braces[-1] - 2] if braces and braces[-1] > 1 else None
    return isinstance(word, Token) and word.text == "struct"


def refuse_behind(reading: Reading, lexed: Lexed) -> None:
    """The compiler has read two tokens behind the closing brace of the enclave when it stops."""
    close = reading.tree.close
    for token in lexed.tokens[close.order + 1 : close.order + 3] if close is not None else []:
        if token.kind == INVALID:
            reading.refuse_token(token, lexed.refused[token.order], (token.order - 2, 0))
            return


class _Actions:
    """What the text says, piece by piece; what it means is decided in open_enclave_rules."""

    def __init__(self, reading: Reading, lexed: Lexed) -> None:
        self.reading = reading
        self.tree = reading.tree
        self.tokens = lexed.tokens
        self.damage = 0

    def handlers(self) -> Mapping[str, Handler]:
        """By alias or name of a rule."""
        own = {name[3:]: getattr(self, name) for name in dir(self) if name.startswith("on_")}
        return {**COMMON, **own}

    def unexpected(self, found: Unexpected) -> None:
        self.damage += 1
        if self.half_declared(found):
            return
        token, kinds = found.token, set(found.expected)
        before = found.before.kind if found.before else ""
        text, error_class = shown(token), "syntax.expecting"
        suggestion: Repair | str = ""
        if kinds == {"NAME", "NUMBER"} and before == "LBRACK":
            error_class = "type.bad_dim"
            message = f"An array dimension is a number or a name, not {text}."
            suggestion = NO_DIMENSION if token.text == "]" else ""
        elif kinds == {"NAME", "NUMBER"} and self.tokens[max(min(token.order, len(self.tokens)) - 2, 0)].text in (
            "size",
            "count",
        ):
            error_class = "size.value"
            message = f"The value of 'size' or 'count' is a number or a name, not {text}."
        elif "EXTENT" in kinds:
            error_class, message = "attr.unknown", f"{text} is no attribute.".replace("the end", "The end")
            suggestion = "Remove the empty brackets." if token.text == "]" and before == "LBRACK" else ""
        else:
            message = refusal(found)
            suggestion = suggest(found)
        related = lacking(self.reading, found)
        self.reading.refuse(error_class, token, message, at(token), suggestion=suggestion, related=related)

    def half_declared(self, found: Unexpected) -> bool:
        """Whether what was read of a declaration is refused before the compiler comes to the token."""
        values = [v for v in found.values if v != []]
        word = values[-1] if values else None
        given_up = not (found.inserted or found.dropped)
        if given_up and (allow := _allow_of_ecall(values)) is not None:
            refuse_allow(self.reading, allow)
            return True
        if (again := _second_extent(values)) is not None:
            message = f"The attribute '{again.text}' is given twice."
            self.reading.refuse("attr.duplicate", again, message, at(again))
            return True
        if {"RBRACK", "EQUAL"} <= set(found.expected) and isinstance(word, Token) and word.text not in ATTRIBUTES:
            check_alone(self.reading, Attrs([Attr(word)], word, word), in_struct=False)
            return True
        attrs, of, name = [None, None, None, *values][-3:]
        if not isinstance(attrs, Attrs) or not isinstance(of, Type) or not isinstance(name, Token):
            return False
        decl = Decl(attrs, of, name, [], attrs.open, name)
        fault = first_fault(decl, in_function=not inside_struct(values))
        if fault is None:
            return False
        hint = _MISPLACED.get(name.text, fault.suggestion)
        if of.base == "signed":
            hint = remove(of.first, name.start, "Leave 'signed' out.")
        self.reading.refuse(fault.error_class, fault.place, fault.message, at(name), suggestion=hint)
        return True

    def lost(self, tokens: Iterable[Token], values: Sequence[Any], before: Sequence[Any]) -> None:
        self.damage += 1
        for part, in_struct in parts(values, before):
            check_alone(self.reading, part, in_struct=in_struct)
        for n, (word, path) in enumerate(pairwise(values)):
            # The compiler opens the file before it looks at what follows the path, and looks up each name at once.
            if isinstance(word, Token) and word.text == "from" and isinstance(path, Token) and path.kind == "STRING":
                names = values[-1] if len(values) > n + 2 and isinstance(values[-1], list) else []
                self.add(ImportStatement(path, word, path, [name for name in names if isinstance(name, Token)]))
        self.tree.lost.update(t.text for t in tokens)

    def take_damage(self) -> bool:
        damaged, self.damage = self.damage > 0, 0
        return damaged

    def add(self, item: Item) -> None:
        self.tree.items.append(item)

    # The file and its items.

    def on_opening(self, word: Token, _: Token) -> None:
        self.tree.first = word

    def on_start(self, *values: Any) -> bool:
        self.tree.close = values[-1]
        return True

    def on_include(self, word: Token, path: Token) -> None:
        self.add(Include(path, word))

    def on_import_file(self, word: Token, path: Token) -> None:
        self.add(ImportStatement(path, word, path, None))

    def on_import_all(self, word: Token, path: Token, _: Token, star: Token, end: Token) -> None:
        self.add(ImportStatement(path, word, end, None, star))

    def on_import_nothing(self, word: Token, path: Token, _: Token, end: Token) -> None:
        self.add(ImportStatement(path, word, end, []))

    def on_import_names(self, word: Token, path: Token, _: Token, names: list[Token], *rest: Token) -> None:
        self.add(ImportStatement(path, word, rest[-1], names))

    def on_trusted_block(self, *_: Any) -> None: ...

    def on_untrusted_block(self, *_: Any) -> None: ...

    def on_public_ecall(self, public: Token, function: Function) -> None:
        function.public, function.first, function.trusted = public, public, True

    def on_private_ecall(self, function: Function) -> None:
        function.trusted = True

    # Calls.

    def on_function_head(self, result: Type, name: Token, _: Token) -> tuple[Type, Token]:
        self.damage = 0
        self.check_long(result, name)
        return result, name

    def on_no_parameters(self, *_: Token) -> list[Decl]:
        return []

    def on_some_parameters(self, params: list[Decl], *_: Token) -> list[Decl]:
        return params

    def on_allow_nobody(self, word: Token, *_: Token) -> tuple[Token, list[Token]]:
        return word, []

    def on_allow_names(self, word: Token, _: Token, names: list[Token], *__: Token) -> tuple[Token, list[Token]]:
        return word, names

    def on_both(self, first: Token, second: Token) -> list[Token]:
        return [first, second]

    def on_function(
        self,
        head: tuple[Type, Token],
        params: list[Decl],
        allow: tuple[Token, list[Token]] | None,
        suffixes: list[Token],
        end: Token,
    ) -> Function:
        result, name = head
        made = Function(result, name, params, result.first, end, trusted=False, damaged=self.take_damage())
        if allow is not None:
            made.allow_word, made.allow = allow
        for word in suffixes:
            if word.text == "propagate_errno":
                made.errno = word
            else:
                made.switchless = word
        made.text = " ".join(t.text for t in self.tokens[result.first.order : end.order + 1])
        self.add(made)
        return made

    # Definitions.

    def on_struct(self, keyword: Token, name: Token, _: Token, members: list[Decl], close: Token, __: Token) -> None:
        self.add(Composite(keyword, name, members, [], keyword, close, self.take_damage()))

    def on_anonymous_enum(self, keyword: Token, _: Token, values: list[Enumerator], close: Token, __: Token) -> None:
        self.add(Composite(keyword, None, [], values, keyword, close, self.take_damage()))

    def on_enum(self, keyword: Token, name: Token, _: Token, values: list[Enumerator], close: Token, __: Token) -> None:
        self.add(Composite(keyword, name, [], values, keyword, close, self.take_damage()))

    def on_own_ended(self, items: list[Any], _: Token) -> list[Any]:
        return items

    # Declarations.

    def on_declaration(self, attrs: Attrs, of: Type, name: Token, dims: list[Dim]) -> Decl:
        self.check_long(of, name)
        return Decl(attrs, of, name, dims, attrs.open, dims[-1].close if dims else name)

    def on_plain_declaration(self, of: Type, name: Token, dims: list[Dim]) -> Decl:
        self.check_long(of, name)
        return Decl(None, of, name, dims, of.first, dims[-1].close if dims else name)

    def on_attributes(self, opening: Token, items: list[Attr], closing: Token) -> Attrs:
        return Attrs(items, opening, closing)

    def on_attributes_comma(self, opening: Token, items: list[Attr], _: Token, closing: Token) -> Attrs:
        return Attrs(items, opening, closing)

    def on_valued_word(self, name: Token, equal: Token, value: Token) -> Attr:
        if name.text in ATTRIBUTES:
            self.reading.refuse("syntax.expecting", equal, f"The attribute '{name.text}' takes no value.", at(equal))
        return Attr(name, value, assigned=True)

    def on_dimension(self, dims: list[Dim], opening: Token, value: Token, closing: Token) -> list[Dim]:
        dims.append(Dim(value, opening, closing))
        return dims

    def on_const_type(self, const: Token, of: Type, stars: list[Token]) -> Type:
        made = self.on_plain_type(of, stars)
        made.const, made.first = True, const
        return made

    def on_plain_type(self, of: Type, stars: list[Token]) -> Type:
        return pointer_type(of, stars) if stars else of

    def on_unsigned(self, unsigned: Token, integer: Type) -> Type:
        words = self.tokens[integer.first.order : integer.last.order + 1]
        return basic(unsigned, list(words))

    def check_long(self, of: Type, name: Token) -> None:
        """`unsigned long double` stops the compiler; a name that is spelt `double` is none here."""
        if of.base == "unsigned long" and not of.pointers and name.text == "double" and of.last.text == "long":
            self.reading.refuse("syntax.expecting", name, "A double cannot be unsigned.", at(of.last))


def _allow_of_ecall(values: Sequence[Any]) -> Token | None:
    """The word of an allow list that was read behind an ECALL: refused before what follows it is read."""
    match values:
        case [*front, (Token(text="allow") as word, list())] if _block(front) == "trusted":
            return word
    return None


def _block(values: Sequence[Any]) -> str:
    """The word in front of the innermost open brace on the stack."""
    for word, brace in zip(values[-2::-1], values[:0:-1], strict=False):
        if isinstance(brace, Token) and brace.text == "{" and isinstance(word, Token):
            return word.text
    return ""


def _second_extent(values: Sequence[Any]) -> Token | None:
    """The `size` or `count` that an unfinished list has twice: refused before the value of the second is read."""
    extents: list[Token] = []
    for value in values[-5:]:
        if isinstance(value, Token) and value.text in ("size", "count"):
            extents.append(value)
        elif isinstance(value, Attr) and value.name.text in ("size", "count"):
            extents.append(value.name)
        elif isinstance(value, list):
            extents = [a.name for a in value if isinstance(a, Attr) and a.name.text in ("size", "count")]
        elif isinstance(value, Token) and value.text in ("[", "]", "("):
            extents = []
    words = [token.text for token in extents]
    return next((t for n, t in enumerate(extents) if t.text in words[:n]), None)


def suggest(found: Unexpected) -> Repair | str:
    """What was probably meant, where that is plain."""
    word = found.token.text
    before = found.before.text if found.before else ""
    if before == "private" or (
        len(found.values) > 1 and isinstance(found.values[-2], Type) and found.values[-2].base == "private"
    ):
        sentence = "Every ECALL is public in this dialect: write 'public'."
        private = found.before if before == "private" else found.values[-2].name
        return replace(private, "public", sentence) if private else sentence
    if found.before is not None and len(found.values) > 1 and isinstance(found.values[-2], Type):
        of = found.values[-2]
        if of.base == "public":
            return remove(of.first, found.before.start, "An OCALL is never public; leave the word out.")
    if before == "import" and word == ";" and "NAME" not in found.expected:
        return repair(found)
    if found.token.kind == "LBRACK" and before in ("{", ";"):
        return "This dialect has no attributes in front of a function."
    if word == "switchless":
        return replace(found.token, "transition_using_threads", "The word is 'transition_using_threads'.")
    if word in _HINTS:
        return _HINTS[word]
    if meant := habit(found):
        return meant
    written = found.values[-2].name if len(found.values) > 1 and isinstance(found.values[-2], Type) else None
    return (
        meant_keyword(found.token, found.expected, KEYWORDS)
        or (meant_keyword(written, ("PUBLIC",), KEYWORDS) if written else "")
        or repair(found)
    )


_MISPLACED = {
    "const": "'const' stands in front of the type.",
    "int": "The type is written without 'int': 'long long', 'unsigned'.",
}
"""Words that the compiler takes for the name of a declaration."""

_HINTS = {
    "propagate_errno": "Only an OCALL can propagate errno.",
}
