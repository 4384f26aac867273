"""The product's settings, with one more page: the bare control that the board is compared with."""

from pathlib import Path

from readiness.settings import *  # noqa: F403
from readiness.settings import TEMPLATES

ROOT_URLCONF = "tests.benchmarks.urls"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}]
