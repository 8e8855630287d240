"""Literals as C writes them, and as half-written C does."""

from __future__ import annotations

import pytest

from edlint.analysis.layout import Layout
from edlint.frontends.c import literals, read_units
from edlint.link import link
from edlint.model.sdk import Sdk
from edlint.source import Source


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\x41z"', "aAz"),
        (r'"\x41\101\u0041\U00000041"', "AAAA"),
        (r'"C:\user\xyz\U12"', "C:userxyzU12"),
        (r'"\ud800\x110000"', "??"),
        (r'"\q\8"', "q8"),
        ('"a\\\nb"', "ab"),
        ('"open', '"open'),
        ('u8R"x(a\\b)x"', "a\\b"),
    ],
)
def test_what_a_string_stands_for(text: str, value: str) -> None:
    assert literals.string(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("'a'", 97), (r"'\n'", 10), (r"'\x41'", 65), (r"'\x'", ord("x")), (r"'\u1'", None), ("''", None), ("'", None)],
)
def test_what_a_character_stands_for(text: str, value: int | None) -> None:
    assert literals.character(text) == value


@pytest.mark.parametrize("pack", ["\N{SUPERSCRIPT TWO}", "9" * 5000, "3", ""])
def test_a_number_that_packs_nothing_is_no_number(pack: str) -> None:
    text = f"#pragma pack({pack})\nstruct s {{ char a; int b; }};\n"
    layout = Layout.build(link((), read_units([Source("a.h", text)]), (), Sdk()))
    assert layout.types["s"].size == 8


def test_a_function_with_escapes_that_are_none_is_read_whole() -> None:
    (unit,) = read_units([Source("a.c", "int f(char c) { log(\"C:\\user\"); return c == '\\x'; }\n")])
    assert unit.functions[0].body.blocks
    assert unit.gaps == ()
