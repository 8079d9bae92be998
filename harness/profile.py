"""What a target profile may say, table by table, each with its default: the backend as documented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def check_url(url: str) -> str:
    """Return `url` without its trailing slash; ValueError unless it is http(s) with a host."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not an http:// or https:// address")
    _ = parts.port  # ValueError when it is not a port number
    if parts.query or parts.fragment:
        raise ValueError(f"{url!r} must not carry a query or a fragment")
    return url.rstrip("/")


def _check_path(path: str | Literal[False]) -> str | Literal[False]:
    if path is not False and not path.startswith("/"):
        raise ValueError("must be a path that starts with '/', or false when not offered")
    return path


SurfacePath = Annotated[str | Literal[False], AfterValidator(_check_path)]
#: Strict, for TOML tells numbers, texts and booleans apart: what stands in quotes was meant otherwise.
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
Count = Annotated[int, Field(strict=True, gt=0)]
Switch = Annotated[bool, Field(strict=True)]


class TargetSection(_Section):
    """``[target]``: where it is and what may be expected of its answers."""

    url: Annotated[str, AfterValidator(check_url)] | None = None
    deterministic: Switch = False
    behind_proxy: Literal["auto", "yes", "no"] = "auto"


class Person(_Section):
    """Who one of the two users is, as the target knows them."""

    id: str
    email: str


class Identities(_Section):
    """``[identities]``: how tokens for two users, and bad ones, come about."""

    jwt_secret_env: str = "PULSEGATE_JWT_SECRET"
    alice_token_env: str | None = None
    bob_token_env: str | None = None
    expired_token_env: str | None = None
    token_cmd: str | None = None
    claims: dict[str, Any] = Field(default_factory=dict)
    fresh_users: Switch = False
    alice: Person = Person(id="alice", email="alice@example.com")
    bob: Person = Person(id="bob", email="bob@example.com")


class Surfaces(_Section):
    """``[surfaces]``: a path each, or false when the target does not offer it."""

    health: SurfacePath = "/health"
    sse: SurfacePath = "/api/copilotkit"
    rt: SurfacePath = "/api/copilotkit?protocol=sse"
    run: SurfacePath = "/api/copilotkit"
    ws: SurfacePath = "/api/copilotkit/ws"
    kit: SurfacePath = "/api/chatkit"
    cmp: SurfacePath = "/api/v1/chatkit"
    chat: SurfacePath = "/api/v1/chat"
    fall: SurfacePath = "/ai/chat"
    agui: SurfacePath = False

    def path(self, surface: str) -> str | Literal[False]:
        """The path of `surface`, or False."""
        path: str | Literal[False] = getattr(self, surface)
        return path

    def named(self, surface: str) -> bool:
        """Whether the profile itself names `surface` (a 404 there is then a failure)."""
        return surface in self.model_fields_set


class Timing(_Section):
    """``[timing]``: advertised intervals, in the units the names say."""

    heartbeat_s: Positive = 30.0
    heartbeat_tolerance: Annotated[Number, Field(gt=0, lt=1)] = 0.2
    word_gap_ms: Positive = 50.0


class Metrics(_Section):
    """``[metrics]``: the Prometheus page and the gauges that must fall back when clients leave."""

    url: str | None = None
    open_streams: dict[Literal["sse", "rt", "kit", "cmp", "agui", "ws"], str] = Field(default_factory=dict)


class Cors(_Section):
    """``[cors]``: the origin that browsers of the application have."""

    origin: str = "http://localhost:3000"


class Triggers(_Section):
    """``[triggers]``: query strings that make the target fail on purpose."""

    sse_error: str | None = None
    rt_error: str | None = None
    agui_error: str | None = None


class Prompts(_Section):
    """``[prompts]``: what makes this agent do what a clause watches.

    ``add`` holds ``{title}``, ``update`` ``{number}`` and ``{title}``, ``complete`` and ``delete``
    ``{number}``.
    """

    recall_first: str | None = None
    stateless: str | None = None
    add: str | None = None
    show: str | None = None
    complete: str | None = None
    update: str | None = None
    delete: str | None = None


class WsMembers(_Section):
    """``[ws.members]``: other names for the members of the envelope."""

    id: str = "id"
    source: str = "source"
    target: str = "target"


