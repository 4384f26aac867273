"""A scene of the past: today's way of drawing a board, filled with nothing but kept facts."""

from dataclasses import replace

from readiness.core.case import open_case
from readiness.core.facts import Facts, RunFacts
from readiness.core.phases import find_phase
from readiness.core.plan import Plan
from readiness.core.types import Question
from readiness.models import PhaseRun
from readiness.queries.kept_verdicts import KeptVerdict
from readiness.queries.pages.board import ReasonRow, VerdictCard
from readiness.queries.pages.parts import Line, Region
from readiness.queries.people import Roster
from readiness.queries.rows import Rows
from readiness.queries.scenes import Reader, Scene, facts_by_path, role_titles


def scene_as_of(scene: Scene, kept: KeptVerdict, facts: Facts, plan: Plan) -> Scene:
    """Fill a scene with what an answer was judged from, at the moment it was judged.

    Who holds which role today is left out, the reader's as well, and every row of today's.
    """
    at = kept.judged.evaluated_at
    return replace(
        scene,
        now=at,
        rows=_rows(scene.rows, facts, plan),
        facts=facts,
        case=open_case(facts, Question.ENTER, at),
        answers={},
        reader=Reader(scene.reader.person),
        roster=Roster({}, frozenset()),
        titles=role_titles(plan),
        known=facts_by_path(facts),
    )


def _rows(rows: Rows, facts: Facts, plan: Plan) -> Rows:
    return replace(
        rows,
        plan=plan,
        run=_run(facts.running),
        runs={},
        following=find_phase(plan, facts.target.phase) if facts.target is not None else None,
        claims={},
        ended={},
        observations={},
        baselines={},
        closures={},
        drills={},
        reviews={},
        members={},
        firings={},
        holds=facts.holds,
        signatures=facts.signatures,
        waivers={},
        record=facts.record,
        overrides=facts.overrides,
        closed_at=facts.closed_at,
        back=None,
    )


def _run(running: RunFacts | None) -> PhaseRun | None:
    """The run that went on then, as a value: it is not stored."""
    if running is None:
        return None
    return PhaseRun(phase=running.phase, number=running.number, entered_at=running.entered_at)


def card_of_then(card: VerdictCard) -> VerdictCard:
    """Take out of a card what leads to today's pages, polls, or counts time from now."""
    return replace(
        card,
        region=Region(card.region.name, ""),
        reasons=tuple(_reason(row) for row in card.reasons),
        rests_on=tuple(line_of_then(line) for line in card.rests_on),
        waivers=tuple(line_of_then(line) for line in card.waivers),
        not_judged=0,
        how_url=way_of_then(card.how_url),
        url=way_of_then(card.url),
        past=True,
    )


def way_of_then(url: str) -> str:
    """Keep a way that shows the same moment; what shows only now is left out."""
    return url if "as_of=" in url else ""


def _reason(row: ReasonRow) -> ReasonRow:
    return replace(row, url=way_of_then(row.url), children=tuple(_reason(child) for child in row.children))


def line_of_then(line: Line) -> Line:
    """Show a row as of then, and its end as a date where it has one."""
    ends = f"{line.end_note} until".strip() if line.left_at is not None else line.end_note
    at, url = line.left_at or line.at, way_of_then(line.url)
    return replace(line, url=url, end_note=ends, at=at, left_at=None, waiver=None)
