"""What the server tells of itself is true of every request that can be made of it: schemathesis tries them.

`DQ_REQUESTS` sets how many examples it makes of each endpoint, beside those that cover the description.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from serving.serve import serving

pytestmark = pytest.mark.serving
REQUESTS = os.environ.get("DQ_REQUESTS", "60")
SPEC = """\
dq: 1
event: order_placed
version: 1.2.0
unknown_fields: quarantine
fields:
  id: {type: string, required: true, clean: [strip, upper], checks: [{pattern: "^[A-Z]-[0-9]{1,4}$"}]}
  amount: {type: "decimal(12,2)", checks: [{between: [0, 100]}]}
  email: {type: string, pii: true, checks: [{max_length: 9}]}
  at: {type: datetime, formats: [rfc3339, epoch_ms], checks: [{before: now}]}
  tags: {type: list<integer>, checks: [{max_items: 2}]}
  more: {type: object}
  rate: {type: number, outliers: {bounds: [0, 9], action: clip}}
  paid: {type: boolean}
filter: [{id: kept, keep: "id <> 'A-1'"}]
checks: [{id: both, assert: "amount > 0 or not paid"}]
"""


HOOKS = """\
import json
import schemathesis

@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()
"""


def test_every_request_is_answered_as_it_is_described(tmp_path: Path) -> None:
    if importlib.util.find_spec("schemathesis") is None:
        pytest.skip("schemathesis is not installed")
    (tmp_path / "later.yaml").write_text(SPEC.replace("1.2.0", "2.0.0"))
    (tmp_path / "hooks.py").write_text(HOOKS)
    with serving(tmp_path, "later.yaml", "--max-body", "4000", spec=SPEC) as (_, address):
        asking = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{address}/openapi.json",
            "--max-examples",
            REQUESTS,
        ]
        done = subprocess.run(
            [*asking, "--seed", "1", "--generation-database", "none"],
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    assert "No issues found" in done.stdout, done.stdout
