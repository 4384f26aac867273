"""Conditions of Argo Rollouts (a small part of expr-lang) as limits of ours.

Read are comparisons of the result, or of a part of it, with a number, text or truth, joined by `&&` and `||`; `all`
over a list, which is how every gate of ours reads a list; `any` over one, which a query asks as its maximum or minimum;
and tests for "there is data" and "it is a number", which every gate of ours makes by itself. Everything else is a
program, and not applicable.
"""

import re
from dataclasses import dataclass
from itertools import product

from tests.cases.board import NotApplicable

OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
SUBJECT = r"result(?:\.[A-Za-z_]\w*)*(?:\[0\])?"
COMPARES = re.compile(rf"(?:as(?:Int|Float)\(\s*)?({SUBJECT})\s*\)?\s*(<=|>=|==|!=|<|>)\s*(.+)")
OVER_LIST = re.compile(rf"(all|any|none)\(\s*result\s*,\s*\{{?\s*#\s*(<=|>=|==|!=|<|>)\s*({NUMBER})\s*\}}?\s*\)")
GIVEN = re.compile(r"len\(\s*result\s*\)\s*(?:>\s*0|>=\s*1|!=\s*0)|!\s*(?:isNaN|isInf|isNil)\(\s*result(?:\[0\])?\s*\)")
TRUTH = re.compile(rf"{SUBJECT}")


@dataclass(frozen=True)
class Limit:
    """One comparison: of which part of the result (`any` of a list as its `max` or `min`), how, with what."""

    subject: str
    op: str
    value: object
    fold: str = ""

    @property
    def is_number(self):
        """Whether a gate can make this comparison; truth is measured as 1 and 0."""
        return isinstance(self.value, float)

    def text(self):
        """The comparison as a criterion of ours. A sign would make it relative, so a negative number has none."""
        if self.value < 0:
            raise NotApplicable(f"a limit below zero ({self.value:g}) cannot be written with us: a sign means relative")
        return f"{self.op} {self.value!r}"


def parse_condition(text):
    """Read a condition as alternatives of conjunctions of limits; None when there is none."""
    if text is None or not str(text).strip():
        return None
    alternatives = [_conjunction(part) for part in _split(str(text), "||")]
    return [limits for limits in alternatives if limits is not None] or []


def _split(text, operator):
    depth, parts, begun = 0, [], 0
    for at, letter in enumerate(text):
        depth += letter in "({["
        depth -= letter in ")}]"
        if depth == 0 and text.startswith(operator, at):
            parts.append(text[begun:at])
            begun = at + len(operator)
    return [part.strip() for part in (*parts, text[begun:])]


def _conjunction(text):
    limits = [_limit(part) for part in _split(_bare(text), "&&")]
    return [limit for limit in limits if limit is not None]


def _bare(text):
    text = text.strip()
    return _bare(text[1:-1]) if text.startswith("(") and text.endswith(")") and "(" not in text[1:-1] else text


def _limit(text):
    """Read one comparison; None for what every gate of ours demands anyway."""
    if GIVEN.fullmatch(text) or text == "true":
        return None
    if match := OVER_LIST.fullmatch(text):
        return _over_list(text, *match.groups())
    if match := COMPARES.fullmatch(text):
        return Limit(match[1].removesuffix("[0]"), match[2], _literal(text, match[3].strip()))
    if TRUTH.fullmatch(text):
        return Limit(text, "==", True)
    raise NotApplicable(f"{text!r} is a program; a gate of ours compares with limits")


def _over_list(text, quantifier, op, number):
    if quantifier == "none":
        return Limit("result", OPPOSITE[op], float(number))
    if quantifier == "all":
        return Limit("result", op, float(number))
    if op not in ("<", "<=", ">", ">="):
        raise NotApplicable(f"{text!r} asks whether one of several fits; here every series has to")
    return Limit("result", op, float(number), "max" if op.startswith(">") else "min")


def _literal(text, written):
    if re.fullmatch(NUMBER, written):
        return float(written)
    if written in ("true", "false"):
        return written == "true"
    if re.fullmatch(r"'[^']*'|\"[^\"]*\"", written):
        return written[1:-1]
    raise NotApplicable(f"{text!r} compares with more than a number, text or truth")


def measured(limit):
    """The comparison as a gate makes it: truth is 1 or 0."""
    value = float(limit.value) if isinstance(limit.value, bool) else limit.value
    return Limit(limit.subject, limit.op, value, limit.fold)


def negated(alternatives):
    """The opposite of a condition, again as alternatives of conjunctions."""
    chosen = product(*alternatives)
    return [[Limit(c.subject, OPPOSITE[c.op], c.value, c.fold) for c in limits] for limits in chosen]
