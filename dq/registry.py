"""A registry: a dictionary of kinds by name, and nothing else.

A kind is a class with a `kind` name and `aliases`.  Registering a name twice is an error.  The registries of
checks, text steps and expectations are filled by decorators in the files of the kinds, which the package's
own `load` function imports, and by plugins (`dq.plugins`), which are called and never imported for effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from dq.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(Protocol):
    """What a registry needs to know of a kind."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]]


K = TypeVar("K", bound=type[Kind])


class Registry(Generic[K]):
    """Kinds by their canonical name, with their aliases; iteration is in order of name."""

    def __init__(self, noun: str) -> None:
        """Begin empty; `noun` is what error messages call a kind ("check", "text step")."""
        self.noun = noun
        self._kinds: dict[str, K] = {}
        self._names: dict[str, str] = {}

    def register(self, kind: K) -> K:
        """Add a kind and return it, so that this serves as a decorator.  UsageError if a name is taken."""
        for name in (kind.kind, *kind.aliases):
            if name in self._names:
                raise UsageError(f"two kinds of {self.noun} are called {name!r}")
            self._names[name] = kind.kind
        self._kinds[kind.kind] = kind
        return kind

    def find(self, name: str) -> K | None:
        """Return the kind of this name or alias, or None."""
        canonical = self._names.get(name)
        return self._kinds[canonical] if canonical else None

    def names(self) -> tuple[str, ...]:
        """Return every name and alias, for "did you mean"."""
        return tuple(sorted(self._names))

    def remove(self, name: str) -> None:
        """Forget a kind (tests register toys and take them out again)."""
        kind = self._kinds.pop(name)
        self._names = {alias: canonical for alias, canonical in self._names.items() if canonical != kind.kind}

    def __iter__(self) -> Iterator[K]:
        """Iterate over the kinds in order of name."""
        return iter(self._kinds[name] for name in sorted(self._kinds))
