"""One run at a time; a killed run blocks nobody."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from dq.errors import LockedError, SinkError
from dq.sinks.lock import FolderLock

HOLDER = """
import sys, time
from pathlib import Path
from dq.sinks.lock import FolderLock
FolderLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_holder_is_refused_until_the_first_releases(tmp_path):
    first, second = FolderLock(tmp_path / "out"), FolderLock(tmp_path / "out")
    first.acquire()
    with pytest.raises(LockedError, match="another run"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_process_does_not_block(tmp_path):
    lock = FolderLock(tmp_path / "out")
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path / "out")], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockedError):
            lock.acquire()
        holder.send_signal(signal.SIGKILL)
    assert lock.path.exists()
    lock.acquire()
    lock.release()
    assert not lock.path.exists()


def test_a_lock_whose_file_was_just_removed_is_taken_anew(tmp_path, monkeypatch):
    """The last holder removes the file between our open and our flock."""
    lock = FolderLock(tmp_path / "out")
    real, seen = FolderLock._is_current, []

    def racing(self, descriptor):
        if not seen:
            self.path.unlink()
        seen.append(descriptor)
        return real(self, descriptor)

    monkeypatch.setattr(FolderLock, "_is_current", racing)
    lock.acquire()
    assert len(seen) == 2
    assert os.path.samestat(os.fstat(lock._descriptor), lock.path.stat())
    lock.release()


def test_many_threads_never_hold_it_together(tmp_path):
    holders, worst, refused = [0], [0], [0]

    def run():
        for _ in range(200):
            lock = FolderLock(tmp_path / "out")
            try:
                lock.acquire()
            except LockedError:
                refused[0] += 1
                continue
            holders[0] += 1
            worst[0] = max(worst[0], holders[0])
            holders[0] -= 1
            lock.release()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worst == [1]
    assert refused[0] < 800
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_hold_a_lock(tmp_path):
    with pytest.raises(SinkError, match="cannot create the lock"):
        FolderLock(tmp_path / "absent" / "out").acquire()
