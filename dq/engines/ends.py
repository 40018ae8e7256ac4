"""The ends of a stream: where events come from and where they go, by paths and addresses.

What is wrong with an address is said before anything is opened.
"""

from __future__ import annotations

import os
import re
import sys
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq.brokers.address import scheme_of
from dq.brokers.kafka import KafkaAddress
from dq.brokers.redis import RedisAddress
from dq.diagnostics import did_you_mean
from dq.engines.progress import Progress, resumed
from dq.engines.stream_doors import Outlets
from dq.errors import UsageError
from dq.sinks.append import AppendedFile, Descriptor
from dq.sources.events import LineEvents
from dq.sources.following import FollowedFile
from dq.sources.intake import PipeIntake, Place

if TYPE_CHECKING:
    from dq.sinks.append import Target
    from dq.sinks.checkpoint import Checkpoint
    from dq.sinks.kafka import KafkaTransaction
    from dq.sources.events import EventSource

SCHEMES = ("kafka", "redis", "rediss")
Address = KafkaAddress | RedisAddress
Said = Callable[[str], None]
_PLACES = re.compile(r"\{(?:event|version)\}")


@dataclass(frozen=True, slots=True)
class Opened:
    """The ends of a stream, open, and the commit behind which it goes on."""

    events: EventSource
    outlets: Outlets
    progress: Progress


