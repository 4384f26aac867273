"""Runs that are brought twice. Real runs never agree to the digit, so the same numbers again are not a second run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from readiness.core.conditions import Condition
from readiness.core.reports import LoadTestSummary
from readiness.core.types import ClaimFacts, EvidenceFacts

Numbers = tuple[object, ...]
Claims = Mapping[str, Sequence[ClaimFacts]]


@dataclass(frozen=True, slots=True)
class _Brought:
    """A piece where it stands: the path of its item, its claim, and its place in the claim."""

    path: str
    claim: ClaimFacts
    place: int
    piece: EvidenceFacts

    @property
    def spot(self) -> tuple[str, str, int]:
        """Name this piece among all that stand: an item has one standing claim for each member."""
        return self.path, self.claim.member, self.place


def same_run(one: LoadTestSummary, other: LoadTestSummary) -> bool:
    """Say whether two load tests measured the same to the digit. Counts alone may agree; times never do."""
    numbers = _numbers(one)
    return numbers is not None and numbers == _numbers(other)


def mark_repeats(standing: Claims, ended: Claims, conditions: Mapping[str, Condition]) -> dict[str, list[ClaimFacts]]:
    """Give the standing claims with `repeats` said of every piece that is an earlier run again.

    A load test repeats one that was brought before it, for whatever item. On an item with `valid_for`, a run repeats
    one that was brought with a claim that has `ended`, when so long ago that it could no longer count.
    """
    words = dict(_again_elsewhere(standing, conditions)) | dict(_again_later(standing, ended, conditions))
    if not words:
        return {path: list(claims) for path, claims in standing.items()}
    return {path: [_saying(path, claim, words) for claim in claims] for path, claims in standing.items()}


def _saying(path: str, claim: ClaimFacts, words: Mapping[tuple[str, str, int], str]) -> ClaimFacts:
    spots = ((path, claim.member, place) for place in range(len(claim.evidence)))
    pieces = zip(claim.evidence, spots, strict=True)
    return replace(claim, evidence=tuple(replace(piece, repeats=words.get(spot, "")) for piece, spot in pieces))


def _again_elsewhere(claims: Claims, conditions: Mapping[str, Condition]) -> Iterator[tuple[tuple[str, str, int], str]]:
    first: dict[Numbers, _Brought] = {}
    for brought in sorted(_runs(claims), key=lambda each: (each.piece.added_at, each.spot)):
        numbers = _numbers_of(brought.piece)
        if numbers is None or first.setdefault(numbers, brought) is brought:
            continue
        other = first[numbers]
        title = conditions[other.path].title if other.path in conditions else other.path
        where = "" if other.path == brought.path else f", brought for “{title}”"
        yield brought.spot, f"its numbers are those of {other.piece.title}{where}, to the digit; no two runs agree so"


def _again_later(
    standing: Claims, ended: Claims, conditions: Mapping[str, Condition]
) -> Iterator[tuple[tuple[str, str, int], str]]:
    before = [(each.path, _identity(each.piece), each.piece.added_at) for each in _runs(ended)]
    for brought in _runs(standing):
        condition, identity = conditions.get(brought.path), _identity(brought.piece)
        at = min((at for path, run, at in before if (path, run) == (brought.path, identity)), default=None)
        if at is None or condition is None or condition.valid_for is None:
            continue
        if brought.claim.claimed_at - at >= condition.valid_for:
            yield brought.spot, f"this run was brought on {at.day} {at:%b %Y} already; what expired needs a new one"


def _runs(claims: Claims) -> list[_Brought]:
    return [
        _Brought(path, claim, place, piece)
        for path, of_item in claims.items()
        for claim in of_item
        for place, piece in enumerate(claim.evidence)
        if piece.report is not None and piece.report.fields is None
    ]


def _identity(piece: EvidenceFacts) -> object:
    """What makes a run this one: the numbers of a load test that has any, else the bytes of the report."""
    return _numbers_of(piece) or piece.digest


def _numbers_of(piece: EvidenceFacts) -> Numbers | None:
    return _numbers(piece.report.loadtest) if piece.report is not None and piece.report.loadtest is not None else None


def _numbers(run: LoadTestSummary) -> Numbers | None:
    if run.p99_ms is None and run.duration is None:
        return None
    return run.requests, run.p99_ms, run.error_rate, run.duration
