"""Entries in words: every action that a service records has its own, and an unknown one is never dropped."""

import re
from pathlib import Path

import pytest

from readiness import services
from readiness.queries.audit import Entry
from readiness.queries.trail import SAID, tell_entry, trail_sentence
from tests.factories import NOW

ACTION = re.compile(r'"([a-z_]+\.[a-z_]+)"')
TITLES = {"sre-lead": "SRE lead", "rollbacks/now": "Flag off", "canary/abort/gate:p99/<= 1/0s": "Latency, p99"}


PATH = "canary/abort/gate:p99/<= 1/0s"
OUTCOMES = {"outcomes": ({PATH: "MET"}, {PATH: "GATE_STALE"}), "outcomes_changed": (None, 1)}


def entry_of(action, fields=None, *, label="Demo", actor=("user", "Elif Kaya"), reason=""):
    body = {
        "action": action,
        "object": {"label": label},
        "actor": {"type": actor[0], "name": actor[1]},
        "change": {"fields": {name: list(pair) for name, pair in (fields or {}).items()}},
        "reason": reason,
    }
    return Entry(7, NOW, "u:1", action, "thing:1", "demo", "", b"{}", body, "")


def recorded_actions():
    sources = (path.read_text() for path in Path(services.__path__[0]).glob("*.py"))
    found = {action for source in sources for action in ACTION.findall(source)}
    return {action for action in found if not action.endswith((".py", ".md"))}


def test_every_action_that_a_service_records_is_said_in_words():
    assert recorded_actions() - set(SAID) == {"verdict.changed"}


def test_an_unknown_action_is_shown_by_its_name():
    told = tell_entry(entry_of("weather.changed"), TITLES)
    assert (told.title, told.subject) == ("weather.changed", "Demo")


@pytest.mark.parametrize(
    ("entry", "sentence", "state"),
    [
        (entry_of("sign_off.given", {"go": (None, True)}, label="sre-lead"), "Elif signed GO: SRE lead", "GO"),
        (entry_of("sign_off.given", {"go": (None, False)}, label="sre-lead"), "Elif signed NO-GO: SRE lead", "NO-GO"),
        (entry_of("claim.made", label="Tests pass"), "Elif claimed: Tests pass", ""),
        (entry_of("drill.recorded", {"passed": (None, False)}), "Elif recorded a drill: Demo", "Not met"),
        (entry_of("role.granted", label="Ana Ruiz: sre-lead"), "Elif gave a role: Ana Ruiz: SRE lead", ""),
        (entry_of("rollback.explained", label="now"), "Elif explained a rollback: Flag off", ""),
        (entry_of("rollback.verified", label="Flag off is verified"), "Elif rollback is verified: Flag off", "Met"),
        (entry_of("waiver.asked", label="Paging"), "Elif asked for a waiver: Paging", ""),
        (entry_of("waiver.granted", label="Paging"), "Elif granted a waiver: Paging", "Waived"),
        (entry_of("waiver.declined", label="Paging"), "Elif declined a waiver: Paging", ""),
        (entry_of("waiver.withdrawn", label="Paging"), "Elif no longer asks for a waiver: Paging", ""),
        (entry_of("waiver.revoked", label="Paging"), "Elif ended a waiver: Paging", "Revoked"),
        (entry_of("plan.imported", {"number": (None, 3)}), "Elif imported a plan: Demo, version 3", ""),
        (
            entry_of("outcome.changed", OUTCOMES, actor=("system", "x")),
            "Outcome changed: Latency, p99: met to stale",
            "",
        ),
        (
            entry_of("trigger.fired", {"fired": (None, ["canary/abort/gate:p99/<= 1/0s"])}, actor=("system", "x")),
            "Abort trigger fired: Latency, p99",
            "Abort",
        ),
    ],
)
def test_an_entry_is_one_sentence(entry, sentence, state):
    told = tell_entry(entry, TITLES)
    assert (trail_sentence(entry, told), told.state) == (sentence, state)


@pytest.mark.parametrize(
    ("fields", "title", "effect"),
    [
        (
            {"verdict": (None, "NO_GO"), "reasons": (None, ["a", "b"])},
            "Verdict became NO-GO",
            "first judged, NO-GO, 2 reasons",
        ),
        ({"verdict": ("NO_GO", "GO"), "reasons": (["a"], [])}, "Verdict became GO", "NO-GO to GO"),
        ({"reasons": (["a"], ["b"])}, "Reasons changed", "1 reason"),
        ({"reasons": ({"$kept": "sha256:1"}, {"$kept": "sha256:2"})}, "Reasons changed", "other reasons"),
        ({"policy": ("sha256:1", "sha256:2")}, "Judged by other rules", ""),
        (
            {
                "continue verdict": ("GO", "NO_GO"),
                "continue reasons": ([], ["a"]),
                "reasons": (["a"], ["a", "b"]),
            },
            "Verdict became NO-GO",
            "Continue: GO to NO-GO, 1 reason. Enter: 1 to 2 reasons",
        ),
    ],
)
def test_a_change_of_the_verdict_says_what_it_did(fields, title, effect):
    told = tell_entry(entry_of("verdict.changed", fields, actor=("system", "Readiness")), TITLES)
    assert (told.title, told.effect) == (title, effect)


def test_a_change_of_the_verdict_that_came_with_a_trigger_names_the_trigger():
    fields = {"verdict": ("GO", "NO_GO"), "reasons": ([], ["a"]), "fired": (None, ["canary/abort/gate:p99/<= 1/0s"])}
    told = tell_entry(entry_of("verdict.changed", fields, actor=("system", "Readiness")), TITLES)
    assert (told.title, told.subject, told.state) == ("Abort trigger fired", "Latency, p99", "Abort")
