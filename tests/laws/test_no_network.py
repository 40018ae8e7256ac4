"""dq opens no connection and runs no program: not for its own sake, and not because a spec or a path asks."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from everything import command, environment, run, write

EVERYTHING = """\
import sys

FORBIDDEN = ("socket.", "ssl.", "urllib.", "http.", "ftplib.", "smtplib.", "subprocess.", "os.system", "os.exec",
             "os.posix_spawn", "os.fork", "pty.", "webbrowser.", "pickle.")

def watch(event, arguments):
    if armed and event.startswith(FORBIDDEN):
        raise RuntimeError(f"{event} {arguments}")

armed = False
sys.addaudithook(watch)
import ctypes, uuid, platform  # what imports of others load natively is not ours to judge
import numpy, pandera.polars, polars, jsonschema_rs, jsonschema, rich.console
platform.node(); platform.platform()
armed = True

import dq
from dq.cli.main import run
if sys.argv[1:] == ["planted"]:
    import socket
    socket.create_connection(("127.0.0.1", 9))

plan = dq.load("spec.yaml")
result = plan.run(["crm.csv", "web.jsonl.gz"], out="out")
assert result.report.verdict == "pass", result.report.data
plan.pandera, plan.json_schema("canonical"), plan.json_schema("raw", "web"), plan.explain()
assert plan.check_event({"orderId": "A-1"}).door
frame = polars.read_parquet("out/accepted.parquet", glob=False)
import jsonschema_rs
jsonschema_rs.validator_for(plan.json_schema("canonical"))
with open("plain.yaml", "w") as file:
    file.write("dq: 1\\nevent: e\\nversion: 1.0.0\\nfields: {order_id: {type: string}}\\n")
codes = [run([*line.split(), "-q"] if line.startswith(("check", "run")) else line.split()) for line in (
    "lint spec.yaml", "plan spec.yaml", "explain DQ201", "list checks", "list codes", "list functions",
    "check plain.yaml out/accepted.parquet", "run spec.yaml crm.csv --out other",
)]
assert codes == [0] * len(codes), codes
"""


@pytest.fixture
def batch(tmp_path):
    """Return a folder with a spec, its inputs, and the script that does everything."""
    write(tmp_path, 120)
    (tmp_path / "everything.py").write_text(EVERYTHING)
    return tmp_path


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """Listen on the loopback; yield the port and the list of those who came."""
    hits: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, place = server.accept()
                except OSError:
                    return
                hits.append(place)
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], hits
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_everything_under_an_audit_hook(batch):
    ended = run([sys.executable, "everything.py"], batch)
    assert ended.returncode == 0, ended.stderr


def test_the_audit_hook_finds_a_connection(batch):
    ended = run([sys.executable, "everything.py", "planted"], batch)
    assert "RuntimeError: socket." in ended.stderr


def test_everything_without_a_network(batch):
    """Native code is not seen by audit hooks; a name space without interfaces is seen by all."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("this system does not allow a network name space of its own (unshare -rn)")
    ended = run(["unshare", "-rn", sys.executable, "everything.py"], batch)
    assert ended.returncode == 0, ended.stderr
    reached = run(
        ["unshare", "-rn", sys.executable, "-c", "import socket; socket.create_connection(('1.1.1.1', 53), 2)"], batch
    )
    assert reached.returncode != 0


SOURCE = "sources: {main: {format: csv, fields: {ref: $ref}}}\n"
FIELDS = "fields: {a: {type: string}}\n"
HEAD = "dq: 1\nevent: e\nversion: 1.0.0\n"
SPECS = {
    "extends": HEAD + "extends: URL/base.yaml\n" + FIELDS,
    "reference": HEAD + "fields: {a: {type: string, checks: [{references: {file: URL/keys.csv, column: a}}]}}\n",
    "parquet reference": HEAD
    + "fields: {a: {type: string, checks: [{references: {file: URL/keys.parquet, column: a}}]}}\n",
    "tag": HEAD + "fields: !!python/object/apply:urllib.request.urlopen [URL]\n",
    "ref": HEAD + "fields: {$ref: URL/schema.json}\n",
    "ref in a field": HEAD + "fields: {a: {$ref: URL/schema.json}}\n",
    "schema": HEAD + "$schema: URL/schema.json\n" + FIELDS,
    "include": HEAD + "fields: !include URL/fields.yaml\n",
    "call": HEAD + "fields: {a: {type: string}, b: {type: string, derive: \"read_csv('URL/a.csv')\"}}\n",
}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_spec_that_names_a_url_is_refused(tmp_path, listener, name, scheme):
    port, hits = listener
    (tmp_path / "keys.csv").write_text("a\nx\n")
    url = f"http://127.0.0.1:{port}" if scheme == "http" else f"file://{tmp_path}"
    (tmp_path / "spec.yaml").write_text(SPECS[name].replace("URL", url))
    from dq.cli.main import run as run_here

    assert run_here(["lint", str(tmp_path / "spec.yaml")]) == 2
    assert hits == []


@pytest.mark.parametrize("scheme", ["http", "https", "s3", "gs", "hf", "file", "ftp"])
def test_a_path_that_is_a_url_is_a_file_that_is_absent(tmp_path, listener, scheme):
    port, hits = listener
    (tmp_path / "spec.yaml").write_text(HEAD + FIELDS)
    (tmp_path / "a.csv").write_text("a\nx\n")
    from dq.cli.main import run as run_here

    for name in ("a.csv", "a.parquet", "*.csv"):
        url = f"{scheme}://127.0.0.1:{port}/{name}"
        assert run_here(["check", str(tmp_path / "spec.yaml"), url, "-q"]) == 3
        assert run_here(["check", url, str(tmp_path / "a.csv"), "-q"]) in {2, 3}
        assert run_here(["run", str(tmp_path / "spec.yaml"), str(tmp_path / "a.csv"), "--out", url, "-q"]) == 3
    assert hits == []


def test_a_url_in_the_data_is_only_text(tmp_path, listener):
    port, hits = listener
    url = f"http://127.0.0.1:{port}/x"
    (tmp_path / "spec.yaml").write_text(
        HEAD
        + SOURCE
        + 'fields: {a: {type: string, checks: [{accepted_values: ["URL"]}]}, ref: {type: string}}\n'.replace("URL", url)
    )
    (tmp_path / "a.csv").write_text(f"a,$ref\n{url},{url}\n")
    ended = subprocess.run(
        command("run", "spec.yaml", "a.csv", "--out", "out", "--format", "json"), cwd=tmp_path, env=environment(),
        capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    import dq

    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    schema = dq.load(tmp_path / "spec.yaml").json_schema()
    assert jsonschema_rs.is_valid(schema, {"a": url, "ref": url})
    assert hits == []


def test_the_listener_hears(listener):
    port, hits = listener
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.recv(1)
    assert len(hits) == 1
