"""The record as pages: filters and position in the address, sentences, one entry with its proof."""

import pytest
from django.db import connection

from readiness.models import AuditEntry, AuditHead, RecordCheck
from readiness.services.audit_guards import drop_guards
from readiness.services.holds import call_hold
from readiness.services.items import claim_item
from readiness.services.record_checks import check_record
from tests.factories import NOW, act_as, give_role, judge, make_person, make_rollout, make_small_rollout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
RECORD = "/rollouts/quickstart/audit/"


@pytest.fixture
def rollout(at_the_moment):
    rollout = make_rollout()
    claim_item(rollout.key, "prepare/enter/item:runbook-read", act_as(make_person("Elif Kaya")), NOW)
    call_hold(rollout.key, act_as(make_person("Ben Okafor")), NOW, reason="the backup fails")
    judge(rollout)
    return rollout


def rows_of(page):
    return [row for day in page.days for row in day.rows]


def test_entries_are_sentences_newest_first(rollout, read):
    rows = rows_of(read(RECORD).context["page"])
    assert [row.seq for row in rows] == sorted((row.seq for row in rows), reverse=True)
    assert [(row.title, row.subject, row.name) for row in rows[:3]] == [
        ("Verdict became NO-GO", "Quickstart: new checkout path", ""),
        ("Called a hold", "", "Ben Okafor"),
        ("Claimed", "I have read the runbook", "Elif Kaya"),
    ]
    assert rows[1].effect == "“the backup fails”"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("kind=claim.", {"Claimed"}),
        ("kind=hold.&person=", {"Called a hold"}),
        ("q=backup fails", {"Called a hold"}),
        ("verdict=1", {"Verdict became NO-GO"}),
        ("kind=drill.", set()),
        ("phase=prepare", {"Claimed", "Verdict became NO-GO"}),
        ("phase=canary", set()),
        ("phase=prepare&kind=claim.&q=runbo", {"Claimed"}),
    ],
)
def test_the_address_filters(rollout, read, query, titles):
    page = read(f"{RECORD}?{query}").context["page"]
    assert {row.title for row in rows_of(page)} == titles
    assert page.filters.active


def test_a_person_narrows_to_what_they_did(rollout, read):
    elif_kaya = make_person("Elif Kaya")
    page = read(f"{RECORD}?person=u:{elif_kaya.pk}").context["page"]
    assert {row.name for row in rows_of(page)} == {"Elif Kaya"}
    assert [choice.label for choice in page.filters.people if choice.selected] == ["Elif Kaya"]


def test_older_entries_are_a_page_further_and_keep_the_filter(at_the_moment, read):
    rollout = make_rollout()
    for n in range(60):
        give_role(rollout.key, make_person(f"Person{n} Number"), "on-call", kind="group")
    page = read(f"{RECORD}?kind=role.").context["page"]
    assert (page.shown, page.newest_url) == (50, "")
    older = read(page.older_url).context["page"]
    assert {row.title for row in rows_of(older)} == {"Gave a role"}
    assert max(row.seq for row in rows_of(older)) < min(row.seq for row in rows_of(page))
    assert older.newest_url == f"{RECORD}?kind=role."
    assert older.older_url == ""


def test_an_entry_is_shown_with_its_proof(rollout, read):
    check_record(NOW)
    RecordCheck.objects.update(size=AuditHead.objects.get().size)
    seq = AuditEntry.objects.get(action="hold.called").seq
    answer = read(f"{RECORD}{seq}/")
    entry = answer.context["page"].entry
    assert (entry.state, entry.title, entry.reason) == ("Valid", "Called a hold", "the backup fails")
    assert [step.state for step in entry.proof] == ["Valid", "Valid", "Valid", "Missing", "Not due"]
    assert entry.command == f".venv/bin/python manage.py audit_verify --entry {seq}"
    assert '"action":"hold.called"' in entry.raw
    (made,) = entry.changes
    assert (made.title, made.is_new) == ("", True)
    said = {change.title: change.after for change in made.changes}
    assert said.keys() == {"by id", "by name", "called at", "id", "reason", "rollout id"}
    assert (said["by name"], said["reason"]) == ("Ben Okafor", "the backup fails")
    assert [row.seq for row in rows_of(answer.context["page"]) if row.current] == [seq]


