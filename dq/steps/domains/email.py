"""`email`: e-mail addresses."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pydantic import Field

from dq.params import Flag
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams


class EmailParams(DomainParams):
    """`lower_local` also maps the part before the @ to lower case, which hardly any server tells apart."""

    lower_local: Flag = Field(default=False, description="Whether the part before the @ becomes lower case, too.")


@TEXT_STEPS.register
class Email(Domain):
    """Reads an address by RFC 5321 and 5322 with the internationalized forms of RFC 6531; nothing is looked up.

    The domain becomes lower case and, where it was written in Punycode, Unicode; the part before the @ is brought
    to form NFC and otherwise left, as letter case may matter there.  Quoted local parts, bracketed IP addresses,
    comments, display names (`Anna <a@b.org>`) and domains without a dot are not read; neither are names that no
    mail reaches, such as `.test` and `.local`.
    """

    kind = "email"
    title = "standardize e-mail addresses"
    example = "email: {lower_local: true}"
    example_values = (
        (" Anna.Smith@Example.COM ", "anna.smith@example.com"),
        ("a@XN--MNCHEN-3YA.de", "a@münchen.de"),
        ("почта@пример.рф", "почта@пример.рф"),
        ("anna(at)example.com", "anna(at)example.com"),
    )
    accepts = "an e-mail address"
    needs = ("email_validator",)
    longest = 320  # 64 characters, the @ and 255: the limits of RFC 5321
    Params = EmailParams

    @cached_property
    def _library(self) -> Any:
        import email_validator  # heavy

        return email_validator

    def standardize(self, text: str) -> str | None:
        """Return the address in its canonical form."""
        try:
            found = self._library.validate_email(text, check_deliverability=False, strict=True)
        except self._library.EmailNotValidError:
            return None
        local = str(found.local_part)
        return f"{local.lower() if self.params.lower_local else local}@{found.domain}"
