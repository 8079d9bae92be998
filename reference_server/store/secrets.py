"""ChatKit client secrets: issued to a user, good for a while, kept as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from pulsegate.reference_server.store.tables import ClientSecret, utc_now

LIFETIME_S = 3600


async def issue(session: AsyncSession, user_id: str, lifetime_s: int = LIFETIME_S) -> str:
    """Make a new secret for `user_id`, and forget those that have expired."""
    await session.execute(delete(ClientSecret).where(ClientSecret.expires_at < utc_now()))
    secret = secrets.token_urlsafe(32)
    expires_at = utc_now() + timedelta(seconds=lifetime_s)
    session.add(ClientSecret(secret_hash=_hash(secret), user_id=user_id, expires_at=expires_at))
    return secret


async def is_valid(session: AsyncSession, user_id: str, secret: str) -> bool:
    """Whether `secret` was issued to `user_id` and has not expired."""
    issued = await session.get(ClientSecret, _hash(secret))
    return issued is not None and issued.user_id == user_id and issued.expires_at > utc_now()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
