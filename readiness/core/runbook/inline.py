"""Text inside of a block: what people read of it, its code spans, its links, and who it says is responsible."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"`+")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\(\s*<?([^\s()<>]{1,500})>?[^()]{0,200}\)")
_MARKS = re.compile(r"\*{1,3}|~~|(?<![\w`])_{1,2}(?=\S)|(?<=\S)_{1,2}(?![\w`])")
_SPACES = re.compile(r"\s+")
_OWNER = re.compile(
    r"[(\[]\s*(?:owner|responsible|assignee|dri|verantwortlich|responsable)\s*[:=]\s*([^()\[\]]{1,80})[)\]]",
    re.IGNORECASE,
)
_OWNER_DASH = re.compile(r"\s[-–—]\s*(?:owner|responsible|assignee|dri)\s*:\s*([^()\[\]|]{1,60})$", re.IGNORECASE)
_AT = re.compile(r"(?<![\w@/.`])@([A-Za-z][\w-]{0,38}(?:/[A-Za-z][\w-]{0,38})?)\b(?!\.\w)")
_FIELD = re.compile(
    r"\s*(?:[-*]\s+)?(\*\*|__)(?P<bold>[^*_:]{1,60}):?(?:\1)\s*:?\s*(?P<after>.*)|(?P<plain>[A-Za-zÀ-ÿ][\w "
    r"À-ÿ/().&'-]{0,38}):\s+(?P<rest>\S.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text: `plain` without marks, `code` what stands in backticks, `links` as (words, address)."""

    plain: str
    code: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def read_words(raw: str) -> Text:
    """Take marks, code spans and links apart; the text of code spans and links stays in its place."""
    pieces, code = _code_spans(raw)
    links: list[tuple[str, str]] = []
    words = "".join(part if is_code else _prose(part, links) for part, is_code in pieces)
    return Text(_SPACES.sub(" ", words).strip(), tuple(code), tuple(links))


def plain(raw: str) -> str:
    """What people read of it."""
    return read_words(raw).plain


def _code_spans(raw: str) -> tuple[list[tuple[str, bool]], list[str]]:
    """Pieces of text and code in their order. A run of backticks ends at the next run of the same length."""
    runs = list(_FENCE.finditer(raw))
    following: dict[int, int] = {}
    closes: list[int] = [0] * len(runs)
    for n in range(len(runs) - 1, -1, -1):
        length = runs[n].end() - runs[n].start()
        closes[n], following[length] = following.get(length, -1), n
    pieces: list[tuple[str, bool]] = []
    code: list[str] = []
    at = n = 0
    while n < len(runs):
        if closes[n] < 0:
            n += 1
            continue
        inside = raw[runs[n].end() : runs[closes[n]].start()].strip()
        pieces += [(raw[at : runs[n].start()], False), (inside, True)]
        code += [inside] if inside else []
        at, n = runs[closes[n]].end(), closes[n] + 1
    return [*pieces, (raw[at:], False)], code


def _prose(part: str, links: list[tuple[str, str]]) -> str:
    for match in _LINK.finditer(part):
        links.append((match[1], match[2]))
    return _MARKS.sub("", _LINK.sub(r"\1", part))


def owner_in(raw: str) -> tuple[str, str]:
    """Who is responsible, as `(owner: x)` or `@name` says it, and the text without that. Empty when nobody is."""
    for pattern in (_OWNER, _OWNER_DASH):
        if match := pattern.search(raw):
            name = plain(match[1]).lstrip("@").strip(" .")
            return name, _SPACES.sub(" ", raw[: match.start()] + raw[match.end() :]).strip()
    if match := _AT.search(raw):
        left = (raw[: match.start()].rstrip(" ([") + " " + raw[match.end() :].lstrip(" )]")).strip()
        return match[1].rpartition("/")[2], left
    return "", raw


def field_in(raw: str) -> tuple[str, str]:
    """`**Label:** value` or `Label: value` as both; ("", raw) when the text begins with no label."""
    match = _FIELD.fullmatch(raw) if len(raw) <= 4_000 else None
    if match is None:
        return "", raw
    if match["bold"] is not None:
        colon = ":" in match[0][: match.start("after") - match.start()]
        return (plain(match["bold"]), match["after"].strip()) if colon or not match["after"].strip() else ("", raw)
    return match["plain"].strip(), match["rest"].strip()
