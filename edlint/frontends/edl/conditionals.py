"""What oeedger8r understands of the C preprocessor: #ifdef, #ifndef, #else and #endif, on tokens."""

from __future__ import annotations

from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.tokens import EOF, INVALID, Lexed, Refused, Token


def conditionals(reading: Reading, lexed: Lexed, defines: frozenset[str]) -> Lexed:
    """The tokens that remain, renumbered; a directive that stops the compiler becomes an invalid token.

    Skipped text must still consist of tokens, so invalid ones in it stay.
    """
    if not any(t.kind == "HASH" for t in lexed.tokens):
        return lexed
    made = _Run(reading, lexed, defines)
    made.run()
    return Lexed(made.out, made.refused)


class _Run:
    def __init__(self, reading: Reading, lexed: Lexed, defines: frozenset[str]) -> None:
        self.reading = reading
        self.lexed = lexed
        self.defines = defines
        self.out: list[Token] = []
        self.refused: dict[int, Refused] = {}
        self.stack: list[tuple[str, bool, Token]] = []
        """Open directives: the word, whether the text counts, the place."""
        self.depth = 0

    def run(self) -> None:
        tokens, at = self.lexed.tokens, 0
        while True:
            token = tokens[at]
            if token.kind == "HASH":
                at = self.directive(at)
                continue
            included = all(counts for _, counts, _ in self.stack)
            if token.kind == EOF:
                if self.stack:
                    self.unclosed()
                self.keep(token)
                return
            if included or token.kind == INVALID:
                if token.kind == "LBRACE":
                    self.depth += 1
                elif token.kind == "RBRACE":
                    self.depth -= 1
                    if self.depth == 0 and self.stack:
                        # The compiler has read the token behind the brace when it looks.
                        ahead = at + 1
                        while tokens[ahead].kind == "HASH":
                            ahead = self.directive(ahead)
                        if self.stack:
                            self.unclosed()
                        self.keep(token)
                        at = ahead
                        continue
                self.keep(token)
            at += 1

    def keep(self, token: Token) -> None:
        index = len(self.out)
        if token.kind == INVALID:
            self.refused[index] = self.lexed.refused[token.order]
        self.out.append(token._replace(order=index))

    def stop(self, token: Token, error_class: str, message: str, suggestion: str = "") -> None:
        self.refused[len(self.out)] = Refused(error_class, message, suggestion)
        self.out.append(token._replace(kind=INVALID, order=len(self.out)))

    def unclosed(self) -> None:
        word, _, place = self.stack[-1]
        # Inside of a section or a declaration the compiler misses the rest of that first.
        between = self.depth < 2 and bool(self.out) and self.out[-1].kind in ("LBRACE", "SEMI", "STRING")
        order = (len(self.out) - 1 if between else len(self.out) + 1, 2)
        self.reading.refuse("pp.unbalanced", place, f"The '#{word}' has no '#endif' before the enclave ends.", order)
        self.stack.clear()

    def directive(self, at: int) -> int:
        """Handle the directive whose `#` is at `at`; the index behind it."""
        tokens = self.lexed.tokens
        word = tokens[at + 1]
        if word.kind == INVALID:
            return at + 1
        name = word.text
        if name in ("ifdef", "ifndef"):
            condition = tokens[at + 2]
            if condition.kind == INVALID:
                return at + 2
            self.stack.append((name, (condition.text in self.defines) == (name == "ifdef"), word))
            return min(at + 3, len(tokens) - 1)
        if name == "else":
            if not self.stack or self.stack[-1][0] == "else":
                message = "'#else' has no '#ifdef' or '#ifndef'." if not self.stack else "A second '#else' follows."
                self.stop(word, "pp.unbalanced", message)
            else:
                _, counts, _ = self.stack.pop()
                self.stack.append(("else", not counts, word))
            return at + 2
        if name == "endif":
            if self.stack:
                self.stack.pop()
            else:
                self.stop(word, "pp.unbalanced", "'#endif' has no '#ifdef' or '#ifndef'.")
            return at + 2
        self.stop(
            word if word.kind != EOF else tokens[at],
            "pp.unsupported",
            f"The directive '#{name}' is not supported.",
            "Only #ifdef, #ifndef, #else and #endif are.",
        )
        line, behind = self.reading.source.position(word.start)[0], at + 2
        while behind < len(tokens) - 1 and self.reading.source.position(tokens[behind].start)[0] == line:
            behind += 1
        return min(behind, len(tokens) - 1)
