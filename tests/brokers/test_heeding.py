"""Calls to a client that may take long: signals come in meanwhile, and what does not come back is given up."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from dq.brokers.kafka import heeding


def fail() -> None:
    raise KeyError("x")


def test_answers_and_faults_are_those_of_the_call() -> None:
    assert heeding(lambda: 7, 30) == 7
    with pytest.raises(KeyError):
        heeding(fail, 30)


def test_what_does_not_come_back_is_given_up() -> None:
    over = threading.Event()
    with pytest.raises(TimeoutError):
        heeding(over.wait, 0.1)
    over.set()


def test_a_signal_comes_in_while_a_call_takes_long() -> None:
    over = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: over.set())
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        assert heeding(lambda: over.wait(30), 60), "only the signal ends the call"
    finally:
        signal.signal(signal.SIGUSR1, before)
