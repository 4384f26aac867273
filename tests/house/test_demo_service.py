"""The demo service as a process: it says that it is simulated, and its faults change what it exports."""

import json
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.services_fixtures import running, wait_until
from tools.probes import answers_http, free_port

ROOT = Path(__file__).resolve().parents[2]
NOT_EXPORTED = ("engram_concepts_formed_total", "engram_bindings_created_total", "engram_blended_recall_total")


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "demo.service", "--port", str(port), "--state", str(tmp_path / "state.json")]
    with running(command, lambda: answers_http(f"{url}/health"), tmp_path / "log"):
        yield url


def get(url: str) -> str:
    with urlopen(url, timeout=5) as response:
        return str(response.read().decode())


def post(url: str) -> dict[str, dict[str, float]]:
    with urlopen(Request(url, method="POST"), timeout=5) as response:
        answer: dict[str, dict[str, float]] = json.load(response)
    return answer


def refusal(url: str) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as fact:
        post(url)
    with fact.value as response:
        return response.status, json.load(response).get("refused", "")


def samples(service: str) -> dict[tuple[str, str, str], float]:
    """Value by name, cohort and bucket."""
    return {
        (sample.name, sample.labels.get("cohort", ""), sample.labels.get("le", "")): sample.value
        for family in text_string_to_metric_families(get(f"{service}/metrics"))
        for sample in family.samples
    }


def share_below(service: str, edge: str, cohort: str, seconds: float) -> float:
    """Share of the cohort's requests of the next `seconds` that finish below an edge."""
    name = "checkout_request_duration_seconds_bucket"
    first = samples(service)
    wait_until(lambda: False, seconds)
    last = samples(service)
    below = last[name, cohort, edge] - first[name, cohort, edge]
    return below / (last[name, cohort, "+Inf"] - first[name, cohort, "+Inf"])


# 30 to 60 requests are seen, of which 1 in 2,000 is slow by itself: two of them at once would be needed to fall below.
NEARLY_ALL = 0.95


def test_its_first_page_says_that_it_is_simulated(service: str) -> None:
    assert "This service is simulated" in get(f"{service}/")


def test_injected_latency_moves_the_cohort_it_names_and_reset_takes_it_back(service: str) -> None:
    assert share_below(service, "0.2", "canary", 1.0) > NEARLY_ALL
    assert post(f"{service}/fault/latency?ms=200&cohort=canary")["latency_ms"] == {"control": 0.0, "canary": 200.0}
    assert share_below(service, "0.2", "canary", 0.5) == 0
    assert share_below(service, "0.2", "control", 0.5) > NEARLY_ALL
    post(f"{service}/fault/reset")
    assert share_below(service, "0.2", "canary", 1.0) > NEARLY_ALL


def test_injected_errors_are_counted(service: str) -> None:
    post(f"{service}/fault/errors?rate=0.5")
    first = samples(service)
    wait_until(lambda: False, 0.5)
    last = samples(service)
    for failed, total in (
        ("checkout_errors_total", "checkout_requests_total"),
        ("engram_recall_errors_total", "engram_recall_total"),
    ):
        difference = [last[name, "control", ""] - first[name, "control", ""] for name in (failed, total)]
        assert difference[0] / difference[1] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("query", ["latency", "latency?ms=fast", "latency?ms=-1", "errors?rate=1.5", "errors?rate=nan"])
def test_a_fault_out_of_range_is_refused_with_what_is_allowed(service: str, query: str) -> None:
    status, sentence = refusal(f"{service}/fault/{query}")
    assert status == 400
    assert "it must be a number from 0 to" in sentence


def test_an_unknown_fault_and_an_unknown_cohort_are_refused(service: str) -> None:
    assert refusal(f"{service}/fault/fire") == (400, "There is no fault 'fire'; there are latency, errors and reset.")
    assert (
        refusal(f"{service}/fault/latency?ms=1&cohort=all")[1] == "cohort is 'all'; it must be one of control, canary."
    )


def test_getting_a_fault_changes_nothing(service: str) -> None:
    get(f"{service}/fault/latency?ms=200")
    assert json.loads(get(f"{service}/fault"))["latency_ms"] == {"control": 0.0, "canary": 0.0}


def test_the_flag_interface_of_the_story_does_not_exist(service: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as fact:
        get(f"{service}/api/v1/admin/features")
    with fact.value as response:
        assert response.status == 404


def test_some_metrics_of_the_story_are_missing_on_purpose(service: str) -> None:
    text = get(f"{service}/metrics")
    assert "engram_recall_total" in text
    assert not [name for name in NOT_EXPORTED if name in text]


def test_each_job_scrapes_its_own_service(service: str) -> None:
    assert "checkout_" not in get(f"{service}/metrics?service=engram")
    assert "engram_" not in get(f"{service}/metrics?service=checkout")
