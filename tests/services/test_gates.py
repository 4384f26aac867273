"""Refreshing: leased once, kept in one batch, recorded when a change has lasted two evaluations."""

from datetime import timedelta

import pytest

from readiness.collectors.gates import GateCollected
from readiness.core.case import open_case
from readiness.core.codec import from_plain
from readiness.core.conditions import CheckSpec, Condition, ConditionKind, ConditionList
from readiness.core.pace import next_look
from readiness.core.types import (
    CheckObservation,
    Finding,
    GateObservation,
    Outcome,
    Question,
    Reading,
    SeriesValue,
    Trouble,
)
from readiness.core.watchlist import Watched
from readiness.core.windows import Point
from readiness.models import Baseline, Measurement, Observation, PhaseRun
from readiness.models.phase import DwellClock
from readiness.queries.due import load_due_sources
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan
from readiness.services.gates import refresh_rollout
from readiness.services.leases import LEASE, Leased, lease_due
from readiness.services.observations import make_all_due, sync_observations
from tests.record_fixtures import entries
from tests.services.helpers import DOCUMENT, MATE, NOW, act_of, adopt, document, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MACHINE = act_of("readiness")
PATH = "canary/abort/gate:errors/<= 3/0s"


@pytest.fixture
def rollout():
    rollout = make_rollout()
    start_phase(rollout, "canary")
    sync_observations(rollout, load_plan(rollout), "canary", NOW)
    return rollout


CHECK = Condition(
    "checks/check:x",
    ConditionKind.CHECK,
    "x",
    "X",
    None,
    "checks",
    ConditionList.PROOF,
    check=CheckSpec("repository", "file", {"path": "x"}),
)
WATCHED_CHECK = Watched(CHECK.path, CHECK, timedelta(minutes=1), abort=False, of_running=False)


def test_since_when_a_gate_has_not_been_met_is_kept_until_it_is_met_or_unknown(rollout):
    def failing(value, minutes):
        refresh(value, NOW + timedelta(minutes=minutes))
        return Observation.objects.get(path=PATH).failing_since

    assert failing(9.0, 0) == NOW
    assert failing(8.0, 5) == NOW
    assert failing(1.0, 6) is None
    assert failing(9.0, 7) == NOW + timedelta(minutes=7)
    assert failing(None, 8) is None


def reading(value, now, query="errors", **more):
    values = () if value is None else (SeriesValue("", value),)
    return Reading(query, "metrics", now, values=values, sampled_at=now if values else None, **more)


def asked_by(leased):
    """The query that is asked for what was leased."""
    return leased.watched.condition.gate.query if leased.watched.condition.gate else "errors"


def refresh(value, now, **more):
    """Collect every due gate as if Prometheus answered with one value."""
    make_all_due("demo", now)
    trail = (Point(now, 1.0),) if value is not None else ()
    seen = {
        leased.row: (leased, GateCollected(GateObservation(reading(value, now, asked_by(leased), **more)), trail))
        for leased in lease_due("demo", now)
    }
    refresh_rollout("demo", seen, MACHINE, now)


def row(path=PATH):
    return Observation.objects.get(path=path)


def test_what_is_leased_is_not_leased_again_until_the_lease_ends(rollout):
    first = lease_due("demo", NOW)
    assert PATH in {leased.watched.path for leased in first}
    assert lease_due("demo", NOW + timedelta(seconds=1)) == ()
    again = lease_due("demo", NOW + LEASE + timedelta(seconds=1))
    assert {leased.row for leased in again} == {leased.row for leased in first}


def test_gates_and_checks_are_leased_apart(rollout):
    gates, checks = (lease_due("demo", NOW, [kind]) for kind in (Observation.GATE, Observation.CHECK))
    assert gates
    assert all(leased.watched.condition.gate is not None for leased in gates)
    assert all(leased.watched.condition.check is not None for leased in checks)
    assert load_due_sources(NOW) == []
    assert ("demo", Observation.GATE, "metrics") in load_due_sources(NOW + LEASE + timedelta(seconds=1))


def test_a_refresh_keeps_the_measurement_and_says_when_the_next_is_due(rollout):
    refresh(1.0, NOW)
    kept = Measurement.objects.get(path=PATH)
    assert (kept.query, kept.value, kept.outcome, kept.sampled_at) == ("errors", 1.0, "MET", NOW)
    assert row().next_due_at == next_look(NOW, timedelta(seconds=15), "demo metrics")
    assert row().leased_until is None
    assert row().trail == [[int(NOW.timestamp()), 1.0]]


