"""Every question to a training set documents itself, and its example is one that a spec may say."""

from __future__ import annotations

import pytest

from dq.checks import ml
from dq.plan.compiler import load

ml.load()
KINDS = {kind.kind: kind for kind in ml.ML_CHECKS}
SPEC = """dq: 1
event: e
version: 1.0.0
fields: {{a: {{type: string}}, b: {{type: string}}, n: {{type: number}}}}
ml:
  target: {target}
  features: [a]
  groups: [b]
  {example}
"""


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_documents_itself(name):
    kind = KINDS[name]
    assert kind.title.endswith(".")
    assert kind.__doc__
    assert name in kind.example
    assert all(field.description for field in kind.Params.model_fields.values())
    assert "severity" in kind.Params.model_fields


@pytest.mark.parametrize("name", KINDS)
def test_the_example_of_a_kind_is_said_in_a_spec(name, tmp_path):
    kind, path = KINDS[name], tmp_path / "e.dq.yaml"
    target = "n" if name == "spread" else "b"
    key = "dedupe: {key: [a]}\n" if name == "overlap" else ""
    path.write_text(SPEC.format(target=target, example=kind.example).replace("groups: [b]", "groups: [a]") + key)
    bound = {asked.id: asked for asked in load(path).ml.checks}[f"ml.{name}"]
    assert isinstance(bound.check, kind)
    assert bound.span.line == 9
    assert bound.check.expected()
    assert bool(bound.check.measures()) == (name != "overlap")  # what is in both batches is no measure of one


def test_loading_again_changes_nothing():
    before = ml.ML_CHECKS.names()
    ml.load()
    assert ml.ML_CHECKS.names() == before
