"""Recording a baseline in the browser, against a server that answers as Prometheus does."""

from contextlib import contextmanager

import pytest
import time_machine

from readiness.models import Baseline
from tests.collectors.http_servers import answering, as_json
from tests.services.helpers import MATE, NOW, OWNER, STRANGER, document
from tests.views.acting import actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
SHEET = "/rollouts/demo/baseline/prepare/enter/item:base"
RECORDS = {"item": "base", "title": "Base", "owner": "sre", "records": {"baseline": "b0", "gates": ["errors"]}}
RELATIVE = {"gate": "errors", "expect": "<= +10%", "against": {"baseline": "b0"}}


def matrix(*values, **more):
    points = [[NOW.timestamp() - n, str(value)] for n, value in enumerate(values)]
    rows = [{"metric": {}, "values": points}] if values else []
    return as_json({"status": "success", "data": {"resultType": "matrix", "result": rows}, **more})


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        sources = {"metrics": {"kind": "prometheus", "url": "${PROMETHEUS_URL}"}}
        yield make_demo({**document(enter=[RECORDS, RELATIVE]), "sources": sources})


@contextmanager
def measuring(monkeypatch, reply):
    with answering(reply) as (url, asked):
        monkeypatch.setenv("PROMETHEUS_URL", url)
        yield asked


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (STRANGER, 403)])
def test_the_owner_records_a_baseline(monkeypatch, person, status):
    with measuring(monkeypatch, matrix(1, 3, 2)) as asked:
        assert browser(person).post(SHEET, {"note": ""}).status_code == status
        assert bool(asked) is (status == 303)
    assert [row.value for row in Baseline.objects.all()] == ([2.0] if status == 303 else [])
    assert actions() == (["baseline.recorded"] if status == 303 else [])


def test_a_partial_answer_is_no_baseline(monkeypatch):
    with measuring(monkeypatch, matrix(1, 3, 2, warnings=["s3 was not reached"])):
        answer = browser(OWNER).post(SHEET, {"note": ""})
    assert "metrics gave a partial answer: s3 was not reached" in text_of(answer)
    assert not Baseline.objects.exists()


def test_the_sheet_tells_what_would_be_recorded_and_how_far_it_has_drifted(monkeypatch):
    for value in (100, 110):
        with measuring(monkeypatch, matrix(value)):
            browser(OWNER).post(SHEET, {"note": ""})
    with measuring(monkeypatch, matrix(121)):
        said = text_of(browser(OWNER).get(SHEET))
    assert "recorded before 110, 10.0 % more now; 21.0 % more than the first of 2 baselines" in said


def test_the_page_of_the_gate_tells_who_recorded_what_it_is_compared_with(monkeypatch):
    said = text_of(browser(MATE).get("/rollouts/demo/gates/errors/"))
    assert "Nothing is recorded, so the gate can’t be met" in said
    with measuring(monkeypatch, matrix(100)):
        browser(OWNER).post(SHEET, {"note": ""})
    said = text_of(browser(MATE).get("/rollouts/demo/gates/errors/"))
    assert "Median of the last hour, recorded by Olga Owner, 2025-12-02 14:32 UTC" in said


def test_a_baseline_of_another_query_is_shown_as_one_that_counts_for_nothing(monkeypatch):
    with measuring(monkeypatch, matrix(100)):
        browser(OWNER).post(SHEET, {"note": ""})
    Baseline.objects.update(query="something else")
    assert "recorded of another query, so it counts for nothing" in text_of(
        browser(MATE).get("/rollouts/demo/gates/errors/")
    )