class Ends:
    """The ends of one stream, which may be opened again and again.  UsageError where they cannot be meant."""

    def __init__(
        self,
        origin: str,
        accepted: str,
        refused: str,
        removed: str | None,
        *,
        until_end: bool,
        events: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Understand all of them; nothing is opened.  `removed` None sends removed events to the refused ones.

        Where `accepted` has `{event}` or `{version}` in it, each of the `events` and versions has a place of its own.
        """
        self._origin, self._until_end = origin, until_end
        self._source = _source_address(origin)
        self._accepted = accepted
        self._apart = {_door(*each): each for each in events} if has_places(accepted) else {}
        places = {door: _placed(accepted, *each) for door, each in self._apart.items()} or {"accepted": accepted}
        texts = {**places, "refused": refused, "removed": removed}
        self._texts = {door: text for door, text in texts.items() if text is not None}
        self._targets = {door: _target_address(text) for door, text in self._texts.items()}
        self._topics = {door: place for door, place in self._targets.items() if isinstance(place, KafkaAddress)}
        self._need_sense()

    def _need_sense(self) -> None:
        """Raise UsageError where the ends cannot be those of one stream."""
        names = [self.name_of(door) for door in self._texts]
        if len(set(names)) != len(names):
            raise UsageError("accepted, refused and removed events need places of their own")
        if self._origin != "-" and not _is_device(self._origin) and self.origin in names:
            raise UsageError(f"{self._origin}: a stream that writes where it reads never comes to an end")
        if len({place.hosts for place in self._topics.values()}) > 1:
            raise UsageError(
                "kafka: one transaction holds everything that is written, so all topics need the same hosts"
            )
        for door, place in self._topics.items():
            if door in {"refused", "removed"} and place.address.options["key"]:
                raise UsageError("kafka: only accepted events have fields, so only their messages have keys")

    def need_fields(self, outputs: Iterable[Collection[str]]) -> None:
        """Raise UsageError where a field that is the key of messages is not written by every one of these plans."""
        for name in {place.address.options["key"] for place in self._topics.values()} - {""}:
            for fields in outputs:
                if name not in fields:
                    meant = did_you_mean(name, fields)
                    hint = f"; did you mean {meant!r}?" if meant else ""
                    raise UsageError(f"kafka: the key is a field of accepted events, and {name!r} is none{hint}")

    @property
    def origin(self) -> str:
        """By what name a checkpoint knows the source."""
        return self._source.address.name if self._source is not None else _named(self._origin)

    def name_of(self, door: str) -> str:
        """Return by what name a checkpoint knows the outlet of a door."""
        place = self._targets.get(door)
        return place.address.name if place is not None else _named(self._texts.get(door, self._accepted))

    @contextmanager
    def opened(self, memory: Checkpoint, said: Said) -> Iterator[Opened]:
        """Open everything, behind the last commit; `said` is told, in words, what the stream waits for."""
        with ExitStack() as stack:
            transaction = self._transaction(memory, said)
            if transaction is not None:
                stack.callback(transaction.close)
            progress = resumed(memory, transaction)
            outlets = self._outlets(progress.lengths, transaction, said)
            for target in outlets.each.values():
                stack.callback(target.close)
            events = self._events(progress.place, transaction, said)
            stack.callback(events.close)
            yield Opened(events, outlets, progress)

    def _transaction(self, memory: Checkpoint, said: Said) -> KafkaTransaction | None:
        """Begin transactions with the cluster of the targets, under the identity that this stream has."""
        if not self._topics:
            return None
        from dq.sinks.kafka import KafkaTransaction

        identity = memory.get("identity") or self._identity()
        memory.put({"identity": identity})
        return KafkaTransaction(next(iter(self._topics.values())), identity, said)

    def _identity(self) -> str:
        """Return the name of a member of a group, which is the same at every start, or else one that nobody has."""
        if not isinstance(self._source, KafkaAddress):
            return f"dq-{uuid.uuid4()}"
        options = self._source.address.options
        return f"dq-{self._source.topic}-{options['group']}-{options['instance']}"

    def _outlets(self, lengths: Mapping[str, int], transaction: KafkaTransaction | None, said: Said) -> Outlets:
        def target(door: str) -> Target:
            place = self._targets[door]
            if place is None:
                return _file_target(self._texts[door], lengths.get(door), said)
            return _broker_target(place, transaction, said)

        refused = target("refused")
        removed = target("removed") if "removed" in self._texts else refused
        apart = {each: target(door) for door, each in self._apart.items()}
        accepted = next(iter(apart.values())) if apart else target("accepted")
        return Outlets(accepted, refused, removed, transaction, apart)

    def _events(self, place: Any, transaction: KafkaTransaction | None, said: Said) -> EventSource:
        source = self._source
        if source is None:
            return _file_events(self._origin, place, until_end=self._until_end)
        if not isinstance(source, KafkaAddress):
            from dq.sources.redis import RedisEvents

            return RedisEvents(source, place, until_end=self._until_end)
        from dq.sources.kafka import KafkaEvents

        together = transaction is not None and transaction.hosts == source.hosts
        events = KafkaEvents(source, place, said, until_end=self._until_end, confirms=not together)
        if together and transaction is not None:
            transaction.follow(events.reached)
        return events


def has_places(accepted: str) -> bool:
    """Whether each event and version has a place of its own where accepted events go."""
    return _PLACES.search(accepted) is not None


def _door(event: str, version: str) -> str:
    """Return the name of the door of accepted events of a specification."""
    return f"accepted {event} {version}"


def _placed(text: str, event: str, version: str) -> str:
    """Return a place with an event and its version in it."""
    return text.replace("{event}", event).replace("{version}", version)


def _known_scheme(text: str) -> str | None:
    """Return the scheme of an address, None for a path.  UsageError for a scheme that is not spoken, or a folder."""
    scheme = scheme_of(text)
    if scheme is None and Path(text).is_dir():
        raise UsageError(f"{text} is a folder; the ends of a stream are files, pipes and brokers")
    if scheme is not None and scheme not in SCHEMES:
        meant = did_you_mean(scheme, SCHEMES)
        hint = f"did you mean {meant}://?" if meant else f"there are {', '.join(SCHEMES)}"
        raise UsageError(f"{scheme}:// is not spoken; {hint}")
    return scheme


def _source_address(text: str) -> Address | None:
    """Return the address of a broker to read from, None for a path."""
    match _known_scheme(text):
        case "kafka":
            from dq.sources import kafka

            return kafka.read_address(text)
        case "redis" | "rediss":
            from dq.sources import redis

            return redis.read_address(text)
    return None


def _target_address(text: str) -> Address | None:
    """Return the address of a broker to write to, None for a path."""
    match _known_scheme(text):
        case "kafka":
            from dq.sinks import kafka

            return kafka.write_address(text)
        case "redis" | "rediss":
            from dq.sinks import redis

            return redis.write_address(text)
    return None


def _broker_target(place: Address, transaction: KafkaTransaction | None, said: Said) -> Target:
    if isinstance(place, KafkaAddress):
        from dq.sinks.kafka import KafkaTopic

        assert transaction is not None  # there is one as soon as one target is a topic
        return KafkaTopic(place, transaction)
    from dq.sinks.redis import RedisStream

    return RedisStream(place, said)


def _named(place: str) -> str:
    """Return by what name a checkpoint knows a path."""
    return place if place == "-" else os.path.realpath(place)


def _file_target(place: str, length: int | None, said: Said) -> Target:
    if place == "-":
        return Descriptor(sys.stdout.fileno())
    if _is_device(place):
        return Descriptor(os.open(place, os.O_WRONLY), place)
    return AppendedFile(Path(place), length, said)


def _file_events(origin: str, place: Any, *, until_end: bool) -> EventSource:
    if origin == "-":
        return LineEvents(PipeIntake(sys.stdin.fileno()))
    if _is_device(origin):
        return LineEvents(PipeIntake(os.open(origin, os.O_RDONLY), Path(origin).name))
    start = None if place is None else Place(**place)
    return LineEvents(FollowedFile(Path(origin), start, until_end=until_end))


def _is_device(place: str) -> bool:
    """Whether a path names a pipe or a device, which has no length and no place to go back to."""
    path = Path(place)
    return path.exists() and not path.is_file()
