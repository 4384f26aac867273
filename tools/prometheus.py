"""The embedded Prometheus: its configuration, its command line, and the past it is given before its first start."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

# History is written as few large blocks: promtool reads its whole input again for each block.
LONGEST_BLOCK = "486h"


class HistoryRefused(Exception):
    """promtool did not take the text; its own message follows."""


def prometheus_command(program: str, home: Path, port: int) -> tuple[str, ...]:
    """Serve what lies below `home` on the loopback address."""
    return (
        program,
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'tsdb'}",
        "--storage.tsdb.retention.time=15d",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    )


def write_configuration(home: Path, targets: Mapping[str, str], rules: Path | None = None) -> None:
    """Scrape the targets (job to `host:port`) every two seconds, and whatever the operator lists in targets/*.yml.

    JSON is YAML too. Each job is scraped as `/metrics?service=<job>` under the fixed instance `<job>-demo`.
    """
    (home / "targets").mkdir(parents=True, exist_ok=True)
    own = {"job_name": "targets", "file_sd_configs": [{"files": [str(home / "targets" / "*.yml")]}]}
    jobs = [
        {
            "job_name": job,
            "params": {"service": [job]},
            "static_configs": [{"targets": [address], "labels": {"instance": f"{job}-demo"}}],
        }
        for job, address in targets.items()
    ]
    configuration = {
        "global": {"scrape_interval": "2s", "scrape_timeout": "1500ms", "evaluation_interval": "5s"},
        "rule_files": [str(rules)] if rules else [],
        "scrape_configs": [*jobs, own],
    }
    (home / "prometheus.yml").write_text(json.dumps(configuration, indent=2) + "\n")


def load_openmetrics(promtool: str, text: Path, home: Path) -> None:
    """Turn OpenMetrics text into blocks of the database below `home`, which must not be served at that moment."""
    (home / "tsdb").mkdir(parents=True, exist_ok=True)
    command = [promtool, "tsdb", "create-blocks-from", f"--max-block-duration={LONGEST_BLOCK}", "--quiet"]
    done = subprocess.run([*command, "openmetrics", str(text), str(home / "tsdb")], capture_output=True, text=True)
    if done.returncode != 0:
        raise HistoryRefused(done.stderr.strip() or done.stdout.strip())
