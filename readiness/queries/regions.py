"""Regions: which pages are live, what fills them, and which partial shows each of their parts alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TypeAlias

from django.urls import reverse

from readiness.core.canonical import digest_bytes
from readiness.core.phases import find_phase
from readiness.core.types import Person
from readiness.queries.board import make_board
from readiness.queries.flag_pages import make_flags
from readiness.queries.gap_pages import make_gaps
from readiness.queries.gate_pages import make_gate, make_gates
from readiness.queries.pages.board import (
    BoardPage,
    GapsCard,
    GatesCard,
    RollBackBar,
    SequenceCard,
    VerdictCard,
)
from readiness.queries.pages.flags import FlagsCard, FlagsPage
from readiness.queries.pages.forecasts import DatesCard, ForecastCard, ForecastNote
from readiness.queries.pages.gaps import GapCard, GapsPage, OrderCard
from readiness.queries.pages.gates import ArmedCard, GateCard, GatePage, GatesPage, TraceCard
from readiness.queries.pages.parts import FeedCard, Live, PollCard, RolloutHead, StepCard
from readiness.queries.pages.phases import AbortsCard, ChecklistCard, CommandsCard, ExitCard, LevelsCard, PhasePage
from readiness.queries.pages.portfolio import PortfolioCard, PortfolioPage
from readiness.queries.pages.runs import ClockCard, NowPage, ShareCard, TroubleCard
from readiness.queries.phases import is_near, make_phase
from readiness.queries.portfolio import load_portfolio
from readiness.queries.running import make_now
from readiness.queries.scenes import Address, NoSuchPage, Scene, load_scene

Page: TypeAlias = BoardPage | PhasePage | GatesPage | GatePage | GapsPage | PortfolioPage | NowPage | FlagsPage
Card: TypeAlias = (
    RolloutHead
    | VerdictCard
    | StepCard
    | PollCard
    | SequenceCard
    | GatesCard
    | GapsCard
    | FeedCard
    | RollBackBar
    | ChecklistCard
    | CommandsCard
    | ExitCard
    | AbortsCard
    | LevelsCard
    | PortfolioCard
    | TroubleCard
    | ShareCard
    | ClockCard
    | GapCard
    | OrderCard
    | ForecastCard
    | ForecastNote
    | DatesCard
    | GateCard
    | TraceCard
    | ArmedCard
    | FlagsCard
)
PARTIALS: Mapping[type[Card], tuple[str, str]] = {
    RolloutHead: ("rollouts/_head.html", "head"),
    VerdictCard: ("board/_verdict.html", "verdict"),
    StepCard: ("board/_step.html", "step"),
    PollCard: ("board/_poll.html", "poll"),
    SequenceCard: ("board/_sequence.html", "sequence"),
    GatesCard: ("board/_gates.html", "gates"),
    GapsCard: ("board/_gaps.html", "gaps"),
    FeedCard: ("board/_feed.html", "feed"),
    RollBackBar: ("board/_roll_back.html", "bar"),
    ChecklistCard: ("phases/_checklist.html", "checklist"),
    CommandsCard: ("phases/_commands.html", "commands"),
    ExitCard: ("phases/_exit.html", "exit"),
    AbortsCard: ("phases/_aborts.html", "aborts"),
    PortfolioCard: ("portfolio/_rows.html", "rollouts"),
    TroubleCard: ("runs/_trouble.html", "trouble"),
    ShareCard: ("runs/_share.html", "exposure"),
    ClockCard: ("runs/_clock.html", "clock_card"),
    GapCard: ("gaps/_gap.html", "gap"),
    OrderCard: ("gaps/_order.html", "order"),
    ForecastCard: ("gaps/_forecast.html", "forecast"),
    ForecastNote: ("board/_forecast.html", "forecast"),
    DatesCard: ("gaps/_dates.html", "dates"),
    GateCard: ("gates/_gate.html", "gate"),
    TraceCard: ("gates/_trace.html", "trace"),
    FlagsCard: ("flags/_flags.html", "flags"),
    ArmedCard: ("gates/_armed.html", "armed"),
    LevelsCard: ("phases/_levels.html", "levels"),
}
"""For each part of a page: its template, and the name under which that receives it."""
NOT_LIVE = Live("", "")


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks for which page of which rollout (none for pages about all of them), when."""

    rollout: str
    address: Address
    person: Person
    now: datetime


def _scene(ask: Ask) -> Scene:
    return load_scene(ask.rollout, ask.person, ask.address, ask.now)


def _phase(ask: Ask) -> PhasePage:
    scene = _scene(ask)
    phase = find_phase(scene.plan, ask.address.about)
    if phase is None:
        raise NoSuchPage(f"The plan of {ask.rollout} has no phase {ask.address.about}.")
    near = is_near(scene, phase)
    about = scene if near else load_scene(ask.rollout, ask.person, ask.address, ask.now, phase.key)
    return make_phase(scene, about, phase, NOT_LIVE)


MAKERS: Mapping[str, Callable[[Ask], Page]] = {
    "board": lambda ask: make_board(_scene(ask), NOT_LIVE),
    "portfolio": lambda ask: load_portfolio(ask.person, ask.address, ask.now, NOT_LIVE),
    "now": lambda ask: make_now(_scene(ask), NOT_LIVE),
    "phase": _phase,
    "gates": lambda ask: make_gates(_scene(ask), NOT_LIVE),
    "gaps": lambda ask: make_gaps(_scene(ask), NOT_LIVE),
    "flags": lambda ask: make_flags(_scene(ask), NOT_LIVE),
    "gate": lambda ask: make_gate(_scene(ask), NOT_LIVE),
}


def load_page(ask: Ask) -> Page:
    """Read a page and say what it shows, so that it can ask later what changed."""
    maker = MAKERS.get(ask.address.page)
    if maker is None:
        raise NoSuchPage(f"There is no page {ask.address.page}.")
    page = maker(ask)
    return replace(page, live=Live(live_url(ask), digest_page(card_digests(page))))


def live_url(ask: Ask) -> str:
    """Give the address at which a page asks what changed."""
    slug = ask.address.slug
    return reverse("live", args=[ask.rollout, slug]) if ask.rollout else reverse("live-all", args=[slug])


def cards_of(page: Page) -> dict[str, Card]:
    """Give the parts of a page that can be fetched alone, by the name of their region."""
    return {card.region.name: card for card in _cards(page) if card.region is not None and card.region.url}


def _cards(page: Page) -> Iterator[Card]:
    for field in fields(page):
        value = getattr(page, field.name)
        for each in value if isinstance(value, tuple) else (value,):
            if type(each) in PARTIALS:
                yield each


def card_digests(page: Page) -> dict[str, str]:
    """Digest what each part shows."""
    return {name: digest_bytes(repr(card).encode())[7:39] for name, card in cards_of(page).items()}


def digest_page(digests: Mapping[str, str]) -> str:
    """Digest all parts together."""
    return digest_bytes(repr(sorted(digests.items())).encode())[7:39]
