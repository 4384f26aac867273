"""Signing: the statement a reader would sign, and all signatures of a phase."""

from dataclasses import replace

from readiness.core.audit import REHEARSAL
from readiness.core.canonical import digest_bytes
from readiness.core.closings import Closing, covered_closings
from readiness.core.conditions import Condition
from readiness.core.facts import ConditionFacts
from readiness.core.locks import go_lock, other_reasons, unmet_part
from readiness.core.permissions import Right
from readiness.core.phases import find_phase, phase_after
from readiness.core.plan import Phase, SignOffRule
from readiness.core.signoffs import PollAnswer, covered_by, polled_roles
from readiness.core.statements import MEANINGS, Seen, Statement, build_statement, evidence_of
from readiness.core.types import Assessment, Outcome
from readiness.queries.audit import load_record_head
from readiness.queries.openings import load_opened
from readiness.queries.pages.parts import Choice, Fact, Line
from readiness.queries.pages.signoffs import SignOffFact, SignOffPiece, SignOffSheet
from readiness.queries.reasons import condition_url, reason_rows
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, condition_line, enter_words, refusal_of, state_word
from readiness.queries.statements import changes_since, newest_of_reader, statement_lines
from readiness.queries.waiver_pages import waiver_note
from readiness.queries.ways_back import last_way_back
from readiness.queries.words import count_of, lower_first, phase_share, phase_takes, size_words

MARK_DIGITS = 8


def sign_rule(scene: Scene) -> SignOffRule | None:
    """Give who is polled for the phase that the scene is about; None when nobody is, or it is not the next one."""
    target, run = scene.facts.target, scene.rows.run
    following = phase_after(scene.plan, run.phase if run else None)
    is_next = target is not None and following is not None and following.key == target.phase
    return target.sign_off if target is not None and is_next else None


def why_not_sign(scene: Scene, role: str) -> str:
    """Say why the reader can't answer for a role now; nothing when they can."""
    rule, target = sign_rule(scene), scene.facts.target
    if rule is None or target is None:
        return "This phase isn’t the next one, or nobody is polled for it. Go back to the board."
    if role not in polled_roles(rule):
        return "This role isn’t polled for this phase. Go back and choose one that is."
    if refused := refusal_of(scene, Right.SIGN, role, find_phase(scene.plan, target.phase)):
        return refused
    if scene.plan.rehearsal:
        return ""
    mine = [s for s in scene.case.stations if s.answer is PollAnswer.GO and s.role != role and _is_mine(scene, s.role)]
    titles = [scene.titles.get(s.role, s.role) for s in mine]
    return f"You already answer for {titles[0]}; one person counts for one role." if titles else ""


def _is_mine(scene: Scene, role: str) -> bool:
    given = [s.signature for s in scene.case.stations if s.role == role]
    return any(signature is not None and signature.by.id == scene.reader.person.id for signature in given)


def see_record(scene: Scene) -> Seen:
    """Give what the reader's page shows of the log now, and what they have opened until now."""
    head = load_record_head()
    return with_opened(scene, Seen(head.size, head.root, scene.now))


def with_opened(scene: Scene, seen: Seen) -> Seen:
    """Add what the reader had opened when that was shown: what they open later is not in what they were shown."""
    return replace(seen, opened=load_opened(scene.rollout, scene.reader.person.id, seen.at))


def statement_of(scene: Scene, role: str, seen: Seen) -> Statement | None:
    """Build what the reader would sign for a role; None where there is no poll to sign for."""
    rule = sign_rule(scene)
    if rule is None or role not in polled_roles(rule):
        return None
    return build_statement(scene.facts, role, scene.reader.person.id, seen, scene.case.judged)


def statement_marks(statement: Statement) -> tuple[str, ...]:
    """Give a short mark of each line of a statement, to count later how many have changed."""
    return tuple(digest_bytes(repr(line).encode())[7 : 7 + MARK_DIGITS] for line in statement_lines(statement.data))


def count_moved(before: tuple[str, ...], statement: Statement) -> int:
    """Count the facts that changed since a statement with these marks was shown; at least one."""
    now = statement_marks(statement)
    return max(len(set(before) - set(now)), len(set(now) - set(before)), 1)


def fill_sign_off(
    scene: Scene, role: str, place: Place, seen: Seen, statement: Statement, moved: int = 0
) -> SignOffSheet:
    """Show what a role signs: the sentence, its facts, what changed, what stands in the way, what it leads to."""
    phase = _target(scene)
    rule = phase.sign_off
    covered = covered_by(scene.facts, rule, role) if rule else ()
    closings = covered_closings(scene.facts, rule, role) if rule else ()
    last = newest_of_reader(scene, phase.key, role)
    return SignOffSheet(
        *place,
        role=role,
        role_title=scene.titles.get(role, role),
        question=_question(scene, phase),
        statement=_sentence(scene, role, phase, seen, covered),
        digest=statement.digest,
        facts_at=seen.at,
        facts=tuple(_fact(scene, facts, seen) for facts in covered),
        met=_count(scene, covered, Outcome.MET),
        total=len(covered),
        closings=tuple(map(_closing_line, closings)),
        exact=statement.data.decode(),
        waived=_count(scene, covered, Outcome.WAIVED),
        opened=len(seen.opened & evidence_of(covered)),
        brought=len(evidence_of(covered)),
        covers=_covers(scene, seen),
        changes=changes_since(last, statement) if last else (),
        signed_at=last.signed_at if last else None,
        blockers=_blockers(scene, role, rule),
        go_locked=go_lock(scene.facts, role, scene.now),
        meanings=_meanings(),
        starts=_starts(scene, phase),
        reason_needed="You sign over a waiver, so say why." if _count(scene, covered, Outcome.WAIVED) else "",
        valid_until=statement.expires_at,
        moved=moved,
    )


