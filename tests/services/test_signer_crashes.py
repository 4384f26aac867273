"""A signer that is killed leaves nothing half done, whichever line it was killed before."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.record_fixtures import committed_record  # noqa: F401 (fixture)

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def run(committed_record, tmp_path):  # noqa: F811
    """Run a program on a real database of its own: a new SQLite file, or the PostgreSQL under test."""
    env = os.environ | {"READINESS_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "readiness.settings"}
    if connection.vendor == "postgresql":
        server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        env["DATABASE_URL"] = f"{server}/{connection.settings_dict['NAME']}"

    def start(*command):
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    start("manage.py", "migrate", "-v0", "--skip-checks")
    return start


@pytest.mark.parametrize(("act", "at_least"), [("sign", 60), ("rotate", 35)])
def test_a_kill_before_any_line_leaves_nothing_half_done(run, act, at_least):
    kills = int(run("-m", "tests.services.crashing_signer", act))
    assert kills >= at_least
