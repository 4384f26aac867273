"""The difference of two versions of a plan: every change, once, in words, with what it voids."""

import pytest

from readiness.core.canonical import canonical_bytes, digest_of, parse_canonical, to_plain
from readiness.core.plan_build import build_plan
from readiness.core.plan_diff import PlanChange, plan_changes
from readiness.services.plan_file import read_plan
from tests.core.documents import make_document, put
from tests.plans.walk import DUAL_MEMORY, EVERY_KEY, QUICKSTART

VOID = "A signature that covers it is void."
VOID_ALL = "Every signature of this phase is void."
VOID_EVERY = "Every signature is void."


def plan_of(document):
    return build_plan(document, digest_of(document))


def changes(*edits, base=None):
    """What differs after `edits`, each (path, value); a value of None takes out."""
    before = make_document() if base is None else base
    after = before
    for path, value in edits:
        after = put(after, path, value)
    return plan_changes(plan_of(before), plan_of(after))


def test_the_same_plan_differs_in_nothing():
    assert changes() == ()


@pytest.mark.parametrize("text", [DUAL_MEMORY, QUICKSTART, EVERY_KEY])
def test_a_stored_plan_differs_in_nothing_from_the_one_that_was_read(text):
    draft = read_plan(text)
    stored = parse_canonical(canonical_bytes(to_plain(draft.document)))
    assert plan_changes(build_plan(stored, draft.digest), draft.plan) == ()


def test_a_new_rollout_is_one_change_that_counts_what_it_holds():
    assert plan_changes(None, plan_of(make_document())) == (
        PlanChange("Demo", "", "2 phases, 2 gates, 1 check, 1 gap, 2 roles", "", "A new rollout."),
    )


@pytest.mark.parametrize(
    ("path", "value", "change"),
    [
        (
            ("phases", 1, "succeed", 0, "expect"),
            "<= 20ms",
            PlanChange(
                "Canary, to succeed: Latency: limit",
                "at most 10 ms",
                "at most 20 ms",
                "canary/succeed/gate:latency/<= 20ms/5m",
                VOID,
            ),
        ),
        (
            ("phases", 1, "succeed", 0, "for"),
            "10m",
            PlanChange(
                "Canary, to succeed: Latency: for", "5m", "10m", "canary/succeed/gate:latency/<= 10ms/10m", VOID
            ),
        ),
        (
            ("phases", 1, "enter", 0, "title"),
            "All know",
            PlanChange("Canary, to enter: All know: title", "Told", "All know", "canary/enter/item:told"),
        ),
        (
            ("phases", 1, "sign_off", "last"),
            "sre",
            PlanChange("Canary, sign-off: last", "lead", "sre", "phases/canary/sign_off", VOID_ALL),
        ),
        (
            ("phases", 1, "duration"),
            "2-3d",
            PlanChange("Phase Canary: shortest duration", "24h", "2d", "phases/canary", VOID_ALL),
        ),
        (
            ("phases", 1, "flags", "new"),
            "10%",
            PlanChange("Phase Canary: flags", "new: 5%", "new: 10%", "phases/canary", VOID_ALL),
        ),
        (("roles", "sre"), "SRE", PlanChange("Role SRE: title", "SRE lead", "SRE", "roles/sre")),
        (
            ("sources", "metrics", "timeout"),
            "9s",
            PlanChange("Source metrics: timeout", "10s", "9s", "sources/metrics"),
        ),
        (
            ("sources", "metrics", "bearer"),
            "${TOKEN}",
            PlanChange("Source metrics: bearer", "", "${TOKEN}", "sources/metrics"),
        ),
        (
            ("sources", "metrics", "url"),
            "${OTHER}",
            PlanChange(
                "Source metrics: url",
                "${URL}",
                "${OTHER}",
                "sources/metrics",
                "A signature that covers what is read from it is void.",
            ),
        ),
        (
            ("gaps", 0, "blocks"),
            ["canary"],
            PlanChange("Gap No backups: blocks", "all", "canary", "gaps/backups", VOID),
        ),
        (
            ("gaps", 0, "tasks", 0, "estimate"),
            "2-3d",
            PlanChange(
                "Gap No backups, task Write it: estimate", "1 to 2 days", "2 to 3 days", "gaps/backups/tasks/job"
            ),
        ),
        (
            ("gaps", 0, "closed_when", 0, "evidence"),
            "attestation",
            PlanChange(
                "Gap No backups, closed when: Restored: evidence",
                "demand required",
                "demand attestation",
                "gap:backups/closed_when/item:restored",
                VOID,
            ),
        ),
        (
            ("rollbacks", 0, "within"),
            "2m",
            PlanChange("Way back Off: within", "1m", "2m", "rollbacks/off", VOID_EVERY),
        ),
        (
            ("rollbacks", 0, "verify", "for"),
            "2m",
            PlanChange(
                "Way back Off, verified by: Latency: for",
                "1m",
                "2m",
                "rollback:off/verify/gate:latency/<= 15ms/2m",
                VOID,
            ),
        ),
        (
            ("authority", "waive"),
            ["lead", "sre"],
            PlanChange("Authority: waive", "lead", "lead, sre", "authority"),
        ),
        (
            ("checks", "script", "executable"),
            True,
            PlanChange(
                "Check Script: settings", "path: run.sh", "executable: yes, path: run.sh", "checks/check:script", VOID
            ),
        ),
        (
            ("gates", "errors", "enough"),
            {"query": "sum(all)", "at_least": "0.5"},
            PlanChange("Gate Errors: enough", "", "query sum(all), at least 0.5", "gates/gate:errors", VOID),
        ),
        (
            ("gates", "errors", "at_least"),
            "99.95%",
            PlanChange("Gate Errors: at least", "", "99.95 %", "gates/gate:errors", VOID),
        ),
        (("lessons",), ["Learn."], PlanChange("History, lessons", "", "Learn.", "lessons")),
        (
            ("phases", 1, "abort", 0, "roll_back"),
            "less",
            PlanChange(
                "Canary, abort trigger: Errors: roll back", "off", "less", "canary/abort/gate:errors/<= 1%/0s", VOID
            ),
        ),
    ],
)
def test_a_change_is_told_where_it_is(path, value, change):
    assert changes((path, value)) == (change,)


