"""Client secrets are altered in ways that no sound server takes for the secret itself."""

from __future__ import annotations

import base64
import secrets

import pytest

from pulsegate.scenarios.contract.kit_secrets import altered_secrets


def decoded(secret: str) -> bytes:
    """What a server sees that decodes URL-safe base64."""
    return base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))


@pytest.mark.parametrize("last", "AEIMQUYcgkosw048")
def test_a_changed_sign_changes_the_bytes(last):
    """A change of one sign gives other bytes, although the last sign of 32 bytes holds four bits only."""
    secret = secrets.token_urlsafe(32)[:-1] + last
    altered = altered_secrets(secret)
    for label in ("altered in the middle", "altered at the end"):
        assert len(altered[label]) == len(secret)
        assert decoded(altered[label]) != decoded(secret)


def test_hexadecimal_secrets_are_not_tried_in_other_case():
    """A server may read hexadecimal digits in either case."""
    assert "in other case" not in altered_secrets("0a1b2c3d" * 5)
    assert altered_secrets("0a1b2c3dXy" * 4)["in other case"] == "0A1B2C3DxY" * 4


def test_no_alteration_is_the_secret():
    """Each alteration differs from the secret and from the others."""
    secret = "Zz09-_" * 7
    altered = list(altered_secrets(secret).values())
    assert len({secret, *altered}) == len(altered) + 1
