"""A small git repository made from the files in demo/artefacts: what the checks of the example plans look at."""

import os
import shutil
from pathlib import Path

from dulwich import porcelain

ARTEFACTS = Path(__file__).parent / "artefacts"
AUTHOR = b"Simulated service <simulated@localhost>"
COMMITTED_AT = 1_764_201_600  # 2025-11-27, a week before the example rollout is to start


def build_checkout(target: Path) -> None:
    """Make the repository at `target` unless it is there; it appears whole or not at all."""
    if target.exists():
        return
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(ARTEFACTS, draft)
    with porcelain.init(str(draft)) as repository:
        files = [path for path in sorted(ARTEFACTS.rglob("*")) if path.is_file()]
        porcelain.add(repository, paths=[str(draft / path.relative_to(ARTEFACTS)) for path in files])
        repository.get_worktree().commit(
            message=b"What is there and what is not",
            author=AUTHOR,
            committer=AUTHOR,
            commit_timestamp=COMMITTED_AT,
            author_timestamp=COMMITTED_AT,
            commit_timezone=0,
            author_timezone=0,
            sign=False,
        )
    os.replace(draft, target)
