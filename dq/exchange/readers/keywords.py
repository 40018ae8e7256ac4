"""From keywords of JSON Schema to checks: what the readers of several languages have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.checks.formats import NOTATIONS
from dq.exchange.producer import sent_type
from dq.patterns import compile_pattern

if TYPE_CHECKING:
    from dq.dtypes.types import Type
    from dq.exchange.draft import FieldDraft, SpecDraft

FORMATS = {name: name for name in ("email", "hostname", "ipv4", "ipv6", "uri", "url", "uuid", "date")}
FORMATS["date-time"] = "datetime"
# Keywords that say nothing of a value, or that were read by whoever calls.
SILENT = frozenset({"type", "description", "title", "examples", "$comment", "x-dq-type", "nullable", "deprecated"})
_SHOWN = 100
_ONE_TO_ONE = {"multipleOf": "multiple_of", "minItems": "min_items", "maxItems": "max_items", "const": "equals"}


class Keywords:
    """The keywords of one schema, which are taken one by one; what is left over is a loss."""

    def __init__(self, schema: dict[str, Any], of: Type) -> None:
        """Begin with what a schema says beyond the type itself."""
        own = sent_type(of)
        known = own.get("allOf", [])
        self._left = {key: value for key, value in schema.items() if key not in SILENT and own.get(key, ...) != value}
        self._parts = [part for part in self._left.pop("allOf", []) if part not in known]
        self._of = of

    def take(self, key: str) -> Any:
        """Return the value of a keyword, which is said then; None where there is none."""
        return self._left.pop(key, None)

    def read(self, field: FieldDraft, draft: SpecDraft, words: tuple[str, ...] = ()) -> None:
        """Add the checks that the keywords ask for, and list those that dq cannot ask."""
        if self._of.name == "string":
            self._texts(field)
        self._bounds(field)
        self._lengths(field)
        self._values(field, words)
        for key, kind in _ONE_TO_ONE.items():
            if (value := self.take(key)) is not None:
                field.check(kind, value)
        for part in self._parts:
            Keywords(part, self._of).read(field, draft, words)
        for key, value in self._left.items():
            draft.lose(f"{field.at}.{key}", shortened(value))

    def _bounds(self, field: FieldDraft) -> None:
        """Read bounds of numbers, also with the flags of draft-04."""
        low, high = self.take("minimum"), self.take("maximum")
        above, below = self.take("exclusiveMinimum"), self.take("exclusiveMaximum")
        if above is True:
            low, above = None, low
        if below is True:
            high, below = None, high
        if low is not None and high is not None:
            field.check("between", [low, high])
            low = high = None
        for kind, bound in (("minimum", low), ("maximum", high), ("gt", above), ("lt", below)):
            if bound is not None and bound is not False:
                field.check(kind, bound)

    def _lengths(self, field: FieldDraft) -> None:
        """Read lengths of texts."""
        least, most = self.take("minLength"), self.take("maxLength")
        if least is not None and most is not None:
            field.check("length", least if least == most else {"min": least, "max": most})
        elif most is not None:
            field.check("max_length", most)
        elif least:
            field.check("min_length", least)

    def _values(self, field: FieldDraft, words: tuple[str, ...]) -> None:
        """Read lists of values; null is no value, and a required field refuses words for no value anyway."""
        listed = self.take("enum")
        if listed is not None and (values := [value for value in listed if value is not None]):
            field.check("accepted_values", [spoken(value) for value in values])
        refused = self._left.get("not")
        if isinstance(refused, dict) and set(refused) == {"enum"}:
            self.take("not")
            if values := [value for value in refused["enum"] if not (field.required and spoken(value) in words)]:
                field.check("not_accepted_values", [spoken(value) for value in values])

    def _texts(self, field: FieldDraft) -> None:
        """Read patterns and formats; patterns that only spell out a format are said by it."""
        patterns = [pattern for pattern in (self.take("pattern"),) if pattern is not None]
        patterns += [part["pattern"] for part in self._parts if set(part) == {"pattern"}]
        self._parts = [part for part in self._parts if set(part) != {"pattern"}]
        name = FORMATS.get(self._left.get("format", "")) or _spelled_out(patterns)
        if name is not None:
            self.take("format")
            field.check("format", name)
            if self._left.get("maxLength") == NOTATIONS[name].max_length:
                self.take("maxLength")
        for pattern in patterns:
            if name is None or pattern not in _spelling(name):
                field.check("pattern", pattern)


def _spelling(name: str) -> list[str | None]:
    """Return the patterns that a format is spelled out as."""
    return [compile_pattern(pattern).ecma for pattern in NOTATIONS[name].patterns]


def _spelled_out(patterns: list[str]) -> str | None:
    """Return the format that patterns spell out, if they do."""
    found = (name for name in NOTATIONS if patterns and set(_spelling(name)) <= set(patterns))
    return next(found, None)


def spoken(value: Any) -> Any:
    """Return a listed value as an author writes it: numbers as they are, all else as text."""
    return ("true" if value else "false") if isinstance(value, bool) else value


def shortened(value: Any) -> str:
    """Return a value in words, cut to what a line holds."""
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
