"""Who may accept a row that differs from the record: two people, of whom neither could have done it alone.

Whoever runs the database could have changed the row, and whoever answers last gains from a NO-GO that goes away. So one
of the two answers last, and the other is an administrator of the site. A row that belongs to no rollout concerns them
all, and takes two administrators.
"""

from collections.abc import Collection
from enum import StrEnum

ACCEPTED = "difference.accepted"
"""The action of the entry by which a row is accepted."""


class Seat(StrEnum):
    """As what somebody accepts."""

    LAST = "last"
    ADMINISTRATOR = "administrator"


def needed_seats(rollout: str) -> frozenset[Seat]:
    """Give the seats that may accept a row of a rollout; an empty key means a row of none."""
    return frozenset(Seat) if rollout else frozenset({Seat.ADMINISTRATOR})


def completes(first: Collection[str], second: Collection[str], rollout: str) -> bool:
    """Say whether two people, by the seats they hold, accept together."""
    if not rollout:
        return Seat.ADMINISTRATOR in first and Seat.ADMINISTRATOR in second
    pairs = ((Seat.LAST, Seat.ADMINISTRATOR), (Seat.ADMINISTRATOR, Seat.LAST))
    return any(one in first and other in second for one, other in pairs)


def seats_sentence(rollout: str) -> str:
    """Say who accepts."""
    if not rollout:
        return "This row belongs to no rollout, so two administrators accept it."
    return "One person who answers last accepts it, and one administrator of the site."
