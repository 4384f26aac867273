"""Every setting of Readiness. Values come from the environment; a value that cannot be read stops the start."""

import logging
import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured, PermissionDenied

BASE_DIR = Path(__file__).resolve().parent.parent


def env_bool(name: str, default: bool) -> bool:
    """Read yes or no; anything else is refused rather than guessed."""
    raw = os.environ.get(name, "").strip().lower()
    words = {"": default, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if raw not in words:
        raise ImproperlyConfigured(f"{name} is {raw!r}; it must be 1, 0, true, false, yes or no")
    return words[raw]


def env_int(name: str, default: int) -> int:
    """Read a whole number."""
    raw = os.environ.get(name, "").strip() or str(default)
    if not raw.isdecimal():
        raise ImproperlyConfigured(f"{name} is {raw!r}; it must be a whole number such as {default}")
    return int(raw)


def env_list(name: str, default: str = "") -> list[str]:
    """Read comma-separated words."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def env_secret(name: str, path: Path) -> str:
    """Read a secret from the environment, else from a file that only its owner may read (made on first use)."""
    if value := os.environ.get(name):
        return value
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise ImproperlyConfigured(f"{path} can be read by others; run: chmod 600 {path}") from None
    return path.read_text()


def env_database(name: str, sqlite_path: Path) -> dict[str, object]:
    """Read `postgresql://user:password@host:port/name`; without it, use SQLite in the data directory."""
    url = os.environ.get(name, "")
    if not url:
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        options = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": sqlite_path, "OPTIONS": options}
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(f"{name} must start with postgresql://, not {parts.scheme}://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }


DATA_DIR = Path(os.environ.get("READINESS_DATA", BASE_DIR / "var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
SECRET_KEY = env_secret("SECRET_KEY", DATA_DIR / "secret-key")
MIRRORS_DIR = DATA_DIR / "mirrors"
DEBUG = False
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
HTTPS = env_bool("READINESS_HTTPS", False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "readiness",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "readiness.urls"
WSGI_APPLICATION = "readiness.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["readiness.templatetags.display", "django.templatetags.static"],
            "loaders": [
                ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"]),
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {"default": env_database("DATABASE_URL", DATA_DIR / "readiness.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5, "visibility_timeout": 300}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"readiness.refresh_gates": {"queue": "gates"}, "readiness.sign": {"queue": "signer"}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {"tick": {"task": "readiness.tick", "schedule": 1.0, "options": {"expires": 5}}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "portfolio"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# Programs are refused rather than redirected: a redirect to a page can look like an approval.
SECURE_REDIRECT_EXEMPT = [r"^api/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("READINESS_BEHIND_PROXY", False) else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True

# What people may send, and which hosts a plan may name as a source besides those the environment gives.
MAX_UPLOAD_BYTES = env_int("READINESS_MAX_UPLOAD_BYTES", 10_000_000)
UPLOAD_ENDINGS = env_list(
    "READINESS_UPLOAD_ENDINGS",
    "pdf,png,jpg,jpeg,webp,heic,gif,txt,log,md,csv,tsv,json,xml,yaml,yml,toml,html,docx,xlsx,pptx,odt,ods,eml,zip,gz",
)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
SOURCE_HOSTS = env_list("READINESS_SOURCE_HOSTS")
# How long measurements are kept that tell something new; each one is kept for two days.
KEEP_MEASUREMENTS_DAYS = env_int("READINESS_KEEP_MEASUREMENTS_DAYS", 90)
LOG_ORIGIN = os.environ.get("READINESS_LOG_ORIGIN", "localhost/audit/1")
# Whether all parts run under one account, as the supervisor starts them: then the key is no secret from the others.
IS_EMBEDDED = env_bool("READINESS_EMBEDDED", False)
# Only the signer and the commands about it open these; they are outside the database, and so is what they prove.
SIGNER_KEY = Path(os.environ.get("READINESS_SIGNER_KEY") or DATA_DIR / "signer" / "keys")
SIGNER_HEAD = Path(os.environ.get("READINESS_SIGNER_HEAD") or SIGNER_KEY.with_name("checkpoint"))
TRUSTED_PROXIES = env_int("READINESS_TRUSTED_PROXIES", 0)
CODE_VERSION = os.environ.get("READINESS_CODE_VERSION", "unreleased")


def _in_one_line(record: logging.LogRecord) -> bool:
    """Log that somebody may not do something as one line with its reason; there is nothing to trace."""
    denied = record.exc_info[1] if record.exc_info else None
    if isinstance(denied, PermissionDenied) and isinstance(record.args, tuple):
        record.msg, record.args = f"{record.msg}: %s", (*record.args, str(denied))
        record.exc_info = None
    return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"in_one_line": {"()": "django.utils.log.CallbackFilter", "callback": _in_one_line}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["in_one_line"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"readiness": {"level": "INFO"}},
}
