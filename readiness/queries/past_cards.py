"""An answer of the past as a card: drawn from its facts, or, where they do not carry it, from its entry alone."""

from dataclasses import replace

from readiness.core.plan import Plan
from readiness.core.reasons import REASONS
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from readiness.queries.kept_verdicts import KeptVerdict
from readiness.queries.pages.board import ReasonRow, VerdictCard
from readiness.queries.pages.parts import Region
from readiness.queries.past_facts import PastAnswer
from readiness.queries.past_scenes import card_of_then, scene_as_of
from readiness.queries.policy import policy_digest
from readiness.queries.scenes import Answer, Scene
from readiness.queries.trail import plan_titles
from readiness.queries.verdicts import answer_card, closed_card, enter_sentence
from readiness.queries.words import element_key


def nothing_judged_card() -> VerdictCard:
    """Say that there was no answer, which is NO-GO."""
    return VerdictCard(
        Region("verdict", ""), "nogo", "NO-GO", "Nothing had been judged yet", "So the answer was no", None, past=True
    )


def closed_then_card(scene: Scene) -> VerdictCard:
    """Say that the rollout was at its end by then, which nobody judges."""
    return replace(card_of_then(closed_card(scene, Region("verdict", ""))), evaluated_at=None)


def past_card(scene: Scene, answer: PastAnswer) -> VerdictCard:
    """Draw an answer: from its facts when they give it again, else what the entry says of it and no more."""
    kept, facts = answer.kept, answer.facts
    region = Region("verdict" if kept.judged.question is Question.CONTINUE else "decision", "")
    if facts is None or answer.plan is None:
        return _recorded_card(scene, region, kept, scene.plan, "Its facts can’t be shown")
    verdict = evaluate_verdict(facts, kept.judged.question, kept.judged.evaluated_at)
    if verdict.verdict_id != kept.judged.verdict_id:
        changed = kept.judged.policy != policy_digest()
        why = "Today’s rules give another answer" if changed else "The kept facts do not give this answer"
        return _recorded_card(scene, region, kept, answer.plan, why)
    past = scene_as_of(scene, kept, facts, answer.plan)
    return card_of_then(answer_card(past, region, Answer(verdict, kept.judged.evaluated_at)))


def _recorded_card(scene: Scene, region: Region, kept: KeptVerdict, plan: Plan, why: str) -> VerdictCard:
    go, titles = kept.judged.decision is Decision.GO, plan_titles(plan)
    phase = next((phase for phase in plan.phases if phase.key == kept.judged.phase), None)
    entering = enter_sentence(phase, go, first=False) if phase else kept.judged.phase
    running = f"{phase.title if phase else kept.judged.phase} {'runs' if go else 'can’t continue'}"
    return VerdictCard(
        region,
        "waits" if go and plan.rehearsal else "go" if go else "nogo",
        ("Rehearsed" if plan.rehearsal else "GO") if go else "NO-GO",
        running if kept.judged.question is Question.CONTINUE else entering,
        f"As recorded by entry {kept.seq:,}. {why}",
        kept.judged.evaluated_at,
        reasons=tuple(_recorded_reason(name, titles) for name in kept.reasons),
        since_at=kept.judged.evaluated_at,
        policy_version=kept.judged.policy.removeprefix("sha256:")[:8],
        verdict_id=kept.judged.verdict_id,
        how_url=scene.url("verdict"),
        rehearsal=plan.rehearsal,
        past=True,
    )


def _recorded_reason(name: str, titles: dict[str, str]) -> ReasonRow:
    """Say a reason from its name alone: "CODE kind:key path"."""
    code, thing, path = (*name.split(" ", 2), "", "")[:3]
    words, key = REASONS.get(code), thing.partition(":")[2]
    what = titles.get(path) or titles.get(key) or key or name
    return ReasonRow(element_key(code, name), words.word if words else code, what, "As the rules of that day asked")
