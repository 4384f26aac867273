"""Lanes: several questions at once, never more than so many, while somebody else is told that we are still at it."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
MOST_LANES = 8
MEANWHILE_EVERY_S = 2.0


class Lanes:
    """Threads that work through a list together; `meanwhile` is called every other second until all is done."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._pool = ThreadPoolExecutor(MOST_LANES, thread_name_prefix="lane")
        self._meanwhile = meanwhile

    def each(self, work: Iterable[T], do: Callable[[T], object]) -> None:
        """Do something with each piece of work, as many at once as there are lanes. Raises what `do` raises."""
        todo = deque(work)

        def lane() -> None:
            while True:
                try:
                    piece = todo.popleft()
                except IndexError:
                    return
                do(piece)

        self._finish([self._pool.submit(lane) for _ in range(min(MOST_LANES, len(todo)))])

    def _finish(self, lanes: list[Future[None]]) -> None:
        pending = set(lanes)
        while pending:
            _, pending = wait(pending, MEANWHILE_EVERY_S)
            if pending:
                self._meanwhile()
        for lane in lanes:
            lane.result()

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown()
