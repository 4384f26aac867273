"""Whoever changes a condition by a plan is not the one whose signature covers it, however many versions later."""

import pytest
import time_machine
from django.core.management import call_command

from readiness.core.audit import ChannelKind
from readiness.core.case import open_case
from readiness.core.independence import not_independent
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Person, Question
from readiness.core.verdict import poll_is_independent
from readiness.models import PlanVersion, RoleGrant, Rollout
from readiness.queries.changers import changers_at, changers_of
from readiness.queries.facts import load_facts
from readiness.queries.imports import fill_preview, load_current
from readiness.queries.plans import load_rollout
from readiness.queries.reasons import reason_rows
from readiness.queries.scenes import Address, load_scene
from readiness.queries.steps import fill_step
from readiness.services.items import claim_item
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from readiness.services.signoffs import Answer, sign_off
from tests.factories import verify
from tests.services.helpers import LEAD, MATE, NAMES, NOW, OWNER, SHA, act_of, grant

pytestmark = pytest.mark.django_db
SEEN = Seen(0, SHA, NOW)
PLAN = """readiness: 1
rollout: {key: demo, title: Demo}
roles: {sre: SRE lead, lead: Release lead}
phases:
  - key: first
    title: First
    enter:
      - {item: backup, title: Backup works, owner: sre, evidence: attestation}
      - {item: told, title: All are told, owner: lead, evidence: attestation}
    commands: [make ready]
    sign_off: {roles: [sre, lead], last: lead}
  - key: second
    title: Second
    enter: [{item: later, title: For later, owner: sre, evidence: attestation}]
    sign_off: {roles: [sre, lead], last: lead}
"""
BACKUP = PLAN.replace(
    "works, owner: sre, evidence: attestation", "works, owner: sre, evidence: attestation, valid_for: 9d"
)
WORDS = PLAN.replace("title: Demo", "title: Demonstration")
SHELL = "shell:tests"


def bring(text, person):
    channel = ChannelKind.SHELL if person == SHELL else ChannelKind.WEB
    return import_plan(read_plan(text), text, act_of(person, channel=channel), NOW)


@pytest.fixture
def rollout():
    bring(PLAN, SHELL)
    made = load_rollout("demo")
    verify(NOW)
    for person, role in ((OWNER, "sre"), (LEAD, "lead"), (OWNER, "lead"), (MATE, "lead")):
        grant(made, person, RoleGrant.ROLE, role)
    return made


def importers():
    """Who ever changed each condition of the first phase and the phase as a whole, as the verdict sees it."""
    facts = load_facts(load_rollout("demo"), Question.ENTER)
    found = {c.condition.key: c.changed_by for c in facts.enter} | {"first": facts.changed_by}
    return {key: "".join(person.id for person in people) or None for key, people in found.items()}


def test_the_shell_is_nobody_who_could_sign(rollout):
    assert importers() == {"backup": None, "told": None, "first": None}


def test_whoever_imports_a_rollout_imports_all_of_it():
    bring(PLAN, LEAD)
    assert importers() == {"backup": LEAD, "told": LEAD, "first": LEAD}


def test_a_new_version_is_its_importers_only_where_it_changes_something(rollout):
    bring(BACKUP, LEAD)
    assert importers() == {"backup": LEAD, "told": None, "first": None}


def test_a_later_version_of_somebody_else_does_not_clear_a_change(rollout):
    bring(BACKUP, LEAD)
    bring(BACKUP.replace("title: Demo", "title: Demonstration"), OWNER)
    assert importers() == {"backup": LEAD, "told": None, "first": None}
    bring(BACKUP.replace("9d", "8d"), OWNER)
    assert importers() == {"backup": LEAD + OWNER, "told": None, "first": None}
    bring(BACKUP.replace("9d", "7d"), SHELL)
    assert importers() == {"backup": LEAD + OWNER, "told": None, "first": None}
    bring(PLAN, LEAD)
    assert importers() == {"backup": LEAD + OWNER, "told": None, "first": None}


def test_what_goes_and_comes_again_keeps_its_changers(rollout):
    line = next(line for line in BACKUP.splitlines(keepends=True) if "backup" in line)
    bring(BACKUP, LEAD)
    bring(BACKUP.replace(line, ""), OWNER)
    bring(BACKUP, OWNER)
    assert importers()["backup"] == LEAD + OWNER