class WsSection(_Section):
    """``[ws]``: the WebSocket surface."""

    members: WsMembers = WsMembers()
    origin_allow_list: Switch = False


class Fall(_Section):
    """``[fall]``: member names of the plain fallback endpoint."""

    request: str = "message"
    answer: str = "response"


class Limits(_Section):
    """``[limits]``: what the target says it refuses; an absent limit is not measured."""

    frame_bytes: Count | None = None
    body_bytes: Count | None = None
    messages_per_s: Positive | None = None
    requests_per_min: Count | None = None


class Cmp(_Section):
    """``[cmp]``: the completions surface. The defaults are the documented backend's."""

    model: str | None = None
    conversations: Switch = True
    cookie: Switch = True
    words: Switch = True
    usage: Switch = False


class Kit(_Section):
    """``[kit]``: the ChatKit surface."""

    sdk: Switch = False
    secret_header: str | None = None
    request_id_header: str | None = None


def _check_page(page: str) -> str:
    if page.startswith("/"):
        return page
    parts = urlsplit(page)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a path that starts with '/', or an http:// or https:// address")
    return page


def _check_selector(selector: str) -> str:
    if not selector:
        raise ValueError("must not be empty; leave the key out when there is no such element")
    return selector


Selector = Annotated[str, AfterValidator(_check_selector)]


class Browser(_Section):
    """``[browser]``: the application's page, and CSS selectors of what a run in the browser uses of it.

    `ready` is there once the page can be used; `message` is every message of the conversation. With `input`
    a question is typed, and sent by `send` or, without it, by the Enter key. `connected` is what the console
    says once there is a connection, in any case; false when it says nothing. `cookie` and `local_storage` are
    the names under which the page finds alice's token.
    """

    page: Annotated[str, AfterValidator(_check_page)] | None = None
    ready: Selector | None = None
    input: Selector | None = None
    send: Selector | None = None
    message: Selector | None = None
    question: Selector = "What can you help me with?"
    connected: Annotated[str, Field(min_length=1)] | Literal[False] = "connection established"
    cookie: Selector | None = None
    local_storage: Selector | None = None

    @field_validator("send")
    @classmethod
    def _send_needs_input(cls, send: str | None, info: ValidationInfo) -> str | None:
        if send is not None and info.data.get("input") is None:
            raise ValueError("there is nothing to send without input, the selector of the field to type into")
        return send


class Band(_Section):
    """One benchmark: under ``excellent``, up to ``good``, and degraded above it."""

    unit: str = "ms"
    excellent: Positive
    good: Positive

    @field_validator("good")
    @classmethod
    def _good_is_not_better(cls, good: float, info: ValidationInfo) -> float:
        excellent = info.data.get("excellent", 0)
        if good < excellent:
            raise ValueError(f"must not be below excellent, which is {excellent:g}")
        return good


class Require(_Section):
    """``[require]``: clauses that must be measured; true means all of them."""

    clauses: Switch | list[str] = False


class Clauses(_Section):
    """``[clauses]``: a folder of the user's own clauses (``*.toml``) and their tests."""

    path: str | None = None


class Profile(_Section):
    """A whole profile; every section may be left out."""

    target: TargetSection = TargetSection()
    identities: Identities = Identities()
    surfaces: Surfaces = Surfaces()
    timing: Timing = Timing()
    metrics: Metrics = Metrics()
    cors: Cors = Cors()
    triggers: Triggers = Triggers()
    prompts: Prompts = Prompts()
    ws: WsSection = WsSection()
    fall: Fall = Fall()
    limits: Limits = Limits()
    accepted: dict[str, str] = Field(default_factory=dict)
    cmp: Cmp = Cmp()
    kit: Kit = Kit()
    browser: Browser = Browser()
    bands: dict[str, Band] = Field(default_factory=dict)
    thresholds: dict[str, Number] = Field(default_factory=dict)
    require: Require = Require()
    clauses: Clauses = Clauses()

    @field_validator("thresholds", mode="before")
    @classmethod
    def _join_names(cls, table: object) -> object:
        """``sse.connect.p95_ms = 300`` without quotes is a table within tables in TOML, and means the same."""
        return dict(_joined(table)) if isinstance(table, Mapping) else table


def _joined(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _joined(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
