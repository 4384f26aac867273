"""The poll of a phase: who has answered, who is asked, who waits."""

from readiness.core.signoffs import PollAnswer, Station
from readiness.queries.pages.parts import PollCard, PollRow
from readiness.queries.scenes import Scene
from readiness.queries.words import join_words

STATES = {
    PollAnswer.GO: "GO",
    PollAnswer.NO_GO: "NO-GO",
    PollAnswer.VOID: "Void",
    PollAnswer.EXPIRED: "Expired",
    PollAnswer.NO_ANSWER: "No answer",
    PollAnswer.WAITS: "Waits",
}


def fill_poll(scene: Scene) -> PollCard:
    """Show each station of the phase that would be entered."""
    region, target = scene.region("poll"), scene.facts.target
    if target is None:
        return PollCard(region, (), 0, 0, empty="The rollout is closed; nobody is asked any more")
    rows = tuple(_station_row(scene, station) for station in scene.case.stations)
    title = f"Poll to enter {target.title}" if scene.rows.run else "Go/no-go poll"
    go = sum(row.state == "GO" for row in rows)
    return PollCard(region, rows, go, len(rows), title, scene.url("sign-off", target.phase))


def _station_row(scene: Scene, station: Station) -> PollRow:
    mine = station.role in scene.reader.roles
    signature = station.signature
    return PollRow(
        station=scene.titles.get(station.role, station.role),
        state=STATES[station.answer],
        name=signature.by.name if signature else station_people(scene, station.role),
        note=_station_note(station),
        at=signature.signed_at if signature else None,
        url=station_url(scene, station.role) if mine else "",
        mine=mine,
    )


def station_url(scene: Scene, role: str) -> str:
    """Give the sheet in which a role answers."""
    target = scene.facts.target
    return f"{scene.url('sign-off', target.phase)}?role={role}" if target else ""


def station_people(scene: Scene, role: str) -> str:
    """Name who holds a role."""
    return join_words([person.name for person in scene.roster.holders.get(role, ())], 2)


def _station_note(station: Station) -> str:
    if station.answer is PollAnswer.WAITS:
        return "answers last"
    if station.answer in (PollAnswer.VOID, PollAnswer.NO_GO, PollAnswer.EXPIRED):
        return station.why
    return ""