def test_another_limit_of_a_gate_keeps_its_changers(rollout):
    sources = "\nsources: {metrics: {kind: prometheus, url: '${URL}'}}\nroles:"
    gate = "gates: {up: {title: Up, source: metrics, query: up, expect: '>= 9'}}\nphases:"
    gated = PLAN.replace("\nroles:", sources).replace("phases:", gate, 1)
    gated = gated.replace("    enter:\n", "    enter:\n      - {gate: up}\n", 1)
    bring(gated, LEAD)
    bring(gated.replace(">= 9", ">= 8"), OWNER)
    assert importers()["up"] == LEAD + OWNER


def test_what_an_older_version_kept_of_one_person_is_read():
    version = PlanVersion(changed_by={"first/enter/item:backup": [LEAD, "Lea Lead"]})
    assert changers_at(changers_of(version), "first/enter/item:backup") == (Person(LEAD, "Lea Lead"),)


def test_the_first_importer_stays_the_importer_of_what_nobody_changed():
    bring(PLAN, LEAD)
    grant(load_rollout("demo"), LEAD, RoleGrant.ROLE, "lead")
    grant(load_rollout("demo"), OWNER, RoleGrant.ROLE, "lead")
    bring(BACKUP, OWNER)
    assert importers() == {"backup": LEAD + OWNER, "told": LEAD, "first": LEAD}


@pytest.mark.parametrize(
    "change",
    [
        ("make ready", "make other"),
        ("      - {item: told, title: All are told, owner: lead, evidence: attestation}\n", ""),
        ("sign_off: {roles: [sre, lead], last: lead}", "sign_off: {roles: [lead], last: lead}"),
    ],
)
def test_a_phase_that_asks_or_starts_something_else_is_its_importers_as_a_whole(rollout, change):
    bring(PLAN.replace(*change, 1), LEAD)
    assert importers()["first"] == LEAD


def test_another_phase_does_not_count(rollout):
    bring(PLAN.replace("title: For later, owner: sre", "title: For later, owner: lead"), LEAD)
    assert importers() == {"backup": None, "told": None, "first": None}


def test_what_proves_an_item_belongs_to_what_it_asks(rollout):
    up = "checks: {up: {title: Up, kind: target, source: metrics, job: shop}}\nphases:"
    proven = PLAN.replace("\nroles:", "\nsources: {metrics: {kind: prometheus, url: '${URL}'}}\nroles:")
    proven = proven.replace("phases:", up, 1).replace("works, owner: sre,", "works, owner: sre, proved_by: [up],")
    bring(proven, OWNER)
    bring(proven.replace("job: shop", "job: other"), LEAD)
    assert importers() == {"backup": OWNER + LEAD, "told": None, "first": None}


# ------------------------------------------------------------------------------------- what it does to a poll


def sign(role, person):
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    judged = open_case(facts, Question.ENTER, NOW).judged
    digest = build_statement(facts, role, person, SEEN, judged).digest
    sign_off("demo", Answer("first", role, True, "approve-go", "", digest, SEEN), act_of(person), NOW)


@pytest.fixture
def signed(rollout):
    """Both conditions claimed by somebody else, and the SRE lead has signed."""
    for key, person in (("backup", OWNER), ("told", MATE)):
        claim_item("demo", f"first/enter/item:{key}", act_of(person), NOW)
    sign("sre", OWNER)
    return rollout


def lacking():
    facts = load_facts(load_rollout("demo"), Question.ENTER)
    return [c.condition.key for c in not_independent(facts, open_case(facts, Question.ENTER, NOW).stations)]


def preview(text, person=LEAD):
    by = Person(person, NAMES[person]) if person else None
    return fill_preview(read_plan(text).plan, load_current("demo"), by, NOW)


def test_the_preview_names_the_signatures_that_go_void_and_who_gave_them(signed):
    (line,) = preview(BACKUP).voids
    assert (line.title, line.note, line.state) == ("SRE lead", "GO by Olga Owner", "Void")
    assert preview(WORDS).voids == preview(PLAN).voids == ()


def test_the_preview_names_what_the_importer_could_not_sign_for(signed):
    (line,) = preview(BACKUP).involved
    assert (line.title, line.note) == ("Lea Lead", "Changes 1 condition: Backup works")
    assert line.end_note == "Somebody else must sign for these"
    assert preview(WORDS).involved == ()
    assert preview(BACKUP, None).involved == ()


