"""The record at a million entries: `python -m tests.benchmarks.audit [SIZE ...]` (1000 and 1000000 without sizes).

Each size is a log of its own, seeded by the tree code in batches through SQL and then read and written through what
the product reads and writes with. Printed, for each size and as the ratio of the largest to the smallest: pages of
entries (newest, deep, of one object, of a rare kind, by words that are rare, common and together), the whole page of
the record and that of an entry, an append, an inclusion proof with its number of queries; and for the largest log full
verification against plain SHA-256 of the same bytes. Each time is the quickest tenth of many, taken in short turns:
what else runs here comes in waves that outlast a turn, and a median of few turns says more of them than of us. With
DATABASE_URL it measures PostgreSQL, in a schema of its own.
"""

import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readiness.settings")
os.environ.setdefault("READINESS_DATA", tempfile.mkdtemp())

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from readiness.core.audit import Act, Actor, ActorType, Change, Channel, ChannelKind, ObjectRef, Place, entry_bytes  # noqa: E402
from readiness.core.entries import columns_of, parse_entry  # noqa: E402
from readiness.core.merkle import completed_nodes, leaf_hash  # noqa: E402
from readiness.core.personal import PATHS, conceal_act  # noqa: E402
from readiness.core.search import search_words  # noqa: E402
from readiness.management.record_ranges import verify_at_once  # noqa: E402
from readiness.models import AuditEntry, AuditHead, PersonalValue  # noqa: E402
from readiness.queries.audit import EntryFilter, load_entries, load_inclusion_proof  # noqa: E402
from readiness.queries.entries import Query, Trail, make_audit  # noqa: E402
from readiness.queries.verification import verify_record  # noqa: E402
from readiness.services.audit import append  # noqa: E402
from readiness.services.audit_guards import drop_guards, install_guards  # noqa: E402
from readiness.services.audit_search import _ADD, _write  # noqa: E402

SIZES = (1_000, 1_000_000)
BATCH, TURNS, EACH, PAGE = 2_000, 15, 5, 51
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
ACT = Act(Actor(ActorType.USER, "u:1", "Ana Ruiz", ("sre",)), Channel(ChannelKind.WEB, "r" * 32, "10.1.2.3", "Firefox"))
SALT = bytes(16)
MACHINE = Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), Channel(ChannelKind.BEAT))
GOALS = {"newest": 1.3, "deep": 1.3, "by object": 1.3, "append": 1.2, "proof": 2.0}
MOST_TEXT_MS, LEAST_OF_SHA = 50.0, 0.3


def change(number: int) -> Change:
    """Give the change of the entry with this number: a claim about one of 200 objects in one of 20 rollouts."""
    rollout, thing = f"rollout-{number % 20}", number % 200
    row = {"path": f"canary/enter/item:item-{thing}", "note": f"Reading {number} of batch {number // 977}", "by": "u:1"}
    ref = ObjectRef("claim", str(thing), f"Runbook part {thing} is read", rollout, 3)
    rare = number % 99_991 == 7
    reason = "The rehearsal showed a xylophone" if rare else ""
    return Change("plan.imported" if rare else "claim.made", ref, None, row, reason)


def seed(size: int) -> None:
    """Write so many entries, as the service would have, in batches."""
    drop_guards(connection)
    frontier: list[bytes] = []
    for start in range(0, size, BATCH):
        rows, words, personal = [], [], []
        for seq in range(start, min(size, start + BATCH)):
            body, at = _body(seq)
            nodes, frontier = completed_nodes(seq, leaf_hash(body), frontier)
            said = parse_entry(body)
            columns = asdict(columns_of(said)) | {"at": at}
            rows.append(AuditEntry(seq=seq, body=body, nodes=b"".join(nodes), **columns))
            words.append((seq, search_words(said, "canary")))
            personal += _personal(seq)
        with transaction.atomic():
            AuditEntry.objects.bulk_create(rows)
            PersonalValue.objects.bulk_create(personal)
            _write(_ADD, words)
    AuditHead.objects.update(size=size, frontier=b"".join(frontier), last_at=BEGAN + timedelta(seconds=size - 1))
    install_guards(connection)


def _personal(seq: int) -> list[PersonalValue]:
    """What the entry of a person commits to, as the service keeps it; two of three are of a person."""
    said = zip(PATHS, (ACT.channel.ip, ACT.channel.ua), strict=True)
    return [PersonalValue(seq=seq, path=path, salt=SALT, value=value) for path, value in said] if seq % 3 else []


def _body(seq: int) -> tuple[bytes, datetime]:
    at, made = BEGAN + timedelta(seconds=seq), change(seq)
    fields = {name: [None, value] for name, value in (made.after or {}).items()}
    act, _ = conceal_act(ACT if seq % 3 else MACHINE, lambda length: SALT)
    return entry_bytes(Place(settings.LOG_ORIGIN, seq, at), made, act, fields), at


