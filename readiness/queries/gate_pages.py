"""All gates of a rollout, and the page of one: its line, why it is what it is, where it counts, what changed."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from readiness.core.conditions import Condition, ConditionKind, ConditionList
from readiness.core.criteria_words import format_value
from readiness.core.facts import TriggerFacts
from readiness.core.gates import comparand_title, gate_criteria
from readiness.core.quantities import format_duration
from readiness.core.reasons import REASONS
from readiness.queries.armed import fill_armed
from readiness.queries.audit import Entry, EntryFilter, load_entries
from readiness.queries.baselines import baseline_lines
from readiness.queries.charts import RANGES, USUAL_RANGE, chart_range, make_chart
from readiness.queries.conditions import every_condition
from readiness.queries.gates import (
    PASSING,
    Standing,
    current_standings,
    fill_gates,
    gate_quantity,
    gate_row,
    gate_state,
    limit_words,
    load_trails,
    seen_of,
    spec_of,
    trigger_word,
)
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.histories import Turn, load_turns
from readiness.queries.pages.board import GatesCard
from readiness.queries.pages.gates import GateCard, GatePage, GatesPage, GateUse
from readiness.queries.pages.parts import Fact, FeedCard, FeedRow, Live
from readiness.queries.pages.phases import Filter
from readiness.queries.places import place_words
from readiness.queries.reasons import condition_url
from readiness.queries.scenes import NoSuchPage, Scene
from readiness.queries.traces import fill_trace
from readiness.queries.trail import plan_titles, tell_entry, trail_sentence
from readiness.queries.waiver_pages import waiver_note
from readiness.queries.words import rough_length, upper_first

RECENT = 50
BEFORE = 5


class NoSuchGate(NoSuchPage):
    """The plan has no gate of this key."""


def make_gates(scene: Scene, live: Live) -> GatesPage:
    """Show every gate of the plan, those that the board's question rests on first."""
    return GatesPage(fill_head(scene), live, fill_gates(scene), _others(scene), fill_bar(scene), fill_armed(scene))


def _others(scene: Scene) -> GatesCard:
    asked = {standing.condition.key for standing in current_standings(scene)}
    others = [Standing(gate, gate_state(scene.judge(gate))) for gate in scene.plan.gates if gate.key not in asked]
    gates = [standing.condition for standing in sorted(others, key=lambda standing: standing.rank)]
    trails = load_trails(scene, [gate.path for gate in gates])
    rows = tuple(gate_row(scene, gate, trails) for gate in gates)
    passing = sum(row.state == PASSING for row in rows)
    title, note = "Asked for elsewhere in the plan", f"{passing} of {len(rows)} pass"
    return GatesCard(scene.region("others"), rows, note if rows else "", "", title)


def make_gate(scene: Scene, live: Live) -> GatePage:
    """Show one gate where it counts most now."""
    condition, trigger = _current_place(scene, scene.address.about)
    spec = spec_of(condition)
    entries = load_entries(EntryFilter(rollout=scene.rollout.key), limit=RECENT)
    turns = load_turns(scene.rollout, condition.path, scene.now - max(chart_range(scene), timedelta(days=1)))
    return GatePage(
        head=fill_head(scene),
        live=live,
        gate=_card(scene, condition, trigger, entries),
        trace=fill_trace(scene, condition),
        query=spec.query,
        history=_history(scene, turns),
        bar=fill_bar(scene),
        comparand=spec.against.query or "" if spec.against else "",
        query_note=f"Source {spec.source}" + (f", {condition.origin}" if condition.origin else ""),
        uses=tuple(_uses(scene, condition.key)),
        before=_before(scene, entries, turns),
        at_url=scene.url("measured-at", scene.address.about),
        baselines=baseline_lines(scene, condition),
        baseline_title=upper_first(comparand_title(spec)),
    )


def _current_place(scene: Scene, key: str) -> tuple[Condition, TriggerFacts | None]:
    """Where a gate counts most: where it stands worst of what the board asks for, else its definition."""
    standing = next((each for each in current_standings(scene) if each.condition.key == key), None)
    if standing is not None:
        return standing.condition, standing.trigger
    definition = next((gate for gate in scene.plan.gates if gate.key == key), None)
    if definition is None:
        raise NoSuchGate(f"The plan of {scene.rollout.key} has no gate {key}.")
    return definition, None


def _is_gate(condition: Condition, key: str) -> bool:
    return condition.kind is ConditionKind.GATE and condition.key == key


def _card(scene: Scene, condition: Condition, trigger: TriggerFacts | None, entries: Sequence[Entry]) -> GateCard:
    spec, seen, assessment = spec_of(condition), seen_of(scene, condition), scene.judge(condition)
    environments = {source.key: source.environment for source in scene.plan.sources}
    where = ", ".join(filter(None, [environments.get(spec.source, ""), place_words(scene, condition)]))
    return GateCard(
        region=scene.region("gate"),
        name=condition.title,
        state=trigger_word(trigger, scene) if trigger else gate_state(assessment),
        sentence=_sentence(scene, condition),
        where=upper_first(where),
        chart=make_chart(scene, condition, entries),
        figures=_figures(scene, condition),
        ranges=_ranges(scene),
        sampled_at=seen.reading.sampled_at if seen else None,
        max_age=spec.max_age,
    )


