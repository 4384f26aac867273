"""The plan of a rollout: versions with what each changed, and what was decided before, which counts for nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readiness.core.types import Question
from readiness.core.verdict import evaluate_verdict
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_rollout
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from tests.factories import NOW, PLANS, make_rollout, shell_act

pytestmark = pytest.mark.django_db
PAGE = "/rollouts/quickstart/plan/"
TEXT = (PLANS / "quickstart.yaml").read_text()
OTHER = TEXT.replace('expect: "<= 1%"', 'expect: "<= 2%"')
HISTORY = """
decisions:
  - {at: 2025-11-20, by: board, verdict: GO, title: Ready, source: minutes.md#3}
  - {at: 2025-11-19, by: board, verdict: NO_GO}
alternatives:
  - {title: Wait, gist: Wait for a year, rejected: too slow, source: minutes.md#4}
lessons: [Write it down first.]
criteria:
  - {title: Latency, required: at most 15 ms, found: 12 ms, met: yes, at: 2025-11-19, source: sheet}
"""


def bring(text):
    import_plan(read_plan(text), text, shell_act(), NOW)


def test_the_first_version_has_nothing_to_compare_with(read):
    make_rollout()
    answer = read(PAGE)
    page = answer.context["page"]
    assert (page.title, page.sentence, page.changes) == ("Version 1", "This is the plan in force.", ())
    assert "nothing to compare it with" in answer.text
    assert [(row.number, row.by) for row in page.versions] == [(1, "tests")]


def test_each_version_shows_what_it_changed_and_what_that_voids(read):
    make_rollout()
    bring(OTHER)
    page = read(PAGE).context["page"]
    (change,) = page.changes
    assert (change.before, change.after) == ("at most 1 %", "at most 2 %")
    assert change.note == "A signature that covers it is void."
    assert [(row.number, row.current, row.in_force) for row in page.versions] == [(2, True, True), (1, False, False)]
    first = read(f"{PAGE}1/").context["page"]
    assert (first.title, first.sentence, first.changes) == ("Version 1", "Version 2 is in force.", ())


def test_what_was_decided_before_is_shown_with_its_source(read):
    make_rollout(TEXT + HISTORY)
    answer = read(PAGE)
    page = answer.context["page"]
    assert [(line.title, line.note, line.end_note) for line in page.decisions] == [
        ("Ready", "GO by board on 2025-11-20", "minutes.md#3"),
        ("NO-GO by board on 2025-11-19", "", "no source stated"),
    ]
    (wait,) = page.alternatives
    assert (wait.note, wait.end_note) == ("Wait for a year. Rejected: too slow", "minutes.md#4")
    (latency,) = page.criteria
    assert latency.note == "Asked: at most 15 ms; it was called met; found: 12 ms on 2025-11-19"
    assert [line.title for line in page.lessons] == ["Write it down first."]
    assert "never counted" in answer.text
    assert not any(line.state for line in (*page.decisions, *page.criteria)), "nothing of it looks like an answer"


def test_what_was_decided_before_decides_nothing():
    make_rollout()
    facts = load_facts(load_rollout("quickstart"), Question.ENTER)
    bring(TEXT + HISTORY)
    told = load_facts(load_rollout("quickstart"), Question.ENTER)
    assert [(r.code, r.key) for r in evaluate_verdict(told, Question.ENTER, NOW).reasons] == [
        (r.code, r.key) for r in evaluate_verdict(facts, Question.ENTER, NOW).reasons
    ]


def test_the_file_is_given_as_it_was_imported(client, read):
    make_rollout()
    bring(OTHER)
    read(PAGE)
    answer = client.get(f"{PAGE}1/file/")
    assert answer.content.decode() == TEXT
    assert answer["Content-Disposition"] == 'attachment; filename="quickstart-1.yaml"'
    assert answer["Content-Type"] == "application/yaml"


@pytest.mark.parametrize("path", [f"{PAGE}7/", f"{PAGE}7/file/", "/rollouts/none/plan/", "/rollouts/none/plan/1/file/"])
def test_what_is_not_there_is_not_found(client, read, path):
    make_rollout()
    read(PAGE)
    assert client.get(path).status_code == 404


def test_whoever_is_not_signed_in_sees_no_plan(client):
    make_rollout()
    for path in (PAGE, f"{PAGE}1/file/"):
        assert client.get(path).status_code == 302


def test_the_head_of_every_page_leads_to_the_plan(read):
    make_rollout()
    assert f'href="{PAGE}"' in read("/rollouts/quickstart/gaps/").content.decode()


def test_the_page_costs_the_same_however_many_versions_there_are(client, read):
    make_rollout()
    counts = []
    for n in range(3):
        bring(OTHER.replace("title: Prepare", f"title: Prepare {n}"))
        read(PAGE)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[2]
