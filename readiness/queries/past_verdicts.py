"""How the answers in force at a moment were computed."""

from dataclasses import replace

from readiness.core.types import Question
from readiness.core.verdict import evaluate_verdict
from readiness.queries.computations import Answered, repeat_command, retell
from readiness.queries.moments import Moment
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Region
from readiness.queries.pages.past import PastVerdict
from readiness.queries.pages.verdicts import Computation
from readiness.queries.past_cards import closed_then_card, nothing_judged_card, past_card
from readiness.queries.past_facts import PastAnswer
from readiness.queries.past_pages import Then, look_back, past_bar, past_head
from readiness.queries.scenes import Scene
from readiness.queries.trail import plan_titles
from readiness.queries.verdict_pages import changes_feed


def make_past_verdict(scene: Scene, moment: Moment) -> PastVerdict:
    """Fill the page as of a moment. Raises NoSuchMoment before the rollout's first entry."""
    then = look_back(scene, moment)
    asked = {question: then.answers[question] for question in Question if question in then.answers}
    titles = plan_titles(then.past.plan if then.past is not None else scene.plan)
    computations = () if then.closed else tuple(_computation(then, *each) for each in asked.items())
    return PastVerdict(
        past_head(then),
        past_bar(then),
        computations,
        changes_feed(then.scene, titles, moment.seq),
        None if computations else _without(then),
    )


def _without(then: Then) -> VerdictCard:
    return closed_then_card(then.scene) if then.closed else nothing_judged_card()


def _computation(then: Then, question: Question, answer: PastAnswer) -> Computation:
    kept, facts = answer.kept, answer.facts
    judged = kept.judged
    again = evaluate_verdict(facts, question, judged.evaluated_at).reasons if facts is not None else ()
    answered = Answered(
        question=question,
        decision=judged.decision,
        reasons=len(kept.reasons or again),
        verdict_id=judged.verdict_id,
        policy=judged.policy,
        kept=judged.facts,
        facts=facts,
        plan=answer.plan.digest if answer.plan is not None else "",
        plan_number=answer.plan_number,
        since_at=judged.evaluated_at,
    )
    return retell(answered, _band(then, answer), repeat_command(then.scene.rollout.key, question, kept))


def _band(then: Then, answer: PastAnswer) -> VerdictCard:
    card = past_card(then.scene, answer)
    name = f"verdict-{answer.kept.judged.question.value}"
    return replace(
        card,
        region=Region(name, ""),
        slim=True,
        reasons=(),
        rests_on=(),
        waivers=card.waivers or tuple(line for line in card.rests_on if line.state == "Waived"),
        how_url="",
        url=then.scene.url("board"),
        url_label="Back to the board",
    )
