"""The shape of the language, read off the models: which keys stand where."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from dq.diagnostics import did_you_mean
from dq.spec.model import CheckOptions, Spec, SpecModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.spec.nodes import Path


def model_at(path: Path, root: type[SpecModel] = Spec) -> type[SpecModel] | None:
    """Return the model whose keys stand at a path of a document, or None where there is none."""
    annotation: Any = root
    for step in path:
        annotation = _inner(annotation, step)
    return _model(annotation)


def _inner(annotation: Any, step: str | int) -> Any:
    """Return the annotation of what stands behind one more step of a path."""
    model = _model(annotation)
    if model is not None:
        field = model.model_fields.get(str(step))
        return field.annotation if field else None
    for option in _options(annotation):
        origin, arguments = typing.get_origin(option), typing.get_args(option)
        if origin is dict and isinstance(step, str):
            return arguments[1]
        if origin is list and isinstance(step, int):
            return arguments[0]
    return None


def _options(annotation: Any) -> Iterator[Any]:
    """Yield the members of a union, or the annotation itself; `Annotated` is taken off."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _options(typing.get_args(annotation)[0])
    elif origin in {typing.Union, types.UnionType}:
        for member in typing.get_args(annotation):
            yield from _options(member)
    else:
        yield annotation


def _model(annotation: Any) -> type[SpecModel] | None:
    """Return the model among the members of an annotation."""
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, SpecModel):
            return option
    return None


def _models(model: type[BaseModel]) -> Iterator[type[SpecModel]]:
    """Yield a model and all models below it, in the order of the language."""
    if issubclass(model, SpecModel):
        yield model
    for field in model.model_fields.values():
        for option in _options(field.annotation):
            for inner in (option, *typing.get_args(option)):
                nested = _model(inner)
                if nested is not None:
                    yield from _models(nested)


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys of a model as a spec writes them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _homes() -> dict[str, tuple[str, ...]]:
    """Return for every key of the language the places where it stands, in words."""
    homes: dict[str, list[str]] = {}
    models: list[type[SpecModel]] = [*_models(Spec), CheckOptions]
    for model in dict.fromkeys(models):
        for key in keys_of(model):
            homes.setdefault(key, []).append(model.home)
    return {key: tuple(places) for key, places in homes.items()}


_LONGEST_KEY = 100  # nobody means a longer one; comparing is quadratic
HOMES = _homes()


def nearest_key(key: str, path: Path, root: type[SpecModel] = Spec) -> str | None:
    """Return the key that was probably meant at a path of a document, of those that may stand there."""
    model = model_at(path, root)
    return did_you_mean(key, keys_of(model)) if model and len(key) <= _LONGEST_KEY else None


def home_of(key: str) -> str:
    """Return where a key belongs, as an addition to a message; empty if the language has no such key."""
    homes = HOMES.get(key)
    return f"; '{key}' stands {' or '.join(homes)}" if homes else ""


def where(path: Path) -> str:
    """Return a place of the spec in words: the spec, field 'amount', entry 2 of 'filter'."""
    if not path:
        return "the spec"
    *above, last = path
    if above and above[0] in {"fields", "sources"}:
        owner = f"{str(above[0])[:-1]} '{path[1]}'"
        return owner if len(path) == 2 else f"'{dotted(path[2:])}' of {owner}"  # noqa: PLR2004
    if isinstance(last, int):
        return f"entry {last + 1} of '{dotted(tuple(above))}'"
    return f"'{dotted(path)}'"


def dotted(path: Path) -> str:
    """Return a path with dots between names, indexes in brackets counted from 1."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text
