"""Every typing mistake in a spec is refused, on its line: thousands of them, made by rule (`mutations`)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dq import plugins
from dq.checks import CHECKS
from dq.checks.expectations import EXPECTATIONS
from dq.checks.ml import ML_CHECKS
from dq.plan.compiler import lint, load
from dq.plan.notes import parameters_of
from dq.spec.language import HOMES
from dq.spec.nodes import MappingNode, SequenceNode
from dq.spec.yaml import parse_text
from dq.steps.base import TEXT_STEPS
from dq.steps.fitted.base import FITTED_STEPS
from spec.mutations import Mutant, misspellings, mutants

HERE = Path(__file__).parents[1] / "specs_for_mutation"
RICH = sorted(HERE.glob("*.dq.yaml"))
EXAMPLES = sorted(
    path for folder in ("examples/*", "specs") for path in Path(__file__).parents[2].glob(f"{folder}/*.dq.yaml")
)
STRIDE = int(os.environ.get("DQ_MUTANTS_STRIDE", "13"))  # 1 tries all of them
WORDS = frozenset({"nfc", "nfkc", "ur"})  # a slip from one word of the language to another cannot be seen


@pytest.fixture(scope="module", autouse=True)
def _kinds():
    plugins.load()


def escapes(spec: Path, folder: Path, *, every: int = 1) -> tuple[int, list[str]]:
    """Return how many mutants were made, and those that were let through or refused on another line."""
    shutil.copytree(spec.parent, folder, dirs_exist_ok=True)
    path = folder / "mutant.dq.yaml"
    meant = load(spec).fingerprint
    changed = mutants(spec.read_text(encoding="utf-8"))[::every]
    found = [problem for mutant in changed if (problem := escape(mutant, path, meant))]
    return len(changed), found


def escape(mutant: Mutant, path: Path, meant: str) -> str | None:
    """Return how a mutant got through, or None if it was refused on its line, or still means the same."""
    path.write_text(mutant.text, encoding="utf-8")
    found = [d for d in lint(path) if d.severity == "error"]
    if not found:
        same = mutant.what.split(": ")[1] in {"indent", "dedent"} and load(path).fingerprint == meant
        return None if same or mutant.what.split()[-1] in WORDS else f"{mutant.what}: accepted"
    if any(d.span.line in mutant.lines and d.span.file == str(path) for d in found):
        return None
    return f"{mutant.what}: expected in lines {mutant.lines}, found {[str(d) for d in found]}"


@pytest.mark.parametrize("spec", RICH, ids=lambda path: path.name.split(".")[0])
def test_every_typo_is_refused_on_its_line(spec, tmp_path):
    count, found = escapes(spec, tmp_path, every=STRIDE)
    assert found == []
    assert count > 20


@pytest.mark.parametrize("spec", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_typo_in_an_example_is_refused_on_its_line(spec, tmp_path):
    count, found = escapes(spec, tmp_path, every=STRIDE)
    assert found == []
    assert count > 0


def test_there_are_enough_of_them():
    made = {mutant.text for spec in RICH for mutant in mutants(spec.read_text(encoding="utf-8"))}
    assert len(made) > 4000


def test_a_mutant_that_is_let_through_is_noticed(tmp_path):
    spec = HERE / "child.dq.yaml"
    shutil.copytree(HERE, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "mutant.dq.yaml"
    text = spec.read_text(encoding="utf-8")
    sound = Mutant("version: key drop", text.replace("1.0.0", "1.0.1"), range(4, 5))
    assert escape(sound, path, load(spec).fingerprint) == "version: key drop: accepted"
    elsewhere = Mutant("version: key drop", text.replace("gate:", "gat:"), range(4, 5))
    assert "expected in lines range(4, 5)" in str(escape(elsewhere, path, ""))


def keys_of(node) -> set[str]:
    """Return every key, and every bare name in a list, below a node."""
    if isinstance(node, MappingNode):
        return set(node.entries).union(*(keys_of(entry.value) for entry in node.entries.values()))
    if isinstance(node, SequenceNode):
        return set().union(*(keys_of(item) for item in node.items))
    return {node.text}


def test_the_specs_say_every_word_of_the_language():
    said = set().union(*(keys_of(parse_text(spec.read_text(encoding="utf-8"), "f").root) for spec in RICH))
    assert sorted(set(HOMES) - said) == []
    for registry in (CHECKS, TEXT_STEPS, EXPECTATIONS, FITTED_STEPS, ML_CHECKS):
        for kind in registry:
            assert said.intersection((kind.kind, *kind.aliases)), f"no spec uses {kind.kind}"
            named = set(parameters_of(kind.Params)) - {kind.Params.shorthand}
            assert sorted(named - said - {"exactly", "fields"}) == [], kind.kind


def test_misspellings_are_misspellings():
    assert list(misspellings("required")) == [
        ("drop", "rquired"),
        ("double", "reequired"),
        ("swap", "rqeuired"),
        ("replace", "rqquired"),
    ]
    for word in ("aa", "by", "q", "колонка"):
        assert word not in {slip for _, slip in misspellings(word)}
