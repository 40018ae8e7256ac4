"""What commands that run for days, and judge a few events at a time, do with their process."""

from __future__ import annotations

import gc
import os

LARGE_BLOCK = (32 << 20) - (1 << 16)  # bytes: glibc learns nothing of blocks from 32 MiB on


def stay_on_one_core() -> None:
    """Let Polars use one thread, unless the environment says otherwise; called before Polars is imported.

    A few events are judged sooner than another thread is woken, and in large portions two threads take more time of
    the processor than they spare by the clock.
    """
    os.environ.setdefault("POLARS_MAX_THREADS", "1")


def keep_what_is_there() -> None:
    """Take what is there now, such as modules and plans, out of every later search for cycles: it stays to the end.

    The memory of one portion of events is kept for the next.  glibc keeps blocks that are no larger than the largest
    that was freed so far (mallopt(3), M_MMAP_THRESHOLD): it is shown one, which no page of memory stands behind.  By
    itself it gives the memory back after each portion, and the system clears it for the next.
    """
    import numpy as np

    np.empty(LARGE_BLOCK, np.uint8)
    gc.collect()
    gc.freeze()
