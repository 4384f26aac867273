"""Who opened what: the first time counts, at its moment, on every rollout that the piece is of."""

from datetime import timedelta

import pytest

from readiness.core.types import Person
from readiness.models import EvidenceOpening, Rollout
from readiness.queries.openings import load_opened
from readiness.services.openings import note_opening
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NAMES, NOW, make_rollout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
LATER = NOW + timedelta(minutes=5)


def opens(rollouts, digest=DIGEST, person=MATE, at=NOW):
    note_opening(rollouts, digest, Person(person, NAMES[person]), at)


def test_the_first_opening_is_kept_without_an_entry():
    rollout = make_rollout()
    opens([rollout])
    opens([rollout], at=LATER)
    row = EvidenceOpening.objects.get()
    assert (row.digest, row.person_id, row.person_name, row.opened_at) == (DIGEST, MATE, NAMES[MATE], NOW)
    assert entries() == []


def test_what_was_opened_is_told_by_person_rollout_and_moment():
    rollout, second = make_rollout(), Rollout.objects.create(key="second", title="Second", created_at=NOW)
    opens([rollout, second])
    opens([rollout], OTHER, at=LATER)
    assert load_opened(rollout, MATE, NOW) == {DIGEST}
    assert load_opened(rollout, MATE, LATER) == {DIGEST, OTHER}
    assert load_opened(second, MATE, LATER) == {DIGEST}
    assert load_opened(rollout, LEAD, LATER) == set()
