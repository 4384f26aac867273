"""Live pages: nothing while nothing changed, else the names of what did; each part alone is a part of its page."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

from readiness.models import Heartbeat, Rollout
from readiness.queries.regions import MAKERS
from readiness.services.holds import call_hold
from tests.factories import NOW, act_as, judge, make_person, make_rollout, observe_all, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
BOARD = "/rollouts/quickstart/"


@pytest.fixture(autouse=True)
def moment():
    Heartbeat.objects.create(name="worker", beat_at=NOW)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def rollout():
    rollout = make_rollout()
    start_phase(rollout, "canary")
    observe_all(rollout)
    judge(rollout)
    return rollout


@pytest.fixture
def ana(client, rollout):
    client.force_login(make_person("Ana Ruiz"))
    return client


def poll(client, live):
    return client.get(f"{live.url}?seen={live.digest}")


def changed(answer):
    return {name.removeprefix("changed:") for name in json.loads(answer.headers["HX-Trigger"])}


PAGES = [
    BOARD,
    "/",
    f"{BOARD}now/",
    f"{BOARD}phases/canary/",
    f"{BOARD}phases/full/?show=mine",
    f"{BOARD}phases/prepare/?show=open",
    f"{BOARD}phases/close/",
    f"{BOARD}gates/",
    f"{BOARD}gates/checkout-errors/",
    f"{BOARD}gates/checkout-p99/?last=1h",
    f"{BOARD}gaps/",
    f"{BOARD}flags/",
]


def regions_of(page):
    found = [getattr(page, name) for name in page.__slots__]
    flat = [card for value in found for card in (value if isinstance(value, tuple) else (value,))]
    regions = [region for card in flat if (region := getattr(card, "region", None)) is not None]
    return [region for region in regions if region.url]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("is_kept", [True, False], ids=["from the cache", "made anew"])
def test_what_is_polled_is_contained_in_the_page(ana, path, is_kept):
    answer = ana.get(path)
    html, regions = answer.content.decode(), regions_of(answer.context["page"])
    assert regions
    if not is_kept:
        cache.clear()
    for region in regions:
        part = ana.get(region.url)
        assert part.status_code == 200
        assert part.content.decode() in html, region.name
        assert f'id="{region.name}"' in part.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_still_shows_what_is_gets_204(ana, path):
    live = ana.get(path).context["page"].live
    assert poll(ana, live).status_code == 204
    cache.clear()
    assert poll(ana, live).status_code == 204


def test_every_page_that_is_live_is_tested_here():
    shown = {path.removeprefix(BOARD).partition("/")[0] for path in PAGES}
    assert shown == {"", "now", "phases", "gates", "gaps", "flags"}
    assert set(MAKERS) == {"board", "portfolio", "now", "phase", "gates", "gate", "gaps", "flags"}


def test_an_unchanged_page_costs_one_question_beside_the_sign_in(ana, django_assert_num_queries):
    live = ana.get(BOARD).context["page"].live
    with django_assert_num_queries(3):
        assert poll(ana, live).status_code == 204


def test_a_change_names_the_regions_that_show_it(ana, rollout):
    live = ana.get(BOARD).context["page"].live
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails")
    judge(rollout, NOW + timedelta(seconds=1))
    answer = poll(ana, live)
    assert answer.status_code == 200
    assert {"head", "verdict", "decision", "feed"} <= changed(answer)
    assert "gaps" not in changed(answer)
    assert 'hx-get="/rollouts/quickstart/live/board/?seen=' in answer.content.decode()
    assert live.digest not in answer.content.decode()
    assert "the backup fails" in ana.get(f"{BOARD}live/board/head/").content.decode()


def test_a_change_of_any_rollout_reaches_the_page_of_all(ana, rollout):
    live = ana.get("/").context["page"].live
    assert poll(ana, live).status_code == 204
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails")
    judge(rollout, NOW + timedelta(seconds=1))
    assert changed(poll(ana, live)) == {"rollouts"}


def test_a_change_that_shows_nowhere_is_forgotten(ana, rollout, django_assert_num_queries):
    live = ana.get(BOARD).context["page"].live
    Rollout.objects.filter(pk=rollout.pk).update(changed=99)
    assert poll(ana, live).status_code == 204
    with django_assert_num_queries(3):
        assert poll(ana, live).status_code == 204


def test_a_page_of_which_nothing_is_remembered_fetches_every_region(ana):
    live = ana.get(BOARD).context["page"].live
    answer = ana.get(f"{live.url}?seen=unknown")
    assert changed(answer) == {
        "head",
        "verdict",
        "decision",
        "step",
        "poll",
        "sequence",
        "gates",
        "gaps",
        "forecast",
        "feed",
        "bar",
    }


def test_a_page_that_gets_other_regions_is_loaded_again(client):
    rollout = make_rollout()
    client.force_login(make_person("Ana Ruiz"))
    live = client.get(BOARD).context["page"].live
    start_phase(rollout, "prepare")
    judge(rollout)
    assert poll(client, live).headers["HX-Refresh"] == "true"


def test_a_go_that_runs_out_changes_the_page_although_nobody_did_anything(ana):
    live = ana.get(BOARD).context["page"].live
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        assert "verdict" in changed(poll(ana, live))


def test_a_worker_that_dies_changes_the_page(ana):
    live = ana.get(BOARD).context["page"].live
    Heartbeat.objects.update(beat_at=NOW - timedelta(seconds=11))
    assert changed(poll(ana, live)) == {"verdict", "decision"}


def test_each_reader_has_their_own_step(ana, client):
    first = ana.get(f"{BOARD}live/board/step/").content.decode()
    client.force_login(make_person("Ivo Marsh"))
    assert client.get(f"{BOARD}live/board/step/").content.decode() != first


@pytest.mark.parametrize("path", [f"{BOARD}live/nothing/", f"{BOARD}live/board/nothing/", "/rollouts/no/live/board/"])
def test_what_is_not_there_is_not_found(ana, path):
    assert ana.get(path).status_code == 404


def test_a_page_without_its_cache_works(ana, rollout, settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    live = ana.get(BOARD).context["page"].live
    assert poll(ana, live).status_code == 204
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails")
    assert "head" in changed(poll(ana, live))
    assert ana.get(f"{BOARD}live/board/head/").status_code == 200
