"""Which entries a bundle holds: all, those of a rollout or of a time, or those that touch one phase's decision."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from readiness.core.codec import to_plain
from readiness.core.facts import Facts
from readiness.core.phases import CLOSE
from readiness.models import AuditEntry, Claim, Evidence, Firing, GapClosure, PhaseRun, Rollback, SignOff, Waiver
from readiness.queries.plans import load_rollout
from readiness.queries.report_files import NotKept, load_files

ALWAYS = ("planversion:", "rolegrant:", "hold:", "override:", "drillrecord:", "reviewrecord:", "baseline:")
OF_THE_LOG = Q(object__startswith="signerkey:") | Q(object__startswith="log:") | Q(action="privacy.erased")


class NothingToExport(Exception):
    """No entry is what was asked for; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for; an empty field narrows nothing. Times are UTC, `end` is the first moment beyond."""

    rollout: str = ""
    phase: str = ""
    start: datetime | None = None
    end: datetime | None = None

    @property
    def words(self) -> dict[str, str]:
        """Write the filter as the manifest has it."""
        said = {"rollout": self.rollout, "phase": self.phase}
        times = {"from": self.start, "before": self.end}
        return {name: text for name, text in said.items() if text} | {
            name: str(to_plain(at)) for name, at in times.items() if at is not None
        }


def choose_entries(wanted: Wanted, size: int) -> QuerySet[AuditEntry]:
    """Choose among the first `size` entries, in their order.

    A filter by rollout or phase also keeps what was done to the log itself: its keys, its epochs, what was erased.
    Raises Rollout.DoesNotExist and NothingToExport.
    """
    rows = AuditEntry.objects.filter(seq__lt=size).order_by("seq")
    if wanted.start is not None:
        rows = rows.filter(at__gte=wanted.start)
    if wanted.end is not None:
        rows = rows.filter(at__lt=wanted.end)
    if wanted.rollout:
        of_rollout = Q(rollout=load_rollout(wanted.rollout).key)
        rows = rows.filter((of_rollout & _of_phase(wanted) if wanted.phase else of_rollout) | OF_THE_LOG)
    return rows


def _of_phase(wanted: Wanted) -> Q:
    rollout = load_rollout(wanted.rollout)
    runs = PhaseRun.objects.filter(rollout=rollout, phase=wanted.phase)
    if not runs:
        entered = ", ".join(PhaseRun.objects.filter(rollout=rollout).values_list("phase", flat=True).distinct())
        raise NothingToExport(
            f"{wanted.phase} was never entered, so there is no decision to export. Entered were: {entered or 'none'}."
        )
    found = Q(object__in=[*_objects(wanted, [run.pk for run in runs])])
    for lead in ALWAYS:
        found |= Q(object__startswith=lead)
    return found


def _objects(wanted: Wanted, runs: list[int]) -> Iterator[str]:
    """Name the rows that a decision rested on and what came of it."""
    rollout, phase = load_rollout(wanted.rollout), wanted.phase
    paths, gaps = _grounds(wanted, runs)
    claims = Claim.objects.filter(rollout=rollout)
    waivers = Waiver.objects.filter(rollout=rollout)
    closures = GapClosure.objects.filter(rollout=rollout)
    if paths is not None and phase != CLOSE:
        claims, waivers = claims.filter(path__in=paths), waivers.filter(path__in=paths)
        closures = closures.filter(gap__in=gaps)
    signed = SignOff.objects.filter(rollout=rollout, phase=phase)
    yield from (f"phaserun:{pk}" for pk in runs)
    yield from _named("rollback", Rollback.objects.filter(run__in=runs).values_list("pk", flat=True))
    yield from _named("firing", Firing.objects.filter(run__in=runs).values_list("pk", flat=True))
    yield from _named("signoff", signed.values_list("pk", flat=True))
    yield from _named("signoffend", signed.exclude(end=None).values_list("end__pk", flat=True))
    yield from _named("claim", claims.values_list("pk", flat=True))
    yield from _named("evidence", Evidence.objects.filter(claim__in=claims).values_list("pk", flat=True))
    yield from _named("waiver", waivers.values_list("pk", flat=True))
    yield from _named("gapclosure", closures.values_list("pk", flat=True))


def _named(kind: str, keys: Iterable[int]) -> Iterator[str]:
    return (f"{kind}:{key}" for key in keys)


def _grounds(wanted: Wanted, runs: list[int]) -> tuple[set[str] | None, set[str]]:
    """Give the paths and gaps that were judged when the phase was entered; None when that is not kept of every run."""
    paths: set[str] = set()
    gaps: set[str] = set()
    files = load_files(load_rollout(wanted.rollout))
    for run in files.runs:
        if run.pk in runs and run.facts:
            try:
                facts, _ = files.grounds_of(run)
            except NotKept:
                return None, gaps
            paths |= _paths(facts)
            gaps |= {each.gap.key for each in facts.gaps}
    return paths, gaps


def _paths(facts: Facts) -> set[str]:
    judged = (*facts.complete, *facts.enter, *(each for gap in facts.gaps for each in gap.conditions))
    return {each.condition.path for each in judged}
