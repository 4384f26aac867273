"""Everything stored about a rollout that a verdict rests on, read in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Subquery

from readiness.core.canonical import digest_of
from readiness.core.codec import from_plain
from readiness.core.conditions import Condition
from readiness.core.facts import FiringFacts, HoldFacts, OverrideFacts, RecordFacts, SignatureFacts, SinceFacts
from readiness.core.material import practice_of
from readiness.core.phases import CLOSE, RunState, find_phase, phase_after
from readiness.core.plan import Phase, Plan
from readiness.core.types import (
    BaselineFacts,
    ClaimFacts,
    DrillFacts,
    Person,
    ReviewFacts,
)
from readiness.core.watchlist import observation_path, observed_definition
from readiness.models import (
    Baseline,
    DrillRecord,
    Firing,
    FlagState,
    GapClosure,
    Hold,
    Observation,
    Override,
    PhaseRun,
    RecordCheck,
    ReviewRecord,
    RoleGrant,
    Rollback,
    Rollout,
    SignerState,
    SignOff,
    StoredVerdict,
    Waiver,
)
from readiness.queries.brought import load_claims
from readiness.queries.changers import Changers, changers_of
from readiness.queries.flags import load_flag_states
from readiness.queries.plans import load_plan
from readiness.queries.replays import confirmed_differences
from readiness.queries.states import row_state
from readiness.queries.waivers import load_waivers

LOWERED = (RunState.ROLLED_BACK, RunState.ABORTED)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one rollout, by what they are looked up with."""

    rollout: Rollout
    plan: Plan
    changers: Changers
    run: PhaseRun | None
    runs: dict[str, int]
    following: Phase | None
    claims: dict[str, list[ClaimFacts]]
    ended: dict[str, list[ClaimFacts]]
    observations: dict[str, Observation]
    baselines: dict[tuple[str, str], BaselineFacts]
    closures: dict[tuple[str, str], GapClosure]
    drills: dict[str, DrillFacts]
    reviews: dict[str, ReviewFacts]
    members: dict[str, tuple[Person, ...]]
    firings: dict[str, list[FiringFacts]]
    holds: tuple[HoldFacts, ...]
    signatures: tuple[SignatureFacts, ...]
    waivers: dict[str, Waiver]
    record: RecordFacts
    overrides: tuple[OverrideFacts, ...]
    closed_at: datetime | None
    flags: dict[str, FlagState] = field(default_factory=dict)
    back: Rollback | None = None  # the way back that led to the running phase

    def observation(self, condition: Condition) -> Observation | None:
        """Give the newest observation of a condition; one of another query, file or limit is none."""
        row = self.observations.get(observation_path(self.plan, condition))
        return row if row is not None and row.definition == observed_definition(condition) else None


def load_rows(rollout: Rollout, phase: Phase | None = None) -> Rows:
    """Read the rows of a rollout; `phase` asks about entering another phase than the next one."""
    plan = load_plan(rollout)
    runs = list(PhaseRun.objects.filter(rollout=rollout).select_related("clock", "override"))
    run = next((r for r in runs if r.state == "running"), None)
    counts = {key: sum(r.phase == key for r in runs) for key in {r.phase for r in runs}}
    closed_at = next((r.entered_at for r in runs if r.phase == CLOSE), None)
    claims, ended = load_claims(rollout, plan)
    following = None if closed_at else phase or phase_after(plan, run.phase if run else None)
    return Rows(
        rollout=rollout,
        plan=plan,
        changers=changers_of(rollout.plan),
        run=run,
        runs=counts,
        following=following,
        claims=claims,
        ended=ended,
        observations={row.path: row for row in Observation.objects.filter(rollout=rollout).defer("trail")},
        baselines=load_baselines(rollout),
        closures={(c.gap, c.task): c for c in GapClosure.objects.filter(rollout=rollout, reopened_at=None)},
        drills=_drills(DrillRecord.objects.filter(rollout=rollout).order_by("ran_at"), plan),
        reviews=_reviews(ReviewRecord.objects.filter(rollout=rollout).order_by("reviewed_at")),
        members=_members(rollout),
        firings=_firings(run),
        holds=_holds(rollout),
        signatures=_signatures(rollout, following, counts),
        waivers=load_waivers(rollout, plan),
        record=load_record_facts(rollout.key),
        overrides=_overrides(runs, plan),
        closed_at=closed_at,
        flags=load_flag_states(rollout, plan),
        back=_way_back(runs, run),
    )


def _way_back(runs: Iterable[PhaseRun], run: PhaseRun | None) -> Rollback | None:
    """Give the way back that led here; it is only looked for where one was taken."""
    lowered = [each for each in runs if run and each.left_at == run.entered_at and each.state in LOWERED]
    return Rollback.objects.filter(run=lowered[-1]).order_by("-started_at").first() if lowered else None


