"""How the answers were computed, retold from the facts that were kept with them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import getdoc

from readiness.core.canonical import parse_canonical
from readiness.core.case import Case, open_case
from readiness.core.codec import UnexpectedShape, from_plain
from readiness.core.facts import Facts
from readiness.core.reasons import reason_word
from readiness.core.signoffs import PollAnswer
from readiness.core.types import Decision, Question, Reason
from readiness.core.verdict import RULES, Rule, evaluate_verdict
from readiness.models import StoredVerdict
from readiness.queries.audit import EntryFilter, load_entries
from readiness.queries.blobs import BlobAltered, load_blob
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.kept_verdicts import load_kept_verdicts
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Fact, FeedCard, FeedRow, Line
from readiness.queries.pages.verdicts import Computation, VerdictPage
from readiness.queries.policy import policy_digest
from readiness.queries.scenes import Scene
from readiness.queries.trail import plan_titles, tell_entry
from readiness.queries.untracked import untracked_rows
from readiness.queries.verdicts import verdict_card, waived_lines
from readiness.queries.words import count_of, join_words, without_stop

CHANGES = 10
LOOKS_AT: Mapping[str, Callable[[Case], bool]] = {
    "no_abort_trigger_speaks": lambda case: any(trigger.running for trigger in case.facts.triggers),
    "exposure_agrees": lambda case: bool(case.facts.exposures),
    "running_phase_is_complete": lambda case: bool(case.facts.complete),
    "running_phase_has_dwelt": lambda case: case.facts.running is not None,
    "closer_watch_is_over": lambda case: case.facts.running is not None and case.facts.running.watch_s > 0,
    "next_phase_may_begin": lambda case: bool(case.facts.enter),
    "gaps_are_closed": lambda case: bool(case.gaps),
    "triggers_are_armed": lambda case: bool(case.facts.triggers),
    "poll_is_independent": lambda case: any(s.answer is PollAnswer.GO for s in case.stations),
}
"""What the rules look at that may be absent: one that has seen nothing is not said to hold."""
UNREADABLE = Line("The kept facts can’t be read", "They were kept by another version of the rules", "No data")


def make_verdict(scene: Scene) -> VerdictPage:
    """Fill the page; with nothing judged yet it has no computation."""
    stored = {row.question: row for row in StoredVerdict.objects.filter(rollout=scene.rollout)}
    asked = [(question, stored[question]) for question in Question if question in scene.answers]
    return VerdictPage(
        head=fill_head(scene),
        computations=tuple(_computation(scene, question, row) for question, row in asked),
        changes=_changes(scene),
        bar=fill_bar(scene),
        untracked=untracked_rows(scene),
    )


def _computation(scene: Scene, question: Question, stored: StoredVerdict) -> Computation:
    facts = _kept_facts(stored)
    rules = _rules(facts, question, stored) if facts is not None else ()
    return Computation(
        name=question.value,
        verdict=_band(scene, question),
        rules=rules,
        note=_rules_note(rules),
        facts=_inputs(scene, stored),
        repeated=_repeat(facts, question, stored) if facts is not None else UNREADABLE,
        command=_command(scene, question),
    )


def _rules_note(rules: Sequence[Line]) -> str:
    """9 of 16 rules hold, 3 have nothing to look at yet."""
    hold, idle = (sum(line.state == state for line in rules) for state in ("Met", "Not due"))
    said = f"{hold} of {count_of(len(rules), 'rule')} hold{'s' if hold == 1 else ''}" if rules else ""
    return f"{said}, {idle} {'has' if idle == 1 else 'have'} nothing to look at yet" if idle else said


def _command(scene: Scene, question: Question) -> str:
    """The command that gives this answer again: from the entry that keeps it, by the rules it was made by."""
    kept = next(load_kept_verdicts(scene.rollout.key, question), None)
    words = ["python manage.py verdict", scene.rollout.key, "--ask", question.value]
    words += ["--as-of", str(kept.seq), "--policy", kept.judged.policy] if kept is not None else []
    return " ".join([*words, "--explain"])


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


def _rules(facts: Facts, question: Question, stored: StoredVerdict) -> tuple[Line, ...]:
    """Each rule with what it said about the kept facts, at the moment they were judged."""
    case = open_case(facts, question, stored.since_at)
    return tuple(_rule_line(rule, case, list(rule(case))) for rule in RULES[question])


def _rule_line(rule: Rule, case: Case, reasons: Sequence[Reason]) -> Line:
    title = without_stop((getdoc(rule) or rule.__name__).splitlines()[0])
    if not reasons:
        looked = rule.__name__ not in LOOKS_AT or LOOKS_AT[rule.__name__](case)
        return Line(title, "Holds", "Met") if looked else Line(title, "Nothing to look at yet", "Not due", "Not asked")
    words = Counter(reason_word(reason).lower() for reason in reasons)
    note = join_words([f"{count} {word}" for word, count in words.items()], 5)
    return Line(title, note, "Not met", count_of(len(reasons), "reason"))


def _inputs(scene: Scene, stored: StoredVerdict) -> tuple[Fact, ...]:
    reasons = count_of(len(stored.payload["reasons"]), "reason")
    word = "GO" if stored.decision == Decision.GO else "NO-GO"
    return (
        Fact("Facts", "kept when this answer began", digest=stored.facts),
        Fact("Rules", "policy", digest=str(stored.payload["policy"])),
        Fact("Plan", f"version {scene.rollout.plan.number if scene.rollout.plan else 0}", digest=scene.plan.digest),
        Fact("Result", f"{word}, {reasons}", digest=stored.verdict_id),
        Fact("Since", "", at=stored.since_at),
        Fact("Last judged", "", at=stored.evaluated_at),
    )


def _repeat(facts: Facts, question: Question, stored: StoredVerdict) -> Line:
    """Compute the answer again from the kept facts: the same facts and moment must give the same answer."""
    again = evaluate_verdict(facts, question, stored.since_at)
    if again.verdict_id == stored.verdict_id:
        return Line("Computed again just now from the kept facts", "The same answer", "Valid")
    if facts.policy != policy_digest():
        return Line("The rules have changed since", "Computing it again gives what today’s rules say", "Stale")
    return Line("Computed again just now from the kept facts", f"It gives {again.verdict_id}", "Failing")


def _changes(scene: Scene) -> FeedCard:
    wanted = EntryFilter(rollout=scene.rollout.key, action="verdict.")
    titles = plan_titles(scene.plan)
    rows = []
    for entry in load_entries(wanted, limit=CHANGES):
        told = tell_entry(entry, titles)
        rows.append(FeedRow(entry.at, told.title, told.effect, told.state, scene.url("audit-entry", entry.seq)))
    url = f"{scene.url('audit')}?kind=verdict."
    return FeedCard(replace(scene.region("changes"), url=""), "Verdict changes", tuple(rows), url, "In the record")
