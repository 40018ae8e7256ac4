"""The entries of lists of checks, cleaning steps and expectations: a name, its parameters, its options.

An entry has three forms: a bare name, `name: value`, and `name: {…}`.  Options (`severity`, `mostly` …) stand
beside the name or inside its braces.  Which names there are is not known here, so the name is the one key that
is no option.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dq.catalog import diagnose
from dq.diagnostics import did_you_mean
from dq.params import ParamError, Params, Scalar, describe
from dq.spec.language import where
from dq.spec.model import CheckOptions, KindNode
from dq.spec.structure import read_model

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dq.diagnostics import Diagnostic
    from dq.params import Raw
    from dq.spec.document import Document
    from dq.spec.nodes import Path, Places

OPTIONS = frozenset(CheckOptions.model_fields)
STEP_OPTIONS = frozenset({"otherwise"})  # beside the name of a cleaning step, and the step's own


def kind_nodes(
    document: Document,
    path: Path,
    raw_list: Sequence[Raw],
    diagnostics: list[Diagnostic],
    known: Collection[str] = (),
) -> tuple[KindNode, ...]:
    """Return the entries of the list at a path; those that are refused are left out and say why in `diagnostics`.

    A path that ends in `clean` is a list of steps, which have no options; any other is one of checks or
    expectations.  `known` are names of kinds, where the caller knows them: they only make messages better.
    """
    reader = _ListReader(document.places, path[-1] == "clean", frozenset(known), diagnostics)
    nodes = (reader.read((*path, index), raw) for index, raw in enumerate(raw_list))
    return tuple(node for node in nodes if node is not None)


def arguments(node: KindNode, model: type[Params]) -> dict[str, Raw]:
    """Return the raw parameters of an entry by name, as the kind's own model reads them.

    A scalar or a list fills the parameter that is the kind's shorthand; so does a mapping, where that parameter is
    a table (`map: {рф: RU}`), unless the mapping names the parameters themselves.  Keys beside the name of a step
    are added.  ParamError (DQ307) for a value where the kind takes its parameters in braces only.
    """
    value = node.params
    if value is None:
        return dict(node.siblings)
    if isinstance(value, dict) and not _is_table(value, node, model):
        return {**value, **node.siblings}
    if model.shorthand is None:
        expected = "its parameters in braces" if model.model_fields else "no value: write the bare name"
        raise ParamError("DQ307", node.name, expected=expected, found=describe(value))
    return {model.shorthand: value, **node.siblings}


def _is_table(value: dict[str, Raw], node: KindNode, model: type[Params]) -> bool:
    """Return whether a mapping is the table that is the kind's shorthand, rather than its parameters."""
    field = model.model_fields.get(model.shorthand or "")
    if field is None or typing.get_origin(field.annotation) is not dict:
        return False
    return bool(node.siblings) or not isinstance(value.get(model.shorthand or ""), dict)


@dataclass(slots=True)
class _Options:
    """The options of one entry, raw, with the path of each."""

    raw: dict[str, Raw] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _ListReader:
    """Reads the entries of one list."""

    places: Places
    steps: bool
    known: frozenset[str]
    diagnostics: list[Diagnostic]

    def read(self, path: Path, raw: Raw) -> KindNode | None:
        """Return one entry, or None if it is refused."""
        if isinstance(raw, Scalar) and raw.text and not raw.is_null:
            plain = CheckOptions.model_validate({})
            return KindNode(name=raw.text, params=None, options=plain, span=self.places.value(path), path=path)
        if not isinstance(raw, dict) or not raw:
            found = "an empty mapping" if raw == {} else describe(raw)
            expected = "a name, 'name: value' or 'name: {…}'"
            span = self.places.value(path)
            self.diagnostics.append(diagnose("DQ203", span, key=str(path[-2]), expected=expected, found=found))
            return None
        return self._read_mapping(path, raw)

    def _read_mapping(self, path: Path, raw: dict[str, Raw]) -> KindNode | None:
        """Return the entry of a mapping: its name, its parameters, its options."""
        name = self._find_name(path, raw)
        if name is None:
            return None
        value = raw[name]
        if isinstance(value, Scalar) and value.is_null:
            expected = f"a value; without one, write the bare name '- {name}'"
            span = self.places.value((*path, name))
            self.diagnostics.append(diagnose("DQ203", span, key=name, expected=expected, found="nothing"))
            return None
        options = self._options_beside(path, raw)
        params = value if self.steps else self._take_options((*path, name), value, options)
        model, problems = self._read_options(options)
        self.diagnostics.extend(problems)
        return KindNode(
            name=name,
            params=params,
            options=model,
            span=self.places.key((*path, name)),
            path=path,
            siblings={key: raw[key] for key in raw if key in STEP_OPTIONS} if self.steps else {},
            written=tuple(options.paths.items()),
        )

    def _find_name(self, path: Path, raw: dict[str, Raw]) -> str | None:
        """Return the one key that is no option; every other key is refused."""
        beside = STEP_OPTIONS if self.steps else OPTIONS
        names = [key for key in raw if key not in beside]
        if not names:
            place = where(path)
            thing = "cleaning step" if self.steps else "check"
            self.diagnostics.append(diagnose("DQ202", self.places.value(path), key=f"name of a {thing}", where=place))
            return None
        name = self._likely_name(names, beside)
        for key in names:
            if key != name:
                self._refuse_key((*path, key), name, beside)
        return name

    def _likely_name(self, names: list[str], beside: Collection[str]) -> str:
        """Return the key that names the kind: a known one, else the first that is not a misspelt option."""
        known = [name for name in names if name in self.known]
        unlike = [name for name in names if did_you_mean(name, sorted(beside)) is None]
        return (known or unlike or names)[0]

    def _refuse_key(self, path: Path, name: str, beside: Collection[str]) -> None:
        """Refuse a key beside the name of a kind."""
        key = str(path[-1])
        meant = did_you_mean(key, sorted(beside))
        place = f"the entry of '{name}'"
        if meant is None:
            place += "; parameters stand in its braces, and another check in an entry of its own"
        self.diagnostics.append(diagnose("DQ201", self.places.key(path), meant, key=key, where=place))

    def _options_beside(self, path: Path, raw: dict[str, Raw]) -> _Options:
        """Return the options that stand beside the name."""
        options = _Options()
        if not self.steps:
            for key, value in raw.items():
                if key in OPTIONS:
                    options.raw[key], options.paths[key] = value, (*path, key)
        return options

    def _take_options(self, path: Path, value: Raw, options: _Options) -> Any:
        """Return the parameters in the braces at a path, and move the options among them to the others."""
        if not isinstance(value, dict):
            return value
        for key, item in value.items():
            if key in OPTIONS:
                if key in options.raw:
                    self.diagnostics.append(diagnose("DQ102", self.places.key((*path, key)), key=key))
                options.raw[key], options.paths[key] = item, (*path, key)
        return {key: item for key, item in value.items() if key not in OPTIONS}

    def _read_options(self, options: _Options) -> tuple[CheckOptions, list[Diagnostic]]:
        """Return the options as a model, each mistake at the place where the option was written."""
        problems: list[Diagnostic] = []
        good: dict[str, Raw] = {}
        for key, raw in options.raw.items():
            path = options.paths[key]
            model, found = read_model(CheckOptions, {key: raw}, self.places, path[:-1])
            problems.extend(found)
            if model is not None:
                good[key] = raw
        return CheckOptions.model_validate(good), problems
