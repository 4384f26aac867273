"""Breaking glass in the browser: two people, each with their password; what waits and what is open is on every page."""

from datetime import timedelta

import pytest
import time_machine

from readiness.models import Override, PhaseRun
from readiness.services.overrides import ask_override, confirm_override
from readiness.services.verdicts import judge_rollout
from tests.services.helpers import EMPTY_PHASE, LEAD, MATE, NOW, OWNER, STRANGER, act_of, document
from tests.views.acting import PASSWORD, action_of, actions, browser, hidden_of, make_demo, text_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ASK, BOARD = "/rollouts/demo/phases/prepare/break-glass/", "/rollouts/demo/"
GLASS = {"authority": {"lift_hold": ["lead"], "break_glass": ["lead"]}}
WHY = "The old path burns"
COMMANDS = ("1.1", "1.2")


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo({**document(**EMPTY_PHASE), **GLASS})


def say(person, path, **more):
    """Open a sheet and send it, as people do."""
    client = browser(person)
    shown = client.get(path)
    said = {"reason": WHY, "password": PASSWORD, "digest": hidden_of(shown, "digest"), "command": COMMANDS, **more}
    return client.post(action_of(shown), said)


@pytest.fixture
def asked():
    ask_override("demo", "prepare", act_of(MATE), NOW, reason=WHY)
    return f"/rollouts/demo/overrides/{Override.objects.get().pk}"


@pytest.fixture
def entered(asked):
    confirm_override("demo", Override.objects.get().pk, act_of(LEAD), NOW, confirmed=(0, 1))
    judge_rollout("demo", act_of("shell:tests"), NOW)
    return asked


def test_a_member_asks_with_a_reason_and_a_password():
    answer = say(MATE, ASK)
    assert answer.status_code == 303
    assert (Override.objects.get().by_id, actions()) == (MATE, ["override.asked"])
    assert answer.headers["Location"] == BOARD


def test_the_sheet_lists_what_would_be_overridden():
    text = text_of(browser(MATE).get(ASK))
    assert "What would be overridden" in text
    assert "I have read it" in text


@pytest.mark.parametrize(("field", "value", "said"), [
    ("reason", "", "Say why, so that others can act on it."),
    ("password", "wrong", "That isn’t your password"),
    ("password", "", "Type your password"),
])  # fmt: skip
def test_without_a_reason_or_the_password_nothing_is_asked(field, value, said):
    answer = say(MATE, ASK, **{field: value})
    assert (answer.status_code, Override.objects.count()) == (422, 0)
    assert said in text_of(answer)


def test_a_stranger_asks_for_nothing():
    assert "Only people on this rollout may ask to enter without GO" in text_of(browser(STRANGER).get(ASK))
    answer = browser(STRANGER).post(ASK, {"reason": WHY, "password": PASSWORD})
    assert (answer.status_code, Override.objects.count()) == (403, 0)


@pytest.mark.parametrize("path", ["canary", "nothing"])
def test_only_the_next_phase_is_asked_for(path):
    answer = browser(MATE).get(f"/rollouts/demo/phases/{path}/break-glass/")
    assert answer.status_code == (404 if path == "nothing" else 200)
    if path == "canary":
        assert "No phase is skipped" in text_of(answer)


def test_somebody_else_confirms_every_command_and_enters(asked):
    answer = say(LEAD, f"{asked}/confirm/")
    assert answer.status_code == 303
    run = PhaseRun.objects.get()
    assert (run.by_id, run.override.by_id, actions()[-1]) == (LEAD, MATE, "phase.overridden")


def test_what_is_confirmed_is_what_was_shown(asked):
    answer = say(LEAD, f"{asked}/confirm/", digest="sha256:other")
    assert answer.status_code == 409
    assert "What stands in the way changed while you were reading" in text_of(answer)
    assert not PhaseRun.objects.exists()


@pytest.mark.parametrize(("field", "value", "said"), [
    ("command", ("1.1",), "Not confirmed: 2"),
    ("password", "wrong", "That isn’t your password"),
])  # fmt: skip
def test_nothing_begins_without_the_commands_and_the_password(asked, field, value, said):
    answer = say(LEAD, f"{asked}/confirm/", **{field: value})
    assert (answer.status_code, PhaseRun.objects.count()) == (422, 0)
    assert said in text_of(answer)


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (MATE, "One person alone breaks no glass"),
        (OWNER, "Who may: Release lead"),
        (STRANGER, "Only people on this rollout"),
    ],
)
def test_nobody_else_confirms(asked, person, said):
    assert said in text_of(browser(person).get(f"{asked}/confirm/"))
    digest = hidden_of(browser(LEAD).get(f"{asked}/confirm/"), "digest")
    typed = {"password": PASSWORD, "digest": digest, "command": COMMANDS}
    answer = browser(person).post(f"{asked}/confirm/", typed)
    assert (answer.status_code, PhaseRun.objects.count()) == (403, 0)


