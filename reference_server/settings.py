"""Settings of the reference server: flags over environment over defaults.

The signing secret comes from the environment only, so that it never shows in a process list.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

SECRET_VARIABLE = "PULSEGATE_JWT_SECRET"
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(Exception):
    """A flag or an environment variable is wrong; the text is one sentence for the user."""


@dataclass(frozen=True)
class Settings:
    """How the server behaves; units are in the names.

    ``store_url`` is empty for a private temporary SQLite file. ``jwt_secret_given`` is false when the
    secret was made up, so that no token from outside can be valid. ``faults`` and ``variations`` name
    planted changes of behaviour.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    store_url: str = ""
    heartbeat_s: float = 30.0
    word_gap_ms: float = 50.0
    answer_delay_ms: float = 0.0
    cors_origins: tuple[str, ...] = ("http://localhost:3000",)
    requests_per_min: int = 600
    messages_per_s: float = 100.0
    frame_bytes: int = 1_048_576
    body_bytes: int = 262_144
    connections_per_user: int = 20_000
    conversation_messages: int = 20_000
    stall_s: float = 10.0
    audit_log: str = ""
    redis_url: str = field(default="", repr=False)
    workers: int = 1
    streams: bool = True
    log_level: str = "info"
    model: str = "task-assistant"
    domain_key: str = "local-dev"
    kit_secret_header: str = "X-ChatKit-Secret"
    kit_request_id_header: str = "Idempotency-Key"
    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    jwt_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    jwt_secret_given: bool = False


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 65535:
        raise ValueError("must be a port number from 0 (any free one) to 65535")
    return int(value)


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 2**31:
        raise ValueError("must be a whole number of at least 1")
    return int(value)


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise ValueError("must be a number that is not negative")
    return number


def _positive(value: str) -> float:
    number = _number(value)
    if number == 0:
        raise ValueError("must be more than 0")
    return number


def _truth(value: str) -> bool:
    if value.lower() not in ("true", "false", "1", "0"):
        raise ValueError("must be true or false")
    return value.lower() in ("true", "1")


def _level(value: str) -> str:
    if value.lower() not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return value.lower()


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or value != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must be an origin such as http://localhost:3000, without a path; `*` is not one")
    return value


def _redis_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.netloc or parts.path):
        raise ValueError("must be a URL such as redis://127.0.0.1:6379/0")
    return value


def _names(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _origins(value: str) -> tuple[str, ...]:
    return tuple(_origin(part.strip()) for part in value.split(","))


@dataclass(frozen=True)
class Option:
    """One setting that a user can give: its field, flag (None: environment only) and reader."""

    name: str
    flag: str | None
    read: Callable[[str], Any]
    help: str = ""

    @property
    def variable(self) -> str:
        """The environment variable, such as ``PULSEGATE_REF_WORD_GAP_MS``."""
        return "PULSEGATE_REF_" + (self.flag or self.name).lstrip("-").replace("-", "_").upper()


OPTIONS = (
    Option("host", "--host", _text, "address to listen on (127.0.0.1)"),
    Option("port", "--port", _port, "port to listen on, 0 for a free one (8000)"),
    Option("store_url", "--store", _text, "sqlite:///PATH or postgresql://... (a private temporary SQLite file)"),
    Option("heartbeat_s", "--heartbeat", _positive, "seconds between heartbeats (30)"),
    Option("word_gap_ms", "--word-gap-ms", _number, "milliseconds between streamed words (50)"),
    Option("answer_delay_ms", "--answer-delay-ms", _number, "milliseconds before each answer begins (0)"),
    Option("cors_origins", "--cors-origin", _origins, "origin that may call from a browser; repeatable"),
    Option("requests_per_min", "--requests-per-min", _count, "POST requests of one user per minute (600)"),
    Option("messages_per_s", "--messages-per-s", _positive, "WebSocket messages of one connection per second (100)"),
    Option("frame_bytes", "--frame-bytes", _count, "largest WebSocket message (1048576)"),
    Option("body_bytes", "--body-bytes", _count, "largest request body (262144)"),
    Option("connections_per_user", "--connections-per-user", _count, "open connections of one user or address (20000)"),
    Option("conversation_messages", "--conversation-messages", _count, "messages a conversation can hold (20000)"),
    Option("stall_s", "--stall-limit", _positive, "seconds after which a client that reads nothing is dropped (10)"),
    Option("audit_log", "--audit-log", _text, "file to append the audit log to (none)"),
    Option("redis_url", "--redis", _redis_url, "Redis that workers share what they must in (none: one process)"),
    Option("workers", "--workers", _count, "processes that serve; more than one needs --redis (1)"),
    Option("faults", "--fault", _names, "plant this fault; repeatable"),
    Option("variations", "--vary", _names, "plant this legal difference; repeatable"),
    Option("streams", None, _truth),
    Option("log_level", "--log-level", _level, "debug, info, warning or error (info)"),
    Option("model", None, _text),
    Option("domain_key", None, _text),
    Option("kit_secret_header", None, _text),
    Option("kit_request_id_header", None, _text),
)


def read_settings(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
    """Settings from `flags` (field name -> text) over `environ` over the defaults; SettingsError."""
    values: dict[str, Any] = {}
    for option in OPTIONS:
        for source, text in ((option.flag, flags.get(option.name)), (option.variable, environ.get(option.variable))):
            if text is not None:
                values[option.name] = _read(option, source or option.name, text)
                break
    secret = environ.get(SECRET_VARIABLE)
    if secret:
        values.update(jwt_secret=secret, jwt_secret_given=True)
    return _consistent(Settings(**values))


def _consistent(settings: Settings) -> Settings:
    if settings.workers > 1 and not settings.redis_url:
        raise SettingsError(
            f"--workers {settings.workers} needs --redis URL: without it each worker would know its own clients only"
        )
    if settings.redis_url and (settings.faults or settings.variations):
        raise SettingsError("--fault and --vary change what one process does: they cannot be used with --redis")
    return settings


def _read(option: Option, source: str, text: str) -> Any:
    try:
        return option.read(text)
    except ValueError as problem:
        raise SettingsError(f"{source} {text!r} {problem}") from None
