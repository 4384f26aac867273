"""The board as of a moment: the stored facts of the verdict in force then, beside what stands now."""

from dataclasses import replace

from readiness.core.types import Question
from readiness.queries.moments import Moment
from readiness.queries.pages.past import PastBoard
from readiness.queries.past_cards import closed_then_card, nothing_judged_card, past_card
from readiness.queries.past_figures import compare_cases, past_condition, past_sequence, past_station
from readiness.queries.past_pages import Then, look_back, past_bar, past_head
from readiness.queries.scenes import Scene


def make_past(scene: Scene, moment: Moment) -> PastBoard:
    """Fill the board as of a moment. Raises NoSuchMoment before the rollout's first entry."""
    then = look_back(scene, moment)
    first, head, bar = then.first, past_head(then), past_bar(then)
    if first is None:
        return PastBoard(head, bar, nothing_judged_card())
    if then.closed:
        return PastBoard(head, bar, closed_then_card(then.scene))
    second = then.answers.get(Question.ENTER) if first is not then.answers.get(Question.ENTER) else None
    decision = replace(past_card(then.scene, second), slim=True, rests_on=()) if second is not None else None
    return _with_facts(then, PastBoard(head, bar, past_card(then.scene, first), decision))


def _with_facts(then: Then, page: PastBoard) -> PastBoard:
    """Add what the facts show beside the answer: figures then and now, the poll, each condition, the sequence."""
    past = then.past
    if past is None:
        return page
    return replace(
        page,
        compared=compare_cases(past.case, then.scene.case),
        then_at=then.moment.at,
        now_at=then.scene.now,
        poll=tuple(past_station(past, station) for station in past.case.stations),
        conditions=tuple(past_condition(past, assessment) for assessment in past.case.judged.values()),
        sequence=past_sequence(past, then.runs, then.answers),
    )
