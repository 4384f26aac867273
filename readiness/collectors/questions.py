"""Questions: what somebody wants to know of Prometheus, asked in rounds, so that many can be answered at once.

Whoever asks is a generator: it yields questions and is sent their answers. So the same words serve one gate alone and
a thousand gates side by side, and whoever answers may ask them in any order, together, or from what is known already.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeAlias, TypeVar

from readiness.collectors.prometheus_answers import Answer
from readiness.core.windows import Stretch

T = TypeVar("T")
Asking: TypeAlias = Generator[Sequence["Question"], Sequence[Answer], T]
"""Somebody who asks in rounds and comes to a T."""


@dataclass(frozen=True, slots=True)
class Question:
    """An instant query, or a range query over `stretch`, whose ends are whole seconds; or a path below `api/v1`."""

    query: str
    stretch: Stretch | None = None
    is_path: bool = False

    @property
    def path(self) -> str:
        """The endpoint that answers it."""
        return self.query if self.is_path else "query_range" if self.stretch is not None else "query"

    def params(self, now: datetime, timeout_s: float) -> Mapping[str, str]:
        """What is sent for it: everything but who asks."""
        if self.is_path:
            return {}
        if self.stretch is None:
            return {"query": self.query, "time": f"{now.timestamp():.3f}", "timeout": f"{timeout_s:g}s"}
        return {
            "query": self.query,
            "start": str(round(self.stretch.first_at.timestamp())),
            "end": str(round(self.stretch.end_at.timestamp())),
            "step": str(round(self.stretch.step.total_seconds())),
            "timeout": f"{timeout_s:g}s",
        }


def asking(*questions: Question) -> Asking[Sequence[Answer]]:
    """Ask some questions at once, and give their answers in that order."""
    return (yield questions)


def together(askings: Sequence[Asking[T]]) -> Asking[list[T]]:
    """Let several ask at once: each round has the questions of all that still ask."""
    done: dict[int, T] = {}
    waiting: dict[int, Sequence[Question]] = {}
    answers: dict[int, Sequence[Answer] | None] = dict.fromkeys(range(len(askings)))
    while answers:
        for number, given in answers.items():
            try:
                each = askings[number]
                waiting[number] = next(each) if given is None else each.send(given)
            except StopIteration as end:
                waiting.pop(number, None)
                done[number] = end.value
        answers = {}
        if waiting:
            flat = yield list(chain.from_iterable(waiting.values()))
            answers = dict(_dealt(waiting, flat))
    return [done[number] for number in range(len(askings))]


def _dealt(waiting: Mapping[int, Sequence[Question]], flat: Sequence[Answer]) -> Iterator[tuple[int, Sequence[Answer]]]:
    begin = 0
    for number, questions in waiting.items():
        yield number, flat[begin : begin + len(questions)]
        begin += len(questions)
