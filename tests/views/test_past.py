"""The board as of a moment: what was judged then, drawn as past, with no way to act; what is not kept is said."""

import re
from datetime import timedelta

import pytest

from readiness.core.types import Question
from readiness.models import AuditEntry, Blob, Hold, RecordCheck
from readiness.queries import past_cards
from readiness.queries.kept_verdicts import load_verdict_at
from readiness.services.holds import call_hold, lift_hold
from tests.factories import (
    NOW,
    act_as,
    fire,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    observe_all,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
BOARD = "/rollouts/quickstart/"


@pytest.fixture
def held(at_the_moment):
    """A rollout that was judged, then held and judged again, then freed and judged a third time; give the entries."""
    make_person("Ana Ruiz")
    rollout = make_rollout()
    judge(rollout)
    call_hold(rollout.key, act_as(make_person("Ben Okafor")), NOW, reason="the backup fails")
    judge(rollout, NOW + timedelta(minutes=1))
    lift_hold(rollout.key, Hold.objects.get().pk, act_as(make_person("Ana Ruiz")), NOW, reason="it works again")
    judge(rollout, NOW + timedelta(minutes=2))
    return list(AuditEntry.objects.filter(action="verdict.changed").order_by("seq").values_list("seq", flat=True))


def facts_of(seq):
    return load_verdict_at("quickstart", Question.ENTER, seq).judged.facts


def states(card):
    return [row.state for row in card.reasons]


def test_a_board_of_the_past_shows_the_facts_of_the_verdict_in_force_then(held, read):
    before, during, after = (read(f"{BOARD}?as_of={seq}").context["page"] for seq in held)
    assert "Held" in states(during.verdict)
    assert "Held" not in states(before.verdict) + states(after.verdict)
    assert during.verdict.evaluated_at == NOW + timedelta(minutes=1)
    assert before.verdict.verdict_id == after.verdict.verdict_id != during.verdict.verdict_id


def test_between_two_verdicts_the_earlier_one_is_in_force(held, read):
    page = read(f"{BOARD}?as_of={held[1] - 1}").context["page"]
    assert "Held" not in states(page.verdict)
    assert page.travel.sentence.startswith(f"From the facts kept by entry {held[0]}, judged at 2025-12-08 09:30 UTC.")


def test_a_time_means_the_last_entry_at_or_before_it(held, read):
    at = AuditEntry.objects.get(pk=held[1]).at
    page = read(f"{BOARD}?as_of={at:%Y-%m-%dT%H:%M:%S.%f}Z").context["page"]
    assert "Held" in states(page.verdict)


def test_nothing_acts_polls_or_is_taken_for_now(held, read):
    answer = read(f"{BOARD}?as_of={held[1]}")
    html = answer.content.decode()
    assert 'class="past"' in html
    assert "Past, read only" in answer.text
    main = html[html.index('<main id="main"') : html.index("</main>")]
    assert re.findall(r'method="post"|hx-(?:get|post|trigger)|data-title', main) == []
    assert 'id="live"' not in html
    assert "Call a hold" not in html
    assert "<title>Past: The board as of entry" in html


def test_then_stands_beside_now(held, read):
    page = read(f"{BOARD}?as_of={held[0]}").context["page"]
    assert [row.label for row in page.compared][:1] == ["Conditions met"]
    assert {row.label: row.then for row in page.compared} == {row.label: row.now for row in page.compared}


def test_what_was_met_since_differs_between_then_and_now(at_the_moment, read):
    rollout = make_rollout()
    start_phase(rollout, "prepare")
    judge(rollout)
    seq = AuditEntry.objects.order_by("-seq").first().seq
    observe_all(rollout)
    rows = {row.label: row for row in read(f"{BOARD}?as_of={seq}").context["page"].compared}
    assert rows["Conditions met"].then != rows["Conditions met"].now


def test_a_running_phase_shows_both_answers_and_its_place_in_the_sequence(at_the_moment, read):
    rollout = make_rollout()
    start_phase(rollout, "canary")
    observe_all(rollout)
    judge(rollout)
    seq = AuditEntry.objects.order_by("-seq").first().seq
    page = read(f"{BOARD}?as_of={seq}").context["page"]
    assert page.verdict.word == "GO"
    assert page.decision.slim
    assert [step.state for step in page.sequence.steps if step.current] == ["Running"]


def test_an_answer_about_a_run_that_had_ended_is_not_in_force(at_the_moment, read):
    rollout = make_rollout()
    run = start_phase(rollout, "canary")
    judge(rollout)
    run.state, run.left_at = "rolled_back", NOW
    run.save()
    judge(rollout, NOW + timedelta(minutes=1))
    seq = AuditEntry.objects.order_by("-seq").first().seq
    page = read(f"{BOARD}?as_of={seq}").context["page"]
    assert page.decision is None
    assert "can’t continue" not in page.verdict.sentence


def test_before_anything_was_judged_the_answer_was_no(at_the_moment, read):
    make_rollout()
    seq = AuditEntry.objects.order_by("-seq").first().seq
    answer = read(f"{BOARD}?as_of={seq}")
    assert answer.context["page"].verdict.word == "NO-GO"
    assert "Nothing had been judged yet" in answer.text


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("yesterday", 400, "is neither an entry&#x27;s number nor a time"),
        ("99999", 404, "There is no entry 99,999 yet. The record goes from entry 0 to entry"),
        ("2999-01-01", 404, "2999-01-01 00:00 UTC is still to come"),
        ("2001-01-01 10:00", 404, "The record does not go back to 2001-01-01 10:00 UTC. It begins with entry 0"),
        ("0", 404, "The record of this rollout does not go back to entry 0"),
        ("9999-12-31T23:59:59-14:00", 400, "is neither an entry&#x27;s number nor a time"),
        ("²", 400, "is neither an entry&#x27;s number nor a time"),
    ],
)
def test_a_moment_without_a_board_says_why_and_leaves_the_way_on(held, client, asked, status, said):
    client.force_login(make_person("Ana Ruiz"))
    answer = client.get(BOARD, {"as_of": asked})
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert 'name="as_of"' in answer.content.decode()


