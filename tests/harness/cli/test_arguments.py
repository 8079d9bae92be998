from __future__ import annotations

import pytest

from pulsegate.harness.cli.arguments import without_secrets


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["--header", "X-Api-Key: hidden"], ["--header", "X-Api-Key: $X_API_KEY"]),
        (["--header=Authorization: Bearer hidden"], ["--header=Authorization: $AUTHORIZATION"]),
        (["--header", "Accept: x", "--header", "Cookie:a=b"], ["--header", "Accept: x", "--header", "Cookie: $COOKIE"]),
        (["--target", "http://alice:hidden@h:1/p?q=a@b"], ["--target", "http://$TARGET_LOGIN@h:1/p?q=a@b"]),
        (["--target=https://al:hid@den@h"], ["--target=https://$TARGET_LOGIN@h"]),
        (["--target", "http://h/user@example.com"], ["--target", "http://h/user@example.com"]),
        (["load", "--header"], ["load", "--header"]),
    ],
)
def test_a_record_keeps_names_in_the_place_of_secrets(given, kept):
    """What names the secret stays, so that the command can be repeated by who has it."""
    assert without_secrets(given) == kept
