"""Personal data: what a column's name or the form of its values makes suspect."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dq.drafting.finding import Finding, share
from dq.drafting.notations import matching

if TYPE_CHECKING:
    from dq.drafting.column import Column

_WORDS = frozenset({
    "email", "mail", "phone", "telephone", "mobile", "fax", "surname", "lastname", "firstname", "forename", "fullname",
    "ssn", "passport", "birth", "birthday", "birthdate", "dob", "iban", "username", "snils", "salary", "diagnosis",
    "patient", "maiden", "телефон", "почта", "фамилия", "имя", "отчество", "паспорт", "снилс", "фио",
    "vorname", "nachname", "familienname", "geburtsdatum", "geburtstag", "telefon", "telefonnummer", "handy", "gehalt",
    "prénom", "prenom", "naissance", "téléphone", "courriel", "apellido", "apellidos", "correo", "teléfono",
    "nacimiento", "cognome", "nascita", "telefono", "氏名", "電話番号", "住所", "生年月日", "メールアドレス",
})  # fmt: skip
_PAIRS = (("first", "name"), ("last", "name"), ("given", "name"), ("family", "name"), ("middle", "name"),
          ("full", "name"), ("user", "name"), ("customer", "name"), ("person", "name"), ("contact", "name"),
          ("card", "number"), ("ip", "address"), ("remote", "addr"), ("client", "ip"))  # fmt: skip
_PERSONS = frozenset({
    "customer", "client", "user", "patient", "employee", "person", "contact", "owner", "author", "member", "student",
    "passenger", "guest", "account", "billing", "shipping", "driver", "doctor", "buyer", "seller", "sender",
    "recipient",
})  # fmt: skip
_PERHAPS = frozenset({
    "address", "street", "addr", "адрес", "login", "anschrift", "adresse", "straße", "strasse", "nom", "dirección",
    "indirizzo",
})  # fmt: skip
_CARD = r"^(?:\d[ -]?){13,19}$"


def guess(column: Column) -> list[Finding]:
    """Return the mark `pii`, or the doubt whether it belongs there."""
    if column.named(_WORDS) or _is_name_of_person(column.words) or _is_social_security(column.words):
        return [Finding("pii", "true", "by its name; values stay out of reports then")]
    if not column.present:
        return []
    for notation, words in (("email", "e-mail addresses"), ("ipv4", "IP addresses")):
        found = matching(column, notation)
        if 2 * found >= column.present:
            return [Finding("pii", "true", f"{share(found, column.present)} values are {words}")]
    if column.is_text and column.matching(_CARD) == column.present and _luhn(column):
        return [Finding("pii", "true", "all values have the check digit of payment cards")]
    if column.named(_PERHAPS):
        return [Finding("pii", "true", "may lead to a person", sure=False)]
    return []


def _is_name_of_person(words: tuple[str, ...]) -> bool:
    """Whether a name ends in a pair such as first name, and what stands before it is a person, if anything."""
    return words[-2:] in _PAIRS and _PERSONS.issuperset(words[:-2])


def _is_social_security(words: tuple[str, ...]) -> bool:
    """Whether a name speaks of a number of social security."""
    return not {("soc", "sec"), ("social", "security")}.isdisjoint(pairwise(words))


def _luhn(column: Column) -> bool:
    """Whether the most frequent values all have the check digit of ISO/IEC 7812."""
    return column.distinct > 1 and all(_sum(text) % 10 == 0 for text in column.texts.head(200))


def _sum(text: str) -> int:
    """Return the sum of digits by Luhn's rule, every second one from the right doubled."""
    digits = [int(mark) for mark in text if mark.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]  # noqa: PLR2004
    return sum(digits[-1::-2]) + sum(doubled)
