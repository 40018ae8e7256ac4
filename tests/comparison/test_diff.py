"""`dq diff`: its exit codes, what it prints, and when a version says enough."""

from __future__ import annotations

import json

import pytest

from dq.cli.main import run
from dq.comparison.versions import is_enough, least

SPEC = """dq: 1
event: paid
version: {version}
fields:
  amount: {{type: integer, required: true, checks: [{{{check}}}]}}
"""


def specs(tmp_path, versions, checks):
    paths = []
    for number, (version, check) in enumerate(zip(versions, checks, strict=True)):
        path = tmp_path / f"{number}.dq.yaml"
        path.write_text(SPEC.format(version=version, check=check))
        paths.append(str(path))
    return paths


@pytest.mark.parametrize(
    ("versions", "checks", "options", "code"),
    [
        (("1.0.0", "1.0.0"), ("gt: 0", "minimum: 1"), ["--fail-on", "any"], 0),
        (("1.2.0", "1.1.0"), ("gt: 0", "minimum: 1"), [], 1),
        (("1.0.0", "1.0.1"), ("maximum: 9", "maximum: 8"), [], 1),
        (("1.0.0", "2.0.0"), ("maximum: 9", "maximum: 8"), [], 0),
        (("1.0.0", "2.0.0"), ("maximum: 9", "maximum: 8"), ["--fail-on", "breaking"], 1),
        (("1.0.0", "1.1.0"), ("maximum: 8", "maximum: 9"), ["--fail-on", "breaking"], 0),
        (("1.0.0", "1.1.0"), ("maximum: 8", "maximum: 9"), ["--fail-on", "any"], 1),
        (("1.0.0", "1.0.1"), ("maximum: 8", "maximum: 9"), [], 1),
    ],
)
def test_the_exit_code_says_whether_the_version_does(tmp_path, versions, checks, options, code):
    assert run(["diff", *specs(tmp_path, versions, checks), *options]) == code


def test_formats(tmp_path, capsys):
    paths = specs(tmp_path, ("1.0.0", "1.1.0"), ("between: [0, 9]", "between: [0, 8]"))
    assert run(["diff", *paths]) == 1
    text = capsys.readouterr().err
    assert '  e.g. {"amount":9}\n       was accepted, is quarantined by amount.between\n' in text
    assert "1.1.0 does not say so: 2.0.0 or later is needed" in text
    assert run(["diff", *paths, "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["part"], said["needed"], said["producers"], said["compatibility"]) == (
        "major", "2.0.0", "breaking", "forward",
    )  # fmt: skip
    assert said["changes"][0]["witnesses"]["narrows"]["records"] == [{"amount": 9}]
    assert run(["diff", *paths, "--format", "markdown"]) == 1
    assert "| major | `fields.amount` | check narrowed | accepts less |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "part", "enough"),
    [
        ("1.2.3", "2.0.0", "major", True),
        ("1.2.3", "1.3.0", "major", False),
        ("1.2.3", "1.3.0", "minor", True),
        ("1.2.3", "1.2.4", "minor", False),
        ("1.2.3", "1.2.4", "patch", True),
        ("1.2.3", "1.2.3", "patch", False),
        ("1.2.3", "1.2.3", None, True),
        ("1.2.3", "1.2.2", None, False),
        ("0.2.3", "0.3.0", "major", True),
        ("0.2.3", "0.2.4", "major", False),
        ("0.2.3", "0.2.4", "minor", True),
    ],
)
def test_a_version_says_enough(old, new, part, enough):
    assert is_enough(old, new, part) is enough
    assert part is None or is_enough(old, least(old, part), part)
