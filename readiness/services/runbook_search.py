"""Look for what a runbook names, and draft its plan with the paths at which a repository has it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from readiness.collectors.registry import CollectContext, make_context
from readiness.collectors.runbook_files import Files
from readiness.collectors.runbook_references import Search
from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.collectors.trees import NoTree, open_tree
from readiness.core.runbook.resolved import Resolved
from readiness.services.runbooks import RunbookDraft, draft_runbook

REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class World:
    """Where to look: the environment, the hosts that may be asked, where mirrors are kept, and the time.

    `folder` is a repository on this machine that whoever runs the shell names; it needs not be in the environment.
    """

    environ: Mapping[str, str]
    hosts: Collection[str]
    mirrors: str
    now: datetime
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Searched:
    """A draft, and what became of everything that its documents refer to. `checked` says against what."""

    draft: RunbookDraft
    resolved: tuple[Resolved, ...] = field(default_factory=tuple)
    checked: str = ""


def search_runbook(
    documents: Sequence[tuple[str, str]], sources: Mapping[str, dict[str, object]], world: World
) -> Searched:
    """Draft a plan and look for everything that the documents refer to. Raises RunbookRefused."""
    draft = draft_runbook(documents, sources)
    asked = draft.plan.plan.sources
    with (
        make_context(asked, world.environ, world.hosts, world.now, world.mirrors) as context,
        _opened(context, world) as (files, trouble),
    ):
        resolved = tuple(Search(context, files, trouble).resolve(draft.settled.references))
        checked = files.tree.at if files is not None else ""
    found = {each.reference.name: each.path for each in resolved if each.path}
    moved = {name: path for name, path in found.items() if name != path}
    return Searched(draft_runbook(documents, sources, moved) if moved else draft, resolved, checked)


@contextmanager
def _opened(context: CollectContext, world: World) -> Iterator[tuple[Files | None, str]]:
    """The repository, or why there is none to look in."""
    source: ResolvedSource | SourceTrouble
    if world.folder:
        source = ResolvedSource(REPOSITORY, "git", path=world.folder)
    else:
        source, _ = context.repository(REPOSITORY)
    if isinstance(source, SourceTrouble):
        yield None, source.message
        return
    try:
        tree = open_tree(source, folders=bool(world.folder))
    except NoTree as trouble:
        yield None, str(trouble)
        return
    try:
        yield Files(tree), ""
    finally:
        tree.close()


def repository_source(address: str) -> dict[str, object]:
    """A repository as a plan writes it: an address that is mirrored, or the checkout that the environment names."""
    if address.startswith(("http://", "https://")):
        return {"kind": "git", "url": address}
    return {"kind": "git", "path": "${SERVICE_CHECKOUT}"}


def host_of(address: str) -> str:
    """Host and port of an address; empty when it has none."""
    try:
        return urlsplit(address).netloc.rpartition("@")[2]
    except ValueError:
        return ""
