"""What happened lately, as the board shows it."""

from collections.abc import Mapping

from readiness.queries.audit import Entry, EntryFilter, load_entries
from readiness.queries.pages.parts import FeedCard, FeedRow
from readiness.queries.scenes import Scene
from readiness.queries.trail import plan_titles, tell_entry, trail_sentence

SHOWN = 8


def fill_feed(scene: Scene) -> FeedCard:
    """Show the newest entries of this rollout."""
    entries = load_entries(EntryFilter(rollout=scene.rollout.key), limit=SHOWN)
    titles = plan_titles(scene.plan)
    rows = tuple(_feed_row(scene, entry, titles) for entry in entries)
    return FeedCard(scene.region("feed"), _title(scene, entries), rows, scene.url("audit"))


def _title(scene: Scene, entries: list[Entry]) -> str:
    return "Today" if entries and entries[-1].at.date() == scene.now.date() else "Lately"


def _feed_row(scene: Scene, entry: Entry, titles: Mapping[str, str]) -> FeedRow:
    told = tell_entry(entry, titles)
    note = told.effect or (f"“{told.reason}”" if told.reason else "")
    return FeedRow(entry.at, trail_sentence(entry, told), note, told.state, scene.url("audit-entry", entry.seq))
