"""Addresses of brokers: what they may say, what they may not, and that no refusal repeats a secret."""

from __future__ import annotations

import pytest

from dq.brokers.address import Option, parse_address, scheme_of
from dq.errors import UsageError

OPTIONS = {"group": Option(default=None), "start": Option("earliest", ("earliest", "latest")), "config": Option()}


def test_an_address_is_its_hosts_its_path_and_all_options() -> None:
    address = parse_address("kafka://a:1,b.example:65535,[::1]:9/orders.v1?group=g&start=latest", OPTIONS)
    assert (address.hosts, address.path) == (("a:1", "b.example:65535", "[::1]:9"), ("orders.v1",))
    assert address.options == {"group": "g", "start": "latest", "config": ""}
    assert address.name == "kafka://a:1,b.example:65535,[::1]:9/orders.v1", "options are no part of the name"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kafka://a:1/t?grup=g", "no option 'grup'; did you mean 'group'"),
        ("kafka://a:1/t?group=g&x=1", "no option 'x'; there are config, group, start"),
        ("kafka://a:1/t", "'group' is missing"),
        ("kafka://a:1/t?group=", "'group' has no value"),
        ("kafka://a:1/t?group=g&group=h", "'group' is given twice"),
        ("kafka://a:1/t?group=g&start=lates", "start cannot be 'lates'; did you mean 'latest'"),
        ("kafka://a:0/t?group=g", "'a:0' is no host:port"),
        ("kafka://a:65536/t?group=g", "'a:65536' is no host:port"),
        ("kafka:///t?group=g", "'' is no host:port"),
        ("kafka://a:1?group=g", "'' is no name"),
        ("kafka://a:1/t/?group=g", "'' is no name"),
        ("kafka://a:1/a b?group=g", "'a b' is no name"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_address(text, OPTIONS)
    assert words in str(refused.value)


def test_credentials_are_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="config=FILE") as refused:
        parse_address("kafka://user:secret@a:1/t?group=g", OPTIONS)
    assert "secret" not in str(refused.value)


def test_a_path_has_no_scheme() -> None:
    assert (scheme_of("kafka://a/b"), scheme_of("a/b:c"), scheme_of("-")) == ("kafka", None, None)
