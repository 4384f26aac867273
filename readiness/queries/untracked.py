"""What is missing and stands in no gap: shown, so that somebody makes it one; it decides nothing by itself."""

from collections.abc import Mapping, Sequence

from readiness.core.plan_paths import checked_path, named_paths
from readiness.queries.commands import Absent, absent_artefacts
from readiness.queries.pages.gaps import UntrackedRow
from readiness.queries.scenes import Scene
from readiness.queries.words import join_words, upper_first, without_stop


def untracked_rows(scene: Scene) -> tuple[UntrackedRow, ...]:
    """Missing files that no gap tracks: those that stop a way back together, the others one by one."""
    absent = [each for each in absent_artefacts(scene) if each.gap is None]
    rows: list[UntrackedRow] = []
    told: set[str] = set()
    for level in scene.plan.rollbacks:
        stops = [each for each in absent if each.path in " ".join(level.commands)]
        if stops:
            told |= {each.path for each in stops}
            url = scene.url("phase", scene.plan.phases[0].key) + "#levels"
            rows.append(UntrackedRow(f"“{level.title}” can’t run", _missing(stops), len(stops), url))
    named = named_paths(scene.plan)
    rows += [_alone(scene, each, named) for each in absent if each.path not in told]
    return tuple(rows)


def _missing(absent: Sequence[Absent]) -> str:
    paths = join_words([each.path for each in absent], 4)
    both = {1: "It does not exist", 2: "Neither exists"}.get(len(absent), "None of them exists")
    return f"Its commands call {paths}. {both}, and no gap tracks {'it' if len(absent) == 1 else 'them'}"


def _alone(scene: Scene, absent: Absent, named: Mapping[str, list[str]]) -> UntrackedRow:
    titles = {checked_path(check): check.title for check in scene.plan.checks}
    said = upper_first(without_stop(absent.detail))
    by = join_words([f"“{title}”" for title in named.get(absent.path, ())])
    who = f". A command of {by} names it" if by else ""
    return UntrackedRow(titles.get(absent.path, absent.path), f"{said}{who}", 1)
