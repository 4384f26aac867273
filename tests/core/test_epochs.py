import pytest

from readiness.core.checkpoint import Checkpoint
from readiness.core.epochs import BEGUN, begins_after, checkpoint_name, may_stand, next_origin, split_origin

ONE, TWO, THREE = (f"log.test/audit/{number}" for number in (1, 2, 3))


def test_the_next_epoch_has_the_next_number():
    assert [next_origin(ONE), next_origin("log.test/audit/9")] == [TWO, "log.test/audit/10"]
    assert split_origin("named") == ("named", 0)


@pytest.mark.parametrize(
    ("log", "action", "before", "newest", "may"),
    [
        (ONE, "claim.made", "", ONE, True),
        (ONE, "claim.made", ONE, TWO, True),
        (TWO, BEGUN, ONE, TWO, True),
        (TWO, "claim.made", ONE, TWO, False),
        (TWO, BEGUN, ONE, ONE, False),
        (THREE, BEGUN, ONE, THREE, False),
        (ONE, BEGUN, TWO, TWO, False),
        ("other.test/audit/1", "claim.made", "", ONE, False),
        (None, "claim.made", "", ONE, False),
    ],
)
def test_entries_keep_their_name_until_an_entry_begins_the_next_epoch(log, action, before, newest, may):
    assert may_stand(log, action, before, newest) is may


def test_an_epoch_begins_after_the_checkpoint_that_it_names():
    last = Checkpoint(ONE, 7, bytes(32))
    body = {"action": BEGUN, "change": {"fields": {"checkpoint": [None, checkpoint_name(last)]}}}
    assert begins_after(body, last)
    assert not begins_after(body, Checkpoint(ONE, 7, bytes(31) + b"x"))
    assert not begins_after({**body, "action": "claim.made"}, last)
