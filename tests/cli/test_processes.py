"""Every verb starts as a process of its own; what it does is tested where starting it costs less."""

from __future__ import annotations

import subprocess
import sys

import pytest
from everything import environment

from dq.cli.main import VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_starts_and_tells_how_it_is_called(verb, tmp_path):
    command = [sys.executable, "-W", "error", "-m", "dq", verb, "--help"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: dq {verb} ")
