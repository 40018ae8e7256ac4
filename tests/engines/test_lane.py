"""Work in a lane is done in its order, its failures are not lost, and its thread ends with it."""

from __future__ import annotations

import threading
import time

import pytest

from dq.engines.lane import Lane


class TroubleError(Exception):
    """What goes wrong in a lane."""


def fail() -> None:
    raise TroubleError


def test_pieces_are_done_in_their_order_by_one_other_thread() -> None:
    done: list[tuple[int, int]] = []

    def work(number: int) -> None:
        time.sleep(0.02 * (number == 0))
        done.append((number, threading.get_ident()))

    with Lane("test") as lane:
        for number in range(3):
            lane.add(work, number)
    assert [number for number, _ in done] == [0, 1, 2]
    assert {thread for _, thread in done} == {done[0][1]} - {threading.get_ident()}


def test_a_piece_is_added_when_the_one_before_it_is_done() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        assert may_end.wait(10)

    with Lane("test") as lane:
        lane.add(first)
        assert begun.wait(10)
        adding = threading.Thread(target=lane.add, args=(lambda: None,))
        adding.start()
        adding.join(0.05)
        assert adding.is_alive()
        may_end.set()
        adding.join(10)
        assert not adding.is_alive()


def test_an_answer_comes_with_what_was_raised() -> None:
    with Lane("test") as lane:
        assert lane.submit(pow, 2, 3).result() == 8
        with pytest.raises(TroubleError):
            lane.submit(fail).result()


def test_what_went_wrong_is_raised_by_the_next_one_that_looks() -> None:
    with Lane("test") as lane:
        lane.add(fail)
        with pytest.raises(TroubleError):
            lane.add(fail)
        lane.wait()
    with pytest.raises(TroubleError), Lane("test") as lane:
        lane.add(fail)


def test_a_lane_that_is_left_by_an_error_raises_that_one_and_begins_nothing_more() -> None:
    before, may_end, late = threading.active_count(), threading.Event(), list[int]()

    def leave() -> None:
        with Lane("test") as lane:
            lane.submit(may_end.wait, 10)
            lane.submit(late.append, 1)
            lane.add(fail)
            threading.Timer(0.05, may_end.set).start()
            raise KeyError

    with pytest.raises(KeyError):
        leave()
    assert not late
    assert threading.active_count() <= before + 1  # the timer may not be gone yet
