"""The verifier as one file that runs by itself: `readiness/verify.py` and the modules it needs."""

import io
import zipfile
from pathlib import Path

from django.conf import settings

MODULES = (
    "__init__",
    "core/__init__",
    "core/bundle",
    "core/bundle_check",
    "core/bundle_heads",
    "core/bundle_kept",
    "core/bundle_lines",
    "core/bundle_tree",
    "core/checkpoint",
    "core/codec",
    "core/ed25519",
    "core/epochs",
    "core/findings",
    "core/merkle",
    "core/proofs",
    "core/strict",
    "core/tiles",
    "verify",
)
"""What `verify.py` imports of the product, in turn; a test compares."""
MAIN = "import sys\n\nfrom readiness.verify import main\n\nsys.exit(main())\n"
FIXED = (1980, 1, 1, 0, 0, 0)


def build_verifier() -> bytes:
    """Give the bytes of `verify.pyz`: the same for the same code."""
    source = Path(settings.BASE_DIR) / "readiness"
    files = {f"readiness/{name}.py": (source / f"{name}.py").read_bytes() for name in MODULES}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {"__main__.py": MAIN.encode(), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, FIXED), data, zipfile.ZIP_DEFLATED)
    return b"#!/usr/bin/env python3\n" + packed.getvalue()
