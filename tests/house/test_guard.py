"""The guard kills what it was told about, and only that, when its input ends."""

import subprocess
import sys
import time
from pathlib import Path

from tools.processes import start_guard

GUARD = Path(__file__).resolve().parents[2] / "tools" / "guard.py"


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)


def test_kills_the_groups_still_listed_when_the_supervisor_is_gone() -> None:
    listed, struck_off, unknown = sleeper(), sleeper(), sleeper()
    guard = start_guard(GUARD)
    assert guard.stdin is not None
    guard.stdin.write(f"+{listed.pid}\n+{struck_off.pid}\n-{struck_off.pid}\n")
    guard.stdin.flush()
    time.sleep(0.2)
    assert listed.poll() is None
    guard.stdin.close()
    assert guard.wait(5) == 0
    assert listed.wait(5) == -9
    assert (struck_off.poll(), unknown.poll()) == (None, None)
    for process in (struck_off, unknown):
        process.kill()
        process.wait()
