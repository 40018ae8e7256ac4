"""Where binding writes down the mistakes it finds, with the place of each.

Nothing stops at the first mistake: a function that finds one notes it, returns None, and the rest goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from dq.catalog import diagnose
from dq.diagnostics import Diagnostic, Span, did_you_mean
from dq.expressions import ExpressionError, Typed, check_all, parse
from dq.params import ParamError, Params, describe
from dq.spec.kinds import arguments
from dq.spec.language import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dq.dtypes.types import Type
    from dq.spec.document import Document
    from dq.spec.model import KindNode


@dataclass(slots=True)
class Notes:
    """The document that is being bound, and the diagnostics so far.

    `lost` are fields that were declared, but wrongly: that they are missing is a consequence and not said again.
    """

    document: Document
    diagnostics: list[Diagnostic] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def note(self, code: str, span: Span, suggestion: str | None = None, **values: object) -> None:
        """Write down one mistake."""
        self.diagnostics.append(diagnose(code, span, suggestion, **values))

    def at(self, *path: str | int) -> Span:
        """Return the place of the value at this path of the spec."""
        return self.document.places.value(path)

    def key(self, *path: str | int) -> Span:
        """Return the place of the key at this path of the spec."""
        return self.document.places.key(path)

    def absent(self, name: str, span: Span, fields: Iterable[str], where: str) -> None:
        """Note a field that is not declared."""
        if name in self.lost:
            return
        self.note("DQ311", span, did_you_mean(name, fields), field=name, where=where)

    def once(self, names: Sequence[str] | None, path: tuple[str | int, ...]) -> None:
        """Note every name in the list at a path that stands in it before."""
        for index, name in enumerate(names or ()):
            if name in (names or ())[:index]:
                self.note("DQ324", self.at(*path, index), name=name, where=f"'{dotted(path)}'")

    def expression(
        self, text: str, path: tuple[str | int, ...], fields: Mapping[str, Type], *, boolean: bool
    ) -> Typed | None:
        """Return the typed expression that stands at a path, or None after noting what is wrong where in it."""
        try:
            typed, errors = check_all(parse(text), fields)
        except ExpressionError as error:
            typed, errors = None, (error,)
        for mistake in errors:
            if mistake.code == "DQ402" and mistake.values.get("field") in self.lost:
                continue
            place = self.document.places.within(path, mistake.start, mistake.end)
            self.note(mistake.code, place, mistake.suggestion, **mistake.values)
        if errors or typed is None:
            return None
        if boolean and typed.type.name != "boolean":
            self.note("DQ406", self.at(*path), type=str(typed.type))
            return None
        if boolean and not typed.fields:
            self.note("DQ322", self.at(*path), problem="it reads no field, so it says the same of every row")
        return typed

    def params(self, model: type[Params], node: KindNode) -> Params | None:
        """Return the parameters of an entry as its kind reads them, or None after noting every mistake in them."""
        try:
            return model.model_validate(arguments(node, model))
        except ParamError as error:
            self.param_error(error, node)
        except ValidationError as errors:
            for mistake in errors.errors():
                self._param_mistake(model, mistake, node)
        return None

    def _param_mistake(self, model: type[Params], error: Any, node: KindNode) -> None:
        """Note one mistake that pydantic found in the parameters, at the parameter it is in."""
        location = [part for part in error["loc"] if isinstance(part, int) or not part.startswith("function-")]
        key = str(location[0]) if location else node.name
        path = (*node.param_path(key), *location[1:])
        places = self.document.places
        if error["type"] == "extra_forbidden":
            self.note("DQ305", places.key(path), did_you_mean(key, parameters_of(model)), kind=node.name, key=key)
        elif error["type"] == "missing":
            self.note("DQ306", node.span, kind=node.name, key=key)
        else:
            expected, found = _in_words(error)
            near = did_you_mean(str(error["input"]), _QUOTED.findall(expected))
            self.note("DQ307", places.value(path), near, what=_what(node, key), expected=expected, found=found)

    def param_error(self, error: ParamError, node: KindNode) -> None:
        """Note a parameter that does not fit its field."""
        key = error.key or node.name
        values = {"kind": node.name, "key": key, "what": _what(node, str(error.values.get("key", key))), **error.values}
        suggestion = values.pop("suggestion", None)
        path = (*node.param_path(error.key), *error.within) if error.key is not None else node.path
        places = self.document.places
        span = (places.key(path) if error.at_key else places.value(path)) if error.key is not None else node.span
        self.note(error.code, span, suggestion if isinstance(suggestion, str) else None, **values)


def _what(node: KindNode, key: str) -> str:
    """Return what a value belongs to, as the author wrote it: the kind, or one of its parameters by name."""
    named = key in node.siblings or (isinstance(node.params, Mapping) and key in node.params)
    return f"'{key}' of '{node.name}'" if named else f"'{node.name}'"


_QUOTED = re.compile(r"'([^']*)'")
_LENGTHS = {"too_long": "max_length", "too_short": "min_length"}


def _in_words(error: Any) -> tuple[str, str]:
    """Return what an error of pydantic expected and what it found, in plain words."""
    context = error.get("ctx") or {}
    if error["type"] in _LENGTHS:
        return f"a list of {context[_LENGTHS[error['type']]]}", f"of {context['actual_length']}"
    expected = "a list" if error["type"] == "list_type" else str(context.get("expected", error["msg"]))
    return expected, str(context.get("found") or describe(error["input"]))


def parameters_of(model: type[Params]) -> tuple[str, ...]:
    """Return the names of a kind's parameters as a spec writes them."""
    return tuple(info.alias or name for name, info in model.model_fields.items())