def test_the_preview_says_that_a_phase_is_changed_as_a_whole(signed):
    (line,) = preview(PLAN.replace("make ready", "make other")).involved
    assert (line.title, line.note.partition(":")[0]) == ("Lea Lead", "Changes phase 0, First as a whole")
    assert line.end_note == "Somebody else must sign for every condition of it"


def test_what_the_preview_says_is_what_happens(signed):
    assert [line.title for line in preview(BACKUP).voids] == ["SRE lead"]
    bring(BACKUP, LEAD)
    facts = load_facts(load_rollout("demo"), Question.ENTER)
    answers = {s.role: s.answer for s in open_case(facts, Question.ENTER, NOW).stations}
    assert answers["sre"] == "VOID"
    assert lacking() == ["backup", "told"], "nobody covers anything while nobody signs"


def test_the_command_says_what_would_change_and_go_void(signed, tmp_path, capsys):
    file = tmp_path / "plan.yaml"
    for text, said in (
        (BACKUP, "It would be version 2, with 1 change.\n"),
        (PLAN, "It is the plan in force.\n"),
        (PLAN.replace("key: demo", "key: other"), "It would make a new rollout.\n"),
    ):
        file.write_text(text)
        with time_machine.travel(NOW, tick=False):
            call_command("import_plan", str(file), "--check")
        out = capsys.readouterr().out
        assert said in out
        assert ("SRE lead: GO by Olga Owner would go void." in out) is (text == BACKUP)
    assert PlanVersion.objects.count() == 1


def test_whoever_removes_a_condition_is_not_the_one_to_sign_for_what_stays(rollout):
    more = PLAN.replace(
        "    commands:", "      - {item: strict, title: Strict, owner: lead, evidence: attestation}\n    commands:", 1
    )
    bring(more, SHELL)
    bring(PLAN, LEAD)
    for key, person in (("backup", OWNER), ("told", OWNER)):
        claim_item("demo", f"first/enter/item:{key}", act_of(person), NOW)
    sign("sre", OWNER)
    sign("lead", LEAD)
    assert lacking() == ["backup", "told"]


def test_whoever_changed_nothing_may_sign_for_all_of_it(rollout):
    for key in ("backup", "told"):
        claim_item("demo", f"first/enter/item:{key}", act_of(OWNER), NOW)
    sign("sre", OWNER)
    sign("lead", LEAD)
    assert lacking() == []


def seen_by(person):
    scene = load_scene("demo", Person(person, NAMES[person]), Address("board"), NOW)
    return scene, fill_step(scene)


@pytest.fixture
def uncovered(rollout):
    """Every station says GO, and whoever changed the phase as a whole is one of the two who signed."""
    bring(PLAN.replace("make ready", "make other"), LEAD)
    for key, person in (("backup", OWNER), ("told", OWNER)):
        claim_item("demo", f"first/enter/item:{key}", act_of(person), NOW)
    sign("sre", OWNER)
    sign("lead", LEAD)
    return rollout


def test_the_board_says_who_could_sign_for_what_nobody_uninvolved_has_signed_for(uncovered):
    assert lacking() == ["backup", "told"]
    scene, step = seen_by(LEAD)
    (row,) = reason_rows(scene, list(poll_is_independent(scene.case)))
    assert {child.clears for child in row.children} == {"Mia Mate signs as release lead"}
    assert [child.owner.title for child in row.children] == ["SRE lead", "Release lead"]
    said = "Every station says GO, but 2 conditions rest only on people who worked on them. "
    said += "Mia Mate signs as release lead."
    assert (step.title, step.why) == ("Nothing waits for you", said)
    _, other = seen_by(MATE)
    assert (other.title, other.why) == ("Sign as release lead", said)
    assert other.url == "/rollouts/demo/sign-off/first/?role=lead"


def test_where_nobody_could_sign_the_board_says_that_somebody_else_must_get_the_role(uncovered):
    RoleGrant.objects.filter(person_id=MATE).update(revoked_at=NOW)
    _, step = seen_by(LEAD)
    assert step.why.endswith("Somebody who did not work on it becomes SRE lead or release lead and signs.")
