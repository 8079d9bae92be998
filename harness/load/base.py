"""What all users have in common."""

from __future__ import annotations

import base64
import secrets
import time
from typing import ClassVar
from urllib.parse import unquote

import gevent
from gevent import get_hub
from locust import User, events
from locust.env import Environment
from locust.user.task import LOCUST_STATE_WAITING

from pulsegate.harness.errors import PeerError
from pulsegate.harness.load.route import Route
from pulsegate.harness.load.session import Session, session_of
from pulsegate.harness.loading.job import given_job

#: A user that opens many connections opens those of this long at once, and no more than so many.
_BREATH_S = 0.005
_BATCH = 20


@events.init.add_listener  # type: ignore[untyped-decorator]  # Locust's own lack
def _begin_session(environment: Environment, **_: object) -> None:
    session_of(environment)


class WireUser(User):
    """A user whose connections live on the hub.

    Without tasks of its own it runs `main` on a shallow stack, which is what an idle user costs; with
    tasks it is an ordinary Locust user.
    """

    abstract = True
    #: The surface whose path the user connects to, unless it names a `path`.
    surface: ClassVar[str] = ""
    #: Figures of this class are kept apart under this name: ``ws.agents.connect`` beside ``ws.connect``.
    tag: ClassVar[str] = ""
    #: Its own path, with query.
    path: str = ""
    #: Its own header fields, beside the target's.
    headers: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        """Take the number of users from the job, if there is one: exact, or as a weight where a shape decides."""
        super().__init_subclass__()
        job = given_job()
        count = job.users.get(cls.__name__) if job is not None else None
        if job is not None and count is not None:
            setattr(cls, "fixed_count" if job.shape is None else "weight", count)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.session: Session = session_of(environment)
        self.recorder = self.session.recorder
        self.session.breather.breathe()  # Locust makes all users of a second in one go

    def main(self) -> None:
        """What the user does until it is stopped."""
        raise NotImplementedError  # for subclasses; the metaclass of users is Locust's, so none can be abstract

    def run(self) -> None:  # type: ignore[misc]  # Locust calls it final; its task set would double what a user costs
        """Run tasks if there are any, else `main`."""
        if self.tasks:
            super().run()  # type: ignore[no-untyped-call]  # Locust's own lack
            return
        self._state = LOCUST_STATE_WAITING  # so that it can be stopped at any moment
        try:
            self.on_start()
            self.main()
        except gevent.GreenletExit:
            raise
        except Exception as problem:
            self.session.user_failed(problem, self.surface)
        finally:
            self.on_stop()  # type: ignore[no-untyped-call]  # Locust's own lack

    def wait_for_ever(self) -> None:
        """Wait until the user is stopped, at no cost."""
        get_hub().switch()

    def route(self) -> Route:
        """The way to this user's path."""
        return self.session.route(self.path or str(self.recorder.profile.surfaces.path(self.surface)))

    @property
    def figures(self) -> str:
        """What the names of this user's metrics begin with."""
        return f"{self.surface}.{self.tag}" if self.tag else self.surface

    def request_headers(self) -> dict[str, str]:
        """The header fields of this user's next request."""
        own = {}
        if login := self.session.job.target.login:
            own["Authorization"] = f"Basic {base64.b64encode(unquote(login).encode()).decode()}"
        if self.session.job.traceparent:
            own["traceparent"] = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
        return own | self.session.job.target.headers | self.headers

    def book(self, name: str, latency_ns: int, problem: str = "", size: int = 0) -> None:
        """Tell Locust's own statistics and web page of one connection or exchange."""
        self.environment.events.request.fire(
            request_type=self.surface.upper(), name=name, response_time=latency_ns / 1e6, response_length=size,
            exception=PeerError(problem) if problem else None, context={},
        )  # fmt: skip


class HoldingUser(WireUser):
    """A user that opens connections and holds them until it is stopped."""

    abstract = True
    #: How many connections one user opens; a job may say otherwise.
    connections_per_user: ClassVar[int] = 1
    #: How fast one user opens them, per second.
    connection_rate: ClassVar[float] = 500.0

    def main(self) -> None:
        """Open the connections, from a moment within the second on, then let the hub read."""
        gevent.sleep(self.session.next_place())
        job = given_job()
        count = (job.connections_per_user if job else None) or self.connections_per_user
        began_s = time.monotonic()
        for number in range(count):
            early_s = began_s + number / self.connection_rate - time.monotonic()
            if early_s > 0:
                gevent.sleep(max(early_s, _BREATH_S))
            elif number % _BATCH == _BATCH - 1:
                gevent.sleep(0)  # what has come in meanwhile goes first
            self.open_one()
        self.holding()

    def request_headers(self) -> dict[str, str]:
        """The header fields of this user's next request; the reference stamps what it sends to clients that return."""
        stamped = self.session.job.reconnect is not None and self.session.job.target.reference
        return super().request_headers() | ({"X-Pulsegate-Stamp": "1"} if stamped else {})

    def open_one(self) -> None:
        """Begin one more connection."""
        raise NotImplementedError  # for subclasses; the metaclass of users is Locust's, so none can be abstract

    def holding(self) -> None:
        """What the user does while its connections live."""
        self.wait_for_ever()
