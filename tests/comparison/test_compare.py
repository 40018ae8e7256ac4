"""Pairs of specs with known verdicts: every change is told, nothing else is, and every narrowing is shown by dq itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

import dq
from dq.comparison import render
from dq.comparison.change import Effect
from dq.comparison.compare import compare

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PAIRS = yaml.safe_load((Path(__file__).parent / "pairs.yaml").read_text())
HEAD = "dq: 1\nevent: happened\nversion: {version}\n"


def plans(folder: Path, pair: dict) -> tuple[dq.Plan, dq.Plan]:
    made = []
    for number, key in enumerate(("old", "new"), start=1):
        path = folder / f"{key}.dq.yaml"
        path.write_text(HEAD.format(version=f"{number}.0.0") + pair[key])
        made.append(dq.load(path))
    return made[0], made[1]


def doors(plan: dq.Plan, records) -> list[tuple]:
    """Return what dq makes of records that come together: the accepted rows, and how many went another way."""
    fitted = plan.compiled.learns
    result = plan.run(list(records), now=NOW, state=plan.fit(list(records), now=NOW) if fitted else None)
    return [*result.accepted.rows(), result.quarantined.height, result.removed.height]


def test_there_are_enough_pairs_and_half_are_traps():
    assert len(PAIRS) >= 40
    assert len({pair["name"] for pair in PAIRS}) == len(PAIRS)
    assert sum(pair.get("same", False) for pair in PAIRS) == 20


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["name"])
def test_a_pair_is_judged_as_a_person_judges_it(tmp_path, pair):
    old, new = plans(tmp_path, pair)
    comparison = compare(old.compiled, new.compiled, NOW)
    told = [f"{change.where}: {change.what}: {', '.join(sorted(change.effects))}" for change in comparison.changes]
    assert sorted(told) == sorted(pair.get("changes", []))
    assert (comparison.part is None) is pair.get("same", False)
    for change in comparison.changes:
        for effect in change.effects & {Effect.NARROWS, Effect.WIDENS}:
            assert effect in change.witnesses, f"{change.where}: nothing shows that it {effect}"
        for effect, shown in change.witnesses.items():
            before, after = doors(old, shown.records), doors(new, shown.records)
            assert before != after
            if effect is Effect.NARROWS:
                assert before[-2:] == [0, 0] != after[-2:]
            if effect is Effect.WIDENS:
                assert before[-2:] != [0, 0] == after[-2:]


@pytest.mark.parametrize("folder", ["specs", "examples"])
def test_every_spec_means_what_it_means(folder):
    for path in sorted((Path(__file__).parents[2] / folder).glob("**/*.dq.yaml")):
        plan = dq.load(path).compiled
        assert compare(plan, dq.load(path).compiled, NOW).changes == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("examples/two_sources/purchase", "examples/newcomer/orders"),
        ("specs/sensor_reading", "examples/churn/churn"),
        ("docs/tour/clinics", "specs/sensor_reading"),
    ],
)
def test_specs_of_different_things_are_compared_as_well(old, new):
    root = Path(__file__).parents[2]
    plans_of = [dq.load(root / f"{name}.dq.yaml").compiled for name in (old, new)]
    comparison = compare(*plans_of, NOW)
    assert ("event", "event renamed") in {(change.where, change.what) for change in comparison.changes}
    assert comparison.part == "major"
    assert json.loads(render.as_json(comparison, {}))["changes"]
    for lines in (render.as_text(comparison), render.as_markdown(comparison)):
        assert comparison.new.event in "\n".join(lines)
