"""Bringing evidence: fetch what links and files in git hold, read and judge every piece, before anything is saved."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings

from readiness.collectors.git import collect_content
from readiness.collectors.links import LinkKept, collect_link
from readiness.collectors.sources import ResolvedSource, SourceTrouble, resolve_source
from readiness.core.conditions import EvidenceRule
from readiness.core.plan import Plan
from readiness.services.evidence import Brought, Fetched, How, Prepared, UploadLimits, prepare_evidence

AT_ONCE = 10
Sources = Mapping[str, ResolvedSource | SourceTrouble]


def bring_pieces(plan: Plan, rule: EvidenceRule, brought: Sequence[Brought]) -> tuple[Prepared, ...]:
    """Read and judge pieces by what the item demands, all at once. Raises what `prepare_evidence` raises."""
    limits = UploadLimits(settings.MAX_UPLOAD_BYTES, tuple(settings.UPLOAD_ENDINGS))
    fetch = partial(fetch_evidence, git_sources(plan))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return tuple(pool.map(partial(prepare_evidence, rule=rule, limits=limits, fetch=fetch), brought))


def git_sources(plan: Plan) -> Sources:
    """Give the git sources of a plan, ready to be asked."""
    found = (source for source in plan.sources if source.kind == "git")
    return {source.key: resolve_source(source, os.environ, settings.SOURCE_HOSTS) for source in found}


def fetch_evidence(sources: Sources, brought: Brought) -> Fetched | str:
    """Fetch a link once, from public addresses and from hosts that the operator named, or a file at its commit."""
    if brought.how is How.GIT:
        return _from_git(sources, brought.title)
    found = collect_link(brought.title, max_bytes=settings.MAX_UPLOAD_BYTES, allowed_hosts=settings.SOURCE_HOSTS)
    return Fetched(found.data, found.media_type, brought.title) if isinstance(found, LinkKept) else found.sentence


def _from_git(sources: Sources, place: str) -> Fetched | str:
    key, _, path = place.partition(":")
    source = sources.get(key)
    if source is None:
        return f"The plan has no git source {key}; it has {_names(list(sources))}. Name a file as source:path."
    if isinstance(source, SourceTrouble):
        return f"{place} can’t be read: {source.message}."
    found = collect_content(source, path)
    if isinstance(found, SourceTrouble):
        return f"{place} can’t be read: {found.message}."
    return Fetched(found.data, "text/plain", f"{place} at commit {found.version}")


def _names(keys: Sequence[str]) -> str:
    return ", ".join(keys) or "none"
