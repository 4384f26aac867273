"""What every page of a past moment begins with: what was in force then, the head without acts, the bar that says so."""

from dataclasses import dataclass, replace

from readiness.core.phases import CLOSE
from readiness.core.types import Question
from readiness.models import AuditEntry
from readiness.queries.heads import fill_head, travel_url
from readiness.queries.moments import Moment, NoSuchMoment
from readiness.queries.pages.parts import Region, RolloutHead, Tab
from readiness.queries.pages.past import NoPast, PastBar
from readiness.queries.past_facts import PastAnswer, PastRun, load_past_answers, load_past_runs
from readiness.queries.past_scenes import scene_as_of
from readiness.queries.scenes import Scene
from readiness.queries.words import join_words, moment_words

TITLES = {"board": "The board", "verdict": "The computation", "phase": "The phase"}


@dataclass(frozen=True, slots=True)
class Then:
    """A moment of a rollout: the answers in force and the runs.

    `scene` is today's, and its ways keep the moment; `past` is the one of then, None when nothing was judged or the
    facts cannot be read.
    """

    scene: Scene
    moment: Moment
    answers: dict[Question, PastAnswer]
    runs: tuple[PastRun, ...]
    past: Scene | None

    @property
    def first(self) -> PastAnswer | None:
        """The answer that the board gave first, if any."""
        return self.answers.get(Question.CONTINUE) or self.answers.get(Question.ENTER)

    @property
    def closed(self) -> bool:
        """Whether the rollout was at its end."""
        return any(run.phase == CLOSE for run in self.runs)


def look_back(scene: Scene, moment: Moment) -> Then:
    """Read what was in force at a moment. Raises NoSuchMoment before the rollout's first entry."""
    _must_have_begun(scene, moment)
    here, rollout = replace(scene, as_of=moment.asked), scene.rollout
    answers, runs = load_past_answers(rollout, moment.seq), load_past_runs(rollout, moment.seq)
    return Then(here, moment, answers, runs, _past(here, answers))


def _past(here: Scene, answers: dict[Question, PastAnswer]) -> Scene | None:
    answer = answers.get(Question.ENTER) or answers.get(Question.CONTINUE)
    if answer is None or answer.facts is None or answer.plan is None:
        return None
    return scene_as_of(here, answer.kept, answer.facts, answer.plan)


def _must_have_begun(scene: Scene, moment: Moment) -> None:
    rows = AuditEntry.objects.filter(rollout=scene.rollout.key).order_by("seq").values_list("seq", "at")
    found = rows.first()
    if found is None or found[0] > moment.seq:
        begins = f"It begins with entry {found[0]:,} at {moment_words(found[1])}." if found else "It has no entry yet."
        raise NoSuchMoment(f"The record of this rollout does not go back to {moment.title}. {begins}")


def past_head(then: Then) -> RolloutHead:
    """Fill the head without anything that acts or counts now, under the plan of then."""
    answer, scene = then.first, then.scene
    head = replace(_bare_head(scene), tabs=_tabs(then))
    if answer is None or answer.plan is None:
        return head
    plan, number = answer.plan, answer.plan_number
    return replace(
        head,
        title=plan.title,
        service=plan.service,
        owner=plan.owner,
        plan_version=number,
        plan_digest=plan.digest,
        plan_url=scene.url("plan-version", number),
        rehearsal=plan.rehearsal,
    )


def _bare_head(scene: Scene) -> RolloutHead:
    bare = replace(fill_head(scene), plan_version=0, commits=(), actions=(), holds=(), overrides=(), travel_url="")
    tabs = tuple(replace(tab, count=0) for tab in bare.tabs)
    return replace(bare, tabs=tabs, region=Region("head", ""), title_word="Past")


def _tabs(then: Then) -> tuple[Tab, ...]:
    """The pages that can show the moment, and the record through it; the others show only now."""
    past, scene = then.past, then.scene
    phase = (past.running or past.rows.following) if past is not None else None
    phases = (Tab("phases", "Phases", scene.url("phase", phase.key)),) if phase is not None else ()
    record = Tab("audit", "Audit", f"{scene.url('audit')}?before={then.moment.seq + 1}")
    return (Tab("board", "Board", scene.url("board")), *phases, record)


def past_bar(then: Then) -> PastBar:
    """Say which moment is shown, what it is made from, and why it must not be relied on, if it must not."""
    answers = then.answers.values()
    kept = sorted({answer.kept.seq: answer.kept for answer in answers}.values(), key=lambda each: each.seq)
    said = [f"entry {each.seq:,}, judged at {moment_words(each.judged.evaluated_at)}" for each in kept]
    sentence = f"From the facts kept by {join_words(said)}. No other answer was recorded by then." if said else ""
    record = then.scene.facts.record
    problems = [record.problem and f"The record contradicts itself: {record.problem}"]
    problems += [answer.trouble for answer in answers]
    return PastBar(
        title=f"{TITLES[then.scene.address.page]} as of {then.moment.title}",
        sentence=sentence or "Nothing had been judged by then.",
        asked=then.moment.asked,
        now_url=travel_url(replace(then.scene, as_of="")),
        trouble=" ".join(dict.fromkeys(filter(None, problems))),
    )


def no_past(scene: Scene, asked: str, problem: str) -> NoPast:
    """Say why there is nothing to show of a moment, and leave the way to another one."""
    return NoPast(_bare_head(scene), PastBar("Nothing to show as of then", problem, asked, travel_url(scene)))
