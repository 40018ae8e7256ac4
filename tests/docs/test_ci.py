"""What continuous integration is given works: the action, the hooks, the example workflows, and every command in them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from .pages import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
GITHUB = yaml.safe_load((ROOT / "docs" / "ci" / "github.yml").read_text())
GITLAB = yaml.safe_load((ROOT / "docs" / "ci" / "gitlab.yml").read_text())
TOUR = ROOT / "docs" / "tour"


@pytest.fixture
def job(tmp_path, monkeypatch, warm):
    """Return a checkout as the examples have it, in which `dq` is that of this test."""
    for folder, name in (("specs", "till.dq.yaml"), ("specs", "till.waivers.yaml"), ("data", "till.csv")):
        (tmp_path / folder).mkdir(exist_ok=True)
        shutil.copy(TOUR / name, tmp_path / folder / name)
    programs = warm.install(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bash(script, **variables):
    """Run a script as a runner does."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def step(name):
    return next(step for step in ACTION["runs"]["steps"] if step["name"] == name)


def judge(**inputs):
    """Run the action's step with these inputs and the defaults of the others."""
    given = {name: entry.get("default", "") for name, entry in ACTION["inputs"].items()} | inputs
    judging = step("Judge the data")
    wanted = {key: re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)[1] for key, value in judging["env"].items()}
    return bash(judging["run"], **{key: given[name] for key, name in wanted.items()})


def outputs(job):
    return dict(line.split("=", 1) for line in (job / "output").read_text().splitlines())


