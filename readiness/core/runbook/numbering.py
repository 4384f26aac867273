"""Numbered phases by their words: `Phase 2: Canary`, `Stage B`, `Étape 1`, and from one to the next."""

import re

NOUNS = (
    "phase",
    "phasen",
    "fase",
    "stage",
    "wave",
    "welle",
    "ring",
    "étape",
    "etape",
    "etapa",
    "etappe",
    "stufe",
    "cohort",
    "milestone",
    "step",
    "schritt",
    "paso",
)
_NUMBERED = re.compile(
    rf"\W{{0,6}}(?:\d{{1,2}}(?:\.\d{{1,2}}){{0,3}}[.)]?\s+)?(?P<noun>{'|'.join(NOUNS)})s?(?:\s+|\s*[#№]\s*|"
    rf"-(?=\d))(?P<number>\d{{1,3}}(?:[a-z]\b)?|[ivx]{{1,4}}\b|[a-z]\b)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_THEN = re.compile(
    rf"(?:->|→|⇒|=>|➜|\bto\b|\binto\b)\s*(?:{'|'.join(NOUNS)})\s*(?P<number>\d{{1,3}}[a-z]?\b|[ivx]{{1,4}}\b)",
    re.IGNORECASE,
)


def numbered_phase(text: str) -> tuple[str, str, str] | None:
    """The noun, number and name of a phase that a text begins with: `Phase 2: Canary` is ("phase", "2", "Canary")."""
    match = _NUMBERED.fullmatch(text[:300])
    if match is None:
        return None
    rest = match["rest"]
    if rest and not re.match(r"\s*[:.)–—(\-|/]|\s+\S|\s*$", rest):
        return None
    name = "" if _THEN.match(rest.strip()) else rest.strip().lstrip(":.)–—-| ").strip()
    return match["noun"].lower(), match["number"].lower(), name


def begins_phase(text: str) -> bool:
    """Whether a text on its own line looks like the beginning of a phase."""
    found = numbered_phase(text)
    return found is not None and len(text) <= 120 and found[1].isalnum() and not found[2].endswith((".", ";"))


def leads_to(text: str) -> str:
    """The phase that a heading such as `Phase 1 -> Phase 2` leads to; empty when it leads to none."""
    match = _THEN.search(text[:120]) if numbered_phase(text) is not None else None
    return match["number"].lower() if match is not None else ""
