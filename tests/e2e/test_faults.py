"""What the board says when a part of the stack stops, and that it comes back without a person."""

import os
import signal
import time

import pytest
from playwright.sync_api import expect

BLIND = {"GATE_SOURCE_ERROR", "GATE_STALE", "GATE_NEVER_MEASURED"}


def reasons(stack, rollout):
    """Give the reason codes that the command line says now."""
    lines = stack.manage("verdict", rollout).stdout.splitlines()[1:-1]
    return {line.split()[0] for line in lines}


def wait_for(condition, seconds):
    """Wait until something holds; give how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(1)
    return round(time.monotonic() - began, 1)


@pytest.fixture
def stopped(stack):
    """Stop the processes of a part, and let them go on afterwards."""
    halted = []

    def stop(word):
        for pid in stack.children(word):
            os.kill(pid, signal.SIGSTOP)
            halted.append(pid)
        assert halted, f"no process of {word} was found"

    def resume():
        while halted:
            os.kill(halted.pop(), signal.SIGCONT)

    stop.resume = resume
    yield stop
    resume()


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_without_prometheus_gates_stop_counting_and_come_back_by_themselves(stack, stopped, record_property):
    wait_for(lambda: not reasons(stack, "dual-memory") & BLIND, 120)
    stopped("prometheus.yml")
    record_property("seconds until NO", wait_for(lambda: "GATE_SOURCE_ERROR" in reasons(stack, "dual-memory"), 180))
    stopped.resume()
    record_property(
        "seconds until back", wait_for(lambda: "GATE_SOURCE_ERROR" not in reasons(stack, "dual-memory"), 180)
    )


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_without_a_worker_the_page_says_how_old_its_numbers_are(stack, stopped, visit):
    page = visit("ivo").open("/rollouts/dual-memory/")
    note = page.get_by_text("Nothing has been judged since")
    expect(note.first).to_be_hidden()
    stopped("celery")
    expect(note.first).to_be_visible(timeout=180_000)
    stopped.resume()
    expect(note.first).to_be_hidden(timeout=180_000)


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_a_worker_that_is_killed_is_started_again(stack):
    killed = set(stack.children("celery"))
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(set(stack.children("celery")) - killed) >= 2, 60)
    wait_for(lambda: "VERDICT_EXPIRED" not in reasons(stack, "dual-memory"), 60)