def _sentence(scene: Scene, condition: Condition) -> str:
    assessment = scene.judge(condition)
    found = upper_first(assessment.found)
    return f"{found}. It must be {assessment.required}."


def _figures(scene: Scene, condition: Condition) -> tuple[Fact, ...]:
    spec, seen = spec_of(condition), seen_of(scene, condition)
    criteria, now = gate_criteria(spec), gate_quantity(spec, seen)
    value = now.value if now else None
    figures = [Fact("Now", format_value(value, spec.unit, criteria)), Fact("Limit", limit_words(spec))]
    if value is not None and now is not None and now.marks:
        limit = now.marks[0]
        apart = format_value(abs(value - limit), spec.unit, criteria)
        share = f"{abs(value - limit) / abs(limit) * 100:.0f} % of the limit" if limit else ""
        figures.append(Fact("From the limit", apart, share))
    window = seen.window if seen else None
    since = (window.breached_since or window.held_since) if window else None
    if window is not None and since is not None:
        label = "Past the limit since" if window.breached_since else "Holds since at least"
        figures.append(Fact(label, "", rough_length(window.end_at - since), at=since))
    return tuple(figures)


def _ranges(scene: Scene) -> tuple[Filter, ...]:
    here, chosen = scene.url("gate", scene.address.about), scene.address.option or USUAL_RANGE
    return tuple(
        Filter(f"{name[:-1]} {name[-1]}", here if name == USUAL_RANGE else f"{here}?last={name}", 0, name == chosen)
        for name in RANGES
    )


def _history(scene: Scene, turns: Sequence[Turn]) -> FeedCard:
    rows = []
    until = scene.now
    for turn in turns:
        word = REASONS[turn.code].word if turn.code in REASONS else PASSING
        length = rough_length(until - turn.at)
        note = f"for {length}" + (" so far" if until == scene.now else "")
        url = scene.url("measurement", scene.address.about, turn.measurement)
        rows.append(FeedRow(turn.at, word, note, word, url))
        until = turn.at
    return FeedCard(scene.region("history"), "History", tuple(rows), empty="Nothing measured lately")


def _before(scene: Scene, entries: Sequence[Entry], turns: Sequence[Turn]) -> FeedCard | None:
    """The acts that came before a gate stopped passing; nothing while it passes."""
    if not turns or not turns[0].code:
        return None
    began = turns[0].at
    titles = plan_titles(scene.plan)
    acts = [entry for entry in entries if entry.at <= began and not entry.action.startswith(("verdict.", "outcome."))]
    rows = tuple(_act(scene, entry, titles, began - entry.at) for entry in acts[:BEFORE])
    return FeedCard(scene.region("before"), "What changed before", rows, scene.url("audit")) if rows else None


def _act(scene: Scene, entry: Entry, titles: dict[str, str], before: timedelta) -> FeedRow:
    told = tell_entry(entry, titles)
    note = f"{rough_length(before)} before"
    return FeedRow(entry.at, trail_sentence(entry, told), note, told.state, scene.url("audit-entry", entry.seq))


def _uses(scene: Scene, key: str) -> Iterator[GateUse]:
    """Every place of the plan where a gate stands, proves an item, or verifies a way back."""
    for condition in every_condition(scene.plan):
        if _is_gate(condition, key):
            yield _use(scene, condition, place_words(scene, condition), condition_url(scene, condition.path))
        elif condition.item is not None and key in condition.item.proved_by:
            url = condition_url(scene, condition.path)
            yield GateUse(f"Proves “{condition.title}”", "beside the claim", "Running", url=url)
    for level in scene.plan.rollbacks:
        if level.verify is not None and _is_gate(level.verify, key):
            yield _use(scene, level.verify, f"Verifies “{level.title}”", "")


def _use(scene: Scene, condition: Condition, place: str, url: str) -> GateUse:
    spec, seen = spec_of(condition), seen_of(scene, condition)
    held = f", for {format_duration(spec.hold_for)}" if spec.hold_for else ""
    state = _use_state(scene, condition)
    note = waiver_note(scene, condition) if state != "Not due" else None
    return GateUse(upper_first(place), limit_words(spec) + held, state, gate_quantity(spec, seen), url, note)


def _use_state(scene: Scene, condition: Condition) -> str:
    """A trigger that neither runs nor comes next, and what was never measured, is not due."""
    if condition.list is ConditionList.ABORT:
        found = (t for t in scene.facts.triggers if t.facts.condition.path == condition.path)
        trigger = next(found, None)
        return trigger_word(trigger, scene) if trigger is not None else "Not due"
    return gate_state(scene.judge(condition)) if seen_of(scene, condition) is not None else "Not due"