def tasks(size: int) -> dict[str, Callable[[], object]]:
    """Name what is measured at a size."""
    deep = size // 2

    def page(before: int | None = None, **wanted: Any) -> Callable[[], object]:
        return lambda: load_entries(EntryFilter(**wanted), before, PAGE)

    def write() -> None:
        with transaction.atomic():
            append(replace(change(1), reason="measured"), ACT)

    def show(query: Query) -> Callable[[], object]:
        trail = Trail("", "/audit/", "/audit/?entry={seq}", {}, {"u:1": "Ana Ruiz"})
        return lambda: make_audit(trail, query, BEGAN)

    return {
        "newest": page(),
        "deep": page(deep),
        "by object": page(object="claim:7"),
        "by rollout": page(rollout="rollout-7"),
        "of a rare kind": page(action="plan.", by_index=True),
        "of a rare kind, deep": page(deep, action="plan.", rollout="rollout-7", by_index=True),
        "of all kinds": page(action="claim.", by_index=True),
        "with a verdict": page(with_verdict=True),
        "of a rollout, verdict": page(with_verdict=True, rollout="rollout-7"),
        "whole page": show(Query()),
        "whole entry": show(Query(entry=deep)),
        "text, rare": page(text="xylophone"),
        "text, common": page(text="runbook"),
        "text, two words": page(text="reading 500"),
        "text, deep, in a rollout": page(deep, text="runbook part", rollout="rollout-3"),
        "text, nothing": page(text="nowhere"),
        "beginning": page(text="xyloph"),
        "proof": lambda: load_inclusion_proof(deep, size),
        "append": write,
    }


@contextmanager
def log_of(size: int, home: Path) -> Iterator[None]:
    """Stand in a database of its own with a log of this size."""
    connection.close()
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = str(home / f"{size}.sqlite3")
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS bench_{size}")
        connection.settings_dict.setdefault("OPTIONS", {})["options"] = f"-c search_path=bench_{size}"
        connection.close()
    yield
    connection.close()


def timed_ms(task: Callable[[], object]) -> float:
    """Give the time of one run in milliseconds."""
    began = time.perf_counter()
    task()
    return (time.perf_counter() - began) * 1000


def measure(sizes: tuple[int, ...], home: Path) -> dict[int, dict[str, float]]:
    """Seed each size, then measure all tasks of all sizes in turns; give the quickest tenth of each in ms."""
    for size in sizes:
        with log_of(size, home):
            call_command("migrate", verbosity=0)
            took = timed_ms(lambda size=size: seed(size)) / 1000
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM ANALYZE")
            print(f"seeded {size:>9,} entries in {took:,.1f} s")
    taken: dict[int, dict[str, list[float]]] = {size: {} for size in sizes}
    for _ in range(TURNS):
        for size in sizes:
            with log_of(size, home):
                connection.ensure_connection()
                for name, task in tasks(size).items():
                    task()
                    taken[size].setdefault(name, []).extend(timed_ms(task) for _ in range(EACH))
    return {size: {name: quickest(times) for name, times in of.items()} for size, of in taken.items()}


def quickest(times: list[float]) -> float:
    """Give the time within which the quickest tenth was done."""
    return statistics.quantiles(times, n=10)[0]


def verify_times(size: int, home: Path) -> dict[str, float]:
    """Give the seconds of plain SHA-256 over all bytes, and of full verification by one process and on all cores.

    They are taken in turns, and the median of each counts.
    """
    tasks = {"plain": _plain_sha256, "one process": verify_record, "all cores": verify_at_once}
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    with log_of(size, home):
        for name in [*tasks] * 3:
            began = time.perf_counter()
            report = tasks[name]()
            taken[name].append(time.perf_counter() - began)
            if report is not None and not report.verified:
                raise SystemExit(f"not whole: {report.contradiction}")
    return {name: statistics.median(each) for name, each in taken.items()}


def proof_queries(size: int, home: Path) -> int:
    """Count the queries of a proof."""
    with log_of(size, home), CaptureQueriesContext(connection) as asked:
        load_inclusion_proof(size // 3, size)
    return len(asked)


def _plain_sha256() -> None:
    connection.ensure_connection()
    for body in AuditEntry.objects.order_by("seq").values_list("body", flat=True).iterator(chunk_size=500):
        hashlib.sha256(bytes(body)).digest()


def main(sizes: tuple[int, ...]) -> None:
    """Measure and print; fail when a goal is missed."""
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        found = measure(sizes, Path(folder))
        small, large = min(sizes), max(sizes)
        print(f"{connection.vendor:<26}" + "".join(f"{size:>14,}" for size in sizes) + "     ratio  goal")
        for name in found[small]:
            ratio, goal = found[large][name] / found[small][name], GOALS.get(name)
            said = f"≤ {goal:g}" if goal else f"≤ {MOST_TEXT_MS:g} ms" if name.startswith("text") else ""
            print(f"{name:<26}" + "".join(f"{found[s][name]:>11.2f} ms" for s in sizes) + f"{ratio:>10.2f}  {said}")
            missed += [name] if goal and ratio > goal else []
            missed += [name] if name.startswith("text") and found[large][name] > MOST_TEXT_MS else []
        times, queries = verify_times(large, Path(folder)), proof_queries(large, Path(folder))
    plain = times["plain"]
    print(f"plain SHA-256 of {large:,} entries: {plain:.2f} s; queries of a proof: {queries} (goal 1)")
    for name in ("one process", "all cores"):
        share = plain / times[name]
        print(f"full verification, {name}: {times[name]:.2f} s, {share:.2f} of plain SHA-256 (goal ≥ {LEAST_OF_SHA})")
    missed += ["verification"] if plain / times["all cores"] < LEAST_OF_SHA else []
    missed += ["queries of a proof"] if queries != 1 else []
    if missed:
        raise SystemExit(f"goals missed: {', '.join(missed)}")


if __name__ == "__main__":
    main(tuple(int(each) for each in sys.argv[1:]) or SIZES)