def load_since(rollout: Rollout, question: str) -> tuple[SinceFacts, ...]:
    """Since when each reason of the stored verdict has stood."""
    stored = StoredVerdict.objects.filter(rollout=rollout, question=question).first()
    reasons = stored.payload["reasons"] if stored is not None else []
    return tuple(
        from_plain(SinceFacts, {"reason": f"{r['code']} {r['kind']}:{r['key']} {r['path']}", "at": r["since_at"]})
        for r in reasons
        if r["since_at"]
    )


def load_baselines(rollout: Rollout) -> dict[tuple[str, str], BaselineFacts]:
    """Give what was recorded last for each baseline and gate."""
    rows = Baseline.objects.filter(rollout=rollout, replaced_at=None)
    return {
        (b.baseline, b.gate): BaselineFacts(b.baseline, b.value, b.recorded_at, Person(b.by_id, b.by_name), b.query)
        for b in rows
    }


def _drills(rows: Iterable[DrillRecord], plan: Plan) -> dict[str, DrillFacts]:
    """The newest run of each drill as the plan has it now; a run of what it had before is none of it."""
    practice = {condition.key: practice_of(condition) for condition in plan.drills}
    newest = {r.drill: r for r in rows if r.practised == practice.get(r.drill)}
    return {
        key: DrillFacts(r.ran_at, r.took, r.passed, Person(r.by_id, r.by_name), r.note, digest_of(row_state(r)))
        for key, r in newest.items()
    }


def _reviews(rows: Iterable[ReviewRecord]) -> dict[str, ReviewFacts]:
    """The newest score of each review."""
    newest = {r.review: r for r in rows}
    return {key: _review_facts(row) for key, row in newest.items()}


def _review_facts(row: ReviewRecord) -> ReviewFacts:
    by, record = Person(row.by_id, row.by_name), digest_of(row_state(row))
    return ReviewFacts(float(row.score), by, row.reviewed_at, note=row.note, record=record)


def _members(rollout: Rollout) -> dict[str, tuple[Person, ...]]:
    found: dict[str, list[Person]] = defaultdict(list)
    grants = RoleGrant.objects.filter(rollout=rollout, kind=RoleGrant.GROUP, revoked_at=None)
    for grant in grants.order_by("person_name", "person_id"):
        found[grant.key].append(Person(grant.person_id, grant.person_name))
    return {key: tuple(people) for key, people in found.items()}


def _firings(run: PhaseRun | None) -> dict[str, list[FiringFacts]]:
    found: dict[str, list[FiringFacts]] = defaultdict(list)
    if run is None:
        return found
    for f in Firing.objects.filter(run=run).order_by("fired_at"):
        found[f.path].append(FiringFacts(f.fired_at, f.cleared_at, f.answer, f.continue_until, f.reason, f.by_name))
    return found


def _holds(rollout: Rollout) -> tuple[HoldFacts, ...]:
    rows = Hold.objects.filter(rollout=rollout, lifted_at=None).order_by("called_at")
    return tuple(HoldFacts(Person(h.by_id, h.by_name), h.by_role, h.reason, h.called_at, h.pk) for h in rows)


def _overrides(runs: Iterable[PhaseRun], plan: Plan) -> tuple[OverrideFacts, ...]:
    """Give the runs that were entered without GO and nobody has closed, oldest first."""
    open_ones = (run for run in runs if hasattr(run, "override") and run.override.closed_at is None)
    return tuple(_override_facts(run, run.override, plan) for run in sorted(open_ones, key=lambda run: run.pk))


def _override_facts(run: PhaseRun, row: Override, plan: Plan) -> OverrideFacts:
    phase = find_phase(plan, row.phase)
    return OverrideFacts(
        id=row.pk,
        phase=row.phase,
        title=phase.title if phase is not None else row.phase,
        run=run.number,
        running=run.state == "running",
        by=Person(row.by_id, row.by_name),
        confirmed_by=Person(row.confirmed_by_id, row.confirmed_by_name),
        reason=row.reason,
        entered_at=run.entered_at,
    )


def _signatures(rollout: Rollout, following: Phase | None, counts: dict[str, int]) -> tuple[SignatureFacts, ...]:
    if following is None:
        return ()
    run = counts.get(following.key, 0) + 1
    rows = SignOff.objects.filter(rollout=rollout, phase=following.key, run=run).select_related("end")
    return tuple(
        SignatureFacts(
            s.pk,
            s.role,
            Person(s.by_id, s.by_name),
            s.go,
            s.reason,
            s.signed_at,
            s.expires_at,
            s.material,
            s.end.why if hasattr(s, "end") else "",
        )
        for s in rows.order_by("pk")
    )


def load_record_facts(rollout_key: str) -> RecordFacts:
    """What the last verification of the record said or the signer refused, and which rows are not what it says."""
    refused = SignerState.objects.values("problem")[:1]
    check = RecordCheck.objects.annotate(refused=Subquery(refused)).first()
    if check is None:
        return RecordFacts(None, 0)
    looks = (check.verified_at, check.tables_at)
    both = [at for at in looks if at is not None]
    verified_at = min(both) if len(both) == len(looks) else None
    problem = check.problem or check.refused or ""
    return RecordFacts(verified_at, check.size, problem, confirmed_differences(check, rollout_key))
