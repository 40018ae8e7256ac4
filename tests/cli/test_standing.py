"""Commands that run for days: how many threads Polars has in them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dq.cli.standing import stay_on_one_core

SCRIPT = """
import sys
from dq.cli import serve, stream, standing
assert "polars" not in sys.modules
standing.stay_on_one_core()
import polars
print(polars.thread_pool_size())
"""


@pytest.mark.parametrize(("given", "threads"), [({}, "1"), ({"POLARS_MAX_THREADS": "3"}, "3")])
def test_polars_has_one_thread_unless_the_environment_says_otherwise(given: dict[str, str], threads: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "POLARS_MAX_THREADS"} | given
    told = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == threads


@pytest.mark.parametrize("verb", ["stream", "serve"])
def test_both_commands_say_so_before_anything_else(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module

    module = import_module(f"dq.cli.{verb}")

    def reached() -> None:
        raise KeyError(verb)

    assert module.stay_on_one_core is stay_on_one_core
    monkeypatch.setattr(module, "stay_on_one_core", reached)
    argv = ["x.yaml", "--from", "-", "--to", "-", "--dead-letter", "d"] if verb == "stream" else ["x.yaml"]
    with pytest.raises(KeyError):
        module.command.main(argv, standalone_mode=False)
