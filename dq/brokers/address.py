"""Addresses of brokers: `scheme://host:port[,host:port]/path?option=value&option=value`.

An address never holds credentials: addresses stand in process lists, logs and checkpoints.  They belong into a file
that only its owner can read (`config=FILE`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dq.diagnostics import did_you_mean
from dq.errors import UsageError

_ADDRESS = re.compile(r"(?P<scheme>[a-z]+)://(?P<hosts>[^/?]*)(?P<path>/[^?]*)?(?:\?(?P<options>.*))?\Z", re.DOTALL)
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?\Z")
_NAME = re.compile(r"[A-Za-z0-9._:{}-]+\Z")
_PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True)
class Option:
    """An option of an address: the values that it may have (any without), and its value where it is not given.

    One without a default is required, unless the default is the empty text, which stands for nothing.
    """

    default: str | None = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is (`host:port` each), what is meant in it, and all options, given or not."""

    scheme: str
    hosts: tuple[str, ...]
    path: tuple[str, ...]
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """The address without options: what a checkpoint knows it by."""
        return f"{self.scheme}://{','.join(self.hosts)}/{'/'.join(self.path)}"


def scheme_of(text: str) -> str | None:
    """Return the scheme of an address, None for a path of the file system."""
    before, found, _ = text.partition("://")
    return before if found else None


def parse_address(text: str, options: Mapping[str, Option]) -> Address:
    """Return an address that may have these options.  UsageError, which never repeats what may be a credential."""
    found = _ADDRESS.match(text)
    if found is None:
        raise UsageError("an address is written scheme://host:port/path?option=value")
    scheme, hosts = found["scheme"], found["hosts"]
    if "@" in hosts:
        raise UsageError(f"{scheme}: credentials do not belong into an address; put them into a file: ?config=FILE")
    whole = tuple(hosts.split(","))
    for host in whole:
        match = _HOST.match(host)
        if match is None or (match["port"] is not None and int(match["port"]) not in _PORTS):
            raise UsageError(f"{scheme}: {host!r} is no host:port")
    path = tuple((found["path"] or "/")[1:].split("/"))
    for part in path:
        if not _NAME.match(part):
            raise UsageError(
                f"{scheme}: {part!r} is no name; an address is written {scheme}://host:port/name?option=value"
            )
    return Address(scheme, whole, path, _options(scheme, found["options"] or "", options))


def _options(scheme: str, text: str, known: Mapping[str, Option]) -> dict[str, str]:
    """Return all options by name, those that are not given with their defaults."""
    given: dict[str, str] = {}
    for part in filter(None, text.split("&")):
        name, found, value = part.partition("=")
        if name not in known:
            raise UsageError(f"{scheme}: there is no option {name!r}{_meant(name, sorted(known))}")
        if not found or not value:
            raise UsageError(f"{scheme}: the option {name!r} has no value")
        if name in given:
            raise UsageError(f"{scheme}: the option {name!r} is given twice")
        if (values := known[name].values) and value not in values:
            raise UsageError(f"{scheme}: {name} cannot be {value!r}{_meant(value, values)}")
        given[name] = value
    for name, option in known.items():
        if name not in given and option.default is None:
            raise UsageError(f"{scheme}: the option {name!r} is missing: ?{name}=…")
    return {name: given.get(name, option.default or "") for name, option in known.items()}


def _meant(word: str, known: Sequence[str]) -> str:
    """Return the end of a sentence: what was meant, or what there is."""
    meant = did_you_mean(word, known)
    return f"; there are {', '.join(known)}" if meant is None else f"; did you mean {meant!r}?"
