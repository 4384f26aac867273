"""The sheets of waivers: ask for one, decide about one. One that ends uses the sheet for a reason."""

from dataclasses import dataclass
from datetime import datetime

from readiness.queries.pages.parts import Fact, Line
from readiness.queries.pages.sheets import Sheet


@dataclass(frozen=True, slots=True)
class AskWaiverSheet(Sheet):
    """Partial `waivers/_ask.html`. Fields: `reason`, `measure`, `expires_at`."""

    condition: tuple[Line, ...] = ()  # one: what would be waived, as it stands
    required: str = ""
    example: str = ""  # of an end: "2025-12-15 09:00"
    latest_at: datetime | None = None
    deciders: str = ""  # who may grant: "Hugo Lind", "Engineering manager"


@dataclass(frozen=True, slots=True)
class WaiverSheet(Sheet):
    """Partial `waivers/_decide.html`. Fields: `answer` (grant, decline; none preselected), `reason`, `password`."""

    condition: tuple[Line, ...] = ()
    facts: tuple[Fact, ...] = ()
    ends_at: datetime | None = None
    end_url: str = ""  # the sheet in which the reader may end it
    end_label: str = ""
