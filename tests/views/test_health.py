"""What machines ask: never a sign-in, never a redirect; numbers as every reader would count them."""

from datetime import timedelta

import pytest
from django.test import override_settings

from readiness.models import Heartbeat, RecordCheck, Rollout, SignerState, StoredVerdict
from readiness.queries.checkpoints import load_newest_checkpoint
from readiness.services.signer import sign_record
from tests.factories import NOW, judge, make_rollout, observe_all, start_phase
from tests.services.signer_files import grow, signer_with_key

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
AWAY = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}


def numbers(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = (line for line in answer.content.decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nobody_has_to_sign_in_and_nothing_is_kept(client, path, at_the_moment):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.post(path).status_code == 405


def test_a_cache_that_is_away_is_named(client):
    with override_settings(CACHES=AWAY):
        answer = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": True, "cache": False}


def test_a_go_that_ran_out_is_no_go_here_too(client, at_the_moment):
    rollout = make_rollout()
    start_phase(rollout, "canary")
    observe_all(rollout)
    judge(rollout)
    go = 'readiness_verdict_go{question="continue",rollout="quickstart"}'
    assert numbers(client)[go] == 1
    StoredVerdict.objects.filter(question="continue").update(valid_until=NOW)
    assert numbers(client)[go] == 0


def test_the_numbers_tell_reasons_changes_record_and_heartbeats(client, at_the_moment):
    rollout = make_rollout()
    judge(rollout)
    Rollout.objects.update(dirty_changes=3)
    Heartbeat.objects.update(beat_at=NOW - timedelta(seconds=40))
    RecordCheck.objects.update(verified_at=NOW - timedelta(minutes=2))
    found = numbers(client)
    stored = StoredVerdict.objects.get().payload["reasons"]
    assert found['readiness_verdict_reasons{question="enter",rollout="quickstart"}'] == len(stored)
    assert found['readiness_changes_not_judged{rollout="quickstart"}'] == 3
    assert found['readiness_heartbeat_age_seconds{part="worker"}'] == 40
    assert found["readiness_record_verified_age_seconds"] == 120
    assert found["readiness_record_whole"] == 1
    assert found["readiness_record_entries"] > 5
    RecordCheck.objects.update(problem="altered")
    assert numbers(client)["readiness_record_whole"] == 0


def test_the_numbers_say_what_is_unsigned_and_a_checkpoint_to_remember(client, at_the_moment, tmp_path):
    files = signer_with_key(tmp_path)
    size = grow(4) + 1
    assert numbers(client)["readiness_record_unsigned_entries"] == size
    sign_record(files, NOW - timedelta(hours=2))
    grow(3)
    found = numbers(client)
    assert found["readiness_record_unsigned_entries"] == 3
    root = load_newest_checkpoint().root[:16]
    assert found[f'readiness_audit_anchor_info{{root_prefix="{root}",size="{size}"}}'] == 1
    sign_record(files, NOW)
    assert [name for name in numbers(client) if "anchor" in name] == [name for name in found if "anchor" in name]


def test_a_record_that_the_signer_refuses_is_not_whole(client, at_the_moment):
    judge(make_rollout())
    assert numbers(client)["readiness_record_whole"] == 1
    SignerState.objects.create(pk=1, problem="rollback: it is short")
    assert numbers(client)["readiness_record_whole"] == 0
