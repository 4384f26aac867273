"""Evidence: read and judge what somebody brought, before any transaction is open."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from readiness.collectors.junit import NotJUnit, read_junit
from readiness.collectors.loadtest import NotLoadTest, read_loadtest
from readiness.core.canonical import digest_bytes
from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.evidence import judge_junit, judge_loadtest
from readiness.core.types import EvidenceState
from readiness.queries.blobs import load_blob
from readiness.services.blobs import keep_blob

FetchLink = Callable[[str], tuple[bytes | None, str, str]]
"""Given an address: the bytes kept (or None), their media type, and a sentence when nothing was kept."""


class EvidenceTooLarge(ValueError):
    """The file has more bytes than are kept."""


class EvidenceEmpty(ValueError):
    """The file has no bytes."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What somebody brings: a file, or an address."""

    title: str
    data: bytes | None = None
    media_type: str = "application/octet-stream"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A piece of evidence, read and judged, ready to be kept."""

    kind: str
    title: str
    digest: str
    data: bytes
    media_type: str
    url: str
    state: EvidenceState
    finding: str


@dataclass(frozen=True, slots=True)
class Held:
    """A piece that was judged and whose bytes are kept, so that nobody has to choose the file again to claim."""

    kind: str
    title: str
    digest: str
    media_type: str
    url: str
    state: EvidenceState
    finding: str


def hold_evidence(prepared: Iterable[Prepared]) -> tuple[Held, ...]:
    """Keep the bytes of what was judged. Nothing refers to them until they are claimed, and no entry is made."""
    pieces = tuple(prepared)
    for piece in pieces:
        keep_blob(piece.data, piece.media_type)
    return tuple(Held(p.kind, p.title, p.digest, p.media_type, p.url, p.state, p.finding) for p in pieces)


def take_held(held: Iterable[Held]) -> tuple[Prepared, ...]:
    """Give back what was held, with its bytes."""
    found = ((piece, load_blob(piece.digest)) for piece in held)
    return tuple(
        Prepared(h.kind, h.title, h.digest, data, h.media_type, h.url, h.state, h.finding)
        for h, data in found
        if data is not None
    )


def prepare_evidence(brought: Brought, rule: EvidenceRule, max_bytes: int, fetch: FetchLink) -> Prepared:
    """Read and judge one piece of evidence by what the item demands; raise when it can't be taken at all."""
    if brought.url:
        return _prepare_link(brought, rule, fetch)
    data = brought.data or b""
    if not data:
        raise EvidenceEmpty(f"{brought.title} is empty. Choose the file again.")
    if len(data) > max_bytes:
        raise EvidenceTooLarge(
            f"{brought.title} has {len(data):,} bytes; at most {max_bytes:,} are kept. Bring a smaller file, or a link."
        )
    kind, state, finding = judge_file(data, rule)
    return Prepared(kind, brought.title, digest_bytes(data), data, brought.media_type, "", state, finding)


def _prepare_link(brought: Brought, rule: EvidenceRule, fetch: FetchLink) -> Prepared:
    """What the address held is kept and read like a file; when it did not answer, only the address is kept."""
    data, media_type, sentence = fetch(brought.url)
    if data is None:
        address, finding = brought.url.encode(), f"Only the address was kept: {sentence}"
        kept = (digest_bytes(address), address, "text/uri-list")
        return Prepared("link", brought.title, *kept, brought.url, EvidenceState.ATTESTS, finding)
    kind, state, finding = judge_file(data, rule)
    if kind == "file":
        kind, finding = "link", f"Kept {len(data):,} bytes as they were when this was claimed"
    return Prepared(kind, brought.title, digest_bytes(data), data, media_type, brought.url, state, finding)


def judge_file(data: bytes, rule: EvidenceRule) -> tuple[str, EvidenceState, str]:
    """Give (kind, state, finding) of a file under a rule: reports are read, everything else is kept."""
    try:
        if rule.demand is EvidenceDemand.JUNIT:
            return "junit", *judge_junit(read_junit(data), rule)
        if rule.demand is EvidenceDemand.LOADTEST:
            return "loadtest", *judge_loadtest(read_loadtest(data), rule)
    except (NotJUnit, NotLoadTest) as refusal:
        return rule.demand.value, EvidenceState.UNREADABLE, str(refusal)
    return "file", EvidenceState.PROVES, f"Kept, {len(data):,} bytes"
