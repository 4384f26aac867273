"""Gates: every one of them, and one with its judgement retold, its line, and every place where it counts."""

from datetime import UTC, datetime, timedelta

import pytest

from readiness.core.types import Trouble
from readiness.models import Observation
from tests.factories import (
    NOW,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    measure,
    observe_all,
    observe_gate,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
GATE = "/rollouts/quickstart/gates/checkout-errors/"
SUCCESS = "canary/succeed/gate:checkout-errors/<= 1%/20s"


@pytest.fixture
def rollout(at_the_moment):
    rollout = make_rollout()
    start_phase(rollout, "canary", entered_at=NOW - timedelta(hours=2))
    observe_all(rollout)
    return rollout


def steps_of(page):
    return {step.word: (step.state, step.found, step.needed) for step in page.trace.steps}


def test_a_gate_that_passes_retells_every_step(rollout, read):
    page = read(GATE).context["page"]
    assert page.gate.state == "Passing"
    assert page.trace.title == "Why it’s passing"
    assert steps_of(page) == {
        "Answered": ("Met", "Metrics answered with 1 series", "an answer with data, all of it numbers"),
        "Fresh": ("Met", "Newest sample is 5 s old", "at most 15 s"),
        "Value": ("Met", "0.1 %", "at most 1 %"),
        "Duration": ("Met", "Held for 60 min or longer", "20 s"),
    }


@pytest.mark.parametrize(
    ("seen", "step", "state"),
    [
        ({"value": None, "trouble": Trouble.SOURCE_ERROR, "message": "no answer within 5 s"}, "Answered", "No data"),
        ({"value": None}, "Answered", "No data"),
        ({"value": 0.001, "age": timedelta(minutes=1)}, "Fresh", "Stale"),
        ({"value": 0.05, "breached": timedelta(minutes=22)}, "Value", "Failing"),
        ({"value": 0.001, "held": timedelta(seconds=7)}, "Duration", "Not sustained"),
    ],
)
def test_the_first_step_that_fails_is_the_reason_and_nothing_after_it_was_judged(rollout, read, seen, step, state):
    observe_gate(rollout, SUCCESS, **seen)
    page = read(GATE).context["page"]
    steps = steps_of(page)
    words = list(steps)
    assert page.gate.state == steps[step][0] == state
    assert all(steps[word][0] == "Met" for word in words[: words.index(step)])
    assert all(steps[word][0] == "Not due" for word in words[words.index(step) + 1 :])


def test_a_gate_that_was_never_measured_says_so(at_the_moment, read):
    make_rollout()
    page = read(GATE).context["page"]
    assert steps_of(page)["Answered"][:2] == ("No data", "Never measured")
    assert page.gate.chart is None


def test_every_place_that_uses_a_gate_is_listed_with_its_own_limit(rollout, read):
    uses = {use.place: (use.limit, use.state) for use in read(GATE).context["page"].uses}
    assert uses["Canary, to finish"] == ("at most 1 %, for 20 s", "Passing")
    assert uses["Canary, stops it"] == ("at most 3 %, for 10 s", "Armed")
    assert {"Prepare, to finish", "Everybody, to finish", "Everybody, stops it"} <= set(uses)


def test_a_gate_names_the_items_it_proves_and_the_ways_back_it_verifies(rollout, read):
    uses = [use.place for use in read("/rollouts/quickstart/gates/checkout-p99/").context["page"].uses]
    assert "Verifies “Turn the new path off”" in uses


def test_the_strip_and_the_history_follow_the_measurements(rollout, read):
    measure(rollout, SUCCESS, "mmmmbbbbmm", every=timedelta(minutes=4))
    page = read(f"{GATE}?last=1h").context["page"]
    assert page.gate.chart.strip == "mmmmbbbbmm"
    assert [row.sentence for row in page.history.rows] == ["Passing", "Failing", "Passing"]
    assert [row.note for row in page.history.rows] == ["for 4 min so far", "for 16 min", "for 16 min"]
    assert max(point.value for point in page.gate.chart.points if point.value is not None) == 0.4


def test_a_hole_in_the_measurements_breaks_the_line(rollout, read):
    measure(rollout, SUCCESS, "mmm", now=NOW - timedelta(minutes=40))
    measure(rollout, SUCCESS, "mmm", now=NOW)
    points = read(f"{GATE}?last=1h").context["page"].gate.chart.points
    assert [point.value for point in points].count(None) == 1


def test_before_the_first_measurement_the_line_is_what_the_source_remembers(rollout, read):
    trail = [[int(datetime(2025, 12, 8, hour, tzinfo=UTC).timestamp()), 0.005] for hour in range(4, 9)]
    Observation.objects.filter(path=SUCCESS).update(trail=trail)
    measure(rollout, SUCCESS, "mm")
    points = read(GATE).context["page"].gate.chart.points
    assert [point.value for point in points][:5] == [0.005] * 5


def test_a_gate_is_shown_where_it_stands_worst(at_the_moment, read):
    rollout = make_small_rollout(1)
    gate = "/rollouts/small/gates/gate-0/"
    start_phase(rollout, "prepare")
    for place in ("prepare/succeed/gate:gate-0/<= 1/30s", "canary/enter/gate:gate-0/<= 1/1m"):
        observe_gate(rollout, place, 0.5)
    assert read(gate, "Lea Lead").context["page"].gate.where == "Production, Prepare, to finish"
    observe_gate(rollout, "canary/enter/gate:gate-0/<= 1/1m", 2.0, breached=timedelta(minutes=3))
    assert read(gate, "Lea Lead").context["page"].gate.where == "Production, Canary, to enter"
    observe_gate(rollout, "prepare/abort/gate:gate-0/<= 3/0s", 4.0, breached=timedelta(minutes=3))
    page = read(gate, "Lea Lead").context["page"]
    assert (page.gate.where, page.gate.state) == ("Production, Prepare, stops it", "Abort")


def test_the_list_shows_every_gate_once_those_that_are_asked_for_first(rollout, read):
    page = read("/rollouts/quickstart/gates/").context["page"]
    asked, others = ({row.name for row in card.rows} for card in (page.gates, page.others))
    assert asked == {
        "Checkout latency, p99, canary cohort",
        "Checkout latency, p99, canary against control",
        "Checkout error rate",
        "Checkout requests that the canary cohort serves",
    }
    assert others == {"Checkout latency, p99"}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("gates/", 21), ("gates/gate-0/", 24)])
def test_gates_take_the_same_queries_whatever_they_list(
    count, path, queries, client, at_the_moment, django_assert_num_queries
):
    rollout = make_small_rollout(count)
    judge(rollout)
    for n in range(count):
        measure(rollout, f"prepare/enter/gate:gate-{n}/<= 1/1m", "mbmb")
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(queries):
        client.get(f"/rollouts/small/{path}")


def test_a_gate_that_the_plan_does_not_have_is_not_found(rollout, client):
    client.force_login(make_person("Ana Ruiz"))
    assert client.get("/rollouts/quickstart/gates/nothing/").status_code == 404


def test_the_board_shows_the_worst_gates_and_says_how_many_there_are(at_the_moment, read):
    rollout = make_small_rollout(14)
    observe_gate(rollout, "prepare/enter/gate:gate-7/<= 1/1m", 2.0, breached=timedelta(minutes=1))
    judge(rollout)
    card = read("/rollouts/small/", "Lea Lead").context["page"].gates
    assert (len(card.rows), card.rows[0].name) == (12, "Gate 7")
    assert card.note == "Production, 13 of 14 pass, the worst 12 are shown"
    assert len(read("/rollouts/small/gates/", "Lea Lead").context["page"].gates.rows) == 14
