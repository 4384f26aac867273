"""The plan of a rollout: its versions, what each changed, and what was decided before it.

What was decided before is imported history. It is shown with its source, and nothing here reads it to decide anything.
"""

from collections.abc import Iterator, Mapping, Sequence

from readiness.core.plan import Plan
from readiness.core.plan_diff import plan_changes
from readiness.models import PlanVersion
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.imports import plan_counts
from readiness.queries.pages.parts import Change, Line
from readiness.queries.pages.plans import PlanPage, VersionRow
from readiness.queries.plans import load_plan_version
from readiness.queries.scenes import Scene
from readiness.queries.words import upper_first

NO_SOURCE = "no source stated"
ANSWERS = {"GO": "GO", "NO_GO": "NO-GO"}


class NoSuchVersion(LookupError):
    """The rollout has no version of that number."""


def load_plan_file(rollout_key: str, number: int) -> str:
    """Give the text of a version as it was imported."""
    found = PlanVersion.objects.filter(rollout__key=rollout_key, number=number).values_list("text", flat=True).first()
    if found is None:
        raise NoSuchVersion(f"{rollout_key} has no plan version {number}")
    return found


def make_plan_page(scene: Scene, number: int | None = None) -> PlanPage:
    """Fill the page of one version; of the one in force when none is named."""
    rows = PlanVersion.objects.filter(rollout=scene.rollout).defer("text", "document", "changed_by")
    versions = {row.number: row for row in rows.order_by("-number")}
    in_force = scene.rollout.plan.number if scene.rollout.plan is not None else 0
    shown = versions.get(number if number is not None else in_force)
    if shown is None:
        raise NoSuchVersion(f"{scene.rollout.key} has no plan version {number}")
    plan = load_plan_version(shown)
    return PlanPage(
        head=fill_head(scene),
        title=f"Version {shown.number}",
        sentence="This is the plan in force." if shown.number == in_force else f"Version {in_force} is in force.",
        counts=plan_counts(plan),
        changes=_changes(plan, versions.get(shown.number - 1)),
        versions=tuple(_row(scene, version, shown.number, in_force) for version in versions.values()),
        file_url=scene.url("plan-file", shown.number),
        decisions=tuple(_decision(each) for each in _entries(plan, "decisions")),
        alternatives=tuple(_alternative(each) for each in _entries(plan, "alternatives")),
        criteria=tuple(_criterion(each) for each in _entries(plan, "criteria")),
        lessons=tuple(Line(str(each)) for each in _values(plan, "lessons")),
        bar=fill_bar(scene),
    )


def _changes(plan: Plan, before: PlanVersion | None) -> tuple[Change, ...]:
    if before is None:
        return ()
    found = plan_changes(load_plan_version(before), plan)
    return tuple(Change(change.title, change.before, change.after, change.note) for change in found)


def _row(scene: Scene, version: PlanVersion, shown: int, in_force: int) -> VersionRow:
    return VersionRow(
        number=version.number,
        digest=version.digest,
        by=version.by_name,
        at=version.imported_at,
        url=scene.url("plan-version", version.number),
        current=version.number == shown,
        in_force=version.number == in_force,
    )


# ------------------------------------------------------------------------------------- what was decided before


def _values(plan: Plan, name: str) -> Sequence[object]:
    found = plan.history.get(name)
    return found if isinstance(found, Sequence) and not isinstance(found, str) else ()


def _entries(plan: Plan, name: str) -> Iterator[Mapping[str, object]]:
    yield from (each for each in _values(plan, name) if isinstance(each, Mapping))


def _said(entry: Mapping[str, object], key: str) -> str:
    return str(entry.get(key) or "")


def _source(entry: Mapping[str, object]) -> str:
    return _said(entry, "source") or NO_SOURCE


def _decision(entry: Mapping[str, object]) -> Line:
    answer = ANSWERS.get(_said(entry, "verdict"), _said(entry, "verdict"))
    who = f"{answer} by {_said(entry, 'by')} on {_said(entry, 'at')}"
    return Line(_said(entry, "title") or who, who if entry.get("title") else "", end_note=_source(entry))


def _alternative(entry: Mapping[str, object]) -> Line:
    rejected = f"Rejected: {_said(entry, 'rejected')}" if entry.get("rejected") else ""
    note = ". ".join(filter(None, [_said(entry, "gist"), rejected]))
    return Line(_said(entry, "title"), note, end_note=_source(entry))


def _criterion(entry: Mapping[str, object]) -> Line:
    met = {True: "it was called met", False: "it was called not met"}.get(bool(entry["met"])) if "met" in entry else ""
    parts = [f"asked: {_said(entry, 'required')}" if entry.get("required") else "", met]
    parts += [f"found: {_said(entry, 'found')}" if entry.get("found") else ""]
    at = f" on {_said(entry, 'at')}" if entry.get("at") else ""
    return Line(_said(entry, "title"), upper_first("; ".join(filter(None, parts))) + at, end_note=_source(entry))
