"""What a language is: a writer that says a plan in it, a reader that makes a specification of it, and losses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dq.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dq.plan.plan import CompiledPlan


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """One thing that is not carried over: where it stands in what was read, and what it is, in words."""

    at: str
    what: str

    def __str__(self) -> str:
        """Return both on one line."""
        return f"{self.at}: {self.what}"


@dataclass(frozen=True, slots=True)
class Exported:
    """A plan in another language, and what of the plan that language does not say."""

    text: str
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """A specification (YAML that lints clean) made from another language, and what it does not carry over."""

    text: str
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class ImportedTables:
    """The specifications of the tables of one document, by table; `losses` are tables that could not be read."""

    specs: Mapping[str, Imported]
    losses: tuple[Loss, ...]


class Writer(ABC):
    """Says a plan in one language."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str]

    @abstractmethod
    def write(self, plan: CompiledPlan) -> Exported:
        """Return the plan in this language; what it cannot say is listed, never left out in silence."""


class Reader(ABC):
    """Makes a specification of one document of a language."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str]

    @abstractmethod
    def recognizes(self, document: Any) -> bool:
        """Whether a document (plain JSON values) is of this language, by marks that no other language has."""

    def tables(self, document: Any) -> Iterable[tuple[str, Any]]:
        """Yield every table that a document describes: its name, and a document of it alone.

        Nothing where a document of the language describes one thing.
        """
        del document
        return ()

    @abstractmethod
    def read(self, document: Any, name: str) -> Imported:
        """Return the specification, of the first of several tables.

        `name` is the file's, for comments and where the document names nothing.

        UsageError if the document is not of this language.
        """


WRITERS: Registry[type[Writer]] = Registry("language to export to")
READERS: Registry[type[Reader]] = Registry("language to import from")
