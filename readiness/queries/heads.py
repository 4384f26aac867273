"""The head of a rollout's pages: its name, its tabs with what there is to resolve, holds in force, the way back."""

from collections.abc import Iterator

from readiness.core.conditions import Condition, ConditionKind
from readiness.core.permissions import Right
from readiness.core.phases import CLOSE, find_phase
from readiness.core.signoffs import PollAnswer
from readiness.core.types import Decision, Outcome, Question
from readiness.models import Hold
from readiness.queries.override_notes import override_notes
from readiness.queries.pages.board import RollBackBar
from readiness.queries.pages.parts import Fact, HoldNote, Link, RolloutHead, Tab
from readiness.queries.scenes import TRAVELS, Scene
from readiness.queries.words import phase_share

SHORT_COMMIT = 7
TABS = {
    "board": "board",
    "now": "board",
    "verdict": "board",
    "flags": "board",
    "phase": "phases",
    "report": "phases",
    "gate": "gates",
    "plan": "board",
}


def fill_head(scene: Scene) -> RolloutHead:
    """Fill the head of a page of this rollout."""
    plan, version = scene.plan, scene.rollout.plan
    return RolloutHead(
        key=scene.rollout.key,
        title=plan.title,
        url=scene.url("board"),
        tab=TABS.get(scene.address.page, scene.address.page),
        tabs=_tabs(scene),
        service=plan.service,
        owner=plan.owner,
        plan_version=version.number if version else 0,
        plan_digest=plan.digest,
        plan_url=scene.url("plan"),
        commits=source_commits(scene),
        actions=_actions(scene),
        rehearsal=plan.rehearsal,
        region=scene.region("head"),
        title_word=title_word(scene),
        holds=_holds(scene),
        overrides=override_notes(scene),
        travel_url=travel_url(scene),
    )


def travel_url(scene: Scene) -> str:
    """Give the address of the page itself where it can show any moment; of a phase that is gone, the board's."""
    page, about = scene.address.page, scene.address.about
    if page not in TRAVELS or (page == "phase" and not about):
        return ""
    gone = about and find_phase(scene.plan, about) is None
    return scene.url("board") if gone else scene.url(page, *filter(None, [about]))


def title_word(scene: Scene) -> str:
    """GO or NO-GO of the question that comes first; Closed once nothing is asked; a rehearsal says so first."""
    question = Question.CONTINUE if scene.rows.run else Question.ENTER
    answer = scene.answers.get(question)
    word = "GO" if answer and answer.verdict.decision is Decision.GO else "NO-GO"
    if scene.rows.run is None and scene.rows.following is None:
        word = "Closed"
    return f"REHEARSAL {word}" if scene.plan.rehearsal else word


def _tabs(scene: Scene) -> tuple[Tab, ...]:
    phase = scene.running or scene.rows.following or scene.plan.phases[-1]
    polled = scene.rows.following or scene.plan.close or scene.plan.phases[-1]
    gates = [c for c in current_gates(scene) if scene.judge(c).outcome not in (Outcome.MET, Outcome.WAIVED)]
    silent = [station for station in scene.case.stations if station.answer is not PollAnswer.GO]
    return (
        Tab("board", "Board", scene.url("board")),
        Tab("phases", "Phases", scene.url("phase", phase.key)),
        Tab("gates", "Gates", scene.url("gates"), len({gate.key for gate in gates})),
        Tab("gaps", "Gaps", scene.url("gaps"), sum(not state.closed for state in scene.case.gaps)),
        Tab("sign-offs", "Sign-offs", scene.url("sign-off", polled.key), len(silent)),
        Tab("audit", "Audit", scene.url("audit")),
    )


def current_gates(scene: Scene) -> Iterator[Condition]:
    """Give the gates that entering the next phase rests on, gaps included."""
    facts = scene.facts
    judged = (*facts.complete, *facts.enter, *(c for gap in facts.gaps for c in gap.conditions))
    return (each.condition for each in judged if each.condition.kind is ConditionKind.GATE)


def source_commits(scene: Scene) -> tuple[Fact, ...]:
    """Name the newest commit that was read of each git source."""
    git = {source.key for source in scene.plan.sources if source.kind == "git"}
    found: dict[str, tuple[str, str]] = {}
    for check in scene.plan.checks:
        row = scene.rows.observations.get(check.path)
        if check.check is None or check.check.source not in git or row is None or not row.payload:
            continue
        at, version = str(row.payload.get("checked_at", "")), str(row.payload.get("version", ""))
        if version:
            found[check.check.source] = max(found.get(check.check.source, ("", "")), (at, version))
    return tuple(Fact(source, version[:SHORT_COMMIT], mono=True) for source, (_, version) in found.items())


def _actions(scene: Scene) -> tuple[Link, ...]:
    following, about = scene.rows.following, scene.address.about
    actions: list[Link] = []
    if scene.rows.closed_at is not None:
        actions.append(Link("Final report", scene.url("report", CLOSE), dialog=False))
    elif scene.address.page == "phase" and scene.rows.runs.get(about):
        actions.append(Link("Decision record", scene.url("report", about), dialog=False))
    if following is not None and _breaks_glass_here(scene, following.key):
        actions.append(Link("Break glass", scene.url("break-glass", following.key)))
    if scene.may(Right.CALL_HOLD) and (scene.rows.run is not None or following is not None):
        actions.append(Link("Call a hold", scene.url("hold")))
    return tuple(actions)


def _breaks_glass_here(scene: Scene, following: str) -> bool:
    """On the page of the next phase, for whoever may ask, where the plan lets anybody."""
    address, answer = scene.address, scene.answers.get(Question.ENTER)
    is_here = address.page == "phase" and address.about == following and following != CLOSE
    go = answer is not None and answer.verdict.decision is Decision.GO
    return is_here and not go and bool(scene.plan.authority.break_glass) and scene.may(Right.ASK_OVERRIDE)


def _holds(scene: Scene) -> tuple[HoldNote, ...]:
    if not scene.rows.holds:
        return ()
    may_lift = scene.may(Right.LIFT_HOLD)
    rows = Hold.objects.filter(rollout=scene.rollout, lifted_at=None).order_by("called_at")
    return tuple(
        HoldNote(
            name=row.by_name,
            title=scene.titles.get(row.by_role, row.by_role) or "on this rollout",
            reason=row.reason,
            called_at=row.called_at,
            lift_url=scene.url("lift-hold", row.pk) if may_lift or row.by_id == scene.reader.person.id else "",
        )
        for row in rows
    )


def fill_bar(scene: Scene) -> RollBackBar:
    """Keep the way back in reach while a share of traffic is on the new version."""
    running = scene.running
    share = phase_share(scene.plan, running)
    if running is None or running.key == CLOSE or not share:
        return RollBackBar(scene.region("bar"), 0.0)
    url = scene.url("roll-back") if scene.may(Right.ROLL_BACK) else ""
    return RollBackBar(scene.region("bar"), share, f"{running.title} runs.", url, scene.url("now"))
