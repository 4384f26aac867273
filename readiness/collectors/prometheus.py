"""Prometheus, asked safely: the only module that imports `prometheus_api_client`.

The library's defaults turn a timeout of one second into ten, repeat a 503 four times, follow redirects, ask for
compressed answers that cost Prometheus more than the query does, and drop `warnings`, so that a partial answer looks
complete. Here it gets a session of ours over connections that stay open: one hop, no repeats, a limit on size and on
the whole time, and what the library drops is kept.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException

from readiness.collectors.connections import NoReply, Silence
from readiness.collectors.grouped import Group, group_questions
from readiness.collectors.kept_session import KeptSession, session_headers
from readiness.collectors.lanes import Lanes
from readiness.collectors.prometheus_answers import (
    Answer,
    Exchange,
    Receipt,
    UnfitAnswer,
    accepted,
    instant_values,
    range_lines,
    refusal_words,
)
from readiness.collectors.questions import Asking, Question
from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.types import Trouble

T = TypeVar("T")
MOST_SILENCES = 2
LONG_RANGE_STEPS = 1000


class PrometheusBatch:
    """All questions of one refresh to one source at one moment. The same question is asked once.

    Nothing is raised for trouble of the source: every answer says what is wrong. When the source cannot be reached, or
    two questions stay without an answer, the rest of the batch is not asked any more. `lanes` ask several at once.
    """

    def __init__(self, source: ResolvedSource | SourceTrouble, now: datetime, lanes: Lanes | None = None) -> None:
        self.source = source
        self.now = now
        self._lanes = lanes
        self._answers: dict[Question, Answer] = {}
        self._silences: list[str] = []
        self.most_silences = MOST_SILENCES
        self.given_up: Answer | None = None
        if isinstance(source, SourceTrouble):
            self.given_up = Answer(source.trouble, source.message)
            return
        try:
            self._session = KeptSession(source)
        except NoReply as problem:
            self.given_up = self._trouble(str(problem))
            return
        headers = session_headers(source)
        self._plain = PrometheusConnect(url=source.url, headers=headers, session=self._session)
        packed = headers | {"Accept-Encoding": "gzip"}
        self._packed = PrometheusConnect(url=source.url, headers=packed, session=self._session)

    def ask(self, query: str) -> Answer:
        """The answer of an instant query, evaluated at the batch's moment."""
        return self.answer(Question(query))

    def ask_api(self, path: str) -> Answer:
        """The `data` of another endpoint, such as `rules`, through the same session."""
        return self.answer(Question(path, is_path=True))

    def answer(self, question: Question) -> Answer:
        """The answer of one question."""
        if question not in self._answers:
            self._answers[question] = self._asked(question)
        return self._answers[question]

    def answer_all(self, questions: Iterable[Question]) -> list[Answer]:
        """The answers of several questions: what is alike asked as one, and all side by side where there are lanes."""
        wanted = list(questions)
        groups, alone = group_questions([q for q in dict.fromkeys(wanted) if q not in self._answers])
        work: list[Group | Question] = [*groups, *alone]
        if self._lanes is not None:
            self._lanes.each(work, self._work)
        else:
            for piece in work:
                self._work(piece)
        return [self._answers[question] for question in wanted]

    def _work(self, work: Group | Question) -> None:
        if isinstance(work, Question):
            self.answer(work)
        elif not self._answered_together(work):
            for question, _ in work.members:
                self.answer(question)

    def _answered_together(self, group: Group) -> bool:
        """Ask a group as one; where that goes wrong, each is asked alone, so that no bad one fails the others."""
        if self.given_up is not None:
            return False
        answer, receipt = self._exchanged(group.question)
        if answer.trouble is not Trouble.NONE or refusal_words(receipt):
            return False
        try:
            found = group.split(receipt)
        except UnfitAnswer:
            return False
        self._answers.update({q: replace(each, exchange=answer.exchange) for q, each in found.items()})
        return True

    def settle(self, asking: Asking[T]) -> T:
        """Ask what somebody wants to know, round by round, and give what they make of it."""
        try:
            questions = next(asking)
            while True:
                questions = asking.send(self.answer_all(questions))
        except StopIteration as end:
            found: T = end.value
            return found

    def _asked(self, question: Question) -> Answer:
        if self.given_up is not None:
            return self.given_up
        answer, receipt = self._exchanged(question)
        if answer.trouble is not Trouble.NONE:
            return answer
        return replace(self._read(question, receipt), exchange=answer.exchange)

    def _exchanged(self, question: Question) -> tuple[Answer, Receipt]:
        """Ask once: the exchange, and trouble when nothing came back; and what did come back."""
        params = question.params(self.now, self._timeout_s)
        call = self._call(question, params)
        self._session.begin()
        began = time.monotonic()
        try:
            call()
        except NoReply as problem:
            return self._unanswered(problem, Exchange(question.path, params, took=_since(began))), Receipt()
        except (PrometheusApiClientException, KeyError, TypeError):
            pass  # The receipt says what came back.
        receipt, took = self._session.receipt, _since(began)
        exchange = Exchange(question.path, params, receipt.status, receipt.size, receipt.body, took=took)
        return Answer(exchange=exchange), receipt

    def _call(self, question: Question, params: Mapping[str, str]) -> Callable[[], object]:
        """How the client library asks it. Compressing pays only for the long answers of a range."""
        if question.is_path:
            url = f"{self._plain.url}/api/v1/{question.path}"
            return lambda: self._session.request(url=url, params=params, headers=self._plain.headers)
        stretch = question.stretch
        if stretch is None:
            return lambda: self._plain.custom_query(question.query, params=dict(params))
        client = self._packed if stretch.steps > LONG_RANGE_STEPS else self._plain
        step = params["step"]
        more = {"timeout": params["timeout"]}
        return lambda: client.custom_query_range(question.query, stretch.first_at, stretch.end_at, step, params=more)

    def _read(self, question: Question, receipt: Receipt) -> Answer:
        if words := refusal_words(receipt):
            return self._trouble(words)
        answer = accepted(receipt)
        try:
            if question.is_path:
                return replace(answer, data=receipt.document.get("data"))
            if question.stretch is not None:
                return replace(answer, lines=range_lines(receipt))
            return replace(answer, values=instant_values(receipt))
        except UnfitAnswer as problem:
            return self._trouble(str(problem))

    def _unanswered(self, problem: NoReply, exchange: Exchange) -> Answer:
        """Say why nothing came; give up where the next question would fare no better."""
        words = str(problem)
        answer = replace(self._trouble(words), exchange=replace(exchange, said=words))
        if problem.silence is Silence.SILENT:
            self._silences.append(words)
        if problem.silence is Silence.UNREACHABLE or len(self._silences) >= self.most_silences:
            self.given_up = replace(answer, exchange=None)
        return answer

    def _trouble(self, words: str) -> Answer:
        host = self.source.host if isinstance(self.source, ResolvedSource) else self.source.key
        return Answer(Trouble.SOURCE_ERROR, f"Prometheus at {host} {words}")

    @property
    def _timeout_s(self) -> float:
        return self.source.timeout_s if isinstance(self.source, ResolvedSource) else 0.0


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)


def moment_of(answer: Answer) -> datetime | None:
    """The moment that a `max(timestamp(…))` query answered; None when there was no sample."""
    seconds = [series.value for series in answer.values if series.value == series.value]
    return datetime.fromtimestamp(min(seconds), UTC) if seconds else None
