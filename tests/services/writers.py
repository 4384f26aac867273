"""Processes that write at the same time, or that are killed while they write: `python -m tests.services.writers ACT`.

`prepare` makes the rollouts. `many` starts eight threads that each call ten holds, once four such processes are ready.
`die` calls a hold in one process after another, each killed before its next step, and prints how many there were.
`go-on` calls holds until somebody kills it.
"""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings

django.setup()

from django.db import connection, transaction  # noqa: E402 (after the setup)

from readiness.models import Rollout  # noqa: E402
from readiness.services.holds import call_hold  # noqa: E402
from tests.services.helpers import LEAD, NOW, act_of, make_rollout  # noqa: E402

PROCESSES, THREADS, EACH = 4, 8, 10
ROLLOUTS = ("demo", "other")


def prepare():
    for key in reversed(ROLLOUTS):
        make_rollout()
        Rollout.objects.filter(key="demo").update(key=key)


def hold(reason, key="demo"):
    call_hold(key, act_of(LEAD), NOW, reason=reason)


def many():
    (settings.DATA_DIR / f"{os.getpid()}.ready").touch()
    while len(list(settings.DATA_DIR.glob("*.ready"))) < PROCESSES:
        time.sleep(0.005)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write_some, range(THREADS)))


def write_some(thread):
    for number in range(EACH):
        hold(f"{os.getpid()} {thread} {number}", ROLLOUTS[number % 2])
    connection.close()


def die():
    """Kill before statement 0, 1, 2 and so on; then after the last but before the commit; then right after it."""
    step = 0
    while died(lambda step=step: die_at(step)):
        step += 1
    assert died(die_before_commit)
    assert died(die_after_commit)
    print(step)


def died(work):
    """Do the work in a process of its own, with a connection of its own, and say whether it was killed."""
    connection.close()
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def kill_me():
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(step):
    left = [step]

    def count(execute, *args):
        if not left[0]:
            kill_me()
        left[0] -= 1
        return execute(*args)

    with connection.execute_wrapper(count):
        hold(f"killed before statement {step}")


def die_before_commit():
    with transaction.atomic():
        hold("killed before the commit")
        kill_me()


def die_after_commit():
    with transaction.atomic():
        transaction.on_commit(kill_me)
        hold("killed after the commit")


def go_on():
    number = 0
    while True:
        hold(f"{os.getpid()} goes on {number}")
        print(number, flush=True)
        number += 1


if __name__ == "__main__":
    {"prepare": prepare, "many": many, "die": die, "go-on": go_on}[sys.argv[1]]()
