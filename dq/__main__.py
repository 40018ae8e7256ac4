"""`python -m dq` and the command `dq`."""

from __future__ import annotations

from dq.cli.main import main

if __name__ == "__main__":
    main()
