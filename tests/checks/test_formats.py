"""Notations, compared with parsers of the standard library where there is one."""

from __future__ import annotations

import ipaddress
import uuid
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.checks import ParamError
from dq.checks.formats import NOTATIONS

from .bound import check, judge

EXAMPLES = {
    "base64": (["", "aGk=", "aGkh", "+/+/"], ["aGk", "a===", "aGk_", "aG k"]),
    "date": (
        ["2024-02-29", "2000-02-29", "2026-12-31"],
        ["2023-02-29", "1900-02-29", "2026-04-31", "2026-1-01", "2026-13-01"],
    ),
    "datetime": (
        ["2026-01-31T23:59:59Z", "2026-01-31t00:00:00.123+03:00"],
        ["2026-01-31 00:00:00Z", "2026-01-31T00:00:00", "2026-01-31T24:00:00Z", "2026-01-31T23:59:60Z"],
    ),
    "email": (
        ["a@example.com", "a.b+c@mail.example.co", f"{'a' * 64}@b.co"],
        [
            "a",
            "@b.co",
            "a@b",
            "a b@c.de",
            "a..b@c.de",
            ".a@c.de",
            "a@-b.de",
            f"{'a' * 65}@b.co",
            "a@b.co\n",
            f"a@{'b.' * 126}co",
        ],
    ),
    "hostname": (
        ["a", "example.com", "xn--e1afmkfd.xn--p1ai", "1.2"],
        ["", "-a", "a-", "a_b", "a..b", "a.", "a" * 64, "a." * 126 + "aa"],
    ),
    "ipv4": (["0.0.0.0", "255.255.255.255"], ["256.0.0.0", "01.0.0.0", "1.2.3", "1.2.3.4.5", "1.2.3.4\n"]),
    "ipv6": (
        ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::8"],
        ["1:2:3", ":::", "1::2::3", "12345::", "::1%eth0", "1:2:3:4:5:6:7:8:9"],
    ),
    "mac": (["00:1B:44:11:3a:b7", "00-1B-44-11-3A-B7"], ["00:1B-44:11:3A:B7", "001B44113AB7", "00:1B:44:11:3A"]),
    "semver": (["0.1.0", "1.2.3-rc.1+build.5", "1.0.0--"], ["1.2", "01.2.3", "1.2.3-01", "v1.2.3", "1.2.3+"]),
    "sha256": (["a" * 64], ["a" * 63, "g" * 64]),
    "time": (["00:00:00Z", "23:59:59.5-12:30"], ["24:00:00Z", "1:00:00Z", "12:00Z", "12:00:00"]),
    "uri": (
        ["a:", "urn:isbn:0451450523", "https://u@h:80/p?q#f", "http://[::1]/", "file:///etc", "mailto:a@b.c"],
        ["", "//a/b", "a b:c", "http://h/%zz", "1a:b", "http://[::1/", "http://h/a b"],
    ),
    "url": (
        ["http://example.com", "HTTPS://a.b:443/c?d=e#f"],
        ["ftp://a.b", "http://", "http://a_b/", "http://a b/", "//a.b"],
    ),
    "uuid": (
        ["123e4567-E89B-12d3-a456-426614174000"],
        ["123e4567-e89b-12d3-a456-42661417400", "g23e4567-e89b-12d3-a456-426614174000", ""],
    ),
}


def test_every_notation_is_tried():
    assert list(EXAMPLES) == list(NOTATIONS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_a_notation(name: str):
    right, wrong = EXAMPLES[name]
    assert judge(f"format: {name}", "string", *right) == [True] * len(right)
    assert judge(f"format: {name}", "string", *wrong) == [False] * len(wrong)
    assert judge(f"format: {name}", "string", None) == [None]


def parses(read, text: str) -> bool:
    """Say whether a parser of the standard library takes the text."""
    try:
        read(text)
    except ValueError:
        return False
    return True


@settings(max_examples=40)
@given(st.lists(st.one_of(st.ip_addresses(v=6).map(str), st.text("0123abF:.", max_size=24)), min_size=1, max_size=20))
def test_ipv6_agrees_with_the_standard_library(texts: list[str]):
    assert judge("format: ipv6", "string", *texts) == [parses(ipaddress.IPv6Address, text) for text in texts]


@settings(max_examples=40)
@given(st.lists(st.one_of(st.ip_addresses(v=4).map(str), st.text("0125.", max_size=16)), min_size=1, max_size=20))
def test_ipv4_agrees_with_the_standard_library(texts: list[str]):
    assert judge("format: ipv4", "string", *texts) == [parses(ipaddress.IPv4Address, text) for text in texts]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32)), min_size=1, max_size=40))
def test_days_exist(parts: list[tuple[int, int, int]]):
    texts = [f"{year:04}-{month:02}-{day:02}" for year, month, day in parts]
    assert judge("format: date", "string", *texts) == [parses(date.fromisoformat, text) for text in texts]


@settings(max_examples=40)
@given(st.lists(st.uuids(), min_size=1, max_size=5))
def test_every_uuid_passes(uuids: list[uuid.UUID]):
    assert all(judge("format: uuid", "string", *map(str, uuids)))


def test_an_unknown_notation_names_the_near_one():
    with pytest.raises(ParamError) as error:
        check("format: uid")
    assert error.value.code == "DQ307"
    assert error.value.values["suggestion"] == "uuid"
