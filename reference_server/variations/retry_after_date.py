"""A caller who sends too much is told in an HTTP date when to try again, with other rate-limit fields."""

from __future__ import annotations

import math
import time
from email.utils import formatdate

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from pulsegate.reference_server.tampering import REQUESTS, Seams


def plant(seams: Seams) -> None:
    """Write Retry-After in its other form (RFC 9110, 10.2.3)."""

    def dated(headers: MutableHeaders, _: HTTPConnection) -> None:
        headers["ratelimit"] = '"default";r=50;t=30'
        if "retry-after" in headers:
            at = time.time() + int(headers["retry-after"])
            headers["retry-after"] = formatdate(math.ceil(at), usegmt=True)

    seams.headers(REQUESTS, dated)
