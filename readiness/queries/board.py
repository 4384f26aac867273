"""The board of one rollout, assembled from its regions."""

from readiness.queries.feeds import fill_feed
from readiness.queries.forecast_cards import fill_note
from readiness.queries.forecasts import load_report
from readiness.queries.gaps import fill_gaps
from readiness.queries.gates import fill_gates
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.pages.board import BoardPage
from readiness.queries.pages.parts import Live
from readiness.queries.polls import fill_poll
from readiness.queries.scenes import Scene
from readiness.queries.sequences import fill_sequence
from readiness.queries.steps import fill_step
from readiness.queries.verdicts import fill_decision, fill_verdict

MOST_GATES = 12
"""What does not pass stands among the reasons in full; the board shows the worst gates, their page all of them."""


def make_board(scene: Scene, live: Live) -> BoardPage:
    """Fill every region of the board."""
    report = load_report(scene.rollout)
    return BoardPage(
        head=fill_head(scene),
        live=live,
        verdict=fill_verdict(scene),
        step=fill_step(scene),
        poll=fill_poll(scene),
        sequence=fill_sequence(scene),
        gates=fill_gates(scene, MOST_GATES),
        gaps=fill_gaps(scene, report),
        forecast=fill_note(scene, report),
        feed=fill_feed(scene),
        bar=fill_bar(scene),
        decision=fill_decision(scene),
    )
