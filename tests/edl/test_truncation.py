"""Texts cut off at every token: diagnostics, no exception, in time.

The suite takes a sample; `python tests/edl/test_truncation.py` takes every conformance text and every fixture.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from reading import cases, read

from edlint.frontends.edl.tokens import INTEL, scan
from edlint.model.interface import Dialect

FIXTURES = Path(__file__).parents[2] / "fixtures"
LIMIT = 1.0
"""Seconds of processor time for one text."""


def cuts(text: str) -> Iterator[str]:
    """The text up to each of its tokens."""
    for token in scan(text, INTEL, {}).tokens:
        yield text[: token.end]


def slowest(texts: Iterable[str]) -> float:
    """Seconds that the slowest reading of any cut of any text takes."""
    worst = 0.0
    for text in texts:
        for cut in cuts(text):
            for dialect in Dialect:
                start = time.process_time()
                interface = read(cut, dialect)
                worst = max(worst, time.process_time() - start)
                assert all(p.span.end <= len(p.span.source.text) for p in interface.problems)
                assert all(p.message.endswith(".") and p.error_class for p in interface.problems)
    return worst


@pytest.mark.parametrize("start", range(5))
def test_conformance_texts_cut_off(start: int) -> None:
    assert slowest(case.text for case in cases()[start * 7 :: 171]) < LIMIT


def test_fixtures_cut_off() -> None:
    texts = [path.read_text("utf-8") for path in sorted(FIXTURES.rglob("*.edl"))[:3]]
    assert texts
    assert slowest(texts) < LIMIT


if __name__ == "__main__":
    every = [case.text for case in cases()] + [p.read_text("utf-8") for p in sorted(FIXTURES.rglob("*.edl"))]
    print(f"{len(every)} texts, slowest cut {slowest(every):.3f} s")
    sys.exit(0)
