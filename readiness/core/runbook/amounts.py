"""Durations, estimates, shares and days as people write them in prose, given back as a plan writes them.

Numbers may have a decimal comma (`0,5 %`) or groups of thousands (`10,000`, `10 000`, `1’000`). Days of a year are read
only where their order is certain: ISO, a month by name, or a number above twelve.
"""

import re
from datetime import date

NUMBER = r"(?:\d{1,3}(?:[,'’\u00a0\u2009\u202f ]\d{3}(?!\d)){1,4}(?:\.\d{1,6})?|\d{1,12}(?:[.,]\d{1,6})?)"
_UNITS = (
    ("ms", r"ms|msec|milliseconds?|millisekunden?|millisecondes?|milisegundos?"),
    ("s", r"s|secs?|seconds?|sekunden?|secondes?|segundos?"),
    ("m", r"m|mins?|minutes?|minuten?|minutos?"),
    ("h", r"h|hrs?|hours?|std|stunden?|heures?|horas?"),
    ("d", r"d|days?|tagen?|tage?|jours?|d[ií]as?|(?:business|working|week)[ -]?days?|werktagen?|werktage"),
    ("w", r"w|wks?|weeks?|wochen?|semaines?|semanas?"),
    ("M", r"months?|monaten?|monate|mois|mes(?:es)?"),
)
_UNIT = r"(?P<unit>" + "|".join(words for _, words in _UNITS) + r")(?![\w%/])"
_COUNTS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNT = (
    r"(?:half an?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|eine?n?r?|zwei|drei|une?|deux|"
    r"trois|una?|dos|tres)"
)
_SHARE = re.compile(
    rf"(?<![\w.,])(?P<number>{NUMBER})\s*(?:%|percent\b|prozent\b|pour cent\b|por ciento\b)", re.IGNORECASE
)
_SPAN = re.compile(
    rf"(?<![\w.,$#])(?:(?P<low>{NUMBER})\s*(?:[a-z]{{1,8}}\s*)?(?:-|–|—|\bto\b|\bbis\b|\bà\b|\ba\b|\bund\b|"
    rf"\band\b)\s*)?"
    rf"(?P<number>{NUMBER}|{_COUNT})\+?[\s\u00a0\u202f-]*(?:more |consecutive |full |volle |"
    rf"aufeinanderfolgende )?{_UNIT}",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"(?<![\w.])(?:\d{1,6}[dhms]){2,4}(?!\w)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero", "february feb februar février fevrier febrero",
            "march mar märz maerz mars marzo", "april apr avril abril", "may mai mayo", "june jun juni juin junio",
            "july jul juli juillet julio", "august aug août aout agosto", "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre", "november nov novembre noviembre",
            "december dec dezember dez décembre decembre diciembre",
        ), start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS = (
    re.compile(r"(?<!\d)(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>20\d\d)(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th|er)?\s+(?:de\s+)?(?P<m>{_MONTH})\.?,?\s+(?:de\s+)?(?P<y>20\d\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<m>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>20\d\d)", re.IGNORECASE),
    re.compile(r"(?<!\d)(?P<d>1[3-9]|2\d|3[01])/(?P<m>0?[1-9]|1[0-2])/(?P<y>20\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<m>0?[1-9]|1[0-2])/(?P<d>1[3-9]|2\d|3[01])/(?P<y>20\d\d)(?!\d)"),
)


def number_text(written: str) -> str:
    """A number as a plan writes it: no groups, a decimal point, no needless zeros at its ends."""
    text = re.sub(r"['’\u00a0\u2009\u202f ]", "", written)
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    whole, _, part = text.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def find_spans(text: str) -> list[tuple[str, str]]:
    """Every duration in a text as its lower and upper end: `3-5 days` is ("3d", "5d"), `1 week` ("1w", "1w")."""
    whole = [(match[0], match[0]) for match in _COMPOUND.finditer(text)]
    return whole or [ends for match in _SPAN.finditer(text) if (ends := _ends(match))]


def _ends(match: re.Match[str]) -> tuple[str, str] | None:
    unit = next(name for name, words in _UNITS if re.fullmatch(words, match["unit"], re.IGNORECASE))
    high = _counted(match["number"])
    low = number_text(match["low"]) if match["low"] else high
    if unit == "M":
        low, high, unit = (_times(low, 30), _times(high, 30), "d")
    if not float(high) or float(low) > float(high):
        return None
    return low + unit, high + unit


def _counted(word: str) -> str:
    if word[0].isdigit():
        return number_text(word)
    lower = word.lower()
    if lower.startswith("half"):
        return "0.5"
    others = {"zwei": 2, "deux": 2, "dos": 2, "drei": 3, "trois": 3, "tres": 3}
    return str(_COUNTS.index(lower) if lower in _COUNTS else others.get(lower, 1))


def _times(number: str, factor: int) -> str:
    return number_text(f"{float(number) * factor:.2f}")


def find_span(text: str) -> str:
    """The first duration in a text, its upper end: `10m`; empty when there is none."""
    spans = find_spans(text)
    return spans[0][1] if spans else ""


def find_range(text: str) -> str:
    """The first duration in a text as a phase has it, `3-5d` or `1w`; empty when there is none."""
    spans = [ends for ends in find_spans(text) if not ends[0].endswith("ms")]
    if not spans:
        return ""
    low, high = spans[0]
    return high if low == high else f"{low.rstrip('smhdw')}-{high}"


def find_estimate(text: str) -> str:
    """The first estimate of work in a text, such as `2-3d`; empty when there is none in hours, days or weeks."""
    found = next((ends for ends in find_spans(text) if ends[1][-1] in "hdw" and not ends[1].endswith("ms")), None)
    if found is None:
        return ""
    low, high = found
    return high if low == high else f"{low[:-1]}-{high}"


def find_shares(text: str) -> list[str]:
    """Every share of a whole that a text names, as a plan writes it: `5%`."""
    found = (number_text(match["number"]) for match in _SHARE.finditer(text))
    return [f"{number}%" for number in found if float(number) <= 100]


def find_day(text: str) -> str:
    """The first day in a text whose order of day and month is certain, as `2025-12-08`; empty when there is none."""
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            month = match["m"] if match["m"].isdigit() else str(_MONTHS[match["m"].lower()])
            try:
                return date(int(match["y"]), int(month), int(match["d"])).isoformat()
            except ValueError:
                continue
    return ""
