"""What is missing and stands in no gap: shown, so that somebody makes it one; it decides nothing by itself."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from django.utils.text import slugify

from readiness.core.conditions import Condition
from readiness.core.permissions import Right
from readiness.core.plan_paths import checked_path, named_paths
from readiness.queries.commands import Absent, absent_artefacts, absent_others
from readiness.queries.heads import fill_head
from readiness.queries.pages.gaps import UntrackedRow
from readiness.queries.pages.sheets import NewGapSheet
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, refusal_of
from readiness.queries.words import join_words, upper_first, without_stop


def untracked_rows(scene: Scene) -> tuple[UntrackedRow, ...]:
    """What is missing and in no gap: files that stop a way back together, then the others one by one."""
    absent = [each for each in absent_artefacts(scene) if each.gap is None]
    rows: list[UntrackedRow] = []
    told: set[str] = set()
    for level in scene.plan.rollbacks:
        stops = [each for each in absent if each.path in " ".join(level.commands)]
        if stops:
            told |= {each.path for each in stops}
            url = scene.url("phase", scene.plan.phases[0].key) + "#levels"
            title = f"“{level.title}” can’t run"
            rows.append(UntrackedRow(title, _missing(stops), len(stops), url, _make_url(scene, title, stops)))
    named = named_paths(scene.plan)
    rows += [_alone(scene, each, named) for each in absent if each.path not in told]
    rows += [_other(scene, condition, said) for condition, said in absent_others(scene)]
    return tuple(rows)


def _other(scene: Scene, condition: Condition, said: str) -> UntrackedRow:
    """A dashboard, an alert rule or another thing that a check of the plan looks for."""
    url = _offer(scene, {"title": condition.title, "check": condition.key})
    return UntrackedRow(condition.title, upper_first(without_stop(said)), 1, make_url=url)


def _missing(absent: Sequence[Absent]) -> str:
    paths = join_words([each.path for each in absent], 4)
    both = {1: "It does not exist", 2: "Neither exists"}.get(len(absent), "None of them exists")
    return f"Its commands call {paths}. {both}, and no gap tracks {'it' if len(absent) == 1 else 'them'}"


def _alone(scene: Scene, absent: Absent, named: Mapping[str, list[str]]) -> UntrackedRow:
    titles = {checked_path(check): check.title for check in scene.plan.checks}
    said = upper_first(without_stop(absent.detail))
    by = join_words([f"“{title}”" for title in named.get(absent.path, ())])
    who = f". A command of {by} names it" if by else ""
    title = titles.get(absent.path, absent.path)
    return UntrackedRow(title, f"{said}{who}", 1, make_url=_make_url(scene, title, [absent]))


def _make_url(scene: Scene, title: str, absent: Sequence[Absent]) -> str:
    return _offer(scene, {"title": title, "path": [each.path for each in absent]})


def _offer(scene: Scene, asked: Mapping[str, str | list[str]]) -> str:
    """Where something is made a gap, for whoever may."""
    return f"{scene.url('make-gap')}?{urlencode(asked, doseq=True)}" if scene.may(Right.IMPORT_PLAN) else ""


def untracked_things(scene: Scene, paths: Iterable[str], checks: Iterable[str]) -> dict[str, str]:
    """Of what is asked for, give what is missing and in no gap, with the key of the check that looks for each.

    A file is named by its path, anything else by its title. The key is empty where only a command names the path.
    """
    missing = {each.path for each in absent_artefacts(scene) if each.gap is None}
    keys, wanted = {checked_path(check): check.key for check in scene.plan.checks}, frozenset(checks)
    files = {path: keys.get(path, "") for path in dict.fromkeys(paths) if path in missing}
    return files | {c.title: c.key for c, _ in absent_others(scene) if c.key in wanted}


def gap_key(scene: Scene, title: str) -> str:
    """Give a key for a gap of this title that the plan doesn’t have yet."""
    wanted = slugify(title)[:50].strip("-") or "gap"
    taken = {gap.key for gap in scene.plan.gaps}
    return next(key for n in range(1, len(taken) + 2) if (key := f"{wanted}-{n}" if n > 1 else wanted) not in taken)


def new_gap_sheet(scene: Scene, paths: Iterable[str], place: Place) -> NewGapSheet:
    """Show what would be made a gap, and what that does."""
    number = scene.rollout.plan.number + 1 if scene.rollout.plan is not None else 1
    return NewGapSheet(
        fill_head(scene),
        *place,
        title="Make it a gap",
        sub=scene.plan.title,
        why_not=refusal_of(scene, Right.IMPORT_PLAN),
        paths=tuple(paths),
        lead=f"The plan gets this gap as its version {number}. Answers to a phase that it blocks become void.",
    )
