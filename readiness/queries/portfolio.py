"""All rollouts on one page: what waits for the reader first, then GO, NO-GO, and what is done or not set up."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from readiness.core.audit import REHEARSAL
from readiness.core.forecast_types import Milestone
from readiness.core.permissions import last_roles
from readiness.core.phases import CLOSE, asked_phases, find_phase, phase_after
from readiness.core.plan import Phase, Plan
from readiness.core.reasons import reason_sentence, reason_word
from readiness.core.types import Decision, Outcome, Person, Question, Reason, Verdict
from readiness.models import PhaseRun, RoleGrant, Rollout, StoredVerdict
from readiness.queries.pages.parts import Live, Region
from readiness.queries.pages.portfolio import AskCard, PortfolioCard, PortfolioPage, PortfolioRow
from readiness.queries.plans import is_rehearsal, load_plan
from readiness.queries.portfolio_dates import granted_note, last_day, load_next_begins, with_date
from readiness.queries.scenes import Address, Answer, stored_answers
from readiness.queries.sequences import run_states
from readiness.queries.trigger_notes import SPEAKING
from readiness.queries.verdicts import enter_sentence, waits_for_time
from readiness.queries.words import lower_first, phase_name, phase_share, without_stop

ORDER = ("GO", "Waits", "NO-GO", "Rehearsed", "Not set up", "Closed")
SIGNATURES = frozenset({"SIGN_OFF_MISSING", "SIGN_OFF_VOID", "SIGN_OFF_EXPIRED"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One rollout with what its row needs."""

    rollout: Rollout
    plan: Plan | None
    runs: Sequence[tuple[str, str]]
    answers: Mapping[Question, Answer]
    roles: frozenset[str]

    @property
    def running(self) -> Phase | None:
        """The phase that runs."""
        key = next((phase for phase, state in self.runs if state == "running"), None)
        return find_phase(self.plan, key) if self.plan and key else None

    @property
    def following(self) -> Phase | None:
        """The phase that would be entered next; None when closed."""
        if self.plan is None or any(phase == CLOSE for phase, _ in self.runs):
            return None
        return phase_after(self.plan, self.running.key if self.running else None)

    @property
    def answer(self) -> Answer | None:
        """The answer to the question that is asked first."""
        return self.answers.get(Question.CONTINUE if self.running else Question.ENTER)


def load_portfolio(person: Person, address: Address, now: datetime, live: Live) -> PortfolioPage:
    """Read all rollouts for a reader, in a constant number of queries."""
    listed = _load_listed(person, now)
    asks = {each.rollout.key: ask for each in listed if (ask := _ask(each)) is not None}
    begins, today = load_next_begins(), now.date()
    last = last_day(begins.values(), today)
    rows = [with_date(portfolio_row(each), _forecast_of(each, begins), today, last) for each in listed]
    rows.sort(key=lambda row: (row.key not in asks, ORDER.index(row.word), row.title))
    region = Region("rollouts", reverse("region-all", args=[address.slug, "rollouts"]))
    return PortfolioPage(
        rollouts=PortfolioCard(region, tuple(rows), f"to {last.day} {last:%b}" if begins else ""),
        today=today,
        live=live,
        ask=next((asks[row.key] for row in rows if row.key in asks), None),
        import_url=reverse("import-plan"),
    )


def _forecast_of(each: Listed, begins: Mapping[str, Milestone]) -> Milestone | None:
    """Give when the next phase can begin; a forecast of another phase is out of date and says nothing."""
    found = begins.get(each.rollout.key)
    return found if found is not None and each.following is not None and found.key == each.following.key else None


def _load_listed(person: Person, now: datetime) -> list[Listed]:
    rollouts = Rollout.objects.select_related("plan").defer("plan__text", "plan__document").order_by("key")
    stored: dict[int, list[StoredVerdict]] = defaultdict(list)
    for row in StoredVerdict.objects.all():
        stored[row.rollout_id].append(row)
    runs: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, phase, state in PhaseRun.objects.order_by("entered_at", "pk").values_list("rollout", "phase", "state"):
        runs[pk].append((phase, state))
    roles: dict[int, set[str]] = defaultdict(set)
    grants = RoleGrant.objects.filter(person_id=person.id, revoked_at=None)
    for pk, key in grants.values_list("rollout", "key"):
        roles[pk].add(key)
    roles |= {r.pk: {role.key for role in load_plan(r).roles} for r in rollouts if r.pk in roles and is_rehearsal(r)}
    return [_listed(r, runs[r.pk], stored[r.pk], frozenset(roles[r.pk]), now) for r in rollouts]


def _listed(
    rollout: Rollout,
    runs: Sequence[tuple[str, str]],
    stored: Sequence[StoredVerdict],
    roles: frozenset[str],
    now: datetime,
) -> Listed:
    if rollout.plan is None:
        return Listed(rollout, None, runs, {}, roles)
    plan, running = load_plan(rollout), next((phase for phase, state in runs if state == "running"), None)
    asked = asked_phases(plan, running, any(phase == CLOSE for phase, _ in runs))
    return Listed(rollout, plan, runs, stored_answers(stored, asked, now), roles)


