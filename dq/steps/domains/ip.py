"""`ip`: addresses of the Internet protocol."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Annotated, Literal

from pydantic import Field

from dq.params import Word
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams


class IpParams(DomainParams):
    """The `version` that is read: 4, 6 or any."""

    shorthand = "version"
    version: Annotated[Literal["4", "6", "any"], Word] = Field(
        "any", description="Which addresses are read: 4, 6 or any."
    )


@TEXT_STEPS.register
class Ip(Domain):
    """Writes an IPv4 address as four decimal numbers, an IPv6 address as RFC 5952 does.

    An IPv6 address may stand in brackets.  Numbers with leading zeros, which some programs read as octal, are not
    read; neither are networks, ports, and addresses with a zone (`fe80::1%eth0`), which mean nothing elsewhere.
    """

    kind = "ip"
    title = "standardize IP addresses"
    example = "ip: {version: any}"
    example_values = (
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("[::1]", "::1"),
        ("::FFFF:c000:0280", "::ffff:192.0.2.128"),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.01", "192.0.2.01"),
    )
    accepts = "an IP address"
    longest = 64
    Params = IpParams

    def expected(self) -> str:
        """Name the version."""
        return self.accepts if self.params.version == "any" else f"an IPv{self.params.version} address"

    def standardize(self, text: str) -> str | None:
        """Return the address in its canonical form."""
        try:
            if ":" not in text:
                return str(IPv4Address(text)) if self.params.version != "6" else None
            bare = text[1:-1] if text[0] == "[" and text[-1] == "]" else text
            address = IPv6Address(bare)
        except AddressValueError:
            return None
        if self.params.version == "4" or address.scope_id is not None:
            return None
        return ipv6_text(address)


def ipv6_text(address: IPv6Address) -> str:
    """Return an address as RFC 5952 writes it; Python does so with mapped IPv4 addresses since version 3.13 only."""
    return address.compressed if address.ipv4_mapped is None else f"::ffff:{address.ipv4_mapped}"