def test_what_ran_out_is_not_confirmed(asked):
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        text = text_of(browser(LEAD).get(f"{asked}/confirm/"))
    assert "Nobody confirmed this by 15:02 UTC, so it no longer counts. Ask again." in text


@pytest.mark.parametrize("person", [MATE, OWNER])
def test_anybody_on_the_rollout_withdraws_it(asked, person):
    client = browser(person)
    answer = client.post(action_of(client.get(f"{asked}/withdraw/")))
    assert (answer.status_code, actions()[-1]) == (303, "override.withdrawn")
    assert "withdrew this" in text_of(browser(LEAD).get(f"{asked}/confirm/"))


def test_a_stranger_withdraws_nothing(asked):
    answer = browser(STRANGER).post(f"{asked}/withdraw/")
    assert (answer.status_code, Override.objects.get().withdrawn_at) == (403, None)


def test_every_page_tells_what_waits_and_offers_it_to_whoever_may(asked):
    for path in ("", "gates/", "gaps/", "audit/"):
        text = text_of(browser(LEAD).get(f"/rollouts/demo/{path}"))
        assert "Mia Mate asks to enter Prepare without GO" in text
        assert "It waits for a second person until 15:02 UTC" in text
    assert f'href="{asked}/confirm/' in browser(LEAD).get(BOARD).content.decode()
    assert f'href="{asked}/confirm/' not in browser(MATE).get(BOARD).content.decode()
    assert f'href="{asked}/' not in browser(STRANGER).get(BOARD).content.decode()


def test_an_overridden_run_is_on_every_page_and_never_looks_like_go(entered):
    for path in ("", "now/", "phases/prepare/", "gates/", "audit/"):
        answer = browser(MATE).get(f"/rollouts/demo/{path}")
        text, html = text_of(answer), answer.content.decode()
        assert "Prepare was entered without GO by Mia Mate and Lea Lead" in text
        assert "verdict--go" not in html
        assert "favicon-go" not in html
    page = browser(MATE).get(BOARD).context["page"]
    assert (page.verdict.word, page.verdict.sentence) == ("NO-GO", "Prepare can’t continue")
    assert page.verdict.reasons[0].state == "Overridden"
    assert page.sequence.steps[0].state == "Overridden"
    assert "Abort" not in text_of(browser(MATE).get(BOARD)).partition("Overridden")[0]


def test_the_authority_closes_it_with_a_reason_and_a_password(entered):
    text = text_of(browser(LEAD).get(f"{entered}/close/"))
    assert "What was overridden" in text
    assert say(LEAD, f"{entered}/close/", password="wrong").status_code == 422
    assert say(LEAD, f"{entered}/close/", reason="").status_code == 422
    answer = say(LEAD, f"{entered}/close/", reason="It holds")
    assert (answer.status_code, actions()[-1]) == (303, "override.closed")
    assert browser(LEAD).get(BOARD).context["page"].head.overrides == ()


@pytest.mark.parametrize("person", [MATE, OWNER, STRANGER])
def test_nobody_else_closes_it(entered, person):
    assert "Who may: Release lead" in text_of(browser(person).get(f"{entered}/close/"))
    answer = browser(person).post(f"{entered}/close/", {"reason": "It holds", "password": PASSWORD})
    assert (answer.status_code, Override.objects.get().closed_at) == (403, None)


def test_what_does_not_exist_is_not_found():
    for act in ("confirm", "withdraw", "close"):
        assert browser(LEAD).get(f"/rollouts/demo/overrides/99/{act}/").status_code == 404


def test_whoever_may_is_sent_to_it(asked):
    assert browser(LEAD).get(BOARD).context["page"].step.label == "Confirm or not"
    assert browser(MATE).get(BOARD).context["page"].step.label != "Confirm or not"


def test_the_page_of_the_next_phase_leads_to_it_and_no_other():
    assert ASK in browser(MATE).get("/rollouts/demo/phases/prepare/").content.decode()
    assert ASK not in browser(STRANGER).get("/rollouts/demo/phases/prepare/").content.decode()
    for path in ("", "phases/canary/"):
        assert "break-glass" not in browser(MATE).get(f"/rollouts/demo/{path}").content.decode()
