"""What a rule's author writes with: the thing a check yields, and the page it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edlint.finding import Fix, Label, RuleInfo
from edlint.source import Span


class Found:
    """A place where a rule applies, with the values that its message names.

    `Found(param.span, call=call.name, param=param.name)` fills `{call}` and `{param}` of the page's message.
    Findings of one rule at one place are merged by the driver, so a check need not remember what it said.
    """

    __slots__ = ("fix", "function", "label", "labels", "notes", "path", "span", "values", "variant")

    def __init__(
        self,
        span: Span,
        /,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        path: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        function: str = "",
        fix: Fix | None = None,
        variant: str = "",
        **values: object,
    ) -> None:
        self.span = span
        self.label = label
        self.labels = labels
        self.path = path
        self.notes = notes
        self.function = function
        self.fix = fix
        self.variant = variant
        """Key of the page's `[messages]` table when the rule has more than one sentence."""
        self.values = {name: str(value) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class FlowSpec:
    """A rule that is a pure flow: kinds it starts from and kinds it must not reach."""

    sources: tuple[str, ...]
    sinks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One executed `###` section of a page."""

    title: str
    files: Mapping[str, str]
    """By file name, in the order of the page."""
    line: int
    """Line of the heading in the page."""
    options: Mapping[str, object] = field(default_factory=dict)
    """From a `toml` block of the section: `sdk`, `profile`, `limits`, ..."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One page of `rules/`."""

    info: RuleInfo
    messages: Mapping[str, str]
    """Templates by variant; the plain one under the empty name."""
    since: str
    flow: FlowSpec | None
    examples: tuple[Example, ...]
    page: str
    """The whole page as text."""
    path: str

    @property
    def name(self) -> str:
        """The rule's name, which is the page's."""
        return self.info.name
