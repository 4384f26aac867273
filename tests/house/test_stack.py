"""What the stack consists of follows from what the operator brings; one data directory has one stack."""

import json
import multiprocessing
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.instance import AlreadyRunning, PortTaken, choose_web_port, held_data_directory
from tools.probes import free_port
from tools.stack import Stack, Wishes, choose_ports, compose_stack

ALL = ["broker", "prometheus", "demo", "web", "worker", "signer", "beat"]


def stack_of(data: Path, demo: bool = True, **environ: str) -> Stack:
    return compose_stack(Wishes(data, 8000, demo, {"PROMETHEUS_BIN": "/usr/bin/prometheus"} | environ))


def names(stack: Stack) -> list[str]:
    return [part.name for part in stack.parts]


def test_everything_is_embedded_by_default(tmp_path: Path) -> None:
    stack = stack_of(tmp_path)
    assert names(stack) == ALL
    assert stack.environment["REDIS_URL"] == f"redis://127.0.0.1:{stack.ports['broker']}/0"
    assert stack.environment["PROMETHEUS_URL"] == f"http://127.0.0.1:{stack.ports['prometheus']}"
    assert stack.environment["SERVICE_URL"] == f"http://127.0.0.1:{stack.ports['demo']}"
    assert stack.environment["SERVICE_CHECKOUT"] == str(tmp_path / "demo-checkout")
    assert "GRAFANA_URL" not in stack.environment


@pytest.mark.parametrize(
    ("variable", "value", "part"),
    [("REDIS_URL", "redis://queue.example:6379/1", "broker"), ("PROMETHEUS_URL", "http://prom.example", "prometheus")],
)
def test_what_the_operator_brings_is_not_started(tmp_path: Path, variable: str, value: str, part: str) -> None:
    stack = stack_of(tmp_path, **{variable: value})
    assert names(stack) == [name for name in ALL if name != part]
    assert stack.environment[variable] == value


def test_the_worker_waits_for_the_pages_and_an_embedded_broker(tmp_path: Path) -> None:
    waits = {part.name: part.after for part in stack_of(tmp_path).parts}
    assert waits["worker"] == waits["signer"] == waits["beat"] == ("broker", "web")
    waits = {part.name: part.after for part in stack_of(tmp_path, REDIS_URL="redis://queue.example/0").parts}
    assert waits["worker"] == waits["signer"] == waits["beat"] == ("web",)


def test_without_prometheus_no_part_is_told_of_one(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, PROMETHEUS_BIN="")
    assert "prometheus" not in names(stack)
    assert "PROMETHEUS_URL" not in stack.environment


def test_without_the_demo_there_is_no_simulated_service(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, demo=False)
    assert "demo" not in names(stack)
    assert not {"SERVICE_URL", "SERVICE_CHECKOUT"} & set(stack.environment)


def test_children_keep_bytecode(tmp_path: Path) -> None:
    assert "PYTHONDONTWRITEBYTECODE" not in stack_of(tmp_path, PYTHONDONTWRITEBYTECODE="1").environment


def test_ports_stay_the_same_while_they_are_free(tmp_path: Path) -> None:
    ports = choose_ports(tmp_path / "ports.json")
    assert choose_ports(tmp_path / "ports.json") == ports
    with socket.create_server(("127.0.0.1", ports["demo"])):
        moved = choose_ports(tmp_path / "ports.json")
    assert moved["demo"] != ports["demo"]
    assert moved["broker"] == ports["broker"]


@pytest.mark.parametrize("text", ["", "not json", "{", json.dumps({"demo": "x", "broker": 80})])
def test_a_ports_file_that_cannot_be_used_is_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "ports.json").write_text(text)
    assert all(port >= 1024 for port in choose_ports(tmp_path / "ports.json").values())


def test_a_taken_port_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is used by another program. Choose another one"):
            choose_web_port(port)


def _hold(data: Path, port: int, events: tuple[object, object]) -> None:
    held, let_go = events
    with held_data_directory(data, port):
        held.set()
        let_go.wait(30)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Path, int, int]]:
    """A data directory that another process holds: the directory, its port, the process."""
    context, port = multiprocessing.get_context("spawn"), free_port()
    events = (context.Event(), context.Event())
    process = context.Process(target=_hold, args=(tmp_path, port, events))
    process.start()
    assert events[0].wait(30)
    yield tmp_path, port, process.pid or 0
    events[1].set()
    process.join(10)


def test_a_second_start_on_the_same_data_says_where_the_first_one_is(held: tuple[Path, int, int]) -> None:
    data, port, process = held
    with pytest.raises(AlreadyRunning) as fact, held_data_directory(data, None):
        pass
    assert f"already runs from {data}, at http://localhost:{port} (process {process})" in str(fact.value)
    assert "./run --data DIR" in str(fact.value)


def test_a_data_directory_is_free_again_when_its_process_ended(tmp_path: Path) -> None:
    with held_data_directory(tmp_path, free_port()):
        pass
    with held_data_directory(tmp_path, free_port()):
        assert json.loads((tmp_path / "running.json").read_text())["process"] == os.getpid()


def test_a_new_data_directory_is_private(tmp_path: Path) -> None:
    with held_data_directory(tmp_path / "new", free_port()):
        assert (tmp_path / "new").stat().st_mode & 0o077 == 0
