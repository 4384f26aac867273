"""Everything stored about the runs of a rollout, read in a constant number of queries, for its reports."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from readiness.core.canonical import digest_bytes, parse_canonical
from readiness.core.codec import UnexpectedShape, from_plain
from readiness.core.facts import Facts
from readiness.core.types import Verdict
from readiness.models import (
    Blob,
    Claim,
    Firing,
    GapClosure,
    Hold,
    PhaseRun,
    PlanVersion,
    Rollback,
    Rollout,
    SignOff,
    Waiver,
)
from readiness.queries.audit import Entry, load_entries_of

TOLD = (
    "phase.entered",
    "phase.overridden",
    "phase.rolled_back",
    "phase.aborted",
    "override.asked",
    "override.closed",
    "sign_off.given",
    "sign_off.voided",
    "sign_off.revoked",
    "claim.made",
    "claim.withdrawn",
    "evidence.added",
    "baseline.recorded",
    "gap.closed",
    "gap.reopened",
    "drill.recorded",
    "review.recorded",
    "plan.imported",
    "waiver.asked",
    "waiver.granted",
    "waiver.declined",
    "waiver.withdrawn",
    "waiver.revoked",
)
"""The actions that reports number or retell."""


Kept = TypeVar("Kept", Facts, Verdict)
Row = TypeVar("Row", Rollback, Firing)


class NotKept(LookupError):
    """What a run was entered on was not kept, or can no longer be read; the message says which."""


@dataclass(frozen=True)
class Files:
    """The rows of one rollout, as reports look them up."""

    rollout: Rollout
    runs: tuple[PhaseRun, ...]
    blobs: Mapping[str, bytes]
    sign_offs: Mapping[int, SignOff]
    entries: tuple[Entry, ...]
    holds: tuple[Hold, ...]
    rollbacks: Mapping[int, list[Rollback]]
    firings: Mapping[int, list[Firing]]
    places: Mapping[str, str]  # of an entry's object: the condition's path, or `gap:` and its key
    plans: Mapping[str, int]  # the number of each plan version, by digest

    @cached_property
    def numbers(self) -> Mapping[tuple[str, str], Entry]:
        """Find an entry by its object and action; the newest of several."""
        return {(entry.object, entry.action): entry for entry in self.entries}

    def entry_of(self, thing: str, *actions: str) -> Entry | None:
        """Find the entry that records one thing."""
        return next((self.numbers[thing, action] for action in actions if (thing, action) in self.numbers), None)

    @cached_property
    def grounds(self) -> Mapping[int, "tuple[Facts, Verdict] | NotKept"]:
        """Read once what each run was entered on, or why that cannot be shown."""
        return {run.pk: self._grounds(run) for run in self.runs}

    def grounds_of(self, run: PhaseRun) -> tuple[Facts, Verdict]:
        """Give what a run was entered on; raise NotKept when that cannot be shown."""
        found = self.grounds[run.pk]
        if isinstance(found, NotKept):
            raise found
        return found

    def _grounds(self, run: PhaseRun) -> "tuple[Facts, Verdict] | NotKept":
        try:
            return self._kept_of(run)
        except NotKept as why:
            return why

    def _kept_of(self, run: PhaseRun) -> tuple[Facts, Verdict]:
        if not run.facts or not run.verdict:
            raise NotKept("A rollback began this run, so nothing was asked and nothing signed.")
        return self._read(Facts, run.facts), self._read(Verdict, run.verdict)

    def _read(self, kind: type[Kept], digest: str) -> Kept:
        data = self.blobs.get(digest)
        if data is None or digest_bytes(data) != digest:
            raise NotKept(f"What it was entered on ({digest}) is not kept here, or was altered.")
        try:
            return from_plain(kind, parse_canonical(data))
        except UnexpectedShape:
            raise NotKept("What it was entered on was kept by another version of the rules.") from None


def load_files(rollout: Rollout) -> Files:
    """Read them all."""
    runs = tuple(
        PhaseRun.objects.filter(rollout=rollout).select_related("clock", "override").order_by("entered_at", "pk")
    )
    wanted = {digest for run in runs for digest in (run.facts, run.verdict) if digest}
    return Files(
        rollout=rollout,
        runs=runs,
        blobs={b.digest: bytes(b.data) for b in Blob.objects.filter(pk__in=wanted).only("digest", "data")},
        sign_offs={row.pk: row for row in SignOff.objects.filter(rollout=rollout)},
        entries=tuple(load_entries_of(rollout.key, TOLD)),
        holds=tuple(Hold.objects.filter(rollout=rollout).order_by("called_at")),
        rollbacks=_by_run(Rollback.objects.filter(rollout=rollout).order_by("started_at")),
        firings=_by_run(Firing.objects.filter(run__rollout=rollout).order_by("fired_at")),
        places=_places(rollout),
        plans=dict(PlanVersion.objects.filter(rollout=rollout).values_list("digest", "number")),
    )


def _by_run(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.run_id].append(row)
    return found


def _places(rollout: Rollout) -> dict[str, str]:
    claims = Claim.objects.filter(rollout=rollout).values_list("pk", "path")
    waivers = Waiver.objects.filter(rollout=rollout).values_list("pk", "path")
    closures = GapClosure.objects.filter(rollout=rollout).values_list("pk", "gap")
    return (
        {f"claim:{pk}": path for pk, path in claims}
        | {f"waiver:{pk}": path for pk, path in waivers}
        | {f"gapclosure:{pk}": f"gap:{gap}" for pk, gap in closures}
    )
