"""Samples of the page of flags, and of the sheet that makes a gap."""

from readiness.queries.pages.flags import FlagRow, FlagsCard, FlagsPage
from readiness.queries.pages.sheets import NewGapSheet
from tests.views.samples import LIVE, ago, head, region

FLAGS = FlagsPage(
    head("board"),
    LIVE,
    FlagsCard(
        region("flags"),
        (
            FlagRow("a", "Episode and concept types", "Met", 100, 100, "", "Ana Ruiz", ago(150), lower_url="/l/"),
            FlagRow(
                "b",
                "Blend episodic and semantic recall",
                "Turned off",
                5,
                0,
                "Held at 0 % by Ben Okafor since 14:02 UTC on 2 Dec: “carts are lost”",
                "Ben Okafor",
                ago(30),
                observed=0.4,
                observed_at=ago(0.1),
                raise_url="/r/",
            ),
            FlagRow("c", "Fan-out penalties while spreading", "Met", 0, 0),
        ),
        "As Canary asks, and never more than the last GO allowed",
    ),
)
NO_FLAGS = FlagsPage(head("board"), LIVE, FlagsCard(region("flags"), (), "No phase has run: the plan’s defaults"))
MAKE_GAP = NewGapSheet(
    head("gaps"),
    "/n/",
    "/gaps/",
    "Make it a gap",
    "Dual memory",
    paths=("scripts/restore_backup.sh", "scripts/verify_data_integrity.sh"),
    lead="The plan gets this gap as its version 4. Answers to a phase that it blocks become void.",
)
