"""Keys for things that a document only gives a name: short, readable, and each once."""

import re
import unicodedata
from collections.abc import Collection

_NUMBER = re.compile(r"^\W{0,4}(?:\d{1,2}(?:\.\d{1,2}){0,3}[.):]?\s+)?")
_BRACKETS = re.compile(r"\s*[(\[{][^()\[\]{}]{0,200}[)\]}]")
_IDLE_WORDS = (
    "the a an of in on for to and or is are be must should with vs over all at by der die das le la les de des el"
)
_IDLE = frozenset(_IDLE_WORDS.split())
_SPECIAL = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "đ": "d", "ł": "l", "%": " pct ", "&": " and ", "+": " plus "}
)


def slug_of(text: str, longest: int = 40, *, whole: bool = False) -> str:
    """A key out of words: letters and digits with dashes; `thing` when the text has none that a key may have.

    Words that say little are left out unless it is to be the `whole` text.
    """
    bare = _BRACKETS.sub("", text) or text
    plain = unicodedata.normalize("NFKD", bare.lower().translate(_SPECIAL)).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain) or re.findall(r"[a-z0-9]+", text.lower())
    telling = words if whole else [word for word in words if word not in _IDLE] or words
    key = ""
    for word in telling:
        if len(key) + len(word) + 1 > longest and key:
            break
        key = f"{key}-{word}".strip("-")
    return key[:longest].strip("-") or "thing"


def heading_name(text: str) -> str:
    """A heading without the number of its section."""
    return (_NUMBER.sub("", text, count=1) or text).strip(" :")


def title_slug(title: str, longest: int = 30) -> str:
    """The key of a phase or a way back by its title."""
    return slug_of(heading_name(title), longest)


def without_brackets(text: str) -> str:
    """A title without what stands in brackets, unless that is all of it."""
    return _BRACKETS.sub("", text).strip() or text


class Namer:
    """Gives every thing a key that no other has."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = set(taken)

    def name(self, wanted: str) -> str:
        """The wanted key, or that with the first number that is free."""
        key, n = wanted, 1
        while key in self._taken:
            n += 1
            key = f"{wanted[:58]}-{n}"
        self._taken.add(key)
        return key