def shut_sign_off(scene: Scene, role: str, place: Place, why_not: str) -> SignOffSheet:
    """Show why the reader can't answer, without a statement."""
    phase = _target(scene)
    return SignOffSheet(
        *place,
        role=role,
        role_title=scene.titles.get(role, role),
        question=_question(scene, phase),
        statement="",
        digest="",
        facts_at=scene.now,
        facts=(),
        met=0,
        total=0,
        may_sign=False,
        why_not=why_not,
    )


def _question(scene: Scene, phase: Phase) -> str:
    return f"{enter_words(phase)}, of {scene.plan.title}"


def _target(scene: Scene) -> Phase:
    target = scene.facts.target
    return (find_phase(scene.plan, target.phase) if target else None) or scene.plan.close or scene.plan.phases[-1]


def _count(scene: Scene, covered: tuple[ConditionFacts, ...], outcome: Outcome) -> int:
    return sum(scene.case.judged[c.condition.path].outcome is outcome for c in covered)


def _sentence(scene: Scene, role: str, phase: Phase, seen: Seen, covered: tuple[ConditionFacts, ...]) -> str:
    facts, waived = count_of(len(covered), "condition"), _count(scene, covered, Outcome.WAIVED)
    rehearsed = REHEARSAL if scene.plan.rehearsal else ""
    return (
        f"{rehearsed}On the facts as of {seen.at:%H:%M:%S} UTC "
        f"and {'the' if seen.size else 'an'} {size_words(seen.size)}, "
        f"{scene.titles.get(role, role)} answers whether to {lower_first(enter_words(phase))}: "
        f"{_count(scene, covered, Outcome.MET)} of {facts} met{_attested(scene, covered)}"
        f"{f', {waived} waived' if waived else ''}."
    )


def _attested(scene: Scene, covered: tuple[ConditionFacts, ...]) -> str:
    attested = sum(scene.case.judged[c.condition.path].attested for c in covered)
    return f", {attested} of them by a person’s word" if attested else ""


def _fact(scene: Scene, facts: ConditionFacts, seen: Seen) -> SignOffFact:
    condition: Condition = facts.condition
    assessment: Assessment = scene.case.judged[condition.path]
    pieces = tuple(
        SignOffPiece(piece.title, piece.digest, scene.evidence_url(piece.digest), piece.digest in seen.opened)
        for claim in facts.claims
        for piece in claim.evidence
    )
    url = condition_url(scene, condition.path)
    waiver = replace(note, url="") if (note := waiver_note(scene, condition)) and note.granted else None
    return SignOffFact(state_word(assessment), condition.title, assessment.found, url, pieces, waiver)


def _closing_line(closing: Closing) -> Line:
    by = f"closed by {closing.by.name}" if closing.by is not None else "nobody has closed it"
    return Line(closing.title, by, "Closed" if closing.by is not None else "Open", at=closing.at)


def _covers(scene: Scene, seen: Seen) -> tuple[Fact, ...]:
    version = scene.rollout.plan
    number = f"version {version.number}" if version else ""
    return (
        Fact("Plan", number, digest=scene.plan.digest),
        Fact("Record", size_words(seen.size).removeprefix("record "), digest=seen.root),
        Fact("Rules", "the policy that judged", digest=scene.facts.policy),
    )


def _blockers(scene: Scene, role: str, rule: SignOffRule | None) -> tuple[Line, ...]:
    if rule is not None and role == rule.last:
        rows = reason_rows(scene, other_reasons(scene.facts, role, scene.now))
        return tuple(Line(row.what, row.clears, row.state, row.word, url=row.url) for row in rows)
    return tuple(condition_line(scene, facts.condition) for facts in unmet_part(scene.case, role))


def _meanings() -> tuple[Choice, ...]:
    return (Choice("", "Choose what it means"), *(Choice(key, text) for key, text in MEANINGS.items()))


def _starts(scene: Scene, phase: Phase) -> tuple[Fact, ...]:
    before, after = phase_share(scene.plan, scene.running), phase_share(scene.plan, phase)
    share = f"{before:g} % to {after:g} % of traffic" if before != after else f"{after:g} % of traffic"
    return (
        Fact("Share", share),
        Fact("It runs at least", phase_takes(phase)),
        Fact("Last measured way back", last_way_back(scene)),
    )
