"""`url`: addresses of the web."""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Annotated, Any, Literal

from pydantic import Field

from dq.params import Text, Word
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams
from dq.steps.domains.ip import ipv6_text

_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*\Z")
_FORM = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)  # RFC 3986, appendix B
_AUTHORITY = re.compile(r"(?:([^@]*)@)?(\[[0-9A-Fa-f:.]+\]|[^:@\[\]]+)(?::([0-9]*))?")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_\-]{0,62})(?:\.[a-z0-9_][a-z0-9_\-]{0,62})*\.?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_NOT_ALLOWED = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]|\s")
_LARGEST_PORT = 65535


class UrlParams(DomainParams):
    """The scheme that is put before text which has none (`default_scheme`), and whether the `fragment` is kept."""

    default_scheme: Text | None = Field(None, description="The scheme of text that has none, such as https.")
    fragment: Annotated[Literal["keep", "drop"], Word] = Field(
        "keep", description="Whether what follows # is kept: keep or drop."
    )


@TEXT_STEPS.register
class Url(Domain):
    """Brings a URL with a host to the form of RFC 3986, section 6.2; nothing is looked up.

    Scheme and host become lower case, a host in other scripts Punycode (UTS 46), the default port and dot segments
    vanish, an empty path becomes `/`, escapes are written in upper case where they are needed and decoded where they
    are not, and characters beyond ASCII are escaped as UTF-8.  The order of a query, a final slash and letter case in
    paths stay: they may matter.  White space and characters that no URL has are not read.
    """

    kind = "url"
    title = "standardize URLs"
    example = "url: {default_scheme: https, fragment: keep}"
    example_values = (
        ("HTTP://Example.COM:80/a/./b/../c?q=%7ex", "http://example.com/a/c?q=~x"),
        ("example.com", "https://example.com/"),
        ("https://пример.рф/путь", "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C"),
        ("mailto:a@example.com", "mailto:a@example.com"),
        ("http://a b/", "http://a b/"),
    )
    accepts = "a URL with a host"
    needs = ("idna",)
    longest = 8192
    Params = UrlParams

    def __init__(self, params: Any) -> None:
        """Refuse a default scheme that is none."""
        super().__init__(params)
        if params.default_scheme is not None and not _SCHEME.match(params.default_scheme):
            raise self.wrong("default_scheme", "a scheme such as https", repr(params.default_scheme))

    @cached_property
    def _idna(self) -> Any:
        import idna  # heavy

        return idna

    def standardize(self, text: str) -> str | None:
        """Return the URL in its normal form."""
        found = _FORM.fullmatch(text)
        if found is None and self.params.default_scheme is not None and _looks_bare(text):
            found = _FORM.fullmatch(f"{self.params.default_scheme}://{text.removeprefix('//')}")
        if found is None or _NOT_ALLOWED.search(text) or _BAD_ESCAPE.search(text):
            return None
        scheme = found[1].lower()
        authority = self._authority(found[2], scheme)
        if authority is None:
            return None
        path = _without_dots(_escaped(found[3])) or "/"
        fragment = "" if self.params.fragment == "drop" else _escaped(found[5] or "")
        return f"{scheme}://{authority}{path}{_escaped(found[4] or '')}{fragment}"

    def _authority(self, text: str, scheme: str) -> str | None:
        """Return user, host and port in their normal form, or None."""
        found = _AUTHORITY.fullmatch(text)
        host = None if found is None else self._host(found[2])
        if found is None or host is None:
            return None
        port = (found[3] or "").lstrip("0") or ("0" if found[3] else "")
        if port and (len(port) > len(str(_LARGEST_PORT)) or int(port) > _LARGEST_PORT):
            return None
        user = "" if found[1] is None else f"{_escaped(found[1])}@"
        return f"{user}{host}" if port in {"", _PORTS.get(scheme)} else f"{user}{host}:{port}"

    def _host(self, text: str) -> str | None:
        """Return a host in its normal form: an IP address, or a name in lower case and ASCII."""
        try:
            if text[0] == "[":
                return f"[{ipv6_text(IPv6Address(text[1:-1]))}]"
            if re.fullmatch(r"[0-9.]+", text):
                return str(IPv4Address(text))
        except AddressValueError:
            return None
        host = text.lower()
        if not text.isascii():
            try:
                host = self._idna.encode(text, uts46=True).decode("ascii")
            except self._idna.IDNAError:
                return None
        return host if _HOST.fullmatch(host) else None


def _looks_bare(text: str) -> bool:
    """Whether a text without a scheme begins with a name that has a dot: `example.com/a`, but not `mailto:a@b.org`."""
    host = re.split(r"[/?#:]", text.removeprefix("//"), maxsplit=1)[0]
    return "." in host.strip(".") and "@" not in host


def _escaped(text: str) -> str:
    """Return a part of a URL with the escapes it needs, in upper case, and no others (RFC 3986, section 6.2.2)."""
    decoded = _ESCAPE.sub(lambda found: _unescaped(found[1]), text)
    if decoded.isascii():
        return decoded
    return "".join(c if c.isascii() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in decoded)


def _unescaped(digits: str) -> str:
    char = chr(int(digits, 16))
    return char if char in _UNRESERVED else f"%{digits.upper()}"


def _without_dots(path: str) -> str:
    """Return an absolute path without dot segments (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "".join(f"/{segment}" for segment in kept)
