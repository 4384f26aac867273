"""Criteria as Keptn writes them (SLO file version 1.0), turned into ours.

Its grammar is `op [sign] number [%]` with op one of `< <= = >= >`, blanks ignored. A sign makes it relative, and so
does a percentage without one, which allows an increase; ours would read that as an absolute share.
"""

import re
from collections.abc import Sequence

from readiness.core.criteria import Criteria, UnreadableCriterion, parse_criteria

_KEPTN = re.compile(r"(<=|>=|<|>|=)([+-]?)(\d+(?:\.\d+)?)(%?)")


def parse_keptn(alternatives: Sequence[Sequence[str]]) -> Criteria:
    """Alternatives of conjunctions of Keptn's criteria, for a query without a unit.

    Raises UnreadableCriterion for what is not in its grammar, and for an empty list, which Keptn would let pass.
    """
    return parse_criteria([[_translated(text) for text in conjunction] for conjunction in alternatives], "")


def _translated(text: str) -> str:
    match = _KEPTN.fullmatch("".join(text.split()))
    if match is None:
        raise UnreadableCriterion(f'{text!r} is not a criterion of Keptn; it writes one such as "<=+10%" or "<600".')
    operator, sign, number, percent = match.groups()
    return f"{operator}{sign or ('+' if percent else '')}{number}{percent}"
