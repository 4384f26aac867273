"""Reasons as rows: grouped by what clears them together, worst first, the poll last. Every reason is in its group."""

from collections.abc import Sequence
from dataclasses import replace

from readiness.core.conditions import ConditionKind
from readiness.core.facts import ConditionFacts, GapFacts
from readiness.core.gaps import gap_weight
from readiness.core.phases import find_phase
from readiness.core.reasons import reason_clears, reason_sentence, reason_word
from readiness.core.types import Reason
from readiness.queries.independence import independent_words
from readiness.queries.pages.board import ReasonRow
from readiness.queries.pages.parts import Owner
from readiness.queries.scenes import Scene
from readiness.queries.words import count_of, element_key, join_words, without_stop

WHOLE_PAGES = {"record": "audit", "verdict": "board", "flag": "flags"}
"""What a reason may be about that has a page of its own."""
POLL, CHECKLIST, UNTRACKED, UNARMED = "poll", "checklist", "untracked", "unarmed"
SAME_TROUBLE = {
    "GATE_SOURCE_ERROR": "Gates whose source gives no answer",
    "CHECK_SOURCE_ERROR": "Checks whose source gives no answer",
    "SOURCE_NOT_CONFIGURED": "Conditions without a source",
    "GATE_NEVER_MEASURED": "Gates never measured",
    "GATE_OTHER_QUERY": "Gates measured for another query",
    "CHECK_UNCHECKED": "Checks not made yet",
    "GATE_STALE": "Stale gates",
    "CHECK_STALE": "Stale checks",
}
"""Codes that many conditions share when one thing is broken: from three on they are one group."""
ENOUGH_FOR_TROUBLE = 3
OPERATOR = Owner(title="Operator")
CLEARED_BY = {
    "PHASE_DWELL": Owner(title="Time"),
    "RECORD_BROKEN": OPERATOR,
    "RECORD_UNVERIFIED": OPERATOR,
    "STATE_DIFFERS_FROM_RECORD": OPERATOR,
    "VERDICT_EXPIRED": OPERATOR,
}


def reason_rows(scene: Scene, reasons: Sequence[Reason]) -> tuple[ReasonRow, ...]:
    """Group the reasons of a verdict, which stand worst first."""
    groups: dict[str, list[Reason]] = {}
    common = _common_troubles(reasons)
    for reason in reasons:
        groups.setdefault(_group(reason, common), []).append(reason)
    return tuple(_row(scene, name, groups[name]) for name in _in_order(scene, list(groups)))


def _in_order(scene: Scene, names: list[str]) -> list[str]:
    """As their worst reasons stand; gaps among themselves by weight and as the plan lists them; the poll last."""
    weights = {f"gap:{gap.key}": (gap_weight(gap), place) for place, gap in enumerate(scene.plan.gaps)}
    gaps = iter(sorted((name for name in names if name in weights), key=lambda name: weights[name]))
    placed = [next(gaps) if name in weights else name for name in names]
    return sorted(placed, key=lambda name: name == POLL)


def _common_troubles(reasons: Sequence[Reason]) -> set[str]:
    codes = [reason.code for reason in reasons if not reason.group]
    return {code for code in SAME_TROUBLE if codes.count(code) >= ENOUGH_FOR_TROUBLE}


def _group(reason: Reason, common: set[str]) -> str:
    if reason.group == POLL or reason.group.startswith("gap:"):
        return reason.group
    if reason.code == "ABORT_UNARMED":
        return UNARMED
    if reason.code in common:
        return reason.code
    if reason.code == "CHECK_MISSING":
        return UNTRACKED
    if reason.kind == ConditionKind.ITEM and reason.group != "abort":
        return CHECKLIST
    return f"{reason.code} {reason.kind}:{reason.key} {reason.path} {reason.group} {_told_apart_by(reason)}"


def _told_apart_by(reason: Reason) -> str:
    """One person may call several holds; nothing but what each says tells them apart, and that never changes."""
    return reason.found if reason.kind == "hold" else ""


def _row(scene: Scene, name: str, reasons: list[Reason]) -> ReasonRow:
    if name.startswith("gap:"):
        return _gap_row(scene, reasons)
    if name == POLL:
        return _poll_row(scene, reasons)
    word = "Untracked" if name == UNTRACKED else ""
    if len(reasons) == 1:
        return _single(scene, reasons[0], word)
    children = tuple(_single(scene, reason, word) for reason in reasons)
    what, clears, state = _group_words(name, reasons)
    shown = count_of(len(reasons), "item") if name == CHECKLIST else ""
    return ReasonRow(
        element_key(name), state, what, clears, shown, _shared_owner(scene, reasons), children[0].url, children=children
    )


