"""The JSON Schema of the language with every kind that is registered, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from dq.checks import CHECKS
from dq.checks.expectations import EXPECTATIONS
from dq.checks.ml import ML_CHECKS
from dq.spec.schema import KindForm, language_schema, waivers_schema
from dq.steps.base import TEXT_STEPS
from dq.steps.fitted.base import FITTED_STEPS, STAGES

if TYPE_CHECKING:
    from dq.checks.base import Check
    from dq.checks.expectations import Expectation
    from dq.checks.ml import MlCheck
    from dq.steps.base import TextStep
    from dq.steps.fitted.base import FittedStep


def language() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a spec: its keys, and the kinds of the registries, plugins' included.

    Whoever calls it loads the kinds first (`dq.plugins.load`).  It is one-sided: it refuses nothing that dq accepts.
    """
    return language_schema(
        checks=[_form(kind) for kind in CHECKS],
        steps=[_form(kind) for kind in TEXT_STEPS],
        expectations=[_form(kind) for kind in EXPECTATIONS],
        field_expectations=[_form(kind) for kind in EXPECTATIONS if kind.scope == "field"],
        fitted={stage: [_form(kind) for kind in FITTED_STEPS if kind.stage == stage] for stage in STAGES},
        questions=[_form(kind) for kind in ML_CHECKS],
    )


def language_json() -> bytes:
    """Return the schema as the package ships it: two spaces of indentation, a line end at the end."""
    return orjson.dumps(language(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def waivers_json() -> bytes:
    """Return the schema of a file of waivers as the package ships it."""
    return orjson.dumps(waivers_schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _form(kind: type[Check | TextStep | Expectation | FittedStep | MlCheck]) -> KindForm:
    """Return what an editor is told of a kind."""
    return KindForm(kind.kind, kind.title, kind.Params, kind.aliases)
