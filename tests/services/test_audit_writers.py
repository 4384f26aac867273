"""Writers of the log as processes: many at once, and killed in the middle. On SQLite and on PostgreSQL."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from tests.record_fixtures import committed_record  # noqa: F401 (fixture)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ROOT = Path(__file__).parent.parent.parent
LOOK = """
import django
django.setup()
from readiness.models import Hold
from readiness.queries.audit import load_record_head
from readiness.queries.verification import verify_record
from readiness.queries.replays import load_differences
from tests.record_fixtures import entries
report, log = verify_record(), entries()
assert report.verified, report
assert [entry["seq"] for entry in log] == list(range(report.size))
assert report.root == load_record_head().root
assert not [each for each in load_differences() if each.key[0] == "hold"]
recorded = [entry["reason"] for entry in log if entry["action"] == "hold.called"]
assert sorted(recorded) == sorted(Hold.objects.values_list("reason", flat=True))
assert len(set(recorded)) == len(recorded)
print(len(recorded), "killed after the commit" in recorded, "killed before the commit" in recorded)
"""


def start(env, *command):
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)


def finish(process):
    said, _ = process.communicate(timeout=100)
    return process.returncode, said.strip()


def write(env, act):
    return start(env, "-m", "tests.services.writers", act)


@pytest.fixture
def shared_database(committed_record, tmp_path):  # noqa: F811
    """The environment of processes that share one real database: a new SQLite file, or the PostgreSQL under test."""
    env = os.environ | {"READINESS_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "readiness.settings"}
    if connection.vendor == "postgresql":
        server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        env["DATABASE_URL"] = f"{server}/{connection.settings_dict['NAME']}"
    assert finish(start(env, "manage.py", "migrate", "-v0", "--skip-checks")) == (0, "")
    assert finish(write(env, "prepare")) == (0, "")
    return env


def test_thirty_two_writers_at_once_lose_nothing_and_do_not_fork_the_log(shared_database):
    writers = [write(shared_database, "many") for _ in range(4)]
    assert [finish(writer) for writer in writers] == [(0, "")] * 4
    assert finish(start(shared_database, "-c", LOOK)) == (0, "320 False False")


def test_a_kill_between_any_two_steps_leaves_the_change_with_its_entry_or_neither(shared_database):
    code, steps = finish(write(shared_database, "die"))
    assert code == 0
    assert int(steps) >= 8
    assert finish(start(shared_database, "-c", LOOK)) == (0, "2 True False")


def test_a_kill_at_any_moment_leaves_the_change_with_its_entry_or_neither(shared_database):
    for moment_ms in (0, 5, 10, 20, 40):
        writer = write(shared_database, "go-on")
        assert writer.stdout.readline() == "0\n"
        time.sleep(moment_ms / 1000)
        writer.kill()
        assert finish(writer)[0] == -9
    code, said = finish(start(shared_database, "-c", LOOK))
    assert code == 0
    assert int(said.split()[0]) >= 5
