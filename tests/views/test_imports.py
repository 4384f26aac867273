"""Importing a plan in the browser: what is wrong, what it would change, and exactly that."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from readiness.core.statements import Seen
from readiness.models import PlanVersion, RoleGrant, Rollout
from readiness.queries.plans import load_plan, load_rollout
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from tests.factories import PLANS, shell_act
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, grant, start_phase
from tests.views.acting import actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
URL = "/plans/import/"
TEXT = (PLANS / "quickstart.yaml").read_text()
OTHER = TEXT.replace('expect: "<= 1%"', 'expect: "<= 2%"')
SEEN = Seen(0, "", NOW)


@pytest.fixture(autouse=True)
def people():
    with time_machine.travel(NOW, tick=False):
        yield make_demo()


def imported(*texts):
    """Import versions of the quickstart and staff it."""
    for text in texts:
        import_plan(read_plan(text), text, shell_act(), NOW)
    rollout = load_rollout("quickstart")
    grant(rollout, LEAD, RoleGrant.ROLE, "release-manager")
    grant(rollout, OWNER, RoleGrant.ROLE, "sre-lead")
    return rollout


def preview(text, person=LEAD):
    return browser(person).post(URL, {"do": "preview", "text": text})


def confirm(text, person=LEAD, shown=None, digest=None):
    shown = shown or preview(text, person)
    page = shown.context["page"]
    digest = digest or page.preview.digest
    return browser(person).post(page.action, {"do": "confirm", "text": page.text, "digest": digest})


def test_the_page_asks_for_a_file_or_text():
    said = text_of(browser(MATE).get(URL))
    assert "or paste it" in said
    assert "at most 1 MB" in said


@pytest.mark.parametrize("posted", [{"text": TEXT}, {"file": SimpleUploadedFile("plan.yaml", TEXT.encode())}])
def test_a_new_plan_is_shown_and_nothing_is_imported_yet(posted):
    answer = browser(MATE).post(URL, {"do": "preview", **posted})
    said = text_of(answer)
    assert answer.status_code == 200
    assert "Quickstart: new checkout path, version 1" in said
    assert "Phases 3" in said
    assert "Create the rollout" in said
    assert not Rollout.objects.filter(key="quickstart").exists()
    assert entries() == []


def test_what_was_shown_is_imported_and_its_people_come_next():
    answer = confirm(TEXT, MATE)
    assert (answer.status_code, answer["Location"]) == (303, "/rollouts/quickstart/people/")
    assert PlanVersion.objects.get(rollout__key="quickstart").by_id == MATE
    assert actions() == ["plan.imported"]


@pytest.mark.parametrize(("person", "status"), [(LEAD, 303), (OWNER, 403), (STRANGER, 403)])
def test_who_answers_last_imports_a_new_version(person, status):
    imported(TEXT)
    before = len(entries())
    answer = confirm(OTHER, person)
    assert answer.status_code == status
    assert PlanVersion.objects.filter(rollout__key="quickstart").count() == 1 + (status == 303)
    if status == 303:
        assert answer["Location"] == "/rollouts/quickstart/"
        assert actions()[before:] == ["plan.imported"]
    else:
        assert "Who may: Release manager" in text_of(answer)


@pytest.mark.parametrize(("person", "offered"), [(LEAD, True), (OWNER, False), (STRANGER, False)])
def test_an_import_is_offered_only_to_who_may_import(person, offered):
    imported(TEXT)
    said = text_of(preview(OTHER, person))
    assert ("Import version 2" in said) is offered
    assert ("You may not import a plan here. Who may: Release manager." in said) is not offered


def test_the_difference_to_the_plan_in_force_is_shown():
    imported(TEXT)
    answer = preview(OTHER)
    said = text_of(answer)
    assert "version 2" in said
    assert "Checkout error rate" in said
    assert "1 %" in said.replace("\N{NO-BREAK SPACE}", " ") or "1%" in said
    assert answer.context["page"].preview.changes


def test_the_plan_in_force_changes_nothing():
    imported(TEXT)
    answer = preview(TEXT + "# a remark\n")
    assert "This is the plan in force" in text_of(answer)
    assert "Import version" not in text_of(answer)


def test_every_problem_is_listed_with_its_line_and_nothing_changes():
    wrong = TEXT.replace("severity: blocking", "severity: terrible").replace("owner: Shop engineering", "ownr: Shop")
    answer = preview(wrong)
    said = text_of(answer)
    assert answer.status_code == 422
    assert "2 things to put right" in said
    for mistake in ("severity: terrible", "ownr: Shop"):
        assert f"Line {wrong[: wrong.index(mistake)].count(chr(10)) + 1}" in said
    assert "gaps[0].severity" in said
    assert "Nothing was imported" in said
    assert "severity: terrible" in answer.content.decode()
    assert not Rollout.objects.filter(key="quickstart").exists()


@pytest.mark.parametrize("text", ["rollout: [", "just words", "!!python/object:os.system x"])
def test_what_is_no_plan_is_said_to_be_none(text):
    answer = preview(text)
    assert answer.status_code == 422
    assert "1 thing to put right" in text_of(answer)


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Choose a file or paste a plan"),
        ({"text": "x" * 1_000_001}, "The plan has 1,000,001 bytes; at most 1,000,000 are read."),
        ({"file": SimpleUploadedFile("p.yaml", b"x" * 1_000_001)}, "The plan has 1,000,001 bytes"),
        ({"file": SimpleUploadedFile("p.yaml", b"\xff\xfe\x00")}, "no text in UTF-8"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused(posted, sentence):
    answer = browser(MATE).post(URL, {"do": "preview", **posted})
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_another_text_than_the_one_shown_is_shown_first():
    shown = preview(TEXT)
    answer = browser(LEAD).post(
        shown.context["page"].action, {"do": "confirm", "text": OTHER, "digest": shown.context["page"].preview.digest}
    )
    assert answer.status_code == 409
    assert not Rollout.objects.filter(key="quickstart").exists()


def test_a_version_that_came_between_is_compared_with_first():
    imported(TEXT)
    shown = preview(OTHER)
    between = TEXT.replace("title: Prepare", "title: Get ready")
    import_plan(read_plan(between), between, shell_act(), NOW)
    answer = confirm(OTHER, shown=shown)
    assert answer.status_code == 409
    assert "version 3" in text_of(answer)
    assert load_plan(load_rollout("quickstart")).phases[0].title == "Get ready"
    assert confirm(OTHER, shown=answer).status_code == 303


def test_confirming_twice_imports_once():
    imported(TEXT)
    shown = preview(OTHER)
    assert confirm(OTHER, shown=shown).status_code == 303
    assert confirm(OTHER, shown=shown).status_code == 409
    assert PlanVersion.objects.filter(rollout__key="quickstart").count() == 2


def test_the_running_phase_cannot_be_planned_away():
    start_phase(imported(TEXT), "canary")
    gone = TEXT.replace("key: canary\n", "key: shadow\n").replace("blocks: [canary, full]", "blocks: [shadow, full]")
    answer = confirm(gone)
    assert answer.status_code == 409
    assert "Phase canary is running and this plan has no such phase" in text_of(answer)
    assert PlanVersion.objects.filter(rollout__key="quickstart").count() == 1