def test_facts_that_are_gone_are_said_and_nothing_is_guessed(held, read):
    page = read(f"{BOARD}?as_of={held[1]}").context["page"]
    assert page.conditions
    Blob.objects.filter(pk=facts_of(held[1])).delete()
    answer = read(f"{BOARD}?as_of={held[1]}")
    page = answer.context["page"]
    assert "are not kept here" in page.travel.trouble
    assert (page.compared, page.conditions, page.poll, page.sequence) == ((), (), (), None)
    assert page.verdict.word == "NO-GO"
    assert "Held" in states(page.verdict)


def test_facts_that_were_altered_are_said_and_nothing_is_shown_from_them(held, read):
    Blob.objects.filter(pk=facts_of(held[1])).update(data=b"{}")
    page = read(f"{BOARD}?as_of={held[1]}").context["page"]
    assert f"Nothing is shown from the facts of entry {held[1]}." in page.travel.trouble
    assert page.conditions == ()


def test_a_verdict_of_other_rules_is_shown_as_recorded(held, read, monkeypatch):
    monkeypatch.setattr(past_cards, "evaluate_verdict", lambda *given: _OTHER)
    page = read(f"{BOARD}?as_of={held[1]}").context["page"]
    assert page.verdict.detail.startswith(f"As recorded by entry {held[1]}. The kept facts do not give this answer")
    assert "Held" in states(page.verdict)


class _OTHER:
    verdict_id = "sha256:other"


def test_a_record_that_contradicts_itself_is_said_on_every_past_board(held, read):
    RecordCheck.objects.update(problem="Entry 3 was altered.")
    page = read(f"{BOARD}?as_of={held[1]}").context["page"]
    assert page.travel.trouble == "The record contradicts itself: Entry 3 was altered."


def test_an_entry_leads_to_the_board_as_of_it(held, read):
    answer = read(f"{BOARD}audit/{held[1]}/")
    url = f"{BOARD}?as_of={held[1]}"
    assert answer.context["page"].entry.as_of_url == url
    assert f'href="{url}"' in answer.content.decode()


def test_an_empty_moment_is_now(held, read):
    assert read(f"{BOARD}?as_of=").context["page"].live.url


def test_a_stranger_reads_a_past_board_as_they_read_the_board(held, read):
    assert read(f"{BOARD}?as_of={held[1]}", who="Zoe Stranger").context["page"].verdict.word == "NO-GO"


def test_a_rollout_that_is_not_there_has_no_past(client, at_the_moment):
    client.force_login(make_person("Ana Ruiz"))
    assert client.get("/rollouts/nothing/?as_of=0").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_a_past_board_takes_the_same_queries_whatever_it_lists(count, client, at_the_moment, django_assert_num_queries):
    rollout = make_small_rollout(count)
    run = start_phase(rollout, "canary")
    for n in range(count):
        fire(run, f"canary/abort/gate:gate-{n}/<= 3/0s")
        call_hold(rollout.key, act_as(make_person("Sam Sre")), NOW, reason=f"because {n}")
        judge(rollout, NOW + timedelta(seconds=n))
    seq = AuditEntry.objects.order_by("-seq").first().seq
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(31):
        client.get(f"/rollouts/small/?as_of={seq}")
