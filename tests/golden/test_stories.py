"""Whole runs of the small examples, compared file by file with what is expected of them."""

from __future__ import annotations

import hashlib
import json

import pytest
from jsonschema import Draft202012Validator

from .stories import EXPECTED, STORIES, contents


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_run_is_as_expected(story, tmp_path):
    out = tmp_path / "out"
    assert story.run(out) == story.code
    found = contents(out)
    expected = {path.name: path.read_bytes() for path in (EXPECTED / story.name).iterdir()}
    assert sorted(found) == sorted(expected)
    for name, data in expected.items():
        assert found[name].decode() == data.decode(), f"{story.name}/{name}: see tests/golden/stories.py"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_manifest_describes_every_file_but_the_record_of_the_run(story, tmp_path):
    out = tmp_path / "out"
    story.run(out)
    listed = json.loads((out / "manifest.json").read_bytes())
    assert set(listed) == {path.name for path in out.iterdir()} - {"manifest.json", "run.json"}
    for name, entry in listed.items():
        data = (out / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert entry["size"] == len(data)


def test_schema_of_the_output_accepts_every_row_that_was_written(tmp_path):
    story = next(story for story in STORIES if story.name == "two_sources")
    story.run(tmp_path / "out")
    schema = json.loads((tmp_path / "out" / "schema.json").read_bytes())
    lines = (tmp_path / "out" / "accepted.jsonl").read_text(encoding="utf-8").splitlines()
    validator = Draft202012Validator(schema)
    for line in lines:
        validator.validate(json.loads(line))
    assert not validator.is_valid(json.loads(lines[0]) | {"amount": "49.90"})
