"""Files of settings: names and values, and refusals that repeat no value."""

from __future__ import annotations

from pathlib import Path

import pytest

from dq.brokers.kafka import Complaints, client_of, parse_kafka
from dq.brokers.properties import read_properties
from dq.brokers.redis import parse_redis
from dq.errors import UsageError
from dq.sinks.kafka import OPTIONS as KAFKA
from dq.sinks.redis import OPTIONS as REDIS


def written(folder: Path, text: str) -> str:
    path = folder / "settings"
    path.write_text(text)
    return str(path)


def test_settings_are_names_and_values(tmp_path: Path) -> None:
    path = written(tmp_path, "# of the cluster\n\n sasl.username = dq \nsasl.password=a=b\n")
    assert read_properties(path) == {"sasl.username": "dq", "sasl.password": "a=b"}
    assert read_properties("") == {}


@pytest.mark.parametrize(
    ("text", "words"), [("a=1\nsecret\n", "line 2: a setting is"), ("a=1\na=secret", "a is set twice")]
)
def test_what_is_no_setting_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        read_properties(written(tmp_path, text))
    assert "secret" not in str(refused.value)
    with pytest.raises(UsageError, match="cannot be read"):
        read_properties(str(tmp_path / "absent"))


@pytest.mark.parametrize("name", ["group.id", "transactional.id", "enable.auto.commit", "error_cb", "isolation.level"])
def test_what_a_guarantee_rests_on_is_not_for_the_file(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"{name}=x\n")
    with pytest.raises(UsageError, match="dq sets it itself"):
        parse_kafka(f"kafka://a:1/t?config={path}", KAFKA)


@pytest.mark.parametrize("line", ["no.such.setting=secret", "security.protocol=secret"])
def test_settings_that_the_client_refuses_are_named_without_their_values(tmp_path: Path, line: str) -> None:
    from confluent_kafka import Producer

    place = parse_kafka(f"kafka://a:1/t?config={written(tmp_path, line)}", KAFKA)
    with pytest.raises(UsageError, match=line.partition("=")[0]) as refused:
        client_of(Producer, place, {}, Complaints(place.hosts, print))
    assert "secret" not in str(refused.value)


def test_settings_of_redis_are_a_list(tmp_path: Path) -> None:
    path = written(tmp_path, "password=secret\nssl=true\n")
    assert parse_redis(f"redis://a/2/s?config={path}", REDIS).settings == {"password": "secret", "ssl": True}
    for text in ("passwort=secret\n", "ssl=secret\n"):
        with pytest.raises(UsageError) as refused:
            parse_redis(f"redis://a/s?config={written(tmp_path, text)}", REDIS)
        assert "secret" not in str(refused.value)


def test_tls_is_asked_for_by_the_address_or_the_settings(tmp_path: Path) -> None:
    assert parse_redis("rediss://a/s", REDIS).settings == {"ssl": True}
    with pytest.raises(UsageError, match="the address asks for TLS"):
        parse_redis(f"rediss://a/s?config={written(tmp_path, 'ssl=false')}", REDIS)


@pytest.mark.parametrize("text", ["redis://a/1/2/s", "redis://a/x/s", "redis://a,b/s"])
def test_an_address_of_redis_has_one_host_a_database_and_a_stream(text: str) -> None:
    with pytest.raises(UsageError, match="database/stream"):
        parse_redis(text, REDIS)


@pytest.mark.parametrize("text", ["redis://a/s", "redis://a/0/s", "redis://a:6379/s", "redis://a:6379/00/s"])
def test_a_stream_of_redis_has_one_name(text: str) -> None:
    assert parse_redis(text, REDIS).address.name == "redis://a:6379/0/s"


def test_a_port_and_a_database_tell_streams_of_redis_apart() -> None:
    assert parse_redis("redis://a:1/s", REDIS).address.name == "redis://a:1/0/s"
    assert parse_redis("redis://[::1]/2/s", REDIS).address.name == "redis://[::1]:6379/2/s"
    assert parse_redis("redis://[::1]:7/s", REDIS).address.hosts == ("[::1]:7",)
