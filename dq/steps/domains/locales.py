"""Names and marks of languages, from Unicode's CLDR by way of the package babel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dq.steps.domains.domain import Domain


def locale_named(domain: Domain, key: str, name: str) -> Any:
    """Return babel's Locale of a name such as `ru` or `en_IN`; ParamError on the parameter `key` if there is none."""
    from babel import Locale, UnknownLocaleError  # heavy

    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise domain.wrong(key, "a locale of CLDR, such as de or en_IN", repr(name)) from None


def locales_named(domain: Domain, names: Iterable[str]) -> list[Any]:
    """Return the locales of the parameter `languages`; ParamError where one is unknown, or babel is absent."""
    if not names:
        return []
    domain.need("babel", "languages")
    return [locale_named(domain, "languages", name) for name in names]
