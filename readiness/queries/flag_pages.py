"""The page of flags: who gets the change now, who holds it where it is, and what its sheets show."""

from dataclasses import replace

from readiness.core.exposure import WHOLE_BP, exposure_words, held_words, served_bp
from readiness.core.facts import FlagFacts
from readiness.core.gates import worst_series
from readiness.core.permissions import Right
from readiness.core.plan import Phase
from readiness.queries.flags import flag_facts, phase_in_force
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.pages.flags import FlagRow, FlagsCard, FlagsPage
from readiness.queries.pages.parts import Live
from readiness.queries.pages.sheets import ReasonSheet
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, refusal_of
from readiness.queries.words import element_key


def make_flags(scene: Scene, live: Live) -> FlagsPage:
    """Fill the page."""
    phase = _phase(scene)
    where = f"As {phase.title} asks" if phase is not None else "No phase has run: the plan’s defaults"
    rows = tuple(_row(scene, phase, flag) for flag in flag_facts(scene.plan, phase, scene.rows.flags))
    card = FlagsCard(scene.region("flags"), rows, f"{where}, and never more than the last GO allowed")
    return FlagsPage(fill_head(scene), live, card, fill_bar(scene))


def _phase(scene: Scene) -> Phase | None:
    return scene.running or phase_in_force(scene.rollout, scene.plan)


def _row(scene: Scene, phase: Phase | None, flag: FlagFacts) -> FlagRow:
    held, row = flag.most_bp < flag.asked_bp, scene.rows.flags.get(flag.flag)
    may_raise = held and scene.running is not None and scene.may(Right.RAISE_FLAG, phase=phase)
    may_lower = served_bp(flag) > 0 and scene.may(Right.LOWER_FLAG)
    shown = FlagRow(
        key=element_key(flag.flag, "flag"),
        title=flag.title,
        state="Turned off" if held else "Met",
        asked=_percent(flag.asked_bp),
        served=_percent(served_bp(flag)),
        note=f"Held at {held_words(flag)}" if held else "",
        changed_by=row.by_name if row is not None else "",
        changed_at=row.changed_at if row is not None else None,
        lower_url=scene.url("lower-flag", flag.flag) if may_lower else "",
        raise_url=scene.url("raise-flag", flag.flag) if may_raise else "",
    )
    return _with_observed(scene, flag, shown)


def _with_observed(scene: Scene, flag: FlagFacts, row: FlagRow) -> FlagRow:
    """Add the share that is measured, with the age of its sample."""
    facts = next((each.facts for each in scene.facts.exposures if each.flag == flag.flag), None)
    spec, seen = (facts.condition.gate, facts.gate) if facts is not None else (None, None)
    if spec is None or seen is None or not seen.reading.values or scene.running is None:
        return row
    value = worst_series(spec, seen)[0].value * 100
    return replace(row, observed=value, observed_at=seen.reading.sampled_at, max_age=spec.max_age)


def _percent(share_bp: int) -> float:
    return share_bp * 100 / WHOLE_BP


def find_flag(scene: Scene, key: str) -> FlagFacts | None:
    """Give a flag of the plan as it stands now."""
    flags = flag_facts(scene.plan, _phase(scene), scene.rows.flags)
    return next((flag for flag in flags if flag.flag == key), None)


def lower_flag_sheet(scene: Scene, flag: FlagFacts, place: Place) -> ReasonSheet:
    """Show what turning a flag off does."""
    return ReasonSheet(
        fill_head(scene),
        *place,
        title=f"Turn off “{flag.title}”",
        sub=scene.plan.title,
        why_not=refusal_of(scene, Right.LOWER_FLAG),
        lead=(
            f"It is served to {exposure_words(served_bp(flag))} now, and to nobody at once. It is NO-GO until it is "
            "raised again, which needs everything else to be GO."
        ),
        label="Turn it off",
        busy="Turning off…",
        failed="It is still served",
        style="stop",
        optional=True,
    )


def raise_flag_sheet(scene: Scene, flag: FlagFacts, place: Place) -> ReasonSheet:
    """Show what raising a flag again does."""
    return ReasonSheet(
        fill_head(scene),
        *place,
        title=f"Raise “{flag.title}”",
        sub=scene.plan.title,
        why_not=refusal_of(scene, Right.RAISE_FLAG, phase=scene.running),
        lead=(
            f"It is held at {held_words(flag)}. The phase asks for {exposure_words(flag.asked_bp)}. "
            "Everything is judged again at the moment you raise it."
        ),
        label=f"Serve it to {exposure_words(flag.asked_bp)}",
        busy="Raising…",
        failed="Nothing is raised",
        optional=True,
    )
