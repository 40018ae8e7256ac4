"""A command of the warm server is a process as a reader's shell would start it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest


def called(warm, *words, **options):
    return subprocess.run(warm.command(*words), capture_output=True, text=True, check=False, timeout=60, **options)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["dq", "--version"], 0),
        (["dq", "runn"], 2),
        (["dq", "lint", "absent.dq.yaml"], 2),
        (["python", "-c", "import sys; sys.exit(7)"], 7),
        (["python", "-c", "raise SystemExit('so it is')"], 1),
        (["python", "-c", "1 / 0"], 1),
        (["python", "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"], 128 + signal.SIGKILL),
    ],
)
def test_a_command_ends_as_its_program_does(warm, tmp_path, words, code):
    done = called(warm, *words, cwd=tmp_path)
    assert done.returncode == code
    if words[0] == "dq":
        real = subprocess.run([sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (real.returncode, real.stdout, real.stderr)


def test_folder_environment_streams_and_umask_are_those_of_the_caller(warm, tmp_path):
    program = (
        "import os, sys, time; print(os.getcwd(), dict(os.environ), time.tzname[0], sys.stdin.read());"
        "print('to people', file=sys.stderr); open('left', 'w').close()"
    )
    environment = {"TZ": "XYZ-3", "WORD": "été", "LC_ALL": "C.UTF-8"}
    options = {"cwd": tmp_path, "env": environment, "input": "given", "umask": 0o077}
    done = called(warm, "python", "-c", program, **options)
    assert done.stdout == f"{tmp_path} {environment} XYZ given\n"
    assert done.stderr == "to people\n"
    assert (tmp_path / "left").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("file", "words"),
    [("-", ["python", "-", "a"]), ("it.py", ["python", "it.py", "a"]), ("it.py", ["python", "-m", "it", "a"])],
)
def test_scripts_and_modules_run(warm, tmp_path, file, words):
    program = "import sys; print(__name__, sys.argv[1:], sys.modules['__main__'].__dict__ is globals())\n"
    (tmp_path / "it.py").write_text(program)
    done = called(warm, *words, cwd=tmp_path, input=program if file == "-" else "")
    assert done.stdout == "__main__ ['a'] True\n", done.stderr


def test_commands_run_side_by_side_and_take_signals(warm):
    program = "import time; print('ready', flush=True); time.sleep(60)"
    with subprocess.Popen(warm.command("python", "-c", program), stdout=subprocess.PIPE) as sleeping:
        assert sleeping.stdout is not None
        assert sleeping.stdout.readline() == b"ready\n"
        assert called(warm, "dq", "--version").returncode == 0
        sleeping.terminate()
        assert sleeping.wait(timeout=60) == 128 + signal.SIGTERM


def test_polars_has_its_threads(warm):
    program = (
        "import polars as pl\n"
        "frame = pl.LazyFrame({'a': range(200_000)}).with_columns(b=pl.col('a') % 7).group_by('b').agg(pl.sum('a'))\n"
        "print(sum(frame.collect()['a']), sum(frame.collect(engine='streaming')['a']))"
    )
    total = sum(range(200_000))
    assert called(warm, "python", "-c", program).stdout == f"{total} {total}\n"
