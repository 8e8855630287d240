"""Totals of arrays: what a second loop over the same elements has come to is within them."""

from __future__ import annotations

import pytest
from enclaves import facts

from edlint.analysis.flows import Flows

EDL = """
    trusted { public int put([in, count=count] const uint32_t* parts, [in, count=count] const uint32_t* others,
                             uint32_t count, uint32_t more); };
    untrusted { size_t host_left(void); };
"""
CODE = """
#include <sgx_trts.h>
int put(const uint32_t *parts, const uint32_t *others, uint32_t count, uint32_t more)
{{
    size_t whole = 0, used = 0, left = 0;
    if (parts == NULL || others == NULL || more > count)
        return -1;
    {first}
    unsigned char *block = malloc(whole), *next = block;
    if (block == NULL || host_left(&left) != 0)
        return -1;
    {second}
    return 0;
}}
"""
SUM = "for (uint32_t i = 0; i < count; i++) whole += parts[i];"
TAKE = """for (uint32_t i = 0; i < count && left > parts[i]; i++) {
    memset(block + used, 0, parts[i]); used += parts[i]; left -= parts[i]; }"""
WALK = """for (uint32_t i = 0; i < count; i++) { if (left < parts[i]) { memset(next, 0, left); break; }
    memset(next, 0, parts[i]); next += parts[i]; left -= parts[i]; }"""


def is_within(first: str, second: str) -> bool:
    """Whether all that the second loop touches is known to lie in the block that the first one sized."""
    events = facts(EDL, CODE.format(first=first, second=second)).get(Flows).events("access")
    return not any(t.location.kind == "heap" for _, event in events for t in event.subject.targets)


@pytest.mark.parametrize(
    "first",
    [
        SUM,
        "uint32_t i = 0; while (i < count) { whole += parts[i]; i++; }",
        "for (uint32_t i = 0; count > i; ++i) { const uint32_t n = parts[i]; whole += n; }",
        "for (uint32_t i = 0; i < count; i++) { if (whole > 4096) return -1; whole += parts[i]; }",
    ],
)
@pytest.mark.parametrize("second", [TAKE, WALK])
def test_a_part_is_within_the_total(first: str, second: str) -> None:
    assert is_within(first, second)


@pytest.mark.parametrize(
    "first",
    [
        "for (uint32_t i = 0; i < more; i++) whole += parts[i];",
        "for (uint32_t i = 0; i < count; i++) whole += parts[0];",
        "for (uint32_t i = 0; i < count; i++) whole += others[i];",
        "for (uint32_t i = 1; i < count; i++) whole += parts[i];",
        "for (uint32_t i = 0; i < count; i += 2) whole += parts[i];",
        "for (uint32_t i = 0; i < count; i++) if (parts[i] < 64) whole += parts[i];",
        "for (uint32_t i = 0; i < count; i++) { if (parts[i] > 64) break; whole += parts[i]; }",
        "for (uint32_t i = 0; i < count; i++) { const uint32_t n = parts[i / 2]; whole += n; }",
        "uint32_t n = parts[0]; for (uint32_t i = 0; i < count; i++) { whole += n; n = parts[i]; }",
        "const uint32_t n = parts[0]; for (uint32_t i = 0; i < count; i++) whole += n;",
    ],
)
@pytest.mark.parametrize("second", [TAKE, WALK])
def test_what_is_no_total_holds_no_part(first: str, second: str) -> None:
    assert not is_within(first, second)


@pytest.mark.parametrize(
    "second",
    [
        "used = 16; " + TAKE,
        TAKE.replace("i < count", "i < count + 1"),
        TAKE.replace("parts[i])", "parts[0])").replace("+= parts[i]", "+= parts[0]"),
        TAKE.replace("left -=", "used += parts[i]; left -="),
    ],
)
def test_another_walk_is_not_within_the_total(second: str) -> None:
    assert not is_within(SUM, second)
