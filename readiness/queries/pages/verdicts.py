"""How an answer was computed: the rules that spoke, what they were given, and the command that repeats it."""

from dataclasses import dataclass

from readiness.queries.pages.board import RollBackBar, VerdictCard
from readiness.queries.pages.gaps import UntrackedRow
from readiness.queries.pages.parts import Fact, FeedCard, Line, RolloutHead


@dataclass(frozen=True, slots=True)
class Computation:
    """One question. `rules` are all rules of it in order; `repeated` says what computing it here again gave."""

    name: str  # continue or enter; part of element ids
    verdict: VerdictCard  # slim
    rules: tuple[Line, ...]
    note: str  # "3 of 9 rules hold"
    facts: tuple[Fact, ...]
    repeated: Line
    command: str


@dataclass(frozen=True, slots=True)
class VerdictPage:
    """Template `verdicts/page.html`."""

    head: RolloutHead
    computations: tuple[Computation, ...]
    changes: FeedCard
    bar: RollBackBar
    untracked: tuple[UntrackedRow, ...] = ()  # shown beside the answer; never a reason of it
