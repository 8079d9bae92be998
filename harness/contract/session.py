"""What all cases of one run share."""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import unquote

from pulsegate.harness.clients.masking import SECRET_HEADERS, Masker
from pulsegate.harness.contract.outcomes import NotMeasured, NotOffered
from pulsegate.harness.contract.registry import ENTRY_CLAUSES, Clause
from pulsegate.harness.contract.survey import SurfaceState, survey
from pulsegate.harness.contract.transport import Transport
from pulsegate.harness.errors import ConnectFailed, CouldNotMeasure, PulsegateError, TargetUnreachable
from pulsegate.harness.identities import NobodyKnown, User, Wallet
from pulsegate.harness.reference import ReferenceServer
from pulsegate.harness.target import Target

#: How often tokens are looked at for renewal, in seconds.
RENEW_EVERY_S = 15.0


class ContractSession:
    """One run's target, identities and survey. `server` is the target's process when the harness started it.

    Made anywhere (UsageError when the identities are set up wrongly); opened, used and closed in
    one asyncio loop.
    """

    def __init__(self, target: Target, server: ReferenceServer | None = None, *, masker: Masker | None = None) -> None:
        self.target = target
        self.server = server
        self.masker = masker or Masker()
        self.wallet = Wallet(target.profile.identities, target.environ, self.masker.add)
        self.surfaces: dict[str, SurfaceState] = {}
        self.kernel_stamps = True
        self._mask_headers()
        self._mask_login()
        self._renewal: asyncio.Task[None] | None = None
        self._failure: PulsegateError | None = None
        #: Why there is nobody to be at all; empty where there is somebody.
        self.nobody = ""

    def _mask_headers(self) -> None:
        for name, value in self.target.headers.items():
            if any(word in name.lower() for word in SECRET_HEADERS):
                label = f"${name.upper().replace('-', '_')}"
                self.masker.add(value, label)
                self.masker.add(value.rpartition(" ")[2], label)

    def _mask_login(self) -> None:
        login = self.target.login
        plain = unquote(login)
        self.masker.add(login, "$TARGET_LOGIN")
        self.masker.add(plain.partition(":")[2], "$TARGET_PASSWORD")
        if login:
            self.masker.add(base64.b64encode(plain.encode()).decode(), "$TARGET_LOGIN_BASE64")

    async def open(self, *, look: bool = True) -> None:
        """Connect, and `look` at the surfaces. Raises TargetUnreachable, and UsageError by token_cmd."""
        self.transport = Transport(self.target, self.masker)
        try:
            self.kernel_stamps = await self.transport.probe()
        except ConnectFailed as problem:
            await self.transport.close()
            raise TargetUnreachable(str(problem)) from None
        if look:
            token = await asyncio.to_thread(self._token_for_survey)
            self.surfaces = await survey(self.transport, self.target, token)
            await self._require_any_answer()
            self._renewal = asyncio.create_task(self._renew())

    async def _require_any_answer(self) -> None:
        """Raise TargetUnreachable where something accepts connections, and no surface got an answer from it."""
        looked_at = [state for state in self.surfaces.values() if state.offered or state.exchanges]
        if not looked_at or any(exchange.status for state in looked_at for exchange in state.exchanges):
            return
        await self.transport.close()
        raise TargetUnreachable(f"{self.target.shown_url} does not answer: {looked_at[0].broken}")

    def _token_for_survey(self) -> str | None:
        tokens = []
        for name in ("alice", "bob"):  # both now, so that no case has to wait for token_cmd
            try:
                tokens.append(self.wallet.user(name).token)
            except NobodyKnown as problem:
                self.nobody = str(problem)
            except CouldNotMeasure:
                continue
        return tokens[0] if tokens else None

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            try:
                await asyncio.to_thread(self.wallet.renew)
            except PulsegateError as problem:
                self._failure = problem
                return

    async def close(self) -> None:
        """Close connections and end the background work."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)
        await self.transport.close()

    def user(self, name: str) -> User:
        """A user of the wallet; NotMeasured, with the reason, where there is none."""
        if self._failure is not None:
            raise self._failure
        try:
            return self.wallet.user(name)
        except NobodyKnown:
            raise NotMeasured("no identity") from None  # a warning of the run says why
        except CouldNotMeasure as problem:
            raise NotMeasured(str(problem)) from None

    def require(self, surface: str, clause: Clause) -> None:
        """Raise NotOffered or NotMeasured where `clause` cannot use `surface`."""
        state = self.surfaces.get(surface)
        if state is None:
            return
        if not state.offered:
            raise NotOffered(f"{surface}: {state.reason}")
        if state.broken and ENTRY_CLAUSES[surface] != clause.id:
            raise NotMeasured(f"{ENTRY_CLAUSES[surface]} failed: {state.broken}")

    def usable(self, surface: str) -> bool:
        """Whether `surface` is offered and not broken."""
        state = self.surfaces.get(surface)
        return state is None or (state.offered and not state.broken)
