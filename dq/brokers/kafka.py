"""What a source and a sink on Kafka share: their address, the settings of the client, and its errors in words."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dq.brokers.address import Address, Option, parse_address
from dq.brokers.properties import read_properties
from dq.errors import OutageError, SourceError, UsageError

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

START_SECONDS = 10.0  # in which a broker must answer before a stream begins
CLOSE_SECONDS = 0.8  # that a client may take to leave; what it has not told by then, the next start finds out
_STEP = 0.05  # seconds between two looks at a call, in which signals are heeded
_OURS = re.compile(
    r"bootstrap\.servers|metadata\.broker\.list|group\.id|group\.instance\.id|transactional\.id|enable\.auto\..*"
    r"|auto\.offset\.reset|isolation\.level|enable\.idempotence|enable\.partition\.eof|.*_cb|log_level|logger"
)
Client = TypeVar("Client", "Consumer", "Producer")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """A topic, the options of its address, and the settings of its client."""

    address: Address
    settings: Mapping[str, str]

    @property
    def topic(self) -> str:
        """The topic."""
        return self.address.path[0]

    @property
    def hosts(self) -> str:
        """Where the cluster is: two addresses with the same hosts are of one cluster."""
        return ",".join(self.address.hosts)


def parse_kafka(text: str, options: Mapping[str, Option]) -> KafkaAddress:
    """Return the address of a topic: `kafka://host:port[,host:port]/topic?…`.  UsageError."""
    address = parse_address(text, options)
    if len(address.path) != 1:
        raise UsageError("kafka: an address is written kafka://host:port/topic?option=value")
    settings = read_properties(address.options["config"])
    for name in settings:
        if _OURS.fullmatch(name):
            raise UsageError(f"kafka: the setting {name} is not for the file; dq sets it itself")
    _need_client()
    return KafkaAddress(address, settings)


def _need_client() -> None:
    """Raise UsageError where the client is not installed."""
    try:
        import confluent_kafka  # noqa: F401 - whether it is there is all that is asked
    except ImportError as error:
        raise UsageError("kafka:// needs a package that is not installed: install dq-gate[kafka]") from error


class Complaints:
    """What clients say of a cluster of their own accord; no value of a setting is in it."""

    def __init__(self, hosts: str, said: Callable[[str], None]) -> None:
        """Tell `said` when no broker can be reached."""
        self.refusal: str | None = None  # why the cluster lets no client in
        self._hosts, self._said = hosts, said

    def heard(self, error: KafkaError) -> None:
        """Take note of what a client says."""
        from confluent_kafka import KafkaError

        match error.code():
            case KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - so the client calls it
                self._said(f"no broker of {self._hosts} can be reached; the stream waits")
            case KafkaError._SSL:  # noqa: SLF001
                self.refusal = (
                    f"kafka: TLS with {self._hosts} comes to nothing; does ssl.ca.location name who vouches for its "
                    "certificate?"
                )
            case KafkaError._AUTHENTICATION:  # noqa: SLF001
                self.refusal = (
                    f"kafka: {self._hosts} does not let the stream in; the user, the password or sasl.mechanism is "
                    "another"
                )


def client_of(kind: type[Client], place: KafkaAddress, settings: Mapping[str, Any], complaints: Complaints) -> Client:
    """Return a consumer or producer.

    UsageError where a setting of the file is none, or has no such value.  No value of a setting is repeated.
    """
    from confluent_kafka import KafkaException

    silent = logging.getLogger("dq.kafka")  # what matters is said by errors, and a log might tell settings
    silent.addHandler(logging.NullHandler())
    silent.propagate = False
    always = {"bootstrap.servers": place.hosts, "client.id": "dq", "logger": silent, "error_cb": complaints.heard}
    try:
        return kind({**place.settings, **always, **settings})
    except (KafkaException, ValueError, TypeError) as error:
        named = [f"the setting {name}" for name in place.settings if f'"{name}"' in str(error)]
        what = named[0] if named else "a setting"  # the client's own words would repeat its value
        raise UsageError(f"kafka: {what} is none of the client's, or has a value that it does not take") from None


def heeding(action: Callable[[], Answer], seconds: float) -> Answer:
    """Return the answer of a call to a client that may take long: in a thread of its own, so that signals come in.

    TimeoutError where it does not come back, then its thread waits alone; KafkaException as the client has it.
    """
    answers: list[Answer] = []
    faults: list[BaseException] = []

    def act() -> None:
        try:
            answers.append(action())
        except BaseException as fault:  # noqa: BLE001 - it is raised again below, where somebody can take it
            faults.append(fault)

    thread = threading.Thread(target=act, name="dq-kafka", daemon=True)
    thread.start()
    until = time.monotonic() + seconds
    while thread.is_alive():
        if time.monotonic() >= until:
            raise TimeoutError
        thread.join(_STEP)
    if faults:
        raise faults[0]
    return answers[0]


def leave(action: Callable[[], object]) -> None:
    """Let a client leave; where no broker takes its leave in time, it is left alone with that."""
    from confluent_kafka import KafkaException

    with suppress(KafkaException, TimeoutError):
        heeding(action, CLOSE_SECONDS)


def need_topic(client: Consumer | Producer, place: KafkaAddress, complaints: Complaints) -> None:
    """Wait until a broker tells of the topic.  OutageError where none answers, SourceError where there is no topic."""
    from confluent_kafka import KafkaException

    try:
        asked = heeding(lambda: client.list_topics(place.topic, timeout=START_SECONDS), 2 * START_SECONDS)
    except TimeoutError as error:
        raise OutageError(f"kafka: {place.hosts} does not answer") from error
    except KafkaException as error:
        client.poll(0)  # only now the client complains
        silence = f"kafka: no broker of {place.hosts} answers ({words(error)})"
        raise OutageError(complaints.refusal or silence) from error
    found = asked.topics.get(place.topic)
    if found is None or found.error is not None or not found.partitions:
        raise SourceError(f"kafka: there is no topic {place.topic} at {place.hosts}")


def words(error: KafkaException | KafkaError) -> str:
    """Return what a client says went wrong, without what it was told."""
    inner = error.args[0] if isinstance(error, Exception) else error
    return str(inner.name())
