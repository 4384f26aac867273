"""Gates: every one of them, and one with its judgement retold, its line, and every place where it counts."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from readiness.collectors.gates import GateCollected
from readiness.collectors.prometheus_answers import Exchange
from readiness.core.codec import to_plain
from readiness.core.types import Assessment, GateObservation, Outcome, Reading, SeriesValue, Trouble
from readiness.core.watchlist import observed_definition
from readiness.models import Measurement, Observation, RawAnswer
from readiness.queries.plans import load_plan
from readiness.services.measurements import Made, keep_measurements
from readiness.services.observations import watched_by
from readiness.services.sources import SourceTold, note_source
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


def measured(rollout, code, at, **more):
    """Keep a measurement as a refresh keeps it, with what the source said."""
    condition = watched_by(rollout, load_plan(rollout))[SUCCESS].condition
    said = Exchange("query", {"query": "rate"}, 200, 30, b'{"status":"success"}', took=timedelta(milliseconds=41))
    reading = Reading("rate", "metrics", at, values=(SeriesValue("", 0.05),), sampled_at=at - timedelta(seconds=4))
    seen = replace(reading, took=said.took, answer=said.digest)
    assessment = Assessment(SUCCESS, Outcome.NOT_MET if code else Outcome.MET, code, "5 %", "at most 1 %")
    definition = more.pop("definition", observed_definition(condition))
    found = GateCollected(GateObservation(seen), answers=(said,))
    plain = to_plain(found.observation)
    keep_measurements(rollout, [Made(SUCCESS, definition, condition.gate, found, plain, assessment, True)])
    return Measurement.objects.get(asked_at=at, path=SUCCESS)


def test_a_moment_says_what_was_measured_why_and_what_the_source_said(rollout, read):
    row = measured(rollout, "GATE_BREACHED", NOW - timedelta(minutes=20))
    page = read(f"{GATE}at/{row.pk}/").context["page"]
    assert (page.state, page.sentence) == ("Failing", "5 %. It must be at most 1 %, for 20 s.")
    assert {s.word: s.state for s in page.trace.steps} == {
        "Answered": "Met", "Fresh": "Met", "Value": "Failing", "Duration": "Not due",
    }  # fmt: skip
    assert page.trace.steps[0].found == "Metrics answered in 41 ms with 1 series"
    assert page.trace.steps[1].found == "Newest sample is 4 s old"
    (answer,) = page.answers
    assert answer.text == 'query?query=rate\n\n{"status":"success"}'
    assert answer.note == "status 200, 30 bytes, 41 ms"


def test_the_last_measurement_before_a_time_is_found_and_a_time_of_day_alone_has_been(rollout, client):
    client.force_login(make_person("Ana Ruiz"))
    row = measured(rollout, "", NOW - timedelta(minutes=20))
    measured(rollout, "", NOW - timedelta(minutes=5))
    for asked in (f"{NOW - timedelta(minutes=10):%H:%M}", f"{NOW - timedelta(minutes=10):%Y-%m-%d %H:%M}"):
        assert client.get(f"{GATE}at/", {"at": asked}).url == f"{GATE}at/{row.pk}/"
    yesterday = client.get(f"{GATE}at/", {"at": f"{NOW + timedelta(minutes=10):%H:%M}"}, follow=True)
    assert b"Nothing is kept of checkout-errors from 2025-12-07 09:40 UTC or before." in yesterday.content


@pytest.mark.parametrize("asked", ["", "yesterday", "25:99", "1204"])
def test_what_is_no_time_is_refused_with_what_would_be_one(rollout, client, asked):
    client.force_login(make_person("Ana Ruiz"))
    assert b"is no time. Write 14:02" in client.get(f"{GATE}at/", {"at": asked}, follow=True).content


def test_of_several_places_measured_at_once_the_one_that_was_not_met_is_shown(rollout, client):
    client.force_login(make_person("Ana Ruiz"))
    measure(rollout, "gates/gate:checkout-errors", "m", now=NOW)
    row = measured(rollout, "GATE_BREACHED", NOW)
    assert client.get(f"{GATE}at/", {"at": f"{NOW:%H:%M}"}).url == f"{GATE}at/{row.pk}/"


def test_a_measurement_that_the_plan_no_longer_asks_is_not_retold_by_its_limit(rollout, read):
    row = measured(rollout, "GATE_BREACHED", NOW, definition="sha256:other")
    page = read(f"{GATE}at/{row.pk}/").context["page"]
    assert (page.trace, page.sentence) == (None, "5 %.")
    assert page.note.startswith("The plan asks something else now")


def test_what_is_not_kept_any_more_is_said_and_so_is_what_was_altered(rollout, read):
    row = measured(rollout, "GATE_BREACHED", NOW)
    RawAnswer.objects.update(packed=zlib.compress(b"{}"))
    assert read(f"{GATE}at/{row.pk}/").context["page"].answers[0].note.startswith("it is no longer what was kept")
    RawAnswer.objects.all().delete()
    assert read(f"{GATE}at/{row.pk}/").context["page"].answers[0].note == "not kept any more"


def test_a_measurement_of_another_gate_or_rollout_is_not_found(rollout, client):
    client.force_login(make_person("Ana Ruiz"))
    row = measured(rollout, "", NOW)
    make_small_rollout(1)
    others = ("/rollouts/quickstart/gates/checkout-p99/", "/rollouts/small/gates/gate-0/")
    assert [client.get(f"{url}at/{row.pk}/").status_code for url in others] == [404, 404]


def test_the_history_leads_to_the_measurement_at_which_each_outcome_began(rollout, read):
    row = measured(rollout, "GATE_BREACHED", NOW - timedelta(minutes=1))
    assert read(GATE).context["page"].history.rows[0].url == f"{GATE}at/{row.pk}/"


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
@pytest.mark.parametrize(("path", "queries"), [("gates/", 23), ("gates/gate-0/", 25)])
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


def test_whether_each_gate_can_still_speak_is_told(rollout, read):
    """One that never had data, one that was never red, and one that was."""
    rows = Observation.objects.filter(rollout=rollout)
    rows.update(first_at=NOW - timedelta(days=3), sound_at=NOW, red_at=None)
    rows.filter(path="canary/abort/gate:checkout-errors/<= 3%/10s").update(red_at=NOW - timedelta(hours=5))
    rows.filter(path=SUCCESS).update(first_at=None, sound_at=None)
    page = read("/rollouts/quickstart/gates/").context["page"]
    told = {(row.name, row.place): row for row in page.armed.rows}
    red, unlooked = told["Checkout error rate", "Canary, stops it"], told["Checkout error rate", "Canary, to finish"]
    assert (red.red_at, red.note) == (NOW - timedelta(hours=5), "")
    assert (unlooked.data_at, unlooked.note) == (None, "Never evaluated")
    assert {row.note for row in told.values() if row not in (red, unlooked)} == {"Never in 3 days"}
    assert page.armed.note.startswith("1 never had data, ")


def test_a_source_that_does_not_answer_is_told_with_its_consequence(rollout, read):
    silent = SourceTold("metrics", "Prometheus at metrics:9090 did not answer within 10 s", timedelta(seconds=10))
    for _ in range(3):
        note_source(rollout, silent, NOW - timedelta(minutes=11))
    for path in ("", "gates/"):
        answer = read(f"/rollouts/quickstart/{path}")
        assert "Metrics hasn’t answered since 09:19" in answer.text
        assert "did not answer within 10 s. What rests on it counts as not met until it answers" in answer.text
        assert "it is asked again 09:19" in answer.text
    note_source(rollout, replace(silent, silence=""), NOW)
    assert "hasn’t answered" not in read("/rollouts/quickstart/gates/").text
