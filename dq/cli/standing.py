"""What commands that run for days, and judge a few events at a time, do with their process."""

from __future__ import annotations

import gc
import os


def stay_on_one_core() -> None:
    """Let Polars use one thread, unless the environment says otherwise; called before Polars is imported.

    A few events are judged sooner than another thread is woken, and in large portions two threads take more time of
    the processor than they spare by the clock.
    """
    os.environ.setdefault("POLARS_MAX_THREADS", "1")


def keep_what_is_there() -> None:
    """Take what is there now, such as modules and plans, out of every later search for cycles: it stays to the end."""
    gc.collect()
    gc.freeze()
