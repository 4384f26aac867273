"""The whole stack as a user starts it, and people in a real browser."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.services_fixtures import programs_of
from tools.probes import free_port
from tools.services import CHROMIUM, PROMETHEUS

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 120
CHROMIUM_FLAGS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass
class Stack:
    """A running stack: its address, its data, its supervisor."""

    url: str
    data: Path
    process: subprocess.Popen

    @property
    def password(self):
        return (self.data / "demo-password").read_text()[:16]

    @property
    def service(self):
        return f"http://127.0.0.1:{json.loads((self.data / 'ports.json').read_text())['demo']}"

    def fault(self, query):
        """Break the simulated service, as a person would with curl."""
        with urlopen(Request(f"{self.service}/fault/{query}", method="POST"), timeout=5) as answer:
            assert answer.status == 200

    def manage(self, *arguments):
        """Run a management command against the same data."""
        environment = os.environ | {"READINESS_DATA": str(self.data)}
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)

    def children(self, word):
        """Find the processes of one part by a word of their command line."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode()
                environment = (path.parent / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if word in line and str(self.data) in line + environment:
                found.append(int(path.parent.name))
        return found


def start_stack(data, *options):
    """Start a stack and wait until it says where it is."""
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k not in ("READINESS_DATA", "REDIS_URL", "DATABASE_URL")}
    environment |= programs_of(PROMETHEUS)
    command = [sys.executable, "manage.py", "run", "--port", str(port), "--data", str(data), *options]
    log = data.parent / "run.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=output, stderr=subprocess.STDOUT)
    until = time.monotonic() + SECONDS_TO_START
    while "Readiness is at" not in (text := log.read_text()):
        assert process.poll() is None, text
        assert time.monotonic() < until, text
        time.sleep(0.2)
    return Stack(f"http://localhost:{port}", data, process)


def stop_stack(stack):
    """Stop a stack as Ctrl-C does."""
    stack.process.send_signal(signal.SIGINT)
    return stack.process.wait(timeout=60)


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    running = start_stack(tmp_path_factory.mktemp("stack") / "data")
    yield running
    stop_stack(running)


@pytest.fixture(scope="session")
def browser():
    program = programs_of(CHROMIUM)["CHROMIUM_BIN"]
    flags = [*CHROMIUM_FLAGS, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=flags)
        yield chromium
        chromium.close()


@dataclass
class Visitor:
    """One signed-in person in a browser of their own."""

    page: Page
    stack: Stack

    def open(self, path):
        self.page.goto(self.stack.url + path)
        return self.page

    def text(self):
        return self.page.locator("body").inner_text()


@pytest.fixture
def visit(browser: Browser, stack):
    contexts = []

    def sign_in(name, **options):
        context = browser.new_context(**options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{stack.url}/sign-in/")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(stack.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{stack.url}/")
        return Visitor(page, stack)

    yield sign_in
    for context in contexts:
        context.close()
