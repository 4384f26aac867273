"""A small document of a plan, and edits of it, for tests of what is made from documents."""

from copy import deepcopy

from readiness.core.plan_build import build_plan
from readiness.core.plan_document import format_path
from readiness.core.plan_lint import plan_warnings

SMALL = {
    "readiness": 1,
    "rollout": {"key": "demo", "title": "Demo"},
    "roles": {"lead": "Lead", "sre": "SRE lead"},
    "groups": {"on-call": {"title": "On call", "owner": "sre"}},
    "authority": {"waive": ["lead"]},
    "sources": {
        "metrics": {"kind": "prometheus", "url": "${URL}", "timeout": "10s"},
        "repository": {"kind": "git", "path": "${PATH}"},
    },
    "flags": {"new": {"default": "off"}},
    "gates": {
        "latency": {
            "title": "Latency",
            "owner": "sre",
            "source": "metrics",
            "query": "max(latency)",
            "unit": "s",
            "expect": "<= 15ms",
            "for": "1m",
        },
        "errors": {
            "title": "Errors",
            "owner": "sre",
            "source": "metrics",
            "query": "max(errors)",
            "unit": "ratio",
            "expect": "<= 1%",
        },
    },
    "checks": {
        "script": {"title": "Script", "owner": "sre", "kind": "file", "source": "repository", "path": "run.sh"},
    },
    "gaps": [
        {
            "key": "backups",
            "title": "No backups",
            "severity": "blocking",
            "owner": "sre",
            "blocks": "all",
            "tasks": [{"key": "job", "title": "Write it", "estimate": "1-2d"}],
            "closed_when": [{"item": "restored", "title": "Restored", "evidence": "required"}],
        }
    ],
    "rollbacks": [
        {
            "key": "off",
            "title": "Off",
            "within": "1m",
            "to": "prepare",
            "sets": {"new": "off"},
            "verify": {"gate": "latency", "for": "1m"},
        },
        {
            "key": "less",
            "title": "Less",
            "within": "1m",
            "to": "previous",
            "sets": {"new": "previous_phase"},
            "verify": {"gate": "latency"},
        },
    ],
    "every_phase": {"enter": [{"item": "people", "title": "People there", "owner": "lead", "valid_for": "7d"}]},
    "phases": [
        {
            "key": "prepare",
            "title": "Prepare",
            "flags": {"new": "off"},
            "enter": [{"check": "script"}],
            "succeed": [{"gate": "errors"}],
            "sign_off": {"roles": ["sre", "lead"], "last": "lead"},
        },
        {
            "key": "canary",
            "title": "Canary",
            "duration": "1-3d",
            "flags": {"new": "5%"},
            "enter": [{"item": "told", "title": "Told", "owner": "lead"}],
            "succeed": [{"gate": "latency", "expect": "<= 10ms", "for": "5m"}],
            "abort": [{"gate": "errors", "decided_by": "on-call", "roll_back": "off"}],
            "sign_off": {"roles": ["sre", "lead"], "last": "lead"},
        },
    ],
}


def make_document():
    """A fresh copy of the small document."""
    return deepcopy(SMALL)


def put(document, path, value):
    """A copy with `value` at `path`; None takes out what is there, and one past the end of a list adds to it."""
    found = deepcopy(document)
    part = found
    for step in path[:-1]:
        part = part.setdefault(step, {}) if isinstance(part, dict) else part[step]
    if value is None:
        del part[path[-1]]
    elif isinstance(part, list) and path[-1] == len(part):
        part.append(value)
    else:
        part[path[-1]] = value
    return found


def edited(*edits):
    """The small document after `edits`, each a path and a value."""
    document = make_document()
    for path, value in edits:
        document = put(document, path, value)
    return document


def warned(*edits):
    """The warnings of the small plan after `edits`, as (path, sentence)."""
    document = edited(*edits)
    return [(format_path(w.at), w.sentence) for w in plan_warnings(document, build_plan(document, "sha256:x"))]
