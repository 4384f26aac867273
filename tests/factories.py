"""Rows for tests, made as people and machines make them: through the services, wherever one exists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.contrib.auth.models import User

from readiness.core.audit import Act, Actor, ActorType, Auth, Channel, ChannelKind
from readiness.core.canonical import digest_bytes
from readiness.core.codec import to_plain
from readiness.core.phases import find_phase, plan_sequence
from readiness.core.types import (
    CheckObservation,
    Finding,
    GateObservation,
    Person,
    Reading,
    SeriesValue,
    Trouble,
    Window,
)
from readiness.core.watchlist import observed_definition, watchlist
from readiness.models import DwellClock, Firing, Measurement, Observation, PhaseRun, RecordCheck, RoleGrant, Rollout
from readiness.queries.plans import load_plan, load_rollout
from readiness.services.flag_states import authorise_flags
from readiness.services.observations import sync_observations, watched_by
from readiness.services.people import Grant, NewPerson, add_person, grant_role, person_id
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from readiness.services.verdicts import judge_rollout

NOW = datetime(2025, 12, 8, 9, 30, tzinfo=UTC)
PLANS = Path(__file__).resolve().parent.parent / "plans"
PASSWORD = "correct horse battery"
PEOPLE = {
    "release-manager": "Ana Ruiz",
    "backend-lead": "Ben Okafor",
    "devops-lead": "Chloe Martin",
    "performance-engineer": "Dev Patel",
    "sre-lead": "Elif Kaya",
    "verification-lead": "Finn Larsen",
    "product-planner": "Grace Kim",
    "engineering-manager": "Hugo Lind",
}


def shell_act():
    """An act of the operator at the shell."""
    return Act(Actor(ActorType.SERVICE, "shell:tests", "tests"), Channel(ChannelKind.SHELL))


def machine_act():
    """An act of the machine."""
    return Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), Channel(ChannelKind.BEAT))


def person_of(user):
    """The person behind an account."""
    return Person(person_id(user), user.get_full_name())


def act_as(user, *, age_s=0, now=NOW):
    """An act of a person who proved who they are `age_s` seconds ago."""
    person = person_of(user)
    auth = Auth(("password",), now - timedelta(seconds=age_s), age_s)
    return Act(Actor(ActorType.USER, person.id, person.name), Channel(ChannelKind.WEB), auth)


def make_person(name, *, is_admin=False):
    """Find or make an account; people sign in with their first name."""
    username = name.split()[0].lower()
    found = User.objects.filter(username=username).first()
    return found or add_person(NewPerson(username, name, PASSWORD, is_admin), shell_act(), by_admin=True)


def make_rollout(text="", *, now=NOW, staffed=True):
    """Import a plan (the quickstart without a text) and give every role its person; the record is verified just now."""
    text = text or (PLANS / "quickstart.yaml").read_text(encoding="utf-8")
    draft = read_plan(text)
    key = import_plan(draft, text, shell_act(), now).rollout
    for role in draft.plan.roles if staffed else ():
        give_role(key, make_person(PEOPLE.get(role.key, f"{role.title} Person")), role.key, now=now)
    verify(now)
    return load_rollout(key)


def give_role(rollout_key, user, role, *, kind=RoleGrant.ROLE, now=NOW):
    """Give a person a role, a group or membership."""
    grant_role(rollout_key, Grant(person_of(user), kind, role), shell_act(), now)
    return user


def verify(now=NOW, problem=""):
    """Say that the record was verified at a moment."""
    RecordCheck.objects.update_or_create(
        pk=1, defaults={"verified_at": now, "tables_at": now, "size": 1, "problem": problem}
    )


def judge(rollout, now=NOW):
    """Judge a rollout and keep the answer, as the worker does."""
    return judge_rollout(rollout.key, machine_act(), now)


def start_phase(rollout, phase, *, now=NOW, entered_at=None, counted_s=0, number=1):
    """Let a phase run without asking for a GO."""
    run = PhaseRun.objects.create(
        rollout=rollout, phase=phase, number=number, entered_at=entered_at or now, by_id="u:0", by_name="Ana Ruiz"
    )
    DwellClock.objects.create(run=run, counted_s=counted_s, ticked_at=now)
    plan = load_plan(rollout)
    authorise_flags(rollout, plan, find_phase(plan, phase), shell_act(), entered_at or now)
    sync_observations(rollout, plan, phase, now)
    return run


def fire(run, path, *, found="5 %", at=NOW):
    """Let an abort trigger have fired."""
    return Firing.objects.create(run=run, path=path, found=found, fired_at=at)


def gate_reading(value, now=NOW, *, age=timedelta(seconds=5), trouble=Trouble.NONE, message="", labels="",
                 query=""):  # fmt: skip
    """What a source answered to a query: one series, none (`value` is None), or trouble."""
    values = () if value is None else (SeriesValue(labels, value),)
    sampled_at = now - age if values else None
    return Reading(query, "metrics", now, trouble, message, values, sampled_at)


def observe_gate(rollout, path, value, now=NOW, *, held=timedelta(hours=1), breached=None, comparand=None, **more):
    """Keep what was measured of a gate: held for `held`, or breached for `breached`."""
    window = Window(
        now - timedelta(hours=2),
        now,
        None if breached is not None else now - held,
        now - breached if breached is not None else None,
        0.0 if breached is not None else 1.0,
    )
    query, against = _asked_queries(rollout, path)
    other = gate_reading(comparand, now, query=against) if None not in (comparand, against) else None
    seen = GateObservation(gate_reading(value, now, query=query, **more), other, window=window)
    _observe(rollout, path, to_plain(seen), now)


def _asked_queries(rollout, path):
    """The query of the gate that is watched under a path, and that of what it compares with."""
    watched = _watched(rollout).get(path)
    spec = watched.condition.gate if watched else None
    return (spec.query, spec.against.query if spec.against else None) if spec else ("", None)


def observe_check(rollout, path, *, finding=Finding.FITS, detail="", now=NOW, commit="5d54816aa", trouble=Trouble.NONE):
    """Keep what a check found."""
    seen = CheckObservation(now, finding, path, detail or f"{path} {finding}", commit, digest_bytes(b""), trouble)
    _observe(rollout, path, to_plain(seen), now)


def _watched(rollout):
    """Everything that is watched in some phase, and last what is watched now, by its path."""
    plan = load_plan(rollout)
    watched = {w.path: w for phase in plan_sequence(plan) for w in watchlist(plan, phase.key, None)}
    return watched | watched_by(rollout, plan)


def _observe(rollout, path, payload, now):
    rows = Observation.objects.filter(rollout=rollout, path=path)
    watched = _watched(rollout)
    definition = observed_definition(watched[path].condition) if path in watched else ""
    assert rows.update(payload=payload, definition=definition, collected_at=now), f"nothing watches {path}"


def observe_all(rollout, now=NOW, values=None):
    """Keep a good observation of everything that is watched; `values` gives gates another value by their key."""
    plan = load_plan(rollout)
    good = {"checkout-p99": 0.2, "checkout-p99-canary": 0.2, "checkout-p99-change": 0.2, "canary-traffic": 40.0}
    for row in Observation.objects.filter(rollout=rollout):
        key = row.path.partition("gate:")[2].partition("/")[0]
        if row.kind == Observation.GATE:
            relative = any(gate.key == key and gate.gate.against for gate in plan.gates)
            value = {**good, **(values or {})}.get(key, 0.001)
            observe_gate(rollout, row.path, value, now, comparand=0.2 if relative else None)
        else:
            observe_check(rollout, row.path, now=now)


def measure(rollout, path, outcomes, *, now=NOW, every=timedelta(seconds=15)):
    """Keep a history of a gate, oldest first: "m" met, "w" not yet long enough, "b" breached, "n" no data."""
    words = {"m": ("MET", ""), "w": ("NOT_MET", "GATE_NOT_SUSTAINED"), "b": ("NOT_MET", "GATE_BREACHED")}
    for back, letter in enumerate(reversed(outcomes)):
        outcome, code = words.get(letter, ("UNKNOWN", "GATE_NO_DATA"))
        at = now - every * back
        Measurement.objects.create(
            rollout=rollout,
            path=path,
            source="metrics",
            query="query",
            asked_at=at,
            sampled_at=at if letter in words else None,
            value={"m": 0.2, "w": 0.2, "b": 0.4}.get(letter),
            outcome=outcome,
            code=code,
        )


def small_plan(count, key="small"):
    """A plan with `count` of everything that pages list, so that their queries can be counted."""
    numbers = range(count)
    lines = [
        "readiness: 1",
        f"rollout: {{key: {key}, title: Small {key}, service: shop}}",
        "roles: {lead: Release lead, sre: SRE lead}",
        "groups: {on-call: {title: On-call engineers, owner: sre}}",
        "authority: {lift_hold: [lead], waive: [lead]}",
        "sources:",
        "  metrics: {kind: prometheus, url: 'http://localhost:9090', environment: production}",
        "  code: {kind: git, path: /nowhere}",
        "flags: {new: {title: New path, default: off}}",
        "gates:",
        *(
            f"  gate-{n}: {{title: Gate {n}, owner: sre, source: metrics, query: 'g{n}', expect: '<= 1', for: 1m}}"
            for n in numbers
        ),
        "checks:",
        *(f"  file-{n}: {{title: File {n}, owner: sre, kind: file, source: code, path: f{n}.txt}}" for n in numbers),
        "gaps:",
        *(
            f"  - {{key: gap-{n}, title: Gap {n}, severity: blocking, owner: sre, estimate: 1-2d, blocks: all, "
            f"tasks: [{{key: t{n}, title: Task {n}, estimate: 1-2d}}], "
            f"closed_when: [{{check: file-{n}}}, {{item: shown-{n}, title: Shown {n}, evidence: attestation}}]}}"
            for n in numbers
        ),
        "reviews:",
        *(f"  - {{key: review-{n}, title: Review {n}, by: sre, min_score: 7}}" for n in numbers),
        "drills:",
        *(f"  drill-{n}: {{title: Drill {n}, owner: sre, target: 2m, level: level-{n}}}" for n in numbers),
        "rollbacks:",
        *(
            f"  - {{key: level-{n}, title: Level {n}, within: 1m, to: prepare, sets: {{new: off}}, "
            f"commands: [./back{n}.sh], verify: {{gate: gate-{n}}}}}"
            for n in numbers
        ),
        "phases:",
        *_small_phase("prepare", "0%", numbers),
        *_small_phase("canary", "5%", numbers),
        "close:",
        "  title: Close",
        "  enter: [{item: told, title: Told, owner: lead, evidence: attestation}]",
        "  sign_off: {roles: [sre, lead], last: lead}",
    ]
    return "\n".join(lines) + "\n"


def _small_phase(key, traffic, numbers):
    return [
        f"  - key: {key}",
        f"    title: {key.capitalize()}",
        "    duration: 1m",
        f"    traffic: {traffic}",
        f"    flags: {{new: {traffic}}}",
        "    commands: [" + ", ".join(f"./step{n}.sh f{n}.txt" for n in numbers) + "]",
        "    enter:",
        *(f"      - {{item: item-{n}, title: Item {n}, owner: sre, evidence: attestation}}" for n in numbers),
        *(f"      - {{gate: gate-{n}}}" for n in numbers),
        *(f"      - {{check: file-{n}}}" for n in numbers),
        *(f"      - {{drill: drill-{n}}}" for n in numbers),
        *(f"      - {{review: review-{n}}}" for n in numbers),
        "    succeed:",
        *(f"      - {{gate: gate-{n}, for: 30s}}" for n in numbers),
        "    abort:",
        *(f"      - {{gate: gate-{n}, expect: '<= 3', decided_by: sre, roll_back: level-{n}}}" for n in numbers),
        *(
            f"      - {{item: report-{n}, title: Report {n}, reported: true, decided_by: sre, roll_back: level-{n}}}"
            for n in numbers
        ),
        "    sign_off: {roles: [sre, lead], last: lead}",
    ]


def make_small_rollout(count, key="small", *, now=NOW):
    """Import the small plan and staff it."""
    text = small_plan(count, key)
    import_plan(read_plan(text), text, shell_act(), now)
    give_role(key, make_person("Lea Lead"), "lead", now=now)
    give_role(key, make_person("Sam Sre"), "sre", now=now)
    verify(now)
    rollout = load_rollout(key)
    for row in Observation.objects.filter(rollout=rollout):
        if row.kind == Observation.GATE:
            observe_gate(rollout, row.path, 0.5, now)
        else:
            observe_check(rollout, row.path, now=now)
    return Rollout.objects.get(pk=rollout.pk)
