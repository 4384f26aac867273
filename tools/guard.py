"""The guard of a supervised stack: when the supervisor ends, however it ends, every process group it named is killed.

It reads `+GROUP` and `-GROUP` lines from its input, which only the supervisor holds open. The end of that input is the
end of the supervisor, be it by SIGKILL: processes that its children forked, such as the web server's workers, would
outlive it otherwise.
"""

import os
import signal
import sys
from collections.abc import Iterable


def guard(lines: Iterable[str]) -> None:
    """Follow the supervisor's list, then kill what is still on it."""
    groups: set[int] = set()
    for line in lines:
        group = int(line[1:])
        groups.add(group) if line.startswith("+") else groups.discard(group)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    guard(sys.stdin)
