"""All rollouts on one page, in a constant number of queries: those that wait for the reader, GO, NO-GO, the rest."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from readiness.core.codec import from_plain
from readiness.core.phases import CLOSE, find_phase, phase_after
from readiness.core.plan import Phase, Plan
from readiness.core.reasons import reason_sentence, reason_word
from readiness.core.types import Decision, Outcome, Person, Question, Reason, Verdict
from readiness.core.verdict import verdict_as_read
from readiness.models import PhaseRun, RoleGrant, Rollout, StoredVerdict
from readiness.queries.pages.parts import Live, Region
from readiness.queries.pages.portfolio import AskCard, PortfolioCard, PortfolioPage, PortfolioRow
from readiness.queries.plans import load_plan
from readiness.queries.sequences import ENDED
from readiness.queries.verdicts import enter_sentence, waits_for_time
from readiness.queries.words import phase_share, without_stop

REGION = "rollouts"
MET = (Outcome.MET, Outcome.WAIVED)
ORDER = {"ask": 0, "GO": 1, "NO-GO": 2, "Waits": 3, "Done": 4, "Not set up": 5}


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is stored about one rollout: its answers by question, its runs in order, the reader's roles."""

    rollout: Rollout
    answers: Mapping[str, tuple[Verdict, datetime]]
    runs: tuple[PhaseRun, ...]
    roles: frozenset[str]

    @property
    def running(self) -> PhaseRun | None:
        return next((run for run in self.runs if run.state == "running"), None)

    @property
    def closed(self) -> bool:
        return any(run.phase == CLOSE for run in self.runs)


def make_portfolio(person: Person, now: datetime, live: Live) -> PortfolioPage:
    """Fill the page."""
    stored = _load_stored(person, now)
    asks = [ask for each in stored if (ask := _ask_card(each)) is not None]
    rows = sorted((_row(each) for each in stored), key=lambda row: (ORDER[row.word], row.title))
    url = reverse("region-all", args=["portfolio", REGION])
    return PortfolioPage(
        rollouts=PortfolioCard(Region(REGION, url), tuple(rows)),
        today=now.date(),
        live=live,
        ask=asks[0] if asks else None,
        import_url=reverse("import-plan"),
    )


def _load_stored(person: Person, now: datetime) -> list[_Stored]:
    answers: dict[int, dict[str, tuple[Verdict, datetime]]] = defaultdict(dict)
    for stored in StoredVerdict.objects.all():
        verdict = verdict_as_read(from_plain(Verdict, stored.payload), now)
        answers[stored.rollout_id][stored.question] = (verdict, stored.since_at)
    runs: dict[int, list[PhaseRun]] = defaultdict(list)
    for run in PhaseRun.objects.order_by("entered_at", "pk"):
        runs[run.rollout_id].append(run)
    roles: dict[int, set[str]] = defaultdict(set)
    for grant in RoleGrant.objects.filter(person_id=person.id, revoked_at=None):
        roles[grant.rollout_id].add(grant.key)
    rollouts = Rollout.objects.exclude(plan=None).select_related("plan").defer("plan__text", "plan__document")
    return [_Stored(r, answers[r.pk], tuple(runs[r.pk]), frozenset(roles[r.pk])) for r in rollouts]


def _row(stored: _Stored) -> PortfolioRow:
    rollout, plan = stored.rollout, load_plan(stored.rollout)
    url = reverse("board", args=[rollout.key])
    if stored.closed:
        done = tuple("Done" for _ in plan.phases)
        return PortfolioRow(
            rollout.key, rollout.title, url, "Done", "Closed", "", "", done, 0, 0, plan.owner, quiet=True
        )
    running = find_phase(plan, stored.running.phase) if stored.running else None
    answer = stored.answers.get(Question.CONTINUE if running else Question.ENTER)
    if answer is None:
        decision = "Nothing has been judged yet"
        return PortfolioRow(
            rollout.key, rollout.title, url, "NO-GO", decision, "", "", _steps(stored, plan), 0, 0, plan.owner
        )
    verdict, since_at = answer
    entering = stored.answers.get(Question.ENTER, answer)[0]
    reason = next(iter(verdict.reasons or entering.reasons), None)
    return PortfolioRow(
        key=rollout.key,
        title=rollout.title,
        url=url,
        word="GO" if verdict.decision is Decision.GO else "Waits" if waits_for_time(verdict) else "NO-GO",
        decision=_decision(plan, running, verdict),
        reason=without_stop(reason_sentence(reason)) if reason else "",
        reason_state=reason_word(reason) if reason else "",
        steps=_steps(stored, plan),
        met=sum(a.outcome in MET for a in entering.assessments),
        total=len(entering.assessments),
        owner=plan.owner,
        note=_more(verdict.reasons),
        since_at=since_at,
        share=phase_share(running) if running else 0.0,
    )


def _decision(plan: Plan, running: Phase | None, verdict: Verdict) -> str:
    go = verdict.decision is Decision.GO
    if running is not None:
        return f"{running.title} {'may' if go else 'can’t'} continue"
    following = phase_after(plan, None)
    return enter_sentence(following, go, first=True) if following else "Nothing can be entered"


def _more(reasons: tuple[Reason, ...]) -> str:
    more = len(reasons) - 1
    return f"{more} more {'reason' if more == 1 else 'reasons'}" if more > 0 else ""


def _steps(stored: _Stored, plan: Plan) -> tuple[str, ...]:
    states = {run.phase: ENDED.get(run.state, "Running") for run in stored.runs}
    running = stored.running
    following = phase_after(plan, None)
    if running is None and following is not None:
        answer = stored.answers.get(Question.ENTER)
        states[following.key] = "GO" if answer and answer[0].decision is Decision.GO else "NO-GO"
    return tuple(states.get(phase.key, "Not due") for phase in plan.phases)


def _ask_card(stored: _Stored) -> AskCard | None:
    """Ask the reader to sign, where nothing but signatures is missing and one of them is theirs."""
    answer = stored.answers.get(Question.ENTER)
    if answer is None or stored.closed:
        return None
    reasons = answer[0].reasons
    mine = [r for r in reasons if r.kind == "sign_off" and r.key in stored.roles]
    if not mine or any(r.kind not in ("sign_off", "phase") for r in reasons):
        return None
    url = f"{reverse('sign-off', args=[stored.rollout.key, answer[0].phase])}?role={mine[0].key}"
    why = f"Everything else holds. You answer for {mine[0].title}."
    return AskCard(
        f"{stored.rollout.title}: your answer is missing", why, "No answer", f"Answer for {mine[0].title}", url
    )
