"""The metrics page has more labels in another order, several series of one gauge, and numbers with exponents."""

from __future__ import annotations

import re
from typing import Any

from pulsegate.reference_server.metrics import Metrics
from pulsegate.reference_server.tampering import Seams

_GAUGE = re.compile(r'^open_streams\{surface="(\w+)"\} (\S+)$', re.MULTILINE)


def plant(seams: Seams) -> None:
    """Write the gauge of open streams as another library might, for two workers."""

    def page(original: Any) -> Any:
        def written(metrics: Metrics) -> bytes:
            return _GAUGE.sub(_series, original(metrics).decode()).encode()

        return written

    seams.replace(Metrics, "page", page)


def _series(found: re.Match[str]) -> str:
    surface, value = found.groups()
    return (
        f'open_streams{{worker="1",surface="{surface}",}} {float(value):e} 1792000000000\n'
        f'open_streams{{surface="{surface}",worker="2"}} 0'
    )
