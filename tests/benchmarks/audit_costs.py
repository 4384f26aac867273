"""What the record costs: `python -m tests.benchmarks.audit_costs [SIZE ...]` (1000 and 1000000 without sizes).

Each size is a log of its own, seeded as in `tests.benchmarks.audit`. Printed, for each size and as the ratio of the
largest to the smallest: a change with its entry and the same change without, taken in turns in one run, and one through
the other; then, after the personal values of one person were erased from two thirds of all entries, the pages that
people open. With DATABASE_URL it measures PostgreSQL. Where the disk is slow, both changes wait for it once, and their
ratio goes towards 1; `TMPDIR=/dev/shm` leaves the disk out.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readiness.settings")
os.environ.setdefault("READINESS_DATA", tempfile.mkdtemp())

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from readiness.core.audit import Act, Actor, ActorType, Change, Channel, ChannelKind, ObjectRef, RowChange  # noqa: E402
from readiness.models import Rollout  # noqa: E402
from readiness.queries.states import row_state  # noqa: E402
from readiness.services.audit import append  # noqa: E402
from readiness.services.erasure import erase_personal  # noqa: E402
from readiness.services.recording import lock_rollout, row_changed  # noqa: E402
from tests.benchmarks import audit as log  # noqa: E402

TURNS, EACH = 20, 5
SHELL = Act(Actor(ActorType.SERVICE, "shell:bench", "bench (shell)"), Channel(ChannelKind.SHELL))
PAGES = ("newest", "deep", "by object", "by rollout", "whole page", "whole entry", "of a rare kind", "text, rare")
GOAL, MOST_TEXT_MS = 1.3, 50.0
Task = Callable[[], object]
Times = dict[int, dict[str, float]]


def change_row(record: Callable[[Rollout, RowChange], object]) -> None:
    """Change one row as services do: take it, save it, and record it as the last act of the transaction."""
    with transaction.atomic():
        row = lock_rollout("bench")
        before, row.title = row_state(row), f"Title {time.perf_counter_ns()}"
        row.save(update_fields=["title"])
        record(row, row_changed(row, before))


def write_entry(row: Rollout, told: RowChange) -> None:
    """Record the change of a row."""
    thing = ObjectRef(told.type, told.id, row.title, row.key)
    append(Change("bench.changed", thing, told.before, told.after), log.ACT)


def write_nothing(row: Rollout, told: RowChange) -> None:
    """Make the same change without the log."""


def costs(size: int) -> dict[str, Task]:
    """Name what is compared in one run."""
    records = {"change without entry": write_nothing, "change with entry": write_entry}
    return {name: partial(change_row, record) for name, record in records.items()}


def pages(size: int) -> dict[str, Task]:
    """Name the pages that are read again after an erasure."""
    return {name: task for name, task in log.tasks(size).items() if name in PAGES}


def seed(sizes: Iterable[int], home: Path) -> None:
    """Make each log."""
    for size in sizes:
        with log.log_of(size, home):
            call_command("migrate", verbosity=0)
            log.seed(size)
            Rollout.objects.get_or_create(key="bench", defaults={"title": "Bench", "created_at": log.BEGAN})
            settle()


def settle() -> None:
    """Let PostgreSQL do now what it would do at any time later."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")


def taken_in_turns(sizes: Iterable[int], home: Path, tasks: Callable[[int], dict[str, Task]]) -> Times:
    """Take the times of all tasks in turns; give the quickest tenth of each, which what else runs here moves least."""
    taken: dict[int, dict[str, list[float]]] = {size: {} for size in sizes}
    for _ in range(TURNS):
        for size in taken:
            with log.log_of(size, home):
                connection.ensure_connection()
                for name, task in [*tasks(size).items()] * (EACH + 1):
                    taken[size].setdefault(name, []).append(log.timed_ms(task))
    return {size: {name: log.quickest(times) for name, times in of.items()} for size, of in taken.items()}


def erase(sizes: Iterable[int], home: Path) -> None:
    """Erase what all entries of one person commit to."""
    for size in sizes:
        with log.log_of(size, home):
            began = time.perf_counter()
            erased = erase_personal("u:1", SHELL, basis="measured")
            print(f"erased {erased.values:>9,} values of {size:>9,} entries in {time.perf_counter() - began:,.1f} s")


def show(title: str, found: Times) -> None:
    """Print the times of each size with the ratio of the largest to the smallest."""
    small, large = min(found), max(found)
    print(f"{title:<26}" + "".join(f"{size:>14,}" for size in found) + "     ratio")
    for name in found[small]:
        ratio = found[large][name] / found[small][name]
        print(f"{name:<26}" + "".join(f"{found[size][name]:>11.2f} ms" for size in found) + f"{ratio:>10.2f}")


def missed_goals(found: Times) -> list[str]:
    """Name the pages that miss their goal: what words find has a time of its own, the others a ratio."""
    small, large = found[min(found)], found[max(found)]
    words = ("of a rare kind", "text, rare")
    return [n for n in small if (large[n] > MOST_TEXT_MS if n in words else large[n] > GOAL * small[n])]


def main(sizes: tuple[int, ...]) -> None:
    """Measure and print; fail when a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        seed(sizes, home)
        found = taken_in_turns(sizes, home, costs)
        show(connection.vendor, found)
        shares = {size: each["change with entry"] / each["change without entry"] for size, each in found.items()}
        print(f"{'with through without':<26}" + "".join(f"{share:>14.2f}" for share in shares.values()))
        erase(sizes, home)
        found = taken_in_turns(sizes, home, pages)
        show("after an erasure", found)
    print(f"goals: at most {GOAL:g} times the smallest; by words at most {MOST_TEXT_MS:g} ms")
    if missed := missed_goals(found):
        raise SystemExit(f"goals missed: {', '.join(missed)}")


if __name__ == "__main__":
    main(tuple(int(each) for each in sys.argv[1:]) or log.SIZES)
