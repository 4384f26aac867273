"""Limits as people write them: `P99 latency <15ms for 10 min`, `at least 99,9 %`, `more than 2x control`."""

import re
from dataclasses import dataclass

from readiness.core.runbook.amounts import NUMBER, find_span, number_text

_WORDS = {
    "<=": (
        r"at most|no more than|not (?:to )?exceed(?:ing)?|does not exceed|maximum(?: of)?|max\.?(?: of)?|up to|"
        r"höchstens|maximal|au plus|au maximum|como máximo|a lo sumo|nicht mehr als"
    ),
    ">=": (
        r"at least|no less than|not less than|minimum(?: of)?|min\.?(?: of)?|mindestens|au moins|al menos|"
        r"como mínimo"
    ),
    "<": (
        r"less than|lower than|fewer than|smaller than|below|under|unter|weniger als|kleiner als|inférieure? à|"
        r"moins de|en dessous de|menos de|menor (?:que|a)|inferior a|por debajo de"
    ),
    ">": (
        r"more than|greater than|higher than|larger than|above|over|exceed(?:s|ed|ing)?|über(?:steigt)?|mehr als|"
        r"größer als|supérieure? à|plus de|au-dessus de|dépasse|más de|mayor (?:que|a)|superior a|por encima de|"
        r"supera"
    ),
}  # fmt: skip
_SIGNS = {
    "<=": "<=",
    "≤": "<=",
    "=<": "<=",
    "⩽": "<=",
    ">=": ">=",
    "≥": ">=",
    "=>": ">=",
    "⩾": ">=",
    "<": "<",
    ">": ">",
    "==": "==",
    "=": "==",
}
_OP = r"(?:<=|>=|=<|=>|==|≤|≥|⩽|⩾|<|>|=(?=\s*0\b)|(?<!\w)(?:" + "|".join(_WORDS.values()) + r")(?!\w))"
_UNIT = r"(?:%|percentage points?\b|percent\b|pp\b|prozent\b|pour cent\b|[a-zA-Zµ]{1,12}\b)?"
_PER = (
    r"(?:\s*(?:/|per |an |a |pro |par |por )\s*(?:s|sec|second|min|minute|h|hr|hour|day|d|stunde|heure|hora|tag|"
    r"jour|día)\b)?"
)
_LIMIT = re.compile(
    rf"(?P<op>{_OP})\s*(?:~|about |ca\.? )?(?P<number>{NUMBER})(?P<unit>\s?x\b|\s*{_UNIT}{_PER})", re.IGNORECASE
)
_HOLD = re.compile(
    r"(?:\bfor\b|\bover\b|\bsustained\b|\bwithin\b|\bin\b|\bduring\b|\bwährend\b|\bfür\b|\bpendant\b|\bdurant\b|"
    r"\bdurante\b|\blänger als\b|[,@])"
    r"\s+(?:the last |more than |longer than |at least |a |an |any |for |de |plus de |über |más de |>\s*)?",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"increase|higher|slower|growth|rise|regress|overhead|anstieg|zunahme|hausse|augment|aumento|"
    r"above (?:the )?(?:baseline|control)|delta|variance|change|worse",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"decrease|degrad|drop(?!s? below)|lower than|loss|reduction|fewer than|rückgang|abnahme|baisse|diminution|"
    r"descenso|slower throughput",
    re.IGNORECASE,
)
_VERSUS = re.compile(
    r"\b(?:vs\.?|versus|compared (?:to|with)|relative to|against|than(?: the)?|of(?: the)?|from(?: the)?|"
    r"gegenüber|par rapport|respecto)\s+(?:the |our |der |dem |au |à la |al )?((?:phase|"
    r"stage)\s+\d+\w?(?:\s+\w+)?|baseline|control(?: group)?|stable|canary|before|previous|shadow|basis|"
    r"kontrolle|référence|control)",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*(?:the )?(control|baseline|stable|previous)", re.IGNORECASE)
_TIME_WORDS = {
    "ms": "ms msec milliseconds",
    "us": "µs us",
    "s": "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos",
    "min": "m min mins minute minutes minuten minuto minutos",
    "h": "h hr hour hours stunde stunden heure heures hora horas",
    "d": "d day days tag tage jour jours día días",
}
_TIMES = {word: unit for unit, words in _TIME_WORDS.items() for word in words.split()}
_SIZES = {"mo": "MB", "go": "GB", "bytes": "bytes", "kb": "kB"} | {
    unit.lower(): unit for unit in ("MB", "GB", "TB", "KiB", "MiB", "GiB")
}
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!="}
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Limit:
    """One comparison that a text makes.

    `op`, `number` and `unit` are what is compared; `change` is "+" or "-" where the number is a change against
    something (`versus`, as written), else empty. `hold` is how long it lasts, `subject` the text around it.
    """

    op: str
    number: str
    unit: str
    subject: str
    change: str = ""
    versus: str = ""
    hold: str = ""

    def expect(self, fires: bool) -> str:
        """What must hold, as a plan writes it; of a limit that `fires`, the opposite of what it says."""
        op = NEGATED[self.op] if fires else self.op
        if self.change == "-":
            op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        return f"{op} {self.change}{self.number}{self.unit}"


def find_limits(text: str) -> list[Limit]:
    """Every limit that a text states, in its order."""
    found = list(_LIMIT.finditer(text[:LONGEST]))
    ends = [*(match.start() for match in found[1:]), min(len(text), LONGEST)]
    return [_limit(text, match, end) for match, end in zip(found, ends, strict=False)]


def _limit(text: str, match: re.Match[str], end: int) -> Limit:
    after = text[match.end() : end]
    before = text[: match.start()]
    op, number, unit = _op_of(match["op"]), number_text(match["number"]), _unit_of(match["unit"])
    versus = _VERSUS.search(text[match.start() :]) or _VERSUS.search(before)
    change = _change(before, after.partition("(")[0], unit, versus is not None)
    if match["unit"].strip().lower() == "x":
        versus = versus or _BARE.match(after)
        change, number, unit = "+", number_text(f"{(float(number) - 1) * 100:.4f}"), "%"
    elif change == "of":
        change, number = "-", number_text(f"{100 - float(number):.6f}")
        op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
    hold = _HOLD.search(after)
    return Limit(
        op=op,
        number=number,
        unit=unit,
        subject=f"{before} {after}".strip(),
        change=change,
        versus=versus[1] if versus else "",
        hold=_lasting(after[hold.end() :]) if hold else "",
    )


def _lasting(text: str) -> str:
    """The duration that a text begins with."""
    head = text[:40]
    return find_span(head) if re.match(r"\s*(?:\d|a |an |one|two|three|ein|une?|half|zwei|deux|dos)", head) else ""


def _op_of(written: str) -> str:
    sign = _SIGNS.get(written)
    words = " ".join(written.lower().split())
    return sign or next(op for op, pattern in _WORDS.items() if re.fullmatch(pattern, words))


def _unit_of(written: str) -> str:
    """The unit as a plan writes it; a noun that is counted is none."""
    amount, _, per = (
        part.strip() for part in re.sub(r"\s+(?:per|an|a|pro|par|por)\s+", "/", written.strip()).partition("/")
    )
    lower = amount.lower()
    if lower in {"pp"} or lower.startswith("percentage"):
        return "pp"
    if amount == "%" or lower in {"percent", "prozent", "pour cent"}:
        return "%"
    base = _SIZES.get(lower, "") or ("" if per else _TIMES.get(lower, ""))
    return f"{base}/{_TIMES[per.lower()]}" if base and per else base


def _change(before: str, after: str, unit: str, versus: bool) -> str:
    """Whether the number is a change: "+" for more, "-" for less, "of" for a share of what it stands against."""
    if unit not in ("%", "pp"):
        return "+" if versus and _MORE.search(before + after[:40]) and unit else ""
    near = f"{before[-60:]} {after[:40]}"
    if _LESS.search(near) and not _MORE.search(near):
        return "-"
    if _MORE.search(near):
        return "+"
    return "of" if versus and re.match(r"\s*of\b", after) else ""