def portfolio_row(each: Listed) -> PortfolioRow:
    """Show one rollout."""
    url = reverse("board", args=[each.rollout.key])
    if each.plan is None:
        return PortfolioRow(
            each.rollout.key, each.rollout.title, url, "Not set up", "No plan yet", "", "", (), 0, 0, quiet=True
        )
    states = run_states(each.plan, each.runs, each.following, each.answers)
    judged = each.answers.get(Question.ENTER)
    assessments = judged.verdict.assessments if judged else ()
    reason, reason_state = _main_reason(each)
    return PortfolioRow(
        key=each.rollout.key,
        title=each.plan.title,
        url=url,
        word=_word(each),
        decision=_decision(each),
        reason=reason,
        reason_state=reason_state,
        steps=tuple(states[phase.key] for phase in each.plan.phases),
        met=sum(assessment.outcome is Outcome.MET for assessment in assessments),
        total=len(assessments),
        owner=each.plan.owner or each.plan.service,
        note="REHEARSAL" if each.plan.rehearsal else "",
        since_at=each.answer.since_at if each.answer else None,
        ready_note=granted_note(judged),
        share=phase_share(each.plan, each.running),
        quiet=each.following is None,
    )


def _word(each: Listed) -> str:
    if each.following is None and each.running is None:
        return "Closed"
    if each.answer is None:
        return "NO-GO"
    if each.answer.verdict.decision is Decision.GO:
        return "Rehearsed" if each.plan is not None and each.plan.rehearsal else "GO"
    return "Waits" if waits_for_time(each.answer.verdict) else "NO-GO"


def _decision(each: Listed) -> str:
    running, following = each.running, each.following
    go = each.answer is not None and each.answer.verdict.decision is Decision.GO
    if running is not None:
        return f"{running.title} runs" if go else f"{running.title} can’t continue"
    return enter_sentence(following, go, first=True) if following is not None else "Closed"


def _main_reason(each: Listed) -> tuple[str, str]:
    """The worst reason of the first question; when that is GO, what stands before the next phase."""
    for question in (Question.CONTINUE, Question.ENTER):
        answer = each.answers.get(question)
        if answer is not None and answer.verdict.reasons:
            reason = answer.verdict.reasons[0]
            lead = "Next phase: " if question is Question.ENTER and each.running else ""
            said = _said(answer.verdict.reasons)
            return f"{lead}{lower_first(said) if lead else said}", reason_word(reason)
    judged = bool(each.answers) or each.following is None
    return ("", "") if judged else ("Nothing has been judged yet", "No data")


def _said(reasons: Sequence[Reason]) -> str:
    """The worst reason; open gaps are counted, because one of them alone would hide the others."""
    gaps = sum(reason.code == "GAP_OPEN" for reason in reasons)
    if reasons[0].code == "GAP_OPEN" and gaps > 1:
        return f"{gaps} gaps are open"
    return without_stop(reason_sentence(reasons[0]))


# ------------------------------------------------------------------------------------- what waits for the reader


def _ask(each: Listed) -> AskCard | None:
    """What only the reader's roles can do now: answer a trigger, sign, enter."""
    if each.plan is None or not each.roles:
        return None
    rehearsed = REHEARSAL if each.plan.rehearsal else ""
    spoken = _first(each, Question.CONTINUE, lambda reason: reason.code in SPEAKING and reason.owner in each.roles)
    if spoken is not None:
        why, url = reason_sentence(spoken), reverse("now", args=[each.rollout.key])
        return AskCard(f"{rehearsed}{each.plan.title}: {spoken.title}", why, "NO-GO", "Decide now", url)
    following, entering = each.following, each.answers.get(Question.ENTER)
    if following is None or entering is None:
        return None
    title = f"{rehearsed}{each.plan.title}: {lower_first(phase_name(following))}, {following.title}?"
    if entering.verdict.decision is Decision.GO:
        may_enter = each.roles & set(last_roles(each.plan, following))
        url = reverse("enter", args=[each.rollout.key, following.key])
        word = "Rehearsed" if each.plan.rehearsal else "GO"
        why = "Everything that was asked holds. It waits for you to enter it."
        return AskCard(title, why, word, "Enter", url) if may_enter else None
    return _signing(each, following, entering.verdict, title)


def _signing(each: Listed, following: Phase, verdict: Verdict, title: str) -> AskCard | None:
    if not {reason.code for reason in verdict.reasons} <= SIGNATURES:
        return None
    mine = _first(each, Question.ENTER, lambda reason: reason.key in each.roles)
    last = following.sign_off.last if following.sign_off else ""
    others_open = any(reason.key != last for reason in verdict.reasons)
    if mine is None or (mine.key == last and others_open):
        return None
    url = f"{reverse('sign-off', args=[each.rollout.key, following.key])}?role={mine.key}"
    return AskCard(title, f"Nothing else stands in the way. {reason_sentence(mine)}", "NO-GO", "Review and answer", url)


def _first(each: Listed, question: Question, fits: Callable[[Reason], bool]) -> Reason | None:
    answer = each.answers.get(question)
    return next((reason for reason in answer.verdict.reasons if fits(reason)), None) if answer else None
