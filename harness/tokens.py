"""JSON Web Tokens: signing them, reading them, and spoiling them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from jwt.algorithms import HMACAlgorithm


class HS256:
    """Signs with one shared secret, however short: its length is the target's business."""

    def __init__(self, secret: str) -> None:
        self._algorithm = HMACAlgorithm(HMACAlgorithm.SHA256)
        self._key = self._algorithm.prepare_key(secret)

    def sign(self, claims: dict[str, Any]) -> str:
        """A token of `claims`, exactly these."""
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        return f"{signed}.{_encoded(self._algorithm.sign(signed.encode(), self._key))}"


def read_claims(token: str) -> dict[str, Any]:
    """The claims of `token`, unverified; empty when it is not a JSON Web Token."""
    parts = token.split(".")
    return _read_part(parts[1]) if len(parts) == 3 else {}


def read_header(token: str) -> dict[str, Any]:
    """The header of `token`, which says how it is signed; empty when it is not a JSON Web Token."""
    parts = token.split(".")
    return _read_part(parts[0]) if len(parts) == 3 else {}


def _read_part(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decoded(part))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def tamper_signature(token: str) -> str:
    """`token` with another signature of the same length; of an opaque token, another token."""
    head, dot, signature = token.rpartition(".")
    try:
        spoiled = bytes(byte ^ 0xFF for byte in _decoded(signature))
    except (binascii.Error, ValueError):
        spoiled = b""
    if dot and spoiled:
        return f"{head}.{_encoded(spoiled)}"
    return token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")


def remove_signature(token: str) -> str | None:
    """`token` with ``alg: none`` and no signature; None when it is not a JSON Web Token."""
    if not read_claims(token):
        return None
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}."


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
