"""Leases: taken once, renewed while a worker lives, free soon after it was killed, and never kept by two."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from readiness.collectors.gates import GateCollected
from readiness.core.types import GateObservation, Reading, SeriesValue
from readiness.models import Measurement, Observation
from readiness.queries.plans import load_plan
from readiness.services.gates import refresh_rollout
from readiness.services.leases import LEASE, lease_due, renew_lease
from readiness.services.observations import make_all_due, sync_observations
from readiness.services.phases import roll_back_phase
from tests.record_fixtures import committed_record  # noqa: F401 (fixture)
from tests.services import claimers
from tests.services.helpers import DOCUMENT, LEAD, NOW, act_of, document, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MACHINE = act_of("readiness")
SECOND = timedelta(seconds=1)
ROOT = Path(__file__).parent.parent.parent
TWO = {"metrics": DOCUMENT["sources"]["metrics"], "other": {"kind": "prometheus", "url": "http://localhost:9091"}}
SLOW = {"title": "Slow", "owner": "sre", "source": "other", "query": "slow", "expect": "<= 1"}


@pytest.fixture
def rollout():
    said = {**document(enter=[{"gate": "errors"}]), "sources": TWO, "gates": {**DOCUMENT["gates"], "slow": SLOW}}
    rollout = make_rollout(said)
    sync_observations(rollout, load_plan(rollout), None, NOW)
    return rollout


def seen(leased, at):
    reading = Reading("q", "metrics", at, values=(SeriesValue("", 0.5),), sampled_at=at)
    return {each.row: (each, GateCollected(GateObservation(reading))) for each in leased}


def keep(leased, at):
    refresh_rollout("demo", seen(leased, at), MACHINE, at)


def test_what_is_due_is_taken_by_source(rollout):
    mine = lease_due("demo", NOW, source="metrics")
    others = lease_due("demo", NOW, source="other")
    assert {each.watched.source for each in mine} == {"metrics"}
    assert {each.watched.source for each in others} == {"other"}
    assert lease_due("demo", NOW) == ()


def test_what_a_killed_worker_had_taken_is_free_within_one_interval(rollout):
    lease_due("demo", NOW)
    assert timedelta(seconds=15) > LEASE
    assert lease_due("demo", NOW + LEASE) == ()
    assert lease_due("demo", NOW + LEASE + SECOND)


def test_what_a_worker_still_works_on_stays_taken(rollout):
    (token,) = {each.token for each in lease_due("demo", NOW)}
    assert renew_lease(token, NOW + LEASE)
    assert lease_due("demo", NOW + 2 * LEASE) == ()
    assert not renew_lease("somebody else's", NOW)


def test_what_another_has_taken_meanwhile_is_not_kept_twice(rollout):
    late = lease_due("demo", NOW)
    soon = lease_due("demo", NOW + LEASE + SECOND)
    keep(soon, NOW + LEASE + 2 * SECOND)
    kept = Measurement.objects.count()
    assert kept == len(soon)
    keep(late, NOW + LEASE + 3 * SECOND)
    assert Measurement.objects.count() == kept


def test_what_another_works_on_is_not_kept_by_the_one_who_was_late(rollout):
    late = lease_due("demo", NOW)
    lease_due("demo", NOW + LEASE + SECOND)
    keep(late, NOW + LEASE + 2 * SECOND)
    assert not Measurement.objects.exists()


def test_what_was_taken_before_the_phase_changed_is_not_kept(rollout):
    start_phase(rollout, "canary")
    sync_observations(rollout, load_plan(rollout), "canary", NOW)
    taken = lease_due("demo", NOW)
    roll_back_phase("demo", "off", act_of(LEAD), NOW + SECOND, reason="no")
    keep(taken, NOW + 2 * SECOND)
    assert not Measurement.objects.exists()
    assert lease_due("demo", NOW + 2 * SECOND)


def test_a_row_that_does_not_know_its_source_learns_it_and_is_due_for_that(rollout):
    Observation.objects.update(source="")
    assert lease_due("demo", NOW, source="") == ()
    assert {row.source for row in Observation.objects.all()} == {"metrics", "other"}
    assert lease_due("demo", NOW, source="metrics")


def test_what_is_watched_no_more_is_given_back_and_put_aside(rollout):
    Observation.objects.create(rollout=rollout, path="gone/gate:x", kind="gate", source="metrics", next_due_at=NOW)
    lease_due("demo", NOW, source="metrics")
    gone = Observation.objects.get(path="gone/gate:x")
    assert (gone.lease, gone.leased_until, gone.next_due_at) == ("", None, NOW + timedelta(days=1))


@pytest.fixture
def shared_database(committed_record, tmp_path):  # noqa: F811
    """The environment of processes that share one real database: a new SQLite file, or the PostgreSQL under test."""
    env = os.environ | {"READINESS_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "readiness.settings"}
    if connection.vendor == "postgresql":
        server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        env["DATABASE_URL"] = f"{server}/{connection.settings_dict['NAME']}"
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=env, check=True)
    subprocess.run([sys.executable, "-m", "tests.services.claimers", "prepare"], cwd=ROOT, env=env, check=True)
    return env


def test_many_workers_at_once_take_each_thing_once(shared_database):
    command = [sys.executable, "-m", "tests.services.claimers", "claim"]
    workers = [
        subprocess.Popen(command, cwd=ROOT, env=shared_database, stdout=subprocess.PIPE, text=True)
        for _ in range(claimers.PROCESSES)
    ]
    taken = [line for worker in workers for line in worker.communicate(timeout=100)[0].split("\n") if line]
    assert [worker.returncode for worker in workers] == [0] * len(workers)
    assert len(taken) == len(set(taken))
    assert sum(line.startswith(f"{claimers.TURNS - 1} ") for line in taken) == claimers.GATES


def test_making_everything_due_takes_it_from_whoever_had_it(rollout):
    late = lease_due("demo", NOW)
    make_all_due("demo", NOW)
    keep(late, NOW + SECOND)
    assert not Measurement.objects.exists()
