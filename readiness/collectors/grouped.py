"""Grouped questions: those that differ in the value of one label are one query, and its answer falls apart again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from readiness.collectors.prometheus_answers import Answer, Receipt, UnfitAnswer, accepted, line_of, series_value
from readiness.collectors.questions import Question
from readiness.core.alike import Alike, alike_forms, together_query
from readiness.core.windows import Stretch

MOST_TOGETHER = 50
LONGEST_QUERY = 6000
Kind = tuple[tuple[str, str], Stretch | None]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are asked as one."""

    members: tuple[tuple[Question, Alike], ...]

    @property
    def question(self) -> Question:
        """The one question."""
        first, _ = self.members[0]
        return Question(together_query(form for _, form in self.members), first.stretch)

    def split(self, receipt: Receipt) -> dict[Question, Answer]:
        """The answer of each member, as if it had been asked alone. Raises UnfitAnswer."""
        told = accepted(receipt)
        if told.result_type != ("vector" if self.members[0][0].stretch is None else "matrix"):
            raise UnfitAnswer("answered a grouped query with something else")
        label = self.members[0][1].label
        rows: dict[str, list[Mapping[str, object]]] = defaultdict(list)
        for row in receipt.rows:
            metric = row.get("metric")
            rows[str(metric.get(label)) if isinstance(metric, Mapping) else ""].append(row)
        return {question: _answer(told, question, form, rows[form.value]) for question, form in self.members}


def _answer(told: Answer, question: Question, form: Alike, rows: Iterable[Mapping[str, object]]) -> Answer:
    own = [row if form.keeps else _without(row, form.label) for row in rows]
    if question.stretch is not None:
        return replace(told, lines=dict(line_of(row) for row in own))
    return replace(told, values=tuple(sorted((series_value(row) for row in own), key=lambda series: series.labels)))


def _without(row: Mapping[str, object], label: str) -> Mapping[str, object]:
    metric = row.get("metric")
    named = metric if isinstance(metric, Mapping) else {}
    return {**row, "metric": {name: value for name, value in named.items() if name != label}}


def group_questions(questions: Sequence[Question]) -> tuple[list[Group], list[Question]]:
    """Put together what can be asked as one, each with the kind that most others have; the rest is asked alone."""
    forms = {q: () if q.is_path else alike_forms(q.query) for q in questions}
    counts = Counter(_kind(q, form) for q, found in forms.items() for form in found)
    kinds: dict[Kind, list[tuple[Question, Alike]]] = defaultdict(list)
    alone: list[Question] = []
    for question, found in forms.items():
        best = max(found, key=lambda form: counts[_kind(question, form)], default=None)
        if best is None or counts[_kind(question, best)] < 2:
            alone.append(question)
        else:
            kinds[_kind(question, best)].append((question, best))
    groups = [group for members in kinds.values() for group in _parts(members)]
    alone += [group.members[0][0] for group in groups if len(group.members) == 1]
    return [group for group in groups if len(group.members) > 1], alone


def _kind(question: Question, form: Alike) -> Kind:
    return form.kind, question.stretch


def _parts(members: Sequence[tuple[Question, Alike]]) -> Iterable[Group]:
    """Groups that are neither too many nor too long to be asked by GET."""
    question = Group(tuple(members)).question
    size = max(1, min(MOST_TOGETHER, len(members) * LONGEST_QUERY // max(1, len(question.query))))
    return (Group(tuple(members[i : i + size])) for i in range(0, len(members), size))
