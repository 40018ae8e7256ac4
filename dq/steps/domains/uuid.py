"""`uuid`: universally unique identifiers."""

from __future__ import annotations

import re

from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain

_HYPHENATED = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FORM = re.compile(
    rf"(?:urn:uuid:)?({_HYPHENATED})|\{{({_HYPHENATED})\}}|\(({_HYPHENATED})\)|([0-9a-f]{{32}})",
    re.ASCII | re.IGNORECASE,
)


@TEXT_STEPS.register
class Uuid(Domain):
    """Writes a UUID as RFC 9562 does: lower case, hyphenated.

    Upper case, braces or parentheses (as Windows writes them), the prefix `urn:uuid:` and 32 digits without hyphens
    are read; hyphens at other places are not.
    """

    kind = "uuid"
    title = "standardize UUIDs"
    example = "uuid"
    example_values = (
        ("{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("6ba7b810", "6ba7b810"),
    )
    accepts = "a UUID"
    longest = 64

    def standardize(self, text: str) -> str | None:
        """Return the UUID, lower case and hyphenated."""
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        digits = next(group for group in found.groups() if group).lower().replace("-", "")
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
