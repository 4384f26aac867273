"""A trigger that arms on entry must have data ten minutes after it, or the phase goes back without a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.aborts import ARM_WITHIN, overdue_because
from readiness.core.gates import has_data
from readiness.core.types import GateObservation, SeriesValue, Trouble
from tests.core.builders import NOW, make_reading, make_trigger

MINUTE = timedelta(minutes=1)
ENTERED = NOW - ARM_WITHIN
SILENT = GateObservation(make_reading())


def waiting(sound_at=None, **more):
    trigger = make_trigger(on_entry=True, observation=SILENT, **more)
    return replace(trigger, sound_at=sound_at)


def test_one_that_never_had_data_sends_the_phase_back_at_the_deadline_and_not_before():
    assert overdue_because(waiting(), ENTERED + timedelta(seconds=1), NOW) == ""
    assert overdue_because(waiting(), ENTERED, NOW) == (
        "not armed within 10 min of entry: metrics has no series for the query"
    )


def test_data_from_before_the_phase_does_not_count_and_data_since_does():
    assert overdue_because(waiting(ENTERED - MINUTE), ENTERED, NOW)
    assert overdue_because(waiting(ENTERED), ENTERED, NOW) == ""
    assert overdue_because(waiting(NOW - MINUTE), ENTERED, NOW) == ""


@pytest.mark.parametrize("more", [{"running": False}, {"on_entry": False}])
def test_only_a_running_trigger_that_arms_on_entry_has_the_deadline(more):
    trigger = replace(make_trigger(**{"on_entry": True, "observation": SILENT, **more}))
    assert overdue_because(trigger, ENTERED, NOW) == ""


def test_what_was_measured_only_after_nobody_had_looked_is_too_late():
    assert overdue_because(make_trigger(on_entry=True), ENTERED, NOW) == (
        "not armed within 10 min of entry: measured too late"
    )


@pytest.mark.parametrize(
    ("more", "has"),
    [
        ({}, True),
        ({"looks_back": timedelta(hours=1), "covers_from": NOW}, True),
        ({"values": ()}, False),
        ({"values": (SeriesValue("", float("nan")),)}, False),
        ({"sampled_at": None}, False),
        ({"sampled_at": NOW - timedelta(hours=1)}, False),
        ({"trouble": Trouble.SOURCE_ERROR}, False),
        ({"warnings": ("partial",)}, False),
    ],
)
def test_data_are_fresh_numbers_however_far_they_reach_back(more, has):
    trigger = make_trigger()
    assert (
        has_data(trigger.facts.condition.gate, GateObservation(replace(make_reading(("", 0.01)), **more)), NOW) is has
    )
