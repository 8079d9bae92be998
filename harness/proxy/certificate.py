"""A certificate for the loopback address, signed by an authority that exists for one run only."""

from __future__ import annotations

from pathlib import Path


def write_certificate(directory: Path) -> Path:
    """Write ``certificate.pem`` and ``key.pem`` into `directory`; return ``ca.pem``, which a client must trust.

    The user's own keys are never read: they may be unreadable, encrypted or missing, and they are for other names.
    """
    import trustme  # noqa: PLC0415 - it brings a cryptography library, which only TLS needs

    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1", "::1")
    (directory / "certificate.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    key = directory / "key.pem"
    key.touch(mode=0o600)
    certificate.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(directory / "ca.pem")
    return directory / "ca.pem"
