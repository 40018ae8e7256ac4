#!/usr/bin/env python3
"""Everything one does with a clone of dq: each verb sets up what it needs by itself.

    python3 dev.py demo     run the main job on an example and print its summary
    python3 dev.py test     pass the tests
    python3 dev.py lint     ruff, format included
    python3 dev.py types    mypy, strict
    python3 dev.py marked   the tests that need real data or brokers, inject faults, open a browser or weigh on servers
    python3 dev.py lowest   the tests with the oldest dependencies that are allowed
    python3 dev.py lock     write the lock files anew (needs uv)
    python3 dev.py ci       all of it, in fresh environments

What is behind the verb goes to the tool (`python3 dev.py test -k framing`).  Environments are made from the
lock files in requirements/, with uv where it is installed and with pip elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCKS = ROOT / "requirements"
OLDEST = (3, 11)
WORKERS = ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "worksteal"]
WHOLE_RUNS = ("docs", "golden", "laws", "comparison")  # they ask nothing of a library that the others do not ask


def call(*command: str | Path, check: bool = True, quiet: bool = False, variables: dict[str, str] | None = None) -> int:
    """Run a command in the project's folder; leave with its exit code if it fails and `check` is set."""
    output = subprocess.DEVNULL if quiet else None
    words = [str(part) for part in command]
    code = subprocess.run(words, cwd=ROOT, check=False, stdout=output, env=variables).returncode
    if code and check:
        sys.exit(code)
    return code


def environment(lock: str, folder: str = ".venv", *, fresh: bool = False) -> Path:
    """Return the `bin` folder of an environment made from a lock file; it is made anew when the lock changed."""
    path, source = ROOT / folder, LOCKS / f"{lock}.lock"
    stamp = path / "dq.stamp"
    wanted = hashlib.sha256(source.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    bin_folder = path / "bin"
    if not fresh and stamp.is_file() and stamp.read_text() == wanted:
        return bin_folder
    shutil.rmtree(path, ignore_errors=True)
    print(f"setting up {folder} from {source.relative_to(ROOT)}", file=sys.stderr)
    uv = shutil.which("uv")
    if uv:
        call(uv, "venv", "--quiet", "--python", sys.executable, path)
        install = [uv, "pip", "install", "--quiet", "--python", bin_folder / "python"]
    else:
        venv.create(path, with_pip=True)
        install = [bin_folder / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    call(*install, "--require-hashes", "-r", source)
    call(*install, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    stamp.write_text(wanted)
    return bin_folder


def demo(arguments: list[str]) -> int:
    """Run the main job on the newcomer's example."""
    bin_folder = environment("dev")
    out = ROOT / "dq-out"
    example = ROOT / "examples" / "newcomer"
    command = [bin_folder / "dq", "run", example / "orders.dq.yaml", example / "orders.csv", "--out", out, "--replace"]
    code = call(*command, *arguments, check=False)
    # The example's data fails its gate on purpose or passes: both are what it shows, and neither is a fault.
    return 0 if code in {0, 1} else code


def pytest(bin_folder: Path, chosen: str, arguments: list[str]) -> int:
    """Pass the tests that an expression of markers chooses.

    Compiled modules are kept whatever the shell says: the tests start a hundred interpreters, and each would compile
    the package again.  As workers take all cores, each of them computes with one thread.
    """
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if WORKERS[0] in arguments:
        variables.setdefault("POLARS_MAX_THREADS", "1")
    words = [bin_folder / "python", "-m", "pytest", "-q", "-m", chosen, *arguments]
    return call(*words, check=False, variables=variables)


def test(arguments: list[str], bin_folder: Path | None = None) -> int:
    """Pass the tests that need nothing but the package and its test dependencies."""
    chosen = "not shared and not faults and not browser and not brokers and not serving"
    return pytest(bin_folder or environment("dev"), chosen, arguments or WORKERS)


def marked(arguments: list[str]) -> int:
    """Pass the marked tests: real data, injected faults, real brokers, pages in a browser, weight on servers."""
    return pytest(environment("dev"), "shared or faults or browser or brokers or serving", arguments)


def lint(arguments: list[str]) -> int:
    """Check style and format."""
    bin_folder = environment("dev")
    code = call(bin_folder / "ruff", "check", *arguments, ".", check=False)
    return code or call(bin_folder / "ruff", "format", "--check", *arguments, ".", check=False)


def types(arguments: list[str]) -> int:
    """Check the types."""
    return call(environment("dev") / "python", "-m", "mypy", *arguments, check=False)


def lowest(arguments: list[str]) -> int:
    """Pass the tests with the oldest dependencies, but for those that only drive whole runs once more."""
    bin_folder = environment("lowest", ".venv-lowest")
    return test(arguments or [*WORKERS, *(f"--ignore=tests/{folder}" for folder in WHOLE_RUNS)], bin_folder)


def lock(_arguments: list[str]) -> int:
    """Write the lock files; they name versions and sums and no place to fetch them from."""
    uv = shutil.which("uv") or "uv"
    common = [uv, "pip", "compile", "pyproject.toml", "--quiet", "--generate-hashes", "--no-header", "--no-annotate"]
    common += ["--no-emit-index-url", "--universal", "--python-version", ".".join(map(str, OLDEST))]
    common += ["--extra", "all", "--group", "dev"]
    call(*common, "--group", "serving", "--output-file", LOCKS / "dev.lock", "--upgrade", quiet=True)
    call(*common, "--resolution", "lowest-direct", "--output-file", LOCKS / "lowest.lock", "--upgrade", quiet=True)
    return 0


def ci(_arguments: list[str]) -> int:
    """Do all of it in a fresh environment, and say at the end what failed."""
    environment("dev", fresh=True)
    verbs = {"test": test, "lint": lint, "types": types, "marked": marked, "lowest": lowest}
    failed = [name for name, verb in verbs.items() if verb([])]
    print(f"failed: {', '.join(failed)}" if failed else "all of test, lint, types, marked and lowest passed")
    return 1 if failed else 0


VERBS = {verb.__name__: verb for verb in (demo, test, lint, types, marked, lowest, lock, ci)}


def main() -> int:
    """Run one verb."""
    if sys.version_info < OLDEST:
        print(f"dq needs Python {'.'.join(map(str, OLDEST))} or newer", file=sys.stderr)
        return 2
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:  # noqa: PLR2004 - the program and its verb
        print(__doc__, file=sys.stderr)
        return 2
    return VERBS[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
