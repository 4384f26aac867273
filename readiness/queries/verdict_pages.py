"""The page that says how the answers of a rollout were computed."""

from dataclasses import replace

from readiness.core.canonical import parse_canonical
from readiness.core.codec import UnexpectedShape, from_plain
from readiness.core.facts import Facts
from readiness.core.types import Question
from readiness.models import StoredVerdict
from readiness.queries.audit import EntryFilter, load_entries
from readiness.queries.blobs import BlobAltered, load_blob
from readiness.queries.computations import Answered, repeat_command, retell
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.kept_verdicts import load_kept_verdicts
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import FeedCard, FeedRow
from readiness.queries.pages.verdicts import Computation, VerdictPage
from readiness.queries.scenes import Scene
from readiness.queries.trail import Titles, plan_titles, tell_entry
from readiness.queries.untracked import untracked_rows
from readiness.queries.verdicts import verdict_card, waived_lines

CHANGES = 10


def make_verdict(scene: Scene) -> VerdictPage:
    """Fill the page; with nothing judged yet it has no computation."""
    stored = {row.question: row for row in StoredVerdict.objects.filter(rollout=scene.rollout)}
    asked = [(question, stored[question]) for question in Question if question in scene.answers]
    return VerdictPage(
        head=fill_head(scene),
        computations=tuple(_computation(scene, question, row) for question, row in asked),
        changes=changes_feed(scene, plan_titles(scene.plan)),
        bar=fill_bar(scene),
        untracked=untracked_rows(scene),
    )


def _computation(scene: Scene, question: Question, stored: StoredVerdict) -> Computation:
    kept = next(load_kept_verdicts(scene.rollout.key, question), None)
    answered = Answered(
        question=question,
        decision=stored.decision,
        reasons=len(stored.payload["reasons"]),
        verdict_id=stored.verdict_id,
        policy=str(stored.payload["policy"]),
        kept=stored.facts,
        facts=_kept_facts(stored),
        plan=scene.plan.digest,
        plan_number=scene.rollout.plan.number if scene.rollout.plan else 0,
        since_at=stored.since_at,
        judged_at=stored.evaluated_at,
    )
    return retell(answered, _band(scene, question), repeat_command(scene.rollout.key, question, kept))


def _band(scene: Scene, question: Question) -> VerdictCard:
    card = verdict_card(scene, scene.region(f"verdict-{question.value}"), question)
    plain = replace(card.region, url="")
    return replace(
        card,
        region=plain,
        slim=True,
        reasons=(),
        rests_on=(),
        waivers=card.waivers or waived_lines(scene, scene.answers[question].verdict),
        url=scene.url("board"),
        url_label="Back to the board",
    )


def _kept_facts(stored: StoredVerdict) -> Facts | None:
    """Read the facts that were kept when this answer began; None when they can no longer be read."""
    try:
        data = load_blob(stored.facts)
        return from_plain(Facts, parse_canonical(data)) if data else None
    except (UnexpectedShape, BlobAltered):
        return None


def changes_feed(scene: Scene, titles: Titles, upto: int | None = None) -> FeedCard:
    """Show how the answers changed lately, or by the time of entry `upto`."""
    wanted, before = EntryFilter(rollout=scene.rollout.key, action="verdict."), None if upto is None else upto + 1
    rows = []
    for entry in load_entries(wanted, before_seq=before, limit=CHANGES):
        told = tell_entry(entry, titles)
        rows.append(FeedRow(entry.at, told.title, told.effect, told.state, scene.url("audit-entry", entry.seq)))
    url = f"{scene.url('audit')}?kind=verdict." + (f"&before={before}" if before is not None else "")
    return FeedCard(replace(scene.region("changes"), url=""), "Verdict changes", tuple(rows), url, "In the record")
