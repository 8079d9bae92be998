"""What a run needs, and what it says where that is missing."""

from __future__ import annotations

import pytest

from pulsegate.harness.browser import tools
from pulsegate.harness.errors import ToolMissing


def test_a_missing_chromium_is_named_with_its_command(monkeypatch, tmp_path):
    """The sentence holds the command that installs it, and the variable that names another."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PULSEGATE_CHROMIUM", raising=False)
    with pytest.raises(ToolMissing) as missing:
        tools.require_browser()
    assert "apt-get install chromium" in str(missing.value)
    assert "PULSEGATE_CHROMIUM" in str(missing.value)


def test_a_missing_package_is_named_with_its_command(monkeypatch):
    """Playwright is an extra."""
    monkeypatch.setattr(tools, "find_spec", lambda _: None)
    with pytest.raises(ToolMissing, match=r"pip install 'pulsegate\[browser\]'"):
        tools.require_browser()
