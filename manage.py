#!/usr/bin/env python
"""Run a management command: `manage.py help` lists them."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError

UNANSWERED = 2

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readiness.settings")
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as problem:
        where = (os.environ.get("DATABASE_URL") and "DATABASE_URL names") or "READINESS_DATA names (var without it)"
        sys.stderr.write(f"The database that {where} can’t be used: {problem}. Nothing was answered or done.\n")
        sys.exit(UNANSWERED)
