"""Lanes: all of the work is done, a few pieces at once, and somebody is told while it takes long."""

import threading
import time

import pytest

from readiness.collectors import lanes as module
from readiness.collectors.lanes import MOST_LANES, Lanes


def test_everything_is_done_once_a_few_at_a_time() -> None:
    done, under_way, most, lock = [], [0], [0], threading.Lock()

    def do(piece: int) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.005)
        with lock:
            under_way[0] -= 1
            done.append(piece)

    lanes = Lanes()
    lanes.each(range(40), do)
    lanes.close()
    assert sorted(done) == list(range(40))
    assert 2 <= most[0] <= MOST_LANES


def test_a_slow_piece_does_not_keep_the_others_waiting() -> None:
    done: list[int] = []

    def do(piece: int) -> None:
        time.sleep(0.3 if piece == 0 else 0)
        done.append(piece)

    lanes = Lanes()
    lanes.each(range(20), do)
    lanes.close()
    assert done[-1] == 0


def test_somebody_is_told_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEANWHILE_EVERY_S", 0.05)
    told: list[float] = []
    lanes = Lanes(lambda: told.append(time.monotonic()))
    lanes.each([0.3], time.sleep)
    lanes.close()
    assert len(told) >= 3


def test_what_goes_wrong_is_raised() -> None:
    lanes = Lanes()
    with pytest.raises(ZeroDivisionError):
        lanes.each([1, 0], lambda n: 1 / n)
    lanes.close()


def test_nothing_to_do_is_done_at_once() -> None:
    lanes = Lanes()
    lanes.each([], print)
    lanes.close()
