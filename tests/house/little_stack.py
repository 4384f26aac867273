"""A stack of three small programs under the real supervisor, run as a process of its own by the tests.

`python -m tests.house.little_stack DIRECTORY [stubborn|fragile]`: `web` forks a child as real web servers do; each part
writes its name into DIRECTORY/ends when it is asked to stop. Everything carries DIRECTORY in its arguments.
"""

import os
import sys
from pathlib import Path

from tools.probes import answers_http, free_port
from tools.processes import Part
from tools.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
POLITE = """
import pathlib, signal, sys, time
directory, name = sys.argv[1:3]
def stop(*_):
    with open(f"{directory}/ends", "a") as file:
        file.write(f"{name}\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
pathlib.Path(f"{directory}/{name}.up").touch()
while True:
    time.sleep(0.05)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
FRAGILE = "import time; time.sleep(0.2); print('I have had enough', flush=True); raise SystemExit(3)"
WEB = """
import http.server, os, signal, sys, time
port = int(sys.argv[2])
if os.fork() == 0:
    time.sleep(600)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def parts(directory: str, behaviour: str) -> list[Part]:
    """`base`, then `web` and `last`, which wait for it."""
    port = free_port()
    base_up = Path(directory) / "base.up"
    last = {"stubborn": STUBBORN, "fragile": FRAGILE}.get(behaviour, POLITE)
    return [
        Part("base", (sys.executable, "-c", POLITE, directory, "base"), base_up.exists),
        Part(
            "web", (sys.executable, "-c", WEB, directory, str(port)), lambda: answers_http(f"http://127.0.0.1:{port}")
        ),
        Part("last", (sys.executable, "-c", last, directory, "last"), after=("base",), grace_seconds=60.0),
    ]


def main(directory: str, behaviour: str = "") -> int:
    """Supervise until told to stop."""
    logs = Path(directory) / "logs"
    supervisor = Supervisor(parts(directory, behaviour), os.environ, ROOT, logs, say)
    return supervisor.run(lambda: say("ready"))


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