class TestAction:
    """The composite action, its one script run as it stands."""

    def test_a_batch_that_passes(self, job):
        (job / "summary").write_text("What another step said.\n")
        done = judge(spec="specs/till.dq.yaml", sources="data/till.csv", profile="staging")
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("::notice title=dq::sale 1.0.0: pass")
        assert "PASS  sale 1.0.0" in done.stderr
        assert outputs(job) == {"passed": "true", "reports": "dq-reports"}
        assert (job / "summary").read_text().startswith("What another step said.\n## ✅ sale")
        assert sorted(path.name for path in (job / "dq-reports").iterdir()) == [
            "dq.sarif", "junit.xml", "report.html", "report.json",
        ]  # fmt: skip

    def test_a_batch_that_fails(self, job):
        done = judge(spec="specs/till.dq.yaml", sources="\ndata/till.csv\n", out="accepted")
        assert done.returncode == 1
        assert outputs(job)["passed"] == "false"
        assert "::error file=specs/till.dq.yaml,line=10,title=amount.minimum::" in done.stdout
        assert (job / "accepted" / "held.parquet").exists()

    def test_waivers_a_baseline_and_options(self, job):
        first = judge(spec="specs/till.dq.yaml", sources="data/till.csv", reports="first")
        assert first.returncode == 1
        again = {"spec": "specs/till.dq.yaml", "sources": "data/till.csv"}
        assert judge(**again, baseline="first/report.json").returncode == 0
        waived = {"waivers": "specs/till.waivers.yaml", "options": "--now=2026-11-01T00:00:00Z\n"}
        assert judge(**again, **waived).returncode == 0
        assert json.loads((job / "dq-reports" / "report.json").read_bytes())["now"] == "2026-11-01T00:00:00Z"

    def test_what_is_wrong_with_the_call_is_no_verdict(self, job):
        done = judge(spec="specs/absent.dq.yaml", sources="data/till.csv")
        assert done.returncode == 2
        assert "passed" not in outputs(job)

    @pytest.mark.parametrize("text", ["$(touch forged)", "`touch forged`", "x; touch forged", '"; touch forged; "'])
    def test_no_input_is_a_command(self, job, text):
        assert judge(spec=text, sources=text, profile=text, options=text, out=text).returncode != 0
        assert not (job / "forged").exists()

    def test_inputs_reach_the_scripts_by_variables_only(self):
        assert all("${{" not in one["run"] for one in ACTION["runs"]["steps"])
        used = set(step("Judge the data")["env"].values())
        named = {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"] if name != "install"}
        assert used == named


class TestHooks:
    """The hooks of pre-commit: each is a command that takes the files it names."""

    def test_each_hook_says_what_pre_commit_asks(self):
        for hook in HOOKS:
            assert {"id", "name", "entry", "language", "files"} <= set(hook)
            assert hook["language"] == "python"
            assert re.search(hook["files"], "specs/orders.dq.yaml")
            assert not re.search(hook["files"], "specs/orders.waivers.yaml")

    @pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
    def test_a_sound_spec_passes_and_a_wrong_one_does_not(self, job, hook):
        assert bash(f"{hook['entry']} specs/till.dq.yaml").returncode == 0
        text = (job / "specs" / "till.dq.yaml").read_text()
        (job / "specs" / "wrong.dq.yaml").write_text(text.replace("minimum", "minimun"))
        assert bash(f"{hook['entry']} specs/till.dq.yaml specs/wrong.dq.yaml").returncode == 2

    def test_an_example_that_lies_is_found(self, job):
        spec = job / "specs" / "till.dq.yaml"
        spec.write_text(spec.read_text() + "examples:\n  valid:\n    - {sale_id: A, amount: '-1', cashier: Jo}\n")
        (hook,) = [hook for hook in HOOKS if hook["id"] == "dq-test"]
        assert bash(f"{hook['entry']} specs/till.dq.yaml").returncode == 1


class TestExamples:
    """The example workflows: every command that calls dq is run."""

    def test_the_workflow_of_github_runs(self, job):
        steps = [step for one in GITHUB["jobs"].values() for step in one["steps"]]
        commands = [step["run"] for step in steps if step.get("run", "").startswith("dq ")]
        assert len(commands) == 2
        for command in commands:
            assert bash(command).returncode == 0, command

    def test_the_action_is_called_with_inputs_that_it_has(self, job):
        (call,) = [step for step in GITHUB["jobs"]["data"]["steps"] if step.get("uses") == "./dq"]
        assert set(call["with"]) <= set(ACTION["inputs"])
        assert {name for name, entry in ACTION["inputs"].items() if entry.get("required")} <= set(call["with"])
        assert judge(**call["with"]).returncode == 0
        told = set(re.findall(r"steps\.gate\.outputs\.(\w+)", (ROOT / "docs" / "ci" / "github.yml").read_text()))
        assert told <= set(ACTION["outputs"])

    def test_the_pipeline_of_gitlab_runs_and_leaves_what_it_promises(self, job):
        jobs = [one for one in GITLAB.values() if isinstance(one, dict) and "script" in one]
        commands = [command for one in jobs for command in one["script"]]
        assert len(commands) == 3
        for command in commands:
            done = bash(command)
            assert done.returncode == 0, done.stderr
        artifacts = GITLAB["till"]["artifacts"]
        for path in (*artifacts["paths"], *artifacts["reports"].values()):
            assert (job / path).is_file(), path
        assert ET.parse(job / artifacts["reports"]["junit"]).getroot().tag == "testsuites"
        assert (job / artifacts["reports"]["metrics"]).read_text().endswith("# EOF\n")

    def test_no_file_has_a_key_twice(self):
        class Strict(yaml.SafeLoader):
            """A loader that refuses what YAML refuses and PyYAML takes."""

        def mapping(loader, node):
            keys = [loader.construct_object(key) for key, _ in node.value]
            assert len(keys) == len(set(keys)), keys
            return dict(zip(keys, (loader.construct_object(value, deep=True) for _, value in node.value), strict=True))

        Strict.add_constructor("tag:yaml.org,2002:map", mapping)
        for name in ("action.yml", ".pre-commit-hooks.yaml", "docs/ci/github.yml", "docs/ci/gitlab.yml"):
            yaml.load(Path(ROOT, name).read_text(), Strict)