def test_an_outcome_is_recorded_once_it_has_lasted_two_evaluations(rollout):
    refresh(1.0, NOW)
    refresh(1.0, NOW + timedelta(seconds=15))
    told = [entry["change"]["fields"]["outcomes"] for entry in entries() if "outcomes" in entry["change"]["fields"]]
    assert told == [[{PATH: ""}, {PATH: "MET"}]]
    before = len(entries())
    refresh(9.0, NOW + timedelta(seconds=30))
    refresh(1.0, NOW + timedelta(seconds=45))
    outcomes = [e for e in entries()[before:] if "outcomes" in e["change"]["fields"]]
    assert outcomes == []
    assert (row().shown, row().pending) == ("MET", "")


def test_a_refresh_appends_at_most_one_entry(rollout):
    refresh(1.0, NOW)
    before = len(entries())
    refresh(9.0, NOW + timedelta(seconds=15))
    refresh(9.0, NOW + timedelta(seconds=30))
    assert len(entries()) - before == 2
    assert entries()[before]["change"]["fields"]["fired"][1] == [PATH]


def test_trouble_is_kept_as_such_and_blinds_the_trigger(rollout):
    refresh(None, NOW, trouble=Trouble.SOURCE_ERROR, message="Prometheus did not answer")
    kept = Measurement.objects.get(path=PATH)
    assert (kept.value, kept.outcome, kept.found) == (None, "UNKNOWN", "Prometheus did not answer")
    assert row().blind_since == NOW
    refresh(1.0, NOW + timedelta(minutes=1))
    assert row().blind_since is None


def test_a_source_that_falls_silent_leaves_the_time_of_the_last_sample_and_its_line(rollout):
    refresh(1.0, NOW)
    later = NOW + timedelta(minutes=1)
    refresh(None, later, trouble=Trouble.SOURCE_ERROR, message="Prometheus did not answer")
    refresh(None, later + timedelta(minutes=1), trouble=Trouble.SOURCE_ERROR, message="Prometheus did not answer")
    kept = from_plain(GateObservation, row().payload).reading
    assert (kept.sampled_at, kept.values, kept.trouble) == (NOW, (), Trouble.SOURCE_ERROR)
    assert row().trail == [[int(NOW.timestamp()), 1.0]]
    assert Measurement.objects.filter(path=PATH, sampled_at=None).count() == 2
    assert row().blind_since == later


def test_what_is_no_longer_watched_is_put_aside(rollout):
    Observation.objects.create(rollout=rollout, path="gone/gate:x", kind="gate", next_due_at=NOW)
    assert "gone/gate:x" not in {leased.watched.path for leased in lease_due("demo", NOW)}
    assert row("gone/gate:x").next_due_at > NOW


def test_a_success_window_begins_no_earlier_than_its_run(rollout):
    leased = {each.watched.path: each for each in lease_due("demo", NOW)}
    assert leased[PATH].success_from is None
    assert leased["gates/gate:errors"].success_from is None


def test_a_recorded_baseline_reaches_the_collector(rollout):
    Baseline.objects.create(
        rollout=rollout,
        baseline="phase-0",
        gate="errors",
        value=2.0,
        query="errors",
        window=timedelta(hours=1),
        answer="sha256:x",
        recorded_at=NOW,
        by_id="u:1",
        by_name="Olga",
    )
    assert all(each.baseline is None for each in lease_due("demo", NOW))


RELATIVE = {"gate": "errors", "expect": "<= +5%", "against": {"baseline": "b0"}}


@pytest.fixture
def compared():
    """A gate of the first phase that is compared with a baseline."""
    records = {"item": "rec", "title": "Rec", "owner": "sre", "records": {"baseline": "b0", "gates": ["errors"]}}
    rollout = make_rollout(document(enter=[records, RELATIVE]))
    sync_observations(rollout, load_plan(rollout), None, NOW)
    return rollout


def keep_baseline(rollout, query="errors"):
    return Baseline.objects.create(
        rollout=rollout, baseline="b0", gate="errors", value=0.5, query=query, window=timedelta(hours=1),
        answer="sha256:x", recorded_at=NOW, by_id=MATE, by_name="Mia Mate",
    )  # fmt: skip


def outcome_of(rollout, now, path="prepare/enter/gate:errors/<= +5%/0s"):
    facts = load_facts(rollout, Question.ENTER)
    judged = open_case(facts, Question.ENTER, now).judged[path]
    return judged.outcome, judged.code, judged.found