def test_what_is_new_has_no_before_and_what_is_gone_no_after():
    item = {"item": "more", "title": "More", "owner": "lead"}
    (new,) = changes((("phases", 1, "enter", 1), item))
    assert (new.title, new.before) == ("Canary, to enter: More", "")
    assert "owner lead" in new.after
    (gone,) = changes((("phases", 1, "enter", 1), None), base=put(make_document(), ("phases", 1, "enter", 1), item))
    assert (gone.before, gone.after, gone.path) == (new.after, "", new.path)


def test_what_a_definition_changes_is_told_once_and_not_for_each_place():
    (change,) = changes((("gates", "errors", "query"), "min(errors)"))
    assert change == PlanChange("Gate Errors: query", "max(errors)", "min(errors)", "gates/gate:errors", VOID)


def test_a_place_with_a_limit_of_its_own_does_not_change_with_the_definition():
    found = changes((("gates", "latency", "expect"), "<= 12ms"))
    assert [change.path for change in found] == ["gates/gate:latency"]
    own = changes((("gates", "latency", "expect"), "<= 12ms"), (("phases", 1, "succeed", 0, "expect"), "<= 11ms"))
    assert [change.path for change in own] == ["gates/gate:latency", "canary/succeed/gate:latency/<= 11ms/5m"]


def test_what_every_phase_gets_is_told_once():
    (change,) = changes((("every_phase", "enter", 0, "valid_for"), "2d"))
    assert change == PlanChange(
        "Every phase, to enter: People there: valid for", "7d", "2d", "every_phase/enter/item:people", VOID
    )


def test_the_same_change_in_some_phases_names_them():
    third = {**make_document()["phases"][1], "key": "full", "title": "Full"}
    base = put(make_document(), ("phases", 2), third)
    item = {"item": "more", "owner": "lead"}
    (change,) = changes((("phases", 1, "enter", 1), item), (("phases", 2, "enter", 1), item), base=base)
    assert change.title == "Canary and Full, to enter: more"
    assert change.path == "canary/enter/item:more"


def test_one_gate_with_two_limits_is_two_conditions():
    second = {"gate": "latency", "expect": "<= 30ms", "for": "5m"}
    base = put(make_document(), ("phases", 1, "succeed", 1), second)
    (change,) = changes((("phases", 1, "succeed", 1, "expect"), "<= 40ms"), base=base)
    assert (change.before, change.after) == ("at most 30 ms", "at most 40 ms")


def test_another_order_of_the_phases_is_told():
    document = make_document()
    turned = {**document, "phases": document["phases"][::-1]}
    found = plan_changes(plan_of(document), plan_of(turned))
    assert found[0] == PlanChange("Order of the phases", "Prepare, Canary", "Canary, Prepare", "phases")


def test_a_phase_that_goes_takes_its_conditions_along():
    document = make_document()
    shorter = {**document, "phases": document["phases"][:1]}
    gone = plan_changes(plan_of(document), plan_of(shorter))
    assert all(change.after == "" for change in gone)
    assert {"phases/canary", "phases/canary/sign_off", "canary/enter/item:told"} <= {change.path for change in gone}
