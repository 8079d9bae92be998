"""Every endpoint reads ?token=: they share the streams' dependency."""

from __future__ import annotations

from pulsegate.reference_server import auth
from pulsegate.reference_server.auth import Carrier
from pulsegate.reference_server.tampering import Seams

BREAKS = ("AUTH-1",)
CAUSES = {"AUTH-1": "shared-dependency"}


def plant(_: Seams) -> None:
    """Use one dependency for all."""
    for dependency in (auth.optional_user, auth.require_user, auth.require_v1_user):
        dependency.carriers = {*dependency.carriers, Carrier.QUERY}
