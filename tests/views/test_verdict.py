"""How an answer was computed: every rule with what it said, its inputs, and the same answer computed again."""

import pytest
from django.core.management import call_command

from readiness.core.verdict import RULES
from readiness.models import Blob, StoredVerdict
from tests.factories import judge, make_person, make_rollout, make_small_rollout, observe_all, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
PAGE = "/rollouts/quickstart/verdict/"


def test_with_nothing_judged_there_is_nothing_to_retell(read):
    make_rollout()
    answer = read(PAGE)
    assert answer.context["page"].computations == ()
    assert "Until it is, the answer is NO-GO" in answer.text


def test_each_question_shows_all_its_rules_and_what_they_said(read):
    rollout = make_rollout()
    start_phase(rollout, "canary")
    observe_all(rollout)
    judge(rollout)
    asked = {each.name: each for each in read(PAGE).context["page"].computations}
    assert {name: len(each.rules) for name, each in asked.items()} == {q.value: len(RULES[q]) for q in RULES}
    assert {line.note for line in asked["continue"].rules if line.state == "Met"} == {"Holds"}
    idle = {line.title for line in asked["continue"].rules if line.state == "Not due"}
    assert idle == {"The share that is observed of each flag is the share that the running phase asks for"}
    spoke = {line.title: line.note for line in asked["enter"].rules if line.state != "Met"}
    assert (
        spoke["Every condition, and every gap that only people close, is covered by somebody who did not work on it"]
        == "Nothing to look at yet"
    )
    assert asked["continue"].note == "7 of 8 rules hold, 1 has nothing to look at yet"
    assert spoke["The running phase has lasted its minimum duration"] == "1 running"
    assert spoke["Everyone polled has given a GO that still counts"] == "2 no answer"
    assert asked["enter"].command.startswith(".venv/bin/python manage.py verdict quickstart --ask enter --as-of ")


def test_the_answer_computed_again_from_the_kept_facts_is_the_same(read):
    judge(make_rollout())
    (computation,) = read(PAGE).context["page"].computations
    assert computation.repeated.state == "Valid"


def test_the_command_of_the_page_gives_the_answer_of_the_page(read, capsys):
    judge(make_rollout())
    (computation,) = read(PAGE).context["page"].computations
    with pytest.raises(SystemExit) as stop:
        call_command(*computation.command.removeprefix(".venv/bin/python manage.py ").split())
    assert stop.value.code == 1
    assert StoredVerdict.objects.get().verdict_id in capsys.readouterr().out


def test_an_answer_that_does_not_follow_from_its_facts_is_failing(read):
    judge(make_rollout())
    StoredVerdict.objects.update(verdict_id="sha256:" + "0" * 64)
    (computation,) = read(PAGE).context["page"].computations
    assert computation.repeated.state == "Failing"


def test_facts_that_can_no_longer_be_read_are_not_called_the_same(read):
    judge(make_rollout())
    Blob.objects.filter(pk=StoredVerdict.objects.get().facts).update(data=b"{}")
    (computation,) = read(PAGE).context["page"].computations
    assert (computation.repeated.state, computation.rules) == ("No data", ())


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_whatever_it_lists(count, client, at_the_moment, django_assert_num_queries):
    judge(make_small_rollout(count))
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(24):
        client.get("/rollouts/small/verdict/")
