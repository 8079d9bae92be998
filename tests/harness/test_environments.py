"""Environments are made once, and again when other packages are wanted."""

from __future__ import annotations

import pytest

from pulsegate.harness.environments import is_ready, make_node, make_python, python_of
from pulsegate.harness.errors import CouldNotMeasure


def test_an_environment_with_other_packages_is_not_ready(tmp_path):
    """The stamp names the packages; without it, or with others in it, the environment has to be made."""
    assert not is_ready(tmp_path, ["one==1"])
    (tmp_path / "ready").write_text("one==1\n")
    assert is_ready(tmp_path, ("one==1",))
    assert not is_ready(tmp_path, ["one==2"])
    assert not is_ready(tmp_path, ["one==1", "two==2"])


def test_an_environment_that_is_ready_is_left_alone(tmp_path):
    """Nothing is installed, or even looked for, a second time."""
    (tmp_path / "ready").write_text("no-such-package==0\n")
    make_python(tmp_path, ["no-such-package==0"])
    make_node(tmp_path, ["no-such-package==0"])
    assert [entry.name for entry in tmp_path.iterdir()] == ["ready"]


@pytest.mark.server
@pytest.mark.timeout(180)
def test_an_installation_that_fails_is_no_environment(tmp_path):
    """What pip says last is the reason, and the next attempt begins anew."""
    home = tmp_path / "home"
    wanted = [str(tmp_path / "no-such-folder")]
    with pytest.raises(CouldNotMeasure, match=r"python failed: .*no-such-folder"):
        make_python(home, wanted)
    assert python_of(home).exists()
    assert not is_ready(home, wanted)
