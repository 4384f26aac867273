"""Try rules on facts that were kept: those of today, an archive kept under its digest, or a proposed `core` folder.

Other rules than today's run in a process of their own, which sees the archive as `readiness.core` and nothing else of
this program. An archive is code: it comes from the record's own store, where its digest is checked, or from a path that
the operator names at the shell.
"""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from readiness.core.canonical import Plain, PlainDict, canonical_bytes, digest_bytes, from_plain, to_plain
from readiness.core.facts import Facts, RecordFacts
from readiness.core.reasons import reason_clears, reason_sentence
from readiness.core.types import Question
from readiness.core.verdict import evaluate_verdict
from readiness.queries.blobs import BlobAltered, load_blob
from readiness.queries.kept_verdicts import load_policies
from readiness.queries.policy import pack_policy, policy_archive, policy_digest

SECONDS = 60
SHA256_DIGITS = 64
SHORT = re.compile(r"(sha256:)?(?P<begins>[0-9a-f]{4,64})((…|\.\.\.)(?P<ends>[0-9a-f]{1,60}))?")
JUDGE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from readiness.core.canonical import parse_canonical, to_plain
from readiness.core.codec import from_plain
from readiness.core.facts import Facts, RecordFacts
from readiness.core.reasons import reason_clears, reason_sentence
from readiness.core.types import Question
from readiness.core.verdict import evaluate_verdict
asked = parse_canonical(sys.stdin.buffer.read())
facts = from_plain(Facts, asked["facts"] | {"policy": sys.argv[2]})
moment = from_plain(RecordFacts, {"verified_at": asked["now"], "size": 0}).verified_at
verdict = evaluate_verdict(facts, Question(str(asked["question"])), moment)
said = [{"sentence": reason_sentence(r), "clears": reason_clears(r)} for r in verdict.reasons]
json.dump({"verdict": to_plain(verdict), "said": said}, sys.stdout)
"""


class NoSuchPolicy(LookupError):
    """The rules that were asked for are neither kept nor at a path."""


class PolicyFailed(RuntimeError):
    """The rules could not judge these facts; the message is the last thing they said."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules as an archive, and the digest that names them."""

    digest: str
    archive: bytes


def find_policy(named: str) -> Policy:
    """Give the rules that `named` means: `today`, a digest of kept rules or its beginning, a folder, or an archive."""
    path = Path(named)
    if (path / "verdict.py").is_file():
        archive = pack_policy(path)
    elif path.is_file():
        archive = path.read_bytes()
    else:
        digest = policy_digest() if named == "today" else _whole_digest(named)
        archive = policy_archive() if digest == policy_digest() else _kept_archive(digest)
    return Policy(digest_bytes(archive), archive)


def _whole_digest(named: str) -> str:
    """Give the digest that a short name means, as boards write it: 85916971, or 859169…971e.

    Only rules that a verdict was made by have short names: no file that somebody brought can take one.
    """
    short = SHORT.fullmatch(named)
    if short is None or len(short["begins"]) == SHA256_DIGITS:
        return named if short is None else f"sha256:{short['begins']}"
    known = sorted({policy_digest()} | load_policies())
    ends = short["ends"] or ""
    found = [each for each in known if each.startswith(f"sha256:{short['begins']}") and each.endswith(ends)]
    if len(found) > 1:
        raise NoSuchPolicy(f"{named} names {len(found)} kept rules. Give more of one: {', '.join(found)}.")
    return found[0] if found else named


def _kept_archive(digest: str) -> bytes:
    try:
        found = load_blob(digest)
    except BlobAltered as problem:
        raise NoSuchPolicy(f"{problem}, so these rules are not used.") from None
    if found is None:
        raise NoSuchPolicy(
            f"{digest} is neither kept rules nor a path. Give a digest that a verdict names or how it begins, "
            "a folder with the modules of readiness/core, or an archive of them."
        )
    return found


def judge_by(policy: Policy, facts: PlainDict, question: Question, now: datetime) -> PlainDict:
    """Answer by these rules: {"verdict": …, "said": a sentence and what clears it for each reason}.

    Raises PolicyFailed when they cannot judge these facts.
    """
    asked: PlainDict = {"facts": facts, "question": question.value, "now": to_plain(now)}
    if policy.digest == policy_digest():
        return _judge_here(asked)
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(policy.archive)
        file.flush()
        answer: PlainDict = json.loads(_run([JUDGE, file.name, policy.digest], canonical_bytes(asked)))
    return answer


def _judge_here(asked: PlainDict) -> PlainDict:
    facts = replace(from_plain(Facts, asked["facts"]), policy=policy_digest())
    moment = from_plain(RecordFacts, {"verified_at": asked["now"], "size": 0}).verified_at
    if moment is None:
        raise TypeError("a verdict is asked for at a moment")
    verdict = evaluate_verdict(facts, Question(str(asked["question"])), moment)
    said: list[Plain] = [{"sentence": reason_sentence(r), "clears": reason_clears(r)} for r in verdict.reasons]
    return {"verdict": to_plain(verdict), "said": said}


def _run(words: list[str], asked: bytes) -> bytes:
    """Run other rules in an isolated Python; give what they printed."""
    try:
        done = subprocess.run(  # noqa: S603 - the operator names the rules; no shell is involved
            [sys.executable, "-I", "-c", *words], input=asked, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PolicyFailed(f"The rules did not answer within {SECONDS} s.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        last = said[-1] if said else f"they ended with code {done.returncode}"
        raise PolicyFailed(f"The rules could not judge these facts: {last}")
    return done.stdout
