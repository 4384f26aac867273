"""The plans that are brought, one after another and in any order: each asks, shows or names something else."""

import json

from tests.services.helpers import DOCUMENT, SIGN_OFF, TRIGGER

KEY = "demo"
WORD, TESTS, ALL_KNOW = "prepare/enter/item:word", "prepare/enter/item:tests", "prepare/enter/item:each"
COMPLAINTS, TOLD = "canary/abort/item:complaints", "close/enter/item:told"
BASE = "prepare/succeed/item:base"
ITEMS = (WORD, TESTS, ALL_KNOW, COMPLAINTS, TOLD)
PREPARE = {
    "key": "prepare",
    "number": "1",
    "title": "Prepare",
    "duration": "1m",
    "commands": ["make ready"],
    "enter": [
        {"item": "word", "title": "I have read it", "owner": "sre", "evidence": "attestation"},
        {"item": "tests", "title": "Tests pass", "owner": "sre", "evidence": {"kind": "junit"}},
        {"item": "each", "title": "All know", "owner": "sre", "each": "on-call", "evidence": "attestation"},
    ],
    "succeed": [{"gate": "errors"}],
    "sign_off": SIGN_OFF,
}
CANARY = {
    "key": "canary",
    "number": "2",
    "title": "Canary",
    "duration": "1m",
    "traffic": "5%",
    "flags": {"new": "5%"},
    "enter": [{"review": "design"}],
    "abort": [
        {"item": "complaints", "title": "Complaints", "reported": True, **TRIGGER},
        {"gate": "errors", "expect": "<= 3", **TRIGGER},
    ],
    "sign_off": SIGN_OFF,
}
CLOSE = {
    "title": "Close",
    "enter": [{"item": "told", "title": "Told", "owner": "sre", "evidence": "attestation"}],
    "sign_off": SIGN_OFF,
}
PLAN = {
    **DOCUMENT,
    "authority": {"lift_hold": ["lead"], "waive": ["lead"], "break_glass": ["lead"]},
    "sources": {
        "metrics": {"kind": "prometheus", "url": "${SERVICE_URL}"},
        "service": {"kind": "http", "url": "${SERVICE_URL}"},
    },
    "drills": {},
    "gaps": [{**DOCUMENT["gaps"][0], "blocks": ["canary"]}],
    "phases": [PREPARE, CANARY],
    "close": CLOSE,
}
RECORDED = {"item": "base", "title": "Base", "owner": "sre", "records": {"baseline": "first", "gates": ["errors"]}}
BACK = {
    "key": "back",
    "title": "One phase back",
    "within": "1m",
    "to": "previous",
    "sets": {"new": "previous_phase"},
    "verify": {"gate": "errors"},
}
FULL = {
    **CANARY,
    "key": "full",
    "number": "3",
    "title": "Everybody",
    "traffic": "100%",
    "flags": {"new": "100%"},
    "enter": [{"check": "api"}],
    "abort": [{"gate": "errors", "expect": "<= 3", "decided_by": "sre", "roll_back": "back"}],
}
API = {"kind": "http", "source": "service", "path": "/api", "expect": {"status": 200, "json": {"on": True}}}
LONGER = {
    **PLAN,
    "checks": {"api": {"owner": "sre", "title": "The API answers", **API}},
    "drills": {"practised": {"owner": "sre", "title": "Way back practised", "target": "2m", "level": "off"}},
    "rollbacks": [*DOCUMENT["rollbacks"], BACK],
    "phases": [
        {**PREPARE, "succeed": [{"gate": "errors"}, RECORDED]},
        {
            **CANARY,
            "enter": [{"review": "design"}, {"drill": "practised"}],
            "succeed": [{"gate": "errors", "against": {"baseline": "first"}, "expect": "<= +50%"}],
            "abort": [
                *CANARY["abort"],
                {"gate": "errors", "expect": "<= 8", "decided_by": "automation", "roll_back": "off"},
            ],
        },
        FULL,
    ],
}
"""Three phases, a way back to the one before, a baseline, a drill, a check, and a trigger that automation decides."""


def first(plan, **changes):
    """Give a plan with other keys in its first phase."""
    return {**plan, "phases": [{**plan["phases"][0], **changes}, *plan["phases"][1:]]}


def measured(plan, **changes):
    """Give a plan whose gate is another."""
    return {**plan, "gates": {"errors": {**plan["gates"]["errors"], **changes}}}


def named(plan, old, new):
    """Give a plan in which a role has another key, wherever it is named."""
    return json.loads(json.dumps(plan).replace(f'"{old}"', f'"{new}"'))


PLANS = (
    PLAN,
    measured(PLAN, expect="<= 2"),
    first(PLAN, sign_off={"roles": ["lead"], "last": "lead"}),
    measured(PLAN, query="errors_of_all"),
    measured(first(PLAN, title="Make ready"), title="Rate of errors"),
    {**PLAN, "phases": [PREPARE, {**CANARY, "abort": [{"gate": "errors", "expect": "<= 4", **TRIGGER}]}]},
    named(PLAN, "sre", "reliability"),
    {**PLAN, "roles": {"sre": "Reliability lead", "lead": "Release lead"}},
    LONGER,
    measured(LONGER, query="errors_of_all"),
)
"""The plan; then another limit, a lower quorum, another query, titles, trigger, role, its title; and the longer one."""
