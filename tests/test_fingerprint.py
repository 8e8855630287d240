"""The line hash is GitHub's, unit for unit; keys of findings survive edits elsewhere."""

from __future__ import annotations

import pytest

from edlint.finding import Finding, Label, Level
from edlint.fingerprint import keys, line_hashes
from edlint.source import Source

LOREM = ["a7f2ff13bc495cf2:1", "a7f2ff13bc495cf2:2", "a7f2ff13bc495cf2:3", "a7f2ff13bc495cf2:4", "a7f2ff13bc495cf2:5",
         "a7f2ff13bc495cf2:6", "a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1", "55ec222b86bcae53:1",
         "cc97dc7b1d7d8f7b:1", "c129715d7a2bc9a3:1"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
        ("Lorem ipsum dolor sit amet.\n" * 10, LOREM),
        ("Lorem ipsum dolor sit amet.\r\n" * 10, LOREM),
        ("Lorem ipsum dolor sit amet.\r" * 10, LOREM),
    ],
)
def test_known_hashes(text: str, expected: list[str]) -> None:
    assert list(line_hashes(text)) == expected


def test_one_hash_a_line() -> None:
    text = "a\n\n\tb 漢字 \U0001f600\r\n\r\n\rlast"
    source = Source("x", text)
    hashes = line_hashes(text)
    assert len(hashes) == len(source.line_starts)
    assert len(set(hashes)) == len(hashes)


def finding(text: str, word: str) -> Finding:
    source = Source("a.c", text)
    at = text.index(word)
    return Finding("some-rule", Level.ERROR, "Said.", Label(source.span(at, at + len(word)), ""))


def test_key_ignores_line_numbers_and_blanks() -> None:
    before = finding("int x = bad;\n", "bad")
    moved = finding("\n\n// new\n    int x =  bad;\n", "bad")
    other = finding("int y = bad;\n", "bad")
    assert keys([before]) == keys([moved])
    assert keys([before]) != keys([other])


def test_equal_findings_have_keys_of_their_own() -> None:
    one = finding("f(bad);\n", "bad")
    assert len(set(keys([one, one, one]))) == 3
