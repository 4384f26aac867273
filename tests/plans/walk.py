"""Walks a plan's document and looks for what it says in the Plan that was built from it."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path

from readiness.core.quantities import (
    UnreadableQuantity,
    parse_duration,
    parse_duration_range,
    parse_estimate,
    parse_score,
    parse_share,
)

HERE = Path(__file__).parent
PLANS = HERE.parent.parent / "plans"
EVERY_KEY = (HERE / "every-key.yaml").read_text()
DUAL_MEMORY = (PLANS / "dual-memory.yaml").read_text()
QUICKSTART = (PLANS / "quickstart.yaml").read_text()
SAID_OTHERWISE = {"phase": True, "on_entry": True}
DEFINED = ("gates", "checks", "experiments", "drills")


def leaves(value, at=()):
    """Every scalar of a document, and every empty list or mapping, with its path."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from leaves(part, (*at, key))
    elif isinstance(value, list) and value:
        for index, part in enumerate(value):
            yield from leaves(part, (*at, index))
    else:
        yield at, value


def holders(plan, document, path):
    """The parts of the plan that must hold what stands at `path`: as few as its path allows."""
    head, *rest = path
    if head in DEFINED:
        return [next(c for c in getattr(plan, head) if c.key == rest[0])]
    if head in ("roles", "groups", "sources"):
        return [next(part for part in getattr(plan, head) if part.key == rest[0])]
    if head in ("gaps", "rollbacks", "reviews"):
        return [within(getattr(plan, head)[rest[0]], rest[1:])]
    if head in ("phases", "every_phase", "close"):
        return in_phases(plan, document, path)
    kept = {"authority": plan.authority, "flags": plan.flags, "communication": plan.communication, "rollout": plan}
    return [kept[head] if head in kept else plan.history[head]]


def within(part, rest):
    """A task, a closing condition or a proof rather than all of a gap or way back."""
    if rest and rest[0] in ("tasks", "closed_when"):
        return getattr(part, rest[0])[rest[1]]
    return part.verify if rest and rest[0] == "verify" else part


def in_phases(plan, document, path):
    head, *rest = path
    phases = {
        "phases": lambda: [plan.phases[rest[0]]],
        "every_phase": lambda: plan.phases,
        "close": lambda: [plan.close],
    }
    found, inside = phases[head](), rest[1:] if head == "phases" else rest
    if inside and inside[0] in ("enter", "succeed", "abort") and len(inside) > 1:
        entry = document[head][rest[0]] if head == "phases" else document[head]
        said = entry[inside[0]][inside[1]]
        key = next(
            str(said[kind]) for kind in ("item", "gate", "check", "experiment", "drill", "review") if kind in said
        )
        # A phase's own condition may take the place of a common one, so that one is looked for in all phases together.
        return [[c for phase in found for c in getattr(phase, inside[0]) if c.key == key]]
    return found


def atoms(value):
    """Everything that a frozen value holds, down to its scalars; names of what it keeps as written count too."""
    if is_dataclass(value):
        for field in fields(value):
            yield from atoms(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield key
            yield from atoms(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from atoms(part)
    else:
        yield value


def forms(leaf):
    """The values that a leaf may have become."""
    if isinstance(leaf, str):
        yield leaf
        yield re.sub(r"\s", "", leaf)
        if leaf in SAID_OTHERWISE:
            yield SAID_OTHERWISE[leaf]
        for read in (parse_duration, parse_share, parse_score, date.fromisoformat, datetime.fromisoformat, float):
            try:
                yield read(leaf)
            except (UnreadableQuantity, ValueError):
                continue
        for read in (parse_duration_range, parse_estimate):
            try:
                yield from read(leaf)
            except UnreadableQuantity:
                continue
    else:
        yield leaf


def holds(part, leaf):
    if leaf in ([], {}):
        return True
    found = {(type(atom) is bool, atom) for atom in atoms(part)}
    found |= {(False, re.sub(r"\s", "", atom)) for atom in atoms(part) if isinstance(atom, str)}
    return any((type(form) is bool, form) in found for form in forms(leaf))
