"""What the harness makes of a page that should count its updates."""

from __future__ import annotations

from typing import Any

import pytest

from pulsegate.harness.browser.instrumented import IS_INSTRUMENTED, InstrumentedPage
from pulsegate.harness.browser.network import NetworkWatch
from pulsegate.harness.errors import CouldNotMeasure


class Opened:
    """An opened page that is not connected; `instrumented` says whether its scripts came."""

    def __init__(self, *, instrumented: bool) -> None:
        self.network = NetworkWatch()
        self._instrumented = instrumented

    async def until(self, _holds: str, _limit_s: float) -> bool:
        return False

    async def run(self, expression: str) -> Any:
        assert expression == IS_INSTRUMENTED
        return self._instrumented


async def test_a_page_without_its_scripts_says_what_the_network_said():
    """Not that a name is not defined: that one module was not served is the reason."""
    opened = Opened(instrumented=False)
    opened.network.problems.append("http://127.0.0.1:1/page/store.js: net::ERR_NETWORK_CHANGED")
    with pytest.raises(CouldNotMeasure, match=r"without its scripts: http://.*store\.js: net::ERR_NETWORK_CHANGED"):
        await InstrumentedPage(opened).connected()  # type: ignore[arg-type]  # all that is asked of a page


async def test_a_page_that_is_not_connected_is_no_error():
    """It has its scripts, and what it measures without a connection is still worth something."""
    assert not await InstrumentedPage(Opened(instrumented=True)).connected()  # type: ignore[arg-type]  # as above
