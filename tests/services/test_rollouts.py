"""Importing plans."""

import pytest

from readiness.models import Claim, Hold, Observation, PhaseRun, PlanVersion, RoleGrant, Rollout, SignOff
from readiness.queries.plans import load_plan, load_rollout
from readiness.services.plan_file import PlanRefused, read_plan
from readiness.services.recording import RolloutClosed
from readiness.services.rights import NotAllowed
from readiness.services.rollouts import RehearsalChanged, RunningPhaseGone, import_plan
from tests.factories import PLANS, act_as, give_role, make_person, person_of, shell_act
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, STRANGER, act_of, grant, start_phase

pytestmark = pytest.mark.django_db
TEXT = (PLANS / "quickstart.yaml").read_text()
OTHER = TEXT.replace("title: Prepare", "title: Get ready")


def bring(text=TEXT, act=None, now=NOW):
    return import_plan(read_plan(text), text, act or shell_act(), now)


def test_the_first_plan_makes_its_rollout_with_one_entry():
    done = bring()
    assert (done.rollout, done.number, done.is_new) == ("quickstart", 1, True)
    rollout = load_rollout("quickstart")
    version = PlanVersion.objects.get()
    assert (rollout.title, rollout.plan_id, rollout.dirty_at) == ("Quickstart: new checkout path", version.pk, NOW)
    assert (version.text, version.number, version.digest) == (TEXT, 1, load_plan(rollout).digest)
    (entry,) = entries()
    assert (entry["action"], entry["object"]["label"], entry["object"]["rev"]) == (
        "plan.imported",
        "Quickstart: new checkout path",
        1,
    )
    assert "document" in entry["change"]["fields"]


def changers():
    return load_rollout("quickstart").plan.changed_by


def test_who_last_changed_a_condition_stays_known_through_later_versions():
    """Somebody else importing something else afterwards makes nobody independent of what they changed."""
    bring()
    assert changers() == {}
    ana, ben = make_person("Ana Ruiz"), make_person("Ben Okafor")
    for person in (ana, ben):
        give_role("quickstart", person, "release-manager")
    looser = TEXT.replace(", min_suites: 1", "")
    assert looser != TEXT
    bring(looser, act_as(ana))
    (changed,) = changers()
    assert changers()[changed] == [[person_of(ana).id, "Ana Ruiz"]]
    bring(looser.replace("title: Prepare", "title: Get ready"), act_as(ben))
    assert changers() == {changed: [[person_of(ana).id, "Ana Ruiz"]]}


def test_everything_that_is_watched_is_due_at_once():
    bring()
    assert Observation.objects.exists()
    assert set(Observation.objects.values_list("next_due_at", flat=True)) == {NOW}


def test_the_same_plan_again_changes_nothing():
    bring()
    done = bring(TEXT + "\n# a remark\n")
    assert (done.number, done.is_new) == (1, False)
    assert PlanVersion.objects.count() == len(entries()) == 1


def test_a_plan_with_one_fault_changes_nothing():
    with pytest.raises(PlanRefused) as refused:
        bring(TEXT.replace("severity: blocking", "severity: terrible"))
    (problem,) = refused.value.problems
    assert problem.line == TEXT[: TEXT.index("severity: blocking")].count("\n") + 1
    assert not Rollout.objects.exists()
    assert entries() == []


def test_a_new_version_replaces_the_old_one_which_stays():
    bring()
    done = bring(OTHER)
    assert (done.number, done.is_new) == (2, True)
    assert load_plan(load_rollout("quickstart")).phases[0].title == "Get ready"
    assert list(PlanVersion.objects.order_by("number").values_list("text", flat=True)) == [TEXT, OTHER]
    assert [e["action"] for e in entries()] == ["plan.imported"] * 2


def test_who_imports_the_first_version_is_on_the_rollout_without_a_role():
    bring(act=act_of(MATE))
    row = RoleGrant.objects.get()
    assert (row.person_id, row.kind, row.key) == (MATE, RoleGrant.MEMBER, "")


@pytest.mark.parametrize("person", [MATE, STRANGER])
def test_only_who_answers_last_imports_a_new_version(person):
    bring(act=act_of(MATE))
    with pytest.raises(NotAllowed, match="Release manager"):
        bring(OTHER, act_of(person))
    assert PlanVersion.objects.count() == len(entries()) == 1


def test_who_answers_last_imports_a_new_version():
    bring()
    ana = give_role("quickstart", make_person("Ana Ruiz"), "release-manager")
    before = len(entries())
    bring(OTHER, act_of(person_of(ana).id))
    assert PlanVersion.objects.count() == 2
    assert len(entries()) == before + 1


def test_the_running_phase_cannot_be_planned_away():
    bring()
    start_phase(load_rollout("quickstart"), "canary")
    gone = TEXT.replace("key: canary\n", "key: shadow\n").replace("blocks: [canary, full]", "blocks: [shadow, full]")
    with pytest.raises(RunningPhaseGone, match="canary is running"):
        bring(gone)
    assert PlanVersion.objects.count() == 1


REHEARSED = TEXT.replace("  key: quickstart\n", "  key: quickstart\n  rehearsal: true\n", 1)


@pytest.mark.parametrize(("first", "then", "said"), [(TEXT, REHEARSED, "real"), (REHEARSED, TEXT, "a rehearsal")])
@pytest.mark.parametrize("done", ["signed", "claimed", "entered", "held"])
def test_what_people_did_is_never_turned_from_rehearsed_into_real_or_back(first, then, said, done):
    bring(first)
    rollout = load_rollout("quickstart")
    act_upon(rollout, done)
    with pytest.raises(RehearsalChanged, match=f"This rollout is {said}, and people have acted on it"):
        bring(then)
    assert PlanVersion.objects.count() == 1
    assert load_plan(load_rollout("quickstart")).rehearsal is (first is REHEARSED)


def act_upon(rollout, done):
    by = {"rollout": rollout, "by_id": LEAD, "by_name": "Lea"}
    if done == "signed":
        signed = {"phase": "prepare", "run": 1, "role": "release-manager", "meaning": "reviewed", "go": False}
        SignOff.objects.create(**by, **signed, statement="", material="", signed_at=NOW, expires_at=NOW)
    elif done == "claimed":
        Claim.objects.create(**by, path="prepare/enter/item:x", claimed_at=NOW, withdrawn_at=NOW)
    elif done == "held":
        Hold.objects.create(**by, reason="wait", called_at=NOW, lifted_at=NOW)
    else:
        start_phase(rollout, "prepare")


def test_a_plan_that_nobody_has_acted_on_becomes_a_rehearsal_and_back():
    for text in (TEXT, REHEARSED, TEXT):
        bring(text)
    assert PlanVersion.objects.count() == 3
    labels = [entry["object"]["label"].startswith("REHEARSAL: ") for entry in entries()]
    assert labels == [False, True, False]


def test_a_closed_rollout_takes_no_plan():
    bring()
    run = start_phase(load_rollout("quickstart"), "close")
    PhaseRun.objects.filter(pk=run.pk).update(state="succeeded", left_at=NOW)
    assert not bring().is_new
    with pytest.raises(RolloutClosed, match="was closed on"):
        bring(OTHER)
    assert PlanVersion.objects.count() == 1


def test_a_version_names_who_imported_it():
    bring(act=act_of(LEAD))
    grant(load_rollout("quickstart"), LEAD, RoleGrant.ROLE, "release-manager")
    bring(OTHER, act_of(LEAD))
    assert list(PlanVersion.objects.order_by("number").values_list("by_id", flat=True)) == [LEAD, LEAD]
