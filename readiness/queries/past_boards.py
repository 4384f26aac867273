"""The board as of a moment: the stored facts of the verdict in force then, beside what stands now."""

from dataclasses import replace

from readiness.core.phases import CLOSE
from readiness.core.types import Question
from readiness.models import AuditEntry
from readiness.queries.heads import fill_head
from readiness.queries.moments import Moment, NoSuchMoment
from readiness.queries.pages.parts import Region, RolloutHead
from readiness.queries.pages.past import PastBar, PastBoard
from readiness.queries.past_cards import nothing_judged_card, past_card
from readiness.queries.past_facts import PastAnswer, load_past_answers, load_past_runs
from readiness.queries.past_figures import compare_cases, past_condition, past_sequence, past_station
from readiness.queries.past_scenes import scene_as_of, without_ways
from readiness.queries.scenes import Scene
from readiness.queries.verdicts import closed_card
from readiness.queries.words import join_words, moment_words


def make_past(scene: Scene, moment: Moment) -> PastBoard:
    """Fill the board as of a moment. Raises NoSuchMoment before the rollout's first entry."""
    _must_have_begun(scene, moment)
    answers = load_past_answers(scene.rollout, moment.seq)
    runs = load_past_runs(scene.rollout, moment.seq)
    first = answers.get(Question.CONTINUE) or answers.get(Question.ENTER)
    page = PastBoard(_head(scene, first), _bar(scene, moment, list(answers.values())))
    if first is None:
        return replace(page, verdict=nothing_judged_card())
    if any(phase == CLOSE for phase, _ in runs):
        return replace(page, verdict=without_ways(closed_card(scene, Region("verdict", ""))))
    second = answers.get(Question.ENTER) if first is not answers.get(Question.ENTER) else None
    decision = replace(past_card(scene, second), slim=True, rests_on=()) if second is not None else None
    page = replace(page, verdict=past_card(scene, first), decision=decision)
    return _with_facts(scene, moment, page, answers, runs)


def no_past(scene: Scene, asked: str, problem: str) -> PastBoard:
    """Say why there is no board of a moment, and leave the way to another one."""
    bar = PastBar("No board as of then", problem, asked, scene.url("board"))
    return PastBoard(_head(scene, None), bar, problem)


def _must_have_begun(scene: Scene, moment: Moment) -> None:
    rows = AuditEntry.objects.filter(rollout=scene.rollout.key).order_by("seq").values_list("seq", "at")
    found = rows.first()
    if found is None or found[0] > moment.seq:
        begins = f"It begins with entry {found[0]:,} at {moment_words(found[1])}." if found else "It has no entry yet."
        raise NoSuchMoment(f"The record of this rollout does not go back to {moment.title}. {begins}")


def _head(scene: Scene, answer: PastAnswer | None) -> RolloutHead:
    """The head without anything that acts or counts now, under the plan of then."""
    head = fill_head(scene)
    version = (answer.plan_number, answer.plan.digest) if answer is not None and answer.plan is not None else (0, "")
    return replace(
        head,
        plan_version=version[0],
        plan_digest=version[1],
        commits=(),
        actions=(),
        holds=(),
        overrides=(),
        tabs=tuple(replace(tab, count=0) for tab in head.tabs),
        region=Region("head", ""),
        title_word="Past",
    )


def _bar(scene: Scene, moment: Moment, answers: list[PastAnswer]) -> PastBar:
    kept = sorted({answer.kept.seq: answer.kept for answer in answers}.values(), key=lambda each: each.seq)
    said = [f"entry {each.seq:,}, judged at {moment_words(each.judged.evaluated_at)}" for each in kept]
    sentence = f"From the facts kept by {join_words(said)}. No other answer was recorded by then." if said else ""
    problems = [scene.facts.record.problem and f"The record contradicts itself: {scene.facts.record.problem}"]
    problems += [answer.trouble for answer in answers]
    return PastBar(
        title=f"The board as of {moment.title}",
        sentence=sentence or "Nothing had been judged by then.",
        asked=moment.asked,
        now_url=scene.url("board"),
        trouble=" ".join(dict.fromkeys(filter(None, problems))),
    )


def _with_facts(
    scene: Scene, moment: Moment, page: PastBoard, answers: dict[Question, PastAnswer], runs: list[tuple[str, str]]
) -> PastBoard:
    """Add what the facts show beside the answer: figures then and now, the poll, each condition, the sequence."""
    answer = answers.get(Question.ENTER) or answers.get(Question.CONTINUE)
    if answer is None or answer.facts is None or answer.plan is None:
        return page
    past = scene_as_of(scene, answer.kept, answer.facts, answer.plan)
    return replace(
        page,
        compared=compare_cases(past.case, scene.case),
        then_at=moment.at,
        now_at=scene.now,
        poll=tuple(past_station(past, station) for station in past.case.stations),
        conditions=tuple(past_condition(past, assessment) for assessment in past.case.judged.values()),
        sequence=past_sequence(past, runs, answers),
    )
