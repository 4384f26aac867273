"""Measurements: kept with all they were judged from and what the source said, for as long as that tells something."""

import json
import zlib
from datetime import timedelta

import pytest

from readiness.collectors.gates import GateCollected
from readiness.collectors.prometheus_answers import Exchange
from readiness.core.codec import from_plain
from readiness.core.types import GateObservation, Reading, SeriesValue, Window
from readiness.models import Blob, Measurement, RawAnswer, StoredVerdict
from readiness.queries.plans import load_plan
from readiness.services.gates import refresh_rollout
from readiness.services.leases import lease_due
from readiness.services.measurements import EACH_KEPT_FOR, TELLING_EVERY
from readiness.services.observations import make_all_due, sync_observations
from tests.services.helpers import NOW, act_of, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
PATH = "canary/abort/gate:errors/<= 3/0s"
FOR_LONG = timedelta(days=90)
LATER = timedelta(seconds=15)


@pytest.fixture
def rollout():
    rollout = make_rollout()
    start_phase(rollout, "canary")
    sync_observations(rollout, load_plan(rollout), "canary", NOW)
    return rollout


def said(text, at):
    return Exchange("query", {"query": "errors", "time": str(at)}, 200, len(text), text.encode(), took=LATER / 100)


def refresh(at, values=(1.0,), **more):
    """Measure everything that is due: a value for each series, as a source would have said it."""
    make_all_due("demo", at)
    answer, window_answer = said(f"value {values}", at), said("line", at)
    series = tuple(SeriesValue(f'errors{{pod="{n}"}}', value) for n, value in enumerate(values))
    reading = Reading(
        "errors", "metrics", at, values=series, sampled_at=at, took=answer.took, answer=answer.digest, **more
    )
    seen = GateCollected(
        GateObservation(reading, window=Window(at, at, at, answer=window_answer.digest)),
        answers=(answer, window_answer),
    )
    refresh_rollout("demo", {leased.row: (leased, seen) for leased in lease_due("demo", at)}, act_of("readiness"), at)
    return answer, window_answer


def newest():
    return Measurement.objects.filter(path=PATH).latest("asked_at")


def test_a_measurement_keeps_all_that_it_was_judged_from(rollout):
    refresh(NOW, (1.0, 9.0), warnings=("s3 was not reached",))
    kept = newest()
    assert (kept.worst, kept.value, kept.warnings, kept.took) == (
        'errors{pod="1"}', 9.0, ["s3 was not reached"], timedelta(milliseconds=150),
    )  # fmt: skip
    seen = from_plain(GateObservation, kept.seen)
    assert [series.value for series in seen.reading.values] == [1.0, 9.0]
    assert seen.window == Window(NOW, NOW, NOW, answer=seen.window.answer)


def test_what_the_source_said_is_kept_word_for_word_under_its_digest(rollout):
    answer, window_answer = refresh(NOW)
    assert newest().seen["reading"]["answer"] == answer.digest
    assert newest().seen["window"]["answer"] == window_answer.digest
    packed = RawAnswer.objects.get(pk=answer.digest).packed
    told = json.loads(zlib.decompress(packed))
    assert (told["params"]["query"], told["status"], told["took_ms"]) == ("errors", 200, 150)
    assert told["body"] == "value (1.0,)"


def test_what_a_gate_is_judged_by_again_is_what_was_kept(rollout):
    """A measurement alone, without the source, says why the gate was what it was."""
    refresh(NOW, (9.0,))
    refresh(NOW + LATER, (9.0,))
    kept = newest()
    assert (kept.outcome, kept.code) == ("NOT_MET", "GATE_BREACHED")
    assert from_plain(GateObservation, kept.seen).reading.values[0].value == 9.0


def kept_for():
    kept = newest()
    return kept.kept_until - kept.asked_at


def test_each_measurement_is_kept_for_two_days_and_one_that_tells_something_new_for_long(rollout):
    refresh(NOW)
    assert kept_for() == FOR_LONG
    refresh(NOW + LATER)
    assert kept_for() == EACH_KEPT_FOR
    refresh(NOW + 2 * LATER, (9.0,))
    assert kept_for() == FOR_LONG
    refresh(NOW + 2 * LATER + TELLING_EVERY - LATER, (9.0,))
    assert kept_for() == EACH_KEPT_FOR
    answer, _ = refresh(NOW + 2 * LATER + TELLING_EVERY, (9.0,))
    assert kept_for() == FOR_LONG
    assert RawAnswer.objects.get(pk=answer.digest).kept_until == newest().kept_until


def test_how_long_that_is_is_for_the_operator_to_say(rollout, settings):
    settings.KEEP_MEASUREMENTS_DAYS = 7
    refresh(NOW)
    assert kept_for() == timedelta(days=7)


def test_what_a_verdict_rests_on_is_copied_to_where_it_is_kept_for_ever(rollout):
    answer, window_answer = refresh(NOW, (9.0,))
    assert StoredVerdict.objects.exists()
    kept = {blob.pk: bytes(blob.data) for blob in Blob.objects.filter(pk__in=[answer.digest, window_answer.digest])}
    assert kept == {answer.digest: answer.data, window_answer.digest: window_answer.data}


def test_what_changes_no_verdict_is_not_copied(rollout):
    refresh(NOW)
    answer, _ = refresh(NOW + LATER)
    assert RawAnswer.objects.filter(pk=answer.digest).exists()
    assert not Blob.objects.filter(pk=answer.digest).exists()