def _group_words(name: str, reasons: list[Reason]) -> tuple[str, str, str]:
    """What a group is about, what clears all of it, and its worst state."""
    worst = reason_word(reasons[0])
    if name == UNTRACKED:
        titles = join_words([reason.title for reason in reasons])
        return f"Missing, and in no gap: {titles}", "Each exists, or a gap tracks it", "Untracked"
    if name == UNARMED:
        return f"{len(reasons)} abort triggers could not stop the phase", "Each is measured and can fire", worst
    if name == CHECKLIST:
        words = [reason_word(reason).lower() for reason in reasons]
        counts = join_words([f"{words.count(word)} {word}" for word in dict.fromkeys(words)], 4)
        return f"Checklist: {counts}", "Each has what it asks for", worst
    return (
        f"{SAME_TROUBLE[name]}: {len(reasons)}",
        reason_clears(replace(reasons[0], required="within its limit")),
        worst,
    )


def _single(scene: Scene, reason: Reason, word: str = "") -> ReasonRow:
    return ReasonRow(
        key=element_key(reason.key, reason.code, reason.kind, reason.path, reason.group, _told_apart_by(reason)),
        state=word or reason_word(reason),
        what=without_stop(reason_sentence(reason)),
        clears=_clears(scene, reason),
        owner=_owner(scene, reason),
        url=reason_url(scene, reason),
        since_at=reason.since_at,
        code=reason.code,
    )


def _clears(scene: Scene, reason: Reason) -> str:
    """Say what clears a reason; who could sign is known only from who holds which role."""
    covered = _covered(scene, reason) if reason.code == "SIGN_OFF_NOT_INDEPENDENT" else None
    return independent_words(scene, covered) if covered is not None else reason_clears(reason)


def _covered(scene: Scene, reason: Reason) -> ConditionFacts | GapFacts | None:
    """Give the condition, or the gap that people closed, that a reason is about."""
    if reason.kind == "gap":
        return next((gap for gap in scene.facts.gaps if gap.gap.key == reason.key), None)
    return scene.known.get(reason.path)


def _owner(scene: Scene, reason: Reason) -> Owner | None:
    """Who can clear it; what no role of the plan clears says what does."""
    if reason.kind == "hold":
        return scene.owner(next(iter(scene.plan.authority.lift_hold), None))
    if reason.code == "PHASE_OVERRIDDEN":
        return scene.owner(next(iter(scene.plan.authority.break_glass), None))
    return scene.owner(reason.owner) or CLEARED_BY.get(reason.code)


def _gap_row(scene: Scene, reasons: list[Reason]) -> ReasonRow:
    head = next((reason for reason in reasons if reason.code == "GAP_OPEN"), reasons[0])
    children = tuple(_single(scene, reason) for reason in reasons if reason is not head)
    contradicted = any(child.state == "Contradicted" for child in children)
    row = _single(scene, head)
    state, word = ("Contradicted", "") if contradicted else ("Open", "Gap open")
    return replace(row, state=state, word=word, what=f"{head.title}: {head.found}", children=children)


def _poll_row(scene: Scene, reasons: list[Reason]) -> ReasonRow:
    words = [reason_word(reason) for reason in reasons]
    children = tuple(_single(scene, reason) for reason in reasons)
    names = {"No answer": "outstanding", "Void": "void", "Expired": "expired", "NO-GO": "NO-GO"}
    counts = [f"{words.count(word)} {names.get(word, word.lower())}" for word in dict.fromkeys(words)]
    owner = _shared_owner(scene, reasons)
    what, url = f"Sign-offs: {join_words(counts, 4)}", children[0].url
    clears = "Everyone polled says GO on this evidence"
    if all(reason.code == "SIGN_OFF_NOT_INDEPENDENT" for reason in reasons):
        clears = children[0].clears if len({child.clears for child in children}) == 1 else "Each is signed by others"
    return ReasonRow("poll", words[0], what, clears, "", owner, url, children=children)


def _shared_owner(scene: Scene, reasons: list[Reason]) -> Owner | None:
    owners = {reason.owner for reason in reasons if reason.owner}
    if len(owners) > 1:
        return Owner(title=f"{len(owners)} owners", count=len(owners))
    return scene.owner(next(iter(owners), None))


def reason_url(scene: Scene, reason: Reason) -> str:
    """Give where something can be seen or done about a reason."""
    if reason.kind == "sign_off":
        return scene.url("sign-off", scene.facts.target.phase) if scene.facts.target else ""
    if reason.kind == "gap":
        return f"{scene.url('gaps')}#gap-{reason.key}"
    if reason.kind == ConditionKind.GATE:
        return scene.url("gate", reason.key)
    if reason.kind == "phase" and find_phase(scene.plan, reason.key) is not None:
        return scene.url("phase", reason.key)
    if reason.kind in WHOLE_PAGES:
        return scene.url(WHOLE_PAGES[reason.kind])
    return condition_url(scene, reason.path) if reason.path else scene.url("board")


def condition_url(scene: Scene, path: str) -> str:
    """Give where a condition stands: its row on the page of its phase or gap."""
    place = path.partition("/")[0]
    if place.startswith("gap:"):
        return f"{scene.url('gaps')}#gap-{place.removeprefix('gap:')}"
    return f"{scene.url('phase', place)}#item-{condition_key(path)}"


def condition_key(path: str) -> str:
    """Name a condition's row on its page."""
    return element_key(path.partition("/")[2].partition(":")[2].partition("/")[0] or path, path)