def test_an_entry_far_back_opens_the_list_where_it_stands(at_the_moment, read):
    rollout = make_rollout()
    for n in range(60):
        give_role(rollout.key, make_person(f"Person{n} Number"), "on-call", kind="group")
    first = AuditEntry.objects.filter(rollout=rollout.key).order_by("seq").first().seq
    page = read(f"{RECORD}{first}/").context["page"]
    assert [row.seq for row in rows_of(page)] == [first]
    assert page.newest_url == RECORD


@pytest.mark.parametrize("change", [{"actor": "u:999"}, {"nodes": b"x" * 32}])
def test_an_entry_that_was_changed_in_the_database_is_failing(rollout, read, change):
    seq = AuditEntry.objects.get(action="hold.called").seq
    drop_guards(connection)
    AuditEntry.objects.filter(pk=seq).update(**change)
    entry = read(f"{RECORD}{seq}/").context["page"].entry
    assert (entry.state, entry.proof[0].state) == ("Failing", "Failing")


@pytest.mark.parametrize(
    ("problem", "state", "title"),
    [
        ("", "Missing", "Unsigned: no key signs this record"),
        ("altered: Entry 3 was altered: its bytes changed.", "Failing", "Entry 3 was altered"),
    ],
)
def test_the_page_begins_with_whether_the_record_is_whole(rollout, read, problem, state, title):
    RecordCheck.objects.update(problem=problem, verified_at=NOW)
    record = read(RECORD).context["page"].record
    assert (record.state, record.title) == (state, title)


def test_a_record_that_was_never_verified_or_not_lately_is_not_called_whole(rollout, read):
    RecordCheck.objects.update(verified_at=NOW.replace(hour=8))
    assert read(RECORD).context["page"].record.state == "Stale"
    RecordCheck.objects.all().delete()
    assert read(RECORD).context["page"].record.state == "Not due"


def test_the_record_of_everything_names_what_each_plan_names(rollout, read):
    page = read("/audit/").context["page"]
    titles = {row.title for row in rows_of(page)}
    assert {"Added a person", "Imported a plan", "Gave a role", "Claimed"} <= titles
    assert any(row.subject == "Elif Kaya: SRE lead" for row in rows_of(page))
    opened = read(f"/audit/?entry={rows_of(page)[0].seq}").context["page"]
    assert opened.entry.seq == rows_of(page)[0].seq


@pytest.mark.parametrize("path", [f"{RECORD}99999/", "/audit/?entry=99999", "/rollouts/no/audit/"])
def test_what_is_not_there_is_not_found(rollout, client, path):
    client.force_login(make_person("Ana Ruiz"))
    assert client.get(path).status_code == 404


def test_an_entry_of_another_rollout_is_not_found_here(rollout, client):
    client.force_login(make_person("Ana Ruiz"))
    other = AuditEntry.objects.filter(rollout="").first().seq
    assert client.get(f"{RECORD}{other}/").status_code == 404


@pytest.mark.parametrize(
    "path", [f"{RECORD}?before=x&q=%00&person=';--", "/audit/?entry=²&before=99999999999999999999"]
)
def test_an_address_that_makes_no_sense_shows_the_page(rollout, client, path):
    client.force_login(make_person("Ana Ruiz"))
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("/rollouts/small/audit/", 33), ("/audit/", 11)])
def test_the_record_takes_the_same_queries_whatever_it_lists(
    count, path, queries, client, at_the_moment, django_assert_num_queries
):
    rollout = make_small_rollout(count)
    for n in range(count):
        call_hold(rollout.key, act_as(make_person("Sam Sre")), NOW, reason=f"because {n}")
    judge(rollout)
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(queries):
        client.get(path)
