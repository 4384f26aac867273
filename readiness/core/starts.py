"""What entering a phase starts: its share, its commands, its time, and the ways that lead back from it."""

from dataclasses import replace

from readiness.core.canonical import digest_of
from readiness.core.codec import Plain, to_plain
from readiness.core.material import condition_definition
from readiness.core.plan import Phase, Plan, RollbackLevel


def start_digest(plan: Plan, phase: Phase) -> str:
    """Digest what entering `phase` starts, without words and without its conditions, which signatures cover apart."""
    started = replace(
        phase,
        title="",
        number="",
        objective="",
        origin="",
        added=False,
        late_after=None,
        enter=(),
        succeed=(),
        abort=(),
    )
    ways: list[Plain] = [_way_back(level) for level in sorted(plan.rollbacks, key=lambda level: level.key)]
    return digest_of({"phase": to_plain(started), "flags": to_plain(plan.flags), "ways back": ways})


def _way_back(level: RollbackLevel) -> Plain:
    verified_by = condition_definition(level.verify) if level.verify is not None else None
    return [to_plain(replace(level, title="", verify=None, origin="", added=False)), verified_by]