def test_a_gate_that_is_compared_with_a_baseline_fails_and_is_not_blind(compared):
    path = "prepare/enter/gate:errors/<= +5%/0s"
    keep_baseline(compared)
    for seconds in (0, 15, 30):
        refresh(9.0, NOW + timedelta(seconds=seconds))
    kept = row(path)
    assert (kept.failing_since, kept.blind_since, kept.shown) == (NOW, None, "GATE_BREACHED")
    assert set(Measurement.objects.filter(path=path).values_list("code", flat=True)) == {"GATE_BREACHED"}


def test_a_baseline_of_another_query_compares_with_nothing(compared):
    keep_baseline(compared, "errors_of_others")
    refresh(0.5, NOW)
    outcome, code, found = outcome_of(compared, NOW)
    assert (outcome, code) == (Outcome.UNKNOWN, "GATE_NO_BASELINE")
    assert "was recorded of another query; record it again" in found
    Baseline.objects.update(query="errors")
    assert outcome_of(compared, NOW)[0] is Outcome.MET


def asking(rollout, query):
    """Let the plan ask another query for the gate, as a new version does."""
    gate = {**DOCUMENT["gates"]["errors"], "query": query}
    absolute = document(enter=[{"gate": "errors", "every": "1h", "max_age": "3h"}])
    adopt(rollout, {**absolute, "gates": {"errors": gate}})
    sync_observations(rollout, load_plan(rollout), None, NOW)


OWN = "prepare/enter/gate:errors/<= 1/0s"


def test_a_measurement_of_another_query_was_never_made(rollout):
    asking(rollout := make_other(rollout), "errors")
    refresh(0.5, NOW)
    assert outcome_of(rollout, NOW, OWN)[0] is Outcome.MET
    asking(rollout, "something_else")
    assert outcome_of(rollout, NOW, OWN)[:2] == (Outcome.UNKNOWN, "GATE_NEVER_MEASURED")
    refresh(0.5, NOW)
    assert outcome_of(rollout, NOW, OWN)[0] is Outcome.MET


def test_what_was_leased_under_another_plan_is_dropped_and_due_at_once(rollout):
    asking(rollout := make_other(rollout), "errors")
    leased = lease_due("demo", NOW)
    asking(rollout, "something_else")
    later = NOW + timedelta(seconds=1)
    late = {each.row: (each, GateCollected(GateObservation(reading(0.5, later)))) for each in leased}
    refresh_rollout("demo", late, MACHINE, later)
    assert (row(OWN).payload, row(OWN).next_due_at, row(OWN).leased_until) == (None, NOW, None)
    assert not Measurement.objects.filter(path=OWN).exists()


def test_since_when_another_query_failed_is_forgotten(rollout):
    asking(rollout := make_other(rollout), "errors")
    refresh(9.0, NOW)
    asking(rollout, "something_else")
    refresh(9.0, NOW + timedelta(minutes=5))
    assert row(OWN).failing_since == NOW + timedelta(minutes=5)


def test_what_a_check_found_in_another_file_was_never_looked_at(rollout):
    def looking(path):
        said = document(enter=[{"check": "rb"}])
        checks = {"rb": {"title": "Rb", "kind": "file", "source": "repo", "path": path}}
        sources = {**DOCUMENT["sources"], "repo": {"kind": "git", "path": "${X}"}}
        adopt(rollout, {**said, "sources": sources, "checks": checks})
        sync_observations(rollout, load_plan(rollout), None, NOW)

    make_other(rollout)
    looking("a.md")
    leased = {each.watched.path: each for each in lease_due("demo", NOW, [Observation.CHECK])}["checks/check:rb"]
    refresh_rollout("demo", {leased.row: (leased, CheckObservation(NOW, Finding.FITS, "a.md"))}, MACHINE, NOW)
    assert outcome_of(rollout, NOW, "prepare/enter/check:rb")[0] is Outcome.MET
    looking("other.md")
    assert outcome_of(rollout, NOW, "prepare/enter/check:rb")[0] is Outcome.UNKNOWN


def make_other(rollout):
    """The same rollout before its first phase."""
    DwellClock.objects.all().delete()
    PhaseRun.objects.all().delete()
    return rollout


def test_a_check_that_is_not_met_is_looked_at_again_soon(rollout):
    kept = Observation.objects.create(rollout=rollout, path=CHECK.path, kind=Observation.CHECK, next_due_at=NOW)
    leased = Leased(kept.pk, WATCHED_CHECK, baseline=None, success_from=None, with_trail=False)
    for finding, soon in ((Finding.MISSING, True), (Finding.FITS, False)):
        refresh_rollout("demo", {leased.row: (leased, CheckObservation(NOW, finding, "x"))}, MACHINE, NOW)
        every = timedelta(seconds=15) if soon else timedelta(minutes=1)
        assert row(CHECK.path).next_due_at == next_look(NOW, every, "demo repository")
