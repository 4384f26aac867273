"""Importing a plan by program: whole or not at all, as its person, and everything wrong is said at once."""

import json

import pytest
import time_machine

from readiness.core.statements import Seen
from readiness.models import PlanVersion, RoleGrant, Rollout, StoredVerdict
from readiness.queries.plans import load_rollout
from readiness.services.plan_file import read_plan
from readiness.services.plan_json_schema import plan_json_schema
from readiness.services.rollouts import import_plan
from tests.api.callers import Program
from tests.factories import PLANS, give_role, make_person, person_of, shell_act
from tests.record_fixtures import entries
from tests.services.helpers import NOW, start_phase

pytestmark = pytest.mark.django_db
URL = "/api/v1/plans"
TEXT = (PLANS / "quickstart.yaml").read_text()
OTHER = TEXT.replace('expect: "<= 1%"', 'expect: "<= 2%"')
SEEN = Seen(0, "", NOW)


@pytest.fixture(autouse=True)
def people():
    with time_machine.travel(NOW, tick=False):
        yield [make_person(name) for name in ("Ana Ruiz", "Ben Okafor", "Stan Stranger")]


def imported():
    """The quickstart, with Ana answering last and Ben on the team."""
    import_plan(read_plan(TEXT), TEXT, shell_act(), NOW)
    give_role("quickstart", make_person("Ana Ruiz"), "release-manager")
    give_role("quickstart", make_person("Ben Okafor"), "backend-lead")


def test_a_new_plan_makes_a_rollout_in_the_name_of_its_person():
    program = Program("ana")
    before = len(entries())
    answer = program.post(URL, TEXT)
    assert answer.status_code == 201
    said = answer.said
    assert (said["rollout"], said["version"], said["imported"]) == ("quickstart", 1, True)
    assert said["digest"] == load_rollout("quickstart").plan.digest
    assert said["url"] == "http://testserver/rollouts/quickstart/"
    ana = person_of(make_person("Ana Ruiz"))
    version = PlanVersion.objects.get()
    assert (version.by_id, version.text) == (ana.id, TEXT)
    assert RoleGrant.objects.get().person_id == ana.id
    entry = entries()[before]
    assert (entry["action"], entry["channel"]["kind"], entry["actor"]["id"]) == ("plan.imported", "api", ana.id)
    assert entry["channel"]["session"] == program.row.digest
    assert entry["auth"]["methods"] == ["token"]
    assert StoredVerdict.objects.filter(rollout__key="quickstart").exists()


@pytest.mark.parametrize(("who", "status"), [("ana", 201), ("ben", 403), ("stan", 403)])
def test_a_new_version_needs_the_right_of_its_person(who, status):
    imported()
    program = Program(who)
    before = len(entries())
    answer = program.post(URL, OTHER)
    assert answer.status_code == status
    assert PlanVersion.objects.count() == 1 + (status == 201)
    if status == 201:
        assert answer.said["version"] == 2
        assert any("Checkout error rate" in change["title"] for change in answer.said["changes"])
    else:
        assert "Who may: Release manager" in answer.said["detail"]
        assert len(entries()) == before


def test_the_same_plan_again_is_200_and_changes_nothing():
    program = Program("ana")
    program.post(URL, TEXT)
    before = len(entries())
    answer = program.post(URL, TEXT + "\n# a remark\n")
    assert (answer.status_code, answer.said["imported"], answer.said["version"]) == (200, False, 1)
    assert PlanVersion.objects.count() == 1
    assert len(entries()) == before


def test_a_check_says_what_would_change_and_changes_nothing():
    imported()
    program = Program("stan")
    before = len(entries())
    answer = program.post(f"{URL}?check=1", OTHER)
    assert (answer.status_code, answer.said["version"], answer.said["imported"]) == (200, 2, False)
    assert answer.said["changes"]
    assert PlanVersion.objects.count() == 1
    assert len(entries()) == before


def test_everything_that_is_wrong_is_said_at_once_with_its_place():
    program = Program("ana")
    before = len(entries())
    wrong = TEXT.replace("severity: blocking", "severity: terrible").replace("owner: Shop engineering", "ownr: Shop")
    answer = program.post(URL, wrong)
    assert answer.status_code == 422
    assert answer.said["detail"] == "2 things to put right. Nothing was imported."
    first, second = answer.said["faults"]
    assert (first["path"], first["suggestion"]) == ("rollout.ownr", "owner")
    assert first["line"] == wrong[: wrong.index("ownr")].count("\n") + 1
    assert first["sentence"] == "'ownr' is not a key of rollout; did you mean owner?"
    assert (second["path"], second["found"]) == ("gaps[0].severity", "'terrible'")
    assert second["allowed"] == "blocking, high, medium or low"
    assert not Rollout.objects.exists()
    assert len(entries()) == before


def test_json_is_read_as_well():
    document = read_plan(TEXT).document
    answer = Program("ana").client.post(URL, json.dumps(document), content_type="application/json")
    assert answer.status_code == 201
    assert answer.json()["digest"] == read_plan(TEXT).digest


def test_warnings_come_with_their_place():
    text = (PLANS / "dual-memory.yaml").read_text()
    said = Program("ana").post(f"{URL}?check=yes", text).said
    assert {(w["line"], w["path"]) for w in said["warnings"]} >= {(32, "roles.backend-lead")}


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"x" * 1_000_001, 413, "more than 1,000,000 bytes"),
        (b"\xff\xfe", 400, "no text in UTF-8"),
        (b"  \n", 400, "The body is empty"),
        (b"", 400, "The body is empty"),
        (b"[1, 2", 422, "1 thing to put right"),
    ],
)
def test_what_cannot_be_read_is_refused(body, status, sentence):
    answer = Program("ana").post(URL, body)
    assert answer.status_code == status
    assert sentence in answer.said["detail"]
    assert not Rollout.objects.exists()


def test_the_running_phase_cannot_be_planned_away():
    imported()
    start_phase(load_rollout("quickstart"), "canary")
    gone = TEXT.replace("key: canary\n", "key: shadow\n").replace("blocks: [canary, full]", "blocks: [shadow, full]")
    answer = Program("ana").post(URL, gone)
    assert answer.status_code == 409
    assert "Phase canary is running" in answer.said["detail"]
    assert PlanVersion.objects.count() == 1


def test_the_schema_is_published_to_whoever_asks(client):
    answer = client.get("/api/v1/plan.schema.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/schema+json")
    assert json.loads(answer.content) == plan_json_schema()
    assert client.post("/api/v1/plan.schema.json").status_code == 405
