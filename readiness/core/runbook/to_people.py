"""Roles of the plan: everybody whom the document makes responsible, and who answers where it names nobody."""

import re
from collections.abc import Iterable

from readiness.core.runbook.naming import Namer, slug_of
from readiness.core.runbook.reading import Reading

RELEASE_MANAGER, ON_CALL = "Release manager", "On-call"
_RESERVED = ("automation",)
LONGEST = 80
_MOST = 40


class People:
    """The roles of a draft by their titles."""

    def __init__(self, reading: Reading) -> None:
        self._keys: dict[str, str] = {}
        self._titles: dict[str, object] = {}
        self._namer = Namer(_RESERVED)
        for title in reading.roles.values():
            self.key(title)
        self.last = self.key(reading.signers[-1] if reading.signers else RELEASE_MANAGER)
        self.signers = [self.key(title) for title in reading.signers]

    def key(self, title: str) -> str:
        """The key of a role by its title; a new role where there is none of that title yet."""
        called = re.sub(r"\s+", " ", title).strip(" .:*@")[:LONGEST]
        if not re.search(r"\w", called) or (_fold(called) not in self._keys and len(self._keys) >= _MOST):
            return self.last
        if _fold(called) not in self._keys:
            self._keys[_fold(called)] = self._namer.name(slug_of(called, whole=True))
            self._titles[self._keys[_fold(called)]] = called
        return self._keys[_fold(called)]

    def owner(self, *titles: str) -> str:
        """The role of the first title that is one; else who answers last."""
        return next((self.key(title) for title in titles if title.strip()), self.last)

    def decider(self, title: str) -> str:
        """Who decides over a trigger: whoever the document says, else whoever is on call."""
        return self.key(title or ON_CALL)

    def roles(self) -> dict[str, object]:
        """Every role as the plan writes it."""
        return dict(self._titles)


def _fold(title: str) -> str:
    return re.sub(r"[\s_-]+", " ", title.lower()).strip()


def in_order(roles: Iterable[str], last: str) -> list[str]:
    """Who is polled: each once, and `last` at the end."""
    return [*dict.fromkeys(role for role in roles if role != last), last]
