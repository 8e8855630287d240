"""CMake's files: the sources of programs and libraries, what these are built with and linked with.

Every branch is taken, but what is said of a target only where a condition holds is not said of it, and a target has
no sources that are listed only where it is not made.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from edlint.frontends.builds.conditions import ALWAYS, MOST_FACTS, Facts, exclude, holding, opposite
from edlint.frontends.builds.paths import FROM_TOP, LONGEST, MOST, MOST_FOLDERS, SOURCE, UNKNOWN, folder, pattern
from edlint.model.build import Target
from edlint.source import Source

_COMMENT = re.compile(r"#[^\r\n]*")
_COMMAND = re.compile(r"\b([A-Za-z_]\w*)[ \t]*\(")
_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"()]+)')
_VARIABLE = re.compile(r"\$(?:ENV)?\{([\w.\-]+)\}")
_EXPRESSION = re.compile(r"\$<[^<>]*>")
_HERE = frozenset({"CMAKE_CURRENT_SOURCE_DIR", "CMAKE_CURRENT_LIST_DIR", "CMAKE_CURRENT_BINARY_DIR"})
_ABOUT = frozenset(
    {"target_link_libraries", "target_include_directories", "target_compile_options", "target_compile_definitions"}
)
_MAKING = re.compile(r"(?:add|create|build)_\w*|\w*(?:enclave|executable|library)\w*|target_sources|cuda_add\w*")
_OTHERS = re.compile(
    r"add_(?:custom|subdirectory|definitions|dependencies|test|compile|link)\w*|target_(?!sources)\w*|set_\w*|get_\w*"
    r"|find_\w*|install\w*|link_\w*|include_\w*|if|elseif|else|endif|foreach|endforeach|message"
    r"|function|macro|set|list|file|option|string"
)
_KEYWORD = re.compile(r"[A-Z][A-Z_]+")
_EXTENSIONS = ("c", "cc", "cpp", "cxx")
_FOLDERS = "INCLUDE_DIRECTORIES"
"""CMake's name for what a folder's targets have on their path."""

MOST_NESTED = 50
"""Branches in one another that are told apart."""
MOST_INCLUDED = 10
"""Files that one includes, directly or not."""

Words = Mapping[str, Facts]
"""Words of a variable or an argument, with what holds where they are given."""

Variables = Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class _Branch:
    """Where a command is."""

    numbers: tuple[int, ...] = ()
    """The branches around it, by the numbers of the commands that begin them."""
    facts: Facts = ALWAYS
    """What holds there."""

    def within(self, other: _Branch) -> bool:
        """Whether this is part of another branch."""
        return self.numbers[: len(other.numbers)] == other.numbers


@dataclass(slots=True)
class _Said:
    """What is said of a target elsewhere than where it is made."""

    links: dict[str, None] = field(default_factory=dict)
    options: dict[tuple[str, _Branch], None] = field(default_factory=dict)
    commands: dict[tuple[str, _Branch], None] = field(default_factory=dict)
    folders: dict[str, None] = field(default_factory=dict)


def read_cmake(
    source: Source, above: Variables, others: Mapping[str, Sequence[Source]]
) -> tuple[tuple[Target, ...], Variables]:
    """The targets of one file, and its variables on top of those of the folders above.

    `others` are the files that it may include, by name.
    """
    reading = _Reading(source, above, others)
    return tuple(reading.targets()), reading.variables


class _Reading:
    """One file with the variables that it sets; a variable that is set again has all its values."""

    def __init__(self, source: Source, above: Variables, others: Mapping[str, Sequence[Source]]) -> None:
        self.path = source.path
        self.folder = posixpath.dirname(source.path)
        self.variables: dict[str, Words] = dict(above)
        self.own: set[str] = {_FOLDERS}
        self.times: dict[str, int] = {}
        self.makings: list[tuple[str, tuple[str, ...], tuple[str, ...], _Branch]] = []
        self.said: dict[str, _Said] = {}
        self.others = others
        self.number = 0
        self.included = {source.path}
        self._read(source, _Branch())

    def _read(self, source: Source, around: _Branch) -> None:
        branches = [around]
        # By level: what holds in no branch so far.
        left: list[Facts] = [ALWAYS]
        for name, arguments in _commands(source.text[:LONGEST]):
            self.number += 1
            command = name.lower()
            if command == "if":
                left.append(ALWAYS)
                branches.append(self._branch(branches[-1], arguments, left))
            elif command in ("else", "elseif") and len(branches) > 1:
                branches[-1] = self._branch(branches[-2], arguments if command == "elseif" else [], left)
            elif command == "endif" and len(branches) > 1:
                branches.pop()
                left.pop()
            else:
                self._take(command, arguments, branches[-1])

    def _branch(self, outer: _Branch, condition: list[str], left: list[Facts]) -> _Branch:
        """A branch that begins; `left` is what holds when none before it is taken."""
        facts = holding([self._dated(w) for w in condition])
        known = outer.facts | left[-1] | facts
        if len(left[-1]) < MOST_FACTS:
            left[-1] |= opposite(facts)
        numbers = (*outer.numbers, self.number) if len(outer.numbers) < MOST_NESTED else outer.numbers
        return _Branch(numbers, known if len(known) <= MOST_FACTS else outer.facts)

    def _dated(self, word: str) -> str:
        """A word of a condition with how often the variable was set: afterwards it may stand for something else."""
        variable = _VARIABLE.fullmatch(word)
        word = variable[1] if variable else word
        times = self.times.get(word, 0)
        return f"{word}#{times}" if times else word

    def targets(self) -> Iterator[Target]:
        for command, names, sources, branch in self.makings:
            said = [self.said[n] for n in names[:-1] if n in self.said]
            commands = (c for s in said for c, under in s.commands if branch.within(under))
            options = (o for s in said for o, under in s.options if branch.within(under))
            links = dict.fromkeys(w for s in said for w in s.links)
            around = self.variables.get(_FOLDERS, {}).items()
            places = chain(
                (f for s in said for f in s.folders),
                (f for n in links if n in self.said for f in self.said[n].folders),
                (f.removeprefix(FROM_TOP) for f, facts in around if not exclude(facts, branch.facts)),
            )
            folders = dict.fromkeys(islice(places, MOST_FOLDERS))
            yield Target(
                path=self.path,
                command=command,
                names=tuple(dict.fromkeys((*names, command, *commands))),
                sources=sources,
                links=tuple(links),
                options=tuple(dict.fromkeys(options)),
                folders=tuple(folders),
            )

    def _take(self, command: str, arguments: list[str], branch: _Branch) -> None:
        match command, arguments:
            case "set", [name, *values]:
                if not branch.numbers:
                    self.own.discard(name)
                self._give(name, [v for v in values if v not in ("CACHE", "PARENT_SCOPE")], branch)
            case "project", [name, *_]:
                self.own.discard("PROJECT_NAME")
                self._give("PROJECT_NAME", [name], branch)
            case "list", [mode, name, *values] if mode.upper() in ("APPEND", "PREPEND"):
                self._give(name, values, branch)
            case "include_directories", _:
                self._give(_FOLDERS, [f"{FROM_TOP}{f}" for f in self._folders(arguments)], branch)
            case "include", [written, *_]:
                self._include(written, branch)
            case "aux_source_directory", [place, name, *_]:
                self._give(name, [f"{place}/*.{e}" for e in _EXTENSIONS], branch)
            case "file", [mode, name, *values] if mode.upper().startswith("GLOB"):
                deep = mode.upper() == "GLOB_RECURSE"
                self._give(name, [_deep(v) if deep else v for v in values], branch)
            case _ if command in _ABOUT and arguments:
                self._say(command, arguments, branch)
            case _ if arguments and not _OTHERS.fullmatch(command):
                if not (_MAKING.fullmatch(command) and self._make(command, arguments, branch)):
                    for name in self._meant(arguments[0]):
                        self.said.setdefault(name, _Said()).commands[command, branch] = None
            case _:
                pass

    def _include(self, written: str, branch: _Branch) -> None:
        """Read the file that is included, when only one can be meant."""
        path = next(iter(self.expanded(written)), "")
        found = self.others.get(posixpath.basename(path), ())
        if len(found) == 1 and found[0].path not in self.included and len(self.included) < MOST_INCLUDED:
            self.included.add(found[0].path)
            self._read(found[0], branch)

    def _make(self, command: str, arguments: list[str], branch: _Branch) -> bool:
        """Note a target when the command names sources."""
        sources, others = self._sources(self._all(arguments), branch)
        if not sources and not others:
            return command.startswith("add_")
        # Some commands write `TARGET name`.
        key = arguments[1] if _KEYWORD.fullmatch(arguments[0]) and len(arguments) > 1 else arguments[0]
        # Its name may say `${TRUSTED_NAME}`.
        self.makings.append((command, (*self._meant(key), key), tuple(sources), branch))
        return True

    def _say(self, command: str, arguments: list[str], branch: _Branch) -> None:
        words = [w for a in arguments[1:] for w in self._meant(a)]
        if command == "target_compile_definitions":
            words = [w if w.startswith("-D") else f"-D{w}" for w in words]
        for name in self._meant(arguments[0]):
            said = self.said.setdefault(name, _Said())
            if command == "target_link_libraries" and len(said.links) < MOST:
                said.links.update(dict.fromkeys(words))
            if command == "target_include_directories" and len(said.folders) < MOST_FOLDERS:
                said.folders.update(dict.fromkeys(self._folders(arguments[1:])))
            if len(said.options) < MOST:
                said.options.update(dict.fromkeys((w, branch) for w in words))

    def _meant(self, argument: str) -> list[str]:
        """What a name stands for: itself where it has a variable of another file in it."""
        words = list(self.expanded(argument))
        return [argument] if any(UNKNOWN in w for w in words) else words

    def _give(self, name: str, values: Sequence[str], branch: _Branch) -> None:
        before = self.variables.get(name, {}) if name in self.own else {}
        self.own.add(name)
        self.times[name] = self.times.get(name, 0) + 1
        words = dict(before)
        for word, facts in self._all(values).items():
            here = facts | branch.facts
            if word in words:
                # What is given in several branches is there in each of them.
                here &= words[word]
            if len(words) < MOST or word in words:
                words[word] = here if len(here) <= MOST_FACTS else ALWAYS
        self.variables[name] = words

    def _all(self, arguments: Sequence[str]) -> Words:
        """The words of several arguments."""
        found: dict[str, Facts] = {}
        for argument in arguments:
            for word, facts in self.expanded(argument).items():
                found[word] = found[word] & facts if word in found else facts
        return found

    def expanded(self, text: str) -> Words:
        """The words of one argument."""
        text = _EXPRESSION.sub(UNKNOWN, text)
        whole = _VARIABLE.fullmatch(text)
        if whole and whole[1] in self.variables:
            # Sources are looked for from where they are listed.
            return self.variables[whole[1]]
        words: dict[str, Facts] = {}
        for part in text.split(";"):
            value = _VARIABLE.sub(self._inner, part)
            if value and len(value) < 1000:
                words[value] = ALWAYS
        return words

    def _inner(self, match: re.Match[str]) -> str:
        if match[1] in _HERE:
            return f"{FROM_TOP}{self.folder or '.'}"
        values = self.variables.get(match[1], {})
        return next(iter(values)) if len(values) == 1 else UNKNOWN

    def _folders(self, arguments: Sequence[str]) -> dict[str, None]:
        """The folders that a command names, as paths of sources are written."""
        words = (w for w in self._all(arguments) if not _KEYWORD.fullmatch(w))
        return dict.fromkeys(f for w in words if (f := folder(self.folder, w)) is not None)

    def _sources(self, words: Words, branch: _Branch) -> tuple[dict[str, None], bool]:
        """The sources that a target in this branch is made of, and whether others are listed."""
        found: dict[str, None] = {}
        others = False
        for word, facts in islice(words.items(), MOST):
            meant = pattern(self.folder, word) if SOURCE.match(word) else None
            if meant is not None and exclude(facts, branch.facts):
                others = True
            elif meant is not None:
                found[meant] = None
        return found, others


def _deep(written: str) -> str:
    place, _, base = written.rpartition("/")
    return f"{place}/**/{base}" if place else f"**/{base}"


def _commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a file with their arguments."""
    text = _COMMENT.sub(" ", text)
    at = 0
    while match := _COMMAND.search(text, at):
        depth, end, quoted = 1, match.end(), False
        while end < len(text) and depth:
            char = text[end]
            if char == '"' and text[end - 1] != "\\":
                quoted = not quoted
            elif not quoted and char in "()":
                depth += 1 if char == "(" else -1
            end += 1
        body = text[match.end() : end - 1]
        if match[1].lower() in ("if", "elseif") and "(" in body:
            yield match[1], [" ".join(body.split())]
        else:
            yield match[1], [quoted or plain for quoted, plain in _ARGUMENT.findall(body)]
        at = end
