"""The whole record verified by several processes says what one process says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from readiness.core.audit_report import BEGINNING, Contradiction, Diagnosis, RecordReport, Start
from readiness.management.record_ranges import _joined

ROOT = Path(__file__).parent.parent.parent
A, B, C = (bytes([n]) * 32 for n in range(3))
LOOK = """
import sys
import django
django.setup()
from django.db import connection
from readiness.core.audit import Act, Actor, ActorType, Change, Channel, ChannelKind, ObjectRef
from readiness.management import record_ranges
from readiness.queries.verification import verify_record
from readiness.models import AuditEntry
from readiness.services.audit import append
from readiness.services.audit_guards import drop_guards
from django.db import transaction
act = Act(Actor(ActorType.SERVICE, "shell:tests", "tests"), Channel(ChannelKind.SHELL))
for n in range(60):
    with transaction.atomic():
        append(Change("hold.called", ObjectRef("hold", str(n), "Hold"), reason="why"), act)
asked = []
whole = record_ranges._verify_ranges
record_ranges._verify_ranges = lambda starts: asked.append(len(starts)) or whole(starts)
record_ranges.os.cpu_count = lambda: 3
report = record_ranges.verify_at_once(20)
assert (asked, report.verified, report.size) == ([3], True, 60), (asked, report)
assert report == verify_record()
drop_guards(connection)
for seq in (59, 41, 22, 3):
    AuditEntry.objects.filter(pk=seq).update(actor="u:666")
    report = record_ranges.verify_at_once(20)
    assert report == verify_record()
    assert (report.contradiction.seq, report.contradiction.word) == (seq, "altered"), report
AuditEntry.objects.filter(pk=19).delete()
AuditEntry.objects.filter(pk=3).delete()
assert record_ranges.verify_at_once(20).contradiction.word == "missing"
print("the same")
"""


@pytest.fixture
def env(tmp_path):
    made = os.environ | {"READINESS_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "readiness.settings"}
    made.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=made, check=True)
    return made


def test_on_all_cores_the_record_is_what_it_is_on_one_and_so_is_what_does_not_fit(env):
    said = subprocess.run([sys.executable, "-c", LOOK], cwd=ROOT, env=env, capture_output=True, text=True, timeout=100)
    assert (said.stdout.strip(), said.stderr) == ("the same", "")


def report(size, frontier, **more):
    return RecordReport(size, frontier, **more)


WRONG = Contradiction(1, Diagnosis.ALTERED, "it was altered")
STARTS = [BEGINNING, Start(2, (A,), "t", "log")]
FIRST, LAST = report(2, (A,), last_time="t", log="log"), report(5, (B, C))


def test_ranges_that_meet_are_one_report():
    assert _joined([FIRST], STARTS, LAST) == LAST


@pytest.mark.parametrize(
    "first",
    [
        None,
        report(1, (A,), last_time="t", log="log"),
        report(2, (B,), last_time="t", log="log"),
        report(2, (A,), last_time="u", log="log"),
        report(2, (A,), last_time="t", log="other"),
        report(2, (A,), contradiction=WRONG, last_time="t", log="log"),
    ],
)
def test_ranges_that_do_not_meet_are_verified_again_as_one(first):
    assert _joined([first], STARTS, LAST) is None


def test_nothing_is_whole_when_the_last_range_is_not():
    last = report(5, (B, C), contradiction=WRONG)
    assert _joined([FIRST], STARTS, last) is None
