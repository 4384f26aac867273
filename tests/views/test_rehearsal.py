"""A rehearsal on pages and for machines: it can never be taken for a real GO."""

import re

import pytest
import time_machine
from django.test import Client

from readiness.core.types import Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import PhaseRun
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_rollout
from tests.factories import NOW, PLANS, judge, make_rollout, observe_all, start_phase
from tests.services.helpers import EMPTY_PHASE, MATE, document
from tests.services.helpers import NOW as MOMENT
from tests.views.acting import PASSWORD, action_of, browser, hidden_of, make_demo

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
REAL = (PLANS / "quickstart.yaml").read_text()
REHEARSED = REAL.replace("  key: quickstart\n", "  key: quickstart\n  rehearsal: true\n", 1)


def running(text):
    """A canary that runs and to which nothing speaks against: GO, if it were real."""
    rollout = make_rollout(text)
    start_phase(rollout, "canary")
    observe_all(rollout)
    judge(rollout)
    return rollout


def head_of(answer):
    html = answer.content.decode()
    title = re.sub(r"\s+", " ", re.findall(r"<title>(.*?)</title>", html, re.S)[0])
    return title, re.findall(r'id="favicon"[^>]*href="[^"]*?([a-z-]+\.svg)', html)[0]


def test_title_and_icon_of_a_real_go_are_those_of_a_go(read):
    running(REAL)
    title, icon = head_of(read("/rollouts/quickstart/"))
    assert (title, icon) == ("GO: Quickstart: new checkout path", "favicon-go.svg")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "now/",
        "verdict/",
        "phases/canary/",
        "gates/",
        "gates/checkout-p99/",
        "gaps/",
        "sign-off/full/",
        "audit/",
        "hold/",
    ],
)
def test_every_page_of_a_rehearsal_says_so_and_none_looks_like_go(read, path):
    running(REHEARSED)
    answer = read(f"/rollouts/quickstart/{path}")
    title, icon = head_of(answer)
    assert (title.startswith("REHEARSAL"), icon) == (True, "favicon.svg")
    assert "REHEARSAL One person may act every role" in answer.text
    assert "verdict--go" not in answer.content.decode()


def test_the_card_of_a_rehearsed_go_has_a_word_of_its_own(read):
    running(REHEARSED)
    answer = read("/rollouts/quickstart/")
    card = answer.context["page"].verdict
    assert (card.word, card.tone, card.rehearsal) == ("Rehearsed", "waits", True)
    assert "REHEARSAL: Canary runs" in answer.text
    assert 'data-title="REHEARSAL Rehearsed"' in answer.content.decode()


def test_the_portfolio_calls_neither_go_nor_done_what_is_rehearsed(read):
    running(REHEARSED)
    (row,) = read("/").context["page"].rollouts.rows
    assert (row.word, row.note) == ("Rehearsed", "REHEARSAL")
    PhaseRun.objects.update(state="succeeded", left_at=NOW)
    end = start_phase(row_rollout(), "close")
    PhaseRun.objects.filter(pk=end.pk).update(state="succeeded", left_at=NOW)
    card = read("/rollouts/quickstart/").context["page"].verdict
    assert (card.word, card.tone, card.rehearsal) == ("Closed", "waits", True)


def row_rollout():
    return PhaseRun.objects.first().rollout


def test_the_record_says_rehearsal_and_shows_no_go(read):
    running(REHEARSED)
    rows = [row for day in read("/rollouts/quickstart/audit/").context["page"].days for row in day.rows]
    assert {row.title.startswith("REHEARSAL: ") for row in rows} == {True}
    assert "GO" not in {row.state for row in rows}
    feed = read("/rollouts/quickstart/").context["page"].feed
    assert all(row.sentence.startswith("REHEARSAL: ") for row in feed.rows)


def test_machines_find_no_verdict_of_a_rehearsal(at_the_moment):
    running(REHEARSED)
    assert 'rollout="quickstart"' not in Client().get("/metrics").content.decode()


def test_machines_find_that_of_a_real_rollout(at_the_moment):
    running(REAL)
    go = 'readiness_verdict_go{question="continue",rollout="quickstart"} 1.0'
    assert go in Client().get("/metrics").content.decode()


def test_whoever_is_on_a_rehearsal_is_asked_in_every_role(read):
    running(REHEARSED)
    page = read("/rollouts/quickstart/sign-off/full/?role=sre-lead").context["page"]
    assert page.sheet.may_sign


def test_what_is_signed_is_said_to_be_a_rehearsal(read):
    running(REHEARSED)
    sheet = read("/rollouts/quickstart/sign-off/full/?role=sre-lead").context["page"].sheet
    assert sheet.statement.startswith("REHEARSAL: On the facts as of")


def test_the_decision_record_of_a_rehearsal_says_so(read):
    running(REHEARSED)
    assert "REHEARSAL. Decision record: Canary" in read("/rollouts/quickstart/report/canary/").text


@pytest.mark.parametrize("rehearsal", [True, False])
def test_one_person_walks_a_rehearsal_alone_page_by_page_and_a_real_rollout_not(rehearsal):
    said = document(**EMPTY_PHASE)
    with time_machine.travel(MOMENT, tick=False):
        make_demo({**said, "rollout": {**said["rollout"], "rehearsal": rehearsal}})
        answers = [claim(MATE), sign(MATE, "sre"), sign(MATE, "lead"), enter(MATE)]
    assert answers == ([303] * 4 if rehearsal else [403] * 4)
    assert PhaseRun.objects.exists() is rehearsal


def claim(person):
    path = "/rollouts/demo/claim/prepare/enter/item:word"
    return browser(person).post(path, {"attest": "on", "note": "", "do": "claim"}).status_code


def sign(person, role):
    client, path = browser(person), f"/rollouts/demo/sign-off/prepare/?role={role}"
    shown = client.get(path)
    if 'name="digest"' not in shown.content.decode():
        return client.post(path).status_code
    said = {"answer": "go", "meaning": "reviewed", "reason": "", "password": PASSWORD}
    return client.post(action_of(shown), {**said, "digest": hidden_of(shown, "digest")}).status_code


def enter(person):
    client, path = browser(person), "/rollouts/demo/phases/prepare/enter/"
    shown = client.get(path)
    said = {"command": ("1.1", "1.2")}
    if 'name="digest"' not in shown.content.decode():
        return client.post(path, {**said, "digest": judged_id()}).status_code
    return client.post(action_of(shown), {**said, "digest": hidden_of(shown, "digest")}).status_code


def judged_id():
    return evaluate_verdict(load_facts(load_rollout("demo"), Question.ENTER), Question.ENTER, MOMENT).verdict_id
