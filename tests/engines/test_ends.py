"""Paths and addresses at the ends of a stream: what is wrong is said before anything is opened."""

from __future__ import annotations

import sys

import pytest

from dq.engines.ends import Ends
from dq.errors import UsageError

SOURCE, TOPIC, KEY = "kafka://a:1/in?group=g", "kafka://a:1/out", "redis://a:6379/0/out"


@pytest.mark.parametrize(
    ("origin", "accepted", "refused", "words"),
    [
        ("kafak://a:1/t", "-", "dead", "did you mean kafka://"),
        ("mqtt://a:1/t", "-", "dead", "there are kafka, redis"),
        ("-", "amqp://a/t", "dead", "is not spoken"),
        (SOURCE, TOPIC, TOPIC + "?key=id", "places of their own"),
        (SOURCE, TOPIC, "kafka://b:1/dead", "need the same hosts"),
        (SOURCE, TOPIC + "?group=g", "dead", "no option 'group'"),
        (SOURCE, "kafka://a:1/x/y", "dead", "kafka://host:port/topic"),
        ("redis://a/s?group=g&idle=0", "-", "dead", "idle is a number of seconds"),
        ("redis://a/s?group=g&feld=x", "-", "dead", "did you mean 'field'"),
        ("in", "out", "./out", "places of their own"),
        ("in", "./in", "dead", "never comes to an end"),
        (SOURCE, "kafka://a:1/in", "dead", "never comes to an end"),
        (SOURCE, TOPIC, "kafka://a:1/in", "never comes to an end"),
        ("redis://a/in?group=g", "redis://a:6379/0/in", "dead", "never comes to an end"),
        ("in", "redis://a/out", "redis://a:6379/0/out", "places of their own"),
        (".", "out", "dead", ". is a folder"),
        ("in", "out", "..", ".. is a folder"),
        (SOURCE, TOPIC, "kafka://a:1/dead?key=id", "only accepted events have fields"),
    ],
)
def test_what_cannot_be_meant_is_refused(origin: str, accepted: str, refused: str, words: str) -> None:
    with pytest.raises(UsageError) as found:
        Ends(origin, accepted, refused, None, until_end=True)
    assert words in str(found.value)


def test_a_pipe_or_a_device_may_be_both_ends() -> None:
    for place in ("-", "/dev/null"):
        assert Ends(place, place, "dead", None, until_end=True).origin == place


def test_ends_have_names_without_options() -> None:
    ends = Ends(SOURCE, TOPIC + "?key=id", KEY, None, until_end=True)
    assert (ends.origin, ends.name_of("accepted"), ends.name_of("refused")) == ("kafka://a:1/in", TOPIC, KEY)


def test_the_key_of_messages_is_a_field_of_every_spec() -> None:
    ends = Ends(SOURCE, TOPIC + "?key=id", "dead", None, until_end=True)
    ends.need_fields([["id", "n"]])
    with pytest.raises(UsageError, match="'id' is none; did you mean 'ids'"):
        ends.need_fields([["id", "n"], ["ids"]])


@pytest.mark.parametrize(("package", "address"), [("confluent_kafka", TOPIC), ("redis", KEY)])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, package: str, address: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    extra = package.removeprefix("confluent_")
    with pytest.raises(UsageError, match=rf"install dq-gate\[{extra}\]"):
        Ends("-", address, "dead", None, until_end=True)
