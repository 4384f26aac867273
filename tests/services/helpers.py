"""A small rollout and its people, made without a plan file, for tests of what people do to it."""

from datetime import UTC, datetime, timedelta

from readiness.core.audit import Act, Actor, ActorType, Auth, Channel, ChannelKind
from readiness.core.canonical import canonical_bytes, digest_bytes
from readiness.core.phases import find_phase
from readiness.models import PhaseRun, PlanVersion, RecordCheck, RoleGrant, Rollout
from readiness.models.phase import DwellClock
from readiness.queries.plans import load_plan
from readiness.services.flag_states import authorise_flags
from tests.record_fixtures import entries

NOW = datetime(2025, 12, 2, 14, 32, 6, tzinfo=UTC)
OWNER, MATE, LEAD, STRANGER = "u:1", "u:2", "u:3", "u:9"
NAMES = {OWNER: "Olga Owner", MATE: "Mia Mate", LEAD: "Lea Lead", STRANGER: "Stan Stranger"}
SHA = "sha256:" + "0" * 64

SIGN_OFF = {"roles": ["sre", "lead"], "last": "lead"}
TRIGGER = {"decided_by": "sre", "roll_back": "off"}
DOCUMENT = {
    "readiness": 1,
    "rollout": {"key": "demo", "title": "Demo rollout"},
    "roles": {"sre": "SRE lead", "lead": "Release lead"},
    "groups": {"on-call": {"title": "On-call engineers", "owner": "sre"}},
    "authority": {"lift_hold": ["lead"]},
    "sources": {"metrics": {"kind": "prometheus", "url": "http://localhost:9090"}},
    "flags": {"new": {"title": "New path", "default": "off"}},
    "gates": {
        "errors": {"title": "Error rate", "owner": "sre", "source": "metrics", "query": "errors", "expect": "<= 1"},
    },
    "gaps": [
        {
            "key": "way-back",
            "title": "No way back",
            "severity": "blocking",
            "owner": "sre",
            "blocks": ["canary"],
            "tasks": [{"key": "1", "title": "Write the script", "estimate": "1d"}],
        },
        {"key": "bare", "title": "Nothing measures this", "severity": "high", "owner": "sre", "blocks": ["canary"]},
    ],
    "reviews": [{"key": "design", "title": "Design review", "by": "sre", "min_score": "7"}],
    "drills": {"practised": {"owner": "sre", "title": "Way back practised", "target": "2m", "level": "off"}},
    "rollbacks": [
        {
            "key": "off",
            "title": "Turn it off",
            "within": "1m",
            "to": "prepare",
            "sets": {"new": "off"},
            "commands": ["./rollback.sh"],
        }
    ],
    "phases": [
        {
            "key": "prepare",
            "number": "1",
            "title": "Prepare",
            "duration": "0s",
            "commands": ["make ready", {"run": "make sure", "title": "Be sure"}],
            "enter": [
                {"item": "tests", "title": "Tests pass", "owner": "sre", "evidence": {"kind": "junit"}},
                {"item": "word", "title": "I have read it", "owner": "sre", "evidence": "attestation"},
                {"item": "file", "title": "The contract", "owner": "sre", "evidence": "required"},
                {"item": "each", "title": "All know", "owner": "sre", "each": "on-call", "evidence": "attestation"},
            ],
            "sign_off": SIGN_OFF,
        },
        {
            "key": "canary",
            "number": "2",
            "title": "Canary",
            "duration": "1m",
            "traffic": "5%",
            "flags": {"new": "5%"},
            "enter": [{"drill": "practised"}, {"review": "design"}],
            "abort": [
                {"item": "complaints", "title": "Complaints", "reported": True, **TRIGGER},
                {"gate": "errors", "expect": "<= 3", **TRIGGER},
                {"item": "outage", "title": "Outage", "reported": True, "decided_by": "automation", "roll_back": "off"},
            ],
            "sign_off": SIGN_OFF,
        },
    ],
}  # fmt: skip
EMPTY_PHASE = {"enter": [{"item": "word", "title": "I have read it", "owner": "sre", "evidence": "attestation"}]}
"""What makes the first phase depend on one attested item, for tests of signing and entering."""


def document(**phase):
    """Give the document, with other keys in its first phase."""
    first, *rest = DOCUMENT["phases"]
    return {**DOCUMENT, "phases": [{**first, **phase}, *rest]}


def make_rollout(said=None, now=NOW):
    """Store a rollout whose plan is the document, with its people and a record verified just now."""
    rollout = Rollout.objects.create(key="demo", title="Demo rollout", created_at=now)
    adopt(rollout, said or DOCUMENT, now)
    for person, key in ((OWNER, "sre"), (LEAD, "lead")):
        grant(rollout, person, RoleGrant.ROLE, key)
    grant(rollout, MATE, RoleGrant.MEMBER, "")
    RecordCheck.objects.update_or_create(pk=1, defaults={"verified_at": now, "tables_at": now, "size": 0})
    return rollout


def adopt(rollout, said, now=NOW):
    """Make a document the rollout's next plan version."""
    data = canonical_bytes(said)
    rollout.plan = PlanVersion.objects.create(
        rollout=rollout,
        number=rollout.plans.count() + 1,
        digest=digest_bytes(data),
        text="",
        document=data,
        imported_at=now,
        by_id="shell:tests",
        by_name="tests",
    )
    rollout.save(update_fields=["plan"])


def grant(rollout, person, kind, key):
    """Give a person a role without an entry."""
    return RoleGrant.objects.create(
        rollout=rollout,
        kind=kind,
        key=key,
        person_id=person,
        person_name=NAMES[person],
        granted_at=NOW,
        by_id="shell:tests",
        by_name="tests",
    )


def act_of(person, *, age_s=0, channel=ChannelKind.WEB):
    """Give an act of a person who proved who they are `age_s` seconds ago."""
    kind = ActorType.USER if person.startswith("u:") else ActorType.SERVICE
    auth = Auth(("password",), NOW - timedelta(seconds=age_s), age_s)
    return Act(Actor(kind, person, NAMES.get(person, person)), Channel(channel), auth)


def start_phase(rollout, phase, number=1, at=NOW):
    """Let a phase run without asking for a GO."""
    run = PhaseRun.objects.create(
        rollout=rollout, phase=phase, number=number, entered_at=at, by_id=LEAD, by_name=NAMES[LEAD]
    )
    DwellClock.objects.create(run=run, ticked_at=at)
    plan = load_plan(rollout)
    authorise_flags(rollout, plan, find_phase(plan, phase), act_of(LEAD), at)
    return run


def only_entry(seq):
    """Give the one entry of the record, and check that it has this number."""
    (entry,) = entries()
    assert entry["seq"] == seq
    return entry
