"""Processes that take what is due at the same time: `python -m tests.services.claimers prepare|claim`.

`claim` takes everything that is due at one moment after the other, in several threads, once four such processes are
ready, and prints what it took: a turn and a row a line.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import django
from django.conf import settings

django.setup()

from django.db import connection  # noqa: E402 (after the setup)

from readiness.queries.plans import load_plan  # noqa: E402
from readiness.services.leases import LEASE, lease_due  # noqa: E402
from readiness.services.observations import sync_observations  # noqa: E402
from tests.services.helpers import DOCUMENT, NOW, make_rollout  # noqa: E402

PROCESSES, THREADS, TURNS, GATES = 3, 2, 12, 20


def prepare():
    gate = DOCUMENT["gates"]["errors"]
    gates = {"errors": gate} | {f"gate-{n}": {**gate, "query": f"errors_{n}"} for n in range(GATES - 1)}
    rollout = make_rollout({**DOCUMENT, "gates": gates})
    sync_observations(rollout, load_plan(rollout), None, NOW)


def claim():
    (settings.DATA_DIR / f"{os.getpid()}.ready").touch()
    while len(list(settings.DATA_DIR.glob("*.ready"))) < PROCESSES:
        time.sleep(0.005)
    with ThreadPoolExecutor(THREADS) as pool:
        for told in pool.map(lambda _: take_all(), range(THREADS)):
            print("\n".join(told))


def take_all():
    """Each turn lies so far after the one before that everything is free again."""
    told = []
    for turn in range(TURNS):
        at = NOW + turn * (LEASE + timedelta(seconds=1))
        told += [f"{turn} {each.row}" for each in lease_due("demo", at)]
    connection.close()
    return told


if __name__ == "__main__":
    {"prepare": prepare, "claim": claim}[sys.argv[1]]()
