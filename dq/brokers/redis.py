"""What a source and a sink on Redis share: their address, the settings of the client, and its errors in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dq.brokers.address import Address, Option, parse_address
from dq.brokers.properties import read_properties
from dq.errors import DqError, OutageError, UsageError

if TYPE_CHECKING:
    from redis import Redis

PORT = 6379
SECONDS = 5.0  # in which the server must answer
_SETTINGS = frozenset({"username", "password", "ssl", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
_PARTS = 2  # of the longer path


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A stream of a database, the options of its address, and the settings of its client."""

    address: Address
    database: int
    key: str
    settings: Mapping[str, Any]


def parse_redis(text: str, options: Mapping[str, Option]) -> RedisAddress:
    """Return the address of a stream: `redis://host[:port][/database]/stream?…`, `rediss` for TLS.  UsageError.

    It is written out: one stream has one name, whether or not its port and its database were said.
    """
    address = parse_address(text, options)
    database, key = ("0", *address.path)[-_PARTS:]
    if len(address.path) > _PARTS or not database.isdecimal() or len(address.hosts) > 1:
        raise UsageError("redis: an address is written redis://host:port/database/stream?option=value")
    settings = _settings(address.options["config"], tls=address.scheme == "rediss")
    try:
        import redis  # noqa: F401 - whether it is there is all that is asked
    except ImportError as error:
        raise UsageError("redis:// needs a package that is not installed: install dq-gate[redis]") from error
    written = replace(address, hosts=(_with_port(address.hosts[0]),), path=(str(int(database)), key))
    return RedisAddress(written, int(database), key, settings)


def _with_port(host: str) -> str:
    """Return `host:port`, with the port of Redis where none is said.  In brackets stands an IPv6 address."""
    return host if ":" in host.rpartition("]")[2] else f"{host}:{PORT}"


def _settings(path: str, *, tls: bool) -> dict[str, Any]:
    """Return the settings of a file.  UsageError for one that is none, or contradicts; no value is repeated."""
    settings: dict[str, Any] = dict(read_properties(path))
    for name in settings.keys() - _SETTINGS:
        raise UsageError(f"redis: {name} is no setting; there are {', '.join(sorted(_SETTINGS))}")
    if settings.setdefault("ssl", "true" if tls else "false") not in {"true", "false"}:
        raise UsageError("redis: the setting ssl is true or false")
    if tls and settings["ssl"] == "false":
        raise UsageError("redis: the address asks for TLS (rediss), and the setting ssl is false")
    return settings | {"ssl": settings["ssl"] == "true"}


def connect(place: RedisAddress) -> Redis:
    """Return a client of a server that answers.  OutageError where it does not."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    host, _, port = place.address.hosts[0].rpartition(":")
    client = Redis(
        host=host.strip("[]"),
        port=int(port),
        db=place.database,
        socket_timeout=SECONDS,
        socket_connect_timeout=SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        **place.settings,
    )
    with speaking(place, OutageError):
        client.ping()
    return client


@contextmanager
def speaking(place: RedisAddress, refusal: type[DqError]) -> Iterator[None]:
    """Say in words what goes wrong: OutageError where nobody answers, `refusal` where the server does not want it."""
    from redis.exceptions import AuthenticationError, BusyLoadingError, ConnectionError, RedisError, TimeoutError  # noqa: A004 - the client's names

    host = place.address.hosts[0]
    try:
        yield
    except AuthenticationError as error:
        raise refusal(f"redis: {host} does not let the stream in ({type(error).__name__})") from error
    except (BusyLoadingError, ConnectionError, TimeoutError) as error:
        raise _silence(host, error) from error
    except RedisError as error:
        word = str(error).split(" ", 1)[0] if str(error)[:1].isupper() else type(error).__name__
        raise refusal(f"redis: {host} refuses what is asked of {place.key} ({word})") from error


def _silence(host: str, error: Exception) -> OutageError:
    """Return what to raise where a server does not answer."""
    if type(error.__context__).__module__ == "ssl":  # nothing of dq opens connections, so it is not imported
        return OutageError(
            f"redis: TLS with {host} comes to nothing; does ssl_ca_certs name who vouches for its certificate?"
        )
    return OutageError(f"redis: {host} does not answer ({type(error).__name__})")
